"""Canonical text to clean text: named steps, each ``Text → Text``, none of which changes what the words mean."""

from __future__ import annotations

import re

from models.text import Text

_SPACES = re.compile(r"[\t\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_INVISIBLE = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060\ufeff\ufffc]")
_HYPHENS = re.compile(r"[\u00ad\u2010\u2011\u2012\u2212\uf02d]")
_BOLD = re.compile(r"\*\*+|(?<!_)__(?!_)")
_HEADING_MARKS = re.compile(r"^[ ]*#{1,6}[ ]+", re.MULTILINE)
# *word* or (*many words*): the stars go, the words stay. A lone star (under a Party letterhead) is no emphasis.
_EMPHASIS = re.compile(r"(?<![\w*])\*(?=[^\s*])|(?<=[^\s*])\*(?![\w*])")
_RULES = re.compile(
    r"^[ |]*\|[ |]*$|^[ ]*(?:[-_=*~.–—][ ]?){4,}$|^[ ]*[_–—=]{2,3}[ ]*$|^[ ]*\+[-=+]{3,}\+[ ]*$",
    re.MULTILINE,
)
_LISTS_IN_LISTS = re.compile(r"^[ ]*-[ ]+(?=[+•*][ ])", re.MULTILINE)
_RUNS = re.compile(r"[ ]{2,}")
_EDGES = re.compile(r"^[ ]+|[ ]+$", re.MULTILINE)


def compose(text: Text) -> Text:
    """NFC, which the canonical text already is."""
    return text.compose()


def plain_characters(text: Text) -> Text:
    """One kind of space, one kind of hyphen, nothing invisible. Dashes (–) stay: they are words of their own."""
    return text.replace(_SPACES, " ").replace(_INVISIBLE, "").replace(_HYPHENS, "-")


def without_markdown(text: Text) -> Text:
    """The marks that OCR programs leave for bold, italics, headings and nested lists taken out."""
    if "*" not in text.clean and "#" not in text.clean and "__" not in text.clean:
        return text
    stripped = text.replace(_HEADING_MARKS, "").replace(_BOLD, "").replace(_EMPHASIS, "")
    return stripped.replace(_LISTS_IN_LISTS, "")


def without_rules(text: Text) -> Text:
    """Lines that only draw a rule (-----, _____) emptied."""
    return text.replace(_RULES, "")


def single_spaces(text: Text) -> Text:
    """No space at a line's edge, one between words."""
    return text.replace(_RUNS, " ").replace(_EDGES, "")


STEPS = (compose, plain_characters, without_rules, without_markdown, single_spaces)


def normalise(canonical: str) -> Text:
    """The clean text of a canonical text, still one line of the page a line."""
    text = Text.of(canonical)
    for step in STEPS:
        text = step(text)
    return text

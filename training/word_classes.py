"""What the word tables know of a phrase, written into one file beside the models.

The models are trained on these classes; a later edit of the tables must not change what they see.
"""

from __future__ import annotations

import gzip
import json
from pathlib import Path

from extractors.deadline_words import words as deadline_words
from extractors.quantity_words import units, words
from training.tokens import pieces

_QUANTITY_CLASSES = {
    "cmp": ("at_least", "more_than", "at_most", "less_than", "about"),
    "lvl": ("level",),
    "up": ("up",),
    "down": ("down",),
    "has": ("exist",),
    "fill": ("filler",),
    "aim": ("aim", "target"),
    "did": ("result",),
    "fund": ("funding",),
    "earn": ("money_result",),
    "head": ("indicator_head",),
    "strip": ("strip_before",),
    "verb": ("generic_verb",),
    "base": ("base_after",),
    "tail": ("tail_end",),
    "clause": ("clause_start",),
    "area": ("scope_head",),
    "place": ("unit_head",),
    "stop": ("area_end",),
    "body": ("governing_body", "addressed"),
    "norm": ("norm",),
    "if": ("condition",),
}
"""Feature name to lists of ``quantity_cues.toml``."""
_DEADLINE_CLASSES = {
    "act": ("verbs",),
    "hand": ("submit",),
    "order": ("orders",),
    "soft": ("softeners", "strive"),
    "who": ("heads", "units"),
    "many": ("plurals",),
    "where": ("places",),
    "paper": ("papers",),
    "label": ("labels", "label_chief", "label_other", "label_task"),
    "purpose": ("purpose",),
}
"""Feature name to lists of ``deadline_cues.toml``."""


def word_classes() -> dict[str, list[str]]:
    """Phrases, as the tokens they are made of, with the names of their classes."""
    found: dict[str, set[str]] = {}
    for name, lists in _QUANTITY_CLASSES.items():
        for word in frozenset().union(*(words(table) for table in lists)):
            found.setdefault(" ".join(pieces(word)), set()).add(name)
    for name, lists in _DEADLINE_CLASSES.items():
        for word in frozenset().union(*(deadline_words(table) for table in lists)):
            found.setdefault(" ".join(pieces(word)), set()).add(name)
    for word in units("count"):
        found.setdefault(" ".join(pieces(word)), set()).add("cnt")
    return {word: sorted(names) for word, names in sorted(found.items())}


def write(path: Path) -> None:
    """The classes as the file that the package ships."""
    body = json.dumps(word_classes(), ensure_ascii=False, separators=(",", ":")).encode("utf-8")
    path.write_bytes(gzip.compress(body, 9, mtime=0))

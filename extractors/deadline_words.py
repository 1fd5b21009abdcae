"""The words of time limits, tasks and actors, as pieces of regular expressions."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path

from pydantic import TypeAdapter

from models.record import Shape

_RESOURCE = Path(__file__).parent / "resources" / "deadline_cues.toml"


class WordList(Shape):
    """Words that do the same work, in small letters, and where they were found."""

    source: str
    words: tuple[str, ...]


@cache
def _tables() -> dict[str, WordList]:
    return TypeAdapter(dict[str, WordList]).validate_python(tomllib.loads(_RESOURCE.read_text(encoding="utf-8")))


def words(name: str) -> frozenset[str]:
    """The list of that name. Raises KeyError for a name the table has not."""
    return frozenset(_tables()[name].words)


def any_of(*names: str) -> str:
    """An alternation of the words of the lists, longest first, for small-letter text. Raises KeyError."""
    found = {word for name in names for word in _tables()[name].words}
    return "(?:" + "|".join(re.escape(w).replace(r"\ ", " ") for w in sorted(found, key=lambda w: (-len(w), w))) + ")"


def lowered(text: str) -> str:
    """``text`` in small letters, character for character, so that offsets stay true."""
    low = text.lower()
    return low if len(low) == len(text) else "".join(c.lower() if len(c.lower()) == 1 else c for c in text)

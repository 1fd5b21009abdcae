"""The words by which the parts of a dispatch are known, as pieces of regular expressions."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path

from pydantic import TypeAdapter

from models.record import Shape

_RESOURCE = Path(__file__).parent / "resources" / "layout_cues.toml"


class CueList(Shape):
    """Words that all say the same of a line, and where they were found."""

    source: str
    words: tuple[str, ...]


@cache
def _tables() -> dict[str, CueList]:
    return TypeAdapter(dict[str, CueList]).validate_python(tomllib.loads(_RESOURCE.read_text(encoding="utf-8")))


def any_of(name: str) -> str:
    """An alternation of the list's words, longest first, spaces matching any white space. Raises KeyError."""
    words = sorted(_tables()[name].words, key=len, reverse=True)
    return "(?:" + "|".join(re.escape(word).replace(r"\ ", r"\s") for word in words) + ")"

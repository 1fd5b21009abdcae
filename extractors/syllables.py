"""Whether a word can be a Vietnamese syllable, by its onset, rime and tone."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from functools import cache, lru_cache
from pathlib import Path

from models.record import Shape

_RESOURCE = Path(__file__).parent / "resources" / "syllables.toml"
_TONES = "\u0300\u0301\u0303\u0309\u0323"
_TONE = re.compile(f"[{_TONES}]")
_CLOSED_TONES = frozenset("\u0301\u0323")


class SyllableParts(Shape):
    """Onsets and rimes without tone marks; ``stops`` are the closing consonants that allow two tones only."""

    source: str
    onsets: tuple[str, ...]
    rimes: tuple[str, ...]
    stops: tuple[str, ...]


@cache
def _parts() -> tuple[re.Pattern[str], tuple[str, ...]]:
    parts = SyllableParts.model_validate(tomllib.loads(_RESOURCE.read_text(encoding="utf-8")))
    onsets = "|".join(sorted(parts.onsets, key=len, reverse=True))
    rimes = "|".join(sorted(parts.rimes, key=len, reverse=True))
    return re.compile(f"(?:{onsets})(?:{rimes})"), parts.stops


@lru_cache(maxsize=20_000)
def is_syllable(word: str) -> bool:
    """Whether ``word`` (any case, NFC or NFD) can be one Vietnamese syllable as spelled.

    A syllable closed by c, ch, p or t carries sắc or nặng; a word without any tone mark there is none
    (``bat`` is not, ``bát`` is).
    """
    if not 0 < len(word) <= 16:
        return False
    apart = unicodedata.normalize("NFD", word.lower())
    tones = _TONE.findall(apart)
    if len(tones) > 1:
        return False
    bare = unicodedata.normalize("NFC", _TONE.sub("", apart))
    pattern, stops = _parts()
    if pattern.fullmatch(bare) is None:
        return False
    return not bare.endswith(stops) or (bool(tones) and tones[0] in _CLOSED_TONES)

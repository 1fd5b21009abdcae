"""One spelling for comparing: case, tone-mark placement, dashes, quotes and white space made alike.

Tables and input pass through the same :func:`fold`, so ``HOÀ BÌNH``, ``Hòa Bình`` and ``hoà  bình`` are one key.
Accents stay (``HD`` and ``HĐ`` are different kinds of document); :func:`bare` takes them off for text that a
keyboard or a certificate left without them.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache

# Placement of the tone mark in oa, oe, uy: the Ministry of Education's 1980 rule and common practice differ in
# open syllables, and older documents misplace it in closed ones too (``tòan``, ``kế họach``, ``qúy``, ``gía``).
# Canonical here: first vowel in open syllables (hòa, khỏe, thủy), second after ``qu`` and before a final letter.
_MARKED_FIRST = {"o": "òóỏõọ", "u": "ùúủũụ", "i": "ìíỉĩị"}
_MARKED_SECOND = {"a": "àáảãạ", "e": "èéẻẽẹ", "y": "ỳýỷỹỵ"}
_PAIRS = tuple(
    (first + _MARKED_SECOND[second][tone], _MARKED_FIRST[first][tone] + second)
    for first, second in (("o", "a"), ("o", "e"), ("u", "y"))
    for tone in range(5)
)
_TO_FIRST = dict(_PAIRS)
_TO_SECOND = {right: left for left, right in _PAIRS}
_AFTER_Q = {
    _MARKED_FIRST["u"][tone] + second: "u" + _MARKED_SECOND[second][tone] for second in "aey" for tone in range(5)
}
_AFTER_G = {_MARKED_FIRST["i"][tone] + "a": "i" + _MARKED_SECOND["a"][tone] for tone in range(5)}

_OPEN = re.compile(rf"(?<!q)(?:{'|'.join(_TO_FIRST)})(?!\w)")
_CLOSED = re.compile(rf"(?<!q)(?:{'|'.join(_TO_SECOND)})(?=\w)")
_QU = re.compile(rf"(?<=q)(?:{'|'.join(_AFTER_Q)})")
_GI = re.compile(rf"(?<=\bg)(?:{'|'.join(_AFTER_G)})(?!\w)")
# A cheap test that spares most strings the four substitutions.
_SUSPECT = re.compile(r"[ou][àáảãạèéẻẽẹỳýỷỹỵ](?!\w)|[òóỏõọ][ae]\w|[ùúủũụ]y\w|q[ùúủũụ]|g[ìíỉĩị]a")

_SAME = str.maketrans(
    {
        "‐": "-", "‑": "-", "‒": "-", "–": "-", "—": "-", "―": "-", "−": "-", "\u00ad": "-",
        "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "’": "'", "‘": "'", "`": "'", "´": "'",
        "\u00a0": " ", "\u2007": " ", "\u202f": " ", "\t": " ", "\n": " ", "\r": " ", "\f": " ", "\v": " ",
        "Ð": "đ", "ð": "đ", "Ɖ": "đ", "ɖ": "đ",
    }
)  # fmt: skip
_INVISIBLE = str.maketrans(dict.fromkeys("\u200b\u200c\u200d\u2060\ufeff"))
_ODD = re.compile(f"[{''.join(map(chr, (*_SAME, *_INVISIBLE)))}]")
_SHORT = 80
"""Names, cue words and lines of a head come again and again: up to this length their folded forms are kept."""
_DOUBLE = re.compile(r"\s\s+")


def fold(text: str) -> str:
    """``text`` as compared: NFC, lower case, one tone placement, ``-`` for every dash, single spaces, no edges."""
    return _fold_short(text) if len(text) <= _SHORT else _fold(text)


@lru_cache(maxsize=16384)
def _fold_short(text: str) -> str:
    return _fold(text)


def _fold(text: str) -> str:
    if not unicodedata.is_normalized("NFC", text):
        text = unicodedata.normalize("NFC", text)
    if _ODD.search(text) is not None:
        text = text.translate(_INVISIBLE).translate(_SAME)
    lowered = text.lower()
    if not unicodedata.is_normalized("NFC", lowered):  # a few foreign capitals
        lowered = unicodedata.normalize("NFC", lowered)
    return _DOUBLE.sub(" ", _place_tones(lowered)).strip()


def bare(text: str) -> str:
    """:func:`fold` with accents taken off and ``đ`` written ``d``: ``BAC GIANG`` and ``Bắc Giang`` are one."""
    return fold(text).translate(_plain())


@cache
def _plain() -> dict[int, str]:
    """Every accented Latin letter → its base letter."""
    letters = [*map(chr, range(0xC0, 0x250)), *map(chr, range(0x1E00, 0x1F00))]
    bases = {ord(c): unicodedata.normalize("NFD", c)[0] for c in letters if unicodedata.normalize("NFD", c)[0] != c}
    return bases | {ord("đ"): "d"} | dict.fromkeys(range(0x300, 0x370), "")


def fold_chars(text: str) -> str:
    """Like :func:`fold` character for character: offsets in the result are offsets in the NFC string ``text``.

    White space is not collapsed (each white character is one space) and nothing is dropped.
    """
    same = text.translate(_SAME) if _ODD.search(text) is not None else text
    lowered = same.lower()
    if len(lowered) != len(same):  # İ and its like grow
        lowered = "".join(low if len(low := c.lower()) == 1 else c for c in same)
    return _place_tones(lowered)


def _place_tones(text: str) -> str:
    if _SUSPECT.search(text) is None:
        return text
    text = _OPEN.sub(lambda m: _TO_FIRST[m[0]], text)
    text = _CLOSED.sub(lambda m: _TO_SECOND[m[0]], text)
    text = _QU.sub(lambda m: _AFTER_Q[m[0]], text)
    return _GI.sub(lambda m: _AFTER_G[m[0]], text)

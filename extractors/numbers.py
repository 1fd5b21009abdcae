"""Vietnamese number notation: ``812.340``, ``15,8``, ``01 đến 02``, ``13/17``, ``hai mươi lăm``.

A point groups thousands, a comma begins the decimals. A lone point before one or two digits (``4.12``) is read as
decimals only where a percent sign follows: elsewhere it numbers a section. Whether a number counts anything is not
decided here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_POINTS = r"\d{1,3}(?:\.\d{3})+(?:,\d{1,6})?(?!\d)"
_COMMAS = r"\d{1,3}(?:,\d{3})+\.\d{1,4}(?!\d)|\d{1,3}(?:,\d{3}){2,}(?!\d)"
_PLAIN = r"\d{1,9}(?:,\d{1,6})?(?!\d)"
_DOTTED = r"\d{1,3}\.\d{1,2}(?=\s?%)"
NUMBER = rf"(?:{_POINTS}|{_COMMAS}|{_DOTTED}|{_PLAIN})"

_TO = r"(?:\s?[-–]\s?|\s(?:đến|tới)\s)"
# Units that are written without a space: 25km, 500.000đ.
_GLUED = r"(?:km2?|ha|kg|m[23²³]?|đ|MW|kW|mm|cm)\b"
_FIGURE = re.compile(
    rf"""(?<![\w/])(?<!\d[.,:+\-–])(?<![^\W\d_][-–.])
    (?P<low>{NUMBER})
    (?:
        \s?/\s?(?P<total>{NUMBER})(?=\s?(?:[^\W\d_]|[%);.,]|$))(?!\.\d|\s?/)
      | (?P<middle>\s?%|(?:\s[^\W\d_]{{1,7}}){{1,2}})?{_TO}(?P<high>{NUMBER})
    )?
    (?:(?={_GLUED})|(?!\w))(?![/:]|[.,]\d|\s?[-–]\s?\d|\s/\s?\d)
    """,
    re.VERBOSE,
)
_KINDS = re.compile(
    rf"(?P<plain>{_PLAIN})|(?P<points>{_POINTS})|(?P<commas>{_COMMAS})|(?P<dotted>\d{{1,3}}\.\d{{1,2}})"
)
_ONES = {
    "không": 0, "một": 1, "mốt": 1, "hai": 2, "ba": 3, "bốn": 4, "tư": 4, "năm": 5, "lăm": 5, "nhăm": 5, "sáu": 6,
    "bảy": 7, "bẩy": 7, "tám": 8, "chín": 9,
}  # fmt: skip
_WORD = "|".join(_ONES)
WORD_NUMBER = rf"(?:(?:{_WORD})\smươi(?:\s(?:{_WORD}))?|mười(?:\s(?:{_WORD}))?|một|hai|ba|bốn|năm|sáu|bảy|tám|chín)"


@dataclass(frozen=True, slots=True)
class Figure:
    """One number, range or fraction of a text.

    ``total`` is the whole in ``13/17``, ``value_max`` the upper end of a range. ``middle`` is what stands between
    the two ends of a range beside the dash (``%`` in ``5% - 7%``, a unit in ``05 xã đến 07 xã``), else empty.
    """

    start: int
    end: int
    value: float
    value_max: float | None = None
    total: float | None = None
    middle: str = ""


def read_number(printed: str) -> float | None:
    """The value of a number as printed, or None where it is not one: ``1.347,26`` is 1347.26, ``07`` is 7."""
    digits = printed.strip()
    match = _KINDS.fullmatch(digits)
    if match is None:
        return None
    if match.lastgroup == "points":
        return float(digits.replace(".", "").replace(",", "."))
    if match.lastgroup == "commas":
        return float(digits.replace(",", ""))
    return float(digits.replace(",", "."))


def read_word_number(printed: str) -> int | None:
    """The value of a number written as words, below 100: ``ba`` is 3, ``hai mươi lăm`` is 25; None for other words."""
    words = printed.lower().split()
    if len(words) == 1:
        return 10 if words[0] == "mười" else _ONES.get(words[0])
    if words[0] == "mười" and len(words) == 2:
        one = _ONES.get(words[1])
        return None if one is None else 10 + one
    if words[1] == "mươi" and len(words) <= 3:
        ten, one = _ONES.get(words[0]), _ONES.get(words[2]) if len(words) == 3 else 0
        return None if ten is None or one is None or ten < 2 else 10 * ten + one
    return None


def find_figures(text: str, start: int, end: int) -> Iterator[Figure]:
    """Numbers, ranges and fractions in ``text[start:end]``, in order; offsets count in ``text``."""
    position = start
    while (match := _FIGURE.search(text, position, end)) is not None:
        found = _read(match, text)
        position = match.end("low") if found is None else found.end
        if found is not None:
            yield found


def _read(match: re.Match[str], text: str) -> Figure | None:
    value = read_number(match["low"])
    if value is None:
        return None
    alone = Figure(match.start(), match.end("low"), value)
    if match["total"]:
        total = read_number(match["total"])
        if total is None or total == 0 or value > total:
            return None
        return Figure(match.start(), match.end(), value, total=total)
    if match["high"]:
        high, middle = read_number(match["high"]), (match["middle"] or "").strip()
        goes_on = text[match.end() : match.end() + 1 + len(middle)].strip().startswith(middle)
        if high is None or high <= value or not goes_on:
            return alone
        return Figure(match.start(), match.end(), value, high, middle=middle)
    return alone

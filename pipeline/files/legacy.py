"""Vietnamese from before Unicode: TCVN3 (ABC), VNI and VISCII to letters, and UTF-8 that was read as cp1252.

Tables and their sources stand in ``extractors/resources/legacy_encodings.toml``. All functions take the surface
characters, that is the bytes as Latin-1 or cp1252 shows them, which is what PDF libraries and word processors give.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Literal

import extractors
from extractors.syllables import is_syllable
from models.record import Shape
from models.text import Text

Encoding = Literal["tcvn3", "vni", "viscii", "mojibake"]

_RESOURCE = Path(extractors.__file__).parent / "resources" / "legacy_encodings.toml"
_SUBSET_TAG = re.compile(r"^[A-Z]{6}\+")
_STYLE = re.compile(r"(?:[ ,\-]?(?:Bold|Italic|Oblique|Regular|Normal|MT|PS))+$", re.IGNORECASE)
# Letters that only Unicode text has: a run that holds them is no legacy text, whatever its font is called.
_UNICODE_ONLY = re.compile("[ăĂđĐĩĨũŨơƠưƯ\u1ea0-\u1ef9]")
_HIGH = re.compile(r"[^\x00-\x7f]")
_WORD = re.compile(r"[^\W\d_]+")
# Characters that mean themselves in every encoding here: what cp1252 has below A0, and a few signs.
_TYPOGRAPHY = frozenset("\u00a0°²³½¼¾×€‚„…†‡‰‹‘’“”•–—™›\u2011\u2010\u2022\u25cf\uf0b7")
_SAMPLE = 60_000
_TOKENS = 2_000
# Letters whose second byte in UTF-8 is A0, the no-break space, after their first byte in cp1252.
_SPACED = {"Ã ": "à", "Æ ": "Ơ"}
_CAPITAL_GAP = re.compile(r"[^\W\d_]{2,}")


class Strays(Shape):
    """Code points (hexadecimal) that stand for a byte (hexadecimal)."""

    source: str
    points: dict[str, str]


class ByteTable(Shape):
    """One letter a byte."""

    source: str
    letters: dict[str, str]
    strays: Strays | None = None


class MarkTable(Shape):
    """A base letter and a byte for its marks."""

    source: str
    letters: dict[str, str]
    bases: dict[str, str]
    marks: dict[str, str]


class LegacyTables(Shape):
    """The resource file."""

    tcvn3: ByteTable
    vni: MarkTable
    viscii: ByteTable


@dataclass(frozen=True, slots=True)
class _Vni:
    pattern: re.Pattern[str]
    letters: dict[str, str]


@cache
def _tables() -> LegacyTables:
    return LegacyTables.model_validate(tomllib.loads(_RESOURCE.read_text(encoding="utf-8")))


def _points(table: dict[str, str]) -> dict[int, str]:
    return {int(code, 16): letter for code, letter in table.items()}


@cache
def _tcvn3() -> dict[int, str]:
    table = _tables().tcvn3
    letters = _points(table.letters)
    # Symbol fonts keep their bytes in the private area.
    letters |= {0xF000 + byte: letter for byte, letter in letters.items()}
    if table.strays is not None:
        letters |= {int(point, 16): letters[int(byte, 16)] for point, byte in table.strays.points.items()}
    return letters


@cache
def _vni() -> _Vni:
    table = _tables().vni
    single = {chr(code): letter for code, letter in _points(table.letters | table.bases).items()}
    bases = {letter: letter for letter in "aeiouyAEIOUY"}
    bases |= {chr(code): letter for code, letter in _points(table.bases).items()}
    marks = {}
    for code, points in table.marks.items():
        combining = "".join(chr(int(point, 16)) for point in points.split())
        marks[chr(int(code, 16))] = marks[chr(int(code, 16) - 0x20)] = combining
    letters = dict(single)
    for surface, base in bases.items():
        for mark, combining in marks.items():
            letter = unicodedata.normalize("NFC", base + combining)
            if len(letter) == 1:
                letters[surface + mark] = letter
    alternatives = sorted((re.escape(key) for key in letters), key=len, reverse=True)
    return _Vni(re.compile("|".join(alternatives)), letters)


@cache
def _viscii() -> dict[int, str]:
    letters = _points(_tables().viscii.letters)
    return letters | {ord(shown): letters[byte] for byte, shown in _cp1252().items() if byte in letters}


@cache
def _cp1252() -> dict[int, str]:
    """Bytes 80 to 9F that cp1252 shows as other characters."""
    undefined = (0x81, 0x8D, 0x8F, 0x90, 0x9D)
    return {byte: bytes([byte]).decode("cp1252") for byte in range(0x80, 0xA0) if byte not in undefined}


@cache
def _bytes_of_cp1252() -> dict[str, int]:
    return {character: byte for byte, character in _cp1252().items()}


@cache
def _mojibake() -> re.Pattern[str]:
    continuation = "[\u0080-\u00bf" + "".join(_cp1252().values()) + "]"
    return re.compile(
        f"[\u00c2-\u00df]{continuation}|[\u00e0-\u00ef]{continuation}{continuation}"
        f"|[\u00f0-\u00f4]{continuation}{{3}}|á[º»] |[ÃÆ] "
    )


def is_tcvn3_font(name: str) -> bool:
    """``.VnTime``, ``VnTimeHBold``, ``ABCDEF+.VnArial``: the font shows TCVN3 bytes."""
    bare = _SUBSET_TAG.sub("", name)
    return bare.lower().startswith(".vn") or (bare.startswith("Vn") and bare[2:3].isupper())


def is_vni_font(name: str) -> bool:
    """``VNI-Times``, ``VNI Helve``: the font shows VNI bytes."""
    return _SUBSET_TAG.sub("", name).lower().startswith(("vni-", "vni ", "vnitimes", "vnihelve"))


def is_capital_font(name: str) -> bool:
    """A TCVN3 font that draws small letters as capitals: its family name ends in H (``.VnTimeH``, ``VnTimeHBold``)."""
    family = _STYLE.sub("", _SUBSET_TAG.sub("", name)).rstrip()
    return is_tcvn3_font(name) and (family.endswith("H") or (family.islower() and family.endswith("h")))


def decode_tcvn3(text: str, capitals: bool = False) -> str:
    """TCVN3 surface characters as letters (NFC, same length); ``capitals`` for fonts whose names end in H.

    A word whose plain letters are capitals is all capitals on the page (``TH\u00b5NH`` is THÀNH): TCVN3 has no
    capitals with tone marks, so only the small byte could be typed there.
    """
    decoded = text.translate(_tcvn3())
    return decoded.upper() if capitals and len(decoded.upper()) == len(decoded) else _close_capital_gaps(decoded)


def _close_capital_gaps(text: str) -> str:
    letters = frozenset(_tcvn3().values())

    def close(match: re.Match[str]) -> str:
        word = match.group()
        small = [c for c in word if c.islower()]
        capital = len(word) - len(small)
        # A small letter before a capital, or two capitals, cannot be an ordinary word.
        odd = capital >= 2 or (capital == 1 and word[-1].isupper())
        return word.upper() if small and odd and all(c in letters for c in small) else word

    return _CAPITAL_GAP.sub(close, text)


def decode_vni(text: str) -> str:
    """VNI surface characters as letters (NFC); a letter and its mark become one."""
    vni = _vni()
    return vni.pattern.sub(lambda match: vni.letters[match.group()], text)


def decode_viscii(text: str) -> str:
    """VISCII surface characters as letters (NFC, same length)."""
    return text.translate(_viscii())


def repair_mojibake(text: str) -> str:
    """UTF-8 that was read as cp1252 or Latin-1, read again; what is no UTF-8 stays."""
    return _mojibake().sub(_repaired, text)


def _repaired(match: re.Match[str]) -> str:
    shown = match.group()
    if shown in _SPACED:
        return _spaced(match, _SPACED[shown])
    back = _bytes_of_cp1252()
    try:
        # A no-break space is the one continuation byte that programs turn into a plain space.
        return bytes(0xA0 if c == " " else back.get(c, ord(c)) for c in shown).decode("utf-8")
    except ValueError:
        return shown


def _spaced(match: re.Match[str], letter: str) -> str:
    """A letter whose second byte A0 became the space after it; its word may go on behind that space."""
    text, start, end = match.string, match.start(), match.end()
    before = re.search(r"[A-Za-z]*$", text[max(0, start - 4) : start])
    after = re.match(r"[A-Za-z]{1,4}(?![A-Za-z])", text[end : end + 6])
    if after is None or (before is not None and is_syllable(before.group() + letter + after.group())):
        return letter
    return letter + " "


def unmapped(text: str, encoding: Encoding = "tcvn3") -> int:
    """How many surface characters beyond ASCII have no meaning in ``encoding``."""
    high = [c for c in text if ord(c) > 0x7F and c not in _TYPOGRAPHY]
    if encoding == "tcvn3":
        return sum(ord(c) not in _tcvn3() for c in high)
    if encoding == "viscii":
        return sum(ord(c) not in _viscii() for c in high)
    decoded = decode_vni(text) if encoding == "vni" else repair_mojibake(text)
    return sum(
        1 for c in decoded if ord(c) > 0x7F and c not in _TYPOGRAPHY and not ("\u00c0" <= c <= "\u1ef9" and c.isalpha())
    )


DECODERS: dict[Encoding, Callable[[str], str]] = {
    "mojibake": repair_mojibake,
    "tcvn3": decode_tcvn3,
    "vni": decode_vni,
    "viscii": decode_viscii,
}


def looks_like(text: str) -> Encoding | None:
    """The legacy encoding a text without font names is in, or None, which good Unicode text always gives.

    Each table is tried on the words with characters beyond ASCII; it is believed only where at least three of them,
    and 85 of a hundred, become possible Vietnamese syllables, and as they stand they mostly are none.
    """
    first = _HIGH.search(text)
    if first is None:
        return None
    sample = text[max(0, first.start() - 40) : first.start() + _SAMPLE]
    high = len(_HIGH.findall(sample))
    if len(_UNICODE_ONLY.findall(sample)) * 10 > high:
        return None
    tokens = [token for token in sample.split() if len(token) <= 40 and not token.isascii()][:_TOKENS]
    plain = _score(tokens, lambda token: token)
    best: Encoding | None = None
    reached = max(0.85, plain + 0.3)
    for encoding, decode in DECODERS.items():
        score = _score(tokens, decode)
        if score > reached or (best is None and score == reached):
            best, reached = encoding, score
    return best


def reads_as_vietnamese(text: str) -> bool:
    """Whether at least three words beyond ASCII, and 85 of a hundred, are possible syllables as they stand."""
    return _score([token for token in text.split() if not token.isascii()][:_TOKENS], lambda token: token) >= 0.85


def _score(tokens: Sequence[str], decode: Callable[[str], str]) -> float:
    good = bad = 0
    for token in tokens:
        decoded = decode(token)
        words = [word for word in _WORD.findall(decoded) if not word.isascii()]
        signs = any(ord(c) > 0x7F and not c.isalpha() and c not in _TYPOGRAPHY for c in decoded)
        if signs or not all(is_syllable(word) or word.isupper() for word in words):
            bad += 1
        elif any(is_syllable(word) for word in words):
            good += 1
    return good / (good + bad) if good >= 3 else 0.0


def restore(text: Text, encoding: Encoding) -> Text:
    """A text whose ``clean`` is in ``encoding``, as Unicode, its way back to ``raw`` kept."""
    if encoding == "vni":
        vni = _vni()
        return text.replace(vni.pattern, lambda match: vni.letters[match.group()])
    if encoding == "mojibake":
        return text.replace(_mojibake(), _repaired)
    return replace(text, clean=DECODERS[encoding](text.clean))


def decode_runs(runs: Sequence[tuple[str, str | None]]) -> tuple[str, int]:
    """One paragraph of (text, font name) runs as Unicode, and how many characters had no meaning in their font.

    A paragraph whose legacy runs hold letters that only Unicode has was converted before and kept its font's name:
    it is left as it is.
    """
    kinds: list[tuple[str, bool]] = []
    pieces: list[str] = []
    for text, font in runs:
        kind = ("", False)
        if font and is_tcvn3_font(font):
            kind = ("tcvn3", is_capital_font(font))
        elif font and is_vni_font(font):
            kind = ("vni", False)
        if kinds and kinds[-1] == kind:
            pieces[-1] += text
        else:
            kinds.append(kind)
            pieces.append(text)
    if any(kind[0] and _UNICODE_ONLY.search(piece) for kind, piece in zip(kinds, pieces, strict=True)):
        return "".join(pieces), 0
    lost = 0
    for index, (kind, piece) in enumerate(zip(kinds, pieces, strict=True)):
        if kind[0] == "tcvn3":
            lost += unmapped(piece)
            pieces[index] = decode_tcvn3(piece, kind[1])
        elif kind[0] == "vni":
            lost += unmapped(piece, "vni")
            pieces[index] = decode_vni(piece)
    return "".join(pieces), lost

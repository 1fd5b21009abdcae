"""What OCR broke and what it can only have been: marks over letters, letters and digits of one shape, notations.

Nothing is invented: a repair is made where the damaged form is no word and exactly one word of the tables differs from
it by the damage, or where a notation can be composed of kinds and bodies that exist. The canonical text stays as read;
:func:`mend` gives edits for the clean text, so that every mended word still leads back to what was read.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from functools import cache, lru_cache
from itertools import product

from extractors import document_types, tables
from extractors.bodies import known_group
from extractors.fold import bare, fold
from models.record import Dispatch, Evidence, Flag
from models.text import Edit, Text

_WORD = re.compile(r"[^\W\d_]+")
_GAP = re.compile(r"[ \t]{0,2}\n?[ \t]{0,2}")
_PLACE_BEFORE = re.compile(r"(?:t[iìíỉĩị]nh|ph[oôóòốồổỗộ]|TP\.?)\s$", re.IGNORECASE)
_DATE_BEHIND = re.compile(r"\s?[,.]\s?ng")
_BROKEN_DATE = re.compile(r"(?<![\d/])(\d{1,2})\s?/\s?(1)\s(\d)\s?/\s?((?:19|20)\d\d)(?!\d)")
_BROKEN_MONTH = re.compile(r"(?<=tháng )[IlL|](\d)(?= năm|/(?:19|20)\d\d)|(?<=\d/)[IlL|](\d)(?=/(?:19|20)\d\d)")
# A code as OCR leaves it: digits and what looks like them, something like a slash, a group of capitals.
_CODE = re.compile(
    r"(?<![\w/.,-])(?=[\w§!|]{0,5}\d|[IlOS§]+\d?[/⁄∕])([\dOoIlSŠ§|!D]{1,6})(\s?[/⁄∕]\s?)((?:(?:19|20)\d\d\s?[/⁄∕]\s?)?"
    r"[A-ZĐÐƯÔƠĂÂÊƑ0158l][A-Za-zĐđÐƯÔƠĂÂÊƑ0-9&.]{0,14}(?:\s?[-–]\s?[A-ZĐÐƯÔƠĂÂÊƑ0158][A-Za-zĐđÐƯÔƠĂÂÊƑ0-9&.]{0,14}){0,4})(?!\w)"
)
_LOST_SLASH = re.compile(r"(?<![\w/.,-])(\d{1,5})[IlÌÍ|!]([A-ZĐÐ][A-Za-zĐđÐ]{1,9}(?:-[A-ZĐÐ&]{2,9}){0,3})(?!\w)")
_MOST_FORMS = 64


class _Words(tables.Row):
    source: str
    words: tuple[str, ...]


class _Pairs(tables.Row):
    source: str
    words: dict[str, str]


class _Shapes(tables.Row):
    source: str
    digits: dict[str, str]
    capitals: dict[str, str]


class _Repairs(tables.Row):
    compounds: _Words
    rivals: _Words
    common: _Words
    syllables: _Pairs
    shapes: _Shapes


@cache
def _repairs() -> _Repairs:
    """Raises pydantic.ValidationError where the file is not as described."""
    return _Repairs.model_validate(tomllib.loads((tables.RESOURCES / "ocr_repairs.toml").read_text(encoding="utf-8")))


def repair_notation(notation: str) -> str | None:
    """A notation (``QD-TTg``, ``NQ- CP``) composed of kinds and bodies that exist; None where that cannot be done.

    A sound notation comes back as it is. A group that no table knows stays if another one is known.
    """
    year, body = _year_first(re.sub(r"\s+", "", notation).replace("Ð", "Đ").replace("–", "-"))
    groups = body.split("-")
    if not all(groups):
        return None
    done: list[str] = []
    known = 0
    for index, group in enumerate(groups):
        fitting = _fitting(group, first=index == 0)
        if fitting is None:
            if not re.fullmatch(r"[A-ZĐƯÔƠĂÂÊ][A-Za-zĐđ]*\d{0,2}(?:&[A-ZĐ]+)?", group):
                return None
            done.append(group)
            continue
        known += 1
        done.append(fitting)
    return year + "-".join(done) if known else None


def repair_code(code: str) -> str | None:
    """Number and notation (``I985/SYT-NVY``, ``12IUBND-KTN``, ``2545/QD-TTg``) mended; None where it cannot be."""
    match = _CODE.fullmatch(code) or _LOST_SLASH.fullmatch(code)
    if match is None:
        return None
    number = _digits(match[1])
    notation = repair_notation(match[match.lastindex or 1])
    return None if number is None or notation is None else f"{number}/{notation}"


def mend(text: str, start: int = 0, end: int | None = None) -> list[Edit]:
    """Edits, in order and apart, that undo OCR damage in ``text[start:end]``; offsets count in ``text``."""
    stop = len(text) if end is None else end
    edits = _apart(sorted({*_codes(text, start, stop), *_dates(text, start, stop)}))
    taken = [(s, e) for s, e, _ in edits]
    edits += [edit for edit in _syllables(text, start, stop) if not any(s < edit[1] and edit[0] < e for s, e in taken)]
    return _apart(sorted(edits))


def doubts(text: Text, record: Dispatch) -> list[Flag]:
    """A ``low-ocr-confidence`` flag for each value of ``record`` whose evidence holds a repair, the first one named."""
    repairs = sorted(_repaired(text))
    flags: list[Flag] = []
    if not repairs:
        return flags
    spans = [(name, evidence) for name, evidence in record.evidence.items()]
    for name in ("references", "quantities", "deadlines"):
        spans += [(name, entry.evidence) for entry in getattr(record, name)]
    ends = [end for _, end, _ in repairs]
    for name, evidence in spans:
        first = bisect_right(ends, evidence.start)
        if first == len(repairs) or repairs[first][0] >= evidence.end:
            continue
        start, end, taken = repairs[first]
        read = text.raw[start:end]
        message = f"{name}: OCR read “{read}”, taken for “{taken}”."
        where = Evidence(start=start, end=end, text=read)
        flags.append(Flag(code="low-ocr-confidence", message=message, rule="ocr/repair", evidence=where))
    return flags


def _repaired(text: Text) -> Iterator[tuple[int, int, str]]:
    """Spans of the raw text whose letters or digits were changed, and what they were taken for."""
    for k, is_copy in enumerate(text.copied):
        if is_copy:
            continue
        stop = text.starts[k + 1] if k + 1 < len(text.starts) else len(text.clean)
        taken, start, end = text.clean[text.starts[k] : stop].strip(), text.raw_starts[k], text.raw_ends[k]
        if _kept_letters(taken) and _kept_letters(taken) != _kept_letters(text.raw[start:end]):
            yield start, end, taken


def _kept_letters(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFC", text) if c.isalnum())


def _apart(edits: Sequence[Edit]) -> list[Edit]:
    kept: list[Edit] = []
    for edit in edits:
        if not kept or edit[0] >= kept[-1][1]:
            kept.append(edit)
    return kept


def _year_first(notation: str) -> tuple[str, str]:
    match = re.match(r"((?:19|20)\d\d)[/⁄∕]", notation)
    return (f"{match[1]}/", notation[match.end() :]) if match else ("", notation)


@lru_cache(maxsize=2_000)
def _fitting(group: str, first: bool) -> str | None:
    """The group, or the one group of the tables that letters of the same shape make of it."""
    if _exists(group, first):
        return group
    if "ĐĐ" in group and _exists(single := group.replace("ĐĐ", "Đ"), first):
        return single
    shapes = _repairs().shapes.capitals
    choices = [(c, shapes[c]) if c in shapes else (c,) for c in group]
    forms = 1
    for choice in choices:
        forms *= len(choice)
    if forms > _MOST_FORMS:
        return None
    found = {form for letters in product(*choices) if _exists(form := "".join(letters), first)}
    return found.pop() if len(found) == 1 else None


def _exists(group: str, first: bool) -> bool:
    if not group[:1].isalpha():
        return False
    kind = document_types.by_code(group)
    return (kind is not None and first and (kind.code or group) in (group, kind.code)) or known_group(group)


def _digits(text: str) -> str | None:
    shapes = _repairs().shapes.digits
    digits = "".join(shapes.get(c, c) for c in text)
    return digits if digits.isdigit() else None


def _codes(text: str, start: int, stop: int) -> Iterator[Edit]:
    for pattern in (_CODE, _LOST_SLASH):
        for match in pattern.finditer(text, start, stop):
            whole = re.sub(r"\s?([/⁄∕–-])\s?", r"\1", match.group())
            code = repair_code(match.group())
            if code is not None and code != whole:
                yield match.start(), match.end(), code


def _dates(text: str, start: int, stop: int) -> Iterator[Edit]:
    for match in _BROKEN_DATE.finditer(text, start, stop):
        yield match.start(), match.end(), f"{match[1]}/{match[2]}{match[3]}/{match[4]}"
    for match in _BROKEN_MONTH.finditer(text, start, stop):
        yield match.start(), match.end(), f"1{match[1] or match[2]}"


@cache
def _compounds() -> tuple[dict[str, tuple[str, ...]], frozenset[str]]:
    """Pairs of syllables by their letters without marks, and all pairs that are words as they stand."""
    by_letters: dict[str, set[str]] = {}
    for words in _repairs().compounds.words:
        by_letters.setdefault(bare(words), set()).add(words)
    known = frozenset(fold(w) for w in (*_repairs().compounds.words, *_repairs().rivals.words))
    return {letters: tuple(words) for letters, words in by_letters.items()}, known


@cache
def _provinces() -> dict[str, tuple[str, ...]]:
    names: dict[str, set[str]] = {}
    for row in tables.provinces():
        if len(row.name.split()) == 2:
            names.setdefault(bare(row.name), set()).add(row.name)
    return {letters: tuple(found) for letters, found in names.items()}


@lru_cache(maxsize=20_000)
def _forms(word: str) -> tuple[str, str]:
    return fold(word), bare(word)


def _syllables(text: str, start: int, stop: int) -> Iterator[Edit]:
    """Syllables whose marks were misread, told by the word they make with a neighbour."""
    words = list(_WORD.finditer(text, start, stop))
    forms = [_forms(word.group()) for word in words]
    compounds, known = _compounds()
    sound = [False] * len(words)
    pairs: list[int] = []
    for index in range(len(words) - 1):
        gap = words[index + 1].start() - words[index].end()
        if not 0 < gap <= 5 or _GAP.fullmatch(text, words[index].end(), words[index + 1].start()) is None:
            continue
        pairs.append(index)
        if f"{forms[index][0]} {forms[index + 1][0]}" in known:
            sound[index] = sound[index + 1] = True
    wanted: dict[int, set[str]] = {}
    for index in pairs:
        # Names of people and places are left alone: a Văn Bàn is no văn bản.
        is_name = words[index + 1].group()[0].isupper()
        if sound[index] or sound[index + 1]:
            continue
        letters = f"{forms[index][1]} {forms[index + 1][1]}"
        target = () if is_name else compounds.get(letters, ())
        if is_name and letters in _provinces() and _is_place(text, words[index], words[index + 1]):
            target = _provinces()[letters]
        if len(target) != 1:
            continue
        syllables = tuple(zip((index, index + 1), target[0].split(), strict=True))
        if any(forms[place][0] in _common() and fold(syllable) != forms[place][0] for place, syllable in syllables):
            continue
        for place, syllable in syllables:
            wanted.setdefault(place, set()).add(syllable)
    repairs = _repairs()
    for place, word in enumerate(words):
        form = forms[place][0]
        found = wanted.get(place, set())
        if not found and not sound[place] and form in repairs.syllables.words:
            found = {repairs.syllables.words[form]}
        if len(found) == 1:
            syllable = next(iter(found))
            if fold(syllable) != form:
                yield word.start(), word.end(), _cased(syllable, word.group())


@cache
def _common() -> frozenset[str]:
    return frozenset(map(fold, _repairs().common.words))


def _is_place(text: str, first: re.Match[str], second: re.Match[str]) -> bool:
    if not (first.group()[0].isupper() and second.group()[0].isupper()):
        return False
    before = text[max(0, first.start() - 6) : first.start()]
    return bool(_PLACE_BEFORE.search(before) or _DATE_BEHIND.match(text, second.end()))


def _cased(syllable: str, like: str) -> str:
    change: Callable[[str], str] = str
    if like.isupper() and len(like) > 1:
        change = str.upper
    elif like[0].isupper():
        change = str.capitalize
    return change(syllable)

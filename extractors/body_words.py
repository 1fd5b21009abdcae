"""Words of the names of bodies: found in a string, spelled out, and put into their standard capitals."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Generic, TypeVar

from extractors import places, tables
from extractors.fold import bare, fold, fold_chars
from extractors.tables import Shape

_T = TypeVar("_T")
_TOKEN = re.compile(r"[^\W_]+(?:['’][^\W_]+)*|[^\w\s]|_")
_SPACES = re.compile(r"\s+")
_AMPERSAND = re.compile(r"\s*&\s*")
_SHORT = re.compile(r"[A-ZĐƯ][A-ZĐƯ.]|\bT[px]\b|&")
_OLD_TONE = re.compile(r"\w*[ou][àáảãạèéẻẽẹỳýỷỹỵ]\w*", re.IGNORECASE)
_ROMAN = re.compile(r"[ivx]{1,5}")
_VOWEL = frozenset("aăâeêioôơuưy")
_ALSO_WORDS = frozenset(("TƯ",))
_NUMBERED = frozenset(("vực", "số", "vùng", "khu", "quận", "đội", "tổ"))

LEVEL_WORDS = ("tỉnh", "thành phố", "thị xã", "huyện", "quận", "xã", "phường", "thị trấn", "đặc khu")


@dataclass(frozen=True, slots=True)
class Head:
    """A word or words a body's name begins with; see :class:`extractors.tables.HeadGroup`."""

    words: str
    shape: Shape
    level: str


@dataclass(frozen=True, slots=True)
class Tokens:
    """Words and signs of a string: ``folds[k]`` is the folded ``text[starts[k]:ends[k]]``."""

    text: str
    folds: tuple[str, ...]
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.folds)

    def capital(self, index: int) -> bool:
        """Whether the token begins with a capital letter."""
        return index < len(self.folds) and self.text[self.starts[index]].isupper()

    def at(self, offset: int) -> int:
        """Index of the first token that begins at or behind ``offset``."""
        return next((k for k, start in enumerate(self.starts) if start >= offset), len(self.starts))


class Phrases(Generic[_T]):
    """Phrases looked up by their words: the longest that stands at a place."""

    def __init__(self, entries: Iterable[tuple[str, _T]]) -> None:
        self._index: dict[str, list[tuple[tuple[str, ...], _T]]] = {}
        for phrase, value in entries:
            words = tuple(_TOKEN.findall(fold_chars(phrase)))
            known = self._index.setdefault(words[0], [])
            if all(words != other for other, _ in known):
                known.append((words, value))
        for known in self._index.values():
            known.sort(key=lambda entry: -len(entry[0]))

    def longest(self, folds: Sequence[str], index: int) -> tuple[int, _T] | None:
        """(number of words, value) of the longest phrase at ``index``, or None."""
        if index < len(folds):
            for words, value in self._index.get(folds[index], ()):
                if tuple(folds[index : index + len(words)]) == words:
                    return len(words), value
        return None

    def length(self, folds: Sequence[str], index: int) -> int:
        """Number of words of the longest phrase at ``index``, 0 for none."""
        found = self.longest(folds, index)
        return found[0] if found else 0


def tokenise(text: str) -> Tokens:
    """The words and signs of an NFC string."""
    folded = fold_chars(text)
    found = [(m[0], m.start(), m.end()) for m in _TOKEN.finditer(folded)]
    return Tokens(text, tuple(f[0] for f in found), tuple(f[1] for f in found), tuple(f[2] for f in found))


@cache
def heads() -> Phrases[Head]:
    """What names begin with."""
    groups = tables.bodies().heads
    return Phrases((word, Head(word, group.shape, group.level)) for group in groups for word in group.words)


@cache
def fields() -> Phrases[str]:
    """Fields of work in their standard capitals."""
    return Phrases((name, name) for names in tables.bodies().fields.values() for name in names)


@cache
def lower_words() -> Phrases[str]:
    """Words that stay in lower case."""
    return Phrases((word, word) for word in tables.bodies().words)


@cache
def not_heads() -> Phrases[None]:
    """Phrases that begin like a body and are none."""
    return Phrases((word, None) for word in tables.bodies().not_heads)


@cache
def levels() -> Phrases[str]:
    """Kinds of place, also shortened ones, and the kind they stand for."""
    short = {"tp": "thành phố", "tp.": "thành phố", "tx": "thị xã", "tx.": "thị xã", "h.": "huyện", "q.": "quận"}
    return Phrases([*((word, word) for word in LEVEL_WORDS), *short.items()])


@cache
def compounds() -> frozenset[tuple[str, ...]]:
    """Pairs of syllables of which the second only looks like a head."""
    return frozenset(tokenise(word).folds[-2:] for word in tables.bodies().compounds)


def head_at(tokens: Tokens, index: int) -> tuple[int, Head] | None:
    """(number of words, head) where a body's name may begin, else None."""
    return head_of(tokens.folds, index)


def head_of(folds: Sequence[str], index: int) -> tuple[int, Head] | None:
    """The same on folded words alone."""
    found = heads().longest(folds, index)
    if found is None or not_heads().length(folds, index) > found[0]:
        return None
    return None if found[0] == 1 and not_heads().length(folds, index) else found


def is_caps(text: str) -> bool:
    """Whether the letters of ``text`` are capitals."""
    return text == text.upper() and text != text.lower()


@lru_cache(maxsize=4096)
def spell_out(name: str) -> str:
    """A body's name with its short forms spelled out and in standard capitals.

    ``UBND tỉnh`` → ``Ủy ban nhân dân tỉnh``. All-caps names come out in ordinary case. A short form no table knows
    stays.
    """
    text = _SPACES.sub(" ", unicodedata.normalize("NFC", name)).strip(" ,;:")
    if not text:
        return text
    caps = is_caps(text) and (" " in text or len(text) > 8)
    if _SHORT.search(text) is not None:
        text = expand(text, caps)
    return caps_to_case(text) if caps else standardise(text)


def expand(text: str, caps: bool = False) -> str:
    """Short forms spelled out, the rest untouched. In ``caps`` those that are also words stay (``ĐẦU TƯ``)."""
    whole, after, anywhere, pattern = _abbreviations()
    if text in whole:
        return whole[text]
    for context, entries in after:
        text = context.sub(lambda m, e=entries: f"{m[1]} {e[m[2]]}", text)  # type: ignore[misc]
    text = pattern.sub(lambda m: str(m[0]) if caps and m[0] in _ALSO_WORDS else anywhere[str(m[0])], text)
    return _SPACES.sub(" ", _AMPERSAND.sub(" và ", text)).strip()


_Expansion = tuple[re.Pattern[str], dict[str, str]]


@cache
def _abbreviations() -> tuple[dict[str, str], list[_Expansion], dict[str, str], re.Pattern[str]]:
    whole: dict[str, str] = {}
    anywhere: dict[str, str] = {}
    after: list[_Expansion] = []
    for table in tables.abbreviations().tables:
        if table.context == "whole":
            whole.update(table.entries)
        elif table.context == "anywhere":
            anywhere.update(table.entries)
        else:
            lead = "|".join(sorted(map(re.escape, table.after), key=len, reverse=True))
            after.append((re.compile(rf"(?<!\w)({lead})\s({_alternatives(table.entries)})(?![\w&])"), table.entries))
    return whole, after, anywhere, re.compile(rf"(?<!\w)(?:{_alternatives(anywhere)})")


def _alternatives(entries: Iterable[str]) -> str:
    longest_first = sorted(entries, key=len, reverse=True)
    return "|".join(re.escape(e) + ("" if e.endswith(".") else r"(?!\w)") for e in longest_first)


def standardise(text: str) -> str:
    """Standard capitals for the known words of a name in ordinary case; the rest as written."""
    tokens = tokenise(text)
    pieces: list[str] = []
    done, index, opens = 0, 0, True
    while index < len(tokens):
        found = head_at(tokens, index) if opens or heads().length(tokens.folds, index) > 1 else None
        words: tuple[int, str] | None = (found[0], found[1].words) if found else None
        if words is None and opens:
            words = fields().longest(tokens.folds, index)
        if words is not None:
            pieces += [text[done : tokens.starts[index]], words[1]]
            index += words[0]
            done, opens = tokens.ends[index - 1], True
            continue
        if tokens.folds[index] not in ("các", "và", "-", ","):
            opens = False
        index += 1
    standard = "".join([*pieces, text[done:]])
    standard = _OLD_TONE.sub(lambda m: _one_tone(str(m[0])), standard)
    return standard[:1].upper() + standard[1:]


def caps_to_case(text: str) -> str:
    """An all-caps name in ordinary case: known words in their standard capitals, unknown ones capitalised."""
    tokens = tokenise(text)
    folds = tokens.folds
    pieces: list[str] = []
    end = index = 0
    while index < len(tokens):
        if index and tokens.starts[index] > end:
            pieces.append(" ")
        kind, head = levels().longest(folds, index), head_at(tokens, index)
        found = (
            lower_words().longest(folds, index),
            kind,
            fields().longest(folds, index),
            (head[0], head[1].words) if head else None,
        )
        choices = [(hit[0], rank, hit[1]) for rank, hit in enumerate(found) if hit is not None]
        if not choices:
            pieces.append(_capitalised(tokens, index))
            count = 1
        else:
            count, rank, words = max(choices)
            pieces.append(words if rank or index else words[:1].upper() + words[1:])
            if rank == 1 and kind is not None:
                count += _place(tokens, index + count, kind[1], pieces)
        index += count
        end = tokens.ends[index - 1]
    cased = "".join(pieces)
    return cased[:1].upper() + cased[1:]


def _place(tokens: Tokens, index: int, kind: str, pieces: list[str]) -> int:
    """Append the name of a place behind its kind to ``pieces``; how many words it took."""
    if index >= len(tokens):
        return 0
    upper = tokens.text.upper()
    known = places.name_at(upper, tokens.starts[index], kind) if len(upper) == len(tokens.text) else None
    if known is not None:
        count = tokens.at(known[0]) - index
        name = known[1][0].name
        if kind == "thành phố" and name == "Hồ Chí Minh":
            pieces[-1] = "Thành phố"
    else:
        count = 0
        while index + count < len(tokens) and count < 4 and tokens.folds[index + count].isalpha():
            if head_at(tokens, index + count) is not None:
                break
            count += 1
        name = " ".join(tokens.folds[k].capitalize() for k in range(index, index + count))
    if count:
        pieces += [" ", name]
    return count


def _capitalised(tokens: Tokens, index: int) -> str:
    word = tokens.folds[index]
    if index and tokens.folds[index - 1] in _NUMBERED and _ROMAN.fullmatch(word):
        return word.upper()
    if word.isalpha() and _VOWEL.isdisjoint(bare(word)):
        return word.upper()
    return word[:1].upper() + word[1:]


def _one_tone(word: str) -> str:
    """The word with its tone mark where the tables put it, in its own case."""
    folded = fold_chars(word)
    if folded == word.lower():
        return word
    return folded.upper() if word.isupper() else folded[:1].upper() + folded[1:] if word[:1].isupper() else folded


@cache
def repairs() -> Phrases[tuple[str, ...]]:
    """Accentless words → the one known phrase they can be, for letterheads a scan has read badly."""
    table = tables.bodies()
    names = [word for group in table.heads for word in group.words]
    known_fields = [name for group in table.fields.values() for name in group]
    by_field = [f"{lead} {name}" for lead in ("Sở", "Bộ", "Phòng") for name in known_fields]
    placed = [f"{row.kind} {row.name}" for row in (*tables.provinces(), *tables.districts())]
    found: dict[str, str | None] = {}
    for phrase in {fold(p) for p in (*names, *by_field, *placed) if " " in p}:
        key = bare(phrase)
        found[key] = None if key in found else phrase
    return Phrases((key, tuple(_TOKEN.findall(phrase))) for key, phrase in found.items() if phrase is not None)


def repaired(text: str) -> str:
    """``text`` with phrases that differ from one known phrase only in accents put right: ``SỞ Y TÉ`` → ``SỞ Y TẾ``.

    A text made of known words alone is left as it is.
    """
    tokens = tokenise(text)
    if _all_known(tokens):
        return text
    plain = [bare(word) for word in tokens.folds]
    pieces: list[str] = []
    done = index = 0
    while index < len(tokens):
        found = repairs().longest(plain, index)
        if found is None:
            index += 1
            continue
        count, words = found
        if tokens.folds[index : index + count] != words:
            shape = str.upper if is_caps(text[tokens.starts[index] : tokens.ends[index + count - 1]]) else str
            gaps = [text[tokens.ends[k] : tokens.starts[k + 1]] for k in range(index, index + count - 1)] + [""]
            pieces.append(text[done : tokens.starts[index]])
            pieces += [shape(word) + gap for word, gap in zip(words, gaps, strict=True)]
            done = tokens.ends[index + count - 1]
        index += count
    return "".join([*pieces, text[done:]])


def _all_known(tokens: Tokens) -> bool:
    index = 0
    while index < len(tokens):
        count = max(heads().length(tokens.folds, index), fields().length(tokens.folds, index))
        level = levels().longest(tokens.folds, index)
        if level is not None and (behind := index + level[0]) < len(tokens):
            hit = places.name_at(tokens.text, tokens.starts[behind], level[1])
            count = max(count, tokens.at(hit[0]) - index if hit is not None else level[0])
        if not count:
            return False
        index += count
    return True

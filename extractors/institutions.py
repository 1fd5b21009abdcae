"""Bodies no table holds, told by a name that is their own: schools, companies, and others that print their place."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from extractors import body_identities as known
from extractors import place_identities as units
from extractors.body_identities import Identity, Words, key_of
from extractors.body_words import fields, head_at, spell_out, tokenise
from extractors.fold import fold
from extractors.identity_tables import identity_words
from extractors.own_units import BodyContext, Own, meant, split_place
from extractors.place_identities import Unit, slug
from extractors.tables import Level

_SHORT_FORM = re.compile(r"(?<!\w)(?=\w*[A-ZĐƯ]\w*[A-ZĐƯ])[A-ZĐƯ&]{2,}(?!\w)")
_ROMAN = re.compile(r"[IVX]+")
_GOES_ON = ("các", "và", "của", "trên", "địa", "bàn")


def school(text: str, words: Words, own: Own, context: BodyContext) -> Identity | None:
    """A school by a name that is its own within the place it is in."""
    table = identity_words().schools
    if split_place(text) is not None or unspelled(text) or _lists(text):
        return None
    if (count := starts(words, table.of_country)) and _proper(words, count):
        return _named("trường", text, _province_at_end(words, count), "its name is its own in the country")
    if (count := starts(words, table.of_province)) and _proper(words, count) and own.province is not None:
        itself = fold(text) == fold(spell_out(context.issuer or ""))
        if units.merged(own.province) and not itself:
            return None
        return _placed("trường", text, own.province, own, context, "of the issuing body's province")
    unit = own.commune or own.district if context.level in ("district", "commune") else None
    if (count := starts(words, table.of_district)) and _proper(words, count) and unit is not None:
        return _placed("trường", text, own.district or unit, own, context, "of the issuing body's place")
    return None


def company(text: str, words: Words) -> Identity | None:
    """A company: by law of one name in the country where it says its legal form, else where it says its province."""
    table = identity_words().companies
    count = starts(words, table.heads)
    if not count or _lists(text):
        return None
    province = _province_at_end(words, count)
    rest = " ".join(words.keys[count:])
    forms = [form for form in table.forms if re.search(rf"(?<!\w){re.escape(form)}(?!\w)", rest)]
    own_words = rest
    for common in sorted((*forms, *table.common), key=len, reverse=True):
        own_words = re.sub(rf"(?<!\w){re.escape(common)}(?!\w)", " ", own_words)
    if province is not None and len(words.keys) > count + len(province.split()):
        return _named("doanh nghiệp", text, province, "its province is printed")
    if forms and len(own_words.split()) > 0 and split_place(text) is None:
        return _named("doanh nghiệp", text, None, "its name is its own in the country")
    return None


def open_body(text: str, words: Words, own: Own, context: BodyContext) -> Identity | None:
    """A body no table holds, by its work and the place it prints: ``Hội Khuyến học huyện``."""
    table = identity_words().open
    if not starts(words, table.words) or _lists(text) or unspelled(text):
        return None
    at = split_place(text)
    if at is None:
        return None
    core = text[: at[0]].strip(" ,")
    if not core or key_of(core) in _kinds_only() or core.split()[-1].lower() in _GOES_ON:
        return None
    unit = meant(at[1], own, context.day)
    if unit is None or (context.day is None and unit.level == "province" and len(units.epochs(unit.name)) > 1):
        return None
    return _placed(words.keys[0], core, unit, own, context, "its work and place are printed", f"{core} {unit.full}")


@cache
def _kinds_only() -> frozenset[str]:
    return known.phrases(identity_words().open.kinds_only)


def _placed(
    kind: str, core: str, unit: Unit, own: Own, context: BodyContext, how: str, name: str | None = None
) -> Identity | None:
    if not units.held(unit.valid_from, unit.valid_to, context.day) and name is None:
        return None
    level: Level = "other" if kind in ("trường", "bệnh") else unit.level
    return Identity(
        f"{unit.id}/{slug(core)}", name or core, "bệnh viện" if kind == "bệnh" else kind, level,
        units.province_then(unit, context.day, own.said), None, None, (), how,
    )  # fmt: skip


def _named(kind: str, text: str, province: str | None, how: str) -> Identity:
    return Identity(f"{slug(kind)}/{slug(text)}", text, kind, "other", province, None, None, (), how)


def starts(words: Words, heads: list[str]) -> int:
    """Number of words of the longest of the heads that the words begin with, 0 for none."""
    wanted = _phrases(tuple(heads))
    for count in range(min(6, len(words.keys)), 0, -1):
        if " ".join(words.keys[:count]) in wanted:
            return count
    return 0


@lru_cache(maxsize=64)
def _phrases(entries: tuple[str, ...]) -> frozenset[str]:
    return known.phrases(entries)


def _proper(words: Words, count: int) -> bool:
    """Whether a name goes on with a word of its own behind its head, not with fields of study alone."""
    keys, at = words.keys, count
    while at < len(keys):
        length = fields().length(keys, at)
        if length:
            at += length
        elif keys[at] in ("và", "số") or keys[at].isdigit():
            at += 1
        else:
            return words.text[words.starts[at]].isupper()
    return False


def _province_at_end(words: Words, count: int) -> str | None:
    for length in (4, 3, 2):
        if len(words.keys) - length >= count:
            tail = words.text[words.starts[-length] :]
            found = units.province(tail, None, None) or next((u for u in units.all_provinces() if u.name == tail), None)
            if found is not None:
                return found.name
    return None


def unspelled(text: str) -> bool:
    """Whether a short form stands in the name that no table spells out: nobody can say what it is called."""
    return any(_ROMAN.fullmatch(match[0]) is None for match in _SHORT_FORM.finditer(text))


def _lists(text: str) -> bool:
    """Whether another body begins behind a comma or ``và``."""
    tokens = tokenise(text)
    return any(
        tokens.folds[k] in (",", "và", ";") and tokens.capital(k + 1) and head_at(tokens, k + 1) is not None
        for k in range(1, len(tokens) - 1)
    )

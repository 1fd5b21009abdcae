"""Whose number it is: the area or the group that the sentence, its label or its headings name."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from extractors.blocks import is_caps
from extractors.letters import UPPER
from extractors.quantity_words import any_of, opening, units
from models.reading import Context, Reading

_NAME = rf"[{UPPER}][^\W\d_]*(?: [{UPPER}][^\W\d_]*)*"
_NAMES = re.compile(rf" {_NAME}(?:(?:, | và ){_NAME}(?![^\W_]))*")
_TOPIC = re.compile(r"^[\s\"]*(?:riêng đối với|riêng|đối với|tại|ở) (?=\S)")
_OWN_FIGURE = re.compile(r"[^,;:.()\d]{0,20} ?\(?\d")
_LABEL = re.compile(r"^[^.;:]{3,160}:(?=\s|$)")


@dataclass(frozen=True, slots=True)
class Area:
    """A place or group named in a paragraph; ``opening``: it stands before what is said, for all that follows."""

    start: int
    end: int
    opening: bool
    named: bool = False


@cache
def _head() -> re.Pattern[str]:
    return re.compile(
        rf"(?<!\w)(?P<whole>{any_of('scope_head')})(?!\w)(?! hội)"
        rf"|(?<!\w)(?P<zone>{any_of('zone_head')}(?!\w)(?! {any_of('sector')}(?!\w)))"
        rf"|(?<=tại )(?P<tier>cấp (?:xã|huyện|tỉnh))(?!\w)"
        rf"|(?<!\w)(?P<numbered>(?:quận|phường) \d{{1,2}}(?![\d/]))"
        rf"|(?<!\w)(?<!\bthu )(?<!\bthu trên )(?P<ground>(?:trên )?địa bàn (?:toàn )?{any_of('unit_head')})(?!\w)"
        rf"|(?<!\w)(?P<of>của )(?P<whose>{any_of('unit_head')}|cả nước)(?!\w)"
        rf"|(?<!\w)(?P<named>(?:các )?(?:tỉnh, thành phố|huyện, thành phố|{any_of('unit_head')}))(?= [^\W\d_])"
    )


@cache
def _base_of() -> re.Pattern[str]:
    """``so với tổng số hộ | toàn tỉnh``, ``bình quân chung | cả nước``: what a figure is a part of or compared with."""
    return re.compile(
        rf"(?:(?:so với|trên|trong|chiếm|%) {any_of('whole_of')}(?: [^,;:.()\d]{{0,30}})?"
        rf"|(?<!\w)(?P<mean>{any_of('mean_of')})(?: của)?) $"
    )


@cache
def _end() -> re.Pattern[str]:
    return re.compile(rf"\s(?:{any_of('area_end')})(?!\w)|\s?[,;:.()\d/]")


@cache
def _topic_end() -> re.Pattern[str]:
    return re.compile(rf"\s{any_of('topic_end')}(?!\w)|\s?[:;.]|,")


@cache
def _bodies() -> re.Pattern[str]:
    return re.compile(rf"(?:các |những )?{any_of('addressed')}(?!\w)")


@cache
def _no_topic() -> re.Pattern[str]:
    return opening("no_topic")


@cache
def _no_scope() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){any_of('no_scope')}(?: [^\s,;:.()]+){{0,2}} $")


def areas(text: str, low: str) -> list[Area]:
    """The places and groups a paragraph names, in order. ``low`` is ``text`` folded character for character."""
    found: list[Area] = []
    for match in _head().finditer(low):
        base = _base_of().search(low, max(0, match.start() - 60), match.start())
        if base is not None and not (base["mean"] and _OWN_FIGURE.match(low, match.end())):
            continue
        area = _read(text, low, match)
        if area is not None and found and match["named"] and low[found[-1].end : area[0]] in (", ", " và "):
            if found[-1].named:
                found[-1] = Area(found[-1].start, area[1], found[-1].opening, True)
                continue
        if area is not None and not (found and area[0] < found[-1].end):
            opens = base is None and _opens(low, *area, match["named"] is not None)
            found.append(Area(area[0], area[1], opens, match["named"] is not None))
    return found


def _read(text: str, low: str, match: re.Match[str]) -> tuple[int, int] | None:
    start, end = match.span()
    if match["whole"]:
        return start, end
    if match["numbered"] or match["tier"]:
        return start, end
    if match["zone"]:
        stop = _end().search(low, end)
        stop_at = stop.start() if stop else len(low)
        return (start, stop_at) if 2 < len(low[start:stop_at].split()) <= 7 else None
    if match["ground"]:
        names = _NAMES.match(text, end)
        return start, names.end() if names else end
    if match["of"]:
        names = _NAMES.match(text, end)
        if _no_scope().search(low[max(0, start - 40) : start]):
            return None
        return match.start("whose"), names.end() if names else end
    names = _NAMES.match(text, end)
    if names is None and text[start].isupper() and _after_opening().match(low, end) is not None:
        return start, end
    if names is None or low[max(0, start - 5) : start].endswith(("gồm ", "cấp ")):
        return None
    return start, names.end()


@cache
def _before_opening() -> tuple[re.Pattern[str], re.Pattern[str]]:
    links, body = rf"(?:[\s,\d]|{any_of('area_links')}(?!\w))*", any_of("governing_body")
    return (
        re.compile(rf"(?:^|[,;:.(]){links}$"),
        re.compile(rf"(?:^|[.]){links}$|(?:^|[,;:.(]){links}{body}(?: và {body})?\s$"),
    )


@cache
def _after_opening() -> re.Pattern[str]:
    return re.compile(rf"(?: năm \d{{4}})? {any_of('area_verb')}(?!\w)|\s?:")


def _opens(low: str, start: int, end: int, named: bool) -> bool:
    if _after_opening().match(low, end) is not None:
        return True
    head = ("" if start <= 70 else "|") + low[max(0, start - 70) : start]
    return _before_opening()[named].search(head) is not None


def topic(low: str) -> tuple[int, int] | None:
    """The span of what a paragraph opens with where that says whose its numbers are: ``Riêng huyện A và B cần …``."""
    match = _TOPIC.match(low)
    if match is None or _bodies().match(low, match.end()) or _no_topic().match(low, match.end()):
        return None
    label = _LABEL.match(low)
    if label is not None:
        return match.end(), label.end() - 1
    stop = _topic_end().search(low, match.end())
    return None if stop is None or stop.start() - match.end() > 120 else (match.end(), stop.start())


def headings_scope(reading: Reading, context: Context, fold: Callable[[str], str]) -> Callable[[int], str | None]:
    """A function from a block to the scope its headings say."""
    seen: dict[int, str | None] = {}
    issuer = fold(context.issuing_body.name) if context.issuing_body else ""

    def of(index: int) -> str | None:
        parent = reading.blocks[index].parent
        if parent is None:
            return None
        if parent not in seen:
            seen[parent] = _of_heading(reading.words(reading.blocks[parent])[:300], issuer, fold) or of(parent)
        return seen[parent]

    return of


def _of_heading(text: str, issuer: str, fold: Callable[[str], str]) -> str | None:
    low = fold(text)
    match = _TOPIC.match(low)
    if match is not None:
        if _bodies().match(low, match.end()) or _no_topic().match(low, match.end()):
            return None
        return text[match.end() :].split(":")[0].strip(" .;,") or None
    if is_caps(text) or (len(text) > 160 and not text.endswith(":")):
        return None
    named = {
        text[a.start : a.end]
        for a in areas(text, low)
        if not is_issuer(low[a.start : a.end].removeprefix("trên ").removeprefix("địa bàn "), issuer)
        and not is_body_place(low, a.start)
    }
    return named.pop() if len(named) == 1 else None


@cache
def _acting() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){any_of('governing_body')} (?:các )?$")


def is_body_place(low: str, start: int) -> bool:
    """Whether the place at ``start`` is part of a body's name: ``UBND | tỉnh A``."""
    return _acting().search(low, max(0, start - 40), start) is not None


def is_issuer(area: str, issuer: str) -> bool:
    """Whether a named area (``huyện A``) is that of the issuing body; both folded."""
    return " " in area and issuer.endswith(area)


@cache
def _each() -> re.Pattern[str]:
    word = r"[^\s,;:.()]+"
    return re.compile(rf"(?<!\w)mỗi {word}(?: {word}){{0,3}}?(?= (?:còn lại |chưa đạt )?{any_of('each_verb')})")


def group(low: str, start: int, end: int) -> tuple[int, int] | None:
    """The span of ``xã, bản`` in ``xã, bản phải có ít nhất …``: who must reach the number, before phải or after mỗi."""
    each = _each().search(low, start, end)
    if each is not None:
        return each.span()
    must = low.rfind(" phải ", start, end)
    if must < 0:
        return None
    begin = max(low.rfind(sign, start, must) for sign in (":", ";", "(", ". ")) + 1 or start
    names = [name.strip() for name in re.split(r",| và ", low[begin:must])]
    if 0 < len(names) <= 4 and all(re.sub(r"^(?:các|mỗi|những) ", "", name) in units("count") for name in names):
        return begin + len(low[begin:must]) - len(low[begin:must].lstrip()), must
    return None

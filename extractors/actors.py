"""Who acts and who receives: names of bodies, offices and groups as a sentence, a lead-in or a heading gives them.

A name begins with a head (``Sở``, ``các đơn vị``) and runs to the word that opens its predicate. Lists are split at
commas and ``và`` only where the next part is a name by itself: ``Sở Y tế, Công an tỉnh`` is two, ``UBND các huyện,
thị xã`` is one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from extractors.deadline_words import any_of, words
from extractors.letters import UPPER


@dataclass(frozen=True, slots=True)
class Actors:
    """Names as written, brackets off, and the span they stand in (brackets and joints included)."""

    names: tuple[str, ...]
    start: int
    end: int


_PLURAL = rf"(?:{any_of('plurals')} )"
_HEAD = re.compile(rf"(?P<plural>{_PLURAL})?(?P<head>{any_of('heads', 'places')})(?!\w)")
_PLURAL_UNIT = re.compile(rf"(?P<plural>{_PLURAL})(?P<head>{any_of('units', 'heads', 'places')})(?!\w)")
_NOT_HEAD = re.compile(rf"(?:{_PLURAL})?{any_of('not_heads')}(?!\w)")
_UNIT = re.compile(rf"{any_of('units')}(?!\w)")
_STOP = re.compile(
    rf"(?<!\w)(?P<stop>{any_of('stops', 'strive', 'submit', 'verbs')})(?!\w)|(?P<mark>[;:.!?“”\"\[\]/]|\s[-–] )"
    r"|(?P<comma>,)(?! chống)|(?P<open>\()|(?<!\w)(?P<and>(?:và|hoặc|cùng)(?= ))"
)
_LEAD_IN = re.compile(rf"(?:[-–*•+\s“\"]*(?:{any_of('lead_ins')})(?!\w)[ :]*)+")
_LABELLED = re.compile(r"(?: [^\W\d_]+){1,4} ?:")
_GOES_ON = re.compile(rf"{any_of('name_goes_on')}(?!\w)")
_PHRASE_END = re.compile(r"[:.]|$")
_OFFICE = re.compile(rf"{any_of('offices', 'offices_whole')}$")
_FIELDS = re.compile(r"\w+(?: \w+){0,2}(?:, \w+(?: \w+){0,2})? và (?=\w)")
_GIVEN = re.compile(rf" {any_of('given')}(?!\w)")
_PLACES_NAMED = re.compile(rf"{_PLURAL}{any_of('level_words')} (?=[^\W\d_])")
_PLACE_ENDS = re.compile(rf" {any_of('level_words')} $")
_ANY_PLURAL = re.compile(_PLURAL)
# A group's relative clause ends where its duty begins: "các cửa hàng có bán pháo hoa | có trách nhiệm …".
_OBLIGED = re.compile(
    r"(?! (?:trách nhiệm|nhiệm vụ|văn bản|báo cáo|ý kiến))(?:[^,;.:()]{0,90}? (?:có trách nhiệm|chịu trách nhiệm)"
    r"|(?:(?! và | để )[^,;.:()]){0,90}? phải)(?!\w)"
)
_MAX_NAME = 220
_MAX_NAMES = 12


# CPCIT, KHoPC: mostly capitals, three letters at the least.
_CODE = rf"(?:[{UPPER}][{UPPER}]+[a-zđ]?[{UPPER}]+|[{UPPER}]{{3,}})(?![\w&-])"
_CODES = re.compile(rf"(?P<plural>[Cc]ác |[Nn]hững )?(?P<head>{_CODE})")
_CODES_ACT = re.compile(rf"{_CODE}(?:(?:, | và ){_CODE})*(?= )")
_CODES_ALONE = re.compile(rf"{_CODE}(?:(?:, | và ){_CODE})*(?: \([^()]*\))?")
_TASK_VERB = re.compile(rf" (?:{any_of('verbs', 'submit')})(?!\w)")


def _by_code(clean: str, low: str, at: int, end: int) -> re.Match[str] | None:
    """A body named by its abbreviation alone, where a verb says that it acts: ``các CTĐL còn lại hoàn thành``."""
    match = _CODES.match(clean, at, end)
    if match is None or match["head"].lower() in words("no_actor_codes"):
        return None
    if match["plural"]:
        stop = _STOP.search(low, match.end(), min(end, match.end() + 30))
        return match if stop is not None and _TASK_VERB.match(low, stop.start() - 1, end) else None
    acting = _CODES_ACT.match(clean, at, end)
    return match if acting is not None and _TASK_VERB.match(low, acting.end(), end) else None


def is_actor(clean: str, low: str, at: int, end: int, opening: bool = False) -> re.Match[str] | None:
    """Whether a name begins at ``at``. ``opening``: the sentence begins there, so that a capital says nothing."""
    if _NOT_HEAD.match(low, at, end):
        return None
    match = _PLURAL_UNIT.match(low, at, end) or _HEAD.match(low, at, end)
    if match is None:
        return _by_code(clean, low, at, end)
    head = match["head"]
    if match["plural"]:
        return match
    capital = clean[match.start("head")].isupper()
    behind = clean[match.end() : match.end() + 2]
    if head in words("places") and not head.startswith(("toàn", "cả")):
        named = len(behind) == 2 and behind[0] == " " and behind[1].isupper()
        return match if named or (capital and _acts(low, match.end(), end)) else None
    if head in words("needs_plural"):
        return None
    if head in words("needs_capital"):
        named = len(behind) == 2 and behind[0] == " " and behind[1].isupper()
        of_place = re.match(
            r" (?:của |trực thuộc )?(?:tỉnh|huyện|xã|phường|thành phố|trung ương|nhân dân|ngành)\b",
            low[match.end() : match.end() + 30],
        )
        if not capital and not named:
            return None
        labels = opening and capital and _LABELLED.match(low, match.end(), end) is not None
        if (opening or not capital) and not (named or of_place or labels or _acts(low, match.end(), end)):
            return None
    return match


def _acts(low: str, at: int, end: int) -> bool:
    """Whether a predicate opens right behind: ``Huyện hoàn thành …``."""
    stop = _STOP.match(low, at + 1, end) if low[at : at + 1] == " " else None
    return stop is not None and stop["stop"] is not None and stop["stop"] not in ("và", "của")


def actors_at(clean: str, low: str, at: int, end: int, opening: bool = False) -> Actors | None:
    """The list of names that begins at ``at``, or None where none does."""
    names: list[str] = []
    position = begin = at
    held = ""
    while len(names) < _MAX_NAMES:
        head = is_actor(clean, low, position, end, opening and position == at)
        if head is None:
            break
        stop, joint = _name_end(clean, low, head, end)
        cut = _past_place(clean, low, position, stop)
        stop, joint = (cut, None) if cut < stop else (stop, joint)
        name = _tidy(clean[position:stop])
        if not name:
            break
        follows = _after_joint(low, joint, end) if joint is not None else None
        if follows is not None and is_actor(clean, low, follows, end) is None:
            follows = None
        leans = name.lower() in words("leaning") or bool(held) and name in words("leaning_behind")
        _, group, committee = name.lower().rpartition(" các ")
        leans = leans or bool(group) and committee in words("leaning_behind")  # Ban Tuyên giáo các huyện ủy, thị ủy
        begin = begin if held else position
        held = _tidy(clean[begin:stop])
        if follows is not None and leans:
            position = follows
            continue
        names.append(held)
        held = ""
        at_end = stop
        if follows is None:
            return Actors(tuple(names), at, at_end)
        position = follows
    if held:
        names.append(held)
    if not names:
        return None
    return Actors(tuple(names), at, min(end, max(at, position)))


_JOINT = re.compile(r"\s*(?:,|;)?\s*(?:và|cùng với|cùng|hoặc)?\s*")


def _after_joint(low: str, joint: int, end: int) -> int:
    match = _JOINT.match(low, joint, end)
    return match.end() if match is not None else joint


def _name_end(clean: str, low: str, head: re.Match[str], end: int) -> tuple[int, int | None]:
    """Where the name ends, and where the joint to a next name begins (None where the list ends here)."""
    limit = min(end, head.start() + _MAX_NAME)
    position = head.end()
    office = _OFFICE.match(head["head"]) is not None
    glued = head.end()
    bracket: int | None = None
    listing = False
    while True:
        found = _STOP.search(low, position, limit)
        if found is None:
            return (bracket if bracket is not None else limit), None
        if (
            bracket is not None
            and low[bracket : found.start()].strip(" )")
            and not re.fullmatch(r"\s*\([^()]*\)\s*", low[bracket : found.start()])
        ):
            return bracket, None  # words behind a bracket are the predicate
        if found["open"]:
            close = low.find(")", found.start(), limit)
            if close < 0:
                return found.start(), None
            bracket = found.start() if bracket is None else bracket
            position = close + 1
            continue
        stop = bracket if bracket is not None else found.start()
        if found["mark"]:
            dash = found["mark"].strip() in "-–" and found["mark"].strip() != ""
            if dash and (clean[found.end() : found.end() + 1].isupper() or low.startswith("xã hội", found.end())):
                position = found.end()
                continue
            of_level = _UNIT.match(low, found.end(), limit) is not None and clean[found.start() - 1].isalpha()
            if found["mark"] == "/" and (of_level or clean[found.end() : found.end() + 1].isupper()):
                position = found.end()
                continue
            listed = (
                found["mark"] == ":" and head["plural"] and head["head"] in words("listed_heads") and bracket is None
            )
            if listed and _lists_fields(clean, low, found.end() + 1, limit):
                position, listing = found.end() + 1, True
                continue
            return stop, (found.start() if found["mark"] == ";" else None)
        if found["comma"]:
            after = _after_joint(low, found.start(), limit)
            if _goes_on(clean, low, after, limit):
                position = _UNIT.match(low, after, limit).end()  # type: ignore[union-attr]
                bracket = None
                continue
            if (
                office
                and bracket is None
                and _goes_on_in_fields(clean, after, limit)
                and is_actor(clean, low, after, limit) is None
            ):
                position = after
                continue
            if (listing or _lists_places(clean, low, head.start(), found.start())) and _names_place(
                clean, low, after, limit
            ):
                position = after
                continue
            return stop, found.start()
        if found["and"]:
            after = found.end() + 1
            if head["head"] == "văn phòng" and clean[max(0, found.start() - 4) : found.start() - 1].isupper():
                position = after
                continue
            if _goes_on(clean, low, after, limit):
                position = after
                continue
            other = is_actor(clean, low, after, limit)
            if other is not None and (other.re is not _CODES or head.re is _CODES):
                return stop, found.start()
            if clean[after : after + 1].isupper():
                position = after
                continue
            if _ANY_PLURAL.match(low, after, limit):
                return stop, None
            word = _STOP.match(low, after, limit)
            if word is not None and word["stop"] and not (office and word["stop"] in words("name_goes_on")):
                return stop, None
            position = word.end() if word is not None and word["stop"] else after
            continue
        if clean[found.start()].isupper() and not _PLACE_ENDS.search(low, head.start(), found.start()):
            position = found.end()
            continue
        if head["plural"] and found["stop"] == "được" and (given := _GIVEN.match(low, found.end(), limit)) is not None:
            position = given.end()
            continue
        whole = head["head"] in words("offices_whole")
        goes_on = words("fields_of_many" if head["plural"] else "fields_of_whole" if whole else "name_goes_on")
        if office and found["stop"] in goes_on and low[glued : found.start()].strip() == "" and bracket is None:
            position = glued = found.end()
            continue
        if (
            head["plural"]
            and (found["stop"] in words("relative_openers") or found["stop"] in words("verbs"))
            and _OBLIGED.match(low, found.end(), limit)
        ):
            position = found.end()
            continue
        if _inside_name(low, found):
            position = found.end()
            continue
        return stop, None


def _goes_on_in_fields(clean: str, at: int, end: int) -> bool:
    """``Sở Văn hóa, | Thể thao và Du lịch``: fields of one office, in capitals."""
    fields = _FIELDS.match(clean, at, end)
    return fields is not None and clean[at].isupper() and clean[fields.end()].isupper()


_LEVEL = re.compile(rf"(?<!\w){any_of('level_words')} ")
# trình HĐND tỉnh | quy chế …: a council of one place ends with the word for its level.
_COUNCIL = re.compile(rf"(?:{any_of('council_posts')} )?{any_of('councils')} {any_of('level_words')}")
_AFTER_PLACE = re.compile(rf" {any_of('after_place')}(?!\w)")


def _past_place(clean: str, low: str, start: int, stop: int) -> int:
    """Where a name ends whose place is named in full: ``UBND phường Đông Sơn | lát vỉa hè``."""
    for level in _LEVEL.finditer(low, start, stop):
        position = level.end()
        while position < stop and clean[position].isupper():
            space = clean.find(" ", position, stop)
            if space < 0:
                return stop
            position = space + 1
        end = position - 1
        if level.end() < position < stop and clean[position].islower() and clean[end - 1].isalnum():
            if _AFTER_PLACE.match(low, end, stop) is None and not _UNIT.match(low, position, stop):
                return end
        if level.end() < stop and _COUNCIL.fullmatch(low, start, level.end() - 1) and clean[level.end()].islower():
            if _AFTER_PLACE.match(low, level.end() - 1, stop) is None and not _UNIT.match(low, level.end(), stop):
                return level.end() - 1
    return stop


def _lists_fields(clean: str, low: str, at: int, end: int) -> bool:
    """Whether a colon opens a list of fields: ``các Bộ: | Công an, Tài chính``, of which a first may act by itself."""
    first = actors_at(clean, low, at, end)
    if first is None or len(first.names) > 1 or clean[first.end : first.end + 2] != ", ":
        return _names_place(clean, low, at, end)
    return _names_place(clean, low, first.end + 2, end)


def _names_place(clean: str, low: str, at: int, end: int) -> bool:
    """Whether another place name follows in ``các xã Tân Lập, Tân Tiến``."""
    return clean[at : at + 1].isupper() and is_actor(clean, low, at, end) is None


def _lists_places(clean: str, low: str, start: int, end: int) -> bool:
    """Whether a name so far is ``các xã Tân Lập``, which other place names may join."""
    named = _PLACES_NAMED.search(low, start, end)
    return named is not None and clean[named.end()].isupper()


def _inside_name(low: str, found: re.Match[str]) -> bool:
    """``các tỉnh từ Hà Tĩnh đến Lâm Đồng``, ``các trường trong tỉnh``: words that open a predicate elsewhere."""
    behind = low[found.end() : found.end() + 40]
    if found["stop"] == "trong":
        return re.match(r" (?:tỉnh|huyện|ngành|xã|thành phố|toàn|khu|địa bàn|cả nước|trường)\b", behind) is not None
    if found["stop"] == "giao":
        return re.match(r" (?:thông|dịch|lưu|nhận)\b", behind) is not None
    if found["stop"] == "cấp":
        return re.match(r" (?:xã|huyện|tỉnh|trên|dưới|trung ương|cơ sở|ủy|phòng|sở|học)\b", behind) is not None
    if found["stop"] == "từ":
        return re.match(r" [^\d,;.]{2,25} đến \D", behind) is not None
    return False


def _goes_on(clean: str, low: str, at: int, end: int) -> bool:
    """Whether a part of the same name follows a comma or ``và``: ``… xã, phường``, ``… ban, ngành``."""
    unit = _UNIT.match(low, at, end)
    if unit is None or _NOT_HEAD.match(low, at, end):
        return False
    if clean[at].islower():
        return True
    return re.match(r"\s*(?:[,;:.]|và\b|$)", low[unit.end() : min(end, unit.end() + 6)]) is not None


def _tidy(name: str) -> str:
    name = re.sub(r"\s*\([^()]*\)", "", name)
    return re.sub(r"\s+", " ", name).strip(' ,;:.-–+*“”"')


@lru_cache(maxsize=512)
def heading_actors(text: str) -> tuple[str, ...]:
    """Who a heading or a lead-in speaks to: ``Giao Sở Y tế:``, ``Đối với các chợ tạm``; empty for nobody.

    ``text`` is the heading's words without its marker, up to its colon at most.
    """
    low = text.lower()
    if len(low) != len(text):
        return ()
    lead = _LEAD_IN.match(low)
    start = lead.end() if lead is not None else len(text) - len(text.lstrip(' -–*•+"“'))
    colon = _PHRASE_END.search(text, start)
    end = colon.start() if colon is not None else len(text)
    found = actors_at(text, low, start, len(text), opening=True)
    alone = _CODES_ALONE.fullmatch(text, start, end)
    if found is None and alone is not None and words("no_actor_codes").isdisjoint(re.findall(r"\w+", low[start:end])):
        return tuple(name.strip() for name in re.split(r", | và ", _tidy(text[start:end])))
    if found is None:
        return _group_of_places(text, low, start, end, lead is not None)
    rest = text[found.end : end]
    if text[found.end : found.end + 1] == ":" and len(found.names) == 1 and found.end + 1 < len(text):
        listed = actors_at(text, low, found.end + 2, len(text))
        if listed is not None and found.names[0].lower().startswith(("các ", "những ")):
            return listed.names
    bare = re.sub(r"\([^()]*\)", "", rest).strip(" ,;:.")
    if not bare or bare.startswith(("trong đó", "căn cứ", "có trách nhiệm")):
        return found.names
    whole = end >= len(text.rstrip(" :;.")) and len(text) <= 260
    if whole and is_restricted(found.names[-1]) and not _predicate(low, found.end, end):
        return (*found.names[:-1], _tidy(f"{found.names[-1]} {bare}"))
    placed = re.search(rf"(?:{any_of('places')}|tỉnh [\w ]+|huyện [\w ]+)$", bare.lower()) is not None
    if whole and len(bare.split()) <= 8 and (lead is not None or placed) and _GOES_ON.match(bare.lower()):
        return (*found.names[:-1], _tidy(f"{found.names[-1]} {bare}"))
    return found.names


_DUTY = re.compile(rf"[ ,]*{any_of('duty_openers')}")


def _predicate(low: str, at: int, end: int) -> bool:
    """Whether what follows a group in a heading says what it is to do, not which of them are meant."""
    return _DUTY.match(low, at, end) is not None


def _group_of_places(text: str, low: str, start: int, end: int, led: bool) -> tuple[str, ...]:
    """``Đối với phường muốn lên loại I``: a place word without a name stands for the group."""
    place = re.match(rf"{any_of('places')} ", low[start:end])
    if not led or place is None or len(text) > 260:
        return ()
    return (_tidy(text[start:end]),)


def is_restricted(name: str) -> bool:
    """Whether a name is a group in common words, so that what follows it says which of them."""
    return re.match(rf"{_PLURAL}", name.lower()) is not None


_SUBMIT = re.compile(rf"(?<!\w)(?P<verb>{any_of('submit')})(?!\w)")
_TOWARDS = re.compile(rf"(?<!\w){any_of('towards')} (?:cho )?")
_WITH = re.compile(r"(?:[^,;.:()]{0,60}? )với ")
_DIRECT = re.compile(rf" (?:{any_of('towards', 'before_receiver')} ){{0,3}}")
_THROUGH = re.compile(r"\s*\(\s?(?:thông )?qua [^()]{2,160}\)?|[ ,]*(?:thông )?qua (?=\w)")
_REACH = 170


def recipient(clean: str, low: str, start: int, end: int) -> tuple[int, int] | None:
    """The span of who receives what ``clean[start:end]`` asks for, its ``(qua …)`` included; the first named wins."""
    for match in _SUBMIT.finditer(low, start, end):
        found = _received(clean, low, match, end)
        if found is not None:
            return found.start, _through(clean, low, found.end, end)
    return None


def _received(clean: str, low: str, submit: re.Match[str], end: int) -> Actors | None:
    direct = _DIRECT.match(low, submit.end(), end)
    towards = direct is not None and direct.group().strip() != ""
    if direct is not None and (towards or submit["verb"] not in words("submit_towards")):
        found = actors_at(clean, low, direct.end(), end)
        if found is not None:
            return found
    following = _SUBMIT.search(low, submit.end(), end)
    reach = min(end, submit.end() + _REACH, following.start() if following is not None else end)
    for match in _TOWARDS.finditer(low, submit.end(), reach):
        if submit["verb"] in words("submit_not_for") and match.group().startswith("cho"):
            continue
        found = actors_at(clean, low, match.end(), end)
        if found is not None:
            return found
    reported = _WITH.match(low, submit.end(), reach) if submit["verb"] == "báo cáo" else None
    return actors_at(clean, low, reported.end(), end) if reported is not None else None


def _through(clean: str, low: str, at: int, end: int) -> int:
    match = _THROUGH.match(low, at, min(len(low), at + 200))
    if match is None:
        return at
    if "(" in match.group():
        return match.end()
    if match.end() >= end:
        return at
    found = actors_at(clean, low, match.end(), end)
    return found.end if found is not None else at

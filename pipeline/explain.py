"""A record as a person checks it: each value with its rule, its words in their context, and how sure it is and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from extractors.learned_confidence import features_of, reasons, values_of
from models.record import Dispatch, Evidence

_AROUND = 40
_LISTS = ("addressees", "copies", "references", "quantities", "deadlines", "signatures", "flags")
_TITLE = {
    "addressees": "addressees (kính gửi)",
    "copies": "copies (nơi nhận)",
    "references": "references (văn bản viện dẫn)",
    "quantities": "quantities (chỉ tiêu, kết quả, kinh phí)",
    "deadlines": "deadlines (thời hạn)",
    "signatures": "signatures (chữ ký số)",
    "flags": "flags (điểm cần xem lại)",
}
_MOST_REASONS = 3
_IN_WORDS = {
    "origin=plain": "the text was in the file", "origin=born-digital": "the text was in the file",
    "origin=ocr": "the text was read from a picture", "ocr=sure": "OCR was sure of each word",
    "ocr=unsure": "OCR was unsure of a word", "flag=none": "no flag on its words", "odd=True": "odd signs in it",
    "odd=False": "no odd signs in it",
    "fits=True": "a usual length", "fits=False": "an unusual length",
    "lacks=0": "every main part of the dispatch was found",
    "inside=True": "it stands in the words themselves", "inside=False": "it stands elsewhere than the number or limit",
    "none=True": "nobody and nothing is named", "none=False": "it is named", "first=A": "it begins with a capital",
    "first=a": "it begins with a small letter", "first=0": "it begins with a digit", "first=?": "it begins with a sign",
    "coded=True": "it has a code", "coded=False": "it has no code", "by=True": "its issuer is named",
    "by=False": "its issuer is not named", "dated=0": "it has no day", "dated=1": "it has a day",
    "counts=True": "it is known what is counted", "counts=False": "it is not known what is counted",
    "words=fewcaps": "two to six words in capitals", "words=fewnames": "two to six words, each with a capital",
    "words=manycaps": "more than six words in capitals", "level=None": "the level of its body is not known",
    "unit=1": "a unit of one word", "unit=2": "a unit of several words", "unit=money": "an amount of money",
    "rule=None": "no rule of its own", "bound=None": "no bound", "change=None": "no change is told",
    "doc=None": "in a dispatch of no known kind",
}  # fmt: skip
"""What the features of the confidence mean; the others are said as they are named."""
_NAMED = {
    "rule=": "the rule {}", "flag=": "the flag {}", "size=": "its length in words, {}",
    "many=": "how many there are", "known=": "how the body is known",
    "relation=": "the relation {}", "bound=": "the bound {}", "exact=": "a limit to the {}", "unit=": "the unit {}",
    "is=": "a number that is {}", "change=": "the change {}", "names=": "{} named", "doc=": "in a {}",
    "lacks=": "{} of five main parts of the dispatch were not found", "ocr=": "OCR was {}0 % sure of its worst word",
    "level=": "a body of the level {}", "dk=": "the kinds of dispatch and of number, {}",
    "part=": "it stands in the {} part", "kind=": "it is a {}",
}  # fmt: skip
_NOT_HEADER = {"source", "evidence", "rules", *_LISTS}


Sure = Sequence[tuple[str, int, float, float | None]]


def explain(dispatch: Dispatch, text: str, sure: Sure = ()) -> Iterator[str]:
    """Lines that show every value of the record; ``text`` is the canonical text its offsets count in, ``sure`` the
    confidences as :class:`pipeline.outcome.Read` has them."""
    source = dispatch.source
    told = _told(dispatch, sure)
    yield f"{source.path} ({source.media_type}, {source.text_origin})"
    yield f"sha256 {source.sha256}"
    yield ""
    yield "header"
    for name in type(dispatch).model_fields:
        value = getattr(dispatch, name)
        if name in _NOT_HEADER or (value in (None, False) and name not in dispatch.evidence):
            continue
        yield f"  {name}: {_value(value)}"
        yield from _proof(dispatch.rules.get(name), dispatch.evidence.get(name), text)
        yield from told.get((name, 0), ())
    for name in _LISTS:
        entries = getattr(dispatch, name)
        yield ""
        yield f"{_TITLE[name]}: {len(entries)}"
        for number, entry in enumerate(entries, 1):
            yield f"  {number}. {_value(entry)}"
            yield from _proof(entry.rule, entry.evidence, text)
            yield from told.get((name, number), ())


def _value(value: Any) -> str:
    if not hasattr(value, "model_dump"):
        return str(value)
    fields = value.model_dump(exclude={"rule", "evidence", "mentions"}, exclude_none=True, exclude_defaults=True)
    said = ", ".join(f"{name} {_inner(inner)}" for name, inner in fields.items() if inner != [])
    mentions = len(getattr(value, "mentions", ()))
    return f"{said}, named {mentions} times" if mentions > 1 else said


def _inner(value: Any) -> str:
    if isinstance(value, dict):
        return "(" + ", ".join(f"{k} {v}" for k, v in value.items()) + ")"
    if isinstance(value, list):
        return " | ".join(map(str, value))
    return f"{value:g}" if isinstance(value, float) and abs(value) < 1e6 else str(value)


def _proof(rule: str | None, evidence: Evidence | None, text: str) -> Iterator[str]:
    if rule is None and evidence is None:  # says how another value is known, and has no words of its own
        return
    words = "no words of their own" if evidence is None else in_context(evidence, text)
    yield f"       rule {rule or '(none)'}: {words}"


def in_context(evidence: Evidence, text: str) -> str:
    """The words marked by ``«»`` among those around them, on one line, with page and offsets."""
    start, end = evidence.start, evidence.end
    before = text[max(0, start - _AROUND) : start]
    after = text[end : end + _AROUND]
    where = f"{start}-{end}" if evidence.page is None else f"page {evidence.page}, {start}-{end}"
    return " ".join(f"[{where}] …{before}«{text[start:end]}»{after}…".split())


def _told(dispatch: Dispatch, sure: Sure) -> dict[tuple[str, int], list[str]]:
    """For each field of the head and each entry, a line for each of its values that has a confidence."""
    found: dict[tuple[str, int], list[str]] = {}
    known = {(field, entry): (confidence, ocr) for field, entry, confidence, ocr in sure}
    for value in values_of(dispatch):
        if (value.field, value.entry_no) in known:
            confidence, ocr = known[value.field, value.entry_no]
            root, _, part = value.field.partition(".")
            why = _why(reasons(value.field, features_of(value, ocr)))
            named = f"{part} " if part else ""
            found.setdefault((root, value.entry_no), []).append(f"       {named}{confidence:.1%} sure{why}")
    return found


def _why(weighed: Sequence[tuple[str, float]]) -> str:
    said = ""
    for word, sign in (("for", 1), ("against", -1)):
        own = [_in_words(name) for name, weight in weighed if weight * sign >= 0.05][:_MOST_REASONS]
        if own:
            said += f"; {word} it: {', '.join(own)}"
    return said


def _in_words(feature: str) -> str:
    if feature in _IN_WORDS:
        return _IN_WORDS[feature]
    name, _, value = feature.partition("=")
    return _NAMED.get(f"{name}=", f"{name} {{}}").format(value.replace("_", " and "))

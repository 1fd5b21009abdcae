"""A record as a person checks it: each value with its rule and its words in their context."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

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
_NOT_HEADER = {"source", "evidence", "rules", *_LISTS}


def explain(dispatch: Dispatch, text: str) -> Iterator[str]:
    """Lines that show every value of the record; ``text`` is the canonical text its offsets count in."""
    source = dispatch.source
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
    for name in _LISTS:
        entries = getattr(dispatch, name)
        yield ""
        yield f"{_TITLE[name]}: {len(entries)}"
        for number, entry in enumerate(entries, 1):
            yield f"  {number}. {_value(entry)}"
            yield from _proof(entry.rule, entry.evidence, text)


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

"""The corpora are the spec of the extractors: value first, then its spellings, braces round the evidence.

Each example is run as written, in NFD, and with line breaks for spaces: the values may not change. Every rule
fires in at least one ``[[is]]``, every corpus has an ``[[is_not]]`` with the reason.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from extractors.deadlines import deadlines
from extractors.quantities import quantities
from extractors.references import references
from extractors.zones import as_body
from models.reading import Context, Reading
from models.record import IssuingBody
from models.text import Text
from pipeline.normalise import normalise

CORPORA = Path(__file__).parent / "corpus"
EXTRACTORS: dict[str, Callable[[Reading, Context], Sequence[Any]]] = {
    "references": references,
    "quantities": quantities,
    "deadlines": deadlines,
}


def load(name: str) -> dict[str, Any]:
    return tomllib.loads((CORPORA / f"{name}.toml").read_text(encoding="utf-8"))


def context_of(table: dict[str, Any]) -> Context:
    body = table.get("issuing_body")
    return Context(**{**table, "issuing_body": IssuingBody(**body) if body else None})


def spans_of(marked: str) -> tuple[str, list[str]]:
    """The text without its braces, and what stood in them."""
    return re.sub(r"[{}]", "", marked), re.findall(r"\{([^{}]*)\}", marked)


def read(raw: str) -> Reading:
    return as_body(normalise(Text.of(raw).compose().clean))


def spellings(plain: str) -> list[str]:
    broken = re.sub(" ", "\n", plain.replace("\n", "\n\n"))
    return [plain, unicodedata.normalize("NFD", plain), broken]


def examples(kind: str) -> list[Any]:
    found = []
    for name in sorted(EXTRACTORS):
        corpus = load(name)
        for number, entry in enumerate(corpus[kind]):
            texts = entry["text"] if isinstance(entry["text"], list) else [entry["text"]]
            context = {**corpus.get("context", {}), **entry.get("context", {})}
            for text in texts:
                found.append(pytest.param(name, context, entry, text, id=f"{name}-{number}-{text[:40]}"))
    return found


def one_line(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def subset(entry: BaseModel, expected: dict[str, Any]) -> dict[str, Any]:
    dumped = entry.model_dump(mode="json")
    return {key: (one_line(v) if isinstance(v := dumped[key], str) else v) for key in expected}


@pytest.mark.parametrize(("name", "context", "entry", "text"), examples("is"))
def test_is(name: str, context: dict[str, Any], entry: dict[str, Any], text: str) -> None:
    plain, quotes = spans_of(text)
    expected = entry["values"] if "values" in entry else [entry["value"]]
    for raw in spellings(plain):
        found = sorted(EXTRACTORS[name](read(raw), context_of(context)), key=lambda e: e.evidence.start)
        assert [one_line(e.evidence.text) for e in found] == quotes, raw
        for value, wanted in zip(found, expected, strict=True):
            assert subset(value, wanted) == wanted, raw


@pytest.mark.parametrize(("name", "context", "entry", "text"), examples("is_not"))
def test_is_not(name: str, context: dict[str, Any], entry: dict[str, Any], text: str) -> None:
    assert entry["why"]
    for raw in spellings(text):
        assert list(EXTRACTORS[name](read(raw), context_of(context))) == [], raw


@pytest.mark.parametrize("name", sorted(EXTRACTORS))
def test_every_rule_fires(name: str) -> None:
    module = __import__(f"extractors.{name}", fromlist=["RULES"])
    corpus = load(name)
    fired = set()
    for entry in corpus["is"]:
        for text in entry["text"] if isinstance(entry["text"], list) else [entry["text"]]:
            context = context_of({**corpus.get("context", {}), **entry.get("context", {})})
            fired |= {e.rule for e in EXTRACTORS[name](read(spans_of(text)[0]), context)}
    assert fired == set(module.RULES)

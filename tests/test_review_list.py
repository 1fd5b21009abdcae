"""What is worth a look: the view, and the command that prints it."""

from __future__ import annotations

import csv
import io
import json
import shlex
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from models.record import Dispatch, Flag
from pipeline.cli import main
from pipeline.outcome import Outcome
from pipeline.review import as_list
from pipeline.store import access
from pipeline.store.corrections import correct, fields, find_document, spot
from pipeline.store.place import StorePlace, lease
from pipeline.store.publishing import publish
from pipeline.store.review_view import WEIGHTS
from pipeline.store.rows import rows_of
from tests.records import NOW, at, dispatch, loaded
from tests.test_publish import add
from tests.test_store import rows

SURE: tuple[tuple[str, int, float, float | None], ...] = (
    ("number", 0, 0.99, 0.9), ("code", 0, 0.5, None), ("subject", 0, 0.4, None), ("signer.name", 0, 0.95, 0.7),
    ("quantities", 1, 0.98, None), ("quantities.indicator", 1, 0.6, None), ("deadlines", 2, 0.9, None),
    ("deadlines.responsible", 1, 0.3, None), ("references", 1, 0.97, None), ("references.issued_on", 1, 0.96, None),
    ("copies.name", 1, 0.99, None), ("addressees.name", 1, 0.99, None),
)  # fmt: skip


def sure(path: str, *told: tuple[str, int, float, float | None], **said: Any) -> Outcome:
    outcome = loaded(path, path)
    record = json.dumps(json.loads(outcome.reads[0].record) | said, ensure_ascii=False)
    made = rows_of(Dispatch.model_validate_json(record))
    if told:
        made["confidences"] = [list(column) for column in zip(*told, strict=True)]
    return replace(outcome, reads=(replace(outcome.reads[0], rows=made, record=record),))


@pytest.fixture
def place(tmp_path: Path) -> StorePlace:
    return StorePlace(tmp_path / "congvan.duckdb")


def corrected(place: StorePlace, field: str, value: str) -> None:
    with lease(place, "test", NOW):
        with access.writing(place.writer) as con:
            document_id, _ = find_document(con, "/in/a.txt")
            correct(con, document_id, field, value, "đã xem", "Mai", datetime.now(UTC))
        publish(place, NOW)


def test_what_an_error_costs_and_how_likely_it_is_decide(place: StorePlace) -> None:
    add(place, "r1", sure("/in/a.txt", *SURE, flags=[]))
    found = rows(place.published, "SELECT field, entry_no, worth, value FROM review ORDER BY worth DESC, field")
    assert [(field, entry) for field, entry, _, _ in found[:3]] == [
        ("deadlines.responsible", 1), ("subject", 0), ("quantities.indicator", 1),
    ]  # fmt: skip
    worth = {(field, entry): worth for field, entry, worth, _ in found}
    for field, entry, confidence, _ in SURE:
        if field != "code":
            assert worth[field, entry] == pytest.approx(WEIGHTS[field] * (1 - confidence), abs=1e-4)
    assert ("code", 0) not in worth, "number and notation make it"
    record = dispatch("/in/a.txt")
    assert {(f, n): v for f, n, _, v in found}["subject", 0] == record.subject


def test_flags_count_on_their_words_and_where_something_is_missing(place: StorePlace) -> None:
    missing = Flag(code="missing-issuer", message="Nobody is named.", rule="r", evidence=at("Số: 0457/KH-UBND"))
    odd = Flag(code="impossible-date", message="No such day.", rule="r", evidence=at("77/QĐ-UBND"))
    read = sure("/in/a.txt", *SURE, flags=[missing.model_dump(), odd.model_dump()])
    add(place, "r1", read)
    found = {
        (field, entry): (worth, flags, about) for field, entry, worth, flags, about in
        rows(place.published, "SELECT field, entry_no, worth, flags, correct_field FROM review")
    }  # fmt: skip
    assert found["references.issued_on", 1][:2] == (pytest.approx(0.4 * (1 - 0.96 / 2)), ["impossible-date"])
    assert found["references", 1][1] == [], "the flag is about the day"
    assert found["flags", 1] == (0.8, ["missing-issuer"], "issuing_body.name")
    assert found["number", 0][1] == [] and ("flags", 2) not in found


def test_what_a_person_corrected_is_not_shown_again(place: StorePlace) -> None:
    missing = Flag(code="incomplete-date", message="No day.", rule="r", evidence=at("Số: 0457/KH-UBND"))
    add(place, "r1", sure("/in/a.txt", *SURE, flags=[missing.model_dump()]))
    listed = "SELECT field, entry_no FROM review ORDER BY ALL"
    before = rows(place.published, listed)
    corrected(place, "subject", "cái khác")
    corrected(place, "deadlines.1.responsible", "Hạt Kiểm lâm")
    corrected(place, "quantities.1.value", "13")
    corrected(place, "issued_on", "2031-07-30")
    gone = set(before) - set(rows(place.published, listed))
    assert gone == {("subject", 0), ("deadlines.responsible", 1), ("quantities", 1), ("flags", 1)}


def test_every_field_listed_can_be_corrected() -> None:
    known = set(fields())
    for field in WEIGHTS:
        root, _, leaf = field.partition(".")
        if root in ("references", "quantities", "deadlines", "addressees", "copies"):
            own = leaf or {"references": "code", "quantities": "value", "deadlines": "due_on"}[root]
            assert spot(f"{root}.1.{own}").column == own
        else:
            assert field in known


def test_reading_the_same_again_with_another_model_says_what_that_says(place: StorePlace) -> None:
    add(place, "r1", sure("/in/a.txt", ("number", 0, 0.99, None)))
    add(place, "r2", sure("/in/a.txt", ("number", 0, 0.75, None), ("subject", 0, 0.9, None)))
    assert rows(place.writer, "SELECT field, confidence FROM confidences ORDER BY 1") == [
        ("number", 0.75), ("subject", 0.9),
    ]  # fmt: skip
    assert rows(place.writer, "SELECT reading_no FROM documents") == [(1,)]
    assert rows(place.published, "SELECT confidence FROM confidences WHERE field = 'number'") == [(0.75,)]


def test_the_command_shows_words_and_how_to_correct(place: StorePlace, capsys: pytest.CaptureFixture[str]) -> None:
    add(place, "r1", sure("/in/a.txt", *SURE), sure("/in/b.txt", *SURE))
    asked = ["review", "--db", str(place.published), "--limit", "5"]
    assert main(asked) == 0
    shown = capsys.readouterr().out
    assert "1. deadlines.1.responsible: " in shown and "30% sure" in shown and "\n5. " in shown and "\n6. " not in shown
    assert "«" in shown and "/in/a.txt" in shown
    line = next(part.strip() for part in shown.splitlines() if part.strip().startswith("congvan correct"))
    command = shlex.split(line)[1:]
    command[command.index("VALUE")], command[command.index("WORDS")] = "Hạt Kiểm lâm", "đã xem bản giấy"
    assert main(command) == 0
    capsys.readouterr()
    assert main([*asked, "--format", "json"]) == 0
    as_json = json.loads(capsys.readouterr().out)
    assert len(as_json) == 5 and as_json[0]["field"] == "deadlines.1.responsible" and as_json[0]["path"] == "/in/b.txt"
    assert as_json[0]["words"].count("«") == 1
    assert main([*asked, "--format", "csv"]) == 0
    table = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [row["field"] for row in table] == [row["field"] for row in as_json]
    assert table[0]["correct"].startswith("congvan correct ")


def test_nothing_to_look_at_is_said(place: StorePlace, capsys: pytest.CaptureFixture[str]) -> None:
    add(place, "r1", sure("/in/a.txt", flags=[]))
    assert main(["review", "--db", str(place.published)]) == 0
    said = capsys.readouterr()
    assert said.out == "" and "Nothing" in said.err


def test_a_value_of_no_words_is_called_nothing() -> None:
    row = dict.fromkeys(("words", "page", "code", "correct"), None)
    row |= {"field": "deadlines.1.responsible", "value": "", "confidence": 0.4, "flags": [], "path": "/in/a.txt"}
    assert next(as_list([row])) == "1. deadlines.1.responsible: nothing (40% sure)"

"""The views answer the questions: the right rows, each dispatch once, nothing guessed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from models.record import Deadline, IssuingBody, Quantity, Reference, Signature
from pipeline.derived.sketch import sketch
from pipeline.outcome import Outcome, Read
from pipeline.store import access
from pipeline.store.place import StorePlace, lease
from pipeline.store.publishing import publish
from pipeline.store.views import MACROS, VIEWS
from tests.records import NOW, TEXT, at, dispatch, failed
from tests.test_publish import add
from tests.test_store import rows

HERE = at("Hạt Kiểm lâm")
PROVINCE = "Ủy ban nhân dân tỉnh Yên Sương"
OTHER = "Quyết định số 77/QĐ-UBND được gửi kèm. " + "Bến đò ngang Khe Vàng nghỉ khi nước lũ lên cao. " * 3


def body(name: str, level: Any = "province", superior: str | None = None, province: str = "Yên Sương") -> IssuingBody:
    return IssuingBody(name=name, level=level, superior=superior, province=province, source="header")


def paper(name: str, code: str | None = None, when: datetime = NOW, text: str | None = None, **said: Any) -> Outcome:
    """A dispatch in /in/NAME.txt, with nothing in its lists but what is said."""
    path = f"/in/{name}.txt"
    text = text if text is not None else f"{TEXT}{name}\n"
    number, _, notation = code.partition("/") if code else (None, "", "KH-UBND")
    empty: dict[str, Any] = {"references": [], "quantities": [], "deadlines": [], "signatures": [], "flags": []}
    header = {"number": number, "notation": notation, "code": code, "issued_on_source": "header"}
    record = dispatch(path, name, text).model_copy(update={**empty, **header, **said})
    read = Read(path, record.model_dump_json(), text, tuple(sketch(text)))
    return Outcome(path, when, record.source.sha256, len(text), reads=(read,))


def published(folder: Path, *outcomes: Outcome) -> Path:
    place = StorePlace(folder / "congvan.duckdb")
    add(place, "r1", *outcomes)
    return place.published


def seen(place: StorePlace, **moments: datetime) -> None:
    """Publish again as if each file had first been seen at its moment."""
    with lease(place, "test", NOW):
        with access.writing(place.writer) as con:
            for name, moment in moments.items():
                con.execute("UPDATE files SET found_at = $1 WHERE path = $2", [moment, f"/in/{name}.txt"])
        publish(place, NOW)


def cites(code: str | None, issued_on: str | None = None, body: str | None = None, **said: Any) -> Reference:
    return Reference(
        code=code, issued_on=issued_on, issuing_body=body, relation="basis", mentions=[HERE], rule="r", evidence=HERE,
        **said,
    )  # fmt: skip


def limit(due_on: str | None, bound: Any = "by", granularity: Any = "day", **said: Any) -> Deadline:
    return Deadline(
        kind="task", due_on=due_on, bound=bound, granularity=granularity, rule="r", evidence=HERE, **said
    )  # fmt: skip


def test_views_and_macros_are_made_and_say_what_they_are(tmp_path: Path) -> None:
    db = published(tmp_path, paper("a", "1/KH-UBND"))
    for view in VIEWS:
        made = rows(db, f"SELECT column_name, comment FROM duckdb_columns() WHERE table_name = '{view.name}'")
        assert made == list(view.columns), view.name
        assert rows(db, f"SELECT comment FROM duckdb_views() WHERE view_name = '{view.name}'") == [(view.comment,)]
    for macro in MACROS:
        sql = f"SELECT comment FROM duckdb_functions() WHERE function_name = '{macro.name}' AND NOT internal"
        assert rows(db, sql) == [(macro.comment,)]
        given = [row[0] for row in rows(db, f"DESCRIBE SELECT * FROM {macro.name}('2031-01-01')")]
        assert given == [name for name, _ in macro.columns]


def test_the_register_has_the_ten_columns_and_invents_nothing(tmp_path: Path) -> None:
    evening = datetime(2031, 8, 1, 18, 30, tzinfo=UTC)  # past midnight in Vietnam
    place = StorePlace(tmp_path / "congvan.duckdb")
    add(
        place, "r1", paper("a", "07/KH-UBND", urgency="hỏa tốc", issuing_body=body(PROVINCE), issued_on="2031-07-30"),
        paper("b", None, text=OTHER, issued_on=None, issuing_body=None, subject=None, document_type=None),
    )  # fmt: skip
    seen(place, a=evening, b=NOW)
    db = place.published
    register = "SELECT * EXCLUDE (arrived_at, issued_date, path, document_id) FROM register ORDER BY path"
    assert [name for name, *_ in rows(db, f"DESCRIBE {register}")] == [
        "arrived_on", "arrival_number", "issuing_body", "code", "issued_on", "kind_and_subject", "receiver",
        "forwarded_on", "signed_for", "note",
    ]  # fmt: skip
    assert rows(db, register) == [
        (date(2031, 8, 2), None, PROVINCE, "07/KH-UBND", "2031-07-30",
         "Kế hoạch: diễn tập chữa cháy rừng năm 2031", None, None, None, "Hỏa tốc"),
        (date(2031, 8, 1), None, None, None, None, None, None, None, None,
         "không có số; không có ngày tháng; không rõ cơ quan ban hành; không có trích yếu"),
    ]  # fmt: skip
    with duckdb.connect(str(db), read_only=True) as con:
        con.execute("SET TimeZone = 'America/Los_Angeles'")
        assert con.execute("SELECT arrived_on FROM register ORDER BY path").fetchall()[0] == (date(2031, 8, 2),)


@pytest.mark.parametrize(
    ("due_on", "bound", "granularity", "last"),
    [
        ("2031-08-09", "by", "day", "2031-08-09"),
        ("2031-08-09", "before", "day", "2031-08-08"),
        ("2031-08-09", "before", "hour", "2031-08-09"),
        ("2031-08-09", "before", None, "2031-08-08"),
        ("2031-08-31", "within", "month", "2031-08-31"),
        ("2031-08-31", "before", "month", "2031-07-31"),
        ("2031-09-30", "before", "quarter", "2031-06-30"),
        ("2031-12-31", "before", "half-year", "2031-06-30"),
        ("2031-06-30", "before", "half-year", "2030-12-31"),
        ("2031-12-31", "before", "year", "2030-12-31"),
        ("2031-08-09", None, None, "2031-08-09"),
    ],
)
def test_a_time_limit_is_open_on_its_last_day_and_overdue_the_day_after(
    tmp_path: Path, due_on: str, bound: str | None, granularity: str | None, last: str
) -> None:
    db = published(tmp_path, paper("a", "1/KH-UBND", deadlines=[limit(due_on, bound, granularity)]))
    ((found,),) = rows(db, "SELECT last_day FROM dated_deadlines")
    assert found == date.fromisoformat(last)
    assert rows(db, f"SELECT days_left FROM open_deadlines('{last}')") == [(0,)]
    assert rows(db, f"FROM overdue('{last}')") == []
    after = f"DATE '{last}' + 1"
    assert rows(db, f"FROM open_deadlines({after})") == []
    assert rows(db, f"SELECT days_over FROM overdue({after})") == [(1,)]


def test_what_recurs_or_hangs_on_an_event_is_never_overdue(tmp_path: Path) -> None:
    relative = dispatch("").deadlines[1]
    db = published(
        tmp_path,
        paper(
            "a", "1/KH-UBND",
            deadlines=[
                limit("2020-01-31", recurrence="FREQ=MONTHLY"), limit(None, recurrence="FREQ=MONTHLY;INTERVAL=3"),
                limit(None, "before", recurrence="FREQ=YEARLY;BYMONTH=11;BYMONTHDAY=30"),
                limit(None, recurrence="FREQ=MONTHLY;INTERVAL=30"), relative,
            ],
        ),
    )  # fmt: skip
    assert rows(db, "FROM overdue('2040-01-01')") == rows(db, "FROM open_deadlines('2000-01-01')") == []
    every = rows(db, "SELECT every FROM recurring_deadlines ORDER BY deadline_no")
    assert every == [("month",), ("quarter",), ("year",), (None,)]
    assert rows(db, "SELECT relative_amount, relative_anchor FROM undated_deadlines") == [(3, "ngày diễn tập")]


def test_without_a_day_the_questions_mean_today(tmp_path: Path) -> None:
    db = published(tmp_path, paper("a", "1/KH-UBND", deadlines=[limit("2020-01-31"), limit("2199-01-31")]))
    today = "(make_timestamp(epoch_us(now()) + 25200000000)::DATE)"
    for name in ("overdue", "open_deadlines"):
        assert rows(db, f"FROM {name}") == rows(db, f"FROM {name}({today})") != []


def test_a_day_before_the_dispatch_says_so(tmp_path: Path) -> None:
    papers = [
        paper(name, f"{n}/KH-UBND", issued_on=issued_on, deadlines=[limit("2031-12-01")])
        for n, (name, issued_on) in enumerate({"a": "2031-02-01", "b": "2031", "c": None, "d": "2031-07"}.items())
    ]
    db = published(tmp_path, *papers)
    then = rows(db, "SELECT issued_by_then FROM open_deadlines('2031-06-30') ORDER BY path")
    assert then == [(True,), (True,), (None,), (False,)]


def test_targets_are_no_results(tmp_path: Path) -> None:
    def quantity(kind: Any, value: float) -> Quantity:
        return Quantity(kind=kind, value=value, unit="%", period="2032-06", rule="r", evidence=HERE)

    db = published(tmp_path, paper("a", "1/KH-UBND", quantities=[quantity("target", 15), quantity("result", 7)]))
    assert rows(db, "SELECT code, value, unit, period_year, path FROM targets") == [
        ("1/KH-UBND", 15.0, "%", 2032, "/in/a.txt")
    ]


def test_each_paper_counts_once(tmp_path: Path) -> None:
    same: dict[str, Any] = {
        "issued_on": "2031-07-01", "issuing_body": body(PROVINCE), "text": TEXT, "deadlines": [limit("2031-09-01")]
    }  # fmt: skip
    other = replace(paper("c", "6/KH-UBND", **{**same, "issued_on": "2031-07-03"}), path="/in/a.txt")
    place = StorePlace(tmp_path / "congvan.duckdb")
    add(place, "r1", paper("a", "5/KH-UBND", **same), paper("b", "5/KH-UBND", **same))
    seen(place, a=NOW, b=datetime(2031, 7, 2, tzinfo=UTC))
    db = place.published
    assert rows(db, "SELECT count(*) FROM documents") == [(2,)]
    assert rows(db, "SELECT arrived_on, code FROM register") == [(date(2031, 7, 2), "5/KH-UBND")]
    assert rows(db, "SELECT count(*) FROM overdue('2032-01-01')") == [(1,)]
    changed = replace(other, reads=tuple(replace(r, path="/in/a.txt") for r in other.reads))
    add(place, "r2", changed)
    assert rows(db, "SELECT code, path FROM current_documents ORDER BY code") == [
        ("5/KH-UBND", "/in/b.txt"), ("6/KH-UBND", "/in/a.txt")
    ]  # fmt: skip


def test_who_cites_whom_and_what_is_not_held(tmp_path: Path) -> None:
    decree = "81/2029/NĐ-CP"
    held: dict[str, Any] = {"issued_on": "2031-01-05", "issuing_body": body(PROVINCE)}
    db = published(
        tmp_path,
        paper("a", "12/KH-UBND", **held),
        paper("b", "1/TB-UBND", references=[
            cites("12/KH-UBND", "2031-01-05", PROVINCE), cites(decree, "2029-06-01", "Chính phủ", title="quy định"),
            cites("40/KH-UBND", "2030-02-02", "Ủy ban nhân dân tỉnh Khe Vàng"),
        ]),
        paper("c", "2/TB-UBND", references=[
            cites(decree), cites("40/KH-UBND", "2029-02-02", PROVINCE), cites(None, name="Luật Đò ngang"),
        ]),
        paper("d", "3/TB-UBND", references=[cites("40/KH-UBND", "2030-02-02"), cites(None, name="Luật Đò ngang")]),
    )  # fmt: skip
    asked = "SELECT code, cited_code, held, held_path FROM citations WHERE held"
    assert rows(db, asked) == [("1/TB-UBND", "12/KH-UBND", True, "/in/a.txt")]
    assert rows(db, "SELECT count(*) FROM citations") == [(8,)]
    lacking = "SELECT coalesce(cited_code, cited_name), cited_issued_on, cited_issuing_body, cited_by, citing_path"
    assert rows(db, f"{lacking} FROM cited_not_held ORDER BY ALL") == [
        ("40/KH-UBND", "2029-02-02", PROVINCE, 1, "/in/c.txt"),
        ("40/KH-UBND", "2030-02-02", "Ủy ban nhân dân tỉnh Khe Vàng", 2, "/in/b.txt"),
        (decree, "2029-06-01", "Chính phủ", 2, "/in/b.txt"),
        ("Luật Đò ngang", None, None, 2, "/in/c.txt"),
    ]
    assert rows(db, "SELECT code, cited_by FROM cited_documents WHERE held_document_id IS NOT NULL") == [
        ("12/KH-UBND", 1)
    ]


@pytest.mark.parametrize(
    ("one", "other", "differs"),
    [
        (cites("7/QĐ-UBND", "2031-01-05", PROVINCE), cites("7/QĐ-UBND", "2031-05-01", PROVINCE), "day"),
        (cites("7/2030/NĐ-CP", "2030-01-05"), cites("7/2030/NĐ-CP", "2030-05-01"), "day"),
        (cites("7/QĐ-UBND", "2031-01-05", PROVINCE), cites("7/QĐ-UBND", "2031-01-05", "Sở Đò ngang"), "body"),
        (cites("7/QĐ-UBND", "2031-01-05", PROVINCE, title="giao chỉ tiêu"),
         cites("7/QĐ-UBND", "2031-01-05", PROVINCE, title="phê duyệt danh mục"), "title"),
        (cites("7/QĐ-UBND", "2031-01-05", PROVINCE), cites("7/QĐ-UBND", "2030-01-05", PROVINCE), None),
        (cites("7/QĐ-UBND", "2031-01-05", PROVINCE), cites("7/QĐ-UBND", "2031", PROVINCE), None),
        (cites("7/QĐ-UBND", "2031-01-05", PROVINCE), cites("7/QĐ-UBND", "2031-05-01", "Sở Đò ngang"), None),
        (cites("7/QĐ-UBND", "2031-01-05", PROVINCE), cites("7/QĐ-UBND", "2031-01-05", f"Chủ tịch {PROVINCE}"), None),
        (cites("7/QĐ-UBND", "2031-01-05", PROVINCE, title="Giao chỉ tiêu năm 2031"),
         cites("7/QĐ-UBND", "2031-01-05", PROVINCE, title="giao chỉ tiêu, năm 2031 của tỉnh"), None),
        (cites(None, "2031-01-05", name="Luật Đò ngang"), cites(None, "2031-05-05", name="Luật Đò ngang"), None),
    ],
)  # fmt: skip
def test_citations_that_contradict_each_other_stand_together(
    tmp_path: Path, one: Reference, other: Reference, differs: str | None
) -> None:
    db = published(tmp_path, paper("a", "1/TB-UBND", references=[one]), paper("b", "2/TB-UBND", references=[other]))
    found = rows(db, "SELECT conflict_no, differs, path FROM conflicting_citations ORDER BY path")
    assert found == ([(1, differs, "/in/a.txt"), (1, differs, "/in/b.txt")] if differs else [])


def test_holes_in_numbers_are_between_held_ones_of_one_series(tmp_path: Path) -> None:
    office = "Phòng Nội vụ"
    one, two = body(office, "district", "UBND huyện Mù Sương"), body(office, "district", "UBND huyện Khe Vàng")
    letter: dict[str, Any] = {"document_type": "công văn", "document_type_code": None, "issuing_body": body(PROVINCE)}
    db = published(
        tmp_path,
        paper("a", "02/KH-UBND", issuing_body=body(PROVINCE), issued_on="2031-01-05"),
        paper("b", "03/KH-UBND", issuing_body=body(PROVINCE), issued_on="2031-01-06"),
        paper("c", "6b/KH-UBND", issuing_body=body(PROVINCE), issued_on="2031-02"),
        paper("d", "9/KH-UBND", issuing_body=body(PROVINCE), issued_on="2030-12-30"),
        paper("e", "11/QĐ-UBND", issuing_body=body(PROVINCE), issued_on="2031-01-06"),
        paper("f", "5/PNV", issuing_body=one, issued_on="2031-03-01"),
        paper("g", "9/PNV", issuing_body=two, issued_on="2031-03-02"),
        paper("h", "20/UBND-NN", issued_on="2031-03-01", **letter),
        paper("i", "22/UBND-KTN", issued_on="2031-03-02", **letter),
        paper("j", None, issuing_body=body(PROVINCE), issued_on="2031-03-02"),
    )
    asked = "SELECT series, year, first_missing, last_missing, missing, held_in_series, code_before, code_after"
    assert rows(db, f"{asked} FROM numbering_gaps ORDER BY series") == [
        ("KH-UBND", 2031, 4, 5, 2, 3, "03/KH-UBND", "6b/KH-UBND"),
        ("UBND-…", 2031, 21, 21, 1, 2, "20/UBND-NN", "22/UBND-KTN"),
    ]


@pytest.mark.parametrize(
    ("said", "finding"),
    [
        ({"intact": True, "covers_whole_document": True, "trusted": True}, "sound"),
        ({"intact": False, "covers_whole_document": True, "trusted": True}, "altered"),
        ({"intact": True, "covers_whole_document": False, "trusted": True, "modified_after": "text"}, "changed-after"),
        ({"intact": True, "covers_whole_document": False, "trusted": True}, "not-whole"),
        ({"intact": True, "covers_whole_document": True, "trusted": False}, "untrusted"),
        ({"intact": True, "covers_whole_document": True}, "not-all-checked"),
        ({"intact": False}, "altered"),
        ({}, "not-all-checked"),
        ({"kind": "visible"}, "not-checkable"),
    ],
)
def test_the_worst_that_is_known_of_a_signature_is_its_finding(
    tmp_path: Path, said: dict[str, Any], finding: str
) -> None:
    signature = Signature(**{"kind": "cryptographic", "signer": "Trần Thị Mơ", "rule": "r", **said})
    db = published(tmp_path, paper("a", "1/KH-UBND", signatures=[signature]))
    assert rows(db, "SELECT finding, signer, path FROM signature_findings") == [(finding, "Trần Thị Mơ", "/in/a.txt")]


def test_flags_are_counted_by_code(tmp_path: Path) -> None:
    flag = dispatch("").flags[0]
    twice = [flag, flag.model_copy(update={"code": "missing-number"}), flag]
    db = published(
        tmp_path, paper("a", "1/KH-UBND", issued_on="2031-05", flags=[flag]),
        paper("b", "2/KH-UBND", issued_on="2031-04", flags=twice),
    )  # fmt: skip
    assert rows(db, "SELECT flag, times, documents, example_code FROM flags_by_code ORDER BY flag") == [
        ("impossible-date", 3, 2, "2/KH-UBND"), ("missing-number", 1, 1, "2/KH-UBND")
    ]  # fmt: skip
    assert rows(db, "SELECT count(*) FROM flagged_documents WHERE flag = 'impossible-date'") == [(3,)]


def test_what_was_set_aside_stays_until_it_is_read(tmp_path: Path) -> None:
    place = StorePlace(tmp_path / "congvan.duckdb")
    asked = "SELECT path, reason, tries FROM set_aside"
    add(place, "r1", failed("/in/a.txt"), failed("/in/b.txt"))
    add(place, "r2", failed("/in/b.txt", "not-a-pdf", minutes=5))
    assert rows(place.published, asked) == [("/in/a.txt", "empty-file", 1), ("/in/b.txt", "not-a-pdf", 2)]
    add(place, "r3", paper("a", "1/KH-UBND", datetime(2031, 8, 2, tzinfo=UTC)))
    assert rows(place.published, asked) == [("/in/b.txt", "not-a-pdf", 2)]


def test_words_of_a_dispatch_stay_words(tmp_path: Path) -> None:
    hostile = "'); DROP TABLE documents; --\x1b[31m =1+1 | `x`"
    db = published(tmp_path, paper("a", "1/KH-UBND", subject=hostile, deadlines=[limit("2031-09-01", task=hostile)]))
    assert rows(db, "SELECT kind_and_subject FROM register") == [(f"Kế hoạch: {hostile}",)]
    assert rows(db, "SELECT task FROM open_deadlines('2031-01-01')") == [(hostile,)]

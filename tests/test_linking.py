"""Links: citations find the held paper they mean and no other; blank numbers are suggested, clashes are told."""

from __future__ import annotations

from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.record import Dispatch, IssuingBody, Reference, SourceInfo
from pipeline.outcome import Outcome
from pipeline.store import access
from tests.records import at
from tests.shared import shared
from tests.test_families import built, file, notice, outcome

Level = Literal["central", "province", "district", "commune", "other"]
COMMITTEE = "Ủy ban nhân dân tỉnh Gia Lai"
ABOUT = "sửa chữa cầu treo dân sinh trên địa bàn tỉnh"
KINDS = {
    "KH": "kế hoạch", "QĐ": "quyết định", "NĐ": "nghị định", "TB": "thông báo", "HD": "hướng dẫn", "HĐ": "hợp đồng",
}  # fmt: skip
_serial = count()


def paper(
    code: str = "03/KH-UBND", day: str | None = "2031-01-11", body: str | None = COMMITTEE, level: Level = "province",
    province: str | None = "Gia Lai", subject: str | None = ABOUT, name: str = "held",
    cites: tuple[Reference, ...] = (),
) -> Outcome:  # fmt: skip
    """A dispatch with that head and a text of its own; a code that begins with ``/`` or ``-`` has no number."""
    number, notation = code[: (cut := min(code.find(c) for c in "/-" if c in code))], code[cut + 1 :]
    words = " ".join(sha256(f"{name}{next(_serial)} {i}".encode()).hexdigest()[:5] for i in range(80))
    text = "\n".join([code, subject or "", words, *(r.evidence.text for r in cites)])
    record = Dispatch(
        source=SourceInfo(
            path=f"{name}.txt", sha256=sha256(text.encode()).hexdigest(), media_type="text/plain", text_origin="plain"
        ),
        document_type=next((KINDS[p] for p in notation.replace("/", "-").split("-") if p in KINDS), "công văn"),
        number=number or None, notation=notation, code=code if number else None, subject=subject,
        issuing_body=None if body is None else IssuingBody(name=body, level=level, province=province, source="header"),
        issued_on=day, references=[_moved(r, text) for r in cites],
    )  # fmt: skip
    return outcome(f"{name}.txt", record, text)


def _moved(reference: Reference, text: str) -> Reference:
    """The citation where it stands in the text."""
    evidence = at(reference.evidence.text, text)
    return reference.model_copy(update={"evidence": evidence, "mentions": [evidence]})


def cite(
    code: str | None = "03/KH-UBND", day: str | None = "2031-01-11", body: str | None = COMMITTEE,
    title: str | None = None, name: str | None = None, kind: str | None = "kế hoạch",
) -> Reference:  # fmt: skip
    """A citation with those parts."""
    said = f"{kind} số {code or name} ngày {day} của {body} về {title}"
    evidence = at(said, said)
    return Reference(
        document_type=kind, code=code, name=name, issued_on=day, issuing_body=body, title=title, relation="basis",
        evidence=evidence, mentions=[evidence], rule="reference/code",
    )  # fmt: skip


def citing(*references: Reference, province: str | None = "Gia Lai", name: str = "citing") -> Outcome:
    """A dispatch of an office of the province that cites them."""
    level: Level = "province" if province else "central"
    code = f"{977 if name == 'citing' else next(_serial)}/SXD-KTHT"
    return paper(code, "2031-06-02", "Sở Xây dựng", level, province, "rà soát cầu yếu", name, references)


def links(path: Path) -> list[tuple[Any, ...]]:
    """Citing file, citation, file held and why."""
    return asked(
        path, "SELECT c.path, reference_no, h.path, why FROM links l JOIN documents c USING (document_id) "
        "JOIN documents h ON h.document_id = held_document_id ORDER BY ALL",
    )  # fmt: skip


def asked(path: Path, sql: str) -> list[tuple[Any, ...]]:
    with access.reading(path) as con:
        return con.execute(sql).fetchall()


def suggestions(path: Path) -> list[tuple[Any, ...]]:
    return asked(
        path, "SELECT d.path, field, value, f.path, why FROM suggestions s JOIN documents d USING (document_id) "
        "JOIN documents f ON f.document_id = from_document_id ORDER BY ALL",
    )  # fmt: skip


def alarms(path: Path) -> list[tuple[Any, ...]]:
    return asked(
        path, "SELECT kind, d.path, o.path, message FROM alarms a JOIN documents d USING (document_id) "
        "JOIN documents o ON o.document_id = other_document_id ORDER BY alarm_no",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("cited", "why"),
    [
        (cite(), "code day body"),
        (cite(body=None), "code day"),
        (cite(code="3/KH-UBND"), "code day body"),
        (cite(code="003 / KH – UBND"), "code day body"),
        (cite(code="03/KHUBND"), "code day body"),
        (cite(body="Chủ tịch Ủy ban nhân dân tỉnh Gia Lai"), "code day body"),
        (cite(body="Ủy ban nhân dân"), "code day body"),
        (cite(title="Kế hoạch sửa chữa cầu treo dân sinh"), "code day body title"),
        (cite(day="2031"), "code body"),
        (cite(day=None, title="sửa chữa cầu treo dân sinh"), "code body title"),
        # Another day of the year: the number is unique within it, and the clash is told.
        (cite(day="2031-01-12"), "code body"),
        (cite(day="2031-01-12", title="sửa chữa cầu treo"), "code body title"),
        # The body is named otherwise, everything else agrees.
        (cite(body="Sở Xây dựng tỉnh Gia Lai", title="sửa chữa cầu treo dân sinh"), "code day title"),
        (cite(code="03/KH-UBND", body="Ủy ban nhân dân tỉnh Kon Tum"), None),
        (cite(body="Ủy ban nhân dân huyện Chư Păh"), None),
        (cite(day="2030-01-11"), None),
        (cite(day="2030"), None),
        (cite(day=None), None),
        (cite(day=None, body=None, title="sửa chữa cầu treo dân sinh"), None),
        (cite(day="2031-01-12", body=None), None),
        (cite(day="2031-01-12", title="phòng cháy rừng khộp mùa khô"), None),
        (cite(code="30/KH-UBND"), None),
        (cite(code="03/KH-HĐND"), None),
        (cite(code="03/QĐ-UBND", kind="quyết định"), None),
    ],
)
def test_what_a_citation_must_have_in_common(tmp_path: Path, cited: Reference, why: str | None) -> None:
    found = links(built(tmp_path / "x.duckdb", [paper(), citing(cited)]))
    assert found == ([("citing.txt", 1, "held.txt", why.split())] if why else [])


def test_d_for_đ_is_a_misprint_only_where_the_kind_is_the_same(tmp_path: Path) -> None:
    cited = [
        cite("21/QD-UBND", kind="quyết định"), cite("22/HĐ-UBND", kind="hợp đồng"),
        cite("23/HD-UBND", kind="hướng dẫn"),
    ]  # fmt: skip
    held = [
        paper("21/QĐ-UBND", name="a"), paper("22/HD-UBND", name="b"), paper("23/HD-UBND", name="c"),
        paper("23/HĐ-UBND", name="d"),
    ]  # fmt: skip
    found = links(built(tmp_path / "x.duckdb", [*held, citing(*cited)]))
    assert [(n, path) for _, n, path, _ in found] == [(1, "a.txt"), (3, "c.txt")]


def test_the_body_must_decide_between_two_of_one_code_and_day(tmp_path: Path) -> None:
    other = "Ủy ban nhân dân tỉnh Kon Tum"
    held = [paper(name="a"), paper(body=other, province="Kon Tum", name="b")]
    files = [*held, citing(cite(), cite("3/KH-UBND", body=other), province=None)]
    assert [(n, path) for _, n, path, _ in links(built(tmp_path / "x.duckdb", files))] == [(1, "a.txt"), (2, "b.txt")]
    files = [*held, citing(cite(body=None), province=None)]
    assert links(built(tmp_path / "y.duckdb", files)) == []
    # Who cites without naming a body means one of the own province.
    files = [*held, citing(cite(body=None))]
    assert [path for *_, path, _ in links(built(tmp_path / "z.duckdb", files))] == ["a.txt"]


def test_departments_of_two_provinces_are_two_bodies(tmp_path: Path) -> None:
    held = [
        paper("15/TB-SYT", body="Sở Y tế", province=p, name=p) for p in ("Gia Lai", "Kon Tum")
    ]  # fmt: skip
    cited = cite("15/TB-SYT", body="Sở Y tế", kind="thông báo")
    named = cite("15/TB-SYT", body="Sở Y tế tỉnh Kon Tum", kind="thông báo")
    files = [*held, citing(cited, name="c"), citing(named, name="n"), citing(cited, province=None, name="o")]
    found = links(built(tmp_path / "x.duckdb", files))
    assert [(path, held) for path, _, held, _ in found] == [("c.txt", "Gia Lai.txt"), ("n.txt", "Kon Tum.txt")]


def test_a_decree_is_known_by_the_year_in_its_code(tmp_path: Path) -> None:
    decree = paper("41/2029/NĐ-CP", "2029-05-06", "Chính phủ", "central", None, "quản lý cầu treo", "decree")
    local = paper("41/2029/QĐ-UBND", "2029-05-06", name="local")
    cited = [
        cite("41/2029/NĐ-CP", None, None, kind="nghị định"), cite("41/2029/QĐ-UBND", None, None, kind="quyết định"),
    ]  # fmt: skip
    found = links(built(tmp_path / "x.duckdb", [decree, local, citing(*cited)]))
    assert found == [("citing.txt", 1, "decree.txt", ["code"])]


def test_a_law_is_known_by_name_and_year(tmp_path: Path) -> None:
    record = Dispatch.model_validate_json(
        paper("12/2027/QH16", "2027-11-20", "Quốc hội", "central", None, "Đường bộ", "law").reads[0].record
    ).model_copy(update={"document_type": "luật"})
    law = outcome("law.txt", record, "Luật Đường bộ " * 40)
    cited = [
        cite(None, None, None, name=n, kind="luật") for n in ("Luật Đường bộ năm 2027", "Luật Đường bộ năm 2008")
    ]
    found = links(built(tmp_path / "x.duckdb", [law, citing(*cited)]))
    assert found == [("citing.txt", 1, "law.txt", ["title"])]


def test_links_lead_to_the_best_copy_and_never_to_the_paper_itself(tmp_path: Path) -> None:
    text = notice("33")
    begin, first = "Thực hiện kế hoạch", "Thông báo số 33/TB-SXD ngày 05/3/2031 của Sở Xây dựng, thực hiện kế hoạch"
    own = text.replace(begin, f"Tiếp theo {first}")
    citing_text = notice("58", "09").replace(begin, f"Căn cứ {first}")
    files = [file("draft.txt", notice("  ")), file("final.txt", own), file("citing.txt", citing_text)]
    assert links(built(tmp_path / "x.duckdb", files)) == [("citing.txt", 1, "final.txt", ["code", "day", "body"])]


def test_the_plan_with_a_blank_number_is_suggested_what_its_letter_cites(tmp_path: Path) -> None:
    seeds = sorted(shared("seeds").glob("*.txt"))
    files = [file(p.name, p.read_bytes()) for p in seeds]
    path = built(tmp_path / "x.duckdb", files)
    letter, plan = seeds[0].name, seeds[4].name
    agree = ["notation", "day", "body", "title"]
    assert suggestions(path) == [
        (plan, "issued_on", "2024-01-11", letter, agree), (plan, "number", "03", letter, agree),
    ]  # fmt: skip
    ((text, cited),) = asked(
        path, "SELECT DISTINCT s.text, r.code FROM suggestions s JOIN document_references r "
        "ON r.document_id = from_document_id AND r.reference_no = s.reference_no",
    )  # fmt: skip
    assert cited == "03/KH-UBND" and "03/KH-UBND" in text and "11/01/2024" in text
    # The record stays as it was read.
    assert asked(path, f"SELECT number, issued_on FROM documents WHERE path = '{plan}'") == [(None, "2024-01")]
    assert links(path) == [] and alarms(path) == []


BLANK = "/KH-UBND"
FULL = cite(title="Kế hoạch sửa chữa cầu treo dân sinh trên địa bàn")


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ([paper(BLANK, "2031-01"), citing(FULL)], {("number", "03"), ("issued_on", "2031-01-11")}),
        ([paper(BLANK, "2031-01-11"), citing(FULL)], {("number", "03")}),
        ([paper(BLANK, None), citing(FULL)], {("number", "03"), ("issued_on", "2031-01-11")}),
        ([paper("03/KH-UBND", "2031"), citing(FULL)], {("issued_on", "2031-01-11")}),
        ([paper(BLANK, "2031-01"), citing(FULL), citing(FULL, name="second")],
         {("number", "03"), ("issued_on", "2031-01-11")}),
        # Another month, office, kind, matter.
        ([paper(BLANK, "2031-02"), citing(FULL)], set()),
        ([paper(BLANK, "2031-01", "Ủy ban nhân dân tỉnh Kon Tum", province="Kon Tum"), citing(FULL)], set()),
        ([paper("/BC-UBND", "2031-01"), citing(FULL)], set()),
        ([paper(BLANK, "2031-01", subject="phòng, chống dịch tả lợn châu Phi"), citing(FULL)], set()),
        ([paper(BLANK, "2031-01", subject=None), citing(FULL)], set()),
        ([paper(BLANK, None, subject="sửa chữa nhà văn hóa trên địa bàn tỉnh"), citing(FULL)], set()),
        # A year that differs in the title.
        ([paper(BLANK, "2031-01", subject=ABOUT + " năm 2030"), citing(cite(title=ABOUT + " năm 2031"))], set()),
        # Two that it could be; two numbers that it could have; a paper held that has the number.
        ([paper(BLANK, "2031-01"), paper(BLANK, "2031-01", name="twin"), citing(FULL)], set()),
        ([paper(BLANK, "2031-01"), citing(FULL, cite("04/KH-UBND", title=ABOUT))], set()),
        ([paper(BLANK, "2031-01"), paper(name="numbered", subject="thu gom rác"), citing(FULL)], set()),
        # Days that contradict each other.
        ([paper("03/KH-UBND", "2031"), citing(FULL, cite("3/KH-UBND", "2031-01-15", title=ABOUT))], set()),
    ],
)  # fmt: skip
def test_a_suggestion_is_what_can_only_be_it(
    tmp_path: Path, files: list[Outcome], expected: set[tuple[str, str]]
) -> None:
    found = suggestions(built(tmp_path / "x.duckdb", files))
    assert {(field, value) for path, field, value, *_ in found if path == "held.txt"} == expected
    assert {path for path, *_ in found} <= {"held.txt"}


def test_two_papers_with_one_number_in_a_year_raise_an_alarm(tmp_path: Path) -> None:
    files = [
        paper(name="a"), paper(day="2031-03-02", subject="thu gom rác thải nhựa", name="b"),
        paper(day="2030-03-02", name="last year"), paper("03/QĐ-UBND", name="decision"), paper(BLANK, name="blank"),
        paper(body="Ủy ban nhân dân tỉnh Kon Tum", province="Kon Tum", name="c"),
    ]  # fmt: skip
    ((kind, one, other, message),) = alarms(built(tmp_path / "x.duckdb", files))
    assert (kind, one, other) == ("same-code", "a.txt", "b.txt")
    for said in ("03/KH-UBND", COMMITTEE, "2031-01-11", "2031-03-02", "thu gom rác thải nhựa"):
        assert said in message


def test_two_copies_of_one_paper_raise_none(tmp_path: Path) -> None:
    files = [file("a.txt", notice("33")), file("b.txt", "\n" + notice("33")), file("draft.txt", notice("  "))]
    assert alarms(built(tmp_path / "x.duckdb", files)) == []


def test_a_citation_with_another_day_raises_an_alarm(tmp_path: Path) -> None:
    path = built(tmp_path / "x.duckdb", [paper(), citing(cite(day="2031-01-21"))])
    assert alarms(path) == [
        (
            "conflicting-day", "held.txt", "citing.txt",
            "977/SXD-KTHT cites 03/KH-UBND as of 2031-01-21, but the dispatch itself is of 2031-01-11.",
        )
    ]  # fmt: skip


def test_hostile_words_stay_words(tmp_path: Path) -> None:
    subject = "x'); DROP TABLE links; -- {} {0} %s"
    files = [
        paper(subject=subject, name="a"), paper(subject="=1+1", day="2031-02-01", body=COMMITTEE, name="b{}'"),
        citing(cite(title=subject)),
    ]  # fmt: skip
    path = built(tmp_path / "x.duckdb", files)
    ((*_, message),) = alarms(path)
    assert subject in message and "=1+1" in message
    assert [held for *_, held, _ in links(path)] == ["a.txt"]


LINKED = [
    paper(name="a"), paper("05" + BLANK, name="c"),
    paper(BLANK, "2031-02", subject="tiêm phòng dại cho chó mèo", name="d"), paper("19/QĐ-UBND", "2031", name="e"),
    citing(cite(), cite("05/KH-UBND", "2031-01-13"), name="f"),
    paper(day="2031-03-02", subject="thu gom rác", name="b"),
    citing(cite("08/KH-UBND", "2031-02-03", title="tiêm phòng dại cho chó mèo"), name="g"),
    citing(cite("19/QĐ-UBND", "2031-04-05", kind="quyết định"), cite(body=None), name="h"),
]  # fmt: skip


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations(range(len(LINKED))), chosen=st.sets(st.integers(0, len(LINKED) - 1), min_size=5))
def test_the_order_of_files_changes_no_link(tmp_path: Path, order: list[int], chosen: set[int]) -> None:
    said = []
    for name, indices in (("x.duckdb", sorted(chosen)), ("y.duckdb", [i for i in order if i in chosen])):
        path = tmp_path / name
        path.unlink(missing_ok=True)
        built(path, [LINKED[i] for i in indices])
        said.append((links(path), suggestions(path), alarms(path)))
    assert said[0] == said[1]


def test_the_order_is_tried_on_files_that_have_it_all(tmp_path: Path) -> None:
    path = built(tmp_path / "x.duckdb", LINKED)
    assert (len(links(path)), len(suggestions(path)), len(alarms(path))) == (4, 3, 2)

"""Full-text search: what is found whatever its accents, in which order, and the place that proves it."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.derived import search
from pipeline.store.schema import statements
from pipeline.store.tables import TABLES, named

Paper = Mapping[str, str | bool | None]


def database(*papers: Paper, path: str = ":memory:", duplicates: tuple[str, ...] = ()) -> duckdb.DuckDBPyConnection:
    """A database of those papers, named d0, d1, … unless told; what is not told is empty."""
    con = duckdb.connect(path)
    families = "CREATE TABLE families (document_id VARCHAR, is_best BOOLEAN)"
    for statement in (*statements(TABLES), *statements(search.TABLES), families):
        con.execute(statement)
    for number, paper in enumerate(papers):
        name = paper.get("id", f"d{number}")
        con.execute(
            """
            INSERT INTO documents BY NAME SELECT $1 AS document_id, 'giấy/' || $1 AS path, 1 AS version_no,
                $2 AS is_current, 'text/plain' AS media_type, 'plain' AS text_origin, $3 AS code, $4 AS subject,
                $5 AS issued_on, false AS same_as_addressees, 1 AS reading_no, '1' AS program_version, 'r' AS run_id,
                now() AS loaded_at, now() AS valid_from
            """,
            [name, paper.get("current", True), paper.get("code"), paper.get("subject"), paper.get("issued_on")],
        )
        con.execute(f"INSERT INTO document_texts ({named('document_texts')}) VALUES ($1, $2)", [name, paper["text"]])
        con.execute("INSERT INTO families VALUES ($1, $2)", [name, name not in duplicates])
    search.build(con)
    return con


def names(con: duckdb.DuckDBPyConnection, words: str, limit: int = 20) -> list[str]:
    """The dispatches found, best first; each passage is proved."""
    hits = search.search(con, words, limit)
    for hit in hits:
        ((text,),) = con.execute("SELECT text FROM document_texts WHERE document_id = $1", [hit.document_id]).fetchall()
        if hit.passage is not None:
            assert text[hit.start : hit.end] == hit.passage
    return [hit.document_id for hit in hits]


MARKET: Paper = {"text": "Xây dựng chợ đầu mối đạt chuẩn. Đường Đồng Khởi thông xe."}
SCATTERED: Paper = {"text": "Mối quan hệ với chợ: đầu tiên là dân."}


@pytest.mark.parametrize(
    "words",
    ["chợ đầu mối", "cho dau moi", "CHỢ ĐẦU MỐI", "Cho  Đau mỗi", unicodedata.normalize("NFD", "chợ đầu mối"),
     '"cho dau moi"', "“cho dau moi”", '"cho dau moi', "duong dong khoi", "đường", "dat-chuan"],
)  # fmt: skip
def test_accents_and_case_do_not_count_nor_d_from_đ(words: str) -> None:
    assert names(database(MARKET, {"text": "Việc khác."}), words) == ["d0"]


def test_all_words_are_wanted_and_those_in_a_row_rank_first() -> None:
    con = database(SCATTERED, MARKET, {"text": "chợ đầu làng"})
    assert names(con, "cho dau moi") == ["d1", "d0"]
    assert names(con, '"cho dau moi"') == ["d1"]
    assert names(con, '"dau moi" cho') == ["d1"]
    assert names(con, "cho dau moi khongcotunay") == []


def test_words_in_quotes_may_be_parted_by_marks_and_line_ends_only() -> None:
    texts = ["phòng\ncháy", "**phòng** – cháy", "phòng, chống cháy", "cháy phòng", "phòngcháy"]
    assert sorted(names(database(*({"text": t} for t in texts)), '"phong chay"')) == ["d0", "d1"]


def test_a_longer_phrase_is_wanted_whole() -> None:
    con = database({"text": "a b c d e"}, {"text": "a b c, rồi b c d e"}, {"text": "a b a b c d"})
    assert names(con, '"a b c d e"') == ["d0"]
    assert sorted(names(con, '"a b c d"')) == ["d0", "d2"]
    assert names(con, '"b a b"') == ["d2"]


def test_a_number_hangs_together() -> None:
    texts = ["theo Kế hoạch số 31/KH-UBND", "31 hộ; KH; UBND", "theo Kế hoạch số 131/KH-UBND", "31 / KH – UBND"]
    assert sorted(names(database(*({"text": t} for t in texts)), "31/kh-ubnd")) == ["d0", "d3"]
    assert names(database({"text": "vốn 645.451 triệu"}, {"text": "451 hộ, 645 người"}), "645.451") == ["d0"]


def test_code_and_subject_weigh_more_and_rare_words_too() -> None:
    filler = "nội dung khác của văn bản " * 5
    con = database(
        {"text": f"{filler} đê điều {filler}"},
        {"text": f"{filler} đê điều {filler}", "subject": "kiểm tra đê điều"},
        {"text": filler},
    )
    assert names(con, "de dieu") == ["d1", "d0"]
    con = database({"text": "theo số 9/CT-TTg, 9/CT-TTg và 9/CT-TTg"}, {"text": "Số: 9/CT-TTg", "code": "9/CT-TTg"})
    assert names(con, "9/CT-TTg") == ["d1", "d0"]


def test_of_equals_the_newest_comes_first_and_a_limit_holds() -> None:
    con = database(*({"text": "hồ chứa nước", "issued_on": f"2031-0{n}-01"} for n in (3, 7, 5)))
    assert names(con, "ho chua") == ["d1", "d2", "d0"]
    assert names(con, "ho chua", 2) == ["d1", "d2"]


def test_only_current_dispatches_and_the_best_copies_are_found() -> None:
    paper: Paper = {"text": "trồng rừng"}
    assert names(database(paper, {**paper, "current": False}, paper, duplicates=("d2",)), "trong rung") == ["d0"]


def test_the_passage_is_where_the_words_are_together() -> None:
    far = "lời nói đầu " * 300
    con = database({"text": f"rừng {far} gỗ {far} quản lý rừng và gỗ hợp pháp {far}"})
    (hit,) = search.search(con, "go rung")
    assert hit.passage is not None and "rừng và gỗ hợp pháp" in hit.passage and len(hit.passage) < 300
    assert (hit.path, hit.code, hit.subject) == ("giấy/d0", None, None)


def test_a_word_only_a_person_wrote_has_no_passage() -> None:
    (hit,) = search.search(database({"text": "chữ mờ", "subject": "thủy lợi"}), "thuy loi")
    assert (hit.passage, hit.start, hit.end) == (None, None, None)


@pytest.mark.parametrize(
    "before",
    ["🌾🌾 ", "a\u0323\u0302\u0301 ", "İ Ǆ ﬁ ", "\u200b\ufeff•\uf0b7 ", "漢字 \x07\x1b[2J\r\n\t", "ß" * 70 + " "],
)  # fmt: skip
def test_odd_characters_before_it_do_not_shift_the_passage(before: str) -> None:
    con = database({"text": before * 20 + "đập tràn xả lũ"})
    (hit,) = search.search(con, "dap tran")
    assert hit.passage is not None and hit.passage.endswith("đập tràn xả lũ")
    assert names(con, "dap tran") == ["d0"]


@settings(max_examples=200, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
def test_folding_keeps_every_place_and_folding_twice_changes_nothing(text: str) -> None:
    ((once, twice),) = FOLDING.execute("SELECT fold(t), fold(fold(t)) FROM (SELECT $1 AS t)", [text]).fetchall()
    assert len(once) == len(text)
    assert once == twice


FOLDING = database()


@pytest.mark.parametrize(
    "words",
    ["'; DROP TABLE documents; --", '"', '"" chợ', "% _ chợ", "$1 chợ", "chợ\udc80", 'chợ "', "chợ " * 5000,
     '"' + "chợ " * 500 + '"', "((chợ))", "chợ\\", "\tchợ\n"],
)  # fmt: skip
def test_hostile_questions_are_only_words(words: str) -> None:
    con = database(MARKET)
    try:
        search.search(con, words)
    except search.NoWords:
        assert not any(c.isalnum() for c in words)
    assert con.execute("SELECT count(*) FROM documents").fetchall() == [(1,)]


@pytest.mark.parametrize("words", ["", "  ", '"…"', "—"])
def test_a_question_without_a_word_is_told_so(words: str) -> None:
    with pytest.raises(search.NoWords, match="no word to look for"):
        search.search(database(MARKET), words)


def test_hostile_texts_are_only_words() -> None:
    con = database({"text": "x'); DROP TABLE documents; -- \"", "code": "'--", "subject": "=1+1"}, {"text": "…"})
    assert names(con, "drop table") == ["d0"]
    assert con.execute("SELECT count(*) FROM search_documents").fetchall() == [(2,)]


def test_many_shares_find_what_one_does(monkeypatch: pytest.MonkeyPatch) -> None:
    papers: list[Paper] = [{"text": f"công trình {n} {'lớn ' * (n % 7)} tại xã {n % 5}"} for n in range(60)]
    whole = [search.search(database(*papers), words, 100) for words in ("cong trinh", "lon xa", '"tai xa 3"')]
    monkeypatch.setattr(search, "_SHARE", 100)
    shared = [search.search(database(*papers), words, 100) for words in ("cong trinh", "lon xa", '"tai xa 3"')]
    assert whole == shared
    assert [len(hits) for hits in whole] == [60, 51, 12]


def test_analysts_ask_it_in_sql_without_an_extension_read_only(tmp_path: Path) -> None:
    path = str(tmp_path / "x.duckdb")
    database(MARKET, SCATTERED, path=path).close()
    with duckdb.connect(path, read_only=True, config={"enable_external_access": "false"}) as con:
        found = con.execute("SELECT document_id FROM search('cho dau moi dat chuan', most := 1)").fetchall()
        assert found == [("d0",)]
        assert con.execute("SELECT count(*) FROM search('chợ đầu')").fetchall() == [(2,)]
        assert con.execute("SELECT fold('Đường số 5')").fetchall() == [("duong so 5",)]
    with duckdb.connect() as con:
        con.execute(f"ATTACH '{path}' AS store (READ_ONLY)")
        con.execute("USE store")
        assert con.execute("SELECT count(*) FROM search('cho dau')").fetchall() == [(2,)]


def test_columns_are_as_said_and_each_has_a_comment() -> None:
    con = database(MARKET)
    (macro,) = search.MACROS
    described = con.execute("DESCRIBE SELECT * FROM search('cho')").fetchall()
    assert [name for name, *_ in described] == [name for name, _ in macro.columns]
    bare = "SELECT column_name FROM duckdb_columns() WHERE table_name LIKE 'search%' AND comment IS NULL"
    assert con.execute(bare).fetchall() == []
    commented = "SELECT DISTINCT function_name FROM duckdb_functions() WHERE NOT internal AND comment IS NOT NULL"
    assert {name for (name,) in con.execute(commented).fetchall()} == {"fold", "search", "search_terms"}

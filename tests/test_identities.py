"""Who is meant: the labelled table with its accuracy by kind, lives and successors, names taken apart, speed."""

from __future__ import annotations

import subprocess
import sys
import time
import tomllib
import unicodedata
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors import body_identities, place_identities, tables
from extractors.identities import (
    BodyContext,
    Identity,
    context_of,
    identities_of,
    members_of,
    resolve,
    resolve_parts,
)  # fmt: skip
from extractors.identity_tables import central_bodies, identity_words, local_bodies
from models.record import Addressee, Copy, Deadline, Dispatch, Evidence, IssuingBody, Reference, SourceInfo

TABLE: dict[str, Any] = tomllib.loads((Path(__file__).parent / "corpus" / "identities.toml").read_text("utf-8"))
CONTEXTS = {name: BodyContext(**fields) for name, fields in TABLE["contexts"].items()}
HEAP = ("UBND", "các", "tỉnh", "huyện", "Sở", "Y tế", "Đô Lương", ",", ":", "và", "cấp", "TT.", "5", "Chủ tịch")
FLOOR = 0.95
"""Of every kind; what is not found may be missing, what is found may not be wrong."""


def right(row: list[str], found: Identity | None) -> bool:
    if len(row) == 1 or found is None:
        return len(row) == 1 and found is None
    said = (found.name, found.province or "", found.valid_to or "")
    return list(said[: len(row) - 1]) == row[1:]


def rows() -> list[tuple[str, str, list[str]]]:
    return [(block["kind"], block["context"], row) for block in TABLE["names"] for row in block["rows"]]


def test_the_table_is_large_and_of_every_kind() -> None:
    kinds = Counter(kind for kind, _, _ in rows())
    assert sum(kinds.values()) >= 300
    assert min(kinds.values()) >= 12 and len(kinds) == 11
    assert sum(len(row) == 1 for _, _, row in rows()) >= 60, "names that cannot be told"


def test_accuracy_by_kind() -> None:
    total: Counter[str] = Counter()
    hit: Counter[str] = Counter()
    wrong: list[str] = []
    for kind, context, row in rows():
        found = resolve(row[0], CONTEXTS[context])
        total[kind] += 1
        hit[kind] += right(row, found)
        if found is not None and not right(row, found):
            wrong.append(f"{context}: {row[0]} → {found.name}, {found.province}, {found.valid_to}")
    for kind, count in sorted(total.items()):
        print(f"{kind:12} {hit[kind]:4}/{count:<4} {hit[kind] / count:.3f}")
    print(f"{'all':12} {hit.total():4}/{total.total():<4} {hit.total() / total.total():.3f}")
    assert wrong == [], "a wrong identity is worse than none"
    assert all(hit[kind] >= FLOOR * count for kind, count in total.items())


@pytest.mark.parametrize(
    ("context", "row"), [(block["context"], row) for block in TABLE["parts"] for row in block["rows"]]
)
def test_parts(context: str, row: list[str]) -> None:
    assert [found.name for found in resolve_parts(row[0], CONTEXTS[context])] == row[1:]


def one(name: str, context: str) -> Identity:
    found = resolve(name, CONTEXTS[context])
    assert found is not None, name
    return found


def test_three_spellings_in_one_dispatch_are_one() -> None:
    names = ("UBND tỉnh", "Ủy ban nhân dân tỉnh Bắc Giang", "UBND tỉnh BG", "UỶ BAN NHÂN DÂN TỈNH BẮC GIANG")
    assert {one(name, "bac_giang_2024").id for name in names} == {"bắc-giang/ủy-ban-nhân-dân"}


def test_written_in_nfd_it_is_the_same() -> None:
    for _, context, row in rows():
        plain, apart = (resolve(unicodedata.normalize(form, row[0]), CONTEXTS[context]) for form in ("NFC", "NFD"))
        assert plain == apart, row[0]


def test_the_department_of_a_merged_province_is_not_its_successors() -> None:
    before = one("Sở Y tế", "bac_giang_2024")
    neighbour = one("Sở Y tế tỉnh Bắc Ninh", "bac_giang_2024")
    after = one("Sở Y tế tỉnh Bắc Ninh", "bo_tai_chinh_2025")
    assert len({before.id, neighbour.id, after.id}) == 3
    assert before.successors == neighbour.successors == (after.id,)
    assert (after.valid_from, after.valid_to, after.successors) == ("2025-07-01", None, ())


def test_a_province_the_merger_left_alone_is_one() -> None:
    assert one("UBND tỉnh", "nghe_an_2024").id == one("UBND tỉnh", "nghe_an_2025").id == "nghệ-an/ủy-ban-nhân-dân"
    assert one("UBND tỉnh", "lao_cai_2025").id == "lào-cai@2025-07-01/ủy-ban-nhân-dân"


MINISTRIES = [
    ("Bộ Kế hoạch và Đầu tư", ["Bộ Tài chính"]),
    ("Bộ Giao thông vận tải", ["Bộ Xây dựng"]),
    ("Bộ Tài nguyên và Môi trường", ["Bộ Nông nghiệp và Môi trường"]),
    ("Bộ Nông nghiệp và Phát triển nông thôn", ["Bộ Nông nghiệp và Môi trường"]),
    ("Bộ Thủy sản", ["Bộ Nông nghiệp và Môi trường"]),
    ("Bộ Nội vụ", []),
]


@pytest.mark.parametrize(("name", "today"), MINISTRIES)
def test_ministries_have_lives(name: str, today: list[str]) -> None:
    then = one(name, "bo_noi_vu_2024")
    assert then.successors == tuple(one(later, "bo_tai_chinh_2025").id for later in today)
    if today and name != "Bộ Thủy sản":
        assert then.valid_to == "2025-02-28"


def test_a_divided_ministry_has_several_successors() -> None:
    assert len(one("Bộ LĐTBXH", "bo_noi_vu_2024").successors) > 1


def test_a_district_became_communes_and_its_divisions_nothing_known() -> None:
    committee, division = one("UBND huyện", "do_luong_2024"), one("Phòng Nội vụ", "do_luong_2024")
    assert "nghệ-an/xã-đô-lương/ủy-ban-nhân-dân" in committee.successors and len(committee.successors) > 3
    assert division.successors == ()
    assert one("Sở Kế hoạch và Đầu tư", "yen_bai_2024").successors == ("lào-cai@2025-07-01/sở-tài-chính",)


def test_a_name_of_tomorrow_is_nobody_today() -> None:
    assert resolve("Sở Nông nghiệp và Môi trường", CONTEXTS["yen_bai_2024"]) is None
    assert resolve("UBND đặc khu Côn Đảo", CONTEXTS["ha_noi_2022"]) is None


def test_partial_days() -> None:
    context = CONTEXTS["bac_giang_2024"]
    assert {resolve("UBND tỉnh", replace(context, day=day)) for day in ("2024", "2024-05", "2024-05-20")} == {
        one("UBND tỉnh", "bac_giang_2024")
    }
    bac_ninh = CONTEXTS["bac_ninh_undated"]
    assert resolve("UBND tỉnh", replace(bac_ninh, day="2025")) is None, "before or after the merger"
    assert resolve("UBND tỉnh", replace(bac_ninh, day="2025-09")) is not None


def test_groups_say_what_they_range_over() -> None:
    districts = one("UBND các huyện, thị xã, thành phố", "yen_bai_2024")
    assert districts.kind == "nhóm" and districts.ranges_over is not None
    members = members_of(districts, "2024-03-12")
    assert len(members) == 9 and "yên-bái/thị-xã-nghĩa-lộ/ủy-ban-nhân-dân" in members
    assert one("UBND huyện Trấn Yên", "nghia_lo_2023").id in members
    communes = members_of(one("UBND các xã, thị trấn", "do_luong_2024"), "2024-06-04")
    assert len(communes) > 20 and one("UBND xã Bài Sơn", "do_luong_2024").id in communes
    everywhere = one("UBND các tỉnh, thành phố trực thuộc Trung ương", "bo_noi_vu_2024")
    assert [len(members_of(everywhere, day)) for day in ("2024-07-11", "2025-08-05")] == [63, 34]


def test_two_names_in_one_list_are_no_single_body() -> None:
    for name in ("Sở Y tế, Sở Tài chính", "UBND huyện Lục Yên, Yên Bình", "Sở Y tế và Công an tỉnh"):
        assert resolve(name, CONTEXTS["yen_bai_2024"]) is None
        assert len(resolve_parts(name, CONTEXTS["yen_bai_2024"])) == 2


@given(st.text(max_size=80), st.sampled_from(sorted(CONTEXTS)))
def test_any_text_is_survived(text: str, context: str) -> None:
    found = resolve(text, CONTEXTS[context])
    assert found is None or (found.id and found.name)
    resolve_parts(text, CONTEXTS[context])


@given(
    st.lists(st.sampled_from(HEAP), max_size=9),
    st.sampled_from(sorted(CONTEXTS)),
)
def test_any_heap_of_name_words_is_survived(words: list[str], context: str) -> None:
    for found in resolve_parts(" ".join(words), CONTEXTS[context]):
        assert found.valid_from is None or found.valid_to is None or found.valid_from[:4] <= found.valid_to[:4]


def test_tables_lead_somewhere() -> None:
    central = {row.name for row in central_bodies()}
    assert all(name in central for row in central_bodies() for name in row.became.split("|") if name)
    assert all(row.superior in central for row in central_bodies() if row.superior)
    local = {row.name for row in local_bodies()}
    assert all(name in local for row in local_bodies() for name in row.became.split("|") if name)
    assert all(row.source for row in central_bodies()) and all(row.source for row in local_bodies())
    assert all(group.source and group.written for group in identity_words().groups)


def test_ids_are_of_one_unit_each() -> None:
    seen: dict[str, tuple[str, str | None]] = {}
    for unit in place_identities.all_provinces():
        assert seen.setdefault(unit.id, (unit.name, unit.valid_from)) == (unit.name, unit.valid_from)
    today = [u for u in place_identities.all_provinces() if u.valid_to is None]
    assert len({u.id for u in today}) == 34
    kept = [u for u in {u.id: u for u in today}.values() if not place_identities.merged(u)]
    assert len(kept) == 11, "NQ 202/2025/QH15 left 11 units as they were"


def test_every_district_and_province_leads_to_today() -> None:
    for province in place_identities.all_provinces():
        assert place_identities.heirs(province), province.id
    ends = [row for row in tables.districts() if row.valid_to == "2025-06-30"]
    lost = [row.name for row in ends if not row.successor]
    assert len(lost) <= 0.02 * len(ends), lost


def evidence(text: str) -> Evidence:
    return Evidence(start=0, end=len(text), text=text)


def test_the_names_of_a_record() -> None:
    def recipient(name: str) -> Any:
        return {"name": name, "rule": "r", "evidence": evidence(name)}

    dispatch = Dispatch(
        source=SourceInfo(path="x", sha256="0", media_type="text/plain", text_origin="plain"),
        issuing_body=IssuingBody(
            name="Sở Xây dựng", superior="Ủy ban nhân dân tỉnh Lào Cai", level="province", province="Lào Cai",
            source="header",
        ),  # fmt: skip
        place="Lào Cai",
        issued_on="2025-10-06",
        addressees=[Addressee(**recipient("Các Sở: Tài chính, Nội vụ")), Addressee(**recipient("Ông Nguyễn Văn Mẫu"))],
        copies=[Copy(**recipient("Văn phòng UBND tỉnh: LĐVP, TH"))],
        references=[
            Reference(
                issued_on="2024-02-01", issuing_body="Ủy ban nhân dân tỉnh Lào Cai", relation="basis", mentions=[],
                rule="r", evidence=evidence("x"),
            )
        ],  # fmt: skip
        deadlines=[
            Deadline(
                kind="task", responsible=["UBND các xã, phường", "UBND xã Tú Lệ"], rule="r", evidence=evidence("x")
            )
        ],  # fmt: skip
    )
    assert context_of(dispatch).day == "2025-10-06"
    assert [(n.where, n.part_no, n.identity.id) for n in identities_of(dispatch)] == [
        ("issuing_body", 1, "lào-cai@2025-07-01/sở-xây-dựng"),
        ("addressee 1", 1, "lào-cai@2025-07-01/sở-tài-chính"),
        ("addressee 1", 2, "lào-cai@2025-07-01/sở-nội-vụ"),
        ("copy 1", 1, "lào-cai@2025-07-01/văn-phòng-ủy-ban-nhân-dân/lđvp"),
        ("copy 1", 2, "lào-cai@2025-07-01/văn-phòng-ủy-ban-nhân-dân/th"),
        ("reference 1 issuing_body", 1, "lào-cai/ủy-ban-nhân-dân"),
        ("deadline 1 responsible 1", 1, "lào-cai@2025-07-01/ủy-ban-nhân-dân:xã+phường"),
        ("deadline 1 responsible 2", 2, "lào-cai@2025-07-01/xã-tú-lệ/ủy-ban-nhân-dân"),
    ]
    assert {(n.role, n.entry_no) for n in identities_of(dispatch)} == {
        ("issuing_body", 0), ("addressee", 1), ("copy", 1), ("reference", 1), ("deadline", 1)
    }  # fmt: skip


def test_nothing_is_loaded_before_it_is_asked_for() -> None:
    program = (
        "import extractors.identities; from extractors import tables, identity_tables as t; "
        "assert not tables.communes.cache_info().currsize and not tables.districts.cache_info().currsize; "
        "assert not t.local_bodies.cache_info().currsize and not t.central_bodies.cache_info().currsize"
    )
    subprocess.run([sys.executable, "-c", program], check=True, cwd=Path(__file__).parents[1], timeout=60)


def test_twenty_thousand_names_a_second() -> None:
    names = [(row[0], CONTEXTS[context]) for _, context, row in rows()] * 20
    for name, context in names:
        resolve(name, context)
    began = time.perf_counter()
    for name, context in names:
        resolve(name, context)
    assert len(names) / (time.perf_counter() - began) > 20_000


def test_a_seat_names_its_kind_of_unit() -> None:
    assert resolve("Thị ủy Đô Lương", CONTEXTS["do_luong_2024"]) is None, "a huyện has a Huyện ủy"
    assert body_identities.key_of("Tỉnh ủy Yên Bái") == "{ủy} yên bái"

"""The gazetteer: spellings, dates, districts that share a name, places found in running text."""

from __future__ import annotations

import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors import places, tables
from extractors.fold import bare, fold, fold_chars
from extractors.resources import build_places

PROVINCES = [
    # written, on, name, kind
    ("tỉnh Hà Nam", None, "Hà Nam", "tỉnh"),
    ("Hà Nam", "2024", "Hà Nam", "tỉnh"),
    ("HÀ NAM", None, "Hà Nam", "tỉnh"),
    ("TP.HCM", None, "Hồ Chí Minh", "thành phố"),
    ("TP. HCM", None, "Hồ Chí Minh", "thành phố"),
    ("TPHCM", None, "Hồ Chí Minh", "thành phố"),
    ("Tp Hồ Chí Minh", None, "Hồ Chí Minh", "thành phố"),
    ("Thành phố Hồ Chí Minh", "2019-05-02", "Hồ Chí Minh", "thành phố"),
    ("thủ đô Hà Nội", None, "Hà Nội", "thành phố"),
    ("TP.Cần Thơ", None, "Cần Thơ", "thành phố"),
    ("Cần Thơ", "2002-06-01", "Cần Thơ", "tỉnh"),
    ("Thừa Thiên Huế", None, "Thừa Thiên Huế", "tỉnh"),
    ("tỉnh Thừa Thiên - Huế", "2020", "Thừa Thiên Huế", "tỉnh"),
    ("Hà Tây", None, "Hà Tây", "tỉnh"),
    ("Hải Hưng", None, "Hải Hưng", "tỉnh"),
    ("Hoà Bình", None, "Hòa Bình", "tỉnh"),
    ("Đắc Lắc", None, "Đắk Lắk", "tỉnh"),
    ("Đăk Nông", "2015", "Đắk Nông", "tỉnh"),
    ("Bà Rịa-Vũng Tàu", None, "Bà Rịa - Vũng Tàu", "tỉnh"),
    ("Bà Rịa – Vũng Tàu", None, "Bà Rịa - Vũng Tàu", "tỉnh"),
    ("QUANG BINH", None, "Quảng Bình", "tỉnh"),
    ("thành phố Huế", None, "Huế", "thành phố"),
    ("Thành phố Đồng Nai", "2026-09-01", "Đồng Nai", "tỉnh"),
]


@pytest.mark.parametrize(("written", "on", "name", "kind"), PROVINCES)
def test_province(written: str, on: str | None, name: str, kind: str) -> None:
    found = places.province(written, on)
    assert found is not None
    assert (found.name, found.kind, found.level, found.province) == (name, kind, "province", name)


@pytest.mark.parametrize(
    "written",
    ["thành phố Phủ Lý", "thành phố Hòa Bình", "huyện Hà Nam", "xã Cao Bằng", "Atlantis", "", "tỉnh", "thị xã Sơn Tây"],
)
def test_no_province(written: str) -> None:
    assert places.province(written) is None


def test_a_province_has_its_time() -> None:
    old, new = places.province("Phú Thọ", "2025-06-30"), places.province("Phú Thọ", "2025-07-01")
    assert old is not None and new is not None
    assert (old.valid_to, new.valid_from) == ("2025-06-30", "2025-07-01")
    gone = places.province("Vĩnh Phúc", "2025-09-01")
    assert gone is not None and gone.successor == "Phú Thọ" and not gone.held("2025-09-01")
    assert places.province("Huế", "2020") is None


def test_the_merger_left_34_of_63() -> None:
    rows = tables.provinces()
    assert len({r.name for r in rows if r.valid_to == "2025-06-30"}) == 63
    assert len({r.name for r in rows if r.valid_from == "2025-07-01"}) == 34
    names = {r.name for r in rows}
    assert all(s in names for r in rows for s in r.successor.split(";") if s)


def test_district() -> None:
    assert len(places.district("Châu Thành")) >= 9
    assert [d.province for d in places.district("huyện Châu Thành", "Bến Tre")] == ["Bến Tre"]
    assert [d.full for d in places.district("Q.3")] == ["Quận 3"]
    assert [d.kind for d in places.district("huyện Phổ Yên")] == ["huyện"]  # a city since, a huyện in older papers
    assert [d.province for d in places.district("Thường Tín", "Hà Tây")] == ["Hà Nội"]
    assert places.district("tỉnh Nam Định") == []


def test_commune() -> None:
    after = [c for c in places.commune("phường Vị Xuyên", "Nam Định") if c.held("2020")]
    assert [c.district for c in after] == ["Nam Định"]
    assert places.commune("phường Không Có Thật") == []


LOCATED = [
    # place line, mentioned, on, name, province
    ("Nam Định", (), None, "Nam Định", "Nam Định"),
    ("Mù Cang Chải", (), None, "Mù Cang Chải", "Yên Bái"),
    ("Đô Lương,", (), "2023", "Đô Lương", "Nghệ An"),
    ("TP. Vinh", (), None, "Vinh", "Nghệ An"),
    ("TP.Cần Thơ", (), None, "Cần Thơ", "Cần Thơ"),
    ("Châu Thành", ("tỉnh Trà Vinh",), None, "Châu Thành", "Trà Vinh"),
    ("Bảo Lâm", ("Cao Bằng", "Hà Giang"), None, "Bảo Lâm", "Cao Bằng"),
    ("Quận 10", (), None, "10", "Hồ Chí Minh"),
    ("Cao Lãnh", ("huyện Cao Lãnh",), None, "Cao Lãnh", "Đồng Tháp"),
    ("Huế", (), "2018-02-01", "Huế", "Thừa Thiên Huế"),
    ("Huế", (), "2025-03-01", "Huế", "Huế"),
    ("Mù Cang Chải", ("Lào Cai",), "2025-08-11", "Mù Cang Chải", "Lào Cai"),
]


@pytest.mark.parametrize(("line", "mentioned", "on", "name", "province"), LOCATED)
def test_locate(line: str, mentioned: tuple[str, ...], on: str | None, name: str, province: str) -> None:
    found = places.locate(line, mentioned, on)
    assert found is not None and (found.name, found.province) == (name, province)


@pytest.mark.parametrize("line", ["Châu Thành", "Bảo Lâm", "", "Nơi Không Có", "ngày"])
def test_locate_declines(line: str) -> None:
    assert places.locate(line) is None


def test_find_places() -> None:
    text = (
        "Đề nghị UBND các huyện Kim Bôi, Lạc Thủy và Mai Châu; UBND TP. Hòa Bình phối hợp với tỉnh Sơn La, "
        "huyện Châu Thành, tỉnh An Giang, Quận 7 và TỈNH ĐẮK LẮK; các tỉnh còn lại, thành phố Hồ Chí Minh"
    )
    found = [(text[a:b], p.full, p.province) for a, b, p in places.find_places(text)]
    assert found == [
        ("huyện Kim Bôi", "huyện Kim Bôi", "Hòa Bình"),
        ("Lạc Thủy", "huyện Lạc Thủy", "Hòa Bình"),
        ("Mai Châu", "huyện Mai Châu", "Hòa Bình"),
        ("TP. Hòa Bình", "thành phố Hòa Bình", "Hòa Bình"),
        ("tỉnh Sơn La", "tỉnh Sơn La", "Sơn La"),
        ("huyện Châu Thành", "huyện Châu Thành", "An Giang"),
        ("tỉnh An Giang", "tỉnh An Giang", "An Giang"),
        ("Quận 7", "Quận 7", "Hồ Chí Minh"),
        ("TỈNH ĐẮK LẮK", "tỉnh Đắk Lắk", "Đắk Lắk"),
        ("thành phố Hồ Chí Minh", "Thành phố Hồ Chí Minh", "Hồ Chí Minh"),
    ]


def test_find_places_leaves_unknown_and_common_words() -> None:
    assert list(places.find_places("UBND tỉnh, huyện nhà, tỉnh Quy định, huyện Nguyễn Văn Ánh, quận nội thành")) == []
    [(_, _, shared)] = places.find_places("tại huyện Châu Thành cũ")
    assert shared.province is None


def test_tables_are_what_the_builder_writes() -> None:
    mapping, former = build_places.read_mapping(), build_places.read_rows("former_places.csv")
    spellings = build_places.read_rows("place_aliases.csv")
    aliases, official = build_places.aliases_of(spellings), build_places.official_of(spellings)
    built = {
        "provinces.csv": build_places.provinces(mapping, former, aliases),
        "districts.csv": build_places.districts(mapping, former, aliases, official),
        "communes.csv": build_places.communes(mapping, official),
    }
    for name, rows in built.items():
        with (tables.RESOURCES / name).open(encoding="utf-8", newline="") as handle:
            assert [tuple(row) for row in list(csv.reader(handle))[1:]] == sorted(set(rows)), name


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("HOÀ BÌNH", "hòa bình"),
        ("Uỷ ban", "ủy ban"),
        ("thuỷ sản", "thủy sản"),
        ("kế họach", "kế hoạch"),
        ("tòan tỉnh", "toàn tỉnh"),
        ("qúy I", "quý i"),
        ("gía trị", "giá trị"),
        ("quỷ", "quỷ"),
        ("huỳnh", "huỳnh"),
        ("hùynh", "huỳnh"),
        ("khoẻ", "khỏe"),
        ("Đắk – Lắk", "đắk - lắk"),
        ("  a\u00a0 b\n", "a b"),
        ("Ðà Nẵng", "đà nẵng"),
        ("mùa", "mùa"),
        ("quả", "quả"),
        ("nghĩa", "nghĩa"),
    ],
)
def test_fold(written: str, folded: str) -> None:
    assert fold(written) == folded


def test_fold_keeps_what_tells_kinds_apart() -> None:
    assert fold("HĐ") != fold("HD") and bare("HĐ") == bare("HD") == "hd"


@given(st.text(alphabet="aàoòóuùúyýỷqQghHđĐ –-\u00a0İßẤ", max_size=30))
def test_fold_settles(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert len(fold_chars(text)) == len(text)


@given(st.text(alphabet="tỉnhuyệpốQN 1.,-'HàMĐ\n", max_size=80))
def test_find_places_spans(text: str) -> None:
    end = 0
    for start, stop, _ in places.find_places(text):
        assert end <= start < stop <= len(text)
        end = stop

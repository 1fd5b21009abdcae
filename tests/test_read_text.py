"""Plain text: every encoding it comes in gives the same canonical text, and every offset leads back."""

from __future__ import annotations

import hashlib
import re
import time
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import SetAside
from pipeline.files.read_text import Decoded, canonical, read_text
from pipeline.limits import Limits
from pipeline.read import read, read_bytes
from tests.shared import SHARED, shared
from tests.test_legacy import encoded

SEEDS = sorted(SHARED.glob("seeds/*.txt"))
TEXT = (
    "ỦY BAN NHÂN DÂN\nHUYỆN SƠN THỦY\n\nSố: 86/UBND-NN\n\nKính gửi: Các xã, thị trấn.\n\n"
    "1. Rà soát 1.250 ha rừng phòng hộ; báo cáo trước ngày 15/8/2023.\n\tGhi chú: “mẫu số 02”.\n"
)
CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (TEXT.encode("utf-8"), "utf-8"),
        (TEXT.encode("utf-8-sig"), "utf-8"),
        (TEXT.encode("utf-16-le"), "utf-16-le"),
        (TEXT.encode("utf-16-be"), "utf-16-be"),
        (b"\xff\xfe" + TEXT.encode("utf-16-le"), "utf-16-le"),
        (b"\xfe\xff" + TEXT.encode("utf-16-be"), "utf-16-be"),
        (b"\xff\xfe\x00\x00" + TEXT.encode("utf-32-le"), "utf-32-le"),
        (unicodedata.normalize("NFD", TEXT).encode("utf-8"), "utf-8"),
        (TEXT.replace("\n", "\r\n").encode("utf-8"), "utf-8"),
        (TEXT.replace("\n", "\r").encode("utf-8"), "utf-8"),
        (TEXT.replace("\n", "\r\n").encode("utf-16"), "utf-16-le"),
    ],
)
def test_one_text_in_unicode(data: bytes, encoding: str) -> None:
    source = read_text(data, "a.txt", "0")
    assert source.text == TEXT
    assert source.extra["encoding"] == encoding
    assert source.text_origin == "plain" and source.media_type == "text/plain" and source.flags == ()


def in_bytes(text: str, encoding: str) -> bytes:
    surface = encoded(text, encoding)  # type: ignore[arg-type]
    return surface.replace("“", "\x93").replace("”", "\x94").encode("latin-1")


@pytest.mark.parametrize("encoding", ["tcvn3", "vni"])
def test_one_text_in_one_byte_encodings(encoding: str) -> None:
    plain = TEXT.replace("ỦY BAN NHÂN DÂN\nHUYỆN SƠN THỦY", "Ban quản lý rừng")
    source = read_text(in_bytes(plain, encoding), "a.txt", "0")
    assert source.text == plain
    assert source.extra["legacy"] == encoding
    assert source.characters is not None
    at = plain.index("phòng hộ")
    assert source.characters.evidence(at, at + 8).text == encoded("phòng hộ", encoding)  # type: ignore[arg-type]


def test_viscii_and_windows_1258() -> None:
    plain = TEXT.replace("“", '"').replace("”", '"')
    assert read_text(encoded(plain, "viscii").encode("latin-1"), "a.txt", "0").text == plain
    # Windows-1258 has letters with their shape and marks for their tone.
    windows = "".join(_windows_1258(c) for c in TEXT).encode("cp1258")
    source = read_text(windows, "a.txt", "0")
    assert source.text == TEXT and source.extra["encoding"] == "cp1258"


def _windows_1258(character: str) -> str:
    parts = unicodedata.normalize("NFD", character)
    tones = "".join(c for c in parts if c in "\u0300\u0301\u0303\u0309\u0323")
    return unicodedata.normalize("NFC", "".join(c for c in parts if c not in tones)) + tones


@pytest.mark.parametrize("encoding", ["tcvn3", "vni", "mojibake"])
def test_legacy_characters_saved_as_utf8(encoding: str) -> None:
    plain = TEXT.replace("ỦY BAN NHÂN DÂN\nHUYỆN SƠN THỦY", "Ban quản lý rừng")
    source = read_text(encoded(plain, encoding).encode("utf-8"), "a.txt", "0")  # type: ignore[arg-type]
    assert source.text == plain


def test_a_page_break_is_a_line_break_and_controls_go() -> None:
    source = read_text((TEXT + "trang một\f\ftrang hai\x07\n").encode(), "a.txt", "0")
    assert source.text == TEXT + "trang một\ntrang hai\n"
    assert source.pages == () and source.page_count is None
    assert read_text("câu a\u2028câu b\u0085câu c".encode(), "a.txt", "0").text == "câu a\ncâu b\ncâu c"


def test_markdown_is_told_by_its_marks() -> None:
    assert read_text("## Mục tiêu\n**Chỉ tiêu** năm 2022".encode(), "a.txt", "0").media_type == "text/markdown"
    assert read_text("Mục tiêu # 1 * 2 ** 3".encode(), "a.md", "0").media_type == "text/plain"


def test_broken_bytes_are_flagged_not_dropped() -> None:
    data = TEXT.encode("utf-8")
    cut = data.replace("rừng".encode(), "rừng".encode()[:2], 1)
    source = read_text(cut, "a.txt", "0")
    assert "\ufffd" in source.text
    (flag,) = source.flags
    assert flag.code == "undecodable-characters" and flag.evidence is not None
    assert source.text[flag.evidence.start : flag.evidence.end] == "\ufffd" == flag.evidence.text


@pytest.mark.parametrize("path", SEEDS, ids=lambda p: p.stem)
def test_the_seeds(path: Path) -> None:
    raw = path.read_bytes().decode("utf-8")
    (source,) = read(path)
    assert source.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert source.text == unicodedata.normalize("NFC", raw)
    assert unicodedata.is_normalized("NFC", source.text) and not CONTROLS.search(source.text)
    text = source.characters
    assert text is not None and text.raw == raw and text.clean == source.text
    for match in re.finditer(r"\S+", source.text):
        evidence = text.evidence(*match.span())
        assert unicodedata.normalize("NFC", evidence.text) == match.group()
        assert raw[evidence.start : evidence.end] == evidence.text


def test_the_seed_with_two_forms_of_letters_has_both() -> None:
    (source,) = read(shared("seeds", "000_c5a3af7bed1891dc.txt"))
    assert source.characters is not None
    assert len(source.characters.raw) - len(source.text) == 34


@settings(deadline=None)
@given(st.text(alphabet="aơữộđẾ\u0300\u0323\u0306\r\n\f\t\x07\ufeff 1,", max_size=80))
def test_canonical_text_of_anything(raw: str) -> None:
    text = canonical(Decoded(raw, "utf-8"))
    assert unicodedata.is_normalized("NFC", text.clean)
    assert CONTROLS.search(text.clean) is None
    assert canonical(Decoded(text.clean, "utf-8")).clean == text.clean.removeprefix("\ufeff")
    assert re.findall(r"\d", text.clean) == re.findall(r"\d", raw)


def test_ten_megabytes_in_linear_time() -> None:
    def cost(size: int) -> float:
        data = (TEXT * (size // len(TEXT.encode()) + 1)).encode()[:size].rsplit(b"\n", 1)[0]
        best = 9.0
        for _ in range(3):
            start = time.process_time()
            read_text(data, "a.txt", "0")
            best = min(best, time.process_time() - start)
        return best

    one, ten = cost(1_000_000), cost(10_000_000)
    assert ten < 25 * one and ten < 2


def test_limits_of_size(tmp_path: Path) -> None:
    path = tmp_path / "long.txt"
    path.write_bytes(b"a" * 5_001)
    with pytest.raises(SetAside) as problem:
        read(path, Limits(text_bytes=5_000))
    assert problem.value.reason == "too-big" and "long.txt" in problem.value.message
    assert read(path, Limits(text_bytes=5_001))[0].text == "a" * 5_001
    assert read_bytes(b"a" * 11, "b", Limits(file_bytes=10))[1][0][1].reason == "too-big"

"""Files that are empty, cut off, locked, too big or made to harm: one clear sentence each, and the rest is read."""

from __future__ import annotations

import io
import os
import pickle
import random
import socket
import stat
import struct
import time
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import SetAside
from pipeline.files.compound import open_compound
from pipeline.limits import Limits
from pipeline.read import read, read_all, read_bytes
from tests.doc_files import compound_file, para, row, word_file
from tests.shared import shared
from tests.test_read_other import TEXT, archive, dispatch_docx, lines, mail, rtf

RANDOM = random.Random(7)


def refusal(data: bytes, limits: Limits | None = None) -> SetAside:
    """The one reason for which a file is set aside whole."""
    sources, failures = read_bytes(data, "tệp.bin", limits or Limits())
    assert sources == []
    (where, problem) = failures[0]
    assert len(failures) == 1
    assert where in problem.message or "tệp.bin" in problem.message
    assert "\n" not in problem.message and problem.message.endswith(".") and ": " in problem.message
    return problem


def reasons(data: bytes, limits: Limits | None = None) -> list[tuple[str, str]]:
    return [(where, problem.reason) for where, problem in read_bytes(data, "z.zip", limits or Limits())[1]]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty-file"),
        (b" \r\n\t\n\xef\xbb\xbf", "no-text"),
        (b"\xef\xbb\xbf", "no-text"),
        (RANDOM.randbytes(5_000), "binary-not-text"),
        (bytes(5_000), "binary-not-text"),
        (b"abc\x00\x01\x02" * 50, "binary-not-text"),
        ("Größe und Maß für schöne Häuser in Köln".encode("latin-1") * 5, "unknown-encoding"),
        (b"\x1f\x8b\x08" + bytes(40), "unsupported-kind"),
        (b"7z\xbc\xaf\x27\x1c" + bytes(40), "unsupported-kind"),
        (b"MZ\x90\x00" + bytes(400), "unsupported-kind"),
        (b'<?xml version="1.0"?><sach/>', "unsupported-kind"),
        (b"PK\x03\x04" + bytes(100), "damaged-zip"),
        (archive({"[Content_Types].xml": b"", "xl/workbook.xml": b"<a/>"}), "unsupported-kind"),
        (archive({"[Content_Types].xml": b"", "word/document.xml": b"<w:document"}), "damaged-docx"),
        (archive({"[Content_Types].xml": b"", "word/other.xml": b""}), "damaged-docx"),
        (dispatch_docx()[:9_000], "damaged-docx"),
        (archive({"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": b"<a/>"}), "unsupported-kind"),
        (archive({}), "no-text"),
        (archive({"folder/": b"", ".DS_Store": b"x"}), "no-text"),
        (archive({"a.txt": TEXT})[:-30], "damaged-zip"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "damaged-doc"),
        (word_file([para("a")], encrypted=True), "password-needed"),
        (compound_file({"EncryptedPackage": b"x", "EncryptionInfo": b"y"}), "password-needed"),
        (compound_file({"Workbook": b"x"}), "unsupported-kind"),
        (compound_file({"PowerPoint Document": b"x"}), "unsupported-kind"),
        (compound_file({"__properties_version1.0": b"x"}), "unsupported-kind"),
        (compound_file({"WordDocument": b"\xec\xa5"}), "damaged-doc"),
        (b"{\\rtf1 }", "no-text"),
        (b"{\\rtf1" + b"{" * 5_000 + b"a", "damaged-rtf"),
        (b"<html><script>alert(1)</script></html>", "no-text"),
        (mail("Chào anh.", {}).as_bytes(), "no-text"),
    ],
)
def test_set_aside_with_a_reason(data: bytes, reason: str) -> None:
    assert refusal(data).reason == reason


def test_no_files_at_all(tmp_path: Path) -> None:
    for path in (tmp_path / "không có.txt", tmp_path, tmp_path / "x.txt" / "y"):
        with pytest.raises(SetAside) as problem:
            read(path)
        assert problem.value.reason in ("not-a-file", "unreadable-file") and str(path) in problem.value.message


def test_what_is_no_regular_file_is_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "s"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        assert stat.S_ISSOCK(path.stat().st_mode)
        (_, problem) = read_all(path)[1][0]
    assert problem.reason == "not-a-file"
    pipe = tmp_path / "p"
    os.mkfifo(pipe)
    assert read_all(pipe)[1][0][1].reason == "not-a-file"


def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    path = tmp_path / "khóa.txt"
    path.write_bytes(TEXT)
    path.chmod(0)
    if os.geteuid() == 0:
        # Root may read everything: ask from a process that has given that up.
        child = os.fork()
        if child == 0:
            tmp_path.chmod(0o755)
            os.setuid(65534)
            os._exit(0 if _reason_unprivileged(path) in ("no-permission", "not-a-file") else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    else:
        assert _reason_unprivileged(path) == "no-permission"


def _reason_unprivileged(path: Path) -> str:
    failures = read_all(path)[1]
    return failures[0][1].reason if failures else ""


def test_fifty_megabytes_of_one_line(tmp_path: Path) -> None:
    path = tmp_path / "dài.txt"
    with path.open("wb") as handle:
        for _ in range(50):
            handle.write("ấ".encode() * 333_334)
    start = time.monotonic()
    (_, problem) = read_all(path)[1][0]
    assert problem.reason == "too-big" and time.monotonic() - start < 0.5


def test_a_reason_crosses_process_borders() -> None:
    problem = refusal(b"")
    again = pickle.loads(pickle.dumps(problem))
    assert (again.stage, again.reason, again.message) == ("read", problem.reason, problem.message)


def test_a_bomb_is_set_aside_alone() -> None:
    data = archive({"bom.txt": b"0" * 60_000_000, "cv.txt": TEXT})
    sources, failures = read_bytes(data, "z.zip")
    assert [lines(source)[0] for source in sources] == ["UBND TỈNH SƠN HẢI"]
    assert [problem.reason for _, problem in failures] == ["zip-bomb"]


def test_a_bomb_that_lies_about_its_size() -> None:
    data = bytearray(archive({"bom.txt": b"0" * 3_000_000}))
    at = data.index(b"PK\x01\x02")
    struct.pack_into("<I", data, at + 24, 100)
    struct.pack_into("<I", data, 22, 100)
    sources, failures = read_bytes(bytes(data), "z.zip")
    assert sources == [] and [problem.reason for _, problem in failures] == ["damaged-zip"]


def test_what_unpacks_to_too_much_in_all() -> None:
    data = archive({f"{n}.txt": TEXT * 40 for n in range(6)})
    sources, failures = read_bytes(data, "z.zip", Limits(unpacked_bytes=3 * 40 * len(TEXT)))
    assert len(sources) == 3 and {problem.reason for _, problem in failures} == {"zip-bomb"}


def test_a_docx_part_that_unpacks_to_too_much() -> None:
    data = archive({"[Content_Types].xml": b"", "word/document.xml": b"<a>" + b" " * 3_000_000 + b"</a>"})
    assert refusal(data, Limits(text_bytes=1_000_000)).reason == "zip-bomb"


def test_a_docx_that_declares_entities() -> None:
    part = b'<!DOCTYPE a [<!ENTITY x "y"><!ENTITY z SYSTEM "file:///etc/passwd">]><a>&x;&z;</a>'
    assert refusal(archive({"[Content_Types].xml": b"", "word/document.xml": part})).reason == "damaged-docx"


def test_a_docx_of_endless_nesting() -> None:
    w = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    table = "<w:tbl><w:tr><w:tc>" * 3_000 + "<w:p/>" + "</w:tc></w:tr></w:tbl>" * 3_000
    part = f'<w:document xmlns:w="{w}"><w:body>{table}</w:body></w:document>'.encode()
    assert refusal(archive({"[Content_Types].xml": b"", "word/document.xml": part})).reason == "damaged-docx"


def test_too_many_members_and_too_deep() -> None:
    many = archive({f"{n}.txt": b"a" for n in range(30)})
    assert refusal(many, Limits(members=20)).reason == "too-many-members"
    assert refusal(archive({f"{n}": b"" for n in range(700)}), Limits(members=50)).reason == "too-many-members"
    nested = TEXT
    for _ in range(5):
        nested = archive({"a": nested, "b.txt": TEXT})
    sources, failures = read_bytes(nested, "z.zip", Limits(depth=3))
    assert len(sources) == 3 and [problem.reason for _, problem in failures] == ["too-deep"]
    assert failures[0][0] == "z.zip!a!a!a"
    # Members of inner archives count together with those of the outer ones.
    split = archive({f"{n}.zip": archive({f"{m}.txt": TEXT for m in range(8)}) for n in range(3)})
    sources, failures = read_bytes(split, "z.zip", Limits(members=20))
    assert len(sources) == 16 and [problem.reason for _, problem in failures] == ["too-many-members"]


@pytest.mark.parametrize("name", ["../a.txt", "x/../../a.txt", "/etc/a.txt", "C:\\a.txt", "..\\a.txt"])
def test_paths_that_climb_out(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    data = archive({name: TEXT, "trong.txt": TEXT})
    sources, failures = read_bytes(data, "z.zip")
    assert [source.container for source in sources] == ["z.zip!trong.txt"]
    assert [problem.reason for _, problem in failures] == ["unsafe-path"]
    assert list(tmp_path.iterdir()) == []


def test_links_in_archives() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as made:
        link = zipfile.ZipInfo("a.txt")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        made.writestr(link, "/etc/passwd")
    assert reasons(stream.getvalue()) == [("z.zip!a.txt", "unsafe-path")]


def test_an_encrypted_member() -> None:
    data = bytearray(archive({"a.txt": TEXT}))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    assert reasons(bytes(data)) == [("z.zip!a.txt", "password-needed")]
    assert read_bytes(bytes(data), "z.zip", password="sai")[1][0][1].reason in ("password-needed", "damaged-zip")


def test_a_member_packed_in_a_way_that_nobody_reads() -> None:
    data = bytearray(archive({"a.txt": TEXT}))
    for method in (8, data.index(b"PK\x01\x02") + 10):
        data[method : method + 2] = (97).to_bytes(2, "little")
    assert reasons(bytes(data)) == [("z.zip!a.txt", "unsupported-kind")]


def test_a_damaged_member_beside_a_good_one() -> None:
    data = bytearray(archive({"a.txt": TEXT * 3, "b.txt": TEXT}))
    data[50] ^= 0xFF
    sources, failures = read_bytes(bytes(data), "z.zip")
    assert [source.container for source in sources] == ["z.zip!b.txt"]
    assert [problem.reason for _, problem in failures] == ["damaged-zip"]


def test_names_of_files_decide_nothing(tmp_path: Path) -> None:
    for name, data, kind in (
        ("a.pdf", TEXT, "text/plain"),
        ("b.txt", dispatch_docx(), "officedocument"),
        ("c.docx", rtf("a\\par b"), "application/rtf"),
        ("d", word_file([para("a")]), "application/msword"),
        ("e.txt", b"<html><p>a</p></html>", "text/html"),
    ):
        path = tmp_path / name
        path.write_bytes(data)
        (source,) = read(path)
        assert kind in source.media_type and source.path == str(path)


WHOLE = {
    "docx": dispatch_docx(),
    "doc": word_file([*row(["a", "b"], True), para("c\x02")], notes=["d"]),
    "rtf": rtf(r"\trowd\cellx1000\intbl a\cell\row\pard b{\footnote c}\u7871?\par"),
    "html": b"<html><table><tr><td>a<td>b</table><p>c</html>",
    "zip": archive({"a.txt": TEXT, "b.docx": dispatch_docx()}),
    "mail": mail("Chào", {"a.txt": TEXT}).as_bytes(),
    "text": TEXT,
}


@pytest.mark.parametrize("kind", sorted(WHOLE))
def test_files_cut_off_anywhere(kind: str) -> None:
    whole = WHOLE[kind]
    for size in range(0, len(whole), max(1, len(whole) // 150)):
        sources, failures = read_bytes(whole[:size], "cắt")
        assert sources or failures
        assert all(problem.stage == "read" for _, problem in failures)


@pytest.mark.parametrize("kind", sorted(WHOLE))
@settings(deadline=None, max_examples=60)
@given(st.data())
def test_files_with_bytes_changed(kind: str, data: st.DataObject) -> None:
    damaged = bytearray(WHOLE[kind])
    for _ in range(data.draw(st.integers(1, 12))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    sources, failures = read_bytes(bytes(damaged), "hỏng")
    assert sources or failures


def test_the_real_doc_cut_and_damaged() -> None:
    whole = (shared("corpus", "tcvn3_2005_QD_256.doc")).read_bytes()
    assert open_compound(whole).stream("\x01CompObj") is not None
    for size in range(0, len(whole), 4_001):
        read_bytes(whole[:size], "cắt")
    for seed in range(40):
        damaged = bytearray(whole)
        pick = random.Random(seed)
        for _ in range(30):
            damaged[pick.randrange(len(damaged))] = pick.randrange(256)
        sources, failures = read_bytes(bytes(damaged), "hỏng")
        assert sources or failures


@pytest.mark.parametrize(
    "data",
    [
        b"<html>" + b"<div>" * 200_000,
        b"<html>" + b"<table><tr><td>" * 100_000 + b"a",
        b"<html>" + b"<!--" * 200_000,
        b"<html>" + b"<a " * 200_000,
        b"<html>" + b"<p style='" + b"border:" * 100_000 + b"'>a",
        b"<html>" + b"&" * 500_000,
        b"<html>" + b"</p" * 200_000,
        b"<!--" + b"<!-- --> " * 7_000 + b"<html>a",
        b"<html>" + b"<script>" * 50_000 + b"</script" * 50_000,
        b"{\\rtf1 " + b"{\\b a}" * 100_000 + b"}",
        b"{\\rtf1 " + b"\\u7871?" * 100_000 + b"}",
        b"{\\rtf1 " + b"\\trowd\\cellx9\\intbl a\\cell\\row" * 20_000 + b"}",
        b"{\\rtf1 " + b"{\\field{\\*\\fldinst A" * 900 + b"}",
        b"Subject: a\r\n" + b" a\r\n" * 100_000,
        b"From: a\nTo: b\nContent-Type: multipart/mixed; boundary=x\n\n" + b"--x\n\n" * 50_000,
        b"N\xc6\xa1i nh\xe1\xba\xadn:\n" * 50_000,
        "Ã ".encode() * 200_000,
        ("á" + "»" * 9).encode() * 50_000,
    ],
    ids=range(18),
)
def test_files_made_to_take_long(data: bytes) -> None:
    start = time.process_time()
    read_bytes(data, "lâu", Limits())
    assert time.process_time() - start < 8

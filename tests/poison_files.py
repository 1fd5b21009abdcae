"""Files that are cut off, locked, looped, blown up, mislabelled or made to harm, each with the reason it must get."""

from __future__ import annotations

import io
import os
import random
import socket
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pymupdf

from tests.doc_files import compound_file, para, word_file
from tests.pdf_cases import PAPER
from tests.pdf_maker import draw
from tests.poison import MARK
from tests.test_read_other import TEXT, archive, dispatch_docx, mail

_RANDOM = random.Random(11)
_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_ROOT = "<< /Type /Catalog /Pages 2 0 R >>"
_TYPES = {"[Content_Types].xml": b""}


@dataclass(frozen=True)
class Bad:
    """A kind of bad file: how it is made at a path, and the reason that says what is wrong (or two, parted by "|")."""

    name: str
    reason: str
    make: Callable[[Path], object]


def bad_files() -> list[Bad]:
    """Every kind once."""
    return [*_of_bytes(), *_on_disk(), *_harmful()]


HARMS = {
    "spin": "cpu-limit|time-limit",  # whichever a busy machine comes to first
    "backtrack": "cpu-limit|time-limit",
    "sleep 600": "time-limit",
    "deaf": "time-limit",
    "stop": "time-limit",
    "brood of-poison": "time-limit",
    "crash SIGSEGV": "reader-crashed",
    "crash SIGBUS": "reader-crashed",
    "crash SIGKILL": "reader-crashed",
    "null": "reader-crashed",
    "overflow": "reader-crashed",
    "litter": "reader-crashed",
    "exit 3": "reader-crashed",
    "leave 0": "reader-crashed",
    "interrupt": "reader-crashed",
    "allocate": "out-of-memory",
    "allocate-at-once": "out-of-memory",
    "allocate-small": "out-of-memory",
    "recurse": "internal-error",
    "fault": "internal-error",
    "lines": "internal-error",
    "grow": "changed-while-read",
    "rewrite": "changed-while-read",
    "vanish": "not-found",
    "vanish-and-fail": "not-found",
    "become-pipe": "not-a-file",
    # These do no harm to their own file, which is no dispatch, but would to the ones after it.
    "hoard 1000": "no-dispatch",
    "thread": "no-dispatch",
    "leak 250": "no-dispatch",
    "shout": "no-dispatch",
}
"""What a reader does (``tests.poison.harm``), and how that is told."""


def _harmful() -> list[Bad]:
    return [
        Bad(f"harm-{words.replace(' ', '-')}.txt", reason, _writer(f"{MARK}{words}\nkhông có gì\n".encode()))
        for words, reason in HARMS.items()
    ]


def _writer(data: bytes) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(data)


def _on_disk() -> list[Bad]:
    def bind(path: Path) -> None:
        here = os.open(path.parent, os.O_RDONLY)
        try:
            with socket.socket(socket.AF_UNIX) as listener:
                listener.bind(f"/proc/self/fd/{here}/{path.name}")
        finally:
            os.close(here)

    def huge(path: Path) -> None:
        with path.open("wb") as file:
            file.truncate(3 << 30)

    return [
        Bad("socket.pdf", "not-a-file", bind),
        Bad("pipe.txt", "not-a-file", os.mkfifo),
        Bad("device.txt", "not-a-file", lambda path: path.symlink_to("/dev/zero")),
        Bad("dangling.txt", "not-found", lambda path: path.symlink_to("nowhere")),
        Bad("itself.txt", "unreadable-file", lambda path: path.symlink_to(path.name)),
        Bad("sparse.pdf", "too-big", huge),
    ]


def _of_bytes() -> list[Bad]:
    pdf, docx, doc = draw(PAPER).pdf, dispatch_docx(), word_file([para("a")])
    zipped = archive({"a.txt": TEXT})
    made: dict[str, tuple[str, bytes]] = {
        # nothing in it, or not text
        "empty.txt": ("empty-file", b""),
        "spaces.txt": ("no-text", b" \r\n\t\n\xef\xbb\xbf" * 99),
        "random.txt": ("binary-not-text", _RANDOM.randbytes(60_000)),
        "zeros.txt": ("binary-not-text", bytes(60_000)),
        "latin.txt": ("unknown-encoding", "Größe und Maß für schöne Häuser in Köln".encode("latin-1") * 9),
        "line.txt": ("too-big", "ấ".encode() * 11_000_000),
        # text, but no dispatch
        "letter.txt": ("no-dispatch", "Em yêu,\n\nHôm nay trời mưa, nhớ em.\n\nAnh.\n".encode()),
        "list.csv": ("no-dispatch", b"ma;ten;so_luong\n" + b"".join(b"%d;muc %d;12\n" % (n, n) for n in range(3_000))),
        "code.py": ("no-dispatch", Path(__file__).read_bytes()),
        "dots.txt": ("no-text", b"." * 400_000),
        "numbers.txt": ("no-dispatch", "1/2-3.4,5 ngày ".encode() * 40_000),
        # other kinds under names that are read
        "program.pdf": ("unsupported-kind", b"MZ\x90\x00" + bytes(4_000)),
        "elf.docx": ("unsupported-kind", b"\x7fELF" + bytes(4_000)),
        "sevenzip.zip": ("unsupported-kind", b"7z\xbc\xaf\x27\x1c" + _RANDOM.randbytes(900)),
        "gzip.txt": ("unsupported-kind", b"\x1f\x8b\x08" + _RANDOM.randbytes(900)),
        "film.pdf": ("unsupported-kind", b"\x00\x00\x00\x18ftypmp42" + _RANDOM.randbytes(900)),
        "data.html": ("unsupported-kind", b'<?xml version="1.0"?><sach/>'),
        "sheet.docx": ("unsupported-kind", archive({**_TYPES, "xl/workbook.xml": b"<a/>"})),
        "slides.doc": ("unsupported-kind", compound_file({"PowerPoint Document": b"x"})),
        # PDF
        "head.pdf": ("damaged-pdf", b"%PDF-1.7\n"),
        "noise.pdf": ("damaged-pdf", b"%PDF-1.7\n" + _RANDOM.randbytes(40_000)),
        "quarter.pdf": ("no-pages", pdf[: len(pdf) // 4]),
        "locked.pdf": ("password-needed", _encrypted(pdf)),
        "pageless.pdf": ("no-pages", _pdf([_ROOT, "<< /Type /Pages /Kids [] /Count 0 >>"])),
        "family.pdf": ("damaged-pdf", _pdf([_ROOT, "<< /Type /Pages /Kids [2 0 R] /Count 1 /Parent 2 0 R >>"])),
        "chain.pdf": ("no-pages", b"%PDF-1.4\nxref\n0 1\n0000000000 65535 f \ntrailer << /Size 1 /Prev 9 >>\n"
                      b"startxref\n9\n%%EOF"),
        "blank.pdf": ("no-dispatch", _one_page(b"")),
        "itself.pdf": ("no-dispatch", _one_page(b"/X Do", "/XObject << /X 4 0 R >>", form=True)),
        "flood.pdf": ("no-dispatch", _one_page(zlib.compress(b" " * 30_000_000, 9), filters="/Filter /FlateDecode")),
        "pages.pdf": ("too-many-pages", _many_pages(60)),
        "vast.pdf": ("no-dispatch", _vast()),
        # pictures
        "cut.png": ("damaged-picture", png(800, 900)[:400]),
        "vast.png": ("too-big|damaged-picture", png(90_000, 90_000, b"x")),
        "stump.jpg": ("damaged-picture", b"\xff\xd8\xff\xe0" + _RANDOM.randbytes(300)),
        "ring.tiff": ("damaged-picture", b"II*\x00\x08\x00\x00\x00\x00\x00\x08\x00\x00\x00"),
        # Word and web
        "cut.docx": ("damaged-docx", docx[:9_000]),
        "headless.docx": ("damaged-docx", archive({**_TYPES, "word/other.xml": b""})),
        "torn.docx": ("damaged-docx", archive({**_TYPES, "word/document.xml": b"<w:document"})),
        "laughs.docx": ("damaged-docx", archive({**_TYPES, "word/document.xml": _laughs()})),
        "nested.docx": ("damaged-docx", archive({**_TYPES, "word/document.xml": _nested(4_000)})),
        "bomb.docx": ("zip-bomb", archive({**_TYPES, "word/document.xml": b"<a>" + b" " * 90_000_000 + b"</a>"})),
        "cut.doc": ("damaged-doc", doc[: len(doc) // 3]),
        "locked.doc": ("password-needed", word_file([para("a")], encrypted=True)),
        "locked.docx": ("password-needed", compound_file({"EncryptedPackage": b"x", "EncryptionInfo": b"y"})),
        "ring.doc": ("no-dispatch", _ring(doc)),
        "deep.rtf": ("damaged-rtf", b"{\\rtf1" + b"{" * 9_000 + b"a"),
        "bare.rtf": ("no-text", b"{\\rtf1 }"),
        "script.html": ("no-text", b"<html><script>alert(1)</script></html>"),
        "deep.html": ("no-text", b"<html>" + b"<div>" * 200_000),
        # archives and e-mail
        "cut.zip": ("damaged-zip", zipped[:-30]),
        "stub.zip": ("damaged-zip", b"PK\x03\x04" + bytes(90)),
        "bare.zip": ("no-text", archive({})),
        "bomb.zip": ("zip-bomb", archive({"bom.txt": b"0" * 90_000_000})),
        "liar.zip": ("damaged-zip", _liar()),
        "flipped.zip": ("damaged-zip", _flipped(zipped)),
        "locked.zip": ("password-needed", _locked(zipped)),
        "climber.zip": ("unsafe-path", archive({"../../a.txt": TEXT})),
        "link.zip": ("unsafe-path", _link()),
        "crowd.zip": ("too-many-members", archive({f"{n}.txt": b"a" for n in range(1_200)})),
        "matryoshka.zip": ("too-deep", _deep(6)),
        "empty.eml": ("no-text", mail("Chào anh.", {}).as_bytes()),
        "parts.eml": (
            "too-many-members",
            b"From: a\nTo: b\nContent-Type: multipart/mixed; boundary=x\n\n" + b"--x\n\n" * 50_000,
        ),
    }  # fmt: skip
    return [Bad(name, reason, _writer(data)) for name, (reason, data) in made.items()]


def _pdf(objects: list[str | bytes]) -> bytes:
    """A PDF of these objects, the first the catalogue."""
    out = io.BytesIO(b"")
    out.write(b"%PDF-1.7\n")
    places = []
    for number, body in enumerate(objects, start=1):
        places.append(out.tell())
        out.write(b"%d 0 obj\n" % number + (body.encode() if isinstance(body, str) else body) + b"\nendobj\n")
    start = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    out.writelines(b"%010d 00000 n \n" % place for place in places)
    out.write(b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start))
    return out.getvalue()


def _one_page(content: bytes, resources: str = "", filters: str = "", form: bool = False) -> bytes:
    kind = "/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X 4 0 R >> >>" if form else ""
    head = f"<< {kind} {filters} /Length {len(content)} >>\nstream\n".encode()
    return _pdf(
        [
            _ROOT,
            "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << {resources} >> >>",
            head + content + b"\nendstream",
        ]
    )


def _vast() -> bytes:
    """A page the size of a town, with a picture that is said to be larger still."""
    picture = b"/Width 200000 /Height 200000 /ColorSpace /DeviceRGB /BitsPerComponent 8 /Length 3"
    return _pdf(
        [
            _ROOT,
            "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9000000 9000000] /Contents 4 0 R "
            "/Resources << /XObject << /I 5 0 R >> >> >>",
            b"<< /Length 26 >>\nstream\n9000 0 0 9000 0 0 cm /I Do\nendstream",
            b"<< /Type /XObject /Subtype /Image " + picture + b" >>\nstream\nabc\nendstream",
        ]
    )


def _many_pages(number: int) -> bytes:
    with pymupdf.open() as document:
        for _ in range(number):
            document.new_page()
        return bytes(document.tobytes())


def _encrypted(pdf: bytes) -> bytes:
    with pymupdf.open(stream=pdf, filetype="pdf") as document:
        return bytes(document.tobytes(encryption=pymupdf.PDF_ENCRYPT_AES_256, user_pw="mat-khau", owner_pw="chủ"))


def png(width: int, height: int, rows: bytes | None = None) -> bytes:
    """A grey picture; ``rows`` are its compressed rows, noise unless given."""
    if rows is None:
        rows = zlib.compress(b"".join(b"\x00" + _RANDOM.randbytes(width) for _ in range(height)))
    head = _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + _chunk(b"IDAT", rows) + _chunk(b"IEND", b"")


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def _laughs() -> bytes:
    """Entities of entities: a few lines that would unfold to gigabytes."""
    entities = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    return f'<!DOCTYPE a [<!ENTITY a0 "ha">{entities}]><a>&a9;</a>'.encode()


def _nested(depth: int) -> bytes:
    table = "<w:tbl><w:tr><w:tc>" * depth + "<w:p/>" + "</w:tc></w:tr></w:tbl>" * depth
    return f'<w:document xmlns:w="{_W}"><w:body>{table}</w:body></w:document>'.encode()


def _ring(doc: bytes) -> bytes:
    """A compound file whose every chain of sectors leads back to its start."""
    table = struct.unpack_from("<I", doc, 76)[0]
    ring = bytearray(doc)
    at = 512 * (table + 1)
    for sector in range(128):
        struct.pack_into("<I", ring, at + 4 * sector, 0 if sector else 1)
    return bytes(ring)


def _liar() -> bytes:
    """A bomb that says it is small."""
    data = bytearray(archive({"bom.txt": b"0" * 3_000_000}))
    struct.pack_into("<I", data, data.index(b"PK\x01\x02") + 24, 100)
    struct.pack_into("<I", data, 22, 100)
    return bytes(data)


def _flipped(zipped: bytes) -> bytes:
    data = bytearray(zipped)
    data[60] ^= 0xFF
    return bytes(data)


def _locked(zipped: bytes) -> bytes:
    data = bytearray(zipped)
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


def _link() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as made:
        link = zipfile.ZipInfo("a.txt")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        made.writestr(link, "/etc/passwd")
    return stream.getvalue()


def _deep(depth: int) -> bytes:
    data = TEXT
    for _ in range(depth):
        data = archive({"a.zip": data})
    return data

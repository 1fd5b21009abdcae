"""Files that ask for more memory than their reader may take: set aside for that, never read as if they were damaged."""

from __future__ import annotations

import io
import zlib
from pathlib import Path

import pytest

from pipeline.batch import Pool, Settings
from pipeline.errors import is_starved, pass_on_starvation

_MEMORY_MB, _SWOLLEN_MB = 2_000, 1_900
_WORDS = b"BT /F 12 Tf 60 700 Td (Cong van thu nghiem) Tj ET "
_GRID = b" ".join(b"60 %d m 400 %d l S %d 500 m %d 640 l S" % (y, y, y - 440, y - 440) for y in (500, 540, 580, 640))
_FONT = b"/Font << /F << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >>"


def swollen_pdf() -> bytes:
    """A ruled table on a page whose fonts stand at the head of a stream that unpacks to more than the reader's memory.

    MuPDF reads such a stream only as far as it must, pdfminer the whole of it.
    """
    content = _WORDS + _GRID
    squeeze = zlib.compressobj(9)
    head = b"6 0 "
    packed = [squeeze.compress(head + b"<< " + _FONT + b" >>")]
    packed += [squeeze.compress(b" " * (1 << 20)) for _ in range(_SWOLLEN_MB)]
    stream = zlib.compress(b"".join([*packed, squeeze.flush()]), 9)
    bodies = {
        1: b"<< /Type /Catalog /Pages 2 0 R >>",
        2: b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        3: b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources 6 0 R >>",
        4: b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        5: b"<< /Type /ObjStm /N 1 /First %d /Filter [/FlateDecode /FlateDecode] /Length %d >>\nstream\n%s\nendstream"
        % (len(head), len(stream), stream),
    }
    out = io.BytesIO()
    out.write(b"%PDF-1.7\n")
    places: dict[int, int] = {}
    for number, body in bodies.items():
        places[number] = out.tell()
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, body))
    places[7] = start = out.tell()
    rows = [b"\0" * 6]
    for number in range(1, 8):
        kind, where, within = (2, 5, 0) if number == 6 else (1, places[number], 0)
        rows.append(bytes([kind]) + where.to_bytes(4, "big") + bytes([within]))
    table = b"".join(rows)
    out.write(
        b"7 0 obj\n<< /Type /XRef /Size 8 /W [1 4 1] /Root 1 0 R /Length %d >>\nstream\n%s\nendstream\nendobj\n"
        b"startxref\n%d\n%%%%EOF\n" % (len(table), table, start)
    )
    return out.getvalue()


def test_a_parser_that_gets_no_memory_is_no_damage(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(swollen_pdf())
    assert path.stat().st_size < 100_000
    with Pool(Settings(memory_mb=_MEMORY_MB), 1) as pool:
        (outcome,) = pool.run([str(path)])
    assert outcome.failure is not None and outcome.failure.reason == "out-of-memory", outcome.failure


def test_what_lies_behind_an_error_is_looked_at() -> None:
    def wrapped(cause: Exception) -> Exception:
        try:
            try:
                raise cause
            except Exception as error:
                raise ValueError("the parser gave up") from error
        except ValueError as outer:
            return outer

    assert is_starved(wrapped(MemoryError())) and is_starved(wrapped(RuntimeError("malloc (9 bytes) failed")))
    assert not is_starved(wrapped(KeyError("malloc failed"))) and not is_starved(None)
    with pytest.raises(MemoryError):
        pass_on_starvation(wrapped(MemoryError()))
    pass_on_starvation(wrapped(KeyError("/Fields")))

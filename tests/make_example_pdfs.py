"""Makes the PDFs of ``data/raw`` from the texts beside them: ``python -m tests.make_example_pdfs``.

The same text gives the same bytes. The texts keep one order: issuer, motto, number, day, then the body, Nơi nhận, the
signer's lines and name, each after a blank line.
"""

from __future__ import annotations

from pathlib import Path

from tests.pdf_maker import Paper, draw

RAW = Path(__file__).parents[1] / "data" / "raw"
PDFS = {
    "9001-ke-hoach-chua-chay-rung.txt": "ban-in-ke-hoach-chua-chay-rung.pdf",
    "cong-van-so-hoa-thu-vien.txt": "ban-in-cong-van-so-hoa-thu-vien.pdf",
}
"""From which text each is made."""


def paper(text: str) -> Paper:
    """The pieces of one of the texts."""
    blocks = [tuple(block.splitlines()) for block in text.strip().split("\n\n")]
    issuer, motto, number, day = (tuple(line for line in block if line.strip("-")) for block in blocks[:4])
    recipients = next(i for i, block in enumerate(blocks) if block[0] == "Nơi nhận:")
    first, body = blocks[4], [line for block in blocks[5:recipients] for line in block]
    return Paper(
        letterhead=issuer,
        motto=(motto[0], motto[1]),
        number_line=number[0],
        subject=number[1:],
        place_date=day[0],
        title=() if first[0] == "Kính gửi:" else first,
        addressees=first[1:] if first[0] == "Kính gửi:" else (),
        body=tuple(body),
        recipients=blocks[recipients],
        signature=(*blocks[recipients + 1], *blocks[recipients + 2]),
    )


def make(text: str) -> bytes:
    """One of the texts as a PDF."""
    return draw(paper(text)).pdf


def main() -> None:
    """Write every PDF anew."""
    for text, pdf in PDFS.items():
        (RAW / pdf).write_bytes(make((RAW / text).read_text(encoding="utf-8")))


if __name__ == "__main__":
    main()

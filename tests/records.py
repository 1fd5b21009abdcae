"""Records made by hand, for tests of what happens to records after extraction."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

from models.record import (
    Addressee,
    Copy,
    Deadline,
    Dispatch,
    Evidence,
    Flag,
    IssuingBody,
    PageOrigin,
    Quantity,
    Reference,
    RelativeLimit,
    Signature,
    Signer,
    SourceInfo,
)
from pipeline.outcome import Failure, Outcome, Read

TEXT = (
    "Số: 0457/KH-UBND\nKế hoạch diễn tập chữa cháy rừng năm 2031\nKính gửi: Hạt Kiểm lâm.\n"
    "Thực hiện Quyết định số 77/QĐ-UBND ngày 30/02/2031, phấn đấu 12/15 xã có tổ chữa cháy, "
    "báo cáo trước ngày 09/8/2031 và trong 03 ngày làm việc kể từ ngày diễn tập. Quyết định số 77/QĐ-UBND./.\n"
    "Nơi nhận:\n- Như trên;\n- Chi cục Thủy lợi (để p/h);\n- Lưu: VT.\nKT. CHỦ TỊCH\nPHÓ CHỦ TỊCH\nTrần Thị Mơ\n"
)
NOW = datetime(2031, 8, 1, 7, 30, tzinfo=UTC)


def at(words: str, text: str = TEXT, page: int | None = None) -> Evidence:
    """The first place of the words."""
    start = text.index(words)
    bbox = (10.0, 20.5, 100.0, 32.25) if page else None
    return Evidence(start=start, end=start + len(words), text=words, page=page, bbox=bbox)


def dispatch(path: str, salt: str = "", text: str = TEXT) -> Dispatch:
    """A record with something of every kind in it. ``salt`` makes its bytes another file's."""
    sha256 = hashlib.sha256((salt + text).encode()).hexdigest()
    second = text.rindex("Quyết định số 77/QĐ-UBND")
    again = Evidence(start=second, end=second + 24, text=text[second : second + 24])
    return Dispatch(
        source=SourceInfo(
            path=path, sha256=sha256, media_type="text/plain", text_origin="plain", page_count=2,
            pages=[
                PageOrigin(page=1, text_origin="plain", reason="words of the file"),
                PageOrigin(page=2, text_origin="ocr", reason="no text layer"),
            ],
            attachments=["bản đồ.kmz"],
        ),
        document_type="kế hoạch", document_type_code="KH", number="0457", notation="KH-UBND", code="0457/KH-UBND",
        subject="diễn tập chữa cháy rừng năm 2031",
        issuing_body=IssuingBody(
            name="Ủy ban nhân dân huyện Mù Sương", level="district", province="Yên Bái", source="inferred"
        ),
        issued_on="2031-07", issued_on_source="inferred", same_as_addressees=True, archived_at="VT",
        addressees=[Addressee(name="Hạt Kiểm lâm", rule="addressee/line", evidence=at("Hạt Kiểm lâm"))],
        copies=[Copy(name="Chi cục Thủy lợi", purpose="để p/h", rule="copy/line", evidence=at("Chi cục Thủy lợi"))],
        signer=Signer(authority=["TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH"], position="PHÓ CHỦ TỊCH", name="Trần Thị Mơ"),
        references=[
            Reference(
                document_type="quyết định", code="77/QĐ-UBND", issued_on="2031-02-30", relation="implements",
                mentions=[at("Quyết định số 77/QĐ-UBND"), again], rule="reference/code",
                evidence=at("Quyết định số 77/QĐ-UBND"),
            )
        ],
        quantities=[
            Quantity(
                kind="target", value=12, total=15, unit="xã", indicator="xã có tổ chữa cháy", period="2031",
                rule="quantity/ratio", evidence=at("12/15 xã", page=1),
            )
        ],
        deadlines=[
            Deadline(
                kind="task", due_on="2031-08-09", bound="before", granularity="day", task="báo cáo",
                responsible=["Hạt Kiểm lâm"], rule="deadline/before", evidence=at("trước ngày 09/8/2031"),
            ),
            Deadline(
                kind="task", bound="within", granularity="day", task="báo cáo",
                relative=RelativeLimit(amount=3, unit="day", working_days=True, anchor="ngày diễn tập"),
                rule="deadline/relative", evidence=at("trong 03 ngày làm việc kể từ ngày diễn tập"),
            ),
        ],
        signatures=[
            Signature(
                kind="cryptographic", signer="Trần Thị Mơ", role="person", signed_at="2031-07-31T17:02:03+07:00",
                group=1, field="Signature1", intact=True, trusted=None, reason="no folder of certificates",
                rule="signature/field",
            ),
            Signature(kind="visible", signed_at="2031-07-31T17:05:00", rule="signature/stamp"),
        ],
        flags=[
            Flag(
                code="impossible-date", message="30/02/2031 does not exist", rule="review/date",
                evidence=at("30/02/2031"),
            )
        ],
        evidence={"number": at("0457"), "subject": at("diễn tập chữa cháy rừng năm 2031"), "signer": at("Trần Thị Mơ")},
        rules={
            "number": "header/number", "subject": "header/title", "signer": "signer/block", "issued_on": "header/year",
        },
    )  # fmt: skip


def loaded(path: str, salt: str = "", minutes: int = 0, text: str = TEXT) -> Outcome:
    """A plain file that was read well."""
    record = dispatch(path, salt, text)
    return Outcome(
        path, NOW + timedelta(minutes=minutes), record.source.sha256, len(text),
        (Read(path, record.model_dump_json(), text),),
    )  # fmt: skip


def failed(path: str, reason: str = "empty-file", minutes: int = 0, sha256: str | None = None) -> Outcome:
    """A file that was set aside."""
    failure = Failure("read", reason, f"{path} is empty.")
    return Outcome(path, NOW + timedelta(minutes=minutes), sha256, 0, failure=failure)

"""Each dispatch once: what every view counts, and how every list of things said in dispatches begins and ends."""

from __future__ import annotations

from pipeline.store.schema import View

Comments = tuple[tuple[str, str], ...]

# How every list of things said in dispatches begins and ends.
HEAD = "d.code, d.issued_on, d.issuing_body, d.issuing_body_province"
HEAD_COMMENTS: Comments = (
    ("code", "Number and notation of the dispatch that says it; null where the number is blank (số, ký hiệu)"),
    ("issued_on", "Its day of issue, ISO 8601, or the known part: 2024, 2024-09 (ngày ban hành)"),
    ("issuing_body", "Who issued it (cơ quan ban hành)"),
    ("issuing_body_province", "Province of who issued it (tỉnh, thành phố)"),
)
PLACE_COMMENTS: Comments = (
    ("part", "main, annex (phụ lục) or table (bảng): where in the dispatch it stands"),
    ("text", "The words of the dispatch that say it"),
    ("page", "Page it stands on, from 1 (trang); null for files without pages"),
)
TAIL_COMMENTS: Comments = (
    ("path", "The file"),
    ("document_id", "The dispatch; see documents"),
)

CURRENT = View(
    "current_documents",
    "Each dispatch once (văn bản): only those that some file still holds, and of several copies of one paper the best. "
    "Every other view counts these",
    """
    SELECT d.document_id, d.code, d.number, d.notation, d.document_type, d.document_type_code, d.subject,
        d.issued_on, d.issued_date, d.issued_on_source, d.issuing_body, d.issuing_body_superior,
        d.issuing_body_level, d.issuing_body_province, d.issuing_body_source, d.urgency, d.secrecy,
        d.signer_position, d.signer_name, d.path, coalesce(f.family_id, d.document_id) AS family_id
    FROM documents d LEFT JOIN families f USING (document_id)
    WHERE d.is_current AND f.is_best IS DISTINCT FROM false
    """,
    (
        ("document_id", "The dispatch; see documents"),
        ("code", "Number and notation; null where the number is blank (số, ký hiệu)"),
        ("number", "Number as printed, leading zeros kept (số)"),
        ("notation", "The rest of the code: KH-UBND (ký hiệu)"),
        ("document_type", "Kind of dispatch, lower case (tên loại văn bản)"),
        ("document_type_code", "Its abbreviation: KH, QĐ; công văn has none (chữ viết tắt tên loại)"),
        ("subject", "What it is about (trích yếu nội dung)"),
        ("issued_on", "Day of issue, ISO 8601, or the known part (ngày ban hành)"),
        ("issued_date", "The same as a date, where the whole day is known"),
        ("issued_on_source", "How it is known: header, signature or inferred"),
        ("issuing_body", "Who issued it (cơ quan ban hành)"),
        ("issuing_body_superior", "Its superior body, only as printed (cơ quan chủ quản)"),
        ("issuing_body_level", "central, province, district, commune or other (cấp)"),
        ("issuing_body_province", "Its province (tỉnh, thành phố)"),
        ("issuing_body_source", "How it is known: header, signature or inferred"),
        ("urgency", "khẩn, thượng khẩn or hỏa tốc (độ khẩn)"),
        ("secrecy", "mật, tối mật or tuyệt mật (độ mật)"),
        ("signer_position", "Position of who signed (chức vụ)"),
        ("signer_name", "Name of who signed (họ tên người ký)"),
        ("path", "The file"),
        ("family_id", "Shared by the copies of one paper; see families"),
    ),
)

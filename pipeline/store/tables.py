"""The tables of the store, column by column, with the comments analysts read."""

from __future__ import annotations

from pipeline.store.schema import Column, Table, must, quoted

SCHEMA_VERSION = 3

_DOCUMENT = must("document_id", "VARCHAR", "The dispatch this belongs to (văn bản); see documents")
_RULE = Column("rule", "VARCHAR", "Name of the rule that read this value")
_PART = must("part", "VARCHAR", "main, annex (phụ lục) or table (bảng): where in the dispatch it stands")
SPAN = (
    Column("page", "INTEGER", "Page it stands on, from 1 (trang); null for files without pages"),
    Column("start", "INTEGER", "Where it starts: characters from the beginning of document_texts.text, from 0"),
    Column("end", "INTEGER", 'Where it ends, exclusive; quote it ("end") or qualify it (t.end), the word is reserved'),
    Column("text", "VARCHAR", "The words of the dispatch that say it, exactly document_texts.text from start to end"),
    Column("bbox", "DOUBLE[]", "Box on the page: x0, y0, x1, y1 in PDF points from the top left"),
    Column("source_start", "INTEGER", "Start in the file's own decoded characters, where those differ"),
    Column("source_end", "INTEGER", "End in the file's own decoded characters, where those differ"),
)
_PROOF = (_RULE, *SPAN)


def _number(name: str, comment: str) -> Column:
    return must(name, "INTEGER", comment)


_RUNS = Table(
    "runs",
    "One row for each run of congvan ingest (lần chạy)",
    (
        must("run_id", "VARCHAR", "Identifier of the run"),
        must("started_at", "TIMESTAMPTZ", "When it began"),
        Column("finished_at", "TIMESTAMPTZ", "When it ended; null while it runs, or where it was cut off"),
        must("program_version", "VARCHAR", "Version of congvan that ran"),
        must("settings", "JSON", "What it was told: paths, workers, limits"),
        must("outcome", "VARCHAR", "running, finished or failed"),
    ),
    ("run_id",),
    indexed=True,
)
_INPUTS = Table(
    "inputs",
    "One row for each file a run tried, and what came of it; the view set_aside lists what is still unread",
    (
        must("run_id", "VARCHAR", "The run; see runs"),
        must("path", "VARCHAR", "The file or folder as it was found"),
        Column("sha256", "VARCHAR", "SHA-256 of the file's bytes; null where they could not be read"),
        Column("size_bytes", "BIGINT", "Size of the file"),
        must("outcome", "VARCHAR", "loaded, unchanged (held, not read again), set-aside or gone (set aside no more)"),
        Column("documents", "INTEGER", "How many dispatches it gave: several for a ZIP or an e-mail"),
        Column("stage", "VARCHAR", "Where it stopped: find, read, extract or load"),
        Column("reason", "VARCHAR", "Why it was set aside, as a word to count by, e.g. empty-file"),
        Column("message", "VARCHAR", "Why it was set aside, as a sentence"),
        must("tried_at", "TIMESTAMPTZ", "When"),
    ),
    ("run_id", "path"),
    {"run_id": "runs"},
)
_SEEN = Table(
    "seen_files",
    "One row for each file on disk as it was last tried: while all this stays the same, it is not read again (tệp)",
    (
        must("path", "VARCHAR", "The file"),
        must("size_bytes", "BIGINT", "Its size"),
        must("mtime_ns", "BIGINT", "When it was last changed, in nanoseconds since 1970"),
        must("inode", "UBIGINT", "Its number in the file system"),
        must("sha256", "VARCHAR", "SHA-256 of its bytes"),
    ),
    ("path",),
    indexed=True,
)
_DOCUMENTS = Table(
    "documents",
    "One row for each dispatch (văn bản): its header. The same bytes are one dispatch wherever they lie; "
    "a changed file is another, and the older one stays with is_current = false",
    (
        must("document_id", "VARCHAR", "SHA-256 of the bytes of the dispatch"),
        must("path", "VARCHAR", "Where it lies, the earliest of the places where it still does; see files for all"),
        must("version_no", "INTEGER", "Which version of the file at that path it is, from 1 (phiên bản)"),
        must("is_current", "BOOLEAN", "Whether some file still holds these bytes"),
        Column("container", "VARCHAR", "The archive or e-mail it came in, if any"),
        must("media_type", "VARCHAR", "Kind of file, by its contents"),
        Column("page_count", "INTEGER", "Number of pages (số trang); null for files without pages"),
        must("text_origin", "VARCHAR", "plain (text file), born-digital (text in the file) or ocr (from pictures)"),
        Column("document_type", "VARCHAR", "Kind of dispatch, lower case: kế hoạch, công văn, … (tên loại văn bản)"),
        Column("document_type_code", "VARCHAR", "Its abbreviation: KH, QĐ; công văn has none (chữ viết tắt tên loại)"),
        Column("number", "VARCHAR", "Number as printed, leading zeros kept; null where it was left blank (số)"),
        Column("notation", "VARCHAR", "The rest of the code: KH-UBND (ký hiệu)"),
        Column("code", "VARCHAR", "Number and notation together, without spaces: 03/KH-UBND (số, ký hiệu)"),
        Column("subject", "VARCHAR", "What it is about, without V/v or Về việc (trích yếu nội dung)"),
        Column("issuing_body", "VARCHAR", "Body that issued it, spelled out (tên cơ quan ban hành)"),
        Column("issuing_body_superior", "VARCHAR", "Its superior body, only as printed (cơ quan chủ quản)"),
        Column("issuing_body_level", "VARCHAR", "central, province, district, commune or other (cấp)"),
        Column("issuing_body_province", "VARCHAR", "Its province (tỉnh, thành phố)"),
        Column("issuing_body_source", "VARCHAR", "How it is known: header, signature (the TM. line) or inferred"),
        Column("place", "VARCHAR", "Place before the date (địa danh)"),
        Column("issued_on", "VARCHAR", "Day of issue as ISO 8601, or the known part: 2024, 2024-09 (ngày ban hành)"),
        Column("issued_date", "DATE", "The same as a date, where the whole day is known"),
        Column("issued_on_source", "VARCHAR", "How it is known: header, signature or inferred"),
        Column("urgency", "VARCHAR", "khẩn, thượng khẩn or hỏa tốc (độ khẩn)"),
        Column("secrecy", "VARCHAR", "mật, tối mật or tuyệt mật (độ mật)"),
        must("same_as_addressees", "BOOLEAN", "Whether Nơi nhận says Như trên"),
        Column("archived_at", "VARCHAR", "Content of the archive line: VT, NN (lưu)"),
        Column("signer_authority", "VARCHAR", "Lines above the position, one a line: TM. ỦY BAN NHÂN DÂN (quyền hạn)"),
        Column("signer_position", "VARCHAR", "Position of who signed: PHÓ CHỦ TỊCH (chức vụ)"),
        Column("signer_name", "VARCHAR", "Name of who signed (họ tên người ký)"),
        must("reading_no", "INTEGER", "Which reading of these bytes this is, from 1: a newer congvan may read more"),
        Column("corrected_fields", "VARCHAR[]", "Fields that a person corrected (đã đính chính); see corrections"),
        must("program_version", "VARCHAR", "Version of congvan that read it so"),
        Column("knowledge", "VARCHAR", "Digest of the rules and word tables that last read it, and read it so"),
        Column("reading_digest", "VARCHAR", "Digest of all that was read, to tell whether a new reading differs"),
        must("run_id", "VARCHAR", "The run that loaded it; see runs"),
        must("loaded_at", "TIMESTAMPTZ", "When it was loaded"),
        must("valid_from", "TIMESTAMPTZ", "Since when the database says all this of it; see the schema history"),
    ),
    ("document_id",),
    indexed=True,
)
_FILES = Table(
    "files",
    "One row for each version of each file: which dispatch lay where, and since when (tệp)",
    (
        must("path", "VARCHAR", "The file; for a dispatch inside an archive or e-mail its path with the member's"),
        must("version_no", "INTEGER", "1 for the first bytes seen at this path, then 2, …"),
        must("is_current", "BOOLEAN", "Whether these are the latest bytes seen at this path"),
        _DOCUMENT,
        must("file_path", "VARCHAR", "The file on disk: path itself, or the archive or e-mail"),
        must("file_sha256", "VARCHAR", "SHA-256 of the file on disk"),
        must("run_id", "VARCHAR", "The run that first saw it; see runs"),
        must("found_at", "TIMESTAMPTZ", "When it was first seen"),
        Column("ended_at", "TIMESTAMPTZ", "When it was seen to hold other bytes, or its archive to have lost it"),
    ),
    ("path", "version_no"),
    {"document_id": "documents"},
    indexed=True,
)
_TEXTS = Table(
    "document_texts",
    "The canonical text of each dispatch, which every start and end counts in (toàn văn)",
    (_DOCUMENT, must("text", "VARCHAR", "The text, in reading order; what congvan extract --text prints")),
    ("document_id",),
    {"document_id": "documents"},
)
_PAGES = Table(
    "pages",
    "How the text of each page was won (trang)",
    (
        _DOCUMENT,
        _number("page", "Page, from 1"),
        must("text_origin", "VARCHAR", "plain, born-digital or ocr"),
        Column("reason", "VARCHAR", "Why that way"),
    ),
    ("document_id", "page"),
    {"document_id": "documents"},
)
_ATTACHMENTS = Table(
    "attachments",
    "Files attached inside a file, listed and never opened (tệp đính kèm)",
    (
        _DOCUMENT,
        _number("attachment_no", "Place in the list, from 1"),
        must("name", "VARCHAR", "Name of the attachment"),
    ),
    ("document_id", "attachment_no"),
    {"document_id": "documents"},
)
_HEADER_EVIDENCE = Table(
    "header_evidence",
    "For each header value of a dispatch, the rule that read it and the words it stands on (căn cứ của phần đầu)",
    (
        _DOCUMENT,
        must("field", "VARCHAR", "Field of the record: number, subject, issuing_body, …"),
        Column("value", "VARCHAR", "The value, as text"),
        *_PROOF,
    ),
    ("document_id", "field"),
    {"document_id": "documents"},
)
_ADDRESSEES = Table(
    "addressees",
    "Whom the dispatch is addressed to (kính gửi)",
    (
        _DOCUMENT,
        _number("addressee_no", "Place in the list, from 1"),
        must("name", "VARCHAR", "The addressee as written"),
        *_PROOF,
    ),
    ("document_id", "addressee_no"),
    {"document_id": "documents"},
)
_COPIES = Table(
    "copies",
    "Who receives a copy (nơi nhận)",
    (
        _DOCUMENT,
        _number("copy_no", "Place in the list, from 1"),
        must("name", "VARCHAR", "The receiver as written"),
        Column("purpose", "VARCHAR", "What for, as written: để b/c"),
        *_PROOF,
    ),
    ("document_id", "copy_no"),
    {"document_id": "documents"},
)
_REFERENCES = Table(
    "document_references",
    "Other documents named in a dispatch, one row for each distinct code or name (văn bản viện dẫn). It holds the "
    "record's references; that word alone is reserved in SQL",
    (
        _DOCUMENT,
        _number("reference_no", "Place in the list, from 1"),
        Column("document_type", "VARCHAR", "Kind of the document named: quyết định, luật, …"),
        Column("code", "VARCHAR", "Its code, without spaces, hyphens repaired: 27/QĐ-UBND (số, ký hiệu)"),
        Column("name", "VARCHAR", "Its name, where it has no code: Luật Đầu tư công năm 2019"),
        Column("issued_on", "VARCHAR", "Its day as printed, ISO 8601 or the known part; kept even if impossible"),
        Column("issued_date", "DATE", "The same as a date, where the whole day is known and exists"),
        Column("issuing_body", "VARCHAR", "Who issued it, as the text says, spelled out"),
        Column("title", "VARCHAR", "What it is about, as the citation says"),
        must("relation", "VARCHAR", "amends, replaces, repeals, replies_to, basis (căn cứ), implements or cites"),
        _number("mention_count", "How often it is named; see reference_mentions"),
        _PART,
        *_PROOF,
    ),
    ("document_id", "reference_no"),
    {"document_id": "documents"},
)
_MENTIONS = Table(
    "reference_mentions",
    "Each place where a document is named (chỗ viện dẫn)",
    (
        _DOCUMENT,
        _number("reference_no", "The document named; see document_references"),
        _number("mention_no", "First, second, … place, from 1"),
        *SPAN,
    ),
    ("document_id", "reference_no", "mention_no"),
    {"document_id": "documents"},
)
_QUANTITIES = Table(
    "quantities",
    "Targets, results and funding: numbers with a unit (chỉ tiêu, kết quả, nguồn vốn)",
    (
        _DOCUMENT,
        _number("quantity_no", "Place in the list, from 1"),
        must("kind", "VARCHAR", "target (chỉ tiêu), result (kết quả) or funding (kinh phí)"),
        must("value", "DOUBLE", "The number; of a range its lower end, of 13/17 xã the 13"),
        Column("value_max", "DOUBLE", "Upper end of a range"),
        Column("total", "DOUBLE", "The whole: 17 in 13/17 xã"),
        must("unit", "VARCHAR", "Unit as written: xã, %, triệu đồng (đơn vị tính)"),
        must("comparator", "VARCHAR", "=, >= (ít nhất), > (trên), <= (tối đa), < (dưới) or ~ (khoảng)"),
        Column("change", "VARCHAR", "increase (tăng), decrease (giảm); null for a level"),
        Column("indicator", "VARCHAR", "What is counted or measured, as written"),
        Column("scope", "VARCHAR", "Whose number it is: toàn huyện, Ngân sách tỉnh"),
        Column("period", "VARCHAR", "Year or day by or in which it holds, ISO 8601, possibly partial"),
        Column("period_year", "INTEGER", "The year of the period"),
        _PART,
        *_PROOF,
    ),
    ("document_id", "quantity_no"),
    {"document_id": "documents"},
)
_DEADLINES = Table(
    "deadlines",
    "Time limits on what somebody must do or reach (thời hạn)",
    (
        _DOCUMENT,
        _number("deadline_no", "Place in the list, from 1"),
        must("kind", "VARCHAR", "task (việc phải làm) or milestone (mốc phải đạt)"),
        Column("due_on", "DATE", "Day printed, or last day of the period printed; null if none is fixed (hạn)"),
        Column("bound", "VARCHAR", "before (that day is too late), by (it still counts) or within (in the period)"),
        Column("granularity", "VARCHAR", "How exact it was printed: hour, day, month, quarter, half-year or year"),
        Column("recurrence", "VARCHAR", "RFC 5545 rule of what comes again: FREQ=MONTHLY (định kỳ)"),
        Column("relative_amount", "INTEGER", "5 in trong 05 ngày làm việc kể từ ngày nhận được văn bản"),
        Column("relative_unit", "VARCHAR", "hour, day, month or year"),
        Column("relative_working_days", "BOOLEAN", "Whether only working days count (ngày làm việc)"),
        Column("relative_anchor", "VARCHAR", "The event it counts from, as written"),
        Column("task", "VARCHAR", "What is to be done, as written"),
        must("responsible", "VARCHAR[]", "Who must act, as written; empty if nobody is named (cơ quan thực hiện)"),
        Column("submit_to", "VARCHAR", "Who receives the result (gửi, báo cáo, trình)"),
        _PART,
        *_PROOF,
    ),
    ("document_id", "deadline_no"),
    {"document_id": "documents"},
)
_SIGNATURES = Table(
    "signatures",
    "Digital signatures, or their printed stamps (chữ ký số)",
    (
        _DOCUMENT,
        _number("signature_no", "Place in the list, from 1"),
        must("kind", "VARCHAR", "cryptographic (a signature field) or visible (only its printed stamp)"),
        Column("signer", "VARCHAR", "Name in the certificate or the stamp (người ký)"),
        Column("organisation", "VARCHAR", "Organisation in the certificate or the stamp (cơ quan)"),
        Column("role", "VARCHAR", "person or agency"),
        Column("signed_at", "VARCHAR", "When, ISO 8601 with offset as found (thời gian ký)"),
        Column("signed_time", "TIMESTAMPTZ", "The same as a point in time"),
        Column("serial", "VARCHAR", "Serial number of the certificate"),
        Column("issuer_ca", "VARCHAR", "Who issued the certificate"),
        Column("algorithm", "VARCHAR", "Digest and signature algorithm"),
        Column("field", "VARCHAR", "Name of the signature field"),
        Column("signing_group", "INTEGER", "Shared by the fields of one act of signing"),
        Column("intact", "BOOLEAN", "Whether the signed bytes are unchanged; null if it could not be told"),
        Column("covers_whole_document", "BOOLEAN", "Whether nothing follows the signed bytes"),
        Column("modified_after", "VARCHAR", "What was changed after signing"),
        Column("trusted", "BOOLEAN", "Whether the certificate leads to a trusted one; null without a folder of those"),
        Column("reason", "VARCHAR", "Why a verdict is as it is, or could not be told"),
        *_PROOF,
    ),
    ("document_id", "signature_no"),
    {"document_id": "documents"},
)
_FLAGS = Table(
    "flags",
    "What a careful archivist would question (điểm cần xem lại)",
    (
        _DOCUMENT,
        _number("flag_no", "Place in the list, from 1"),
        must("code", "VARCHAR", "Kind of doubt, e.g. missing-number, impossible-date"),
        must("message", "VARCHAR", "The doubt in a sentence"),
        *_PROOF,
    ),
    ("document_id", "flag_no"),
    {"document_id": "documents"},
)
_SKETCHES = Table(
    "document_sketches",
    "For each dispatch numbers that are alike where texts are alike; families are found by them",
    (_DOCUMENT, must("sketch", "UBIGINT[]", "MinHash of the folded text")),
    ("document_id",),
    {"document_id": "documents"},
)
_IDENTITIES = Table(
    "body_identities",
    "Which body a name in a dispatch means, as of the day of the dispatch (cơ quan, tổ chức); names that could mean "
    "several have no row",
    (
        _DOCUMENT,
        must("role", "VARCHAR", "issuing_body, addressee, copy, reference or deadline: what the body is there"),
        _number("entry_no", "Place in that list, from 1; 0 for the issuing body"),
        _number("part_no", "One name may mean several bodies: the first, second, … of the entry, from 1"),
        must("name", "VARCHAR", "The name as the record has it"),
        must("identity_id", "VARCHAR", "The body, the same in every dispatch: bắc-giang/sở-y-tế"),
        must("canonical_name", "VARCHAR", "Its full name on that day (tên đầy đủ)"),
        must("kind", "VARCHAR", "What kind of body it is; nhóm for a group such as the districts of a province"),
        Column("level", "VARCHAR", "central, province, district, commune or other (cấp)"),
        Column("province", "VARCHAR", "Its province on that day (tỉnh, thành phố)"),
        Column("exists_from", "VARCHAR", "Since when it has been, ISO 8601 or the known part; null if not known"),
        Column("exists_until", "VARCHAR", "Last day it was, or the known part; null while it is, or if not known"),
        Column("successors", "VARCHAR[]", "identity_id of what it has become today (cơ quan kế thừa)"),
    ),
    ("document_id", "role", "entry_no", "part_no"),
    {"document_id": "documents"},
)
_CONFIDENCES = Table(
    "confidences",
    "How sure each value is (độ tin cậy): the share of such values that were right where they were tried; "
    "docs/accuracy.md shows how true it is. The record itself does not hold it",
    (
        _DOCUMENT,
        must("field", "VARCHAR", "Field as in the record, without numbers: number, issuing_body.name, "
              "quantities.indicator; a list alone (quantities) is the entry itself (trường)"),
        _number("entry_no", "Place in that list, from 1; 0 for a field of the head"),
        must("confidence", "DOUBLE", "How sure, 0 to 1 (độ tin cậy)"),
        Column("ocr_confidence", "DOUBLE", "The least sure of its words as OCR had it; null for text in the file"),
    ),
    ("document_id", "field", "entry_no"),
    {"document_id": "documents"},
)  # fmt: skip
_CORRECTIONS = Table(
    "corrections",
    "What people corrected (đính chính): it wins over every reading, now and later",
    (
        must("correction_no", "INTEGER", "In the order they were made, from 1"),
        _DOCUMENT,
        must("field", "VARCHAR", "Field as in the record: number, issuing_body.name, or deadlines.2.due_on"),
        Column("value", "VARCHAR", "The right value, as text; null where there is none"),
        Column("old_value", "VARCHAR", "What stood there when it was corrected"),
        Column("anchor_start", "INTEGER", "Where the entry starts in the text: a later reading may number it anew"),
        Column("anchor_end", "INTEGER", "Where it ends, exclusive"),
        must("why", "VARCHAR", "Why, in the words of who did it"),
        must("who", "VARCHAR", "Who corrected it"),
        must("made_at", "TIMESTAMPTZ", "When"),
        Column("withdrawn_at", "TIMESTAMPTZ", "When it was taken back; null while it counts"),
    ),
    ("correction_no",),
    {"document_id": "documents"},
)
_SCHEMA = Table(
    "schema_version",
    "Which shape this database has; the highest version counts",
    (
        must("version", "INTEGER", "Version of the shape"),
        must("applied_at", "TIMESTAMPTZ", "When it was given this shape"),
        must("program_version", "VARCHAR", "Version of congvan that gave it"),
    ),
    ("version",),
    indexed=True,
)

TABLES = (
    _SCHEMA, _RUNS, _INPUTS, _SEEN, _DOCUMENTS, _FILES, _TEXTS, _PAGES, _ATTACHMENTS, _HEADER_EVIDENCE, _ADDRESSEES,
    _COPIES, _REFERENCES, _MENTIONS, _QUANTITIES, _DEADLINES, _SIGNATURES, _FLAGS, _SKETCHES, _IDENTITIES,
    _CONFIDENCES, _CORRECTIONS,
)  # fmt: skip

RECORD_TABLES = tuple(
    t for t in TABLES if t.foreign.get("document_id") == "documents" and t.name not in ("files", "corrections")
)
"""The tables that hold what one dispatch says."""

CORRECTED_LISTS = {
    "addressees": _ADDRESSEES, "copies": _COPIES, "references": _REFERENCES, "quantities": _QUANTITIES,
    "deadlines": _DEADLINES,
}  # fmt: skip
"""The lists of a record whose entries can be corrected, by their name in it."""

_ENDED = (
    must("valid_from", "TIMESTAMPTZ", "Since when the database said so"),
    must("valid_to", "TIMESTAMPTZ", "Until when, exclusive"),
)


def _former(table: Table) -> Table:
    own = tuple(c for c in table.columns if c.name != "valid_from")
    comment = f"What {table.name} said before a newer reading or a correction (lịch sử)"
    return Table(f"history.{table.name}", comment, own + _ENDED, (*table.key, "valid_from"))


HISTORY = tuple(_former(t) for t in (_DOCUMENTS, *RECORD_TABLES))
"""For each table that a newer reading or a correction changes: what it said before."""


def named(table: str) -> str:
    """The columns of one of :data:`TABLES`, to be listed in SQL: migrated databases may have them in another order."""
    return ", ".join(quoted(c.name) for t in TABLES if t.name == table for c in t.columns)

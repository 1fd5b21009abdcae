"""The questions that analysts ask, as views and table macros over current dispatches, the best copy of each."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.derived import cited
from pipeline.store.current import CURRENT, HEAD, HEAD_COMMENTS, PLACE_COMMENTS, TAIL_COMMENTS, Comments
from pipeline.store.review_view import REVIEW
from pipeline.store.schema import View, literal, quoted
from pipeline.store.schema import statements as _made
from pipeline.store.tables import CORRECTED_LISTS


@dataclass(frozen=True, slots=True)
class Macro:
    """One table macro, asked like ``FROM overdue('2024-11-01')``: its parameters and columns with their comments."""

    name: str
    comment: str
    parameters: Comments
    query: str
    columns: Comments


# Vietnam has had one time zone without summer time since 1975, and DuckDB's zones need an extension: hours will do.
def _vietnamese_day(moment: str) -> str:
    return f"make_timestamp(epoch_us({moment}) + 25200000000)::DATE"


_REGISTER = View(
    "register",
    "The register of incoming documents (sổ đăng ký văn bản đến): the ten columns of Phụ lục IV of NĐ 30/2020/NĐ-CP, "
    "then what leads to the file. What an office alone can know (số đến, đơn vị nhận, ngày chuyển, ký nhận) is null",
    f"""
    WITH arrived AS (
        SELECT coalesce(f.family_id, x.document_id) AS family_id, min(x.found_at) AS arrived_at
        FROM files x LEFT JOIN families f USING (document_id) GROUP BY ALL
    )
    SELECT {_vietnamese_day("a.arrived_at")} AS arrived_on, NULL::VARCHAR AS arrival_number, d.issuing_body, d.code,
        d.issued_on,
        nullif(concat_ws(': ', upper(left(d.document_type, 1)) || substr(d.document_type, 2), d.subject), '')
            AS kind_and_subject,
        NULL::VARCHAR AS receiver, NULL::DATE AS forwarded_on, NULL::VARCHAR AS signed_for,
        nullif(concat_ws('; ', upper(left(d.urgency, 1)) || substr(d.urgency, 2),
            upper(left(d.secrecy, 1)) || substr(d.secrecy, 2),
            CASE WHEN d.number IS NULL THEN 'không có số' END,
            CASE WHEN d.notation IS NULL THEN 'không có ký hiệu' END,
            CASE WHEN d.issued_on IS NULL THEN 'không có ngày tháng'
                WHEN d.issued_on_source = 'signature' THEN 'ngày tháng lấy theo chữ ký số'
                WHEN d.issued_on_source = 'inferred' THEN 'ngày tháng suy ra từ nội dung' END,
            CASE WHEN d.issuing_body IS NULL THEN 'không rõ cơ quan ban hành'
                WHEN d.issuing_body_source = 'inferred' THEN 'cơ quan ban hành suy ra từ nội dung' END,
            CASE WHEN d.subject IS NULL THEN 'không có trích yếu' END), '') AS note,
        a.arrived_at, d.issued_date, d.path, d.document_id
    FROM current_documents d LEFT JOIN arrived a USING (family_id)
    """,
    (
        ("arrived_on", "Ngày đến: day in Vietnam on which congvan first saw a file of it; arrival stamps are not read"),
        ("arrival_number", "Số đến: null, because an office gives it and no file tells it; never invented"),
        ("issuing_body", "Tác giả: who issued it"),
        ("code", "Số, ký hiệu văn bản: null where the number is blank"),
        ("issued_on", "Ngày tháng văn bản: ISO 8601, or the known part: 2024, 2024-09"),
        ("kind_and_subject", "Tên loại và trích yếu nội dung văn bản: the kind, a colon, what it is about"),
        ("receiver", "Đơn vị hoặc người nhận: null; the unit that an office hands it to is not in the file"),
        ("forwarded_on", "Ngày chuyển: null; not in the file"),
        ("signed_for", "Ký nhận: null; not in the file"),
        ("note", "Ghi chú, in Vietnamese: urgency, secrecy, what the paper lacks, what was inferred; null if nothing"),
        ("arrived_at", "The moment behind arrived_on; sort by it"),
        ("issued_date", "issued_on as a date, where the whole day is known"),
        *TAIL_COMMENTS,
    ),
)

_TARGETS = View(
    "targets",
    "Targets that dispatches set (chỉ tiêu): what is to be reached, how much of it and when",
    f"""
    SELECT {HEAD}, q.indicator, q.comparator, q.value, q.value_max, q.total, q.unit, q.change, q.scope, q.period,
        q.period_year, q.part, q.text, q.page, d.path, d.document_id, q.quantity_no
    FROM quantities q JOIN current_documents d USING (document_id) WHERE q.kind = 'target'
    """,
    (
        *HEAD_COMMENTS,
        ("indicator", "What is counted or measured, as written"),
        ("comparator", "=, >= (ít nhất), > (trên), <= (tối đa), < (dưới) or ~ (khoảng)"),
        ("value", "The number; of a range its lower end, of 13/17 xã the 13"),
        ("value_max", "Upper end of a range"),
        ("total", "The whole: 17 in 13/17 xã"),
        ("unit", "Unit as written: xã, %, triệu đồng (đơn vị tính)"),
        ("change", "increase (tăng), decrease (giảm); null for a level"),
        ("scope", "Whose number it is: toàn huyện"),
        ("period", "Year or day by or in which it holds, ISO 8601, possibly partial"),
        ("period_year", "The year of the period"),
        *PLACE_COMMENTS,
        *TAIL_COMMENTS,
        ("quantity_no", "Its place in quantities"),
    ),
)

_TASK = "l.kind, l.task, l.responsible, l.submit_to"
_TASK_COMMENTS: Comments = (
    ("kind", "task (việc phải làm) or milestone (mốc phải đạt)"),
    ("task", "What is to be done, as written"),
    ("responsible", "Who must act, as written; empty if nobody is named (cơ quan thực hiện)"),
    ("submit_to", "Who receives the result (gửi, báo cáo, trình)"),
)
_DEADLINE_TAIL = "l.part, l.text, l.page, d.path, d.document_id, l.deadline_no"
_DEADLINE_TAIL_COMMENTS: Comments = (*PLACE_COMMENTS, *TAIL_COMMENTS, ("deadline_no", "Its place in deadlines"))

_DATED = View(
    "dated_deadlines",
    "Every time limit that ends once, on a day (thời hạn có ngày). open_deadlines and overdue are chosen from it",
    f"""
    SELECT {HEAD}, l.due_on,
        CASE WHEN l.bound IS DISTINCT FROM 'before' OR l.granularity = 'hour' THEN l.due_on
            ELSE CASE l.granularity
                WHEN 'year' THEN date_trunc('year', l.due_on)
                WHEN 'half-year' THEN make_date(year(l.due_on), CASE WHEN month(l.due_on) > 6 THEN 7 ELSE 1 END, 1)
                WHEN 'quarter' THEN date_trunc('quarter', l.due_on)
                WHEN 'month' THEN date_trunc('month', l.due_on)
                ELSE l.due_on END::DATE - 1 END AS last_day,
        l.bound, l.granularity, {_TASK}, {_DEADLINE_TAIL}
    FROM deadlines l JOIN current_documents d USING (document_id)
    WHERE l.due_on IS NOT NULL AND l.recurrence IS NULL
    """,
    (
        *HEAD_COMMENTS,
        ("due_on", "Day printed, or last day of the period printed (hạn)"),
        ("last_day", "Last day on which it is not too late: of trước ngày 04/11 the 3rd, of trước năm 2028 31/12/2027"),
        ("bound", "before (that day is too late), by (it still counts) or within (in the period)"),
        ("granularity", "How exact it was printed: hour, day, month, quarter, half-year or year"),
        *_TASK_COMMENTS,
        *_DEADLINE_TAIL_COMMENTS,
    ),
)

_KNOWN_THEN = (
    "issued_by_then",
    "Whether the dispatch had been issued by the day asked about; null where its own day is unknown",
)


def _open(day: str) -> str:
    return f"""
    SELECT *, last_day - {day} AS days_left, issued_on <= ({day})::VARCHAR AS issued_by_then
    FROM dated_deadlines WHERE last_day >= {day}
    """


def _overdue(day: str) -> str:
    return f"""
    SELECT *, {day} - last_day AS days_over, issued_on <= ({day})::VARCHAR AS issued_by_then
    FROM dated_deadlines WHERE last_day < {day}
    """


_TODAY = _vietnamese_day("now()")
_OPEN_COMMENTS: Comments = (
    *_DATED.columns,
    ("days_left", "Days from then to last_day: 0 on the last day"),
    _KNOWN_THEN,
)
_OVERDUE_COMMENTS: Comments = (*_DATED.columns, ("days_over", "Days since last_day"), _KNOWN_THEN)
_OPEN_SAID = "Time limits whose last day has not passed (chưa hết hạn)"
_OVERDUE_SAID = (
    "Time limits whose last day has passed (đã quá hạn); whether the thing was done, dispatches do not tell. "
    "What comes again and again is in recurring_deadlines and never here"
)
_DAY_COMMENTS: Comments = (("day", "The day asked about, a date or text as 2024-11-01 (ngày)"),)
_ASK = "for another day ask {}('2024-11-01')"

_OPEN = View("open_deadlines", f"{_OPEN_SAID}, today in Vietnam; {_ASK.format('open_deadlines')}",
             _open(_TODAY), _OPEN_COMMENTS)  # fmt: skip
_OVERDUE = View("overdue", f"{_OVERDUE_SAID}. Today in Vietnam; {_ASK.format('overdue')}",
                _overdue(_TODAY), _OVERDUE_COMMENTS)  # fmt: skip

MACROS = (
    Macro("open_deadlines", f"{_OPEN_SAID} on the day given", _DAY_COMMENTS, _open("day::DATE"), _OPEN_COMMENTS),
    Macro("overdue", f"{_OVERDUE_SAID}. On the day given", _DAY_COMMENTS, _overdue("day::DATE"), _OVERDUE_COMMENTS),
)
"""They bear the names of the views, which say the same of today: DuckDB keeps tables and functions apart."""

_RECURRING = View(
    "recurring_deadlines",
    "Time limits that come again (định kỳ): reports every month, quarter, half-year or year",
    f"""
    SELECT {HEAD}, l.recurrence,
        CASE WHEN l.recurrence LIKE 'FREQ=MONTHLY%' THEN
            CASE WHEN regexp_matches(l.recurrence, 'INTERVAL=3(;|$)') THEN 'quarter'
                WHEN regexp_matches(l.recurrence, 'INTERVAL=6(;|$)') THEN 'half-year'
                WHEN NOT contains(l.recurrence, 'INTERVAL=') THEN 'month' END
            WHEN contains(l.recurrence, 'INTERVAL=') THEN NULL
            WHEN l.recurrence LIKE 'FREQ=YEARLY%' THEN 'year'
            WHEN l.recurrence LIKE 'FREQ=WEEKLY%' THEN 'week'
            WHEN l.recurrence LIKE 'FREQ=DAILY%' THEN 'day' END AS every,
        l.bound, l.due_on, {_TASK}, {_DEADLINE_TAIL}
    FROM deadlines l JOIN current_documents d USING (document_id) WHERE l.recurrence IS NOT NULL
    """,
    (
        *HEAD_COMMENTS,
        ("recurrence", "RFC 5545 rule of what comes again: FREQ=MONTHLY;BYMONTHDAY=15 (định kỳ)"),
        ("every", "day, week, month, quarter, half-year or year; null for other rules (hằng tháng, hằng quý, …)"),
        ("bound", "before (the day of the rule is too late), by or within; null where no day is named"),
        ("due_on", "Last time, where one is printed"),
        *_TASK_COMMENTS,
        *_DEADLINE_TAIL_COMMENTS,
    ),
)

_UNDATED = View(
    "undated_deadlines",
    "Time limits that hang on an event whose day the dispatch does not tell (trong 05 ngày kể từ ngày nhận được): "
    "neither open nor overdue can be said of them",
    f"""
    SELECT {HEAD}, l.relative_amount, l.relative_unit, l.relative_working_days, l.relative_anchor, l.bound,
        {_TASK}, {_DEADLINE_TAIL}
    FROM deadlines l JOIN current_documents d USING (document_id)
    WHERE l.due_on IS NULL AND l.recurrence IS NULL
    """,
    (
        *HEAD_COMMENTS,
        ("relative_amount", "5 in trong 05 ngày làm việc kể từ ngày nhận được văn bản"),
        ("relative_unit", "hour, day, month or year"),
        ("relative_working_days", "Whether only working days count (ngày làm việc)"),
        ("relative_anchor", "The event it counts from, as written"),
        ("bound", "before, by or within"),
        *_TASK_COMMENTS,
        *_DEADLINE_TAIL_COMMENTS,
    ),
)

_GAPS = View(
    "numbering_gaps",
    "Holes in an issuer's numbers (số văn bản còn thiếu), between the numbers held of one series and year. A hole may "
    "be a document that never came, or a number that the office gave to another kind: NĐ 30/2020 leaves series to it",
    """
    WITH numbered AS (
        SELECT issuing_body, issuing_body_province,
            CASE WHEN issuing_body_level NOT IN ('central', 'province') THEN issuing_body_superior END AS superior,
            -- Letters share one series, and the unit that drafted one follows the hyphen: UBND-KTN, UBND-NN.
            CASE WHEN document_type = 'công văn' THEN split_part(notation, '-', 1) || '-…' ELSE notation END AS series,
            try_cast(left(issued_on, 4) AS INTEGER) AS year,
            try_cast(regexp_extract(number, '^\\d+') AS INTEGER) AS n, code, issued_on, path
        FROM current_documents WHERE number IS NOT NULL AND notation IS NOT NULL AND issuing_body IS NOT NULL
    ), paired AS (
        SELECT *, lead(n) OVER following AS next_n, lead(code) OVER following AS next_code,
            lead(issued_on) OVER following AS next_issued_on, lead(path) OVER following AS next_path,
            count(*) OVER (PARTITION BY issuing_body, issuing_body_province, superior, series, year) AS held
        FROM numbered WHERE n IS NOT NULL AND year IS NOT NULL
        WINDOW following AS (
            PARTITION BY issuing_body, issuing_body_province, superior, series, year ORDER BY n, code, path
        )
    )
    SELECT issuing_body, issuing_body_province, superior AS issuing_body_superior, series, year,
        n + 1 AS first_missing, next_n - 1 AS last_missing, next_n - n - 1 AS missing, held AS held_in_series,
        code AS code_before, issued_on AS issued_on_before, path AS path_before,
        next_code AS code_after, next_issued_on AS issued_on_after, next_path AS path_after
    FROM paired WHERE next_n > n + 1
    """,
    (
        ("issuing_body", "Whose numbers (cơ quan ban hành)"),
        ("issuing_body_province", "Its province (tỉnh, thành phố)"),
        ("issuing_body_superior", "Its superior body, below the province only (cơ quan chủ quản)"),
        ("series", "Notation of the series: KH-UBND; of letters (công văn) its first part: UBND-…"),
        ("year", "Year of the series (năm)"),
        ("first_missing", "First number missing (số)"),
        ("last_missing", "Last number missing before the next one held"),
        ("missing", "How many are missing"),
        ("held_in_series", "How many documents of this series and year are held: of few, holes tell little"),
        ("code_before", "Code held before the hole"),
        ("issued_on_before", "Its day of issue"),
        ("path_before", "Its file"),
        ("code_after", "Code held after the hole"),
        ("issued_on_after", "Its day of issue"),
        ("path_after", "Its file"),
    ),
)

_SIGNATURES = View(
    "signature_findings",
    "What checking each digital signature found (kết quả kiểm tra chữ ký số)",
    f"""
    SELECT {HEAD},
        CASE WHEN s.kind = 'visible' THEN 'not-checkable'
            WHEN s.intact = false THEN 'altered'
            WHEN s.covers_whole_document = false AND s.modified_after IS NOT NULL THEN 'changed-after'
            WHEN s.trusted = false THEN 'untrusted'
            WHEN s.intact IS NULL OR s.covers_whole_document IS NULL OR s.trusted IS NULL THEN 'not-all-checked'
            WHEN NOT s.covers_whole_document THEN 'not-whole'
            ELSE 'sound' END AS finding,
        s.kind, s.signer, s.organisation, s.role, s.signed_at, s.intact, s.covers_whole_document, s.modified_after,
        s.trusted, s.reason, s.serial, s.issuer_ca, s.text, s.page, d.path, d.document_id, s.signature_no
    FROM signatures s JOIN current_documents d USING (document_id)
    """,
    (
        *HEAD_COMMENTS,
        ("finding", "The worst found: altered (signed bytes changed), changed-after (something was added since), "
         "untrusted (certificate), not-all-checked, not-whole (a later signature or save follows), not-checkable "
         "(only a printed stamp is left), or sound"),
        ("kind", "cryptographic (a signature field) or visible (only its printed stamp)"),
        ("signer", "Name in the certificate or the stamp (người ký)"),
        ("organisation", "Organisation in the certificate or the stamp (cơ quan)"),
        ("role", "person or agency"),
        ("signed_at", "When, ISO 8601 with offset as found (thời gian ký)"),
        ("intact", "Whether the signed bytes are unchanged; null if it could not be told"),
        ("covers_whole_document", "Whether nothing follows the signed bytes"),
        ("modified_after", "What was changed after signing"),
        ("trusted", "Whether the certificate leads to a trusted one; null without a folder of those"),
        ("reason", "Why a verdict is as it is, or could not be told"),
        ("serial", "Serial number of the certificate"),
        ("issuer_ca", "Who issued the certificate"),
        *PLACE_COMMENTS[1:],
        *TAIL_COMMENTS,
        ("signature_no", "Its place in signatures"),
    ),
)  # fmt: skip

_FLAGGED = View(
    "flagged_documents",
    "Each doubt about each dispatch (điểm cần xem lại)",
    f"""
    SELECT f.code AS flag, f.message, {HEAD}, f.text, f.page, d.path, d.document_id, f.flag_no
    FROM flags f JOIN current_documents d USING (document_id)
    """,
    (
        ("flag", "Kind of doubt, e.g. missing-number, impossible-date"),
        ("message", "The doubt in a sentence"),
        *HEAD_COMMENTS,
        *PLACE_COMMENTS[1:],
        *TAIL_COMMENTS,
        ("flag_no", "Its place in flags"),
    ),
)

_FLAGS_BY_CODE = View(
    "flags_by_code",
    "How often each kind of doubt comes up (điểm cần xem lại theo loại); flagged_documents has each of them",
    """
    WITH counted AS (
        SELECT flag, count(*) AS times, count(DISTINCT document_id) AS documents,
            min_by(document_id, coalesce(issued_on, '9999') || path) AS document_id
        FROM flagged_documents GROUP BY flag
    )
    SELECT flag, times, documents, d.code AS example_code, d.issuing_body AS example_issuing_body,
        d.path AS example_path
    FROM counted JOIN documents d USING (document_id)
    """,
    (
        ("flag", "Kind of doubt, e.g. missing-number, impossible-date"),
        ("times", "How often"),
        ("documents", "In how many dispatches"),
        ("example_code", "Code of the earliest of them"),
        ("example_issuing_body", "Who issued that one"),
        ("example_path", "Its file"),
    ),
)

SET_ASIDE = View(
    "set_aside",
    "Files whose last try failed, with the reason (để riêng): those that nothing could be read from yet",
    """
    WITH tries AS (
        SELECT * FROM inputs WHERE path IN (SELECT path FROM inputs WHERE outcome = 'set-aside')
    ), good AS (
        SELECT path, max(tried_at) AS last_good FROM tries WHERE outcome <> 'set-aside' GROUP BY path
    ), since AS (
        SELECT t.*, min(tried_at) OVER (PARTITION BY path) AS first_tried, count(*) OVER (PARTITION BY path) AS tries,
            row_number() OVER (PARTITION BY path ORDER BY tried_at DESC, run_id DESC) AS back
        FROM tries t LEFT JOIN good USING (path) WHERE last_good IS NULL OR tried_at > last_good
    )
    SELECT path, sha256, stage, reason, message, run_id, first_tried, tried_at AS last_tried, tries
    FROM since WHERE back = 1 ORDER BY path
    """,
    (
        ("path", "The file or folder"),
        ("sha256", "SHA-256 of its bytes; null where they could not be read"),
        ("stage", "Where it stopped: find, read, extract or load"),
        ("reason", "Why, as a word to count by"),
        ("message", "Why, as a sentence"),
        ("run_id", "The run that tried it last"),
        ("first_tried", "First failed try since it was last read well"),
        ("last_tried", "Last try"),
        ("tries", "Failed tries in between, both included"),
    ),
)
"""Asks the table inputs alone, so that it can be made where nothing is derived yet."""

_ENTRIES = " UNION ALL ".join(
    f'SELECT {literal(name)} AS list, document_id, start, "end" FROM {quoted(t.name)}'
    for name, t in CORRECTED_LISTS.items()
)
CORRECTIONS_WAITING = View(
    "corrections_waiting",
    "Corrections that change nothing now (đính chính chưa áp dụng): the newest reading has no entry on the words they "
    "were made for. They count again as soon as a reading has it; until then make them anew, or leave them",
    f"""
    SELECT c.correction_no, c.field, c.value, c.old_value, c.why, c.who, c.made_at,
        t.text[c.anchor_start + 1 : c.anchor_end] AS text, d.code, d.issued_on, d.issuing_body, d.path, c.document_id
    FROM corrections c JOIN documents d USING (document_id) LEFT JOIN document_texts t USING (document_id)
    WHERE c.withdrawn_at IS NULL AND split_part(c.field, '.', 1) IN ({", ".join(map(literal, CORRECTED_LISTS))})
        AND NOT EXISTS (
            FROM ({_ENTRIES}) e
            WHERE e.list = split_part(c.field, '.', 1) AND e.document_id = c.document_id
                AND e.start = c.anchor_start AND e."end" = c.anchor_end
        )
    """,
    (
        ("correction_no", "Its number in corrections"),
        ("field", "Field as it was numbered when it was corrected: deadlines.2.due_on"),
        ("value", "The right value, as text; null where there is none"),
        ("old_value", "What stood there when it was corrected"),
        ("why", "Why, in the words of who did it"),
        ("who", "Who corrected it"),
        ("made_at", "When"),
        ("text", "The words of the dispatch that the entry stood on; null for an entry without"),
        ("code", "Number and notation of the dispatch (số, ký hiệu)"),
        ("issued_on", "Its day of issue, ISO 8601, or the known part (ngày ban hành)"),
        ("issuing_body", "Who issued it (cơ quan ban hành)"),
        *TAIL_COMMENTS,
    ),
)

VIEWS = (
    CURRENT, _REGISTER, _TARGETS, _DATED, _OPEN, _OVERDUE, _RECURRING, _UNDATED, *cited.VIEWS, _GAPS,
    _SIGNATURES, REVIEW, _FLAGGED, _FLAGS_BY_CODE, SET_ASIDE, CORRECTIONS_WAITING,
)  # fmt: skip
"""In an order in which they can be made."""


def statements() -> list[str]:
    """The SQL that makes the views and macros, and comments on them; the tables they ask must be there."""
    made = _made((), VIEWS)
    for macro in MACROS:
        named = ", ".join(quoted(name) for name, _ in macro.parameters)
        made.append(f"CREATE OR REPLACE MACRO {quoted(macro.name)}({named}) AS TABLE {macro.query}")
        made.append(f"COMMENT ON MACRO TABLE {quoted(macro.name)} IS {literal(macro.comment)}")
    return made

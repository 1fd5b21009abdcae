"""The view ``review``: which values are worth a person's look, most valuable first."""

from __future__ import annotations

from pipeline.store.current import HEAD, HEAD_COMMENTS, TAIL_COMMENTS
from pipeline.store.schema import View, literal, quoted

# What a wrong value costs beside a wrong number of the dispatch itself: own judgement, of what registers and calendars
# are asked for. ``code`` is left out, it follows from number and notation; signatures cannot be corrected.
WEIGHTS: dict[str, float] = {
    "document_type": 1.0, "document_type_code": 0.2, "number": 1.0, "notation": 1.0, "subject": 0.8, "place": 0.3,
    "issued_on": 1.0, "urgency": 1.0, "secrecy": 1.0, "archived_at": 0.1, "issuing_body.name": 1.0,
    "issuing_body.superior": 0.2, "issuing_body.level": 0.3, "issuing_body.province": 0.4, "signer.name": 0.8,
    "signer.position": 0.5, "signer.authority": 0.3, "addressees.name": 0.6, "copies.name": 0.2, "references": 0.8,
    "references.document_type": 0.3, "references.issued_on": 0.4, "references.issuing_body": 0.3,
    "references.title": 0.3, "references.relation": 0.4, "quantities": 1.0, "quantities.kind": 0.7,
    "quantities.indicator": 0.8, "quantities.scope": 0.5, "quantities.period": 0.6, "deadlines": 1.0,
    "deadlines.task": 0.6, "deadlines.responsible": 0.9, "deadlines.submit_to": 0.5,
}  # fmt: skip
_DOUBTS: dict[str, tuple[float, str | None]] = {
    "missing-issuer": (0.8, "issuing_body.name"), "incomplete-date": (0.6, "issued_on"),
    "missing-subject": (0.5, "subject"), "missing-signer": (0.4, "signer.name"), "missing-number": (0.3, "number"),
    "impossible-date": (0.5, "references.issued_on"), "conflicting-citation": (0.5, "references"),
    "notation-mismatch": (0.5, "references.issuing_body"), "ambiguous-quantity": (0.5, "quantities"),
    "sum-mismatch": (0.5, "quantities"), "inferred-value": (0.3, "issuing_body.name"),
    "repaired-code": (0.3, "references"), "missing-header": (0.2, None), "low-ocr-confidence": (0.2, None),
    "suspected-misspelling": (0.05, None), "duplicate-section": (0.05, None), "missing-annex": (0.05, None),
}  # fmt: skip
"""How much a flag takes from the trust in the values on its words, and the one field it is about (None: all of them);
any other flag takes ``_DOUBT``."""
_DOUBT = 0.2

# The column that a correction of the entry itself changes, and how the entry is shown.
_ENTRIES = {
    "references": ("document_references", "reference_no", "code", "coalesce(code, name)"),
    "quantities": ("quantities", "quantity_no", "value", "concat_ws(' ', value, unit)"),
    "deadlines": ("deadlines", "deadline_no", "due_on", "coalesce(due_on::VARCHAR, recurrence, text)"),
    "addressees": ("addressees", "addressee_no", "name", "name"),
    "copies": ("copies", "copy_no", "name", "name"),
}


_HEAD_FIELDS = ", ".join(literal(field) for field in WEIGHTS if field.partition(".")[0] not in _ENTRIES)


def _said() -> str:
    """Every value that may have a confidence, with its words: one SELECT for each field."""
    parts = []
    for field in WEIGHTS:
        root, _, leaf = field.partition(".")
        if root in _ENTRIES:
            table, key, main, shown = _ENTRIES[root]
            value = shown if not leaf else f"array_to_string({leaf}, '; ')" if leaf == "responsible" else quoted(leaf)
            parts.append(
                f"SELECT document_id, {literal(field)} AS field, {key} AS entry_no, {value}::VARCHAR AS value, "
                f"'{root}.' || {key} || '.{leaf or main}' AS correct_field, {literal(leaf or main)} AS leaf, "
                f'page, start, "end", text FROM {table}'
            )
        else:
            column = root if leaf in ("", "name") and root != "signer" else f"{root}_{leaf}"
            parts.append(
                f"SELECT document_id, {literal(field)} AS field, 0 AS entry_no, d.{quoted(column)} AS value, "
                f"{literal(field)} AS correct_field, '' AS leaf, h.page, h.start, "
                f'h."end", h.text FROM documents d LEFT JOIN (FROM header_evidence WHERE field = {literal(root)}) h '
                "USING (document_id)"
            )
    return "\nUNION ALL ".join(parts)


def _pairs(rows: dict[str, float]) -> str:
    return ", ".join(f"({literal(name)}, {value})" for name, value in rows.items())


REVIEW = View(
    "review",
    "What is worth a person's look (nên xem lại), order by worth descending: values by what an error in them costs and "
    "how sure they are, flags on their words counted, and flags of what is missing; what a person has corrected is "
    "left out. congvan review prints it with the words around",
    f"""
    WITH weights(field, weight) AS (VALUES {_pairs(WEIGHTS)}),
    doubts(flag, doubt, about) AS (VALUES {
        ", ".join(f"({literal(c)}, {d}, {literal(a) if a else 'NULL'})" for c, (d, a) in _DOUBTS.items())
    }),
    live AS (
        SELECT document_id, field, regexp_replace(field, '\\.\\d+', '') AS plain, anchor_start, anchor_end
        FROM corrections WHERE withdrawn_at IS NULL
    ), raised AS (
        SELECT f.document_id, f.flag_no, f.code AS flag, f.message, f.page, f.start, f."end", f.text,
            coalesce(b.doubt, {_DOUBT}) AS doubt, b.about
        FROM flags f LEFT JOIN doubts b ON b.flag = f.code
    ), said AS (
    {_said()}
    ), sure AS (
        SELECT s.*, c.confidence, w.weight
        FROM said s JOIN confidences c USING (document_id, field, entry_no) JOIN weights w USING (field)
    ), doubted AS (
        SELECT s.document_id, s.field, s.entry_no, list(DISTINCT r.flag ORDER BY r.flag) AS flags,
            product(1 - r.doubt) AS trust
        FROM sure s JOIN raised r ON r.document_id = s.document_id AND (r.about IS NULL OR r.about = s.field)
            AND (s.entry_no = 0 AND r.about IS NOT NULL OR r.start < s."end" AND s.start < r."end")
        GROUP BY ALL
    ), listed AS (
        SELECT s.weight * (1 - s.confidence * coalesce(x.trust, 1)) AS worth, s.confidence, s.field, s.entry_no,
            s.value, coalesce(x.flags, []) AS flags, s.correct_field, s.page, s.start, s."end", s.text, s.document_id
        FROM sure s LEFT JOIN doubted x USING (document_id, field, entry_no)
        WHERE NOT EXISTS (
            FROM live l WHERE l.document_id = s.document_id AND (
                l.field = s.field
                OR (l.anchor_start = s.start AND l.anchor_end = s."end"
                    AND l.plain = split_part(s.field, '.', 1) || '.' || s.leaf)))
        UNION ALL
        SELECT coalesce(w.weight, 0.5) * r.doubt, NULL, 'flags', r.flag_no, r.message, [r.flag],
            CASE WHEN r.about IN ({_HEAD_FIELDS}) THEN r.about END, r.page,
            r.start, r."end", r.text, r.document_id
        FROM raised r LEFT JOIN weights w ON w.field = r.about
        WHERE NOT EXISTS (FROM live l WHERE l.document_id = r.document_id AND l.field = r.about)
            AND NOT EXISTS (
                FROM sure s WHERE s.document_id = r.document_id AND (r.about IS NULL OR r.about = s.field)
                    AND (s.entry_no = 0 AND r.about IS NOT NULL OR r.start < s."end" AND s.start < r."end"))
    )
    SELECT round(l.worth, 4) AS worth, round(l.confidence, 4) AS confidence, l.field, l.entry_no, l.value, l.flags,
        l.correct_field, {HEAD}, l.text, l.page, l.start, l."end", d.path, d.document_id
    FROM listed l JOIN current_documents d USING (document_id)
    """,
    (
        ("worth", "What a look is worth (giá trị xem lại): weight of the field times the chance that the value is "
         "wrong"),
        ("confidence", "How sure the value is, 0 to 1 (độ tin cậy); null for a flag that stands on no value"),
        ("field", "Field as in confidences; flags for a flag that stands on no value (trường)"),
        ("entry_no", "Place in that list, from 1; 0 for a field of the head"),
        ("value", "The value; the sentence of a flag"),
        ("flags", "Codes of the flags on the same words"),
        ("correct_field", "What congvan correct calls it: quantities.2.indicator; null where nothing can be corrected"),
        *HEAD_COMMENTS,
        ("text", "The words of the dispatch that say it"),
        ("page", "Page it stands on, from 1 (trang); null for files without pages"),
        ("start", "Where it starts in document_texts.text, from 0"),
        ("end", "Where it ends, exclusive; the word is reserved, quote it"),
        *TAIL_COMMENTS,
    ),
)  # fmt: skip

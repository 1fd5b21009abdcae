"""When two codes, days, bodies or titles are the same: SQL that families and links are found with."""

from __future__ import annotations

# Words that say which level a body is of or who speaks for it, not which body it is: Chủ tịch UBND tỉnh X and UBND
# tỉnh X number their documents in one series.
_BODY_LEADS = r"^((chu tich|thuong truc|ban thuong vu|lanh dao) )+"
_PARTY_COMMITTEES = r"\b(tinh|thanh|huyen|quan) uy\b"
_BODY_LEVELS = r"\b(tinh|thanh pho|tp|nuoc|cua)\b"
# What a title begins with before it says what it is about.
_TITLE_LEADS = (
    r"^((ve|viec|v v|quyet dinh|ke hoach|thong bao|chi thi|bao cao|to trinh|cong van|huong dan|nghi quyet|nghi dinh|"
    r"thong tu|ban hanh|phe duyet|thuc hien|trien khai) )+"
)


def bare(sql: str) -> str:
    """Lower case without accents, đ as d."""
    return f"translate(strip_accents(lower({sql})), 'đðɖ', 'ddd')"


def words_of(sql: str) -> str:
    """The bare words of a text, single spaces between them."""
    return f"trim(regexp_replace({bare(sql)}, '[^a-z0-9]+', ' ', 'g'))"


def code_key(sql: str) -> str:
    """A code as compared: 03/KH-UBND, 3/KH - UBND and 3/KH–UBND are one. Accents stay: HD and HĐ are two kinds."""
    plain = rf"regexp_replace(translate(lower({sql}), 'ðɖ‐‑‒–—−', 'đđ------'), '\s+', '', 'g')"
    return f"regexp_replace({plain}, '^0+([0-9])', '\\1')"


def loose_key(sql: str) -> str:
    """A code as misprinted: separators of its notation and strokes of đ do not count."""
    key = code_key(sql)
    number = rf"regexp_extract({key}, '^[0-9.]*')"
    return f"{number} || '/' || regexp_replace({bare(f'substr({key}, length({number}) + 1)')}, '[^a-z0-9&]+', '', 'g')"


def notation_key(sql: str) -> str:
    """A notation, compared as loosely as a code."""
    return f"regexp_replace({bare(sql)}, '[^a-z0-9&]+', '', 'g')"


def body_words(sql: str) -> str:
    """The words that tell one body from another."""
    plain = f"regexp_replace({words_of(sql)}, '{_BODY_LEADS}', '')"
    plain = f"regexp_replace({plain}, '{_PARTY_COMMITTEES}', '\\1uy', 'g')"
    return f"trim(regexp_replace(regexp_replace({plain}, '{_BODY_LEVELS}', '', 'g'), ' +', ' ', 'g'))"


def title_words(sql: str) -> str:
    """The distinct words of what a document is about, as a list; null where nothing is said."""
    plain = f"regexp_replace({words_of(sql)} || ' ', '{_TITLE_LEADS}', '')"
    return f"CASE WHEN {sql} IS NOT NULL THEN list_sort(list_distinct(string_split(trim({plain}), ' '))) END"


def titles_alike(left: str, right: str) -> str:
    """How much of the shorter of two lists of title words the longer has, from 0 to 1; null where either is missing.

    0 where each has figures that the other has not: plans for two years, notices of two months.
    """
    own = f"list_filter({left}, lambda w: regexp_full_match(w, '[0-9]+') AND NOT list_contains({right}, w))"
    other = f"list_filter({right}, lambda w: regexp_full_match(w, '[0-9]+') AND NOT list_contains({left}, w))"
    return (
        f"CASE WHEN {left} IS NULL OR {right} IS NULL THEN NULL WHEN len({own}) > 0 AND len({other}) > 0 THEN 0.0 "
        f"ELSE len(list_intersect({left}, {right})) / nullif(least(len({left}), len({right})), 0) END"
    )

"""Text: what is copied, replaced and composed leads back to where it came from."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.text import Text

VIETNAMESE = "aăâeêioôơuưyđÁẶỆộữỹnhgt0123456789 .,;-/\n\t\r\u00a0\ufeff"
MARKS = "\u0300\u0301\u0302\u0303\u0306\u0309\u031b\u0323"
ODD = "\u1100\u1161\u11a8\u09c7\u09be\u212b\u2126\u0591\u0f71\u0f72\U0001109b\U000110ba"
words = st.text(alphabet=VIETNAMESE + MARKS, max_size=80)
anything = st.one_of(words, st.text(alphabet=VIETNAMESE + MARKS + ODD, max_size=60), st.text(max_size=60))
STEPS = (
    (re.compile(r"\r\n?"), "\n"),
    (re.compile(r"[ \t]{2,}"), " "),
    (re.compile(r"\d+"), lambda m: m.group()[::-1]),
    (re.compile(r"(?<=a)(?=n)"), "…"),
    (re.compile(r"\ufeff"), ""),
    (re.compile(r"đ"), "dd"),
)
chains = st.lists(st.sampled_from(range(len(STEPS) + 1)), max_size=6)


def worked(raw: str, chain: list[int]) -> Text:
    text = Text.of(raw)
    for step in chain:
        text = text.compose() if step == len(STEPS) else text.replace(*STEPS[step])
    return text


@settings(deadline=None)  # the first rare script asks for a table that takes 0.3 s to make
@given(anything)
def test_composed_text_is_nfc(raw: str) -> None:
    assert Text.of(raw).compose().clean == unicodedata.normalize("NFC", raw)


@settings(deadline=None)
@given(anything)
def test_composing_twice_changes_nothing(raw: str) -> None:
    once = Text.of(raw).compose()
    assert once.compose() == once


@given(words)
def test_digits_out_are_digits_in(raw: str) -> None:
    composed = Text.of(raw).compose()
    assert re.findall(r"\d", composed.clean) == re.findall(r"\d", raw)
    for match in re.finditer(r"\d", composed.clean):
        start, end = composed.span(*match.span())
        # A mark may stand on a digit; then the two are one piece of the map.
        assert raw[start:end].rstrip(MARKS) == match.group()


@settings(deadline=None)
@given(anything, chains)
def test_spans_never_go_back(raw: str, chain: list[int]) -> None:
    text = worked(raw, chain)
    spans = [text.span(index, index + 1) for index in range(len(text.clean))]
    assert all(0 <= start <= end <= len(raw) for start, end in spans)
    for (start, end), (next_start, next_end) in zip(spans, spans[1:], strict=False):
        assert start <= next_start and end <= next_end
    edges = [text.span(index, index)[0] for index in range(len(text.clean) + 1)]
    assert edges == sorted(edges)


@settings(deadline=None)
@given(anything, chains, st.data())
def test_evidence_is_the_slice_it_names(raw: str, chain: list[int], data: st.DataObject) -> None:
    text = worked(raw, chain)
    start = data.draw(st.integers(0, len(text.clean)))
    end = data.draw(st.integers(start, len(text.clean)))
    evidence = text.evidence(start, end)
    assert evidence.text == raw[evidence.start : evidence.end]


@settings(deadline=None)
@given(anything, chains)
def test_copied_pieces_are_equally_long(raw: str, chain: list[int]) -> None:
    text = worked(raw, chain)
    ends = [*text.starts[1:], len(text.clean)]
    pieces = zip(text.starts, ends, text.raw_starts, text.raw_ends, text.copied, strict=True)
    for start, end, left, right, copied in pieces:
        if copied:
            assert text.clean[start:end] == raw[left:right]


def test_a_word_leads_back_through_several_steps() -> None:
    raw = "\ufeffSo\u0302\u0301:  27/KH\r\nNga\u0300y"
    text = Text.of(raw).replace(re.compile("\ufeff"), "").replace(re.compile(r"\r\n"), "\n").compose()
    assert text.clean == "Số:  27/KH\nNgày"
    at = text.clean.index("Ngày")
    assert text.evidence(at, at + 4).text == "Nga\u0300y"
    assert text.evidence(0, 2).text == "So\u0302\u0301"


def test_edits_that_overlap_are_refused() -> None:
    with pytest.raises(ValueError, match="overlap"):
        Text.of("abcdef").edit([(0, 3, "x"), (2, 4, "y")])
    with pytest.raises(ValueError, match="overlap"):
        Text.of("abcdef").edit([(0, 1, "xx")]).edit([(0, 3, "x"), (2, 4, "y")])
    with pytest.raises(IndexError):
        Text.of("abc").span(2, 9)


def test_columns_put_in_order_lead_back_to_where_they_stood() -> None:
    raw = "Sở Y tế    Số 1\nPhòng A    Số 2"
    text = Text.of(raw).replace(re.compile("Phòng"), "P.")
    second = text.clean.index("P.")
    ordered = text.arrange([(0, 7), "\n", (second, second + 4), "\n", (11, 15), "\n", (second + 8, second + 12)])
    assert ordered.clean == "Sở Y tế\nP. A\nSố 1\nSố 2"
    for piece, found in (
        ("Sở Y tế", "Sở Y tế"),
        ("P.", "Phòng"),
        ("P. A", "Phòng A"),
        ("Số 1", "Số 1"),
        ("Số 2", "Số 2"),
    ):
        start = ordered.clean.index(piece)
        assert ordered.evidence(start, start + len(piece)).text == found
    over = ordered.clean.index("P. A")  # from the left column's end into the right column's beginning
    assert ordered.span(over, over + 9) == (raw.index("Số 1"), raw.index(" A") + 2)
    assert text.arrange([]).clean == ""

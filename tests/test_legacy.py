"""TCVN3, VNI, VISCII and mojibake: the tables against the alphabet, and sentences against what they mean."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.syllables import is_syllable
from models.text import Text
from pipeline.files import legacy
from tests.shared import shared

TONES = ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
SMALL = {unicodedata.normalize("NFC", base + tone) for base in "aăâeêioôơuưy" for tone in TONES} | {"đ"}
SMALL -= set("aeiouy")
SENTENCE = (
    "Ủy ban nhân dân thị xã Bến Đò đề nghị các phường rà soát, sửa chữa ngõ hẻm xuống cấp; "
    "hỗ trợ những hộ nghèo lợp lại mái nhà trước mùa mưa lũ, kỳ vọng giảm thiệt hại."
)
# The same words as a TCVN3, a VNI and a VISCII file hold them, typed from the standards' charts, not from our tables.
SPOKEN = "Độc lập - Tự do - Hạnh phúc, cộng hòa xã hội chủ nghĩa Việt Nam"
IN_TCVN3 = "§éc lËp - Tù do - H¹nh phóc, céng hßa x· héi chñ nghÜa ViÖt Nam"
IN_VNI = "Ñoäc laäp - Töï do - Haïnh phuùc, coäng hoøa xaõ hoäi chuû nghóa Vieät Nam"
IN_VISCII = "\xd0\xb5c l\xa7p - T\xf1 do - H\xd5nh ph\xfac, c\xb5ng h\xf2a x\xe3 h\xb5i ch\xfc nghîa Vi\xaet Nam"


def encoded(text: str, encoding: legacy.Encoding) -> str:
    """Surface characters of a text, by the table turned round."""
    if encoding == "mojibake":
        return "".join(bytes([b]).decode("cp1252", "ignore") or chr(b) for b in text.encode("utf-8"))
    back: dict[str, str] = {}
    for code in range(0x02, 0x100):
        surface = chr(code)
        decoded = legacy.DECODERS[encoding](surface)
        if decoded != surface or (encoding == "viscii" and decoded in SMALL | {c.upper() for c in SMALL}):
            back.setdefault(decoded, surface)
    if encoding == "vni":
        for base in "aeiouyAEIOUY\xf4\xf6\xd4\xd6":
            for mark in map(chr, range(0xC0, 0x100)):
                decoded = legacy.decode_vni(base + mark)
                if len(decoded) == 1 and base.isupper() == mark.isupper():
                    back.setdefault(decoded, base + mark)
    return "".join(back.get(c, c) for c in text)


def test_tcvn3_has_every_small_letter() -> None:
    found = {legacy.decode_tcvn3(chr(code)) for code in range(0xA1, 0x100)}
    assert found >= SMALL
    assert {legacy.decode_tcvn3(chr(code)) for code in range(0xA1, 0xA8)} == set("ĂÂÊÔƠƯĐ")


def test_viscii_has_every_letter_once() -> None:
    codes = [*range(0x80, 0x100), 0x02, 0x05, 0x06, 0x14, 0x19, 0x1E]
    found = [legacy.decode_viscii(chr(code)) for code in codes]
    assert len(found) == len(set(found)) == 134
    assert set(found) == SMALL | {c.upper() for c in SMALL}


def test_vni_has_every_letter() -> None:
    letters = SMALL | {c.upper() for c in SMALL}
    surfaces = {letter: encoded(letter, "vni") for letter in letters}
    assert {letter: legacy.decode_vni(surface) for letter, surface in surfaces.items()} == {x: x for x in letters}
    assert all(max(map(ord, surface)) < 0x100 for surface in surfaces.values())


@pytest.mark.parametrize(
    ("surface", "encoding"), [(IN_TCVN3, "tcvn3"), (IN_VNI, "vni"), (IN_VISCII, "viscii")]
)  # fmt: skip
def test_charts_and_tables_agree(surface: str, encoding: legacy.Encoding) -> None:
    assert legacy.DECODERS[encoding](surface) == SPOKEN
    assert legacy.looks_like(surface) == encoding
    assert legacy.unmapped(surface, encoding) == 0


@pytest.mark.parametrize("encoding", ["tcvn3", "vni", "viscii", "mojibake"])
def test_a_sentence_is_known_and_read(encoding: legacy.Encoding) -> None:
    sentence = SENTENCE.replace("Ủ", "u") if encoding == "tcvn3" else SENTENCE
    surface = encoded(sentence, encoding)
    assert legacy.looks_like(surface) == encoding
    assert legacy.DECODERS[encoding](surface) == sentence
    restored = legacy.restore(Text.of(surface), encoding)
    assert restored.clean == sentence
    at = sentence.index("lợp")
    assert restored.evidence(at, at + 3).text == encoded("lợp", encoding)


@pytest.mark.parametrize(
    "text",
    [
        SENTENCE,
        unicodedata.normalize("NFD", SENTENCE),
        "Tu do, doc lap: khong dau nao ca",
        "Là cá có và thì à, á, ở đó",
        "Les élèves étaient âgés; où ça? déjà à l'été prochain, très tôt",
        "Müller und Söhne: große Straße, schöne Grüße für Österreich überall",
        "Mañana el niño español visitará la montaña; también habrá corazón",
        "Số 12/2019/NQ-HĐND — “trích dẫn” … 35 °C ± 2 %, § 5, 10 × 20 m²",
        "",
    ],
)
def test_good_text_is_left_alone(text: str) -> None:
    assert legacy.looks_like(text) is None


@pytest.mark.parametrize("folder", ["seeds", "corpus"])
def test_no_real_unicode_text_is_taken_for_legacy(folder: str) -> None:
    paths = sorted(shared(folder).glob("*.txt"))
    assert len(paths) >= 5
    for path in paths:
        _is_not_taken_for_legacy(path.read_text(encoding="utf-8"))


def _is_not_taken_for_legacy(text: str) -> None:
    assert legacy.looks_like(text) is None
    assert legacy.reads_as_vietnamese(unicodedata.normalize("NFC", text))
    for encoding in ("vni", "mojibake"):
        surface = encoded(unicodedata.normalize("NFC", text), encoding)
        assert legacy.looks_like(surface) == encoding
        assert legacy.DECODERS[encoding](surface) == unicodedata.normalize("NFC", text)


@given(st.text(alphabet=sorted(SMALL) + [" ", "n", "g"], max_size=60))
def test_decoding_tcvn3_keeps_the_length(text: str) -> None:
    surface = encoded(text, "tcvn3")
    assert len(legacy.decode_tcvn3(surface)) == len(surface)
    assert legacy.decode_tcvn3(surface) == text


def test_fonts() -> None:
    assert legacy.is_tcvn3_font(".VnTime") and legacy.is_tcvn3_font("ABCDEF+.VnArial Narrow")
    assert legacy.is_tcvn3_font("VnTimeHBold") and legacy.is_tcvn3_font(".vntime")
    assert legacy.is_vni_font("VNI-Times") and legacy.is_vni_font("QWERTY+VNI-Helve-Bold")
    for name in ("Times New Roman", "VNI-Times", "Vnu", "Arial", ""):
        assert not legacy.is_tcvn3_font(name)
    for name in (".VnTime", "Times New Roman", "Vninh"):
        assert not legacy.is_vni_font(name)
    for name in (".VnTimeH", "VnTimeHBold", ".VnArialH Bold", ".VnArial NarrowH", ".vntimeh", ".VnTimeH,BoldItalic"):
        assert legacy.is_capital_font(name)
    for name in (".VnTime", "VnTimeBold", "HelveticaH", "VNI-TimesH"):
        assert not legacy.is_capital_font(name)


def test_capitals() -> None:
    assert legacy.decode_tcvn3("thñ t\xadíng", capitals=True) == "THỦ TƯỚNG"
    # Capital letters around a small one: the small byte was all there was to type.
    assert legacy.decode_tcvn3("H¶I PHßNG, ñY BAN") == "HẢI PHÒNG, ỦY BAN"
    assert legacy.decode_tcvn3("Së Tµi chÝnh ®Õn Hµ Nam") == "Sở Tài chính đến Hà Nam"


def test_strays_inside_pdfs() -> None:
    assert legacy.decode_tcvn3("n\u2212íc s¹ch, l\u2219i suÊt, \u03bcn") == "nước sạch, lãi suất, àn"
    assert legacy.unmapped("n\u2212íc \u2219") == 0


def test_what_has_no_meaning_is_counted_and_kept() -> None:
    assert legacy.unmapped("nh©n d©n \xff\xa0\u0416") == 2
    assert legacy.decode_tcvn3("\xff\u0416") == "\xff\u0416"
    text, lost = legacy.decode_runs([("nh©n d©n \u0416", ".VnTime"), (" Ж", "Times New Roman")])
    assert (text, lost) == ("nhân dân \u0416 Ж", 1)


def test_runs_by_their_fonts() -> None:
    assert legacy.decode_runs([("céng hoµ", ".VnTimeH"), (" số 5 ", "Times New Roman")])[0] == "CỘNG HOÀ số 5 "
    # A mark set in a run of its own still belongs to the letter before it.
    assert legacy.decode_runs([("ngh", "VNI-Times"), ("e", "VNI-Times"), ("ø", "VNI-Times")])[0] == "nghè"
    # Converted text that kept its font's name is not converted twice.
    assert legacy.decode_runs([("Cộng hòa có", ".VnTime")]) == ("Cộng hòa có", 0)
    assert legacy.decode_runs([]) == ("", 0)


def test_mojibake_whose_no_break_spaces_became_spaces() -> None:
    surface = encoded("làm và ở đó là nhà", "mojibake").replace("\xa0", " ")
    assert legacy.repair_mojibake(surface) == "làm và ở đó là nhà"
    assert legacy.repair_mojibake("vÃ  cÃ³") == "và có"
    assert legacy.repair_mojibake("vÃ anh") == "và anh"
    assert legacy.repair_mojibake("THÃ€NH PHá» ") == "THÀNH PHỠ"


@pytest.mark.parametrize("word", ["nghiêng", "quyết", "gì", "giếng", "khuỷu", "ưa", "yêu", "Ủy", "thuở", "quý", "bát"])
def test_syllables(word: str) -> None:
    assert is_syllable(word) and is_syllable(unicodedata.normalize("NFD", word)) and is_syllable(word.upper())


@pytest.mark.parametrize("word", ["Straße", "élève", "bat", "bảt", "zô", "nghiêngg", "", "ộtộ", "ngã́", "x" * 40])
def test_no_syllables(word: str) -> None:
    assert not is_syllable(word)


def test_the_real_legacy_pdf_decodes_to_syllables() -> None:
    import re

    import pymupdf

    document = pymupdf.open(shared("corpus", "tcvn3_2006_19412_QD115_04TTg_BLTch_DNNVV.pdf"))
    words: list[str] = []
    for page in document:
        for block in page.get_text("dict")["blocks"]:
            for line in block.get("lines", []):
                spans = [(span["text"], span["font"]) for span in line["spans"]]
                decoded, lost = legacy.decode_runs(spans)
                assert lost == 0, decoded
                words += re.findall(r"[^\W\d_]+", decoded)
    accented = [word for word in words if not word.isascii() and not word.isupper()]
    possible = sum(is_syllable(word) for word in accented)
    assert len(accented) > 250 and possible >= 0.99 * len(accented)

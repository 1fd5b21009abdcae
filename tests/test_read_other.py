"""Word processors' files, web pages, archives and e-mails: one dispatch in each form gives the same text."""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile
from datetime import date
from email.message import EmailMessage
from pathlib import Path

import docx
import pytest
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn

from models.source import Source
from pipeline.read import read, read_all, read_bytes
from tests.doc_files import Para, para, row, word_file
from tests.shared import gold, shared
from tests.test_legacy import encoded

LEFT = ["UBND TỈNH SƠN HẢI", "SỞ THỦY LỢI", "Số: 45/STL-ĐĐ", "V/v kiểm tra đê điều"]
RIGHT = ["CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc", "Sơn Hải, ngày 03 tháng 5 năm 2019"]
BODY = ["Kính gửi: Các Hạt Quản lý đê.", "1. Kiểm tra 35 km đê trước ngày 20/5/2019.", "2. Báo cáo kết quả về Sở./."]
FOOT_LEFT = ["Nơi nhận:", "- Như trên;", "- Lưu: VT, ĐĐ."]
FOOT_RIGHT = ["KT. GIÁM ĐỐC", "PHÓ GIÁM ĐỐC", "Trần Văn Mẫu"]
LINES = [*LEFT, *RIGHT, *BODY, *FOOT_LEFT, *FOOT_RIGHT]


def only(data: bytes, name: str = "file.bin") -> Source:
    sources, failures = read_bytes(data, name)
    assert failures == []
    (source,) = sources
    assert unicodedata.is_normalized("NFC", source.text)
    return source


def lines(source: Source) -> list[str]:
    return [line for line in source.text.split("\n") if line]


def region_texts(source: Source, kind: str) -> list[str]:
    return [source.text[r.start : r.end] for r in source.regions if r.kind == kind]


def saved(document: object) -> bytes:
    stream = io.BytesIO()
    document.save(stream)  # type: ignore[attr-defined]
    return stream.getvalue()


def fill(cell: object, texts: list[str]) -> None:
    cell.text = texts[0]  # type: ignore[attr-defined]
    for text in texts[1:]:
        cell.add_paragraph(text)  # type: ignore[attr-defined]


def dispatch_docx(form: str = "NFC") -> bytes:
    def shape(texts: list[str]) -> list[str]:
        return [unicodedata.normalize(form, text) for text in texts]  # type: ignore[arg-type]

    document = docx.Document()
    head = document.add_table(rows=2, cols=2)
    fill(head.cell(0, 0), shape(LEFT[:2]))
    fill(head.cell(0, 1), shape(RIGHT[:2]))
    fill(head.cell(1, 0), shape(LEFT[2:]))
    fill(head.cell(1, 1), shape(RIGHT[2:]))
    for text in shape(BODY):
        document.add_paragraph(text)
    foot = document.add_table(rows=1, cols=2)
    fill(foot.cell(0, 0), shape(FOOT_LEFT))
    fill(foot.cell(0, 1), shape(FOOT_RIGHT))
    return saved(document)


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_docx_letterhead_and_foot_are_read_by_column(form: str) -> None:
    source = only(dispatch_docx(form), "wrong.txt")
    assert lines(source) == LINES
    assert source.text.index("\n\nCỘNG") < source.text.index("\n\nKính") < source.text.index("\n\nKT.")
    assert source.media_type.endswith("wordprocessingml.document") and source.text_origin == "born-digital"
    assert source.regions == () and source.flags == () and source.characters is None


def test_docx_table_numbers_fonts_and_capitals() -> None:
    document = docx.Document()
    for text in ("Rà soát hồ sơ;", "Lập danh sách."):
        document.add_paragraph(text, style="List Number")
    document.add_paragraph("việc khác", style="List Bullet")
    table = document.add_table(rows=2, cols=3, style="Table Grid")
    for index, text in enumerate(("TT", "Tên trạm", "Công suất", "1", "Trạm Bến\nĐò", "1.200 m3")):
        table.cell(index // 3, index % 3).text = text
    for text, font in (("§iÒu 1. QuyÕt ®Þnh nµy", ".VnTime"), ("ñy ban nh©n d©n", ".VnTimeH")):
        document.add_paragraph().add_run(text).font.name = font
    document.add_paragraph().add_run(encoded("Hội đồng nhân dân", "vni")).font.name = "VNI-Times"
    document.add_paragraph().add_run("quyết nghị").font.all_caps = True
    hidden = document.add_paragraph("thấy").add_run(" ẩn")
    hidden.font.hidden = True
    source = only(saved(document))
    assert region_texts(source, "table") == ["TT | Tên trạm | Công suất\n1 | Trạm Bến Đò | 1.200 m3"]
    expected = ["1. Rà soát hồ sơ;", "2. Lập danh sách.", "• việc khác", "Điều 1. Quyết định này", "ỦY BAN NHÂN DÂN"]
    expected += ["Hội đồng nhân dân", "QUYẾT NGHỊ", "thấy"]
    assert [line for line in lines(source) if " | " not in line] == expected


def test_docx_numbers_of_several_levels() -> None:
    document = docx.Document()
    levels = "".join(
        f'<w:lvl w:ilvl="{i}"><w:start w:val="1"/><w:numFmt w:val="{kind}"/><w:lvlText w:val="{text}"/></w:lvl>'
        for i, (kind, text) in enumerate((("upperRoman", "%1."), ("decimal", "%2."), ("lowerLetter", "%3)")))
    )
    root = document.part.numbering_part.element
    root.insert(0, parse_xml(f'<w:abstractNum {nsdecls("w")} w:abstractNumId="77">{levels}</w:abstractNum>'))
    root.append(parse_xml(f'<w:num {nsdecls("w")} w:numId="77"><w:abstractNumId w:val="77"/></w:num>'))
    for level, text in (
        (0, "MỤC TIÊU"),
        (1, "Chung"),
        (1, "Riêng"),
        (2, "một"),
        (2, "hai"),
        (0, "NHIỆM VỤ"),
        (1, "Ngay"),
    ):
        number = parse_xml(f'<w:numPr {nsdecls("w")}><w:ilvl w:val="{level}"/><w:numId w:val="77"/></w:numPr>')
        document.add_paragraph(text)._p.get_or_add_pPr().append(number)
    expected = ["I. MỤC TIÊU", "1. Chung", "2. Riêng", "a) một", "b) hai", "II. NHIỆM VỤ", "1. Ngay"]
    assert lines(only(saved(document))) == expected


def test_docx_fields_tracked_changes_text_boxes_and_headers() -> None:
    document = docx.Document()
    section = document.sections[0]
    section.different_first_page_header_footer = True
    section.first_page_header.paragraphs[0].text = "Số: 9/BC-STL"
    section.header.paragraphs[0].text = "Trang lặp lại"
    section.footer.paragraphs[0].text = "5"
    paragraph = document.add_paragraph("Trang ")
    for kind, text in (("begin", ""), ("", " PAGE "), ("separate", ""), ("t", "7"), ("end", "")):
        run = paragraph.add_run(text if kind == "t" else "")
        if kind in ("begin", "separate", "end"):
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
            run._r.append(mark)
        elif not kind:
            code = OxmlElement("w:instrText")
            code.text = text
            run._r.append(code)
    w = nsdecls("w")
    paragraph = document.add_paragraph("giữ")
    paragraph._p.append(parse_xml(f"<w:del {w}><w:r><w:delText>xóa</w:delText></w:r></w:del>"))
    paragraph._p.append(parse_xml(f"<w:ins {w}><w:r><w:t> thêm</w:t></w:r></w:ins>"))
    box = (
        f'<w:r {w} xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
        'xmlns:v="urn:schemas-microsoft-com:vml">'
        "<mc:AlternateContent><mc:Choice><w:drawing><w:txbxContent><w:p><w:r><w:t>KHẨN</w:t></w:r></w:p></w:txbxContent>"
        "</w:drawing></mc:Choice><mc:Fallback><w:pict><v:textbox><w:txbxContent><w:p><w:r><w:t>KHẨN</w:t></w:r></w:p>"
        "</w:txbxContent></v:textbox></w:pict></mc:Fallback></mc:AlternateContent></w:r>"
    )
    paragraph._p.append(parse_xml(box))
    link = parse_xml(f"<w:hyperlink {w}><w:r><w:t>theo Công văn</w:t></w:r></w:hyperlink>")
    document.add_paragraph("Thực hiện ")._p.append(link)
    source = only(saved(document))
    assert lines(source) == ["Số: 9/BC-STL", "Trang", "giữ thêm", "KHẨN", "Thực hiện theo Công văn"]


def test_docx_footnotes_are_regions_and_links_are_not_followed() -> None:
    document = docx.Document()
    document.add_paragraph("Có chú thích").add_run()._r.append(
        parse_xml(f'<w:footnoteReference {nsdecls("w")} w:id="2"/>')
    )
    document.add_paragraph("Câu sau.")
    document.part.relate_to("https://192.0.2.1/template.dotm", "http://x/attachedTemplate", is_external=True)
    data = saved(document)
    notes = (
        f'<w:footnotes {nsdecls("w")}><w:footnote w:type="separator" w:id="0"><w:p/></w:footnote><w:footnote w:id="2">'
        '<w:p><w:r><w:t>Nguồn: báo cáo.</w:t></w:r><w:r><w:footnoteReference w:id="2"/></w:r></w:p></w:footnote>'
        "</w:footnotes>"
    )
    relation = (
        '<Relationship Id="rIdNotes" Type="http://x/relationships/footnotes" Target="footnotes.xml"/></Relationships>'
    )
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(stream, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            if name == "word/_rels/document.xml.rels":
                part = part.replace(b"</Relationships>", relation.encode())
            new.writestr(name, part)
        new.writestr("word/footnotes.xml", notes)
    source = only(stream.getvalue())
    assert lines(source) == ["Có chú thích", "Nguồn: báo cáo.", "Câu sau."]
    assert region_texts(source, "footnote") == ["Nguồn: báo cáo."]
    assert source.extra["external_links"] == "1"


def test_docx_whose_fonts_are_lost() -> None:
    document = docx.Document()
    for text in BODY:
        document.add_paragraph(encoded(text, "tcvn3"))
    source = only(saved(document))
    assert lines(source) == BODY and source.extra["legacy"] == "tcvn3"


@pytest.mark.parametrize("wide", [False, True])
def test_doc_with_tables_and_fonts(wide: bool) -> None:
    font = ".VnTime"

    def old(texts: list[str]) -> str:
        return "\n".join(encoded(text, "tcvn3") for text in texts)

    small = [text.lower() if text.isupper() else text for text in LEFT]
    paragraphs = [
        *row([old(small), old(RIGHT[1:])], False, font),
        para("b¸o c¸o", ".VnTimeH"),
        para(encoded(BODY[1], "tcvn3") + "\x02", font),
        para("kh«ng thÊy", font, hidden=True),
        *row(["TT", "Tªn", "Sè"], True, font),
        *row(["1", "tr¹m A", "35"], True, font),
        para("trang \x13 PAGE \x145\x15\x13 REF x \x14kÕt qu¶\x15\x0bcuèi", font),
        Para((("\x08\x01", font),)),
    ]
    source = only(word_file(paragraphs, wide, notes=["Ghi"]))
    head = [*small, *RIGHT[1:]]
    assert lines(source) == [
        *head,
        "BÁO CÁO",
        BODY[1],
        "Ghi",
        "TT | Tên | Số",
        "1 | trạm A | 35",
        "trang kết quả",
        "cuối",
    ]
    assert region_texts(source, "table") == ["TT | Tên | Số\n1 | trạm A | 35"]
    assert region_texts(source, "footnote") == ["Ghi"]
    assert source.media_type == "application/msword" and source.flags == ()


def test_doc_columns_set_with_tabs_and_spaces() -> None:
    paragraphs = [
        para("  ñy ban nh©n d©n \t       Céng hßa x· héi chñ nghÜa viÖt nam", ".VnTimeH"),
        para("   huyÖn Hoa Ban\t\t    §éc lËp - Tù do - H¹nh phóc", ".VnTime"),
        para("", ".VnTime"),
        para(" Sè: 7/TB-UB \t\t        Hoa Ban, ngµy 2 th¸ng 3 n¨m 2004", ".VnTime"),
        para("th«ng b¸o", ".VnTimeH"),
        para("VÒ viÖc häp d©n, b¾t ®Çu     tõ 8 giê.", ".VnTime"),
        para("\t\t\t\t    tm. uû ban nh©n d©n", ".VnTimeH"),
        para("N¬i nhËn:                                 Chñ tÞch", ".VnTime"),
        para("- Nh­ trªn;", ".VnTime"),
        para("- C¸c ban, ngµnh", ".VnTime"),
        para("   vµ ®oµn thÓ;\t\t\t                (®· ký)", ".VnTime"),
        para("- L­u VP.", ".VnTime"),
        para("                                          Lª ThÞ VÝ Dô", ".VnTime"),
    ]
    left = ["ỦY BAN NHÂN DÂN", "huyện Hoa Ban", "Số: 7/TB-UB"]
    right = ["CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc", "Hoa Ban, ngày 2 tháng 3 năm 2004"]
    foot = ["Nơi nhận:", "- Như trên;", "- Các ban, ngành", "và đoàn thể;", "- Lưu VP."]
    signed = ["TM. UỶ BAN NHÂN DÂN", "Chủ tịch", "(đã ký)", "Lê Thị Ví Dụ"]
    body = ["THÔNG BÁO", "Về việc họp dân, bắt đầu     từ 8 giờ."]
    assert lines(only(word_file(paragraphs))) == [*left, *right, *body, *foot, *signed]


def test_the_real_doc_file() -> None:
    (source,) = read(shared("corpus", "tcvn3_2005_QD_256.doc"))
    found = lines(source)
    labels = gold("tcvn3_2005_QD_256")
    day = date.fromisoformat(labels["issued_on"])
    number, notation, place = (re.escape(labels[name]) for name in ("number", "notation", "place"))
    wanted = [
        r"ỦY BAN NHÂN DÂN$", rf".*{labels['issuing_body']['province'].upper()}$",
        rf"Số:\s+{number} ?/{notation}$", r"CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM$",
        r"Độc lập - Tự do - Hạnh phúc$", rf"{place}, ngày\s+0?{day.day} tháng\s+{day.month} năm {day.year}$",
        rf"{labels['document_type'].upper()} CỦA", r"V/v ban hành",
        r"Căn cứ Luật", rf"{labels['document_type'].upper()}:$", r"Điều 1\.", r"Điều 3\.", r"Nơi nhận:$",
        rf"- Lưu {labels['archived_at']}$", r"TM ?\. UBND THÀNH PHỐ",
        rf"{labels['signer']['position']}$", r"\(Đã ký\)$", rf"{labels['signer']['name']}$",
    ]  # fmt: skip
    at = 0
    for pattern in wanted:
        at = next(i for i in range(at, len(found)) if re.match(pattern, found[i])) + 1
    assert source.flags == () and unicodedata.is_normalized("NFC", source.text)


def rtf(body: str) -> bytes:
    return (
        r"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0\froman\fcharset0 Times New Roman{\*\falt Times};}"
        r"{\f1\fcharset0 .VnTime;}"
        r"{\f2\fnil .VnTimeH;}{\f3\fswiss\fcharset163 Arial;}}{\colortbl;\red0\green0\blue0;}{\*\generator Word;}"
        r"{\info{\author Ai}}{\footer\pard trang 3\par}" + body + "}"
    ).encode("ascii")


def escaped(text: str) -> str:
    return "".join(c if c.isascii() else f"\\u{ord(c) if ord(c) < 0x8000 else ord(c) - 0x10000}?" for c in text)


def in_font(text: str, font: int) -> str:
    return f"{{\\f{font} " + "".join(c if c.isascii() else f"\\'{ord(c):02x}" for c in text) + "}"


def test_rtf() -> None:
    def cells(columns: list[list[str]], ruled: bool) -> str:
        edges = "".join(
            (r"\clbrdrt\brdrs\brdrw10" if ruled else "") + f"\\cellx{4000 * (i + 1)}" for i in range(len(columns))
        )
        content = "".join(r"\pard\intbl " + r"\par ".join(escaped(t) for t in c) + r"\cell" for c in columns)
        return rf"\trowd{edges}{content}\row\pard "

    body = (
        cells([LEFT, RIGHT], False)
        + r"\par ".join(escaped(text) for text in BODY)
        + r"{\footnote {\super \chftn} "
        + escaped("Chú thích")
        + r"}\par "
        + in_font("§iÒu 1. ", 1)
        + in_font("ñy ban", 2)
        + r" 5\~km {\v kh\'f4ng}{\field{\*\fldinst PAGE}{\fldrslt 4}}{\caps "
        + escaped("hết")
        + r"}\line {\f3 Ti\'ea\'ecng}{\pict\wmetafile8 0102030405}{\*\unknown x}\par "
        + cells([["TT"], ["Tên"], ["Số"], ["Ghi chú"]], True)
        + cells([["1"], ["trạm A"], ["35"], [""]], True)
        + cells([FOOT_LEFT, FOOT_RIGHT], False)
    )
    source = only(rtf(body), "x.doc")
    middle = ["Chú thích", "Điều 1. ỦY BAN 5\u00a0km HẾT", "Tiếng", "TT | Tên | Số | Ghi chú", "1 | trạm A | 35 |"]
    assert lines(source) == [*LEFT, *RIGHT, *BODY, *middle, *FOOT_LEFT, *FOOT_RIGHT]
    assert region_texts(source, "footnote") == ["Chú thích"]
    assert source.media_type == "application/rtf"


def test_rtf_text_boxes_unicode_pairs_and_binary() -> None:
    body = (
        r"a{\upr{x}{\*\ud{" + escaped("Ấ")
        + r"}}}{\shp{\*\shpinst{\sp{\sn n}{\sv v}}{\shptxt \pard " + escaped("HỎA TỐC")
        + r"\par}}}b\bin4 }}}}c\par {\uc2\u7871??d\uc0\u7871e}\u-10179?\u-9216?\par"
    )  # fmt: skip
    assert lines(only(rtf(body))) == ["aẤbc", "HỎA TỐC", "ếdếe\U0001f400"]


def test_html() -> None:
    def column(texts: list[str]) -> str:
        return "<td>" + "<br>".join(texts) + "</td>"

    page = (
        "<!-- a --><!DOCTYPE html><html><head><title>Cổng</title><style>p{}</style>"
        "<script>var x='<p>không</p>'</script></head>"
        f"<body><table><tr>{column(LEFT)}{column(RIGHT)}</tr></table>"
        + "".join(f"<p>{text.replace(' ', '&nbsp;', 1)}\n</p>" for text in BODY)
        + '<table border="1"><tr><th>TT<th>T&ecirc;n<tr><td>1<td>A&amp;B<tr><td>2<td>C</table>'
        + f"<table><tr>{column(FOOT_LEFT)}{column(FOOT_RIGHT)}</tr></table><script>hết()</script></body></html>"
    )
    for data in (page.encode(), page.encode("utf-16"), page.replace("<head>", '<head><meta charset="utf-8">').encode()):
        source = only(data, "trang.txt")
        expected = [*LEFT, *RIGHT, *BODY, "TT | Tên", "1 | A&B", "2 | C", *FOOT_LEFT, *FOOT_RIGHT]
        assert [line.replace("\u00a0", " ") for line in lines(source)] == expected
        assert source.media_type == "text/html"
        assert region_texts(source, "table") == ["TT | Tên\n1 | A&B\n2 | C"]


def test_html_in_old_fonts_and_with_a_false_charset() -> None:
    page = '<meta http-equiv="Content-Type" content="text/html; charset=windows-1252">'
    page += '<p><font face=".VnTimeH">{}</font><p>{}'
    data = page.format(encoded("hạt đê", "tcvn3"), '<span style="font-family: VNI-Times">' + encoded("sông", "vni"))
    assert lines(only(data.encode("cp1252"))) == ["HẠT ĐÊ", "sông"]
    assert lines(only(page.format("Đê", "điều").encode())) == ["Đê", "điều"]


def archive(members: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in members.items():
            made.writestr(name, data)
    return stream.getvalue()


TEXT = "\n".join(LINES).encode()


def test_zip_members_are_documents_of_their_own(tmp_path: Path) -> None:
    inner = archive({"sâu/công văn.docx": dispatch_docx(), "ghi chú.html": b"<html><p>m\xe1\xba\xb7t</p></html>"})
    path = tmp_path / "hồ sơ.dat"
    path.write_bytes(archive({"a.pdf": TEXT, "b/c.zip": inner, "d.exe": b"MZ\x00\x01" * 300, "__MACOSX/._a": b"x"}))
    sources, failures = read_all(path)
    assert [source.container for source in sources] == [
        "hồ sơ.dat!a.pdf", "hồ sơ.dat!b/c.zip!sâu/công văn.docx", "hồ sơ.dat!b/c.zip!ghi chú.html"
    ]  # fmt: skip
    assert [source.path for source in sources] == [f"{tmp_path}/{source.container}" for source in sources]
    assert lines(sources[0]) == lines(sources[1]) == LINES
    assert [(where, problem.reason) for where, problem in failures] == [(f"{path}!d.exe", "unsupported-kind")]
    assert [source.sha256 for source in read(path)] == [source.sha256 for source in sources]


def mail(body: str, attachments: dict[str, bytes], html: str | None = None) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "vanthu@example.vn", "a@example.vn", "Gửi công văn"
    message.set_content(body)
    if html is not None:
        message.add_alternative(html, subtype="html")
    for name, data in attachments.items():
        message.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    return message


def test_mail_attachments_and_a_body_that_is_no_dispatch() -> None:
    message = mail("Kính gửi anh chị công văn đính kèm.", {"công văn.docx": dispatch_docx(), "../../b.txt": TEXT})
    message.add_attachment(b"\x89PNG\r\n\x1a\n", maintype="image", subtype="png", disposition="inline", cid="<logo>")
    sources, failures = read_bytes(message.as_bytes(), "thư.eml")
    assert [source.container for source in sources] == ["thư.eml!công văn.docx", "thư.eml!b.txt"]
    assert all(lines(source) == LINES for source in sources) and failures == []


def test_mail_whose_body_is_the_dispatch_and_a_mail_in_a_mail() -> None:
    inner = mail("\n".join(LINES), {}, html="<html><p>khác</p></html>")
    source = only(inner.as_bytes(), "t.eml")
    assert lines(source) == LINES and source.container == "t.eml!body.txt"
    outer = EmailMessage()
    outer["From"], outer["Subject"] = "a@example.vn", "Fwd"
    outer.set_content("Xem thư kèm.")
    outer.add_attachment(inner)
    sources, failures = read_bytes(outer.as_bytes(), "o.eml")
    assert [source.container for source in sources] == ["o.eml!mail-2.eml!body.txt"] and failures == []


def test_web_archive_of_word() -> None:
    page = "<html><body>" + "".join(f"<p>{text}</p>" for text in BODY) + "</body></html>"
    data = (
        'MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary="x"\r\n\r\n--x\r\n'
        'Content-Type: text/html; charset="utf-8"\r\nContent-Transfer-Encoding: 8bit\r\n\r\n' + page + "\r\n--x--\r\n"
    ).encode()
    assert lines(only(data, "cv.doc")) == BODY


def test_a_text_that_begins_like_a_mail_or_a_program_is_a_text() -> None:
    for text in (
        "MZ là ký hiệu đề tài số 5.",
        "Subject: chỉ một dòng\nkhông phải thư",
        "BZh và %PDF- trong câu",
        "<<<p",
    ):
        assert only(text.encode()).media_type == "text/plain"


def test_a_pdf_alone_and_in_an_archive_is_the_same(tmp_path: Path) -> None:
    path = shared("corpus", "bthuan_519_SNV_TCCC.pdf")
    (alone,) = read(path)
    assert (alone.media_type, alone.path, alone.container) == ("application/pdf", str(path), None)
    (member,) = read_bytes(archive({"vào/a.dat": path.read_bytes()}), "z.zip")[0]
    assert (member.container, member.path) == ("z.zip!vào/a.dat", "z.zip!vào/a.dat")
    assert (member.text, member.sha256, member.words) == (alone.text, alone.sha256, alone.words)
    cut = read_bytes(archive({"vào/a.dat": b"%PDF-1.4 cut off"}), "z.zip")[1]
    assert [(where, problem.reason) for where, problem in cut] == [("z.zip!vào/a.dat", "damaged-pdf")]
    assert "z.zip!vào/a.dat" in cut[0][1].message and "member-" not in cut[0][1].message

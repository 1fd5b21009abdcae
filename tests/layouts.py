"""The layouts in which one and the same dispatch reaches an office as text: the pieces of a :class:`Made`, printed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import zip_longest

from tests.making import Made, wrapped


def _left(made: Made) -> list[str]:
    return [*made.letterhead, made.number_line, *made.subject_lines]


def _right(made: Made) -> list[str]:
    return [*made.motto, made.place_date]


def _to(made: Made) -> list[str]:
    return ["Kính gửi:", *made.addressees] if made.addressees else []


def _signature(made: Made) -> list[str]:
    return [line for line in made.signature if line]


def _titles(made: Made) -> list[str]:
    return _signature(made)[:-1]


def _middle(made: Made) -> list[str]:
    return ["", *made.title, "", *_to(made), "", *wrapped(made.body)]


def _beside(left: list[str], right: list[str], join: Callable[[str, str], str]) -> list[str]:
    return [join(a, b).rstrip() for a, b in zip_longest(left, right, fillvalue="")]


def _head_rows(made: Made) -> tuple[list[str], list[str]]:
    """The two columns so that number and date share a row."""
    left, right = [*made.letterhead], [*made.motto]
    height = max(len(left), len(right))
    left += [""] * (height - len(left))
    right += [""] * (height - len(right))
    return [*left, made.number_line, *made.subject_lines], [*right, made.place_date]


def _foot_rows(made: Made) -> tuple[list[str], list[str]]:
    """Nơi nhận and the signature so that the name stands beside the archive line or under it."""
    *titles, name = _signature(made)
    right = [*titles, *[""] * max(0, len(made.recipients) - 1 - len(titles)), name]
    return list(made.recipients), right


def _side_by_side(made: Made, join: Callable[[str, str], str]) -> str:
    head = _beside(*_head_rows(made), join)
    return "\n".join([*head, *_middle(made), *_beside(*_foot_rows(made), join), ""])


def spaces(made: Made) -> str:
    """Columns kept apart by spaces, as pdftotext -layout and web pages print them."""
    return _side_by_side(made, lambda a, b: f"{a:<44}{b}" if b else a)


def narrow(made: Made) -> str:
    """Columns so close that three spaces part them, whatever their width."""
    return _side_by_side(made, lambda a, b: f"{a}   {b}" if a and b else a or " " * 30 + b)


def centred(made: Made) -> str:
    """Each column centred in its half, an empty line after each row."""
    page = _side_by_side(made, lambda a, b: f"{a:^40}{b:^50}" if b else a)
    lines = page.split("\n")
    head = len(_head_rows(made)[0])
    return "\n".join(line for row in lines[:head] for line in (row, "")) + "\n".join(lines[head:])


def tabs(made: Made) -> str:
    """Columns kept apart by tabs, as a typist without tables sets them."""
    return _side_by_side(made, lambda a, b: f"{a}\t\t{b}" if a else "\t\t\t\t" + b)


def one_space(made: Made) -> str:
    """Rows joined with a single space, as simple PDF libraries join the cells of a row."""
    return _side_by_side(made, lambda a, b: f"{a} {b}".strip())


def bars(made: Made) -> str:
    """Two markdown tables, a row a line."""
    head = _beside(*_head_rows(made), lambda a, b: f"| {a} | {b} |")
    foot = _beside(*_foot_rows(made), lambda a, b: f"| {a} | {b} |")
    head.insert(1, "| --- | --- |")
    return "\n".join([*head, *_middle(made), *foot, ""])


def cells(made: Made) -> str:
    """Two markdown tables of a single row, the lines of a cell parted by <br>, capitals bold."""

    def bold(line: str) -> str:
        return f"**{line}**" if line.isupper() else line

    def row(left: list[str], right: list[str]) -> list[str]:
        return [f"| {'<br>'.join(map(bold, left))} | {'<br>'.join(map(bold, right))} |", "|---|---|"]

    head = row(_left(made), _right(made))
    return "\n".join([*head, *_middle(made), *row(made.recipients, _signature(made)), ""])


def row_by_row(made: Made) -> str:
    """The two columns' lines by turns, each on its own line."""
    head = [line for pair in zip_longest(*_head_rows(made), fillvalue="") for line in pair if line]
    foot = [line for pair in zip_longest(*_foot_rows(made), fillvalue="") for line in pair if line]
    return "\n".join([*head, *_middle(made), *foot, ""])


def motto_first(made: Made) -> str:
    """Quốc hiệu over the letterhead, the number last: older papers, and pages read right column first."""
    head = [*made.motto, "", made.place_date, "", *made.letterhead, "", made.number_line, *made.subject_lines]
    return "\n".join([*head, *_middle(made), *made.recipients, "", *_signature(made), ""])


def motto_above(made: Made) -> str:
    """Quốc hiệu, the letterhead, then number and date."""
    head = [*made.motto, *made.letterhead, made.number_line, *made.subject_lines, made.place_date]
    return "\n".join([*head, *_middle(made), *made.recipients, *_signature(made), ""])


def number_and_date_under_the_heads(made: Made) -> str:
    """Letterhead and motto in turn, number and date together on the row below."""
    head = [*made.letterhead, "", *made.motto, "", f"{made.number_line}          {made.place_date}"]
    return "\n".join([*head, *made.subject_lines, *_middle(made), *made.recipients, *_signature(made), ""])


def with_rules(made: Made) -> str:
    """The rules under the names and the tiêu ngữ typed as dashes, as libraries of laws on the web print them."""
    head = [*made.letterhead, "-------", "", *made.motto, "---------------", "", made.number_line, *made.subject_lines]
    head += ["", made.place_date, ""]
    return "\n".join([*head, *_middle(made), *made.recipients, "", *_signature(made), ""])


def dense(made: Made) -> str:
    """Every line once, no empty ones."""
    return "\n".join(line for line in made.text.split("\n") if line) + "\n"


def airy(made: Made) -> str:
    """An empty line after each, as web pages save their paragraphs; paragraphs whole."""
    lines = [*_left(made), *_right(made), *made.title, *_to(made), *made.body, *made.recipients, *_signature(made)]
    return "\n\n".join(lines) + "\n"


def signature_first(made: Made) -> str:
    """The signature block before Nơi nhận, as some converters take the right column first."""
    head = [*_left(made), "", *_right(made)]
    return "\n".join([*head, *_middle(made), "", *_signature(made), "", *made.recipients, ""])


def broken_lines(made: Made) -> str:
    """A narrow letterhead: names broken after every second word, the motto after its fourth."""
    head = [line for name in made.letterhead for line in _every(name, 2)]
    motto = [*(_every(made.motto[0], 4) if len(made.motto) > 1 else made.motto), *made.motto[1:]]
    lines = [*head, made.number_line, *made.subject_lines, "", *motto, made.place_date]
    return "\n".join([*lines, *_middle(made), *made.recipients, "", *_signature(made), ""])


def titles_on_one_line(made: Made) -> str:
    """The signer's titles on one line."""
    head = [*_left(made), "", *_right(made)]
    name = _signature(made)[-1]
    return "\n".join([*head, *_middle(made), *made.recipients, "", " ".join(_titles(made)), "", name, ""])


def title_above(made: Made) -> str:
    """Columns by spaces, the letterhead a row above the motto and the signer's title a row above Nơi nhận."""
    left, right = [*made.letterhead, made.number_line, *made.subject_lines], ["", *made.motto, made.place_date]
    *titles, name = _signature(made)
    signs = [*titles, *[""] * max(1, len(made.recipients) - len(titles)), name]

    def join(a: str, b: str) -> str:
        return f"{a:<42}{b}" if b else a

    foot = _beside(["", *made.recipients], signs, join)
    return "\n".join([*_beside(left, right, join), *_middle(made), *foot, ""])


def without_bullets(made: Made) -> str:
    """Columns by spaces; the lines of Nơi nhận without dashes."""
    plain = replace(made, recipients=[line.removeprefix("- ") for line in made.recipients])
    return spaces(plain)


def head_only(made: Made) -> str:
    """The letterhead in columns, the foot in turn."""
    head = _beside(*_head_rows(made), lambda a, b: f"{a:<44}{b}" if b else a)
    return "\n".join([*head, *_middle(made), *made.recipients, "", *_signature(made), ""])


def foot_only(made: Made) -> str:
    """The letterhead in turn, the foot in columns; the name under the archive line."""
    left, right = _foot_rows(made)
    foot = _beside(left, [*right[:-1], "", right[-1]], lambda a, b: f"{a:<44}{b}" if b else a)
    return "\n".join([*_left(made), "", *_right(made), *_middle(made), *foot, ""])


def bold_and_spaced(made: Made) -> str:
    """Markdown of an OCR model: bold capitals, two spaces at line ends."""
    lines = [f"**{line}**  " if line.isupper() else line for line in spaces(made).split("\n")]
    return "\n".join(lines)


def _every(text: str, count: int) -> list[str]:
    words = text.split()
    return [" ".join(words[k : k + count]) for k in range(0, len(words), count)]


def addressees_beside(made: Made) -> str:
    """Kính gửi and its list side by side, the list hanging under its first entry."""
    to = made.addressees
    beside = [f"Kính gửi: {to[0]}", *[" " * 10 + line for line in to[1:]]] if to else []
    lines = [*_left(made), "", *_right(made), "", *made.title, "", *beside, "", *wrapped(made.body)]
    return "\n".join([*lines, "", *made.recipients, "", *_signature(made), ""])


def signed(made: Made) -> str:
    """(Đã ký) over the name, which comes in capitals."""
    *titles, name = _signature(made)
    lines = [*_left(made), "", *_right(made), *_middle(made), *made.recipients, "", *titles, "(Đã ký)", "", name]
    return "\n".join([*lines, ""])


def boxed(made: Made) -> str:
    """The columns drawn in a frame of bars and dashes, as terminals and mail programs show tables."""
    edge = "+" + "-" * 46 + "+" + "-" * 46 + "+"

    def box(left: list[str], right: list[str]) -> list[str]:
        return [edge, *(f"| {a:<44} | {b:<44} |" for a, b in zip_longest(left, right, fillvalue="")), edge]

    return "\n".join([*box(*_head_rows(made)), *_middle(made), *box(*_foot_rows(made)), ""])


def page_break_in_the_foot(made: Made) -> str:
    """A form feed and a page number between Nơi nhận and the signature."""
    lines = [*_left(made), "", *_right(made), *_middle(made), *made.recipients, "\f", *_signature(made), ""]
    return "\n".join(lines)


def as_party(made: Made) -> Made:
    """The dispatch as a provincial committee of the Party issues it (Hướng dẫn 36-HD/VPTW)."""
    return replace(
        made,
        letterhead=["TỈNH ỦY SƠN LA", "*"],
        motto=["ĐẢNG CỘNG SẢN VIỆT NAM"],
        number_line="Số 17-CT/TU",
        place_date="Sơn La, ngày 06 tháng 8 năm 2021",
        subject_lines=[],
        title=["CHỈ THỊ", "về tăng cường công tác dân vận khéo", "trong tình hình mới"],
        addressees=[],
        recipients=[
            "Nơi nhận:",
            "- Các đồng chí Tỉnh ủy viên;",
            "- Các huyện ủy, thành ủy;",
            "- Lưu Văn phòng Tỉnh ủy.",
        ],
        signature=["T/M BAN THƯỜNG VỤ", "PHÓ BÍ THƯ", "", "", "Lò Văn Giang"],
    )


def as_youth_union(made: Made) -> Made:
    """The dispatch as a provincial committee of the youth union issues it."""
    return replace(
        as_party(made),
        letterhead=["TỈNH ĐOÀN SƠN LA", "***"],
        motto=["ĐOÀN TNCS HỒ CHÍ MINH"],
        number_line="Số: 45-KH/TĐTN-TTN",
        title=["KẾ HOẠCH", "Tổ chức Ngày hội đọc sách", "năm 2021"],
        signature=["TM. BAN THƯỜNG VỤ", "PHÓ BÍ THƯ", "", "", "Lò Thị Mai"],
    )


def as_school(made: Made) -> Made:
    """The dispatch as a university under a province issues it."""
    return replace(
        made,
        letterhead=["UBND TỈNH PHÚ THỌ", "TRƯỜNG ĐẠI HỌC HÙNG VƯƠNG"],
        number_line="Số: 1472/QĐ-ĐHHV",
        place_date="Phú Thọ, ngày 27 tháng 9 năm 2021",
        subject_lines=[],
        title=["QUYẾT ĐỊNH", "Về việc ban hành Quy chế thư viện", "hệ chính quy"],
        addressees=[],
        recipients=["Nơi nhận:", "- Như Điều 4;", "- BGH (để chỉ đạo);", "- Lưu: VT, P.ĐTĐH."],
        signature=["HIỆU TRƯỞNG", "", "", "PGS. TS Trịnh Văn Khánh"],
    )


def as_company(made: Made) -> Made:
    """The dispatch as a state company issues it, its name broken."""
    return replace(
        made,
        letterhead=["TỔNG CÔNG TY", "LƯƠNG THỰC MIỀN BẮC"],
        number_line="Số: 215/TCTLT-KH",
        place_date="Hà Nội, ngày 18 tháng 7 năm 2022",
        subject_lines=["V/v báo cáo sản lượng thu mua", "quý II năm 2022"],
        title=[],
        addressees=["- Bộ Tài chính;", "- Các công ty thành viên."],
        recipients=["Nơi nhận:", "- Như trên;", "- Hội đồng thành viên (để b/c);", "- Lưu: VT, KH."],
        signature=["KT. TỔNG GIÁM ĐỐC", "PHÓ TỔNG GIÁM ĐỐC", "", "", "Đỗ Minh Phúc"],
    )


LAYOUTS: tuple[Callable[[Made], str], ...] = (
    spaces, narrow, centred, tabs, one_space, bars, cells, row_by_row, motto_first, motto_above,
    number_and_date_under_the_heads, with_rules, dense, airy, signature_first, broken_lines, titles_on_one_line,
    bold_and_spaced, title_above, without_bullets, head_only, foot_only,
    addressees_beside, signed, boxed, page_break_in_the_foot,
)  # fmt: skip

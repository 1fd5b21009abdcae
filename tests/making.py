"""Makes dispatches: invented ones, of any number, laid out as this country's word processors lay them out.

``make(seed)`` is deterministic. Each comes with what its reader must find: the head, the codes it cites, its
deadlines and quantities. Names of persons are invented; places exist, what is said about them does not.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

PROVINCES = [
    "Lào Cai",
    "Nghệ An",
    "Quảng Trị",
    "Gia Lai",
    "Đồng Tháp",
    "Cà Mau",
    "Thanh Hóa",
    "Sơn La",
    "Phú Thọ",
    "Tây Ninh",
]
DEPARTMENTS = {
    "Sở Y tế": "SYT", "Sở Nội vụ": "SNV", "Sở Tài chính": "STC", "Sở Xây dựng": "SXD", "Sở Tư pháp": "STP",
    "Sở Giáo dục và Đào tạo": "SGDĐT",
}  # fmt: skip
MINISTRIES = {
    "Bộ Y tế": "BYT", "Bộ Tài chính": "BTC", "Bộ Nội vụ": "BNV", "Bộ Xây dựng": "BXD", "Bộ Tư pháp": "BTP",
    "Bộ Giáo dục và Đào tạo": "BGDĐT",
}  # fmt: skip
UNITS = ["TH", "KTTH", "VX", "NC", "KGVX", "TCCB"]
FAMILY = ["Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Vũ", "Đặng", "Bùi", "Đỗ", "Hồ"]
MIDDLE = ["Văn", "Thị", "Minh", "Thanh", "Quốc", "Ngọc", "Hữu", "Thu"]
GIVEN = ["An", "Bình", "Cường", "Dũng", "Giang", "Hà", "Khánh", "Lan", "Phúc", "Sơn", "Tuấn", "Vy"]
KINDS = {
    "kế hoạch": "KH", "thông báo": "TB", "quyết định": "QĐ", "chỉ thị": "CT", "tờ trình": "TTr", "báo cáo": "BC",
}  # fmt: skip
TOPICS = [
    "tiêm chủng mở rộng", "chuyển đổi số", "phòng, chống đuối nước trẻ em", "quản lý đất đai", "cải cách hành chính",
    "phòng cháy, chữa cháy rừng", "an toàn thực phẩm", "bảo hiểm y tế toàn dân", "phổ cập bơi lội",
    "thu gom rác thải nhựa",
]  # fmt: skip
ACTIONS = [
    "rà soát, thống kê số cơ sở chưa đủ điều kiện",
    "xây dựng kế hoạch chi tiết về {topic}", "tổ chức tập huấn về {topic}",
    "hoàn thành việc cập nhật dữ liệu về {topic}", "kiểm tra, đánh giá công tác {topic}",
]  # fmt: skip
FILLERS = [
    "Tăng cường công tác tuyên truyền, nâng cao nhận thức của cán bộ và Nhân dân về {topic}.",
    "Bố trí cán bộ có năng lực phụ trách công tác {topic}; kịp thời tháo gỡ khó khăn, vướng mắc ở cơ sở.",
    "Phối hợp chặt chẽ với các cơ quan, đơn vị liên quan trong quá trình tổ chức thực hiện, bảo đảm đúng quy định.",
    "Chịu trách nhiệm về tính chính xác của số liệu và nội dung báo cáo thuộc lĩnh vực được giao quản lý.",
    "Ưu tiên nguồn lực cho vùng sâu, vùng xa, vùng đồng bào dân tộc thiểu số và miền núi còn nhiều khó khăn.",
]
INDICATORS = [
    ("tỷ lệ hộ dân được sử dụng nước sạch", "%"), ("tỷ lệ trẻ em được tiêm chủng đầy đủ", "%"),
    ("tỷ lệ hồ sơ giải quyết trực tuyến", "%"),
    ("tỷ lệ người dân tham gia bảo hiểm y tế", "%"),
]  # fmt: skip


@dataclass(frozen=True)
class Made:
    """One invented dispatch: its pieces as laid out, its text, and the values that follow from how it was made."""

    letterhead: list[str]
    motto: list[str]
    number_line: str
    subject_lines: list[str]
    place_date: str
    title: list[str]
    addressees: list[str]
    body: list[str]
    recipients: list[str]
    signature: list[str]
    expected: dict[str, object] = field(default_factory=dict)
    codes: list[str] = field(default_factory=list)
    due: list[str] = field(default_factory=list)
    values: list[float] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The dispatch as a text file prints it."""
        head = [*self.letterhead, "", *self.motto, "", self.number_line, *self.subject_lines, "", self.place_date, ""]
        title = [*self.title, ""] if self.title else []
        to = ["Kính gửi:", "", *self.addressees, ""] if self.addressees else []
        foot = ["", *self.recipients, "", *self.signature, ""]
        return "\n".join([*head, *title, *to, *wrapped(self.body), *foot])


def make(seed: int, paragraphs: int = 8) -> Made:
    """The dispatch of that seed; ``paragraphs`` tasks in its body."""
    rng = random.Random(seed)
    province = rng.choice(PROVINCES)
    year, month, day = rng.randint(2021, 2025), rng.randint(1, 12), rng.randint(1, 28)
    number = f"{rng.randint(1, 4999):02d}"
    topic = rng.choice(TOPICS)
    is_letter = rng.random() < 0.45
    kind = "công văn" if is_letter else rng.choice(sorted(KINDS))
    level = rng.choice(["ministry", "province", "department"])
    letterhead, name, superior, symbol, place, chief = _issuer(rng, level, province)
    notation = f"{symbol}-{rng.choice(UNITS)}" if is_letter else f"{KINDS[kind]}-{symbol}"
    subject = rng.choice(["tăng cường công tác", "đẩy mạnh thực hiện", "triển khai"]) + f" {topic} năm {year}"
    codes: list[str] = []
    due: list[str] = []
    values: list[float] = []
    body = [_basis(rng, codes, province, topic, year)]
    body.append(f"{name} {'yêu cầu' if is_letter else 'giao'} các cơ quan, đơn vị thực hiện một số nội dung sau:")
    for section in range(paragraphs // 4 + 1):
        who = rng.choice(sorted(DEPARTMENTS))
        body.append(f"{section + 1}. {who}")
        for _ in range(4):
            body.append("- " + _task(rng, topic, year, due, values))
    body.append("Yêu cầu các cơ quan, đơn vị nghiêm túc triển khai thực hiện./.")
    signer = f"{rng.choice(FAMILY)} {rng.choice(MIDDLE)} {rng.choice(GIVEN)}"
    signature = (
        ["TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH"]
        if level == "province"
        else [f"KT. {chief}", f"{'THỨ TRƯỞNG' if level == 'ministry' else 'PHÓ GIÁM ĐỐC'}"]
    )
    to = (
        [f"- {d};" for d in rng.sample(sorted(DEPARTMENTS), 2)] + ["- Ủy ban nhân dân các xã, phường."]
        if is_letter
        else []
    )
    recipients = [
        "Nơi nhận:",
        "- Như trên;" if is_letter else "- Như Điều 3;",
        f"- Công an tỉnh {province} (để p/h);",
        f"- Lưu: VT, {rng.choice(UNITS)}.",
    ]
    expected: dict[str, object] = {
        "document_type": kind,
        "document_type_code": KINDS.get(kind),
        "number": number,
        "notation": notation,
        "code": f"{number}/{notation}",
        "subject": subject,
        "issuing_body.name": name,
        "issuing_body.superior": superior,
        "place": place,
        "issued_on": f"{year}-{month:02d}-{day:02d}",
        "signer.name": signer,
        "signer.position": signature[-1],
    }
    date = f"ngày {day:02d} tháng {month:02d} năm {year}" if month < 3 else f"ngày {day:02d} tháng {month} năm {year}"
    return Made(
        letterhead=letterhead,
        motto=["CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc"],
        number_line=f"Số: {number}/{notation}",
        subject_lines=_fold(f"V/v {subject}", 38) if is_letter else [],
        place_date=f"{place}, {date}",
        title=[] if is_letter else [kind.upper(), *_fold(subject[0].upper() + subject[1:], 60)],
        addressees=to,
        body=body,
        recipients=recipients,
        signature=[*signature, "", "", signer],
        expected=expected,
        codes=codes,
        due=due,
        values=values,
    )


def _issuer(rng: random.Random, level: str, province: str) -> tuple[list[str], str, str | None, str, str, str]:
    if level == "ministry":
        name = rng.choice(sorted(MINISTRIES))
        return [name.upper()], name, None, MINISTRIES[name], "Hà Nội", "BỘ TRƯỞNG"
    committee = f"Ủy ban nhân dân tỉnh {province}"
    if level == "province":
        return ["ỦY BAN NHÂN DÂN", f"TỈNH {province.upper()}"], committee, None, "UBND", province, "CHỦ TỊCH"
    name = rng.choice(sorted(DEPARTMENTS))
    return [f"UBND TỈNH {province.upper()}", name.upper()], name, committee, DEPARTMENTS[name], province, "GIÁM ĐỐC"


def _basis(rng: random.Random, codes: list[str], province: str, topic: str, year: int) -> str:
    first = f"{rng.randint(10, 2999)}/QĐ-TTg"
    second = f"{rng.randint(10, 2999)}/KH-UBND"
    codes.extend([first, second])
    return (
        f"Căn cứ Quyết định số {first} ngày {rng.randint(10, 28)}/{rng.randint(10, 12)}/{year - 1} của Thủ tướng "
        f"Chính phủ phê duyệt Chương trình {topic}; "
        f"thực hiện Kế hoạch số {second} ngày 0{rng.randint(1, 9)}/01/{year - 1} của UBND tỉnh {province} về {topic}."
    )


def _task(rng: random.Random, topic: str, year: int, due: list[str], values: list[float]) -> str:
    # About as many time limits and numbers to the kilobyte as in the labelled dispatches.
    choice = rng.random()
    if choice < 0.14:
        month, day = rng.randint(1, 12), rng.randint(10, 28)
        due.append(f"{year + 1}-{month:02d}-{day}")
        action = rng.choice(ACTIONS).format(topic=topic)
        return f"{action[0].upper()}{action[1:]}, báo cáo kết quả về Sở Nội vụ trước ngày {day}/{month:02d}/{year + 1}."
    if choice < 0.34:
        value = rng.randint(100, 999) / 10
        indicator, unit = rng.choice(INDICATORS)
        values.append(value)
        return f"Phấn đấu đến hết năm {year + 1}, {indicator} đạt {str(value).replace('.', ',')}{unit}."
    return rng.choice(FILLERS).format(topic=topic)


def _fold(text: str, width: int) -> list[str]:
    lines, line = [], ""
    for word in text.split():
        if line and len(line) + 1 + len(word) > width:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}".strip()
    return [*lines, line]


def wrapped(body: list[str]) -> list[str]:
    return [line for paragraph in body for line in (*_fold(paragraph, 78), "")]

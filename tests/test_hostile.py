"""Files that come with robustness sets and whole disks: hostile PDFs end in a reason, other papers invent nothing."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.batch import Pool, Settings, attempt
from pipeline.limits import DEFAULT
from pipeline.work import read_file
from tests.hostile_pdfs import hostile_pdfs
from tests.making import make
from tests.pdf_maker import draw
from tests.test_generated import paper_of

SETTINGS = Settings(replace(DEFAULT, seconds=3.0, cpu_seconds=4.0, pages=100), memory_mb=2560)
REASONS = {
    "no-dispatch", "no-pages", "no-text", "damaged-pdf", "too-many-pages", "password-needed", "out-of-memory",
    "time-limit", "cpu-limit",
}  # fmt: skip


def test_no_hostile_pdf_breaks_or_keeps_its_reader(tmp_path: Path) -> None:
    files = hostile_pdfs()
    assert len(files) >= 60
    for name, data in files.items():
        (tmp_path / f"{name}.pdf").write_bytes(data)
    good = tmp_path / "good.pdf"
    good.write_bytes(draw(paper_of(make(3))).pdf)
    started = time.monotonic()
    paths = sorted(map(str, tmp_path.iterdir()))
    with Pool(SETTINGS, 2) as pool:
        done = {Path(o.path).stem: o for o in pool.run(paths)}
    assert done.pop("good").word == "loaded"
    reasons = {name: o.failure.reason if o.failure else "read" for name, o in done.items()}
    assert {name: reason for name, reason in reasons.items() if reason not in REASONS} == {}
    assert len(reasons) == len(files) and time.monotonic() - started < 180


NO_DISPATCH = {
    "paper": "Rice Paddies from Above: A Survey\nJohn Q. Example, Jane R. Sample\nAbstract. We study 120 fields. "
    "No. 12/2031. Published on 12 May 2031.\n1 Introduction\nAs shown in [12], the accuracy was 95.5%.\nReferences\n"
    "[1] A. Nobody. Decision No. 123/QD-TTg. 2030.\n",
    "letter": "SAMPLE TRADING LTD\nNo: 45/STL-HR\nHanoi, 12 May 2031\nTo: The Director\nSubject: Request for "
    "quotation\n"
    "Dear Sir, please send the price of 20 laptops before 30 May 2031.\nYours sincerely,\n",
    "news": "Tỉnh Yên Sương chuẩn bị mùa mưa\n\n(Báo Sương Mai) - Theo Công văn số 1234/UBND-NN ngày 10/6/2031, "
    "các huyện "
    "phải kiểm tra đê trước ngày 30/6/2031. Người dân vui mừng.\nBình luận (12)\n",
    "exam": "SỞ GIÁO DỤC VÀ ĐÀO TẠO YÊN SƯƠNG\nĐỀ THI HỌC KỲ II\nMôn: Toán - Lớp 9\nThời gian làm bài: 90 phút\n"
    "Ngày thi: 12/5/2031\nCâu 1. (2 điểm) Giải phương trình x² - 5x + 6 = 0.\n",
    "résumé": "SƠ YẾU LÝ LỊCH\nHọ và tên: Lê Văn Ổi\nNgày sinh: 01/02/1990\nSố CMND: 012345678 cấp ngày 05/06/2010\n",
}
ALMOST = {
    "invoice": "CÔNG TY TNHH SAO BIỂN XANH\nMã số thuế: 0309999991\nHÓA ĐƠN GIÁ TRỊ GIA TĂNG\nNgày 12 tháng 05 "
    "năm 2031\n"
    "Ký hiệu: 1C31TAA\nSố: 00001234\nHọ tên người mua hàng: Trần Thị Bưởi\n1 Giấy A4 ram 10 65.000 650.000\n"
    "Người mua hàng    Người bán hàng\n(Ký, ghi rõ họ tên)   (Ký, đóng dấu)\n",
    "leave": "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nĐộc lập - Tự do - Hạnh phúc\n\nĐƠN XIN NGHỈ PHÉP\n\nKính gửi: "
    "Ban Giám đốc\n\n"
    "Tôi tên là: Trần Thị Bưởi, sinh ngày 12/03/1999\nLý do: việc gia đình.\nNgười làm đơn\nTrần Thị Bưởi\n",
    "form": "TÊN CƠ QUAN, TỔ CHỨC      CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nSố: ....../QĐ-......      Độc lập - "
    "Tự do - Hạnh "
    "phúc\n                   ........., ngày ..... tháng ..... năm 20...\n\nQUYẾT ĐỊNH\nVề việc .........\n\n"
    "Điều 1. ......\n"
    "Nơi nhận:\n- Như Điều ...;\n- Lưu: VT.\n",
    "contract": "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nĐộc lập - Tự do - Hạnh phúc\nHỢP ĐỒNG THUÊ NHÀ\nSố: 12/2031/HĐTN\n"
    "Hôm nay, ngày 05 tháng 06 năm 2031, chúng tôi gồm:\nBÊN A: Ông Lê Văn Ổi\nBÊN B: Bà Trần Thị Bưởi\n",
}


@pytest.mark.parametrize("name", NO_DISPATCH)
def test_what_is_no_dispatch_is_set_aside(name: str, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text(NO_DISPATCH[name], encoding="utf-8")
    done = attempt(read_file, str(path), SETTINGS)
    assert done.failure is not None and done.failure.reason == "no-dispatch"


@pytest.mark.parametrize("name", ALMOST)
def test_papers_that_look_like_one_get_no_invented_number_and_flags(name: str, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text(ALMOST[name], encoding="utf-8")
    (read,) = attempt(read_file, str(path), SETTINGS).reads
    record = json.loads(read.record)
    assert (record["code"], record["number"], record["references"]) == (None, None, [])
    assert {"missing-signer"} <= {flag["code"] for flag in record["flags"]}
    if name != "invoice":  # its day is printed as a dispatch's is
        assert record["issued_on"] is None and record["issuing_body"] is None
        assert {"missing-header", "missing-issuer"} <= {flag["code"] for flag in record["flags"]}

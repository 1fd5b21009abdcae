"""The words of the night's report, in Vietnamese, in one place."""

from __future__ import annotations

TITLE = "Báo cáo đêm {day}"
ALL_WELL = "Đêm này chạy xong, không có lỗi."
FAILED = "**ĐÊM NÀY CÓ LỖI: {what}.** Không có gì bị mất: cái gì đã vào cơ sở dữ liệu thì vẫn ở đó, đêm sau làm tiếp."
SPAN = "Từ {since} đến {until} (giờ Việt Nam). Cơ sở dữ liệu: `{db}`"
NOTHING = "Không có."
MORE = "… và {number} nữa."
NOT_READ = "Không đọc được cơ sở dữ liệu nên báo cáo chỉ có phần trên: {said}"

STEPS = "Các bước"
STEP_HEAD = ("Bước", "Kết quả", "Tệp đọc mới", "Đã có sẵn", "Để riêng", "Thời gian")
STEP_NAMES = {
    "start": "khởi động",
    "inbox": "đọc hộp đến",
    "retry": "thử lại tệp để riêng",
    "reextract": "trích xuất lại theo quy tắc mới",
    "publish": "liên kết và công bố",
}
DONE = "xong"
BROKEN = "lỗi: {said}"
SECONDS = "{seconds:.0f} giây"

CAME = "Văn bản mới ({number})"
CAME_HEAD = ("Số, ký hiệu", "Ngày", "Cơ quan ban hành", "Trích yếu", "Tệp")

CHANGED = "Thay đổi"
VERSIONS = "Tệp có nội dung mới: {number}"
VERSION_HEAD = ("Tệp", "Phiên bản", "Số, ký hiệu")
REREAD = "Văn bản đọc lại ra kết quả khác hoặc được đính chính: {number}"
FIELD_HEAD = ("Văn bản", "Mục", "Trước", "Nay")
ROWS_HEAD = ("Mục trong các văn bản ấy", "Có thêm", "Mất đi", "Khác đi")
CORRECTED = "Đính chính của người dùng: {number}"
CORRECTED_HEAD = ("Văn bản", "Mục", "Giá trị đúng", "Lý do", "Ai")

ASIDE = "Để riêng"
ASIDE_NEW = "Mới để riêng: {number}"
ASIDE_HEAD = ("Tệp", "Lý do", "Giải thích của chương trình")
ASIDE_OLD = "Để riêng từ trước, vẫn chưa đọc được: {number}"
ASIDE_OLD_HEAD = ("Lý do", "Số tệp")
ASIDE_HINT = "Xem hết: `congvan setaside`. Thử lại: `congvan retry`, hoặc `congvan retry --reason {reason}`."

OVERDUE = "Quá hạn ({number})"
OVERDUE_NEW = "Mới quá hạn: {number}"
OVERDUE_OLD = "Quá hạn từ trước: {number}, xem hết bằng `congvan query \"FROM overdue('{day}')\"`."
OVERDUE_NOTE = "Văn bản không cho biết việc đã làm hay chưa; chỉ biết hạn đã qua."
OVERDUE_HEAD = ("Hạn", "Số ngày", "Ai", "Việc", "Số, ký hiệu")
SOON = "Đến hạn trong {days} ngày tới ({number})"

TOTAL = "Cơ sở dữ liệu có {documents} văn bản của {files} tệp; {aside} tệp để riêng."

REASONS = {
    "binary-not-text": "không phải văn bản",
    "changed-while-read": "tệp đang thay đổi",
    "cpu-limit": "quá lâu (bộ xử lý)",
    "damaged-file": "tệp hỏng",
    "damaged-mail": "thư hỏng",
    "damaged-pdf": "PDF hỏng",
    "damaged-picture": "ảnh hỏng",
    "damaged-zip": "tệp nén hỏng",
    "does-not-fit": "không vừa các bảng",
    "empty-file": "tệp rỗng",
    "empty-folder": "thư mục rỗng",
    "internal-error": "lỗi của chương trình",
    "name-not-unicode": "tên tệp không hợp lệ",
    "no-dispatch": "không phải công văn",
    "no-pages": "không có trang",
    "no-permission": "không được phép đọc",
    "no-text": "không có chữ",
    "not-a-file": "không phải tệp",
    "not-found": "không thấy tệp",
    "out-of-memory": "cần quá nhiều bộ nhớ",
    "password-needed": "cần mật khẩu",
    "reader-crashed": "chương trình đọc bị dừng",
    "scan-needs-ocr": "bản quét, cần nhận dạng chữ",
    "time-limit": "đọc quá lâu",
    "too-big": "tệp quá lớn",
    "too-deep": "lồng nhau quá sâu",
    "too-many-members": "quá nhiều tệp bên trong",
    "too-many-pages": "quá nhiều trang",
    "unreadable-file": "không mở được",
    "unsafe-path": "đường dẫn không an toàn bên trong",
    "unsupported-kind": "loại tệp chưa đọc được",
    "zip-bomb": "tệp nén bất thường",
}
"""By the reason's slug; a slug without words of its own stands for itself."""

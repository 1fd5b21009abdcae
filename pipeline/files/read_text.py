"""Plain text files: bytes to decoded characters to canonical text, whatever encoding they were saved in."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from models.record import Evidence, Flag
from models.source import Source
from models.text import Text
from pipeline.errors import SetAside
from pipeline.files import legacy
from pipeline.files.tab_columns import unfold_text
from pipeline.limits import DEFAULT, Limits

_BOMS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
_SNIFF = 4096
# High bytes of UTF-16 units in Vietnamese text: Latin, marks, Latin Extended Additional, punctuation, signs.
_UTF16_HIGH = frozenset(b"\x00\x01\x03\x1e\x20\x21\x22\x25")
_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
# Bytes that VISCII uses for capitals, and the end-of-file mark of old systems.
_HARMLESS = re.compile(rb"[\x02\x05\x06\x14\x19\x1a\x1e]")
_LINE_ENDS = re.compile("\r\n?|[\u0085\u2028\u2029]")
_PAGE_BREAKS = re.compile("[ ]*[\f\v]+")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f]")
_LETTER = re.compile(r"[^\W_]")
_MARKDOWN = re.compile(r"^#{1,6} \S|\*\*[^*\n]{1,200}\*\*", re.MULTILINE)

_MARKDOWN_WINDOW = 100_000


@dataclass(frozen=True, slots=True)
class Decoded:
    """A file's characters: ``characters`` as its encoding gives them, and what is known about that encoding.

    ``legacy`` names a Vietnamese encoding that the characters themselves are still in; ``lost`` counts characters
    without a meaning.
    """

    characters: str
    encoding: str
    legacy: legacy.Encoding | None = None
    lost: int = 0


def decode(data: bytes, name: str) -> Decoded:
    """The characters of a text file.

    UTF-8, UTF-16 and UTF-32 by their byte order mark; UTF-16 without one by its zero bytes; then UTF-8, then the
    Vietnamese 8-bit encodings by the words they make. Raises :class:`SetAside` ``binary-not-text`` or
    ``unknown-encoding``.
    """
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return _checked(Decoded(data.decode(encoding, "replace"), encoding))
    utf16 = _utf16(data)
    if utf16 is not None:
        return _checked(Decoded(data.decode(utf16, "replace"), utf16))
    if _is_binary(data):
        raise SetAside(
            "read",
            "binary-not-text",
            f"{name} holds binary data, not text: open it with the program that made it and save it as PDF or DOCX.",
        )
    try:
        return _checked(Decoded(data.decode("utf-8"), "utf-8"))
    except UnicodeDecodeError:
        pass
    loose = data.decode("utf-8", "replace")
    broken = loose.count("\ufffd")
    # A file cut off in mid-letter or patched by another program is still UTF-8.
    if broken * 20 <= sum(1 for c in loose[:200_000] if c > "\x7f"):
        return Decoded(loose, "utf-8")
    return _eight_bit(data, name)


def _checked(decoded: Decoded) -> Decoded:
    """The same, with the legacy encoding its characters may still be in."""
    kind = legacy.looks_like(decoded.characters)
    if kind is None:
        return decoded
    return Decoded(decoded.characters, decoded.encoding, kind, legacy.unmapped(decoded.characters, kind))


def _eight_bit(data: bytes, name: str) -> Decoded:
    shown = data.decode("latin-1")
    kind = legacy.looks_like(shown)
    if kind is not None and kind != "viscii":
        # Quotation marks and dashes of Windows, which these encodings leave where they are.
        shown = shown.translate(_WINDOWS)
    if kind is not None:
        return Decoded(shown, kind, kind, legacy.unmapped(shown, kind))
    windows = data.decode("cp1258", "replace")
    composed = unicodedata.normalize("NFC", windows[:60_000])
    if legacy.reads_as_vietnamese(composed):
        return Decoded(windows, "cp1258")
    raise SetAside(
        "read",
        "unknown-encoding",
        f"{name} is text in an encoding that is neither Unicode nor a known Vietnamese one: save it as UTF-8.",
    )


_WINDOWS = {byte: bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in range(0x80, 0xA0)}


def _utf16(data: bytes) -> str | None:
    """``utf-16-le`` or ``utf-16-be`` where the zero bytes of Latin letters stand in every second place."""
    head = data[: min(_SNIFF, len(data) // 2 * 2)]
    units = len(head) // 2
    if units < 2 or len(data) % 2:
        return None
    for encoding, high, low in (("utf-16-le", head[1::2], head[0::2]), ("utf-16-be", head[0::2], head[1::2])):
        if high.count(0) * 2 < units or low.count(0) * 20 > units:
            continue
        if sum(byte in _UTF16_HIGH for byte in high) * 100 >= 98 * units:
            return encoding
    return None


def _is_binary(data: bytes) -> bool:
    head = data[:65_536]
    controls = len(_CONTROLS.findall(head))
    if b"\x00" in head or controls * 10 > len(head):
        return True
    return (controls - len(_HARMLESS.findall(head))) * 50 > len(head)


def canonical(decoded: Decoded) -> Text:
    """The canonical text, its way back to the decoded characters kept: NFC, line feeds only, no control characters."""
    text = Text.of(decoded.characters)
    if decoded.characters.startswith("\ufeff"):
        text = text.edit([(0, 1, "")])
    if decoded.legacy is not None:
        text = legacy.restore(text, decoded.legacy)
    clean = text.clean
    if "\r" in clean or "\u0085" in clean or "\u2028" in clean or "\u2029" in clean:
        text = text.replace(_LINE_ENDS, "\n")
    if "\f" in clean or "\v" in clean:
        text = text.replace(_PAGE_BREAKS, "\n")
    return text.replace(_CONTROL, "").compose()


def undecodable(text: str, lost: int) -> tuple[Flag, ...]:
    """A flag where characters have no meaning in their encoding: ``lost`` of them, or replacement characters."""
    count = max(lost, text.count("\ufffd"))
    if not count:
        return ()
    at = text.find("\ufffd")
    where = None if at < 0 else Evidence(start=at, end=at + 1, text=text[at])
    message = f"{count} characters have no meaning in the file's encoding and stand as they were found."
    return (Flag(code="undecodable-characters", message=message, rule="read/undecodable", evidence=where),)


def too_big(name: str, size: int, limit: int) -> SetAside:
    """What to say about a text beyond its limit (bytes)."""
    return SetAside(
        "read", "too-big", f"{name} is {size:,} bytes of text, the limit is {limit:,}: split it into its dispatches."
    )


def read_text(data: bytes, path: str, sha256: str, limits: Limits = DEFAULT) -> Source:
    """A plain text or markdown file. Raises :class:`SetAside`."""
    if len(data) > limits.text_bytes:
        raise too_big(path, len(data), limits.text_bytes)
    decoded = decode(data, path)
    text = unfold_text(canonical(decoded))
    if _LETTER.search(text.clean) is None:
        raise SetAside("read", "no-text", f"{path} holds no letter and no digit: check that it was saved whole.")
    return Source(
        path=path,
        sha256=sha256,
        media_type="text/markdown" if _MARKDOWN.search(text.clean, 0, _MARKDOWN_WINDOW) else "text/plain",
        text_origin="plain",
        text=text.clean,
        characters=text,
        flags=undecodable(text.clean, decoded.lost),
        extra={"encoding": decoded.encoding} | ({"legacy": decoded.legacy} if decoded.legacy else {}),
    )

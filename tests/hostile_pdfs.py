"""PDFs whose structure is made to harm: loops, lies about lengths, bombs, broken fonts and pictures."""

from __future__ import annotations

import io
import struct
import zlib

_ROOT = "<< /Type /Catalog /Pages 2 0 R >>"
_WORDS = b"BT /F 12 Tf 72 700 Td (Hello, this page is no dispatch at all.) Tj ET"


def pdf(objects: list[str | bytes], trailer: str = "") -> bytes:
    """A PDF of these objects, the first the catalogue; ``trailer`` is put into its trailer."""
    out = io.BytesIO(b"")
    out.write(b"%PDF-1.7\n")
    places = []
    for number, body in enumerate(objects, start=1):
        places.append(out.tell())
        out.write(b"%d 0 obj\n" % number + (body.encode() if isinstance(body, str) else body) + b"\nendobj\n")
    start = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    out.writelines(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    out.write(f"trailer << /Size {size} /Root 1 0 R {trailer} >>\nstartxref\n{start}\n%%EOF\n".encode())
    return out.getvalue()


def stream(data: bytes, about: str = "") -> bytes:
    """A stream object; its length is told truly."""
    return f"<< {about} /Length {len(data)} >>\nstream\n".encode() + data + b"\nendstream"


def page(
    content: bytes = _WORDS,
    resources: str = "",
    page: str = "",
    box: str = "[0 0 595 842]",
    root: str = "",
    filters: str = "",
    more: tuple[str | bytes, ...] = (),
    trailer: str = "",
) -> bytes:
    """A PDF of one page; its content is object 4, ``more`` are those from 5 on."""
    return pdf(
        [
            f"<< /Type /Catalog /Pages 2 0 R {root} >>",
            "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            f"<< /Type /Page /Parent 2 0 R /MediaBox {box} {page} /Contents 4 0 R /Resources << {resources} >> >>",
            stream(content, filters),
            *more,
        ],
        trailer,
    )


def hostile_pdfs() -> dict[str, bytes]:
    """Each by what is wrong with it."""
    font = "/Font << /F << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >>"
    bomb = _bomb(3)
    return {
        "xref-loop": _xref_loop(),
        "xref-beyond": pdf([_ROOT, "<< /Type /Pages /Kids [] /Count 0 >>"]).replace(b"startxref\n", b"startxref\n9999"),
        "xref-huge": _xref_stream(b"/Size 2000000000 /Index [0 2000000000] /W [1 8 8]", b"\x01" * 100),
        "xref-widths": _xref_stream(b"/Size 10 /W [99999999 99999999 99999999]", b"\x01" * 100),
        "object-stream-itself": _object_stream(b"/Extends 3 0 R", b"3 0 1 0 << /Type /Catalog /Pages 2 0 R >>"),
        "object-stream-crowd": _object_stream(b"", b"1 0 " * 100_000, count=2_000_000_000),
        "length-itself": pdf(
            [
                _ROOT,
                "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
                "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R >>",
                b"<< /Length 4 0 R >>\nstream\nabc\nendstream",
            ]
        ),
        "length-lies": page().replace(b"/Length ", b"/Length 999999999"),
        "reference-ring": pdf([_ROOT, "3 0 R", "4 0 R", "2 0 R"]),
        "tree-deep": _deep_tree(20_000),
        "tree-count": pdf([_ROOT, "<< /Type /Pages /Kids [] /Count 2147483647 >>"]),
        "tree-wide": pdf(
            [
                _ROOT,
                "<< /Type /Pages /Count 1000000 /Kids [" + "3 0 R " * 1_000_000 + "] >>",
                "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>",
            ]
        ),
        "tree-to-itself": pdf(
            [
                _ROOT,
                "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
                "<< /Type /Pages /Kids [2 0 R 3 0 R] /Count 1 /Parent 3 0 R >>",
            ]
        ),
        "box-nan": page(box="[nan inf -inf 1e99]"),
        "box-huge": page(box="[-1e30 -1e30 1e30 1e30]", resources=font),
        "box-empty": page(box="[0 0 0 0]", resources=font),
        "box-itself": page(box="3 0 R", resources=font),
        "rotate-junk": page(page="/Rotate 123456789 /UserUnit 1e9", resources=font),
        "rotate-ring": page(page="/Rotate 3 0 R /UserUnit 3 0 R", resources=font),
        "array-million": page(
            page=f"/Annots [{'5 0 R ' * 1_000_000}]",
            resources=font,
            more=("<< /Type /Annot /Subtype /Text /Rect [0 0 9 9] /Contents (x) >>",),
        ),
        "dictionary-million": page(page="/X << " + " ".join(f"/K{n} {n}" for n in range(300_000)) + " >>"),
        "nested-arrays": page(page="/X " + "[" * 200_000 + "]" * 200_000),
        "nested-saves": page(b"q " * 2_000_000 + _WORDS, font),
        "nested-text": page(b"BT " * 300_000 + b"(x) Tj " * 300_000, font),
        "operands": page(b"1 " * 3_000_000 + _WORDS, font),
        "strings-open": page(b"(" * 2_000_000, font),
        "letters": page(b"BT /F 1 Tf " + b"1 0 0 1 5 5 Tm (a) Tj " * 400_000 + b"ET", font),
        "lines": page(b"0 0 m " + b"500 800 l 3 3 l " * 300_000 + b"S", font),
        "bomb": page(bomb, filters="/Filter [/FlateDecode /FlateDecode /FlateDecode]"),
        "bomb-filters": page(zlib.compress(b"x"), filters="/Filter [" + "/ASCIIHexDecode " * 100_000 + "]"),
        "bomb-runs": page(b"\x81 " * 1_000_000 + b"\x80", filters="/Filter /RunLengthDecode"),
        "bomb-predictor": page(
            zlib.compress(bytes(1000)),
            filters="/Filter /FlateDecode /DecodeParms << /Predictor 15 "
            "/Columns 2147483647 /Colors 32 /BitsPerComponent 16 >>",
        ),
        "forms-doubling": _doubling(40),
        "pattern-itself": page(
            b"/Pattern cs /P scn 0 0 500 500 re f",
            "/Pattern << /P 5 0 R >>",
            more=(
                stream(
                    b"/Pattern cs /P scn 0 0 9 9 re f",
                    "/Type /Pattern /PatternType 1 /PaintType 1 /TilingType 1 "
                    "/BBox [0 0 9 9] /XStep 0.0001 /YStep 0.0001 /Resources << /Pattern << /P 5 0 R >> >>",
                ),
            ),
        ),
        "shading": page(
            b"/S sh",
            "/Shading << /S << /ShadingType 1 /ColorSpace /DeviceRGB /Domain [0 1e9 0 1e9] "
            "/Function << /FunctionType 4 /Domain [0 1 0 1] /Range [0 1 0 1 0 1] >> >> >>",
        ),
        "function-itself": page(
            b"/S sh",
            "/Shading << /S << /ShadingType 2 /ColorSpace /DeviceGray /Coords [0 0 9 9] /Function 5 0 R >> >>",
            more=("<< /FunctionType 3 /Domain [0 1] /Functions [5 0 R 5 0 R] /Bounds [0.5] /Encode [0 1 0 1] >>",),
        ),
        "colour-itself": page(
            b"/C cs 1 scn 0 0 9 9 re f", "/ColorSpace << /C 5 0 R >>", more=("[/Indexed 5 0 R 255 <00>]",)
        ),
        "jbig2": _picture("/Filter /JBIG2Decode", b"\x00\x00\x00\x00\x30\x00\x01\xff\xff\xff\xff" + bytes(200)),
        "jbig2-globals": _picture("/Filter /JBIG2Decode /DecodeParms << /JBIG2Globals 5 0 R >>", b"\xff" * 400),
        "jpx": _picture("/Filter /JPXDecode", _jpx(200_000, 200_000)),
        "jpx-tiles": _picture("/Filter /JPXDecode", _jpx(60_000, 60_000, tile=1)),
        "dct": _picture(
            "/Filter /DCTDecode",
            b"\xff\xd8\xff\xc0\x00\x11\x08\xff\xff\xff\xff\x03\x01\x44\x00\x02\x11\x01"
            b"\x03\x11\x01" + b"\xff\xda" + bytes(500),
        ),
        "fax": _picture(
            "/Filter /CCITTFaxDecode /DecodeParms << /K -1 /Columns 2000000000 /Rows 2000000000 >>", b"\0" * 99
        ),
        "inline-picture": page(b"BI /W 99999 /H 99999 /BPC 8 /CS /RGB ID " + b"\xff" * 1000 + b" EI " + _WORDS, font),
        "mask-itself": page(
            b"/I Do",
            "/XObject << /I 5 0 R >>",
            more=(
                stream(
                    b"abc",
                    "/Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceRGB "
                    "/BitsPerComponent 8 /SMask 5 0 R",
                ),
            ),
        ),
        "font-truetype": _font("/FontFile2 5 0 R", b"\x00\x01\x00\x00\xff\xff" + b"glyf" * 100, "/TrueType"),
        "font-type1": _font("/FontFile 5 0 R", b"%!PS-AdobeFont\n/Subrs 2000000000 array " + b"{" * 5000, "/Type1"),
        "font-cff": _font("/FontFile3 5 0 R", b"\x01\x00\x04\x04\xff\xff\x04" + b"\xff" * 900, "/Type1"),
        "font-type3-itself": page(
            _WORDS.replace(b"(Hello", b"(aaa"),
            "/Font << /F 5 0 R >>",
            more=(
                "<< /Type /Font /Subtype /Type3 /FontBBox [0 0 9 9] /FontMatrix [1 0 0 1 0 0] "
                "/CharProcs << /a 6 0 R >> "
                "/Encoding << /Differences [97 /a] >> /FirstChar 97 /LastChar 97 /Widths [9] "
                "/Resources << /Font << /F 5 0 R >> >> >>",
                stream(b"BT /F 9 Tf (aaaa) Tj ET"),
            ),
        ),
        "font-map": page(
            resources="/Font << /F << /Type /Font /Subtype /Type0 /BaseFont /A /Encoding 5 0 R "
            "/ToUnicode 5 0 R /DescendantFonts [<< /Type /Font /Subtype /CIDFontType2 /BaseFont /A >>] >> >>",
            more=(
                stream(
                    b"/CMapName /A def 1 begincodespacerange <00000000> <ffffffff> endcodespacerange "
                    b"9 begincidrange " + b"<00000000> <ffffffff> 0 " * 9 + b"endcidrange "
                    b"1 beginbfrange <00000000> <ffffffff> <0041> endbfrange",
                    "/UseCMap 5 0 R",
                ),
            ),
        ),
        "locked-unknown": page(
            trailer="/Encrypt << /Filter /Fort.Knox /V 99 /R 99 /O (a) /U (b) /P 0 >> /ID [(a) (b)]"
        ),
        "locked-itself": page(trailer="/Encrypt 4 0 R /ID [4 0 R 4 0 R]"),
        "locked-public": page(
            trailer="/Encrypt << /Filter /Adobe.PubSec /SubFilter /adbe.pkcs7.s5 /V 5 /CF << /D << "
            "/CFM /AESV3 /Recipients [(x)] >> >> /StmF /D /StrF /D >> /ID [(a) (b)]"
        ),
        "labels": page(
            resources=font,
            root="/PageLabels 5 0 R",
            more=(
                "<< /Kids [5 0 R 5 0 R] /Nums [-1 << /S /r /St 2000000000 >> 0 << /S /A /St 2000000000 /P ("
                + "x" * 100_000
                + ") >>] >>",
            ),
        ),
        "names-ring": page(
            resources=font,
            root="/Names << /EmbeddedFiles 5 0 R /Dests 5 0 R /JavaScript 5 0 R >>",
            more=("<< /Kids [5 0 R] /Limits [(a) (z)] >>",),
        ),
        "outline-ring": page(
            resources=font,
            root="/Outlines 5 0 R",
            more=(
                "<< /Type /Outlines /First 6 0 R /Last 6 0 R /Count 2147483647 >>",
                "<< /Title (x) /Parent 5 0 R /Next 6 0 R /Prev 6 0 R /First 6 0 R /Dest [3 0 R /XYZ 0 0 0] >>",
            ),
        ),
        "embedded-deep": _embedded(60),
        "form-fields": page(
            resources=font,
            root="/AcroForm << /Fields [5 0 R] /SigFlags 3 /XFA [(x) 4 0 R] >>",
            more=(
                "<< /FT /Sig /T (s) /Kids [5 0 R] /Parent 5 0 R /V 6 0 R >>",
                "<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /adbe.pkcs7.detached "
                "/ByteRange [0 2147483647 -5 1e20] "
                "/Contents <" + "30" * 50_000 + "> /M (D:99999999999999) >>",
            ),
        ),
        "signature-deep": page(
            resources=font,
            root="/AcroForm << /Fields [5 0 R] /SigFlags 3 >>",
            more=(
                "<< /FT /Sig /Subtype /Widget /Rect [0 0 0 0] /T (s) /V 6 0 R >>",
                "<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /adbe.pkcs7.detached /ByteRange [0 10 20 10] "
                "/Contents <" + "3080" * 30_000 + "> >>",
            ),
        ),
        "optional-ring": page(
            b"/OC /L BDC " * 100_000 + _WORDS,
            f"{font} /Properties << /L 5 0 R >>",
            root="/OCProperties << /OCGs [5 0 R] /D << /Order [5 0 R 5 0 R] >> >>",
            more=("<< /Type /OCMD /OCGs [5 0 R] /VE [/And 5 0 R 5 0 R] >>",),
        ),
        "structure-ring": page(
            resources=font,
            root="/MarkInfo << /Marked true >> /StructTreeRoot 5 0 R",
            more=(
                "<< /Type /StructTreeRoot /K [6 0 R] /ParentTree 5 0 R /RoleMap << /A /B /B /A >> >>",
                "<< /Type /StructElem /S /A /P 6 0 R /K [6 0 R 6 0 R] >>",
            ),
        ),
        "updates": _updates(3_000),
        "two-heads": page(resources=font)[:400] + page(resources=font),
        "zeros-inside": page(resources=font).replace(b"endobj", b"\0" * 500_000 + b"endobj", 1),
    }


def _bomb(folds: int) -> bytes:
    data = b" " * 100_000_000
    for _ in range(folds):
        data = zlib.compress(data, 9)
    return data


def _xref_loop() -> bytes:
    body = b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n"
    first = len(body)
    section = b"xref\n0 1\n0000000000 65535 f \ntrailer << /Size 3 /Root 1 0 R /Prev %08d >>\n"
    second = first + len(section % 0)
    return body + section % second + section % first + b"startxref\n%d\n%%%%EOF" % first


def _xref_stream(about: bytes, data: bytes) -> bytes:
    body = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n"
    return (
        body + b"5 0 obj\n<< /Type /XRef /Root 1 0 R " + about + b" /Length %d >>\nstream\n" % len(data) + data
        + b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF" % len(body)
    )  # fmt: skip


def _object_stream(about: bytes, data: bytes, count: int = 2) -> bytes:
    body = b"%PDF-1.7\n"
    held = body + b"3 0 obj\n<< /Type /ObjStm /N %d /First 8 " % count + about
    held += b" /Length %d >>\nstream\n" % len(data) + data + b"\nendstream\nendobj\n"
    entries = b"".join(
        struct.pack(">BIB", *e) for e in [(0, 0, 255), (2, 3, 1), (2, 3, 0), (2, 3, 0), (1, len(held), 0)]
    )
    table = b"4 0 obj\n<< /Type /XRef /Root 1 0 R /Size 5 /W [1 4 1] /Length %d >>\nstream\n" % len(entries)
    return held + table + entries + b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF" % len(held)


def _deep_tree(levels: int) -> bytes:
    kids = [f"<< /Type /Pages /Kids [{n + 3} 0 R] /Count 1 /Parent {n + 1} 0 R >>" for n in range(levels)]
    return pdf([_ROOT, *kids, f"<< /Type /Page /Parent {levels + 1} 0 R /MediaBox [0 0 9 9] >>"])


def _doubling(levels: int) -> bytes:
    """Each form draws the next one twice."""
    about = "/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X {} 0 R >> >>"
    forms = [stream(b"/X Do /X Do", about.format(n + 6)) for n in range(levels)]
    return page(b"/X Do", "/XObject << /X 5 0 R >>", more=(*forms, stream(b"0 0 9 9 re f", about.format(5))))


def _picture(about: str, data: bytes) -> bytes:
    said = "/Type /XObject /Subtype /Image /Width 60000 /Height 60000 /ColorSpace /DeviceGray /BitsPerComponent 8"
    return page(b"500 0 0 800 9 9 cm /I Do", "/XObject << /I 5 0 R >>", more=(stream(data, f"{said} {about}"),))


def _jpx(width: int, height: int, tile: int = 0) -> bytes:
    side = (tile or width, tile or height)
    size = struct.pack(">HHIIIIIIIIH", 0, 0, width, height, 0, 0, *side, 0, 0, 1) + b"\x07\x01\x01"
    return b"\xff\x4f\xff\x51" + struct.pack(">H", len(size) + 2) + size + b"\xff\x90" + bytes(300)


def _font(file: str, program: bytes, kind: str) -> bytes:
    about = f"<< /Type /Font /Subtype {kind} /BaseFont /Broken /FirstChar 0 /LastChar 2147483647 /Widths [1 2] "
    return page(
        resources=f"/Font << /F {about} /FontDescriptor << /Type /FontDescriptor /FontName /Broken /Flags 4 {file} >> "
        ">> >>",
        more=(stream(program, f"/Length1 {len(program) * 9} /Length2 5 /Length3 2147483647 /Subtype /Type1C"),),
    )


def _embedded(levels: int) -> bytes:
    """A PDF attached to a PDF attached to a PDF."""
    data = page()
    for _ in range(levels):
        squeezed = zlib.compress(data)
        data = page(
            root="/Names << /EmbeddedFiles << /Names [(a.pdf) << /Type /Filespec /F (../../a.pdf) "
            "/EF << /F 5 0 R >> >>]"
            " >> >>",
            more=(stream(squeezed, "/Type /EmbeddedFile /Filter /FlateDecode /Params << /Size 2147483647 >>"),),
        )
    return data


def _updates(number: int) -> bytes:
    """Saved so many times, each time appended."""
    data = page()
    start = data.rindex(b"xref\n0 ")
    for _ in range(number):
        here = len(data)
        data += b"xref\n0 0\ntrailer << /Size 5 /Root 1 0 R /Prev %d >>\nstartxref\n%d\n%%%%EOF\n" % (start, here)
        start = here
    return data

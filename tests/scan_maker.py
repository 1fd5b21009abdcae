"""Turns pages of a PDF into what a scanner makes of them: tilted, blurred, photocopied, stamped."""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Sequence

import numpy as np
import pymupdf
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from tests.pdf_maker import font_files

Damage = Callable[[Image.Image], Image.Image]

DPI = 200
RED = (200, 40, 45)


def pictures(pdf: bytes, dpi: int = DPI) -> list[Image.Image]:
    """The pages in colour."""
    with pymupdf.open(stream=pdf, filetype="pdf") as document:
        pixmaps = [page.get_pixmap(dpi=dpi) for page in document]
    return [Image.frombytes("RGB", (p.width, p.height), p.samples) for p in pixmaps]


def scanned(
    pdf: bytes, damage: Damage, dpi: int = DPI, *, first: Damage | None = None, last: Damage | None = None
) -> bytes:
    """The PDF as a scan without text, each page damaged; ``first`` and ``last`` befall only that page, before it."""
    pages = pictures(pdf, dpi)
    if first is not None:
        pages[0] = first(pages[0])
    if last is not None:
        pages[-1] = last(pages[-1])
    return as_pdf([damage(page) for page in pages], dpi)


def sealed_by(pdf: bytes, name: str, ink: tuple[int, int, int] | None = None) -> Damage:
    """A seal where NĐ 30/2020, Art. 33 wants it: over a third of the signature, here over the start of the name."""
    with pymupdf.open(stream=pdf, filetype="pdf") as document:
        page = document[-1]
        spot = page.search_for(name)[-1]
        return sealed(spot.x0 / page.rect.width - 0.02, spot.y0 / page.rect.height - 0.045, ink or RED)


def as_pdf(images: Sequence[Image.Image], dpi: int = DPI) -> bytes:
    """A PDF of pictures, one a page; photocopies in one bit a pixel, the others as JPEG."""
    with pymupdf.open() as document:
        for image in images:
            page = document.new_page(width=image.width / dpi * 72, height=image.height / dpi * 72)
            page.insert_image(page.rect, stream=encoded(image, "PNG" if image.mode == "1" else "JPEG"))
        return bytes(document.tobytes(deflate=True))


def encoded(image: Image.Image, form: str) -> bytes:
    """The picture as a file of that form."""
    stream = io.BytesIO()
    image.save(stream, form, dpi=(DPI, DPI), **({"quality": 80} if form == "JPEG" else {}))
    return stream.getvalue()


def as_it_is(image: Image.Image) -> Image.Image:
    """A good scanner."""
    return image


def tilted(degrees: float) -> Damage:
    """The sheet lay askew, counter-clockwise."""
    return lambda image: image.rotate(degrees, resample=Image.Resampling.BICUBIC, fillcolor=(255, 255, 255))


def blurred(radius: float) -> Damage:
    """Out of focus; the radius in pixels."""
    return lambda image: image.filter(ImageFilter.GaussianBlur(radius))


def noisy(image: Image.Image) -> Image.Image:
    """Grey paper and a bad sensor."""
    pixels = np.asarray(image).astype(np.float32)
    grain = np.random.default_rng(7).normal(0, 22, pixels.shape[:2])[..., None]
    return Image.fromarray(np.clip(pixels * 0.85 + 12 + grain, 0, 255).astype(np.uint8))


def photocopied(image: Image.Image) -> Image.Image:
    """Black and white, with the dirt of the glass."""
    grey = np.asarray(image.convert("L").filter(ImageFilter.GaussianBlur(0.6)))
    rng = np.random.default_rng(3)
    dirt = rng.random(grey.shape) < 0.0004
    return Image.fromarray(np.where(dirt, 0, np.where(grey < 165, 0, 255)).astype(np.uint8)).convert("1")


def sealed(x: float, y: float, ink: tuple[int, int, int] = RED) -> Damage:
    """A round seal of 35 mm with its middle at that share of width and height, ink over the print."""

    def damage(image: Image.Image) -> Image.Image:
        layer = Image.new("RGB", image.size, (255, 255, 255))
        pen = ImageDraw.Draw(layer)
        cx, cy, radius = x * image.width, y * image.height, 17.5 / 25.4 * DPI
        for share, width in ((1.0, 5), (0.94, 2), (0.62, 3)):
            r = share * radius
            pen.ellipse((cx - r, cy - r, cx + r, cy + r), outline=ink, width=width)
        font = ImageFont.truetype(str(font_files()[1]), 20)
        for index, letter in enumerate("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM * CƠ QUAN * "):
            angle = 2 * math.pi * index / 47
            place = (cx + 0.78 * radius * math.cos(angle) - 7, cy + 0.78 * radius * math.sin(angle) - 11)
            pen.text(place, letter, fill=ink, font=font)
        pen.text((cx - 30, cy - 12), "SỞ MẪU", fill=ink, font=font)
        return Image.fromarray(np.minimum(np.asarray(image.convert("RGB")), np.asarray(layer)))

    return damage


def rubber(text: str, x: float, y: float, size: int = 44, framed: bool = True, slant: float = 2.5) -> Damage:
    """A red rubber stamp with its middle at that share of width and height, put down a little askew."""

    def damage(image: Image.Image) -> Image.Image:
        font = ImageFont.truetype(str(font_files()[1]), size)
        left, top, right, foot = font.getbbox(text)
        patch = Image.new("RGB", (int(right - left) + 60, int(foot - top) + 50), (255, 255, 255))
        pen = ImageDraw.Draw(patch)
        pen.text((30 - left, 25 - top), text, fill=RED, font=font)
        if framed:
            pen.rectangle((4, 4, patch.width - 5, patch.height - 5), outline=RED, width=5)
        patch = patch.rotate(slant, expand=True, resample=Image.Resampling.BICUBIC, fillcolor=(255, 255, 255))
        layer = Image.new("RGB", image.size, (255, 255, 255))
        layer.paste(patch, (int(x * image.width - patch.width / 2), int(y * image.height - patch.height / 2)))
        return Image.fromarray(np.minimum(np.asarray(image.convert("RGB")), np.asarray(layer)))

    return damage


def shone_through(image: Image.Image) -> Image.Image:
    """The back of the sheet: nothing but the other side's ink, mirrored and faint."""
    mirrored = np.asarray(
        image.convert("L").transpose(Image.Transpose.FLIP_LEFT_RIGHT).filter(ImageFilter.GaussianBlur(2))
    )
    return Image.fromarray((255 - (255 - mirrored.astype(np.int16)) * 0.22).astype(np.uint8)).convert("RGB")


def bled_through(image: Image.Image) -> Image.Image:
    """A thin sheet: the page, and faintly the other side's ink."""
    return Image.fromarray(np.minimum(np.asarray(image.convert("RGB")), np.asarray(shone_through(image))))


def all_of(*damages: Damage) -> Damage:
    """One after the other."""

    def damage(image: Image.Image) -> Image.Image:
        for one in damages:
            image = one(image)
        return image

    return damage

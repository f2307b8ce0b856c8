"""Pages as pictures: for the console to show, and for OCR to read. PDFs through pdfium, pictures through Pillow."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bots.documents.pages.limits import Limits
from bots.documents.pages.pdf_file import Unreadable, kind_of, refuse

SCREEN_DPI = 110
SCREEN_WIDTH = 1400  # pixels at most
MOST_PIXELS = 50_000_000  # one page; beyond this a picture is a bomb, not a scan
FORMATS = ("PNG", "JPEG", "TIFF", "BMP", "GIF", "WEBP")
_POINTS = 72


def page_pictures(path: Path, most: int) -> Iterator[bytes]:
    """PNG pictures of the first pages for the screen; none for a file without pages."""
    for image in screen_images(path, most):
        buffer = io.BytesIO()
        image.save(buffer, "PNG", optimize=False, compress_level=6)
        yield buffer.getvalue()


def screen_images(path: Path, most: int) -> Iterator[Any]:
    """The first pages as Pillow images, small enough for a screen."""
    kind = kind_of(path)
    if kind == "xml":
        return
    if kind == "image":
        limits = Limits()
        for _, image, _ in picture_pages(path, range(1, min(picture_count(path, limits), most) + 1), limits):
            image.thumbnail((SCREEN_WIDTH, SCREEN_WIDTH * 4))
            yield image
        return
    import pypdfium2 as pdfium

    try:
        with pdfium.PdfDocument(path) as pdf:
            for index in range(min(len(pdf), most)):
                page = pdf[index]
                width = page.get_width()
                scale = min(SCREEN_DPI / _POINTS, SCREEN_WIDTH / max(width, 1))
                yield _render(page, scale)
                page.close()
    except pdfium.PdfiumError as error:
        raise refuse(
            "CORRUPT_FILE", f"{path.name} is damaged and cannot be shown; ask the sender for the file again"
        ) from error


def render_pdf(path: Path, numbers: list[int], dpi: float) -> Iterator[tuple[int, Any, float]]:
    """Pages of a PDF as grey Pillow images: page number from 1, picture, its resolution.

    A scan comes at its own resolution, where its grain can still be told from its print, and at most at `dpi`.
    """
    import pypdfium2 as pdfium

    with pdfium.PdfDocument(path) as pdf:
        for number in numbers:
            try:
                page = pdf[number - 1]
                own = min(_scanned_at(page) or dpi, dpi)
                picture = _render(page, own / _POINTS, grey=True)
            except pdfium.PdfiumError as error:
                told = f"Page {number} of {path.name} is damaged and cannot be shown; ask the sender for the file again"
                raise refuse("CORRUPT_FILE", told) from error
            yield number, picture, own
            page.close()


def _scanned_at(page: Any) -> float | None:
    """The resolution of the picture that covers a page, if one does."""
    from pypdfium2 import raw

    for item in page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=3):
        left, bottom, right, top = item.get_bounds()
        if (right - left) * (top - bottom) > 0.7 * page.get_width() * page.get_height():
            width, height = item.get_px_size()
            across = max(right - left, 1.0)
            longest = float(max(across, top - bottom))
            return max(float(max(width, height)) / longest * _POINTS, 60.0)
    return None


def _render(page: Any, scale: float, *, grey: bool = False) -> Any:
    pixels = page.get_width() * page.get_height() * scale * scale
    if pixels > MOST_PIXELS:
        scale *= (MOST_PIXELS / pixels) ** 0.5
    bitmap = page.render(scale=scale, grayscale=grey)
    image = bitmap.to_pil().copy()
    bitmap.close()
    return image


def picture_count(path: Path, limits: Limits) -> int:
    """How many pages a picture file has, as far as they are read. Raises Unreadable."""
    with _opened(path, limits) as picture:
        return min(int(getattr(picture, "n_frames", 1)), limits.pages)


def picture_pages(path: Path, span: range, limits: Limits) -> Iterator[tuple[int, Any, float]]:
    """These pages of a picture file: number from 1, Pillow image, its resolution in dots per inch."""
    from PIL import ImageOps

    with _opened(path, limits) as picture:
        for number in span:
            picture.seek(number - 1)
            _refuse_bomb(path, picture.size, limits)
            dpi = _dpi(picture)
            yield number, ImageOps.exif_transpose(picture).convert("RGB"), dpi


@contextmanager
def _opened(path: Path, limits: Limits) -> Iterator[Any]:
    from PIL import Image

    # Pillow warns of pictures that are larger than its own limit; ours is told as a problem.
    Image.MAX_IMAGE_PIXELS = None
    try:
        with Image.open(path, formats=FORMATS) as picture:
            _refuse_bomb(path, picture.size, limits)
            yield picture
    except (Unreadable, MemoryError):
        raise
    except Exception as error:  # Pillow's decoders fail in many ways
        raise refuse(
            "CORRUPT_FILE",
            f"{path.name} is damaged and cannot be opened as a picture; ask the sender for the file again",
        ) from error


def _refuse_bomb(path: Path, size: tuple[int, int], limits: Limits) -> None:
    if size[0] * size[1] > limits.pixels:
        raise refuse(
            "TOO_LARGE",
            f"{path.name} has {size[0]} x {size[1]} pixels; at most {limits.pixels // 10**6} million are read; "
            "scan it coarser",
        )


def _dpi(image: Any) -> float:
    """The resolution a picture claims; where it claims none, as if it were a page of A4 width."""
    claimed = image.info.get("dpi")
    if claimed:
        dpi = float(claimed[0])
        if 60 <= dpi <= 1200:
            return dpi
    return max(float(image.size[0]) / 8.27, 60.0)

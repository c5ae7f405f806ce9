"""Codes read back from drawn pages, as a printer and a telephone would show them."""

import tempfile
from collections import Counter
from pathlib import Path

import zxingcpp
from PIL import Image, ImageFilter

from tools import Finding, run

# Dots per inch, and what happens to the page before it is read.
VIEWS = [(150, "plain"), (200, "plain"), (300, "plain"), (200, "turned"), (200, "blurred")]
TURN_DEGREES = 1.5
BLUR_PIXELS = 1
# libdmtx does not find a turned data matrix of more modules than this on a side, whoever drew it.
DMTX_TURNED_SIDE_MAX = 48
# Longer documents are not drawn.
PAGES_MAX = 12


def seen(page, effect):
    if effect == "turned":
        return page.rotate(TURN_DEGREES, Image.Resampling.BICUBIC, expand=True, fillcolor=255)
    if effect == "blurred":
        return page.filter(ImageFilter.GaussianBlur(BLUR_PIXELS))
    return page


def zbar(image):
    """The QR codes of an image with one: among many on a page some are missed, as none holds a telephone over all of them."""
    _, output, _ = run("zbarimg", "--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", image)
    return output.splitlines()


def dmtx(image):
    """The first data matrix of an image: finding more on a whole page takes minutes."""
    _, output, _ = run("dmtxread", "--stop-after=1", "--milliseconds=5000", image)
    return [output] if output else []


def around(code, image):
    """The part of an image that shows a code, with a margin."""
    corners = [getattr(code.position, corner) for corner in ("top_left", "top_right", "bottom_left", "bottom_right")]
    across, down = [corner.x for corner in corners], [corner.y for corner in corners]
    margin = (max(across) - min(across)) // 6
    return image.crop((min(across) - margin, min(down) - margin, max(across) + margin, max(down) + margin))


def side(code):
    """Modules on a side of a data matrix."""
    return int(code.extra["Version"].split("x")[0])


def read(pages, effect, folder):
    """The texts found on all pages by each reader, and those nobody asks dmtx for; the kinds of QR codes."""
    texts = {("QR", "zbar"): [], ("QR", "zxing"): [], ("data matrix", "dmtx"): [], ("data matrix", "zxing"): []}
    not_asked, kinds = [], set()
    file = folder / "seen.pgm"
    formats = zxingcpp.BarcodeFormat.QRCode | zxingcpp.BarcodeFormat.DataMatrix
    for page in pages:
        image = seen(page, effect)
        for code in zxingcpp.read_barcodes(image, formats):
            if code.format == zxingcpp.BarcodeFormat.QRCode:
                texts["QR", "zxing"].append(code.text)
                kinds.add(f"{code.extra.get('Version')}-{code.extra.get('ECLevel')}")
                around(code, image).save(file)
                texts["QR", "zbar"] += zbar(file)
                continue
            texts["data matrix", "zxing"].append(code.text)
            if effect == "turned" and side(code) > DMTX_TURNED_SIDE_MAX:
                not_asked.append(code.text)
            else:
                around(code, image).save(file)
                texts["data matrix", "dmtx"] += dmtx(file)
    return texts, not_asked, kinds


def draw(document, resolution, folder):
    """Its pages as images, in their order."""
    run("pdftoppm", "-gray", "-r", resolution, document.pdf, folder / f"{resolution}")
    files = sorted(folder.glob(f"{resolution}-*.pgm"), key=lambda file: int(file.stem.split("-")[1]))
    return [Image.open(file).convert("L") for file in files]


def scan(document):
    """Whether all its codes, and no others, are read in every view by two readers for each kind."""
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        drawn = {resolution: draw(document, resolution, folder) for resolution in {resolution for resolution, _ in VIEWS}}
        for resolution, effect in VIEWS:
            texts, not_asked, kinds = read(drawn[resolution], effect, folder)
            for (kind, reader), found in texts.items():
                expected = sorted((Counter(document.codes(kind)) - Counter(not_asked if reader == "dmtx" else [])).elements())
                problem = None
                if sorted(found) != expected:
                    problem = f"{resolution} dpi, {effect}: read {sorted(found)}, not {expected}"
                if expected or found:
                    yield Finding(f"{kind} by {reader}", document.name, problem)
            if document.codes("QR"):
                problem = None if kinds == {"4-M"} else f"{resolution} dpi, {effect}: {', '.join(sorted(kinds)) or 'none'}"
                yield Finding("QR of version 4, level M", document.name, problem)

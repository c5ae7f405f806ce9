"""Codes read back from drawn pages, as a printer and a telephone would show them."""

import re
import tempfile
from pathlib import Path

import zxingcpp
from PIL import Image, ImageFilter

from tools import Finding, run

# Dots per inch, and what happens to the page before it is read.
VIEWS = [(150, "plain"), (200, "plain"), (300, "plain"), (200, "turned"), (200, "blurred")]
TURN_DEGREES = 1.5
BLUR_PIXELS = 1
# Longer documents are not drawn.
PAGES_MAX = 12


def seen(page, effect):
    if effect == "turned":
        return page.rotate(TURN_DEGREES, Image.Resampling.BICUBIC, expand=True, fillcolor=255)
    if effect == "blurred":
        return page.filter(ImageFilter.GaussianBlur(BLUR_PIXELS))
    return page


def zbar(image):
    _, output, _ = run("zbarimg", "--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", image)
    return output.splitlines()


def dmtx(image):
    """The first data matrix of an image: finding more on a whole page takes minutes."""
    _, output, _ = run("dmtxread", "--stop-after=1", "--milliseconds=10000", image)
    return [output] if output else []


def around(code, image):
    """The part of an image that shows a code, with a margin."""
    corners = [getattr(code.position, corner) for corner in ("top_left", "top_right", "bottom_left", "bottom_right")]
    across, down = [corner.x for corner in corners], [corner.y for corner in corners]
    margin = (max(across) - min(across)) // 6
    return image.crop((min(across) - margin, min(down) - margin, max(across) + margin, max(down) + margin))


def read(pages, folder):
    """What each reader finds on all pages: texts by code and reader; and what is wrong with the kind of a QR."""
    texts = {("QR", "zbar"): [], ("QR", "zxing"): [], ("data matrix", "dmtx"): [], ("data matrix", "zxing"): []}
    wrong = []
    for page in pages:
        file = folder / "page.pgm"
        page.save(file)
        texts["QR", "zbar"] += zbar(file)
        formats = zxingcpp.BarcodeFormat.QRCode | zxingcpp.BarcodeFormat.DataMatrix
        for code in zxingcpp.read_barcodes(page, formats):
            if code.format == zxingcpp.BarcodeFormat.QRCode:
                texts["QR", "zxing"].append(code.text)
                kind = (code.extra.get("Version"), code.extra.get("ECLevel"))
                if kind != ("4", "M"):
                    wrong.append(f"a QR of version and level {kind}")
            else:
                texts["data matrix", "zxing"].append(code.text)
                around(code, page).save(file)
                texts["data matrix", "dmtx"] += dmtx(file)
    return texts, wrong


def scan(document):
    """Whether all its codes, and no others, are read in every view by two readers for each kind."""
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        drawn = {}
        for resolution, effect in VIEWS:
            if resolution not in drawn:
                run("pdftoppm", "-gray", "-r", resolution, document.pdf, folder / f"{resolution}")
                files = sorted(folder.glob(f"{resolution}-*.pgm"), key=lambda file: int(re.findall(r"\d+", file.stem)[-1]))
                drawn[resolution] = [Image.open(file).convert("L") for file in files]
            texts, wrong = read([seen(page, effect) for page in drawn[resolution]], folder)
            for (kind, reader), found in texts.items():
                expected = sorted(document.codes(kind))
                if not expected and not found:
                    continue
                problem = None
                if sorted(found) != expected:
                    problem = f"{resolution} dpi, {effect}: read {sorted(found)}, not {expected}"
                yield Finding(f"{kind} by {reader}", document.name, problem)
            if document.codes("QR"):
                yield Finding("QR of version 4, level M", document.name, "; ".join(wrong) or None)

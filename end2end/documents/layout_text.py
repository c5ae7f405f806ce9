"""What a reader of text makes of a page (`pdftotext -layout`), compared with what people approved."""

import difflib
from pathlib import Path

from tools import Finding, run

SNAPSHOTS = Path(__file__).resolve().parent / "snapshots"
# One variant of everything that is laid out differently.
APPROVED = """
    receipt-common-it receipt-common-en receipt-digital-duplicate-it notice-single-it notice-single-slip-it
    notice-instalments-3-it notice-instalments-10-it notice-fine-it notice-single-de-it-equal notice-abroad-slip-en
    notice-longest-slip-it
""".split()


def text(document):
    """Its pages as lines; how many blanks stand at their ends depends on the reader."""
    _, output, _ = run("pdftotext", "-layout", document.pdf, "-")
    lines = [line.rstrip() for line in output.replace("\f", "\n---- next page\n").splitlines()]
    return "\n".join(lines).rstrip("\n") + "\n"


def compare(document):
    """The difference from what was approved."""
    approved = SNAPSHOTS / f"{document.pdf.stem}.txt"
    if not approved.exists():
        yield Finding("pdftotext -layout", document.name, f"{approved.name} is missing: --update writes it")
        return
    difference = difflib.unified_diff(
        approved.read_text("utf-8").splitlines(), text(document).splitlines(), "approved", "drawn", lineterm=""
    )
    yield Finding("pdftotext -layout", document.name, "\n".join(difference) or None)


def update(documents):
    """Approves what is drawn now."""
    SNAPSHOTS.mkdir(exist_ok=True)
    for document in documents:
        (SNAPSHOTS / f"{document.pdf.stem}.txt").write_text(text(document), "utf-8")

"""Proves what a folder of PDF files claims. Beside each `NAME.pdf` a `NAME.json` says what to expect:

    {"title": "…", "profiles": ["ua1", "2a"], "codes": [{"kind": "qr", "text": "…"}, {"kind": "data_matrix", "text": "…"}]}

Prints every failure by name, and a line for each kind of check. Exit status 1 when anything fails or nothing was checked.
"""

import argparse
import json
import os
import time
from dataclasses import dataclass
from pathlib import Path

import layout_text
import mutants
import scanning
import validators
from tools import Report, in_parallel, run, stop

KINDS = {"QR": "qr", "data matrix": "data_matrix"}


@dataclass(frozen=True, eq=False)
class Document:
    """A file and what is expected of it."""

    pdf: Path
    expected: dict

    @property
    def name(self):
        return self.pdf.name

    @property
    def title(self):
        return self.expected["title"]

    @property
    def profiles(self):
        return self.expected["profiles"]

    def codes(self, kind):
        return [code["text"] for code in self.expected["codes"] if code["kind"] == KINDS[kind]]


def documents(folder):
    """The documents of a folder, by name; every file has its other half."""
    pdfs, facts = ({file.stem for file in folder.glob(f"*.{ending}")} for ending in ("pdf", "json"))
    if pdfs != facts:
        stop(f"without its other half: {', '.join(sorted(pdfs ^ facts))}")
    if not pdfs:
        stop(f"no PDF in {folder}")
    return [
        Document(folder / f"{name}.pdf", json.loads((folder / f"{name}.json").read_text("utf-8"))) for name in sorted(pdfs)
    ]


def pages(document):
    _, output, _ = run("pdfinfo", document.pdf)
    return int(dict(line.split(":", 1) for line in output.splitlines() if ":" in line).get("Pages", 0))


def sample(items, size):
    """So many items, evenly spread."""
    if len(items) <= size:
        return items
    return [items[place * len(items) // size] for place in range(size)]


def read_as_files(document):
    yield from validators.qpdf(document)
    yield from validators.pdfinfo(document)
    yield from validators.pdffonts(document)


def main():
    parser = argparse.ArgumentParser(description="Proves what a folder of PDF files claims.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--scan", type=int, default=24, help="how many documents with codes are drawn and scanned (24)")
    parser.add_argument("--workers", type=int, default=os.cpu_count(), help="how many at a time (one for each processor)")
    parser.add_argument("--no-mutants", action="store_true", help="do not try broken copies")
    parser.add_argument("--update", action="store_true", help="approve the texts of the documents as they are drawn now")
    arguments = parser.parse_args()
    started = time.monotonic()
    found = documents(arguments.folder)
    approved = [document for document in found if document.pdf.stem in layout_text.APPROVED]
    if arguments.update:
        layout_text.update(approved)
    report = Report()

    asked = [(document.pdf, document.profiles) for document in found]
    processes = max(1, min(arguments.workers, len(asked) // validators.VALIDATIONS_PER_START))
    parts = [asked[part::processes] for part in range(processes)]
    report.add(in_parallel(processes, validators.vera, parts))
    report.add(in_parallel(arguments.workers, read_as_files, found))
    report.add(in_parallel(arguments.workers, layout_text.compare, approved))
    with_codes = [document for document in found if document.expected["codes"] and pages(document) <= scanning.PAGES_MAX]
    report.add(in_parallel(arguments.workers, scanning.scan, sample(with_codes, arguments.scan)))
    if not arguments.no_mutants:
        report.add(mutants.try_all(found))

    well = report.summary()
    print(f"{len(found)} documents in {time.monotonic() - started:.0f} s: {'all well' if well else 'NOT well'}")
    raise SystemExit(0 if well else 1)


if __name__ == "__main__":
    main()

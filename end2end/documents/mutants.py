"""Broken copies of good documents: one property taken away from each, to prove that the validators are awake."""

import base64
import copy
import json
import re
import subprocess
import tempfile
from pathlib import Path

import validators
from tools import Finding

REFERENCE = re.compile(r"\d+ \d+ R")


class Pdf:
    """The objects of a file, as qpdf writes them in JSON."""

    def __init__(self, file):
        command = ["qpdf", file, "--json-output", "--decode-level=generalized"]
        self.json = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
        self.objects = self.json["qpdf"][1]

    def copy(self):
        return copy.deepcopy(self)

    def save(self, file):
        # Without the line end before `endstream`, which qpdf leaves out, the copy would be no PDF/A.
        command = ["qpdf", "--json-input", "-", "--newline-before-endstream", file]
        subprocess.run(command, check=True, input=json.dumps(self.json).encode())

    def get(self, value):
        """What a value is, a reference followed; of a stream its dictionary."""
        if isinstance(value, str) and REFERENCE.fullmatch(value):
            found = self.objects[f"obj:{value}"]
            return found["stream"]["dict"] if "stream" in found else found["value"]
        return value

    @property
    def catalog(self):
        return self.get(self.objects["trailer"]["value"]["/Root"])

    def elements(self, tag=None):
        """The elements of the structure tree, from its root down; those of one type if asked."""
        waiting = [self.get(self.catalog["/StructTreeRoot"])["/K"]]
        while waiting:
            value = self.get(waiting.pop())
            if isinstance(value, list):
                waiting += reversed(value)
            elif isinstance(value, dict) and "/S" in value:
                if tag in (None, value["/S"]):
                    yield value
                waiting.append(value.get("/K"))

    def fonts(self):
        return [
            found["value"] for found in self.objects.values() if isinstance(found.get("value"), dict)
            and found["value"].get("/Type") == "/Font"
        ]  # fmt: skip

    def pages(self):
        waiting = [self.catalog["/Pages"]]
        while waiting:
            node = self.get(waiting.pop())
            if "/Kids" in node:
                waiting += reversed(node["/Kids"])
            else:
                yield node

    def edit_stream(self, reference, change):
        """Changes the bytes of a stream; says whether there is anything to change."""
        stream = self.objects[f"obj:{reference}"]["stream"]
        before = base64.b64decode(stream["data"])
        after = change(before)
        stream["data"] = base64.b64encode(after).decode()
        return after != before


def without(key):
    """Takes an entry out of the catalog."""
    return lambda pdf: pdf.catalog.pop(key, None) is not None


def renamed(old, new):
    """Gives every element of a type another one."""

    def change(pdf):
        elements = list(pdf.elements(old))
        for element in elements:
            element["/S"] = new
        return bool(elements)

    return change


def stripped(tag, key):
    """Takes an entry out of every element of a type."""
    return lambda pdf: any([element.pop(key, None) is not None for element in pdf.elements(tag)])


def in_metadata(pattern):
    """Takes what a pattern finds out of the XMP packet."""
    return lambda pdf: pdf.edit_stream(pdf.catalog["/Metadata"], lambda xmp: re.sub(pattern, b"", xmp, flags=re.DOTALL))


def untagged_line(pdf):
    page = next(pdf.pages())
    contents = page["/Contents"]
    last = contents[-1] if isinstance(contents, list) else contents
    return pdf.edit_stream(last, lambda content: content + b"\nq 0 0 m 9 9 l S Q\n")


def title_not_shown(pdf):
    pdf.get(pdf.catalog["/ViewerPreferences"])["/DisplayDocTitle"] = False
    return True


def no_unicode(pdf):
    return any([font.pop("/ToUnicode", None) is not None for font in pdf.fonts()])


def no_program(pdf):
    changed = False
    for found in pdf.objects.values():
        value = found.get("value")
        if isinstance(value, dict) and value.get("/Type") == "/FontDescriptor":
            for key in ("/FontFile2", "/FontFile3"):
                changed |= value.pop(key, None) is not None
    return changed


def irregular_table(pdf):
    for row in pdf.elements("/TR"):
        if isinstance(row["/K"], list) and len(row["/K"]) > 1:
            row["/K"].pop()
            return True
    return False


# What is broken, how, and which profile must see it: UA (ua1) or A (2a or 3a).
MUTATIONS = [
    ("figure without alternative text", "UA", stripped("/Figure", "/Alt")),
    ("header cell without scope", "UA", stripped("/TH", "/A")),
    ("line neither tagged nor artifact", "UA", untagged_line),
    ("no language", "UA", without("/Lang")),
    ("title not shown", "UA", title_not_shown),
    ("no title in the metadata", "UA", in_metadata(rb"<dc:title>.*?</dc:title>")),
    ("no claim of PDF/UA", "UA", in_metadata(rb"<pdfuaid:part>.*?</pdfuaid:part>|pdfuaid:part=.1.")),
    ("no claim of PDF/A", "A", in_metadata(rb"<pdfaid:part>.*?</pdfaid:part>|pdfaid:part=.\d.")),
    ("no metadata", "A", without("/Metadata")),
    ("not marked as tagged", "UA", without("/MarkInfo")),
    ("no structure tree", "UA", without("/StructTreeRoot")),
    ("no output intent", "A", without("/OutputIntents")),
    ("no way from glyphs to text", "A", no_unicode),
    ("font not embedded", "A", no_program),
    ("heading skipped", "UA", renamed("/H2", "/H4")),
    ("irregular table", "UA", irregular_table),
    ("list item as paragraph", "UA", renamed("/LI", "/P")),
    ("type of element nobody knows", "UA", renamed("/P", "/Capoverso")),
]


def try_all(documents):
    """Each mutation on the first document it applies to; first these documents as qpdf copies them, which must pass."""
    files = {}
    with tempfile.TemporaryDirectory() as folder:
        asked, expected = [], {}
        used = set()
        for place, (name, profile, change) in enumerate(MUTATIONS):
            for document in documents:
                pdf = files.setdefault(document.pdf, None) or Pdf(document.pdf)
                files[document.pdf] = pdf
                mutant = pdf.copy()
                if change(mutant):
                    break
            else:
                yield Finding("broken copies refused", name, "there is nothing to break in any document")
                continue
            used.add(document)
            file = Path(folder) / f"{place}.pdf"
            mutant.save(file)
            claimed = [claim for claim in document.profiles if claim.startswith("ua") == (profile == "UA")]
            asked.append((file, claimed))
            expected[file.name] = name
        for place, document in enumerate(used):
            file = Path(folder) / f"whole-{place}.pdf"
            files[document.pdf].save(file)
            asked.append((file, document.profiles))
            expected[file.name] = document.name
        for finding in validators.vera(asked):
            name = expected[finding.file]
            if finding.file.startswith("whole-"):
                yield Finding("whole copies accepted", name, finding.problem)
            else:
                seen = finding.problem is not None
                yield Finding("broken copies refused", name, None if seen else f"{finding.check} does not see it")

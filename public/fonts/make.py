"""Makes the subset fonts of this folder from the npm package @fontsource/titillium-web.

Usage: python make.py PACKAGE_FOLDER   (needs fonttools and brotli from PyPI)
"""

import pathlib
import sys

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

# Italian, French, German and Spanish text, the euro sign and the punctuation of their typography.
LETTERS = "àèéìíîïòóùúçâêëôûœæäöüßñáÀÈÉÌÍÒÓÙÚÇÂÊÎÏËÔÛŒÆÄÖÜÑÁ"
SIGNS = "¡¿«»‹›‘’“”„–—…•·×−€§©°ªº\u00a0\u2011"
CHARACTERS = [chr(c) for c in range(0x20, 0x7F)] + list(LETTERS + SIGNS)
# Kerning below this many thousandths of an em cannot be seen at the sizes we use; it is a fifth of the file.
KERN_MIN = 16


def drop_faint_kerning(font):
    for lookup in font["GPOS"].table.LookupList.Lookup:
        for table in lookup.SubTable:
            table = getattr(table, "ExtSubTable", table)
            if table.Format == 1:
                for pairs in table.PairSet:
                    pairs.PairValueRecord = [p for p in pairs.PairValueRecord if abs(p.Value1.XAdvance) >= KERN_MIN]
            else:
                for row in table.Class1Record:
                    for cell in row.Class2Record:
                        if cell.Value1 and abs(cell.Value1.XAdvance) < KERN_MIN:
                            cell.Value1.XAdvance = 0


def main(package):
    here = pathlib.Path(__file__).parent
    for weight in (400, 600):
        font = TTFont(package / "files" / f"titillium-web-latin-{weight}-normal.woff2")
        drop_faint_kerning(font)
        options = Options()
        options.flavor = "woff2"
        # Digits have one width in this family, so no feature is needed to align them.
        options.layout_features = ["kern", "liga"]
        options.name_IDs = [0, 13]
        subsetter = Subsetter(options)
        subsetter.populate(unicodes=[ord(c) for c in CHARACTERS])
        subsetter.subset(font)
        target = here / f"titillium-web-{weight}.woff2"
        font.flavor = "woff2"
        font.save(target)
        print(target.name, target.stat().st_size)


main(pathlib.Path(sys.argv[1]))

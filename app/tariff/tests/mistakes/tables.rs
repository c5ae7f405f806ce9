//! Tables: their keys, columns, rows, bands and segments.

use crate::{are_refused, changed, is_refused};

#[test]
fn tables_are_checked() {
    are_refused(&[
        // Lookups.
        (
            "[table.tariffa]\nkind = \"lookup\"",
            "[table.tariffa]\nkind = ¦\"look-up\"",
            &["did you mean \"lookup\""],
        ),
        (
            "[table.tariffa]",
            "[table.¦metri]",
            &["already something called `metri`"],
        ),
        (
            "[table.tariffa]",
            "[table.¦canone]",
            &["already something called `canone`"],
        ),
        (
            "[table.tariffa]",
            "[table.¦min]",
            &["already something called `min`"],
        ),
        (
            "keys = [\"zona\"]",
            "keys = [¦\"zone\"]",
            &["`zone`", "did you mean `zona`"],
        ),
        (
            "keys = [\"zona\"]",
            "keys = [¦\"metri\"]",
            &["no rows of its own", "bands"],
        ),
        ("keys = [\"zona\"]", "keys = ¦[]", &["0 keys"]),
        (
            "keys = [\"zona\"]",
            "keys = [\"zona\", ¦\"zona\"]",
            &["`zona` is a key twice"],
        ),
        (
            "{ zona = \"centro\", value",
            "{ zona = ¦\"centri\", value",
            &["no option \"centri\"", "did you mean \"centro\""],
        ),
        (
            "{ zona = \"centro\", value = \"2.86\" }",
            "{ zona = \"centro\", value = ¦2.86 }",
            &["bare number"],
        ),
        (
            "{ zona = \"centro\", value = \"2.86\" }",
            "{ zona = \"centro\", ¦valore = \"2.86\" }",
            &["no key `valore`"],
        ),
        (
            "{ persone = \"3+\", fissa",
            "{ persone = ¦\"3 o più\", fissa",
            &["not a whole number", "3+"],
        ),
        (
            "columns = [\"fissa\", \"variabile\"]",
            "columns = [\"fissa\", ¦\"fissa\"]",
            &["two columns `fissa`"],
        ),
        (
            "columns = [\"fissa\", \"variabile\"]",
            "columns = [\"fissa\", ¦\"quota variabile\"]",
            &["not a name"],
        ),
        // Whole numbers between the bounds.
        (
            "rows = [\n  { persone = \"1\", fissa = \"0.3470\", variabile = \"27.01\" },\n",
            "rows = ¦[\n",
            &["no row for persone = \"1\""],
        ),
        (
            "{ persone = \"2\", fissa",
            "¦{ persone = \"1\", fissa",
            &["this row is there twice"],
        ),
        // Bands.
        (
            "key = \"isee\"\nrows",
            "key = ¦\"zona\"\nrows",
            &["not a number or an amount"],
        ),
        (
            "{ from = \"10000.01\", up_to",
            "{ from = ¦\"10000.02\", up_to",
            &["nothing holds between 10000 and 10000.02"],
        ),
        (
            "{ from = \"10000.01\", up_to",
            "{ from = ¦\"10000.00\", up_to",
            &["is there twice"],
        ),
        (
            "{ up_to = \"10000.00\", value",
            "{ from = ¦\"1.00\", up_to = \"10000.00\", value",
            &["nothing holds from 0 to 1"],
        ),
        (
            "up_to = \"20000.00\", value",
            "up_to = ¦\"10000.00\", value",
            &["overlap"],
        ),
        (
            "{ from = \"10000.01\", up_to = \"20000.00\", value",
            "¦{ from = \"10000.01\", value",
            &["no `up_to`"],
        ),
        // Slices, of a step: what begins must begin just above.
        (
            "{ up_to = \"90\", value = \"0.75\" }",
            "{ from = ¦\"40\", up_to = \"90\", value = \"0.75\" }",
            &["nothing holds between 30 and 40"],
        ),
        // Segments.
        (
            "{ from = \"0.00\", to",
            "{ from = ¦\"1.00\", to",
            &["nothing holds from 0 to 1"],
        ),
        (
            "to = \"35000.00\", start",
            "to = ¦\"4000.00\", start",
            &["is below"],
        ),
        (
            "end = \"7.00\" },\n]\nbeyond = \"7.00\"",
            "end = \"7.00\" },\n]\n¦beyond_ = \"7.00\"",
            &["no key `beyond_`"],
        ),
    ]);
    is_refused(
        &changed(
            "  { persone = \"2\", fissa = \"0.4050\", variabile = \"57.77\" },\n",
            "",
        )
        .replace("rows = [\n  { persone", "rows = ¦[\n  { persone"),
        &[
            "no row for persone = \"2\"",
            "nothing is ever taken from the nearest one",
        ],
    );
    is_refused(
        &changed("  { from = \"20000.01\", value = \"0\" },\n", "")
            .replace("rows = [\n  { up_to = \"10000", "rows = ¦[\n  { up_to = \"10000"),
        &["nothing holds from 20000 to 50000"],
    );
    is_refused(
        &changed("beyond = \"7.00\"\n", "").replace("[table.retta]", "[table.¦retta]"),
        &["nothing holds above 35000", "beyond"],
    );
    // A key that may be below the first segment.
    is_refused(
        &changed(
            "default = \"50000.00\"\nmin = \"0\"\n",
            "default = \"50000.00\"\n",
        )
        .replace("{ from = \"0.00\", to", "{ from = ¦\"0.00\", to"),
        &["nothing holds below 0", "`min`"],
    );
    // A whole number that is looked up says from where to where it goes.
    is_refused(
        &changed("min = \"1\"\nmax = \"9\"\n", "").replace("keys = [\"persone\"]", "keys = [¦\"persone\"]"),
        &["no `min` and `max`"],
    );
    // A step that may fall between two segments.
    is_refused(
        &changed(
            "key = \"isee\"\nunit = \"EUR\"",
            "key = ¦\"giorni\"\nunit = \"EUR\"",
        )
        .replace("retta(isee)", "retta(giorni)"),
        &["between two segments", "round"],
    );
}

//! Expressions: names, types, exactness, words.

use crate::{changed, is_refused};

#[test]
fn expressions_are_checked_where_they_are_written() {
    let value = |new: &str, words: &[&str]| {
        is_refused(
            &changed(
                "quote.fissa(persone) * metri * giorni / giorni_anno + prezzo",
                new,
            ),
            words,
        );
    };
    value("1.00€ +¦", &["ends too early"]);
    value("(1.00€ + 2.00€¦", &["`)` is missing"]);
    value("1.00€ ¦)", &["`)`"]);
    value("1.00€ ¦= 2.00€", &["`=` means nothing", "=="]);
    value("¦12,30€ + 1.00€", &["comma", "12.30"]);
    value("5.00 ¦€", &["without a space"]);
    value(
        "1.00€ * ¦metr",
        &["nothing is called `metr`", "did you mean `metri`"],
    );
    value("1.00€ * ¦arrotonda(metri)", &["no table or function `arrotonda`"]);
    value("1.00€ * ¦metri(1)", &["`metri` is a value, not a table"]);
    value("1.00€ * ¦tariffa", &["`tariffa` is a table"]);
    value("¦quote(persone) * 1", &["does not name a column", "quote.fissa"]);
    value("¦quote.fisso(persone) * 1", &["does not name a column"]);
    value("¦tariffa(zona, persone)", &["1 keys and is given 2"]);
    value("tariffa(¦persone)", &["a number is not a key of `tariffa`"]);
    value("¦1.00€ + metri", &["an amount and a number"]);
    value(
        "1.00€ * ¦residente",
        &["yes or no cannot be calculated with", "if … then … else"],
    );
    value("1.00€ * ¦zona", &["look the word up in a table"]);
    value("1.00€ * ¦dal", &["add_days"]);
    value("1.00€ * (¦metri / giorni_anno)", &["multiply before you divide"]);
    value(
        "1.00€ * min(¦metri / 3, 2)",
        &["a quotient that is not exact is compared"],
    );
    value("retta(¦isee / 3)", &["a key"]);
    value("¦5 / 1.00€", &["a number is divided by an amount"]);
    value("1.00€ / ¦0", &["the divisor may be zero"]);
    value(
        "if residente then 1.00€ else ¦0",
        &["one branch is an amount, the other a number"],
    );
    value(
        "if ¦metri then 1.00€ else 0.00€",
        &["a number where a condition is needed"],
    );
    value("if residente then 1.00€¦", &["`else` is missing"]);
    value("if not residente ¦1.00€", &["`then` is missing"]);
    value(
        "1.00€ + ¦if residente then 1.00€ else 0.00€",
        &["stands in brackets"],
    );
    value("round(1.005€, ¦0.03, 'half_up')", &["multiples of 0.03"]);
    value("round(1.005€, 0.01, ¦'halfup')", &["does not know 'halfup'"]);
    value(
        "round(1.005€, ¦metri, 'half_up')",
        &["step of a rounding is not a number"],
    );
    value("¦round(1.005€, 0.01)", &["2 arguments", "round(value"]);
    value("1.00€ * ¦year()", &["0 arguments"]);
    value("1.00€ * year(¦metri)", &["a number where a day is needed"]);
    value("1.00€ * (roll(dal, ¦'feste') - dal)", &["festivi"]);
    value("1.00€ * (add_days(dal, ¦1.00€) - dal)", &["a number of days"]);
    value("1.00€ ¦\\\\ 2", &["means nothing"]);

    let condition =
        |new: &str, words: &[&str]| is_refused(&changed("zona == 'collina' and metri <= 1", new), words);
    condition("1 < metri ¦< 5", &["cannot be chained", "and"]);
    condition("¦zona > 'collina'", &["words have no order"]);
    condition("¦residente < true", &["no order"]);
    condition("zona == ¦metri", &["a word is compared with a number"]);
    condition("isee > ¦1000", &["an amount is compared with a number", "12.00€"]);
    condition("¦'collina' == 'collina'", &["two words"]);
    condition(
        "zona == 'collina' and ¦metri",
        &["a number where a condition is needed"],
    );
    condition("dal > ¦5", &["a day is compared with a number"]);
    condition("¦canone > 5.00€", &["lines are worked out after everything else"]);
    condition("zona == ¦'collina", &["a text has no end"]);
}

#[test]
fn words_that_nothing_can_be_equal_to_are_refused() {
    // An option misspelt is seen also when there is one alone.
    let one = changed(
        "  { id = \"collina\", label = { it = \"Collina\", en = \"Hills\" } },\n",
        "",
    )
    .replace("  { zona = \"collina\", value = \"1.15\" },\n", "")
    .replace("zona == 'collina'", "zona == ¦'centri'");
    is_refused(&one, &["'centri' is none of the options"]);
    // Two choices without a common option are never equal.
    let two = changed(
        "[[input]]\nid = \"residente\"",
        "[[input]]\nid = \"tipo\"\nkind = \"choice\"\nlabel = { it = \"Tipo\", en = \"Kind\" }\noptions = [ { id = \"a\", label = { it = \"A\", en = \"A\" } } ]\n\n[[input]]\nid = \"residente\"",
    )
    .replace("zona == 'collina'", "zona == ¦tipo");
    is_refused(&two, &["have no word in common"]);
}

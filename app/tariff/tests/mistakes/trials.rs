//! Examples that do not come out, rates that do not work, versions that do not go together.

use crate::{BASE, are_refused, changed, is_refused, listed, place};
use tariff::compile::{Compiled, check_versions, compile, digest};

#[test]
fn examples_are_checked_and_must_come_out() {
    for (old, new, words) in [
        (
            "total = \"932.00\"",
            "total = \"932.01\"",
            ["`total`", "932.00", "932.01"],
        ),
        (
            "canone = \"1238.74\"",
            "canone = \"1238.73\"",
            ["`lines.canone`", "1238.74", "1238.73"],
        ),
        (
            "giorni = \"45\"",
            "giorni = \"46\"",
            ["`steps.giorni`", "45", "46"],
        ),
        (
            "split = { comune = \"932.00\" }",
            "split = { comune = \"931.00\" }",
            ["`split.comune`", "932.00", "931.00"],
        ),
        (
            ", status = \"due\"",
            ", status = \"not_due\"",
            ["`status`", "due", "not_due"],
        ),
        (
            "riduzione = \"-309.69\", ",
            "",
            ["`lines.riduzione`", "-309.69", "does not say so"],
        ),
        (
            "zona = \"centro\", residente = true",
            "zona = \"periferia\", residente = true",
            ["`status`", "invalid", "due"],
        ),
    ] {
        let marked =
            changed(old, new).replace("name = \"centro, residente\"", "name = ¦\"centro, residente\"");
        is_refused(&marked, &words);
    }
    are_refused(&[
        ("metri = \"10.50\"", "metri = ¦10.50", &["bare number"]),
        ("total = \"932.00\"", "total = ¦932", &["not a text", "quotes"]),
        ("total = \"932.00\"", "¦totale = \"932.00\"", &["no key `totale`"]),
        (
            "today = 2026-03-10",
            "today = ¦\"2026-03-10\"",
            &["without quotes"],
        ),
        ("today = 2026-03-10", "today = ¦2026-02-30", &["not TOML"]),
    ]);
    let (head, _) = BASE.split_once("[[example]]").expect("an example");
    is_refused(&format!("¦{head}"), &["no examples"]);
}

#[test]
fn rates_that_do_not_work_are_found_by_trying() {
    // A share below zero where the reduction is more than the fee.
    let negative = changed(
        "\"-(sconto(isee) * canone)\"",
        "\"-(sconto(isee) * canone) - 40.00€\"",
    )
    .replace("riduzione = \"-309.69\"", "riduzione = \"-349.69\"")
    .replace("\"932.00\"", "\"892.00\"")
    .replace(
        "[[beneficiary]]\nid = \"comune\"",
        "[[beneficiary]]\nid = ¦\"comune\"",
    );
    is_refused(&negative, &["`comune` does not work (negative)", "[[require]]"]);
    // A step that promised not to be zero.
    let zero = changed("value = \"days_in_year(dal)\"", "value = \"al - dal + 1\"")
        .replace("giorni_anno = \"365\"", "giorni_anno = \"45\"")
        .replace("quota = \"2.95\"", "quota = \"6.70\"")
        .replace("\"932.00\"", "\"935.75\"")
        .replace("id = \"giorni_anno\"", "id = ¦\"giorni_anno\"");
    is_refused(&zero, &["`giorni_anno` does not work (zero_divisor)"]);
    // Less for more, where the file says that it does not happen.
    let falls = changed(
        "label = { it = \"Superficie\"",
        "x_monotone = true\nlabel = { it = \"Superficie\"",
    )
    .replace(
        "tariffa(zona) * metri",
        "tariffa(zona) * (if metri > 100 then 1 else metri)",
    )
    .replace("id = \"metri\"", "id = ¦\"metri\"");
    is_refused(&falls, &["the total falls when `metri` grows"]);
    // Without a lower bound an answer may be below zero.
    let unbounded = changed("min = \"0.50\"\nmax = \"500\"", "max = \"500\"").replace(
        "[[beneficiary]]\nid = \"comune\"",
        "[[beneficiary]]\nid = ¦\"comune\"",
    );
    is_refused(&unbounded, &["negative", "bound the questions"]);
}

#[test]
fn versions_of_a_tariff_do_not_overlap_and_are_picked_by_one_date() {
    let later = BASE
        .replace("version = \"2026-01-01\"", "version = \"2027-01-01\"")
        .replace(
            "valid_from = 2026-01-01\nvalid_to = 2026-12-31",
            "valid_from = 2027-01-01",
        )
        .replace("today = 2026-03-10", "today = 2027-03-10");
    let told = |texts: &[&str]| -> Vec<(String, usize, usize, String)> {
        let files: Vec<Compiled> = texts
            .iter()
            .enumerate()
            .map(|(number, text)| {
                compile(&format!("{number}.toml"), text).unwrap_or_else(|m| panic!("\n{}", listed(&m)))
            })
            .collect();
        let told = check_versions(&files).into_iter();
        told.map(|m| (m.file, m.line, m.column, m.what)).collect()
    };
    assert_eq!(told(&[BASE, &later]), []);

    let open = BASE.replace("valid_to = 2026-12-31\n", "");
    let overlap = told(&[&open, &later]);
    let (line, column) = place(&later.replace("valid_from = 2027", "valid_from = ¦2027"));
    assert_eq!(
        (overlap[0].0.as_str(), overlap[0].1, overlap[0].2),
        ("1.toml", line, column),
        "{overlap:?}"
    );
    assert!(overlap[0].3.contains("0.toml"), "{overlap:?}");
    // The last day of one is the first of the other.
    let same_day = BASE.replace("valid_to = 2026-12-31", "valid_to = 2027-01-01");
    assert_eq!(told(&[&same_day, &later])[0].1, line);

    let by_date = later.replace("selected_by = \"today\"", "selected_by = \"dal\"");
    let (line, column) = place(&by_date.replace("selected_by = \"dal\"", "selected_by = ¦\"dal\""));
    let picked = told(&[BASE, &by_date]);
    assert!(
        picked
            .iter()
            .any(|m| (m.1, m.2) == (line, column) && m.3.contains("another date")),
        "{picked:?}"
    );

    // A correction takes the place of what it corrects, and must say which.
    let corrects = |replaced: &str| {
        BASE.replace(
            "version = \"2026-01-01\"\n",
            &format!("version = \"2026-01-01.2\"\nreplaces = \"{replaced}\"\nreason = \"Errata corrige\"\n"),
        )
        .replace(
            "expect = { version = \"2026-01-01\"",
            "expect = { version = \"2026-01-01.2\"",
        )
    };
    assert_eq!(told(&[BASE, &corrects(&digest(BASE))]), []);
    let unknown = corrects(&digest("something else"));
    let (line, column) = place(&unknown.replace("replaces = \"", "replaces = ¦\""));
    let told = told(&[BASE, &unknown]);
    assert!(
        told.iter()
            .any(|m| (m.1, m.2) == (line, column) && m.3.contains("no version of suolo-di-prova")),
        "{told:?}"
    );

    is_refused(
        &unknown
            .replace("reason = \"Errata corrige\"\n", "")
            .replace("# A small", "¦# A small"),
        &["no `reason`"],
    );
    is_refused(
        &corrects("abc").replace("replaces = \"abc\"", "replaces = ¦\"abc\""),
        &["not the digest"],
    );
}

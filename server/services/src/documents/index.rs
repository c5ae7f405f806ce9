//! The index of a batch: a line of CSV for each notice, for the printing service and for the office.
//!
//! Semicolons, decimal commas, `dd/mm/yyyy` and a byte order mark: what a spreadsheet with Italian settings opens rightly at a
//! double click. Codes are written in fours, as they are printed: a spreadsheet takes eighteen digits for a number and
//! keeps fifteen of them.

use chrono::NaiveDate;
use documents::model::written;
use domain::money::NumberStyle;
use domain::{Cents, Iuv, NoticeNumber};
use std::fmt::Write as _;

/// The first bytes of the file: the mark, and what the columns hold.
pub(super) const HEAD: &str = "\u{feff}volume;file;prima_pagina;pagine;codice_avviso;iuv;importo;scadenza;codici;\
    destinatario;indirizzo;cap_comune;servizio;chiave;esito;codice;motivo\r\n";

/// A line of the index.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line<'a> {
    /// The volume, from 1.
    pub(super) volume: u64,
    /// Its file; empty for what is not in it.
    pub(super) file: &'a str,
    /// Where it is in the volume; `None` when it is in none.
    pub(super) pages: Option<Pages>,
    /// Its first code.
    pub(super) number: Option<&'a NoticeNumber>,
    /// The payment reference of that code.
    pub(super) iuv: Option<&'a Iuv>,
    /// The amount of that code.
    pub(super) amount: Option<Cents>,
    /// When that is due.
    pub(super) due_on: Option<NaiveDate>,
    /// How many codes it shows.
    pub(super) codes: usize,
    /// Who owes.
    pub(super) name: &'a str,
    /// The lines of the address as printed; none of a notice that could not even be said.
    pub(super) address: &'a [String],
    /// Code of the service.
    pub(super) service: &'a str,
    /// Key of the position.
    pub(super) key: &'a str,
    /// Why it is not, or what is to be told of it all the same: a stable code and a sentence.
    pub(super) remark: Option<(&'a str, &'a str)>,
}

/// Where a notice is in its volume.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pages {
    /// The first, from 1.
    pub(super) first: usize,
    /// How many.
    pub(super) count: usize,
}

impl Line<'_> {
    /// The line, its end included.
    pub(super) fn written(self) -> String {
        let number = |number: Option<usize>| number.map(|number| number.to_string()).unwrap_or_default();
        let (street, rest) = self
            .address
            .split_first()
            .map_or(("", &[][..]), |(street, rest)| (street, rest));
        let (code, reason) = self.remark.unwrap_or_default();
        let result = if self.pages.is_some() {
            "printed"
        } else {
            "refused"
        };
        let mut line = String::new();
        for (place, value) in [
            self.volume.to_string(),
            self.file.to_owned(),
            number(self.pages.map(|pages| pages.first)),
            number(self.pages.map(|pages| pages.count)),
            self.number
                .map(|number| in_fours(number.as_str()))
                .unwrap_or_default(),
            self.iuv.map(|iuv| in_fours(iuv.as_str())).unwrap_or_default(),
            self.amount.map(amount).unwrap_or_default(),
            self.due_on.map(written).unwrap_or_default(),
            self.codes.to_string(),
            self.name.to_owned(),
            street.to_owned(),
            rest.join(" - "),
            self.service.to_owned(),
            self.key.to_owned(),
            result.to_owned(),
            code.to_owned(),
            reason.to_owned(),
        ]
        .into_iter()
        .enumerate()
        {
            let between = if place == 0 { "" } else { ";" };
            let _ = write!(line, "{between}{}", cell(&value));
        }
        line.push_str("\r\n");
        line
    }
}

/// An amount without thousands' points, which some programs take for decimal ones.
fn amount(amount: Cents) -> String {
    amount.to_people(NumberStyle::Italian).replace('.', "")
}

fn in_fours(digits: &str) -> String {
    digits
        .as_bytes()
        .chunks(4)
        .map(|four| String::from_utf8_lossy(four))
        .collect::<Vec<_>>()
        .join(" ")
}

/// A value as a cell: quoted where it must be, on one line, and never a formula. What a spreadsheet would work out is kept
/// as text by an apostrophe (OWASP, CSV injection).
fn cell(value: &str) -> String {
    let one_line: String = value
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    let value = one_line.trim();
    let is_formula = value.starts_with(['=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}']);
    let safe = if is_formula {
        format!("'{value}")
    } else {
        value.to_owned()
    };
    if safe.contains([';', '"', ',']) {
        format!("\"{}\"", safe.replace('"', "\"\""))
    } else {
        safe
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_never_a_formula_nor_two_cells() {
        for (value, expected) in [
            ("Rossi Mario", "Rossi Mario"),
            ("=1+1", "'=1+1"),
            ("+39", "'+39"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'=1"),
            ("\r\n=cmd", "'=cmd"),
            ("＝1", "'＝1"),
            ("Rossi; Mario", "\"Rossi; Mario\""),
            ("\"Al Porto\" s.n.c.", "\"\"\"Al Porto\"\" s.n.c.\""),
            ("=\"x\"", "\"'=\"\"x\"\"\""),
            ("a\r\nb", "a  b"),
            ("", ""),
        ] {
            assert_eq!(cell(value), expected, "{value:?}");
        }
    }

    #[test]
    fn codes_are_written_as_they_are_printed_and_amounts_as_a_spreadsheet_reads_them() {
        assert_eq!(in_fours("302012345678901234"), "3020 1234 5678 9012 34");
        assert_eq!(amount(Cents::new(123_456_789)), "1234567,89");
    }

    #[test]
    fn a_line_has_as_many_cells_as_the_head() {
        let number = NoticeNumber::parse("302000000000000000").unwrap();
        let line = Line {
            volume: 3,
            file: "avvisi-0003.pdf",
            pages: Some(Pages { first: 7, count: 2 }),
            number: Some(&number),
            iuv: None,
            amount: Some(Cents::new(12_050)),
            due_on: NaiveDate::from_ymd_opt(2026, 12, 16),
            codes: 1,
            name: "Rossi",
            address: &["Via Garibaldi, 9".to_owned(), "16124 Genova (GE)".to_owned()],
            service: "tari",
            key: "TARI-1",
            remark: None,
        }
        .written();
        assert_eq!(
            line,
            "3;avvisi-0003.pdf;7;2;3020 0000 0000 0000 00;;\"120,50\";16/12/2026;1;Rossi;\"Via Garibaldi, 9\";\
             16124 Genova (GE);tari;TARI-1;printed;;\r\n"
        );
        let quoted = 2;
        assert_eq!(line.matches(';').count(), HEAD.matches(';').count());
        assert_eq!(line.matches(',').count(), quoted);
    }
}

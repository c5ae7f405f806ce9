//! `GovPay`'s columns, as its documentation describes its default CSV: a row for each *pendenza*, five items.
//!
//! An amount of 0 withdraws. Rows that share an `idDocumento` are the ways to pay one document: `numeroRata` numbers the
//! instalments, or names a reduced amount (`ENTROnn`, `RIDOTTO`, `SCONTATO`) beside the whole one (`OLTREnn`, empty). They
//! become one position whose key is the document's, so that paying one way closes the others; each row's own id travels with
//! its first transfer.

use crate::columns::{Cells, Columns};
use crate::debt::Part;
use crate::records::Fields;
use crate::row::{Head, HeadNames, Row, Verb};
use crate::trouble::RowProblem;
use crate::values::Wrong;
use domain::draft::{Problem, StampDraft, TransferDraft};
use domain::subject::Address;
use domain::{Cents, CreditorFiscalCode, OptionKind, SubjectKind};

/// What a file must have.
pub(crate) const NEEDED: [&str; 6] = [
    "idPendenza",
    "idDominio",
    "causale",
    "importo",
    "identificativoPagatore",
    "anagraficaPagatore",
];

/// The columns that are used.
const NAMES: [&str; 20] = [
    "idPendenza",
    "idDominio",
    "numeroAvviso",
    "tipoPendenza",
    "causale",
    "importo",
    "dataValidita",
    "dataScadenza",
    "tipoSoggettoPagatore",
    "identificativoPagatore",
    "anagraficaPagatore",
    "indirizzoPagatore",
    "civicoPagatore",
    "capPagatore",
    "localitaPagatore",
    "provinciaPagatore",
    "nazionePagatore",
    "emailPagatore",
    "idDocumento",
    "numeroRata",
];
const ID: usize = 0;
const INSTITUTION: usize = 1;
const NOTICE: usize = 2;
const SERVICE: usize = 3;
const DESCRIPTION: usize = 4;
const AMOUNT: usize = 5;
const VALID_UNTIL: usize = 6;
const ENDS: usize = 7;
const KIND: usize = 8;
const CODE: usize = 9;
const NAME: usize = 10;
const STREET: usize = 11;
const DOCUMENT: usize = 18;
const ORDINAL: usize = 19;

/// The columns of each item, with its number after.
const ITEM: [&str; 9] = [
    "idVoce",
    "importoVoce",
    "descrizioneVoce",
    "ibanAccreditoVoce",
    "tipoContabilitaVoce",
    "codiceContabilitaVoce",
    "tipoEntrataVoce",
    "hashBolloVoce",
    "provinciaBolloVoce",
];
const ITEMS_MAX: usize = 5;

pub(crate) const HEAD_NAMES: HeadNames = HeadNames {
    operation: "importo",
    replaces: "idPendenza",
    service: "tipoPendenza",
    code: "identificativoPagatore",
    name: "anagraficaPagatore",
    description: "causale",
    valid_from: "dataValidita",
    option: "numeroRata",
};

/// The names of all columns that are used.
pub(crate) fn names() -> Vec<String> {
    let mut names: Vec<String> = NAMES.iter().map(ToString::to_string).collect();
    for number in 1..=ITEMS_MAX {
        names.extend(ITEM.iter().map(|name| format!("{name}{number}")));
    }
    names
}

/// The key of a row's position: its document's, or its own.
pub(crate) fn key<'a>(columns: &Columns, fields: &'a Fields) -> Option<&'a str> {
    columns
        .text(fields, DOCUMENT)
        .or_else(|| columns.text(fields, ID))
}

/// What a row says.
pub(crate) fn read(cells: &mut Cells<'_>, institution: &CreditorFiscalCode, before: Option<&Row>) -> Row {
    if !cells.has(AMOUNT) {
        cells.wrong(AMOUNT, Wrong::Field(Problem::Required));
    }
    let has_amount = cells.has(AMOUNT);
    let amount = cells.amount(AMOUNT);
    let is_withdrawn = has_amount && amount == Some(Cents::ZERO);
    // Of what is withdrawn nothing but its key and the amount is looked at.
    if !is_withdrawn && !cells.has(INSTITUTION) {
        cells.wrong(INSTITUTION, Wrong::Field(Problem::Required));
    }
    if cells
        .text(INSTITUTION)
        .is_some_and(|own| own != institution.as_str())
    {
        cells.wrong(INSTITUTION, Wrong::Row(RowProblem::ForeignInstitution));
    }
    let (option, kind) = place(cells, before);
    let verb = if is_withdrawn { Verb::Cancel } else { Verb::Put };
    let mut row = Row::empty(Some(verb), option, kind);
    row.instalment.amount = amount.unwrap_or(Cents::ZERO);
    if is_withdrawn {
        return row;
    }
    let kinds = [("F", SubjectKind::Natural), ("G", SubjectKind::Legal)];
    let street = |cells: &mut Cells<'_>, offset: usize| cells.owned(STREET + offset);
    row.head = Head {
        replaces: None,
        service: cells.owned(SERVICE).or_else(|| Some("LIBERO".to_owned())),
        kind: cells.word(KIND, &kinds, ("F o G", "F or G")),
        code: cells.owned(CODE),
        name: cells.owned(NAME),
        address: Address {
            street: street(cells, 0),
            number: street(cells, 1),
            postal_code: street(cells, 2),
            city: street(cells, 3),
            province: street(cells, 4),
            country: street(cells, 5),
        },
        email: street(cells, 6),
        description: None,
        valid_from: None,
        draft: None,
    };
    let description = cells.needed(DESCRIPTION);
    // The first row speaks for the position; what another says of itself is its notice's.
    if before.is_none() {
        row.head.description = Some(description);
    } else {
        row.instalment.description = Some(description);
    }
    row.instalment.notice_number = cells.owned(NOTICE);
    let ends = cells.day(ENDS);
    row.instalment.due_on = cells
        .day(VALID_UNTIL)
        .filter(|day| ends.is_none_or(|ends| *day <= ends))
        .or(ends);
    row.instalment.payable_until = ends;
    row.instalment.transfers = (0..ITEMS_MAX).filter_map(|item| transfer(cells, item)).collect();
    if cells.has(DOCUMENT) {
        let id = cells.needed(ID);
        match row.instalment.transfers.first_mut() {
            Some(first) => {
                first.metadata.insert("idPendenza".to_owned(), id);
            }
            None => row.instalment.transfers.push(TransferDraft {
                amount: row.instalment.amount,
                metadata: [("idPendenza".to_owned(), id)].into(),
                ..TransferDraft::default()
            }),
        }
    }
    row
}

/// The option a row belongs to, and its kind.
fn place(cells: &mut Cells<'_>, before: Option<&Row>) -> (u32, Option<OptionKind>) {
    let next = before.map_or(1, |before| before.option + 1);
    let Some(text) = cells.text(ORDINAL) else {
        return (next, Some(OptionKind::Whole));
    };
    let is_number =
        |text: &str| !text.is_empty() && text.len() <= 3 && text.bytes().all(|byte| byte.is_ascii_digit());
    let upper = text.to_ascii_uppercase();
    if is_number(&upper) {
        let goes_on = before.filter(|before| before.kind == Some(OptionKind::InstalmentPlan) && upper != "1");
        return (
            goes_on.map_or(next, |before| before.option),
            Some(OptionKind::InstalmentPlan),
        );
    }
    let kind = match upper.as_str() {
        "RIDOTTO" | "SCONTATO" => Some(OptionKind::Reduced),
        _ if upper.strip_prefix("ENTRO").is_some_and(is_number) => Some(OptionKind::Reduced),
        _ if upper.strip_prefix("OLTRE").is_some_and(is_number) => Some(OptionKind::Whole),
        _ => {
            let expected = (
                "un numero di rata, ENTROnn, OLTREnn, RIDOTTO o SCONTATO",
                "a number, ENTROnn, OLTREnn, RIDOTTO or SCONTATO",
            );
            cells.wrong(ORDINAL, Wrong::Field(Problem::Unreadable { expected }));
            None
        }
    };
    (next, kind)
}

fn transfer(cells: &mut Cells<'_>, item: usize) -> Option<TransferDraft> {
    let at = |column: usize| NAMES.len() + item * ITEM.len() + column;
    if !(0..ITEM.len()).any(|column| cells.has(at(column))) {
        return None;
    }
    if !cells.has(at(1)) {
        cells.wrong(at(1), Wrong::Field(Problem::Required));
    }
    let amount = cells.amount(at(1)).unwrap_or(Cents::ZERO);
    let iban = cells.owned(at(3));
    let stamp = match (cells.owned(at(7)), cells.owned(at(8))) {
        (None, None) => None,
        (digest, province) => Some(StampDraft {
            document_digest: digest.unwrap_or_default(),
            province: province.unwrap_or_default(),
        }),
    };
    // A reference to the register of incomes names one of the institution's accounts.
    let account = cells.owned(at(6)).filter(|_| iban.is_none() && stamp.is_none());
    let accounting = cells.owned(at(4));
    let is_taxonomy = accounting.is_some_and(|kind| kind.eq_ignore_ascii_case("ALTRO") || kind == "9");
    let category = cells.owned(at(5)).filter(|_| is_taxonomy).map(|code| {
        if code.starts_with("9/") {
            code
        } else {
            format!("9/{code}/")
        }
    });
    Some(TransferDraft {
        amount,
        account,
        iban,
        stamp,
        remittance_information: cells.owned(at(2)),
        category,
        ..TransferDraft::default()
    })
}

/// The column a part of a draft is in.
pub(crate) fn column_of(part: &Part<'_>) -> String {
    let item = |name: &str, place: usize| format!("{name}{}", place + 1);
    if let Some(place) = part.transfer {
        return match part.leaf {
            "amount" => item("importoVoce", place),
            "remittance_information" => item("descrizioneVoce", place),
            "account" => item("tipoEntrataVoce", place),
            "stamp" => item("hashBolloVoce", place),
            "category" => item("codiceContabilitaVoce", place),
            _ => item("ibanAccreditoVoce", place),
        };
    }
    match part.leaf {
        "key" => "idPendenza",
        "service" => "tipoPendenza",
        "debtor.code" => "identificativoPagatore",
        "debtor.full_name" => "anagraficaPagatore",
        "debtor.address" => "indirizzoPagatore",
        "debtor.email" => "emailPagatore",
        "description" => "causale",
        "notice_number" | "iuv" => "numeroAvviso",
        "amount" => "importo",
        "due_on" => "dataValidita",
        "payable_until" => "dataScadenza",
        "account" => "tipoEntrataVoce1",
        "options" | "instalments" => "numeroRata",
        other => other,
    }
    .to_owned()
}

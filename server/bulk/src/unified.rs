//! The columns of the Piattaforma Unitaria, version 2.0 with Italian names: a row for each instalment, `azione` I, M or A.
//!
//! `bilancio` and what concerns how that platform executes are not used: the reader tells which columns it left out.

use crate::columns::Cells;
use crate::debt::Part;
use crate::row::{Head, HeadNames, Row, Verb};
use crate::values::Wrong;
use domain::draft::{InstalmentDraft, Problem, TransferDraft};
use domain::subject::Address;
use domain::{Cents, OptionKind, SubjectKind};

/// What a file must have.
pub(crate) const NEEDED: [&str; 6] = [
    "IUPD",
    "codiceIdentificativoUnivoco",
    "anagraficaPagatore",
    "tipoDovuto",
    "causaleVersamento",
    "azione",
];

/// The columns that are used.
const NAMES: [&str; 28] = [
    "IUPD",
    "descrizionePosizioneDebitoria",
    "dataValidita",
    "indiceOpzionePagamento",
    "tipoOpzionePagamento",
    "IUD",
    "codIuv",
    "tipoIdentificativoUnivoco",
    "codiceIdentificativoUnivoco",
    "anagraficaPagatore",
    "indirizzoPagatore",
    "civicoPagatore",
    "capPagatore",
    "localitaPagatore",
    "provinciaPagatore",
    "nazionePagatore",
    "mailPagatore",
    "dataEsecuzionePagamento",
    "importoDovuto",
    "tipoDovuto",
    "causaleVersamento",
    "datiSpecificiRiscossione",
    "flgGeneraIuv",
    "flagPagamentoPu",
    "flagMultiBeneficiario",
    "numeroBeneficiari",
    "azione",
    "draft",
];
pub(crate) const KEY: usize = 0;
const DESCRIPTION: usize = 1;
const VALID_FROM: usize = 2;
const OPTION: usize = 3;
const OPTION_KIND: usize = 4;
const IUD: usize = 5;
const IUV: usize = 6;
const KIND: usize = 7;
const CODE: usize = 8;
const NAME: usize = 9;
const STREET: usize = 10;
const DUE: usize = 17;
const AMOUNT: usize = 18;
const SERVICE: usize = 19;
const CAUSE: usize = 20;
const CATEGORY: usize = 21;
const ISSUE: usize = 22;
const HERE: usize = 23;
const SEVERAL: usize = 24;
const BENEFICIARIES: usize = 25;
const ACTION: usize = 26;
const DRAFT: usize = 27;

/// The columns of each further beneficiary, with `_2` to `_5` after.
const BENEFICIARY: [&str; 6] = [
    "codiceFiscaleEnte",
    "denominazioneEnte",
    "ibanAccreditoEnte",
    "causaleVersamentoEnte",
    "importoVersamentoEnte",
    "codiceTassonomiaEnte",
];
const BENEFICIARIES_MAX: usize = 5;

pub(crate) const HEAD_NAMES: HeadNames = HeadNames {
    operation: "azione",
    replaces: "IUPD",
    service: "tipoDovuto",
    code: "codiceIdentificativoUnivoco",
    name: "anagraficaPagatore",
    description: "descrizionePosizioneDebitoria",
    valid_from: "dataValidita",
    option: "indiceOpzionePagamento",
};

/// The names of all columns that are used.
pub(crate) fn names() -> Vec<String> {
    let mut names: Vec<String> = NAMES.iter().map(ToString::to_string).collect();
    for number in 2..=BENEFICIARIES_MAX {
        names.extend(BENEFICIARY.iter().map(|name| format!("{name}_{number}")));
    }
    names
}

/// What a row says.
pub(crate) fn read(cells: &mut Cells<'_>) -> Row {
    let verbs = [("I", Verb::Insert), ("M", Verb::Update), ("A", Verb::Cancel)];
    let verb = cells.word(ACTION, &verbs, ("I, M o A", "I, M or A"));
    if verb.is_none() && !cells.has(ACTION) {
        cells.wrong(ACTION, Wrong::Field(Problem::Required));
    }
    let option = cells.option(OPTION);
    let mut row = Row::empty(verb, option, None);
    if verb == Some(Verb::Cancel) {
        return row;
    }
    let kinds = [
        ("SINGLE_INSTALLMENT", OptionKind::Whole),
        ("REDUCED_SINGLE_INSTALLMENT", OptionKind::Reduced),
        ("INSTALLMENTS", OptionKind::InstalmentPlan),
        ("DOWN_PAYMENT", OptionKind::InstalmentPlan),
    ];
    let expected = (
        "SINGLE_INSTALLMENT, REDUCED_SINGLE_INSTALLMENT, INSTALLMENTS o DOWN_PAYMENT",
        "SINGLE_INSTALLMENT, REDUCED_SINGLE_INSTALLMENT, INSTALLMENTS or DOWN_PAYMENT",
    );
    row.kind = cells.word(OPTION_KIND, &kinds, expected);
    row.head = head(cells);
    let cause = cells.needed(CAUSE);
    if row.head.description.is_none() {
        row.head.description = Some(cause.clone());
    }
    if !cells.has(AMOUNT) {
        cells.wrong(AMOUNT, Wrong::Field(Problem::Required));
    }
    let iuv = cells.owned(IUV);
    // A number is given or to be issued, not both.
    if iuv.is_some() && cells.flag(ISSUE) == Some(true) {
        cells.wrong(ISSUE, Wrong::Field(Problem::NumberAndReference));
    }
    let _ = cells.flag(HERE);
    let amount = cells.amount(AMOUNT).unwrap_or(Cents::ZERO);
    row.instalment = InstalmentDraft {
        notice_number: None,
        iuv,
        amount,
        due_on: cells.day(DUE),
        payable_until: None,
        description: Some(cause),
        transfers: transfers(cells, amount),
    };
    row
}

fn head(cells: &mut Cells<'_>) -> Head {
    let kinds = [("F", SubjectKind::Natural), ("G", SubjectKind::Legal)];
    let part = |cells: &mut Cells<'_>, offset: usize| cells.owned(STREET + offset);
    Head {
        replaces: None,
        service: cells.owned(SERVICE),
        kind: cells.word(KIND, &kinds, ("F o G", "F or G")),
        code: cells.owned(CODE),
        name: cells.owned(NAME),
        address: Address {
            street: part(cells, 0),
            number: part(cells, 1),
            postal_code: part(cells, 2),
            city: part(cells, 3),
            province: part(cells, 4),
            country: part(cells, 5),
        },
        email: part(cells, 6),
        description: cells.owned(DESCRIPTION),
        valid_from: cells.day(VALID_FROM),
        draft: cells.flag(DRAFT),
    }
}

/// The institution's own part, which is what the others leave, then theirs.
fn transfers(cells: &mut Cells<'_>, amount: Cents) -> Vec<TransferDraft> {
    let category = cells.owned(CATEGORY);
    let metadata = cells.owned(IUD).map(|iud| ("IUD".to_owned(), iud));
    let is_shared = cells.flag(SEVERAL) == Some(true);
    let mut others = Vec::new();
    for place in 0..BENEFICIARIES_MAX - 1 {
        let at = |column: usize| NAMES.len() + place * BENEFICIARY.len() + column;
        if !(0..BENEFICIARY.len()).any(|column| cells.has(at(column))) {
            continue;
        }
        if !is_shared {
            cells.wrong(SEVERAL, Wrong::Field(Problem::Count { least: 0, most: 0 }));
            break;
        }
        let beneficiary = cells.needed(at(0));
        if !cells.has(at(4)) {
            cells.wrong(at(4), Wrong::Field(Problem::Required));
        }
        others.push(TransferDraft {
            amount: cells.amount(at(4)).unwrap_or(Cents::ZERO),
            beneficiary: Some(beneficiary),
            beneficiary_name: cells.owned(at(1)),
            iban: Some(cells.needed(at(2))),
            remittance_information: cells.owned(at(3)),
            category: cells.owned(at(5)),
            ..TransferDraft::default()
        });
    }
    let said: Option<usize> = cells.text(BENEFICIARIES).and_then(|text| text.parse().ok());
    if is_shared && said.is_some_and(|said| said != others.len() + 1) {
        let most = others.len() + 1;
        cells.wrong(BENEFICIARIES, Wrong::Field(Problem::Count { least: most, most }));
    }
    let theirs = Cents::sum(others.iter().map(|transfer| transfer.amount)).unwrap_or(amount);
    let own = TransferDraft {
        amount: Cents::new(amount.as_i64().saturating_sub(theirs.as_i64())),
        category,
        metadata: metadata.into_iter().collect(),
        ..TransferDraft::default()
    };
    let mut transfers = vec![own];
    transfers.extend(others);
    transfers
}

/// The column a part of a draft is in.
pub(crate) fn column_of(part: &Part<'_>) -> String {
    if let Some(place) = part.transfer.filter(|place| *place > 0) {
        let name = match part.leaf {
            "amount" => BENEFICIARY[4],
            "beneficiary" => BENEFICIARY[0],
            "beneficiary_name" => BENEFICIARY[1],
            "remittance_information" => BENEFICIARY[3],
            "category" => BENEFICIARY[5],
            _ => BENEFICIARY[2],
        };
        return format!("{name}_{}", place + 1);
    }
    match part.leaf {
        "key" => "IUPD",
        "service" | "account" => "tipoDovuto",
        "debtor.code" => "codiceIdentificativoUnivoco",
        "debtor.full_name" => "anagraficaPagatore",
        "debtor.address" => "indirizzoPagatore",
        "debtor.email" => "mailPagatore",
        "description" if part.instalment.is_some() => "causaleVersamento",
        "description" => "descrizionePosizioneDebitoria",
        "valid_from" => "dataValidita",
        "iuv" | "notice_number" => "codIuv",
        "amount" => "importoDovuto",
        "due_on" | "payable_until" => "dataEsecuzionePagamento",
        "category" => "datiSpecificiRiscossione",
        "metadata" => "IUD",
        "options" | "instalments" => "indiceOpzionePagamento",
        other => other,
    }
    .to_owned()
}

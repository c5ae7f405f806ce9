//! Our own columns: a row for each instalment, the rows of a position together. `server/docs/imports.md` has the table.

use crate::columns::Cells;
use crate::debt::{Instruction, Part};
use crate::row::{Head, HeadNames, Row, Verb};
use crate::values::Wrong;
use domain::draft::{InstalmentDraft, PositionDraft, Problem, StampDraft, TransferDraft};
use domain::subject::Address;
use domain::{Cents, OptionKind, SubjectKind};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// The columns before those of transfers, in the order they are written.
const NAMES: [&str; 25] = [
    "operation",
    "key",
    "replaces",
    "service",
    "debtor_kind",
    "debtor_code",
    "debtor_name",
    "debtor_street",
    "debtor_number",
    "debtor_postal_code",
    "debtor_city",
    "debtor_province",
    "debtor_country",
    "debtor_email",
    "description",
    "valid_from",
    "draft",
    "option",
    "option_kind",
    "notice_number",
    "iuv",
    "amount",
    "due_on",
    "payable_until",
    "instalment_description",
];
const OPERATION: usize = 0;
pub(crate) const KEY: usize = 1;
const REPLACES: usize = 2;
const SERVICE: usize = 3;
const DEBTOR_KIND: usize = 4;
const DEBTOR_CODE: usize = 5;
const DEBTOR_NAME: usize = 6;
const STREET: usize = 7;
const NUMBER: usize = 8;
const POSTAL_CODE: usize = 9;
const CITY: usize = 10;
const PROVINCE: usize = 11;
const COUNTRY: usize = 12;
const EMAIL: usize = 13;
const DESCRIPTION: usize = 14;
const VALID_FROM: usize = 15;
const DRAFT: usize = 16;
const OPTION: usize = 17;
const OPTION_KIND: usize = 18;
const NOTICE_NUMBER: usize = 19;
const IUV: usize = 20;
const AMOUNT: usize = 21;
const DUE_ON: usize = 22;
const PAYABLE_UNTIL: usize = 23;
const INSTALMENT_DESCRIPTION: usize = 24;

/// The columns of each transfer, after `transfer1_` and so on.
const TRANSFER: [&str; 10] = [
    "amount",
    "beneficiary",
    "beneficiary_name",
    "account",
    "iban",
    "stamp_digest",
    "stamp_province",
    "information",
    "category",
    "metadata",
];
/// Transfers of a row at most.
const TRANSFERS_MAX: usize = 5;

pub(crate) const HEAD_NAMES: HeadNames = HeadNames {
    operation: "operation",
    replaces: "replaces",
    service: "service",
    code: "debtor_code",
    name: "debtor_name",
    description: "description",
    valid_from: "valid_from",
    option: "option",
};

const VERBS: [(&str, Verb); 5] = [
    ("insert", Verb::Insert),
    ("update", Verb::Update),
    ("put", Verb::Put),
    ("cancel", Verb::Cancel),
    ("replace", Verb::Replace),
];
const KINDS: [(&str, SubjectKind); 4] = [
    ("natural", SubjectKind::Natural),
    ("legal", SubjectKind::Legal),
    ("F", SubjectKind::Natural),
    ("G", SubjectKind::Legal),
];
const OPTION_KINDS: [(&str, OptionKind); 3] = [
    ("whole", OptionKind::Whole),
    ("instalment_plan", OptionKind::InstalmentPlan),
    ("reduced", OptionKind::Reduced),
];

/// The names of all columns.
pub(crate) fn names() -> Vec<String> {
    let mut names: Vec<String> = NAMES.iter().map(ToString::to_string).collect();
    for number in 1..=TRANSFERS_MAX {
        names.extend(TRANSFER.iter().map(|name| format!("transfer{number}_{name}")));
    }
    names
}

/// What a row says.
pub(crate) fn read(cells: &mut Cells<'_>) -> Row {
    let verb = cells.word(
        OPERATION,
        &VERBS,
        (
            "insert, update, put, cancel o replace",
            "insert, update, put, cancel or replace",
        ),
    );
    let option = cells.option(OPTION);
    let mut row = Row::empty(verb, option, None);
    if verb == Some(Verb::Cancel) {
        return row;
    }
    row.kind = cells.word(
        OPTION_KIND,
        &OPTION_KINDS,
        (
            "whole, instalment_plan o reduced",
            "whole, instalment_plan or reduced",
        ),
    );
    row.head = head(cells);
    if !cells.has(AMOUNT) {
        cells.wrong(AMOUNT, Wrong::Field(Problem::Required));
    }
    let amount = cells.amount(AMOUNT).unwrap_or(Cents::ZERO);
    row.instalment = InstalmentDraft {
        notice_number: cells.owned(NOTICE_NUMBER),
        iuv: cells.owned(IUV),
        amount,
        due_on: cells.day(DUE_ON),
        payable_until: cells.day(PAYABLE_UNTIL),
        description: cells.owned(INSTALMENT_DESCRIPTION),
        transfers: (0..TRANSFERS_MAX)
            .filter_map(|place| transfer(cells, place, amount))
            .collect(),
    };
    row
}

fn head(cells: &mut Cells<'_>) -> Head {
    let expected = ("natural o legal (F o G)", "natural or legal (F or G)");
    Head {
        replaces: cells.owned(REPLACES),
        service: cells.owned(SERVICE),
        kind: cells.word(DEBTOR_KIND, &KINDS, expected),
        code: cells.owned(DEBTOR_CODE),
        name: cells.owned(DEBTOR_NAME),
        address: Address {
            street: cells.owned(STREET),
            number: cells.owned(NUMBER),
            postal_code: cells.owned(POSTAL_CODE),
            city: cells.owned(CITY),
            province: cells.owned(PROVINCE),
            country: cells.owned(COUNTRY),
        },
        email: cells.owned(EMAIL),
        description: cells.owned(DESCRIPTION),
        valid_from: cells.day(VALID_FROM),
        draft: cells.flag(DRAFT),
    }
}

/// The transfer at a place, if the row has one there. The first may leave its amount out: it is all.
fn transfer(cells: &mut Cells<'_>, place: usize, whole: Cents) -> Option<TransferDraft> {
    let at = |column: usize| NAMES.len() + place * TRANSFER.len() + column;
    if !(0..TRANSFER.len()).any(|column| cells.has(at(column))) {
        return None;
    }
    let amount = if cells.has(at(0)) || place > 0 {
        if !cells.has(at(0)) {
            cells.wrong(at(0), Wrong::Field(Problem::Required));
        }
        cells.amount(at(0)).unwrap_or(Cents::ZERO)
    } else {
        whole
    };
    let metadata = cells.read(at(9), |text| {
        let expected = ("un oggetto JSON di testi", "a JSON object of texts");
        serde_json::from_str::<BTreeMap<String, String>>(text)
            .map_err(|_| Wrong::Field(Problem::Unreadable { expected }))
    });
    let stamp = match (cells.owned(at(5)), cells.owned(at(6))) {
        (None, None) => None,
        (digest, province) => Some(StampDraft {
            document_digest: digest.unwrap_or_default(),
            province: province.unwrap_or_default(),
        }),
    };
    Some(TransferDraft {
        amount,
        beneficiary: cells.owned(at(1)),
        beneficiary_name: cells.owned(at(2)),
        account: cells.owned(at(3)),
        iban: cells.owned(at(4)),
        stamp,
        remittance_information: cells.owned(at(7)),
        category: cells.owned(at(8)),
        metadata: metadata.unwrap_or_default(),
    })
}

/// The column a part of a draft is in.
pub(crate) fn column_of(part: &Part<'_>) -> String {
    if let Some(place) = part.transfer {
        let name = match part.leaf {
            "remittance_information" => "information",
            "stamp" => "stamp_digest",
            other => other,
        };
        return format!("transfer{}_{name}", place + 1);
    }
    let name = match (part.instalment, part.leaf) {
        (None, "debtor.code") => "debtor_code",
        (None, "debtor.full_name") => "debtor_name",
        (None, "debtor.address") => "debtor_street",
        (None, "debtor.email") => "debtor_email",
        (None, "options") => "option",
        (Some(_), "instalments") => "option_kind",
        (Some(_), "description") => "instalment_description",
        // Without transfers the whole goes where the first would.
        (Some(_), "account" | "iban" | "category" | "beneficiary" | "beneficiary_name") => {
            return format!("transfer1_{}", part.leaf);
        }
        (_, other) => other,
    };
    name.to_owned()
}

/// The header of a file, with its line end.
pub fn header() -> String {
    names().join(";") + "\r\n"
}

/// Writes the rows of a debt after one another.
pub fn write_debt(out: &mut String, instruction: &Instruction) {
    let Some(draft) = instruction.draft() else {
        row(out, |column| match column {
            OPERATION => instruction.operation().to_owned(),
            KEY => instruction.key().to_owned(),
            _ => String::new(),
        });
        return;
    };
    for (option, number) in draft.options.iter().zip(1..) {
        for instalment in &option.instalments {
            row(out, |column| match column {
                OPERATION => instruction.operation().to_owned(),
                REPLACES => match instruction {
                    Instruction::Replace { replaces, .. } => replaces.clone(),
                    Instruction::Insert(_)
                    | Instruction::Update(_)
                    | Instruction::Put(_)
                    | Instruction::Cancel { .. } => String::new(),
                },
                OPTION => number.to_string(),
                OPTION_KIND => option.kind.as_str().to_owned(),
                NOTICE_NUMBER..NAMES_LENGTH => of_instalment(instalment, column),
                NAMES_LENGTH.. => of_transfer(instalment, column - NAMES_LENGTH),
                _ => of_position(draft, column),
            });
        }
    }
}

const NAMES_LENGTH: usize = NAMES.len();

fn row(out: &mut String, value: impl Fn(usize) -> String) {
    for column in 0..NAMES_LENGTH + TRANSFERS_MAX * TRANSFER.len() {
        if column > 0 {
            out.push(';');
        }
        let value = value(column);
        if value.contains([';', '"', '\n', '\r']) {
            let _ = write!(out, "\"{}\"", value.replace('"', "\"\""));
        } else {
            out.push_str(&value);
        }
    }
    out.push_str("\r\n");
}

fn of_position(draft: &PositionDraft, column: usize) -> String {
    let address = &draft.debtor.address;
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    match column {
        KEY => draft.key.clone(),
        SERVICE => draft.service.clone(),
        DEBTOR_KIND => match draft.debtor.kind {
            SubjectKind::Natural => "natural".to_owned(),
            SubjectKind::Legal => "legal".to_owned(),
        },
        DEBTOR_CODE => draft.debtor.code.clone(),
        DEBTOR_NAME => draft.debtor.full_name.clone(),
        STREET => text(&address.street),
        NUMBER => text(&address.number),
        POSTAL_CODE => text(&address.postal_code),
        CITY => text(&address.city),
        PROVINCE => text(&address.province),
        COUNTRY => text(&address.country),
        EMAIL => text(&draft.debtor.email),
        DESCRIPTION => draft.description.clone(),
        VALID_FROM => draft.valid_from.map(|day| day.to_string()).unwrap_or_default(),
        DRAFT => draft.draft.to_string(),
        _ => String::new(),
    }
}

fn of_instalment(instalment: &InstalmentDraft, column: usize) -> String {
    match column {
        NOTICE_NUMBER => instalment.notice_number.clone().unwrap_or_default(),
        IUV => instalment.iuv.clone().unwrap_or_default(),
        AMOUNT => euros(instalment.amount),
        DUE_ON => instalment.due_on.map(|day| day.to_string()).unwrap_or_default(),
        PAYABLE_UNTIL => instalment
            .payable_until
            .map(|day| day.to_string())
            .unwrap_or_default(),
        INSTALMENT_DESCRIPTION => instalment.description.clone().unwrap_or_default(),
        _ => String::new(),
    }
}

fn of_transfer(instalment: &InstalmentDraft, column: usize) -> String {
    let Some(transfer) = instalment.transfers.get(column / TRANSFER.len()) else {
        return String::new();
    };
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let stamp = transfer.stamp.as_ref();
    match column % TRANSFER.len() {
        0 => euros(transfer.amount),
        1 => text(&transfer.beneficiary),
        2 => text(&transfer.beneficiary_name),
        3 => text(&transfer.account),
        4 => text(&transfer.iban),
        5 => stamp
            .map(|stamp| stamp.document_digest.clone())
            .unwrap_or_default(),
        6 => stamp.map(|stamp| stamp.province.clone()).unwrap_or_default(),
        7 => text(&transfer.remittance_information),
        8 => text(&transfer.category),
        _ if transfer.metadata.is_empty() => String::new(),
        _ => serde_json::to_string(&transfer.metadata).unwrap_or_default(),
    }
}

fn euros(amount: Cents) -> String {
    amount.to_wire()
}

//! The receipt put together, block by block.

use super::words::{Term, Wording, channel, effect, method};
use super::{Person, Receipt};
use crate::language::Language;
use crate::model::{
    Align, Attachment, Block, Body, Colour, Column, Document, Face, Fact, Facts, Picture, Style, Table,
    TableColumn, Text,
};
use crate::spelling::tidy;
use crate::{Length, pagopa};

const TITLE: Style = Style::new(Face::Bold, Length::pt(16)).with_after(Length::mm(1));
const HEADING: Style = Style::new(Face::Semibold, Length::pt(11)).with_after(Length::mm(1));
const BODY: Style = Style::new(Face::Regular, Length::pt(9)).with_after(Length::mm(2));
const NAME: Style = Style::new(Face::Regular, Length::pt(9))
    .coloured(Colour::SECONDARY)
    .with_after(Length::tenths_of_mm(5));
const VALUE: Style = Style::new(Face::Semibold, Length::pt(9)).with_after(Length::tenths_of_mm(5));
const CODE: Style = Style::new(Face::Mono, Length::pt(9)).with_after(Length::tenths_of_mm(5));
const AMOUNT: Style = Style::new(Face::Bold, Length::pt(14)).with_after(Length::tenths_of_mm(5));
const NAMES_WIDTH: Length = Length::mm(64);
const MARK_WIDTH: Length = Length::mm(15);
const BETWEEN: Block = Block::Space(Length::mm(3));

/// The receipt for those entitled to all of it. `original` is the message it was made from, when the reader asks for the
/// digital duplicate. Readers of a language it does not exist in are given Italian.
pub fn document(receipt: &Receipt, language: Language, original: Option<Attachment>) -> Document {
    let wording = Wording::of(language);
    let mut blocks = header(receipt, wording);
    blocks.extend(check(receipt, wording));
    blocks.push(amounts(receipt, wording));
    blocks.push(BETWEEN);
    blocks.push(payment(receipt, wording));
    blocks.push(BETWEEN);
    blocks.push(institution(receipt, wording));
    blocks.push(BETWEEN);
    blocks.push(people(receipt, wording));
    blocks.extend(transfers(receipt, wording));
    if receipt.stand_in {
        blocks.push(BETWEEN);
        blocks.push(paragraph(Term::StandIn.words(wording)));
    }
    blocks.push(BETWEEN);
    blocks.push(paragraph(Term::Foot.words(wording)));
    let number = receipt.number.grouped();
    Document {
        title: tidy(&format!("{} {number}", Term::Title.words(wording))),
        subject: tidy(&receipt.subject),
        author: tidy(&receipt.institution_name),
        language: wording.language(),
        dated: receipt.received_at,
        body: Body::Flow {
            blocks,
            foot: tidy(&format!(
                "{} · {} {number}",
                receipt.institution_name,
                Term::Number.words(wording)
            )),
        },
        attachments: original.into_iter().collect(),
    }
}

/// pagoPA's mark, who issues the receipt, and what it is.
fn header(receipt: &Receipt, wording: Wording) -> Vec<Block> {
    let issuer = Style::new(Face::Semibold, Length::pt(12));
    let mark = Block::Figure {
        picture: Picture::Drawing(pagopa::mark()),
        alternative: pagopa::ALTERNATIVE.to_owned(),
        width: MARK_WIDTH,
    };
    vec![
        Block::Columns {
            gap: Length::mm(6),
            columns: vec![
                Column {
                    width: Some(MARK_WIDTH),
                    blocks: vec![mark],
                },
                Column {
                    width: None,
                    blocks: vec![
                        Block::Paragraph {
                            style: issuer,
                            text: Text::plain(&receipt.institution_name),
                        },
                        Block::Paragraph {
                            style: CODE,
                            text: Text::plain(receipt.institution.as_str()),
                        },
                    ],
                },
            ],
        },
        Block::Space(Length::mm(4)),
        Block::Heading {
            level: 1,
            style: TITLE,
            text: Text::plain(Term::Title.words(wording)),
        },
        paragraph(Term::Lead.words(wording)),
        BETWEEN,
    ]
}

/// What whoever paid must know when the payment did not simply pay its notice.
fn check(receipt: &Receipt, wording: Wording) -> Vec<Block> {
    let Some(sentence) = effect(receipt.effect, wording) else {
        return Vec::new();
    };
    let text = Text::strong(sentence);
    let blocks = vec![
        heading(Term::CheckHeading, wording),
        Block::Paragraph { style: BODY, text },
    ];
    vec![Block::Together(blocks), BETWEEN]
}

fn amounts(receipt: &Receipt, wording: Wording) -> Block {
    let mut facts = vec![Fact {
        value_style: AMOUNT,
        ..fact(Term::Amount, &wording.amount(receipt.amount), wording)
    }];
    // A receipt that says nothing of a fee may be of a payment that had one: then there is no total to state.
    if let Some(fee) = receipt.fee {
        facts.push(fact(Term::Fee, &wording.amount(fee), wording));
        let total = receipt.amount.checked_add(fee);
        facts.extend(total.map(|total| fact(Term::Total, &wording.amount(total), wording)));
    }
    section(Term::AmountHeading, facts, wording)
}

fn payment(receipt: &Receipt, wording: Wording) -> Block {
    let not_stated = || Term::NotStated.words(wording).to_owned();
    let paid_at = receipt.paid_at.map_or_else(not_stated, |at| wording.moment(at));
    let applied_on = receipt.applied_on.map_or_else(not_stated, |day| wording.day(day));
    let mut facts = vec![
        fact(Term::Subject, &receipt.subject, wording),
        fact(Term::PaidAt, &paid_at, wording),
        fact(Term::AppliedOn, &applied_on, wording),
    ];
    let transferred = receipt.transferred_on.map(|day| wording.day(day));
    facts.extend(transferred.map(|day| fact(Term::TransferredOn, &day, wording)));
    let paid_by = receipt.method.as_deref();
    facts.extend(paid_by.map(|word| fact(Term::Method, method(word, wording), wording)));
    facts.push(fact(Term::Channel, channel(&receipt.channel, wording), wording));
    facts.push(fact(Term::Provider, &receipt.provider, wording));
    facts.push(match &receipt.provider_code {
        Some(known) => code(Term::ProviderCode, known, wording),
        None => fact(Term::ProviderCode, &not_stated(), wording),
    });
    facts.push(code(Term::Number, &receipt.number.grouped(), wording));
    facts.push(code(Term::Iuv, receipt.iuv.as_str(), wording));
    facts.push(code(Term::UniqueNumber, &receipt.receipt_id, wording));
    section(Term::PaymentHeading, facts, wording)
}

fn institution(receipt: &Receipt, wording: Wording) -> Block {
    let mut facts = vec![
        fact(Term::InstitutionName, &receipt.institution_name, wording),
        code(Term::InstitutionCode, receipt.institution.as_str(), wording),
    ];
    let office = receipt.office.as_deref();
    facts.extend(office.map(|office| fact(Term::Office, office, wording)));
    section(Term::InstitutionHeading, facts, wording)
}

fn people(receipt: &Receipt, wording: Wording) -> Block {
    let person = |term, person: &Person| {
        let text = match &person.code {
            Some(code) => format!("{}, {} {code}", person.name, Term::Code.words(wording)),
            None => person.name.clone(),
        };
        fact(term, &text, wording)
    };
    let payer = receipt.payer.as_ref();
    let mut facts = vec![person(Term::Debtor, &receipt.debtor)];
    facts.extend(payer.map(|payer| person(Term::Payer, payer)));
    let mut blocks = vec![heading(Term::PeopleHeading, wording), facts_block(facts)];
    if receipt.debtor.transliterated || payer.is_some_and(|payer| payer.transliterated) {
        blocks.push(paragraph(Term::Transliterated.words(wording)));
    }
    Block::Together(blocks)
}

/// How the amount was shared out; nothing where nothing is said of it.
fn transfers(receipt: &Receipt, wording: Wording) -> Vec<Block> {
    if receipt.transfers.is_empty() {
        return Vec::new();
    }
    let column = |term: Term, share, align| TableColumn {
        heading: term.words(wording).to_owned(),
        share,
        align,
    };
    let row = |transfer: &super::TransferLine| {
        let code = transfer.beneficiary.as_str();
        // A part without its beneficiary's name is often the institution's own.
        let own = (transfer.beneficiary == receipt.institution).then_some(&receipt.institution_name);
        let beneficiary = match transfer.beneficiary_name.as_ref().or(own) {
            Some(name) => format!("{name} ({code})"),
            None => code.to_owned(),
        };
        let reason = if transfer.is_stamp_duty {
            format!("{}. {}", Term::StampDuty.words(wording), transfer.reason)
        } else {
            transfer.reason.clone()
        };
        vec![
            Text::plain(&beneficiary),
            Text::plain(&reason),
            Text::plain(&wording.amount(transfer.amount)),
        ]
    };
    let table = Table {
        caption: Term::Transfers.words(wording).to_owned(),
        columns: vec![
            column(Term::Beneficiary, 7, Align::Left),
            column(Term::Reason, 9, Align::Left),
            column(Term::Share, 4, Align::Right),
        ],
        rows: receipt.transfers.iter().map(row).collect(),
    };
    vec![BETWEEN, Block::Table(table)]
}

fn section(term: Term, facts: Vec<Fact>, wording: Wording) -> Block {
    Block::Together(vec![heading(term, wording), facts_block(facts)])
}

fn heading(term: Term, wording: Wording) -> Block {
    Block::Heading {
        level: 2,
        style: HEADING,
        text: Text::plain(term.words(wording)),
    }
}

fn paragraph(sentence: &str) -> Block {
    Block::Paragraph {
        style: BODY,
        text: Text::plain(sentence),
    }
}

fn facts_block(facts: Vec<Fact>) -> Block {
    Block::Facts(Facts {
        names_width: Some(NAMES_WIDTH),
        facts,
    })
}

fn fact(term: Term, value: &str, wording: Wording) -> Fact {
    Fact {
        name: Text::plain(term.words(wording)),
        name_style: NAME,
        value: Text::plain(value),
        value_style: VALUE,
    }
}

fn code(term: Term, value: &str, wording: Wording) -> Fact {
    Fact {
        value_style: CODE,
        ..fact(term, value, wording)
    }
}

//! The postal slip, to be cut off.

use super::data::{AMOUNT, code_figure, code_under_name, euro};
use super::languages::Speaker;
use super::modules::{CLOSE, SMALL, beside, figures, fitted, paragraph, payment_band};
use super::page::{LEFT, Page, Place, RIGHT, place, size_for, type_of, width_of};
use super::problems::{Field, NoticeError, Rule};
use super::texts::Phrase;
use super::{Notice, Payment, PostalSlip, words};
use crate::Length;
use crate::barcode;
use crate::model::{Align, Block, Colour, Face, Fact, Facts, Style, Text};
use crate::spelling::tidy;
use domain::DataMatrix;

/// Height of a slip.
pub(super) const SLIP_HEIGHT: i32 = 690;
/// Between a name and its value.
const NAME_GAP: i32 = 20;
/// Side of a data matrix.
const SLIP_CODE: i32 = 250;

const SMALL_STRONG: Style = type_of(Face::Bold, 8);
const AUTHORISATION: Style = type_of(Face::Regular, 7).coloured(Colour(0x4D, 0x4D, 0x4D));

/// The postal slip of a payment, to be cut off, from a band at `top`.
pub(super) fn postal_slip(
    page: &mut Page,
    (notice, postal): (&Notice, &PostalSlip),
    payment: &Payment,
    top: i32,
    (speaker, which): (Speaker, Text),
) -> Result<(), NoticeError> {
    let grid = &CLOSE;
    let under = top + grid.band;
    let title = speaker.capitals(|phrases| phrases.slip_heading.to_owned());
    payment_band(page, (grid, top), (title, which));
    page.cut(top - 8);
    page.area(
        "Poste Italiane",
        Place::between(LEFT, 555, under + 32, under + 175),
        vec![
            paragraph(type_of(Face::Bold, 16), Text::plain("Poste Italiane")),
            paragraph(SMALL_STRONG, Text::plain("BancoPosta")),
        ],
    );
    page.area(
        "where a slip is paid",
        Place::between(LEFT, 555, under + 180, under + 520),
        fitted(
            |size| {
                speaker.paragraphs(type_of(Face::Regular, size), |phrases| {
                    phrases.slip_where.to_owned()
                })
            },
            (455, 330),
        ),
    );
    page.area(
        "authorisation",
        Place::between(LEFT, 575, under + 530, under + 570),
        vec![paragraph(AUTHORISATION, Text::plain(&postal.authorisation))],
    );
    slip_account(page, postal, payment, under + 36, speaker);
    slip_facts(page, notice, postal, under + 142, speaker);
    let row = under + 470;
    let number = code_under_name(speaker, Align::Left, &payment.number.grouped(), |phrases| {
        phrases.slip_number.to_owned()
    });
    page.area("slip’s notice code", place(587, row, 530, 140), number);
    let kind = code_under_name(speaker, Align::Left, "P1", |phrases| phrases.slip_type.to_owned());
    page.area("slip’s type", place(1161, row, 150, 140), kind);
    let payee = code_under_name(
        speaker,
        Align::Right,
        notice.institution.fiscal_code.as_str(),
        |phrases| phrases.slip_payee_code.to_owned(),
    );
    page.area(
        "slip’s payee code",
        Place::between(1311, 1695, row, row + 140),
        payee,
    );
    page.corners(place(1730, under + 152, 280, 280));
    page.area(
        "data matrix",
        place(1745, under + 167, SLIP_CODE, SLIP_CODE),
        vec![data_matrix(notice, postal, payment, speaker)?],
    );
    Ok(())
}

fn slip_account(page: &mut Page, postal: &PostalSlip, payment: &Payment, top: i32, speaker: Speaker) {
    page.ground(place(587, top, 76, 76), Colour::BLACK);
    let sign = type_of(Face::Bold, 16)
        .coloured(Colour(0xFF, 0xFF, 0xFF))
        .aligned(Align::Centre);
    page.area(
        "euro",
        place(587, top + 4, 76, 72),
        vec![paragraph(sign, Text::plain("€"))],
    );
    let name = speaker.light_label(|phrases| phrases.slip_account.to_owned());
    let words = name.words();
    let size = size_for(&[&words], 450, 50, &[10, 9, 8]);
    let width = width_of(&words, size) + NAME_GAP;
    let style = type_of(Face::Regular, size);
    let account = beside(Some(width), name, style, account_number(postal), AMOUNT);
    page.area("account", place(687, top + 8, width + 330, 70), vec![account]);
    euro(page, payment, RIGHT, top);
}

/// The account as people write it, without the zeros in front.
fn account_number(postal: &PostalSlip) -> &str {
    postal.account.as_str().trim_start_matches('0')
}

fn slip_facts(page: &mut Page, notice: &Notice, postal: &PostalSlip, top: i32, speaker: Speaker) {
    let said: [(Phrase, String); 3] = [
        (|phrases| phrases.slip_holder, tidy(&postal.holder)),
        (
            |phrases| phrases.slip_recipient,
            tidy(&notice.recipient.person.name),
        ),
        (|phrases| phrases.slip_subject, tidy(&notice.subject)),
    ];
    let (whole, height) = (1110, 320);
    let name = |label: &Phrase| speaker.light_label(|phrases| label(phrases).to_owned());
    let widths = said.iter().map(|(label, _)| width_of(&name(label).words(), 8));
    let names = widths.max().unwrap_or_default() + NAME_GAP;
    let values: Vec<&str> = said.iter().map(|(_, value)| value.as_str()).collect();
    let size = size_for(&values, whole - names, height - 40, &[8, 7, 6]);
    let fact = |(label, value): &(Phrase, String)| Fact {
        name: name(label),
        name_style: SMALL,
        value: Text::plain(value),
        value_style: type_of(Face::Bold, size).with_after(Length::tenths_of_mm(12)),
    };
    let facts = Block::Facts(Facts {
        names_width: Some(Length::tenths_of_mm(names)),
        facts: said.iter().map(fact).collect(),
    });
    page.area("slip", place(587, top, whole, height), vec![facts]);
}

fn data_matrix(
    notice: &Notice,
    postal: &PostalSlip,
    payment: &Payment,
    speaker: Speaker,
) -> Result<Block, NoticeError> {
    let person = &notice.recipient.person;
    let content = DataMatrix {
        notice_number: payment.number.clone(),
        account: postal.account.clone(),
        amount: payment.amount,
        institution: notice.institution.fiscal_code.clone(),
        debtor_code: person.code.clone().unwrap_or_default(),
        debtor_name: tidy(&person.name),
        subject: tidy(&notice.subject),
    };
    let most = super::SLIP_AMOUNT_MAX;
    let text = content.print().map_err(|_| NoticeError {
        field: Field::Amount,
        rule: Rule::TooLarge { most },
    })?;
    let code = barcode::data_matrix(&text).map_err(|_| NoticeError {
        field: Field::Subject,
        rule: Rule::TooLong { most: 110 },
    })?;
    let alternative = words::data_matrix(
        &payment.number.grouped(),
        &figures(payment.amount),
        account_number(postal),
        speaker.first(),
    );
    Ok(code_figure(code, alternative, SLIP_CODE))
}

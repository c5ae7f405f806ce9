//! The data to pay with: whom, for what, how much, and the QR code; and the words that say which payment it is.

use super::languages::Speaker;
use super::modules::{BAND, CLOSE, Grid, SMALL, above, beside, figures, fitted, payment_band};
use super::page::{LEFT, Page, Place, RIGHT, place, size_for, type_of};
use super::problems::{Field, NoticeError, Rule};
use super::texts::{Phrase, Phrases, marked};
use super::{Notice, Payment, words};
use crate::Length;
use crate::barcode::{self, Matrix};
use crate::model::{Align, Block, Face, Picture, Run, Style, Text, written};
use crate::spelling::tidy;
use domain::{Cents, QrPayload};

/// Height of the module on a close sheet.
pub(super) const DATA_HEIGHT: i32 = 565;
/// Side of a QR code.
pub(super) const QR: i32 = 250;

const CODE: Style = type_of(Face::MonoBold, 10);
pub(super) const AMOUNT: Style = type_of(Face::MonoBold, 12);

/// Data to pay with, from a band at `top`; `which` says which payment it is.
pub(super) fn payment_data(
    page: &mut Page,
    notice: &Notice,
    payment: &Payment,
    (grid, top): (&Grid, i32),
    (speaker, which): (Speaker, Text),
) -> Result<(), NoticeError> {
    let under = top + grid.band;
    let title = speaker.capitals(|phrases| phrases.data_heading.to_owned());
    payment_band(page, (grid, top), (title, which));
    let first = under + grid.gap;
    page.area(
        "QR code",
        place(LEFT, first + 4, QR, QR),
        vec![qr(notice, payment, QR, speaker)?],
    );
    let below = first + 4 + QR + quiet(QR);
    let room = 169 + grid.gap - CLOSE.gap;
    page.area(
        "instructions",
        Place::between(LEFT, 555, below, below + room),
        fitted(
            |size| {
                speaker.paragraphs(type_of(Face::Regular, size), |phrases| {
                    phrases.scan_or_data_beside.to_owned()
                })
            },
            (455, room),
        ),
    );
    let [recipient, payee, subject] = who_and_what(notice, speaker, [(910, 60), (1410, 60), (1410, 60)]);
    // A long name takes two lines.
    let is_long = notice.recipient.person.name.chars().count() > 40;
    let second = first + if is_long { 106 } else { 90 };
    page.area(
        "recipient of the payment",
        Place::between(590, 1500, first, second),
        vec![recipient],
    );
    page.area(
        "payment",
        Place::between(590, RIGHT, second, first + 305),
        vec![payee, subject],
    );
    euro(page, payment, RIGHT, first);
    let row = first + 306;
    let institution = &notice.institution;
    if let Some(cbill) = &institution.cbill_code {
        let blocks = code_under_name(speaker, Align::Left, cbill, |phrases| {
            phrases.cbill_code.to_owned()
        });
        page.area("CBILL code", place(590, row, 340, 140), blocks);
    }
    let number = code_under_name(speaker, Align::Left, &payment.number.grouped(), |phrases| {
        phrases.number.to_owned()
    });
    page.area("notice code", place(942, row, 560, 140), number);
    let payee = code_under_name(
        speaker,
        Align::Right,
        institution.fiscal_code.as_str(),
        |phrases| phrases.payee_code.to_owned(),
    );
    page.area("payee code", Place::between(1510, RIGHT, row, row + 140), payee);
    Ok(())
}

/// Who owes, to whom and for what, names above values, each value in its width and height.
pub(super) fn who_and_what(notice: &Notice, speaker: Speaker, rooms: [(i32, i32); 3]) -> [Block; 3] {
    let said: [(Phrase, &str); 3] = [
        (|phrases| phrases.recipient, &notice.recipient.person.name),
        (|phrases| phrases.payee, &notice.institution.name),
        (|phrases| phrases.subject, &notice.subject),
    ];
    let mut rooms = rooms.into_iter();
    said.map(|(label, value)| {
        let value = tidy(value);
        let (width, height) = rooms.next().unwrap_or_default();
        let size = size_for(&[&value], width, height, &[8, 7, 6]);
        let name = speaker.light_label(|phrases| label(phrases).to_owned());
        above(name, SMALL, &value, type_of(Face::Bold, size))
    })
}

/// An amount in fixed width letters that ends at `right`.
pub(super) fn euro(page: &mut Page, payment: &Payment, right: i32, top: i32) {
    let text = figures(payment.amount);
    // Each figure is six tenths of its size wide: 7.2 points, 2.54 millimetres. A little more keeps it on one line.
    let width = i32::try_from(text.len()).unwrap_or(i32::MAX / 1000) * 254 / 10 + 5;
    let word = 90;
    let left = right - width - word;
    let euro = beside(
        Some(word),
        Text::plain("Euro"),
        BAND,
        &text,
        AMOUNT.aligned(Align::Right),
    );
    page.area("amount", Place::between(left, right, top, top + 70), vec![euro]);
}

/// A code under its name.
pub(super) fn code_under_name(
    speaker: Speaker,
    align: Align,
    value: &str,
    phrase: impl Fn(&Phrases) -> String,
) -> Vec<Block> {
    let (name, style) = (speaker.stacked(phrase), SMALL.aligned(align));
    vec![above(name, style, value, CODE.aligned(align))]
}

/// The white a QR code of this side needs around it: four of its 33 modules (ISO/IEC 18004).
pub(super) const fn quiet(side: i32) -> i32 {
    side * 4 / 33 + 1
}

/// The QR code of a payment, `side` tenths of a millimetre wide.
pub(super) fn qr(
    notice: &Notice,
    payment: &Payment,
    side: i32,
    speaker: Speaker,
) -> Result<Block, NoticeError> {
    let institution = &notice.institution.fiscal_code;
    let payload =
        QrPayload::new(payment.number.clone(), institution.clone(), payment.amount).map_err(|_| {
            NoticeError {
                field: Field::Amount,
                rule: Rule::TooLarge {
                    most: Cents::MAX_WIRE,
                },
            }
        })?;
    let alternative = words::qr_code(
        &payment.number.grouped(),
        &figures(payment.amount),
        institution.as_str(),
        speaker.first(),
    );
    Ok(code_figure(barcode::qr(&payload), alternative, side))
}

pub(super) fn code_figure(code: Matrix, alternative: String, side: i32) -> Block {
    Block::Figure {
        picture: Picture::Code(code),
        alternative,
        width: Length::tenths_of_mm(side),
    }
}

/// Which payment the whole is, for its band: `Rata unica entro il 24/10/2024`.
pub(super) fn whole_by(payment: &Payment, speaker: Speaker) -> Text {
    let mut text = speaker.label(|phrases| {
        let phrase = if payment.due_on.is_some() {
            phrases.whole_by
        } else {
            phrases.whole
        };
        phrase.to_owned()
    });
    push_date(&mut text, payment);
    text
}

/// Which instalment a payment is: `Rata 2 entro il 24/10/2024`.
pub(super) fn instalment_by(place: usize, payment: &Payment, speaker: Speaker) -> Text {
    let mut text = speaker.label(|phrases| {
        let name = phrases.instalment.replace("{{number}}", &place.to_string());
        match payment.due_on {
            Some(_) => format!("{name} {}", phrases.due_by),
            None => name,
        }
    });
    push_date(&mut text, payment);
    text
}

fn push_date(text: &mut Text, payment: &Payment) {
    let date = payment.due_on.map(|day| format!(" {}", written(day)));
    text.0.extend(date.map(|date| Run::strong(&date)));
}

/// Which of a fine's two payments it is. In two languages only what is strong is said of each, amount and days: one line has
/// room for that.
pub(super) fn fine_payment(speaker: Speaker, phrase: Phrase) -> Text {
    if speaker.is_bilingual() {
        speaker.label(|phrases| {
            let runs = marked(phrase(phrases)).0;
            let strong = runs.into_iter().filter(|run| run.strong);
            strong.map(|run| run.text).collect()
        })
    } else {
        marked(phrase(Phrases::of(speaker.first())))
    }
}

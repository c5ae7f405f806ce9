//! Instalments side by side: two or three in a row, or the dense form of many.

use super::data::{QR, instalment_by, qr, quiet, who_and_what};
use super::languages::Speaker;
use super::modules::{CLOSE, above, band_heading, figures, heading};
use super::page::{LEFT, Page, Place, RIGHT, line_height, place, size_for, type_of, width_of};
use super::{Notice, NoticeError, Payment};
use crate::Length;
use crate::model::{Block, Colour, Column, Face, Style};

/// The most instalments that stand in rows; more of them take the dense form.
pub(super) const ROWS_MAX: usize = 9;
/// Height of a row.
pub(super) const ROW_HEIGHT: i32 = 900;
/// Instalments on a sheet of the dense form: rows of three.
pub(super) const DENSE_ON_SHEET: usize = DENSE_COLUMNS * DENSE_ROWS;
const DENSE_COLUMNS: usize = 3;
const DENSE_ROWS: usize = 5;
const DENSE_HEIGHT: i32 = 425;
/// Side of a QR code where three stand in a row.
const SIDE: i32 = 200;
/// Between a code and what stands beside it.
const BESIDE: i32 = quiet(QR);
/// Between the columns.
const GUTTER: i32 = 50;

const SMALL: Style = type_of(Face::Regular, 8);
const NAME: Style = type_of(Face::Regular, 7);
const VALUE: Style = type_of(Face::MonoBold, 10);
/// Characters of an amount that size which a column of three has room for.
const VALUE_MAX: usize = 17;
const DENSE_VALUE: Style = type_of(Face::MonoBold, 9);

/// How many stand in a row, and how many of them on the first sheet, for two to nine instalments. Rows of two and of three
/// are never on one sheet.
pub(super) const fn distribution(count: usize) -> (usize, usize) {
    match count {
        3 | 9 => (3, 3),
        5 | 8 => (3, 2),
        7 => (2, 3),
        _ => (2, 2),
    }
}

/// What all the instalments of a sheet have in common, under its band; says where the instalments begin.
pub(super) fn strip(page: &mut Page, notice: &Notice, top: i32, speaker: Speaker) -> i32 {
    let under = top + CLOSE.band;
    page.band(top, CLOSE.band);
    let title = speaker.capitals(|phrases| phrases.data_heading.to_owned());
    let band = Place::between(LEFT, RIGHT, top, under);
    band_heading(page, &CLOSE, band, (10, title));
    let columns = who_and_what(notice, speaker, [(600, 115); 3])
        .into_iter()
        .map(|block| Column {
            width: None,
            blocks: vec![block],
        });
    let columns = Block::Columns {
        gap: Length::mm(5),
        columns: columns.collect(),
    };
    let texts = [
        &notice.recipient.person.name,
        &notice.institution.name,
        &notice.subject,
    ];
    let is_short = texts.iter().all(|text| text.chars().count() <= 30);
    let height = match (is_short, speaker.is_bilingual()) {
        (true, false) => 110,
        (true, true) => 150,
        (false, false) => 170,
        (false, true) => 200,
    };
    page.area(
        "common data",
        Place::between(LEFT, RIGHT, under + 20, under + 20 + height),
        vec![columns],
    );
    under + height + 30
}

/// Instalments side by side, the first of them in place `first`.
pub(super) fn row(
    page: &mut Page,
    notice: &Notice,
    (parts, first): (&[Payment], usize),
    top: i32,
    columns: usize,
    speaker: Speaker,
) -> Result<(), NoticeError> {
    let side = if columns == 2 { QR } else { SIDE };
    // Names in two languages may take two lines where three stand in a row, one of them where two do.
    let codes = match (speaker.is_bilingual(), columns) {
        (false, _) => 285,
        (true, 2) => 320,
        (true, _) => 420,
    };
    for ((place_of, part), x) in (first..).zip(parts).zip(columns_of(columns)) {
        let room = Place {
            y: top,
            height: ROW_HEIGHT,
            ..x
        };
        let under = cell_band(page, (part, place_of), room, side, speaker);
        page.area(
            "instalment’s QR code",
            place(room.x, under, side, side),
            vec![qr(notice, part, side, speaker)?],
        );
        page.area(
            "instalment’s amount",
            Place::between(room.x + side + BESIDE, room.x + room.width, under, under + codes),
            amount_and_codes(notice, part, speaker),
        );
        let mut blocks = vec![number(part, VALUE, speaker), Block::Space(Length::mm(1))];
        blocks.extend(speaker.paragraphs(SMALL, |phrases| phrases.scan_or_data_above.to_owned()));
        page.area(
            "instalment’s code",
            place(room.x, under + codes + 10, room.width, 310),
            blocks,
        );
    }
    Ok(())
}

/// Columns of equal width across the sheet.
fn columns_of(count: usize) -> impl Iterator<Item = Place> {
    let count = i32::try_from(count.max(1)).unwrap_or(1);
    let width = (RIGHT - LEFT - GUTTER * (count - 1)) / count;
    (0..count).map(move |column| place(LEFT + column * (width + GUTTER), 0, width, 0))
}

/// The band of an instalment with its name and date; says where a code of this side begins under it.
fn cell_band(
    page: &mut Page,
    (part, place_of): (&Payment, usize),
    room: Place,
    side: i32,
    speaker: Speaker,
) -> i32 {
    let height = CLOSE.band;
    page.ground(Place { height, ..room }, Colour::BAND);
    let name = instalment_by(place_of, part, speaker);
    let words = name.words();
    let width = room.width - 30;
    let points = size_for(&[&words], width, 40, &[8, 7, 6]);
    // Long words in two languages take two lines.
    let inset = if width_of(&words, points) > width {
        4
    } else {
        (height - line_height(points)) / 2
    };
    page.area(
        "instalment",
        place(room.x + 15, room.y + inset, width, height - inset),
        vec![heading(3, type_of(Face::Regular, points), name)],
    );
    room.y + height + quiet(side)
}

fn amount_and_codes(notice: &Notice, part: &Payment, speaker: Speaker) -> Vec<Block> {
    let mut blocks = vec![amount(part, VALUE, speaker)];
    blocks.extend(codes(notice, speaker));
    blocks
}

/// The institution's codes: what every payment to it has in common.
fn codes(notice: &Notice, speaker: Speaker) -> Vec<Block> {
    let institution = &notice.institution;
    let cbill = institution.cbill_code.as_deref().map(|code| {
        let name = speaker.light_label(|phrases| phrases.cbill_code.to_owned());
        above(name, NAME, code, VALUE)
    });
    let name = speaker.light_label(|phrases| phrases.payee_code.to_owned());
    let payee = above(name, NAME, institution.fiscal_code.as_str(), VALUE);
    cbill.into_iter().chain([payee]).collect()
}

fn amount(part: &Payment, style: Style, speaker: Speaker) -> Block {
    let name = speaker.light_label(|phrases| phrases.amount.to_owned());
    let text = format!("{} Euro", figures(part.amount));
    let style = if text.len() > VALUE_MAX {
        DENSE_VALUE
    } else {
        style
    };
    above(name, NAME, &text, style)
}

fn number(part: &Payment, style: Style, speaker: Speaker) -> Block {
    let name = speaker.light_label(|phrases| phrases.number.to_owned());
    above(name, NAME, &part.number.grouped(), style)
}

/// Up to [`DENSE_ON_SHEET`] instalments, the first of them in place `first`; what they have in common is said once.
pub(super) fn dense(
    page: &mut Page,
    notice: &Notice,
    (parts, first): (&[Payment], usize),
    top: i32,
    speaker: Speaker,
) -> Result<(), NoticeError> {
    let under_strip = strip(page, notice, top, speaker);
    let instructions = speaker.paragraphs(NAME, |phrases| phrases.scan_or_data_above.to_owned());
    let columns = codes(notice, speaker)
        .into_iter()
        .map(|block| vec![block])
        .chain([instructions]);
    let columns = columns.map(|blocks| Column { width: None, blocks });
    let columns = Block::Columns {
        gap: Length::mm(5),
        columns: columns.collect(),
    };
    page.area(
        "common codes",
        Place::between(LEFT, RIGHT, under_strip, under_strip + 150),
        vec![columns],
    );
    for (line, parts) in parts.chunks(DENSE_COLUMNS).enumerate() {
        let y = under_strip + 150 + i32::try_from(line).unwrap_or(0) * DENSE_HEIGHT;
        let from = first + line * DENSE_COLUMNS;
        for ((place_of, part), x) in (from..).zip(parts).zip(columns_of(DENSE_COLUMNS)) {
            let room = Place {
                y,
                height: DENSE_HEIGHT,
                ..x
            };
            let under = cell_band(page, (part, place_of), room, SIDE, speaker);
            page.area(
                "instalment’s QR code",
                place(room.x, under, SIDE, SIDE),
                vec![qr(notice, part, SIDE, speaker)?],
            );
            page.area(
                "instalment’s amount",
                Place::between(room.x + SIDE + BESIDE, room.x + room.width, under, under + SIDE),
                vec![amount(part, DENSE_VALUE, speaker)],
            );
            page.area(
                "instalment’s code",
                place(room.x, under + SIDE + quiet(SIDE), room.width, 86),
                vec![number(part, DENSE_VALUE, speaker)],
            );
        }
    }
    Ok(())
}

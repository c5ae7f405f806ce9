//! The first modules of a sheet, in the guidelines' order: header, parties, what to pay and where.

use super::drawings::info_mark;
use super::languages::Speaker;
use super::page::{LEFT, Page, Place, RIGHT, height_of, line_height, place, size_for, type_of, width_of};
use super::texts::{Phrase, Phrases};
use super::{Notice, Payment, Payments, words};
use crate::model::{Align, Block, Drawing, Face, Fact, Facts, Picture, Style, Text, written};
use crate::spelling::tidy;
use crate::{Length, pagopa};
use domain::Cents;
use domain::money::NumberStyle;

/// How high the bands of a sheet are and where they stand. Sheets with a postal slip, or with more than one payment, are
/// closer set.
#[derive(Debug, Clone, Copy)]
pub(super) struct Grid {
    /// Height of a band.
    pub(super) band: i32,
    /// Under a band, before what it is over.
    pub(super) gap: i32,
    /// Top of the parties' band.
    pub(super) parties: i32,
    /// Top of the band over amount and places.
    amount: i32,
    /// Top of the band over the data to pay with.
    pub(super) data: i32,
    /// Left edge of the right column.
    right: i32,
}

/// A sheet with one payment and no slip.
pub(super) const WIDE: Grid = Grid {
    band: 82,
    gap: 50,
    parties: 439,
    amount: 897,
    data: 1603,
    right: 1140,
};

/// A sheet with a postal slip or several payments.
pub(super) const CLOSE: Grid = Grid {
    band: 64,
    gap: 36,
    parties: 376,
    amount: 744,
    data: 1397,
    right: 1125,
};

pub(super) const BAND: Style = type_of(Face::Regular, 10);
pub(super) const SMALL: Style = type_of(Face::Regular, 8);
const SMALL_CODE: Style = type_of(Face::Mono, 8);

/// An amount as the guidelines write it, in Italian figures whatever the language.
pub(super) fn figures(amount: Cents) -> String {
    amount.to_people(NumberStyle::Italian)
}

pub(super) fn paragraph(style: Style, text: Text) -> Block {
    Block::Paragraph { style, text }
}

pub(super) fn heading(level: u8, style: Style, text: Text) -> Block {
    Block::Heading { level, style, text }
}

/// A name above its value.
pub(super) fn above(name: Text, name_style: Style, value: &str, value_style: Style) -> Block {
    beside(None, name, name_style, value, value_style)
}

pub(super) fn beside(
    width: Option<i32>,
    name: Text,
    name_style: Style,
    value: &str,
    value_style: Style,
) -> Block {
    Block::Facts(Facts {
        names_width: width.map(Length::tenths_of_mm),
        facts: vec![Fact {
            name,
            name_style,
            value: Text::plain(value),
            value_style,
        }],
    })
}

/// The header of a first sheet: the mark, what this is, the subject, the coat of arms.
pub(super) fn header(page: &mut Page, notice: &Notice, grid: &Grid, speaker: Speaker) {
    let mark = Block::Figure {
        picture: Picture::Drawing(pagopa::mark()),
        alternative: pagopa::ALTERNATIVE.to_owned(),
        width: Length::mm(15),
    };
    page.area("pagoPA", place(LEFT, 100, 150, 104), vec![mark]);
    page.area("title", TITLE, vec![paragraph(BAND, title(speaker))]);
    let (subject, style, room) = subject(notice, grid);
    page.area("subject", room, vec![heading(1, style, subject)]);
    if let Some(logo) = &notice.institution.logo {
        let (place, width) = logo_place(logo, grid);
        let figure = Block::Figure {
            picture: Picture::Drawing(logo.clone()),
            alternative: words::logo_of(&tidy(&notice.institution.name), speaker.first()),
            width: Length::tenths_of_mm(width),
        };
        page.area("logo", place, vec![figure]);
    }
}

/// The header of the sheets that follow: the same to the eye, but nothing of it is read again.
pub(super) fn header_again(page: &mut Page, notice: &Notice, speaker: Speaker) {
    page.drawing(place(LEFT, 100, 150, 101), pagopa::mark());
    page.words(TITLE, BAND, title(speaker));
    let (subject, style, room) = subject(notice, &CLOSE);
    page.words(room, style, subject);
    if let Some(logo) = &notice.institution.logo {
        page.drawing(logo_place(logo, &CLOSE).0, logo.clone());
    }
}

const TITLE: Place = Place::between(290, 1680, 96, 150);

fn title(speaker: Speaker) -> Text {
    speaker.capitals(|phrases| phrases.title.to_owned())
}

fn subject(notice: &Notice, grid: &Grid) -> (Text, Style, Place) {
    let room = Place::between(LEFT, 1660, 212, grid.parties - 4);
    let subject = tidy(&notice.subject);
    let size = size_for(&[&subject], room.width, room.height, &[16, 14, 12, 10, 9, 8]);
    (Text::plain(&subject), type_of(Face::Bold, size), room)
}

/// Where a coat of arms stands, as large as fits at the right, and how wide it is.
fn logo_place(logo: &Drawing, grid: &Grid) -> (Place, i32) {
    let side = (grid.parties - 100 - 10).min(300);
    let (width, height) = (logo.width.max(1), logo.height.max(1));
    let narrow = i64::from(side) * i64::from(width) / i64::from(height);
    let wide = i32::try_from(narrow).unwrap_or(side).clamp(1, side);
    (Place::between(RIGHT - wide, RIGHT, 100, 100 + side), wide)
}

/// The institution and whom the notice is for.
pub(super) fn parties(page: &mut Page, notice: &Notice, grid: &Grid, speaker: Speaker) {
    let (top, under) = (grid.parties, grid.parties + grid.band);
    let bottom = grid.amount - 6;
    page.bands(top, grid.band);
    let institution = &notice.institution;
    let payee_title = speaker.capitals(|phrases| phrases.payee.to_owned());
    let recipient_title = speaker.capitals(|phrases| phrases.recipient.to_owned());
    let payee_band = Place::between(LEFT, 790, top, under);
    let recipient_band = Place::between(grid.right, 1690, top, under);
    let points = band_size(&[(&payee_title, payee_band), (&recipient_title, recipient_band)]);
    band_heading(page, grid, payee_band, (points, payee_title));
    let room = Place::between(LEFT, 1000, under + grid.gap - 4, bottom);
    let (name, sector, info) = (
        tidy(&institution.name),
        institution.sector.as_deref().map(tidy),
        institution.info.as_deref().map(tidy),
    );
    let short = |text: Option<&str>, most| text.unwrap_or_default().chars().count() < most;
    let is_short = short(Some(&name), 40) && short(sector.as_deref(), 40) && short(info.as_deref(), 60);
    let after = Length::mm(if is_short { 4 } else { 1 });
    let style = type_of(Face::Bold, name_size(&name, room.width)).with_after(after);
    let mut blocks = vec![paragraph(style, Text::plain(&name))];
    blocks.extend(sector.map(|sector| {
        let size = size_for(&[&sector], room.width, 70, &[12, 10, 8, 7]);
        paragraph(
            type_of(Face::Regular, size).with_after(after),
            Text::plain(&sector),
        )
    }));
    blocks.extend(info.map(|info| {
        let size = size_for(&[&info], room.width, 80, &[8, 7]);
        paragraph(type_of(Face::Regular, size), Text::plain(&info))
    }));
    page.area("institution", room, blocks);
    // Heard after the name: a number alone says nothing.
    let code = institution.fiscal_code.as_str();
    band_code(page, grid, Place::between(790, 1000, top, under), code);

    let recipient = &notice.recipient;
    band_heading(page, grid, recipient_band, (points, recipient_title));
    let room = Place::between(grid.right, RIGHT, under + grid.gap - 4, bottom);
    let name = tidy(&recipient.person.name);
    let is_short = name.chars().count() < 40 && recipient.address.len() <= 2;
    let after = if is_short { 40 } else { 20 };
    let points = name_size(&name, room.width);
    let style = type_of(Face::Bold, points).with_after(Length::tenths_of_mm(after));
    let mut blocks = vec![paragraph(style, Text::plain(&name))];
    let lines: Vec<String> = recipient.address.iter().map(|line| tidy(line)).collect();
    let lines: Vec<&str> = lines
        .iter()
        .map(String::as_str)
        .filter(|line| !line.is_empty())
        .collect();
    let remaining = room.height - height_of(&name, room.width, points) - after;
    let size = size_for(&lines, room.width, remaining, &[12, 10, 9, 8, 7]);
    let style = type_of(Face::Regular, size);
    blocks.extend(lines.iter().map(|line| paragraph(style, Text::plain(line))));
    page.area("recipient", room, blocks);
    if let Some(code) = &recipient.person.code {
        let band = Place::between(1690, RIGHT, top, under);
        band_code(page, grid, band, &code.to_uppercase());
    }
}

/// A name: 14 points, 12 from 40 characters, 10 from 65, smaller where letters are wide.
fn name_size(name: &str, width: i32) -> i32 {
    let sizes: &[i32] = match name.chars().count() {
        0..40 => &[14, 12, 10, 9, 8, 7],
        40..65 => &[12, 10, 9, 8, 7],
        65.. => &[10, 9, 8, 7],
    };
    size_for(&[name], width, 110, sizes)
}

/// The size of texts that stand in one band: ten points, smaller where two languages need it.
fn band_size(texts: &[(&Text, Place)]) -> i32 {
    let sizes = texts
        .iter()
        .map(|(text, band)| size_for(&[&text.words()], band.width, 50, &BAND_SIZES));
    sizes.min().unwrap_or(BAND_SIZES[0])
}

/// Sizes of the texts in bands.
const BAND_SIZES: [i32; 5] = [10, 9, 8, 7, 6];

/// The heading of a module in its band.
pub(super) fn band_heading(page: &mut Page, grid: &Grid, band: Place, (points, text): (i32, Text)) {
    let block = heading(2, type_of(Face::Regular, points), text);
    in_band(page, grid, band, (points, block));
}

/// A text at the right end of a band.
fn band_text(page: &mut Page, grid: &Grid, band: Place, (points, text): (i32, Text)) {
    let block = paragraph(type_of(Face::Regular, points).aligned(Align::Right), text);
    in_band(page, grid, band, (points, block));
}

/// A code at the right end of a band.
fn band_code(page: &mut Page, grid: &Grid, band: Place, code: &str) {
    let block = paragraph(SMALL_CODE.aligned(Align::Right), Text::plain(code));
    in_band(page, grid, band, (8, block));
}

/// A line of so many points in the middle of a band's height.
fn in_band(page: &mut Page, grid: &Grid, band: Place, (points, block): (i32, Block)) {
    let inset = (grid.band - line_height(points)) / 2;
    page.area(
        "band",
        Place::between(band.x, band.x + band.width, band.y + inset, band.y + grid.band),
        vec![block],
    );
}

/// The band over what one payment is made with: the module's title, and which payment it is.
pub(super) fn payment_band(page: &mut Page, (grid, top): (&Grid, i32), (title, which): (Text, Text)) {
    const GAP: i32 = 40;
    let under = top + grid.band;
    page.band(top, grid.band);
    let width = |text: &Text, points: i32| width_of(&text.words(), points);
    let fits = |points: &i32| width(&title, *points) + GAP + width(&which, *points) <= RIGHT - LEFT;
    let points = BAND_SIZES.into_iter().find(fits).unwrap_or(6);
    let middle = LEFT + width(&title, points) + GAP / 2;
    band_heading(
        page,
        grid,
        Place::between(LEFT, middle, top, under),
        (points, title),
    );
    band_text(
        page,
        grid,
        Place::between(middle, RIGHT, top, under),
        (points, which),
    );
}

/// What there is to pay and by when, and where. `bottom` is where the next module begins.
pub(super) fn amount_and_places(
    page: &mut Page,
    notice: &Notice,
    grid: &Grid,
    speaker: Speaker,
    bottom: i32,
) {
    let (top, under) = (grid.amount, grid.amount + grid.band);
    page.bands(top, grid.band);
    let due_on = match &notice.payments {
        Payments::Whole(whole) => whole.due_on,
        Payments::Instalments { whole, .. } => whole.as_ref().and_then(|whole| whole.due_on),
        Payments::Fine { .. } => None,
    };
    let with_date = due_on.is_some() || matches!(notice.payments, Payments::Fine { .. });
    let title = speaker.capitals(|phrases| {
        let title = if with_date {
            phrases.amount_and_date_heading
        } else {
            phrases.amount_heading
        };
        title.to_owned()
    });
    let where_title = speaker.capitals(|phrases| phrases.where_heading.to_owned());
    let amount_band = Place::between(LEFT, 1035, top, under);
    let where_band = Place::between(grid.right, 1760, top, under);
    let points = band_size(&[(&title, amount_band), (&where_title, where_band)]);
    band_heading(page, grid, amount_band, (points, title));
    let top_of_text = under + grid.gap;
    let below = match &notice.payments {
        Payments::Fine { discounted, reduced } => {
            fine_amounts(page, (discounted, reduced), top_of_text, speaker)
        }
        Payments::Whole(_) | Payments::Instalments { .. } => {
            let total = total(&notice.payments);
            let amount = speaker.label(|phrases| phrases.amount.to_owned());
            let text = format!("{} Euro", figures(total));
            let size = size_for(&[&text], 590, 70, &[16, 14, 12]);
            page.area(
                "amount",
                Place::between(LEFT, 700, top_of_text, top_of_text + 120),
                vec![above(amount, SMALL, &text, type_of(Face::Bold, size))],
            );
            if let Some(due_on) = due_on {
                let by = speaker.label(|phrases| phrases.due_by.to_owned());
                page.area(
                    "due date",
                    Place::between(710, 1035, top_of_text, top_of_text + 120),
                    vec![above(by, SMALL, &written(due_on), type_of(Face::Bold, 16))],
                );
            }
            top_of_text + 145
        }
    };
    page.drawing(place(LEFT, below + 2, 42, 42), info_mark());
    page.area(
        "what to know",
        Place::between(160, 1000, below, bottom - 4),
        fitted(
            |size| advice(&notice.payments, speaker, size),
            (840, bottom - 4 - below),
        ),
    );
    band_heading(page, grid, where_band, (points, where_title));
    let site = Text::strong("pagopa.gov.it");
    let site_band = Place::between(1760, RIGHT, top, under);
    band_text(page, grid, site_band, (points, site));
    let room = Place::between(grid.right, RIGHT, under + grid.gap, bottom - 4);
    where_to_pay(page, notice, room, speaker);
}

/// What is to be paid in all: the whole, or every instalment.
fn total(payments: &Payments) -> Cents {
    match payments {
        Payments::Whole(payment)
        | Payments::Instalments {
            whole: Some(payment), ..
        }
        | Payments::Fine {
            discounted: payment, ..
        } => payment.amount,
        Payments::Instalments { whole: None, parts } => {
            Cents::sum(parts.iter().map(|part| part.amount)).unwrap_or(Cents::MAX_WIRE)
        }
    }
}

/// The two amounts of a fine, each with its time; says where they end.
fn fine_amounts(page: &mut Page, amounts: (&Payment, &Payment), top: i32, speaker: Speaker) -> i32 {
    let height = if speaker.is_bilingual() { 330 } else { 215 };
    let mut column = |name, x: i32, payment: &Payment, label: Phrase, time: Phrase| {
        let text = format!("{} Euro", figures(payment.amount));
        let size = size_for(&[&text], 440, 70, &[14, 12, 10]);
        let mut blocks = vec![above(
            speaker.label(|phrases| label(phrases).to_owned()),
            SMALL,
            &text,
            type_of(Face::Bold, size),
        )];
        blocks.extend(speaker.paragraphs(SMALL, |phrases| time(phrases).to_owned()));
        page.area(name, place(x, top, 440, height - 10), blocks);
    };
    column(
        "discounted amount",
        LEFT,
        amounts.0,
        |phrases| phrases.discounted_amount,
        |phrases| phrases.discounted_until_extended,
    );
    column(
        "reduced amount",
        565,
        amounts.1,
        |phrases| phrases.reduced_amount,
        |phrases| phrases.reduced_until_extended,
    );
    top + height
}

/// Paragraphs and headings in eight points, or seven where they are thought not to fit otherwise.
pub(super) fn fitted(blocks: impl Fn(i32) -> Vec<Block>, (width, height): (i32, i32)) -> Vec<Block> {
    let whole = blocks(8);
    let words: Vec<String> = whole
        .iter()
        .filter_map(|block| match block {
            Block::Heading { text, .. } | Block::Paragraph { text, .. } => Some(text.words()),
            Block::Facts(_)
            | Block::Table(_)
            | Block::Figure { .. }
            | Block::Columns { .. }
            | Block::Together(_)
            | Block::Space(_) => None,
        })
        .collect();
    let texts: Vec<&str> = words.iter().map(String::as_str).collect();
    // A millimetre stands under each.
    let height = height - 10 * i32::try_from(texts.len()).unwrap_or(0);
    match size_for(&texts, width, height, &[8, 7]) {
        8 => whole,
        smaller => blocks(smaller),
    }
}

/// What whoever pays must know: instalments, deadlines of fines, amounts that change.
fn advice(payments: &Payments, speaker: Speaker, size: i32) -> Vec<Block> {
    let plain = type_of(Face::Regular, size);
    let style = plain.with_after(Length::mm(1));
    let mut blocks = Vec::new();
    if let Payments::Instalments { whole, parts } = payments {
        if whole.is_some() {
            let count = parts.len().to_string();
            blocks.extend(speaker.paragraphs(style, |phrases| {
                phrases.in_instalments.replace("{{number}}", &count)
            }));
        }
        blocks.extend(speaker.paragraphs(style, |phrases| phrases.see_instalments.to_owned()));
    }
    blocks.extend(speaker.paragraphs(style, |phrases| phrases.amount_may_change.to_owned()));
    if let Payments::Fine { .. } = payments {
        let questions: [(Phrase, Phrase); 2] = [
            (
                |phrases| phrases.deadlines_question,
                |phrases| phrases.deadlines_answer,
            ),
            (
                |phrases| phrases.unclaimed_question,
                |phrases| phrases.unclaimed_answer,
            ),
        ];
        for (question, answer) in questions {
            let question = speaker.label(|phrases| question(phrases).to_owned());
            blocks.push(heading(3, plain, question));
            blocks.extend(speaker.paragraphs(style, |phrases| answer(phrases).to_owned()));
        }
        blocks.extend(speaker.paragraphs(style, |phrases| phrases.choose_amount.to_owned()));
    }
    blocks
}

fn where_to_pay(page: &mut Page, notice: &Notice, room: Place, speaker: Speaker) {
    let (at_home, institution) = (!notice.recipient.abroad, &notice.institution);
    let (site, app) = (
        institution.takes_payment_on_site,
        institution.takes_payment_in_app,
    );
    let online = |phrases: &Phrases| {
        let text = match (at_home, site, app) {
            (true, false, false) => phrases.online,
            (true, true, false) => phrases.online_or_site,
            (true, false, true) => phrases.online_or_app,
            (true, true, true) => phrases.online_or_site_or_app,
            (false, false, false) => phrases.abroad_online,
            (false, true, false) => phrases.abroad_online_or_site,
            (false, false, true) => phrases.abroad_online_or_app,
            (false, true, true) => phrases.abroad_online_or_site_or_app,
        };
        text.to_owned()
    };
    let counters = institution.own_counters.as_deref().map(tidy);
    let counters = counters
        .filter(|own| !own.is_empty())
        .map_or_else(String::new, |own| format!("{own}, "));
    let locally = |phrases: &Phrases| {
        let text = if at_home {
            phrases.locally
        } else {
            phrases.abroad_locally
        };
        text.replace("{{customLocation}}", &counters)
    };
    let (online_heading, locally_heading): (Phrase, Phrase) = if at_home {
        (
            |phrases| phrases.online_heading,
            |phrases| phrases.locally_heading,
        )
    } else {
        (
            |phrases| phrases.abroad_online_heading,
            |phrases| phrases.abroad_locally_heading,
        )
    };
    let capitals = |phrase: Phrase| heading(3, BAND, speaker.capitals(|phrases| phrase(phrases).to_owned()));
    let blocks = |size: i32| {
        let style = type_of(Face::Regular, size).with_after(Length::tenths_of_mm(5));
        let mut blocks = vec![capitals(online_heading)];
        blocks.extend(speaker.paragraphs(style, online));
        blocks.push(Block::Space(Length::mm(2)));
        blocks.push(capitals(locally_heading));
        blocks.extend(speaker.paragraphs(style, locally));
        blocks
    };
    page.area("places", room, fitted(blocks, (room.width, room.height - 40)));
}

//! The forms of a notice: which modules stand on which sheet.

use super::data::{DATA_HEIGHT, fine_payment, instalment_by, payment_data, whole_by};
use super::languages::Speaker;
use super::modules::{CLOSE, WIDE, amount_and_places, header, header_again, parties};
use super::page::Page;
use super::problems::check;
use super::rows::{self, ROWS_MAX};
use super::slip::{SLIP_HEIGHT, postal_slip};
use super::texts::Phrases;
use super::{Notice, NoticeError, Payment, Payments, Warning};
use crate::model::{Body, Document, Sheet, Text};
use crate::spelling::tidy;

/// A notice as a document, and what is to be told of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Noticed {
    /// The document.
    pub document: Document,
    /// What the guidelines wish otherwise.
    pub warnings: Vec<Warning>,
}

/// Where the first slip of a page begins, and the second payment.
const FIRST_SLIP: i32 = CLOSE.data + 620;

/// The first and second payment of the sheets that follow the first, each with its slip.
const FOLLOWING: [i32; 2] = [376, 376 + DATA_HEIGHT + SLIP_HEIGHT];

/// The notice, as the guidelines prescribe it.
///
/// # Errors
/// What makes it unlawful.
pub fn document(notice: &Notice) -> Result<Noticed, NoticeError> {
    let warnings = check(notice)?;
    let speaker = Speaker::of(notice);
    let sheets = Form { notice, speaker }.sheets()?;
    let subject = tidy(&notice.subject);
    let title = Phrases::of(speaker.first()).title;
    let document = Document {
        title: format!("{title}: {subject}"),
        subject,
        author: tidy(&notice.institution.name),
        language: speaker.first(),
        dated: notice.dated,
        body: Body::Sheets(sheets),
        attachments: Vec::new(),
    };
    Ok(Noticed { document, warnings })
}

/// A payment with the words that say which it is.
type Named<'a> = (&'a Payment, Text);

struct Form<'a> {
    notice: &'a Notice,
    speaker: Speaker,
}

impl Form<'_> {
    fn sheets(&self) -> Result<Vec<Sheet>, NoticeError> {
        match &self.notice.payments {
            Payments::Whole(whole) => Ok(vec![self.single(whole)?.sheet()]),
            Payments::Instalments { whole, parts } if self.has_slips() => {
                self.instalments_with_slips(whole.as_ref(), parts)
            }
            Payments::Instalments { whole, parts } if parts.len() <= ROWS_MAX => {
                self.instalments(whole.as_ref(), parts)
            }
            Payments::Instalments { whole, parts } => self.many_instalments(whole.as_ref(), parts),
            Payments::Fine { discounted, reduced } => self.fine(discounted, reduced),
        }
    }

    const fn has_slips(&self) -> bool {
        self.notice.institution.postal.is_some()
    }

    /// A first sheet down to the data to pay with.
    fn first(&self, close: bool, data: i32) -> Page {
        let (mut page, grid) = (Page::default(), if close { &CLOSE } else { &WIDE });
        header(&mut page, self.notice, grid, self.speaker);
        parties(&mut page, self.notice, grid, self.speaker);
        amount_and_places(&mut page, self.notice, grid, self.speaker, data);
        page
    }

    /// A sheet that follows, with its header.
    fn following(&self) -> Page {
        let mut page = Page::default();
        header_again(&mut page, self.notice, self.speaker);
        page
    }

    /// The whole with its slip if there are any.
    fn single(&self, whole: &Payment) -> Result<Page, NoticeError> {
        let grid = if self.has_slips() { &CLOSE } else { &WIDE };
        let mut page = self.first(self.has_slips(), grid.data);
        let which = whole_by(whole, self.speaker);
        payment_data(
            &mut page,
            self.notice,
            whole,
            (grid, grid.data),
            (self.speaker, which.clone()),
        )?;
        self.slip(&mut page, (whole, which), FIRST_SLIP)?;
        Ok(page)
    }

    fn slip(&self, page: &mut Page, (payment, which): Named<'_>, top: i32) -> Result<(), NoticeError> {
        match &self.notice.institution.postal {
            Some(postal) => postal_slip(page, (self.notice, postal), payment, top, (self.speaker, which)),
            None => Ok(()),
        }
    }

    /// The data of a payment and its slip, on a sheet that follows.
    fn data_and_slip(&self, page: &mut Page, named: Named<'_>, top: i32) -> Result<(), NoticeError> {
        let (payment, which) = named.clone();
        payment_data(page, self.notice, payment, (&CLOSE, top), (self.speaker, which))?;
        self.slip(page, named, top + DATA_HEIGHT)
    }

    /// The whole on the first sheet, then two payments on each, every one with its slip.
    fn instalments_with_slips(
        &self,
        whole: Option<&Payment>,
        parts: &[Payment],
    ) -> Result<Vec<Sheet>, NoticeError> {
        let named = parts
            .iter()
            .enumerate()
            .map(|(place, part)| (part, instalment_by(place + 1, part, self.speaker)));
        let mut named: Vec<Named<'_>> = named.collect();
        let first = if let Some(whole) = whole {
            self.single(whole)?
        } else {
            let (part, which) = named.remove(0);
            let mut page = self.first(true, CLOSE.data);
            let grid = (&CLOSE, CLOSE.data);
            payment_data(&mut page, self.notice, part, grid, (self.speaker, which.clone()))?;
            self.slip(&mut page, (part, which), FIRST_SLIP)?;
            page
        };
        let mut sheets = vec![first.sheet()];
        sheets.extend(self.two_to_a_sheet(&named)?);
        Ok(sheets)
    }

    fn two_to_a_sheet(&self, named: &[Named<'_>]) -> Result<Vec<Sheet>, NoticeError> {
        let mut sheets = Vec::new();
        for pair in named.chunks(FOLLOWING.len()) {
            let mut page = self.following();
            for (named, top) in pair.iter().zip(FOLLOWING) {
                self.data_and_slip(&mut page, named.clone(), top)?;
            }
            sheets.push(page.sheet());
        }
        Ok(sheets)
    }

    /// Up to nine instalments without slips, two or three in a row.
    fn instalments(&self, whole: Option<&Payment>, parts: &[Payment]) -> Result<Vec<Sheet>, NoticeError> {
        let mut page = self.first(true, CLOSE.data);
        let top = match whole {
            Some(whole) => {
                let which = whole_by(whole, self.speaker);
                let grid = (&CLOSE, CLOSE.data);
                payment_data(&mut page, self.notice, whole, grid, (self.speaker, which))?;
                FIRST_SLIP
            }
            None => rows::strip(&mut page, self.notice, CLOSE.data, self.speaker),
        };
        let (columns, on_first) = rows::distribution(parts.len());
        let (first, rest) = parts.split_at(on_first.min(parts.len()));
        rows::row(&mut page, self.notice, (first, 1), top, on_first, self.speaker)?;
        let mut sheets = vec![page.sheet()];
        if !rest.is_empty() {
            let mut page = self.following();
            let mut top = rows::strip(&mut page, self.notice, CLOSE.parties, self.speaker);
            for (place, row) in rest.chunks(columns).enumerate() {
                let first = on_first + 1 + place * columns;
                rows::row(&mut page, self.notice, (row, first), top, columns, self.speaker)?;
                top += rows::ROW_HEIGHT;
            }
            sheets.push(page.sheet());
        }
        Ok(sheets)
    }

    /// Ten instalments and more: the dense form.
    fn many_instalments(
        &self,
        whole: Option<&Payment>,
        parts: &[Payment],
    ) -> Result<Vec<Sheet>, NoticeError> {
        let first = match whole {
            Some(whole) => self.single(whole)?,
            None => self.first(false, WIDE.data),
        };
        let mut sheets = vec![first.sheet()];
        for (place, chunk) in parts.chunks(rows::DENSE_ON_SHEET).enumerate() {
            let mut page = self.following();
            let first = place * rows::DENSE_ON_SHEET + 1;
            rows::dense(
                &mut page,
                self.notice,
                (chunk, first),
                CLOSE.parties,
                self.speaker,
            )?;
            sheets.push(page.sheet());
        }
        Ok(sheets)
    }

    /// A traffic fine: both payments under the amounts where they have room, else on a second sheet.
    fn fine(&self, discounted: &Payment, reduced: &Payment) -> Result<Vec<Sheet>, NoticeError> {
        let both = [
            (
                discounted,
                fine_payment(self.speaker, |phrases| phrases.discounted_payment),
            ),
            (
                reduced,
                fine_payment(self.speaker, |phrases| phrases.reduced_payment),
            ),
        ];
        let mut sheets = Vec::new();
        if self.has_slips() {
            sheets.push(self.first(true, super::page::BOTTOM).sheet());
            sheets.extend(self.two_to_a_sheet(&both)?);
        } else if self.speaker.is_bilingual() {
            sheets.push(self.first(true, super::page::BOTTOM).sheet());
            let mut page = self.following();
            for ((payment, which), top) in both.into_iter().zip([376, 1000]) {
                payment_data(
                    &mut page,
                    self.notice,
                    payment,
                    (&CLOSE, top),
                    (self.speaker, which),
                )?;
            }
            sheets.push(page.sheet());
        } else {
            let mut page = self.first(true, FINE_DATA[0]);
            for ((payment, which), top) in both.into_iter().zip(FINE_DATA) {
                payment_data(
                    &mut page,
                    self.notice,
                    payment,
                    (&CLOSE, top),
                    (self.speaker, which),
                )?;
            }
            sheets.push(page.sheet());
        }
        Ok(sheets)
    }
}

/// Where the two payments of a fine stand under its deadlines.
const FINE_DATA: [i32; 2] = [1770, 2340];

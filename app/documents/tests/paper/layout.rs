//! What does not fit goes on or is told, and nothing is lost between pages.

use crate::read_back::{findings, heard, pages, render};
use documents::font::Fonts;
use documents::model::{
    Align, Area, Block, Body, Face, Fact, Facts, Frame, Ornament, Run, Sheet, Style, Table, TableColumn, Text,
};
use documents::pdf::{self, About, RenderError, Volume};
use documents::{Document, Language, Length, testing};
use page_validation::ValidationProfile;
use proptest::prelude::*;

const BODY: Style = Style::new(Face::Regular, Length::pt(9)).with_after(Length::mm(2));

fn document(body: Body) -> Document {
    Document {
        title: "Prova".to_owned(),
        subject: "Prova".to_owned(),
        author: "Comune".to_owned(),
        language: Language::It,
        dated: testing::receipt().received_at,
        body,
        attachments: Vec::new(),
    }
}

fn flow(blocks: Vec<Block>) -> Document {
    document(Body::Flow {
        blocks,
        foot: "Comune".to_owned(),
    })
}

fn heading() -> Block {
    Block::Heading {
        level: 1,
        style: BODY,
        text: Text::plain("Titolo"),
    }
}

fn paragraph(words: &str) -> Block {
    Block::Paragraph {
        style: BODY,
        text: Text::plain(words),
    }
}

/// Draws a document, checks that it conforms and says everything once, and counts its pages.
fn drawn(document: &Document) -> usize {
    let bytes = render(document);
    let found = findings(&bytes, ValidationProfile::PdfA2a);
    assert!(found.is_empty(), "{found:#?}");
    let heard: Vec<String> = heard(&bytes).into_iter().map(|heard| heard.text).collect();
    assert_eq!(heard.join(" "), document.reading().join(" "));
    pages(&bytes)
}

#[test]
fn a_paragraph_longer_than_a_page_goes_on_over_the_next() {
    assert_eq!(
        drawn(&flow(vec![heading(), paragraph(&"parole e parole ".repeat(900))])),
        2
    );
}

#[test]
fn a_table_longer_than_a_page_repeats_its_headings_and_says_them_once() {
    let column = |heading: &str| TableColumn {
        heading: heading.to_owned(),
        share: 1,
        align: Align::Left,
    };
    let rows = (0..120)
        .map(|row| vec![Text::plain(&format!("Riga {row}")), Text::plain("1,00")])
        .collect();
    let table = Table {
        caption: "Righe".to_owned(),
        columns: vec![column("Nome"), column("Importo")],
        rows,
    };
    assert_eq!(drawn(&flow(vec![heading(), Block::Table(table)])), 4);
}

#[test]
fn a_list_longer_than_a_page_keeps_each_name_with_its_value() {
    let facts = (0..90)
        .map(|row| Fact {
            name: Text::plain(&format!("Nome {row}")),
            name_style: BODY,
            value: Text::plain("valore"),
            value_style: BODY,
        })
        .collect();
    let facts = Facts {
        names_width: Some(Length::mm(60)),
        facts,
    };
    assert_eq!(drawn(&flow(vec![heading(), Block::Facts(facts)])), 3);
}

fn refused(document: &Document) -> RenderError {
    let drawn = pdf::render(document, Fonts::wide());
    drawn
        .map(|bytes| bytes.len())
        .expect_err("a document that cannot be drawn")
}

/// Blocks that fill a page but for `room`.
fn filled_but_for(room: Length) -> Vec<Block> {
    // Margins of 15 mm, 22 mm for the foot and 3 mm above it.
    vec![
        heading(),
        Block::Space(Length::mm(297 - 15 - 22 - 3) - Length::tenths_of_pt(122) - Length::mm(2) - room),
    ]
}

#[test]
fn a_heading_at_the_foot_of_a_page_goes_over_with_what_follows() {
    let section = |room| {
        let mut blocks = filled_but_for(room);
        blocks.push(Block::Heading {
            level: 2,
            style: BODY,
            text: Text::plain("Sezione"),
        });
        blocks.push(paragraph("Una riga sola."));
        drawn(&flow(blocks))
    };
    // A heading, 2 mm and a line.
    assert_eq!(section(Length::pt(31)), 1);
    assert_eq!(section(Length::pt(29)), 2);
}

#[test]
fn blocks_kept_together_go_over_together() {
    let kept = |room| {
        let mut blocks = filled_but_for(room);
        blocks.push(Block::Together(vec![paragraph("Prima."), paragraph("Seconda.")]));
        drawn(&flow(blocks))
    };
    assert_eq!(kept(Length::pt(31)), 1);
    assert_eq!(kept(Length::pt(29)), 2);
}

fn sheet(height: Length, words: &str) -> Document {
    document(Body::Sheets(vec![Sheet {
        areas: vec![Area {
            name: "prova",
            frame: Frame {
                x: Length::mm(10),
                y: Length::mm(10),
                width: Length::mm(50),
                height,
            },
            blocks: vec![heading(), paragraph(words)],
        }],
        ornaments: Vec::new(),
    }]))
}

#[test]
fn an_area_too_small_for_its_content_is_told_with_what_is_missing() {
    // Two lines of 12.15 points and 2 mm between them.
    let height = Length::thousandths_of_pt(2 * 12_150) + Length::mm(2);
    assert_eq!(drawn(&sheet(height, "Una riga.")), 1);
    let refused = refused(&sheet(height, "Una riga che però, tanto è lunga, ne fa due."));
    assert!(
        matches!(refused, RenderError::Overflow { area: "prova", by } if by == Length::thousandths_of_pt(12_150)),
        "{refused:?}"
    );
}

#[test]
fn a_run_on_a_new_line_begins_one_whatever_room_there_is() {
    // Two lines of 12.15 points, and no more.
    let lines = |height: i32| {
        let mut document = sheet(Length::thousandths_of_pt(height), "");
        let Body::Sheets(sheets) = &mut document.body else {
            unreachable!("a sheet was made")
        };
        let below = Run {
            on_new_line: true,
            secondary: true,
            language: Some(Language::Sl),
            ..Run::plain(" Naslov")
        };
        sheets[0].areas[0].blocks = vec![Block::Heading {
            level: 1,
            style: BODY,
            text: Text(vec![Run::plain("Titolo"), below]),
        }];
        document
    };
    assert_eq!(drawn(&lines(24_300)), 1);
    assert!(matches!(refused(&lines(24_200)), RenderError::Overflow { .. }));
}

#[test]
fn words_that_were_read_before_are_drawn_and_not_heard_and_told_where_they_do_not_fit() {
    let repeated = |height: Length| {
        let mut document = sheet(Length::mm(50), "Una riga.");
        let Body::Sheets(sheets) = &mut document.body else {
            unreachable!("a sheet was made")
        };
        let frame = Frame {
            height,
            y: Length::mm(100),
            ..sheets[0].areas[0].frame
        };
        let grey = Run {
            secondary: true,
            ..Run::plain(" Ş")
        };
        let words = Text(vec![Run::strong("Ğ"), grey]);
        sheets[0].ornaments.push(Ornament::Words(frame, BODY, words));
        document
    };
    let document = repeated(Length::mm(5));
    // `drawn` hears nothing of them, and finds nothing outside of the tags.
    assert_eq!(drawn(&document), 1);
    for letter in ["Ğ", " Ş"] {
        assert!(document.texts().any(|(_, text)| text == letter), "{letter}");
    }
    assert!(matches!(
        refused(&repeated(Length::mm(4))),
        RenderError::Overflow { area: "header", .. }
    ));
}

#[test]
fn a_character_no_face_has_is_told() {
    let refused = pdf::render(&flow(vec![heading(), paragraph("王")]), Fonts::wide());
    assert!(
        matches!(refused, Err(RenderError::Character('王'))),
        "{refused:?}"
    );
}

#[test]
fn a_volume_holds_documents_one_after_the_other_and_is_refused_without_any() {
    let about = || About {
        title: "Ricevute".to_owned(),
        subject: "Ricevute".to_owned(),
        author: "Comune".to_owned(),
        language: Language::It,
        dated: testing::receipt().received_at,
        has_attachments: false,
    };
    let documents: Vec<Document> = testing::examples()
        .into_iter()
        .map(|(_, document)| document)
        .filter(|document| document.attachments.is_empty())
        .collect();
    let mut volume = Volume::new(Vec::new(), about(), Fonts::wide()).expect("a volume");
    let mut said = Vec::new();
    let mut counted = 0;
    // More pages than one node of the tree of pages holds.
    for document in documents.iter().cycle().take(150) {
        counted += volume.add(document).expect("a document");
        said.extend(document.reading());
    }
    // What cannot be drawn leaves no trace.
    assert!(volume.add(&flow(vec![heading(), paragraph("王")])).is_err());
    assert_eq!(volume.page_count(), counted);
    let bytes = volume.finish().expect("a file");
    let found = findings(&bytes, ValidationProfile::PdfA2a);
    assert!(found.is_empty(), "{found:#?}");
    let heard: Vec<String> = heard(&bytes)
        .into_iter()
        .map(|heard| heard.text)
        .filter(|text| !text.is_empty())
        .collect();
    assert_eq!(heard.join(" "), said.join(" "));
    assert_eq!(pages(&bytes), counted);

    let empty = Volume::new(Vec::new(), about(), Fonts::core()).expect("a volume");
    assert!(matches!(empty.finish(), Err(RenderError::Empty)));
}

proptest! {
    #[test]
    fn any_words_in_any_width_are_said_once_and_in_order(words in "[a-zàèéìòù/ –-]{1,400}", width in 5..180_i32) {
        let mut document = sheet(Length::mm(270), "");
        let Body::Sheets(sheets) = &mut document.body else { unreachable!("a sheet was made") };
        sheets[0].areas[0].frame.width = Length::mm(width);
        sheets[0].areas[0].blocks = vec![heading(), paragraph(&words)];
        // A narrow column may be too long for the page, which is told.
        match pdf::render(&document, Fonts::core()) {
            Ok(bytes) => {
                let heard: Vec<String> = heard(&bytes).into_iter().map(|heard| heard.text).filter(|text| !text.is_empty()).collect();
                prop_assert_eq!(heard.join(" "), document.reading().join(" ").trim_end().to_owned());
            }
            Err(refused) => {
                let is_told = matches!(refused, RenderError::Overflow { .. });
                prop_assert!(is_told);
            }
        }
    }
}

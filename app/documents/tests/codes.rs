//! Codes read back by other implementations, and their structure as the standards and the notice guidelines say.

#![expect(clippy::unwrap_used, reason = "tests")]

use documents::barcode::{CodeError, Matrix, QR_BYTES_MAX, data_matrix, qr, qr_of_bytes};
use domain::data_matrix::PostalAccount;
use domain::{Cents, CreditorFiscalCode, DataMatrix, NoticeNumber, QrPayload};
use proptest::prelude::*;

const NOTICE: &str = "PAGOPA|002|312202600000001787|00856930102|12050";

fn slip(debtor_name: &str, subject: &str) -> DataMatrix {
    DataMatrix {
        notice_number: NoticeNumber::parse("312202600000001787").unwrap(),
        account: PostalAccount::parse("12345678").unwrap(),
        amount: Cents::new(12050),
        institution: CreditorFiscalCode::parse("00856930102").unwrap(),
        debtor_code: "RSSMRA85T10A562S".to_owned(),
        debtor_name: debtor_name.to_owned(),
        subject: subject.to_owned(),
    }
}

fn read_qr(code: &Matrix) -> (rqrr::MetaData, Vec<u8>) {
    let modules = rqrr::SimpleGrid::from_func(usize::from(code.side()), |x, y| {
        code.is_dark(u16::try_from(x).unwrap(), u16::try_from(y).unwrap())
    });
    let mut bytes = Vec::new();
    let meta = rqrr::Grid::new(modules).decode_to(&mut bytes).unwrap();
    (meta, bytes)
}

fn modules(code: &Matrix) -> Vec<bool> {
    let places = (0..code.side()).flat_map(|y| (0..code.side()).map(move |x| (x, y)));
    places.map(|(x, y)| code.is_dark(x, y)).collect()
}

fn read_data_matrix(code: &Matrix) -> String {
    let bytes = datamatrix::DataMatrix::decode(&modules(code), usize::from(code.side())).unwrap();
    String::from_utf8(bytes).unwrap()
}

/// The modules an SVG viewer would fill by the nonzero rule: how often the outlines wind around each module's centre.
fn filled(code: &Matrix) -> Vec<bool> {
    let side = usize::from(code.side());
    let mut winding = vec![0_i32; side * side];
    for outline in code.outlines() {
        for (place, from) in outline.iter().enumerate() {
            let to = outline[(place + 1) % outline.len()];
            // A vertical line counts for every module to the right of it.
            let (rows, turn) = if to.1 < from.1 {
                (to.1..from.1, 1)
            } else {
                (from.1..to.1, -1)
            };
            for y in rows {
                for x in usize::from(from.0)..side {
                    winding[usize::from(y) * side + x] += turn;
                }
            }
        }
    }
    assert!(
        winding.iter().all(|turns| (0..=1).contains(turns)),
        "holes run against their border"
    );
    winding.into_iter().map(|turns| turns != 0).collect()
}

#[test]
fn the_code_of_a_notice_is_version_4_at_level_m() {
    let code = qr(&QrPayload::parse(NOTICE).unwrap());
    assert_eq!(code.side(), 33);
    let (meta, bytes) = read_qr(&code);
    assert_eq!(
        (meta.version.0, meta.ecc_level),
        (4, 0),
        "level M is written as 00"
    );
    assert_eq!(bytes, NOTICE.as_bytes());
    // The level's two bits 00 as drawn: every format is inverted by a fixed pattern that begins with 10.
    assert!(code.is_dark(0, 8) && !code.is_dark(1, 8));
}

#[test]
fn every_amount_that_can_be_on_a_notice_fits_its_code() {
    for cents in [0, 1, 9_999_999_999, Cents::MAX_WIRE.as_i64()] {
        let payload = QrPayload::new(
            NoticeNumber::parse("312202600000001787").unwrap(),
            CreditorFiscalCode::parse("00856930102").unwrap(),
            Cents::new(cents),
        );
        let payload = payload.unwrap();
        assert_eq!(read_qr(&qr(&payload)).1, payload.to_string().as_bytes());
    }
}

#[test]
fn sixty_two_bytes_fit_the_code_and_one_more_does_not() {
    let longest = "à".repeat(QR_BYTES_MAX / 2);
    assert_eq!(
        read_qr(&qr_of_bytes(longest.as_bytes()).unwrap()).1,
        longest.as_bytes()
    );
    assert_eq!(read_qr(&qr_of_bytes(b"").unwrap()).1, b"");
    for length in [63, 255, 256, 100_000] {
        let refused = qr_of_bytes(&vec![b'7'; length]);
        assert_eq!(refused, Err(CodeError::TooLong { length, max: 62 }));
    }
}

#[test]
fn a_usual_slip_takes_48_modules_and_a_busy_one_52() {
    for (name, subject, side) in [
        ("Niccolò D'Angiò", "Refezione scolastica, ottobre 2026", 48),
        ("", "", 48),
        ("ROSSI MARIA", &"TARI 2026 ".repeat(11), 48),
        (
            "Società Cooperativa A.R.L. \"L'Ape\" & C.",
            "TARI 2026 - rata n. 1/4 (art. 1, c. 639, L. 147/2013)",
            52,
        ),
    ] {
        let text = slip(name, subject).print().unwrap();
        let code = data_matrix(&text).unwrap();
        assert_eq!(read_data_matrix(&code), text);
        assert_eq!(code.side(), side, "{text}");
    }
}

#[test]
fn a_data_matrix_has_a_solid_edge_on_the_left_and_below_and_a_broken_one_on_the_other_sides() {
    let code = data_matrix(&slip("ROSSI MARIA", "TARI").print().unwrap()).unwrap();
    let last = code.side() - 1;
    for place in 0..=last {
        assert!(code.is_dark(0, place) && code.is_dark(place, last));
        assert_eq!(code.is_dark(place, 0), place % 2 == 0);
        assert_eq!(code.is_dark(last, place), place % 2 == 1);
    }
}

#[test]
fn every_size_is_read_back_on_both_sides_of_its_limit() {
    // A lower-case letter takes a word.
    for (words, side) in [
        (62, 32),
        (86, 36),
        (114, 40),
        (144, 44),
        (174, 48),
        (204, 52),
        (280, 64),
    ] {
        let full = "ab".repeat(words / 2);
        let code = data_matrix(&full).unwrap();
        assert_eq!((code.side(), read_data_matrix(&code)), (side, full.clone()));
        let one_more = full + "z";
        match data_matrix(&one_more) {
            Ok(code) => {
                assert!(code.side() > side);
                assert_eq!(read_data_matrix(&code), one_more);
            }
            Err(refused) => assert_eq!(
                (side, refused),
                (
                    64,
                    CodeError::TooLong {
                        length: 281,
                        max: 560
                    }
                )
            ),
        }
    }
}

#[test]
fn capitals_may_fill_a_symbol_to_its_last_word() {
    let capitals = |length| data_matrix(&"LANTERNA ".repeat(48)[..length]).unwrap();
    // A latch and 101 triples of two words leave one word: a capital, no way back to ASCII.
    for (length, side) in [(303, 52), (304, 52), (305, 64), (306, 64)] {
        assert_eq!(capitals(length).side(), side, "{length}");
    }
    for length in 240..=310 {
        assert_eq!(
            read_data_matrix(&capitals(length)),
            "LANTERNA ".repeat(48)[..length]
        );
    }
    assert_eq!(data_matrix(&"7".repeat(560)).unwrap().side(), 64);
    assert_eq!(
        data_matrix(&"7".repeat(561)),
        Err(CodeError::TooLong {
            length: 561,
            max: 560
        })
    );
}

#[test]
fn a_character_beyond_ascii_is_refused_by_name() {
    let refused = data_matrix("CITTÀ").unwrap_err();
    assert_eq!(refused, CodeError::NotAscii { character: 'À' });
    assert_eq!(
        refused.to_string(),
        "'À' cannot be in the code: only ASCII characters can"
    );
}

#[test]
fn outlines_have_no_seams_and_keep_areas_that_touch_at_a_corner_apart() {
    let outlines = |rows: &[&str]| {
        let dark = rows
            .iter()
            .flat_map(|row| row.bytes().map(|module| module == b'#'));
        let code = Matrix::new(u16::try_from(rows.len()).unwrap(), dark.collect()).unwrap();
        (code.outlines(), code.svg_path())
    };
    assert_eq!(outlines(&["..", ".."]).1, "");
    assert_eq!(outlines(&["##", "##"]).1, "M0 0H2V2H0z");
    assert_eq!(outlines(&["#.", ".#"]).1, "M0 0H1V1H0zM1 1H2V2H1z");
    assert_eq!(outlines(&["##", "#."]).1, "M0 0H2V1H1V2H0z");
    let ring = outlines(&["###", "#.#", "###"]);
    assert_eq!(ring.1, "M0 0H3V3H0zM1 1V2H2V1z");
    assert_eq!(ring.0[1], [(1, 1), (1, 2), (2, 2), (2, 1)]);
    // An area that closes around a light place and touches itself there at a corner.
    assert_eq!(outlines(&["###", "#.#", "##."]).1, "M0 0H3V2H2V1H1V2H2V3H0z");
}

proptest! {
    #[test]
    fn any_bytes_are_read_back_and_drawn_as_another_encoder_does(bytes in prop::collection::vec(any::<u8>(), 0..=QR_BYTES_MAX)) {
        let code = qr_of_bytes(&bytes).unwrap();
        let version = qrcodegen::Version::new(4);
        let other = qrcodegen::QrCode::encode_segments_advanced(
            &[qrcodegen::QrSegment::make_bytes(&bytes)],
            qrcodegen::QrCodeEcc::Medium,
            version,
            version,
            None,
            false,
        )
        .unwrap();
        for (x, y) in (0..33_u16).flat_map(|y| (0..33).map(move |x| (x, y))) {
            prop_assert_eq!(code.is_dark(x, y), other.get_module(x.into(), y.into()), "{} {}", x, y);
        }
        prop_assert_eq!(read_qr(&code).1, bytes);
    }

    #[test]
    fn any_slip_is_read_back(name in "[ -~]{0,40}", subject in "[ -~]{0,110}", capitals in "[A-Z '0-9.,-]{0,110}") {
        for subject in [subject, capitals] {
            let text = slip(&name, &subject).print().unwrap();
            prop_assert_eq!(read_data_matrix(&data_matrix(&text).unwrap()), text);
        }
    }

    #[test]
    fn any_ascii_text_is_read_back_or_too_long(text in "([\\x00-\\x7f]{0,40}|[0-9]{0,90}|[A-Z ]{0,120}){0,6}") {
        match data_matrix(&text) {
            Ok(code) => prop_assert_eq!(read_data_matrix(&code), text),
            Err(refused) => prop_assert!(text.len() > 280, "{}", refused),
        }
    }

    #[test]
    fn another_encoder_spares_at_most_the_last_two_words(text in "[A-Za-z0-9 ,.;-]{200,250}|[A-Z0-9 ]{100,250}|[!-`]{50,200}") {
        use datamatrix::{DataMatrixBuilder, SymbolList, data::EncodationType};
        let other = DataMatrixBuilder::new()
            .with_encodation_types(EncodationType::Ascii | EncodationType::C40)
            .with_symbol_list(SymbolList::default().enforce_square())
            .encode(format!("{text}zz").as_bytes())
            .unwrap();
        let side = data_matrix(&text).unwrap().side();
        prop_assert!(usize::from(side) <= other.bitmap().width().max(32));
    }

    #[test]
    fn outlines_fill_what_is_dark(side in 0_u16..12, seed in prop::collection::vec(any::<bool>(), 144)) {
        let dark = seed[..usize::from(side) * usize::from(side)].to_vec();
        let code = Matrix::new(side, dark.clone()).unwrap();
        prop_assert_eq!(filled(&code), dark);
        for outline in code.outlines() {
            let corners = outline.iter().zip(outline.iter().cycle().skip(1)).zip(outline.iter().cycle().skip(2));
            for ((a, b), c) in corners {
                prop_assert!((a.0 == b.0) != (b.0 == c.0), "a corner at {:?}", b);
            }
        }
    }
}

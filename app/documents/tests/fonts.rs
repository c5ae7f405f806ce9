//! The packs of fonts: what they have, that it is what the font files have, and that nothing damaged is read.
#![expect(clippy::unwrap_used, reason = "the fonts are in the project")]

use documents::font::{Font, Fonts, GlyphId, PackError, Tier, tier_for};
use documents::model::Face;
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::PathBuf;
use ttf_parser::OutlineBuilder;

const CORE: &[u8] = include_bytes!("../fonts/core.pack");

const FACES: [(Face, &[u8]); 5] = [
    (
        Face::Regular,
        include_bytes!("../fonts/titillium-web/TitilliumWeb_400Regular.ttf"),
    ),
    (
        Face::Semibold,
        include_bytes!("../fonts/titillium-web/TitilliumWeb_600SemiBold.ttf"),
    ),
    (
        Face::Bold,
        include_bytes!("../fonts/titillium-web/TitilliumWeb_700Bold.ttf"),
    ),
    (
        Face::Mono,
        include_bytes!("../fonts/roboto-mono/RobotoMono_400Regular.ttf"),
    ),
    (
        Face::MonoBold,
        include_bytes!("../fonts/roboto-mono/RobotoMono_700Bold.ttf"),
    ),
];

const TIERS: [Tier; 2] = [Tier::Core, Tier::Wide];

/// Every font of every pack.
fn fonts() -> impl Iterator<Item = (&'static Font, Face, &'static [u8])> {
    TIERS
        .into_iter()
        .flat_map(|tier| FACES.map(|(face, source)| (Fonts::of(tier).font(face), face, source)))
}

/// The characters of a font with their glyphs.
fn glyphs(font: &Font) -> impl Iterator<Item = (char, GlyphId)> {
    ('\0'..='\u{ffff}').filter_map(|character| Some((character, font.glyph(character)?)))
}

/// What a text needs.
fn used(font: &Font, text: &str) -> BTreeSet<GlyphId> {
    text.chars()
        .map(|character| font.glyph(character).unwrap())
        .collect()
}

/// An outline as its commands.
#[derive(Debug, Default, PartialEq)]
struct Commands(Vec<(char, [f32; 4])>);

impl OutlineBuilder for Commands {
    fn move_to(&mut self, x: f32, y: f32) {
        self.0.push(('M', [x, y, 0.0, 0.0]));
    }
    fn line_to(&mut self, x: f32, y: f32) {
        self.0.push(('L', [x, y, 0.0, 0.0]));
    }
    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        self.0.push(('Q', [x1, y1, x, y]));
    }
    fn curve_to(&mut self, _: f32, _: f32, _: f32, _: f32, _: f32, _: f32) {
        panic!("TrueType has no cubic curves");
    }
    fn close(&mut self) {
        self.0.push(('Z', [0.0; 4]));
    }
}

/// The outline of a glyph; nothing for those that draw nothing.
fn outline(face: &ttf_parser::Face, glyph: u16) -> Commands {
    let mut commands = Commands::default();
    face.outline_glyph(ttf_parser::GlyphId(glyph), &mut commands);
    commands
}

/// What a pack draws for a character its font lacks.
fn source_glyph(source: &ttf_parser::Face, character: char) -> ttf_parser::GlyphId {
    let stand_in = match character {
        '\u{a0}' | '\u{202f}' => ' ',
        '\u{ad}' | '\u{2010}' | '\u{2011}' => '-',
        '\u{2bb}' => '‘',
        '\u{2bc}' => '’',
        'Ţ' => 'Ț',
        other => other,
    };
    let draws = |character: &char| {
        let glyph = source.glyph_index(*character);
        glyph.filter(|glyph| character.is_whitespace() || outline(source, glyph.0) != Commands::default())
    };
    [character, stand_in].iter().find_map(draws).unwrap()
}

#[test]
fn the_large_pack_has_what_the_small_one_has() {
    for (face, _) in FACES {
        let (core, wide) = (Fonts::core().font(face), Fonts::wide().font(face));
        assert_eq!(core.post_script_name(), wide.post_script_name());
        for (character, glyph) in glyphs(core) {
            let same = wide.glyph(character).unwrap();
            assert_eq!(core.advance(glyph), wide.advance(same), "{face:?} {character}");
        }
        assert!(glyphs(wide).count() > glyphs(core).count());
    }
}

#[test]
fn each_face_has_the_name_a_pdf_calls_it_by() {
    let names = FACES.map(|(face, _)| Fonts::core().font(face).post_script_name());
    let expected = [
        "TitilliumWeb-Regular",
        "TitilliumWeb-SemiBold",
        "TitilliumWeb-Bold",
        "RobotoMono-Regular",
        "RobotoMono-Bold",
    ];
    assert_eq!(names, expected);
}

#[test]
fn every_character_is_drawn_as_its_font_file_draws_it() {
    for (font, face, source) in fonts() {
        let source = ttf_parser::Face::parse(source, 0).unwrap();
        let all: BTreeSet<GlyphId> = glyphs(font).map(|(_, glyph)| glyph).collect();
        let program = font.subset(&all);
        let program = ttf_parser::Face::parse(&program, 0).unwrap();
        assert_eq!(program.units_per_em(), source.units_per_em());
        for (character, glyph) in glyphs(font) {
            let original = source_glyph(&source, character);
            let drawn = outline(&program, glyph.0);
            assert_eq!(drawn, outline(&source, original.0), "{face:?} {character}");
            let is_space = [' ', '\u{a0}', '\u{202f}'].contains(&character);
            assert_eq!(
                drawn.0.is_empty(),
                is_space,
                "{face:?} U+{:04X}",
                u32::from(character)
            );
            if character != '\u{202f}' {
                let advance = program.glyph_hor_advance(ttf_parser::GlyphId(glyph.0));
                assert_eq!(
                    advance,
                    source.glyph_hor_advance(original),
                    "{face:?} {character}"
                );
            }
        }
    }
}

#[test]
fn advances_and_measures_are_in_thousandths_of_the_size() {
    for (font, face, source) in fonts() {
        let source = ttf_parser::Face::parse(source, 0).unwrap();
        let em = i32::from(source.units_per_em());
        // Half a thousandth at most: times two, in thousandths of the font's units.
        let near = |thousandths: i32, units: i32| 2 * (thousandths * em - units * 1000).abs() <= em;
        for (character, glyph) in glyphs(font).filter(|(character, _)| *character != '\u{202f}') {
            let advance = source
                .glyph_hor_advance(source_glyph(&source, character))
                .unwrap();
            assert!(
                near(font.advance(glyph).into(), advance.into()),
                "{face:?} {character}"
            );
        }
        let metrics = font.metrics();
        assert!(near(metrics.ascent.into(), source.ascender().into()));
        assert!(near(metrics.descent.into(), source.descender().into()));
        assert!(near(
            metrics.cap_height.into(),
            source.capital_height().unwrap().into()
        ));
        let [left, bottom, right, top] = metrics.bounding_box;
        assert!(left < right && bottom < 0 && top > metrics.cap_height);
        assert_eq!(metrics.italic_angle, 0);
    }
}

#[test]
fn letters_that_lean_towards_each_other_stand_closer() {
    for face in [Face::Regular, Face::Semibold, Face::Bold] {
        let font = Fonts::core().font(face);
        let glyph = |character| font.glyph(character).unwrap();
        assert!(font.kerning(glyph('A'), glyph('V')) < 0, "{face:?}");
        assert!(font.kerning(glyph('T'), glyph('o')) < 0, "{face:?}");
        assert_eq!(font.kerning(glyph('n'), glyph('n')), 0, "{face:?}");
        assert_eq!(font.kerning(GlyphId(u16::MAX), glyph('V')), 0, "{face:?}");
    }
}

#[test]
fn both_packs_kern_alike() {
    for (face, _) in FACES {
        let (core, wide) = (Fonts::core().font(face), Fonts::wide().font(face));
        let both: Vec<_> = glyphs(core)
            .map(|(character, glyph)| (glyph, wide.glyph(character).unwrap()))
            .collect();
        for (left, wide_left) in &both {
            for (right, wide_right) in &both {
                assert_eq!(
                    core.kerning(*left, *right),
                    wide.kerning(*wide_left, *wide_right),
                    "{face:?}"
                );
            }
        }
    }
}

#[test]
fn every_glyph_of_roboto_mono_is_as_wide_as_the_others() {
    for (font, face, _) in fonts() {
        let widths: BTreeSet<u16> = glyphs(font).map(|(_, glyph)| font.advance(glyph)).collect();
        let is_mono = matches!(face, Face::Mono | Face::MonoBold);
        assert_eq!(widths.len() == 1, is_mono, "{face:?}");
        assert_eq!(font.metrics().is_fixed_pitch, is_mono, "{face:?}");
        if is_mono {
            let (a, v) = (font.glyph('A').unwrap(), font.glyph('V').unwrap());
            assert_eq!(font.kerning(a, v), 0);
        }
    }
}

#[test]
fn each_glyph_stands_for_one_character() {
    for (font, face, _) in fonts() {
        for (character, glyph) in glyphs(font) {
            assert_eq!(font.character(glyph), Some(character), "{face:?}");
            assert_ne!(glyph, GlyphId::NOT_DEFINED);
        }
        assert_eq!(font.character(GlyphId::NOT_DEFINED), None);
        assert_eq!(font.character(GlyphId(u16::MAX)), None);
        assert_eq!(font.glyph('Я'), None);
        assert_eq!(font.glyph('😀'), None);
    }
}

#[test]
fn a_subset_draws_what_is_used_and_nothing_else() {
    for (font, face, _) in fonts() {
        let whole = font.subset(&glyphs(font).map(|(_, glyph)| glyph).collect());
        let whole = ttf_parser::Face::parse(&whole, 0).unwrap();
        let used = used(font, "Pagò 12,50 €");
        let program = font.subset(&used);
        let program = ttf_parser::Face::parse(&program, 0).unwrap();
        assert_eq!(program.number_of_glyphs(), used.last().unwrap().0 + 1);
        for glyph in 0..program.number_of_glyphs() {
            let drawn = outline(&program, glyph);
            if used.contains(&GlyphId(glyph)) || drawn != Commands::default() {
                assert_eq!(drawn, outline(&whole, glyph), "{face:?} {glyph}");
            }
        }
        // Beyond what is used: the glyph for what is missing, and at most two parts of the one accented letter.
        let extra = (0..program.number_of_glyphs()).filter(|glyph| {
            !used.contains(&GlyphId(*glyph)) && outline(&program, *glyph) != Commands::default()
        });
        assert!(extra.count() <= 3, "{face:?}");
    }
}

#[test]
fn a_subset_has_the_parts_of_its_accented_letters() {
    for tier in TIERS {
        let font = Fonts::of(tier).font(Face::Mono);
        let ù = font.glyph('ù').unwrap();
        let whole = font.subset(&glyphs(font).map(|(_, glyph)| glyph).collect());
        let program = font.subset(&BTreeSet::from([ù]));
        let (whole, program) = (
            ttf_parser::Face::parse(&whole, 0).unwrap(),
            ttf_parser::Face::parse(&program, 0).unwrap(),
        );
        assert_eq!(outline(&program, ù.0), outline(&whole, ù.0));
        assert_eq!(
            outline(&program, font.glyph('u').unwrap().0),
            outline(&whole, font.glyph('u').unwrap().0)
        );
        assert_eq!(outline(&program, font.glyph('a').unwrap().0), Commands::default());
    }
}

#[test]
fn a_subset_of_nothing_is_a_font_program_still() {
    for (font, _, _) in fonts() {
        for used in [BTreeSet::new(), BTreeSet::from([GlyphId(u16::MAX)])] {
            let program = font.subset(&used);
            assert_eq!(
                ttf_parser::Face::parse(&program, 0).unwrap().number_of_glyphs(),
                1
            );
        }
    }
}

#[test]
fn checksums_of_a_subset_are_right() {
    let sum = |bytes: &[u8]| {
        let (words, rest) = bytes.as_chunks::<4>();
        assert!(rest.is_empty(), "tables begin at multiples of four bytes");
        words
            .iter()
            .fold(0_u32, |sum, word| sum.wrapping_add(u32::from_be_bytes(*word)))
    };
    for (font, _, _) in fonts() {
        let program = font.subset(&used(font, "Avviso n. 3"));
        assert_eq!(sum(&program), 0xB1B0_AFBA);
        for record in program[12..12 + 6 * 16].as_chunks::<16>().0 {
            let number = |place: usize| u32::from_be_bytes(record[place..place + 4].try_into().unwrap());
            let start = usize::try_from(number(8)).unwrap();
            let end = start + usize::try_from(number(12)).unwrap();
            let mut table = program[start..end.next_multiple_of(4)].to_vec();
            if &record[..4] == b"head" {
                table[8..12].fill(0);
            }
            assert_eq!(sum(&table), number(4), "{:?}", str::from_utf8(&record[..4]));
        }
    }
}

#[test]
fn the_small_pack_is_chosen_unless_it_lacks_a_character() {
    let core = Fonts::core();
    let tier = |texts: &[(Face, &str)]| tier_for(texts.iter().copied(), core);
    assert_eq!(tier(&[]), Tier::Core);
    assert_eq!(
        tier(&[(Face::Regular, "Perché no?"), (Face::Mono, "3470 0000")]),
        Tier::Core
    );
    assert_eq!(
        tier(&[(Face::Regular, "Antonín"), (Face::Bold, "Dvořák")]),
        Tier::Wide
    );
    // What Titillium Web has in it, Roboto Mono may have in the large pack alone.
    assert_eq!(tier(&[(Face::Regular, "Müller")]), Tier::Core);
    assert_eq!(tier(&[(Face::Mono, "Müller")]), Tier::Wide);
}

#[test]
fn the_small_pack_is_small() {
    // Its brotli form, which browsers fetch, is below 45 KB as long as it is no larger than this.
    assert!(CORE.len() <= 96_000, "{} bytes", CORE.len());
}

#[test]
fn the_fixed_texts_of_notices_need_the_small_pack_alone() {
    let folder = std::env::var_os("LANTERNA_SPEC_DIR").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/spec"),
        PathBuf::from,
    );
    let file = folder.join("pagopa/notice/i18next.json");
    let Ok(text) = std::fs::read_to_string(&file) else {
        // Not `eprintln!`, which the test runner keeps to itself when a test passes.
        let _ = writeln!(
            std::io::stderr(),
            "SKIPPED: {} is not there; set LANTERNA_SPEC_DIR",
            file.display()
        );
        return;
    };
    let texts: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&text).unwrap();
    for language in ["it", "en", "de", "fr", "sl"] {
        let texts = texts[language].to_string();
        assert!(texts.len() > 1000, "{language} has texts");
        for character in texts.chars() {
            for face in [Face::Regular, Face::Semibold, Face::Bold] {
                assert!(
                    Fonts::core().covers(face, character),
                    "{language} {face:?} {character}"
                );
            }
        }
    }
}

#[test]
fn what_is_no_pack_or_of_another_version_is_refused() {
    assert_eq!(Fonts::read(b""), Err(PackError::Unknown));
    assert_eq!(Fonts::read(b"LFP"), Err(PackError::Unknown));
    assert_eq!(Fonts::read(FACES[0].1), Err(PackError::Unknown));
    assert_eq!(Fonts::read(b"LFP\x02"), Err(PackError::Version(2)));
    assert_eq!(Fonts::read(b"LFP\x01"), Err(PackError::Damaged("regular face")));
    let longer = [CORE, b"\0"].concat();
    assert_eq!(Fonts::read(&longer), Err(PackError::Damaged("end")));
}

/// Uses everything a font offers, as documents do.
fn exercise(fonts: &Fonts) {
    for (face, _) in FACES {
        let font = fonts.font(face);
        let some: BTreeSet<GlyphId> = (0..300).map(GlyphId).collect();
        for glyph in &some {
            let _ = (
                font.advance(*glyph),
                font.character(*glyph),
                font.kerning(*glyph, GlyphId(40)),
            );
        }
        let _ = font.subset(&some);
    }
}

proptest! {
    #[test]
    fn a_pack_cut_short_is_refused(length in 0..CORE.len()) {
        prop_assert!(Fonts::read(&CORE[..length]).is_err());
    }

    #[test]
    fn a_damaged_pack_is_refused_or_draws_something_else(
        changes in proptest::collection::vec((0..CORE.len(), any::<u8>()), 1..6),
    ) {
        let mut pack = CORE.to_vec();
        for (place, byte) in changes {
            pack[place] = byte;
        }
        if let Ok(fonts) = Fonts::read(&pack) {
            exercise(&fonts);
        }
    }

    #[test]
    fn any_bytes_are_refused(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
        prop_assert!(Fonts::read(&bytes).is_err());
        prop_assert!(Fonts::read(&[b"LFP\x01", &bytes[..]].concat()).is_err());
    }
}

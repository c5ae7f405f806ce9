//! Names that hold a hash of the content, and the references between files that follow from them.
//!
//! A file that names another is renamed after it, so that its own name changes whenever the other does.

use crate::inputs::{Files, hash_of};
use anyhow::{Context, Result, bail};
use std::collections::BTreeMap;

/// Where the server serves the files; the style sheet is sent inside pages of any path, so it names fonts from the root.
const SERVED_AT: &str = "/assets/";

/// Digits of the hash in a name: 64 bits, enough for files never to meet.
const HASH_DIGITS: usize = 16;

/// A file under the name it is served by.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Hashed {
    /// Its name with the hash, without folders.
    pub(crate) name: String,
    /// Its content, naming the others as they are served.
    pub(crate) content: Vec<u8>,
}

/// Gives each file its name, by logical name.
///
/// # Errors
/// A style sheet or script that names a file that is not there, or files that name each other in a circle.
pub(crate) fn hashed(files: Files) -> Result<BTreeMap<String, Hashed>> {
    let mut waiting = files;
    let mut done: BTreeMap<String, Hashed> = BTreeMap::new();
    while !waiting.is_empty() {
        let (ready, later): (Files, Files) = waiting.into_iter().partition(|(logical, content)| {
            references(logical, content)
                .iter()
                .all(|reference| done.contains_key(&reference.logical))
        });
        if ready.is_empty() {
            let (logical, content) = later.first_key_value().context("files are waiting")?;
            let missing = references(logical, content)
                .into_iter()
                .find(|one| !done.contains_key(&one.logical));
            bail!(
                "{logical} names {}, which cannot be had",
                missing.map(|one| one.logical).unwrap_or_default()
            );
        }
        for (logical, content) in ready {
            let content = rewritten(&logical, content, &done)?;
            let name = hashed_name(&logical, &content);
            done.insert(logical, Hashed { name, content });
        }
        waiting = later;
    }
    Ok(done)
}

/// `fonts/a.woff2` with its content becomes `a-<hash>.woff2`.
fn hashed_name(logical: &str, content: &[u8]) -> String {
    let file = logical.rsplit('/').next().unwrap_or(logical);
    let (stem, ending) = file
        .rsplit_once('.')
        .map_or((file, String::new()), |(stem, ending)| {
            (stem, format!(".{ending}"))
        });
    format!("{stem}-{}{ending}", &hash_of([content])[..HASH_DIGITS])
}

/// A place in a text where another of our files is named.
struct Reference {
    logical: String,
    start: usize,
    end: usize,
}

/// How a kind of text names other files: what stands before a name, what ends it, and what to write before the new one.
struct Grammar {
    before: &'static [&'static str],
    ends: &'static [char],
    served: &'static str,
}

fn grammar(logical: &str) -> Option<Grammar> {
    match logical.rsplit('.').next() {
        Some("css") => Some(Grammar {
            before: &["url("],
            ends: &[')'],
            served: SERVED_AT,
        }),
        Some("js") => Some(Grammar {
            before: &["import(\"./", "URL(\"./"],
            ends: &['"'],
            served: "",
        }),
        _ => None,
    }
}

fn references(logical: &str, content: &[u8]) -> Vec<Reference> {
    let (Some(grammar), Ok(text)) = (grammar(logical), str::from_utf8(content)) else {
        return Vec::new();
    };
    let mut found: Vec<(usize, &str)> = grammar
        .before
        .iter()
        .flat_map(|before| text.match_indices(before))
        .collect();
    found.sort_unstable();
    found
        .into_iter()
        .filter_map(|(at, before)| {
            let start = at + before.len();
            let end = start + text[start..].find(grammar.ends)?;
            let name = text[start..end].trim_matches(['"', '\'']);
            let ours = !name.starts_with(['/', '#']) && !name.contains(':');
            ours.then(|| Reference {
                logical: name.to_owned(),
                start,
                end,
            })
        })
        .collect()
}

fn rewritten(logical: &str, content: Vec<u8>, done: &BTreeMap<String, Hashed>) -> Result<Vec<u8>> {
    let (Some(grammar), references) = (grammar(logical), references(logical, &content)) else {
        return Ok(content);
    };
    let text = String::from_utf8(content).with_context(|| format!("{logical} is not UTF-8"))?;
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    for reference in references {
        out.push_str(&text[from..reference.start]);
        out.push_str(grammar.served);
        out.push_str(
            &done
                .get(&reference.logical)
                .context("references were looked up before")?
                .name,
        );
        from = reference.end;
    }
    out.push_str(&text[from..]);
    Ok(out.into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(files: &[(&str, &str)]) -> Result<BTreeMap<String, Hashed>> {
        hashed(
            files
                .iter()
                .map(|(name, content)| ((*name).to_owned(), (*content).into()))
                .collect(),
        )
    }

    fn text(file: &Hashed) -> &str {
        str::from_utf8(&file.content).expect("the test wrote text")
    }

    #[test]
    fn a_name_keeps_its_stem_and_ending_and_holds_a_hash_of_the_content() -> Result<()> {
        let files = named(&[("fonts/a.b.woff2", "one"), ("LICENSE", "two")])?;
        let font = &files["fonts/a.b.woff2"].name;
        assert_eq!((&font[..4], &font[4 + HASH_DIGITS..]), ("a.b-", ".woff2"));
        assert!(!files["LICENSE"].name.contains('.'));
        assert_eq!(files, named(&[("fonts/a.b.woff2", "one"), ("LICENSE", "two")])?);
        assert_ne!(files, named(&[("fonts/a.b.woff2", "ONE"), ("LICENSE", "two")])?);
        Ok(())
    }

    #[test]
    fn a_style_sheet_names_fonts_from_the_root_and_leaves_other_addresses_alone() -> Result<()> {
        let css = r#"a{src:url(fonts/a.woff2),url("fonts/a.woff2")}b{fill:url(#x);background:url("data:image/svg+xml,x")}"#;
        let files = named(&[("main.css", css), ("fonts/a.woff2", "font")])?;
        let font = format!("url(/assets/{})", files["fonts/a.woff2"].name);
        assert_eq!(text(&files["main.css"]).matches(&font).count(), 2);
        assert!(text(&files["main.css"]).contains("fill:url(#x)"));
        assert!(text(&files["main.css"]).contains("data:image/svg+xml,x"));
        Ok(())
    }

    #[test]
    fn a_script_is_renamed_when_the_script_it_imports_changes() -> Result<()> {
        let scan = ("scan.js", r#"const d=await import("./decoder.js");"#);
        let first = named(&[scan, ("decoder.js", "1")])?;
        let second = named(&[scan, ("decoder.js", "2")])?;
        assert!(text(&first["scan.js"]).contains(&format!("import(\"./{}\")", first["decoder.js"].name)));
        assert_ne!(first["scan.js"].name, second["scan.js"].name);
        Ok(())
    }

    #[test]
    fn a_script_follows_the_files_it_fetches_beside_itself() -> Result<()> {
        let save = (
            "save.js",
            r#"await Promise.all([import("./paper.js"),f(new URL("./core.pack",import.meta.url)),f(new URL("/x",base))])"#,
        );
        let first = named(&[save, ("paper.js", "1"), ("core.pack", "1")])?;
        let second = named(&[save, ("paper.js", "1"), ("core.pack", "2")])?;
        let names = [&first["paper.js"].name, &first["core.pack"].name];
        assert!(text(&first["save.js"]).contains(&format!(r#"import("./{}")"#, names[0])));
        assert!(text(&first["save.js"]).contains(&format!(r#"new URL("./{}",import.meta.url)"#, names[1])));
        assert!(text(&first["save.js"]).contains(r#"new URL("/x",base)"#));
        assert_ne!(first["save.js"].name, second["save.js"].name);
        Ok(())
    }

    #[test]
    fn a_name_of_a_missing_file_stops_the_build_and_says_which() {
        let error = named(&[("main.css", "a{src:url(fonts/lost.woff2)}")]).expect_err("the font is missing");
        assert_eq!(
            error.to_string(),
            "main.css names fonts/lost.woff2, which cannot be had"
        );
    }

    #[test]
    fn files_that_name_each_other_are_refused() {
        let error =
            named(&[("a.js", r#"import("./b.js")"#), ("b.js", r#"import("./a.js")"#)]).expect_err("a circle");
        assert_eq!(error.to_string(), "a.js names b.js, which cannot be had");
    }

    #[test]
    fn a_style_sheet_that_is_not_text_is_taken_as_it_is_named() {
        let files = Files::from([("x.css".to_owned(), vec![0xff])]);
        assert_eq!(
            hashed(files).expect_err("it is not UTF-8").to_string(),
            "x.css is not UTF-8"
        );
    }
}

//! The browser part: wasm-bindgen's glue joined into one script, and the module made small.

use crate::inputs::{Files, hash_of};
use crate::manifest::Manifest;
use anyhow::{Context, Result, bail};
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use wasm_bindgen_cli_support::Bindgen;

/// What rustc emits for the target; the optimiser must know, or it refuses or breaks the module.
const FEATURES: [&str; 7] = [
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

/// A module as cargo built it, and where the tools are.
#[derive(Debug)]
pub(crate) struct Module {
    /// What it is called, without an ending.
    name: String,
    content: Vec<u8>,
    fingerprint: String,
    tools: PathBuf,
}

impl Module {
    /// Reads the module and what tells the tools' versions.
    pub(crate) fn read(path: &Path, tools: &Path) -> Result<Self> {
        let content =
            fs::read(path).with_context(|| format!("cannot read the Wasm module {}", path.display()))?;
        // npm's own list of what it installed; without it a changed tool is not noticed, which `make clean` mends.
        let versions = fs::read(tools.join("../.package-lock.json")).unwrap_or_default();
        let fingerprint = hash_of([content.as_slice(), versions.as_slice()]);
        let name = path.file_stem().and_then(OsStr::to_str);
        Ok(Self {
            name: name.context("a module has no name")?.to_owned(),
            content,
            fingerprint,
            tools: tools.to_owned(),
        })
    }

    /// What it is called, without an ending.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Logical names of the script and the module that are made.
    fn logical(&self) -> [String; 2] {
        [format!("{}.js", self.name), format!("{}_bg.wasm", self.name)]
    }

    /// Tells whether the result would differ from an earlier one.
    pub(crate) fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// The script and the module, by logical name; taken from the last run when nothing changed, for it takes seconds.
    pub(crate) fn build(&self, before: Option<&Manifest>, out: &Path) -> Result<Files> {
        if let Some(files) = before.and_then(|before| self.kept(before, out)) {
            return Ok(files);
        }
        let work = out.with_added_extension(&self.name);
        let made = self.make(&work);
        // A failed run leaves its files to be looked at.
        if made.is_ok() {
            fs::remove_dir_all(&work)?;
        }
        made
    }

    fn kept(&self, before: &Manifest, out: &Path) -> Option<Files> {
        if before.wasm.get(&self.name).map(String::as_str) != Some(self.fingerprint()) {
            return None;
        }
        let read = |logical: String| {
            let content = fs::read(out.join(&before.files.get(&logical)?.file)).ok()?;
            Some((logical, content))
        };
        self.logical().into_iter().map(read).collect()
    }

    fn make(&self, work: &Path) -> Result<Files> {
        fs::create_dir_all(work)?;
        let [script, module] = self.logical();
        Bindgen::new()
            .input_bytes(&self.name, self.content.clone())
            .web(true)?
            .typescript(false)
            .remove_name_section(true)
            .remove_producers_section(true)
            .generate(work)
            .context("wasm-bindgen cannot read the module: was it built with the version in Cargo.lock?")?;

        let small = work.join("small.wasm");
        let flags = [
            "-Oz",
            "--strip-debug",
            "--strip-producers",
            "--strip-target-features",
            "-o",
        ];
        let mut arguments: Vec<&OsStr> = FEATURES.iter().chain(&flags).map(OsStr::new).collect();
        let (made, glue) = (work.join(&module), work.join(&script));
        arguments.extend([small.as_os_str(), made.as_os_str()]);
        self.run("wasm-opt", &arguments)?;

        // The glue imports small scripts of other crates; in one file they cost no further request.
        let joined = work.join("joined.js");
        let mut outfile = OsStr::new("--outfile=").to_owned();
        outfile.push(&joined);
        let flags = ["--bundle", "--minify", "--format=esm", "--log-level=warning"].map(OsStr::new);
        self.run(
            "esbuild",
            &[&flags[..], &[outfile.as_os_str(), glue.as_os_str()]].concat(),
        )?;

        Ok(Files::from([
            (script, fs::read(joined)?),
            (module, fs::read(small)?),
        ]))
    }

    fn run(&self, tool: &str, arguments: &[&OsStr]) -> Result<()> {
        let path = self.tools.join(tool);
        let status = Command::new(&path).args(arguments).status().with_context(|| {
            format!(
                "cannot start {}: run `npm ci --prefix style` first",
                path.display()
            )
        })?;
        if !status.success() {
            bail!("{} failed with {status}", path.display());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::Entry;
    use std::collections::BTreeMap;

    fn module(content: &str) -> Module {
        Module {
            name: "frontend".to_owned(),
            content: content.into(),
            fingerprint: hash_of([content.as_bytes()]),
            tools: "/nowhere".into(),
        }
    }

    #[test]
    fn an_unchanged_module_is_taken_from_the_last_run_and_a_changed_one_is_not() -> Result<()> {
        let out = tempfile::tempdir()?;
        let mut files = BTreeMap::new();
        for (logical, file) in [
            ("frontend.js", "frontend-1.js"),
            ("frontend_bg.wasm", "frontend_bg-1.wasm"),
        ] {
            fs::write(out.path().join(file), logical)?;
            files.insert(
                logical.to_owned(),
                Entry {
                    file: file.to_owned(),
                    raw: 1,
                    br: None,
                    gz: None,
                },
            );
        }
        let before = Manifest {
            inputs: String::new(),
            wasm: BTreeMap::from([("frontend".to_owned(), module("same").fingerprint)]),
            files,
        };
        let kept = module("same").build(Some(&before), out.path())?;
        assert_eq!(kept["frontend.js"], b"frontend.js");
        assert!(module("other").kept(&before, out.path()).is_none());
        fs::remove_file(out.path().join("frontend-1.js"))?;
        assert!(module("same").kept(&before, out.path()).is_none());
        Ok(())
    }

    #[test]
    fn a_missing_tool_is_answered_with_how_to_install_it() {
        let error = module("x")
            .run("wasm-opt", &[])
            .expect_err("there is no such folder");
        assert!(error.to_string().contains("npm ci"));
    }

    #[test]
    fn rubbish_instead_of_a_module_is_refused() -> Result<()> {
        let out = tempfile::tempdir()?;
        let error = module("not wasm")
            .build(None, out.path())
            .expect_err("it is not a module");
        assert!(error.to_string().contains("wasm-bindgen cannot read the module"));
        Ok(())
    }
}

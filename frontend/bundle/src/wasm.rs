//! The browser part: wasm-bindgen's glue joined into one script, and the module made small.

use crate::inputs::{Files, hash_of};
use crate::manifest::Manifest;
use anyhow::{Context, Result, bail};
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use wasm_bindgen_cli_support::Bindgen;

/// Logical names of what is made.
const SCRIPT: &str = "frontend.js";
const MODULE: &str = "frontend_bg.wasm";

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

/// The portal's module as cargo built it, and where the tools are.
#[derive(Debug)]
pub(crate) struct Module {
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
        Ok(Self {
            content,
            fingerprint,
            tools: tools.to_owned(),
        })
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
        let work = out.with_added_extension("work");
        let made = self.make(&work);
        // A failed run leaves its files to be looked at.
        if made.is_ok() {
            fs::remove_dir_all(&work)?;
        }
        made
    }

    fn kept(&self, before: &Manifest, out: &Path) -> Option<Files> {
        if before.wasm.as_deref() != Some(self.fingerprint()) {
            return None;
        }
        let read = |logical: &str| {
            let file = &before.files.get(logical)?.file;
            Some((logical.to_owned(), fs::read(out.join(file)).ok()?))
        };
        [SCRIPT, MODULE].into_iter().map(read).collect()
    }

    fn make(&self, work: &Path) -> Result<Files> {
        fs::create_dir_all(work)?;
        Bindgen::new()
            .input_bytes("frontend", self.content.clone())
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
        let (module, script) = (work.join(MODULE), work.join(SCRIPT));
        arguments.extend([small.as_os_str(), module.as_os_str()]);
        self.run("wasm-opt", &arguments)?;

        // The glue imports small scripts of other crates; in one file they cost no further request.
        let joined = work.join("joined.js");
        let mut outfile = OsStr::new("--outfile=").to_owned();
        outfile.push(&joined);
        let flags = ["--bundle", "--minify", "--format=esm", "--log-level=warning"].map(OsStr::new);
        self.run(
            "esbuild",
            &[&flags[..], &[outfile.as_os_str(), script.as_os_str()]].concat(),
        )?;

        Ok(Files::from([
            (SCRIPT.to_owned(), fs::read(joined)?),
            (MODULE.to_owned(), fs::read(small)?),
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
            content: content.into(),
            fingerprint: hash_of([content.as_bytes()]),
            tools: "/nowhere".into(),
        }
    }

    #[test]
    fn an_unchanged_module_is_taken_from_the_last_run_and_a_changed_one_is_not() -> Result<()> {
        let out = tempfile::tempdir()?;
        let mut files = BTreeMap::new();
        for (logical, file) in [(SCRIPT, "frontend-1.js"), (MODULE, "frontend_bg-1.wasm")] {
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
            wasm: Some(module("same").fingerprint),
            files,
        };
        let kept = module("same").build(Some(&before), out.path())?;
        assert_eq!(kept[SCRIPT], SCRIPT.as_bytes());
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

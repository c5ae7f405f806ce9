//! What the configuration says of documents, and the key of their links.

use anyhow::{Context, Result, ensure};
use chrono::Duration;
use serde::Deserialize;
use services::documents::Documents;
use services::documents::links::LinkKeys;
use services::ids::{IdSource, RandomIds};
use std::fs::OpenOptions;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

/// The longest a link lasts that a citizen got for a proof: a week.
const LINK_MINUTES_MAX: u32 = 7 * 24 * 60;

/// How documents are handed out and printed.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DocumentSettings {
    /// Files that hold the keys of signed links, each alone on its line: the one that signs, then the one before it. When
    /// none is named, a key is made beside the archive.
    pub key_files: Vec<PathBuf>,
    /// How long a link lasts that a citizen got for a proof, in minutes.
    pub link_minutes: u32,
    /// Folder for volumes of notices.
    pub batches: PathBuf,
}

impl Default for DocumentSettings {
    fn default() -> Self {
        Self {
            key_files: Vec::new(),
            link_minutes: 15,
            batches: PathBuf::from("var/batches"),
        }
    }
}

impl DocumentSettings {
    /// Checks what its types cannot.
    pub(crate) fn check(&self) -> Result<()> {
        ensure!(
            self.key_files.len() <= 2,
            "documents.key_files names the key that signs and the one before it, no others"
        );
        ensure!(
            (1..=LINK_MINUTES_MAX).contains(&self.link_minutes),
            "documents.link_minutes must be between 1 and {LINK_MINUTES_MAX}"
        );
        Ok(())
    }

    /// Reads the keys that are named; `None` when none is.
    pub(crate) fn named_keys(&self) -> Result<Option<LinkKeys>> {
        let texts = self
            .key_files
            .iter()
            .map(|path| {
                std::fs::read_to_string(path)
                    .with_context(|| format!("cannot read {} of documents.key_files", path.display()))
            })
            .collect::<Result<Vec<String>>>()?;
        let mut texts = texts.iter().map(String::as_str);
        let Some(current) = texts.next() else {
            return Ok(None);
        };
        LinkKeys::new(current, texts.next())
            .context("documents.key_files")
            .map(Some)
    }

    /// Documents of an archive. Without a named key, that of [`DocumentSettings::kept_keys`]; without that, one that ends
    /// with this process.
    pub fn open(&self, database: &str) -> Result<Documents> {
        if let Some(keys) = self.kept_keys(database)? {
            return Ok(self.documents(keys));
        }
        tracing::warn!(
            "links to documents are opened by this server alone, and until it stops: name documents.key_files"
        );
        self.without_links()
    }

    /// The keys that are named, or the one beside an archive that is a file, made when it is not there yet. `None` for
    /// another archive: several servers may stand in front of it, and must share what is named.
    pub(crate) fn kept_keys(&self, database: &str) -> Result<Option<LinkKeys>> {
        match (self.named_keys()?, beside(database, "link-key")) {
            (Some(keys), _) => Ok(Some(keys)),
            (None, Some(file)) => key_in(&file).map(Some),
            (None, None) => Ok(None),
        }
    }

    /// Documents whose links nobody else opens.
    pub(crate) fn without_links(&self) -> Result<Documents> {
        let key = [RandomIds.token(), RandomIds.token()].concat();
        Ok(self.documents(LinkKeys::new(&key, None)?))
    }

    /// Documents with these keys.
    pub(crate) fn documents(&self, keys: LinkKeys) -> Documents {
        Documents::new(keys, self.link_lasts(), self.batches.clone())
    }

    /// How long a link lasts that a citizen got for a proof.
    fn link_lasts(&self) -> Duration {
        Duration::minutes(self.link_minutes.into())
    }
}

/// Where a key is made: beside an archive that is a file.
pub(crate) fn beside(database: &str, suffix: &str) -> Option<PathBuf> {
    let path = database.strip_prefix("sqlite:")?;
    let path = path.strip_prefix("//").unwrap_or(path);
    Some(PathBuf::from(format!("{path}.{suffix}")))
}

fn key_in(file: &Path) -> Result<LinkKeys> {
    let text = text_of_key_in(file, "documents' links", "name one in documents.key_files")?;
    LinkKeys::new(&text, None).with_context(|| {
        format!(
            "{} does not hold a key: delete it, and a new one is made",
            file.display()
        )
    })
}

/// The key in a file, made when it is not there yet.
pub(crate) fn text_of_key_in(file: &Path, of: &str, instead: &str) -> Result<String> {
    match make(file) {
        Ok(()) => tracing::info!("made the key of {of} in {}", file.display()),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
        Err(error) => {
            return Err(error)
                .with_context(|| format!("cannot make the key of {of} in {}: {instead}", file.display()));
        }
    }
    std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))
}

/// Makes a file with a key only this user can read, whole or not at all: another process may start at the same moment.
fn make(file: &Path) -> std::io::Result<()> {
    if file.exists() {
        return Err(ErrorKind::AlreadyExists.into());
    }
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let begun = file.with_added_extension(RandomIds.token());
    let mut open = OpenOptions::new();
    open.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut open, 0o600);
    let mut written = open.open(&begun)?;
    let linked = writeln!(written, "{}{}", RandomIds.token(), RandomIds.token())
        .and_then(|()| written.sync_all())
        .and_then(|()| std::fs::hard_link(&begun, file));
    let removed = std::fs::remove_file(&begun);
    linked.and(removed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_once_beside_the_archive_and_only_its_owner_reads_it() {
        let folder = tempfile::tempdir().unwrap();
        let database = format!("sqlite:{}", folder.path().join("new/lanterna.db").display());
        let settings = DocumentSettings::default();
        settings.open(&database).unwrap();
        let file = folder.path().join("new/lanterna.db.link-key");
        let key = std::fs::read_to_string(&file).unwrap();
        assert_eq!(key.trim().len(), 52);
        settings.open(&database).unwrap();
        assert_eq!(std::fs::read_to_string(&file).unwrap(), key);
        assert_eq!(std::fs::read_dir(folder.path().join("new")).unwrap().count(), 1);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = std::fs::metadata(&file).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }

    #[test]
    fn a_key_that_cannot_be_used_is_told_with_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        let database = format!("sqlite:{}", folder.path().join("lanterna.db").display());
        std::fs::write(beside(&database, "link-key").unwrap(), "short").unwrap();
        let error = DocumentSettings::default().open(&database).unwrap_err();
        assert!(
            format!("{error:#}").contains("delete it, and a new one is made"),
            "{error:#}"
        );
        let named = DocumentSettings {
            key_files: vec![folder.path().join("none")],
            ..DocumentSettings::default()
        };
        let error = named.open(&database).unwrap_err();
        assert!(
            format!("{error:#}").contains("of documents.key_files"),
            "{error:#}"
        );
    }

    #[test]
    fn an_archive_of_several_servers_has_no_key_but_the_named_one() {
        let database = "postgres://db.example/lanterna";
        let settings = DocumentSettings::default();
        assert!(settings.kept_keys(database).unwrap().is_none());
        assert!(settings.open(database).is_ok());
    }

    #[test]
    fn settings_of_documents_have_bounds() {
        let with = |link_minutes, keys| DocumentSettings {
            key_files: vec![PathBuf::from("key"); keys],
            link_minutes,
            ..DocumentSettings::default()
        };
        for (minutes, keys, is_right) in [
            (1, 0, true),
            (LINK_MINUTES_MAX, 2, true),
            (0, 0, false),
            (LINK_MINUTES_MAX + 1, 0, false),
            (15, 3, false),
        ] {
            assert_eq!(with(minutes, keys).check().is_ok(), is_right, "{minutes} {keys}");
        }
    }
}

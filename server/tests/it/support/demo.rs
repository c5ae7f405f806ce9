//! The demo city as `lanterna serve --demo` serves it, in a folder of its own.

use super::city::free_address;
use super::program::{Said, Server, lanterna, run};
use tempfile::TempDir;

/// The demo city with its program's id and secret.
pub(crate) struct Demo {
    server: Server,
    pub(crate) folder: TempDir,
    pub(crate) database: String,
    pub(crate) portal: String,
    pub(crate) sandbox: String,
    pub(crate) id: String,
    pub(crate) secret: String,
}

impl Demo {
    pub(crate) fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = format!("sqlite:{}", folder.path().join("demo.db").display());
        let [portal, sandbox] = [free_address(), free_address()].map(|address| address.to_string());
        let server = Server::run(
            lanterna()
                .args([
                    "serve",
                    "--demo",
                    "--listen",
                    &portal,
                    "--sandbox-listen",
                    &sandbox,
                ])
                .args(["--database", &database])
                .current_dir(folder.path()),
        );
        let said = run(&["demo", "application", "--database", &database]);
        let told = |name: &str| {
            let line = said.out.lines().find_map(|line| line.strip_prefix(name));
            line.unwrap_or_else(|| panic!("{said:?}")).trim().to_owned()
        };
        Self {
            id: told("application"),
            secret: told("secret"),
            server,
            folder,
            database,
            portal,
            sandbox,
        }
    }

    /// Runs a command beside the server, in its folder and on its archive.
    pub(crate) fn run(&self, arguments: &[&str]) -> Said {
        lanterna()
            .args(arguments)
            .args(["--database", &self.database])
            .current_dir(self.folder.path())
            .output()
            .unwrap()
            .into()
    }
}

/// Asked to stop, the server takes its sandbox with it.
impl Drop for Demo {
    fn drop(&mut self) {
        self.server.ask_to_stop();
        self.server.ended_well();
    }
}

//! The installed library, and programs that are built with it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use tempfile::TempDir;

pub(crate) fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// Where the library is installed; and the one that has the fault of the tests.
pub(crate) fn prefix() -> PathBuf {
    prefixes().join("stage/usr")
}

pub(crate) fn prefix_with_panic() -> PathBuf {
    prefixes().join("stage-panic/usr")
}

fn prefixes() -> &'static Path {
    static PREFIXES: OnceLock<PathBuf> = OnceLock::new();
    PREFIXES.get_or_init(|| {
        run(Command::new(project().join("tests/c/stage")));
        project().join("target")
    })
}

/// Runs a command that must end well.
pub(crate) fn run(mut command: Command) -> Output {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(
        output.status.success(),
        "{command:?}: {}\n{}{}",
        output.status,
        text(&output.stdout),
        text(&output.stderr)
    );
    output
}

/// What pkg-config says of the library that is installed there.
pub(crate) fn pkg_config(prefix: &Path, words: &[&str]) -> Vec<String> {
    let mut command = Command::new("pkg-config");
    command.env("PKG_CONFIG_PATH", prefix.join("lib/pkgconfig"));
    command.arg(format!("--define-variable=prefix={}", prefix.display()));
    let said = run({
        command.args(words).arg("regconf");
        command
    });
    String::from_utf8(said.stdout).unwrap().split_whitespace().map(str::to_owned).collect()
}

/// The blocks of code of a language below a heading of the README.
pub(crate) fn readme_blocks(heading: &str, language: &str) -> Vec<String> {
    let text = std::fs::read_to_string(project().join("README.md")).unwrap();
    let section = text.split(&format!("\n## {heading}\n")).nth(1).unwrap_or_else(|| panic!("README has no {heading}"));
    let section = section.split("\n## ").next().unwrap();
    let fence = format!("```{language}\n");
    section.split(&fence).skip(1).map(|block| block.split("```").next().unwrap().to_owned()).collect()
}

/// A program, and the folder it is in.
pub(crate) struct Built {
    folder: TempDir,
    prefix: PathBuf,
}

impl Built {
    /// Compiles sources with flags, and links with the library that is installed there.
    pub(crate) fn new(prefix: &Path, compiler: &str, flags: &[&str], sources: &[PathBuf]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new(compiler);
        command.args(["-Wall", "-Wextra", "-Wpedantic", "-Werror"]).args(flags).args(sources);
        command.arg("-o").arg(folder.path().join("program"));
        command.args(pkg_config(prefix, &["--cflags", "--libs"])).args(["-lcjson", "-lpthread"]);
        run(command);
        Self { folder, prefix: prefix.to_owned() }
    }

    /// A command that runs it, behind the words of another if there are any.
    pub(crate) fn command(&self, behind: &[&str]) -> Command {
        let program = self.folder.path().join("program");
        let mut words = behind.iter().map(Path::new).chain([program.as_path()]);
        let mut command = Command::new(words.next().unwrap());
        command.args(words).env("LD_LIBRARY_PATH", self.prefix.join("lib"));
        command
    }
}

//! A node's files over an engine's, and commands run in there.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::Result;

/// Files of a node by their paths.
pub(crate) type Files = BTreeMap<String, Vec<u8>>;

/// The first argument is the list of layers, the second an empty folder, the rest the command.
const IN_ROOM: &str = r#"
mount -t overlay judge -o "ro,lowerdir=$1" "$2"
room=$2
shift 2
exec chroot "$room" "$@"
"#;

/// A read-only view of a node's files over an engine's base. Nothing is ever written to the base, and the mount is
/// seen by the command alone.
pub(crate) struct Room {
    folder: tempfile::TempDir,
    layers: String,
}

/// What a command said.
pub(crate) struct Said {
    pub(crate) passed: bool,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Room {
    /// The files over the layers, the upmost first.
    pub(crate) fn new(files: &Files, layers: &[PathBuf]) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let own = folder.path().join("files");
        fs::create_dir(folder.path().join("root"))?;
        fs::create_dir(&own)?;
        for (path, bytes) in files {
            let path = own.join(path.trim_start_matches('/'));
            fs::create_dir_all(path.parent().unwrap_or(Path::new("/")))?;
            fs::write(&path, bytes)?;
        }
        let layers: Vec<_> = std::iter::once(&own).chain(layers).map(|layer| layer.display().to_string()).collect();
        Ok(Self { folder, layers: layers.join(":") })
    }

    /// Runs a command with this text on its standard input.
    pub(crate) fn run(&self, command: &[&str], input: &str) -> Result<Said> {
        let mut child = Command::new("unshare")
            .args(["--mount", "--propagation", "private", "sh", "-ec", IN_ROOM, "sh", &self.layers])
            .arg(self.folder.path().join("root"))
            .args(command)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let mut stdin = child.stdin.take().ok_or("no standard input")?;
        let input = input.to_owned();
        // A command that does not read its input to the end closes it.
        let writer = std::thread::spawn(move || drop(stdin.write_all(input.as_bytes())));
        let output = child.wait_with_output()?;
        writer.join().map_err(|_| "writing the input failed")?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let passed = output.status.success();
        Ok(Said { passed, stdout: text(&output.stdout), stderr: text(&output.stderr) })
    }

    /// Asks one of the programs over the engines' packages: a JSON value for each question.
    pub(crate) fn ask(&self, program: &str, questions: &[serde_json::Value]) -> Result<Vec<serde_json::Value>> {
        let input = questions.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
        let said = self.run(&[&format!("/usr/local/bin/judge-{program}")], &input)?;
        let answers: Vec<_> = said.stdout.lines().map(serde_json::from_str).collect::<std::result::Result<_, _>>()?;
        if !said.passed || answers.len() != questions.len() {
            return Err(format!("{program}: {} of {} answers: {}", answers.len(), questions.len(), said.stderr).into());
        }
        Ok(answers)
    }
}

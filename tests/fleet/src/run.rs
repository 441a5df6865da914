//! Running commands, and waiting for something with a deadline.

use crate::{Error, Result};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// How long a poll sleeps between two looks.
const POLL: Duration = Duration::from_millis(50);

/// What a finished command left behind.
#[derive(Debug, Clone)]
pub struct Output {
    /// The exit code; none if a signal ended the command.
    pub code: Option<i32>,
    /// Its standard output.
    pub stdout: String,
    /// Its standard error.
    pub stderr: String,
}

impl Output {
    /// Whether the exit code was 0.
    pub fn success(&self) -> bool {
        self.code == Some(0)
    }

    /// Standard output and standard error, one after the other.
    pub fn text(&self) -> String {
        format!("{}{}", self.stdout, self.stderr)
    }

    /// The standard output of a successful command, or an error saying that
    /// `what` failed.
    ///
    /// # Errors
    /// If the command did not succeed.
    pub fn ok(self, what: &str) -> Result<String> {
        if self.success() {
            return Ok(self.stdout);
        }
        let code = self.code.map_or("ended by a signal".into(), |c| format!("exit code {c}"));
        Err(Error::new(format!("{what} ({code})"), self.text()))
    }
}

impl From<std::process::Output> for Output {
    fn from(raw: std::process::Output) -> Self {
        Self {
            code: raw.status.code(),
            stdout: String::from_utf8_lossy(&raw.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&raw.stderr).into_owned(),
        }
    }
}

/// Runs `command` without input to its end.
pub(crate) fn run(command: &mut Command) -> Result<Output> {
    command.stdin(Stdio::null()).output().map(Output::from).map_err(Error::io(format!("starting {command:?}")))
}

/// Runs `argv` without input and returns its output; failing is an error.
pub(crate) fn check(argv: &[&str]) -> Result<String> {
    let mut command = Command::new(argv[0]);
    command.args(&argv[1..]);
    run(&mut command)?.ok(&argv.join(" "))
}

/// Looks until `look` finds something, or says after `limit` that `what` did
/// not come.
pub(crate) fn poll<T>(what: &str, limit: Duration, mut look: impl FnMut() -> Result<Option<T>>) -> Result<T> {
    let deadline = Instant::now() + limit;
    loop {
        if let Some(found) = look()? {
            return Ok(found);
        }
        if Instant::now() >= deadline {
            return Err(Error::new(format!("waited {limit:?} for {what}"), ""));
        }
        thread::sleep(POLL);
    }
}

/// A value no other run has: for passwords and for image content.
pub(crate) fn unique() -> Result<String> {
    let path = "/proc/sys/kernel/random/uuid";
    let uuid = std::fs::read_to_string(path).map_err(Error::io(format!("reading {path}")))?;
    Ok(uuid.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_command_says_what_and_why() {
        let error = check(&["sh", "-c", "echo broken >&2; exit 3"]).unwrap_err();
        let text = error.to_string();
        assert!(text.contains("exit code 3") && text.ends_with("broken"));
    }

    #[test]
    fn a_poll_ends_at_its_deadline() {
        let never = poll::<()>("nothing", Duration::from_millis(10), || Ok(None));
        assert!(never.unwrap_err().to_string().contains("for nothing"));
    }
}

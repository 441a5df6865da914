//! The one error type: what was being done, and what came out of it.

use std::fmt;

/// How many trailing lines of a failed command's output an error shows.
const TAIL_LINES: usize = 25;

/// What failed, with the end of the output that says why.
pub struct Error {
    what: String,
    detail: String,
}

/// A result with the harness's [`Error`].
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    pub(crate) fn new(what: impl Into<String>, detail: impl AsRef<str>) -> Self {
        Self { what: what.into(), detail: tail(detail.as_ref()) }
    }

    /// For `map_err` on I/O: `.map_err(Error::io("reading x"))`.
    pub(crate) fn io(what: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        |error| Self::new(what, error.to_string())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.what)?;
        if self.detail.is_empty() {
            return Ok(());
        }
        write!(f, ": {}", self.detail)
    }
}

/// The same as `Display`: a test's `unwrap` is where these errors are read.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Error {}

/// The last lines of `text`.
fn tail(text: &str) -> String {
    let lines: Vec<&str> = text.trim_end().lines().collect();
    let skipped = lines.len().saturating_sub(TAIL_LINES);
    lines[skipped..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_only_the_end_of_a_long_output() {
        let long: Vec<String> = (0..100).map(|n| n.to_string()).collect();
        let error = Error::new("counting", long.join("\n"));
        let shown = error.to_string();
        assert!(shown.starts_with("counting: 75\n"));
        assert!(shown.ends_with("\n99"));
    }
}

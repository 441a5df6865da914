//! The one error type: what kind, what was wrong, where, and what to do.

use std::fmt;

/// Shorthand for results of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The kind of an [`Error`]. The number is part of the C ABI and never changes its meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
#[repr(u8)]
pub enum ErrorKind {
    /// An argument or a setting has a value that it may not have.
    InvalidArgument = 1,
    /// A file or an answer is not what its format demands.
    Parse = 2,
    /// Two settings, or a setting and an existing file, exclude each other.
    Conflict = 3,
    /// The engine, its version or this library cannot do what was asked.
    Unsupported = 4,
    /// The node cannot be reached.
    Connect = 5,
    /// The host key is unknown, changed or revoked.
    HostKey = 6,
    /// The node accepted none of the credentials.
    Authentication = 7,
    /// Logged in, but not allowed to become root.
    Privilege = 8,
    /// The node's shell did not do what the script said.
    Command = 9,
    /// A file changed after the plan was made from it; nothing was written.
    Stale = 10,
    /// An engine could not be reloaded or restarted.
    Activation = 11,
    /// The engine runs, but the new setting is not in force.
    Verification = 12,
    /// A deadline has passed.
    Timeout = 13,
    /// The caller cancelled, or a limit that they set has stopped the rollout.
    Cancelled = 14,
    /// Reading or writing failed: a missing folder, a full disk, a read-only file system.
    Io = 15,
    /// A fault of this library.
    Internal = 99,
}

impl ErrorKind {
    /// The name used in JSON, in other languages and in messages, such as `invalid_argument`.
    pub fn name(self) -> &'static str {
        match self {
            Self::InvalidArgument => "invalid_argument",
            Self::Parse => "parse",
            Self::Conflict => "conflict",
            Self::Unsupported => "unsupported",
            Self::Connect => "connect",
            Self::HostKey => "host_key",
            Self::Authentication => "authentication",
            Self::Privilege => "privilege",
            Self::Command => "command",
            Self::Stale => "stale",
            Self::Activation => "activation",
            Self::Verification => "verification",
            Self::Timeout => "timeout",
            Self::Cancelled => "cancelled",
            Self::Io => "io",
            Self::Internal => "internal",
        }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What went wrong, where, and what to do about it.
///
/// The type is opaque so that fields can be added; its text reads
/// `context: file:line: key: message; hint`, leaving out what is not known. It never holds a secret.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Error(Box<Inner>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Inner {
    kind: ErrorKind,
    message: String,
    context: Vec<String>,
    path: Option<String>,
    line: Option<usize>,
    key: Option<String>,
    hint: Option<String>,
}

impl Error {
    /// An error of this kind. The message says what was wrong; use the `with_` methods for where and what to do.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            message: message.into(),
            context: Vec::new(),
            path: None,
            line: None,
            key: None,
            hint: None,
        }))
    }

    /// Shorthand for [`ErrorKind::InvalidArgument`].
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::InvalidArgument, message)
    }

    /// Names the file.
    #[must_use]
    pub fn with_path(mut self, path: impl Into<String>) -> Self {
        self.0.path.get_or_insert(path.into());
        self
    }

    /// Names the line, counted from 1.
    #[must_use]
    pub fn with_line(mut self, line: usize) -> Self {
        self.0.line.get_or_insert(line);
        self
    }

    /// Names the key, such as `ensure[0].endpoints[1].url`. Called again, the new part is put in front.
    #[must_use]
    pub fn with_key(mut self, key: impl Into<String>) -> Self {
        let outer = key.into();
        self.0.key = Some(match self.0.key.take() {
            None => outer,
            Some(inner) if inner.starts_with('[') => outer + &inner,
            Some(inner) => format!("{outer}.{inner}"),
        });
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hint.get_or_insert(hint.into());
        self
    }

    /// Adds what else is known to the message.
    pub(crate) fn saying_also(mut self, more: &str) -> Self {
        self.0.message = format!("{}; {more}", self.0.message);
        self
    }

    /// Puts what was being done in front.
    #[must_use]
    pub fn context(mut self, doing: impl Into<String>) -> Self {
        self.0.context.push(doing.into());
        self
    }

    /// The kind.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// What was wrong, without place and hint.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The file, if the error is about one.
    pub fn path(&self) -> Option<&str> {
        self.0.path.as_deref()
    }

    /// The line, counted from 1.
    pub fn line(&self) -> Option<usize> {
        self.0.line
    }

    /// The key of a setting or of a file.
    pub fn key(&self) -> Option<&str> {
        self.0.key.as_deref()
    }

    /// What to do.
    pub fn hint(&self) -> Option<&str> {
        self.0.hint.as_deref()
    }
}

impl fmt::Display for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for doing in self.context.iter().rev() {
            write!(f, "{doing}: ")?;
        }
        match (&self.path, self.line) {
            (Some(path), Some(line)) => write!(f, "{path}:{line}: ")?,
            (Some(path), None) => write!(f, "{path}: ")?,
            (None, Some(line)) => write!(f, "line {line}: ")?,
            (None, None) => {}
        }
        if let Some(key) = &self.key {
            write!(f, "{key}: ")?;
        }
        f.write_str(&self.message)?;
        self.hint.as_ref().map_or(Ok(()), |hint| write!(f, "; {hint}"))
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.0.kind, self.0)
    }
}

impl serde::Serialize for Error {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;
        let mut out = serializer.serialize_struct("Error", 7)?;
        out.serialize_field("kind", &self.0.kind)?;
        out.serialize_field("message", &self.to_string())?;
        out.serialize_field("context", &self.0.context.iter().rev().collect::<Vec<_>>())?;
        out.serialize_field("path", &self.0.path)?;
        out.serialize_field("line", &self.0.line)?;
        out.serialize_field("key", &self.0.key)?;
        out.serialize_field("hint", &self.0.hint)?;
        out.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_names_place_and_remedy() {
        let error = Error::new(ErrorKind::Parse, "is a string")
            .with_key("insecure-registries")
            .with_path("/etc/docker/daemon.json")
            .with_line(3)
            .with_hint("make it an array")
            .context("docker");
        assert_eq!(
            error.to_string(),
            "docker: /etc/docker/daemon.json:3: insecure-registries: is a string; make it an array"
        );
    }

    #[test]
    fn keys_nest_outwards() {
        let error = Error::invalid("bad").with_key("url").with_key("[1]").with_key("endpoints");
        assert_eq!(error.key(), Some("endpoints[1].url"));
    }
}

//! What an import has to say of what it read.

use std::fmt;
use std::sync::Arc;

use serde_json::{Value, json};

use crate::error::{Error, ErrorKind};
use crate::inventory::SshWarning;
use crate::node;

/// What was decided, or left out, and where it stands. It never holds a secret.
///
/// Its text reads `file:line: key: text`, leaving out what is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Remark {
    /// Which kind of remark.
    pub kind: RemarkKind,
    /// The file, if one was read.
    pub path: Option<String>,
    /// The line, counted from 1.
    pub line: Option<usize>,
    /// The key, such as `containerd_registries_mirrors[0].mirrors[1].skip_verify`.
    pub key: String,
    /// What there is to say, and what to do.
    pub text: String,
}

/// The kind of a [`Remark`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RemarkKind {
    /// The file leaves something open, or says something that no engine can do, and it was decided.
    Decided,
    /// It has no effect where it stands, and was left out.
    Ineffective,
    /// It seems to be about registries or nodes and is not known; it was left out.
    Unknown,
    /// Its value stands elsewhere or must be computed, and was left out.
    Unresolved,
    /// A host or an entry that was left out, and why.
    Skipped,
}

impl RemarkKind {
    /// The name used in JSON, such as `decided`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Decided => "decided",
            Self::Ineffective => "ineffective",
            Self::Unknown => "unknown",
            Self::Unresolved => "unresolved",
            Self::Skipped => "skipped",
        }
    }
}

impl fmt::Display for RemarkKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Remark {
    /// `{"kind", "path", "line", "key", "text"}`; what is not known is `null`.
    pub fn to_json(&self) -> Value {
        json!({ "kind": self.kind.name(), "path": self.path, "line": self.line, "key": self.key, "text": self.text })
    }
}

impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.path, self.line) {
            (Some(path), Some(line)) => write!(f, "{path}:{line}: ")?,
            (Some(path), None) => write!(f, "{path}: ")?,
            (None, Some(line)) => write!(f, "line {line}: ")?,
            (None, None) => {}
        }
        if !self.key.is_empty() {
            write!(f, "{}: ", self.key)?;
        }
        f.write_str(&self.text)
    }
}

/// Where something stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) path: Option<Arc<str>>,
    pub(super) line: Option<usize>,
    pub(super) key: String,
}

impl Place {
    /// Something below it: a key, or an index such as `[2]`.
    pub(super) fn below(&self, key: &str, line: impl Into<Option<usize>>) -> Self {
        // A registry's name may have come with a login.
        let key = node::shown(key);
        let dot = if self.key.is_empty() || key.starts_with('[') { "" } else { "." };
        Self { path: self.path.clone(), line: line.into(), key: format!("{}{dot}{key}", self.key) }
    }

    /// An error about what stands there.
    pub(super) fn error(&self, kind: ErrorKind, what: impl Into<String>) -> Error {
        self.of(Error::new(kind, what))
    }

    /// The error with this place.
    pub(super) fn of(&self, mut error: Error) -> Error {
        if !self.key.is_empty() {
            error = error.with_key(&self.key);
        }
        if let Some(line) = self.line {
            error = error.with_line(line);
        }
        match &self.path {
            Some(path) => error.with_path(&**path),
            None => error,
        }
    }
}

/// Remarks, each said once.
#[derive(Default)]
pub(super) struct Remarks(Vec<Remark>);

impl Remarks {
    pub(super) fn add(&mut self, kind: RemarkKind, place: &Place, text: impl Into<String>) {
        let path = place.path.as_deref().map(str::to_owned);
        let remark = Remark { kind, path, line: place.line, key: place.key.clone(), text: text.into() };
        if !self.0.contains(&remark) {
            self.0.push(remark);
        }
    }

    /// Says what holds for several places at the first of them only.
    pub(super) fn add_once(&mut self, kind: RemarkKind, place: &Place, text: impl Into<String>) {
        let text = text.into();
        if !self.0.iter().any(|remark| remark.kind == kind && remark.text == text) {
            self.add(kind, place, text);
        }
    }

    /// Says that something was left out, unless it was said what of it is wrong.
    pub(super) fn add_unless_said(&mut self, place: &Place, text: &str) {
        let is_said = |remark: &Remark| {
            let is_fault = matches!(remark.kind, RemarkKind::Unresolved | RemarkKind::Skipped);
            is_fault && remark.path.as_deref() == place.path.as_deref() && remark.key.starts_with(&place.key)
        };
        if !self.0.iter().any(is_said) {
            self.add(RemarkKind::Skipped, place, text);
        }
    }

    /// Says what is wrong with a value that was left out.
    pub(super) fn skip(&mut self, place: &Place, error: &Error) {
        let hint = error.hint().map_or_else(String::new, |hint| format!("; {hint}"));
        self.add(RemarkKind::Skipped, place, format!("{}{hint}", error.message()));
    }

    /// Warnings of an OpenSSH configuration.
    pub(super) fn add_warnings(&mut self, warnings: Vec<SshWarning>) {
        for SshWarning { place, keyword, text } in warnings {
            let place = Place { path: place.path.map(Arc::from), line: Some(place.line), key: keyword };
            self.add(RemarkKind::Unknown, &place, text);
        }
    }

    /// In the order of the files, and there of the lines.
    pub(super) fn into_list(self) -> Vec<Remark> {
        let mut files: Vec<Option<String>> = Vec::new();
        for remark in &self.0 {
            if !files.contains(&remark.path) {
                files.push(remark.path.clone());
            }
        }
        let mut list = self.0;
        list.sort_by_key(|remark| (files.iter().position(|file| *file == remark.path), remark.line));
        list
    }
}

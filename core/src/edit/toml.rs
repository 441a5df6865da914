//! TOML: reading with positions, and the smallest change that sets or removes a key.
//!
//! `toml_edit` tells where each key, value and header stands; a change itself is a patch of the text. After changes that
//! do not depend on each other the text is read again and must mean the old meaning plus exactly these changes.

mod assign;
mod change;
mod expected;
mod headers;
mod remove;
#[cfg(test)]
mod tests;

use std::fmt::Write;

use toml_edit::{Document, Item, TableLike, Value};

use super::Text;
pub(crate) use change::Change;
use expected::Expected;
pub(crate) use remove::MARK;

use crate::error::{Error, ErrorKind, Result};

/// A TOML file.
#[derive(Clone, Debug)]
pub(crate) struct Toml {
    text: Text,
    document: Document<String>,
}

impl Toml {
    pub(crate) fn parse(text: Text) -> Result<Self> {
        check_comments(&text)?;
        match Document::parse(text.as_str().to_owned()) {
            Ok(document) => Ok(Self { text, document }),
            Err(error) => {
                let line = text.line(error.span().map_or(0, |span| span.start));
                let first = first_of_two(&text, error.message(), line)
                    .map_or(String::new(), |n| format!(", first in line {n}"));
                let message = format!("is not TOML: {}{first}", error.message().replace('\n', ", "));
                Err(Error::new(ErrorKind::Parse, message).with_path(text.path()).with_line(line))
            }
        }
    }

    pub(crate) fn text(&self) -> &Text {
        &self.text
    }

    pub(crate) fn root(&self) -> &Item {
        self.document.as_item()
    }

    pub(crate) fn get(&self, path: &[&str]) -> Option<&Item> {
        path.iter().try_fold(self.root(), |item, key| item.as_table_like()?.get(key))
    }

    /// Whether some spelling of the last key on a path has an escape.
    pub(crate) fn is_escaped(&self, path: &[&str]) -> bool {
        let Some((last, above)) = path.split_last() else { return false };
        let key = self.get(above).and_then(|item| item.as_table_like()?.get_key_value(last)?.0.span());
        key.is_some_and(|span| self.text.as_str()[span].contains('\\'))
    }

    /// `toml_edit` reads TOML 1.1, in which an inline table may end in a comma; containerd's parsers do not.
    pub(crate) fn check_inline_commas(&self) -> Result<()> {
        match self.inline_comma(self.document.as_table()) {
            None => Ok(()),
            Some(at) => Err(Error::new(ErrorKind::Parse, "an inline table ends in a comma, which containerd refuses")
                .with_path(self.text.path())
                .with_line(self.text.line(at))
                .with_hint("take out the comma")),
        }
    }

    /// The parser of containerd before 1.5 knows no dotted keys.
    pub(crate) fn check_dotted_keys(&self) -> Result<()> {
        match first_dotted(self.document.as_table()) {
            None => Ok(()),
            Some(at) => {
                Err(Error::new(ErrorKind::Parse, "has a dotted key, which containerd before 1.5 does not read")
                    .with_path(self.text.path())
                    .with_line(self.text.line(at))
                    .with_hint("write it below a [header]"))
            }
        }
    }

    fn inline_comma(&self, table: &dyn TableLike) -> Option<usize> {
        table.iter().find_map(|(_, item)| match item {
            Item::Table(inner) => self.inline_comma(inner),
            Item::ArrayOfTables(tables) => tables.iter().find_map(|inner| self.inline_comma(inner)),
            Item::Value(Value::InlineTable(inner)) if !inner.is_dotted() => {
                let last = assign::end_of_leaves(inner);
                let rest =
                    last.zip(inner.span()).filter(|(last, span)| self.text.as_str()[*last..span.end].contains(','));
                rest.map(|(last, _)| last).or_else(|| self.inline_comma(inner))
            }
            _ => None,
        })
    }

    /// The value as text; an error when it is something else.
    pub(crate) fn str(&self, path: &[&str]) -> Result<Option<&str>> {
        self.typed(path, "a string", Item::as_str)
    }

    /// The value as a whole number; an error when it is something else.
    pub(crate) fn integer(&self, path: &[&str]) -> Result<Option<i64>> {
        self.typed(path, "a whole number", Item::as_integer)
    }

    /// The value as a table of any spelling; an error when it is something else.
    pub(crate) fn table(&self, path: &[&str]) -> Result<Option<&dyn TableLike>> {
        self.typed(path, "a table", Item::as_table_like)
    }

    /// The value as a list of texts; an error when it is something else.
    pub(crate) fn strings(&self, path: &[&str]) -> Result<Option<Vec<&str>>> {
        self.typed(path, "a list of strings", |item| item.as_array()?.iter().map(Value::as_str).collect())
    }

    fn typed<'a, T>(
        &'a self,
        path: &[&str],
        kind: &str,
        read: impl FnOnce(&'a Item) -> Option<T>,
    ) -> Result<Option<T>> {
        let Some(item) = self.get(path) else { return Ok(None) };
        read(item).map(Some).ok_or_else(|| {
            let what = format!("is {}, not {kind}", item.type_name());
            self.error(path, ErrorKind::Conflict, what)
                .with_hint(format!("make it {kind}; the engine refuses it as it is"))
        })
    }

    /// An error about a key of this file.
    pub(crate) fn error(&self, path: &[&str], kind: ErrorKind, what: impl Into<String>) -> Error {
        let error = Error::new(kind, what).with_path(self.text.path()).with_key(dotted(path));
        match self.line(path) {
            Some(line) => error.with_line(line),
            None => error,
        }
    }

    /// The line of a key or of what lies nearest above it.
    fn line(&self, path: &[&str]) -> Option<usize> {
        (1..=path.len()).rev().find_map(|n| {
            let parent = self.get(&path[..n - 1])?.as_table_like()?;
            let span = parent.get_key_value(path[n - 1])?.0.span()?;
            Some(self.text.line(span.start))
        })
    }

    /// The same file with other text, which must mean what this one does but for what is expected.
    fn checked(&self, text: Text, expected: &Expected, path: &[&str]) -> Result<Self> {
        check_comments(&text)?;
        let changed = Self::parse(text).ok().filter(|toml| expected.holds(Some(self.root()), Some(toml.root())));
        changed.ok_or_else(|| {
            self.error(path, ErrorKind::Unsupported, "cannot be changed in the way this file is laid out")
                .with_hint("write the plugin's table with a [header] of its own and try again")
        })
    }
}

/// A comment that is new must end.
fn check_comments(text: &Text) -> Result<()> {
    if !text.has_endless_comment() {
        return Ok(());
    }
    let what = "needs a comment, and this file has no line feed that would end one";
    Err(Error::new(ErrorKind::Unsupported, what)
        .with_path(text.path())
        .with_hint("give the file the line ends of Unix"))
}

/// Where the first dotted key stands.
fn first_dotted(table: &dyn TableLike) -> Option<usize> {
    let below = table.iter().filter_map(|(_, item)| match item {
        Item::Table(inner) if inner.is_dotted() => inner.span().map(|span| span.start),
        Item::Value(Value::InlineTable(inner)) if inner.is_dotted() => assign::end_of_leaves(inner),
        Item::ArrayOfTables(tables) => tables.iter().filter_map(|inner| first_dotted(inner)).min(),
        item => item.as_table_like().and_then(first_dotted),
    });
    below.min()
}

/// The line that a duplicate repeats, where both are written alike.
fn first_of_two(text: &Text, message: &str, line: usize) -> Option<usize> {
    let written = text.as_str().lines().nth(line - 1).filter(|_| message.contains("duplicate"))?;
    let key = |line: &str| line.trim().split('=').next().unwrap_or("").trim().to_owned();
    text.as_str().lines().take(line - 1).position(|earlier| key(earlier) == key(written)).map(|at| at + 1)
}

/// A key's path as it would be written, such as `plugins."io.containerd.grpc.v1.cri".registry`.
pub(crate) fn dotted(path: &[&str]) -> String {
    path.iter().map(|key| quoted_key(key)).collect::<Vec<_>>().join(".")
}

/// A key, in quotes where it needs them.
pub(crate) fn quoted_key(key: &str) -> String {
    let bare = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if !key.is_empty() && key.chars().all(bare) { key.to_owned() } else { quoted(key) }
}

/// A basic string.
pub(crate) fn quoted(text: &str) -> String {
    let escaped = text.chars().fold(String::from("\""), |mut out, c| {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => drop(write!(out, "\\u{:04X}", u32::from(c))),
            c => out.push(c),
        }
        out
    });
    escaped + "\""
}

/// A list of basic strings on one line.
pub(crate) fn quoted_list<S: AsRef<str>>(texts: impl IntoIterator<Item = S>) -> String {
    let texts: Vec<_> = texts.into_iter().map(|text| quoted(text.as_ref())).collect();
    format!("[{}]", texts.join(", "))
}

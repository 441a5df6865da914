//! Where a key goes with the smallest patch that the file's own style suggests.

use std::ops::Range;

use toml_edit::{InlineTable, Item, Table, TableLike, Value};

use super::super::Text;
use super::change::Round;
use super::remove::MARK;
use super::{Toml, quoted_key};
use crate::error::{ErrorKind, Result};

/// How keys are put into a table, or tables below it: where, and in which style.
pub(super) enum Growth {
    /// In braces: behind the last entry, else in place of the braces.
    Inline { place: Range<usize>, is_empty: bool },
    /// A further line beside `a.b = …` lines, in the same spelling.
    Dotted { at: usize, prefix: String },
    /// A line in a table that has a header, or among the keys of the root.
    Body { at: usize, indent: String },
    /// A table with a header of its own, behind all that belongs to the table.
    Tables(Tables),
}

/// The style of headers.
pub(super) struct Tables {
    at: usize,
    indent: String,
    /// The names of the tables above, as they are spelled.
    prefix: Vec<String>,
    keys: String,
    /// Whether there is one already that others are written like.
    has_model: bool,
}

impl Growth {
    /// How `rest` is put into the table at a path, the deepest that there is.
    pub(super) fn of(round: &Round<'_>, above: &[&str], item: &Item, rest: &[&str]) -> Result<Self> {
        let toml = round.toml;
        match item {
            Item::Value(Value::InlineTable(table)) => toml.in_inline(table),
            Item::Table(table) if table.is_dotted() => Ok(toml.after_dotted(table)),
            Item::Table(table) if is_body(above, table, rest) => Ok(toml.in_body(table, round.key_indent())),
            Item::Table(table) => Ok(Self::Tables(toml.as_new_table(table, above, round.key_indent()))),
            other => {
                let what = format!("is {}, not a table", other.type_name());
                Err(toml.error(above, ErrorKind::Conflict, what))
            }
        }
    }

    pub(super) fn place(&self) -> Range<usize> {
        match self {
            Self::Inline { place, .. } => place.clone(),
            Self::Dotted { at, .. } | Self::Body { at, .. } | Self::Tables(Tables { at, .. }) => *at..*at,
        }
    }

    /// Whether `rest` goes where this goes and behind what was put there before, in the style that is known.
    pub(super) fn again(&self, rest: &[&str]) -> bool {
        match self {
            Self::Inline { is_empty, .. } => !is_empty,
            Self::Dotted { .. } => true,
            Self::Body { .. } => rest.len() == 1,
            Self::Tables(tables) => tables.has_model && rest.len() > 1,
        }
    }

    /// What is put there.
    pub(super) fn text(&self, toml: &Toml, rest: &[&str], value: &str, is_marked: bool) -> String {
        let lines = match self {
            Self::Inline { is_empty: true, .. } => return format!("{{ {} }}", inline_entry(rest, value)),
            Self::Inline { .. } => return format!(", {}", inline_entry(rest, value)),
            Self::Dotted { prefix, .. } => format!("{prefix}.{} = {value}\n", super::dotted(rest)),
            Self::Body { indent, .. } => format!("{indent}{} = {value}\n", super::dotted(rest)),
            Self::Tables(tables) => tables.lines(rest, value, is_marked),
        };
        toml.text.lines_at(self.place().start, &lines).into_owned()
    }
}

impl Tables {
    fn lines(&self, rest: &[&str], value: &str, is_marked: bool) -> String {
        let (key, tables) = rest.split_last().unwrap_or((&"", &[]));
        let has = |quote: char| self.prefix.iter().any(|name| name.starts_with(quote));
        let is_literal = has('\'') && !has('"');
        let spelled = |key: &&str| match quoted_key(key) {
            quoted if is_literal && quoted == format!("\"{key}\"") && !key.contains('\'') => format!("'{key}'"),
            quoted => quoted,
        };
        let header = self.prefix.iter().cloned().chain(tables.iter().map(spelled)).collect::<Vec<_>>().join(".");
        let (indent, keys) = (&self.indent, &self.keys);
        let blank = if self.at == 0 { "" } else { "\n" };
        let mark = if is_marked && !tables.is_empty() { format!("{indent}{MARK}\n") } else { String::new() };
        format!("{blank}{mark}{indent}[{header}]\n{indent}{keys}{} = {value}\n", quoted_key(key))
    }
}

impl Round<'_> {
    fn key_indent(&self) -> &str {
        self.key_indent.get_or_init(|| self.toml.key_indent())
    }
}

impl Toml {
    /// The deepest item there is on the way along a path, and how many keys lead to it.
    pub(super) fn deepest(&self, path: &[&str]) -> (usize, &Item) {
        let mut found = (0, self.root());
        for key in path {
            match found.1.as_table_like().and_then(|table| table.get(key)) {
                Some(item) => found = (found.0 + 1, item),
                None => break,
            }
        }
        found
    }

    /// Where a value stands that gets another one.
    pub(super) fn span_of_value(&self, path: &[&str], item: &Item) -> Result<Range<usize>> {
        let span = item.as_value().and_then(|_| item.span());
        span.ok_or_else(|| self.error(path, ErrorKind::Conflict, format!("is {}, not a value", item.type_name())))
    }

    fn in_inline(&self, table: &InlineTable) -> Result<Growth> {
        let Some(last) = end_of_leaves(table) else {
            return Ok(Growth::Inline { place: table.span().unwrap_or_default(), is_empty: true });
        };
        self.check_inline_commas()?;
        Ok(Growth::Inline { place: last..last, is_empty: false })
    }

    fn after_dotted(&self, table: &Table) -> Growth {
        let key = table.span().unwrap_or_default();
        let prefix = self.text.as_str()[self.text.line_start(key.start)..key.end].to_owned();
        Growth::Dotted { at: self.text.line_end(end_of_leaves(table).unwrap_or(key.end)), prefix }
    }

    fn in_body(&self, table: &Table, key_indent: &str) -> Growth {
        if let Some(last) = end_of_leaves(table) {
            let first = start_of_leaves(table).unwrap_or(last);
            return Growth::Body { at: self.text.line_end(last), indent: self.text.indent(first).to_owned() };
        }
        match table.span().filter(|span| !span.is_empty()) {
            Some(header) => {
                let indent = format!("{}{key_indent}", self.text.indent(header.start));
                Growth::Body { at: self.text.line_end(header.end), indent }
            }
            None => Growth::Body { at: self.text.leading_comment_end(), indent: String::new() },
        }
    }

    fn as_new_table(&self, table: &Table, above: &[&str], key_indent: &str) -> Tables {
        let model = table.iter().find_map(|(_, item)| header_of(item));
        let has_model = model.is_some();
        let (indent, prefix) = self.header_style(table, above, model);
        let at = match table.span().filter(|_| !above.is_empty()) {
            None if above.is_empty() => self.text.as_str().len(),
            _ => self.text.comments_end(self.text.line_end(end_of_all(table).unwrap_or_default())),
        };
        Tables { at, indent, prefix, keys: key_indent.to_owned(), has_model }
    }

    /// Indentation and spelling of a header for a table below `above`, as its neighbours are written.
    fn header_style(&self, table: &Table, above: &[&str], model: Option<Range<usize>>) -> (String, Vec<String>) {
        let spelled = |path: &[&str]| path.iter().map(|key| quoted_key(key)).collect::<Vec<_>>();
        let own = table.span().filter(|span| !span.is_empty() && !table.is_implicit());
        let names = |header: &Range<usize>| header_names(&self.text.as_str()[header.clone()], above.len());
        match (model, own) {
            (Some(model), _) => (self.text.indent(model.start).to_owned(), names(&model).unwrap_or(spelled(above))),
            (None, Some(own)) if !above.is_empty() => {
                let indent = format!("{}{}", self.text.indent(own.start), self.header_step());
                (indent, names(&own).unwrap_or(spelled(above)))
            }
            _ => (String::new(), spelled(above)),
        }
    }

    /// How much deeper than its header a key stands, as the first table of the file that has keys does it.
    fn key_indent(&self) -> String {
        let found = find_table(self.document.as_table(), &mut |table| {
            let header = table.span().filter(|span| !span.is_empty() && !table.is_implicit())?;
            let outer = self.text.indent(header.start);
            let inner = self.text.indent(start_of_leaves(table)?);
            inner.strip_prefix(outer).map(str::to_owned)
        });
        found.unwrap_or_else(|| "  ".to_owned())
    }

    /// How much deeper than the header above it a header stands.
    fn header_step(&self) -> String {
        let found = find_table(self.document.as_table(), &mut |table| {
            let outer = self.text.indent(table.span().filter(|s| !s.is_empty() && !table.is_implicit())?.start);
            let inner = table.iter().find_map(|(_, item)| header_of(item))?;
            self.text.indent(inner.start).strip_prefix(outer).map(str::to_owned)
        });
        found.unwrap_or_default()
    }
}

impl Text {
    /// Behind the comment lines from an offset on, if a blank line or the end follows them; else the offset itself:
    /// comments right above a header are that header's.
    fn comments_end(&self, at: usize) -> usize {
        let mut end = at;
        while self.as_str()[end..].trim_start_matches([' ', '\t']).starts_with('#') {
            end = self.line_end(end);
        }
        let rest = &self.as_str()[end..];
        let ended = rest.is_empty() || rest.lines().next().is_some_and(|line| line.trim().is_empty());
        if ended { end } else { at }
    }

    /// Where root keys go in a file that has none: behind the comment it begins with, else at its beginning.
    fn leading_comment_end(&self) -> usize {
        self.comments_end(0)
    }
}

/// A value as it is written; an empty text if it is none.
pub(super) fn parsed(value: &str) -> Value {
    value.parse().unwrap_or_else(|_| Value::from(""))
}

/// Whether the key goes among the table's own: not below a header that would be new.
fn is_body(above: &[&str], table: &Table, rest: &[&str]) -> bool {
    rest.len() == 1 && (above.is_empty() || !table.is_implicit())
}

fn inline_entry(path: &[&str], value: &str) -> String {
    match path {
        [key] => format!("{} = {value}", quoted_key(key)),
        [key, rest @ ..] => format!("{} = {{ {} }}", quoted_key(key), inline_entry(rest, value)),
        [] => String::new(),
    }
}

/// The first `count` keys of a header as they are spelled in it.
fn header_names(header: &str, count: usize) -> Option<Vec<String>> {
    let inner = header.strip_prefix('[')?.strip_suffix(']')?;
    let keys = toml_edit::Key::parse(inner).ok()?;
    let spelled = keys.iter().take(count).map(|key| key.display_repr().into_owned());
    Some(spelled.collect::<Vec<_>>()).filter(|names| names.len() == count)
}

/// The first header in an item, in the order of the file's tables.
fn header_of(item: &Item) -> Option<Range<usize>> {
    match item {
        Item::Table(table) if !table.is_implicit() => table.span(),
        Item::Table(table) => table.iter().find_map(|(_, item)| header_of(item)),
        _ => None,
    }
}

fn find_table<T>(table: &Table, read: &mut impl FnMut(&Table) -> Option<T>) -> Option<T> {
    read(table).or_else(|| table.iter().find_map(|(_, item)| find_table(item.as_table()?, read)))
}

/// The positions of the values that stand in a table's own lines, those of dotted keys included.
fn own_leaves<'a>(table: &'a dyn TableLike) -> Box<dyn Iterator<Item = (Range<usize>, Range<usize>)> + 'a> {
    Box::new(table.iter().flat_map(move |(name, item)| -> Box<dyn Iterator<Item = _>> {
        match item {
            Item::Table(inner) if inner.is_dotted() => {
                let key = inner.span().unwrap_or_default();
                Box::new(own_leaves(inner).map(move |(_, value)| (key.clone(), value)))
            }
            Item::Value(Value::InlineTable(inner)) if inner.is_dotted() => own_leaves(inner),
            Item::Value(value) => {
                let key = table.get_key_value(name).and_then(|(key, _)| key.span());
                Box::new(key.zip(value.span()).into_iter())
            }
            _ => Box::new(std::iter::empty()),
        }
    }))
}

pub(super) fn end_of_leaves(table: &dyn TableLike) -> Option<usize> {
    own_leaves(table).map(|(_, value)| value.end).max()
}

fn start_of_leaves(table: &dyn TableLike) -> Option<usize> {
    own_leaves(table).map(|(key, _)| key.start).min()
}

/// The end of the last header or value that belongs to a table or to one below it.
pub(super) fn end_of_all(table: &Table) -> Option<usize> {
    let header = table.span().filter(|_| !table.is_implicit()).map(|span| span.end);
    let below = table.iter().filter_map(|(_, item)| match item {
        Item::Table(inner) => end_of_all(inner),
        Item::ArrayOfTables(tables) => tables.iter().filter_map(end_of_all).max(),
        _ => None,
    });
    below.chain(header).chain(end_of_leaves(table)).max()
}

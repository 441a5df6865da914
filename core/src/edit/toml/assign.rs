//! Setting one key with the smallest patch that the file's own style suggests.

use std::ops::Range;

use toml_edit::{Item, Table, TableLike, Value};

use super::super::Text;
use super::{Toml, meaning, quoted_key};
use crate::error::{ErrorKind, Result};

impl Toml {
    /// The file with the key at `path` set to `value`, which is TOML. Tables that are missing are made.
    pub(crate) fn assign(&self, path: &[&str], value: &str) -> Result<Self> {
        let (depth, item) = self.deepest(path);
        let wanted = parsed(value);
        if depth == path.len() && meaning::of(item) == wanted {
            return Self::parse(self.text.clone());
        }
        let mut expected = meaning::of(self.root());
        expected.set(path, Some(wanted));
        let text = match (item, &path[depth..]) {
            (item, []) => self.replaced(path, item, value)?,
            (Item::Value(Value::InlineTable(table)), rest) => self.in_inline(table, rest, value)?,
            (Item::Table(table), rest) if table.is_dotted() => self.after_dotted(table, rest, value),
            (Item::Table(table), [key]) if depth == 0 || !table.is_implicit() => self.in_body(table, key, value),
            (Item::Table(table), rest) => self.as_new_table(table, &path[..depth], rest, value),
            (other, _) => {
                let what = format!("is {}, not a table", other.type_name());
                return Err(self.error(&path[..depth], ErrorKind::Conflict, what));
            }
        };
        self.checked(text, &expected, path)
    }

    /// The deepest item there is on the way along a path, and how many keys lead to it.
    fn deepest(&self, path: &[&str]) -> (usize, &Item) {
        let mut found = (0, self.root());
        for key in path {
            match found.1.as_table_like().and_then(|table| table.get(key)) {
                Some(item) => found = (found.0 + 1, item),
                None => break,
            }
        }
        found
    }

    fn replaced(&self, path: &[&str], item: &Item, value: &str) -> Result<Text> {
        match (item.as_value(), item.span()) {
            (Some(_), Some(span)) => Ok(self.text.with(span, value)),
            _ => Err(self.error(path, ErrorKind::Conflict, format!("is {}, not a value", item.type_name()))),
        }
    }

    fn in_inline(&self, table: &toml_edit::InlineTable, rest: &[&str], value: &str) -> Result<Text> {
        let entry = inline_entry(rest, value);
        let span = table.span().unwrap_or_default();
        let Some(last) = end_of_leaves(table) else {
            return Ok(self.text.with(span, &format!("{{ {entry} }}")));
        };
        self.check_inline_commas()?;
        Ok(self.text.with(last..last, &format!(", {entry}")))
    }

    /// A further line beside `a.b = …` lines, in the same spelling.
    fn after_dotted(&self, table: &Table, rest: &[&str], value: &str) -> Text {
        let key = table.span().unwrap_or_default();
        let prefix = &self.text.as_str()[self.text.line_start(key.start)..key.end];
        let rest: Vec<_> = rest.iter().map(|key| quoted_key(key)).collect();
        let at = self.text.line_end(end_of_leaves(table).unwrap_or(key.end));
        self.text.with_lines(at, &format!("{prefix}.{} = {value}\n", rest.join(".")))
    }

    /// A line in a table that has a header, or among the keys of the root.
    fn in_body(&self, table: &Table, key: &str, value: &str) -> Text {
        let line = |indent: &str| format!("{indent}{} = {value}\n", quoted_key(key));
        if let Some(last) = end_of_leaves(table) {
            let first = start_of_leaves(table).unwrap_or(last);
            return self.text.with_lines(self.text.line_end(last), &line(self.text.indent(first)));
        }
        match table.span().filter(|span| !span.is_empty()) {
            Some(header) => {
                let indent = format!("{}{}", self.text.indent(header.start), self.key_indent());
                self.text.with_lines(self.text.line_end(header.end), &line(&indent))
            }
            None => self.text.with_lines(self.text.leading_comment_end(), &line("")),
        }
    }

    /// A table with a header of its own, behind all that belongs to `table`.
    fn as_new_table(&self, table: &Table, above: &[&str], rest: &[&str], value: &str) -> Text {
        let (key, tables) = rest.split_last().unwrap_or((&"", &[]));
        let (indent, prefix) = self.header_style(table, above);
        let literal =
            prefix.iter().any(|name| name.starts_with('\'')) && !prefix.iter().any(|name| name.starts_with('"'));
        let spelled = |key: &&str| match quoted_key(key) {
            quoted if literal && quoted == format!("\"{key}\"") && !key.contains('\'') => format!("'{key}'"),
            quoted => quoted,
        };
        let header = prefix.iter().cloned().chain(tables.iter().map(spelled)).collect::<Vec<_>>().join(".");
        let keys = self.key_indent();
        let at = match table.span().filter(|_| !above.is_empty()) {
            None if above.is_empty() => self.text.as_str().len(),
            _ => self.text.comments_end(self.text.line_end(end_of_all(table).unwrap_or_default())),
        };
        let blank = if at == 0 { "" } else { "\n" };
        let lines = format!("{blank}{indent}[{header}]\n{indent}{keys}{} = {value}\n", quoted_key(key));
        self.text.with_lines(at, &lines)
    }

    /// Indentation and spelling of a header for a table below `above`, as its neighbours are written.
    fn header_style(&self, table: &Table, above: &[&str]) -> (String, Vec<String>) {
        let spelled = |path: &[&str]| path.iter().map(|key| quoted_key(key)).collect::<Vec<_>>();
        let child = table.iter().find_map(|(_, item)| header_of(item));
        let own = table.span().filter(|span| !span.is_empty() && !table.is_implicit());
        let names = |header: &Range<usize>| header_names(&self.text.as_str()[header.clone()], above.len());
        match (child, own) {
            (Some(child), _) => (self.text.indent(child.start).to_owned(), names(&child).unwrap_or(spelled(above))),
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

fn parsed(value: &str) -> meaning::Meaning {
    value.parse::<Value>().map_or(meaning::Meaning::Leaf(String::new()), |value| meaning::of_value(&value))
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

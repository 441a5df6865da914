//! Taking out a key or a table, with the lines that are only its own.

use std::ops::Range;

use toml_edit::{Item, Table};

use super::assign::end_of_all;
use super::{Toml, meaning};
use crate::error::{ErrorKind, Result};

impl Toml {
    /// The file without the key at `path`. A value takes its line with it, a table its header, its keys, the tables
    /// below it and the blank line above.
    pub(crate) fn remove(&self, path: &[&str]) -> Result<Self> {
        let Some(item) = self.get(path) else { return Self::parse(self.text.clone()) };
        let mut expected = meaning::of(self.root());
        expected.set(path, None);
        let range = match item {
            Item::Value(_) => self.line_of_value(path),
            Item::Table(table) => self.lines_of_table(table),
            _ => None,
        };
        let Some(range) = range else {
            return Err(self.error(path, ErrorKind::Unsupported, "cannot be taken out in the way it is written"));
        };
        let text = self.text.without_lines(range);
        self.checked(text.clone(), &expected, path).or_else(|_| {
            // Tables that existed only by what is gone are gone with it.
            expected.prune(&path[..path.len() - 1]);
            self.checked(text, &expected, path)
        })
    }

    /// The line of a value, if nothing else stands on it.
    fn line_of_value(&self, path: &[&str]) -> Option<Range<usize>> {
        let (last, above) = path.split_last()?;
        let (key, item) = self.get(above)?.as_table_like()?.get_key_value(last)?;
        let start = self.text.line_start(key.span()?.start);
        let first = self.text.as_str()[start..].trim_start();
        let alone = !first.starts_with('{') && !self.get(above)?.is_inline_table();
        alone.then(|| start..self.text.line_end(item.span().map_or(start, |span| span.end)))
    }

    /// The lines of a table with a header and of all below it, if they stand together.
    fn lines_of_table(&self, table: &Table) -> Option<Range<usize>> {
        let header = table.span().filter(|_| !table.is_implicit())?;
        let start = self.text.line_start(header.start);
        let end = self.text.line_end(end_of_all(table)?);
        Some(self.text.line_above_if_blank(start)..end)
    }
}

impl super::super::Text {
    /// Where the line above begins, if it is blank; else where this one does.
    pub(crate) fn line_above_if_blank(&self, start: usize) -> usize {
        let above = self.line_start(start.saturating_sub(1));
        if start > 0 && self.as_str()[above..start].trim().is_empty() { above } else { start }
    }
}

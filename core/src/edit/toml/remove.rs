//! Taking out a key or a table, with the lines that are only its own.

use std::ops::Range;

use toml_edit::{Item, Table, Value};

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
            return Err(self
                .error(path, ErrorKind::Unsupported, "cannot be taken out in the way it is written")
                .with_hint("take it out by hand"));
        };
        let text = self.text.without_lines(range);
        self.checked(text.clone(), &expected, path).or_else(|_| {
            // Tables that existed only by what is gone are gone with it.
            let is_implied = |path: &[&str]| self.get(path).and_then(Item::as_table).is_some_and(Table::is_implicit);
            expected.prune(path, is_implied);
            self.checked(text, &expected, path)
        })
    }

    /// The file with the key at `path` called `name`.
    pub(crate) fn rename(&self, path: &[&str], name: &str) -> Result<Self> {
        let Some((last, above)) = path.split_last() else { return Self::parse(self.text.clone()) };
        let key = self.get(above).and_then(|item| item.as_table_like()?.get_key_value(last));
        let Some((span, item)) = key.and_then(|(key, item)| Some((key.span()?, item))) else {
            return Self::parse(self.text.clone());
        };
        let mut expected = meaning::of(self.root());
        expected.set(path, None);
        expected.set(&above.iter().copied().chain([name]).collect::<Vec<_>>(), Some(meaning::of(item)));
        self.checked(self.text.with(span, &super::quoted_key(name)), &expected, path)
    }

    /// The file with strings in front of those in the list at `path`, which is made if it is not there.
    pub(crate) fn prepend(&self, path: &[&str], new: &[&str]) -> Result<Self> {
        let list = self.get(path).and_then(Item::as_array);
        let Some((list, span)) = list.and_then(|list| Some((list, list.span()?))) else {
            return self.assign(path, &super::quoted_list(new));
        };
        let quoted = new.iter().map(|text| super::quoted(text)).collect::<Vec<_>>();
        let Some(first) = list.get(0).and_then(Value::span) else {
            // Behind what comments an empty list may have.
            let end = span.end - 1;
            let inner = self.text.as_str()[span.start + 1..end].contains('\n');
            let text =
                if inner { format!("  {},\n{}", quoted.join(", "), self.text.indent(end)) } else { quoted.join(", ") };
            return Self::parse(self.text.with(end..end, &text));
        };
        let begins_line = self.text.as_str()[self.text.line_start(first.start)..first.start].trim().is_empty();
        let separator = if begins_line { format!(",\n{}", self.text.indent(first.start)) } else { ", ".to_owned() };
        let text = quoted.iter().fold(String::new(), |text, value| text + value + &separator);
        Self::parse(self.text.with(first.start..first.start, &text))
    }

    /// The file without these strings of the list at `path`.
    pub(crate) fn without_elements(&self, path: &[&str], gone: impl Fn(&str) -> bool) -> Result<Self> {
        let spans = |item: &Item| -> Option<Vec<(bool, Range<usize>)>> {
            let is_gone = |value: &Value| value.as_str().is_some_and(&gone);
            item.as_array()?.iter().map(|value| Some((is_gone(value), value.span()?))).collect()
        };
        let elements = self.get(path).and_then(spans).unwrap_or_default();
        let mut text = self.text.clone();
        for (i, (_, span)) in elements.iter().enumerate().rev().filter(|(_, (is_gone, _))| *is_gone) {
            let stays = |(is_gone, _): &(bool, Range<usize>)| !is_gone;
            let cut = match (elements[..i].iter().rposition(stays), elements.get(i + 1)) {
                (_, Some((_, next))) if elements[i + 1..].iter().any(stays) => span.start..next.start,
                (Some(_), _) => elements[i - 1].1.end..span.end,
                (None, Some((_, next))) => span.start..next.start,
                (None, None) => span.clone(),
            };
            text = text.with(cut, "");
        }
        Self::parse(text)
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

    /// The lines of a table with a header and of all below it, if they stand together; its mark; and one blank line.
    fn lines_of_table(&self, table: &Table) -> Option<Range<usize>> {
        let header = table.span().filter(|_| !table.is_implicit())?;
        let mark = self.mark_above(header.start);
        let start = mark.unwrap_or(self.text.line_start(header.start));
        let end = self.text.line_end(end_of_all(table)?);
        Some(self.text.with_blank_line(start..end, mark.is_some() || start == 0))
    }

    /// The comments among the lines of a table with a header.
    pub(crate) fn comments_in(&self, path: &[&str]) -> Vec<String> {
        let lines = self.get(path).and_then(Item::as_table).and_then(|table| self.lines_of_table(table));
        let lines = self.text.as_str()[lines.unwrap_or_default()].lines();
        let comment = |line: &str| {
            let behind = line.rfind(['"', '\'', ']']).unwrap_or(0);
            line[behind..].find('#').map(|at| line[behind + at..].trim().to_owned())
        };
        lines.filter_map(comment).filter(|comment| comment != MARK).collect()
    }

    /// Behind the last line of a table with a header and of all below it.
    pub(crate) fn end_of(&self, path: &[&str]) -> Option<usize> {
        let end = self.get(path).and_then(Item::as_table).and_then(end_of_all)?;
        Some(self.text.line_end(end))
    }

    /// Whether the line above a table's header says that this library made the table.
    pub(crate) fn is_marked(&self, path: &[&str]) -> bool {
        self.get(path).and_then(Item::span).is_some_and(|header| self.mark_above(header.start).is_some())
    }

    /// The file with such a line above the header of a table.
    pub(crate) fn marked(&self, path: &[&str]) -> Result<Self> {
        let header = self.get(path).and_then(Item::as_table).filter(|table| !table.is_implicit()).and_then(Table::span);
        let Some(header) = header else { return Self::parse(self.text.clone()) };
        let at = self.text.line_start(header.start);
        Self::parse(self.text.with(at..at, &format!("{}{MARK}\n", self.text.indent(at))))
    }

    fn mark_above(&self, at: usize) -> Option<usize> {
        let above = self.text.line_start(self.text.line_start(at).checked_sub(1)?);
        (self.text.as_str()[above..at].lines().next()?.trim() == MARK).then_some(above)
    }
}

/// The comment above a table that this library made and may take out again.
pub(crate) const MARK: &str = "# regconf";

impl super::super::Text {
    /// The lines with the blank line above them, else, if wanted, with the one below.
    fn with_blank_line(&self, lines: Range<usize>, or_below: bool) -> Range<usize> {
        // Only a line that is wholly empty: one with blanks in it is not ours.
        let is_blank = |range: Range<usize>| matches!(&self.as_str()[range], "\n" | "\r\n");
        let above = self.line_start(lines.start.saturating_sub(1));
        let below = self.line_end(lines.end);
        match lines {
            Range { start, end } if is_blank(above..start) => above..end,
            Range { start, end } if or_below && is_blank(end..below) => start..below,
            lines => lines,
        }
    }
}

//! Taking out a key or a table, with the lines that are only its own.

use std::collections::BTreeMap;
use std::ops::Range;

use toml_edit::{Array, Item, Table, Value};

use super::super::Text;
use super::Toml;
use super::assign::end_of_all;
use super::expected::{Becomes, Expected};
use crate::error::{ErrorKind, Result};

impl Toml {
    /// Enters the lines of a key or a table as gone.
    pub(super) fn take_out(&self, path: &[&str], item: &Item, gone: &mut Gone) -> Result<()> {
        let taken = match item {
            Item::Value(_) => self.line_of_value(path).map(|line| gone.insert(line)),
            Item::Table(table) => self.take_lines_of_table(table, gone),
            _ => None,
        };
        taken.ok_or_else(|| {
            self.error(path, ErrorKind::Unsupported, "cannot be taken out in the way it is written")
                .with_hint("take it out by hand")
        })
    }

    /// The file with the key at `path`, which has a value, called `name`.
    pub(crate) fn rename(&self, path: &[&str], name: &str) -> Result<Self> {
        let Some((last, above)) = path.split_last() else { return Ok(self.clone()) };
        let key = self.get(above).and_then(|item| item.as_table_like()?.get_key_value(last));
        let Some((span, value)) = key.and_then(|(key, item)| Some((key.span()?, item.as_value()?))) else {
            return Ok(self.clone());
        };
        let mut expected = Expected::default();
        expected.set(path, Becomes::Gone);
        expected.set(&above.iter().copied().chain([name]).collect::<Vec<_>>(), Becomes::Value(value.clone()));
        self.checked(self.text.with(span, &super::quoted_key(name)), &expected, path)
    }

    /// The patches by which a list loses some of its values and gets strings in front.
    pub(super) fn patches_of_list(
        &self,
        list: &Array,
        is_gone: &dyn Fn(&Value) -> bool,
        first: &[String],
    ) -> Vec<(Range<usize>, String)> {
        let element = |value: &Value| Some((is_gone(value), value.span()?));
        let elements: Vec<_> = list.iter().filter_map(element).collect();
        let mut patches: Vec<_> = cuts(&elements).map(|cut| (cut, String::new())).collect();
        if !first.is_empty() {
            patches.push(self.in_front(list.span().unwrap_or_default(), &elements, first));
        }
        patches
    }

    /// Strings in front of the elements that stay, as these are laid out.
    fn in_front(&self, list: Range<usize>, elements: &[Element], new: &[String]) -> (Range<usize>, String) {
        let new: Vec<_> = new.iter().map(|text| super::quoted(text)).collect();
        let Some((_, first)) = elements.first().filter(|_| elements.iter().any(stays)) else {
            // Behind what comments an empty list may have.
            let end = list.end - 1;
            let gone = elements.first().zip(elements.last()).map_or(end..end, |(a, b)| a.1.start..b.1.end);
            let body = self.text.as_str();
            let has_lines = body[list.start + 1..gone.start].contains('\n') || body[gone.end..end].contains('\n');
            let new = new.join(", ");
            return (end..end, if has_lines { format!("  {new},\n{}", self.text.indent(end)) } else { new });
        };
        let begins_line = self.text.as_str()[self.text.line_start(first.start)..first.start].trim().is_empty();
        let separator = if begins_line { format!(",\n{}", self.text.indent(first.start)) } else { ", ".to_owned() };
        (first.start..first.start, new.iter().flat_map(|value| [value.as_str(), &separator]).collect())
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

    /// The lines of a table with a header and of all below it, if they stand together, and its mark.
    fn lines_of_table(&self, table: &Table) -> Option<Range<usize>> {
        let header = table.span().filter(|_| !table.is_implicit())?;
        let start = self.mark_above(header.start).unwrap_or(self.text.line_start(header.start));
        Some(start..self.text.line_end(end_of_all(table)?))
    }

    /// The same as gone, with one blank line.
    fn take_lines_of_table(&self, table: &Table, gone: &mut Gone) -> Option<()> {
        let lines = self.lines_of_table(table)?;
        let (top, bottom) = (gone.above(lines.start), gone.below(lines.end));
        let is_marked = self.mark_above(table.span()?.start).is_some();
        let above = self.text.line_start(top.saturating_sub(1))..top;
        let below = bottom..self.text.line_end(bottom);
        // Only a line that is wholly empty: one with blanks in it is not ours.
        let is_blank = |line: &Range<usize>| matches!(&self.text.as_str()[line.clone()], "\n" | "\r\n");
        gone.insert(lines);
        if is_blank(&above) {
            gone.insert(above);
        } else if (is_marked || top == 0) && is_blank(&below) {
            gone.insert(below);
        }
        Some(())
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

    fn mark_above(&self, at: usize) -> Option<usize> {
        let above = self.text.line_start(self.text.line_start(at).checked_sub(1)?);
        (self.text.as_str()[above..at].lines().next()?.trim() == MARK).then_some(above)
    }
}

/// The comment above a table that this library made and may take out again.
pub(crate) const MARK: &str = "# regconf";

/// An element of a list: whether it goes, and where it stands.
type Element = (bool, Range<usize>);

fn stays((is_gone, _): &Element) -> bool {
    !is_gone
}

/// The elements that go, with their commas.
fn cuts(elements: &[Element]) -> impl Iterator<Item = Range<usize>> {
    let (first, last) = (elements.iter().position(stays), elements.iter().rposition(stays));
    let going = elements.iter().enumerate().filter(|(_, element)| !stays(element));
    going.map(move |(i, (_, span))| match elements.get(i + 1) {
        Some((_, next)) if last.is_none_or(|last| i < last) => span.start..next.start,
        _ if first.is_some() => elements[i - 1].1.end..span.end,
        _ => span.clone(),
    })
}

/// Whole lines that go.
#[derive(Default)]
pub(super) struct Gone {
    /// Where they begin and end; lines that touch are one entry.
    lines: BTreeMap<usize, usize>,
}

impl Gone {
    pub(super) fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    fn insert(&mut self, lines: Range<usize>) {
        let (start, end) = (self.above(lines.start), self.below(lines.end));
        self.lines.remove(&lines.end);
        self.lines.insert(start, end);
    }

    /// The offset, or where the lines that go right above it begin.
    fn above(&self, at: usize) -> usize {
        self.lines.range(..at).next_back().filter(|(_, end)| **end == at).map_or(at, |(start, _)| *start)
    }

    /// The offset, or where the lines that go right below it end.
    fn below(&self, at: usize) -> usize {
        self.lines.get(&at).copied().unwrap_or(at)
    }

    /// What goes of a text. A file without a final newline stays without one.
    pub(super) fn ranges(&self, text: &Text) -> impl Iterator<Item = Range<usize>> {
        self.lines.iter().map(|(start, end)| text.gone_with_lines(*start..*end))
    }
}

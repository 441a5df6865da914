//! Changes of many keys in one go: each a patch of the text as it was read, and all of them checked together.
//!
//! What comes out is what the changes would make one after the other, each of the text that the one before it has left.
//! A change whose place or style depends on one before it waits for the next round, in which the text is read again. Such
//! rounds are few: the first of several tables beside each other makes the place for the others.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use toml_edit::{InlineTable, TableLike};

use super::Toml;
use super::assign::{self, Growth};
use super::expected::{Becomes, Expected, is_value};
use super::remove::Gone;
use crate::error::Result;

/// The change of one key.
#[derive(Clone, Debug)]
pub(crate) struct Change {
    path: Vec<String>,
    kind: Kind,
}

#[derive(Clone, Debug)]
enum Kind {
    /// The key has this value, which is TOML; a table that is made for it gets the mark if that is wanted.
    Set { value: String, is_marked: bool },
    /// The list lacks some strings and begins with others; made like a value if it is not there.
    List { gone: Vec<String>, first: Vec<String>, is_marked: bool },
    /// The key is gone.
    Remove,
}

impl Change {
    /// The key has this value, which is TOML. Tables that are missing are made.
    pub(crate) fn set(path: &[&str], value: impl Into<String>) -> Self {
        Self::new(path, Kind::Set { value: value.into(), is_marked: false })
    }

    /// The list is without some strings and has others in front, in the order given.
    pub(crate) fn list(path: &[&str], gone: Vec<String>, first: Vec<String>) -> Self {
        Self::new(path, Kind::List { gone, first, is_marked: false })
    }

    /// The key is gone. A value takes its line with it, a table its header, its keys, the tables below it and the blank
    /// line above.
    pub(crate) fn remove(path: &[&str]) -> Self {
        Self::new(path, Kind::Remove)
    }

    /// The same, with a line that says that this library made it above the header of the table that holds the key, if
    /// that is made now.
    pub(crate) fn marked(mut self) -> Self {
        if let Kind::Set { is_marked, .. } | Kind::List { is_marked, .. } = &mut self.kind {
            *is_marked = true;
        }
        self
    }

    fn new(path: &[&str], kind: Kind) -> Self {
        Self { path: path.iter().map(|key| (*key).to_owned()).collect(), kind }
    }
}

impl Toml {
    /// The file with all these changes, in the order given.
    pub(crate) fn changed(&self, changes: &[Change]) -> Result<Self> {
        let mut toml = Cow::Borrowed(self);
        let mut rest = changes;
        while !rest.is_empty() {
            let mut round = Round::new(&toml);
            let taken = round.take_all(rest)?;
            let made = match round.done(&rest[0]) {
                // Which of them it is, and what can be said of it, shows when they are made one by one.
                Err(_) if taken > 1 => Some(toml.one_by_one(&rest[..taken])?),
                made => made?,
            };
            rest = &rest[taken..];
            if let Some(made) = made {
                toml = Cow::Owned(made);
            }
        }
        Ok(toml.into_owned())
    }

    /// The file with whole lines put in at the beginning of a line: tables below one in the root, each with a header.
    pub(crate) fn with_tables(&self, at: usize, lines: &str) -> Result<Self> {
        let mut expected = Expected::default();
        let new = Self::parse(self.text.with(0..self.text.as_str().len(), lines))?;
        for (name, item) in new.document.as_table() {
            for (key, item) in item.as_table_like().into_iter().flat_map(TableLike::iter) {
                let value = item.clone().into_value().unwrap_or_else(|_| InlineTable::new().into());
                expected.set(&[name, key], Becomes::Value(value));
            }
        }
        self.checked(self.text.with_lines(at, lines), &expected, &[])
    }

    fn one_by_one(&self, changes: &[Change]) -> Result<Self> {
        changes.iter().try_fold(self.clone(), |toml, change| toml.changed(std::slice::from_ref(change)))
    }
}

/// Changes that do not depend on each other.
pub(super) struct Round<'a> {
    pub(super) toml: &'a Toml,
    expected: Expected,
    patches: Vec<(Range<usize>, String)>,
    /// What is added to tables, by their paths.
    grown: BTreeMap<Vec<String>, Growth>,
    /// Where that is.
    places: BTreeSet<usize>,
    gone: Gone,
    /// How much deeper than its header a key stands.
    pub(super) key_indent: OnceCell<String>,
}

impl<'a> Round<'a> {
    fn new(toml: &'a Toml) -> Self {
        Self {
            toml,
            expected: Expected::default(),
            patches: Vec::new(),
            grown: BTreeMap::new(),
            places: BTreeSet::new(),
            gone: Gone::default(),
            key_indent: OnceCell::new(),
        }
    }

    /// Takes changes as long as they do not depend on those before, and tells how many; one at least.
    fn take_all(&mut self, changes: &[Change]) -> Result<usize> {
        for (i, change) in changes.iter().enumerate() {
            let path: Vec<_> = change.path.iter().map(String::as_str).collect();
            if !self.take(&path, &change.kind)? {
                return Ok(i);
            }
        }
        Ok(changes.len())
    }

    fn take(&mut self, path: &[&str], kind: &Kind) -> Result<bool> {
        match kind {
            Kind::Set { value, is_marked } => self.set(path, value, *is_marked),
            Kind::List { gone, first, is_marked } => self.list(path, gone, first, *is_marked),
            Kind::Remove => self.remove(path),
        }
    }

    fn set(&mut self, path: &[&str], value: &str, is_marked: bool) -> Result<bool> {
        let wanted = assign::parsed(value);
        let (depth, item) = self.toml.deepest(path);
        match (self.expected.shared(path), self.expected.value(path)) {
            (None, Some(known)) => return Ok(is_value(&toml_edit::Item::Value(known.clone()), &wanted)),
            // Below what is new in this round there is nothing to go by yet.
            (shared, _) if shared.is_none_or(|shared| shared > depth) => return Ok(false),
            _ if depth == path.len() && is_value(item, &wanted) => return Ok(true),
            _ => {}
        }
        let taken = match &path[depth..] {
            [] => self.patch(self.toml.span_of_value(path, item)?, value.to_owned()),
            rest => self.grow(&path[..depth], item, rest, value, is_marked)?,
        };
        if taken {
            self.expected.set(path, Becomes::Value(wanted));
        }
        Ok(taken)
    }

    fn list(&mut self, path: &[&str], gone: &[String], first: &[String], is_marked: bool) -> Result<bool> {
        let Some(list) = self.toml.get(path).and_then(toml_edit::Item::as_array) else {
            return if first.is_empty() { Ok(true) } else { self.set(path, &super::quoted_list(first), is_marked) };
        };
        if self.expected.shared(path).is_none() {
            return Ok(false);
        }
        let is_gone =
            |value: &toml_edit::Value| value.as_str().is_some_and(|text| gone.iter().any(|gone| gone == text));
        let patches = self.toml.patches_of_list(list, &is_gone, first);
        if patches.is_empty() {
            return Ok(true);
        }
        let kept = list.iter().filter(|value| !is_gone(value)).cloned();
        let expected = first.iter().map(toml_edit::Value::from).chain(kept).collect();
        self.patches.extend(patches);
        self.expected.set(path, Becomes::Value(expected));
        Ok(true)
    }

    fn remove(&mut self, path: &[&str]) -> Result<bool> {
        let Some(item) = self.toml.get(path) else { return Ok(true) };
        if !self.grown.is_empty() || self.expected.shared(path).is_none() {
            return Ok(false);
        }
        self.toml.take_out(path, item, &mut self.gone)?;
        self.expected.set(path, Becomes::Gone);
        Ok(true)
    }

    /// Puts a key into a table, or into tables that are made below it.
    fn grow(
        &mut self,
        above: &[&str],
        item: &toml_edit::Item,
        rest: &[&str],
        value: &str,
        is_marked: bool,
    ) -> Result<bool> {
        if !self.gone.is_empty() {
            return Ok(false);
        }
        let owned: Vec<_> = above.iter().map(|key| (*key).to_owned()).collect();
        if let Some(known) = self.grown.get(&owned) {
            let (place, text) = (known.place(), known.text(self.toml, rest, value, is_marked));
            return Ok(known.again(rest) && self.patch(place, text));
        }
        let growth = Growth::of(self, above, item, rest)?;
        let (place, text) = (growth.place(), growth.text(self.toml, rest, value, is_marked));
        self.grown.insert(owned, growth);
        Ok(self.places.insert(place.end) && self.patch(place, text))
    }

    fn patch(&mut self, range: Range<usize>, new: String) -> bool {
        self.patches.push((range, new));
        true
    }

    /// The file with the changes; `None` if it has all of them already.
    fn done(mut self, first: &Change) -> Result<Option<Toml>> {
        let gone = self.gone.ranges(self.toml.text());
        self.patches.extend(gone.map(|range| (range, String::new())));
        if self.patches.is_empty() {
            return Ok(None);
        }
        self.patches.sort_by_key(|(range, _)| (range.start, range.end));
        let text = self.toml.text().patched(self.patches.iter().map(|(range, new)| (range.clone(), new.as_str())));
        let path: Vec<_> = first.path.iter().map(String::as_str).collect();
        self.toml.checked(text, &self.expected, &path).map(Some)
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::Text;
    use super::*;

    fn list(path: &[&str], gone: &[&str], first: &[&str]) -> Change {
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        Change::list(path, owned(gone), owned(first)).marked()
    }

    fn all_changes() -> [Vec<Change>; 3] {
        let new = vec![
            list(&["t", "m", "a", "e"], &["x"], &["y"]),
            Change::set(&["t", "c", "a", "k", "s"], "true").marked(),
            list(&["t", "m", "b", "e"], &[], &["y", "z"]),
            Change::set(&["t", "c", "b", "k", "s"], "true").marked(),
            list(&["t", "m", "d", "e"], &[], &["y"]),
            Change::set(&["t", "c", "a", "k", "s"], "true").marked(),
            Change::set(&["t", "c", "a", "k", "s"], "false"),
        ];
        let gone = [["t", "m", "a"].as_slice(), &["t", "m", "b"], &["t", "c", "a", "k"], &["t", "m", "d"], &["v"]];
        let gone: Vec<_> = gone.into_iter().map(Change::remove).collect();
        let back = gone.iter().rev().cloned().chain([list(&["t", "m", "n", "e"], &[], &["y"])]).collect();
        [new, gone, back]
    }

    /// Every file of three of these pieces that is TOML, with a final newline and without.
    #[test]
    fn changes_together_are_changes_one_by_one() {
        let pieces = [
            "v = 1\n",
            "\n",
            "# c\n",
            "[t.m]\n",
            "  # regconf\n  [t.m.a]\n    e = ['x', 'w']\n",
            "# regconf\n[t.m.b]\ne = []\n",
            "[t.c.a.k]\r\n  s = true\r\n",
            "[z]\n q = 1\n",
            "t.m.d.e = ['y']\n",
            "t = { m = { a = { e = ['x'] } } }\n",
        ];
        let all_changes = all_changes();
        let mut made = 0;
        for number in 0..2 * pieces.len().pow(3) {
            let digits = (0..3_u32).map(|place| number / pieces.len().pow(place) % pieces.len());
            let text: String = digits.map(|digit| pieces[digit]).collect();
            let text = if number < pieces.len().pow(3) { text.as_str() } else { text.trim_end() };
            let Ok(toml) = Toml::parse(Text::new("f", text.as_bytes()).unwrap()) else { continue };
            for changes in &all_changes {
                let together = toml.changed(changes).map(|toml| toml.text().as_str().to_owned());
                let one_by_one = toml.one_by_one(changes).map(|toml| toml.text().as_str().to_owned());
                made += usize::from(together.is_ok());
                match (together, one_by_one) {
                    (Err(_), Err(_)) => {}
                    (together, one_by_one) => assert_eq!(together, one_by_one, "of {text:?} by {changes:?}"),
                }
            }
        }
        assert!(made > 1500, "{made}");
    }

    /// However many tables are new, the text is read again a fixed number of times.
    #[test]
    fn many_tables_need_few_rounds() {
        let rounds = |count: usize| {
            let names: Vec<_> = (0..count).map(|i| format!("r{i}")).collect();
            let new = names.iter().flat_map(|name| {
                let tls = Change::set(&["t", "c", name, "k", "s"], "true").marked();
                [list(&["t", "m", name, "e"], &[], &["y"]), tls]
            });
            let new: Vec<_> = new.collect();
            let gone: Vec<_> = names.iter().map(|name| Change::remove(&["t", "m", name])).collect();
            let toml = Toml::parse(Text::new("f", b"[t]\n").unwrap()).unwrap();
            let mut made = 0;
            let mut rest = [new, gone].concat();
            let mut toml = Cow::Borrowed(&toml);
            while !rest.is_empty() {
                let mut round = Round::new(&toml);
                let taken = round.take_all(&rest).unwrap();
                toml = Cow::Owned(round.done(&rest[0]).unwrap().unwrap());
                rest.drain(..taken);
                made += 1;
            }
            made
        };
        assert_eq!((rounds(10), rounds(100)), (rounds(5), rounds(5)));
    }
}

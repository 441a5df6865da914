//! What a changed TOML text must mean: what the old one did, but for the keys that are changed.

use std::collections::BTreeMap;

use toml_edit::{Item, TableLike, Value};

/// The changes of some keys, as the tree of these keys.
#[derive(Debug, Default)]
pub(super) struct Expected {
    here: Option<Becomes>,
    below: BTreeMap<String, Expected>,
}

/// What becomes of a key.
#[derive(Debug)]
pub(super) enum Becomes {
    Value(Value),
    Gone,
}

impl Expected {
    /// Enters what becomes of the key at a path.
    pub(super) fn set(&mut self, path: &[&str], becomes: Becomes) {
        match path {
            [] => self.here = Some(becomes),
            [key, rest @ ..] => self.below.entry((*key).to_owned()).or_default().set(rest, becomes),
        }
    }

    /// How many keys of a path lead to other changes; `None` if a change is on the path itself or below it.
    pub(super) fn shared(&self, path: &[&str]) -> Option<usize> {
        match (self.here.is_some() || path.is_empty(), path.split_first()) {
            (false, Some((key, rest))) => match self.below.get(*key) {
                Some(inner) => inner.shared(rest).map(|shared| shared + 1),
                None => Some(0),
            },
            _ => None,
        }
    }

    /// The value that a path gets.
    pub(super) fn value(&self, path: &[&str]) -> Option<&Value> {
        let found = path.iter().try_fold(self, |expected, key| expected.below.get(*key))?;
        match &found.here {
            Some(Becomes::Value(value)) => Some(value),
            _ => None,
        }
    }

    /// Whether the new item means what the old one does with the changes.
    pub(super) fn holds(&self, old: Option<&Item>, new: Option<&Item>) -> bool {
        match &self.here {
            Some(Becomes::Value(value)) => new.is_some_and(|new| is_value(new, value)),
            Some(Becomes::Gone) => new.is_none(),
            None if self.below.is_empty() => match (old, new) {
                (Some(old), Some(new)) => is_same(old, new),
                (old, new) => old.is_none() && new.is_none(),
            },
            None => self.holds_below(old, new),
        }
    }

    fn holds_below(&self, old: Option<&Item>, new: Option<&Item>) -> bool {
        let of_old = old.and_then(Item::as_table_like);
        let Some(of_new) = new.and_then(Item::as_table_like) else {
            // A table that existed only by what is gone is gone with it.
            let is_implied = old.and_then(Item::as_table).is_some_and(toml_edit::Table::is_implicit);
            let all_go = of_old.is_some_and(|old| old.iter().all(|(key, _)| self.below.contains_key(key)));
            return new.is_none() && is_implied && all_go && self.children(of_old, None);
        };
        let untouched = |(key, _): &(&str, &Item)| !self.below.contains_key(*key);
        let mut others = of_old.into_iter().flat_map(TableLike::iter).filter(untouched).peekable();
        let mut count = self.below.keys().filter(|key| of_new.contains_key(key)).count();
        let is_kept = |(key, old): (&str, &Item)| {
            count += 1;
            of_new.get(key).is_some_and(|new| is_same(old, new))
        };
        others.all(is_kept) && count == of_new.len() && self.children(of_old, Some(of_new))
    }

    fn children(&self, old: Option<&dyn TableLike>, new: Option<&dyn TableLike>) -> bool {
        self.below.iter().all(|(key, inner)| inner.holds(old.and_then(|t| t.get(key)), new.and_then(|t| t.get(key))))
    }
}

/// Whether two items mean the same, however they are spelled and in whatever order their keys stand.
pub(super) fn is_same(a: &Item, b: &Item) -> bool {
    match (a, b) {
        (Item::ArrayOfTables(a), Item::ArrayOfTables(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| is_same_table(a, b))
        }
        (Item::Value(a), Item::Value(b)) => is_same_value(a, b),
        (a, b) => a.as_table_like().zip(b.as_table_like()).is_some_and(|(a, b)| is_same_table(a, b)),
    }
}

/// Whether an item means a value.
pub(super) fn is_value(item: &Item, value: &Value) -> bool {
    match (item.as_value(), item.as_table_like(), value.as_inline_table()) {
        (Some(item), _, _) => is_same_value(item, value),
        (None, Some(item), Some(table)) => is_same_table(item, table),
        _ => false,
    }
}

fn is_same_value(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::String(a), Value::String(b)) => a.value() == b.value(),
        (Value::Integer(a), Value::Integer(b)) => a.value() == b.value(),
        (Value::Float(a), Value::Float(b)) => a.value().to_bits() == b.value().to_bits(),
        (Value::Boolean(a), Value::Boolean(b)) => a.value() == b.value(),
        (Value::Datetime(a), Value::Datetime(b)) => a.value() == b.value(),
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| is_same_value(a, b)),
        (Value::InlineTable(a), Value::InlineTable(b)) => is_same_table(a, b),
        _ => false,
    }
}

fn is_same_table(a: &dyn TableLike, b: &dyn TableLike) -> bool {
    a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| is_same(a, b)))
}

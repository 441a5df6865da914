//! What a TOML text means, its spelling left out.

use std::collections::BTreeMap;

use toml_edit::{Item, TableLike, Value};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    Leaf(String),
    List(Vec<Meaning>),
    Table(BTreeMap<String, Meaning>),
}

pub(super) fn of(item: &Item) -> Meaning {
    match item {
        Item::None => Meaning::Table(BTreeMap::new()),
        Item::Value(value) => of_value(value),
        Item::Table(table) => of_table(table),
        Item::ArrayOfTables(tables) => Meaning::List(tables.iter().map(|t| of_table(t)).collect()),
    }
}

pub(super) fn of_value(value: &Value) -> Meaning {
    match value {
        Value::String(text) => Meaning::Leaf(format!("{:?}", text.value())),
        Value::Array(array) => Meaning::List(array.iter().map(of_value).collect()),
        Value::InlineTable(table) => of_table(table),
        other => Meaning::Leaf(other.clone().decorated("", "").to_string()),
    }
}

fn of_table(table: &dyn TableLike) -> Meaning {
    Meaning::Table(table.iter().map(|(key, item)| (key.to_owned(), of(item))).collect())
}

impl Meaning {
    /// Sets what stands at a path, making the tables above it; `None` takes it out.
    pub(super) fn set(&mut self, path: &[&str], value: Option<Meaning>) {
        let (Meaning::Table(table), [key, rest @ ..]) = (self, path) else { return };
        match (rest, value) {
            ([], Some(value)) => drop(table.insert((*key).to_owned(), value)),
            ([], None) => drop(table.remove(*key)),
            (rest, None) => {
                if let Some(inner) = table.get_mut(*key) {
                    inner.set(rest, None);
                }
            }
            (rest, some) => {
                table.entry((*key).to_owned()).or_insert_with(|| Meaning::Table(BTreeMap::new())).set(rest, some);
            }
        }
    }

    /// Takes out the tables above a path that are empty and that `goes` with what was in them, the innermost first.
    pub(super) fn prune(&mut self, path: &[&str], goes: impl Fn(&[&str]) -> bool) {
        for depth in (1..path.len()).rev() {
            let above = &path[..depth];
            if !self.is_empty_table(above) || !goes(above) {
                return;
            }
            self.set(above, None);
        }
    }

    fn is_empty_table(&self, path: &[&str]) -> bool {
        match (self, path) {
            (Meaning::Table(table), []) => table.is_empty(),
            (Meaning::Table(table), [key, rest @ ..]) => {
                table.get(*key).is_some_and(|inner| inner.is_empty_table(rest))
            }
            _ => false,
        }
    }
}

//! Values for which containerd ignores a whole hosts.toml, without a word to whoever pulls.

use toml_edit::{Item, TableLike, Value};

use super::super::version::Version;
use super::Reader;
use crate::edit::toml::Toml;
use crate::error::{ErrorKind, Result};

/// Whether containerd can decode the file (`parseHostConfig`).
pub(super) fn check(toml: &Toml, reader: Reader) -> Result<()> {
    toml.str(&["server"])?;
    check_brackets(toml, reader)?;
    let hosts = toml.table(&["host"])?.into_iter().flat_map(|hosts| hosts.iter());
    let tables = hosts.filter_map(|(key, item)| Some((vec!["host", key], item.as_table_like()?)));
    for (path, table) in
        std::iter::once((Vec::new(), toml.root().as_table_like())).chain(tables.map(|(p, t)| (p, Some(t))))
    {
        let Some(table) = table else { continue };
        if let Some((key, wants)) = fault(table, reader) {
            let path: Vec<_> = path.into_iter().chain([key]).collect();
            return Err(toml
                .error(&path, ErrorKind::Conflict, format!("is {}, not {wants}", shown(table.get(key))))
                .with_hint("containerd ignores this file as it is; correct it first"));
        }
    }
    Ok(())
}

/// Whether the parser of 1.x fails at a table's header with this text.
pub(in super::super) fn has_bracket(text: &str) -> bool {
    text.contains(['[', ']'])
}

/// The parser of 1.x cannot find a host with brackets again.
fn check_brackets(toml: &Toml, reader: Reader) -> Result<()> {
    let mut keys = toml.table(&["host"])?.into_iter().flat_map(|hosts| hosts.iter().map(|(key, _)| key));
    match keys.find(|key| has_bracket(key)).filter(|_| reader.is_before(Version(2, 0, 0))) {
        None => Ok(()),
        Some(key) => {
            let what = "is an address in brackets, for which containerd 1.x ignores the whole file";
            Err(toml.error(&["host", key], ErrorKind::Conflict, what).with_hint("use a name or an IPv4 address for it"))
        }
    }
}

/// The value as it is written.
fn shown(item: Option<&Item>) -> String {
    item.and_then(Item::as_value).map_or_else(|| "a table".to_owned(), |value| value.to_string().trim().to_owned())
}

/// A key, what its value has to be, and the test for it.
type Rule<'a> = (&'static str, &'static str, &'a dyn Fn(&Item) -> bool);

/// The first key whose value is of the wrong kind, and what it should be.
fn fault(table: &dyn TableLike, reader: Reader) -> Option<(&'static str, &'static str)> {
    let wrong = |key: &str, is_right: &dyn Fn(&Item) -> bool| table.get(key).is_some_and(|item| !is_right(item));
    let rules: [Rule<'_>; 6] = [
        ("skip_verify", "true or false", &|item| item.as_bool().is_some()),
        ("override_path", "true or false", &|item| item.as_bool().is_some()),
        ("capabilities", "a list of pull, resolve, push and (from containerd 2.2 on) referrers", &|item| {
            item.as_array().is_some_and(|list| list.iter().all(|name| is_capability(name, reader)))
        }),
        ("ca", "a string or a list of strings", &|item| item.as_str().is_some() || is_list(item, &Value::is_str)),
        ("client", "a string, a list of strings or a list of pairs", &|item| {
            item.as_str().is_some() || is_list(item, &|value| value.is_str() || value.is_array())
        }),
        ("header", "a table", &|item| item.as_table_like().is_some()),
    ];
    rules.into_iter().find(|(key, _, is_right)| wrong(key, *is_right)).map(|(key, wants, _)| (key, wants))
}

fn is_list(item: &Item, is_right: &dyn Fn(&Value) -> bool) -> bool {
    item.as_array().is_some_and(|list| list.iter().all(is_right))
}

/// containerd compares without letter case.
fn is_capability(name: &Value, reader: Reader) -> bool {
    let known = |name: &str| match name.to_ascii_lowercase().as_str() {
        "pull" | "resolve" | "push" => true,
        "referrers" => !reader.is_before(Version(2, 2, 0)),
        _ => false,
    };
    name.as_str().is_some_and(known)
}

//! YAML as a tree that knows its lines.
//!
//! `serde-saphyr` reads it: merge keys, anchors, tags, and limits against documents that grow when they are read. What is
//! added here is that scalars keep their spelling, as ports, versions and passwords are told in numbers too, and that a
//! key given twice is kept, for Ansible takes the last one.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::{DuplicateKeyPolicy, NonFiniteFloatPolicy, Spanned, Tagged};

use crate::error::{Error, ErrorKind, Result};

use super::remark::{Place, RemarkKind, Remarks};
use super::source::Source;

/// How much aliases may make of a document. A large inventory has some ten thousand values.
const MOST_REPEATED: usize = 50_000;

/// How deep a document may go: the deepest inventory has some 16 levels. Each takes room on the stack.
const DEEPEST: usize = 24;

/// A value, and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Yaml {
    /// Counted from 1.
    pub(super) line: usize,
    /// A tag that is not one of YAML's own, such as `!vault`.
    pub(super) tag: Option<String>,
    pub(super) content: Content,
}

/// What a value is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Content {
    Null,
    Bool(bool),
    /// As it is spelled.
    Number(String),
    Text(String),
    List(Vec<Yaml>),
    /// Keys in their order, each once.
    Map(Vec<Key>),
}

/// A key of a map with its value.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Key {
    pub(super) name: String,
    pub(super) line: usize,
    pub(super) value: Yaml,
}

impl Yaml {
    /// Reads a document. Keys given twice are remarked on; the last one counts.
    pub(super) fn parse(source: &Source, remarks: &mut Remarks) -> Result<Self> {
        let mut duplicates = Vec::new();
        let yaml = parse(source.as_str(), &mut duplicates)?;
        for (line, key) in duplicates {
            let text = "is given twice in its map; the last one counts";
            remarks.add(RemarkKind::Ineffective, &source.place(line, key), text);
        }
        Ok(yaml)
    }

    /// Reads a text that stands in a line of another form.
    pub(super) fn parse_value(text: &str, line: usize) -> Result<Self> {
        let mut yaml = parse(text, &mut Vec::new())?;
        yaml.place_at(line);
        Ok(yaml)
    }

    /// A text that stands in a line of another form.
    pub(super) fn text(text: impl Into<String>, line: usize) -> Self {
        Self { line, tag: None, content: Content::Text(text.into()) }
    }

    /// The value of a key, if this is a map that has it.
    pub(super) fn get(&self, name: &str) -> Option<&Self> {
        self.keys().iter().find(|key| key.name == name).map(|key| &key.value)
    }

    /// The value at the end of a way through maps.
    pub(super) fn at(&self, way: &[&str]) -> Option<&Self> {
        way.iter().try_fold(self, |yaml, name| yaml.get(name))
    }

    /// The keys of a map; none for anything else.
    pub(super) fn keys(&self) -> &[Key] {
        if let Content::Map(keys) = &self.content { keys } else { &[] }
    }

    /// The entries of a list; none for anything else.
    pub(super) fn items(&self) -> &[Self] {
        if let Content::List(items) = &self.content { items } else { &[] }
    }

    /// A scalar as text, a number and a truth value as they are spelled in JSON or here.
    pub(super) fn scalar(&self) -> Option<&str> {
        match &self.content {
            Content::Text(text) | Content::Number(text) => Some(text),
            Content::Bool(true) => Some("true"),
            Content::Bool(false) => Some("false"),
            Content::Null | Content::List(_) | Content::Map(_) => None,
        }
    }

    pub(super) fn is_null(&self) -> bool {
        self.content == Content::Null
    }

    /// What it is, for messages.
    pub(super) fn kind(&self) -> &'static str {
        match self.content {
            Content::Null => "nothing",
            Content::Bool(_) => "a truth value",
            Content::Number(_) => "a number",
            Content::Text(_) => "a text",
            Content::List(_) => "a list",
            Content::Map(_) => "a map",
        }
    }

    /// That this is not what it should be.
    pub(super) fn not(&self, wanted: &str, place: &Place) -> Error {
        place.error(ErrorKind::Parse, format!("is {}, and not {wanted}", self.kind()))
    }

    fn place_at(&mut self, line: usize) {
        self.line = line;
        match &mut self.content {
            Content::List(items) => items.iter_mut().for_each(|item| item.place_at(line)),
            Content::Map(keys) => keys.iter_mut().for_each(|key| {
                key.line = line;
                key.value.place_at(line);
            }),
            _ => {}
        }
    }
}

fn parse(text: &str, duplicates: &mut Vec<(usize, String)>) -> Result<Yaml> {
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! { max_depth: DEEPEST, flow_nesting_limit: DEEPEST },
        duplicate_keys: DuplicateKeyPolicy::PassThrough,
        non_finite_float_policy: NonFiniteFloatPolicy::AsString,
        alias_limits: serde_saphyr::alias_limits! { max_total_replayed_events: MOST_REPEATED },
        with_snippet: false,
    };
    match serde_saphyr::from_str_with_options::<Option<Raw>>(text, options) {
        Ok(Some(raw)) => Ok(spelled(raw, text, duplicates)),
        Ok(None) => Ok(Yaml { line: 1, tag: None, content: Content::Null }),
        Err(error) => Err(parse_error(&error)),
    }
}

/// The parser's words without the place, which is told apart.
fn parse_error(error: &serde_saphyr::Error) -> Error {
    let line = error.location().map_or(1, |location| usize::try_from(location.line()).unwrap_or(1));
    let shown = error.to_string();
    let what = shown.lines().next().unwrap_or_default();
    let what = what.rsplit_once(" at line ").map_or(what, |(what, _)| what).trim_start_matches("error: ");
    Error::new(ErrorKind::Parse, what).context("YAML").with_line(line.max(1))
}

type Raw = Tagged<Spanned<Any>>;

enum Any {
    Null,
    Bool(bool),
    Number,
    Text(String),
    List(Vec<Raw>),
    Map(Vec<(Spanned<Any>, Raw)>),
}

impl<'de> Deserialize<'de> for Any {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyVisitor)
    }
}

struct AnyVisitor;

impl<'de> Visitor<'de> for AnyVisitor {
    type Value = Any;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Any, E> {
        Ok(Any::Bool(value))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Any, E> {
        Ok(Any::Number)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Any, E> {
        Ok(Any::Number)
    }

    fn visit_i128<E>(self, _: i128) -> Result<Any, E> {
        Ok(Any::Number)
    }

    fn visit_u128<E>(self, _: u128) -> Result<Any, E> {
        Ok(Any::Number)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Any, E> {
        Ok(Any::Number)
    }

    fn visit_str<E>(self, text: &str) -> Result<Any, E> {
        Ok(Any::Text(text.to_owned()))
    }

    fn visit_unit<E>(self) -> Result<Any, E> {
        Ok(Any::Null)
    }

    fn visit_none<E>(self) -> Result<Any, E> {
        Ok(Any::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Any, D::Error> {
        Any::deserialize(deserializer)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Any, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element()? {
            items.push(item);
        }
        Ok(Any::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Any, A::Error> {
        let mut keys = Vec::new();
        while let Some(entry) = map.next_entry()? {
            keys.push(entry);
        }
        Ok(Any::Map(keys))
    }
}

/// The value with numbers as they are spelled and with each key once.
fn spelled(Tagged(raw, tag): Raw, text: &str, duplicates: &mut Vec<(usize, String)>) -> Yaml {
    let line = line_of(&raw);
    let spelling = spelling(&raw, text);
    let content = match raw.value {
        Any::Null => Content::Null,
        Any::Bool(value) => Content::Bool(value),
        Any::Number => Content::Number(spelling),
        Any::Text(text) => Content::Text(text),
        Any::List(items) => Content::List(items.into_iter().map(|item| spelled(item, text, duplicates)).collect()),
        Any::Map(raw) => Content::Map(keys(raw, text, duplicates)),
    };
    Yaml { line, tag: tag.filter(|tag| !tag.starts_with("tag:yaml.org,")), content }
}

fn keys(raw: Vec<(Spanned<Any>, Raw)>, text: &str, duplicates: &mut Vec<(usize, String)>) -> Vec<Key> {
    let mut keys: Vec<Key> = Vec::new();
    for (key, value) in raw {
        let (line, spelling) = (line_of(&key), spelling(&key, text));
        let name = if let Any::Text(name) = key.value { name } else { spelling };
        let value = spelled(value, text, duplicates);
        match keys.iter_mut().find(|key| key.name == name) {
            Some(known) => {
                duplicates.push((line, name.clone()));
                *known = Key { name, line, value };
            }
            None => keys.push(Key { name, line, value }),
        }
    }
    keys
}

fn line_of(raw: &Spanned<Any>) -> usize {
    usize::try_from(raw.defined.line()).unwrap_or(1).max(1)
}

/// What stands in the text; empty for a collection.
fn spelling(raw: &Spanned<Any>, text: &str) -> String {
    let span = raw.defined.span();
    let part = || {
        let start = usize::try_from(span.byte_offset()?).ok()?;
        text.get(start..start.checked_add(usize::try_from(span.byte_len()?).ok()?)?)
    };
    match raw.value {
        Any::List(_) | Any::Map(_) => String::new(),
        _ => part().unwrap_or_default().trim().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Yaml {
        Yaml::parse(&Source::text(text), &mut Remarks::default()).unwrap()
    }

    #[test]
    fn spelling_lines_and_tags_are_kept() {
        let yaml = read(
            "a: 022\nb: [1.10, 'x', ~]\non: yes\n10.0.0.9:5000: 0x1F\nc: !vault |\n  $ANSIBLE_VAULT;1.1\n  30\nd: \"\\u00e4\"\ne: !!str 5\nf:\n",
        );
        let scalar = |key: &str| yaml.get(key).unwrap().scalar().unwrap().to_owned();
        assert_eq!(
            [scalar("a"), scalar("on"), scalar("10.0.0.9:5000"), scalar("d"), scalar("e")],
            ["022", "true", "0x1F", "ä", "5"]
        );
        let b = yaml.get("b").unwrap();
        assert_eq!((b.items()[0].scalar(), b.items()[1].line, b.items()[2].is_null()), (Some("1.10"), 2, true));
        let vault = yaml.get("c").unwrap();
        assert_eq!((vault.tag.as_deref(), vault.line), (Some("!vault"), 6));
        assert!(yaml.get("f").unwrap().is_null() && yaml.keys()[7].line == 10, "{yaml:?}");
        assert!(read("").is_null() && read("# none\n").is_null() && read("---\n").is_null());
    }

    #[test]
    fn anchors_merges_and_duplicates() {
        let text = "base: &b { user: root, port: 22 }\nn: { <<: *b, port: '23' }\nm: *b\nn2: {a: 1, a: 2}\n";
        let mut remarks = Remarks::default();
        let yaml = Yaml::parse(&Source::text(text), &mut remarks).unwrap();
        let at = |way: &[&str]| yaml.at(way).unwrap().scalar().unwrap().to_owned();
        assert_eq!(
            [at(&["n", "user"]), at(&["n", "port"]), at(&["m", "port"]), at(&["n2", "a"])],
            ["root", "23", "22", "2"]
        );
        let remarks = remarks.into_list();
        assert_eq!(remarks[0].to_string(), "line 4: a: is given twice in its map; the last one counts");
        assert_eq!(remarks.len(), 1);
    }

    #[test]
    fn errors_show_no_value() {
        for text in [
            "a: !!int hunter2",
            "a: !!bool hunter2",
            "a: !!binary hunter2",
            "a: !!float hunter2",
            "a: !!null hunter2",
            "a: 'hunter2",
            "a: \"hunter2\\q\"",
            "a: hunter2: b",
            "a: *hunter2",
            "a: @hunter2",
            "a: [hunter2",
            "- a\nhunter2",
            "? !!int hunter2\n: 1",
            "a: !!map hunter2",
            "a: |9x\n hunter2",
            "{hunter2",
            "a: b\n hunter2: c",
        ] {
            if let Err(error) = parse(text, &mut Vec::new()) {
                assert!(!error.to_string().contains("hunter2"), "{text}: {error}");
            }
        }
    }

    #[test]
    fn documents_that_grow_or_go_deep_are_refused() {
        let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for i in 1..9 {
            let list = vec![format!("*a{}", i - 1); 10].join(", ");
            bomb = format!("{bomb}a{i}: &a{i} [{list}]\n");
        }
        let deep = format!("{}{}", "[".repeat(5000), "]".repeat(5000));
        let blocks = (0..500).map(|i| " ".repeat(i) + "a:").collect::<Vec<_>>().join("\n");
        for text in [bomb.as_str(), &deep, &blocks, "a: *b", "a: [", "a: &a *a", "a: 1\n---\nb: 2\n"] {
            let Err(error) = parse(text, &mut Vec::new()) else { panic!("read: {text:.60}") };
            assert_eq!(error.kind(), ErrorKind::Parse, "{text:.40}");
            assert!(error.line().is_some() && !error.to_string().contains('\n'), "{error}");
        }
    }
}

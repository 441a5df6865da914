//! JSON: lists of strings in the top object, read with positions and changed by patches.
//!
//! `serde_json` is the gate, because engines take strict JSON only; jsonc-parser tells where things stand.

use std::ops::Range;

use jsonc_parser::ast::{Array, Object, ObjectProp, Value};
use jsonc_parser::common::Ranged;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};

use super::Text;
use crate::error::{Error, ErrorKind, Result};

/// A JSON file whose top value is an object, or that is empty.
#[derive(Debug)]
pub(crate) struct Json {
    text: Text,
}

impl Json {
    pub(crate) fn parse(text: Text) -> Result<Self> {
        let json = Self { text };
        if json.is_empty() {
            return Ok(json);
        }
        let value: serde_json::Value = serde_json::from_str(json.text.as_str()).map_err(|error| json.syntax(&error))?;
        match value {
            serde_json::Value::Object(_) => Ok(json),
            _ => Err(json.error(0, ErrorKind::Conflict, "is not a JSON object").with_hint("begin it with {")),
        }
    }

    pub(crate) fn text(&self) -> &Text {
        &self.text
    }

    /// Nothing but white space, or `null`: the engine takes it for no settings.
    pub(crate) fn is_empty(&self) -> bool {
        matches!(self.text.as_str().trim(), "" | "null")
    }

    /// The strings of a list; empty where the key is absent or null.
    ///
    /// # Errors
    /// [`ErrorKind::Conflict`] when the key is there twice or holds something else.
    pub(crate) fn list(&self, key: &str) -> Result<Vec<String>> {
        self.with_value(key, |found| match found {
            None | Some(Value::NullKeyword(_)) => Ok(Vec::new()),
            Some(value) => self.strings(key, value),
        })
    }

    /// The keys of the top object, in the order of the file.
    pub(crate) fn keys(&self) -> Result<Vec<String>> {
        let name = |property: &ObjectProp<'_>| property.name.as_str().to_owned();
        self.with_object(|object| Ok(object.map_or(Vec::new(), |o| o.properties.iter().map(name).collect())))
    }

    /// Whether the key is there, whatever it holds.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.with_object(|object| Ok(object.is_some_and(|o| o.properties.iter().any(|p| p.name.as_str() == key))))
            .unwrap_or(false)
    }

    /// The file with strings put at the end of a list, which is made if it is not there.
    pub(crate) fn append(&self, key: &str, new: &[String]) -> Result<Self> {
        if new.is_empty() {
            return Ok(Self { text: self.text.clone() });
        }
        let list = one_line(new);
        let text = self.with_value(key, |found| match found {
            Some(Value::Array(array)) if !array.elements.is_empty() => Ok(self.after_last(array, new)),
            Some(value) => Ok(self.text.with(range(value), &list)),
            None => self.with_property(key, &list),
        })?;
        Self::parse(text)
    }

    /// The file without these strings of a list; a list that becomes empty stays, as `[]`.
    pub(crate) fn without(&self, key: &str, gone: impl Fn(&str) -> bool) -> Result<Self> {
        let text = self.with_value(key, |found| match found {
            Some(Value::Array(array)) => Ok(self.without_elements(array, gone)),
            _ => Ok(self.text.clone()),
        })?;
        Self::parse(text)
    }

    /// An error about a key of this file, with its line.
    pub(crate) fn key_error(&self, key: &str, kind: ErrorKind, what: impl Into<String>) -> Error {
        let at = self.with_object(|object| Ok(object.and_then(|o| o.get(key).map(Ranged::start))));
        let error = Error::new(kind, what).with_path(self.text.path()).with_key(key);
        match at {
            Ok(Some(at)) => error.with_line(self.text.line(at)),
            _ => error,
        }
    }

    fn error(&self, at: usize, kind: ErrorKind, what: impl Into<String>) -> Error {
        Error::new(kind, what).with_path(self.text.path()).with_line(self.text.line(at))
    }

    fn syntax(&self, error: &serde_json::Error) -> Error {
        let what = error.to_string();
        let what = what.split(" at line ").next().unwrap_or(&what);
        Error::new(ErrorKind::Parse, format!("is not JSON: {what}"))
            .with_path(self.text.path())
            .with_line(error.line())
            .with_hint("comments, trailing commas and further values are no JSON; dockerd refuses them too")
    }

    fn with_object<T>(&self, read: impl FnOnce(Option<&Object<'_>>) -> Result<T>) -> Result<T> {
        let parsed = parse_to_ast(self.text.as_str(), &CollectOptions::default(), &ParseOptions::default())
            .map_err(|e| Error::new(ErrorKind::Parse, e.to_string()).with_path(self.text.path()))?;
        match &parsed.value {
            Some(Value::Object(object)) => read(Some(object)),
            _ => read(None),
        }
    }

    fn with_value<T>(&self, key: &str, read: impl FnOnce(Option<&Value<'_>>) -> Result<T>) -> Result<T> {
        self.with_object(|object| {
            let mut found = object.into_iter().flat_map(|o| &o.properties).filter(|p| p.name.as_str() == key);
            let (first, second) = (found.next(), found.next());
            if let (Some(first), Some(second)) = (first, second) {
                return Err(self.twice(key, first, second));
            }
            read(first.map(|property| &property.value))
        })
    }

    fn twice(&self, key: &str, first: &ObjectProp<'_>, second: &ObjectProp<'_>) -> Error {
        let what = format!("is there twice, here and in line {}", self.text.line(second.start()));
        self.error(first.start(), ErrorKind::Conflict, what)
            .with_key(key)
            .with_hint("dockerd takes the last one; make it one list")
    }

    fn strings(&self, key: &str, value: &Value<'_>) -> Result<Vec<String>> {
        let fault = |at: usize, what: &str| {
            let error = self.error(at, ErrorKind::Conflict, what).with_key(key);
            error.with_hint("dockerd does not start with it; make it a list of strings")
        };
        let Value::Array(array) = value else { return Err(fault(value.start(), "is not a list")) };
        let texts = array.elements.iter().map(|element| match element {
            Value::StringLit(text) => Ok(text.value.to_string()),
            other => Err(fault(other.start(), "holds something that is not a string")),
        });
        texts.collect()
    }

    fn after_last(&self, array: &Array<'_>, new: &[String]) -> Text {
        let (Some(first), Some(last)) = (array.elements.first(), array.elements.last()) else {
            return self.text.clone();
        };
        let begins_line = |at: usize| self.text.as_str()[self.text.line_start(at)..at].trim().is_empty();
        let separator = if begins_line(last.start()) {
            format!(",\n{}", self.text.indent(last.start()))
        } else if array.elements.len() > 1 {
            self.separator(first, &array.elements[1])
        } else {
            ", ".to_owned()
        };
        let added = new.iter().fold(String::new(), |added, text| added + &separator + &quoted(text));
        self.text.with(last.end()..last.end(), &added)
    }

    /// What stands between the first two elements, the line ends as `\n`.
    fn separator(&self, first: &Value<'_>, second: &Value<'_>) -> String {
        self.text.as_str()[first.end()..second.start()].replace("\r\n", "\n")
    }

    fn without_elements(&self, array: &Array<'_>, gone: impl Fn(&str) -> bool) -> Text {
        let is_gone = |value: &Value<'_>| matches!(value, Value::StringLit(text) if gone(&text.value));
        let kept: Vec<_> = array.elements.iter().filter(|value| !is_gone(value)).collect();
        if kept.len() == array.elements.len() {
            return self.text.clone();
        }
        if kept.is_empty() {
            return self.text.with(array.range.start..array.range.end, "[]");
        }
        let last_kept = kept[kept.len() - 1].start();
        let cut = |i: usize, value: &Value<'_>| match array.elements.get(i + 1) {
            Some(next) if value.start() < last_kept => value.start()..next.start(),
            _ => array.elements[i - 1].end()..value.end(),
        };
        let elements = array.elements.iter().enumerate().rev();
        elements.filter(|(_, value)| is_gone(value)).fold(self.text.clone(), |text, (i, v)| text.with(cut(i, v), ""))
    }

    /// The text with a property behind the last one, laid out as that is.
    fn with_property(&self, key: &str, value: &str) -> Result<Text> {
        if self.is_empty() {
            let end = self.text.as_str().len();
            return Ok(self.text.with(0..end, &format!("{{\n  {}: {value}\n}}\n", quoted(key))));
        }
        self.with_object(|object| {
            let Some(object) = object else { return Ok(self.text.clone()) };
            let Some(last) = object.properties.last() else {
                return Ok(self.text.with(range(object), &format!("{{\n  {}: {value}\n}}", quoted(key))));
            };
            let between = self.text.as_str()[last.name.end()..last.value.start()].replace(char::is_control, " ");
            let at = last.start();
            let begins_line = self.text.as_str()[self.text.line_start(at)..at].trim().is_empty();
            let separator = if begins_line { format!(",\n{}", self.text.indent(at)) } else { ", ".to_owned() };
            let end = last.value.end();
            Ok(self.text.with(end..end, &format!("{separator}{}{between}{value}", quoted(key))))
        })
    }
}

fn range(value: &impl Ranged) -> Range<usize> {
    value.start()..value.end()
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn one_line(texts: &[String]) -> String {
    let texts: Vec<_> = texts.iter().map(|text| quoted(text)).collect();
    format!("[{}]", texts.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(text: &str) -> Json {
        Json::parse(Text::new("daemon.json", text.as_bytes()).unwrap()).unwrap()
    }

    fn append(text: &str) -> String {
        json(text).append("l", &["x".to_owned(), "y".to_owned()]).unwrap().text().as_str().to_owned()
    }

    #[test]
    fn a_list_is_extended_in_its_own_style() {
        assert_eq!(append(r#"{"l":["a","b"],"z":1}"#), r#"{"l":["a","b","x","y"],"z":1}"#);
        assert_eq!(
            append("{\n  \"l\": [\n    \"a\"\n  ]\n}"),
            "{\n  \"l\": [\n    \"a\",\n    \"x\",\n    \"y\"\n  ]\n}"
        );
        assert_eq!(append("{\"l\": [ ]}"), r#"{"l": ["x", "y"]}"#);
        assert_eq!(append("{\"l\": null}\r\n"), "{\"l\": [\"x\", \"y\"]}\r\n");
    }

    #[test]
    fn a_missing_list_is_added_last() {
        assert_eq!(append(""), "{\n  \"l\": [\"x\", \"y\"]\n}\n");
        assert_eq!(append("{}\n"), "{\n  \"l\": [\"x\", \"y\"]\n}\n");
        assert_eq!(append("{\"a\":1}"), r#"{"a":1, "l":["x", "y"]}"#);
        assert_eq!(
            append("{\r\n\t\"a\" : {\"b\": 1}\r\n}"),
            "{\r\n\t\"a\" : {\"b\": 1},\r\n\t\"l\" : [\"x\", \"y\"]\r\n}"
        );
    }

    #[test]
    fn strings_are_taken_out_with_their_commas() {
        let without = |text: &str, gone: &[&str]| {
            json(text).without("l", |t| gone.contains(&t)).unwrap().text().as_str().to_owned()
        };
        assert_eq!(without(r#"{"l": ["a", "b", "c"]}"#, &["a"]), r#"{"l": ["b", "c"]}"#);
        assert_eq!(without(r#"{"l": ["a", "b", "c"]}"#, &["b", "c"]), r#"{"l": ["a"]}"#);
        assert_eq!(without(r#"{"l": ["a", "b", "c"]}"#, &["a", "c"]), r#"{"l": ["b"]}"#);
        assert_eq!(without("{\"l\": [\n  \"a\",\n  \"b\"\n]}", &["b"]), "{\"l\": [\n  \"a\"\n]}");
        assert_eq!(without(r#"{"l": ["a"]}"#, &["a"]), r#"{"l": []}"#);
    }

    #[test]
    fn what_dockerd_would_refuse_is_refused_with_its_line() {
        let parse = |text: &str| Json::parse(Text::new("f", text.as_bytes()).unwrap());
        for (text, line) in [("{\n// c\n}", 2), ("{\n\"a\":1,\n}", 3), ("{}\n{}", 2), ("[]", 1)] {
            assert_eq!(parse(text).unwrap_err().line(), Some(line), "{text}");
        }
        let twice = json("{\n\"l\": [],\n\"l\": [\"a\"]}").list("l").unwrap_err();
        assert_eq!((twice.line(), twice.key()), (Some(2), Some("l")));
        assert_eq!(json("{\n\n\"l\": \"a\"}").list("l").unwrap_err().line(), Some(3));
        assert!(json("{\"l\": [1]}").append("l", &["x".to_owned()]).is_ok_and(|j| j.list("l").is_err()));
    }
}

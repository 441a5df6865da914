//! JSON: lists of strings in the top object, read with positions and changed by patches.
//!
//! `serde_json` is the gate, because engines take strict JSON only; [`scan`] tells where things stand. After each change
//! the text is read again: all other keys must stand in it as before, and the list must have what it should.

mod scan;

use std::ops::Range;

use super::Text;
use crate::error::{Error, ErrorKind, Result};

/// A JSON file whose top value is an object, or that is empty.
#[derive(Clone, Debug)]
pub(crate) struct Json {
    text: Text,
    /// Those of the top object, in the order of the file.
    properties: Vec<Property>,
}

/// A key of the top object, and where it and its value stand.
#[derive(Clone, Debug)]
struct Property {
    name: String,
    key: Range<usize>,
    value: Range<usize>,
}

impl Json {
    pub(crate) fn parse(text: Text) -> Result<Self> {
        let mut json = Self { text, properties: Vec::new() };
        if json.is_empty() {
            return Ok(json);
        }
        scan::check(json.text.as_str()).map_err(|error| json.syntax(&error))?;
        let Some(found) = scan::properties(json.text.as_str()) else {
            return Err(json.error(0, ErrorKind::Conflict, "is not a JSON object").with_hint("begin it with {"));
        };
        let property = |(key, value): (Range<usize>, _)| Property { name: json.string(&key), key, value };
        json.properties = found.into_iter().map(property).collect();
        Ok(json)
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
        match self.value(key)? {
            Some(value) if self.slice(&value) != "null" => self.strings(key, &value),
            _ => Ok(Vec::new()),
        }
    }

    /// The keys of the top object, in the order of the file.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        self.properties.iter().map(|property| property.name.as_str())
    }

    /// Whether the key is there, whatever it holds.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.keys().any(|known| known == key)
    }

    /// The file with strings put at the end of a list, which is made if it is not there.
    pub(crate) fn append(self, key: &str, new: &[String]) -> Result<Self> {
        if new.is_empty() {
            return Ok(self);
        }
        let value = self.value(key)?;
        let elements = value.as_ref().and_then(|value| self.elements(value)).unwrap_or_default();
        let text = match (value, elements.last()) {
            (Some(_), Some(last)) => self.after(last, &self.separator(&elements), new),
            (Some(value), None) => self.text.with(value, &one_line(new)),
            (None, _) => self.with_property(key, &one_line(new)),
        };
        let added: Vec<_> = new.iter().map(|text| quoted(text)).collect();
        let expected: Vec<_> = self.slices(&elements).chain(added.iter().map(String::as_str)).collect();
        self.checked(text, key, &expected)
    }

    /// The file without these strings of a list; a list that becomes empty stays, as `[]`.
    pub(crate) fn without(self, key: &str, gone: impl Fn(&str) -> bool) -> Result<Self> {
        let Some(value) = self.value(key)? else { return Ok(self) };
        let elements = self.elements(&value).unwrap_or_default();
        let goes: Vec<_> =
            elements.iter().map(|element| self.is_string(element) && gone(&self.string(element))).collect();
        if !goes.contains(&true) {
            return Ok(self);
        }
        let text = match goes.iter().rposition(|goes| !goes) {
            None => self.text.with(value, "[]"),
            Some(last_kept) => {
                let cut = |i: usize| match elements.get(i + 1) {
                    Some(next) if i < last_kept => elements[i].start..next.start,
                    _ => elements[i - 1].end..elements[i].end,
                };
                self.text.patched((0..elements.len()).filter(|i| goes[*i]).map(|i| (cut(i), "")))
            }
        };
        let expected: Vec<_> =
            self.slices(&elements).zip(&goes).filter(|(_, goes)| !**goes).map(|(slice, _)| slice).collect();
        self.checked(text, key, &expected)
    }

    /// The same file with other text, in which nothing but the list at a key may differ, and that as expected.
    fn checked(&self, text: Text, key: &str, expected: &[&str]) -> Result<Self> {
        let is_right = |changed: &Self| {
            let value = changed.value(key).ok().flatten();
            let elements = value.and_then(|value| changed.elements(&value));
            elements.is_some_and(|elements| changed.slices(&elements).eq(expected.iter().copied()))
                && changed.others(key).eq(self.others(key))
        };
        Self::parse(text).ok().filter(is_right).ok_or_else(|| {
            self.key_error(key, ErrorKind::Unsupported, "cannot be changed in the way this file is laid out")
                .with_hint("write the list on lines of its own and try again")
        })
    }

    /// All other keys, and what stands for them.
    fn others<'a>(&'a self, key: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        let others = self.properties.iter().filter(move |property| property.name != key);
        others.map(|property| (property.name.as_str(), self.slice(&property.value)))
    }

    /// An error about a key of this file, with its line.
    pub(crate) fn key_error(&self, key: &str, kind: ErrorKind, what: impl Into<String>) -> Error {
        let error = Error::new(kind, what).with_path(self.text.path()).with_key(key);
        match self.properties.iter().find(|property| property.name == key) {
            Some(found) => error.with_line(self.text.line(found.key.start)),
            None => error,
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

    /// Where the value of a key stands.
    fn value(&self, key: &str) -> Result<Option<Range<usize>>> {
        let mut found = self.properties.iter().filter(|property| property.name == key);
        match (found.next(), found.next()) {
            (Some(first), Some(second)) => Err(self.twice(key, first, second)),
            (first, _) => Ok(first.map(|property| property.value.clone())),
        }
    }

    fn twice(&self, key: &str, first: &Property, second: &Property) -> Error {
        let what = format!("is there twice, here and in line {}", self.text.line(second.key.start));
        self.error(first.key.start, ErrorKind::Conflict, what)
            .with_key(key)
            .with_hint("dockerd takes the last one; make it one list")
    }

    fn strings(&self, key: &str, value: &Range<usize>) -> Result<Vec<String>> {
        let fault = |at: usize, what: &str| {
            let error = self.error(at, ErrorKind::Conflict, what).with_key(key);
            error.with_hint("dockerd does not start with it; make it a list of strings")
        };
        let elements = self.elements(value).ok_or_else(|| fault(value.start, "is not a list"))?;
        if let Some(other) = elements.iter().find(|element| !self.is_string(element)) {
            return Err(fault(other.start, "holds something that is not a string"));
        }
        Ok(elements.iter().map(|element| self.string(element)).collect())
    }

    fn slice(&self, range: &Range<usize>) -> &str {
        &self.text.as_str()[range.clone()]
    }

    fn slices<'a>(&'a self, ranges: &'a [Range<usize>]) -> impl Iterator<Item = &'a str> {
        ranges.iter().map(|range| self.slice(range))
    }

    /// Where the elements of a list stand; `None` if it is none.
    fn elements(&self, value: &Range<usize>) -> Option<Vec<Range<usize>>> {
        scan::elements(self.text.as_str(), value.start)
    }

    fn is_string(&self, range: &Range<usize>) -> bool {
        self.slice(range).starts_with('"')
    }

    /// What a string at this place means.
    fn string(&self, range: &Range<usize>) -> String {
        let written = self.slice(range);
        match written.strip_prefix('"').and_then(|text| text.strip_suffix('"')) {
            Some(plain) if !plain.contains('\\') => plain.to_owned(),
            _ => serde_json::from_str(written).unwrap_or_default(),
        }
    }

    fn begins_line(&self, at: usize) -> bool {
        self.text.as_str()[self.text.line_start(at)..at].trim().is_empty()
    }

    /// What stands before a further element, as it stands before those that are there; the line ends as `\n`.
    fn separator(&self, elements: &[Range<usize>]) -> String {
        match elements {
            [.., last] if self.begins_line(last.start) => format!(",\n{}", self.text.indent(last.start)),
            [first, second, ..] => self.slice(&(first.end..second.start)).replace("\r\n", "\n"),
            _ => ", ".to_owned(),
        }
    }

    fn after(&self, last: &Range<usize>, separator: &str, new: &[String]) -> Text {
        let added: String = new.iter().flat_map(|text| [separator.to_owned(), quoted(text)]).collect();
        self.text.with(last.end..last.end, &added)
    }

    /// The text with a property behind the last one, laid out as that is.
    fn with_property(&self, key: &str, value: &str) -> Text {
        if self.is_empty() {
            let end = self.text.as_str().len();
            return self.text.with(0..end, &format!("{{\n  {}: {value}\n}}\n", quoted(key)));
        }
        let Some(last) = self.properties.last() else {
            let body = self.text.as_str();
            let object = body.len() - body.trim_start().len()..body.trim_end().len();
            return self.text.with(object, &format!("{{\n  {}: {value}\n}}", quoted(key)));
        };
        let between = self.slice(&(last.key.end..last.value.start)).replace(char::is_control, " ");
        let at = last.key.start;
        let separator = if self.begins_line(at) { format!(",\n{}", self.text.indent(at)) } else { ", ".to_owned() };
        let end = last.value.end;
        self.text.with(end..end, &format!("{separator}{}{between}{value}", quoted(key)))
    }
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

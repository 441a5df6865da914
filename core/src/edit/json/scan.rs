//! Whether a text is JSON, and where things stand in it.

use std::fmt;
use std::ops::Range;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// Whether `serde_json` takes the text for a value: as strict as if it made one, and without making it.
pub(super) fn check(text: &str) -> serde_json::Result<()> {
    serde_json::from_str::<Checked>(text).map(|Checked| ())
}

/// Where the keys of the top object and their values stand, in a text that is JSON; `None` if it is no object.
pub(super) fn properties(json: &str) -> Option<Vec<(Range<usize>, Range<usize>)>> {
    let mut at = Scan { bytes: json.as_bytes(), at: 0 }.inside(b'{')?;
    let mut found = Vec::new();
    while at.next() == Some(b'"') {
        let key = at.value();
        found.push((key, at.value()));
    }
    Some(found)
}

/// Where the elements of the list that begins at an offset stand, in a text that is JSON; `None` if it is no list.
pub(super) fn elements(json: &str, at: usize) -> Option<Vec<Range<usize>>> {
    let mut at = Scan { bytes: json.as_bytes(), at }.inside(b'[')?;
    let mut found = Vec::new();
    while at.next().is_some_and(|byte| byte != b']') {
        found.push(at.value());
    }
    Some(found)
}

/// A place in a text that is JSON, so that separators need no look.
struct Scan<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Scan<'_> {
    /// Behind the bracket, if it comes next.
    fn inside(mut self, bracket: u8) -> Option<Self> {
        let is_it = self.next() == Some(bracket);
        self.at += 1;
        is_it.then_some(self)
    }

    /// What the next value, key or bracket begins with.
    fn next(&mut self) -> Option<u8> {
        let is_between = |byte: &&u8| byte.is_ascii_whitespace() || matches!(byte, b',' | b':');
        self.at += self.bytes[self.at..].iter().take_while(is_between).count();
        self.bytes.get(self.at).copied()
    }

    /// The next value, or key.
    fn value(&mut self) -> Range<usize> {
        self.next();
        let start = self.at;
        match self.bytes.get(start) {
            Some(b'"') => self.string(),
            Some(b'{' | b'[') => self.nest(),
            _ => {
                let is_rest = |byte: &&u8| !byte.is_ascii_whitespace() && !matches!(byte, b',' | b']' | b'}');
                self.at += self.bytes[start..].iter().take_while(is_rest).count();
            }
        }
        start..self.at
    }

    /// Behind the object or list that begins here.
    fn nest(&mut self) {
        let mut depth = 0_usize;
        while let Some(byte) = self.bytes.get(self.at) {
            match byte {
                b'"' => {
                    self.string();
                    continue;
                }
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth -= 1,
                _ => {}
            }
            self.at += 1;
            if depth == 0 {
                break;
            }
        }
    }

    /// Behind the string that begins here.
    fn string(&mut self) {
        self.at += 1;
        while let Some(byte) = self.bytes.get(self.at).filter(|byte| **byte != b'"') {
            self.at += if *byte == b'\\' { 2 } else { 1 };
        }
        self.at += 1;
    }
}

/// Any value, of which nothing is kept.
struct Checked;

impl<'de> Deserialize<'de> for Checked {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Self)
    }
}

impl<'de> Visitor<'de> for Checked {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self, A::Error> {
        while list.next_element::<Self>()?.is_some() {}
        Ok(self)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Self, A::Error> {
        while object.next_entry::<Self, Self>()?.is_some() {}
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slices(text: &str) -> Vec<(&str, &str)> {
        properties(text).unwrap().into_iter().map(|(key, value)| (&text[key], &text[value])).collect()
    }

    #[test]
    fn keys_and_values_where_they_stand() {
        let text = " { \"a\":1,\n\"b\\\"\\\\\" : [ {\"c\": \"]}\"} , -2.5e3],\"d\":{ } , \"e\": null}\n";
        assert_eq!(
            slices(text),
            [("\"a\"", "1"), ("\"b\\\"\\\\\"", "[ {\"c\": \"]}\"} , -2.5e3]"), ("\"d\"", "{ }"), ("\"e\"", "null")]
        );
        assert_eq!((slices("{}"), properties("[]"), properties("1")), (Vec::new(), None, None));
    }

    #[test]
    fn elements_where_they_stand() {
        let text = "[true , \"a,]\",[1, 2],{\"b\": []}, \"\"]";
        let found: Vec<_> = elements(text, 0).unwrap().into_iter().map(|range| &text[range]).collect();
        assert_eq!(found, ["true", "\"a,]\"", "[1, 2]", "{\"b\": []}", "\"\""]);
        assert_eq!((elements("[ ]", 0), elements("{}", 0)), (Some(Vec::new()), None));
    }

    /// The gate is as narrow as that of a value.
    #[test]
    fn what_serde_json_refuses_is_refused_alike() {
        let deep = "[".repeat(200);
        for text in [
            "{",
            "{\"a\":1,}",
            "[1e999]",
            "\"\\ud800\"",
            "{1:2}",
            "{} {}",
            "nul",
            "01",
            "\"\t\"",
            &deep,
            "[1]",
            "{\"a\":\"\\u00e9\"}",
        ] {
            let whole = serde_json::from_str::<serde_json::Value>(text).map(drop).map_err(|error| error.to_string());
            assert_eq!(check(text).map_err(|error| error.to_string()), whole, "{text}");
        }
    }
}

//! JSON objects that are read into types of our own.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, DeserializeOwned, Deserializer, MapAccess, Visitor};

use crate::error::{Error, ErrorKind, Result};

/// Reads JSON; an error says what the text is, the line, and what is wrong there.
pub(crate) fn read<T: DeserializeOwned>(text: &str, what: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|error| {
        let message = error.to_string();
        let message = message.rsplit_once(" at line ").map_or(message.as_str(), |(message, _)| message);
        Error::new(ErrorKind::Parse, without_values(message)).context(what).with_line(error.line())
    })
}

/// A value in the wrong place may be a secret: of what serde has found only the type is told.
fn without_values(message: &str) -> String {
    let found = message.strip_prefix("invalid type: ").or_else(|| message.strip_prefix("invalid value: "));
    let Some((found, expected)) = found.and_then(|found| found.rsplit_once(", expected ")) else {
        return message.to_owned();
    };
    let kind = found.split(['"', '`']).next().unwrap_or_default().trim_end();
    format!("invalid type: {kind}, expected {expected}")
}

/// A value that stands as an object. Without this a list of the values in the order of the fields would do too, and
/// an empty list would be settings that want nothing.
#[derive(Clone, Default)]
pub(crate) struct Object<T>(pub(crate) T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Fields(PhantomData))
    }
}

struct Fields<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Fields<T> {
    type Value = Object<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(Object)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_in_the_wrong_place_is_not_shown() {
        let error = |text: &str| read::<Object<std::collections::BTreeMap<String, bool>>>(text, "list").err().unwrap();
        for text in [r#""hunter2, expected ""#, r#"{"a": "hunter2"}"#, "{\"a\": \"hunter2\\\" `\"}"] {
            let shown = error(text).to_string();
            assert!(shown.starts_with("list: line 1: invalid type: string, expected a"), "{shown}");
        }
        let shown = error("{\n\"a\": 4711}").to_string();
        assert_eq!(shown, "list: line 2: invalid type: integer, expected a boolean");
        assert!(error("{").to_string().contains("EOF"));
    }
}

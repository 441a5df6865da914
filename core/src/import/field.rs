//! A value of a document and its place: what the readers of forms in YAML go through.

use std::str::FromStr;

use crate::error::{ErrorKind, Result};

use super::remark::{Place, RemarkKind, Remarks};
use super::source::Source;
use super::yaml::{Content, Yaml};

/// A value, and where it stands.
pub(super) struct Field<'a> {
    yaml: &'a Yaml,
    pub(super) place: Place,
}

impl<'a> Field<'a> {
    /// A whole document.
    pub(super) fn new(source: &Source, yaml: &'a Yaml) -> Self {
        Self { yaml, place: source.place(yaml.line, "") }
    }

    /// The value of a key, unless it is null.
    pub(super) fn get(&self, name: &str) -> Option<Self> {
        let key = self.yaml.keys().iter().find(|key| key.name == name && !key.value.is_null())?;
        Some(Self { yaml: &key.value, place: self.place.below(name, key.line) })
    }

    /// The value at the end of a way through maps, unless it is null.
    pub(super) fn at(&self, way: &[&str]) -> Option<Self> {
        let (last, before) = way.split_last()?;
        match before {
            [] => self.get(last),
            _ => self.at(before)?.get(last),
        }
    }

    /// The keys of a map and their values, null among them.
    pub(super) fn entries(&self) -> Result<impl Iterator<Item = (&'a str, Self)>> {
        if !matches!(self.yaml.content, Content::Map(_) | Content::Null) {
            return Err(self.yaml.not("a map", &self.place));
        }
        let place = self.place.clone();
        let entries = self.yaml.keys().iter();
        Ok(entries
            .map(move |key| (key.name.as_str(), Self { yaml: &key.value, place: place.below(&key.name, key.line) })))
    }

    /// The entries of a list that are not null.
    pub(super) fn items(&self) -> Result<impl Iterator<Item = Self>> {
        if !matches!(self.yaml.content, Content::List(_) | Content::Null) {
            return Err(self.yaml.not("a list", &self.place));
        }
        let place = self.place.clone();
        let items = self.yaml.items().iter().enumerate().filter(|(_, item)| !item.is_null());
        Ok(items.map(move |(i, yaml)| Self { yaml, place: place.below(&format!("[{i}]"), yaml.line) }))
    }

    /// The texts of a list, or of one text alone.
    pub(super) fn texts(&self, remarks: &mut Remarks) -> Result<Vec<(String, Place)>> {
        let items: Vec<_> = match self.yaml.content {
            Content::List(_) => self.items()?.collect(),
            _ => vec![Self { yaml: self.yaml, place: self.place.clone() }],
        };
        let mut texts = Vec::new();
        for item in items {
            texts.extend(item.text(remarks)?.map(|text| (text, item.place)));
        }
        Ok(texts)
    }

    /// A text or a number as it is spelled; nothing if it is empty, or is known only to the tool that made it.
    pub(super) fn text(&self, remarks: &mut Remarks) -> Result<Option<String>> {
        if self.yaml.is_null() {
            return Ok(None);
        }
        let text = self.yaml.scalar().ok_or_else(|| self.yaml.not("a text", &self.place))?;
        if self.yaml.tag.is_some() || text.contains("{{") || text.contains("{%") {
            let what = "must be computed by the tool that it was written for; it is left out: give the value itself";
            remarks.add(RemarkKind::Unresolved, &self.place, what);
            return Ok(None);
        }
        Ok(Some(text.to_owned()).filter(|text| !text.is_empty()))
    }

    /// A number, also one that stands as a text.
    pub(super) fn number<T: FromStr>(&self, what: &str, remarks: &mut Remarks) -> Result<Option<T>> {
        let Some(text) = self.text(remarks)? else { return Ok(None) };
        let number = text.trim().parse().map_err(|_| self.place.error(ErrorKind::Parse, format!("is not {what}")))?;
        Ok(Some(number))
    }

    /// A truth value, also one that stands as a text; false for nothing.
    pub(super) fn flag(&self, remarks: &mut Remarks) -> Result<bool> {
        match self.text(remarks)?.as_deref().map(str::to_ascii_lowercase).as_deref() {
            Some("true" | "yes" | "on") => Ok(true),
            Some("false" | "no" | "off") | None => Ok(false),
            Some(_) => Err(self.yaml.not("a truth value", &self.place)),
        }
    }

    /// The text of a key.
    pub(super) fn text_of(&self, key: &str, remarks: &mut Remarks) -> Result<Option<String>> {
        self.get(key).map_or(Ok(None), |field| field.text(remarks))
    }

    /// The truth value of a key; false if it is not there.
    pub(super) fn flag_of(&self, key: &str, remarks: &mut Remarks) -> Result<bool> {
        self.get(key).map_or(Ok(false), |field| field.flag(remarks))
    }

    /// Remarks on keys other than these.
    pub(super) fn only(&self, known: &[&str], remarks: &mut Remarks) -> Result<()> {
        for (_, field) in self.entries()?.filter(|(name, _)| !known.contains(name)) {
            remarks.add(RemarkKind::Unknown, &field.place, "is no key that is known here; it is left out");
        }
        Ok(())
    }

    /// What it is, without its value.
    pub(super) fn is_empty(&self) -> bool {
        match &self.yaml.content {
            Content::Null => true,
            Content::Text(text) => text.is_empty(),
            Content::List(items) => items.is_empty(),
            Content::Map(keys) => keys.is_empty(),
            Content::Bool(_) | Content::Number(_) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(text: &str, check: impl FnOnce(&Field<'_>, &mut Remarks)) -> Vec<String> {
        let source = Source::text(text);
        let mut remarks = Remarks::default();
        let yaml = Yaml::parse(&source, &mut remarks).unwrap();
        check(&Field::new(&source, &yaml), &mut remarks);
        remarks.into_list().iter().map(|remark| format!("{} {remark}", remark.kind)).collect()
    }

    #[test]
    fn values_are_read_with_their_places() {
        let text = "a: [x, ~, 022]\nb: '2222'\nc: yes\nd: '{{ x }}'\ne: {f: {g: 1}}\nh: ''\n";
        let said = with(text, |root, remarks| {
            let texts = root.get("a").unwrap().texts(remarks).unwrap();
            assert_eq!(texts.iter().map(|(text, _)| text.as_str()).collect::<Vec<_>>(), ["x", "022"]);
            assert_eq!((texts[1].1.key.as_str(), texts[1].1.line), ("a[2]", Some(1)));
            assert_eq!(root.get("b").unwrap().number::<u16>("a port", remarks), Ok(Some(2222)));
            assert_eq!(root.flag_of("c", remarks), Ok(true));
            assert_eq!(root.text_of("d", remarks), Ok(None));
            assert_eq!(root.at(&["e", "f", "g"]).unwrap().place.key, "e.f.g");
            assert_eq!(root.text_of("h", remarks), Ok(None));
            assert!(root.get("h").unwrap().is_empty() && root.get("none").is_none());
            root.only(&["a", "b", "c", "d", "e"], remarks).unwrap();
        });
        assert!(said[0].starts_with("unresolved line 4: d: must be computed"), "{said:?}");
        assert_eq!(said[1], "unknown line 6: h: is no key that is known here; it is left out");
    }

    #[test]
    fn what_is_of_another_kind_is_an_error_without_the_value() {
        with("a: hunter2\nb: [hunter2]\n", |root, remarks| {
            let (a, b) = (root.get("a").unwrap(), root.get("b").unwrap());
            let errors = [
                a.items().err().unwrap(),
                a.entries().err().unwrap(),
                a.flag(remarks).unwrap_err(),
                a.number::<u16>("a port", remarks).unwrap_err(),
                b.text(remarks).unwrap_err(),
            ];
            for error in errors {
                assert!(error.line().is_some() && !error.to_string().contains("hunter2"), "{error}");
            }
        });
    }
}

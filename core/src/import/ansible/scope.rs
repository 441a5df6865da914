//! The variables that count for one host, and what references to them mean.

use std::collections::BTreeMap;
use std::path::Path;

use crate::error::{ErrorKind, Result};

use super::super::options::Options;
use super::super::remark::{Place, RemarkKind, Remarks};
use super::super::source::Source;
use super::super::yaml::{Content, Yaml};
use super::{Variable, Variables};

/// How many references may lead from one to the next.
const MOST_STEPS: usize = 8;

/// Variables as they count for one host.
pub(in super::super) struct Scope<'a> {
    variables: BTreeMap<&'a str, &'a Variable>,
    given: &'a BTreeMap<String, String>,
    own: BTreeMap<&'static str, String>,
}

impl<'a> Scope<'a> {
    /// Of several layers the last one that has a variable counts.
    pub(super) fn new(layers: &[&'a Variables], host: &str, source: &Source, options: &'a Options) -> Self {
        let mut variables = BTreeMap::new();
        for (name, variable) in layers.iter().flat_map(|layer| layer.iter()) {
            variables.insert(name.as_str(), variable);
        }
        let mut own = BTreeMap::from([("inventory_hostname", host.to_owned())]);
        if let Some(folder) = source.folder() {
            let folder = if folder == Path::new("") { Path::new(".") } else { folder };
            own.insert("inventory_dir", folder.to_string_lossy().into_owned());
            // The files lie beside the inventory, wherever it was kept when it was written.
            own.insert("kuboardspray_cluster_dir", String::from("."));
        }
        Self { variables, given: &options.variables, own }
    }

    /// A variable that is set to something.
    pub(in super::super) fn get(&self, name: &str) -> Option<&'a Variable> {
        self.variables.get(name).copied().filter(|variable| !variable.value.is_null())
    }

    /// The first of these that is set to something.
    pub(in super::super) fn first(&self, names: &[&str]) -> Option<&'a Variable> {
        names.iter().find_map(|name| self.get(name))
    }

    pub(in super::super) fn iter(&self) -> impl Iterator<Item = (&'a str, &'a Variable)> {
        self.variables.iter().map(|(name, variable)| (*name, *variable))
    }

    /// The value with plain references replaced, or why that is not possible.
    fn resolve(&self, yaml: &Yaml, steps: usize) -> Result<Yaml, &'static str> {
        match yaml.tag.as_deref() {
            None => {}
            Some("!unsafe") => return Ok(yaml.clone()),
            Some("!vault") => return Err(VAULT),
            Some(_) => return Err("has a tag that is not known here"),
        }
        let Content::Text(text) = &yaml.content else { return Ok(yaml.clone()) };
        if text.trim_start().starts_with("$ANSIBLE_VAULT;") {
            return Err(VAULT);
        }
        if !text.contains("{{") && !text.contains("{%") {
            return Ok(yaml.clone());
        }
        if let Some(name) = whole_reference(text) {
            return self.named(name, yaml.line, steps);
        }
        let mut out = String::new();
        let mut rest = text.as_str();
        while let Some((before, after)) = rest.split_once("{{") {
            let (inside, after) = after.split_once("}}").ok_or(EXPRESSION)?;
            let value = self.named(plain_name(inside).ok_or(EXPRESSION)?, yaml.line, steps)?;
            out.push_str(before);
            out.push_str(value.scalar().ok_or("puts a list or a map into a text")?);
            rest = after;
        }
        if rest.contains("{%") || out.contains("{%") {
            return Err(EXPRESSION);
        }
        Ok(Yaml { content: Content::Text(out + rest), ..yaml.clone() })
    }

    fn named(&self, name: &str, line: usize, steps: usize) -> Result<Yaml, &'static str> {
        if steps == MOST_STEPS {
            return Err("refers to a variable that refers to others without end");
        }
        if let Some(text) = self.given.get(name) {
            return Ok(Yaml::text(text.as_str(), line));
        }
        let moved = name == "kuboardspray_cluster_dir" && self.own.contains_key(name);
        if let Some(variable) = self.get(name).filter(|_| !moved) {
            return self.resolve(&variable.value, steps + 1);
        }
        self.own.get(name).map(|text| Yaml::text(text.as_str(), line)).ok_or(UNDEFINED)
    }
}

const VAULT: &str = "is encrypted by Ansible Vault; decrypt it, or give the value elsewhere";
const EXPRESSION: &str = "is computed by Jinja; write the value itself";
const UNDEFINED: &str = "refers to a variable that is not in these files; give it among the options' variables";

/// The name in `{{ name }}`, if the text has nothing else.
fn whole_reference(text: &str) -> Option<&str> {
    let inside = text.trim().strip_prefix("{{")?.strip_suffix("}}")?;
    plain_name(inside)
}

fn plain_name(inside: &str) -> Option<&str> {
    let name = inside.trim_matches('-').trim();
    let is_name = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    Some(name).filter(|_| is_name && !name.starts_with(|c: char| c.is_ascii_digit()))
}

/// Reads values of one host; what cannot be resolved is remarked on.
pub(in super::super) struct Reader<'a, 'r> {
    pub(in super::super) scope: &'a Scope<'a>,
    pub(in super::super) source: &'a Source,
    pub(in super::super) options: &'a Options,
    pub(in super::super) remarks: &'r mut Remarks,
}

impl Reader<'_, '_> {
    /// The value, or `None` with a remark.
    pub(in super::super) fn value(&mut self, yaml: &Yaml, place: &Place) -> Option<Yaml> {
        let value = self.scope.resolve(yaml, 0);
        value.map_err(|why| self.remarks.add(RemarkKind::Unresolved, place, why)).ok()
    }

    /// The text of a scalar; `None` for nothing, and with a remark for what cannot be resolved.
    ///
    /// # Errors
    /// [`ErrorKind::Parse`] for a list and a map.
    pub(in super::super) fn text(&mut self, yaml: &Yaml, place: &Place) -> Result<Option<String>> {
        let Some(value) = self.value(yaml, place) else { return Ok(None) };
        match value.scalar() {
            Some(text) => Ok(Some(text.to_owned())),
            None if value.is_null() => Ok(None),
            None => Err(value.not("a text", place)),
        }
    }

    /// The texts of a list, or the one text that stands instead; nothing for `null`. Each with its place.
    pub(in super::super) fn texts(&mut self, yaml: &Yaml, place: &Place) -> Result<Vec<(String, Place)>> {
        let Some(value) = self.value(yaml, place) else { return Ok(Vec::new()) };
        if !value.keys().is_empty() {
            return Err(value.not("a list", place));
        }
        if value.items().is_empty() {
            return Ok(self.text(&value, place).ok().flatten().map(|text| (text, place.clone())).into_iter().collect());
        }
        let mut found = Vec::new();
        for (i, item) in value.items().iter().enumerate() {
            let at = place.below(&format!("[{i}]"), item.line);
            found.extend(self.text(item, &at)?.map(|text| (text, at)));
        }
        Ok(found)
    }

    /// A truth value, as Ansible spells them.
    pub(in super::super) fn truth(&mut self, yaml: &Yaml, place: &Place) -> Result<Option<bool>> {
        let Some(text) = self.text(yaml, place)? else { return Ok(None) };
        match text.to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" | "1" | "y" | "t" => Ok(Some(true)),
            "false" | "no" | "off" | "0" | "n" | "f" | "" => Ok(Some(false)),
            _ => Err(place.error(ErrorKind::Parse, "is neither true nor false")),
        }
    }

    /// The text of a variable that goes by one of these names, and where it stands.
    pub(in super::super) fn variable(&mut self, names: &[&str]) -> Result<Option<(String, Place)>> {
        let Some(variable) = self.scope.first(names) else { return Ok(None) };
        Ok(self.text(&variable.value, &variable.place)?.map(|text| (text, variable.place.clone())))
    }
}

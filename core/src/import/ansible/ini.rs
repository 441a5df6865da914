//! An inventory in INI.

use crate::error::{Error, ErrorKind, Result};

use super::super::remark::Place;
use super::super::source::Source;
use super::super::words;
use super::super::yaml::Yaml;
use super::{ALL, Inventory, Variable, Variables, range};

/// Whether the text has a group's header, and begins with one or with a host: YAML may have a list in a line of its own.
pub(in super::super) fn is_ini(text: &str) -> bool {
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with(['#', ';']));
    let is_yaml = |line: &str| line.contains(": ") || line.ends_with(':') || line.starts_with(['-', '{', '%']);
    let Some(first) = lines.next() else { return false };
    header(first).is_some() || !is_yaml(first) && lines.any(|line| header(line).is_some())
}

/// The groups of the text, in the order of their headers.
pub(in super::super) fn groups(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter_map(|line| header(line)?.split(':').next())
}

pub(super) fn read(source: &Source, inventory: &mut Inventory) -> Result<()> {
    let mut part = Part::Hosts("ungrouped".to_owned());
    for (i, line) in source.as_str().lines().enumerate() {
        let line_number = i + 1;
        let place = source.place(line_number, "");
        let line = line.trim();
        if line.is_empty() || line.starts_with(['#', ';']) {
            continue;
        }
        if line.starts_with('[') && !line.contains('=') && header(line).is_some() {
            part = Part::of(line).map_err(|error| place.of(error))?;
            inventory.group(part.group());
            continue;
        }
        match &part {
            Part::Hosts(group) => hosts(line, group, &place, inventory)?,
            Part::Children(group) => child(line, group, &place, inventory)?,
            Part::Variables(group) => {
                let (name, variable) = variable(line, &place)?;
                inventory.group(group).variables.insert(name, variable);
            }
        }
    }
    Ok(())
}

/// What the lines below a header are.
enum Part {
    Hosts(String),
    Children(String),
    Variables(String),
}

impl Part {
    fn of(line: &str) -> Result<Self> {
        let header = header(line).unwrap_or_default();
        let (group, kind) = header.split_once(':').unwrap_or((header, ""));
        match kind {
            "" => Ok(Self::Hosts(group.to_owned())),
            "children" => Ok(Self::Children(group.to_owned())),
            "vars" => Ok(Self::Variables(group.to_owned())),
            _ => Err(Error::new(ErrorKind::Parse, format!("[{header}] is no part of a group"))
                .with_hint("write [group], [group:children] or [group:vars]")),
        }
    }

    fn group(&self) -> &str {
        match self {
            Self::Hosts(group) | Self::Children(group) | Self::Variables(group) => group,
        }
    }
}

/// What stands in the brackets of a header.
fn header(line: &str) -> Option<&str> {
    let inside = line.split('#').next()?.trim().strip_prefix('[')?.strip_suffix(']')?;
    let is_name = |c: char| c.is_alphanumeric() || "_-.".contains(c);
    let group = inside.split(':').next()?;
    // A host in brackets is an IPv6 address or a range, which have digits before the colon.
    let is_host = inside.contains(':') && !group.chars().any(char::is_alphabetic);
    Some(inside).filter(|_| !group.is_empty() && group.chars().all(is_name) && !is_host)
}

/// A host, or several by a range, with variables.
fn hosts(line: &str, group: &str, place: &Place, inventory: &mut Inventory) -> Result<()> {
    let unclosed = || place.error(ErrorKind::Parse, "has a quote that is not closed");
    let mut words = words::split_with_comments(line).ok_or_else(unclosed)?.into_iter();
    let Some(pattern) = words.next() else { return Ok(()) };
    let (pattern, port) = port_of(&pattern);
    let mut variables = Variables::new();
    for word in words {
        let Some((name, value)) = word.split_once('=') else {
            let hint = "write name=value; a list of several words needs quotes";
            return Err(place.error(ErrorKind::Parse, "has a word that is no variable").with_hint(hint));
        };
        variables.insert(name.to_owned(), given(name, value, place));
    }
    if let Some(port) = port {
        variables.entry("ansible_port".to_owned()).or_insert_with(|| given("ansible_port", port, place));
    }
    for name in range::expand(pattern).map_err(|error| place.of(error))? {
        if group != ALL {
            inventory.group(group).hosts.insert(name.clone());
        }
        let place = Place { key: name.clone(), ..place.clone() };
        inventory.add_host(&name, place).variables.extend(variables.clone());
    }
    Ok(())
}

/// `host:port`, where that is no range and no IPv6 address alone.
fn port_of(pattern: &str) -> (&str, Option<&str>) {
    let is_port = |port: &str| !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit());
    match pattern.rsplit_once(':') {
        Some((host, port)) if is_port(port) && (!host.contains(':') || host.ends_with(']')) => (host, Some(port)),
        _ => (pattern, None),
    }
}

fn child(line: &str, group: &str, place: &Place, inventory: &mut Inventory) -> Result<()> {
    let name = line.split('#').next().unwrap_or_default().trim();
    if name.contains(char::is_whitespace) || name.contains('=') {
        return Err(place.error(ErrorKind::Parse, "is no name of a group, and children have nothing else"));
    }
    inventory.group(group).children.insert(name.to_owned());
    inventory.group(name);
    Ok(())
}

fn variable(line: &str, place: &Place) -> Result<(String, Variable)> {
    let Some((name, value)) = line.split_once('=') else {
        return Err(place.error(ErrorKind::Parse, "is no variable").with_hint("write name=value"));
    };
    let name = name.trim();
    let value = value.split(" #").next().unwrap_or_default().trim();
    Ok((name.to_owned(), given(name, value, place)))
}

/// A value is read as a literal of Python; of these lists and maps are like YAML's, and the rest is text.
fn given(name: &str, value: &str, place: &Place) -> Variable {
    let line = place.line.unwrap_or(1);
    let is_literal = value.starts_with(['[', '{', '"', '\'']) && !value.starts_with("{{");
    let literal = is_literal.then(|| Yaml::parse_value(value, line).ok()).flatten();
    let value = literal.unwrap_or_else(|| Yaml::text(value, line));
    Variable { value, place: Place { key: name.to_owned(), ..place.clone() } }
}

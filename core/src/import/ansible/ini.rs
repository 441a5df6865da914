//! An inventory in INI.

use crate::error::{Error, ErrorKind, Result};

use super::super::remark::{Place, RemarkKind, Remarks};
use super::super::source::Source;
use super::super::words;
use super::super::yaml::Yaml;
use super::{ALL, Inventory, Variable, Variables, range};

/// Whether the text begins with a group's header or with a host and its variables, or has a header below other hosts: YAML
/// may have a list in a line of its own.
pub(in super::super) fn is_ini(text: &str) -> bool {
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with(['#', ';']));
    let is_yaml = |line: &str| line.contains(": ") || line.ends_with(':') || line.starts_with(['-', '{', '%']);
    let Some(first) = lines.next() else { return false };
    header(first).is_some() || is_host(first) || !is_yaml(first) && lines.any(|line| header(line).is_some())
}

/// The groups of the text, in the order of their headers.
pub(in super::super) fn groups(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter_map(|line| header(line)?.split(':').next())
}

/// A host with variables of Ansible behind it.
fn is_host(line: &str) -> bool {
    let mut words = line.split_whitespace();
    let is_name = |word: &str| {
        !word.starts_with(['#', ';', '-', '"', '\'']) && !word.contains(['=', '{']) && !word.ends_with(':')
    };
    words.next().is_some_and(is_name)
        && words.next().is_some_and(|word| word.starts_with("ansible_") && word.contains('='))
}

pub(super) fn read(source: &Source, inventory: &mut Inventory, remarks: &mut Remarks) -> Result<()> {
    let mut part = Part::Hosts("ungrouped".to_owned());
    let mut children = Vec::new();
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
            Part::Children(group) => {
                let child = child(line, &place)?;
                inventory.group(group).children.insert(child.to_owned());
                children.push((child, group.clone(), place));
            }
            Part::Variables(group) => {
                let (name, variable) = variable(line, &place)?;
                inventory.group(group).variables.insert(name, variable);
            }
        }
    }
    // A misspelled name leaves out nodes; the groups of old samples that are nowhere leave out none.
    for (child, group, place) in children.iter().filter(|(child, ..)| !inventory.has_group(child)) {
        let text = format!("{child} is below {group}, and is no group of this file: write [{child}], or take it out");
        remarks.add(RemarkKind::Ineffective, place, text);
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

fn child<'t>(line: &'t str, place: &Place) -> Result<&'t str> {
    let name = line.split('#').next().unwrap_or_default().trim();
    if name.contains(char::is_whitespace) || name.contains('=') {
        return Err(place.error(ErrorKind::Parse, "is no name of a group, and children have nothing else"));
    }
    Ok(name)
}

fn variable(line: &str, place: &Place) -> Result<(String, Variable)> {
    let Some((name, value)) = line.split_once('=') else {
        return Err(place.error(ErrorKind::Parse, "is no variable").with_hint("write name=value"));
    };
    let (name, value) = (name.trim(), value.trim());
    // What follows a text belongs to it; only a literal may have a comment.
    let literal = value.split(" #").next().map(str::trim).filter(|value| is_literal(value));
    Ok((name.to_owned(), given(name, literal.unwrap_or(value), place)))
}

/// Whether Python takes the text for a number, a truth value, a quoted text, a list or a map.
fn is_literal(text: &str) -> bool {
    let is_closed = [('"', '"'), ('\'', '\''), ('[', ']'), ('{', '}')]
        .iter()
        .any(|(open, close)| text.len() > 1 && text.starts_with(*open) && text.ends_with(*close));
    is_closed || text.parse::<f64>().is_ok() || ["True", "False", "None"].contains(&text)
}

/// A value is read as a literal of Python; of these lists and maps are like YAML's, and the rest is text.
fn given(name: &str, value: &str, place: &Place) -> Variable {
    let line = place.line.unwrap_or(1);
    let is_literal = value.starts_with(['[', '{', '"', '\'']) && !value.starts_with("{{");
    let literal = is_literal.then(|| Yaml::parse_value(value, line).ok()).flatten();
    let value = literal.unwrap_or_else(|| Yaml::text(value, line));
    Variable { value, place: Place { key: name.to_owned(), ..place.clone() } }
}

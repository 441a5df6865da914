//! `group_vars` and `host_vars` beside an inventory.

use std::path::{Path, PathBuf};

use crate::error::{Error, ErrorKind, Result};

use super::super::remark::{Place, RemarkKind, Remarks};
use super::super::source::Source;
use super::super::yaml::Yaml;
use super::{Inventory, Variables, document};

/// How deep folders of variables may go.
const DEEPEST: usize = 8;

pub(super) fn read(folder: &Path, inventory: &mut Inventory, remarks: &mut Remarks) -> Result<()> {
    for path in entries(&folder.join("group_vars"))? {
        let Some(name) = name_of(&path) else { continue };
        if !inventory.has_group(&name) {
            ownerless(&path, &format!("the inventory has no group {name}"), remarks);
            continue;
        }
        let variables = variables(&path, remarks, 0)?;
        inventory.group(&name).from_files.extend(variables);
    }
    for path in entries(&folder.join("host_vars"))? {
        let Some(name) = name_of(&path) else { continue };
        if inventory.host(&name).is_none() {
            ownerless(&path, &format!("the inventory has no host {name}"), remarks);
            continue;
        }
        let variables = variables(&path, remarks, 0)?;
        inventory.add_host(&name, Place::default()).from_files.extend(variables);
    }
    Ok(())
}

fn ownerless(path: &Path, what: &str, remarks: &mut Remarks) {
    let place = Place { path: Some(path.display().to_string().into()), ..Place::default() };
    remarks.add(RemarkKind::Ineffective, &place, what);
}

/// What a folder has, in the order of names; nothing if there is none.
fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let io = |e: std::io::Error| {
        Error::new(ErrorKind::Io, format!("cannot be read: {e}")).with_path(folder.display().to_string())
    };
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(io)? {
        paths.push(entry.map_err(io)?.path());
    }
    paths.sort();
    Ok(paths)
}

/// The group or host that a file or a folder is for; `None` for what Ansible passes over.
fn name_of(path: &Path) -> Option<String> {
    let name = path.file_name()?.to_str()?;
    if name.starts_with('.') || name.ends_with('~') {
        return None;
    }
    if path.is_dir() {
        return Some(name.to_owned());
    }
    let known = [".yml", ".yaml", ".json"].iter().find_map(|end| name.strip_suffix(end));
    // A name without an end may have dots, as an address has.
    let others = [".orig", ".bak", ".md", ".j2", ".txt", ".swp"].iter().any(|end| name.ends_with(end));
    Some(known.unwrap_or(name).to_owned()).filter(|_| !others)
}

/// The variables of a file, or of all files below a folder; of what is said twice, the later file counts.
fn variables(path: &Path, remarks: &mut Remarks, depth: usize) -> Result<Variables> {
    if path.is_dir() {
        let mut found = Variables::new();
        for entry in entries(path)?.iter().filter(|entry| depth < DEEPEST && name_of(entry).is_some()) {
            found.extend(variables(entry, remarks, depth + 1)?);
        }
        return Ok(found);
    }
    let source = Source::load(path)?;
    if source.as_str().starts_with("$ANSIBLE_VAULT;") {
        let text = "the file is encrypted by Ansible Vault; decrypt it, or give what it says elsewhere";
        remarks.add(RemarkKind::Unresolved, &source.place(1, ""), text);
        return Ok(Variables::new());
    }
    let at = |error: Error| error.with_path(path.display().to_string());
    let yaml = Yaml::parse(&source, remarks).map_err(at)?;
    document::variables(&yaml, &source.place(yaml.line, "")).map_err(at)
}

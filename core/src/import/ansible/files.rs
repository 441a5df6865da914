//! `group_vars` and `host_vars` beside an inventory.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::error::{Error, ErrorKind, Result};

use super::super::remark::{Place, RemarkKind, Remarks};
use super::super::source::Source;
use super::super::yaml::Yaml;
use super::{Inventory, Variables, document};

/// How deep folders of variables may go.
const DEEPEST: usize = 8;

pub(super) fn read(folder: &Path, inventory: &mut Inventory, remarks: &mut Remarks) -> Result<()> {
    for (name, paths) in owners(&folder.join("group_vars"))? {
        if !inventory.has_group(&name) {
            ineffective(&paths, &format!("the inventory has no group {name}"), remarks);
            continue;
        }
        let variables = variables_of(&paths, remarks)?;
        inventory.group(&name).from_files.extend(variables);
    }
    for (name, paths) in owners(&folder.join("host_vars"))? {
        if inventory.host(&name).is_none() {
            ineffective(&paths, &format!("the inventory has no host {name}"), remarks);
            continue;
        }
        let variables = variables_of(&paths, remarks)?;
        inventory.add_host(&name, Place::default()).from_files.extend(variables);
    }
    Ok(())
}

/// Groups or hosts with the files and folders that are for them, in the order in which Ansible looks for them.
fn owners(folder: &Path) -> Result<BTreeMap<String, Vec<PathBuf>>> {
    let mut owners = BTreeMap::<String, Vec<PathBuf>>::new();
    for path in entries(folder)? {
        if let Some(name) = name_of(&path) {
            owners.entry(name).or_default().push(path);
        }
    }
    for (name, paths) in &mut owners {
        let ends = ["", ".yml", ".yaml", ".json"].map(|end| format!("{name}{end}"));
        paths.sort_by_key(|path| ends.iter().position(|end| path.file_name().is_some_and(|name| **end == *name)));
    }
    Ok(owners)
}

/// What the first of them says; Ansible does not look at the others.
fn variables_of(paths: &[PathBuf], remarks: &mut Remarks) -> Result<Variables> {
    let Some((first, others)) = paths.split_first() else { return Ok(Variables::new()) };
    let name = first.file_name().unwrap_or_default().to_string_lossy();
    ineffective(others, &format!("has no effect: Ansible reads {name} alone where both are"), remarks);
    variables(first, remarks, 0)
}

fn ineffective(paths: &[PathBuf], what: &str, remarks: &mut Remarks) {
    for path in paths {
        let place = Place { path: Some(path.display().to_string().into()), ..Place::default() };
        remarks.add(RemarkKind::Ineffective, &place, what);
    }
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

/// Whether Ansible reads a file or a folder inside the folder of a group or a host.
fn is_read(path: &Path) -> bool {
    let end = path.extension().map(|end| end.to_string_lossy());
    let has_end = end.as_deref().is_none_or(|end| !path.is_dir() && ["yml", "yaml", "json"].contains(&end));
    has_end && name_of(path).is_some()
}

/// The variables of a file, or of all files below a folder; of what is said twice, the later file counts.
fn variables(path: &Path, remarks: &mut Remarks, depth: usize) -> Result<Variables> {
    if path.is_dir() {
        let mut found = Variables::new();
        for entry in entries(path)?.iter().filter(|entry| depth < DEEPEST && is_read(entry)) {
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

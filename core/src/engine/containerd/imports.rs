//! Files that config.toml imports.

use std::collections::BTreeSet;

use super::super::version::Version;
use super::super::{file, names};
use crate::edit::toml::Toml;
use crate::edit::{Takes, Text};
use crate::error::{ErrorKind, Result};
use crate::facts::{Answer, Facts, Query};

/// The most files that a config.toml may be made of. Beyond it something is wrong, and a node is not asked for ever.
pub(super) const MOST: usize = 100;

/// What must be read to know the imported files and those that they import, as far as is known already.
pub(super) fn queries(facts: &Facts, path: &str) -> Vec<Query> {
    let mut paths = vec![path.to_owned()];
    let mut wanted = Vec::new();
    let mut next = 0;
    while let Some(path) = paths.get(next).filter(|_| next < MOST) {
        let patterns = read(facts, path).map(|toml| patterns(&toml, path)).unwrap_or_default();
        wanted.extend(patterns.iter().flat_map(|pattern| open(facts, pattern)));
        let found: Vec<_> = patterns.iter().flat_map(|pattern| matches(facts, pattern)).collect();
        for path in found {
            if !paths.contains(&path) {
                paths.push(path);
            }
        }
        next += 1;
    }
    wanted
}

/// The paths of the files that a file imports, each once, in the order in which containerd reads them.
pub(super) fn paths(facts: &Facts, file: &Toml, version: Option<Version>) -> Result<Vec<String>> {
    let mut paths: Vec<String> = Vec::new();
    check_relative_globs(file, version)?;
    for pattern in patterns(file, file.text().path()) {
        let error = |kind, what: String| file.error(&["imports"], kind, what);
        match folder_and_name(&pattern) {
            Some((folder, _)) if is_glob(folder) => {
                let what = format!("{pattern:?} has a wildcard in a folder's name");
                return Err(error(ErrorKind::Unsupported, what).with_hint("name the folders one by one"));
            }
            Some(_) => paths.extend(matches(facts, &pattern)),
            None if facts.answer(&Query::File(pattern.clone())) == Some(&Answer::Absent) => {
                let what = format!("there is no {pattern}; containerd does not start without it");
                return Err(error(ErrorKind::Conflict, what).with_hint("make the file, or take it out of imports"));
            }
            None => paths.push(pattern),
        }
    }
    let mut seen = BTreeSet::new();
    paths.retain(|path| seen.insert(path.clone()));
    Ok(paths)
}

/// Before 1.7 containerd looks for a relative pattern below its own working folder.
fn check_relative_globs(file: &Toml, version: Option<Version>) -> Result<()> {
    let listed = file.strings(&["imports"])?.unwrap_or_default();
    let relative = listed.iter().find(|pattern| is_glob(pattern) && !pattern.starts_with('/'));
    match relative.filter(|_| version.is_some_and(|own| own < Version(1, 7, 0))) {
        None => Ok(()),
        Some(pattern) => {
            let what = format!("{pattern:?} means files below the daemon's working folder in this release");
            Err(file.error(&["imports"], ErrorKind::Conflict, what).with_hint("write it with the whole path"))
        }
    }
}

/// A file, if it can be read; its faults are reported where it is planned with.
fn read(facts: &Facts, path: &str) -> Option<Toml> {
    Toml::parse(Text::read(path, file(facts, path).ok()??, Takes::AnyBytes).ok()?).ok()
}

/// The patterns in `imports`, those that are relative taken from the file's folder.
fn patterns(file: &Toml, path: &str) -> Vec<String> {
    let listed = file.strings(&["imports"]).ok().flatten().unwrap_or_default();
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let absolute = |p: &&str| if p.starts_with('/') { (*p).to_owned() } else { format!("{folder}/{p}") };
    listed.iter().map(|pattern| cleaned(&absolute(pattern))).collect()
}

/// A path without `.`, `..` and doubled slashes (Go's `filepath.Clean`), so that a file has one name.
fn cleaned(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}

/// What must be read to know the files of a pattern.
fn open(facts: &Facts, pattern: &str) -> Vec<Query> {
    match folder_and_name(pattern) {
        Some((folder, _)) => {
            let files = matches(facts, pattern).into_iter().map(Query::File);
            std::iter::once(Query::Dir(folder.to_owned())).chain(files).collect()
        }
        None => vec![Query::File(pattern.to_owned())],
    }
}

/// The files of a pattern, sorted as Go's `filepath.Glob` sorts them.
fn matches(facts: &Facts, pattern: &str) -> Vec<String> {
    let Some((folder, name)) = folder_and_name(pattern) else { return vec![pattern.to_owned()] };
    let Ok(name) = glob::Pattern::new(name) else { return Vec::new() };
    let found = names(facts, folder).unwrap_or_default().iter().filter(|file| name.matches(file));
    found.map(|file| format!("{folder}/{file}")).collect()
}

/// A pattern's folder and the pattern of the names in it; `None` if it is a plain path.
fn folder_and_name(pattern: &str) -> Option<(&str, &str)> {
    pattern.rsplit_once('/').filter(|_| is_glob(pattern))
}

fn is_glob(pattern: &str) -> bool {
    pattern.contains(['*', '?', '['])
}

//! The host keys that are known: files in OpenSSH's `known_hosts` format, read once in a run.

mod add;
mod line;

use std::collections::HashMap;
use std::io::ErrorKind as Io;
use std::sync::{Mutex, PoisonError, RwLock};

use crate::error::{Error, ErrorKind, Result};

pub(super) use line::{HostKey, fingerprint};
use line::{Line, Marker, Names};

/// Parsed `known_hosts` files, shared by the connections of a run.
///
/// Names are exact, `[host]:port`, comma lists, hashed, with wildcards or negations, in any letter case. `@revoked`
/// and `@cert-authority` are honoured.
#[derive(Debug, Default)]
pub(super) struct KnownHosts {
    files: RwLock<HashMap<String, File>>,
    /// Held while a file is read, so that the threads of a run do not all read it at once.
    reading: Mutex<()>,
}

/// A line that is about a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Known {
    pub(super) key: HostKey,
    pub(super) path: String,
    pub(super) line: usize,
}

/// All lines that are about a host.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Found {
    /// Its keys.
    pub(super) keys: Vec<Known>,
    /// Keys that must never be accepted from it.
    pub(super) revoked: Vec<Known>,
    /// Keys that sign its certificates.
    pub(super) authorities: Vec<Known>,
}

impl KnownHosts {
    /// Finds a host by its name in these files, reading those that were not read yet. A file that does not exist is
    /// empty.
    pub(super) fn find(&self, paths: &[String], name: &str) -> Result<Found> {
        let mut found = Found::default();
        for path in paths {
            self.load(path)?;
            let files = self.files.read().unwrap_or_else(PoisonError::into_inner);
            if let Some(file) = files.get(path) {
                file.find(path, name, &mut found);
            }
        }
        Ok(found)
    }

    fn load(&self, path: &str) -> Result<()> {
        if self.has(path) {
            return Ok(());
        }
        let _reading = self.reading.lock().unwrap_or_else(PoisonError::into_inner);
        if self.has(path) {
            return Ok(());
        }
        let bytes = match std::fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == Io::NotFound => Vec::new(),
            Err(error) => return Err(unreadable(path, &error)),
        };
        self.store(path, File::parse(path, &bytes)?);
        Ok(())
    }

    fn has(&self, path: &str) -> bool {
        self.files.read().unwrap_or_else(PoisonError::into_inner).contains_key(path)
    }

    fn store(&self, path: &str, file: File) {
        self.files.write().unwrap_or_else(PoisonError::into_inner).insert(path.to_owned(), file);
    }
}

/// The name that a host has in the files: `host`, or `[host]:port` when the port is not 22.
pub(super) fn name(address: &str, port: u16) -> String {
    let address = address.to_ascii_lowercase();
    if port == 22 { address } else { format!("[{address}]:{port}") }
}

/// The lines about a host in a file read part by part: those in `keys`, `revoked` and `authorities` of [`Found`].
#[cfg(fuzzing)]
pub(crate) fn lines_of_host(parts: &[&[u8]], name: &str) -> Result<[Vec<usize>; 3]> {
    let mut file = File::default();
    parts.iter().try_for_each(|part| file.append("known_hosts", part))?;
    let mut found = Found::default();
    file.find("known_hosts", name, &mut found);
    Ok([found.keys, found.revoked, found.authorities].map(|known| known.iter().map(|known| known.line).collect()))
}

fn unreadable(path: &str, error: &std::io::Error) -> Error {
    Error::new(ErrorKind::Io, format!("the known hosts cannot be read: {error}")).with_path(path)
}

/// One parsed file.
#[derive(Debug, Default)]
struct File {
    entries: Vec<Entry>,
    /// Where plain names stand in `entries`; they are nearly all, and a fleet is looked up in a fleet's file.
    exact: HashMap<String, Vec<usize>>,
    /// The entries that must be asked one by one.
    others: Vec<usize>,
    lines: usize,
    size: usize,
}

#[derive(Debug)]
struct Entry {
    marker: Marker,
    names: Names,
    key: HostKey,
    line: usize,
}

impl File {
    fn parse(path: &str, bytes: &[u8]) -> Result<Self> {
        let mut file = Self::default();
        file.append(path, bytes)?;
        Ok(file)
    }

    /// Takes the lines that stand at the end of the file now.
    fn append(&mut self, path: &str, bytes: &[u8]) -> Result<()> {
        for text in String::from_utf8_lossy(bytes).lines() {
            self.lines += 1;
            match Line::parse(text) {
                Line::Nothing => {}
                Line::BadRevocation => {
                    let error = Error::new(ErrorKind::Parse, "the revoked key cannot be read");
                    return Err(error.with_path(path).with_line(self.lines));
                }
                Line::Key(marker, names, key) => self.push(Entry { marker, names, key, line: self.lines }),
            }
        }
        self.size += bytes.len();
        Ok(())
    }

    fn push(&mut self, entry: Entry) {
        let at = self.entries.len();
        if let Names::Exact(names) = &entry.names {
            for name in names {
                self.exact.entry(name.clone()).or_default().push(at);
            }
        } else {
            self.others.push(at);
        }
        self.entries.push(entry);
    }

    fn find(&self, path: &str, name: &str, found: &mut Found) {
        let exact = self.exact.get(name).into_iter().flatten();
        let others = self.others.iter().filter(|at| self.entries[**at].names.contains(name));
        for entry in exact.chain(others).map(|at| &self.entries[*at]) {
            let known = Known { key: entry.key.clone(), path: path.to_owned(), line: entry.line };
            match entry.marker {
                Marker::None => found.keys.push(known),
                Marker::Revoked => found.revoked.push(known),
                Marker::CertAuthority => found.authorities.push(known),
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAT4sZaWnwVub6F9ssWyaxeJqbK9SlLZc08zYKeaKZbn";

    #[test]
    fn names_of_hosts() {
        assert_eq!(name("Node1", 22), "node1");
        assert_eq!(name("node1", 2222), "[node1]:2222");
        assert_eq!(name("fd00::1", 22), "fd00::1");
        assert_eq!(name("fd00::1", 2222), "[fd00::1]:2222");
    }

    #[test]
    fn lines_are_found_with_their_place() {
        let text = format!("# all\nn1,n2 {KEY}\n\n@revoked * {KEY}\n@cert-authority *.lab {KEY}\n");
        let file = File::parse("f", text.as_bytes()).unwrap();
        let mut found = Found::default();
        file.find("f", "n2", &mut found);
        assert_eq!(found.keys.iter().map(|k| k.line).collect::<Vec<_>>(), [2]);
        assert_eq!(found.revoked.iter().map(|k| k.line).collect::<Vec<_>>(), [4]);
        assert_eq!(found.authorities, []);
        assert_eq!(found.keys[0].path, "f");
    }

    #[test]
    fn a_broken_revocation_is_an_error() {
        let error = File::parse("f", b"n1 x y\n@revoked n1 cut\n").unwrap_err();
        assert_eq!((error.kind(), error.path(), error.line()), (ErrorKind::Parse, Some("f"), Some(2)));
    }

    #[test]
    fn a_missing_file_is_empty_and_an_unreadable_one_is_an_error() {
        let known = KnownHosts::default();
        assert_eq!(known.find(&["/nonexistent/known_hosts".to_owned()], "n1").unwrap(), Found::default());
        assert_eq!(known.find(&["/".to_owned()], "n1").unwrap_err().kind(), ErrorKind::Io);
    }
}

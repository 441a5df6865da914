//! Adding the key of a new host to a file that others may be adding to as well.

use std::fs::{DirBuilder, File as StdFile, OpenOptions, TryLockError};
use std::io::{Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;
use std::sync::PoisonError;
use std::time::Duration;

use super::{File, Found, HostKey, KnownHosts, unreadable};
use crate::error::{Error, ErrorKind, Result};
use crate::transport::Limit;

impl KnownHosts {
    /// Adds the key, unless `accept` of what the file says by now finds that there is no need to, or that it must not.
    ///
    /// The lock is the file's, so it holds between threads and between programs that use it. OpenSSH does not, but it
    /// appends whole lines too.
    pub(in crate::transport::ssh) fn add(
        &self,
        path: &str,
        name: &str,
        key: &HostKey,
        accept: &dyn Fn(&Found) -> Result<bool>,
        limit: &Limit,
    ) -> Result<()> {
        let mut handle = open(path).map_err(|error| unwritable(path, &error))?;
        lock(&handle, path, limit)?;
        let ends_well = self.reload(path, &mut handle)?;
        let mut found = Found::default();
        let mut files = self.files.write().unwrap_or_else(PoisonError::into_inner);
        let file = files.entry(path.to_owned()).or_default();
        file.find(path, name, &mut found);
        if !accept(&found)? {
            return Ok(());
        }
        let end = if ends_well { "" } else { "\n" };
        let line = format!("{name} {}\n", key.text());
        handle.write_all(format!("{end}{line}").as_bytes()).map_err(|error| unwritable(path, &error))?;
        file.size += end.len();
        file.append(path, line.as_bytes())
    }

    /// Reads the file again when it is not as long as it was. Says whether its last line is whole.
    fn reload(&self, path: &str, handle: &mut StdFile) -> Result<bool> {
        let mut bytes = Vec::new();
        handle.read_to_end(&mut bytes).map_err(|error| unreadable(path, &error))?;
        let known = self.files.read().unwrap_or_else(PoisonError::into_inner).get(path).map(|file| file.size);
        if known != Some(bytes.len()) {
            self.store(path, File::parse(path, &bytes)?);
        }
        Ok(bytes.last().is_none_or(|last| *last == b'\n'))
    }
}

fn open(path: &str) -> std::io::Result<StdFile> {
    if let Some(folder) = Path::new(path).parent().filter(|folder| !folder.as_os_str().is_empty()) {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(path)
}

fn lock(handle: &StdFile, path: &str, limit: &Limit) -> Result<()> {
    loop {
        match handle.try_lock() {
            Ok(()) => return Ok(()),
            Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(error)) => return Err(unwritable(path, &error)),
        }
        let left = limit.left().map_err(|error| error.with_path(path).with_hint("another program holds its lock"))?;
        std::thread::sleep(left.min(Duration::from_millis(5)));
    }
}

fn unwritable(path: &str, error: &std::io::Error) -> Error {
    Error::new(ErrorKind::Io, format!("the key of the new host cannot be added: {error}")).with_path(path)
}

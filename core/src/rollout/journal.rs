//! What earlier calls have done, in a file: one line of JSON for the settings, then one for each node that ended.

use std::collections::HashMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind, Result};
use crate::node::Node;
use crate::report::{NodeReport, Outcome};
use crate::settings::Settings;

const VERSION: u32 = 1;

/// The first line.
#[derive(Deserialize, Serialize)]
struct Head {
    regconf_journal: u32,
    /// The fingerprint of the settings that the call was given.
    settings: String,
}

/// How a node ended.
#[derive(Deserialize, Serialize)]
struct Line {
    node: String,
    address: String,
    /// The fingerprint of the node's own settings, those of its groups among them.
    settings: String,
    outcome: Outcome,
    /// The kind of the error, if there was one.
    error: Option<String>,
    /// In seconds since 1970.
    time: u64,
}

/// An open journal, which no other call can open.
pub(super) struct Journal {
    shown: String,
    ended: HashMap<(String, String), (String, Outcome)>,
    whole: Whole,
}

/// A file of whole lines.
///
/// Those who add lines while the disk is busy with others' are put on disk together, for a disk takes milliseconds each
/// time, and many nodes end meanwhile.
struct Whole {
    file: File,
    length: Mutex<Length>,
    synced: Condvar,
}

/// How much of the file there is.
struct Length {
    written: u64,
    /// How much is on disk.
    safe: u64,
    /// Whether somebody waits for the disk.
    is_syncing: bool,
    /// Why the disk could not be trusted once: a second try may say that all is well when it is not.
    fault: Option<Error>,
}

impl Journal {
    /// Opens a journal of these settings, or begins one. A last line that was cut off is forgotten.
    ///
    /// # Errors
    /// [`ErrorKind::Io`] when the file cannot be used, [`ErrorKind::Conflict`] when another call has it or it is of
    /// other settings, [`ErrorKind::Parse`] when it is no journal.
    pub(super) fn open(path: &Path, settings: &Settings) -> Result<Self> {
        let shown = path.display().to_string();
        let at = |error: Error| error.with_path(&shown).context("journal");
        let file = open_locked(path).map_err(at)?;
        let (text, length) = whole_lines(&file).map_err(at)?;
        let ended = ended(&text, &settings.fingerprint()).map_err(at)?;
        let whole = Whole::new(file, length);
        if text.is_empty() {
            whole.append(&Head { regconf_journal: VERSION, settings: settings.fingerprint() }).map_err(at)?;
        }
        Ok(Self { shown, ended, whole })
    }

    /// How a node ended if that was well and with the same settings.
    pub(super) fn done(&self, node: &Node, settings: &Settings) -> Option<Outcome> {
        let (of, outcome) = self.ended.get(&(node.name.clone(), node.place()))?;
        let is_done = matches!(outcome, Outcome::Changed | Outcome::Unchanged);
        (is_done && *of == node.settings_over(settings).fingerprint()).then_some(*outcome)
    }

    /// Writes down how a node ended; on disk when this returns. A node that was not begun is left out.
    pub(super) fn record(&self, node: &Node, settings: &Settings, report: &NodeReport) -> Result<()> {
        if report.outcome == Outcome::NotTried {
            return Ok(());
        }
        let line = Line {
            node: node.name.clone(),
            address: node.place(),
            settings: node.settings_over(settings).fingerprint(),
            outcome: report.outcome,
            error: report.error.as_ref().map(|error| error.kind().name().to_owned()),
            time: SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs()),
        };
        self.whole.append(&line).map_err(|error| error.with_path(&self.shown).context("journal"))
    }
}

impl Whole {
    fn new(file: File, length: u64) -> Self {
        let length = Length { written: length, safe: length, is_syncing: false, fault: None };
        Self { file, length: Mutex::new(length), synced: Condvar::new() }
    }

    /// Adds a line, which is on disk when this returns.
    fn append(&self, line: &impl Serialize) -> Result<()> {
        let mut text = serde_json::to_vec(line).map_err(|e| Error::new(ErrorKind::Internal, e.to_string()))?;
        text.push(b'\n');
        let mut length = self.lock();
        if let Err(error) = (&self.file).write_all(&text) {
            // Half a line in the middle would make the file unreadable; at its end it is forgotten.
            let _ = self.file.set_len(length.written);
            return Err(failed("written", &error));
        }
        length.written += text.len() as u64;
        let end = length.written;
        self.sync(length, end)
    }

    /// Waits until the file is on disk up to there: by another's word to the disk, or by one of its own.
    fn sync<'a>(&'a self, mut length: MutexGuard<'a, Length>, end: u64) -> Result<()> {
        while length.safe < end {
            if let Some(fault) = &length.fault {
                return Err(fault.clone());
            }
            if length.is_syncing {
                length = self.synced.wait(length).unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            let written = length.written;
            length.is_syncing = true;
            drop(length);
            let synced = self.file.sync_data();
            length = self.lock();
            length.is_syncing = false;
            match synced {
                Ok(()) => length.safe = written,
                Err(error) => length.fault = Some(failed("written", &error)),
            }
            self.synced.notify_all();
        }
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, Length> {
        self.length.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn open_locked(path: &Path) -> Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).append(true).create(true).mode(0o600);
    let file = options.open(path).map_err(|error| failed("opened", &error))?;
    if !file.metadata().is_ok_and(|about| about.is_file()) {
        return Err(Error::new(ErrorKind::Io, "is not a plain file").with_hint("name another file"));
    }
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            Err(Error::new(ErrorKind::Conflict, "is in use by another run")
                .with_hint("wait for it, or name another file"))
        }
        Err(TryLockError::Error(error)) => Err(failed("locked", &error)),
    }
}

/// The text up to the last line end, and the file cut off there.
fn whole_lines(mut file: &File) -> Result<(String, u64)> {
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).map_err(|error| failed("read", &error))?;
    let end = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    if end == 0 && !bytes.is_empty() && !bytes.starts_with(b"{\"regconf") && !b"{\"regconf".starts_with(&bytes) {
        return Err(no_journal(1));
    }
    if end < bytes.len() {
        file.set_len(end as u64).map_err(|error| failed("written", &error))?;
        bytes.truncate(end);
    }
    let text = String::from_utf8(bytes).map_err(|_| Error::new(ErrorKind::Parse, "is not UTF-8"))?;
    Ok((text, end as u64))
}

type Ended = HashMap<(String, String), (String, Outcome)>;

/// How each node ended the last time.
fn ended(text: &str, settings: &str) -> Result<Ended> {
    let mut lines = text.lines().zip(1..);
    let Some((first, _)) = lines.next() else { return Ok(Ended::new()) };
    let head: Head = serde_json::from_str(first).map_err(|_| no_journal(1))?;
    if head.regconf_journal != VERSION {
        let what = format!("has version {}, and this library knows {VERSION}", head.regconf_journal);
        return Err(Error::new(ErrorKind::Unsupported, what).with_hint("name another file"));
    }
    if head.settings != settings {
        return Err(Error::new(ErrorKind::Conflict, "belongs to other settings")
            .with_hint("name another file, or delete this one to begin anew"));
    }
    let line = |(text, number)| {
        let line: Line = serde_json::from_str(text).map_err(|_| no_journal(number))?;
        Ok(((line.node, line.address), (line.settings, line.outcome)))
    };
    lines.map(line).collect()
}

fn no_journal(line: usize) -> Error {
    Error::new(ErrorKind::Parse, "is not a line of a journal").with_line(line).with_hint("name another file")
}

fn failed(what: &str, error: &std::io::Error) -> Error {
    Error::new(ErrorKind::Io, format!("cannot be {what}: {error}"))
}

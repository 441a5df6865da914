//! The folder of a running fleet, and the leftovers of killed ones.

use crate::{Error, Result, bases, sweep};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

/// In front of every name that a fleet gives to something the whole machine
/// sees.
const PREFIX: &str = "rcf";

/// A fleet's folder. The lock in it lives as long as the process that made
/// it, however that process ends.
#[derive(Debug)]
pub(crate) struct RunDir {
    id: String,
    path: PathBuf,
    _lock: File,
}

impl RunDir {
    /// Removes what killed fleets left behind, then makes a new folder.
    pub(crate) fn new() -> Result<Self> {
        static COUNTER: AtomicU32 = AtomicU32::new(0);
        let parent = bases::cache_dir().join("run");
        fs::create_dir_all(&parent).map_err(Error::io(format!("making {}", parent.display())))?;
        let _turn = turn()?;
        sweep_dead(&parent)?;
        let id = format!("{PREFIX}-{}-{}", std::process::id(), COUNTER.fetch_add(1, Ordering::Relaxed));
        let path = parent.join(&id);
        fs::create_dir(&path).map_err(Error::io(format!("making {}", path.display())))?;
        let lock = create(&path.join("lock"))?;
        lock.lock().map_err(Error::io("taking the fleet's lock"))?;
        Ok(Self { id, path, _lock: lock })
    }

    /// Unique on this machine; to be the beginning of every other name.
    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for RunDir {
    fn drop(&mut self) {
        let swept = turn().and_then(|_turn| sweep::sweep(&self.id, &self.path));
        if let Err(error) = swept {
            eprintln!("tearing down {}: {error}", self.id);
        }
    }
}

/// Makes folders come and go one at a time: a new one must not be swept before
/// its lock is taken, nor an old one by two at once.
fn turn() -> Result<File> {
    let turn = create(&bases::cache_dir().join("run.lock"))?;
    turn.lock().map_err(Error::io("waiting for run.lock"))?;
    Ok(turn)
}

fn create(path: &Path) -> Result<File> {
    File::create(path).map_err(Error::io(format!("making {}", path.display())))
}

/// Sweeps every fleet whose lock nobody holds any more.
fn sweep_dead(parent: &Path) -> Result<()> {
    let entries = fs::read_dir(parent).map_err(Error::io(format!("listing {}", parent.display())))?;
    for entry in entries.flatten() {
        let lock = create(&entry.path().join("lock"))?;
        if lock.try_lock().is_ok() {
            sweep::sweep(&entry.file_name().to_string_lossy(), &entry.path())?;
        }
    }
    Ok(())
}

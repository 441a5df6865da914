//! What a process has used so far, as the system says.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

use crate::Fault;

/// A line of `/proc/self/status`: KiB of memory, or a count.
fn status(key: &str) -> Result<u64, Fault> {
    let text = std::fs::read_to_string("/proc/self/status")?;
    let line = text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(':'));
    let number = line.and_then(|rest| rest.split_whitespace().next()).ok_or_else(|| format!("no {key} is told"))?;
    Ok(number.parse()?)
}

/// The memory that is resident, in KiB.
pub(crate) fn resident() -> Result<u64, Fault> {
    status("VmRSS")
}

/// The most memory that ever was resident, in KiB.
pub(crate) fn peak() -> Result<u64, Fault> {
    status("VmHWM")
}

pub(crate) fn threads() -> Result<u64, Fault> {
    status("Threads")
}

/// Processor time of all threads.
pub(crate) fn of_process() -> Duration {
    clock(ClockId::ProcessCPUTime)
}

/// Processor time of this thread.
pub(crate) fn of_thread() -> Duration {
    clock(ClockId::ThreadCPUTime)
}

fn clock(id: ClockId) -> Duration {
    Duration::try_from(clock_gettime(id)).unwrap_or_default()
}

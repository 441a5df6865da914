//! What a run takes: of the client by a process that runs it and nothing else, of the nodes by a control group.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeVal;
use rustix::process::{Pid, Signal, WaitOptions, getpid, kill_process, set_child_subreaper, wait};
use serde_json::{Value, json};

use crate::job::Result;

/// What a driver took.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Client {
    /// From its start to its end, in seconds.
    pub(crate) wall: f64,
    /// User and system time of all its processes, in seconds.
    pub(crate) cpu: f64,
    /// The most memory that its largest process had at once, in MiB.
    pub(crate) rss: f64,
}

/// Runs a driver to its end, measures it, and writes that to `out`. What it leaves running is ended and counted.
///
/// This is the main thing of a process of its own, for the kernel adds up what all ended children took.
pub(crate) fn meter(out: &Path, command: &[String]) -> Result<()> {
    set_child_subreaper(Some(getpid()))?;
    let (program, arguments) = command.split_first().ok_or("no command is given")?;
    let began = Instant::now();
    let status = Command::new(program).args(arguments).status().map_err(|error| format!("{program}: {error}"))?;
    let wall = began.elapsed().as_secs_f64();
    end_children()?;
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let cpu = seconds(usage.user_time()) + seconds(usage.system_time());
    let measured = json!({"wall": wall, "cpu": cpu, "rss_kib": usage.max_rss(), "success": status.success()});
    Ok(fs::write(out, measured.to_string())?)
}

fn seconds(time: TimeVal) -> f64 {
    Duration::new(time.tv_sec().unsigned_abs(), 1000 * u32::try_from(time.tv_usec()).unwrap_or(0)).as_secs_f64()
}

/// Ends what the driver has left, such as the masters of ssh's `ControlPersist`.
fn end_children() -> Result<()> {
    loop {
        let children = fs::read_to_string("/proc/thread-self/children")?;
        for pid in children.split_whitespace().filter_map(|word| Pid::from_raw(word.parse().ok()?)) {
            // Only fails if it has just ended.
            let _ = kill_process(pid, Signal::KILL);
        }
        match wait(WaitOptions::empty()) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(rustix::io::Errno::CHILD) => return Ok(()),
            Err(error) => return Err(error.into()),
        }
    }
}

/// Runs a driver under a [`meter`]; what it printed goes into `log`.
///
/// # Errors
/// Also when the driver failed.
pub(crate) fn run(command: &mut Command, out: &Path, log: &Path) -> Result<Client> {
    let file = fs::File::create(log)?;
    command.stdout(file.try_clone()?).stderr(file);
    let status = command.status()?;
    let measured: Value = if status.success() { serde_json::from_str(&fs::read_to_string(out)?)? } else { Value::Null };
    if measured["success"] != true {
        return Err(format!("it failed: {}", last_lines(&fs::read_to_string(log)?)).into());
    }
    let number = |name: &str| measured[name].as_f64().unwrap_or_default();
    Ok(Client { wall: number("wall"), cpu: number("cpu"), rss: number("rss_kib") / 1024.0 })
}

fn last_lines(text: &str) -> String {
    let lines: Vec<_> = text.lines().collect();
    lines[lines.len().saturating_sub(5)..].join(" | ")
}

/// The processor time of the nodes: of their servers and all that those start.
#[derive(Debug)]
pub(crate) enum NodeCpu {
    /// By a control group of version 2, exact.
    Group(PathBuf),
    /// By what the servers have reaped, where no control group can be made: in steps of 10 ms for each node, which even
    /// out over many.
    Reaped(Vec<u32>),
}

const PREFIX: &str = "regconf-bench-";

impl NodeCpu {
    /// Of these servers.
    pub(crate) fn of(servers: Vec<u32>) -> Self {
        match group(&servers) {
            Some(group) => Self::Group(group),
            None => Self::Reaped(servers),
        }
    }

    /// How it is measured, in words.
    pub(crate) fn method(&self) -> &'static str {
        match self {
            Self::Group(_) => "a control group",
            Self::Reaped(_) => "the times of ended sessions, in steps of 10 ms",
        }
    }

    /// How much it was up to now, in seconds; of sessions that have ended.
    pub(crate) fn seconds(&self) -> Result<f64> {
        match self {
            Self::Group(group) => {
                let text = fs::read_to_string(group.join("cpu.stat"))?;
                let usage = text.lines().find_map(|line| line.strip_prefix("usage_usec "));
                Ok(Duration::from_micros(usage.ok_or("cpu.stat tells no usage_usec")?.parse()?).as_secs_f64())
            }
            Self::Reaped(servers) => servers.iter().map(|pid| reaped(*pid)).sum(),
        }
    }
}

impl Drop for NodeCpu {
    fn drop(&mut self) {
        if let Self::Group(group) = self {
            // Not while its last processes end; the next run sweeps up what is left.
            let _ = fs::remove_dir(group);
        }
    }
}

/// A control group with these processes in it; `None` where that is not allowed.
fn group(servers: &[u32]) -> Option<PathBuf> {
    let mounts = fs::read_to_string("/proc/self/mountinfo").ok()?;
    let mount = mounts.lines().find(|line| line.contains(" - cgroup2 "))?.split(' ').nth(4)?.to_owned();
    let groups = fs::read_to_string("/proc/self/cgroup").ok()?;
    let own = groups.lines().find_map(|line| line.strip_prefix("0::/"))?;
    let own = Path::new(&mount).join(own);
    for left in fs::read_dir(&own).ok()?.flatten() {
        if left.file_name().to_string_lossy().starts_with(PREFIX) {
            let _ = fs::remove_dir(left.path());
        }
    }
    let group = own.join(format!("{PREFIX}{}", std::process::id()));
    fs::create_dir(&group).ok()?;
    let moved = servers.iter().try_for_each(|pid| fs::write(group.join("cgroup.procs"), pid.to_string()));
    if moved.is_ok() && group.join("cpu.stat").exists() {
        return Some(group);
    }
    let _ = fs::remove_dir(&group);
    None
}

/// User and system time of a process and of its ended children, in seconds: the 14th to 17th field of proc(5), in ticks
/// of 1/100 s.
fn reaped(pid: u32) -> Result<f64> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    let fields = text.rsplit_once(") ").ok_or("stat has no name")?.1;
    let ticks = fields.split(' ').skip(11).take(4).map(str::parse::<u32>);
    Ok(f64::from(ticks.sum::<std::result::Result<u32, _>>()?) / 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ended_children_are_told_by_the_kernel() {
        let before = reaped(std::process::id()).unwrap();
        let busy = "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done";
        assert!(Command::new("sh").args(["-c", busy]).status().unwrap().success());
        assert!(reaped(std::process::id()).unwrap() > before);
    }
}

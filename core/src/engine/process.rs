//! The running processes of an engine's daemon.

use crate::facts::{Facts, Query};

/// Seconds by which the start of a process and the time of a file may be off: ticks, and the time of boot, are rounded.
const BLUR: u64 = 2;

/// How the kernel marks a program whose file is gone.
const GONE: &str = " (deleted)";

/// A running daemon.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Process {
    /// What it was asked for as.
    pub(super) name: String,
    pub(super) pid: u32,
    pub(super) parent: u32,
    /// The number of the user that it runs as; 0 is root.
    pub(super) user: u32,
    /// Its program's file.
    pub(super) program: String,
    /// Whether that file is another one by now, as after an upgrade.
    pub(super) is_replaced: bool,
    /// The service whose control group it is in.
    pub(super) service: Option<String>,
    /// What its program says of its version, if that is not the program in PATH.
    pub(super) version: Option<String>,
    /// The program's name and the arguments.
    pub(super) arguments: Vec<String>,
    now: u64,
    boot: u64,
    ticks: u64,
    hertz: u64,
}

impl Process {
    /// The processes of a program. One that another of them has only just started is a copy on its way to something
    /// else.
    pub(super) fn all(facts: &Facts, program: &str) -> Vec<Self> {
        let text = super::text(facts, &Query::Daemon(program.to_owned())).unwrap_or_default();
        let named = |process| Self { name: program.to_owned(), ..process };
        let all: Vec<_> = text.split("\n\n").filter_map(Self::parse).map(named).collect();
        all.iter().filter(|one| all.iter().all(|other| other.pid != one.parent)).cloned().collect()
    }

    /// Those of root.
    pub(super) fn of_root(facts: &Facts, program: &str) -> Vec<Self> {
        Self::all(facts, program).into_iter().filter(|process| process.user == 0).collect()
    }

    fn parse(block: &str) -> Option<Self> {
        let mut process = Self::default();
        for (key, value) in block.lines().filter_map(|line| line.split_once('=')) {
            let number = || value.parse().unwrap_or_default();
            match key {
                "Pid" => process.pid = value.parse().ok()?,
                "Parent" => process.parent = value.parse().ok()?,
                "Uid" => process.user = value.parse().ok()?,
                "Exe" => {
                    value.strip_suffix(GONE).unwrap_or(value).clone_into(&mut process.program);
                    process.is_replaced = value.ends_with(GONE);
                }
                "Service" => process.service = Some(value.to_owned()),
                "Version" => process.version = Some(value.to_owned()),
                "Arg" => process.arguments.push(value.to_owned()),
                "Now" => process.now = number(),
                "Boot" => process.boot = number(),
                "Ticks" => process.ticks = number(),
                "Hertz" => process.hertz = value.parse().unwrap_or_default(),
                _ => {}
            }
        }
        (process.pid > 0).then_some(process)
    }

    /// Whether a file was written after the process had started. What is dated in the future tells nothing, and would
    /// tell the same after every restart.
    pub(super) fn is_older_than(&self, facts: &Facts, path: &str) -> bool {
        let written = super::text(facts, &Query::Modified(path.to_owned())).and_then(|text| text.trim().parse().ok());
        let Some(written): Option<u64> = written else { return false };
        let Some(since_boot) = self.ticks.checked_div(self.hertz).filter(|_| self.boot > 0) else { return false };
        let started = self.boot.saturating_add(since_boot);
        started.saturating_add(BLUR) < written && written <= self.now.saturating_add(BLUR)
    }

    /// Whether any argument, or the path of the program, has one of these parts.
    pub(super) fn mentions(&self, parts: &[&str]) -> bool {
        let mut words = std::iter::once(&self.program).chain(&self.arguments);
        words.any(|word| parts.iter().any(|part| word.contains(part)))
    }

    /// Whether it belongs to one of these services.
    pub(super) fn is_of(&self, services: &[&str]) -> bool {
        self.service.as_deref().is_some_and(|service| services.contains(&service))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::Answer;

    const TEXT: &str = "Pid=12\nUid=0\nExe=/opt/bin/dockerd (deleted)\nNow=5000\nBoot=1000\nHertz=100\nService=docker\n\
        Version=Docker version 28.5.2, build 1\nArg=dockerd\nArg=--a=b\nParent=1\nTicks=100000\n\n\
        Pid=13\nUid=0\nExe=/opt/bin/dockerd\nParent=12\nTicks=1\n\nPid=14\nUid=1000\nParent=1\n\n";

    fn facts(text: &str) -> Facts {
        Facts::default().with(Query::Daemon("dockerd".into()), Answer::Text(text.into()))
    }

    #[test]
    fn blocks_are_processes_and_copies_on_their_way_are_left_out() {
        let all = Process::all(&facts(TEXT), "dockerd");
        assert_eq!(all.iter().map(|process| (process.pid, process.user)).collect::<Vec<_>>(), [(12, 0), (14, 1000)]);
        assert_eq!((all[0].program.as_str(), all[0].service.as_deref()), ("/opt/bin/dockerd", Some("docker")));
        assert_eq!((all[0].is_replaced, all[1].is_replaced), (true, false));
        assert_eq!(all[0].arguments, ["dockerd", "--a=b"]);
        assert_eq!(Process::of_root(&facts(TEXT), "dockerd").len(), 1);
        assert_eq!(Process::all(&facts("nonsense\n\nPid=x\n\nUid=0\n"), "dockerd"), []);
    }

    #[test]
    fn a_file_written_after_the_start_and_not_in_the_future() {
        let is_older = |written: &str| {
            let facts = facts(TEXT).with(Query::Modified("/f".into()), Answer::Text(written.into()));
            Process::all(&facts, "dockerd")[0].is_older_than(&facts, "/f")
        };
        // It started at 2000, and now it is 5000.
        assert_eq!(
            ["1000", "2000", "2002", "2003", "5002", "5003", ""].map(is_older),
            [false, false, false, true, true, false, false]
        );
        let without_times = facts("Pid=1\nUid=0\n").with(Query::Modified("/f".into()), Answer::Text("2003".into()));
        assert!(!Process::all(&without_times, "dockerd")[0].is_older_than(&without_times, "/f"));
    }
}

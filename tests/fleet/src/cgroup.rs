//! A control group of its own for every node.
//!
//! A container's systemd takes the group it is started in for its root. Two
//! of them in one group would both manage `/system.slice/docker.service` and
//! wait for each other's processes.

use crate::run::poll;
use crate::{Error, Result};
use rustix::process::{Pid, Signal, kill_process};
use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long the kernel may take to empty the groups of a killed container.
const EMPTY_LIMIT: Duration = Duration::from_secs(10);

/// Makes a group called `name` below the own one in each hierarchy that is
/// mounted, and returns their directories.
pub(crate) fn create(name: &str) -> Result<Vec<PathBuf>> {
    let groups: Vec<PathBuf> = own_groups()?.iter().map(|own| own.join(name)).collect();
    for group in &groups {
        fs::create_dir_all(group).map_err(Error::io(format!("making {}", group.display())))?;
    }
    Ok(groups)
}

/// Ends the processes that are still in the groups called `name`, which only
/// this harness makes, and removes the groups.
pub(crate) fn remove(name: &str) -> Result<()> {
    let groups: Vec<PathBuf> = own_groups()?.iter().map(|own| own.join(name)).collect();
    poll(&format!("group {name} to be empty"), EMPTY_LIMIT, || {
        let removed = groups.iter().filter(|group| remove_tree(group)).count();
        Ok((removed == groups.len()).then_some(()))
    })
}

/// The names of all groups next to the own one that start with `prefix`.
pub(crate) fn names(prefix: &str) -> Result<Vec<String>> {
    let mut names: Vec<String> = own_groups()?
        .iter()
        .filter_map(|own| fs::read_dir(own).ok())
        .flatten()
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name.starts_with(prefix))
        .collect();
    names.sort();
    names.dedup();
    Ok(names)
}

/// Children first; a group vanishes only when it is empty.
fn remove_tree(group: &Path) -> bool {
    let Ok(entries) = fs::read_dir(group) else {
        return true;
    };
    for entry in entries.flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            remove_tree(&entry.path());
        }
    }
    end_processes(group);
    fs::remove_dir(group).is_ok()
}

fn end_processes(group: &Path) {
    let pids = fs::read_to_string(group.join("cgroup.procs")).unwrap_or_default();
    for pid in pids.lines().filter_map(|pid| Pid::from_raw(pid.parse().ok()?)) {
        // Only fails if it has just ended.
        let _ = kill_process(pid, Signal::KILL);
    }
}

/// The directory of this process's own group in each hierarchy.
fn own_groups() -> Result<Vec<PathBuf>> {
    let read = |path: &str| fs::read_to_string(path).map_err(Error::io(format!("reading {path}")));
    Ok(locate(&read("/proc/self/cgroup")?, &read("/proc/self/mountinfo")?))
}

/// Joins the lines of `/proc/self/cgroup` with the mounts they belong to.
///
/// Left out: cpuset, whose new groups take no process before they are given
/// processors, and memory, where whoever runs the tests accounts for them.
fn locate(cgroup: &str, mountinfo: &str) -> Vec<PathBuf> {
    let mounts = mounts(mountinfo);
    let mut groups = Vec::new();
    for line in cgroup.lines() {
        let mut fields = line.splitn(3, ':').skip(1);
        let (Some(controllers), Some(path)) = (fields.next(), fields.next()) else {
            continue;
        };
        let first = controllers.split(',').next().unwrap_or_default();
        if matches!(first, "cpuset" | "memory") {
            continue;
        }
        if let Some((root, point)) = mounts.get(first)
            && let Ok(below) = Path::new(path).strip_prefix(root)
        {
            groups.push(point.join(below));
        }
    }
    groups
}

/// For each controller (the empty one is version 2): the part of the
/// hierarchy that is mounted, and where.
fn mounts(mountinfo: &str) -> HashMap<String, (String, PathBuf)> {
    let mut found = HashMap::new();
    for line in mountinfo.lines() {
        let Some((left, right)) = line.split_once(" - ") else {
            continue;
        };
        let left: Vec<&str> = left.split(' ').collect();
        let right: Vec<&str> = right.split(' ').collect();
        let (Some(root), Some(point)) = (left.get(3), left.get(4)) else {
            continue;
        };
        let place = (String::from(*root), PathBuf::from(point));
        match right.first() {
            Some(&"cgroup2") => {
                found.insert(String::new(), place);
            }
            Some(&"cgroup") => {
                let options = right.get(2).copied().unwrap_or_default();
                found.extend(options.split(',').map(|o| (o.to_owned(), place.clone())));
            }
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_own_groups_of_a_hybrid_machine() {
        let cgroup = "5:cpu,cpuacct:/a\n4:memory:/m\n1:name=systemd:/a/b\n0::/\n";
        let mountinfo = "30 1 0:26 / /cg/systemd rw - cgroup cgroup rw,name=systemd\n\
                         31 1 0:27 / /cg/unified rw - cgroup2 cgroup2 rw\n\
                         32 1 0:28 /a /cg/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n\
                         33 1 0:29 / /cg/memory rw - cgroup cgroup rw,memory\n";
        let groups = locate(cgroup, mountinfo);
        let expected = ["/cg/cpu,cpuacct", "/cg/systemd/a/b", "/cg/unified"];
        assert_eq!(groups, expected.map(PathBuf::from));
    }

    #[test]
    fn finds_the_own_group_of_a_version_2_machine() {
        let mountinfo = "30 1 0:26 / /sys/fs/cgroup rw shared:4 - cgroup2 cgroup2 rw,nsdelegate\n";
        let groups = locate("0::/user.slice/session.scope\n", mountinfo);
        assert_eq!(groups, [PathBuf::from("/sys/fs/cgroup/user.slice/session.scope")]);
    }
}

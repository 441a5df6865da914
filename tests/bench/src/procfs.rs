//! A folder that looks like the `/proc` of a busy node: some 150 processes, one of them dockerd.
//!
//! A node shares its kernel with all others here, and a scan of the real `/proc` would see them all.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use crate::job::Result;

const DOCKERD: u32 = 812;
/// What stands for the number space of all of them, which is the same if the file is.
const NAMESPACE: &str = "/proc/namespace";
/// Their programs, with how many of each there are.
const PROCESSES: [(&str, u32); 20] = [
    ("systemd", 1),
    ("kthreadd", 1),
    ("kworker/0:1H", 28),
    ("ksoftirqd/0", 8),
    ("migration/0", 8),
    ("cpuhp/0", 8),
    ("scsi_eh_0", 12),
    ("jbd2/sda1-8", 4),
    ("systemd-journal", 1),
    ("systemd-udevd", 1),
    ("systemd-logind", 1),
    ("dbus-daemon", 1),
    ("chronyd", 1),
    ("cron", 1),
    ("rsyslogd", 1),
    ("sshd", 3),
    ("node_exporter", 1),
    ("docker-proxy", 24),
    ("containerd-shim", 22),
    ("python3", 22),
];

/// Makes it at `path`.
pub(crate) fn make(path: &Path) -> Result<()> {
    let names = PROCESSES.iter().flat_map(|(name, count)| (0..*count).map(move |_| *name));
    for (pid, name) in (1..).zip(names) {
        let pid = if pid < 60 { pid } else { pid * 13 };
        make_process(&path.join(pid.to_string()), pid, name, name, "")?;
    }
    let words = "/usr/local/bin/dockerd\0-H\0fd://\0--containerd=/run/containerd/containerd.sock\0";
    make_process(&path.join(DOCKERD.to_string()), DOCKERD, "dockerd", words, "/system.slice/docker.service")?;
    make_process(&path.join("self"), 9000, "sh", "sh\0-s\0", "/user.slice/session-1.scope")?;
    fs::write(path.join("namespace"), "")?;
    // By this Ansible sees that it is in no chroot.
    symlink("/", path.join("1/root"))?;
    fs::write(path.join("self/mountinfo"), mountinfo())?;
    fs::write(path.join("mounts"), "/dev/sda1 / ext4 rw,relatime 0 0\n")?;
    fs::write(path.join("stat"), "cpu  1 0 1 100 0 0 0 0 0 0\nbtime 1760000000\n")?;
    Ok(())
}

fn make_process(folder: &Path, pid: u32, name: &str, words: &str, group: &str) -> Result<()> {
    fs::create_dir_all(folder.join("ns"))?;
    symlink(NAMESPACE, folder.join("ns/pid"))?;
    symlink(words.split('\0').next().unwrap_or(name), folder.join("exe"))?;
    fs::write(folder.join("comm"), format!("{name}\n"))?;
    fs::write(folder.join("cmdline"), words)?;
    fs::write(folder.join("cgroup"), format!("0::{group}\n"))?;
    fs::write(folder.join("status"), format!("Name:\t{name}\nPid:\t{pid}\nPPid:\t1\nUid:\t0\t0\t0\t0\n"))?;
    // The fields of proc(5), of which the 22nd says when it started.
    let rest = "0 0 -1 4194560 9000 0 30 0 400 120 0 0 20 0 24 0 2100 2200000000 21000 18446744073709551615";
    Ok(fs::write(folder.join("stat"), format!("{pid} ({name}) S 1 {pid} {pid} {rest}\n"))?)
}

/// The mounts of a node with two dozen containers.
fn mountinfo() -> String {
    let system = ["/", "/sys", "/proc", "/dev", "/run", "/dev/shm", "/sys/fs/cgroup", "/boot", "/data", "/tmp"];
    let containers = (0..24).map(|i| format!("/data/docker/overlay2/{i:064x}/merged"));
    let points = system.iter().map(ToString::to_string).chain(containers);
    let line = |(i, point)| format!("{i} 1 8:1 / {point} rw,relatime shared:1 - ext4 /dev/sda1 rw\n");
    (20..).zip(points).map(line).collect()
}

//! The scripts in the shells that nodes have: Debian's, Red Hat's, Alpine's, and one more.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use super::*;
use crate::plan::{Activation, Manager};
use crate::reply::{Frame, Frames};

pub(super) const SHELLS: [&[&str]; 5] = [&["dash"], &["bash"], &["bash", "--posix"], &["busybox", "ash"], &["mksh"]];
pub(super) const ODD: &[u8] =
    b"\xEF\xBB\xBF# \xC3\xA9\t'q' \"d\" \\n $x `y` %s %% !\r\n\\012 \x01\x7F\n\nno newline at the end";

/// Runs a script as the node's shell would; what it answers.
pub(super) fn run(shell: &[&str], script: &str) -> Vec<Frame> {
    let mut command = Command::new(shell[0]);
    command.args(&shell[1..]).arg("-s").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child =
        command.spawn().unwrap_or_else(|e| panic!("{} is needed (apt-get install {}): {e}", shell[0], shell[0]));
    child.stdin.take().unwrap().write_all(script.as_bytes()).unwrap();
    let mut frames = Frames::new("nonce");
    frames.push(&child.wait_with_output().unwrap().stdout);
    std::iter::from_fn(|| frames.next().unwrap()).collect()
}

pub(super) fn words(frames: &[Frame]) -> String {
    frames.last().map_or_else(String::new, |frame| frame.words.join(" "))
}

pub(super) fn change(path: &str, before: Option<&[u8]>, after: Option<&[u8]>) -> FileChange {
    FileChange::new(path, before.map(<[u8]>::to_vec), after.map(<[u8]>::to_vec))
}

pub(super) fn plan(changes: Vec<FileChange>) -> Plan {
    Plan { changes, ..Plan::default() }
}

/// Every file below a folder, but for this library's own.
pub(super) fn files(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.is_dir() && !entry.ends_with("var") {
                found.insert(format!("{}/", entry.display()), Vec::new());
                folders.push(entry);
            } else if entry.is_file() {
                found.insert(entry.display().to_string(), fs::read(&entry).unwrap());
            }
        }
    }
    found
}

pub(super) fn system() -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    fs::create_dir_all(root.path().join("etc/it's a folder/gone")).unwrap();
    fs::write(root.path().join("etc/it's a folder/odd"), ODD).unwrap();
    fs::write(root.path().join("etc/it's a folder/gone/x"), "x\n").unwrap();
    root
}

/// Changes one file, makes one in a new folder, and takes one away with its folder.
pub(super) fn whole_plan() -> Plan {
    let after = [ODD, b"\n% and more \xF0\x9F\x90\xB3"].concat();
    let long = "0123456789\\'\n".repeat(3000);
    plan(vec![
        change("/etc/it's a folder/odd", Some(ODD), Some(&after)),
        change("/etc/new/deep/long", None, Some(long.as_bytes())),
        change("/etc/it's a folder/gone/x", Some(b"x\n"), None),
    ])
}

#[test]
fn bytes_arrive_as_they_are() {
    for shell in SHELLS {
        let root = system();
        let at = root.path().to_str().unwrap();
        let queries = [
            Query::File("/etc/it's a folder/odd".into()),
            Query::Dir("/etc/it's a folder".into()),
            Query::File("/none".into()),
            Query::File("/etc".into()),
            Query::Command(vec!["echo".into(), "it's $HOME".into()]),
            Query::Command(vec!["no-such-program".into()]),
        ];
        let frames = run(shell, &gather(&queries, &[], at, "nonce"));
        let heads: Vec<_> = frames[1..].iter().map(|frame| frame.words.join(" ")).collect();
        assert_eq!(
            heads,
            ["0 file whole", "1 names", "2 absent", "3 unusable", "4 text", "5 absent", "end"],
            "{shell:?}"
        );
        assert_eq!(frames[1].text, ODD, "{shell:?}");
        assert_eq!((frames[2].message(), frames[5].message()), ("gone/\nodd".into(), "it's $HOME".into()), "{shell:?}");
    }
}

#[test]
fn a_plan_is_carried_out_to_the_byte() {
    for shell in SHELLS {
        let root = system();
        let made = whole_plan();
        let frames = run(shell, &apply(&made, root.path().to_str().unwrap(), "nonce"));
        assert_eq!(words(&frames), "end done none", "{shell:?} {frames:?}");
        for change in &made.changes {
            let path = root.path().join(change.path.trim_start_matches('/'));
            assert_eq!(fs::read(path).ok(), change.after, "{shell:?} {}", change.path);
        }
        assert!(!root.path().join("etc/it's a folder/gone").exists(), "{shell:?}: an empty folder was left");
        let left = files(root.path()).into_keys().filter(|name| name.contains("regconf-new")).count();
        assert_eq!(left, 0, "{shell:?}: a staged file was left");
    }
}

/// A folder with the programs of `busybox`, which come before all others, as on Alpine.
pub(super) fn busybox() -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let mut install = Command::new("busybox");
    assert!(install.args(["--install", "-s"]).arg(folder.path()).status().unwrap().success());
    let path = format!("PATH={}", folder.path().display());
    (folder, path)
}

#[test]
fn the_programs_of_busybox_do_too() {
    let (_programs, path) = busybox();
    let shell = ["env", path.as_str(), "ash"];
    let root = system();
    let (at, made) = (root.path().to_str().unwrap(), whole_plan());
    let frames = run(&shell, &gather(&[Query::File("/etc/it's a folder/odd".into())], &[], at, "nonce"));
    assert_eq!(frames[1].text, ODD);
    let programs =
        run(&shell, &super::run(&[(vec!["readlink".into(), "-f".into(), "/proc/self/exe".into()], 5)], at, "nonce"));
    assert!(programs[0].message().ends_with("busybox"), "another program: {}", programs[0].message());
    let frames = run(&shell, &apply(&made, at, "nonce"));
    assert_eq!(words(&frames), "end done none", "{frames:?}");
    for change in &made.changes {
        let path = root.path().join(change.path.trim_start_matches('/'));
        assert_eq!(fs::read(path).ok(), change.after, "{}", change.path);
    }
    assert_eq!(words(&run(&shell, &apply(&made, at, "nonce"))), "end failed stale");
}

/// Nodes without `sha256sum` compare by `cksum`, which POSIX has.
#[test]
fn a_node_without_sha256sum_compares_too() {
    let without = |script: &str, call: &str| {
        let at = script.rfind(call).unwrap();
        format!(
            "{}command() {{ case $2 in sha256sum | getenforce) return 1 ;; esac; }}\n{}",
            &script[..at],
            &script[at..]
        )
    };
    let root = system();
    let at = root.path().to_str().unwrap();
    let mut made = whole_plan();
    assert_eq!(words(&run(&["dash"], &without(&apply(&made, at, "nonce"), "apply() {"))), "end done none");
    made.changes[1].before = Some(b"0123456789\\'\n".repeat(2999));
    assert_eq!(words(&run(&["dash"], &without(&apply(&made, at, "nonce"), "apply() {"))), "end failed stale");
}

/// As much of it may be on the disk as was written before the power went.
#[test]
fn what_is_written_down_may_be_cut_off_anywhere() {
    for shell in SHELLS {
        let (before, written) = cut_off_at_the_first_file(shell);
        assert!(written.ends_with("\ndecided \n"), "{shell:?} {written}");
        // All lines in one shell; that others read lines alike shows at some.
        let step = if shell == SHELLS[0] { 7 } else { 71 };
        for end in (0..written.len()).step_by(step).chain(written.len() - 3..=written.len()) {
            let (node, _) = cut_off_at_the_first_file(shell);
            fs::write(change_of(node.path()), &written[..end]).unwrap();
            let frames = run(shell, &settle("nonce", node.path().to_str().unwrap(), "nonce"));
            let is_decided = end == written.len();
            let said = if is_decided { "end rolledback command" } else { "end none none" };
            assert_eq!(words(&frames), said, "{shell:?} {:?}", &written[..end]);
            for (path, bytes) in files(before.path()).iter().filter(|(path, _)| !path.contains(".regconf-")) {
                let now = fs::read(path.replace(before.path().to_str().unwrap(), node.path().to_str().unwrap())).ok();
                assert_eq!(now.as_ref(), (!path.ends_with('/')).then_some(bytes), "{shell:?} {end} {path}");
            }
            assert!(nothing_is_left(node.path()), "{shell:?} {end}");
        }
    }
}

/// A node that went down when the first file was to be replaced, and what was written down of the change.
fn cut_off_at_the_first_file(shell: &[&str]) -> (tempfile::TempDir, String) {
    let root = system();
    let script = apply(&whole_plan(), root.path().to_str().unwrap(), "nonce");
    let call = script.rfind("apply() {").unwrap();
    run(shell, &format!("{}commit() {{ kill -9 $$; }}\n{}", &script[..call], &script[call..]));
    let written = fs::read_to_string(change_of(root.path())).unwrap();
    (root, written)
}

/// The disk may be full, or its place wrong: what was found is told all the same.
#[test]
fn how_a_change_ended_is_told_even_if_it_cannot_be_kept() {
    for shell in SHELLS {
        let (root, written) = cut_off_at_the_first_file(shell);
        let at = root.path().to_str().unwrap();
        fs::create_dir(root.path().join("var/lib/regconf/last")).unwrap();
        for (end, said) in [("", "end rolledback command"), ("ended\n", "end done none")] {
            fs::write(change_of(root.path()), format!("{written}{end}")).unwrap();
            assert_eq!(words(&run(shell, &settle("nonce", at, "nonce"))), said, "{shell:?}");
            assert!(nothing_is_left(root.path()), "{shell:?}");
        }
        assert_eq!(words(&run(shell, &settle("nonce", at, "nonce"))), "end none none", "{shell:?}");
    }
}

#[test]
fn no_place_is_made_outside_of_the_root() {
    for shell in SHELLS {
        for link in ["var/lib/regconf", "var/lib"] {
            let (root, outside) = (system(), tempfile::tempdir().unwrap());
            let link = root.path().join(link);
            fs::create_dir_all(link.parent().unwrap()).unwrap();
            std::os::unix::fs::symlink(outside.path(), link).unwrap();
            let frames = run(shell, &apply(&whole_plan(), root.path().to_str().unwrap(), "nonce"));
            assert_eq!(words(&frames), "end failed io", "{shell:?} {frames:?}");
            assert!(frames.last().unwrap().message().ends_with("leads out of the root"), "{shell:?} {frames:?}");
            assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 0, "{shell:?}");
        }
    }
}

fn change_of(root: &Path) -> std::path::PathBuf {
    root.join("var/lib/regconf/change")
}

/// Whether no change is under way, or was cut off.
pub(super) fn nothing_is_left(root: &Path) -> bool {
    fs::read(change_of(root)).unwrap_or_default().is_empty()
}

#[test]
fn a_script_that_is_cut_short_does_nothing() {
    let root = system();
    let script = apply(&whole_plan(), root.path().to_str().unwrap(), "nonce");
    let before = files(root.path());
    // The last byte ends the line that calls the rest; without it the call is still whole.
    let whole = script.len() - 1;
    for end in (0..whole).step_by(whole / 60).chain(whole - 80..whole) {
        run(&["dash"], &script[..end]);
        assert!(files(root.path()) == before, "cut behind {end} of {} bytes", script.len());
    }
}

#[test]
fn what_changed_meanwhile_is_not_overwritten() {
    for shell in SHELLS {
        let root = system();
        fs::write(root.path().join("etc/it's a folder/gone/x"), "y\n").unwrap();
        let before = files(root.path());
        let frames = run(shell, &apply(&whole_plan(), root.path().to_str().unwrap(), "nonce"));
        assert_eq!(words(&frames), "end failed stale", "{shell:?}");
        assert_eq!(files(root.path()), before, "{shell:?}");
    }
}

#[test]
fn a_file_that_cannot_be_written_leaves_all_as_it_was() {
    for shell in SHELLS {
        let root = system();
        let mut made = whole_plan();
        made.changes.push(change("/etc/it's a folder/odd/below-a-file", None, Some(b"x")));
        let before = files(root.path());
        let frames = run(shell, &apply(&made, root.path().to_str().unwrap(), "nonce"));
        assert_eq!(words(&frames), "end failed io", "{shell:?}");
        assert!(frames.last().unwrap().message().contains("below-a-file could not be written"), "{frames:?}");
        assert_eq!(files(root.path()), before, "{shell:?}");
    }
}

#[test]
fn a_refused_file_leaves_all_as_it_was() {
    let root = system();
    let mut made = whole_plan();
    let refuse = ["sh", "-c", "echo \"line 3: no\" >&2; test ! -s \"$1\"", "judge", STAGED];
    made.changes[0].judge = Some(refuse.map(str::to_owned).to_vec());
    let before = files(root.path());
    let frames = run(&["dash"], &apply(&made, root.path().to_str().unwrap(), "nonce"));
    assert_eq!(words(&frames), "end failed verification");
    assert!(frames.last().unwrap().message().contains("line 3: no"), "{frames:?}");
    assert_eq!(files(root.path()), before);
}

#[test]
fn an_activation_that_fails_puts_everything_back() {
    for shell in SHELLS {
        let root = system();
        let mut made = whole_plan();
        made.activations.push(Activation {
            unit: "regconf-no-such-unit".into(),
            action: Action::Restart,
            manager: Manager::Systemd,
        });
        let before = files(root.path());
        let frames = run(shell, &apply(&made, root.path().to_str().unwrap(), "nonce"));
        assert_eq!(words(&frames), "end broken activation", "{shell:?}: the unit cannot be started again either");
        let said = frames.last().unwrap().message();
        assert!(said.contains("the old files are back, but this failed: restart regconf-no-such-unit"), "{said}");
        assert_eq!(files(root.path()), before, "{shell:?}");
        // What is wrong with the unit does not keep the node from the next change.
        let frames = run(shell, &apply(&made, root.path().to_str().unwrap(), "nonce"));
        assert_eq!(words(&frames), "end broken activation", "{shell:?}");
    }
}

#[test]
fn two_changes_at_once_are_one_too_many() {
    for shell in SHELLS {
        let root = system();
        let state = root.path().join("var/lib/regconf");
        fs::create_dir_all(&state).unwrap();
        let lock = state.join("lock");
        let mut holder = Command::new("flock").arg(&lock).args(["sleep", "30"]).spawn().unwrap();
        while Command::new("flock").arg("-n").arg(&lock).arg("true").status().unwrap().success() {
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        let before = files(root.path());
        let frames = run(shell, &apply(&whole_plan(), root.path().to_str().unwrap(), "nonce"));
        holder.kill().unwrap();
        holder.wait().unwrap();
        assert_eq!((words(&frames).as_str(), files(root.path())), ("end failed conflict", before), "{shell:?}");
    }
}

#[test]
fn the_scripts_have_no_faults_that_shellcheck_knows() {
    let calls = gather(&[], &[], "/", "nonce").rsplit_once("gather() {").unwrap().1.to_owned() + &calls(&whole_plan());
    let script = format!("{}{COMMON}{CHANGE}{APPLY}{SETTLE}{RUN}{GATHER}gather() {{{calls}", head("/", "nonce"));
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), format!("#!/bin/sh\n{script}")).unwrap();
    // SC2119, SC2120, SC2317, SC2329: functions that only other plans call, or call so. SC2034, SC1112, SC2016, SC2209: data, not code. SC3013: every
    // shell has -ef, and POSIX since 2024.
    let mut check = Command::new("shellcheck");
    check
        .args(["--shell=sh", "--exclude=SC2317,SC2329,SC2034,SC1112,SC2016,SC2015,SC2119,SC2120,SC2209,SC3013"])
        .arg(file.path());
    let out = check.output().expect("shellcheck is needed (apt-get install shellcheck)");
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stdout));
}

#[test]
fn a_root_that_is_no_folder_is_not_the_running_system() {
    for shell in SHELLS {
        for root in ["/no/such/folder", "//", "/.", "/tmp/..", ""] {
            let frames = run(shell, &gather(&[Query::File("/etc/passwd".into())], &[], root, "nonce"));
            assert_eq!(words(&frames), "end failed io", "{shell:?} {root:?}");
            let frames =
                run(shell, &apply(&plan(vec![change("/tmp/regconf-must-not-be", None, Some(b"x"))]), root, "nonce"));
            assert_eq!(words(&frames), "end failed io", "{shell:?} {root:?}");
            assert!(!Path::new("/tmp/regconf-must-not-be").exists());
        }
    }
}

//! The scripts in the shells that nodes have: Debian's, Red Hat's, Alpine's, and one more.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use super::*;
use crate::plan::{Activation, Manager};
use crate::reply::{Frame, Frames};

const SHELLS: [&[&str]; 5] = [&["dash"], &["bash"], &["bash", "--posix"], &["busybox", "ash"], &["mksh"]];
const ODD: &[u8] = b"\xEF\xBB\xBF# \xC3\xA9\t'q' \"d\" \\n $x `y` %s %% !\r\n\\012 \x01\x7F\n\nno newline at the end";

/// Runs a script as the node's shell would; what it answers.
fn run(shell: &[&str], script: &str) -> Vec<Frame> {
    let mut command = Command::new(shell[0]);
    command.args(&shell[1..]).arg("-s").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child =
        command.spawn().unwrap_or_else(|e| panic!("{} is needed (apt-get install {}): {e}", shell[0], shell[0]));
    child.stdin.take().unwrap().write_all(script.as_bytes()).unwrap();
    let mut frames = Frames::new("nonce");
    frames.push(&child.wait_with_output().unwrap().stdout);
    std::iter::from_fn(|| frames.next().unwrap()).collect()
}

fn words(frames: &[Frame]) -> String {
    frames.last().map_or_else(String::new, |frame| frame.words.join(" "))
}

fn change(path: &str, before: Option<&[u8]>, after: Option<&[u8]>) -> FileChange {
    FileChange::new(path, before.map(<[u8]>::to_vec), after.map(<[u8]>::to_vec))
}

fn plan(changes: Vec<FileChange>) -> Plan {
    Plan { changes, ..Plan::default() }
}

/// Every file below a folder, but for this library's own.
fn files(root: &Path) -> BTreeMap<String, Vec<u8>> {
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

fn system() -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    fs::create_dir_all(root.path().join("etc/it's a folder/gone")).unwrap();
    fs::write(root.path().join("etc/it's a folder/odd"), ODD).unwrap();
    fs::write(root.path().join("etc/it's a folder/gone/x"), "x\n").unwrap();
    root
}

/// Changes one file, makes one in a new folder, and takes one away with its folder.
fn whole_plan() -> Plan {
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
        let frames = run(shell, &gather(&queries, at, "nonce"));
        let heads: Vec<_> = frames[1..].iter().map(|frame| frame.words.join(" ")).collect();
        assert_eq!(heads, ["0 file", "1 names", "2 absent", "3 unusable", "4 text", "5 absent", "end"], "{shell:?}");
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

#[test]
fn a_script_that_is_cut_short_does_nothing() {
    let root = system();
    let script = apply(&whole_plan(), root.path().to_str().unwrap(), "nonce");
    let before = files(root.path());
    let spread = (0..script.len()).step_by(script.len() / 60);
    for end in spread.chain(script.len() - 80..script.len() - 1) {
        run(&["dash"], &script[..end]);
        assert_eq!(files(root.path()), before, "cut behind {end} of {} bytes", script.len());
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
        assert_eq!(files(root.path()), before, "{shell:?}");
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
    let script = gather(&[], "/", "nonce") + &apply(&whole_plan(), "/", "nonce");
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), format!("#!/bin/sh\n{script}")).unwrap();
    // SC2317, SC2329: functions that only other plans call. SC2034, SC1112, SC2016: data, not code.
    let mut check = Command::new("shellcheck");
    check.args(["--shell=sh", "--exclude=SC2317,SC2329,SC2034,SC1112,SC2016,SC2015"]).arg(file.path());
    let out = check.output().expect("shellcheck is needed (apt-get install shellcheck)");
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stdout));
}

#[test]
fn a_root_that_is_no_folder_is_not_the_running_system() {
    for shell in SHELLS {
        for root in ["/no/such/folder", "//", "/.", "/tmp/..", ""] {
            let frames = run(shell, &gather(&[Query::File("/etc/passwd".into())], root, "nonce"));
            assert_eq!(words(&frames), "end failed io", "{shell:?} {root:?}");
            let frames =
                run(shell, &apply(&plan(vec![change("/tmp/regconf-must-not-be", None, Some(b"x"))]), root, "nonce"));
            assert_eq!(words(&frames), "end failed io", "{shell:?} {root:?}");
            assert!(!Path::new("/tmp/regconf-must-not-be").exists());
        }
    }
}

/// A running program that is named like nothing else on this machine, and ends with this.
struct Running {
    child: std::process::Child,
    name: String,
    folder: tempfile::TempDir,
}

impl Running {
    fn start(name: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let name = format!("{name}{}", std::process::id());
        let program = folder.path().join(&name);
        fs::copy("/bin/sleep", &program).unwrap();
        let child = Command::new(&program).args(["--", "60"]).spawn().unwrap();
        // Until it has become that program it is a copy of this one.
        while fs::read_to_string(format!("/proc/{}/comm", child.id())).unwrap().trim() != name {
            std::thread::yield_now();
        }
        Self { child, name, folder }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn values<'a>(text: &'a str, key: &str) -> Vec<&'a str> {
    text.lines().filter_map(|line| line.strip_prefix(key)?.strip_prefix('=')).collect()
}

#[test]
fn a_running_daemon_is_found_with_its_program_arguments_and_start() {
    let daemon = Running::start("rcd");
    for shell in SHELLS {
        let queries = [Query::Daemon(daemon.name.clone()), Query::Daemon("regconf-none".into())];
        let frames = run(shell, &gather(&queries, "/", "nonce"));
        assert_eq!(frames[1..].iter().map(|f| f.words.join(" ")).collect::<Vec<_>>(), ["0 text", "1 absent", "end"]);
        let text = frames[1].message();
        let program = daemon.folder.path().join(&daemon.name).display().to_string();
        assert_eq!(values(&text, "Pid"), [daemon.child.id().to_string()], "{shell:?} {text}");
        assert_eq!(values(&text, "Parent"), [std::process::id().to_string()], "{shell:?}");
        assert_eq!((values(&text, "Uid"), values(&text, "Exe")), (vec!["0"], vec![program.as_str()]), "{shell:?}");
        assert_eq!(values(&text, "Arg"), [program.as_str(), "--", "60"], "{shell:?}");
        assert!(values(&text, "Version")[0].contains("sleep"), "{shell:?} {text}");
        let number = |key: &str| values(&text, key)[0].parse::<u64>().unwrap();
        let started = number("Boot") + number("Ticks") / number("Hertz");
        assert!(started.abs_diff(number("Now")) < 60, "{shell:?} {text}");
    }
}

#[test]
fn programs_and_times_of_files() {
    for shell in SHELLS {
        let root = system();
        let at = root.path().join("etc/it's a folder/odd");
        assert!(Command::new("touch").args(["-d", "@1700000000"]).arg(&at).status().unwrap().success());
        let queries = [
            Query::Program("tr".into()),
            Query::Program("/bin/sh".into()),
            Query::Program("regconf-none".into()),
            Query::Program("/etc/passwd".into()),
            Query::Modified("/etc/it's a folder/odd".into()),
            Query::Modified("/none".into()),
        ];
        let frames = run(shell, &gather(&queries, root.path().to_str().unwrap(), "nonce"));
        let texts: Vec<_> =
            frames[1..].iter().map(|frame| format!("{} {}", frame.words[1..].join(" "), frame.message())).collect();
        assert!(texts[0].ends_with("/tr"), "{shell:?} {texts:?}");
        assert_eq!(texts[1..6], ["text /bin/sh", "absent ", "absent ", "text 1700000000", "absent "], "{shell:?}");
    }
}

/// A system without systemd, whose scripts say what they are told; and the folder of its own programs.
fn system_with_scripts(openrc: bool) -> (tempfile::TempDir, std::path::PathBuf) {
    use std::os::unix::fs::PermissionsExt;
    let root = system();
    let bin = root.path().join("bin");
    let script = |path: &Path, text: &str| {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    };
    let log = root.path().join("log");
    // The lock must not be open in what it starts.
    let say = |words: &str| {
        format!(
            "#!/bin/sh\n{{ echo {words}; readlink /proc/self/fd/9; }} >>{}\ntest ! -e {}/fail\n",
            log.display(),
            root.path().display()
        )
    };
    script(&root.path().join("etc/init.d/containerd"), &say("script \"$@\""));
    if openrc {
        script(&bin.join("rc-service"), &say("rc-service \"$@\""));
        fs::create_dir_all(root.path().join("etc/conf.d")).unwrap();
        fs::write(root.path().join("etc/conf.d/containerd"), "# command_args=\n").unwrap();
    }
    (root, bin)
}

fn run_with(shell: &[&str], script: &str, bin: &Path) -> Vec<Frame> {
    let path = format!("PATH={}:{}", bin.display(), std::env::var("PATH").unwrap());
    let words: Vec<_> = ["env", &path].into_iter().chain(shell.iter().copied()).collect();
    run(&words, script)
}

#[test]
fn services_of_openrc_and_of_init_d_are_told_in_the_words_of_systemd() {
    for shell in SHELLS {
        for (openrc, manager, environment) in
            [(true, "openrc", vec!["/etc/conf.d/containerd"]), (false, "sysv", vec![])]
        {
            let (root, bin) = system_with_scripts(openrc);
            let at = root.path().to_str().unwrap();
            let ask = || {
                let queries = [Query::Unit("containerd".into()), Query::Unit("docker".into())];
                let frames = run_with(shell, &gather(&queries, at, "nonce"), &bin);
                assert_eq!(frames[2].words.join(" "), "1 absent", "{shell:?}");
                frames[1].message()
            };
            let text = ask();
            assert_eq!(
                (values(&text, "Manager"), values(&text, "ActiveState")),
                (vec![manager], vec!["active"]),
                "{shell:?}"
            );
            assert_eq!(values(&text, "FragmentPath"), ["/etc/init.d/containerd"], "{shell:?}");
            assert_eq!((values(&text, "KillMode"), values(&text, "EnvironmentFiles")), (vec!["process"], environment));
            fs::write(root.path().join("etc/rc.conf"), "#rc_cgroup_cleanup=\"NO\"\nrc_cgroup_cleanup=\"YES\"\n")
                .unwrap();
            assert_eq!(values(&ask(), "KillMode"), [if openrc { "control-group" } else { "process" }], "{shell:?}");
            fs::write(root.path().join("fail"), "").unwrap();
            assert_eq!(values(&ask(), "ActiveState"), Vec::<&str>::new(), "{shell:?}: it is not running");
        }
    }
}

#[test]
fn services_of_openrc_and_of_init_d_are_restarted_without_the_lock() {
    for shell in SHELLS {
        for (manager, program) in [(Manager::OpenRc, "rc-service containerd"), (Manager::SysV, "script")] {
            let (root, bin) = system_with_scripts(manager == Manager::OpenRc);
            let at = root.path().to_str().unwrap();
            let mut made = whole_plan();
            made.activations.push(Activation { unit: "containerd".into(), action: Action::Restart, manager });
            let frames = run_with(shell, &apply(&made, at, "nonce"), &bin);
            assert_eq!(words(&frames), "end done none", "{shell:?} {frames:?}");
            let log = fs::read_to_string(root.path().join("log")).unwrap();
            assert_eq!(log, format!("{program} restart\n{program} status\n"), "{shell:?}");
        }
    }
}

#[test]
fn a_process_without_a_manager_gets_the_signal_and_only_if_it_is_the_one() {
    use std::os::unix::process::ExitStatusExt;
    for shell in SHELLS {
        let root = system();
        let at = root.path().to_str().unwrap();
        let mut daemon = Running::start("rch");
        let plan = |unit: &str| {
            let activation = Activation { unit: unit.into(), action: Action::Reload, manager: Manager::Process };
            Plan { activations: vec![activation], ..Plan::default() }
        };
        let frames = run(shell, &apply(&plan(&daemon.name), at, "nonce"));
        assert_eq!(words(&frames), "end done none", "{shell:?} {frames:?}");
        assert_eq!(daemon.child.wait().unwrap().signal(), Some(1), "{shell:?}");
        let frames = run(shell, &apply(&plan("regconf-none"), at, "nonce"));
        assert!(frames.last().unwrap().message().contains("0 such processes"), "{shell:?} {frames:?}");
    }
}

#[test]
fn a_check_minds_what_must_be_gone() {
    for shell in SHELLS {
        let root = system();
        let check = |absent: &str| Check {
            shows: "it is gone".into(),
            command: ["echo", "a:1 [b] c"].map(str::to_owned).to_vec(),
            patterns: vec!["^a:1 ".into()],
            absent: vec![absent.into()],
        };
        let at = root.path().to_str().unwrap();
        let done = Plan { checks: vec![check("\\[d\\]")], ..Plan::default() };
        assert_eq!(words(&run(shell, &apply(&done, at, "nonce"))), "end done none", "{shell:?}");
        // Not by way of `holds`, which would ask for a minute.
        let script = check_function(0, &check("\\[b\\]"));
        let out =
            run(shell, &format!("{}{COMMON}{APPLY}{script}frame \"said $(check_0; echo $?)\" ''\n", head(at, "nonce")));
        assert!(words(&out).contains("still like \\[b\\]: a:1 [b] c1"), "{shell:?} {out:?}");
    }
}

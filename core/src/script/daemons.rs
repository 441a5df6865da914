//! Running daemons and what manages them, in the shells that nodes have.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::tests::{SHELLS, nothing_is_left, run, system, whole_plan, words};
use super::*;
use crate::plan::{Activation, Check, Manager};
use crate::reply::Frame;

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
        // By another program: a file that this one has open to write cannot be run while other tests start theirs.
        assert!(Command::new("cp").arg("/bin/sleep").arg(&program).status().unwrap().success());
        // With nohup the tests, and so their children, would not hear the signal.
        let child = Command::new("env").arg("--default-signal=HUP").arg(&program).args(["--", "60"]).spawn().unwrap();
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
        let queries = [
            Query::Daemon(daemon.name.clone()),
            Query::Daemon("regconf-none".into()),
            Query::Modified("/etc/passwd".into()),
        ];
        let frames = run(shell, &gather(&queries, &[], "/", "nonce"));
        assert_eq!(
            frames[1..].iter().map(|f| f.words.join(" ")).collect::<Vec<_>>(),
            ["0 text", "1 absent", "2 text", "end"]
        );
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
        let frames = run(shell, &gather(&queries, &[], root.path().to_str().unwrap(), "nonce"));
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
    script(&root.path().join("etc/init.d/regconf-engine"), &say("script \"$@\""));
    if openrc {
        script(&bin.join("rc-service"), &say("rc-service \"$@\""));
        fs::create_dir_all(root.path().join("etc/conf.d")).unwrap();
        fs::write(root.path().join("etc/conf.d/regconf-engine"), "# command_args=\n").unwrap();
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
            [(true, "openrc", vec!["/etc/conf.d/regconf-engine"]), (false, "sysv", vec![])]
        {
            let (root, bin) = system_with_scripts(openrc);
            let at = root.path().to_str().unwrap();
            let ask = || {
                let queries = [Query::Unit("regconf-engine".into()), Query::Unit("docker".into())];
                let frames = run_with(shell, &gather(&queries, &[], at, "nonce"), &bin);
                assert_eq!(frames[2].words.join(" "), "1 absent", "{shell:?}");
                frames[1].message()
            };
            let text = ask();
            assert_eq!(
                (values(&text, "Manager"), values(&text, "ActiveState")),
                (vec![manager], vec!["active"]),
                "{shell:?}"
            );
            assert_eq!(values(&text, "FragmentPath"), ["/etc/init.d/regconf-engine"], "{shell:?}");
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
        for (manager, program) in [(Manager::OpenRc, "rc-service regconf-engine"), (Manager::SysV, "script")] {
            let (root, bin) = system_with_scripts(manager == Manager::OpenRc);
            let at = root.path().to_str().unwrap();
            let mut made = whole_plan();
            made.activations.push(Activation { unit: "regconf-engine".into(), action: Action::Restart, manager });
            let frames = run_with(shell, &apply(&made, at, "nonce"), &bin);
            assert_eq!(words(&frames), "end done none", "{shell:?} {frames:?}");
            let log = fs::read_to_string(root.path().join("log")).unwrap();
            // And whether it still runs a second later; other processes of its name do not matter.
            assert_eq!(log, format!("{program} restart\n{program} status\n{program} status\n"), "{shell:?}");
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
        assert_eq!(words(&frames), "end failed activation", "{shell:?}: no file was touched, so there is no way back");
        assert!(nothing_is_left(root.path()), "{shell:?}: it is not left for the next contact");
    }
}

/// Which of the two is meant cannot be known, on the way forth and on the way back.
#[test]
fn a_unit_that_could_not_be_told_is_left_for_the_next_contact() {
    let daemons = [Running::start("rcu"), Running::start("rcu")];
    for shell in SHELLS {
        let root = system();
        let unit = daemons[0].name.clone();
        let activation = Activation { unit: unit.clone(), action: Action::Reload, manager: Manager::Process };
        let made = Plan { activations: vec![activation], ..whole_plan() };
        let at = root.path().to_str().unwrap();
        let frames = run(shell, &apply(&made, at, "nonce"));
        assert_eq!(words(&frames), "end broken activation", "{shell:?} {frames:?}");
        assert!(frames.last().unwrap().message().contains(&format!("failed: reload {unit}")), "{shell:?} {frames:?}");
        let written = fs::read_to_string(root.path().join("var/lib/regconf/change")).unwrap();
        assert_eq!(written, format!("of nonce\nunit reload process {unit}\ndecided\n"), "{shell:?}");
        let frames = run(shell, &settle("another", at, "nonce"));
        assert_eq!(words(&frames), "end none none", "{shell:?} {frames:?}");
        assert!(nothing_is_left(root.path()), "{shell:?}: it is tried once");
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
        let script = check::function(0, &check("\\[b\\]"));
        let out = run(shell, &format!("{}{}{script}check_0\nframe \"said $? $o\" ''\n", head(at, "nonce"), *APPLIES));
        assert!(words(&out).contains("said 1 still like \\[b\\]: a:1 [b] c"), "{shell:?} {out:?}");
    }
}

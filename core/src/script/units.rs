//! What systemd says of services, taken apart by the shells that nodes have.

use super::tests::{SHELLS, run};
use super::*;
use crate::reply::Frame;

/// The answers when `systemctl show` says this.
fn asked(shell: &[&str], said: &str, units: &[&str], guesses: &[Guess]) -> Vec<Frame> {
    let queries: Vec<_> = units.iter().map(|unit| Query::Unit((*unit).to_owned())).collect();
    let script = gather(&queries, guesses, "/", "nonce");
    let stub = format!("systemctl() {{ printf %s {}; }}\n", quoted(said));
    let call = script.rfind("gather() {").unwrap();
    run(shell, &format!("{}{stub}{}", &script[..call], &script[call..]))
}

/// What is said of each, as `NUMBER KIND: TEXT`.
fn told(frames: &[Frame]) -> Vec<String> {
    let of = |frame: &Frame| format!("{}: {}", frame.words.join(" "), frame.message().trim_end());
    frames.iter().filter(|frame| !matches!(frame.words[0].as_str(), "uid" | "end")).map(of).collect()
}

#[test]
fn each_unit_gets_what_was_said_of_it() {
    let a = "MainPID=0\nLoadState=loaded\nExecStart={ argv[]=/usr/bin/a * ; }";
    let none = "MainPID=0\nLoadState=not-found";
    // As systemd prints it; and, as another version might, one without that property, two lines of one, another order.
    for (a, b) in [
        (a, "MainPID=0\nLoadState=loaded\nKillMode=mixed"),
        (a, "LoadState=loaded\nKillMode=mixed"),
        ("ExecStart={ x }\nExecStart={ y }\nLoadState=loaded", "LoadState=loaded"),
        ("LoadState=loaded\nMainPID=0", "KillMode=mixed\nLoadState=loaded"),
    ] {
        for shell in SHELLS {
            let said = format!("{a}\n\n{none}\n\n{b}\n");
            let answers = told(&asked(shell, &said, &["a", "regconf-none", "b"], &[]));
            assert_eq!(answers, [format!("0 text: {a}"), "1 absent: ".to_owned(), format!("2 text: {b}")], "{shell:?}");
        }
    }
    for shell in SHELLS {
        assert_eq!(told(&asked(shell, "", &["a"], &[])), ["0 absent: "], "{shell:?}");
    }
}

#[test]
fn files_are_told_unless_systemd_has_said_it_all() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let path = file.path().to_str().unwrap();
    for (said, is_told) in [
        ("NeedDaemonReload=no\nExecStart={ argv[]=/usr/bin/d -H fd:// ; }", false),
        ("NeedDaemonReload=no\nExecStart={ argv[]=/usr/bin/d $OPTIONS ; }", true),
        ("NeedDaemonReload=no\nExecStart={ argv[]=/usr/bin/d --flag=x ; }", true),
        ("NeedDaemonReload=yes\nExecStart={ argv[]=/usr/bin/d ; }", true),
        ("ExecStart={ argv[]=/usr/bin/d ; }", true),
    ] {
        let said = format!(
            "MainPID=0\nLoadState=loaded\nFragmentPath={path}\nEnvironmentFiles={path} (ignore_errors=yes)\n{said}\n"
        );
        for shell in SHELLS {
            let answers = told(&asked(shell, &said, &["d"], &[Guess::FilesOf("d", &["--other", "--flag"])]));
            assert_eq!(
                answers.iter().filter(|answer| answer.starts_with("also")).count() > 0,
                is_told,
                "{shell:?} {said}"
            );
        }
    }
}

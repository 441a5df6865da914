//! The command that starts it all, in the login shells that accounts have.

use std::fs;
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use super::tests::{ODD, system};
use super::*;
use crate::reply::{Frame, Frames};

/// As `sshd` would start them, with the package of each that has another name.
const LOGIN_SHELLS: [&[&str]; 8] =
    [&["dash"], &["bash"], &["busybox", "ash"], &["mksh"], &["zsh"], &["fish"], &["tcsh"], &["bsd-csh", "", "csh"]];

fn login(shell: &[&str], command: &str, bin: &Path) -> Child {
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
    let mut login = Command::new(shell[0]);
    login.args(shell.get(1).filter(|applet| !applet.is_empty())).args(["-c", command]).env("PATH", path);
    login.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let package = shell.last().unwrap();
    login.spawn().unwrap_or_else(|e| panic!("{} is needed (apt-get install {package}): {e}", shell[0]))
}

fn frames(out: &[u8]) -> Vec<Frame> {
    let mut frames = Frames::new("nonce");
    frames.push(out);
    std::iter::from_fn(|| frames.next().unwrap()).collect()
}

/// A `sudo` and a `doas` that do as they are told, or refuse.
fn with_sudo(folder: &Path, refusal: Option<&str>) {
    let does = refusal.map_or("shift; exec \"$@\"".to_owned(), |text| format!("echo '{text}' >&2; exit 1"));
    for name in ["sudo", "doas"] {
        let path = folder.join(name);
        fs::write(&path, format!("#!/bin/sh\n[ \"$1\" = -n ] || exit 9\n{does}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }
}

fn node(become_root: Become) -> Node {
    let mut node = Node::new("n1").unwrap();
    node.become_root = become_root;
    node
}

#[test]
fn the_first_script_goes_with_the_command_in_every_login_shell() {
    let root = system();
    let bin = tempfile::tempdir().unwrap();
    with_sudo(bin.path(), None);
    let queries = [Query::File("/etc/it's a folder/odd".into()), Query::Dir("/etc/it's a folder".into())];
    let at = root.path().to_str().unwrap();
    for shell in LOGIN_SHELLS {
        for become_root in [Become::None, Become::Sudo, Become::Doas] {
            let command = start_with(&node(become_root), &gather(&queries, &[], at, "nonce")).unwrap();
            let mut child = login(shell, &command, bin.path());
            let second = run(&[(vec!["echo".into(), "it's! \\ $HOME".into()], 5)], at, "nonce");
            child.stdin.take().unwrap().write_all(second.as_bytes()).unwrap();
            let out = child.wait_with_output().unwrap();
            let said = String::from_utf8_lossy(&out.stderr).into_owned();
            let frames = frames(&out.stdout);
            let heads: Vec<_> = frames.iter().map(|frame| frame.words.join(" ")).collect();
            let wanted = ["uid 0", "0 file whole", "1 names", "end", "0 ran 0", "end"];
            assert_eq!(heads, wanted, "{shell:?} {become_root:?}: {said}");
            assert_eq!(frames[1].text, ODD, "{shell:?} {become_root:?}");
            assert_eq!(frames[4].message(), "it's! \\ $HOME", "{shell:?} {become_root:?}");
        }
    }
}

/// Or else the client would wait for an answer, and the shell before it for the client.
#[test]
fn a_refusal_ends_the_connection() {
    let bin = tempfile::tempdir().unwrap();
    with_sudo(bin.path(), Some("sudo: a password is required"));
    for shell in LOGIN_SHELLS {
        let command = start_with(&node(Become::Sudo), &gather(&[], &[], "/", "nonce")).unwrap();
        let mut child = login(shell, &command, bin.path());
        let input = child.stdin.take();
        let mut said = String::new();
        child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        assert!(said.contains("a password is required"), "{shell:?}: {said}");
        let mut out = Vec::new();
        child.stdout.take().unwrap().read_to_end(&mut out).unwrap();
        assert!(out.is_empty(), "{shell:?}");
        child.wait().unwrap();
        drop(input);
    }
}

#[test]
fn a_password_comes_before_any_script() {
    let mut asked = node(Become::Sudo);
    asked.become_password = Some(crate::secret::Secret::new("x"));
    assert!(start_with(&asked, "true\n").is_none() && start_with(&node(Become::Su), "true\n").is_none());
}

//! SSH against real servers. This file talks to commands; its modules reach servers, judge host keys, log in.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic)]

#[path = "ssh_transport/host_keys.rs"]
mod host_keys;
#[path = "ssh_transport/jump.rs"]
mod jump;
#[path = "ssh_transport/login.rs"]
mod login;
#[path = "ssh_transport/reach.rs"]
mod reach;
mod support;

use std::ops::ControlFlow;
use std::process::Command;
use std::time::{Duration, Instant};

use regconf::transport::{Limit, Ssh, SshShared, Stream, Transport};
use regconf::{Cancel, Error, ErrorKind, Node, Result};
use support::Sshd;

/// What ends at a deadline or a cancel does so in a tenth of a second; a machine may be busy with other tests.
const SOON: Duration = Duration::from_secs(8);

fn limit(seconds: u64) -> Limit {
    Limit::new("testing", Duration::from_secs(seconds), &Cancel::new())
}

fn connect(node: &Node) -> Result<Ssh> {
    Ssh::connect(node, &SshShared::new(), &limit(20))
}

fn refusal(node: &Node) -> Error {
    connect(node).map(drop).unwrap_err()
}

/// All that a command writes to its output and its errors.
fn run(ssh: &mut Ssh, command: &str, input: &[u8]) -> (Vec<u8>, Vec<u8>) {
    ssh.start(command, &limit(20)).unwrap();
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut ends = 0;
    let mut listener = |stream, bytes: &[u8]| {
        match stream {
            Stream::Out => out.extend_from_slice(bytes),
            Stream::Err => err.extend_from_slice(bytes),
            Stream::End => {
                assert!(bytes.is_empty());
                ends += 1;
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    };
    ssh.converse(input, &mut listener, &limit(60)).unwrap();
    assert_eq!(ends, 1);
    (out, err)
}

fn through_cat(sshd: &Sshd) {
    let input: Vec<u8> = (0..8 << 20).map(|n: u32| (n % 251).to_le_bytes()[0]).collect();
    let mut ssh = connect(&sshd.node()).unwrap();
    ssh.start("cat", &limit(20)).unwrap();
    let mut out = Vec::new();
    // The listener ends it, for cat does not.
    let mut listener = |stream, bytes: &[u8]| {
        // sshd's own words, when it is told to debug, come as errors of the command.
        if stream == Stream::Out {
            out.extend_from_slice(bytes);
        }
        Ok(if out.len() < input.len() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
    };
    ssh.converse(&input, &mut listener, &limit(60)).unwrap();
    assert!(out == input);
}

#[test]
fn much_input_and_much_output_at_once() {
    through_cat(&Sshd::start());
}

#[test]
fn keys_are_exchanged_anew_meanwhile() {
    let sshd = Sshd::builder().line("RekeyLimit 1M").line("LogLevel DEBUG1").start();
    through_cat(&sshd);
    assert!(sshd.read("log").matches("ssh_set_newkeys: rekeying").count() > 4);
}

#[test]
fn a_flood_of_errors_beside_output() {
    let sshd = Sshd::start();
    let flood = "head -c 8388608 /dev/zero >&2 & head -c 8388608 /dev/zero; wait";
    let (out, err) = run(&mut connect(&sshd.node()).unwrap(), flood, b"");
    assert_eq!((out.len(), err.len()), (8 << 20, 8 << 20));
}

#[test]
fn input_that_was_not_written_yet_comes_first() {
    let sshd = Sshd::start();
    let mut ssh = connect(&sshd.node()).unwrap();
    ssh.start("echo ready; sleep 1; cat", &limit(20)).unwrap();
    let first = vec![b'a'; 4 << 20];
    ssh.converse(&first, &mut |_, _| Ok(ControlFlow::Break(())), &limit(20)).unwrap();
    let mut out = Vec::new();
    let mut listener = |_, bytes: &[u8]| {
        out.extend_from_slice(bytes);
        Ok(if out.ends_with(b"\n") { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    };
    ssh.converse(b"b\n", &mut listener, &limit(20)).unwrap();
    assert_eq!(out.len(), first.len() + 2);
    assert!(out.ends_with(b"aab\n"));
}

#[test]
fn a_conversation_has_many_turns() {
    let sshd = Sshd::start();
    let mut ssh = connect(&sshd.node()).unwrap();
    ssh.start("exec sh -s", &limit(20)).unwrap();
    for n in 0..20 {
        let mut out = Vec::new();
        let mut listener = |_, bytes: &[u8]| {
            out.extend_from_slice(bytes);
            Ok(if out.ends_with(b"\n") { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
        };
        ssh.converse(format!("echo {n}\n").as_bytes(), &mut listener, &limit(20)).unwrap();
        assert_eq!(out, format!("{n}\n").as_bytes());
    }
}

#[test]
fn the_listener_decides() {
    let sshd = Sshd::start();
    let mut ssh = connect(&sshd.node()).unwrap();
    ssh.start("echo said; exit 3", &limit(20)).unwrap();
    let error = ssh.converse(b"", &mut |_, _| Err(Error::new(ErrorKind::Parse, "odd")), &limit(20)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Parse);
    let error = ssh.converse(b"", &mut |_, _| Ok(ControlFlow::Continue(())), &limit(20)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connect);
    assert!(error.message().starts_with("the connection was lost"), "{error}");
}

#[test]
fn a_forced_command_is_heard() {
    let sshd = Sshd::builder().line("ForceCommand echo This account is closed. >&2").start();
    let (out, err) = run(&mut connect(&sshd.node()).unwrap(), "echo hello", b"");
    assert_eq!((out.as_slice(), err.as_slice()), (&b""[..], &b"This account is closed.\n"[..]));
}

#[test]
fn a_command_that_hangs_ends_at_its_deadline() {
    let sshd = Sshd::start();
    let mut ssh = connect(&sshd.node()).unwrap();
    ssh.start("while :; do echo tick; sleep 0.1; done", &limit(20)).unwrap();
    let start = Instant::now();
    let error = ssh.converse(b"", &mut |_, _| Ok(ControlFlow::Continue(())), &limit(1)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    drop(ssh);
    assert!(start.elapsed() < SOON, "{:?}", start.elapsed());
}

#[test]
fn a_cancel_is_heard() {
    let sshd = Sshd::start();
    let mut ssh = connect(&sshd.node()).unwrap();
    ssh.start("sleep 60", &limit(20)).unwrap();
    let cancel = Cancel::new();
    let other = cancel.clone();
    let start = Instant::now();
    let thread = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(200));
        other.cancel();
    });
    let limit = Limit::new("testing", Duration::from_secs(30), &cancel);
    let error = ssh.converse(b"", &mut |_, _| Ok(ControlFlow::Continue(())), &limit).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Cancelled);
    drop(ssh);
    assert!(start.elapsed() < SOON, "{:?}", start.elapsed());
    thread.join().unwrap();
}

#[test]
fn a_cancel_in_the_middle_of_input_is_heard() {
    let sshd = Sshd::start();
    let mut ssh = connect(&sshd.node()).unwrap();
    ssh.start("sleep 60", &limit(20)).unwrap();
    let start = Instant::now();
    let error = ssh.converse(&vec![b'x'; 16 << 20], &mut |_, _| Ok(ControlFlow::Continue(())), &limit(1)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    drop(ssh);
    assert!(start.elapsed() < SOON, "{:?}", start.elapsed());
}

#[test]
fn a_session_that_is_killed_is_a_lost_connection() {
    let sshd = Sshd::start();
    let mut ssh = connect(&sshd.node()).unwrap();
    // The parent of the login shell is the session's sshd.
    ssh.start("echo $PPID; exec sleep 60", &limit(20)).unwrap();
    let mut kill_time = None;
    let mut listener = |stream, bytes: &[u8]| {
        if stream == Stream::Out {
            let pid = String::from_utf8_lossy(bytes).trim().to_owned();
            assert!(Command::new("kill").args(["-9", &pid]).status().unwrap().success());
            kill_time = Some(Instant::now());
        }
        Ok(ControlFlow::Continue(()))
    };
    let error = ssh.converse(b"", &mut listener, &limit(20)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connect);
    assert!(error.message().starts_with("the connection was lost"), "{error}");
    assert!(kill_time.unwrap().elapsed() < SOON);
}

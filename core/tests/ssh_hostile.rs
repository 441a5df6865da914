//! Servers that lie, flood, hang and break off, and what they can make of us: an error in time, and little memory.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic)]

#[path = "ssh_hostile/raw.rs"]
mod raw;
mod support;

use std::fs;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use regconf::transport::{Limit, Ssh, SshShared, Stream, Transport};
use regconf::{Cancel, Error, ErrorKind, Node, NodeReport, Options, Outcome, Registry, Result, Settings};
use support::Sshd;
use support::saboteur::{Then, sabotaged};

/// What ends at a deadline or a cancel does so in a tenth of a second; a machine may be busy with other tests.
const SOON: Duration = Duration::from_secs(8);

/// How much memory all of these tests together may ever use, in KiB. They run at once, some of them with 24 sessions,
/// and the servers in this process have buffers too.
const MOST_MEMORY: usize = 96 << 10;

fn limit(seconds: u64) -> Limit {
    Limit::new("testing", Duration::from_secs(seconds), &Cancel::new())
}

/// The most memory that the process has used until now, in KiB.
fn peak() -> usize {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// Does all of what is done, watched for time and memory.
fn within<T>(seconds: u64, work: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let done = work();
    assert!(start.elapsed() < Duration::from_secs(seconds) + SOON, "{:?}", start.elapsed());
    assert!(peak() < MOST_MEMORY, "{} KiB", peak());
    done
}

/// A whole conversation: connecting, a command, its answer.
fn converse(node: &Node, command: &str, seconds: u64) -> Result<()> {
    let mut ssh = Ssh::connect(node, &SshShared::new(), &limit(seconds))?;
    ssh.start(command, &limit(seconds))?;
    let mut listener = |stream, bytes: &[u8]| {
        let is_answer = stream == Stream::Out && bytes.ends_with(b"answer\n");
        match (stream, is_answer) {
            (Stream::End, _) => Err(Error::new(ErrorKind::Command, "no answer")),
            (_, true) => Ok(ControlFlow::Break(())),
            (_, false) => Ok(ControlFlow::Continue(())),
        }
    };
    ssh.converse(b"answer\n", &mut listener, &limit(seconds))
}

/// How many bytes an sshd says until it has answered, roughly: version 40, algorithms 1100, keys 600, logins 500, and
/// the channel.
const POINTS: [usize; 24] = [
    0, 1, 20, 39, 41, 60, 200, 700, 1100, 1150, 1300, 1500, 1600, 1650, 1700, 1750, 1800, 1850, 1900, 1950, 2000, 2100,
    2200, 2300,
];

#[test]
fn cut_at_any_point() {
    let sshd = Sshd::start();
    let mut kinds = Vec::new();
    for bytes in POINTS {
        let node = sabotaged(&sshd, bytes, Then::Cut);
        if let Err(error) = within(10, || converse(&node, "cat", 10)) {
            assert!(matches!(error.kind(), ErrorKind::Connect | ErrorKind::Authentication), "after {bytes}: {error:?}");
            kinds.push(error.kind());
        }
    }
    assert!(kinds.contains(&ErrorKind::Connect) && kinds.contains(&ErrorKind::Authentication), "{kinds:?}");
    assert!(kinds.len() > 15, "the points are too far: {kinds:?}");
}

#[test]
fn hung_at_any_point() {
    let sshd = Sshd::start();
    let mut late = 0;
    std::thread::scope(|scope| {
        let nodes = POINTS.map(|bytes| (bytes, sabotaged(&sshd, bytes, Then::Hang)));
        let threads = nodes.map(|(bytes, node)| scope.spawn(move || (bytes, within(6, || converse(&node, "cat", 2)))));
        for thread in threads {
            let (bytes, outcome) = thread.join().unwrap();
            if let Err(error) = outcome {
                assert_eq!(error.kind(), ErrorKind::Timeout, "after {bytes}: {error:?}");
                late += 1;
            }
        }
    });
    assert!(late > 15, "the points are too far: {late}");
}

#[test]
fn floods_of_output_and_of_errors() {
    let sshd = Sshd::start();
    for command in ["exec cat /dev/zero", "exec cat /dev/zero >&2", "cat /dev/zero >&2 & exec cat /dev/zero"] {
        let error = within(2, || converse(&sshd.node(), command, 2)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout, "{command}: {error}");
    }
}

#[test]
fn a_channel_that_is_refused() {
    let sshd = Sshd::builder().line("MaxSessions 0").start();
    let error = within(10, || converse(&sshd.node(), "cat", 10)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connect);
    assert!(error.hint().unwrap().contains("MaxSessions"), "{error}");
}

/// A push to a node whose account does this instead of what it is told.
fn pushed(sshd: &Sshd, change: impl FnOnce(&mut Node)) -> NodeReport {
    let root = tempfile::tempdir().unwrap();
    let config = root.path().join("etc/containerd/config.toml");
    fs::create_dir_all(config.parent().unwrap()).unwrap();
    fs::write(&config, "version = 2\n").unwrap();
    let mut node = sshd.node();
    change(&mut node);
    root.path().to_str().unwrap().clone_into(&mut node.root);
    let registry = Registry::new("my-registry.com").unwrap().endpoint("http://192.168.30.56:5000").unwrap();
    let settings = Settings::default().ensure(registry).unwrap();
    let mut options = Options::default();
    options.connect_timeout = Duration::from_secs(10);
    options.deadline = Duration::from_secs(5);
    let report = regconf::push(&[node], &settings, &options, &mut |_| ControlFlow::Continue(())).nodes.remove(0);
    let text = fs::read_to_string(&config).unwrap();
    let hosts = root.path().join("etc/containerd/certs.d/my-registry.com/hosts.toml").exists();
    let is_whole = text.contains("config_path") == hosts;
    // A script that goes on without us may be between two files.
    assert!(is_whole || report.outcome == Outcome::Unknown, "{report:?}");
    let is_untouched = text == "version = 2\n" && !hosts;
    let says_untouched = matches!(report.outcome, Outcome::Failed | Outcome::Unreachable);
    assert!(is_untouched || !says_untouched, "{report:?}");
    report
}

#[test]
fn commands_that_say_something_else() {
    for (command, kinds) in [
        ("exec cat /dev/zero", &[ErrorKind::Command, ErrorKind::Timeout, ErrorKind::Parse][..]),
        ("exec cat /dev/zero >&2", &[ErrorKind::Timeout]),
        ("exec cat /dev/urandom", &[ErrorKind::Command, ErrorKind::Timeout, ErrorKind::Parse]),
        ("exec yes @0 end done", &[ErrorKind::Command, ErrorKind::Timeout, ErrorKind::Parse]),
        ("exec sleep 60", &[ErrorKind::Timeout]),
        ("kill -9 $PPID", &[ErrorKind::Connect, ErrorKind::Command]),
        ("exit 0", &[ErrorKind::Command]),
    ] {
        let sshd = Sshd::builder().line(&format!("ForceCommand {command}")).start();
        let report = within(15, || pushed(&sshd, |_| {}));
        let error = report.error.unwrap();
        let is_lost = error.kind() == ErrorKind::Connect;
        let outcome = if is_lost { Outcome::Unreachable } else { Outcome::Failed };
        assert_eq!(report.outcome, outcome, "{command}: {error:?}");
        assert!(kinds.contains(&error.kind()), "{command}: {error:?}");
        assert!(error.to_string().len() < 20_000, "{command}: an error of {} bytes", error.to_string().len());
    }
}

#[test]
fn a_push_that_is_cut_at_any_point_is_told_as_it_is() {
    let sshd = Sshd::start();
    let mut outcomes = Vec::new();
    // From the middle of the login until nothing is missing.
    for bytes in (1600..20_000).step_by(150) {
        let report = within(20, || {
            pushed(&sshd, |node| {
                *node = sabotaged(&sshd, bytes, Then::Cut);
            })
        });
        if let Some(error) = &report.error {
            let kinds = [ErrorKind::Connect, ErrorKind::Authentication];
            assert!(kinds.contains(&error.kind()), "after {bytes}: {error:?}");
        }
        outcomes.push(report.outcome);
        if report.outcome == Outcome::Changed {
            break;
        }
    }
    // A change that was cut off is asked about on another connection.
    for outcome in [Outcome::Unreachable, Outcome::Changed] {
        assert!(outcomes.contains(&outcome), "{outcomes:?}");
    }
}

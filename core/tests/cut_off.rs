//! A connection that breaks in the middle of a change, and what an earlier change has left.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use regconf::transport::{Connector, Limit, Listener, Local, Stream, Transport};
use regconf::{Cancel, Error, ErrorKind, Node, NodeReport, Options, Outcome, Registry, Result, Settings};

const CONFIG: &str = "version = 2\n";

/// When the first connection breaks.
#[derive(Clone, Copy)]
enum Cut {
    /// In the middle of sending what is to be done.
    Sending,
    /// When the node has begun, and for this many tries to reach it again.
    Begun(usize),
    /// The caller leaves it alone when the node has begun.
    Abandoned,
}

/// Local shells, the first of which breaks off.
struct Cutting {
    cut: Cut,
    connections: AtomicUsize,
    cancel: Cancel,
}

struct Breaking(Local, Cut, Cancel);

impl Connector for Cutting {
    fn connect(&self, _: &Node, _: &Limit) -> Result<Box<dyn Transport>> {
        match (self.connections.fetch_add(1, Ordering::SeqCst), self.cut) {
            (0, cut) => Ok(Box::new(Breaking(Local::new(), cut, self.cancel.clone()))),
            (n, Cut::Begun(refused)) if n <= refused => Err(lost()),
            _ => Ok(Box::new(Local::new())),
        }
    }
}

impl Transport for Breaking {
    fn start(&mut self, command: &str, limit: &Limit) -> Result<()> {
        self.0.start(command, limit)
    }

    fn converse(&mut self, input: &[u8], listener: &mut Listener<'_>, limit: &Limit) -> Result<()> {
        let is_change = String::from_utf8_lossy(input).contains("\napply() {\n");
        match self.1 {
            Cut::Sending if is_change => {
                let moment = Limit::new("testing", Duration::from_millis(300), &Cancel::new());
                self.0.converse(&input[..input.len() / 2], listener, &moment).map_err(|_| lost())
            }
            Cut::Begun(_) if is_change => self.0.converse(input, &mut |_: Stream, _: &[u8]| Err(lost()), limit),
            Cut::Abandoned if is_change => {
                let first = &mut |_: Stream, _: &[u8]| Ok(ControlFlow::Break(()));
                self.0.converse(input, first, limit)?;
                self.2.abandon();
                self.0.converse(b"", listener, limit)
            }
            _ => self.0.converse(input, listener, limit),
        }
    }
}

fn lost() -> Error {
    Error::new(ErrorKind::Connect, "the connection was lost")
}

fn system() -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    fs::create_dir_all(root.path().join("etc/containerd")).unwrap();
    fs::write(root.path().join("etc/containerd/config.toml"), CONFIG).unwrap();
    root
}

fn settings() -> Settings {
    let registry = Registry::new("my-registry.com").unwrap().endpoint("http://192.168.30.56:5000").unwrap();
    Settings::default().ensure(registry).unwrap()
}

fn push(root: &Path, options: &Options) -> NodeReport {
    let node = Node::local(root.to_str().unwrap());
    regconf::push(&[node], &settings(), options, &mut |_| ControlFlow::Continue(())).nodes.remove(0)
}

fn cut(root: &Path, cut: Cut) -> NodeReport {
    push(root, &cutting(cut))
}

fn cutting(cut: Cut) -> Options {
    let mut options = Options::default();
    let cancel = options.cancel.clone();
    options.connector = Box::new(Cutting { cut, connections: AtomicUsize::new(0), cancel });
    options
}

fn is_merged(root: &Path) -> bool {
    fs::read_to_string(root.join("etc/containerd/config.toml")).unwrap().contains("config_path")
}

fn notes(report: &NodeReport) -> String {
    report.plan.iter().flat_map(|plan| &plan.notes).map(|note| note.text.as_str()).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_change_that_has_begun_ends_by_itself_and_is_asked_for() {
    let root = system();
    let report = cut(root.path(), Cut::Begun(1));
    assert_eq!((report.outcome, report.error, is_merged(root.path())), (Outcome::Changed, None, true));
}

#[test]
fn a_change_that_was_not_sent_whole_is_none() {
    let root = system();
    let report = cut(root.path(), Cut::Sending);
    let error = report.error.unwrap();
    assert_eq!(
        (report.outcome, error.kind(), is_merged(root.path())),
        (Outcome::Unreachable, ErrorKind::Connect, false)
    );
    assert!(error.to_string().contains("nothing was changed"), "{error}");
    assert_eq!(push(root.path(), &Options::default()).outcome, Outcome::Changed);
}

#[test]
fn a_node_that_is_left_alone_in_its_change_ends_it_by_itself() {
    let root = system();
    let report = cut(root.path(), Cut::Abandoned);
    let error = report.error.unwrap();
    assert_eq!((report.outcome, error.kind()), (Outcome::Unknown, ErrorKind::Cancelled), "{error}");
    assert!(error.to_string().contains("the node ends it by itself"), "{error}");
    let end = Instant::now() + Duration::from_secs(30);
    let written = || fs::read_to_string(root.path().join("var/lib/regconf/change")).unwrap_or_default();
    while !is_merged(root.path()) || !written().is_empty() {
        assert!(Instant::now() < end, "the change does not end");
        std::thread::sleep(Duration::from_millis(10));
    }
    assert_eq!(push(root.path(), &Options::default()).outcome, Outcome::Unchanged);
}

#[test]
fn a_cancel_ends_the_wait_for_a_node_that_was_lost() {
    let root = system();
    let options = cutting(Cut::Begun(usize::MAX));
    let cancel = options.cancel.clone();
    let began = Instant::now();
    let canceller = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(300));
        cancel.cancel();
    });
    let report = push(root.path(), &options);
    canceller.join().unwrap();
    assert_eq!(report.outcome, Outcome::Unknown);
    assert!(began.elapsed() < Duration::from_secs(3), "it waited for {:?}", began.elapsed());
}

/// What a change leaves that was killed between two of its files.
fn leave_half_a_change(root: &Path) {
    let state = root.join("var/lib/regconf");
    fs::create_dir_all(&state).unwrap();
    let config = root.join("etc/containerd/config.toml");
    let made = root.join("etc/containerd/made");
    fs::rename(&config, root.join("etc/containerd/config.toml.regconf-old")).unwrap();
    for path in [&config, &made] {
        fs::write(path, "half = 1\n").unwrap();
    }
    // The sums are those that sha256sum and cksum tell of the new bytes.
    let sums = "d0f841c8050b80d1a63686fac2e41f87679cc1aa42ee2cf308f5c1aa62372aa2 135452944 9";
    let files = format!("file change {sums} {}\nfile create {sums} {}\n", config.display(), made.display());
    fs::write(state.join("change"), format!("of earlier\n{files}decided\n")).unwrap();
}

#[test]
fn what_was_cut_off_is_put_right_first() {
    let root = system();
    leave_half_a_change(root.path());
    let mut asked = Options::default();
    asked.dry_run = true;
    let before = push(root.path(), &asked);
    let error = before.error.unwrap().to_string();
    assert!(error.contains("the next push puts it right"), "{error}");
    assert!(root.path().join("etc/containerd/made").exists(), "asking has changed something");

    let report = push(root.path(), &Options::default());
    assert_eq!((report.outcome, &report.error), (Outcome::Changed, &None));
    assert!(notes(&report).contains("cut off in the middle"), "{}", notes(&report));
    let config = fs::read_to_string(root.path().join("etc/containerd/config.toml")).unwrap();
    assert!(config.starts_with(CONFIG) && config.contains("config_path"), "{config}");
    assert!(!root.path().join("etc/containerd/made").exists());
    assert_eq!(notes(&push(root.path(), &Options::default())), "", "it is told until a change ends well");
}

#[test]
fn a_file_that_somebody_changed_after_the_cut_stays_theirs() {
    let root = system();
    leave_half_a_change(root.path());
    let theirs = "version = 2\n# by hand\n";
    fs::write(root.path().join("etc/containerd/config.toml"), theirs).unwrap();
    let report = push(root.path(), &Options::default());
    assert_eq!(report.outcome, Outcome::Changed);
    let config = fs::read_to_string(root.path().join("etc/containerd/config.toml")).unwrap();
    assert!(config.starts_with(theirs), "{config}");
    // Of the newest change, no more: one backup is kept of each file.
    assert_eq!(
        fs::read_to_string(root.path().join("var/lib/regconf/backup/etc/containerd/config.toml")).unwrap(),
        theirs
    );
}

//! The example `push`, run as a user runs it.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

const SETTINGS: &str = r#"{ "ensure": [{ "host": "192.168.30.56:5000", "insecure": "http" }] }"#;
const DAEMON: &str = "{\n  \"debug\": true\n}\n";

/// The example as it is now: cargo builds examples only when all targets are tested, so it is asked to.
fn example() -> &'static Path {
    static PATH: OnceLock<PathBuf> = OnceLock::new();
    PATH.get_or_init(|| {
        let this = std::env::current_exe().unwrap();
        let profile_folder = this.ancestors().nth(2).unwrap();
        let profile = match profile_folder.file_name().and_then(|name| name.to_str()).unwrap() {
            "debug" => "dev",
            other => other,
        };
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["build", "--quiet", "--package", "regconf", "--example", "push", "--profile", profile]);
        cargo.arg("--target-dir").arg(profile_folder.parent().unwrap()).current_dir(env!("CARGO_MANIFEST_DIR"));
        // Build scripts of dependencies would take what describes this test for a change, and compile for long.
        for (name, _) in std::env::vars_os() {
            if name.to_str().is_some_and(|name| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_")) {
                cargo.env_remove(name);
            }
        }
        assert!(cargo.status().expect("cargo does not run").success(), "the example does not build");
        profile_folder.join("examples/push")
    })
}

fn push(arguments: &[&str]) -> Output {
    Command::new(example()).args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// A folder with a docker node, a list that has it, and settings.
struct Files(tempfile::TempDir);

impl Files {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("root");
        fs::create_dir_all(root.join("etc/docker")).unwrap();
        fs::write(root.join("etc/docker/daemon.json"), DAEMON).unwrap();
        fs::write(folder.path().join("nodes.json"), list(&root)).unwrap();
        fs::write(folder.path().join("settings.json"), SETTINGS).unwrap();
        Self(folder)
    }

    fn push(&self, arguments: &[&str]) -> Output {
        let path = |name: &str| self.0.path().join(name).to_str().unwrap().to_owned();
        let (nodes, settings) = (path("nodes.json"), path("settings.json"));
        push(&[&["--nodes", &nodes, "--settings", &settings], arguments].concat())
    }

    fn daemon(&self) -> String {
        fs::read_to_string(self.0.path().join("root/etc/docker/daemon.json")).unwrap()
    }
}

fn list(root: &Path) -> String {
    serde_json::json!({ "nodes": [{ "local": true, "root": root }] }).to_string()
}

/// The rows of the tables: node, outcome, files.
fn rows(out: &str) -> Vec<(&str, &str, &str)> {
    out.lines().filter_map(row).collect()
}

fn row(line: &str) -> Option<(&str, &str, &str)> {
    let mut words = line.split_whitespace();
    let (node, outcome, files, seconds) = (words.next()?, words.next()?, words.next()?, words.next()?);
    let is_row = files.parse::<usize>().is_ok() && seconds.parse::<f64>().is_ok();
    is_row.then_some((node, outcome, files))
}

#[test]
fn three_nodes_are_changed_and_the_second_push_finds_nothing() {
    let output = push(&[]);
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(0), "{out}\n{err}");
    let nodes = [("gpu-1", "3"), ("build-1", "3"), ("edge-1", "1")];
    let first = nodes.map(|(name, files)| (name, "changed", files));
    let second = nodes.map(|(name, _)| (name, "unchanged", "0"));
    assert_eq!(rows(&out), [first, second].concat(), "{out}");
    assert!(out.contains("docker: my-registry.com: not set"), "{out}");
    assert!(!out.contains('\x1b') && !err.contains('\x1b'), "colours without a terminal");
    for stage in ["connecting", "reading its files", "files to change: 3", "commit", "changed", "unchanged"] {
        assert!(err.lines().any(|line| line.ends_with(&format!("gpu-1    {stage}"))), "no {stage} in:\n{err}");
    }
}

#[test]
fn what_others_wrote_stays() {
    let out = text(&push(&[]).stdout);
    let lines: Vec<_> = out.lines().collect();
    let gone: Vec<_> = lines.iter().filter(|line| line.starts_with('-') && !line.starts_with("--- ")).collect();
    // An empty value is filled, and the last entry of a list gets a comma.
    assert_eq!(gone, [&r#"-      config_path = """#, &"-\t\t\"10.4.7.70\""], "{out}");
    assert!(lines.contains(&"+\t\t\"10.4.7.70\","), "{out}");
    let kept = [
        "     # nothing set yet",
        " # Storage team: our mirror goes first. Do not delete, see the wiki.",
        "   ca = \"/etc/ssl/certs/storage.pem\" # expires 2027",
        "   SystemdCgroup = true",
        "\\ No newline at end of file",
    ];
    for line in kept {
        assert!(lines.contains(&line), "{line:?} is not in:\n{out}");
    }
}

#[test]
fn a_dry_run_tells_what_is_pending_and_changes_nothing() {
    let files = Files::new();
    let output = files.push(&["--dry-run"]);
    let out = text(&output.stdout);
    assert_eq!(output.status.code(), Some(3), "{out}");
    assert_eq!(rows(&out), [("localhost", "pending", "1")], "{out}");
    assert!(out.contains("+  \"insecure-registries\": [\"192.168.30.56:5000\"]"), "{out}");
    assert_eq!(files.daemon(), DAEMON);
}

#[test]
fn a_report_can_be_json() {
    let files = Files::new();
    let outcomes = || {
        let output = files.push(&["--json", "--parallel", "4", "--assume", "docker=28.0.0"]);
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        (output.status.code(), report["nodes"][0]["outcome"].as_str().map(str::to_owned))
    };
    assert_eq!(outcomes(), (Some(0), Some("changed".to_owned())));
    assert!(files.daemon().contains("192.168.30.56:5000"));
    assert_eq!(outcomes(), (Some(0), Some("unchanged".to_owned())));
}

#[test]
fn a_node_that_fails_is_told() {
    let files = Files::new();
    fs::write(files.0.path().join("root/etc/docker/daemon.json"), "{ // no\n}").unwrap();
    let output = files.push(&[]);
    let out = text(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{out}");
    assert!(out.contains("localhost  failed") && out.contains("/etc/docker/daemon.json:1"), "{out}");
}

#[test]
fn what_cannot_begin_is_told() {
    let files = Files::new();
    for arguments in [
        &["--frobnicate"][..],
        &["--dry-run"],
        &["--nodes", "x"],
        &["stray"],
        &["--assume", "docker"],
        &["--batch", "0"],
        &["--unreachable", "x"],
    ] {
        let output = push(arguments);
        let err = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {err}");
        assert!(err.contains("Usage: push"), "{arguments:?}: {err}");
    }
    fs::write(files.0.path().join("settings.json"), "{\n\"ensures\": []}").unwrap();
    let output = files.push(&[]);
    let err = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{err}");
    assert!(err.contains("settings.json:2: unknown field `ensures`"), "{err}");
    assert_eq!(push(&["--help"]).status.code(), Some(0));
}

/// A list of so many docker nodes, the first of which has a file that cannot be merged.
fn four(files: &Files) -> String {
    let folder = files.0.path();
    let root = |i: usize| {
        let root = folder.join(format!("root{i}"));
        fs::create_dir_all(root.join("etc/docker")).unwrap();
        fs::write(root.join("etc/docker/daemon.json"), if i == 0 { "{ // no\n}" } else { DAEMON }).unwrap();
        serde_json::json!({ "name": format!("n{i}"), "local": true, "root": root })
    };
    let nodes: Vec<_> = (0..4).map(root).collect();
    let path = folder.join("four.json");
    fs::write(&path, serde_json::json!({ "nodes": nodes }).to_string()).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn batches_stop_at_a_failure_and_go_on_later() {
    let files = Files::new();
    let nodes = four(&files);
    let journal = files.0.path().join("run.jsonl");
    let journal = ["--nodes", &nodes, "--journal", journal.to_str().unwrap()];
    let output =
        files.push(&[&journal[..], &["--batch", "25%", "--parallel-restart", "1", "--max-failures", "0"]].concat());
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(1), "{out}");
    assert!(err.contains("batch 1 of 4, nodes: 1") && !err.contains("batch 2 of 4"), "{err}");
    assert!(out.contains("\n1 failed, 3 not_tried\n"), "{out}");
    assert!(out.contains("not begun: 1 of 4 nodes failed"), "{out}");

    fs::write(files.0.path().join("root0/etc/docker/daemon.json"), DAEMON).unwrap();
    let output = files.push(&[&journal[..], &["--canary", "1", "--unreachable", "skip", "--pause", "0"]].concat());
    let out = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{out}");
    assert!(out.contains("\n4 changed\n"), "{out}");
    let again = text(&files.push(&journal).stdout);
    assert_eq!(again.matches("done before, as the journal says").count(), 4, "{again}");
}

#[test]
fn equal_changes_are_shown_once() {
    let files = Files::new();
    let nodes = four(&files);
    let output = files.push(&["--nodes", &nodes, "--dry-run"]);
    let out = text(&output.stdout);
    assert!(out.contains("==> pending: n1, n2, n3\n"), "{out}");
    assert_eq!(out.matches("+++ b/etc/docker/daemon.json").count(), 1, "{out}");
}

//! Runs that go on where an earlier one ended.

use std::fs;
use std::io::Write;
use std::os::fd::AsRawFd;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use regconf::{Batch, ErrorKind, Options, Outcome, Registry, Report, Settings, Threshold};
use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, memfd_create};

use crate::fleet::{Deed, Fate, Fleet, nodes, number, settings};
use crate::{count, error, push, silent};

/// A fleet of which these nodes fail when they are changed, and a journal.
fn fleet(path: &Path, bad: &'static [usize]) -> (Options, std::sync::Arc<Fleet>) {
    let fates = move |name: &str, deed| {
        if deed == Deed::Apply && bad.contains(&number(name)) { Fate::Fails } else { Fate::Well }
    };
    let (mut options, fleet) = Fleet::new(fates).options();
    options.journal = Some(path.to_owned());
    (options, fleet)
}

fn resumed(report: &Report) -> Vec<usize> {
    report.nodes.iter().enumerate().filter(|(_, node)| node.resumed).map(|(index, _)| index).collect()
}

#[test]
fn only_what_is_left_is_done() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.jsonl");
    let (mut options, _) = fleet(&path, &[12]);
    (options.parallel, options.batch, options.max_failures) = (1, Batch::Size(5), Some(Threshold::Count(0)));
    let first = push(&nodes(20), &options);
    assert_eq!((count(&first, Outcome::Changed), count(&first, Outcome::NotTried)), (12, 7));
    assert!(resumed(&first).is_empty());

    let (options, second_fleet) = fleet(&path, &[]);
    let second = push(&nodes(20), &options);
    assert_eq!(count(&second, Outcome::Changed), 20);
    assert_eq!(resumed(&second), (0..12).collect::<Vec<_>>());
    let mut tried = second_fleet.log_of(Deed::Connect);
    tried.sort();
    assert_eq!(tried, (12..20).map(|i| format!("n{i:03}")).collect::<Vec<_>>());

    let (options, third_fleet) = fleet(&path, &[]);
    let third = push(&nodes(20), &options);
    third.check().unwrap();
    assert_eq!(resumed(&third).len(), 20);
    assert!(third_fleet.log().is_empty());
}

#[test]
fn a_batch_that_is_done_is_passed_without_a_pause() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.jsonl");
    let (options, _) = fleet(&path, &[9]);
    push(&nodes(10), &options);
    let (mut options, _) = fleet(&path, &[]);
    (options.canary, options.batch, options.pause) = (1, Batch::Size(3), std::time::Duration::from_secs(600));
    let report = push(&nodes(10), &options);
    assert_eq!((report.nodes[9].batch, report.nodes[9].outcome, resumed(&report).len()), (4, Outcome::Changed, 9));
}

#[test]
fn it_says_what_happened_and_holds_no_secret() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.jsonl");
    let (options, _) = fleet(&path, &[1]);
    let registry = || Registry::new("s.lab").unwrap();
    let endpoint = regconf::Endpoint::new("https://s.lab").unwrap().header("Authorization", "Basic hunter2").unwrap();
    let settings = Settings::default().ensure(registry().endpoint(endpoint).unwrap()).unwrap();
    regconf::push(&nodes(2), &settings, &options, &mut silent);
    let text = fs::read_to_string(&path).unwrap();
    let lines: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 3, "{text}");
    assert_eq!(
        (lines[0]["regconf_journal"].as_u64(), lines[0]["settings"].as_str()),
        (Some(1), Some(settings.fingerprint().as_str()))
    );
    let bad = lines.iter().find(|line| line["node"] == "n001").unwrap();
    assert_eq!(
        (bad["address"].as_str(), bad["outcome"].as_str(), bad["error"].as_str()),
        (Some("10.0.0.2:22"), Some("failed"), Some("io"))
    );
    assert!(bad["time"].as_u64().unwrap() > 1_700_000_000);
    assert!(!text.contains("hunter2"));
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn one_of_other_settings_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.jsonl");
    let (options, _) = fleet(&path, &[]);
    push(&nodes(3), &options);
    let before = fs::read(&path).unwrap();
    let (options, untouched) = fleet(&path, &[]);
    let other = Settings::default().remove("my-registry.com").unwrap();
    let report = regconf::push(&nodes(3), &other, &options, &mut silent);
    assert!(untouched.log().is_empty());
    assert_eq!(count(&report, Outcome::NotTried), 3);
    let told = report.check().unwrap_err();
    assert_eq!(told.kind(), ErrorKind::Conflict);
    assert!(
        error(&report, 0).ends_with("belongs to other settings; name another file, or delete this one to begin anew")
    );
    assert_eq!(fs::read(&path).unwrap(), before);
    fs::write(&path, "").unwrap();
    regconf::push(&nodes(3), &other, &options, &mut silent).check().unwrap();
}

#[test]
fn a_line_cut_off_by_a_crash_is_forgotten() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.jsonl");
    let (mut options, _) = fleet(&path, &[]);
    options.parallel = 1;
    push(&nodes(3), &options);
    let whole = fs::read(&path).unwrap();
    let ends: Vec<_> = whole.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at + 1).collect();
    let near_ends = ends.iter().flat_map(|end| [end - 1, *end, end + 1]).filter(|cut| *cut < whole.len());
    for cut in (0..whole.len()).step_by(23).chain(near_ends) {
        fs::write(&path, &whole[..cut]).unwrap();
        let (options, fleet) = fleet(&path, &[]);
        let report = push(&nodes(3), &options);
        assert_eq!(count(&report, Outcome::Changed), 3, "cut at {cut}");
        let lines = ends.iter().filter(|end| **end <= cut).count();
        assert_eq!(fleet.log_of(Deed::Connect).len(), 3 - lines.saturating_sub(1), "cut at {cut}");
        assert_eq!(fs::read_to_string(&path).unwrap().lines().count(), 4, "cut at {cut}");
    }
}

#[test]
fn what_is_no_journal_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.jsonl");
    let (options, _) = fleet(&path, &[]);
    push(&nodes(2), &options);
    let good = fs::read_to_string(&path).unwrap();
    let head = good.lines().next().unwrap();
    let other = head.replace("\"regconf_journal\":1", "\"regconf_journal\":2");
    let texts = ["precious".to_owned(), "precious\n".to_owned(), format!("{head}\nx\n"), format!("{other}\n")];
    for text in texts {
        fs::write(&path, &text).unwrap();
        let (options, untouched) = fleet(&path, &[]);
        let report = push(&nodes(2), &options);
        assert_eq!(count(&report, Outcome::NotTried), 2, "{text}");
        assert!(untouched.log().is_empty(), "{text}");
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
    }
    let (mut options, _) = fleet(&path, &[]);
    options.journal = Some(folder.path().join("no/such/folder"));
    assert_eq!(push(&nodes(2), &options).check().unwrap_err().kind(), ErrorKind::Io);
}

#[test]
fn two_runs_cannot_have_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.jsonl");
    let (outer, _) = fleet(&path, &[]);
    let mut inner = None;
    let report = regconf::push(&nodes(1), &settings(), &outer, &mut |_| {
        inner.get_or_insert_with(|| {
            let (options, untouched) = fleet(&path, &[]);
            let report = push(&nodes(1), &options);
            assert!(untouched.log().is_empty());
            report.check().unwrap_err()
        });
        std::ops::ControlFlow::Continue(())
    });
    report.check().unwrap();
    let told = inner.unwrap();
    assert_eq!(told.kind(), ErrorKind::Conflict);
    assert!(told.to_string().contains("is in use by another run"), "{told}");
}

#[test]
fn a_node_that_moved_or_has_other_settings_is_done_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.jsonl");
    let (options, _) = fleet(&path, &[]);
    push(&nodes(4), &options);
    let mut changed = nodes(4);
    changed[1].address = "10.9.9.9".into();
    changed[2].settings = Some(Settings::default().remove("old.lan").unwrap());
    let (options, fleet) = fleet(&path, &[]);
    let report = push(&changed, &options);
    assert_eq!(resumed(&report), [0, 3]);
    assert_eq!(fleet.log_of(Deed::Connect).len(), 2);
}

#[test]
fn a_rollout_goes_on_too_and_a_dry_run_leaves_it_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.jsonl");
    let (mut options, _) = fleet(&path, &[1]);
    let rollout = regconf::survey(&nodes(3), &settings(), &options, &mut silent);
    options.dry_run = true;
    push(&nodes(3), &options);
    assert!(!path.exists());
    options.dry_run = false;
    rollout.apply(&options, &mut silent);
    let (options, fleet) = fleet(&path, &[]);
    let rollout = regconf::survey(&nodes(3), &settings(), &options, &mut silent);
    assert_eq!(resumed(&rollout.apply(&options, &mut silent)), [0, 2]);
    assert_eq!(fleet.log_of(Deed::Apply), ["n001"]);
}

/// A file that can be read and locked, and cannot grow any more.
fn full(text: &str) -> fs::File {
    let mut file = fs::File::from(memfd_create("journal", MemfdFlags::ALLOW_SEALING).unwrap());
    file.write_all(text.as_bytes()).unwrap();
    fcntl_add_seals(&file, SealFlags::GROW).unwrap();
    file
}

#[test]
fn a_journal_that_cannot_be_written_stops_the_run() {
    let head = format!("{{\"regconf_journal\":1,\"settings\":\"{}\"}}\n", settings().fingerprint());
    let file = full(&head);
    let (mut options, fleet) = fleet(Path::new(&format!("/proc/self/fd/{}", file.as_raw_fd())), &[]);
    options.parallel = 1;
    let report = push(&nodes(5), &options);
    assert_eq!(fleet.log_of(Deed::Connect), ["n000"]);
    assert_eq!((count(&report, Outcome::Changed), count(&report, Outcome::NotTried)), (1, 4));
    assert!(error(&report, 4).contains("cannot be written"), "{}", error(&report, 4));

    let (options, fleet) = self::fleet(Path::new("/dev/full"), &[]);
    assert!(error(&push(&nodes(1), &options), 0).contains("is not a plain file"));
    assert!(fleet.log().is_empty());
}

//! Floor and regconf on three nodes, added and again: what the benchmark does, without the other tools and without any
//! word on speed.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// The nodes need root; without it only if those tests are switched off.
fn is_root() -> bool {
    let root = fs::metadata("/proc/self").unwrap().uid() == 0;
    let off = std::env::var_os("REGCONF_SKIP_FLEET").is_some_and(|value| value == "1");
    assert!(root || off, "this test needs root; REGCONF_SKIP_FLEET=1 leaves it out");
    root
}

/// What the benchmark prints, called so in a folder of its own.
fn bench(folder: &str, arguments: &[&str]) -> String {
    let work = Path::new(env!("CARGO_TARGET_TMPDIR")).join(folder);
    let mut command = Command::new(env!("CARGO_BIN_EXE_regconf-bench"));
    command.args(["--peers", "floor,regconf", "--runs", "1", "--work"]).arg(&work).args(arguments);
    let out = command.output().unwrap();
    let (said, fault) = (String::from_utf8(out.stdout).unwrap(), String::from_utf8(out.stderr).unwrap());
    assert!(out.status.success(), "{said}\n{fault}");
    said
}

#[test]
fn every_node_is_as_it_must_be_and_every_run_is_told() {
    if !is_root() {
        return;
    }
    let said = bench("compare", &["--nodes", "3"]);
    for (title, peers) in [("to be added", ["floor", "regconf"]), ("to be done", ["floor", "regconf"])] {
        let table = said.split("### ").find(|part| part.contains(title)).expect(title);
        for peer in peers {
            let row = table.lines().find(|line| line.starts_with(&format!("| {peer} |"))).expect(peer);
            assert!(row.ends_with("| 1 of 1 |"), "{row}");
        }
    }
    let lines = fs::read_to_string(Path::new(env!("CARGO_TARGET_TMPDIR")).join("compare/results.jsonl")).unwrap();
    let runs: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let told: Vec<_> = runs.iter().map(|run| (run["peer"].as_str().unwrap(), run["state"].as_str().unwrap())).collect();
    assert_eq!(told, [("floor", "cold"), ("floor", "noop"), ("regconf", "cold"), ("regconf", "noop")]);
    for run in runs {
        let figures = ["wall_s", "client_cpu_s", "client_rss_mib", "node_cpu_s"].map(|key| run[key].as_f64().unwrap());
        assert!(figures.iter().all(|figure| *figure > 0.0), "{run}");
        assert_eq!((run["nodes"].as_u64(), &run["fault"]), (Some(3), &Value::Null));
    }
}

/// A driver that leaves a process in a session of its own: it is ended, and the driver's own end is what counts.
#[test]
fn what_a_driver_leaves_running_is_ended() {
    let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join("measured.json");
    let began = std::time::Instant::now();
    let mut command = Command::new(env!("CARGO_BIN_EXE_regconf-bench"));
    command.arg("meter").arg(&out).args(["sh", "-c", "setsid sleep 600 >/dev/null 2>&1 & exit 3"]);
    assert!(command.status().unwrap().success());
    assert!(began.elapsed().as_secs() < 300);
    let measured: Value = serde_json::from_str(&fs::read_to_string(out).unwrap()).unwrap();
    assert_eq!(measured["success"], false);
    assert!(measured["rss_kib"].as_u64().unwrap() > 100, "{measured}");
}

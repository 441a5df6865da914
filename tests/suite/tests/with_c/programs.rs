//! The programs of tests/c, plain, with sanitizers and under valgrind.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::stage::{Built, prefix, prefix_with_panic, project, run};
use super::three_nodes::ThreeNodes;

const PLAIN: &[&str] = &["-std=c99", "-O1", "-g", "-pthread"];
const SANITIZED: &[&str] =
    &["-std=c99", "-O1", "-g", "-pthread", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"];
const VALGRIND: &[&str] =
    &["valgrind", "-q", "--error-exitcode=9", "--leak-check=full", "--errors-for-leak-kinds=definite"];

/// The sources that are a program: its own, the parts of it, and what it shares with others.
fn sources(name: &str, shared: &[&str]) -> Vec<PathBuf> {
    let folder = project().join("tests/c");
    let is_part = |path: &PathBuf| {
        let stem = path.file_stem().unwrap().to_str().unwrap();
        path.extension().is_some_and(|e| e == "c") && (stem == name || stem.starts_with(&format!("{name}_")))
    };
    let own = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).filter(is_part);
    own.chain(shared.iter().map(|name| folder.join(name))).collect()
}

/// What a program is given: a folder with a system, and three nodes.
struct Given {
    nodes: ThreeNodes,
    system: tempfile::TempDir,
}

impl Given {
    fn new() -> Self {
        let system = tempfile::tempdir().unwrap();
        fs::create_dir_all(system.path().join("etc/containerd")).unwrap();
        fs::write(system.path().join("etc/containerd/config.toml"), "version = 2\n").unwrap();
        Self { nodes: ThreeNodes::start(), system }
    }
}

/// Builds a program in each way, and runs it in each way that finds faults of memory.
fn in_each_way(prefix: &Path, flags: &[&str], sources: &[PathBuf], arguments: impl Fn(&mut Command)) -> Vec<String> {
    let with = |more: &[&'static str]| [more, flags].concat().into_iter().collect::<Vec<_>>();
    let plain = Built::new(prefix, "gcc", &with(PLAIN), sources);
    let sanitized = Built::new(prefix, "gcc", &with(SANITIZED), sources);
    let by_clang = Built::new(prefix, "clang", &with(PLAIN), sources);
    let ways = [plain.command(&[]), by_clang.command(&[]), sanitized.command(&[]), plain.command(VALGRIND)];
    ways.into_iter()
        .map(|mut command| {
            arguments(&mut command);
            String::from_utf8(run(command).stdout).unwrap()
        })
        .collect()
}

#[test]
fn a_program_of_forty_lines_pushes_to_three_nodes() {
    let sources = sources("push", &[]);
    assert!(fs::read_to_string(&sources[0]).unwrap().lines().count() <= 40);
    for flags in [PLAIN, SANITIZED] {
        let nodes = ThreeNodes::start();
        let push = Built::new(&prefix(), "gcc", flags, &sources);
        let push = || {
            let mut command = push.command(&[]);
            command.arg(nodes.path("nodes.json")).arg(nodes.path("settings.json"));
            String::from_utf8(run(command).stdout).unwrap()
        };
        let first = push();
        assert!(
            first.starts_with("3 changed: n0, n1, n2") && first.contains("+[host.\"http://192.168.30.56:5000\"]"),
            "{first}"
        );
        assert!(nodes.are_set());
        assert!(push().starts_with("3 unchanged: "));
    }
}

#[test]
fn every_golden_case_holds() {
    let walk = sources("walk", &["golden.c", "files.c"]);
    for flags in [PLAIN, SANITIZED] {
        let walk = Built::new(&prefix(), "gcc", flags, &walk);
        let mut command = walk.command(&[]);
        command.arg(project().join("tests/golden"));
        let said = String::from_utf8(run(command).stdout).unwrap();
        assert!(said.trim_end().ends_with(" 0 failed"), "{said}");
    }
}

#[test]
fn every_case_of_an_import_holds() {
    let said = in_each_way(&prefix(), &[], &sources("import", &["check.c", "files.c"]), |command| {
        command.arg(project().join("tests/import"));
    });
    assert!(said.iter().all(|said| said.trim_end().ends_with(" 0 failed")), "{said:?}");
}

#[test]
fn every_function_is_called_with_sense() {
    let given = Given::new();
    in_each_way(&prefix(), &[], &sources("api", &["check.c", "files.c"]), |command| {
        command.arg(given.system.path()).arg(given.nodes.path("nodes.json")).arg("my-registry.com/team/app:v1");
    });
}

#[test]
fn misuse_is_an_error_and_a_fault_is_contained() {
    let given = Given::new();
    in_each_way(&prefix_with_panic(), &["-DREGCONF_TEST_PANIC"], &sources("misuse", &["check.c"]), |command| {
        command.arg(given.system.path()).arg(given.nodes.path("nodes.json"));
    });
}

#[test]
fn every_function_of_the_header_is_called_here() {
    let all = fs::read_dir(project().join("tests/c")).unwrap().map(|entry| entry.unwrap().path());
    let all: String =
        all.filter(|path| path.extension().is_some_and(|e| e == "c")).map(|p| fs::read_to_string(p).unwrap()).collect();
    let functions = super::abi::functions();
    let missing: Vec<_> = functions.iter().filter(|name| !all.contains(&format!("{name}("))).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

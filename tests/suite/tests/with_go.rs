//! The Go package over the installed library: its own tests, and what the README shows.

#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may panic")]

#[path = "../../../core/tests/support/sshd.rs"]
mod sshd;
#[path = "with_c/stage.rs"]
mod stage;
#[path = "with_c/three_nodes.rs"]
mod three_nodes;

use std::fs;
use std::path::Path;
use std::process::Command;

use stage::{prefix, project, readme_blocks, run};
use three_nodes::ThreeNodes;

/// Go in a folder, with the library in reach.
fn go(folder: &Path, words: &[&str]) -> Command {
    let mut command = Command::new("go");
    command.args(words).current_dir(folder);
    let flags = stage::pkg_config(&prefix(), &["--cflags"]);
    let lib = prefix().join("lib");
    // The .pc file names where the library will be, not where it is staged.
    command.env("PKG_CONFIG_PATH", lib.join("pkgconfig")).env("LD_LIBRARY_PATH", &lib);
    command.env("CGO_CFLAGS", flags.join(" ")).env("CGO_LDFLAGS", format!("-L{}", lib.display()));
    command
}

#[test]
fn the_package_is_right_by_its_own_tests() {
    let folder = project().join("ffi/go");
    let unformatted = {
        let mut command = Command::new("gofmt");
        command.args(["-l", "."]).current_dir(&folder);
        String::from_utf8(run(command).stdout).unwrap()
    };
    assert_eq!(unformatted, "");
    run(go(&folder, &["vet", "./..."]));
    let said = String::from_utf8(run(go(&folder, &["test", "-race", "-v", "./..."])).stdout).unwrap();
    assert!(said.contains("--- PASS") && !said.contains("--- SKIP"), "{said}");
}

#[test]
fn a_program_of_thirty_lines_pushes_to_three_nodes() {
    let source = project().join("ffi/go/examples/push/main.go");
    let code = fs::read_to_string(source).unwrap();
    assert!(code.lines().count() <= 30);
    assert_eq!(readme_blocks("From Go", "go")[0].trim(), code.trim(), "the README shows another program");
    let nodes = ThreeNodes::start();
    let module = format!(
        "module example\n\ngo 1.24\n\nrequire regconf v0.0.0\n\nreplace regconf => {}\n",
        project().join("ffi/go").display()
    );
    fs::write(nodes.path("go.mod"), module).unwrap();
    fs::write(nodes.path("main.go"), code).unwrap();
    let folder = nodes.path("");
    let first = String::from_utf8(run(go(&folder, &["run", "."])).stdout).unwrap();
    assert!(first.starts_with("3 changed: n0, n1, n2") && nodes.are_set(), "{first}");
    let second = String::from_utf8(run(go(&folder, &["run", "."])).stdout).unwrap();
    assert!(second.starts_with("3 unchanged: "), "{second}");
}

//! What the README and the header show is compiled and run.

use std::fs;
use std::path::{Path, PathBuf};

use super::stage::{Built, pkg_config, prefix, readme_blocks, run};
use super::three_nodes::ThreeNodes;

/// The example in the header's comment.
fn example_of_the_header() -> String {
    let text = fs::read_to_string(prefix().join("include/regconf.h")).unwrap();
    let block = text.split("@code{.c}\n").nth(1).unwrap().split(" * @endcode").next().unwrap();
    block.lines().map(|line| line.strip_prefix(" *").unwrap().to_owned() + "\n").collect()
}

fn written(folder: &tempfile::TempDir, code: &str) -> Vec<PathBuf> {
    let path = folder.path().join("example.c");
    fs::write(&path, code).unwrap();
    vec![path]
}

#[test]
fn the_example_of_the_header_pushes() {
    let (folder, nodes) = (tempfile::tempdir().unwrap(), ThreeNodes::start());
    for compiler in ["gcc", "clang"] {
        let example = Built::new(&prefix(), compiler, &["-std=c99"], &written(&folder, &example_of_the_header()));
        let mut command = example.command(&[]);
        command.arg(nodes.path("nodes.json"));
        run(command);
        assert!(nodes.are_set());
    }
}

#[test]
fn the_programs_of_the_readme_run_with_the_shared_and_the_static_library() {
    let programs = readme_blocks("From C", "c");
    let [version, plan] = programs.as_slice() else { panic!("two programs, not {}", programs.len()) };
    assert!(version.lines().count() <= 10);
    for (program, says) in [(version, "libregconf 0."), (plan, "+++ b/etc/docker/daemon.json")] {
        let folder = tempfile::tempdir().unwrap();
        let source = written(&folder, program);
        let shared = Built::new(&prefix(), "gcc", &["-std=c99"], &source);
        let said = String::from_utf8(run(shared.command(&[])).stdout).unwrap();
        assert!(said.contains(says), "{said}");
        run(statically(&source[0], &folder.path().join("static")));
        let alone = run(std::process::Command::new(folder.path().join("static")));
        assert_eq!(String::from_utf8(alone.stdout).unwrap(), said);
    }
}

/// Compiles a program that has the library in it.
fn statically(source: &Path, program: &Path) -> std::process::Command {
    let words = pkg_config(&prefix(), &["--cflags", "--libs", "--static"]);
    let words = words.iter().map(|word| if word == "-lregconf" { "-l:libregconf.a" } else { word });
    let mut link = std::process::Command::new("gcc");
    link.arg(source).arg("-o").arg(program).args(words);
    link
}

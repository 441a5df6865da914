//! What the README and the header show is compiled and run.

use std::fs;
use std::path::PathBuf;

use super::stage::{Built, pkg_config, prefix, readme_block, run};
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
fn the_program_of_the_readme_runs_with_the_shared_and_the_static_library() {
    let folder = tempfile::tempdir().unwrap();
    let source = written(&folder, &readme_block("From C", "c"));
    let shared = Built::new(&prefix(), "gcc", &["-std=c99"], &source);
    let said = String::from_utf8(run(shared.command(&[])).stdout).unwrap();
    assert!(said.contains("+++ b/etc/docker/daemon.json"), "{said}");

    let mut link = std::process::Command::new("gcc");
    let words = pkg_config(&prefix(), &["--cflags", "--libs", "--static"]);
    let words = words.iter().map(|word| if word == "-lregconf" { "-l:libregconf.a" } else { word });
    link.args(&source).arg("-o").arg(folder.path().join("static")).args(words);
    run(link);
    let alone = std::process::Command::new(folder.path().join("static"));
    assert_eq!(String::from_utf8(run(alone).stdout).unwrap(), said);
}

//! What the header promises, and whether the library keeps it.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::process::Command;

use super::stage::{prefix, project, run};

fn header() -> String {
    fs::read_to_string(prefix().join("include/regconf.h")).unwrap()
}

/// Declarations of functions, each on one line, without their semicolon.
fn declarations(header: &str) -> Vec<String> {
    let code: Vec<_> = header.lines().filter(|line| !line.trim_start().starts_with(['*', '/', '#'])).collect();
    let code = code.join(" ").replace('\n', " ");
    // What stands before a brace is `extern "C"`.
    let statements = code.split(';').map(|statement| statement.rsplit('{').next().unwrap_or(statement).trim());
    let functions = statements.filter(|statement| statement.ends_with(')') && !statement.starts_with("typedef"));
    functions.map(str::to_owned).collect()
}

fn name_of(declaration: &str) -> String {
    let before = declaration.split('(').next().unwrap();
    before.rsplit([' ', '*']).next().unwrap().to_owned()
}

/// The names of the functions that the header declares.
pub(crate) fn functions() -> BTreeSet<String> {
    let declared: BTreeSet<_> = declarations(&header()).iter().map(|declaration| name_of(declaration)).collect();
    assert!(declared.len() > 80, "{declared:?}");
    declared
}

#[test]
fn the_header_compiles_without_a_warning() {
    let folder = tempfile::tempdir().unwrap();
    let include = prefix().join("include");
    let languages = [("c", "c99"), ("c", "c11"), ("c", "c17"), ("c", "c2x"), ("c++", "c++17"), ("c++", "c++20")];
    for (language, standard) in languages {
        let source = folder.path().join("all.c");
        // Twice, as happens in large programs.
        fs::write(
            &source,
            "#include <regconf.h>\n#include <regconf.h>\nint main(void) { return regconf_version() == 0; }\n",
        )
        .unwrap();
        for compiler in ["gcc", "clang"] {
            let mut command = Command::new(compiler);
            command.args(["-x", language, &format!("-std={standard}"), "-fsyntax-only", "-I"]).arg(&include);
            command.args(["-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wshadow", "-Werror"]).arg(&source);
            if language == "c" {
                command.arg("-Wstrict-prototypes");
            }
            run(command);
        }
    }
}

#[test]
fn the_library_exports_what_the_header_declares() {
    let mut command = Command::new("nm");
    command.args(["-D", "--defined-only", "-P"]).arg(prefix().join("lib/libregconf.so"));
    let said = String::from_utf8(run(command).stdout).unwrap();
    let exported: BTreeSet<_> = said.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect();
    assert_eq!(exported, functions());
}

#[test]
fn the_library_has_a_soname_and_links() {
    let lib = prefix().join("lib");
    let mut command = Command::new("readelf");
    command.arg("-d").arg(lib.join("libregconf.so"));
    let said = String::from_utf8(run(command).stdout).unwrap();
    assert!(said.contains("soname: [libregconf.so.0.1]"), "{said}");
    assert!(lib.join("libregconf.so.0.1").exists() && lib.join("libregconf.a").exists());
    assert!(!said.contains("libssl") && !said.contains("libssh2"), "OpenSSL and libssh2 are inside: {said}");
}

/// The header's functions and types as C has them are those of tests/c/abi.xml. With `REGCONF_WRITE_ABI=1` that is written
/// anew: what is taken away or changed needs a new major version, what is added a higher `REGCONF_ABI_VERSION`.
#[test]
fn the_abi_is_the_one_that_was_written_down() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let mut source = String::from("#include <stdlib.h>\n#include <regconf.h>\n");
    for declaration in declarations(&header()) {
        let _ = writeln!(source, "{declaration} {{ abort(); }}");
    }
    fs::write(path("regconf.c"), source).unwrap();
    let mut compile = Command::new("gcc");
    compile.args(["-g", "-shared", "-fPIC", "-w", "-Wl,-soname,libregconf.so.0.1", "-I"]).arg(prefix().join("include"));
    compile.arg(path("regconf.c")).arg("-o").arg(path("libregconf.so"));
    run(compile);
    let mut dump = Command::new("abidw");
    dump.args([
        "--no-corpus-path",
        "--no-comp-dir-path",
        "--no-show-locs",
        "--no-elf-needed",
        "--type-id-style",
        "hash",
    ]);
    dump.arg("--out-file").arg(path("abi.xml")).arg(path("libregconf.so"));
    run(dump);
    let written = project().join("tests/c/abi.xml");
    if std::env::var_os("REGCONF_WRITE_ABI").is_some() {
        fs::copy(path("abi.xml"), &written).unwrap();
    }
    let mut compare = Command::new("abidiff");
    run({
        compare.arg(&written).arg(path("abi.xml"));
        compare
    });
}

//! The table of rules in `tests/golden/RULES.md` names what is there, and leaves no rule out.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

#[test]
fn every_rule_is_shown_by_what_there_is() {
    let table = fs::read_to_string(format!("{ROOT}/tests/golden/RULES.md")).expect("RULES.md");
    let mut faults = Vec::new();
    let mut rules = BTreeMap::new();
    for line in table.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| |")) {
        let cells: Vec<_> = line.trim_matches('|').split(" | ").map(str::trim).collect();
        let [number, rule, shown] = cells.as_slice() else {
            faults.push(format!("not three cells: {line}"));
            continue;
        };
        if *number != "---" && rules.insert((*number).to_owned(), (*rule, *shown)).is_some() {
            faults.push(format!("{number} is there twice"));
        }
    }
    let numbers = [("", 77), ("F", 23), ("P", 77)];
    let all: Vec<_> = numbers.iter().flat_map(|(kind, last)| (1..=*last).map(move |n| format!("{kind}{n}"))).collect();
    faults.extend(all.iter().filter(|n| !rules.contains_key(*n)).map(|number| format!("{number} is missing")));
    faults.extend(rules.keys().filter(|n| !all.contains(n)).map(|number| format!("{number} is no rule")));
    let (cases, sources) = (cases(), sources());
    for (number, (rule, shown)) in &rules {
        let names: Vec<_> = shown.split('`').skip(1).step_by(2).collect();
        if names.is_empty() != rule.starts_with("Not here: ") {
            faults.push(format!("{number} must be shown by something, or be \"Not here: …\""));
        }
        let is_test = |name: &str| {
            ["\nfn", "\n    fn"].iter().any(|function| sources.contains(&format!("#[test]{function} {name}(")))
        };
        let is_case = |name: &str| cases.iter().any(|case| matches(name, case));
        let is_there = |name: &str| if name.contains('/') { is_case(name) } else { is_test(name) };
        let missing = names.into_iter().filter(|name| !is_there(name));
        faults.extend(missing.map(|name| format!("{number} names {name}, which is not there")));
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Whether a case has a name in which `*` stands for any text.
fn matches(pattern: &str, case: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = case.strip_prefix(parts.next().unwrap_or_default()) else { return false };
    let parts: Vec<_> = parts.collect();
    let Some((last, middle)) = parts.split_last() else { return rest.is_empty() };
    for part in middle {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

fn cases() -> Vec<String> {
    let names = |path: &str| -> Vec<String> {
        let entries = fs::read_dir(path).expect("a folder of cases").map(|entry| entry.expect("an entry"));
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
    };
    let engines = ["containerd", "docker", "both"];
    let below = |engine: &str| {
        let cases = names(&format!("{ROOT}/tests/golden/{engine}")).into_iter();
        cases.map(|case| format!("{engine}/{case}")).collect::<Vec<_>>()
    };
    engines.into_iter().flat_map(below).collect()
}

/// All Rust text of the library and its tests.
fn sources() -> String {
    let mut open = ["core/src", "core/tests", "tests/suite/tests"].map(|path| Path::new(ROOT).join(path)).to_vec();
    let mut text = String::new();
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(fs::read_dir(&path).expect("a folder").map(|entry| entry.expect("an entry").path()));
        } else if path.extension().is_some_and(|end| end == "rs") {
            text += &fs::read_to_string(&path).expect("a source");
        }
    }
    text
}

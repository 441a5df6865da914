//! The golden cases of `tests/golden`, whose README tells their format.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use regconf::{Answer, Error, Facts, FileChange, Plan, Query, Removal, Settings};
use serde_json::Value;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../golden");
/// How a file begins that the library has made.
const OURS: &str = "# Written by regconf";
/// The line above what the library has put into the files of others.
const MARK: &str = "# regconf";

type Files = BTreeMap<String, Vec<u8>>;

#[test]
fn every_case_holds() {
    let mut counts = Vec::new();
    let mut failures = Vec::new();
    for engine in folders(Path::new(ROOT)) {
        let cases = folders(&engine);
        counts.push(format!("{} {}", name(&engine), cases.len()));
        for case in cases {
            let faults = catch_unwind(AssertUnwindSafe(|| faults(&case))).unwrap_or_else(|_| vec!["panics".into()]);
            if !faults.is_empty() {
                failures.push(format!("== {}/{}\n{}", name(&engine), name(&case), faults.join("\n")));
            }
        }
    }
    println!("golden cases: {}; {} failed", counts.join(", "), failures.len());
    assert!(failures.is_empty(), "{} golden cases failed\n\n{}", failures.len(), failures.join("\n\n"));
}

/// Settings of other cases, for each case's files.
const OTHERS: [&str; 6] = [
    "containerd/mirrors-extended-on-1.7",
    "containerd/mirrors-extended-on-1.7-with-tls",
    "containerd/hosts-client-certificate-is-a-pair",
    "containerd/migrate-and-ensure-the-same-host",
    "containerd/enable-cri-in-a-v3-file",
    "docker/self-signed-mirror-is-insecure-too",
];

/// Whatever is found and whatever is wanted: a plan comes to rest, and loses nothing.
#[test]
fn other_settings_come_to_rest_and_lose_nothing() {
    let all: Vec<_> =
        OTHERS.iter().map(|case| fs::read_to_string(Path::new(ROOT).join(case).join("settings.json"))).collect();
    let mut failures = Vec::new();
    let mut plans = 0;
    for case in folders(Path::new(ROOT)).iter().flat_map(|engine| folders(engine)) {
        let before = files(&case.join("before"));
        let facts = facts(&case, &before);
        for (text, other) in all.iter().zip(OTHERS) {
            let settings = Settings::from_json(text.as_ref().expect("settings.json")).expect("good settings");
            let faults = catch_unwind(AssertUnwindSafe(|| {
                let Ok(plan) = regconf::plan(&settings, &facts) else { return Vec::new() };
                plans += 1;
                let after = applied(&before, &plan);
                let mut faults: Vec<_> =
                    plan.changes.iter().flat_map(|change| losses(change, &before, &plan)).collect();
                faults.extend(bad_order(&plan));
                faults.extend(not_idempotent(&settings, &self::facts(&case, &after)));
                faults
            }));
            let faults = faults.unwrap_or_else(|_| vec!["panics".into()]);
            if !faults.is_empty() {
                failures.push(format!("== {} with the settings of {other}\n{}", name(&case), faults.join("\n")));
            }
        }
    }
    println!("golden files with other settings: {plans} plans; {} failed", failures.len());
    assert!(failures.is_empty(), "{} plans failed\n\n{}", failures.len(), failures.join("\n\n"));
}

/// What is wanted of a case.
enum Wanted {
    /// These files are written, and these deleted.
    Plan(BTreeMap<String, Option<Vec<u8>>>),
    Error(Value),
}

fn faults(case: &Path) -> Vec<String> {
    let wanted = match wanted(case) {
        Ok(wanted) => wanted,
        Err(fault) => return vec![fault],
    };
    if !case.join("why").is_file() {
        return vec!["has no file \"why\"".into()];
    }
    let before = files(&case.join("before"));
    let facts = facts(case, &before);
    let settings = Settings::from_json(&fs::read_to_string(case.join("settings.json")).expect("settings.json"));
    let planned = settings.clone().and_then(|settings| regconf::plan(&settings, &facts));
    let mut faults = match (&wanted, &planned) {
        (Wanted::Error(wanted), Err(error)) => compare_error(wanted, error),
        (Wanted::Error(wanted), Ok(plan)) => {
            vec![format!("no error, though wanted is {wanted}; planned:\n{}{}", plan.diff(), shown_notes(plan))]
        }
        (Wanted::Plan(_), Err(error)) => vec![format!("error: {error}")],
        (Wanted::Plan(files), Ok(plan)) => compare_plan(case, &before, files, plan),
    };
    faults.extend(shown_secrets(case, &planned));
    if let (Ok(settings), Ok(plan)) = (&settings, &planned) {
        let after = applied(&before, plan);
        faults.extend(plan.changes.iter().flat_map(|change| losses(change, &before, plan)));
        faults.extend(bad_order(plan));
        faults.extend(not_idempotent(settings, &self::facts(case, &after)));
        if !case.join("no-return").exists() && !plan.is_empty() {
            faults.extend(no_return(settings, case, &before, &after));
        }
        if faults.is_empty() {
            faults.extend(in_other_line_ends(settings, case, &before, &after));
        }
    }
    faults
}

fn wanted(case: &Path) -> Result<Wanted, String> {
    let there = |name: &str| case.join(name).exists();
    match (there("after"), there("error.json"), there("unchanged")) {
        (true, false, false) => {
            let mut files: BTreeMap<_, _> =
                files(&case.join("after")).into_iter().map(|(path, bytes)| (path, Some(bytes))).collect();
            if let Some(deleted) = files.remove("/.deleted").flatten() {
                let deleted = String::from_utf8(deleted).expect(".deleted is text");
                files.extend(deleted.lines().map(|path| (path.to_owned(), None)));
            }
            Ok(Wanted::Plan(files))
        }
        (false, true, false) => Ok(Wanted::Error(json(&case.join("error.json")))),
        (false, false, true) => Ok(Wanted::Plan(BTreeMap::new())),
        _ => Err("must have exactly one of after/, error.json and unchanged".into()),
    }
}

/// The facts of a node with these files, and with what facts.json says.
fn facts(case: &Path, files: &Files) -> Facts {
    let mut facts = Facts::from_files(files.iter().map(|(path, bytes)| (path.clone(), bytes.clone())));
    let path = case.join("facts.json");
    let told = if path.exists() { json(&path) } else { Value::Null };
    let known = ["versions", "units", "daemons", "outputs", "folders"];
    let odd = told.as_object().into_iter().flatten().find(|(key, _)| !known.contains(&key.as_str()));
    assert!(odd.is_none(), "facts.json: {odd:?} is not known");
    let texts = |key: &str| -> Vec<(String, String)> {
        let entries = told[key].as_object().into_iter().flatten();
        entries.map(|(name, text)| (name.clone(), text.as_str().expect("facts.json holds texts").to_owned())).collect()
    };
    for (engine, version) in texts("versions") {
        facts = facts.with_version(&engine, &version);
    }
    for (unit, text) in texts("units") {
        facts = facts.with(Query::Unit(unit), Answer::Text(text));
    }
    for (program, text) in texts("daemons") {
        facts = facts.with(Query::Daemon(program), Answer::Text(text));
    }
    for (command, text) in texts("outputs") {
        facts = facts.with(Query::Command(words(&command)), Answer::Text(text));
    }
    for folder in told["folders"].as_array().into_iter().flatten() {
        facts = facts.with_folder(folder.as_str().expect("folders are texts"));
    }
    facts
}

/// The words of a command; a blank between `{{` and `}}` belongs to its word.
fn words(command: &str) -> Vec<String> {
    command.split(' ').fold(Vec::new(), |mut words: Vec<String>, part| {
        match words.last_mut().filter(|last| last.contains("{{") && !last.contains("}}")) {
            Some(last) => *last = format!("{last} {part}"),
            None => words.push(part.to_owned()),
        }
        words
    })
}

fn compare_error(wanted: &Value, error: &Error) -> Vec<String> {
    let known = ["kind", "path", "line", "key", "contains"];
    let odd = wanted.as_object().expect("error.json is an object").keys().find(|key| !known.contains(&key.as_str()));
    assert!(odd.is_none(), "error.json: {odd:?} is not known");
    let text = |key: &str| wanted[key].as_str();
    let line = wanted["line"].as_u64().map(|line| usize::try_from(line).expect("a line"));
    let right = text("kind").is_none_or(|kind| kind == error.kind().name())
        && text("path").is_none_or(|path| Some(path) == error.path())
        && line.is_none_or(|line| Some(line) == error.line())
        && text("key").is_none_or(|key| Some(key) == error.key())
        && text("contains").is_none_or(|words| error.to_string().contains(words));
    let shown = || format!("another error than {wanted}:\n  {}: {error}", error.kind());
    if right { Vec::new() } else { vec![shown()] }
}

fn compare_plan(case: &Path, before: &Files, wanted: &BTreeMap<String, Option<Vec<u8>>>, plan: &Plan) -> Vec<String> {
    let mut faults = Vec::new();
    let mut made: BTreeMap<_, _> = plan.changes.iter().map(|change| (change.path.clone(), &change.after)).collect();
    for (path, wanted) in wanted {
        assert!(before.get(path) != wanted.as_ref(), "{path} is the same before and after");
        match made.remove(path) {
            None => faults.push(format!("{path} is not changed; wanted is\n{}", text(wanted.as_ref()))),
            Some(after) if after != wanted => {
                faults.push(format!(
                    "{path} becomes other bytes (- wanted, + planned)\n{}",
                    difference(wanted.as_ref(), after.as_ref())
                ));
            }
            Some(_) => {}
        }
    }
    faults.extend(
        made.into_iter()
            .map(|(path, after)| format!("{path} must not change\n{}", difference(before.get(&path), after.as_ref()))),
    );
    let notes = fs::read_to_string(case.join("notes")).unwrap_or_default();
    let missing = notes.lines().filter(|line| !plan.notes.iter().any(|note| note.text.contains(line)));
    faults.extend(missing.map(|line| format!("no note says {line:?}{}", shown_notes(plan))));
    let extra = plan.notes.iter().filter(|note| !notes.lines().any(|line| note.text.contains(line)));
    faults.extend(extra.map(|note| format!("a note too many: {:?}", note.text)));
    faults
}

fn shown_notes(plan: &Plan) -> String {
    plan.notes.iter().fold(String::new(), |mut out, note| {
        let _ = write!(out, "\n  note: {}", note.text);
        out
    })
}

/// Lines that are gone without a line of the diff that says so, and comments that are gone.
fn losses(change: &FileChange, before: &Files, plan: &Plan) -> Vec<String> {
    let mut faults = Vec::new();
    if change.before.as_ref() != before.get(&change.path) {
        faults.push(format!("{}: the bytes before are not those of the file", change.path));
    }
    // A lone carriage return ends a line too.
    let with_line_feeds = |text: String| text.replace("\r\n", "\n").replace('\r', "\n");
    let text = |bytes: &[u8]| with_line_feeds(decoded(bytes));
    let Some(old) = change.before.as_deref().map(text) else { return faults };
    let new = change.after.as_deref().map(text);
    let Some(new) = new else {
        let ours = old.starts_with(OURS) || name(Path::new(&change.path)).starts_with("regconf-");
        return if ours { faults } else { vec![format!("{} is deleted though it is not ours", change.path)] };
    };
    let mut left: Vec<&str> = new.lines().collect();
    let gone: Vec<&str> = old
        .lines()
        .filter(|line| match left.iter().position(|there| there == line) {
            Some(at) => {
                left.swap_remove(at);
                false
            }
            None => true,
        })
        .collect();
    let diff = with_line_feeds(change.diff());
    for line in gone {
        let shown = diff.lines().any(|shown| shown.strip_prefix('-') == Some(line) || shown.contains("<redacted>"));
        if !shown {
            faults.push(format!("{}: {line:?} is gone and the diff does not show it", change.path));
        }
        let comment = line.trim();
        // It may be indented otherwise, or have moved to another file with what it is about.
        let kept = |file: &FileChange| {
            let text = file.after.as_deref().map(decoded).unwrap_or_default();
            text.lines().any(|there| there.trim() == comment)
        };
        let reindented = plan.changes.iter().any(kept);
        if comment.starts_with('#') && comment != MARK && !comment.starts_with(OURS) && !reindented {
            faults.push(format!("{}: the comment {line:?} is lost", change.path));
        }
    }
    faults
}

/// A file that names another must come after it when that is new, and before it when that goes.
fn bad_order(plan: &Plan) -> Option<String> {
    let rank = |change: &FileChange| match (name(Path::new(&change.path)).as_str(), &change.after) {
        (name, after) if name.starts_with("regconf-") => {
            if after.is_some() {
                0
            } else {
                2
            }
        }
        ("hosts.toml", _) => 1,
        _ => 3,
    };
    let wrong = plan.changes.windows(2).find(|pair| {
        let folder = |change: &FileChange| Path::new(&change.path).parent().map(Path::to_owned);
        let together = folder(&pair[0]) == folder(&pair[1]) || pair.iter().any(|change| rank(change) == 3);
        together && rank(&pair[0]) > rank(&pair[1])
    });
    wrong.map(|pair| format!("{} must be written before {}", pair[1].path, pair[0].path))
}

fn not_idempotent(settings: &Settings, after: &Facts) -> Option<String> {
    match regconf::plan(settings, after) {
        Ok(again) if again.is_empty() => None,
        Ok(again) => Some(format!("a second plan is not empty:\n{}", again.diff())),
        Err(error) => Some(format!("a second plan fails: {error}")),
    }
}

/// What differs from before when everything ensured is removed again.
fn no_return(settings: &Settings, case: &Path, before: &Files, after: &Files) -> Vec<String> {
    if settings.ensured().is_empty() {
        return Vec::new();
    }
    let removed = settings.ensured().iter().try_fold(Settings::default(), |all, registry| {
        let host = registry.host.to_string();
        let urls = registry.endpoints.iter().filter(|_| registry.host.is_docker_hub());
        all.remove(urls.map(|e| e.url.to_string()).try_fold(Removal::new(host)?, Removal::endpoint)?)
    });
    let plan = match removed.and_then(|settings| regconf::plan(&settings, &facts(case, after))) {
        Ok(plan) => plan,
        Err(error) => return vec![format!("cannot be removed again: {error}")],
    };
    let back = applied(after, &plan);
    let mut paths: Vec<_> = before.keys().chain(back.keys()).collect();
    paths.sort();
    paths.dedup();
    let differs = |path: &&&String| before.get(**path) != back.get(**path) && !is_good_rest(path, before, after, &back);
    let shown = |path: &String| {
        let difference = difference(before.get(path), back.get(path));
        format!("{path} is not as before when all is removed again (- before, + now)\n{difference}")
    };
    paths.iter().filter(differs).map(|path| shown(path)).collect()
}

/// What differs when the files have the line ends of Windows, or no line end at their end.
fn in_other_line_ends(settings: &Settings, case: &Path, before: &Files, after: &Files) -> Vec<String> {
    let windows = |text: &str| (!text.contains('\r')).then(|| text.replace('\n', "\r\n"));
    let open = |text: &str| {
        let rest = text.strip_suffix('\n').filter(|_| !text.contains('\r'))?;
        (rest.trim_end().len() == rest.len() && rest != "null").then(|| rest.to_owned())
    };
    let mut faults = differently(settings, case, before, after, "line ends of Windows", &windows);
    faults.extend(differently(settings, case, before, after, "no line end at its end", &open));
    faults
}

fn differently(
    settings: &Settings,
    case: &Path,
    before: &Files,
    after: &Files,
    how: &str,
    change: &dyn Fn(&str) -> Option<String>,
) -> Vec<String> {
    let is_config = |path: &str| [".toml", ".json"].iter().any(|end| path.ends_with(end));
    let changed = |files: &Files| -> Option<Files> {
        let file = |(path, bytes): (&String, &Vec<u8>)| -> Option<_> {
            let there = before.get(path).is_some_and(|old| !old.trim_ascii().is_empty());
            let text = str::from_utf8(bytes).ok().filter(|_| there && is_config(path));
            Some((path.clone(), text.map_or_else(|| Some(bytes.clone()), |text| change(text).map(String::into_bytes))?))
        };
        files.iter().map(file).collect()
    };
    let (Some(before), Some(after)) = (changed(before), changed(after)) else { return Vec::new() };
    match regconf::plan(settings, &facts(case, &before)) {
        Err(error) => vec![format!("with {how}: {error}")],
        Ok(plan) => {
            let made = applied(&before, &plan);
            let all: BTreeSet<_> = made.keys().chain(after.keys()).collect();
            let paths = all.into_iter().filter(|path| made.get(*path) != after.get(*path));
            let shown = |path: &String| {
                format!("with {how}: {path} (- wanted, + planned)\n{}", difference(after.get(path), made.get(path)))
            };
            paths.map(shown).collect()
        }
    }
}

/// What may stay after a removal: a `config_path` that was set, and docker's lists where they were none, empty.
fn is_good_rest(path: &str, before: &Files, after: &Files, back: &Files) -> bool {
    if Path::new(path).extension().is_some_and(|end| end == "json") {
        let lists = ["insecure-registries", "registry-mirrors"];
        let parsed = |files: &Files| -> Value {
            let bytes = files.get(path).map_or(&b""[..], Vec::as_slice);
            serde_json::from_str(decoded(bytes).trim_start_matches('\u{FEFF}')).unwrap_or_default()
        };
        let had = parsed(before);
        let bare = |mut value: Value| {
            let Some(object) = value.as_object_mut() else { return Value::Object(serde_json::Map::new()) };
            object.retain(|key, list| {
                !lists.contains(&key.as_str()) || !(list.is_null() || *list == Value::Array(Vec::new()))
            });
            value
        };
        let filled = lists.iter().any(|key| had[*key].as_array().is_some_and(|list| !list.is_empty()));
        let added = lists.iter().any(|key| parsed(back).get(key).is_some() && had.get(key).is_none());
        return bare(parsed(back)) == bare(had.clone()) && (!filled || added);
    }
    let folders = after.keys().any(|path| path.ends_with("/hosts.toml") && after.get(path) != before.get(path));
    !path.ends_with("/hosts.toml") && folders && back.get(path) == after.get(path)
}

fn shown_secrets(case: &Path, planned: &Result<Plan, Error>) -> Vec<String> {
    let secrets = fs::read_to_string(case.join("secret")).unwrap_or_default();
    let shown = match planned {
        Ok(plan) => format!("{}{}{plan:?}", plan.diff(), plan.to_json()),
        Err(error) => format!("{error}{error:?}"),
    };
    secrets.lines().filter(|secret| shown.contains(secret)).map(|secret| format!("{secret:?} is shown")).collect()
}

fn applied(before: &Files, plan: &Plan) -> Files {
    let mut files = before.clone();
    for change in &plan.changes {
        match &change.after {
            Some(bytes) => drop(files.insert(change.path.clone(), bytes.clone())),
            None => drop(files.remove(&change.path)),
        }
    }
    files
}

fn difference(old: Option<&Vec<u8>>, new: Option<&Vec<u8>>) -> String {
    let (old, new) = (text(old), text(new));
    similar::TextDiff::from_lines(&old, &new).unified_diff().context_radius(2).to_string()
}

/// The bytes as text in which line ends of Windows, tabs and marks can be seen.
fn text(bytes: Option<&Vec<u8>>) -> String {
    let Some(bytes) = bytes else { return "(no file)\n".into() };
    decoded(bytes).replace('\u{FEFF}', "<BOM>").replace('\r', "<CR>").replace('\t', "<TAB>")
}

/// Bytes as text, by their byte order mark UTF-16 too.
fn decoded(bytes: &[u8]) -> String {
    let units = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let units: Vec<_> = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]])).collect();
        String::from_utf16_lossy(&units)
    };
    match bytes {
        [0xFF, 0xFE, rest @ ..] => units(rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => units(rest, u16::from_be_bytes),
        _ => String::from_utf8_lossy(bytes).into_owned(),
    }
}

fn json(path: &Path) -> Value {
    let text = fs::read_to_string(path).expect("a JSON file");
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The files below a folder by their paths, which begin with `/`.
fn files(root: &Path) -> Files {
    let mut found = Files::new();
    let mut open = vec![root.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten() {
            let path = entry.expect("a readable folder").path();
            if path.is_dir() {
                open.push(path);
            } else {
                let below = path.strip_prefix(root).expect("below the root").to_str().expect("a name in UTF-8");
                found.insert(format!("/{below}"), fs::read(&path).expect("a readable file"));
            }
        }
    }
    found
}

fn folders(path: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(path).expect("a folder of cases").map(|entry| entry.expect("an entry").path());
    let mut folders: Vec<_> = entries.filter(|path| path.is_dir()).collect();
    folders.sort();
    folders
}

fn name(path: &Path) -> String {
    path.file_name().expect("a name").to_string_lossy().into_owned()
}

//! The cases in tests/import: files as people have them, and what is imported from them.
//!
//! `REGCONF_WRITE_IMPORT=1` writes what is imported as what is expected, to be read before it is committed.
#![cfg(feature = "import")]
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};

use regconf::import::{self, Insecure, Options};
use serde_json::Value;

fn folders(path: &Path) -> Vec<PathBuf> {
    let mut found: Vec<_> =
        fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()).filter(|p| p.is_dir()).collect();
    found.sort();
    found
}

fn name(path: &Path) -> &str {
    path.file_name().unwrap().to_str().unwrap()
}

/// What `options.json` of a case says; few cases have one.
fn options(case: &Path) -> Options {
    let mut options = Options::default();
    let Ok(text) = fs::read_to_string(case.join("options.json")) else { return options };
    let Value::Object(keys) = serde_json::from_str(&text).unwrap() else { panic!("options.json is an object") };
    for (key, value) in keys {
        match key.as_str() {
            "defaults" => options.defaults = Some(value.to_string()),
            "variables" => options.variables = serde_json::from_value(value).unwrap(),
            "all_hosts" => options.all_hosts = value.as_bool().unwrap(),
            "removed" => options.removed = value.as_bool().unwrap(),
            "insecure" if value == "http" => options.insecure = Insecure::Http,
            "insecure" if value == "skip_verify" => options.insecure = Insecure::SkipVerify,
            _ => panic!("{}: {key}: {value}", case.display()),
        }
    }
    options
}

/// What is imported, with paths taken from the case's folder; or the error.
fn imported(case: &Path) -> Value {
    let entries = fs::read_dir(case).unwrap().map(|entry| entry.unwrap().path());
    let inventory: Vec<_> = entries.filter(|path| name(path).starts_with("inventory")).collect();
    let [inventory] = inventory.as_slice() else { panic!("{} has no inventory, or several", case.display()) };
    let text = match import::load(inventory, &options(case)) {
        Ok(imported) => imported.to_json().unwrap().to_string(),
        Err(error) => serde_json::json!({ "error": error.to_string() }).to_string(),
    };
    serde_json::from_str(&text.replace(&format!("{}/", case.display()), "")).unwrap()
}

#[test]
fn what_is_imported_is_what_is_expected() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/import");
    let writes = std::env::var_os("REGCONF_WRITE_IMPORT").is_some_and(|value| value == "1");
    let mut cases = 0;
    for format in folders(&root) {
        for case in folders(&format) {
            let expected = case.join("expected.json");
            let found = imported(&case);
            if writes {
                fs::write(&expected, serde_json::to_string_pretty(&found).unwrap() + "\n").unwrap();
            }
            let wanted: Value = serde_json::from_str(&fs::read_to_string(&expected).unwrap()).unwrap();
            assert_eq!(found, wanted, "{}: {found:#}", case.display());
            assert!(found.get("error").is_some() || found["format"] == name(&format), "{}", case.display());
            cases += 1;
        }
    }
    assert!(cases > 0, "there are no cases");
}

//! The committed header is what the source says, and the library has what the header declares.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::path::PathBuf;

fn header() -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "..", "include", "regconf.h"].iter().collect()
}

/// With `REGCONF_WRITE_HEADER=1` it is written anew.
#[test]
fn the_header_is_generated_from_the_source() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let config = cbindgen::Config::from_file(folder.join("cbindgen.toml")).unwrap();
    let mut made = Vec::new();
    cbindgen::generate_with_config(&folder, config).unwrap().write(&mut made);
    let made = String::from_utf8(made).unwrap();
    if std::env::var_os("REGCONF_WRITE_HEADER").is_some() {
        std::fs::write(header(), &made).unwrap();
    }
    let there = std::fs::read_to_string(header()).unwrap_or_default();
    assert!(
        there == made,
        "include/regconf.h is not what ffi/src says: run REGCONF_WRITE_HEADER=1 cargo test -p regconf-ffi"
    );
}

//! Any bytes as the hosts.toml of each registry that is wanted.
#![no_main]

use regconf_fuzz::{CONFIG, Case, check};

const READY: &[u8] = b"version = 2\n[plugins.'io.containerd.grpc.v1.cri'.registry]\nconfig_path = '/c'\n";

libfuzzer_sys::fuzz_target!(|case: Case<'_>| {
    let (settings, version) = case.wanted();
    let listed = |key: &str| settings[key].as_array().into_iter().flatten();
    let hosts = listed("ensure").chain(listed("remove")).map(|entry| entry.get("host").unwrap_or(entry));
    let paths: Vec<_> = hosts.filter_map(|host| host.as_str()).map(|host| format!("/c/{host}/hosts.toml")).collect();
    let mut files: Vec<_> = paths.iter().map(|path| (path.as_str(), case.file)).collect();
    files.push((CONFIG, READY));
    check(version, &files, &settings);
});

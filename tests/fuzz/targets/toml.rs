//! Any bytes as containerd's config.toml.
#![no_main]

use regconf_fuzz::{CONFIG, Case, check};

libfuzzer_sys::fuzz_target!(|case: Case<'_>| {
    let (settings, version) = case.wanted();
    check(version, &[(CONFIG, case.file)], &settings);
});

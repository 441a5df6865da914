//! Any bytes as docker's daemon.json.
#![no_main]

use regconf_fuzz::{Case, DAEMON, check};

libfuzzer_sys::fuzz_target!(|case: Case<'_>| {
    let (settings, _) = case.wanted();
    check("", &[(DAEMON, case.file)], &settings);
});

//! Any text as a registry host, as an endpoint, and as settings for a plain node.
#![no_main]

use regconf::{EndpointUrl, RegistryHost, Settings};
use regconf_fuzz::{CONFIG, DAEMON, check};
use serde_json::Value;

libfuzzer_sys::fuzz_target!(|text: &str| {
    host(text);
    endpoint(text);
    settings(text);
});

fn host(text: &str) {
    let Ok(host) = text.parse::<RegistryHost>() else { return };
    let shown = host.to_string();
    assert_eq!(shown.parse().as_ref(), Ok(&host), "{text:?} is shown as {shown:?}");
    assert!(host.cidr().is_some() || shown == text, "{text:?} is shown as {shown:?}");
}

fn endpoint(text: &str) {
    let Ok(url) = text.parse::<EndpointUrl>() else { return };
    let shown = url.to_string();
    assert_eq!(shown.parse().as_ref(), Ok(&url), "{text:?} is shown as {shown:?}");
    assert!(!url.host().is_empty() && url.port() > 0, "{text:?} has no host or no port");
}

fn settings(text: &str) {
    let Ok(settings) = Settings::from_json(text) else { return };
    let ensured = settings.ensured().iter().flat_map(|registry| &registry.engines);
    let removed = settings.removed().iter().flat_map(|removal| &removal.engines);
    if ensured.chain(removed).any(|engine| engine != "containerd" && engine != "docker") {
        return;
    }
    let Ok(value) = serde_json::from_str::<Value>(text) else { panic!("settings that are no JSON") };
    check("1.7.24", &[(CONFIG, b"version = 2\n")], &value);
    check("", &[(DAEMON, b"{}\n")], &value);
}

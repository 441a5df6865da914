use super::super::{Imported, Options, parse, to_kubespray};
use crate::settings::Settings;

fn import(text: &str) -> Imported {
    parse(text, &Options::default()).unwrap()
}

#[test]
fn what_is_written_is_read_as_the_same() {
    let text = r#"{"ensure":[
        {"host":"reg.lab.internal","endpoints":[{"url":"http://10.20.0.9:5000"},{"url":"https://a.lab:5443","skip_verify":true}],"engines":["containerd"]},
        {"host":"quay.io","endpoints":[{"url":"https://m.lab/q","override_path":true,"capabilities":["pull"],"headers":{"X-A":["1","2"]}}],"fallback":true,"engines":["containerd"]},
        {"host":"_default","endpoints":[{"url":"https://m.lab"}],"engines":["containerd"]},
        {"host":"10.20.0.9:5000","insecure":"http"},
        {"host":"10.20.0.0/16","insecure":"http","engines":["docker"]},
        {"host":"docker.io","endpoints":[{"url":"https://hub.lab"}]}]}"#;
    let settings = Settings::from_json(text).unwrap();
    let exported = to_kubespray(&settings).unwrap();
    assert!(exported.remarks.is_empty(), "{:?}", exported.remarks);
    let imported = import(&exported.text);
    let by_host = |settings: &Settings| {
        let mut shown: Vec<_> = settings.ensured().to_vec();
        for registry in &mut shown {
            // Both engines are named where none was, and pull and resolve are the default.
            registry.engines.truncate(usize::from(registry.engines.len() == 1));
            for endpoint in &mut registry.endpoints {
                endpoint.capabilities.truncate(usize::from(endpoint.capabilities.len() == 1));
            }
        }
        shown.sort_by(|a, b| a.host.cmp(&b.host));
        shown
    };
    assert_eq!(by_host(&imported.settings), by_host(&settings), "{}", exported.text);
}

#[test]
fn what_kubespray_cannot_say_is_remarked_on() {
    let pem = "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n";
    let mut settings = serde_json::json!({
        "ensure": [
            { "host": "a.lab", "endpoints": [{ "url": "https://b.lab", "ca": pem }], "engines": ["containerd", "docker"] },
            { "host": "10.0.0.0/8", "insecure": "http", "engines": ["containerd"] },
        ],
        "remove": ["c.lab"], "migrate": true, "enable_cri": true,
    });
    let exported = to_kubespray(&Settings::from_json(&settings.to_string()).unwrap()).unwrap();
    let said: Vec<_> = exported.remarks.iter().map(|remark| format!("{} {}", remark.kind, remark.key)).collect();
    let wanted = [
        "unresolved ensure[0].endpoints[0].ca",
        "skipped ensure[0]",
        "skipped ensure[1]",
        "skipped remove[0]",
        "skipped migrate",
        "skipped enable_cri",
    ];
    assert_eq!(said, wanted);
    assert!(exported.text.contains("server: \"https://b.lab\""), "{}", exported.text);
    settings["ensure"] = serde_json::json!([]);
    let exported = to_kubespray(&Settings::from_json(&settings.to_string()).unwrap()).unwrap();
    assert_eq!(exported.text, "---\ncontainerd_registries_mirrors: []\n");
}

#[test]
fn shapes_that_no_release_has_are_errors() {
    let error = |text: &str| parse(text, &Options::default()).unwrap_err().to_string();
    for (text, wanted) in [
        ("containerd_registries_mirrors: x\n", "line 1: containerd_registries_mirrors: is a text, and not a list"),
        (
            "containerd_registries_mirrors:\n- prefix: [a]\n",
            "line 2: containerd_registries_mirrors[0].prefix: is a list",
        ),
        ("containerd_registries_mirrors:\n- x\n", "line 2: containerd_registries_mirrors[0]: is a text, and not a map"),
        ("containerd_registries: [a]\n", "line 1: containerd_registries: is a list, and not a map of names"),
        ("docker_insecure_registries: {a: b}\n", "line 1: docker_insecure_registries: is a map, and not a list"),
        (
            "containerd_registries_mirrors:\n- prefix: a.lab\n  mirrors:\n  - host: http://b\n    skip_verify: perhaps\n",
            "line 5: containerd_registries_mirrors[0].mirrors[0].skip_verify: is neither true nor false",
        ),
    ] {
        assert!(error(text).starts_with(wanted), "{}", error(text));
    }
}

#[test]
fn secrets_are_in_no_remark() {
    let imported = import(
        "containerd_registry_auth: [ { registry: a.lab, password: hunter2 } ]\ndocker_options: --insecure-registry=http://me:hunter2@a.lab --x=hunter2\ncontainerd_registries_mirrors:\n- prefix: a.lab\n  mirrors: [ { host: 'http://me:hunter2@b.lab', header: { Authorization: hunter2 } } ]\n",
    );
    let said: String = imported.remarks.iter().map(ToString::to_string).collect();
    assert!(imported.remarks.len() > 3 && !said.contains("hunter2"), "{said}");
    assert!(!format!("{imported:?}").contains("hunter2"));
}

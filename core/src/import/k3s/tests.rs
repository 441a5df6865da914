use serde_json::{Value, json};

use super::super::{Imported, Options, load, parse};

fn read(text: &str) -> Imported {
    parse(text, &Options::default()).unwrap()
}

fn remarks(imported: &Imported) -> Vec<String> {
    imported.remarks.iter().map(|remark| format!("{} {remark}", remark.kind)).collect()
}

fn ensured(imported: &Imported) -> Value {
    imported.settings.to_json()["ensure"].clone()
}

#[test]
fn endpoints_are_what_k3s_makes_of_them() {
    let imported = read(
        "mirrors:\n  docker.io:\n    endpoint: [mirror.lab, http://10.0.0.9:5000/v2/, 'https://hub.lab/v2/proxy/']\n  \
         '*':\n    endpoint: http://10.0.0.9:5000\n  'reg.lab:5000':\n    endpoint: ['localhost:5001']\n",
    );
    assert_eq!(
        ensured(&imported),
        json!([
            { "host": "docker.io", "endpoints": [
                { "url": "https://mirror.lab" }, { "url": "http://10.0.0.9:5000" },
                { "url": "https://hub.lab/v2/proxy", "override_path": true } ] },
            { "host": "_default", "endpoints": [{ "url": "http://10.0.0.9:5000" }] },
            { "host": "reg.lab:5000", "endpoints": [{ "url": "http://localhost:5001" }] },
        ])
    );
    assert_eq!(remarks(&imported), Vec::<String>::new());
}

#[test]
fn tls_belongs_to_the_endpoint() {
    let imported = read(
        "mirrors:\n  a.lab:\n    endpoint: ['https://10.0.0.9:5443', 'http://10.0.0.9:5000']\nconfigs:\n  10.0.0.9:5443:\n    \
         tls: { insecure_skip_verify: true }\n  10.0.0.9:5000:\n    tls: { insecure_skip_verify: true }\n  a.lab:\n    \
         tls: { insecure_skip_verify: 'true' }\n    auth: { username: u, password: hunter2 }\n  alone.lab:\n    tls:\n      \
         insecure_skip_verify: yes\n  https://b.lab:\n    tls: { insecure_skip_verify: true }\n  '*':\n    tls: \
         { insecure_skip_verify: true }\n",
    );
    assert_eq!(
        ensured(&imported),
        json!([
            { "host": "a.lab", "endpoints": [
                { "url": "https://10.0.0.9:5443", "skip_verify": true }, { "url": "http://10.0.0.9:5000" },
                { "url": "https://a.lab", "skip_verify": true } ] },
            { "host": "alone.lab", "endpoints": [{ "url": "https://alone.lab", "skip_verify": true }] },
        ])
    );
    let said = remarks(&imported);
    assert!(!said.join(" ").contains("hunter2"));
    let starts = [
        "decided line 3: mirrors.a.lab.endpoint[1]: http://10.0.0.9:5000 is plain http",
        "ineffective line 9: configs.a.lab: is for https://a.lab itself",
        "skipped line 11: configs.a.lab.auth: ",
        "ineffective line 15: configs.https://b.lab: is looked up by host:port",
        "skipped line 17: configs.*: is for every host",
    ];
    assert_eq!(said.len(), starts.len(), "{said:#?}");
    for (remark, start) in said.iter().zip(starts) {
        assert!(remark.starts_with(start), "{remark}");
    }
}

#[test]
fn files_are_read_where_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let pem = "-----BEGIN CERTIFICATE-----\nQUJD\n-----END CERTIFICATE-----\n";
    std::fs::write(folder.path().join("ca.pem"), pem).unwrap();
    let text = "configs:\n  a.lab:\n    tls: { ca_file: ca.pem, cert_file: none.pem, key_file: none.key }\n  b.lab:\n    tls: \
                { ca_file: ca.pem, insecure_skip_verify: true }\n";
    std::fs::write(folder.path().join("registries.yaml"), text).unwrap();
    let imported = load(folder.path().join("registries.yaml"), &Options::default()).unwrap();
    assert_eq!(
        ensured(&imported),
        json!([
            { "host": "a.lab", "endpoints": [{ "url": "https://a.lab", "ca": pem }] },
            { "host": "b.lab", "endpoints": [{ "url": "https://b.lab", "skip_verify": true }] },
        ])
    );
    let kinds: Vec<_> = imported.remarks.iter().map(|r| (r.kind.name(), r.key.as_str())).collect();
    assert_eq!(
        kinds,
        [
            ("unresolved", "configs.a.lab.tls.cert_file"),
            ("unresolved", "configs.a.lab.tls.key_file"),
            ("ineffective", "configs.b.lab.tls.ca_file"),
        ]
    );
}

#[test]
fn what_means_nothing_is_said() {
    let imported = read(
        "auths: {}\nmirrors:\n  rancher:\n    endpoint: [https://a.lab]\n  b.lab:\n  c.lab:\n    endpoint: \
         [ftp://x, 'https://d.lab', 'https://d.lab/']\n    rewrite: { '^x': y }\n    endpoints: []\n",
    );
    assert_eq!(
        ensured(&imported),
        json!([{ "host": "c.lab", "fallback": true, "endpoints": [{ "url": "https://d.lab" }] }])
    );
    let kinds: Vec<_> = imported.remarks.iter().map(|r| (r.kind.name(), r.line, r.key.as_str())).collect();
    assert_eq!(
        kinds,
        [
            ("unknown", Some(1), "auths"),
            ("ineffective", Some(3), "mirrors.rancher"),
            ("skipped", Some(5), "mirrors.b.lab"),
            ("skipped", Some(7), "mirrors.c.lab.endpoint[0]"),
            ("skipped", Some(7), "mirrors.c.lab.endpoint[2]"),
            ("skipped", Some(8), "mirrors.c.lab.rewrite"),
            ("unknown", Some(9), "mirrors.c.lab.endpoints"),
        ]
    );
    let error = parse("mirrors:\n  a.lab: [x]\n", &Options::default()).unwrap_err();
    assert_eq!((error.line(), error.key()), (Some(2), Some("mirrors.a.lab")));
}

#[test]
fn one_path_for_all_images_is_told_in_the_endpoint() {
    let imported = read(
        "mirrors:\n  quay.io:\n    endpoint: ['http://hub.lab', 'https://b.lab/p']\n    rewrite: { '^(.*)$': 'quay/$1' }\n  \
         ghcr.io:\n    endpoint: ['http://hub.lab']\n    rewrite: { '^team/(.*)': 'x/$1' }\n",
    );
    assert_eq!(
        ensured(&imported),
        json!([
            { "host": "quay.io", "fallback": true, "endpoints": [
                { "url": "http://hub.lab/v2/quay", "override_path": true },
                { "url": "https://b.lab/p/quay", "override_path": true } ] },
            { "host": "ghcr.io", "endpoints": [{ "url": "http://hub.lab" }], "fallback": true },
        ])
    );
    let said = remarks(&imported);
    assert!(said[0].starts_with("decided line 4: mirrors.quay.io.rewrite: puts all images below quay"), "{said:?}");
    assert!(said[1].starts_with("skipped line 7: mirrors.ghcr.io.rewrite: images are not renamed so"), "{said:?}");
}

#[test]
fn a_login_in_a_name_is_not_shown() {
    let text = "mirrors: { 'u:hunter2@r.lab': { endpoint: ['https://u:hunter2@m.lab'] } }\n\
                configs: { 'u:hunter2@r.lab': { tls: { insecure_skip_verify: true } } }\n";
    let said = remarks(&read(text)).join("\n");
    assert!(said.contains("mirrors.…@r.lab") && !said.contains("hunter2"), "{said}");
}

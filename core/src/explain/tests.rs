use crate::{Facts, HostTrust, Plan, Resolution, Settings};

const CONFIG: &str = "/etc/containerd/config.toml";
const V2: &str = "version = 2\n[plugins.\"io.containerd.grpc.v1.cri\".registry]\nconfig_path = \"/c\"\n";
const CA: &str = include_str!("../../../tests/golden/ca.pem");

/// What an engine makes of its files for an image.
fn resolved(engine: &str, version: &str, image: &str, files: &[(&str, &str)]) -> Resolution {
    let facts = Facts::from_files(files.iter().copied());
    let facts = if version.is_empty() { facts } else { facts.with_version(engine, version) };
    let explained = Plan::default().explain(&image.parse().unwrap(), &facts).unwrap();
    explained.engines.into_iter().find(|found| found.engine == engine).unwrap().before
}

fn containerd(version: &str, image: &str, files: &[(&str, &str)]) -> String {
    resolved("containerd", version, image, files).to_string()
}

/// A hosts.toml for `reg.lab:5000` below a `config_path`.
fn hosts(version: &str, text: &str) -> String {
    containerd(version, "reg.lab:5000/app", &[(CONFIG, V2), ("/c/reg.lab:5000/hosts.toml", text)])
}

fn docker(version: &str, image: &str, files: &[(&str, &str)]) -> String {
    resolved("docker", version, image, files).to_string()
}

const OWN: &str = "https://reg.lab:5000/v2 (system roots)";
const FILE: &str = "from /c/reg.lab:5000/hosts.toml";

#[test]
fn hosts_are_asked_in_their_order_and_then_the_server() {
    let text = "server = \"m.lab\"\n[host.\"http://b.lab\"]\n[host.\"https://a.lab/p/\"]\nskip_verify = true\n";
    let wanted = "http://b.lab/v2 (plain http), then https://a.lab/p/v2 (not verified), \
                  then https://m.lab/v2 (system roots) as a last resort";
    for version in ["1.6.20", "1.7.34", "2.1.9", "2.3.4"] {
        assert_eq!(hosts(version, text), format!("{wanted}, {FILE}"), "{version}");
    }
}

#[test]
fn tls_keys_at_an_http_address_mean_https_first_on_newer_releases() {
    let text = "server = \"http://m.lab\"\n[host.\"http://m.lab\"]\nskip_verify = false\n";
    for old in ["1.6.20", "1.6.31", "1.7.0", "1.7.15"] {
        assert_eq!(hosts(old, text), format!("http://m.lab/v2 (plain http), {FILE}"), "{old}");
    }
    for new in ["1.6.32", "1.7.16", "2.0.0", "2.3.4"] {
        assert!(hosts(new, text).starts_with("https://m.lab/v2 (system roots, then plain http), then"), "{new}");
    }
    let port_80 = "server = \"http://m.lab\"\n[host.\"http://m.lab:80\"]\nskip_verify = true\n";
    assert!(hosts("2.3.4", port_80).starts_with("http://m.lab:80/v2 (plain http)"));
    let timeout = "[host.\"http://m.lab\"]\ndial_timeout = \"1s\"\n";
    assert!(hosts("2.0.7", timeout).starts_with("https://m.lab/v2 (system roots, then plain http)"));
    assert!(hosts("2.1.0", timeout).starts_with("http://m.lab/v2 (plain http)"));
}

#[test]
fn a_file_that_cannot_be_decoded_is_ignored_and_said() {
    let ignored = |version: &str, text: &str| hosts(version, text).contains("containerd ignores this file");
    for text in ["[host.\"https://m.lab\"\n", "[host.\"https://m.lab\"]\nca = 1\n", "[host.\"https://m.lab:x\"]\n"] {
        assert!(ignored("1.7.34", text) && ignored("2.3.4", text), "{text}");
        assert!(hosts("2.3.4", text).starts_with(OWN), "{text}");
    }
    let [server, mark] = ["server = \"http://m.lab\"\n", "\u{feff}[host.\"http://m.lab\"]\n"];
    assert!(ignored("1.6.39", server) && ignored("1.7.31", server));
    assert!(!ignored("1.7.32", server) && !ignored("2.0.0", server));
    assert!(!ignored("1.7.34", mark) && ignored("2.0.0", mark));
    let [timeout, referrers] = ["dial_timeout = \"5\"\n[host]\n", "capabilities = [\"referrers\"]\n[host]\n"];
    assert!(!ignored("2.0.6", timeout) && ignored("2.0.7", timeout) && ignored("2.1.0", timeout));
    assert!(ignored("2.1.9", referrers) && !ignored("2.2.0", referrers));
    let brackets = "[host.\"http://[fd00::1]:5000\"]\n";
    assert!(ignored("1.7.34", brackets) && !ignored("2.0.0", brackets));
}

#[test]
fn hosts_without_a_header_are_none_to_containerd_2() {
    for text in ["host.\"http://m.lab\".capabilities = []\n", "host = { \"http://m.lab\" = {} }\n"] {
        assert!(hosts("1.7.34", text).starts_with("http://m.lab/v2"), "{text}");
        assert_eq!(hosts("2.3.4", text), format!("{OWN}, {FILE}"), "{text}");
    }
    let apart =
        "server = \"https://s\"\n[host.\"http://a\"]\n[host.\"http://b\"]\n[host.\"http://a\".header]\nx = \"1\"\n";
    assert_eq!(hosts("2.3.4", apart).matches("http://a/v2").count(), 2);
    assert_eq!(hosts("1.7.34", apart).matches("http://a/v2").count(), 1);
}

#[test]
fn the_first_folder_that_is_there_counts() {
    let host = "[host.\"http://u.lab\"]\n";
    let other = "[host.\"http://v.lab\"]\n";
    let both = [(CONFIG, V2), ("/c/reg.lab_5000_/hosts.toml", host), ("/c/reg.lab:5000/hosts.toml", other)];
    assert!(containerd("2.3.4", "reg.lab:5000/app", &both).starts_with("http://u.lab/v2"));
    let hidden = [(CONFIG, V2), ("/c/reg.lab/x", ""), ("/c/_default/hosts.toml", host)];
    assert_eq!(containerd("2.3.4", "reg.lab/app", &hidden), "https://reg.lab/v2 (system roots), by default");
    assert!(containerd("2.3.4", "else.lab/app", &hidden).starts_with("http://u.lab/v2"));
    let file = [(CONFIG, V2), ("/c/reg.lab", "")];
    assert_eq!(
        containerd("2.3.4", "reg.lab/app", &file),
        "no hosts; /c/reg.lab is not a folder, so every pull through it fails"
    );
}

#[test]
fn certificates_count_where_no_hosts_toml_does() {
    let files = [(CONFIG, V2), ("/c/reg.lab/a.crt", CA), ("/c/reg.lab/b.pem", CA), ("/c/reg.lab/c.cert", CA)];
    let wanted = "https://reg.lab/v2 (CA /c/reg.lab/a.crt, client certificate /c/reg.lab/c.cert), from /c/reg.lab";
    assert_eq!(containerd("2.3.4", "reg.lab/app", &files), wanted);
    let with_hosts = [&files[..], &[("/c/reg.lab/hosts.toml", "# nothing\n")]].concat();
    assert_eq!(
        containerd("2.3.4", "reg.lab/app", &with_hosts),
        "https://reg.lab/v2 (system roots), from /c/reg.lab/hosts.toml"
    );
    let missing = [(CONFIG, V2), ("/c/reg.lab/hosts.toml", "[host.\"https://m.lab\"]\nca = \"a.crt\"\n")];
    assert!(containerd("2.3.4", "reg.lab/app", &missing).contains("/c/reg.lab/a.crt was not found"));
    let odd = [(CONFIG, V2), ("/c/reg.lab/a.crt", "x")];
    assert!(containerd("2.3.4", "reg.lab/app", &odd).contains("holds no certificate"));
}

#[test]
fn the_machine_itself_by_release() {
    let files = [(CONFIG, V2)];
    assert_eq!(containerd("1.7.15", "localhost:5000/a", &files), "http://localhost:5000/v2 (plain http), by default");
    let new = |image: &str| containerd("2.3.4", image, &files);
    assert_eq!(new("localhost:5000/a"), "https://localhost:5000/v2 (not verified, then plain http), by default");
    assert_eq!(new("localhost/a"), "https://localhost/v2 (not verified), by default");
    assert_eq!(new("127.0.0.1:80/a"), "http://127.0.0.1:80/v2 (plain http), by default");
}

#[test]
fn the_table_that_counts_depends_on_file_and_release() {
    let host = ("/c/reg.lab/hosts.toml", "server = \"http://m.lab\"\n[host.\"http://m.lab\"]\n");
    let counts = |version: &str, text: &str| {
        containerd(version, "reg.lab/a", &[(CONFIG, text), host]).starts_with("http://m.lab/v2")
    };
    let table = |plugin: &str| format!("[plugins.{plugin:?}.registry]\nconfig_path = \"/c\"\n");
    let [v1, v2, v3] = ["cri", "io.containerd.grpc.v1.cri", "io.containerd.cri.v1.images"].map(table);
    for (file, releases) in [
        (v1.clone(), [true, false, true]),
        (v2.clone(), [false, false, true]),
        (v3.clone(), [false, true, true]),
        (format!("version = 2\n{v2}"), [true, true, true]),
        (format!("version = 2\n{v3}"), [false, true, true]),
        (format!("version = 2\n{v1}"), [false, false, false]),
        (format!("version = 3\n{v3}"), [false, true, true]),
        (format!("version = 3\n{v2}"), [false, false, true]),
        (format!("version = 4\n{v3}"), [false, false, true]),
        (format!("version = 4\n{v2}"), [false, false, false]),
    ] {
        assert_eq!(["1.7.34", "2.0.11", "2.3.4"].map(|version| counts(version, &file)), releases, "{file}");
    }
    let both = format!("version = 3\n{v3}{}", v2.replace("/c", "/other"));
    assert!(counts("2.2.7", &both) && !counts("2.3.4", &both));
}

#[test]
fn imports_are_merged_as_the_release_does() {
    let main = format!("imports = [\"/d/*.toml\"]\n{V2}");
    let host = ("/c/reg.lab/hosts.toml", "[host.\"http://m.lab\"]\n");
    let with =
        |version: &str, import: &str| containerd(version, "reg.lab/a", &[(CONFIG, &main), ("/d/a.toml", import), host]);
    let empty = "version = 2\n[plugins.\"io.containerd.grpc.v1.cri\"]\nsandbox_image = \"x\"\n";
    assert!(with("1.7.34", empty).starts_with("https://reg.lab/v2"), "a table replaces a table on 1.x");
    assert!(with("2.2.7", empty).starts_with("http://m.lab/v2"), "2.x merges");
    let back = "version = 2\n[plugins.\"io.containerd.grpc.v1.cri\".registry]\nconfig_path = \"\"\n";
    assert!(with("2.1.9", back).starts_with("https://reg.lab/v2"));
    assert!(with("2.3.4", "version = 3\n").contains("higher than that of"));
    assert!(with("2.1.9", "version = 3\n").starts_with("https://reg.lab/v2"), "the last version counts for all");
    let missing = containerd("2.3.4", "reg.lab/a", &[(CONFIG, "imports = [\"/d/x.toml\"]\n")]);
    assert!(missing.starts_with("no hosts") && missing.contains("/d/x.toml"), "{missing}");
}

#[test]
fn a_list_of_folders_is_one_name_to_the_transfer_service() {
    let list = V2.replace("/c", "/b:/c");
    let host = ("/c/reg.lab/hosts.toml", "[host.\"http://m.lab\"]\n");
    let reads = |version: &str, text: &str| containerd(version, "reg.lab/a", &[(CONFIG, text), host]);
    assert!(reads("2.0.11", &list).starts_with("http://m.lab/v2"));
    assert!(reads("2.1.9", &list).contains("/b:/c is taken for one folder's name"));
    let local = format!("{list}[plugins.\"io.containerd.cri.v1.images\"]\nuse_local_image_pull = true\n");
    assert!(reads("2.1.9", &local).starts_with("http://m.lab/v2"));
    let default = containerd("2.2.7", "reg.lab/a", &[("/etc/containerd/certs.d/reg.lab/hosts.toml", host.1)]);
    assert_eq!(default, "https://reg.lab/v2 (system roots), by default");
}

#[test]
fn mirrors_are_asked_before_the_registry_itself() {
    let cri = "version = 2\n[plugins.\"io.containerd.grpc.v1.cri\".registry";
    let text = format!(
        "{cri}.mirrors.\"reg.lab\"]\nendpoint = [\"http://m.lab\", \"n.lab:5000\", \"http://o.lab/p\"]\n\
         {}.mirrors.\"*\"]\nendpoint = [\"http://all.lab/\"]\n{}.configs.\"n.lab:5000\".tls]\ninsecure_skip_verify = true\n",
        &cri["version = 2\n".len()..],
        &cri["version = 2\n".len()..],
    );
    let asked = |version: &str, image: &str| containerd(version, image, &[(CONFIG, &text)]);
    assert_eq!(
        asked("1.7.34", "reg.lab/a"),
        format!(
            "http://m.lab/v2 (plain http), then https://n.lab:5000/v2 (not verified), then http://o.lab/p (plain http), \
             then https://reg.lab/v2 (system roots) as a last resort, from {CONFIG}"
        )
    );
    assert!(asked("2.1.9", "reg.lab/a").contains("https://n.lab:5000/v2 (system roots)"), "2.x knows no tls");
    assert!(asked("1.7.34", "else.lab/a").starts_with("http://all.lab (plain http), then https://else.lab/v2"));
    assert!(asked("1.7.34", "else.lab/a").contains("asked without /v2"));
    let own = text.replace("http://o.lab/p", "http://reg.lab");
    let hosts = resolved("containerd", "1.7.34", "reg.lab/a", &[(CONFIG, &own)]).hosts;
    assert!(hosts.iter().all(|host| !host.is_fallback), "{hosts:?}");
}

#[test]
fn where_no_settings_are_in_force_there_are_no_hosts() {
    let cri = "[plugins.\"io.containerd.grpc.v1.cri\".registry";
    let mirrors = format!("{cri}.mirrors.\"a\"]\nendpoint = []\n");
    for (version, text, why) in [
        ("1.7.34", "disabled_plugins = [\"cri\"]\n".to_owned(), "CRI is disabled"),
        ("2.3.4", "version = 2\ndisabled_plugins = [\"cri\"]\n".to_owned(), "does not start"),
        ("1.7.34", format!("{V2}{mirrors}"), "CRI does not load"),
        ("2.2.1", format!("version = 2\n{mirrors}"), "CRI does not load"),
        ("1.7.34", format!("{V2}{cri}.configs.\"a\".tls]\n"), "CRI does not load"),
        ("1.7.34", "version = 3\n".to_owned(), "does not start"),
        ("2.3.4", "version = 2\nversion = 2\n".to_owned(), "does not start"),
        ("2.3.4", "\u{feff}version = 2\n".to_owned(), "does not start"),
    ] {
        let said = resolved("containerd", version, "reg.lab/a", &[(CONFIG, &text)]);
        assert!(said.hosts.is_empty() && said.notes[0].contains(why), "{text}: {said}");
    }
    let fine = resolved("containerd", "2.2.2", "reg.lab/a", &[(CONFIG, &format!("version = 2\n{mirrors}"))]);
    assert_eq!(fine.hosts.len(), 1, "{fine}");
}

#[test]
fn secrets_are_names_only() {
    let text =
        "[host.\"https://u:hunter2@m.lab\"]\n[host.\"https://u:hunter2@m.lab\".header]\nAuthorization = \"hunter2\"\n";
    let said = resolved("containerd", "2.3.4", "reg.lab/a", &[(CONFIG, V2), ("/c/reg.lab/hosts.toml", text)]);
    let all = format!("{said} {said:?} {}", serde_json::to_string(&said).unwrap());
    assert!(all.contains("Authorization") && !all.contains("hunter2"), "{all}");
}

const DAEMON: &str = "/etc/docker/daemon.json";

#[test]
fn an_insecure_registry_is_tried_over_https_and_then_http() {
    let listed = r#"{"insecure-registries": ["http://reg.lab:5000", "10.0.0.0/8", "docker.io"]}"#;
    let said =
        |image: &str| docker("26.1.5", image, &[(DAEMON, listed), ("/etc/docker/certs.d/reg.lab:5000/a.crt", CA)]);
    let both =
        |host: &str| format!("https://{host}/v2 (not verified), then http://{host}/v2 (plain http) as a last resort");
    assert_eq!(said("reg.lab:5000/a"), format!("{}, from {DAEMON}", both("reg.lab:5000")));
    assert_eq!(said("10.1.2.3:5000/a"), format!("{}, from {DAEMON}", both("10.1.2.3:5000")));
    assert_eq!(said("127.0.0.1/a"), format!("{}, by default", both("127.0.0.1")));
    assert!(said("REG.lab:5000/a").contains("whether REG.lab:5000 is in it is not known"));
    assert_eq!(said("nginx"), "https://registry-1.docker.io/v2 (system roots), by default");
    let older = docker("26.1.5", "[::1]:5000/a", &[(DAEMON, "{}")]);
    assert_eq!(older, "https://[::1]:5000/v2 (system roots), by default");
    assert!(docker("28.0.0", "[::1]:5000/a", &[(DAEMON, "{}")]).starts_with(&both("[::1]:5000")));
}

#[test]
fn mirrors_are_those_of_docker_hub_only() {
    let listed = r#"{"registry-mirrors": ["http://m.lab/", "https://n.lab"], "insecure-registries": ["n.lab"]}"#;
    let said = |image: &str| docker("26.1.5", image, &[(DAEMON, listed)]);
    assert_eq!(
        said("nginx"),
        format!(
            "http://m.lab/v2 (plain http), then https://n.lab/v2 (not verified), \
             then https://registry-1.docker.io/v2 (system roots) as a last resort, from {DAEMON}"
        )
    );
    assert_eq!(said("quay.io/a"), "https://quay.io/v2 (system roots), by default");
}

#[test]
fn the_containerd_store_reads_hosts_toml_and_shares_one_client() {
    let features = r#""features": {"containerd-snapshotter": true}"#;
    let own = ("/etc/docker/certs.d/reg.lab/hosts.toml", "[host.\"http://m.lab\"]\n");
    let listed = format!(
        r#"{{{features}, "insecure-registries": ["reg.lab", "n.lab"], "registry-mirrors": ["https://n.lab"]}}"#
    );
    let said = |version: &str, image: &str| docker(version, image, &[(DAEMON, &listed), own]);
    assert!(
        said("28.5.2", "reg.lab/a").starts_with("http://m.lab/v2 (plain http), then https://reg.lab/v2 (system roots)")
    );
    assert!(said("28.5.2", "reg.lab/a").contains("stand in place of the lists"));
    assert!(said("28.5.2", "nginx").contains("https://registry-1.docker.io/v2 (not verified, then plain http)"));
    assert!(said("26.1.5", "reg.lab/a").starts_with("no hosts; not known"));
    let classic = docker("28.5.2", "reg.lab/a", &[(DAEMON, &listed.replace("true", "false")), own]);
    assert!(classic.starts_with("https://reg.lab/v2 (not verified)"), "{classic}");
}

#[test]
fn a_daemon_that_does_not_start_asks_nobody() {
    for (version, text) in [
        ("26.1.5", "{"),
        ("26.1.5", "[]"),
        ("20.10.24", ""),
        ("26.1.5", r#"{"insecure-registries": "reg"}"#),
        ("26.1.5", r#"{"insecure-registries": ["reg/x"]}"#),
        ("26.1.5", r#"{"registry-mirrors": ["m.lab"]}"#),
    ] {
        let said = resolved("docker", version, "reg.lab/a", &[(DAEMON, text)]);
        assert!(said.hosts.is_empty() && said.notes[0].starts_with("docker does not start"), "{text}: {said}");
    }
    assert_eq!(docker("26.1.5", "reg.lab/a", &[(DAEMON, "")]), "https://reg.lab/v2 (system roots), by default");
    let lone = docker("26.1.5", "reg.lab/a", &[(DAEMON, ""), ("/etc/docker/certs.d/reg.lab/a.key", "")]);
    assert!(lone.contains("a.key has no counterpart"), "{lone}");
}

#[test]
fn a_plan_is_explained_before_and_after_and_only_with_its_own_facts() {
    let settings = Settings::from_json(r#"{"ensure":[{"host":"reg.lab:5000","insecure":"http"}]}"#).unwrap();
    let facts = Facts::from_files([(CONFIG, V2)]).with_version("containerd", "2.3.4");
    let plan = crate::plan(&settings, &facts).unwrap();
    let image = "reg.lab:5000/app".parse().unwrap();
    let own = plan.explain(&image, &facts).unwrap().engines.remove(0);
    assert_eq!((own.before.hosts[0].trust.clone(), own.before.file), (HostTrust::System, None));
    assert_eq!(own.after.to_string(), format!("http://reg.lab:5000/v2 (plain http), {FILE}"));
    let other = facts.with_file("/c/reg.lab:5000/hosts.toml", "# meanwhile\n");
    assert_eq!(plan.explain(&image, &other).unwrap_err().kind(), crate::ErrorKind::Stale);
}

#[test]
fn without_resolve_no_tag_is_found() {
    let text =
        "server = \"https://m.lab\"\ncapabilities = [\"pull\"]\n[host.\"https://m.lab\"]\ncapabilities = [\"pull\"]\n";
    assert!(
        hosts("2.3.4", text).contains("only pull") && hosts("2.3.4", text).contains("no host may be asked for a tag")
    );
}

#[test]
fn json_is_for_programs() {
    let said = resolved("containerd", "2.3.4", "reg.lab/a", &[(CONFIG, V2), ("/c/reg.lab/a.crt", CA)]);
    assert_eq!(
        serde_json::to_value(&said).unwrap(),
        serde_json::json!({
            "file": "/c/reg.lab",
            "hosts": [{
                "url": "https://reg.lab/v2",
                "capabilities": ["pull", "resolve", "push", "referrers"],
                "trust": {"ca_files": ["/c/reg.lab/a.crt"]},
                "http_fallback": false,
                "client_certificates": [],
                "headers": [],
                "is_fallback": true,
            }],
            "notes": [],
        })
    );
}

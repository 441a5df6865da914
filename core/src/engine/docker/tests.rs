use super::*;
use crate::facts::Answer;
use crate::plan;
use crate::plan::{Action, Activation, Manager};

const FILE: &str = "/etc/docker/daemon.json";

fn settings(json: &str) -> Settings {
    Settings::from_json(json).unwrap()
}

fn insecure(host: &str) -> Settings {
    settings(&format!(r#"{{"ensure":[{{"host":"{host}","insecure":"http","engines":["docker"]}}]}}"#))
}

fn after(settings: &Settings, before: &str) -> Result<String> {
    let plan = plan(settings, &Facts::from_files([(FILE, before)]))?;
    let after = plan.changes.first().map_or(before.as_bytes(), |change| change.after.as_deref().unwrap());
    Ok(String::from_utf8(after.to_vec()).unwrap())
}

fn live(unit: &str, before: &str) -> Facts {
    Facts::of_live_node()
        .with_version("docker", "Docker version 28.5.2, build 1")
        .with(Query::Unit("docker".into()), Answer::Text(unit.into()))
        .with_file(FILE, before)
}

#[test]
fn equal_entries_are_not_doubled() {
    for there in ["reg:5000", "http://reg:5000", "HTTPS://reg:5000"] {
        let text = format!(r#"{{"insecure-registries": ["{there}"]}}"#);
        assert_eq!(after(&insecure("reg:5000"), &text).as_deref(), Ok(text.as_str()));
    }
    let other_case = r#"{"insecure-registries": ["REG:5000"]}"#;
    assert!(after(&insecure("reg:5000"), other_case).unwrap().contains(r#"["REG:5000", "reg:5000"]"#));
}

#[test]
fn an_address_in_a_listed_block_needs_no_entry() {
    let text = r#"{"insecure-registries": ["10.0.0.0/8"]}"#;
    assert_eq!(after(&insecure("10.1.2.3:5000"), text).as_deref(), Ok(text));
    assert_ne!(after(&insecure("11.1.2.3:5000"), text).as_deref(), Ok(text));
}

#[test]
fn entries_that_stop_the_daemon_are_reported() {
    let error = after(&insecure("reg:5000"), "{\n\"insecure-registries\": [\"x:1/p\"]}").unwrap_err();
    assert_eq!((error.kind(), error.line(), error.key()), (ErrorKind::Conflict, Some(2), Some(INSECURE)));
}

#[test]
fn a_mirror_that_stops_the_daemon_as_an_insecure_registry_is_refused() {
    let mirror = r#"{"ensure":[{"host":"docker.io","endpoints":[{"url":"https://m_x.lab:8443","skip_verify":true}],"engines":["docker"]}]}"#;
    let error = after(&settings(mirror), "{}").unwrap_err();
    assert!(error.kind() == ErrorKind::Unsupported && error.to_string().contains("does not start"), "{error}");
}

#[test]
fn names_cannot_be_mapped() {
    let alias =
        r#"{"ensure":[{"host":"my-registry.com","endpoints":[{"url":"http://10.0.0.5:5000"}],"engines":["docker"]}]}"#;
    let error = after(&settings(alias), "{}").unwrap_err();
    assert!(error.hint().is_some_and(|hint| hint.contains("DNS")), "{error}");
    let port = r#"{"ensure":[{"host":"reg.lab","endpoints":[{"url":"http://reg.lab:5000"}],"engines":["docker"]}]}"#;
    assert_eq!(after(&settings(port), "{}").unwrap_err().kind(), ErrorKind::Unsupported);
}

#[test]
fn flags_and_file_never_hold_the_same_directive() {
    let unit = "ActiveState=active\nFragmentPath=/lib/docker.service\nArg=/usr/bin/dockerd\nArg=--insecure-registry=a:1\nArg=-H\nArg=fd://\n";
    let error = plan(&insecure("reg:5000"), &live(unit, "{}")).unwrap_err();
    assert!(error.to_string().contains("--insecure-registry a:1 (/lib/docker.service)"), "{error}");
    assert!(plan(&insecure("a:1"), &live(unit, "{}")).unwrap().is_empty());
}

#[test]
fn flags_in_drop_ins_and_environment_files_are_found_with_their_line() {
    let unit = "ActiveState=active\nFragmentPath=/lib/docker.service\nDropInPaths=/etc/d/a.conf /etc/d/b.conf\n\
        EnvironmentFiles=/etc/default/docker (ignore_errors=yes)\nArg=/usr/bin/dockerd\n";
    let facts = live(unit, "{}").with_file("/etc/d/b.conf", "[Service]\n# --insecure-registry=no\n");
    assert!(plan(&insecure("reg:5000"), &facts).is_ok());
    let facts = facts.with_file("/etc/default/docker", "# opts\nDOCKER_OPTS=\"--insecure-registry=a:1\"\n");
    let error = plan(&insecure("reg:5000"), &facts).unwrap_err();
    assert!(error.to_string().contains("(/etc/default/docker:2)"), "{error}");
}

/// moby does not start with a directive in both places, so files that may hold one are read before anything is written.
#[test]
fn files_of_the_unit_are_read_unless_systemd_has_told_its_flags() {
    for (said, is_read) in [
        ("NeedDaemonReload=no\nExecStart={ argv[]=/usr/bin/dockerd -H fd:// ; }\n", false),
        ("NeedDaemonReload=no\nExecStart={ argv[]=/usr/bin/dockerd $DOCKER_OPTS ; }\n", true),
        ("NeedDaemonReload=no\nExecStart={ argv[]=/usr/bin/dockerd --insecure-registry=a:1 ; }\n", true),
        ("NeedDaemonReload=yes\nExecStart={ argv[]=/usr/bin/dockerd ; }\n", true),
        ("ExecStart={ argv[]=/usr/bin/dockerd ; }\n", true),
    ] {
        let unit = format!("ActiveState=active\nFragmentPath=/lib/docker.service\n{said}");
        let wanted = Docker.wants(&insecure("reg:5000"), &live(&unit, "{}"));
        assert_eq!(wanted.contains(&Query::File("/lib/docker.service".into())), is_read, "{said}");
    }
}

#[test]
fn a_changed_list_is_reloaded_and_judged_with_the_flags_of_the_unit() {
    let unit = "ActiveState=active\nArg=/usr/bin/dockerd\nArg=-H\nArg=fd://\n";
    let plan = plan(&insecure("reg:5000"), &live(unit, "{}")).unwrap();
    assert_eq!(
        plan.activations,
        [Activation { unit: "docker".into(), action: Action::Reload, manager: Manager::Systemd }]
    );
    let judge = plan.changes[0].judge.as_ref().unwrap();
    assert_eq!(judge.join(" "), "dockerd --validate --config-file {staged} -H fd://");
}

#[test]
fn removing_leaves_an_empty_list_and_other_entries() {
    let gone = settings(r#"{"remove":["reg:5000"]}"#);
    assert_eq!(
        after(&gone, r#"{"insecure-registries": ["https://reg:5000"]}"#).as_deref(),
        Ok(r#"{"insecure-registries": []}"#)
    );
    let other = r#"{"insecure-registries": ["reg:5001"]}"#;
    assert_eq!(after(&gone, other).as_deref(), Ok(other));
}

#[test]
fn mirrors_are_united_and_removed_by_name() {
    let text = r#"{"registry-mirrors": ["https://a.lab/"]}"#;
    let both = settings(
        r#"{"ensure":[{"host":"docker.io","endpoints":[{"url":"https://a.lab"},{"url":"https://b.lab","skip_verify":true}]}]}"#,
    );
    let united = r#"{"registry-mirrors": ["https://a.lab/", "https://b.lab"], "insecure-registries": ["b.lab"]}"#;
    assert_eq!(after(&both, text).as_deref(), Ok(united));
    let named = settings(r#"{"remove":[{"host":"docker.io","endpoints":["https://a.lab"]}]}"#);
    assert_eq!(after(&named, text).as_deref(), Ok(r#"{"registry-mirrors": []}"#));
}

#[test]
fn a_certificate_goes_beside_and_leaves_the_lists_alone() {
    let pem = include_str!("../../../../tests/golden/ca.pem");
    let json = serde_json::json!({"ensure": [{"host": "reg.lab:5000", "engines": ["docker"], "endpoints": [{"url": "https://reg.lab:5000", "ca": pem}]}]});
    let plan = plan(&settings(&json.to_string()), &Facts::from_files([(FILE, "{}")])).unwrap();
    assert_eq!(plan.changes.len(), 1);
    assert_eq!(plan.changes[0].path, "/etc/docker/certs.d/reg.lab:5000/regconf-ca.crt");
}

#[test]
fn only_root_reads_the_key_of_a_client_certificate() {
    let case = include_str!("../../../../tests/golden/docker/client-certificate-without-ca/settings.json");
    let plan = plan(&settings(case), &Facts::from_files([(FILE, "{}")])).unwrap();
    let modes: Vec<_> =
        plan.changes.iter().map(|change| (change.path.rsplit('/').next().unwrap(), change.mode)).collect();
    assert_eq!(modes, [("regconf-client.cert", 0o644), ("regconf-client.key", 0o600)]);
}

/// A node on which dockerd runs as process 50 and docker and the store answer.
fn running(more: &str, before: &str) -> Facts {
    let process =
        format!("Pid=50\nParent=1\nUid=0\nExe=/usr/bin/dockerd\nService=docker\nArg=/usr/bin/dockerd\n{more}");
    let unit = "ActiveState=active\nCanReload=yes\nMainPID=50\nKillMode=process\nFragmentPath=/u\n";
    live(unit, before)
        .with(Query::Daemon(PROGRAM.into()), Answer::Text(process))
        .with(Query::Program(ID.into()), Answer::Text("/usr/bin/docker".into()))
}

/// The same, and what docker says of its registries.
fn knowing(facts: Facts, insecure: &[&str], mirrors: &[&str]) -> Facts {
    let entries =
        insecure.iter().map(|host| (*host, serde_json::json!({"Name": host, "Mirrors": [], "Secure": false})));
    let index: std::collections::BTreeMap<_, _> = entries.collect();
    let told = serde_json::json!({"InsecureRegistryCIDRs": ["127.0.0.0/8"], "IndexConfigs": index, "Mirrors": mirrors});
    let words = [ID, "info", "--format", "{{json .RegistryConfig}}"].map(str::to_owned).to_vec();
    facts.with(Query::Command(words), Answer::Text(told.to_string()))
}

fn notes(plan: &crate::Plan) -> String {
    plan.notes.iter().map(|note| note.text.as_str()).collect::<Vec<_>>().join("\n")
}

#[test]
fn lists_that_docker_does_not_know_yet_are_a_reload_alone() {
    let text = r#"{"insecure-registries": ["reg:5000"], "registry-mirrors": ["https://a.lab"]}"#;
    let known = knowing(running("", text), &["reg:5000"], &["https://a.lab/"]);
    assert!(plan(&insecure("reg:5000"), &known).unwrap().is_empty());
    let late = plan(&insecure("reg:5000"), &knowing(running("", text), &[], &[])).unwrap();
    assert_eq!((late.changes.len(), late.activations.len(), late.is_empty()), (0, 1, false));
    assert!(notes(&late).contains("lists reg:5000, and docker does not know it yet: it is reloaded"));
    assert!(late.checks[0].patterns.iter().any(|pattern| pattern.starts_with("\"reg:5000\"")));
    let mirror =
        settings(r#"{"ensure":[{"host":"docker.io","endpoints":[{"url":"https://a.lab"}],"engines":["docker"]}]}"#);
    assert!(plan(&mirror, &known).unwrap().is_empty());
    assert_eq!(plan(&mirror, &knowing(running("", text), &[], &[])).unwrap().activations.len(), 1);
    assert!(plan(&insecure("reg:5000"), &running("", text)).unwrap().is_empty(), "it did not say");
}

#[test]
fn what_is_gone_from_the_file_and_still_known_is_a_reload_alone() {
    let gone = settings(r#"{"remove":["reg:5000"]}"#);
    let known = |more: &str, text: &str| plan(&gone, &knowing(running(more, text), &["reg:5000"], &[])).unwrap();
    assert_eq!(known("", r#"{"insecure-registries": []}"#).activations.len(), 1);
    assert!(known("", "{}").is_empty(), "without the key a reload keeps the old list");
    let flag = known("Arg=--insecure-registry=reg:5000\n", r#"{"insecure-registries": []}"#);
    assert!(flag.is_empty() && notes(&flag).contains("is a flag of the unit"), "{}", notes(&flag));
}

/// An entry that a listed mirror needs is not taken out, so it is not to be gone either.
#[test]
fn an_entry_that_stays_for_a_mirror_is_not_minded() {
    let text = r#"{"registry-mirrors": ["https://m.lab"], "insecure-registries": ["m.lab", "old:1"]}"#;
    let both = settings(r#"{"remove":["m.lab","old:1"]}"#);
    let facts = knowing(running("", text), &["m.lab", "old:1"], &["https://m.lab/"]);
    let made = plan(&both, &facts).unwrap();
    assert_eq!(made.checks[0].absent, [r#""old:1":\{[^}]*"Secure":false"#]);
    let left = text.replace(r#", "old:1""#, "");
    let facts = knowing(running("", &left), &["m.lab"], &["https://m.lab/"]);
    assert!(plan(&both, &facts).unwrap().is_empty());
}

#[test]
fn a_reload_is_checked_by_what_is_there_and_what_is_gone() {
    let text = r#"{"insecure-registries": ["old:1", "10.0.0.0/8"]}"#;
    let both = settings(
        r#"{"ensure":[{"host":"reg:5000","insecure":"http","engines":["docker"]}],"remove":["old:1","10.0.0.0/8"]}"#,
    );
    let made = plan(&both, &running("", text)).unwrap();
    assert_eq!(made.checks[0].command[0], "docker");
    assert_eq!(made.checks[0].patterns.len(), 2);
    let gone = [r#""InsecureRegistryCIDRs":\[[^]]*"10\.0\.0\.0/8""#, r#""old:1":\{[^}]*"Secure":false"#];
    assert_eq!(made.checks[0].absent, gone);
}

#[test]
fn without_docker_beside_dockerd_curl_asks_its_socket() {
    let node = running("Arg=-H\nArg=fd://\nArg=-H\nArg=unix:///run/d.sock\n", "{}");
    let node = node.with(Query::Program(ID.into()), Answer::Absent);
    let wanted = Docker.wants(&insecure("reg:5000"), &node);
    let asks = |query: &&Query| matches!(query, Query::Command(words) if words[0] == "curl");
    let curl = wanted.iter().find(asks).unwrap();
    let Query::Command(words) = curl else { unreachable!() };
    assert_eq!(words[4..], ["--unix-socket", "/run/d.sock", "http://docker/info"]);
    let blind = plan(&insecure("reg:5000"), &node.clone().with(curl.clone(), Answer::Absent)).unwrap();
    assert!(blind.checks.is_empty() && notes(&blind).contains("neither docker nor curl"), "{}", notes(&blind));
    let told =
        r#"{"RegistryConfig":{"IndexConfigs":{}},"DriverStatus":[["driver-type","io.containerd.snapshotter.v1"]]}"#;
    let made = plan(&insecure("reg:5000"), &node.with(curl.clone(), Answer::Text(told.into()))).unwrap();
    assert_eq!(made.checks[0].command, *words);
}

#[test]
fn the_snap_is_set_in_its_own_folders_and_told_by_the_signal_if_its_service_cannot() {
    let file = "/var/snap/docker/current/config/daemon.json";
    let process = format!(
        "Pid=60\nParent=1\nUid=0\nExe=/snap/docker/2963/bin/dockerd\nService=snap.docker.dockerd\nVersion=Docker version 28.4.0, build x\n\
         Arg=dockerd\nArg=--config-file={file}\n"
    );
    let node = |can: &str| {
        let unit = format!("ActiveState=active\nCanReload={can}\nMainPID=60\nKillMode=mixed\n");
        Facts::of_live_node()
            .with(Query::Daemon(PROGRAM.into()), Answer::Text(process.clone()))
            .with(Query::Unit("snap.docker.dockerd".into()), Answer::Text(unit))
            .with_file(file, "{}")
    };
    assert!(Docker.wants(&insecure("reg:5000"), &node("no")).contains(&Query::Unit("snap.docker.dockerd".into())));
    let made = plan(&insecure("reg:5000"), &node("yes")).unwrap();
    assert_eq!((made.changes[0].path.as_str(), &made.changes[0].judge), (file, &None));
    assert_eq!(
        (made.activations[0].unit.as_str(), made.activations[0].manager),
        ("snap.docker.dockerd", Manager::Systemd)
    );
    let made = plan(&insecure("reg:5000"), &node("no")).unwrap();
    assert_eq!((made.activations[0].unit.as_str(), made.activations[0].manager), ("dockerd", Manager::Process));
    let pem = include_str!("../../../../tests/golden/ca.pem");
    let json = serde_json::json!({"ensure": [{"host": "reg.lab:5000", "engines": ["docker"], "endpoints": [{"url": "https://reg.lab:5000", "ca": pem}]}]});
    let made = plan(&settings(&json.to_string()), &node("yes")).unwrap();
    assert_eq!(made.changes[0].path, "/var/snap/docker/common/etc/certs.d/reg.lab:5000/regconf-ca.crt");
}

#[test]
fn a_rootless_docker_is_its_users_and_another_beside_it_is_set() {
    let rootless = "Pid=70\nParent=69\nUid=1000\nExe=/home/u/bin/dockerd\nArg=dockerd\n";
    let alone = Facts::of_live_node().with(Query::Daemon(PROGRAM.into()), Answer::Text(rootless.into()));
    let error = plan(&insecure("reg:5000"), &alone).unwrap_err();
    assert!(error.to_string().contains("rootless here, as user 1000"), "{error}");
    assert!(error.hint().is_some_and(|hint| hint.contains("~/.config/docker/daemon.json")));
    assert!(Docker.resolve(&"reg:5000".parse().unwrap(), &alone).notes[0].contains("as user 1000"));
    let gone = plan(&settings(r#"{"remove":["reg:5000"]}"#), &alone).unwrap_err();
    assert!(gone.to_string().contains("rootless here, as user 1000"), "{gone}");
    let both =
        format!("Pid=50\nParent=1\nUid=0\nExe=/usr/bin/dockerd\nService=docker\nArg=/usr/bin/dockerd\n\n{rootless}");
    let both = running("", "{}").with(Query::Daemon(PROGRAM.into()), Answer::Text(both));
    let made = plan(&insecure("reg:5000"), &both).unwrap();
    assert!(made.changes.len() == 1 && notes(&made).contains("user 1000 runs a docker of their own"));
}

#[test]
fn a_node_of_k3s_with_a_docker_beside_it_has_docker_set() {
    let k3s = "Pid=9\nParent=8\nUid=0\nExe=/var/lib/rancher/k3s/data/x/bin/containerd\nService=k3s\nArg=containerd\n";
    let node = running("", "{}").with(Query::Daemon("containerd".into()), Answer::Text(k3s.into()));
    let made = plan(&settings(r#"{"ensure":[{"host":"reg:5000","insecure":"http"}]}"#), &node).unwrap();
    assert_eq!(made.changes.iter().map(|change| change.path.as_str()).collect::<Vec<_>>(), [FILE]);
    assert!(notes(&made).contains("/etc/rancher/k3s/registries.yaml"), "{}", notes(&made));
}

/// Its socket would start it.
#[test]
fn a_docker_that_does_not_run_is_not_asked() {
    let asks = |facts: &Facts| {
        let wanted = Docker.wants(&insecure("reg:5000"), facts);
        wanted.iter().any(|query| matches!(query, Query::Command(words) if words[1] == "info"))
    };
    assert!(!asks(&Facts::of_live_node()) && asks(&running("", "{}")));
    let stopped = live("ActiveState=inactive\nMainPID=0\n", "{}").with(Query::Daemon(PROGRAM.into()), Answer::Absent);
    assert!(!asks(&stopped));
    let pem = include_str!("../../../../tests/golden/ca.pem");
    let json = serde_json::json!({"ensure": [{"host": "reg.lab:5000", "engines": ["docker"], "endpoints": [{"url": "https://reg.lab:5000", "ca": pem}]}]});
    let made = plan(&settings(&json.to_string()), &stopped).unwrap();
    assert!(made.activations.is_empty() && notes(&made).contains("docker is not running"), "{}", notes(&made));
}

#[test]
fn plugins_of_authorization_are_worth_a_word_before_a_reload_alone_too() {
    let text = r#"{"insecure-registries": ["reg:5000"], "authorization-plugins": ["p"]}"#;
    let late = plan(&insecure("reg:5000"), &knowing(running("", text), &[], &[])).unwrap();
    assert!(notes(&late).contains("authorization-plugins is set"), "{}", notes(&late));
    let flag = plan(&insecure("reg:5000"), &running("Arg=--authorization-plugin=p\n", "{}")).unwrap();
    assert!(notes(&flag).contains("authorization-plugins is set"), "{}", notes(&flag));
}

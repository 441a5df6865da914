use super::*;
use crate::facts::Answer;
use crate::plan;
use crate::plan::{Action, Activation};

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

#[test]
fn a_changed_list_is_reloaded_and_judged_with_the_flags_of_the_unit() {
    let unit = "ActiveState=active\nArg=/usr/bin/dockerd\nArg=-H\nArg=fd://\n";
    let plan = plan(&insecure("reg:5000"), &live(unit, "{}")).unwrap();
    assert_eq!(plan.activations, [Activation { unit: "docker".into(), action: Action::Reload }]);
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

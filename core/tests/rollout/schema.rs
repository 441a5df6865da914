//! Reports have the shape that is published, and hold no secret.

use regconf::{Batch, Endpoint, Node, Options, Outcome, Registry, Report, Settings, Threshold};
use serde_json::{Value, json};

use crate::fleet::{Deed, Fate, Fleet, nodes, number, settings};
use crate::published::{schema, validator};
use crate::{push, silent};

/// The schema with every key forbidden that it does not name: what is told must be written down.
fn strict(mut schema: Value) -> Value {
    fn close(value: &mut Value) {
        match value {
            Value::Object(object) => {
                if object.get("type") == Some(&json!("object")) && object.contains_key("properties") {
                    object.insert("additionalProperties".into(), json!(false));
                }
                object.values_mut().for_each(close);
            }
            Value::Array(values) => values.iter_mut().for_each(close),
            _ => {}
        }
    }
    close(&mut schema);
    schema
}

#[track_caller]
fn assert_shape(report: &Report) {
    let value = report.to_json();
    let schema = strict(schema("report"));
    let faults: Vec<_> =
        validator(&schema).iter_errors(&value).map(|f| format!("{}: {f}", f.instance_path())).collect();
    assert!(faults.is_empty(), "{faults:#?} in {value:#}");
}

fn fates(name: &str, deed: Deed) -> Fate {
    match (number(name), deed) {
        (1, Deed::Connect) => Fate::Unreachable,
        (2, Deed::Connect) => Fate::WrongKey,
        (3, Deed::Apply) => Fate::Fails,
        (4, Deed::Apply) => Fate::RollsBack,
        (5, Deed::Apply) => Fate::Panics,
        _ => Fate::Well,
    }
}

#[test]
fn every_outcome_has_it() {
    let folder = tempfile::tempdir().unwrap();
    let (mut options, _) = Fleet::new(fates).options();
    (options.batch, options.max_failures) = (Batch::Size(6), Some(Threshold::Count(4)));
    options.journal = Some(folder.path().join("journal"));
    let report = push(&nodes(8), &options);
    let outcomes: Vec<_> = report.nodes.iter().map(|node| node.outcome.name()).collect();
    let expected = ["changed", "unreachable", "failed", "failed", "rolled_back", "unknown", "not_tried", "not_tried"];
    assert_eq!(outcomes, expected);
    assert_shape(&report);
    let again = push(&nodes(8), &options);
    assert!(again.nodes[0].resumed);
    assert_shape(&again);

    let mut nodes = nodes(3);
    nodes[0].settings = Some(Settings::default().remove("my-registry.com").unwrap());
    let survey = regconf::survey(&nodes, &settings(), &options, &mut silent).report();
    assert_eq!([survey.nodes[0].outcome, survey.nodes[1].outcome], [Outcome::Unchanged, Outcome::Unreachable]);
    assert_shape(&survey);
    assert_shape(&push(&[], &options));
}

#[test]
fn so_have_proofs() {
    let (mut options, _) = Fleet::well().options();
    options.probe = true;
    options.verify_pull.push("my-registry.com/team/app:v1".parse().unwrap());
    let report = push(&nodes(2), &options);
    let node = &report.nodes[0];
    assert_eq!((node.outcome, node.pulls.len(), node.probes.len()), (Outcome::Unverified, 1, 1), "{node:?}");
    assert_shape(&report);
}

#[test]
fn so_have_reports_of_real_files() {
    let root = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = root.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write("etc/containerd/config.toml", "version = 2\n");
    write("etc/docker/daemon.json", "{}\n");
    let nodes = [Node::local(root.path().to_str().unwrap())];
    let report = push(&nodes, &Options::default());
    assert_eq!(report.nodes[0].outcome, Outcome::Changed);
    assert_shape(&report);
    write("etc/docker/daemon.json", "{ // no\n}\n");
    let settings = Settings::default().ensure(Registry::plain_http("10.0.0.1:5000").unwrap()).unwrap();
    let report = regconf::push(&nodes, &settings, &Options::default(), &mut silent);
    let told = report.to_json();
    let error = &told["nodes"][0]["error"];
    assert_eq!((error["kind"].as_str(), error["line"].as_u64()), (Some("parse"), Some(1)), "{error}");
    assert_shape(&report);
}

#[test]
fn what_has_another_shape_is_found() {
    let (options, _) = Fleet::new(fates).options();
    let good = push(&nodes(4), &options).to_json();
    let schema = schema("report");
    let validator = validator(&schema);
    assert!(validator.is_valid(&good));
    let bad = [
        ("/version", json!(2)),
        ("/nodes/0/outcome", json!("great")),
        ("/nodes/0/error", json!("text")),
        ("/nodes/1/error", Value::Null),
        ("/nodes/1/error/kind", json!("odd")),
        ("/nodes/0/timing/apply", json!(-1)),
        ("/nodes/0/plan/changes/0/change", json!("edit")),
        ("/nodes/0/plan/activations/0/action", json!("stop")),
        ("/groups", json!({})),
    ];
    for (place, value) in bad {
        let mut report = good.clone();
        *report.pointer_mut(place).unwrap() = value;
        assert!(!validator.is_valid(&report), "{place}");
    }
    for key in good["nodes"][0].as_object().unwrap().keys() {
        let mut report = good.clone();
        report["nodes"][0].as_object_mut().unwrap().remove(key);
        assert!(!validator.is_valid(&report), "without {key}");
    }
}

#[test]
fn secrets_are_not_told() {
    let (mut options, _) = Fleet::new(fates).options();
    options.max_failures = Some(Threshold::Count(1));
    let endpoint = Endpoint::new("https://s.lab").unwrap().header("Authorization", "Basic hunter2").unwrap();
    let settings = Settings::default().ensure(Registry::new("s.lab").unwrap().endpoint(endpoint).unwrap()).unwrap();
    let mut nodes = nodes(8);
    for node in &mut nodes {
        node.password = Some("hunter3".into());
        node.become_password = Some("hunter4".into());
    }
    let mut heard = Vec::new();
    let report = regconf::push(&nodes, &settings, &options, &mut |event| {
        heard.push(format!("{event:?}"));
        std::ops::ControlFlow::Continue(())
    });
    assert!(report.to_json().to_string().contains("s.lab"), "the plan is told");
    let told = [heard.concat(), report.to_json().to_string(), format!("{report:?}"), report.groups().to_string()];
    for text in told {
        assert!(!text.contains("hunter"), "{text}");
    }
}

//! The mission on real nodes: pulls fail, regconf pushes over SSH, pulls pass; a second push touches nothing.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

use std::ops::ControlFlow;

use regconf::{
    Become, Endpoint, ErrorKind, Event, Found, Identity, Node, Options, Outcome, Registry, Report, Secret, Settings,
    Stage,
};
use regconf_fleet::{
    Fleet, FleetOptions, HTTP_PORT, PRIVATE_CA_PORT, REGISTRY_ADDRESS, SELF_SIGNED_PORT, User, switched_off,
};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// A port of the registry and the name under which containerd shall know it.
const REGISTRIES: [(u16, &str); 3] =
    [(HTTP_PORT, "my-registry.com"), (SELF_SIGNED_PORT, "signed-registry.com"), (PRIVATE_CA_PORT, "ca-registry.com")];

#[test]
fn pulls_pass_after_a_push_and_a_second_push_touches_nothing() -> Result<()> {
    if switched_off() {
        return Ok(());
    }
    let fleet = Fleet::start(&FleetOptions::default())?;
    let nodes = nodes(&fleet)?;
    let before = pulls(&fleet, "before")?;
    assert!(before.iter().flatten().all(|(_, passed)| !passed), "pulls passed before the push: {before:?}");

    let counts = counts(&fleet)?;
    let report = push(&fleet, &nodes, &settings(&fleet)?, &proving(&fleet)?)?;
    assert_all(&report, Outcome::Changed);
    assert_proven(&report);
    assert_eq!(counts.iter().map(Count::once_more).collect::<Vec<_>>(), self::counts(&fleet)?, "restarts and reloads");

    let after = pulls(&fleet, "after")?;
    print_table(&fleet, &before, &after)?;
    assert!(after.iter().flatten().all(|(_, passed)| *passed), "pulls failed after the push: {after:?}");

    let counts = self::counts(&fleet)?;
    let again = push(&fleet, &nodes, &settings(&fleet)?, &proving(&fleet)?)?;
    assert_all(&again, Outcome::Unchanged);
    assert_proven(&again);
    assert_eq!(counts, self::counts(&fleet)?, "the second push restarted or reloaded something");
    a_pull_that_fails_is_no_success(&fleet, &nodes)?;

    removing_undoes_it_without_a_restart(&fleet, &nodes)
}

/// Images of the mission that each node pulls by itself, and the registries that it asks.
fn proving(fleet: &Fleet) -> Result<Options> {
    let image = fleet.registry().push("team/app", "v1")?;
    let mut options = Options::default();
    options.verify_pull = vec![image.on("my-registry.com").parse()?, image.at(HTTP_PORT).parse()?];
    options.probe = true;
    Ok(options)
}

/// The name is containerd's alone; the address is pulled from by both. What is set is what answers.
fn assert_proven(report: &Report) {
    for node in &report.nodes {
        let pulls: Vec<_> = node.pulls.iter().map(|pull| (pull.engine.as_str(), pull.passed)).collect();
        let all = [("containerd", true), ("containerd", true), ("docker", true)];
        assert_eq!(pulls, all, "{}: {:?}", node.name, node.pulls);
        let found: Vec<_> = node.probes.iter().map(|probe| (probe.found, probe.is_usable)).collect();
        let of_three = [Found::Http, Found::HttpsUntrusted, Found::HttpsUntrusted].map(|found| (found, true));
        assert_eq!(found, of_three, "{}: {:?}", node.name, node.probes);
    }
}

fn a_pull_that_fails_is_no_success(fleet: &Fleet, nodes: &[Node]) -> Result<()> {
    let mut options = Options::default();
    options.verify_pull = vec!["my-registry.com/team/no-such-image:v1".parse()?];
    let report = push(fleet, nodes, &settings(fleet)?, &options)?;
    assert_all(&report, Outcome::Unverified);
    for node in &report.nodes {
        let error = node.error.as_ref().ok_or("no error")?;
        assert_eq!(error.kind(), ErrorKind::Verification);
        assert!(node.pulls[0].cause.is_some(), "{}: no cause is known for {}", node.name, node.pulls[0].text);
    }
    assert!(report.check().is_err());
    Ok(())
}

/// hosts.toml goes and docker's list is emptied by a reload; containerd's `config_path` may stay.
fn removing_undoes_it_without_a_restart(fleet: &Fleet, nodes: &[Node]) -> Result<()> {
    let hosts = REGISTRIES.iter().flat_map(|(port, name)| [(*name).to_owned(), format!("{REGISTRY_ADDRESS}:{port}")]);
    let gone = hosts.into_iter().try_fold(Settings::default(), |settings, host| settings.remove(host.as_str()))?;
    let starts = |fleet: &Fleet| -> Result<Vec<_>> {
        Ok(counts(fleet)?.iter().map(|count| (count.containerd_starts, count.docker_starts)).collect())
    };
    let before = starts(fleet)?;
    assert_all(&push(fleet, nodes, &gone, &Options::default())?, Outcome::Changed);
    assert_eq!(before, starts(fleet)?);
    let again = pulls(fleet, "removed")?;
    assert!(again.iter().flatten().all(|(_, passed)| !passed), "pulls passed after removing: {again:?}");
    assert_all(&push(fleet, nodes, &gone, &Options::default())?, Outcome::Unchanged);
    Ok(())
}

/// Each node by another way to root: a key of root's, sudo without a password, sudo with one.
fn nodes(fleet: &Fleet) -> Result<Vec<Node>> {
    let known_hosts = fleet.scratch()?.join("known_hosts");
    std::fs::write(&known_hosts, fleet.known_hosts()?)?;
    let users = [User::Root, User::Ops, User::Asks];
    let nodes = fleet.nodes().iter().zip(users).map(|(node, user)| {
        let mut reached = Node::new(format!("{}@{}", user.name(), node.address()))?;
        node.name().clone_into(&mut reached.name);
        reached.known_hosts.push(known_hosts.display().to_string());
        reached.identities.push(Identity::File(fleet.client_key().display().to_string()));
        if user != User::Root {
            reached.become_root = Become::Sudo;
        }
        if user == User::Asks {
            reached.become_password = Some(Secret::new(fleet.password()));
        }
        Ok(reached)
    });
    nodes.collect()
}

/// The mission's registry over http, and the same over https in both ways to trust it.
fn settings(fleet: &Fleet) -> Result<Settings> {
    let address = |port: u16| format!("{REGISTRY_ADDRESS}:{port}");
    let https = |port: u16| Endpoint::new(format!("https://{}", address(port)));
    let ca = https(PRIVATE_CA_PORT)?.ca(fleet.registry().authority_pem()?)?;
    let alias = |i: usize| Registry::new(REGISTRIES[i].1);
    Ok(Settings::default()
        .ensure(alias(0)?.endpoint(format!("http://{}", address(HTTP_PORT)).as_str())?)?
        .ensure(alias(1)?.endpoint(https(SELF_SIGNED_PORT)?.skip_verify()?)?)?
        .ensure(alias(2)?.endpoint(ca.clone())?)?
        .ensure(Registry::plain_http(address(HTTP_PORT))?)?
        .ensure(Registry::skip_verify(address(SELF_SIGNED_PORT))?)?
        .ensure(Registry::new(address(PRIVATE_CA_PORT))?.endpoint(ca)?)?)
}

fn push(fleet: &Fleet, nodes: &[Node], settings: &Settings, options: &Options) -> Result<Report> {
    Ok(fleet.in_controller(|| {
        regconf::push(nodes, settings, options, &mut |event| {
            if let Event::Node { name, elapsed, stage, .. } = event {
                match stage {
                    Stage::Applying(step) => println!("{name:10} {elapsed:>7.1?} {step}"),
                    Stage::Finished(done) => println!("{name:10} {elapsed:>7.1?} {} {:?}", done.outcome, done.error),
                    _ => {}
                }
            }
            ControlFlow::Continue(())
        })
    })?)
}

fn assert_all(report: &Report, outcome: Outcome) {
    for node in &report.nodes {
        assert_eq!(node.outcome, outcome, "{}: {:?} {:?}", node.name, node.error, node.plan);
    }
}

/// Each node's pulls of images that it has not yet: by containerd under the name, by docker under the address.
fn pulls(fleet: &Fleet, when: &str) -> Result<Vec<Vec<(String, bool)>>> {
    let mut images = Vec::new();
    for (port, name) in REGISTRIES {
        let image = fleet.registry().push("team/app", &format!("{when}-{port}"))?;
        images.push((image.on(name), image.at(port)));
    }
    let mission = fleet.registry().push("team/app", "v1")?;
    images.push((mission.on("my-registry.com"), mission.at(HTTP_PORT)));
    let mut all = Vec::new();
    for node in fleet.nodes() {
        let mut passed = Vec::new();
        for (by_name, by_address) in &images {
            for (image, pulled) in [(by_name, node.crictl_pull(by_name)?), (by_address, node.docker_pull(by_address)?)]
            {
                if !pulled.success() && when == "after" {
                    println!("{}: {image}: {}", node.name(), pulled.text());
                }
                passed.push((image.clone(), pulled.success()));
            }
        }
        all.push(passed);
    }
    Ok(all)
}

/// How often the units of a node were started and reloaded since it booted.
#[derive(Debug, PartialEq, Eq)]
struct Count {
    containerd_starts: usize,
    docker_starts: usize,
    docker_reloads: usize,
}

impl Count {
    /// After one restart of containerd and one reload of docker.
    fn once_more(&self) -> Self {
        Self {
            containerd_starts: self.containerd_starts + 1,
            docker_starts: self.docker_starts,
            docker_reloads: self.docker_reloads + 1,
        }
    }
}

fn counts(fleet: &Fleet) -> Result<Vec<Count>> {
    let count = |node: &regconf_fleet::Node| {
        Ok(Count {
            containerd_starts: node.starts("containerd.service")?,
            docker_starts: node.starts("docker.service")?,
            docker_reloads: node.reloads("docker.service")?,
        })
    };
    fleet.nodes().iter().map(count).collect()
}

fn print_table(fleet: &Fleet, before: &[Vec<(String, bool)>], after: &[Vec<(String, bool)>]) -> Result<()> {
    let passed = |pulls: &[(String, bool)], docker: bool| {
        let of_engine: Vec<_> = pulls.iter().enumerate().filter(|(i, _)| (i % 2 == 1) == docker).collect();
        format!("{}/{}", of_engine.iter().filter(|(_, (_, passed))| *passed).count(), of_engine.len())
    };
    println!("{:10} {:11} {:28} {:12} pull after", "node", "engine", "version", "pull before");
    for ((node, before), after) in fleet.nodes().iter().zip(before).zip(after) {
        for (engine, version, docker) in
            [("containerd", node.containerd_version()?, false), ("docker", node.docker_version()?, true)]
        {
            let (before, after) = (passed(before, docker), passed(after, docker));
            println!("{:10} {engine:11} {version:28} {before:12} {after}", node.name());
        }
    }
    Ok(())
}

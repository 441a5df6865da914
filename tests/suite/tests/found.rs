//! Engines where they really are, on real nodes: services of other names, programs outside of PATH, daemons without a
//! service, config that nobody has read yet, and a product beside docker.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

use std::ops::ControlFlow;

use regconf::{Identity, Node, NodeReport, Options, Outcome, Registry, Settings};
use regconf_fleet::{Fleet, FleetOptions, HTTP_PORT, Kind, REGISTRY_ADDRESS, switched_off};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

#[test]
fn engines_are_found_where_they_run() -> Result<()> {
    if switched_off() {
        return Ok(());
    }
    let fleet = Fleet::start(&FleetOptions { kinds: vec![Kind::Bookworm, Kind::Edge] })?;
    for i in 0..fleet.nodes().len() {
        let found =
            Found { fleet: &fleet, node: &fleet.nodes()[i], registry: format!("{REGISTRY_ADDRESS}:{HTTP_PORT}") };
        found.another_service_with_another_program_is_restarted()?;
        found.a_config_that_was_not_read_is_a_restart_alone()?;
        found.lists_that_were_not_read_are_a_reload_alone()?;
        found.docker_is_asked_by_its_socket_where_its_command_is_missing()?;
        found.a_dockerd_without_a_service_gets_the_signal()?;
        found.docker_beside_k3s_is_set()?;
    }
    Ok(())
}

/// One node of the fleet, and the registry that it is to pull from.
struct Found<'a> {
    fleet: &'a Fleet,
    node: &'a regconf_fleet::Node,
    registry: String,
}

impl Found<'_> {
    fn another_service_with_another_program_is_restarted(&self) -> Result<()> {
        self.must(
            "mkdir -p /opt/c/bin && mv /usr/bin/containerd /usr/bin/ctr /opt/c/bin/ && \
             sed 's|/usr/bin/containerd|/opt/c/bin/containerd --config /srv/c.toml|' /lib/systemd/system/containerd.service \
             >/etc/systemd/system/node-containerd.service && cp /etc/containerd/config.toml /srv/c.toml && \
             systemctl stop containerd && systemctl mask containerd && systemctl daemon-reload && \
             systemctl start node-containerd",
        )?;
        let pushed = self.push(&Settings::default().ensure(Registry::plain_http(&self.registry)?)?)?;
        assert_eq!(pushed.outcome, Outcome::Changed, "{pushed:?}");
        assert_eq!(self.node.starts("node-containerd.service")?, 2);
        assert!(self.must("cat /srv/c.toml")?.contains("config_path"));
        let image = self.fleet.registry().push("team/app", self.node.name())?.at(HTTP_PORT);
        for pulled in [self.node.crictl_pull(&image)?, self.node.docker_pull(&image)?] {
            assert!(pulled.success(), "{}", pulled.text());
        }
        Ok(())
    }

    fn a_config_that_was_not_read_is_a_restart_alone(&self) -> Result<()> {
        let settings = Settings::default().ensure(Registry::plain_http(&self.registry)?)?;
        assert_eq!(self.push(&settings)?.outcome, Outcome::Unchanged);
        let starts = self.node.starts("node-containerd.service")?;
        self.must("sleep 4; touch /srv/c.toml")?;
        let pushed = self.push(&settings)?;
        assert_eq!((pushed.outcome, pushed.plan.as_ref().unwrap().changes.len()), (Outcome::Changed, 0), "{pushed:?}");
        assert_eq!(self.node.starts("node-containerd.service")?, starts + 1);
        assert_eq!(self.push(&settings)?.outcome, Outcome::Unchanged);
        assert_eq!(self.node.starts("node-containerd.service")?, starts + 1);
        Ok(())
    }

    fn lists_that_were_not_read_are_a_reload_alone(&self) -> Result<()> {
        let settings = Settings::default().ensure(Registry::plain_http(&self.registry)?)?;
        let reloads = self.node.reloads("docker.service")?;
        self.must(
            "cp /etc/docker/daemon.json /root/right && echo '{\"insecure-registries\": []}' >/etc/docker/daemon.json && \
             systemctl reload docker && sleep 1 && cp /root/right /etc/docker/daemon.json",
        )?;
        let pushed = self.push(&settings)?;
        assert_eq!((pushed.outcome, pushed.plan.as_ref().unwrap().changes.len()), (Outcome::Changed, 0), "{pushed:?}");
        assert_eq!(self.node.reloads("docker.service")?, reloads + 2);
        assert!(self.docker_knows(&self.registry)?);
        assert_eq!(self.push(&settings)?.outcome, Outcome::Unchanged);
        Ok(())
    }

    fn docker_is_asked_by_its_socket_where_its_command_is_missing(&self) -> Result<()> {
        self.must("mv /usr/bin/docker /root/docker")?;
        let pushed = self.push(&for_docker("socket.lab:5000")?)?;
        self.must("mv /root/docker /usr/bin/docker")?;
        assert_eq!(pushed.outcome, Outcome::Changed, "{pushed:?}");
        let checks = &pushed.plan.as_ref().unwrap().checks;
        assert!(checks.iter().any(|check| check.command[0] == "curl"), "{checks:?}");
        assert!(self.docker_knows("socket.lab:5000")?);
        Ok(())
    }

    fn a_dockerd_without_a_service_gets_the_signal(&self) -> Result<()> {
        self.must(
            "systemctl stop docker.socket docker && \
             { setsid dockerd -H unix:///var/run/docker.sock --containerd=/run/containerd/containerd.sock >/root/log 2>&1 </dev/null & } ; \
             for i in $(seq 100); do docker info >/dev/null 2>&1 && exit 0; sleep 0.2; done; cat /root/log; exit 1",
        )?;
        let pushed = self.push(&for_docker("signal.lab:5000")?)?;
        assert_eq!(pushed.outcome, Outcome::Changed, "{pushed:?} {}", self.must("cat /root/log")?);
        assert_eq!(pushed.plan.as_ref().unwrap().activations[0].manager.name(), "process");
        assert!(self.docker_knows("signal.lab:5000")?);
        Ok(())
    }

    fn docker_beside_k3s_is_set(&self) -> Result<()> {
        let bin = "/var/lib/rancher/k3s/data/1/bin";
        self.must(&format!(
            "systemctl stop node-containerd; mkdir -p {bin} && cp /bin/sleep {bin}/containerd && \
             {{ setsid {bin}/containerd 600 >/dev/null 2>&1 </dev/null & }}"
        ))?;
        let config = self.must("cat /srv/c.toml")?;
        let pushed = self.push(&Settings::default().ensure(Registry::plain_http("k3s.lab:5000")?)?)?;
        assert_eq!(pushed.outcome, Outcome::Changed, "{pushed:?}");
        let plan = pushed.plan.as_ref().unwrap();
        assert!(plan.notes.iter().any(|note| note.text.contains("/etc/rancher/k3s/registries.yaml")), "{plan:?}");
        assert_eq!(plan.changes.len(), 1, "{plan:?}");
        assert!(self.docker_knows("k3s.lab:5000")? && self.must("cat /srv/c.toml")? == config);
        Ok(())
    }

    fn push(&self, settings: &Settings) -> Result<NodeReport> {
        let known_hosts = self.fleet.scratch()?.join("known_hosts");
        std::fs::write(&known_hosts, self.fleet.known_hosts()?)?;
        let mut node = Node::new(format!("root@{}", self.node.address()))?;
        node.known_hosts.push(known_hosts.display().to_string());
        node.identities.push(Identity::File(self.fleet.client_key().display().to_string()));
        let mut report = self.fleet.in_controller(|| {
            regconf::push(&[node], settings, &Options::default(), &mut |_| ControlFlow::Continue(()))
        })?;
        Ok(report.nodes.remove(0))
    }

    fn must(&self, script: &str) -> Result<String> {
        Ok(self.node.sh(script)?.ok(script)?)
    }

    fn docker_knows(&self, host: &str) -> Result<bool> {
        Ok(self.must("docker info --format '{{json .RegistryConfig}}'")?.contains(&format!("\"{host}\":")))
    }
}

fn for_docker(host: &str) -> Result<Settings> {
    let json = serde_json::json!({"ensure": [{"host": host, "insecure": "http", "engines": ["docker"]}]});
    Ok(Settings::from_json(&json.to_string())?)
}

//! Proves the harness: nodes boot, users get in, pulls fail before a node is
//! configured and pass afterwards, and a power cut loses no file.

use regconf_fleet::{
    Fleet, FleetOptions, HTTP_PORT, Image, Kind, Node, PRIVATE_CA_PORT, REGISTRY_ADDRESS, Result, SELF_SIGNED_PORT,
    User, switched_off,
};
use std::net::TcpStream;
use std::process::Command;
use std::time::{Duration, Instant};

/// Tests that run in threads can share a fleet.
const fn shareable<T: Send + Sync>() {}
const _: () = shareable::<Fleet>();

const PORTS: [u16; 3] = [HTTP_PORT, SELF_SIGNED_PORT, PRIVATE_CA_PORT];

/// One test, because all steps share one fleet.
#[test]
fn fleet() -> Result<()> {
    if switched_off() {
        return Ok(());
    }
    let begin = Instant::now();
    let fleet = Fleet::start(&FleetOptions::default())?;
    println!("fleet started in {:.1?}", begin.elapsed());
    logins_work(&fleet)?;
    the_controller_reaches_everything(&fleet)?;
    println!("{:10} {:10} {:28} {:18} {:12} pull after", "node", "kind", "containerd", "docker", "pull before");
    for node in fleet.nodes() {
        let before = pulls(&fleet, node)?;
        configure(&fleet, node)?;
        let after = pulls(&fleet, node)?;
        print_row(node, &before, &after)?;
        assert!(before.iter().all(|passed| !passed), "before: {before:?}");
        assert!(after.iter().all(|passed| *passed), "after: {after:?}");
        units_were_counted(node)?;
    }
    a_power_cut_loses_no_file(&fleet)?;
    println!("all steps took {:.1?}", begin.elapsed());
    let stop = Instant::now();
    drop(fleet);
    println!("teardown took {:.1?}", stop.elapsed());
    Ok(())
}

/// Two nodes of one kind in a fleet of their own, and nothing left of them.
#[test]
fn two_of_a_kind_and_a_clean_end() -> Result<()> {
    if switched_off() {
        return Ok(());
    }
    let fleet = Fleet::start(&FleetOptions { kinds: vec![Kind::Trixie, Kind::Trixie] })?;
    let names: Vec<&str> = fleet.nodes().iter().map(Node::name).collect();
    assert_eq!(names, ["trixie", "trixie-2"]);
    let keys: Vec<_> = fleet.nodes().iter().map(|node| node.host_public_keys().unwrap()).collect();
    assert_ne!(keys[0], keys[1]);
    let roots: Vec<_> = fleet.nodes().iter().map(Node::root).collect();
    let panicked = std::panic::catch_unwind(move || {
        let _fleet = fleet;
        panic!("a test that fails");
    });
    assert!(panicked.is_err());
    let mounts = std::fs::read_to_string("/proc/self/mountinfo").unwrap();
    for root in roots {
        assert!(!root.exists());
        assert!(!mounts.contains(&root.display().to_string()));
    }
    Ok(())
}

/// Whether containerd and docker could pull a fresh image, from each port.
fn pulls(fleet: &Fleet, node: &Node) -> Result<Vec<bool>> {
    let mut passed = Vec::new();
    for port in PORTS {
        let image: Image = fleet.registry().push("team/app", &format!("for-{port}"))?;
        for pulled in [node.crictl_pull(&image.at(port))?, node.docker_pull(&image.at(port))?] {
            passed.push(pulled.success());
            if !pulled.success() {
                let text = pulled.text();
                let last = text.trim_end().lines().last().unwrap_or_default();
                println!("  {} port {port}: {last}", node.name());
            }
        }
    }
    Ok(passed)
}

/// What an administrator would write by hand.
fn configure(fleet: &Fleet, node: &Node) -> Result<()> {
    let authority = fleet.registry().authority_pem()?;
    for (port, scheme, extra) in [
        (HTTP_PORT, "http", ""),
        (SELF_SIGNED_PORT, "https", "  skip_verify = true\n"),
        (PRIVATE_CA_PORT, "https", "  ca = \"/etc/fleet-ca.crt\"\n"),
    ] {
        let host = format!("{REGISTRY_ADDRESS}:{port}");
        let text = format!(
            "server = \"{scheme}://{host}\"\n\n[host.\"{scheme}://{host}\"]\n  \
             capabilities = [\"pull\", \"resolve\"]\n{extra}"
        );
        node.write(&format!("/etc/containerd/certs.d/{host}/hosts.toml"), text)?;
    }
    node.write("/etc/fleet-ca.crt", &authority)?;
    let docker_ca = format!("/etc/docker/certs.d/{REGISTRY_ADDRESS}:{PRIVATE_CA_PORT}/ca.crt");
    node.write(&docker_ca, &authority)?;
    use_in_containerd(node)?;
    use_in_docker(node)
}

fn use_in_containerd(node: &Node) -> Result<()> {
    let path = "/etc/containerd/config.toml";
    let mut config = String::from_utf8_lossy(&node.read(path)?).into_owned();
    config.push_str(
        "\n[plugins.\"io.containerd.grpc.v1.cri\".registry]\n  \
         config_path = \"/etc/containerd/certs.d\"\n",
    );
    node.write(path, config)?;
    node.sh("systemctl restart containerd")?.ok("restarting containerd")?;
    node.wait_active(&["containerd", "docker"])
}

fn use_in_docker(node: &Node) -> Result<()> {
    let hosts = [HTTP_PORT, SELF_SIGNED_PORT].map(|port| format!("{REGISTRY_ADDRESS}:{port}"));
    let text = format!("{{\"insecure-registries\": {hosts:?}}}\n");
    node.write("/etc/docker/daemon.json", text)?;
    node.sh("systemctl reload docker")?.ok("reloading docker")?;
    // The reload comes back before dockerd has read the file.
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let info = node.sh("docker info --format '{{json .RegistryConfig}}'")?;
        if hosts.iter().all(|host| info.stdout.contains(host)) {
            return Ok(());
        }
        assert!(Instant::now() < deadline, "docker did not take the list: {info:?}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

fn print_row(node: &Node, before: &[bool], after: &[bool]) -> Result<()> {
    let sum = |passed: &[bool]| {
        let good = passed.iter().filter(|p| **p).count();
        format!("{good}/{}", passed.len())
    };
    println!(
        "{:10} {:10} {:28} {:18} {:12} {}",
        node.name(),
        node.kind(),
        node.containerd_version()?,
        node.docker_version()?,
        sum(before),
        sum(after)
    );
    Ok(())
}

fn units_were_counted(node: &Node) -> Result<()> {
    assert_eq!(node.starts("containerd.service")?, 2);
    assert_eq!(node.starts("docker.service")?, 1);
    assert_eq!(node.reloads("docker.service")?, 1);
    assert_eq!(node.failed_starts("containerd.service")?, 0);
    Ok(())
}

fn a_power_cut_loses_no_file(fleet: &Fleet) -> Result<()> {
    for node in fleet.nodes() {
        let keys = node.host_public_keys()?;
        node.write("/root/kept", "kept")?;
        node.power_off()?;
        assert!(node.exec(&["true"]).is_err());
        assert!(node.root().join("root/kept").exists());
        let begin = Instant::now();
        node.boot()?;
        println!("{} booted again in {:.1?}", node.name(), begin.elapsed());
        assert_eq!(node.read("/root/kept")?, b"kept");
        assert_eq!(node.host_public_keys()?, keys);
        assert_eq!(node.starts("containerd.service")?, 1);
        assert!(pulls(fleet, node)?.iter().all(|passed| *passed));
    }
    Ok(())
}

fn the_controller_reaches_everything(fleet: &Fleet) -> Result<()> {
    let addresses: Vec<_> = fleet.nodes().iter().map(|n| (n.address(), 22)).collect();
    let all = [&addresses[..], &PORTS.map(|port| (REGISTRY_ADDRESS, port))].concat();
    fleet.in_controller(|| {
        std::thread::scope(|scope| {
            for (address, port) in all {
                let socket = (address, port).into();
                scope.spawn(move || TcpStream::connect_timeout(&socket, Duration::from_secs(5)).unwrap());
            }
        });
    })
}

fn logins_work(fleet: &Fleet) -> Result<()> {
    let scratch = fleet.scratch()?;
    std::fs::write(scratch.join("known_hosts"), fleet.known_hosts()?).unwrap();
    for node in fleet.nodes() {
        for user in User::ALL {
            let said = ssh(fleet, node, user, "id -un");
            assert!(said.ends_with(&format!("{}\n", user.name())), "{user:?}: {said}");
        }
        let sudo = |user, command| ssh(fleet, node, user, command);
        assert_eq!(sudo(User::Ops, "sudo -n id -un"), "root\n");
        assert_eq!(sudo(User::Tcsh, "sudo -n id -un"), "root\n");
        assert!(sudo(User::Asks, "sudo -n id -un").is_empty());
        assert!(sudo(User::Plain, "sudo -n id -un").is_empty());
        let with_password = format!("echo {} | sudo -S id -un", fleet.password());
        assert_eq!(sudo(User::Asks, &with_password), "root\n");
        assert!(sudo(User::Plain, &with_password).is_empty());
        assert!(sudo(User::Banner, "true").contains("monitored"));
        assert_eq!(sudo(User::Tcsh, "echo $shell"), "/bin/tcsh\n");
    }
    a_password_opens_the_door(fleet)
}

/// The standard output of `command`, run over SSH as `user`.
fn ssh(fleet: &Fleet, node: &Node, user: User, command: &str) -> String {
    let output = ssh_command(fleet, node, user)
        .args(["-o", "BatchMode=yes", "-i"])
        .arg(fleet.client_key())
        .args(["--", &node.address().to_string(), command])
        .output()
        .unwrap();
    assert_ne!(output.status.code(), Some(255), "{output:?}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn ssh_command(fleet: &Fleet, node: &Node, user: User) -> Command {
    let known_hosts = fleet.scratch().unwrap().join("known_hosts");
    assert!(known_hosts.exists(), "no known_hosts for {}", node.name());
    let mut command = fleet.controller_command("ssh");
    command
        .args(["-F", "none", "-o", "StrictHostKeyChecking=yes", "-o"])
        .arg(format!("UserKnownHostsFile={}", known_hosts.display()))
        .args(["-l", user.name()]);
    command
}

fn a_password_opens_the_door(fleet: &Fleet) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let askpass = fleet.scratch()?.join("askpass");
    std::fs::write(&askpass, format!("#!/bin/sh\necho {}\n", fleet.password())).unwrap();
    std::fs::set_permissions(&askpass, std::fs::Permissions::from_mode(0o700)).unwrap();
    for node in fleet.nodes() {
        let output = ssh_command(fleet, node, User::Plain)
            .args(["-o", "PreferredAuthentications=password"])
            .args([&node.address().to_string(), "id", "-un"])
            .env("SSH_ASKPASS", &askpass)
            .env("SSH_ASKPASS_REQUIRE", "force")
            .output()
            .unwrap();
        assert_eq!(output.stdout, b"plain\n", "{output:?}");
    }
    Ok(())
}

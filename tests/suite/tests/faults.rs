//! Faults in the middle of a change on real nodes: after each of them the node has the old or the new state, whole, its
//! engines are up, and the report is right. What was tried is counted at the end.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

use std::ops::ControlFlow;
use std::sync::Mutex;

use regconf::{Become, ErrorKind, Event, Identity, Node, NodeReport, Options, Outcome, Registry, Settings, Stage};
use regconf_fleet::{Fleet, FleetOptions, HTTP_PORT, Kind, REGISTRY_ADDRESS, User, switched_off};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;
type Fault<'a> = &'a (dyn Fn() -> Result<ControlFlow<()>> + Sync);

const CONFIG: &str = "/etc/containerd/config.toml";
const NAME: &str = "my-registry.com";

/// The steps of a change, as events tell them.
const STEPS: [&str; 6] = ["check", "stage", "judge", "commit", "restart containerd", "verify"];

/// One node of the fleet, its old file, and what was tried on it.
struct Victim<'a> {
    fleet: &'a Fleet,
    node: &'a regconf_fleet::Node,
    reached: Node,
    settings: Settings,
    old: Vec<u8>,
    tried: Mutex<Vec<String>>,
}

impl<'a> Victim<'a> {
    fn new(fleet: &'a Fleet, kind: Kind, user: User) -> Result<Self> {
        let node = fleet.node(kind).ok_or("no such node")?;
        let known_hosts = fleet.scratch()?.join("known_hosts");
        std::fs::write(&known_hosts, fleet.known_hosts()?)?;
        let mut reached = Node::new(format!("{}@{}", user.name(), node.address()))?;
        reached.become_root = if user == User::Root { Become::None } else { Become::Sudo };
        reached.known_hosts.push(known_hosts.display().to_string());
        reached.identities.push(Identity::File(fleet.client_key().display().to_string()));
        let endpoint = format!("http://{REGISTRY_ADDRESS}:{HTTP_PORT}");
        let mut alias = Registry::new(NAME)?.endpoint(endpoint.as_str())?;
        alias.engines = vec!["containerd".to_owned()];
        let settings = Settings::default().ensure(alias)?;
        Ok(Self { fleet, node, reached, settings, old: node.read(CONFIG)?, tried: Mutex::default() })
    }

    fn push(&self) -> Result<NodeReport> {
        self.push_hearing(&Options::default(), &|_| Ok(ControlFlow::Continue(())))
    }

    /// Pushes, and does something when a step begins, the first time that it does.
    fn push_with(&self, options: &Options, step: &str, fault: Fault<'_>) -> Result<NodeReport> {
        let met = Mutex::new(false);
        let report = self.push_hearing(options, &|now| {
            if now != step || std::mem::replace(&mut *met.lock().unwrap(), true) {
                return Ok(ControlFlow::Continue(()));
            }
            fault()
        })?;
        assert!(*met.lock().unwrap(), "there was no step {step}: {:?} {:?}", report.outcome, report.error);
        Ok(report)
    }

    fn push_hearing(
        &self,
        options: &Options,
        hear: &(dyn Fn(&str) -> Result<ControlFlow<()>> + Sync),
    ) -> Result<NodeReport> {
        let nodes = [self.reached.clone()];
        let push = || {
            let mut observer = |event: Event<'_>| match event {
                Event::Node { stage: Stage::Applying(step), .. } => hear(step).expect("the fault could not be made"),
                _ => ControlFlow::Continue(()),
            };
            regconf::push(&nodes, &self.settings, options, &mut observer)
        };
        Ok(self.fleet.in_controller(push)?.nodes.into_iter().next().ok_or("no node in the report")?)
    }

    fn sh(&self, script: &str) -> Result<String> {
        Ok(self.node.sh(script)?.stdout)
    }

    /// The state before any push, and engines that run with it.
    fn reset(&self) -> Result<()> {
        self.node.write(CONFIG, &self.old)?;
        self.sh("rm -rf /etc/containerd/certs.d /var/lib/regconf /etc/systemd/system/containerd.service.d\n\
             systemctl daemon-reload; systemctl reset-failed containerd; systemctl restart containerd")?;
        Ok(self.node.wait_active(&["containerd", "docker"])?)
    }

    /// Old or new, whole, with nothing left over, and an engine that runs with it; which of the two it is.
    fn is_new_and_whole(&self, what: &str) -> Result<bool> {
        let is_new = self.node.read(CONFIG)? != self.old;
        let hosts = self.sh(&format!("test -s /etc/containerd/certs.d/{NAME}/hosts.toml && echo there"))?;
        assert_eq!(is_new, hosts.trim() == "there", "{what}: half of a change");
        let left = "find /etc -name '*.regconf-*'; cat /var/lib/regconf/change 2>/dev/null";
        assert_eq!(self.sh(left)?.trim(), "", "{what}: left over");
        self.node.wait_active(&["containerd", "docker"])?;
        let cri = self.node.exec(&["crictl", "version"])?;
        assert!(cri.success(), "{what}: CRI does not answer: {}", cri.text());
        let image = self.fleet.registry().push("team/app", "v1")?.on(NAME);
        self.node.exec(&["crictl", "rmi", &image])?;
        assert_eq!(self.node.crictl_pull(&image)?.success(), is_new, "{what}: the engine runs with another state");
        Ok(is_new)
    }

    /// Checks the node against its report, remembers what was tried, and goes back to the beginning.
    fn judge(&self, what: &str, report: &NodeReport) -> Result<()> {
        let is_new = self.is_new_and_whole(what)?;
        let is_good = matches!(report.outcome, Outcome::Changed | Outcome::Unchanged);
        assert_eq!(is_good, is_new, "{what}: {:?} {:?}", report.outcome, report.error);
        println!("{what}: {}, {}", report.outcome, if is_new { "new" } else { "old" });
        self.tried.lock().unwrap().push(what.to_owned());
        self.reset()
    }

    /// Kills the processes with such a command line, of which there must be one. It must not be like that of pkill itself.
    fn kill(&self, like: &str) -> Result<ControlFlow<()>> {
        let killed = self.node.exec(&["pkill", "-KILL", "-f", like])?;
        assert!(killed.success(), "there is no process like {like}");
        Ok(ControlFlow::Continue(()))
    }

    /// The engine's unit with more to it.
    fn add_to_unit(&self, lines: &str) -> Result<()> {
        self.node.write("/etc/systemd/system/containerd.service.d/fault.conf", format!("[Service]\n{lines}\n"))?;
        self.sh("systemctl daemon-reload && systemctl restart containerd")?;
        Ok(self.node.wait_active(&["containerd"])?)
    }
}

/// The node goes on by itself, and is asked on another connection how it ended.
fn connections_are_cut(victim: &Victim<'_>, steps: &[&str]) -> Result<()> {
    for step in steps {
        let what = format!("connection of {} cut at {step}", victim.reached.user);
        let cut = || victim.kill("[s]shd.*notty");
        let report = victim.push_with(&Options::default(), step, &cut)?;
        assert_eq!((report.outcome, &report.error), (Outcome::Changed, &None), "{what}");
        victim.judge(&what, &report)?;
    }
    Ok(())
}

/// The same call finds out, and puts the node right.
fn scripts_are_killed(victim: &Victim<'_>) -> Result<()> {
    for step in STEPS {
        let what = format!("script killed at {step}");
        let kill = || victim.kill("^sh -s");
        let report = victim.push_with(&Options::default(), step, &kill)?;
        assert_ne!(report.outcome, Outcome::Unknown, "{what}: {:?}", report.error);
        victim.judge(&what, &report)?;
    }
    Ok(())
}

/// The next push after the boot puts the node right, and does what was to be done.
fn powers_are_cut(victim: &Victim<'_>) -> Result<()> {
    for step in ["stage", "commit", "restart containerd", "verify"] {
        let what = format!("power cut at {step}");
        let cut = || {
            victim.node.power_off()?;
            Ok(ControlFlow::Break(()))
        };
        let report = victim.push_with(&Options::default(), step, &cut)?;
        assert_eq!(report.outcome, Outcome::Unknown, "{what}: {:?}", report.error);
        victim.node.boot()?;
        let again = victim.push()?;
        assert!(matches!(again.outcome, Outcome::Changed | Outcome::Unchanged), "{what}: {:?}", again.error);
        victim.judge(&what, &again)?;
    }
    Ok(())
}

fn engines_fail(victim: &Victim<'_>) -> Result<()> {
    let what = "engine that does not come back";
    victim.add_to_unit(&format!("ExecStartPre=/bin/sh -c '! grep -q certs.d {CONFIG}'"))?;
    let report = victim.push()?;
    let error = report.error.as_ref().ok_or("no error")?;
    assert_eq!((report.outcome, error.kind()), (Outcome::RolledBack, ErrorKind::Activation), "{what}: {error}");
    victim.judge(what, &report)?;

    let what = "engine that comes back without CRI";
    victim.add_to_unit(&format!(
        "ExecStart=\nExecStart=/bin/sh -c 'if grep -q certs.d {CONFIG}; then echo disabled_plugins = [\\\\\"cri\\\\\"] >/run/fault.toml; \
         exec containerd --config /run/fault.toml; fi; exec containerd'"
    ))?;
    let report = victim.push()?;
    let error = report.error.as_ref().ok_or("no error")?;
    assert_eq!((report.outcome, error.kind()), (Outcome::RolledBack, ErrorKind::Verification), "{what}: {error}");
    victim.judge(what, &report)
}

fn files_and_pushes_meet(victim: &Victim<'_>) -> Result<()> {
    let what = "file changed between survey and apply";
    let nodes = [victim.reached.clone()];
    let silent = |_: Event<'_>| ControlFlow::Continue(());
    let rollout = victim
        .fleet
        .in_controller(|| regconf::survey(&nodes, &victim.settings, &Options::default(), &mut { silent }))?;
    let theirs = [victim.old.clone(), b"# by hand\n".to_vec()].concat();
    victim.node.write(CONFIG, &theirs)?;
    let report = victim.fleet.in_controller(|| rollout.apply(&Options::default(), &mut { silent }))?;
    let error = report.nodes[0].error.as_ref().ok_or("no error")?;
    assert_eq!((report.nodes[0].outcome, error.kind()), (Outcome::Failed, ErrorKind::Stale), "{what}: {error}");
    assert_eq!(victim.node.read(CONFIG)?, theirs, "{what}");
    victim.node.write(CONFIG, &victim.old)?;
    victim.judge(what, &report.nodes[0])?;

    let what = "two pushes at once";
    let other = Mutex::new(None);
    let both = || {
        *other.lock().unwrap() = Some(victim.push()?);
        Ok(ControlFlow::Continue(()))
    };
    let report = victim.push_with(&Options::default(), "restart containerd", &both)?;
    let other = other.into_inner()?.ok_or("no other push")?;
    assert_eq!(report.outcome, Outcome::Changed, "{what}: {:?}", report.error);
    // The other one found everything right by then, or that somebody is at work.
    let busy = other.error.as_ref().is_some_and(|error| error.kind() == ErrorKind::Conflict);
    assert!(other.outcome == Outcome::Unchanged || busy, "{what}: {:?} {:?}", other.outcome, other.error);
    victim.judge(what, &report)
}

fn disks_are_full(victim: &Victim<'_>) -> Result<()> {
    let what = "full disk";
    victim.sh("mkdir -p /var/lib/regconf && mount -t tmpfs -o size=4k full /var/lib/regconf\n\
         dd if=/dev/zero of=/var/lib/regconf/filler bs=1k count=8 2>/dev/null; true")?;
    let report = victim.push()?;
    victim.sh("umount /var/lib/regconf")?;
    let error = report.error.as_ref().ok_or("no error")?;
    assert_eq!((report.outcome, error.kind()), (Outcome::Failed, ErrorKind::Io), "{what}: {error}");
    assert!(error.to_string().contains("No space left on device"), "{what}: {error}");
    victim.judge(what, &report)
}

/// Runs a container of containerd, whose files are the node's own. runc wants all control groups, of which the node's
/// systemd has but some.
const RUN_CONTAINER: &str = "mount -o remount,rw /sys/fs/cgroup
for c in cpuset cpu cpuacct memory devices freezer blkio pids; do
    mkdir -p /sys/fs/cgroup/$c
    mountpoint -q /sys/fs/cgroup/$c || mount -t cgroup -o $c cgroup /sys/fs/cgroup/$c
    mount -o remount,rw,bind /sys/fs/cgroup/$c
done
mkdir -p /var/lib/containerd/live && cd / &&
cp -L --parents /bin/sleep $(ldd /bin/sleep | grep -o '/[^ ]*') /var/lib/containerd/live &&
ctr run -d --cgroup /regconf-live --rootfs /var/lib/containerd/live live /bin/sleep 3600";

const END_CONTAINER: &str = "ctr task kill -s KILL live; sleep 1; ctr container rm live
rmdir /sys/fs/cgroup/*/regconf-live 2>/dev/null; true";

fn containers_survive(victim: &Victim<'_>) -> Result<()> {
    let what = "a running container";
    let made = victim.node.sh(RUN_CONTAINER)?;
    let task = || victim.sh("ctr task ls | grep ^live");
    let before = task()?;
    assert!(before.contains("RUNNING"), "{what} does not run: {}", made.text());
    let starts = victim.node.starts("containerd.service")?;
    let report = victim.push()?;
    assert_eq!(report.outcome, Outcome::Changed, "{what}: {:?}", report.error);
    assert_eq!(victim.node.starts("containerd.service")?, starts + 1, "{what}: one restart");
    assert_eq!(task()?, before, "{what} was disturbed");
    victim.sh(END_CONTAINER)?;
    victim.judge(what, &report)
}

#[test]
fn a_node_is_whole_after_every_fault() -> Result<()> {
    if switched_off() {
        return Ok(());
    }
    let kinds = [Kind::Trixie, Kind::Edge];
    let fleet = Fleet::start(&FleetOptions { kinds: kinds.to_vec() })?;
    let mut count = 0;
    for kind in kinds {
        let victim = Victim::new(&fleet, kind, User::Root)?;
        let by_sudo = Victim::new(&fleet, kind, User::Ops)?;
        println!("{kind}:");
        containers_survive(&victim)?;
        disks_are_full(&victim)?;
        connections_are_cut(&victim, &STEPS)?;
        connections_are_cut(&by_sudo, &["commit", "restart containerd", "verify"])?;
        scripts_are_killed(&victim)?;
        files_and_pushes_meet(&victim)?;
        engines_fail(&victim)?;
        powers_are_cut(&victim)?;
        count += victim.tried.lock().unwrap().len() + by_sudo.tried.lock().unwrap().len();
    }
    println!("{count} faults on real nodes");
    Ok(())
}

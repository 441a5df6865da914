//! regconf, through its Rust library.

use std::ops::ControlFlow;

use regconf::{Identity, Node, Options, Registry, Settings};

use crate::job::{ENTRY, Job, Result};

/// Pushes to all nodes; they must all be `changed`, or all `unchanged`.
///
/// # Errors
/// How the first node failed, or what the nodes came to instead.
pub(crate) fn push(job: &Job) -> Result<()> {
    let nodes = job.hosts.iter().map(|host| node(job, host)).collect::<Result<Vec<_>>>()?;
    let settings = Settings::default().ensure(Registry::plain_http(ENTRY)?)?;
    let mut options = Options::default();
    options.parallel = job.parallel;
    let report = regconf::push(&nodes, &settings, &options, &mut |_| ControlFlow::Continue(()));
    report.check()?;
    let first = report.nodes.first().ok_or("there is no node")?.outcome;
    match report.nodes.iter().find(|node| node.outcome != first) {
        Some(other) => Err(format!("{} is {}, and others are {first}", other.name, other.outcome).into()),
        None => Ok(()),
    }
}

fn node(job: &Job, host: &str) -> Result<Node> {
    let mut node = Node::new(format!("root@{host}:{}", job.port))?;
    node.identities.push(Identity::File(job.key.display().to_string()));
    node.known_hosts.push(job.known_hosts.display().to_string());
    if has_containerd() {
        node.engines.push("docker".to_owned());
    }
    Ok(node)
}

/// Whether this machine's `/usr`, which the nodes have too, holds a containerd: only docker is meant to be set.
pub(crate) fn has_containerd() -> bool {
    ["/usr/bin/containerd", "/usr/sbin/containerd"].iter().any(|path| std::path::Path::new(path).exists())
}

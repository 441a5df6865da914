//! The comparison: all peers in turn, again and again, so that what disturbs the machine disturbs all alike.

use std::fs::File;
use std::io::Write;

use serde_json::json;

use crate::arguments::Bench;
use crate::check::check;
use crate::job::Result;
use crate::measure::{self, Client, NodeCpu};
use crate::nodes::{Node, Nodes};
use crate::peers::Peer;

/// What a push finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// Nodes that lack the entry.
    Cold,
    /// Nodes that a push has just been to: there is nothing to do.
    Noop,
}

impl State {
    fn name(self) -> &'static str {
        match self {
            Self::Cold => "cold",
            Self::Noop => "noop",
        }
    }
}

/// One push.
#[derive(Clone, Debug)]
pub(crate) struct Run {
    pub(crate) peer: &'static str,
    pub(crate) nodes: usize,
    pub(crate) state: State,
    pub(crate) client: Client,
    /// The processor time of all nodes, in seconds.
    pub(crate) node_cpu: f64,
    /// Why it does not count.
    pub(crate) fault: Option<String>,
}

impl Run {
    fn line(&self, number: usize) -> String {
        let Self { peer, nodes, state, client, node_cpu, fault } = self;
        json!({
            "peer": peer, "nodes": nodes, "state": state.name(), "run": number, "wall_s": client.wall,
            "client_cpu_s": client.cpu, "client_rss_mib": client.rss, "node_cpu_s": node_cpu, "fault": fault,
        })
        .to_string()
    }
}

/// The nodes, and what measures them.
pub(crate) struct Place {
    // It is dropped first: a control group can go when the servers have left it.
    pub(crate) nodes: Nodes,
    pub(crate) cpu: NodeCpu,
}

impl Place {
    pub(crate) fn make(bench: &Bench) -> Result<Self> {
        let most = bench.counts.iter().copied().max().unwrap_or(1);
        let nodes = Nodes::start(&bench.work.join("nodes"), most)?;
        let cpu = NodeCpu::of(nodes.servers().collect());
        Ok(Self { nodes, cpu })
    }

    /// Two pushes by one peer to nodes as they were before.
    pub(crate) fn push_twice(&self, peer: &Peer, nodes: usize, parallel: usize) -> Result<Vec<Run>> {
        for node in self.nodes.first(nodes) {
            node.reset()?;
        }
        let cold = self.push(peer, nodes, parallel, State::Cold)?;
        if cold.fault.is_some() {
            return Ok(vec![cold]);
        }
        Ok(vec![cold, self.push(peer, nodes, parallel, State::Noop)?])
    }

    /// One push, measured and checked.
    pub(crate) fn push(&self, peer: &Peer, nodes: usize, parallel: usize, state: State) -> Result<Run> {
        let out = self.nodes.client().join("measured.json");
        let mut command = peer.command(&self.nodes, nodes, parallel, &out)?;
        let before = self.cpu.seconds()?;
        let ran = measure::run(&mut command, &out, &self.log());
        self.nodes.drain()?;
        let node_cpu = self.cpu.seconds()? - before;
        let checked = || self.nodes.first(nodes).iter().find_map(fault);
        let fault = ran.as_ref().map_or_else(|error| Some(error.to_string()), |_| checked());
        Ok(Run { peer: peer.name, nodes, state, client: ran.unwrap_or_default(), node_cpu, fault })
    }

    /// What the last driver printed.
    pub(crate) fn log(&self) -> std::path::PathBuf {
        self.nodes.client().join("log")
    }
}

/// What is wrong with a node.
fn fault(node: &Node) -> Option<String> {
    Some(format!("{}: {}", node.address, check(&node.root).err()?))
}

/// All runs, one number of nodes after the other; each is written down as it ends. Before them each peer pushes once to
/// one node: it shows whether it works, and fills caches.
pub(crate) fn compare(bench: &Bench, place: &Place, out: &mut File, tell: &mut dyn FnMut(&str)) -> Result<Vec<Run>> {
    for peer in &bench.peers {
        if let Some(fault) = place.push_twice(peer, 1, bench.parallel)?.into_iter().find_map(|run| run.fault) {
            tell(&format!("{} fails: {fault}", peer.name));
        }
    }
    let mut all = Vec::new();
    for count in &bench.counts {
        for number in 1..=bench.runs {
            // Another one begins each time: what comes first finds the machine as the one before it has left it.
            let (before, from) = bench.peers.split_at((number - 1) % bench.peers.len());
            for peer in from.iter().chain(before) {
                tell(&format!("{count} nodes, run {number} of {}: {}", bench.runs, peer.name));
                for run in place.push_twice(peer, *count, bench.parallel)? {
                    writeln!(out, "{}", run.line(number))?;
                    all.push(run);
                }
            }
        }
    }
    Ok(all)
}

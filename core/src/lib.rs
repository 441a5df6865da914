//! Merges image registry settings into the **existing** containerd and docker configs, and pushes them to nodes.
//!
//! An organisation that runs its own registry, over plain http or with a self-signed certificate, must tell every
//! node's container engine, or pulls fail. This library does that without losing a byte that is not its own, without
//! leaving a node broken, and without disturbing an engine more than it must.
//!
//! **Settings + facts → plan → apply → report.** [`Settings`] say what is wanted, [`Facts`] are what was read from a
//! node, [`plan()`] turns both into a [`Plan`] of exact bytes, and [`push`] does all of it on many nodes and returns a
//! [`Report`].
//!
//! # Merging texts, without any node
//! ```
//! use regconf::{Facts, Registry, Settings};
//!
//! let settings = Settings::default()
//!     .ensure(Registry::new("my-registry.com")?.endpoint("http://192.168.30.56:5000")?)?
//!     .ensure(Registry::plain_http("192.168.30.56:5000")?)?;
//! let facts = Facts::from_files([
//!     ("/etc/containerd/config.toml", "version = 2 # ours\n"),
//!     ("/etc/docker/daemon.json", "{}"),
//! ]);
//! let plan = regconf::plan(&settings, &facts)?;
//! print!("{}", plan.diff());
//! assert_eq!(plan.changes.len(), 4); // a hosts.toml for each host, config.toml, daemon.json
//! # Ok::<(), regconf::Error>(())
//! ```
//!
//! # Pushing to nodes
//! ```no_run
//! use std::ops::ControlFlow;
//! use regconf::{Event, Options, Settings, Stage};
//!
//! let settings = Settings::from_json(&std::fs::read_to_string("settings.json").expect("settings.json"))?;
//! let nodes = regconf::inventory::load("nodes.json")?;
//! let report = regconf::push(&nodes, &settings, &Options::default(), &mut |event| {
//!     if let Event::Node { name, stage: Stage::Finished(done), .. } = event {
//!         println!("{name}: {}", done.outcome);
//!     }
//!     ControlFlow::Continue(()) // Break cancels
//! });
//! report.check()?;
//! # Ok::<(), regconf::Error>(())
//! ```
//!
//! # A fleet, part by part
//! ```
//! use regconf::{Batch, Options, Threshold};
//!
//! let mut options = Options::default();
//! options.canary = 1; // one node first; if it fails, no other is begun
//! options.batch = Batch::Percent(10);
//! options.parallel_apply = 1; // read everywhere at once, restart one by one
//! options.max_failures = Some(Threshold::Percent(5)); // over the whole run
//! options.journal = Some("rollout.jsonl".into()); // called again, only what is left is done
//! ```
#![forbid(unsafe_code)]

mod advice;
mod edit;
mod engine;
mod error;
mod explain;
mod facts;
#[cfg(fuzzing)]
#[doc(hidden)]
pub mod fuzzing;
mod host;
mod image;
#[cfg(feature = "import")]
pub mod import;
pub mod inventory;
mod limit;
mod node;
mod object;
mod plan;
mod probe;
mod redact;
mod remote;
mod reply;
mod report;
mod resolution;
mod rollout;
mod script;
mod secret;
mod settings;
pub mod transport;

pub use advice::{Advice, advice};
pub use engine::{Engine, plan};
pub use error::{Error, ErrorKind, Result};
pub use explain::{EngineExplanation, Explanation};
pub use facts::{Answer, Facts, Query};
pub use host::RegistryHost;
pub use image::ImageReference;
pub use limit::Cancel;
pub use node::{Become, HostKeys, Identity, Node};
pub use plan::{Action, Activation, Check, Draft, FileChange, Manager, Note, Plan, STAGED};
pub use probe::{Found, Probe};
pub use report::{Group, Groups, NodeReport, Outcome, Pull, Report, Timing};
pub use resolution::{HostTrust, Resolution, ResolvedHost};
pub use rollout::{
    Batch, BatchKind, Event, Moment, Observer, Options, Rollout, Stage, Threshold, Unreachable, push, survey,
};
pub use secret::Secret;
pub use settings::{Capability, Client, Endpoint, EndpointUrl, Registry, Removal, Settings, Trust};

/// The README's examples are tested.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;

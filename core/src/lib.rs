//! # regconf
#![forbid(unsafe_code)]

mod edit;
mod engine;
pub mod error;
mod facts;
mod host;
pub mod inventory;
mod node;
mod plan;
mod redact;
mod remote;
mod reply;
mod report;
mod rollout;
mod script;
mod secret;
mod settings;
pub mod transport;

pub use engine::{Engine, plan};
pub use error::{Error, ErrorKind, Result};
pub use facts::{Answer, Facts, Query};
pub use host::RegistryHost;
pub use node::{Become, HostKeys, Identity, Node};
pub use plan::{Action, Activation, Check, Draft, FileChange, Note, Plan, STAGED};
pub use report::{NodeReport, Outcome, Report};
pub use rollout::{Event, Observer, Options, Rollout, Stage, push, survey};
pub use secret::Secret;
pub use settings::{Capability, Client, Endpoint, EndpointUrl, Registry, Removal, Settings, Trust};
pub use transport::Cancel;

//! # regconf
#![forbid(unsafe_code)]

mod edit;
pub mod error;
mod facts;
mod host;
mod node;
mod secret;
mod settings;
pub mod transport;

pub use error::{Error, ErrorKind, Result};
pub use facts::{Answer, Facts, Query};
pub use host::RegistryHost;
pub use node::{Become, HostKeys, Identity, Node};
pub use secret::Secret;
pub use settings::{Capability, Client, Endpoint, EndpointUrl, Registry, Removal, Settings, Trust};

//! A fleet of real nodes on one machine.
//!
//! Every node is a container of its own with its own systemd, sshd,
//! containerd, docker, address and file system. Next to them stands one real
//! registry, reachable over http and https. All of it lives in network
//! namespaces that no route leaves, so a test talks to real daemons and to
//! nothing else.
//!
//! ```no_run
//! use regconf_fleet::{Fleet, FleetOptions, User};
//!
//! # fn main() -> regconf_fleet::Result<()> {
//! let fleet = Fleet::start(&FleetOptions::default())?;
//! let image = fleet.registry().push("team/app", "v2")?;
//! for node in fleet.nodes() {
//!     assert!(!node.crictl_pull(&image.at(5000))?.success());
//! }
//! fleet.in_controller(|| { /* connect to 192.168.30.x:22 as User::Ops */ })?;
//! # Ok(())
//! # }
//! ```
//!
//! It needs root on a Debian machine. The first start makes the base file
//! systems, which takes minutes (see `make-bases`); later ones take seconds.

#![warn(missing_docs)]

mod bases;
mod certs;
mod cgroup;
mod error;
mod fleet;
mod image;
mod inspect;
mod kind;
mod namespace;
mod node;
mod nspawn;
mod registry;
mod rootfs;
mod run;
mod rundir;
mod sweep;
mod users;

pub use bases::{cache_dir, ensure_bases, ensure_judges};
pub use error::{Error, Result};
pub use fleet::{Fleet, FleetOptions, switched_off};
pub use image::Image;
pub use kind::Kind;
pub use node::Node;
pub use registry::{HTTP_PORT, PRIVATE_CA_PORT, REGISTRY_ADDRESS, Registry, SELF_SIGNED_PORT};
pub use run::Output;
pub use users::User;

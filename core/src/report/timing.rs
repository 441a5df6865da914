//! How long the parts of a node's turn took.

use std::time::Duration;

/// How long each phase of a node's turn took; zero for one that it did not come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Timing {
    /// Connecting and logging in.
    pub connect: Duration,
    /// Starting a shell with the rights that are needed, reading files, and asking the registries' addresses.
    pub gather: Duration,
    /// Making the plan.
    pub plan: Duration,
    /// Waiting for its turn to restart, see [`parallel_apply`](crate::Options::parallel_apply).
    pub wait: Duration,
    /// Writing files and activating.
    pub apply: Duration,
    /// Seeing whether the new settings are in force, and pulling.
    pub verify: Duration,
}

/// A phase of a node's turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    Connect,
    Gather,
    Plan,
    Wait,
    Apply,
    Verify,
}

impl Timing {
    pub(crate) fn add(&mut self, phase: Phase, spent: Duration) {
        let slot = match phase {
            Phase::Connect => &mut self.connect,
            Phase::Gather => &mut self.gather,
            Phase::Plan => &mut self.plan,
            Phase::Wait => &mut self.wait,
            Phase::Apply => &mut self.apply,
            Phase::Verify => &mut self.verify,
        };
        *slot += spent;
    }
}

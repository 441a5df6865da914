//! The kinds of nodes.

use std::fmt;

/// What a node is made from. The versions are those of the Debian release;
/// ask a running node for its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Debian 12: containerd 1.6, docker 20.10, config version 2.
    Bookworm,
    /// Debian 13: containerd 1.7, docker 26.1, config version 2.
    Trixie,
    /// Debian 13 with the engines of Debian unstable: containerd 2, docker 28.
    /// Its packaged config file still says version 2.
    Edge,
}

impl Kind {
    /// Every kind there is, oldest engines first.
    pub const ALL: [Self; 3] = [Self::Bookworm, Self::Trixie, Self::Edge];

    /// The name of its base file system, and of the first node of this kind.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bookworm => "bookworm",
            Self::Trixie => "trixie",
            Self::Edge => "edge",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

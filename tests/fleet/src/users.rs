//! The users every node has.

/// A user who can log in over SSH, with the fleet's client key and, except
/// for root, with the fleet's password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum User {
    /// The superuser, by key only.
    Root,
    /// May use sudo without a password.
    Ops,
    /// May use sudo, which asks for the password.
    Asks,
    /// Has no sudo.
    Plain,
    /// Like `Ops`, but with a login shell that is not POSIX.
    Tcsh,
    /// Like `Ops`, but profile and bashrc print a banner, also without a
    /// terminal.
    Banner,
}

impl User {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Root, Self::Ops, Self::Asks, Self::Plain, Self::Tcsh, Self::Banner];

    /// The login name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Root => "root",
            Self::Ops => "ops",
            Self::Asks => "asks",
            Self::Plain => "plain",
            Self::Tcsh => "tcsh",
            Self::Banner => "banner",
        }
    }

    /// Whether the fleet's password opens this account.
    pub fn has_password(self) -> bool {
        self != Self::Root
    }
}

//! Becoming root: the question for a password, and what went wrong when there is no shell.

use crate::error::{Error, ErrorKind, Result};
use crate::node::{Become, Node};
use crate::script;
use crate::secret::Secret;

/// A question for a password that may come before the shell.
pub(super) struct Asking<'a> {
    pub(super) prompt: String,
    pub(super) password: &'a Secret,
    by: Become,
}

impl<'a> Asking<'a> {
    /// What the node may ask; `None` if it is to ask for nothing.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] for su without a password: it would take the first line of a script for one.
    pub(super) fn of(node: &'a Node, nonce: &str) -> Result<Option<Self>> {
        let by = node.become_root;
        Ok(match (by, &node.become_password) {
            (Become::Su, None) => {
                let error = Error::invalid("is missing, and su asks for it").with_key("become_password");
                return Err(error.with_hint("give the password of root, or become root by sudo"));
            }
            (Become::Sudo, Some(password)) => Some(Self { prompt: script::prompt(nonce), password, by }),
            (Become::Su, Some(password)) => Some(Self { prompt: script::PROMPT_OF_SU.to_owned(), password, by }),
            _ => None,
        })
    }

    /// The password was not taken.
    pub(super) fn refused(&self, user: &str) -> Error {
        let (program, whose) = if self.by == Become::Su { ("su", "root") } else { ("sudo", user) };
        Error::new(ErrorKind::Privilege, format!("{program} does not take the password of {whose}"))
            .with_hint("correct become_password")
    }
}

/// Why a shell ended before it had answered, as far as what it said tells.
pub(super) fn ended_early(said: &str, become_root: Become) -> Error {
    let privilege = |what: &str, hint: &str| Error::new(ErrorKind::Privilege, what).with_hint(hint);
    match (become_root, said) {
        (Become::Sudo, said) if said.contains("password is required") => privilege(
            "sudo asks for a password",
            "give become_password, or allow the account a shell by sudo without one",
        ),
        (Become::Sudo, said) if said.contains("incorrect password") => {
            privilege("sudo does not take the password", "correct become_password")
        }
        (Become::Sudo, said) if said.contains("must have a tty") => {
            privilege("sudo wants a terminal (requiretty)", "take requiretty out of sudoers for this account")
        }
        (Become::Sudo, said)
            if said.contains("not in the sudoers") || said.contains("not allowed") || said.contains("may not run") =>
        {
            privilege("the account may not use sudo for a shell", "allow it in sudoers, or log in as root")
        }
        (Become::Sudo, said) if said.contains("sudo") && said.contains("not found") => {
            privilege("sudo is not in the account's PATH on the node", "install it, or log in as root")
        }
        (Become::Doas, said) if said.contains("Authentication") || said.contains("authorization") => {
            privilege("doas asks for a password, and takes none without a terminal", "permit nopass in doas.conf")
        }
        (Become::Doas, said) if said.contains("not permitted") || said.contains("doas.conf") => {
            privilege("the account may not use doas for a shell", "permit it in doas.conf, or log in as root")
        }
        (Become::Doas, said) if said.contains("doas") && said.contains("not found") => {
            privilege("there is no doas on the node", "log in as root")
        }
        (Become::Su, said) if said.contains("su: ") => {
            let refused = said.contains("uthentication failure") || said.contains("incorrect password");
            let what = if refused { "su does not take the password of root" } else { "the account may not use su" };
            privilege(what, "correct become_password, which for su is root's, or become root by sudo")
        }
        (_, "") => Error::new(ErrorKind::Command, "the node's shell ended without an answer")
            .with_hint("the account may have a forced command, no login shell, or a start-up file that ends it"),
        (_, said) => {
            Error::new(ErrorKind::Command, format!("the node's shell ended without an answer; it said: {said}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn su_is_not_started_without_a_password() {
        let mut node = Node::new("n1").unwrap();
        node.become_root = Become::Su;
        let error = Asking::of(&node, "x").err().unwrap();
        assert_eq!((error.kind(), error.key()), (ErrorKind::InvalidArgument, Some("become_password")));
    }

    #[test]
    fn what_sudo_says_is_understood() {
        for (said, hint) in [
            ("sudo: a password is required", "give become_password"),
            ("Sorry, try again.\nsudo: 1 incorrect password attempt", "correct become_password"),
            ("sudo: sorry, you must have a tty to run sudo", "requiretty"),
            ("ops is not in the sudoers file.", "allow it in sudoers"),
            ("sh: 1: exec: sudo: not found", "log in as root"),
        ] {
            let error = ended_early(said, Become::Sudo);
            assert_eq!(error.kind(), ErrorKind::Privilege, "{said}");
            assert!(error.hint().is_some_and(|text| text.contains(hint)), "{said}: {error}");
        }
        for (said, hint) in [
            ("Password: su: Authentication failure", "for su is root's"),
            ("su: Permission denied", "become root by sudo"),
        ] {
            let error = ended_early(said, Become::Su);
            assert_eq!(error.kind(), ErrorKind::Privilege, "{said}");
            assert!(error.hint().is_some_and(|text| text.contains(hint)), "{said}: {error}");
        }
        assert_eq!(ended_early("", Become::None).kind(), ErrorKind::Command);
    }
}

//! How a call ended.

use std::ffi::{c_char, c_int};

use regconf::ErrorKind;

/// How a call ended, and the kind of an error. The numbers never change their meaning; later versions may add some.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub enum regconf_status {
    /// It went well.
    REGCONF_OK = 0,
    /// An argument or a setting has a value that it may not have.
    REGCONF_INVALID_ARGUMENT = 1,
    /// A file or an answer is not what its format demands.
    REGCONF_PARSE = 2,
    /// Two settings, or a setting and an existing file, exclude each other.
    REGCONF_CONFLICT = 3,
    /// The engine, its version or this library cannot do what was asked.
    REGCONF_UNSUPPORTED = 4,
    /// The node cannot be reached.
    REGCONF_CONNECT = 5,
    /// The host key is unknown, changed or revoked.
    REGCONF_HOST_KEY = 6,
    /// The node accepted none of the credentials.
    REGCONF_AUTHENTICATION = 7,
    /// Logged in, but not allowed to become root.
    REGCONF_PRIVILEGE = 8,
    /// The node's shell did not do what the script said.
    REGCONF_COMMAND = 9,
    /// A file changed after the plan was made from it; nothing was written.
    REGCONF_STALE = 10,
    /// An engine could not be reloaded or restarted.
    REGCONF_ACTIVATION = 11,
    /// The engine runs, but the new setting is not in force.
    REGCONF_VERIFICATION = 12,
    /// A deadline has passed.
    REGCONF_TIMEOUT = 13,
    /// The caller cancelled, or a limit that they set has stopped the rollout.
    REGCONF_CANCELLED = 14,
    /// Reading or writing failed.
    REGCONF_IO = 15,
    /// A fault of this library.
    REGCONF_INTERNAL = 99,
}

use regconf_status as S;

/// Every kind and its status, one for one.
const KINDS: [(ErrorKind, S, &std::ffi::CStr); 16] = [
    (ErrorKind::InvalidArgument, S::REGCONF_INVALID_ARGUMENT, c"invalid_argument"),
    (ErrorKind::Parse, S::REGCONF_PARSE, c"parse"),
    (ErrorKind::Conflict, S::REGCONF_CONFLICT, c"conflict"),
    (ErrorKind::Unsupported, S::REGCONF_UNSUPPORTED, c"unsupported"),
    (ErrorKind::Connect, S::REGCONF_CONNECT, c"connect"),
    (ErrorKind::HostKey, S::REGCONF_HOST_KEY, c"host_key"),
    (ErrorKind::Authentication, S::REGCONF_AUTHENTICATION, c"authentication"),
    (ErrorKind::Privilege, S::REGCONF_PRIVILEGE, c"privilege"),
    (ErrorKind::Command, S::REGCONF_COMMAND, c"command"),
    (ErrorKind::Stale, S::REGCONF_STALE, c"stale"),
    (ErrorKind::Activation, S::REGCONF_ACTIVATION, c"activation"),
    (ErrorKind::Verification, S::REGCONF_VERIFICATION, c"verification"),
    (ErrorKind::Timeout, S::REGCONF_TIMEOUT, c"timeout"),
    (ErrorKind::Cancelled, S::REGCONF_CANCELLED, c"cancelled"),
    (ErrorKind::Io, S::REGCONF_IO, c"io"),
    (ErrorKind::Internal, S::REGCONF_INTERNAL, c"internal"),
];

impl From<ErrorKind> for regconf_status {
    fn from(kind: ErrorKind) -> Self {
        KINDS.iter().find(|(known, ..)| *known == kind).map_or(Self::REGCONF_INTERNAL, |(_, status, _)| *status)
    }
}

/// The name of a status, such as `host_key`; `ok` for success, `unknown` for a number that is none.
///
/// @param status  any number
/// @return  a text that is never freed
#[unsafe(no_mangle)]
pub extern "C" fn regconf_status_name(status: c_int) -> *const c_char {
    let named = KINDS.iter().find(|(_, known, _)| *known as c_int == status);
    let other = if status == S::REGCONF_OK as c_int { c"ok" } else { c"unknown" };
    named.map_or(other, |(.., name)| name).as_ptr()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_have_the_numbers_and_names_of_the_library() {
        for (kind, status, name) in KINDS {
            assert_eq!((kind as c_int, Ok(kind.name())), (status as c_int, name.to_str()));
        }
        // SAFETY: the texts are static.
        let name = |status| unsafe { std::ffi::CStr::from_ptr(regconf_status_name(status)) };
        assert_eq!((name(0), name(14), name(-1)), (c"ok", c"cancelled", c"unknown"));
    }
}

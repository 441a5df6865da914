//! What libssh2 says, in words that tell what to do.

use libssh2_sys as c;
use ssh2::{ErrorCode, MethodType, Session};

use super::failure::Failure;
use crate::error::{Error, ErrorKind};

/// The key exchange failed. A server that just hangs up may be too busy (`MaxStartups`), which passes.
pub(super) fn handshake(error: &ssh2::Error, session: &Session, host_keys: &str, has_ended: bool) -> Failure {
    let said = session.banner_bytes().map(clean).unwrap_or_default();
    let is_ssh = said.starts_with("SSH-");
    match code(error) {
        _ if !is_ssh && is_gone(error) => Failure::passing(no_banner(&said)),
        _ if !is_ssh => no_banner(&said).into(),
        _ if has_ended || is_closed(error) => {
            let error = connect(format!("the server ({said}) closed the connection during the key exchange"));
            Failure::passing(error.with_hint("its log says why: journalctl -u ssh -u sshd"))
        }
        c::LIBSSH2_ERROR_KEX_FAILURE | c::LIBSSH2_ERROR_METHOD_NONE => {
            no_common_algorithm(&said, session, host_keys).into()
        }
        c::LIBSSH2_ERROR_HOSTKEY_INIT | c::LIBSSH2_ERROR_HOSTKEY_SIGN => {
            let message = format!("the server ({said}) could not prove that it owns its host key: {}", text(error));
            let error = Error::new(ErrorKind::HostKey, message);
            error.with_hint("this may be an attack, or a broken host key on the node").into()
        }
        _ => connect(format!("the key exchange with the server ({said}) failed: {}", text(error))).into(),
    }
}

fn no_banner(said: &str) -> Error {
    let hint = "too many logins at once (MaxStartups), a ban after failed ones (PerSourcePenalties, fail2ban), or \
                something other than SSH on this port";
    let message = "the server closed the connection before it said who it is";
    connect(if said.is_empty() { message.to_owned() } else { format!("{message}; it said {said:?}") }).with_hint(hint)
}

fn no_common_algorithm(said: &str, session: &Session, host_keys: &str) -> Error {
    let ours = |kind| session.supported_algs(kind).map(|all| all.join(", ")).unwrap_or_default();
    let message = format!("no key exchange, host key or cipher in common with the server ({said})");
    connect(message).with_hint(format!(
        "allow one of each in its sshd_config: KexAlgorithms {}; HostKeyAlgorithms {}; Ciphers {}",
        ours(MethodType::Kex),
        host_keys.replace(',', ", "),
        ours(MethodType::CryptCs)
    ))
}

/// The connection ended when it should not.
pub(super) fn lost(cause: &str) -> Error {
    let error = connect(format!("the connection was lost: {}", clean(cause.as_bytes())));
    error.with_hint("the node went down, its network was cut, or sshd was stopped")
}

/// The server did not open a channel.
pub(super) fn no_channel(error: &ssh2::Error) -> Error {
    if is_closed(error) {
        return lost(error.message());
    }
    let message = format!("the server opened no channel: {}", text(error));
    connect(message).with_hint("check MaxSessions in its sshd_config")
}

/// A jump host did not open a way to a node.
pub(super) fn no_tunnel(error: &ssh2::Error, address: &str, port: u16) -> Failure {
    let said = error.message().trim_start_matches("Channel open failure").trim_matches([' ', '(', ')']);
    let said = if said.is_empty() { "it gives no reason" } else { said };
    let error = connect(format!("it opens no way to {address}:{port}: {}", clean(said.as_bytes())));
    if said.contains("prohibited") {
        return error.with_hint("allow it in its sshd_config: AllowTcpForwarding, PermitOpen").into();
    }
    Failure::passing(error.with_hint("check that the node is on, and that the jump host can reach its sshd"))
}

/// The server did not start the command.
pub(super) fn no_exec(error: &ssh2::Error) -> Error {
    if is_closed(error) {
        return lost(error.message());
    }
    let message = format!("the server started no command: {}", text(error));
    connect(message).with_hint("the account may not run commands: check its shell, and ForceCommand in sshd_config")
}

/// Something that cannot happen unless memory is out.
pub(super) fn internal(error: &ssh2::Error) -> Error {
    Error::new(ErrorKind::Internal, format!("libssh2: {}", text(error)))
}

/// Whether the connection ended before the server said who it is.
fn is_gone(error: &ssh2::Error) -> bool {
    is_closed(error) || code(error) == c::LIBSSH2_ERROR_BANNER_RECV
}

/// Whether the server is gone.
pub(super) fn is_closed(error: &ssh2::Error) -> bool {
    let gone = [
        c::LIBSSH2_ERROR_SOCKET_DISCONNECT,
        c::LIBSSH2_ERROR_SOCKET_RECV,
        c::LIBSSH2_ERROR_SOCKET_SEND,
        c::LIBSSH2_ERROR_BANNER_SEND,
    ];
    gone.contains(&code(error))
}

/// libssh2's number of an error.
pub(super) fn code(error: &ssh2::Error) -> i32 {
    let (ErrorCode::Session(code) | ErrorCode::SFTP(code)) = error.code();
    code
}

/// libssh2's text of an error.
pub(super) fn text(error: &ssh2::Error) -> String {
    clean(error.message().as_bytes())
}

/// Text of the other side, fit to be shown: one line, no control characters, not long.
pub(super) fn clean(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text);
    let plain = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    plain.take(200).collect::<String>().trim().to_owned()
}

fn connect(message: String) -> Error {
    Error::new(ErrorKind::Connect, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_the_other_side_is_harmless() {
        assert_eq!(clean(b"\x1b[31mExceeded\nMaxStartups\r\n"), "[31mExceeded MaxStartups");
        assert_eq!(clean(&[b'a'; 1000]).len(), 200);
    }
}

//! In which order key exchanges are offered.

use ssh2::{Error, MethodType, Session};

/// OpenSSL computes it in every server.
const FIRST: &str = "ecdh-sha2-nistp256";
/// As strong (128 bits, RFC 9142), but C of OpenSSH's own, which takes a node several milliseconds more.
const BEHIND: &str = "curve25519-sha256";

/// Offers all that libssh2 has, in its order, which has those in front that withstand quantum computers; but of two that
/// are as strong as each other the one comes first that costs a node less.
pub(super) fn offer(session: &Session) -> Result<(), Error> {
    let order = ordered(&session.supported_algs(MethodType::Kex)?);
    session.method_pref(MethodType::Kex, &order)
}

fn ordered(supported: &[&str]) -> String {
    let mut all = supported.to_vec();
    let at = |name: &str| supported.iter().position(|one| *one == name);
    if let (Some(to), Some(from)) = (at(BEHIND), at(FIRST))
        && from > to
    {
        all[to..=from].rotate_right(1);
    }
    all.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_preferred_and_all_else_stays() {
        let order = |names: &str| ordered(&names.split(' ').collect::<Vec<_>>());
        assert_eq!(
            order("mlkem768x25519-sha256 curve25519-sha256 curve25519-sha256@libssh.org ecdh-sha2-nistp256 dh"),
            "mlkem768x25519-sha256,ecdh-sha2-nistp256,curve25519-sha256,curve25519-sha256@libssh.org,dh"
        );
        assert_eq!(order("ecdh-sha2-nistp256 curve25519-sha256"), "ecdh-sha2-nistp256,curve25519-sha256");
        assert_eq!(order("curve25519-sha256 dh"), "curve25519-sha256,dh");
    }

    #[test]
    fn nothing_is_left_out_and_quantum_safe_exchanges_stay_first() {
        let session = Session::new().unwrap();
        let supported = session.supported_algs(MethodType::Kex).unwrap();
        let order = ordered(&supported);
        assert_eq!(order.split(',').count(), supported.len());
        let at = |name: &str| order.find(name).unwrap();
        assert!(order.starts_with("mlkem") && order.rfind("mlkem") < order.find(FIRST), "{order}");
        assert!(at(FIRST) < at(BEHIND), "{order}");
        offer(&session).unwrap();
    }
}

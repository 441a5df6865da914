//! Servers that are none, up to the key exchange.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

use regconf::{ErrorKind, HostKeys, Identity, Node};

use super::{converse, within};
use crate::support::Sshd;
use crate::support::saboteur::{Then, sabotaged};

/// A node where this is served, and with a login that it will not see.
fn served(serve: impl Fn(&mut TcpStream) + Send + 'static) -> Node {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut node = Node::new(format!("127.0.0.1:{}", listener.local_addr().unwrap().port())).unwrap();
    std::thread::spawn(move || listener.incoming().for_each(|stream| serve(&mut stream.unwrap())));
    node.identities = vec![Identity::Key("-----BEGIN RSA PRIVATE KEY-----\n".into())];
    node.host_keys = HostKeys::Pinned(vec![format!("SHA256:{}", "A".repeat(43))]);
    node.connect_attempts = 1;
    node
}

fn for_ever(stream: &mut TcpStream, bytes: &[u8]) {
    while stream.write_all(bytes).is_ok() {}
}

/// A packet before keys are exchanged (RFC 4253 section 6).
fn packet(payload: &[u8]) -> Vec<u8> {
    let padding = 8 - (5 + payload.len()) % 8 + 8;
    let length = u32::try_from(1 + payload.len() + padding).unwrap();
    let mut out = length.to_be_bytes().to_vec();
    out.push(u8::try_from(padding).unwrap());
    out.extend_from_slice(payload);
    out.resize(out.len() + padding, 0);
    out
}

#[test]
fn floods_before_the_key_exchange() {
    let floods: [(&str, Vec<u8>); 5] = [
        ("lines before the version", b"welcome\r\n".repeat(1 << 10)),
        ("a line without an end", b"w".repeat(1 << 14)),
        ("a version without an end", b"SSH-2.0-".repeat(1 << 10)),
        ("packets to ignore", packet(&[&[2, 0, 0, 4, 0][..], &[0; 1024]].concat()).repeat(16)),
        ("zeros", vec![0; 1 << 14]),
    ];
    for (what, flood) in floods {
        let is_packet = what.starts_with("packets");
        let node = served(move |stream| {
            if is_packet {
                stream.write_all(b"SSH-2.0-flood\r\n").unwrap();
            }
            for_ever(stream, &flood);
        });
        let error = within(2, || converse(&node, "cat", 2)).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Timeout | ErrorKind::Connect), "{what}: {error:?}");
    }
}

#[test]
fn nonsense_instead_of_a_key_exchange() {
    let nonsense: [(&str, Vec<u8>); 5] = [
        ("a huge packet", [&0x7fff_ffff_u32.to_be_bytes()[..], &[0; 64]].concat()),
        ("an empty packet", 0_u32.to_be_bytes().repeat(16)),
        ("algorithms cut short", packet(&[&[20][..], &[0; 16], &[0, 0, 255, 255, b'x']].concat())),
        ("no algorithms", packet(&[&[20][..], &[0; 16], &[0; 45]].concat())),
        ("a disconnect", packet(b"\x01\0\0\0\x02\0\0\0\x03\x1b[m\0\0\0\0")),
    ];
    for (what, bytes) in nonsense {
        let node = served(move |stream| {
            stream.write_all(b"SSH-2.0-nonsense\r\n").unwrap();
            stream.write_all(&bytes).unwrap();
            let _ = stream.read_to_end(&mut Vec::new());
        });
        let error = within(3, || converse(&node, "cat", 3)).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Timeout | ErrorKind::Connect), "{what}: {error:?}");
        assert!(!error.to_string().contains('\x1b'), "{what}: {error:?}");
    }
}

#[test]
fn another_key_than_the_pinned_one() {
    let (sshd, other) = (Sshd::start(), Sshd::start());
    let mut node = sabotaged(&sshd, usize::MAX, Then::Cut);
    node.host_keys = HostKeys::Pinned(vec![other.fingerprint("host_ed25519.pub")]);
    let error = within(10, || converse(&node, "cat", 10)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::HostKey);
    assert!(!sshd.read("log").contains("Accepted"));
}

//! A way to a server that breaks at a chosen byte of what the server says.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};

use regconf::{HostKeys, Node};

use super::Sshd;

/// What happens at that byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Then {
    /// The connection ends.
    Cut,
    /// No more comes.
    Hang,
}

/// The node of a server, reached by a way that lets so many bytes of each connection through. It is there until the
/// process ends.
pub(crate) fn sabotaged(sshd: &Sshd, bytes: usize, then: Then) -> Node {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let target = (sshd.address.clone(), sshd.port);
    std::thread::spawn(move || {
        for client in listener.incoming() {
            let server = TcpStream::connect((target.0.as_str(), target.1)).unwrap();
            carry(client.unwrap(), server, bytes, then);
        }
    });
    let mut node = sshd.node();
    node.host_keys = HostKeys::Pinned(vec![sshd.fingerprint("host_ed25519.pub")]);
    "127.0.0.1".clone_into(&mut node.address);
    node.port = port;
    node.connect_attempts = 1;
    node
}

fn carry(client: TcpStream, server: TcpStream, mut left: usize, then: Then) {
    let (mut from_client, mut to_server) = (client.try_clone().unwrap(), server.try_clone().unwrap());
    std::thread::spawn(move || {
        let _ = std::io::copy(&mut from_client, &mut to_server);
        let _ = to_server.shutdown(Shutdown::Both);
    });
    std::thread::spawn(move || {
        let (mut client, mut server) = (client, server);
        let mut buffer = [0; 4096];
        while left > 0 {
            let most = buffer.len().min(left);
            let Ok(count @ 1..) = server.read(&mut buffer[..most]) else { break };
            if client.write_all(&buffer[..count]).is_err() {
                break;
            }
            left -= count;
        }
        if left == 0 && then == Then::Hang {
            // Until the client gives up.
            std::thread::park_timeout(std::time::Duration::from_secs(60));
        }
        let _ = client.shutdown(Shutdown::Both);
        let _ = server.shutdown(Shutdown::Both);
    });
}

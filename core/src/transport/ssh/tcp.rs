//! The way to a server: its addresses, one of which answers in time.

use std::io::{Error as IoError, ErrorKind as Io};
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use socket2::{Domain, Protocol, Socket, TcpKeepalive, Type};

use super::TICK;
use super::failure::Failure;
use super::wire::Wire;
use crate::error::{Error, ErrorKind, Result};
use crate::node::Node;
use crate::transport::Limit;

/// How long an address may be silent before the next is tried beside it (RFC 8305 section 5).
const HEAD_START: Duration = Duration::from_millis(250);

/// How long the other side may leave bytes unacknowledged. A machine that vanishes sends no word of it.
const SILENCE: Duration = Duration::from_secs(30);

/// How much the kernel keeps for us: no more than a server may send unasked, and little to read on when it is cut off.
const RECEIVE_BUFFER: usize = 256 * 1024;

/// Connects to the first address that answers. The stream is non-blocking.
pub(super) fn connect(node: &Node, limit: &Limit) -> Result<Wire, Failure> {
    let place = place(node);
    let addresses = resolve(node, limit).map_err(|error| error.context(&place))?;
    let socket = race(&addresses, &place, limit)?;
    prepare(&socket).map_err(|error| failed(&place, &error.to_string()))?;
    Ok(Wire::network(socket))
}

/// The node's address as it is shown: `host:port`, IPv6 in brackets.
pub(super) fn place(node: &Node) -> String {
    let Node { address, port, .. } = node;
    if address.contains(':') { format!("[{address}]:{port}") } else { format!("{address}:{port}") }
}

fn resolve(node: &Node, limit: &Limit) -> Result<Vec<SocketAddr>> {
    if let Ok(address) = node.address.parse::<IpAddr>() {
        return Ok(vec![SocketAddr::new(address, node.port)]);
    }
    // The resolver cannot be interrupted; it is left behind when time is up, and ends by its own limits.
    let (sender, receiver) = channel();
    let host = (node.address.clone(), node.port);
    let resolver = move || sender.send(host.to_socket_addrs().map(Iterator::collect::<Vec<_>>));
    std::thread::Builder::new()
        .name("regconf-resolve".to_owned())
        .spawn(resolver)
        .map_err(|error| Error::new(ErrorKind::Internal, format!("no thread can be started: {error}")))?;
    loop {
        match receiver.recv_timeout(limit.left()?.min(TICK)) {
            Ok(Ok(addresses)) if !addresses.is_empty() => return Ok(addresses),
            Ok(Ok(_)) => return Err(no_such_host("it has no address")),
            Ok(Err(error)) => return Err(no_such_host(&error.to_string())),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return Err(no_such_host("the resolver failed")),
        }
    }
}

fn no_such_host(cause: &str) -> Error {
    let cause = cause.strip_prefix("failed to lookup address information: ").unwrap_or(cause);
    let error = Error::new(ErrorKind::Connect, format!("no such host: {cause}"));
    error.with_hint("check the node's address and the name server")
}

/// Tries the addresses in their order, each with a head start to the next.
fn race(addresses: &[SocketAddr], place: &str, limit: &Limit) -> Result<Socket, Failure> {
    let mut waiting = addresses.iter();
    let mut running: Vec<Socket> = Vec::new();
    let mut next_start = Instant::now();
    let mut last_error = None;
    loop {
        if running.is_empty() || Instant::now() >= next_start {
            match waiting.next().map(|address| begin(*address)) {
                Some(Ok(socket)) => running.push(socket),
                Some(Err(error)) => last_error = Some(error),
                None if running.is_empty() => return Err(Failure::passing(refused(place, last_error))),
                None => {}
            }
            next_start = Instant::now() + HEAD_START;
        }
        let left = limit.left().map_err(|error| late(error, place))?;
        match first_ready(&mut running, left.min(TICK)) {
            Ok(Some(socket)) => return Ok(socket),
            Ok(None) => {}
            Err(error) => {
                last_error = Some(error);
                next_start = Instant::now();
            }
        }
    }
}

fn begin(address: SocketAddr) -> Result<Socket, IoError> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_nonblocking(true)?;
    socket.set_recv_buffer_size(RECEIVE_BUFFER)?;
    match socket.connect(&address.into()) {
        Err(error) if !is_under_way(&error) => Err(error),
        _ => Ok(socket),
    }
}

fn is_under_way(error: &IoError) -> bool {
    error.kind() == Io::WouldBlock || error.raw_os_error() == Some(Errno::INPROGRESS.raw_os_error())
}

/// Waits for one of the sockets to connect, or to fail: that one is taken out.
fn first_ready(running: &mut Vec<Socket>, wait: Duration) -> Result<Option<Socket>, IoError> {
    if running.is_empty() {
        return Ok(None);
    }
    let mut polled: Vec<_> = running.iter().map(|socket| PollFd::new(socket, PollFlags::OUT)).collect();
    let wait = Timespec::try_from(wait).ok();
    match poll(&mut polled, wait.as_ref()) {
        Ok(_) | Err(Errno::INTR) => {}
        Err(error) => return Err(error.into()),
    }
    let Some(at) = polled.iter().position(|fd| !fd.revents().is_empty()) else { return Ok(None) };
    drop(polled);
    let socket = running.remove(at);
    match socket.take_error()? {
        None => Ok(Some(socket)),
        Some(error) => Err(error),
    }
}

fn prepare(socket: &Socket) -> Result<(), IoError> {
    socket.set_tcp_nodelay(true)?;
    // Small packets keep the state of firewalls on the way alive while a service restarts for minutes.
    socket.set_tcp_keepalive(&TcpKeepalive::new().with_time(SILENCE / 2).with_interval(SILENCE / 2))?;
    #[cfg(target_os = "linux")]
    socket.set_tcp_user_timeout(Some(SILENCE))?;
    Ok(())
}

fn late(error: Error, place: &str) -> Error {
    let error = error.context(place);
    if error.kind() == ErrorKind::Timeout {
        return error.with_hint("nothing answers there: the machine is off, or a firewall drops the packets");
    }
    error
}

fn refused(place: &str, error: Option<IoError>) -> Error {
    let Some(error) = error else { return failed(place, "it has no address") };
    let (cause, hint) = match error.kind() {
        Io::ConnectionRefused => ("connection refused", "check that sshd runs there and listens on this port"),
        Io::TimedOut => ("no answer", "the machine is off, or a firewall drops the packets"),
        Io::HostUnreachable => ("no route to the host", "check that the machine is on and in the network"),
        Io::NetworkUnreachable => ("no route to the network", "check this machine's routes"),
        _ => return failed(place, &error.to_string()),
    };
    failed(place, cause).with_hint(hint)
}

fn failed(place: &str, cause: &str) -> Error {
    Error::new(ErrorKind::Connect, format!("cannot connect to {place}: {cause}"))
}

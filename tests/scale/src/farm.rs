//! The nodes: one listening socket, behind which each address of the loopback network is a server of its own.

use std::collections::HashMap;
use std::io::Read;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, SocketAddrV4, TcpListener};
use std::process::Stdio;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use russh::keys::{PrivateKey, PublicKey};
use russh::server::{Auth, ChannelOpenHandle, Config, Handler, Msg, Session, VerifiedPublicKey, run_stream};
use russh::{Channel, ChannelId, ChannelMsg, MethodKind, MethodSet};
use serde::{Deserialize, Serialize};
use socket2::{Domain, Protocol, Socket, Type};
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::process::Command;

use crate::Fault;
use crate::canned::Canned;
use crate::fixture::index;

/// How many connections may wait to be accepted.
const BACKLOG: i32 = 4096;

/// What the nodes are like.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Farm {
    /// In OpenSSH's formats.
    pub(crate) host_key: String,
    pub(crate) login: String,
    pub(crate) shell: Shell,
    pub(crate) hang: Hang,
    /// How long a node takes to answer, in milliseconds.
    pub(crate) hold: u64,
}

/// What runs on a node.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
pub(crate) enum Shell {
    /// Nothing: answers are made up, so that the farm costs little.
    Canned,
    /// `sh`.
    Real,
}

/// What one node in a hundred does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub(crate) enum Hang {
    Never,
    /// It accepts the connection and never says a word.
    AtOnce,
    /// It lets the client log in and never says a word more.
    AfterLogin,
}

/// Prints the port and serves until the standard input ends.
pub(crate) fn run(farm: &Farm) -> Result<(), Fault> {
    let listener = listen()?;
    let port = listener.local_addr()?.port();
    let node = Arc::new(Node::new(farm)?);
    for _ in 0..thread::available_parallelism()?.get() {
        let (listener, node) = (listener.try_clone()?, Arc::clone(&node));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        thread::spawn(move || runtime.block_on(serve(listener, node)));
    }
    println!("{port}");
    std::io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}

/// A socket for all addresses of this machine, but only for what comes over the loopback device.
fn listen() -> Result<TcpListener, Fault> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, Some(Protocol::TCP))?;
    socket.bind_device(Some(b"lo"))?;
    socket.bind(&SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, 0).into())?;
    socket.listen(BACKLOG)?;
    socket.set_nonblocking(true)?;
    Ok(socket.into())
}

/// What all nodes have in common.
struct Node {
    config: Arc<Config>,
    login: PublicKey,
    shell: Shell,
    hang: Hang,
    hold: Duration,
}

impl Node {
    fn new(farm: &Farm) -> Result<Self, Fault> {
        let config = Config {
            keys: vec![PrivateKey::from_openssh(&farm.host_key)?],
            methods: MethodSet::from(&[MethodKind::PublicKey][..]),
            nodelay: true,
            ..Config::default()
        };
        Ok(Self {
            config: Arc::new(config),
            login: PublicKey::from_openssh(&farm.login)?,
            shell: farm.shell,
            hang: farm.hang,
            hold: Duration::from_millis(farm.hold),
        })
    }
}

async fn serve(listener: TcpListener, node: Arc<Node>) -> std::io::Result<()> {
    let listener = tokio::net::TcpListener::from_std(listener)?;
    loop {
        // The client may be gone already, and then the next one is served.
        let Ok((stream, _)) = listener.accept().await else { continue };
        let node = Arc::clone(&node);
        tokio::spawn(async move { connection(stream, node).await });
    }
}

async fn connection(mut stream: TcpStream, node: Arc<Node>) -> Result<(), russh::Error> {
    let hangs = stream.local_addr().is_ok_and(|address| node.hang != Hang::Never && is_hanging(&address));
    if hangs && node.hang == Hang::AtOnce {
        // Until the client gives up.
        let _ = stream.read_to_end(&mut Vec::new()).await;
        return Ok(());
    }
    let _ = stream.set_nodelay(true);
    let config = Arc::clone(&node.config);
    run_stream(config, stream, Connection { node, hangs, channels: HashMap::new() }).await?.await
}

/// Whether it is the one in a hundred.
fn is_hanging(address: &SocketAddr) -> bool {
    match address.ip() {
        IpAddr::V4(ip) => index(ip) % 100 == 50,
        IpAddr::V6(_) => false,
    }
}

/// One connection, and the channels on which nothing runs yet.
struct Connection {
    node: Arc<Node>,
    hangs: bool,
    channels: HashMap<ChannelId, Channel<Msg>>,
}

impl Handler for Connection {
    type Error = russh::Error;

    async fn auth_publickey(&mut self, _user: &str, key: VerifiedPublicKey<'_>) -> Result<Auth, Self::Error> {
        let is_known = key.public_key.key_data() == self.node.login.key_data();
        Ok(if is_known { Auth::Accept } else { Auth::reject() })
    }

    async fn channel_open_session(
        &mut self,
        channel: Channel<Msg>,
        reply: ChannelOpenHandle,
        _session: &mut Session,
    ) -> Result<(), Self::Error> {
        self.channels.insert(channel.id(), channel);
        reply.accept().await;
        Ok(())
    }

    async fn exec_request(&mut self, id: ChannelId, command: &[u8], session: &mut Session) -> Result<(), Self::Error> {
        let Some(channel) = self.channels.remove(&id) else { return session.channel_failure(id) };
        let command = String::from_utf8_lossy(command).into_owned();
        session.channel_success(id)?;
        if self.hangs {
            self.channels.insert(id, channel);
            return Ok(());
        }
        match self.node.shell {
            Shell::Canned => tokio::spawn(canned(channel, command, self.node.hold)),
            Shell::Real => tokio::spawn(real(channel, command)),
        };
        Ok(())
    }
}

async fn canned(mut channel: Channel<Msg>, command: String, hold: Duration) -> Result<(), russh::Error> {
    let Some((mut shell, said)) = Canned::start(&command) else { return channel.close().await };
    tokio::time::sleep(hold).await;
    channel.data(said.as_bytes()).await?;
    while let Some(message) = channel.wait().await {
        if let ChannelMsg::Data { data } = message
            && let Some(said) = shell.hear(&data)
        {
            tokio::time::sleep(hold).await;
            channel.data(said.as_bytes()).await?;
        }
    }
    Ok(())
}

/// Carries bytes between the client and a shell until the shell has ended.
async fn real(channel: Channel<Msg>, command: String) -> Result<(), russh::Error> {
    let mut sh = Command::new("/bin/sh");
    sh.arg("-c").arg(command).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let Ok(mut child) = sh.spawn() else { return channel.close().await };
    let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
    let (mut client, answers) = channel.split();
    let input = tokio::spawn(async move {
        if let Some(mut stdin) = stdin {
            let _ = tokio::io::copy(&mut client.make_reader(), &mut stdin).await;
        }
    });
    if let Some(mut stdout) = stdout {
        let _ = tokio::io::copy(&mut stdout, &mut answers.make_writer()).await;
    }
    let _ = child.wait().await;
    input.abort();
    answers.eof().await?;
    answers.close().await
}

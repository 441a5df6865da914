//! SSH servers inside this process. They stand in for sshd on nodes, and let one key in.

use std::collections::HashMap;
use std::net::{SocketAddr, TcpListener};
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use russh::keys::key::safe_rng;
use russh::keys::ssh_key::LineEnding;
use russh::keys::{Algorithm, PrivateKey, PublicKey};
use russh::server::{Auth, ChannelOpenHandle, Config, Handler, Msg, Server as _, Session, VerifiedPublicKey};
use russh::{Channel, ChannelId, MethodKind, MethodSet};
use tokio::process::{Child, Command};

use crate::Fault;

/// A server that listens.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    /// What a `known_hosts` file has to say of it.
    pub(crate) known_hosts_line: String,
}

pub(crate) fn new_key() -> Result<PrivateKey, Fault> {
    Ok(PrivateKey::random(&mut safe_rng(), Algorithm::Ed25519)?)
}

/// A private key as its file has it.
pub(crate) fn text(key: &PrivateKey) -> Result<String, Fault> {
    Ok(key.to_openssh(LineEnding::LF)?.to_string())
}

/// Starts servers on free ports, each with a host key of its own. They end with the process.
pub(crate) fn start(count: usize, login: &PublicKey) -> Result<Vec<Server>, Fault> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut servers = Vec::with_capacity(count);
    for _ in 0..count {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        listener.set_nonblocking(true)?;
        let (address, key) = (listener.local_addr()?, new_key()?);
        let known_hosts_line = format!("[{}]:{} {}\n", address.ip(), address.port(), key.public_key().to_openssh()?);
        servers.push(Server { address, known_hosts_line });
        runtime.spawn(serve(listener, key, Door { login: login.clone() }));
    }
    thread::Builder::new().name("sshd".into()).spawn(move || runtime.block_on(std::future::pending::<()>()))?;
    Ok(servers)
}

async fn serve(listener: TcpListener, key: PrivateKey, mut door: Door) -> std::io::Result<()> {
    let config = Config {
        keys: vec![key],
        methods: MethodSet::from(&[MethodKind::PublicKey][..]),
        nodelay: true,
        // Guessing a key is hopeless, so nobody is kept waiting.
        auth_rejection_time: Duration::ZERO,
        ..Config::default()
    };
    let listener = tokio::net::TcpListener::from_std(listener)?;
    door.run_on_socket(Arc::new(config), &listener).await
}

/// Where connections come in.
struct Door {
    login: PublicKey,
}

impl russh::server::Server for Door {
    type Handler = Connection;

    fn new_client(&mut self, _peer: Option<SocketAddr>) -> Connection {
        Connection { login: self.login.clone(), channels: HashMap::new() }
    }
}

/// One connection, and the channels on which nothing runs yet.
struct Connection {
    login: PublicKey,
    channels: HashMap<ChannelId, Channel<Msg>>,
}

impl Handler for Connection {
    type Error = russh::Error;

    async fn auth_publickey(&mut self, _user: &str, key: VerifiedPublicKey<'_>) -> Result<Auth, Self::Error> {
        let is_known = key.public_key.key_data() == self.login.key_data();
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
        match shell(&String::from_utf8_lossy(command)) {
            Ok(child) => {
                session.channel_success(id)?;
                tokio::spawn(converse(channel, child));
                Ok(())
            }
            Err(_) => session.channel_failure(id),
        }
    }
}

fn shell(command: &str) -> std::io::Result<Child> {
    let mut shell = Command::new("/bin/sh");
    shell.arg("-c").arg(command).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    shell.spawn()
}

/// Carries bytes between the client and the shell until the shell has ended.
async fn converse(channel: Channel<Msg>, mut child: Child) -> Result<(), russh::Error> {
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let (mut client, answers) = channel.split();
    // When the client has said all, or is gone, the shell's input ends.
    let input = tokio::spawn(async move {
        if let Some(mut stdin) = stdin {
            let _ = tokio::io::copy(&mut client.make_reader(), &mut stdin).await;
        }
    });
    let (mut out, mut err) = (answers.make_writer(), answers.make_writer_ext(Some(1)));
    let out = async {
        if let Some(mut stdout) = stdout {
            let _ = tokio::io::copy(&mut stdout, &mut out).await;
        }
    };
    let err = async {
        if let Some(mut stderr) = stderr {
            let _ = tokio::io::copy(&mut stderr, &mut err).await;
        }
    };
    tokio::join!(out, err);
    let status = child.wait().await.ok();
    input.abort();
    answers.exit_status(code(status)).await?;
    answers.eof().await?;
    answers.close().await
}

/// The exit code as a login shell would tell it.
fn code(status: Option<ExitStatus>) -> u32 {
    status.and_then(|status| status.code()).and_then(|code| code.try_into().ok()).unwrap_or(255)
}

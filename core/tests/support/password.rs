//! An SSH server that takes a password, without accounts of the system.

use std::borrow::Cow;
use std::net::TcpListener as StdListener;
use std::sync::{Arc, Mutex};

use regconf::{HostKeys, Node};
use russh::keys::ssh_key::private::{Ed25519Keypair, KeypairData};
use russh::keys::{HashAlg, PrivateKey};
use russh::server::{Auth, ChannelOpenHandle, Config, Handler, Msg, Response, Session};
use russh::{Channel, ChannelId, MethodKind, MethodSet};
use tokio::net::TcpListener;

/// The server. It serves until the process ends.
pub(crate) struct Server {
    port: u16,
    fingerprint: String,
    /// What was tried, in order.
    pub(crate) log: Arc<Mutex<Vec<String>>>,
}

/// How it asks.
#[derive(Clone, Copy)]
pub(crate) enum Asks {
    Password,
    /// By keyboard-interactive: these prompts, then, if asked for, one more round.
    Questions(&'static [(&'static str, bool)]),
}

impl Server {
    pub(crate) fn start(asks: Asks) -> Self {
        let key = PrivateKey::new(KeypairData::Ed25519(Ed25519Keypair::from_seed(&[7; 32])), "").unwrap();
        let fingerprint = key.public_key().fingerprint(HashAlg::Sha256).to_string();
        let kind = if matches!(asks, Asks::Password) { MethodKind::Password } else { MethodKind::KeyboardInteractive };
        let methods = MethodSet::from(&[MethodKind::PublicKey, kind][..]);
        let no_wait = std::time::Duration::ZERO;
        let config = Config { keys: vec![key], methods, auth_rejection_time: no_wait, ..Config::default() };
        let listener = StdListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let port = listener.local_addr().unwrap().port();
        let log = Arc::default();
        let session = Account { asks, log: Arc::clone(&log) };
        std::thread::spawn(move || serve(listener, &Arc::new(config), &session));
        Self { port, fingerprint, log }
    }

    pub(crate) fn node(&self) -> Node {
        let mut node = Node::new(format!("ops@127.0.0.1:{}", self.port)).unwrap();
        node.host_keys = HostKeys::Pinned(vec![self.fingerprint.clone()]);
        node
    }
}

fn serve(listener: StdListener, config: &Arc<Config>, account: &Account) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let listener = TcpListener::from_std(listener).unwrap();
        while let Ok((stream, _)) = listener.accept().await {
            let (config, account) = (Arc::clone(config), account.clone());
            tokio::spawn(async move {
                if let Ok(session) = russh::server::run_stream(config, stream, account).await {
                    let _ = session.await;
                }
            });
        }
    });
}

#[derive(Clone)]
struct Account {
    asks: Asks,
    log: Arc<Mutex<Vec<String>>>,
}

impl Account {
    fn judge(&self, method: &str, password: &str) -> Auth {
        self.log.lock().unwrap().push(format!("{method} {password}"));
        if password == "correct" { Auth::Accept } else { Auth::reject() }
    }
}

impl Handler for Account {
    type Error = russh::Error;

    async fn auth_password(&mut self, _user: &str, password: &str) -> Result<Auth, Self::Error> {
        Ok(self.judge("password", password))
    }

    async fn auth_keyboard_interactive<'a>(
        &'a mut self,
        _user: &str,
        _submethods: &str,
        response: Option<Response<'a>>,
    ) -> Result<Auth, Self::Error> {
        let Asks::Questions(questions) = self.asks else { return Ok(Auth::reject()) };
        if let Some(answers) = response {
            let answers: Vec<_> = answers.map(|answer| String::from_utf8_lossy(&answer).into_owned()).collect();
            return Ok(self.judge("answers", &answers.join("|")));
        }
        let prompts = questions.iter().map(|(text, echo)| (Cow::Borrowed(*text), *echo)).collect();
        Ok(Auth::Partial { name: "".into(), instructions: "".into(), prompts: Cow::Owned(prompts) })
    }

    async fn channel_open_session(
        &mut self,
        _channel: Channel<Msg>,
        reply: ChannelOpenHandle,
        _session: &mut Session,
    ) -> Result<(), Self::Error> {
        reply.accept().await;
        Ok(())
    }

    async fn exec_request(
        &mut self,
        channel: ChannelId,
        data: &[u8],
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        session.channel_success(channel)?;
        session.data(channel, data.to_vec())?;
        session.eof(channel)?;
        session.close(channel)
    }
}

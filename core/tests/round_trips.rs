//! How often a push waits for the network: counted by a proxy that holds all bytes back for a while.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use std::fs;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::ops::ControlFlow;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use regconf::{Options, Outcome, Settings};
use support::Sshd;

/// How long bytes are held back, each way: longer than either side takes to answer.
const DELAY: Duration = Duration::from_millis(100);

/// Who spoke.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Client,
    Server,
}

/// A proxy for one connection after the other. It notes who speaks.
struct Proxy {
    address: String,
    port: u16,
    said: Arc<Mutex<Vec<Side>>>,
}

impl Proxy {
    fn start(sshd: &Sshd) -> Self {
        let address = support::next_address();
        let listener = TcpListener::bind((address.as_str(), 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let said = Arc::<Mutex<Vec<Side>>>::default();
        let (target, noted) = ((sshd.address.clone(), sshd.port), Arc::clone(&said));
        thread::spawn(move || {
            for client in listener.incoming() {
                let (client, server) = (client.unwrap(), TcpStream::connect(&target).unwrap());
                carry(&client, &server, Side::Client, &noted);
                carry(&server, &client, Side::Server, &noted);
            }
        });
        Self { address, port, said }
    }

    /// How often the client spoke and was answered.
    fn round_trips(&self) -> usize {
        let mut said = std::mem::take(&mut *self.said.lock().unwrap());
        said.dedup();
        said.windows(2).filter(|pair| *pair == [Side::Client, Side::Server]).count()
    }
}

fn carry(from: &TcpStream, to: &TcpStream, side: Side, said: &Arc<Mutex<Vec<Side>>>) {
    let (mut from, to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
    let (sender, receiver) = channel();
    to.set_nodelay(true).unwrap();
    thread::spawn(move || deliver(&receiver, to));
    let said = Arc::clone(said);
    thread::spawn(move || hold_back(&mut from, side, &said, &sender));
}

fn hold_back(from: &mut TcpStream, side: Side, said: &Mutex<Vec<Side>>, sender: &Sender<(Instant, Vec<u8>)>) {
    let mut buffer = vec![0; 64 << 10];
    while let Ok(count) = from.read(&mut buffer)
        && count > 0
    {
        said.lock().unwrap().push(side);
        if sender.send((Instant::now() + DELAY, buffer[..count].to_vec())).is_err() {
            return;
        }
    }
}

fn deliver(receiver: &Receiver<(Instant, Vec<u8>)>, mut to: TcpStream) {
    for (at, bytes) in receiver {
        thread::sleep(at.saturating_duration_since(Instant::now()));
        if to.write_all(&bytes).is_err() {
            return;
        }
    }
    let _ = to.shutdown(Shutdown::Write);
}

#[test]
fn a_whole_apply_takes_eight_round_trips_and_a_look_seven() {
    let sshd = Sshd::start();
    let proxy = Proxy::start(&sshd);
    let root = tempfile::tempdir().unwrap();
    fs::create_dir_all(root.path().join("etc/docker")).unwrap();
    fs::write(root.path().join("etc/docker/daemon.json"), "{\n  \"debug\": true\n}\n").unwrap();
    let mut node = sshd.node();
    node.root = root.path().to_str().unwrap().to_owned();
    (node.address, node.port) = (proxy.address.clone(), proxy.port);
    node.known_hosts = vec![sshd.path("known_by_proxy")];
    let known = sshd
        .read("known_hosts")
        .replace(&format!("[{}]:{}", sshd.address, sshd.port), &format!("[{}]:{}", proxy.address, proxy.port));
    sshd.write("known_by_proxy", &known);
    let settings = Settings::from_json(r#"{"ensure":[{"host":"192.168.30.56:5000","insecure":"http"}]}"#).unwrap();
    for (outcome, most) in [(Outcome::Changed, 8), (Outcome::Unchanged, 7)] {
        let report = regconf::push(std::slice::from_ref(&node), &settings, &Options::default(), &mut |_| {
            ControlFlow::Continue(())
        });
        assert_eq!(report.nodes[0].outcome, outcome, "{:?}", report.nodes[0].error);
        let counted = proxy.round_trips();
        println!("{outcome}: {counted} round trips after the connection is there, login and all");
        // Fewer would be a proxy that does not count.
        assert!((most - 2..=most).contains(&counted), "{outcome}: {counted}");
    }
}

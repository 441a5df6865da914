//! Arguments of ssh in an inventory: ways through other hosts above all.

use serde_json::{Map, json};

use crate::error::{Error, ErrorKind, Result};
use crate::node::Node;

use super::super::remark::{Place, RemarkKind};
use super::super::words;
use super::login::{Entry, at_home};
use super::scope::Reader;

/// Variables that hold arguments, in the order in which Ansible puts them on the command line: ssh takes the first of
/// two that say different things.
const VARIABLES: [&str; 3] = ["ansible_ssh_args", "ansible_ssh_common_args", "ansible_ssh_extra_args"];

/// Options that change nothing that counts here: how connections are shared and kept, and what is logged.
const HARMLESS: [&str; 20] = [
    "addressfamily",
    "batchmode",
    "checkhostip",
    "compression",
    "controlmaster",
    "controlpath",
    "controlpersist",
    "forwardagent",
    "gssapiauthentication",
    "hashknownhosts",
    "identitiesonly",
    "kbdinteractiveauthentication",
    "loglevel",
    "passwordauthentication",
    "preferredauthentications",
    "pubkeyauthentication",
    "serveralivecountmax",
    "serveraliveinterval",
    "tcpkeepalive",
    "globalknownhostsfile",
];

/// Flags of ssh that a value follows.
const WITH_VALUE: &str = "oiJplFWESbcDeILmQRw";

/// What arguments say of the way to a host.
#[derive(Default)]
pub(super) struct Way {
    pub(super) entry: Entry,
    /// Whether a proxy or a jump host is told.
    pub(super) is_told: bool,
    pub(super) jump_hosts: Vec<(String, Entry)>,
}

pub(super) fn read(reader: &mut Reader<'_, '_>) -> Result<Way> {
    let mut way = Way::default();
    for name in VARIABLES {
        let Some(variable) = reader.scope.get(name) else { continue };
        let shares_connections =
            variable.value.scalar().is_some_and(|text| text.contains("kuboardspray_ssh_multiplexing"));
        // Kuboard-Spray computes by Jinja whether connections are shared, and nothing else.
        if name == "ansible_ssh_args" && shares_connections {
            continue;
        }
        let Some(text) = reader.text(&variable.value, &variable.place)? else { continue };
        let words = words::split(&text)
            .ok_or_else(|| variable.place.error(ErrorKind::Parse, "has a quote that is not closed"))?;
        Arguments { way: &mut way, place: &variable.place, reader }.read(words)?;
    }
    Ok(way)
}

struct Arguments<'w, 's, 'r> {
    way: &'w mut Way,
    place: &'w Place,
    reader: &'w mut Reader<'s, 'r>,
}

impl Arguments<'_, '_, '_> {
    fn read(mut self, words: Vec<String>) -> Result<()> {
        let mut words = words.into_iter();
        while let Some(word) = words.next() {
            let Some(flag) = word.strip_prefix('-').and_then(|rest| rest.chars().next()) else {
                self.unknown("an argument that is no option");
                continue;
            };
            let rest = word[2..].to_owned();
            if !WITH_VALUE.contains(flag) {
                // Flags of ssh without a value: of verbosity, terminals, agents and compression.
                if !"vqtTACnxXaN46".contains(flag) {
                    self.unknown(&format!("-{flag}"));
                }
                continue;
            }
            let value = if rest.is_empty() { words.next().unwrap_or_default() } else { rest };
            self.flag(flag, &value)?;
        }
        Ok(())
    }

    fn flag(&mut self, flag: char, value: &str) -> Result<()> {
        match flag {
            'o' => {
                let (name, value) = value.split_once(['=', ' ']).unwrap_or((value, ""));
                self.option(&name.trim().to_ascii_lowercase(), value.trim())
            }
            'i' => self.option("identityfile", value),
            'J' => self.option("proxyjump", value),
            'p' => self.option("port", value),
            'l' => self.option("user", value),
            'F' if ["/dev/null", "none"].contains(&value) => Ok(()),
            'F' => {
                let text =
                    "names a configuration of OpenSSH, which is not read; name it as ssh_config of the node list";
                self.reader.remarks.add(RemarkKind::Unresolved, self.place, text);
                Ok(())
            }
            _ => {
                self.unknown(&format!("-{flag}"));
                Ok(())
            }
        }
    }

    fn option(&mut self, name: &str, value: &str) -> Result<()> {
        match name {
            "proxycommand" if value != "none" => self.proxy_command(value)?,
            "proxyjump" if value != "none" => self.proxy_jump(value)?,
            "proxycommand" | "proxyjump" => self.way.is_told = true,
            "identityfile" => {
                if let Some(path) = at_home(value, self.place, self.reader) {
                    self.set("identity_files", json!([path]));
                }
            }
            "user" => self.set("user", json!(value)),
            "port" => self.number("port", value)?,
            "connecttimeout" => self.number("connect_timeout", value)?,
            "connectionattempts" => self.number("connect_attempts", value)?,
            "userknownhostsfile" => self.known_hosts(value),
            "stricthostkeychecking" => self.host_keys(value),
            _ if HARMLESS.contains(&name) => {}
            _ => self.unknown(name),
        }
        Ok(())
    }

    /// The first one counts, as ssh has it.
    fn set(&mut self, key: &str, value: serde_json::Value) {
        self.way.entry.entry(key.to_owned()).or_insert(value);
    }

    fn number(&mut self, key: &str, value: &str) -> Result<()> {
        let number: u32 = value.parse().ok().filter(|number| *number > 0).ok_or_else(|| {
            self.place.error(ErrorKind::InvalidArgument, format!("the number for {key} is none above 0"))
        })?;
        self.set(key, json!(number));
        Ok(())
    }

    fn known_hosts(&mut self, value: &str) {
        if value == "/dev/null" {
            return;
        }
        let paths: Vec<_> =
            value.split_whitespace().filter_map(|path| at_home(path, self.place, self.reader)).collect();
        self.set("known_hosts", json!(paths));
    }

    fn host_keys(&mut self, value: &str) {
        match value {
            "accept-new" => self.set("host_keys", json!("accept-new")),
            "no" | "off" => {
                let text = "host keys are always verified here; give known_hosts, and \"host_keys\": \"accept-new\" for \
                            unknown ones, in the defaults";
                self.reader.remarks.add(RemarkKind::Ineffective, self.place, text);
            }
            _ => {}
        }
    }

    fn proxy_jump(&mut self, value: &str) -> Result<()> {
        if self.is_told_already() {
            return Ok(());
        }
        for place in value.split(',') {
            let place = place.trim().trim_start_matches("ssh://");
            let node = Node::new(place).map_err(|error| self.place.of(error))?;
            let mut entry = Map::from_iter([("address".to_owned(), json!(node.address))]);
            entry.insert("port".into(), json!(node.port));
            if place.contains('@') {
                entry.insert("user".into(), json!(node.user));
            }
            self.jump_host(entry);
        }
        Ok(())
    }

    /// An `ssh -W` is a jump host; any other program stays one.
    fn proxy_command(&mut self, command: &str) -> Result<()> {
        if self.is_told_already() {
            return Ok(());
        }
        let unclosed = || self.place.error(ErrorKind::Parse, "its ProxyCommand has a quote that is not closed");
        let words = words::split(command).ok_or_else(unclosed)?;
        if let Some(entry) = hop(&words).map_err(|error| self.place.of(error))? {
            self.jump_host(entry);
        } else if words.iter().any(|word| word.ends_with("sshpass")) {
            let text = "its ProxyCommand has a password and is no plain ssh -W; describe the host in jump_hosts";
            self.reader.remarks.add(RemarkKind::Unresolved, self.place, text);
        } else {
            self.set("proxy_command", json!(words));
        }
        Ok(())
    }

    fn is_told_already(&mut self) -> bool {
        std::mem::replace(&mut self.way.is_told, true)
    }

    fn jump_host(&mut self, entry: Entry) {
        let text = |key: &str| entry.get(key).and_then(|value| value.as_str()).unwrap_or_default().to_owned();
        let user = entry.get("user").map_or_else(String::new, |_| format!("{}@", text("user")));
        let port = entry.get("port").filter(|port| **port != json!(22)).map_or_else(String::new, |p| format!(":{p}"));
        if !entry.contains_key("identity_files") && !entry.contains_key("password") {
            let what = "no key and no password of the jump host is told; add one to its entry in jump_hosts";
            self.reader.remarks.add(RemarkKind::Unresolved, self.place, what);
        }
        self.way.jump_hosts.push((format!("{user}{}{port}", text("address")), entry));
    }

    fn unknown(&mut self, what: &str) {
        let text = format!("{what}: this library does not know it among the arguments of ssh; left out");
        self.reader.remarks.add(RemarkKind::Unknown, self.place, text);
    }
}

/// The host that an `ssh -W %h:%p …` goes through; `None` if the command is another.
fn hop(words: &[String]) -> Result<Option<Entry>> {
    let mut entry = Entry::new();
    let mut words = words.iter().map(String::as_str).peekable();
    if words.peek().is_some_and(|word| word.ends_with("sshpass")) {
        words.next();
        let Some(password) = words.next().and_then(|word| word.strip_prefix("-p")) else { return Ok(None) };
        let password = if password.is_empty() { words.next().unwrap_or_default() } else { password };
        entry.insert("password".into(), json!(password));
    }
    if !words.next().is_some_and(|word| word == "ssh" || word.ends_with("/ssh")) {
        return Ok(None);
    }
    let mut leads_on = false;
    while let Some(word) = words.next() {
        match word.strip_prefix('-').and_then(|rest| rest.chars().next()) {
            // What follows the host is a command on it.
            None if entry.contains_key("address") => return Ok(None),
            None => hop_at(word, &mut entry)?,
            Some(flag) if WITH_VALUE.contains(flag) => {
                let value = if word.len() == 2 { words.next().unwrap_or_default() } else { &word[2..] };
                match flag {
                    'W' => leads_on = value == "%h:%p" || value == "[%h]:%p",
                    'J' => return Ok(None),
                    _ => hop_option(flag, value, &mut entry)?,
                }
            }
            Some(_) => {}
        }
    }
    Ok(Some(entry).filter(|entry| leads_on && entry.contains_key("address")))
}

fn hop_at(word: &str, entry: &mut Entry) -> Result<()> {
    let node = Node::new(word.trim_start_matches("ssh://"))?;
    entry.insert("address".into(), json!(node.address));
    if word.contains('@') {
        entry.insert("user".into(), json!(node.user));
    }
    Ok(())
}

fn hop_option(flag: char, value: &str, entry: &mut Entry) -> Result<()> {
    let (name, value) = match flag {
        'o' => value.split_once('=').unwrap_or((value, "")),
        'p' => ("port", value),
        'l' => ("user", value),
        'i' => ("identityfile", value),
        _ => return Ok(()),
    };
    match name.to_ascii_lowercase().as_str() {
        "port" => {
            let port: u16 = value.parse().map_err(|_| Error::invalid("the port of its ProxyCommand is none"))?;
            entry.insert("port".into(), json!(port));
        }
        "user" => drop(entry.insert("user".into(), json!(value))),
        "identityfile" => drop(entry.insert("identity_files".into(), json!([value]))),
        "userknownhostsfile" if value != "/dev/null" => drop(entry.insert("known_hosts".into(), json!([value]))),
        _ => {}
    }
    Ok(())
}

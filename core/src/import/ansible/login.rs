//! How a host is reached and logged in to, as the entry of a node list.

use serde_json::{Map, Value, json};

use crate::error::{Error, ErrorKind, Result};
use crate::node::{self, Node};

use super::super::found;
use super::super::remark::{Place, RemarkKind};
use super::Host;
use super::scope::Reader;
use super::ssh_args::{self, Way};

/// Who logs in.
const USER: [&str; 2] = ["ansible_user", "ansible_ssh_user"];

/// An entry of a node list.
pub(in super::super) type Entry = Map<String, Value>;

/// How a host is reached.
pub(in super::super) struct Login {
    pub(in super::super) entry: Entry,
    /// Whether a way of its own is told, which a bastion is not to replace.
    pub(in super::super) has_way: bool,
    /// Jump hosts that the arguments of ssh describe, in their order, by names of their own.
    pub(in super::super) jump_hosts: Vec<(String, Entry)>,
}

/// The login of a host; `None` with a remark for one that cannot be reached.
///
/// # Errors
/// [`ErrorKind::Parse`] and [`ErrorKind::InvalidArgument`] with the place for values that no login can have.
pub(in super::super) fn login(host: &Host, reader: &mut Reader<'_, '_>) -> Result<Option<Login>> {
    let mut entry = Map::from_iter([("name".to_owned(), Value::from(host.name.as_str()))]);
    let mut way = Way::default();
    match connection(reader)?.as_str() {
        "local" => drop(entry.insert("local".into(), true.into())),
        "ssh" | "smart" | "paramiko" | "paramiko_ssh" | "ssh2" => {
            let Some(reached) = reach(host, reader)? else { return Ok(None) };
            entry.extend(reached);
            way = ssh_args::read(reader)?;
        }
        other => {
            let text = format!("is reached by {other:?}, and this library knows ssh only");
            reader.remarks.add(RemarkKind::Skipped, &host.place, text);
            return Ok(None);
        }
    }
    root(&mut entry, reader)?;
    let has_way = way.is_told;
    for (key, value) in way.entry {
        entry.entry(key).or_insert(value);
    }
    Ok(Some(Login { entry, has_way, jump_hosts: way.jump_hosts }))
}

/// A jump host of the inventory, as an entry of `jump_hosts`; `None` with a remark for one that cannot be reached.
pub(in super::super) fn jump_host(host: &Host, reader: &mut Reader<'_, '_>) -> Result<Option<Entry>> {
    let Some(mut entry) = reach(host, reader)? else { return Ok(None) };
    let way = ssh_args::read(reader)?;
    let of_jump_hosts = ["known_hosts", "connect_timeout", "connect_attempts", "proxy_command"];
    for (key, value) in way.entry.into_iter().filter(|(key, _)| of_jump_hosts.contains(&key.as_str())) {
        entry.entry(key).or_insert(value);
    }
    if !entry.contains_key("identity_files") && !entry.contains_key("password") {
        reader.remarks.add_once(RemarkKind::Unresolved, &host.place, without_key(&host.name));
    }
    Ok(Some(entry))
}

/// What is said of a jump host that nobody can log in to yet.
pub(super) fn without_key(jump_host: &str) -> String {
    format!("no key and no password of the jump host {jump_host} is told; add one to its entry in jump_hosts")
}

fn connection(reader: &mut Reader<'_, '_>) -> Result<String> {
    let told = reader.variable(&["ansible_connection"])?;
    let name = told.map_or_else(|| "ssh".to_owned(), |(name, _)| name);
    Ok(name.trim_start_matches("ansible.builtin.").trim_start_matches("community.libssh.").to_owned())
}

fn reach(host: &Host, reader: &mut Reader<'_, '_>) -> Result<Option<Entry>> {
    let Some(mut entry) = address(host, reader)? else { return Ok(None) };
    if let Some((port, place)) = reader.variable(&["ansible_port", "ansible_ssh_port"])? {
        let port: u16 = port.trim().parse().ok().filter(|port| *port > 0).ok_or_else(|| {
            place.error(ErrorKind::InvalidArgument, "is not a port").with_hint("write a number from 1 to 65535")
        })?;
        entry.insert("port".into(), port.into());
    }
    if let Some((user, place)) = reader.variable(&USER)? {
        Node::new(format!("{user}@x")).map_err(|_| place.error(ErrorKind::InvalidArgument, "is not a user's name"))?;
        entry.insert("user".into(), user.into());
    }
    if let Some((password, _)) = reader.variable(&["ansible_password", "ansible_ssh_pass", "ansible_ssh_password"])? {
        entry.insert("password".into(), password.into());
    }
    let key = reader.variable(&["ansible_ssh_private_key_file", "ansible_private_key_file"])?;
    if let Some(path) = key.and_then(|(path, place)| at_home(&path, &place, reader)) {
        entry.insert("identity_files".into(), json!([path]));
    }
    Ok(Some(entry))
}

/// Where the host is: what is told, or else its name.
fn address(host: &Host, reader: &mut Reader<'_, '_>) -> Result<Option<Entry>> {
    let names = ["ansible_host", "ansible_ssh_host"];
    let (address, place) = match reader.variable(&names)? {
        Some(told) => told,
        None if reader.scope.first(&names).is_some() => {
            let text = "is left out, for its address is not known";
            reader.remarks.add(RemarkKind::Skipped, &host.place, text);
            return Ok(None);
        }
        None => (host.name.clone(), host.place.clone()),
    };
    let address = address.trim();
    let is_plain = !address.contains('@') && Node::new(address).is_ok_and(|node| node.address == address);
    if !is_plain {
        let error = Error::invalid(format!("{:?} is not a name or an address of a host", node::shown(address)));
        return Err(
            place.of(error.with_hint("write a DNS name or an address, and the port in ansible_port; a range is [1:3]"))
        );
    }
    Ok(Some(Map::from_iter([("address".to_owned(), address.into())])))
}

/// A path with `~` made the home folder of who imports.
pub(super) fn at_home(path: &str, place: &Place, reader: &mut Reader<'_, '_>) -> Option<String> {
    if !path.starts_with("~/") {
        return Some(path.strip_prefix("./").unwrap_or(path).to_owned());
    }
    let found = Some(found::at_home(path)).filter(|found| found != path && reader.source.folder().is_some());
    if found.is_none() {
        let text = "is in a home folder that is not known; write the whole path";
        reader.remarks.add(RemarkKind::Unresolved, place, text);
    }
    found
}

/// How to become root. Playbooks of kubespray become root whatever the inventory says, so that the way and the password
/// count even where `ansible_become` is not set.
fn root(entry: &mut Entry, reader: &mut Reader<'_, '_>) -> Result<()> {
    let wanted = match reader.scope.get("ansible_become") {
        Some(variable) => reader.truth(&variable.value, &variable.place)?,
        None => None,
    };
    let method = reader.variable(&["ansible_become_method"])?;
    let password = reader.variable(&["ansible_become_password", "ansible_become_pass", "ansible_sudo_pass"])?;
    let user = reader.variable(&["ansible_become_user"])?;
    if let Some((_, place)) = user.filter(|(user, _)| user != "root") {
        let text = "engines are set by root alone; another user is not become";
        reader.remarks.add(RemarkKind::Ineffective, &place, text);
    }
    if wanted == Some(false) {
        entry.insert("become".into(), "none".into());
        return Ok(());
    }
    if wanted.is_none() && method.is_none() && password.is_none() {
        let is_other = entry.get("user").is_some_and(|user| user != "root");
        if is_other && !reader.options.defaults_have("become") {
            let text = "is not root, and no ansible_become is told: where that is so sudo is taken, as with `-b`, and \
                        `become` in the option `defaults` says otherwise";
            let user = reader.scope.first(&USER).map(|variable| variable.place.clone()).unwrap_or_default();
            reader.remarks.add_once(RemarkKind::Decided, &user, text);
            entry.insert("become".into(), "sudo".into());
        }
        return Ok(());
    }
    let (method, place) = method.unwrap_or_else(|| ("sudo".to_owned(), Place::default()));
    let method = method.trim_start_matches("ansible.builtin.").trim_start_matches("community.general.");
    if ["sudo", "doas", "su"].contains(&method) {
        entry.insert("become".into(), method.into());
    } else {
        let text = "is a way to become root that this library does not know; use sudo, su or doas";
        reader.remarks.add(RemarkKind::Skipped, &place, text);
    }
    if let Some((password, _)) = password {
        entry.insert("become_password".into(), password.into());
    }
    Ok(())
}

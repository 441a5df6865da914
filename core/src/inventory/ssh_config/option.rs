//! What the options mean for a node.

use std::path::Path;

use super::super::entry::{Entry, HostKeyPolicy};
use super::Warnings;
use super::parse::Line;

/// Options that change nothing here: what they are about is not done, or is done in any case.
const WITHOUT_EFFECT: [&str; 35] = [
    "addkeystoagent",
    "batchmode",
    "canonicalizehostname",
    "checkhostip",
    "clearallforwardings",
    "compression",
    "controlmaster",
    "controlpath",
    "controlpersist",
    "dynamicforward",
    "enableescapecommandline",
    "escapechar",
    "exitonforwardfailure",
    "forwardagent",
    "forwardx11",
    "forwardx11trusted",
    "gssapiauthentication",
    "gssapidelegatecredentials",
    "hashknownhosts",
    "ignoreunknown",
    "localforward",
    "loglevel",
    "numberofpasswordprompts",
    "permitlocalcommand",
    "remotecommand",
    "remoteforward",
    "requesttty",
    "sendenv",
    "serveralivecountmax",
    "serveraliveinterval",
    "setenv",
    "tcpkeepalive",
    "updatehostkeys",
    "visualhostkey",
    "xauthlocation",
];

/// What all lines together say of a host. The first line that says something wins.
#[derive(Default)]
pub(super) struct Resolved {
    pub(super) host_name: Option<String>,
    pub(super) entry: Entry,
    pub(super) jump: Vec<String>,
    /// Whether one of the two ways is named already, perhaps `none`.
    has_way: bool,
    identities_only: Option<bool>,
}

/// What a value is read with.
struct Reader<'a> {
    line: &'a Line,
    alias: &'a str,
    home: Option<&'a Path>,
    warnings: &'a mut Warnings,
}

impl Resolved {
    pub(super) fn take(
        &mut self,
        line: &Line,
        alias: &str,
        listed: &Entry,
        home: Option<&Path>,
        warnings: &mut Warnings,
    ) {
        let mut reader = Reader { line, alias, home, warnings };
        let entry = &mut self.entry;
        match line.keyword.as_str() {
            "hostname" if self.host_name.is_none() => self.host_name = reader.text(),
            "port" if entry.port.is_none() => entry.port = reader.number(),
            "user" if entry.user.is_none() => entry.user = reader.text(),
            "connectionattempts" if entry.connect_attempts.is_none() => entry.connect_attempts = reader.number(),
            "connecttimeout" if entry.connect_timeout.is_none() => {
                entry.connect_timeout = reader.number::<u32>().map(f64::from);
            }
            "identityfile" => add(&mut entry.identity_files, reader.path()),
            "certificatefile" => add(&mut entry.certificate_files, reader.path()),
            "identitiesonly" if self.identities_only.is_none() => {
                self.identities_only = Some(line.words[0].eq_ignore_ascii_case("yes"));
            }
            "identityagent" if entry.agent.is_none() => entry.agent = reader.agent(),
            "userknownhostsfile" if entry.known_hosts.is_none() => entry.known_hosts = Some(reader.paths()),
            "stricthostkeychecking" if entry.host_keys.is_none() => entry.host_keys = Some(reader.policy()),
            "proxyjump" if !self.has_way => {
                self.has_way = true;
                self.jump = reader.jump();
            }
            "proxycommand" if !self.has_way => {
                self.has_way = true;
                entry.proxy_command = reader.command();
            }
            _ if is_known(&line.keyword) => {}
            _ => reader.warn("is not honoured"),
        }
        if self.identities_only == Some(true) && listed.agent.is_none() {
            self.entry.agent = None;
        }
    }
}

/// Whether an option is taken, or changes nothing.
fn is_known(keyword: &str) -> bool {
    let taken = [
        "hostname",
        "port",
        "user",
        "connectionattempts",
        "connecttimeout",
        "identitiesonly",
        "identityagent",
        "userknownhostsfile",
        "stricthostkeychecking",
        "proxyjump",
        "proxycommand",
    ];
    taken.contains(&keyword) || WITHOUT_EFFECT.contains(&keyword)
}

fn add(list: &mut Option<Vec<String>>, value: Option<String>) {
    list.get_or_insert_default().extend(value);
}

impl Reader<'_> {
    fn warn(&mut self, what: &str) {
        self.warnings.add(format!("{}: {} {what}", self.line.place, self.line.keyword));
    }

    fn number<T: std::str::FromStr>(&mut self) -> Option<T> {
        let number = self.line.words[0].parse().ok();
        if number.is_none() {
            self.warn("is not a number, and is left out");
        }
        number
    }

    fn text(&mut self) -> Option<String> {
        let word = &self.line.words[0];
        self.expanded(word)
    }

    fn path(&mut self) -> Option<String> {
        let word = &self.line.words[0];
        if word.eq_ignore_ascii_case("none") { None } else { self.path_of(word) }
    }

    fn paths(&mut self) -> Vec<String> {
        let words = self.line.words.iter().filter(|word| !word.eq_ignore_ascii_case("none"));
        words.filter_map(|word| self.path_of(word)).collect()
    }

    fn path_of(&mut self, word: &str) -> Option<String> {
        let word = self.expanded(word)?;
        match (word.strip_prefix("~/"), self.home) {
            (None, _) => Some(word),
            (Some(rest), Some(home)) => Some(home.join(rest).to_string_lossy().into_owned()),
            (Some(_), None) => {
                self.warn("needs HOME, which is not set, and is left out");
                None
            }
        }
    }

    fn agent(&mut self) -> Option<String> {
        let word = self.line.words[0].as_str();
        let variable = if word == "SSH_AUTH_SOCK" { Some(word) } else { word.strip_prefix('$') };
        let variable = variable.map(|name| name.trim_matches(['{', '}']));
        match variable {
            None => self.path(),
            Some(name) => {
                let socket = std::env::var(name).ok();
                if socket.is_none() {
                    self.warn(&format!("names {name}, which is not set, and is left out"));
                }
                socket
            }
        }
    }

    fn policy(&mut self) -> HostKeyPolicy {
        match self.line.words[0].to_ascii_lowercase().as_str() {
            "yes" | "ask" => HostKeyPolicy::Strict,
            "accept-new" => HostKeyPolicy::AcceptNew,
            _ => {
                self.warn("does not switch the check of host keys off: it stays strict");
                HostKeyPolicy::Strict
            }
        }
    }

    fn jump(&mut self) -> Vec<String> {
        let word = &self.line.words[0];
        if word.eq_ignore_ascii_case("none") {
            return Vec::new();
        }
        let places = word.split(',').map(|place| place.strip_prefix("ssh://").unwrap_or(place).to_owned());
        places.collect()
    }

    /// A line for a shell, in which the node's own words are put when it is connected to.
    fn command(&mut self) -> Option<Vec<String>> {
        let line = &self.line.words[0];
        if line.eq_ignore_ascii_case("none") {
            return Some(Vec::new());
        }
        let mut rest = line.chars();
        while let Some(c) = rest.next() {
            if c == '%' && !matches!(rest.next(), Some('h' | 'p' | 'r' | '%')) {
                self.warn("has a token that is not understood, and is left out");
                return None;
            }
        }
        Some(["/bin/sh", "-c"].map(str::to_owned).into_iter().chain([format!("exec {line}")]).collect())
    }

    fn expanded(&mut self, word: &str) -> Option<String> {
        let mut out = String::new();
        let mut rest = word.chars();
        while let Some(c) = rest.next() {
            match (c, (c == '%').then(|| rest.next()).flatten(), self.home) {
                ('%', Some('h' | 'n'), _) => out.push_str(self.alias),
                ('%', Some('%'), _) => out.push('%'),
                ('%', Some('d'), Some(home)) => out.push_str(&home.to_string_lossy()),
                ('%', ..) => {
                    self.warn("has a token that is not understood, and is left out");
                    return None;
                }
                (c, ..) => out.push(c),
            }
        }
        Some(out)
    }
}

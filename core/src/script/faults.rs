//! A change that is cut off, or in which a command fails, at each of its commands: afterwards the node has the old or
//! the new state, whole, and the engine runs with what is on the disk.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::tests::{ODD, SHELLS, busybox, files, nothing_is_left, run, system, whole_plan, words};
use super::*;
use crate::plan::{Activation, Check, Manager};
use crate::reply::Frame;

const ENGINE: &str = "var/engine-runs-with";
const FILE: &str = "etc/it's a folder/odd";

/// Stands in front of the commands that the scripts use: counts them, and at the one with the number `at` does what it
/// is told to. A subshell counts on from where it began. `systemctl` is an engine that reads its file when told to,
/// unless it `refuses` the new one.
fn stubs(at: usize, fault: &str, refuses: bool) -> String {
    let read = format!("cat \"$r/{FILE}\" >\"$r/{ENGINE}\"");
    let read = if refuses { format!("! grep -q 'and more' \"$r/{FILE}\" && {read}") } else { read };
    let mut out = format!(
        "ticks=0\n\
         tick() {{ ticks=$((ticks + 1)); if [ $ticks -eq {at} ]; then {fault}; fi; }}\n\
         limited() {{ shift; \"$@\" </dev/null; }}\n\
         within_time() {{ limited \"$@\"; }}\n\
         true() {{ tick; }}\n\
         sleep() {{ :; }}\n\
         journalctl() {{ echo 'the engine has its reasons'; }}\n\
         holds() {{ \"$1\"; }}\n\
         systemctl() {{ tick || return 1; case $1 in reload | restart) {read} ;; esac; }}\n"
    );
    // Some of what a change keeps is written by the shell itself.
    out += "printf() { case $1 in @*) ;; *) tick ;; esac; command printf \"$@\"; }\n";
    for name in ["mv", "ln", "rm", "cp", "mkdir", "cat", "chmod", "sync", "cmp", "sha256sum", "tail"] {
        let _ = writeln!(
            out,
            "{name}() {{ tick || {{ echo '{name}: No space left on device' >&2; return 1; }}; command {name} \"$@\"; }}"
        );
    }
    out
}

/// A script with the stubs in it, right before its last line calls what it defines.
fn with_stubs(script: &str, call: &str, stubs: &str) -> String {
    let at = script.rfind(call).unwrap();
    format!("{}{stubs}{}", &script[..at], &script[at..])
}

fn plan_with_engine() -> Plan {
    let mut made = whole_plan();
    made.activations.push(Activation { unit: "engine".into(), action: Action::Restart, manager: Manager::Systemd });
    made.checks.push(Check {
        shows: "the engine has read it".into(),
        command: vec!["engine_shows".into()],
        patterns: vec!["and more".into()],
        absent: Vec::new(),
    });
    made
}

/// What there is on the disk of a node: the old files and folders, and the new ones.
struct States {
    old: BTreeMap<String, Vec<u8>>,
    new: BTreeMap<String, Vec<u8>>,
}

struct Node(tempfile::TempDir);

impl Node {
    fn new() -> Self {
        let node = Self(system());
        fs::create_dir_all(node.path("var")).unwrap();
        fs::write(node.path(ENGINE), ODD).unwrap();
        node
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.0.path().join(name)
    }

    fn root(&self) -> &str {
        self.0.path().to_str().unwrap()
    }

    /// Files by their paths below the root.
    fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let below = |name: String| name.strip_prefix(self.root()).unwrap().to_owned();
        files(Path::new(self.root())).into_iter().map(|(name, bytes)| (below(name), bytes)).collect()
    }

    fn apply(&self, shell: &[&str], at: usize, fault: &str, refuses: bool) -> Vec<Frame> {
        let shows = "engine_shows() { cat \"$r/var/engine-runs-with\"; }\n";
        let stubs = stubs(at, fault, refuses) + shows;
        run(shell, &with_stubs(&apply(&plan_with_engine(), self.root(), "nonce"), "\napply\n", &format!("\n{stubs}")))
    }

    fn settle(&self, shell: &[&str]) -> Vec<Frame> {
        run(shell, &with_stubs(&settle("nonce", self.root(), "nonce"), "(trap ''", &stubs(0, ":", false)))
    }

    /// Whether the state is whole, and which of the two it is.
    fn is_new(&self, states: &States, what: &str) -> bool {
        let found = self.files();
        let litter: Vec<_> = found.keys().filter(|name| name.contains(".regconf-")).collect();
        assert!(litter.is_empty(), "{what}: left over: {litter:?}");
        assert!(found == states.old || found == states.new, "{what}: neither old nor new: {:?}", found.keys());
        let runs_with = fs::read(self.path(ENGINE)).unwrap();
        assert_eq!(runs_with, fs::read(self.path(FILE)).unwrap(), "{what}: the engine runs with something else");
        assert!(nothing_is_left(self.0.path()), "{what}: the change was left");
        found == states.new
    }
}

fn states() -> States {
    let node = Node::new();
    let old = node.files();
    let frames = node.apply(&["dash"], 0, ":", false);
    assert_eq!(words(&frames), "end done none", "{frames:?}");
    States { old, new: node.files() }
}

/// Tries a fault at each command until there is none with that number any more; the number of commands. Once every one
/// was tried in one shell, every third shows that others read the script alike.
fn at_each_command(shell: &[&str], fault: &str, refuses: bool, judge: impl Fn(&Node, &[Frame], &str)) -> usize {
    let step = if shell == SHELLS[0] { 1 } else { 3 };
    for at in (1..).step_by(step) {
        let node = Node::new();
        let mark = node.path("var/reached");
        let once = format!("[ -e \"$r/var/reached\" ] || {{ echo >\"$r/var/reached\"; {fault}; }}");
        let frames = node.apply(shell, at, &once, refuses);
        if !mark.exists() {
            return at.saturating_sub(step);
        }
        fs::remove_file(mark).unwrap();
        judge(&node, &frames, &format!("{shell:?} at command {at}"));
    }
    0
}

#[test]
fn a_change_that_is_killed_anywhere_ends_old_or_new() {
    let states = states();
    for shell in SHELLS {
        let tried = at_each_command(shell, "kill -9 $$; exit 1", false, |node, frames, what| {
            let said = words(frames);
            let settled = words(&node.settle(shell));
            let is_new = node.is_new(&states, &format!("{what}, then {settled}"));
            assert_eq!(is_new, settled == "end done none", "{what}: {settled}");
            assert!(!said.starts_with("end done") || is_new, "{what}: said {said}");
        });
        println!("{shell:?}: killed at each of {tried} commands, or each third");
        assert!(tried >= 35, "{tried}");
    }
}

#[test]
fn a_change_by_busybox_that_is_killed_anywhere_ends_old_or_new() {
    let states = states();
    let (_programs, path) = busybox();
    let shell = ["env", path.as_str(), "ash"];
    let tried = at_each_command(&shell, "kill -9 $$; exit 1", false, |node, _, what| {
        let settled = words(&node.settle(&shell));
        assert_eq!(node.is_new(&states, what), settled == "end done none", "{what}: {settled}");
    });
    println!("BusyBox: killed at each third of {tried} commands");
    assert!(tried >= 35, "{tried}");
}

#[test]
fn a_command_that_fails_anywhere_ends_old_or_new() {
    let states = states();
    for shell in SHELLS {
        let tried = at_each_command(shell, "return 1", false, |node, frames, what| {
            let said = words(frames);
            // What could not be cleared away, or put back, is at the next contact.
            let settled = words(&node.settle(shell));
            let put_back =
                ["end broken io", "end broken activation", "end broken verification"].contains(&said.as_str());
            assert!(!put_back || settled == "end rolledback command", "{what}: {said}, then {settled}");
            let is_new = node.is_new(&states, &format!("{what}: {said}"));
            assert_eq!(is_new, said == "end done none", "{what}: {frames:?}");
        });
        println!("{shell:?}: failed at each of {tried} commands, or each third");
        assert!(tried >= 35, "{tried}");
    }
}

#[test]
fn going_back_can_be_killed_anywhere_too() {
    let states = states();
    let whole = Node::new();
    assert_eq!(words(&whole.apply(&["dash"], 0, ":", true)), "end rolledback activation");
    assert!(!whole.is_new(&states, "an engine that refuses the new file"));
    for shell in SHELLS {
        let tried = at_each_command(shell, "kill -9 $$; exit 1", true, |node, _, what| {
            let settled = words(&node.settle(shell));
            assert!(
                !node.is_new(&states, &format!("{what}, then {settled}")),
                "{what}: the engine refuses the new file"
            );
        });
        println!("{shell:?}: killed at each of {tried} commands of a change that goes back, or each third");
        assert!(tried >= 35, "{tried}");
    }
}

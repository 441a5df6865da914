//! Every line of shell that ever runs on a node, and nothing else that does.
//!
//! What a script does stands in `script/*.sh`, plain POSIX shell; here it is put together with the data of one call.
//! A script is functions, and one call of them on its very last line: cut short anywhere, it does nothing.

mod check;
mod sum;

use std::collections::BTreeSet;
use std::fmt::Write;
use std::sync::LazyLock;

use crate::facts::{Guess, Query};
use crate::node::{Become, Node};
use crate::plan::{Action, Activation, FileChange, Plan, STAGED};

const COMMON: &str = include_str!("script/common.sh");
const GATHER: &str = include_str!("script/gather.sh");
const CHANGE: &str = include_str!("script/change.sh");
const APPLY: &str = include_str!("script/apply.sh");
const RUN: &str = include_str!("script/run.sh");
const SETTLE: &str = include_str!("script/settle.sh");

/// What [`FileChange::kind`] says of a file that is there before and after.
const CHANGE_KIND: &str = "change";

/// The longest word in a script, well below what any system allows for an argument.
const CHUNK: usize = 8000;

/// The functions of a script as they are sent: without comments and indentation, of which a node has no use.
static GATHERS: LazyLock<String> = LazyLock::new(|| sent(&[COMMON, GATHER]));
static APPLIES: LazyLock<String> = LazyLock::new(|| sent(&[COMMON, CHANGE, APPLY]));
static SETTLES: LazyLock<String> = LazyLock::new(|| sent(&[COMMON, CHANGE, SETTLE]));
static RUNS: LazyLock<String> = LazyLock::new(|| sent(&[COMMON, RUN]));

/// Only the first blanks of a line and whole lines of comment go; no text in the scripts has such lines.
fn sent(parts: &[&str]) -> String {
    let lines = parts.iter().flat_map(|part| part.lines()).map(|line| line.trim_start_matches('\t'));
    lines.filter(|line| !line.is_empty() && !line.starts_with('#')).fold(String::new(), |all, line| all + line + "\n")
}

/// The command that the login shell gets: short, and read alike by sh, csh and fish. What follows comes on its input.
pub(crate) fn start(node: &Node, nonce: &str) -> String {
    let shell = format!("sh -c '{IN_C}echo @{nonce} ready 0; echo; exec sh -s'");
    match (node.become_root, &node.become_password) {
        (Become::None, _) => format!("exec {shell}"),
        (Become::Sudo, None) => format!("exec sudo -n {shell}"),
        (Become::Doas, _) => format!("exec doas -n {shell}"),
        (Become::Sudo, Some(_)) => format!("exec sudo -S -p {} {shell}", prompt(nonce)),
        // Its command is read by root's login shell.
        (Become::Su, _) => format!("exec env LC_ALL=C su root -c 'echo @{nonce} ready 0; echo; exec sh -s'"),
    }
}

/// The same with a first script in it, which saves a round trip. `None` where a password must be on the input before.
///
/// For sudo the script goes over a pipe, because sudo logs the words of its command. When the shell behind it ends, the
/// one before it is killed, for else it would go on waiting for input. csh leaves it copies of its own streams.
pub(crate) fn start_with(node: &Node, script: &str) -> Option<String> {
    let piped = |by: &str| {
        format!(
            "exec sh -c '{IN_C}{{ printf %b \"$@\"; exec cat 2>/dev/null 3>&- 4>&- 5>&-; }} | {{ {by} -n sh -s; kill $$; }}' sh"
        )
    };
    let shell = match (node.become_root, &node.become_password) {
        (Become::None, _) => format!("exec sh -c '{IN_C}eval \"$(printf %b \"$@\")\"; exec sh -s' sh"),
        (Become::Sudo, None) => piped("sudo"),
        (Become::Doas, _) => piped("doas"),
        (Become::Sudo, Some(_)) | (Become::Su, _) => return None,
    };
    Some(shell + &words(script))
}

/// In this locale shells count bytes, and programs say what is expected of them.
const IN_C: &str = "LC_ALL=C; export LC_ALL; ";

/// The longest word that the oldest csh takes is 1024 bytes; a byte takes five at most.
const WORD: usize = 200;

/// A text as words that every login shell reads alike, for `printf %b` to put together.
fn words(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 5 / 4);
    for chunk in text.as_bytes().chunks(WORD) {
        out.push_str(" '");
        escape(chunk, &mut out);
        out.push('\'');
    }
    out
}

/// What su asks with in the C locale: it takes no prompt of ours. PAM's modules write it with a capital or without.
pub(crate) const PROMPT_OF_SU: &str = "assword:";

/// What sudo asks with, so that the password is only ever given to sudo.
pub(crate) fn prompt(nonce: &str) -> String {
    format!("regconf-{nonce}:")
}

/// Asks for everything at once; an answer has the number of its query, those of guesses come after.
pub(crate) fn gather(queries: &[Query], guesses: &[Guess], root: &str, nonce: &str) -> String {
    let mut script = format!("{}{}gather() {{\n", head(root, nonce), *GATHERS);
    script += "tell_user\nlook_back\ntell_all\n";
    let daemons = queries.iter().filter_map(|query| if let Query::Daemon(name) = query { Some(name) } else { None });
    script += &all_at_once("find_daemons", daemons);
    script += &units_at_once(queries, guesses);
    let files = queries.iter().filter_map(|query| if let Query::Modified(path) = query { Some(path) } else { None });
    let _ = writeln!(script, "tell_times {}", files.map(|path| quoted(path)).collect::<Vec<_>>().join(" "));
    for (i, query) in queries.iter().enumerate() {
        let _ = match query {
            Query::File(path) => writeln!(script, "get_file {i} {}", quoted(path)),
            Query::Dir(path) => writeln!(script, "get_dir {i} {}", quoted(path)),
            Query::Unit(name) => {
                let of = |guess: &Guess| match guess {
                    Guess::FilesOf(unit, flags) if unit == name => Some(format!("\nalso_files {}", flags.join(" "))),
                    _ => None,
                };
                let also = guesses.iter().find_map(of).unwrap_or_default();
                writeln!(script, "get_unit {i} {}{also}", quoted(name))
            }
            Query::Command(words) if words.get(1..) == Some(&["--version".to_owned()]) => {
                writeln!(script, "get_version {i} {}", quoted(&words[0]))
            }
            Query::Command(words) => writeln!(script, "get_command {i} {}", command(words)),
            Query::Daemon(program) => writeln!(script, "get_daemon {i} {}", quoted(program)),
            Query::Program(name) => writeln!(script, "get_program {i} {}", quoted(name)),
            Query::Modified(path) => writeln!(script, "get_modified {i} {}", quoted(path)),
        };
    }
    for (i, guess) in (queries.len()..).zip(guesses) {
        let _ = match guess {
            Guess::CommandOf(daemon, words) => {
                writeln!(script, "is_up {daemon} && get_command_if_there {i} {}", command(words))
            }
            Guess::UnitIfDown(program, unit) => writeln!(script, "is_up {program} || get_unit {i} {}", quoted(unit)),
            Guess::VersionIfDown(program) => writeln!(script, "is_up {program} || get_version {i} {program}"),
            Guess::FilesOf(..) => Ok(()),
        };
    }
    script + "frame end ''\ntell_all\n}\ngather\n"
}

/// What is asked for all queries of a kind together.
fn all_at_once<'a>(function: &str, names: impl Iterator<Item = &'a String>) -> String {
    let names: Vec<_> = names.map(|name| quoted(name)).collect();
    if names.is_empty() { String::new() } else { format!("{function} {}\n", names.join(" ")) }
}

/// Asks for all services together, in the order in which they are told.
fn units_at_once(queries: &[Query], guesses: &[Guess]) -> String {
    let asked =
        queries.iter().filter_map(|query| if let Query::Unit(name) = query { Some(quoted(name)) } else { None });
    let mut script = format!("set -- {}\n", asked.collect::<Vec<_>>().join(" "));
    for guess in guesses {
        if let Guess::UnitIfDown(program, unit) = guess {
            let _ = writeln!(script, "is_up {program} || set -- \"$@\" {}", quoted(unit));
        }
    }
    script + "ask_units \"$@\"\n"
}

/// Carries a plan out, or puts everything back.
pub(crate) fn apply(plan: &Plan, root: &str, nonce: &str) -> String {
    format!("{}{}{}", head(root, nonce), *APPLIES, calls(plan))
}

/// The functions of one plan, and the call of all.
fn calls(plan: &Plan) -> String {
    let mut script = String::new();
    for (i, change) in plan.changes.iter().enumerate() {
        script += &payload(&format!("after_{i}"), change.after.as_deref());
        script += &judge(i, change);
    }
    for (i, check) in plan.checks.iter().enumerate() {
        script += &check::function(i, check);
    }
    script += "apply() {\ntrap '' HUP PIPE INT TERM\n";
    let _ = writeln!(script, "begin{} || give_up io \"$(unwritable)\"", backup_folders(plan));
    script += &preparation(plan);
    script += &replacement(plan);
    script += &activation(plan);
    script + "succeed || give_up io \"$(unwritable)\"\nfinish 'done' none ''\n}\napply\n"
}

/// Where what is changed or removed will be kept.
fn backup_folders(plan: &Plan) -> String {
    let kept = plan.changes.iter().filter(|change| change.before.is_some());
    let folders: BTreeSet<_> =
        kept.filter_map(|change| change.path.rsplit_once('/')).map(|(folder, _)| folder).collect();
    folders.iter().fold(String::new(), |all, folder| all + " \"$state/backup\"" + &quoted(folder))
}

/// Waits for the change with this nonce, puts right what was cut off, and tells how it ended. The shell goes on.
pub(crate) fn settle(asked: &str, root: &str, nonce: &str) -> String {
    let quoted = quoted(asked);
    format!("{}{}(trap '' HUP PIPE INT TERM; settle {quoted})\n", head(root, nonce), *SETTLES)
}

/// Runs commands one after the other, each for so many seconds at most; an answer has the number of its command.
pub(crate) fn run(commands: &[(Vec<String>, u64)], root: &str, nonce: &str) -> String {
    let mut script = format!("{}{}run_all() {{\n", head(root, nonce), *RUNS);
    for (i, (words, seconds)) in commands.iter().enumerate() {
        let _ = writeln!(script, "run {i} {seconds} {}", command(words));
    }
    script + "frame end ''\n}\nrun_all\n"
}

/// The steps before any file is touched, each of which may give up.
fn preparation(plan: &Plan) -> String {
    let mut out = String::new();
    // A file that is to be changed is compared when it is staged.
    each(&mut out, "check", plan, |_, change, path| (change.kind() != CHANGE_KIND).then(|| fresh(change, path)));
    each(&mut out, "stage", plan, |i, change, path| {
        let (before, after) = (sums(change.before.as_deref()), sums(change.after.as_deref()));
        let step = format!("stage {i} {} {path} {:o} {after} {before}", change.kind(), change.mode);
        Some(guarded(&step, "io", &unwritable(change)))
    });
    out += &staged(plan);
    each(&mut out, "judge", plan, |i, change, path| {
        change.judge.as_ref()?;
        let step = format!("{{ target {path} && judge_{i} \"$t.regconf-new\"; }}");
        Some(guarded(&step, "verification", &format!("{}: the engine's own check refuses the new file", change.path)))
    });
    for activation in &plan.activations {
        let step = format!("will_activate {} {}", activation.action, service(activation));
        let _ = writeln!(out, "{}", guarded(&step, "io", "the change could not be written down"));
    }
    out + &guarded("decide", "io", "the change could not be written down") + "\n"
}

fn unwritable(change: &FileChange) -> String {
    format!("{} could not be written", change.path)
}

/// All sums at once; which of them is not right is only asked if one is not.
fn staged(plan: &Plan) -> String {
    let mut out = "is_staged || {\n".to_owned();
    for change in &plan.changes {
        let path = quoted(&change.path);
        let is =
            |file: &str, bytes: Option<&[u8]>| format!("target \"$r\"{path} && has_sum \"$t.{file}\" {}", sums(bytes));
        if change.kind() == CHANGE_KIND {
            let _ = writeln!(out, "{{ {}; }} || {}", is("regconf-old", change.before.as_deref()), stale(change));
        }
        if change.after.is_some() {
            let step = format!("{{ {}; }}", is("regconf-new", change.after.as_deref()));
            let _ = writeln!(out, "{}", guarded(&step, "io", &unwritable(change)));
        }
    }
    out + ":\n}\n"
}

/// From the first file to the last.
fn replacement(plan: &Plan) -> String {
    let mut out = String::new();
    each(&mut out, "commit", plan, |_, change, path| {
        let step = format!("commit {} {path}", change.kind());
        let commit = guarded(&step, "io", &format!("{} could not be replaced", change.path));
        Some(format!("{}\n{commit}", fresh(change, path)))
    });
    out
}

/// Gives up if the file is not what the plan was made from.
fn fresh(change: &FileChange, path: &str) -> String {
    format!("fresh {} {path} {} || {}", change.kind(), sums(change.before.as_deref()), stale(change))
}

fn stale(change: &FileChange) -> String {
    format!("give_up stale {}", quoted(&format!("{} changed meanwhile", change.path)))
}

/// The sums of a file's bytes, as two words.
fn sums(bytes: Option<&[u8]>) -> String {
    bytes.map_or_else(|| "- '- -'".to_owned(), |bytes| format!("{} '{}'", sum::sha256(bytes), sum::cksum(bytes)))
}

/// What reads the files is told, and must show it.
fn activation(plan: &Plan) -> String {
    let mut out = String::new();
    for (i, activation) in plan.activations.iter().enumerate() {
        let Activation { unit, action, .. } = activation;
        let (name, fault) = (quoted(unit), quoted(&format!("{unit} did not {action}")));
        let service = service(activation);
        let _ = writeln!(out, "step {}", quoted(&format!("{action} {unit}")));
        let _ = writeln!(
            out,
            "tell_unit {action} {service} 2>\"$state/error\" || give_up activation \"$(because {fault}; echo; journal {name})\""
        );
        if *action == Action::Restart {
            let _ = writeln!(out, "lives_{i}=$(lives {service})");
        }
    }
    for (i, check) in plan.checks.iter().enumerate() {
        let fault = quoted(&format!("not so: {}", check.shows));
        let _ = writeln!(out, "step verify\nholds check_{i} || give_up verification {fault}\": $o\"");
    }
    let restarted = plan.activations.iter().enumerate().filter(|(_, activation)| activation.action == Action::Restart);
    for (i, activation) in restarted {
        let (name, fault) = (quoted(&activation.unit), quoted(&format!("{} died after its restart", activation.unit)));
        let service = service(activation);
        let _ = writeln!(out, "stays {service} \"$lives_{i}\" || give_up verification {fault}\": $(journal {name})\"");
    }
    out
}

/// A unit and who manages it, as the functions of the scripts want it.
fn service(activation: &Activation) -> String {
    format!("{} {}", activation.manager.name(), quoted(&activation.unit))
}

/// A step and its lines, if there are any.
fn each(out: &mut String, step: &str, plan: &Plan, line: impl Fn(usize, &FileChange, &str) -> Option<String>) {
    let path = |change: &FileChange| format!("\"$r\"{}", quoted(&change.path));
    let lines: Vec<_> = plan.changes.iter().enumerate().filter_map(|(i, c)| line(i, c, &path(c))).collect();
    if !lines.is_empty() {
        let _ = writeln!(out, "step {step}\n{}", lines.join("\n"));
    }
}

/// A step whose complaint goes into the error.
fn guarded(step: &str, kind: &str, what: &str) -> String {
    format!("{step} 2>\"$state/error\" || give_up {kind} \"$(because {})\"", quoted(what))
}

/// A function that prints these bytes. All but plain ASCII is written as octal numbers, so that neither the shell nor
/// a terminal on the way can change it.
fn payload(name: &str, bytes: Option<&[u8]>) -> String {
    let mut out = format!("{name}() {{\n");
    for chunk in bytes.unwrap_or_default().chunks(CHUNK) {
        out += "printf %b '";
        escape(chunk, &mut out);
        out += "'\n";
    }
    out + ":\n}\n"
}

/// Bytes as `printf %b` takes them, in single quotes. csh looks for its history even there.
fn escape(bytes: &[u8], out: &mut String) {
    for byte in bytes {
        match byte {
            b'\n' => out.push_str("\\n"),
            b'\'' | b'\\' | b'!' => octal(*byte, out),
            b' '..=b'~' => out.push(char::from(*byte)),
            _ => octal(*byte, out),
        }
    }
}

fn octal(byte: u8, out: &mut String) {
    out.push_str("\\0");
    out.extend([6, 3, 0].map(|shift| char::from(b'0' + (byte >> shift & 7))));
}

fn judge(i: usize, change: &FileChange) -> String {
    let Some(words) = &change.judge else { return String::new() };
    let words: Vec<_> =
        words.iter().map(|word| if word == STAGED { "\"$1\"".to_owned() } else { quoted(word) }).collect();
    format!("judge_{i}() {{ {} >/dev/null </dev/null; }}\n", words.join(" "))
}

fn command(words: &[String]) -> String {
    words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ")
}

/// A word that the shell takes as it is.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

/// Where the script works. A root that is no folder, or is `/` by another name, ends it at once: an empty `r` would
/// mean the running system.
fn head(root: &str, nonce: &str) -> String {
    if root == "/" {
        return format!("n={nonce}\nr=''\n");
    }
    let fault = format!("the root {root} is not a folder of its own on the node");
    // A relative path would mean whatever folder the shell begins in.
    let folder = if root.starts_with('/') { root } else { "/dev/null" };
    let (length, root, fault) = (fault.len(), quoted(folder), quoted(&fault));
    format!(
        "n={nonce}\nr=$(cd {root} 2>/dev/null && pwd -P)\n\
         case $r in '' | / | //) printf '@%s end failed io {length}\\n%s\\n' \"$n\" {fault}; exit 0 ;; esac\n"
    )
}

#[cfg(test)]
mod daemons;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod places;
#[cfg(test)]
mod starts;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod units;

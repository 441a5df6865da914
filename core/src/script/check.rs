//! What is asked after an engine was told: a command, and what it must print. The shell looks for that by itself where it
//! can, without a `grep`.

use super::{command, quoted};
use crate::plan::Check;

/// A function that holds if the check does, and else says in `$o` what it misses.
pub(super) fn function(i: usize, check: &Check) -> String {
    let present = check.patterns.iter().map(|pattern| test("", pattern, "line_like"));
    let absent = check.absent.iter().map(|pattern| test("! ", pattern, "no_line_like"));
    let tests: String = present.chain(absent).collect();
    let ask = format!("c=$(within_time 20 {} 2>&1) || {{\no=$(end_of \"$c\")\nreturn 1\n}}", command(&check.command));
    format!("check_{i}() {{\n{ask}\n:{tests}\n}}\n")
}

/// What the shell finds by itself takes no program; else, and to say what is missing, there is one.
fn test(not: &str, pattern: &str, like: &str) -> String {
    let like = format!("{like} {}", quoted(pattern));
    match condition(pattern) {
        Some(condition) => format!(" && {{ {not}{condition} || {like}; }}"),
        None => format!(" && {like}"),
    }
}

/// A condition of the shell that holds if some line of `$c` is like the pattern, a POSIX extended regular expression.
/// `None` for one that is neither plain text nor two texts with no bracket of a kind between them.
fn condition(pattern: &str) -> Option<String> {
    if let Some(text) = literal(pattern) {
        return Some(format!("has_text {}", quoted(&text)));
    }
    let (end, (head, tail)) =
        ['}', ']'].into_iter().find_map(|end| Some((end, pattern.split_once(&format!("[^{end}]*"))?)))?;
    let (head, tail) = (literal(head)?, literal(tail)?);
    let is_split = head.contains(end) || tail.contains(end);
    (!is_split).then(|| format!("has_between {} '{end}' {}", quoted(&head), quoted(&tail)))
}

/// What an expression matches, if that is one text only.
fn literal(pattern: &str) -> Option<String> {
    let mut chars = pattern.chars();
    let mut text = String::new();
    while let Some(c) = chars.next() {
        match c {
            // Before a letter it would be an extension of some grep.
            '\\' => text.push(chars.next().filter(char::is_ascii_punctuation)?),
            '.' | '[' | ']' | '{' | '}' | '(' | ')' | '*' | '+' | '?' | '^' | '$' | '|' => return None,
            c => text.push(c),
        }
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    const SAID: &str = "{\"CIDRs\":[\"10.0.0.0/8\",\"::1/128\"],\"reg.lab:5000\":{\"Mirrors\":[],\"Secure\":false},\"*\":{\"Secure\":true}}\n\
                        {\"split\":{\n\"Secure\":false}}";

    /// What the shell finds by itself, and what grep finds.
    fn found(pattern: &str) -> (Option<bool>, bool) {
        let ends_well = |command: &mut Command| command.env("c", SAID).status().unwrap().success();
        let by_shell = condition(pattern).map(|condition| {
            let functions = super::super::APPLY;
            ends_well(Command::new("sh").args(["-c", &format!("nl='\n'\n{functions}\n{}\n{condition}", said())]))
        });
        let grep = format!("printf '%s\\n' \"$c\" | grep -Eq -e {}", quoted(pattern));
        (by_shell, ends_well(Command::new("sh").args(["-c", &grep])))
    }

    /// The functions' file empties the variable.
    fn said() -> String {
        format!("c='{SAID}'")
    }

    #[test]
    fn the_shell_finds_what_grep_finds() {
        for (pattern, is_there) in [
            ("CIDRs", true),
            ("reg\\.lab:5000", true),
            ("reg\\.lab:500\\*", false),
            ("\"\\*\":\\{", true),
            ("\"reg\\.lab:5000\":\\{[^}]*\"Secure\":false", true),
            ("\"reg\\.lab:5000\":\\{[^}]*\"Secure\":true", false),
            ("\"CIDRs\":\\[[^]]*\"::1/128\"", true),
            ("\"CIDRs\":\\[[^]]*\"reg", false),
            ("\"split\":\\{[^}]*\"Secure\":false", false),
            ("\"Secure\":false[^}]*\"reg", false),
        ] {
            assert_eq!(found(pattern), (Some(is_there), is_there), "{pattern}");
        }
        for pattern in ["reg.lab", "a|b", "\\w", "\"\\[::1\\]\\[[^]]*x", "a[^}]*b[^}]*c", "[^x]*"] {
            assert_eq!(condition(pattern), None, "{pattern}");
        }
    }
}

//! Ranges in names of hosts: `node[01:12]`, `[a:c]`, `n[0:10:5]`.

use crate::error::{Error, Result};

/// No fleet has more nodes.
const MOST: usize = 100_000;

/// The names that a pattern stands for, in their order.
pub(super) fn expand(pattern: &str) -> Result<Vec<String>> {
    let mut names = vec![String::new()];
    let mut rest = pattern;
    while let Some((before, inside, after)) = next_range(rest) {
        let members = members(inside).ok_or_else(|| wrong(pattern))?;
        if names.len().saturating_mul(members.len()) > MOST {
            return Err(Error::invalid(format!("{pattern} stands for more than {MOST} hosts")));
        }
        let extend = |name: &String| members.iter().map(|member| format!("{name}{before}{member}")).collect::<Vec<_>>();
        names = names.iter().flat_map(extend).collect();
        rest = after;
    }
    Ok(names.into_iter().map(|name| name + rest).collect())
}

/// The text before a range, the range, and the text after it; an IPv6 address in brackets is none.
fn next_range(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once('[')?;
    let (inside, after) = rest.split_once(']')?;
    let is_range = inside.contains(':') && inside.parse::<std::net::Ipv6Addr>().is_err();
    is_range.then_some((before, inside, after))
}

fn members(range: &str) -> Option<Vec<String>> {
    let parts: Vec<_> = range.split(':').collect();
    let (from, to, step) = match parts[..] {
        [from, to] => (from, to, 1),
        [from, to, step] => (from, to, step.parse().ok().filter(|step: &usize| *step > 0)?),
        _ => return None,
    };
    let from = if from.is_empty() { "0" } else { from };
    let letter = |text: &str| Some(text.bytes().next()?).filter(|b| text.len() == 1 && b.is_ascii_alphabetic());
    if let (Some(from), Some(to)) = (letter(from), letter(to)) {
        return Some((from..=to).step_by(step).map(|b| char::from(b).to_string()).collect());
    }
    let width = if from.starts_with('0') && from.len() > 1 { from.len() } else { 0 };
    let (from, to) = (from.parse::<usize>().ok()?, to.parse::<usize>().ok()?);
    if to < from || to - from > MOST {
        return None;
    }
    Some((from..=to).step_by(step).map(|i| format!("{i:0width$}")).collect())
}

fn wrong(pattern: &str) -> Error {
    Error::invalid(format!("{pattern:?} has a range that is none")).with_hint("write it as node[01:12]")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_expanded() {
        let names = |pattern: &str| expand(pattern).unwrap().join(" ");
        assert_eq!(names("node[08:10]"), "node08 node09 node10");
        assert_eq!(names("n[1:2].[a:b].lab"), "n1.a.lab n1.b.lab n2.a.lab n2.b.lab");
        assert_eq!((names("n[0:10:5]"), names("n[:1]")), ("n0 n5 n10".into(), "n0 n1".into()));
        assert_eq!((names("[fd00::1]:22"), names("n1")), ("[fd00::1]:22".into(), "n1".into()));
        for bad in ["n[3:1]", "n[a:9]", "n[0:9999999]", "n[1:2:0]", "[0:999][0:999]"] {
            assert!(expand(bad).is_err(), "{bad}");
        }
    }
}

//! Versions as programs print them.

use super::product;
use crate::facts::{Facts, Query};

/// Major, minor and patch number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Version(pub(super) u32, pub(super) u32, pub(super) u32);

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}.{}", self.0, self.1, self.2)
    }
}

/// The version of an engine: as the caller says, else as the program of its running daemon has told, else as that in
/// PATH has, else as assumed.
pub(super) fn of(facts: &Facts, engine: &str, program: &str) -> Option<Version> {
    let running = product::standalone(facts, program).and_then(|process| process.version);
    let told = facts.version(engine).or(running.as_deref()).or_else(|| super::text(facts, &Query::version(program)));
    told.and_then(parse).or_else(|| parse(facts.assumed_version(engine)?))
}

/// Whether there is an engine, running or in PATH.
pub(super) fn is_known(facts: &Facts, engine: &str, program: &str) -> bool {
    let runs = || product::standalone(facts, program).is_some();
    facts.version(engine).is_some() || super::text(facts, &Query::version(program)).is_some() || runs()
}

/// The first word that looks like a version, as in `containerd github.com/containerd/containerd 1.6.20~ds1 1.6.20~ds1-1+b1`
/// and `Docker version 26.1.5+dfsg1, build a72d7cd`.
pub(super) fn parse(text: &str) -> Option<Version> {
    text.split_whitespace().find_map(|word| {
        let mut numbers = word.strip_prefix('v').unwrap_or(word).splitn(3, '.');
        let major = numbers.next()?.parse().ok()?;
        let minor = leading_number(numbers.next()?)?;
        Some(Version(major, minor, numbers.next().and_then(leading_number).unwrap_or(0)))
    })
}

fn leading_number(text: &str) -> Option<u32> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    text[..end].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_printed_by_the_engines() {
        assert_eq!(
            parse("containerd github.com/containerd/containerd 1.6.20~ds1 1.6.20~ds1-1+b1"),
            Some(Version(1, 6, 20))
        );
        assert_eq!(
            parse("containerd containerd.io 1.7.24 88bf19b2105c8b17560993bee28a01ddc2f97182"),
            Some(Version(1, 7, 24))
        );
        assert_eq!(parse("containerd github.com/containerd/containerd/v2 v2.4.0-beta.0 abc"), Some(Version(2, 4, 0)));
        assert_eq!(parse("Docker version 26.1.5+dfsg1, build a72d7cd"), Some(Version(26, 1, 5)));
        assert_eq!(parse("28.5"), Some(Version(28, 5, 0)));
        assert_eq!(parse("containerd unknown"), None);
    }
}

//! One line of a `known_hosts` file, as sshd(8) defines it under "SSH KNOWN HOSTS FILE FORMAT".

use base64ct::{Base64, Base64Unpadded, Encoding};
use hmac::{Hmac, Mac};
use sha1::Sha1;
use sha2::{Digest, Sha256};

/// A public key of a server, in the encoding of RFC 4253 section 6.6.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::transport::ssh) struct HostKey(Vec<u8>);

impl HostKey {
    /// Takes the raw key; `None` when it does not even name its type.
    pub(in crate::transport::ssh) fn new(blob: impl Into<Vec<u8>>) -> Option<Self> {
        let blob = blob.into();
        kind_of(&blob).is_some().then_some(Self(blob))
    }

    fn parse(kind: &str, base64: &str) -> Option<Self> {
        let key = Self::new(Base64::decode_vec(base64).ok()?)?;
        (key.kind() == kind).then_some(key)
    }

    /// Takes a key as it stands in files: type, base64, and perhaps a comment.
    pub(in crate::transport::ssh) fn from_line(line: &str) -> Option<Self> {
        let mut words = line.split_whitespace();
        Self::parse(words.next()?, words.next()?)
    }

    /// The type, such as `ssh-ed25519`.
    pub(in crate::transport::ssh) fn kind(&self) -> &str {
        kind_of(&self.0).unwrap_or_default()
    }

    /// The raw key.
    pub(in crate::transport::ssh) fn blob(&self) -> &[u8] {
        &self.0
    }

    /// The fingerprint as `ssh-keygen -l` shows it.
    pub(in crate::transport::ssh) fn fingerprint(&self) -> String {
        fingerprint(&self.0)
    }

    /// The key as it stands in files, without a comment.
    pub(super) fn text(&self) -> String {
        format!("{} {}", self.kind(), Base64::encode_string(&self.0))
    }
}

/// The SHA-256 fingerprint of a public key, as `ssh-keygen -l` shows it.
pub(in crate::transport::ssh) fn fingerprint(blob: &[u8]) -> String {
    format!("SHA256:{}", Base64Unpadded::encode_string(&Sha256::digest(blob)))
}

fn kind_of(blob: &[u8]) -> Option<&str> {
    let (length, rest) = blob.split_first_chunk()?;
    let kind = rest.get(..usize::try_from(u32::from_be_bytes(*length)).ok()?)?;
    let is_name = |kind: &&str| !kind.is_empty() && kind.len() <= 64 && kind.bytes().all(|b| b.is_ascii_graphic());
    std::str::from_utf8(kind).ok().filter(is_name)
}

/// What a line says about its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Marker {
    /// It is the key of these hosts.
    None,
    /// It signs the certificates of these hosts.
    CertAuthority,
    /// It must never be accepted.
    Revoked,
}

/// The hosts that a line is about.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Names {
    /// Plain names, in lower case.
    Exact(Vec<String>),
    /// A list with wildcards or negations, in lower case.
    Patterns(Vec<String>),
    /// One name that only who knows it can find.
    Hashed(Hashed),
}

/// A name as a keyed hash. The key is taken in once: a fleet's file is asked for each of its nodes, line by line.
#[derive(Debug)]
pub(super) struct Hashed {
    keyed: Box<Hmac<Sha1>>,
    hash: Vec<u8>,
}

/// The same line, for the hash is of the salt too.
impl PartialEq for Hashed {
    fn eq(&self, other: &Self) -> bool {
        self.hash == other.hash
    }
}

impl Eq for Hashed {}

impl Hashed {
    fn parse(text: &str) -> Option<Self> {
        let (salt, hash) = text.split_once('|')?;
        let keyed = Hmac::new_from_slice(&Base64::decode_vec(salt).ok()?).ok()?;
        Some(Self { keyed: Box::new(keyed), hash: Base64::decode_vec(hash).ok()? })
    }

    fn is(&self, name: &str) -> bool {
        Hmac::clone(&self.keyed).chain_update(name).verify_slice(&self.hash).is_ok()
    }
}

impl Names {
    fn parse(text: &str) -> Option<Self> {
        if let Some(hashed) = text.strip_prefix("|1|") {
            return Hashed::parse(hashed).map(Self::Hashed);
        }
        let names: Vec<_> = text.split(',').map(str::to_ascii_lowercase).collect();
        let is_plain = !text.contains(['*', '?', '!']);
        Some(if is_plain { Self::Exact(names) } else { Self::Patterns(names) })
    }

    /// Whether the name, in lower case, is one of these.
    pub(super) fn contains(&self, name: &str) -> bool {
        match self {
            Self::Exact(names) => names.iter().any(|n| n == name),
            Self::Patterns(patterns) => {
                let negated = |p: &String| p.strip_prefix('!').is_some_and(|p| matches(p.as_bytes(), name.as_bytes()));
                !patterns.iter().any(negated) && patterns.iter().any(|p| matches(p.as_bytes(), name.as_bytes()))
            }
            Self::Hashed(hashed) => hashed.is(name),
        }
    }
}

/// `*` is any run of characters, `?` any one; all others, brackets too, are themselves.
fn matches(pattern: &[u8], name: &[u8]) -> bool {
    let (mut p, mut n) = (0, 0);
    let mut star = None;
    while n < name.len() {
        match pattern.get(p) {
            Some(b'*') => {
                star = Some((p, n));
                p += 1;
            }
            Some(&c) if c == b'?' || c == name[n] => {
                p += 1;
                n += 1;
            }
            _ => {
                // Let the last star take one more character.
                let Some((at, taken)) = star else { return false };
                star = Some((at, taken + 1));
                p = at + 1;
                n = taken + 1;
            }
        }
    }
    pattern[p..].iter().all(|c| *c == b'*')
}

/// What a line was found to be.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// Empty, a comment, or of a form that OpenSSH skips as well.
    Nothing,
    /// A revocation that cannot be read: to skip it would be to accept the key.
    BadRevocation,
    /// A key.
    Key(Marker, Names, HostKey),
}

impl Line {
    pub(super) fn parse(text: &str) -> Self {
        let mut words = text.split([' ', '\t', '\r']).filter(|word| !word.is_empty()).peekable();
        let marker = match words.peek() {
            None => return Self::Nothing,
            Some(word) if word.starts_with('#') => return Self::Nothing,
            Some(&"@revoked") => Marker::Revoked,
            Some(&"@cert-authority") => Marker::CertAuthority,
            Some(word) if word.starts_with('@') => return Self::Nothing,
            Some(_) => Marker::None,
        };
        if marker != Marker::None {
            words.next();
        }
        let mut parse = || Some((Names::parse(words.next()?)?, HostKey::parse(words.next()?, words.next()?)?));
        match parse() {
            Some((names, key)) => Self::Key(marker, names, key),
            None if marker == Marker::Revoked => Self::BadRevocation,
            None => Self::Nothing,
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use super::*;

    // Made by ssh-keygen, as are the fingerprint and the hash below.
    const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAT4sZaWnwVub6F9ssWyaxeJqbK9SlLZc08zYKeaKZbn";

    fn names(text: &str) -> Option<Names> {
        match Line::parse(&format!("{text} {KEY} comment")) {
            Line::Key(Marker::None, names, _) => Some(names),
            _ => None,
        }
    }

    fn has(list: &str, name: &str) -> bool {
        names(list).is_some_and(|names| names.contains(name))
    }

    #[test]
    fn plain_names() {
        assert!(has("Node1,10.0.0.5", "node1"));
        assert!(has("node1,10.0.0.5", "10.0.0.5"));
        assert!(has("[fd00::1]:2222", "[fd00::1]:2222"));
        assert!(!has("node1", "node10"));
        assert!(!has("[node1]:2222", "node1"));
    }

    #[test]
    fn patterns() {
        assert!(has("*.lab", "a.b.lab"));
        assert!(!has("*.lab", "lab"));
        assert!(has("n?", "n1"));
        assert!(!has("n?", "n"));
        assert!(has("10.0.*,!10.0.9.*", "10.0.1.1"));
        assert!(!has("10.0.*,!10.0.9.*", "10.0.9.1"));
        assert!(!has("!10.0.9.*", "10.0.1.1"), "a negation alone matches nothing");
        assert!(has("[*.lab]:22*", "[a.lab]:2200"));
        assert!(has("*a*b*", "xxaxxbxx"));
        assert!(!has("*a*b", "ab-"));
        assert!(has("*", ""));
    }

    #[test]
    fn hashed_names() {
        let list = "|1|j1KI2X8rgfaA+OWlAvVznawr+xA=|AqnqHuSa5nuC3Jmua63l4eeaGtw=";
        assert!(has(list, "node1"));
        assert!(!has(list, "node2"));
        assert!(!has("|1|x|y", "node1"));
    }

    #[test]
    fn lines_that_say_nothing() {
        for text in
            ["", "  ", "# comment", "node1", "node1 ssh-ed25519", "node1 ssh-rsa AAAAC3NzaC1lZDI1NTE5", "@x n k b"]
        {
            assert_eq!(Line::parse(text), Line::Nothing, "{text:?}");
        }
        assert_eq!(Line::parse(&format!("n1 ssh-rsa {}", &KEY[12..])), Line::Nothing, "the type must be the key's");
        assert_eq!(Line::parse("@revoked * ssh-rsa cut"), Line::BadRevocation);
    }

    #[test]
    fn markers() {
        assert!(matches!(Line::parse(&format!("@revoked * {KEY}")), Line::Key(Marker::Revoked, ..)));
        assert!(matches!(
            Line::parse(&format!(" @cert-authority\t*.x\t{KEY}\r")),
            Line::Key(Marker::CertAuthority, ..)
        ));
    }

    #[test]
    fn keys() {
        let Line::Key(_, _, key) = Line::parse(&format!("n1 {KEY}")) else { panic!("no key") };
        assert_eq!(key.kind(), "ssh-ed25519");
        assert_eq!(key.text(), KEY);
        assert_eq!(key.fingerprint(), "SHA256:vbO33NU1d3EEPUU2eC+X16m//2kQIEQTK89seWU8Me4");
        assert_eq!(HostKey::new(*b"\0\0\0\x05abcd"), None);
        assert_eq!(HostKey::new(*b"\xff\xff\xff\xffabcd"), None);
    }
}

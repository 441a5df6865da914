//! Addresses of registries as Go's `net/url` reads them; letter case and port stay as they are written.

use crate::host::RegistryHost;

/// What engines use of an address; query, fragment and user info are dropped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Address {
    pub(super) scheme: String,
    /// `host` or `host:port`; may be empty.
    pub(super) host: String,
    /// As written, escapes decoded.
    pub(super) path: String,
}

impl Address {
    /// `url.Parse` of a text with a scheme; `None` where that is an error.
    pub(super) fn parse(text: &str) -> Option<Self> {
        if text.contains(|c: char| c.is_ascii_control()) {
            return None;
        }
        let text = text.split('#').next().unwrap_or(text);
        let (scheme, rest) = text.split_once(':')?;
        let named = scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b));
        if !named || !scheme.starts_with(|c: char| c.is_ascii_alphabetic()) {
            return None;
        }
        let rest = rest.split('?').next().unwrap_or(rest);
        let scheme = scheme.to_ascii_lowercase();
        let Some(rest) = rest.strip_prefix("//") else {
            // Without slashes it is opaque; without an authority it has a path only.
            let path = if rest.starts_with('/') { decoded(rest)? } else { String::new() };
            return Some(Self { scheme, host: String::new(), path });
        };
        let end = rest.find('/').unwrap_or(rest.len());
        let host = rest[..end].rsplit_once('@').map_or(&rest[..end], |(_, host)| host);
        is_host(host).then_some(())?;
        Some(Self { scheme, host: host.to_owned(), path: decoded(&rest[end..])? })
    }

    pub(super) fn port(&self) -> Option<&str> {
        let after = self.host.rfind(']').map_or(self.host.as_str(), |at| &self.host[at..]);
        after.rsplit_once(':').map(|(_, port)| port)
    }
}

/// `parseHost` and `validOptionalPort`.
fn is_host(host: &str) -> bool {
    let (name, port) = match (host.strip_prefix('['), host.rfind(']')) {
        (Some(_), Some(at)) => {
            (&host[..at], host[at + 1..].strip_prefix(':').or(host[at + 1..].is_empty().then_some("")))
        }
        (Some(_), None) => return false,
        _ => host.rsplit_once(':').map_or((host, Some("")), |(name, port)| (name, Some(port))),
    };
    let is_odd = |c: char| c == ' ' || "\"<>\\^`{|}".contains(c);
    port.is_some_and(|port| port.bytes().all(|b| b.is_ascii_digit())) && !name.contains(is_odd)
}

/// A path without its escapes; `None` for one that is cut short.
fn decoded(path: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut parts = path.split('%');
    bytes.extend(parts.next().unwrap_or("").bytes());
    for part in parts {
        let digits = part.get(..2).filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()))?;
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
        bytes.extend(part[2..].bytes());
    }
    String::from_utf8(bytes).ok()
}

/// `path.Clean` of Go for a path that begins with a slash.
pub(super) fn cleaned(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(kept.pop()),
            part => kept.push(part),
        }
    }
    format!("/{}", kept.join("/"))
}

/// `IsLocalhost` of containerd: a test of the text, in which IPv6 has a port.
pub(super) fn is_localhost(host: &RegistryHost) -> bool {
    let name = match host.port() {
        Some(_) => host.name().trim_matches(['[', ']']),
        None => host.name(),
    };
    is_localhost_name(name)
}

/// The same for `host` or `host:port`.
pub(super) fn is_localhost_text(text: &str) -> bool {
    text.parse::<RegistryHost>().map_or_else(|_| is_localhost_name(text), |host| is_localhost(&host))
}

fn is_localhost_name(name: &str) -> bool {
    name == "localhost" || name.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<(String, String, String)> {
        Address::parse(text).map(|address| (address.scheme, address.host, address.path))
    }

    #[test]
    fn addresses_are_read_as_go_does() {
        let is = |scheme: &str, host: &str, path: &str| Some((scheme.into(), host.into(), path.into()));
        assert_eq!(read("http://Reg.lab:80"), is("http", "Reg.lab:80", ""));
        assert_eq!(read("HTTPS://u:p@m.lab/a%2Fb/?q#f"), is("https", "m.lab", "/a/b/"));
        assert_eq!(read("https://[fd00::1]:5000/v2"), is("https", "[fd00::1]:5000", "/v2"));
        assert_eq!(read("httpd.local:5000"), is("httpd.local", "", ""));
        assert_eq!(read("http:/m.lab"), is("http", "", "/m.lab"));
        for bad in
            ["", "m.lab", "http://m.lab:x", "http://a b", "http://[::1", "http://m.lab/%2", "1http://m", "http://m\n"]
        {
            assert_eq!(read(bad), None, "{bad:?}");
        }
        assert_eq!(Address::parse("http://[::1]").unwrap().port(), None);
        assert_eq!(Address::parse("http://[::1]:80").unwrap().port(), Some("80"));
    }

    #[test]
    fn paths_are_cleaned_as_go_does() {
        for (path, wanted) in [("/", "/"), ("/a/", "/a"), ("//a//b", "/a/b"), ("/a/../b/.", "/b"), ("/../a", "/a")] {
            assert_eq!(cleaned(path), wanted);
        }
    }

    #[test]
    fn localhost_is_told_by_its_text() {
        for yes in ["localhost", "localhost:5000", "127.0.0.1", "127.3.2.1:80", "[::1]:5000"] {
            assert!(is_localhost(&yes.parse().unwrap()), "{yes}");
        }
        for no in ["[::1]", "local.host", "128.0.0.1:5000", "LOCALHOST:5000"] {
            assert!(!is_localhost(&no.parse().unwrap()), "{no}");
        }
    }
}

//! Entries of docker's two lists, compared and checked as moby does it.

use ipnet::IpNet;

use super::super::version::Version;
use crate::host::RegistryHost;

/// An entry without the scheme that moby cuts off, whatever its letter case; a block without its host bits.
pub(super) fn compared(entry: &str) -> String {
    let schemes = ["http://", "https://"].iter();
    let mut cut = schemes.filter(|s| entry.get(..s.len()).is_some_and(|start| start.eq_ignore_ascii_case(s)));
    let bare = &entry[cut.next().map_or(0, |scheme| scheme.len())..];
    block(bare).map_or_else(|| bare.to_owned(), |block| block.trunc().to_string())
}

/// The block of addresses that an entry means, if it means one.
pub(super) fn block(entry: &str) -> Option<IpNet> {
    if entry.contains('/') { entry.parse::<RegistryHost>().ok()?.cidr() } else { None }
}

/// A mirror without the slash that moby adds.
pub(super) fn compared_mirror(entry: &str) -> String {
    entry.trim_end_matches('/').to_owned()
}

/// Host and port of a mirror, as written, if it is reached over https.
pub(super) fn https_address(mirror: &str) -> Option<&str> {
    let (scheme, rest) = mirror.split_once("://")?;
    scheme.eq_ignore_ascii_case("https").then(|| rest.split('/').next().unwrap_or(rest))
}

/// Whether moby starts with this entry (`loadInsecureRegistries`); the error says what it minds.
pub(super) fn check(entry: &str, version: Option<Version>) -> Result<(), String> {
    let bare = with_plain_port(compared(entry));
    if bare == "index.docker.io" || bare.parse::<std::net::Ipv6Addr>().is_ok() {
        return Ok(());
    }
    // moby needs no dot and no port in a name, which an image reference does.
    let host = bare.parse::<RegistryHost>().or_else(|error| format!("{bare}:1").parse().map_err(|_| error));
    match host {
        Ok(host) if host.is_default() => Err("it has an underscore".to_owned()),
        Ok(_) if bare.ends_with(']') && version.is_some_and(|v| v < Version(23, 0, 0)) => {
            Err("this docker takes brackets only with a port".to_owned())
        }
        Ok(_) => Ok(()),
        Err(error) => Err(error.message().to_owned()),
    }
}

/// The entry without zeros before its port, which moby reads as a number.
fn with_plain_port(entry: String) -> String {
    match entry.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) && !name.ends_with(':') => {
            format!("{name}:{}", port.trim_start_matches('0'))
        }
        _ => entry,
    }
}

/// Whether moby starts with this mirror (`ValidateMirror`); a path is allowed from 24.0.8 on.
pub(super) fn check_mirror(entry: &str, version: Option<Version>) -> Result<(), String> {
    let fault = |what: &str| Err(what.to_owned());
    let Some((scheme, rest)) = entry.split_once("://") else {
        return fault("it does not begin with http:// or https://");
    };
    let authority = rest.split('/').next().unwrap_or(rest);
    let path = &rest[authority.len()..];
    let known = ["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known));
    let port = authority.rsplit_once(':').map_or("", |(_, port)| port.rsplit(']').next().unwrap_or(""));
    if !known {
        return fault("it does not begin with http:// or https://");
    }
    if rest.contains(['?', '#']) || authority.contains('@') {
        return fault("it has a query, a fragment or user info");
    }
    let is_odd = |c: char| c.is_control() || c.is_whitespace() || "\"<>\\^`{|}".contains(c);
    if authority.contains(is_odd) || rest.ends_with(' ') || rest.contains(char::is_control) {
        return fault("it has a blank or a character that no address has");
    }
    if !port.bytes().all(|b| b.is_ascii_digit()) || !has_whole_escapes(rest) {
        return fault("its port or an escape in it is none");
    }
    if path.len() > 1 && version.is_some_and(|v| v < Version(24, 0, 8)) {
        return fault("this docker takes no path in it; 24.0.8 and newer do");
    }
    Ok(())
}

/// Whether each `%` has two digits behind it, as Go's `url.Parse` wants.
fn has_whole_escapes(text: &str) -> bool {
    let is_whole = |part: &str| part.len() >= 2 && part.bytes().take(2).all(|b| b.is_ascii_hexdigit());
    text.split('%').skip(1).all(is_whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_judged_as_moby_does() {
        for good in [
            "reg.test:5000",
            "reg.test:05",
            "reg",
            "http://x:1",
            "HTTPS://reg",
            "fd00::1",
            "[::1]:5000",
            "10.1.2.3/8",
            "0.0.0.0/0",
            "fd00::/8",
        ] {
            assert_eq!(check(good, None), Ok(()), "{good}");
        }
        for bad in [
            "http://reg:5000/",
            "reg:5000/",
            "reg:5000/p",
            "ftp://x",
            "*.test",
            ".test",
            "",
            " reg:5000 ",
            "a,b",
            "reg:",
            "my_reg:5000",
            "reg:99999",
            "-reg",
            "reg-",
            "010.0.0.0/8",
            "_default",
        ] {
            assert!(check(bad, None).is_err(), "{bad:?} was accepted");
        }
    }

    #[test]
    fn mirrors_are_judged_as_moby_does() {
        for good in ["https://m.lab", "http://m.lab:5000/", "https://m.lab/p/"] {
            assert_eq!(check_mirror(good, None), Ok(()), "{good}");
        }
        for bad in ["m.lab", "//m.lab", "", "ftp://m.lab", "https://m.lab?x=1", "https://u:p@m.lab", " https://m.lab"] {
            assert!(check_mirror(bad, None).is_err(), "{bad:?} was accepted");
        }
        assert!(check_mirror("https://m.lab/p", Some(Version(20, 10, 24))).is_err());
        assert!(check("[fd00::1]", Some(Version(20, 10, 24))).is_err());
    }
}

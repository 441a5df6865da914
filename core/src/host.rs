//! Registry hosts: what stands before the first `/` of an image reference.

use std::fmt;
use std::net::Ipv6Addr;
use std::str::FromStr;

use ipnet::IpNet;

use crate::error::{Error, Result};

/// What stands before the first `/` of an image reference: `host`, `host:port` or `[IPv6]:port`;
/// docker's list also knows a CIDR block such as `10.0.0.0/8`, containerd also `_default`.
///
/// Parsed once; a value of this type is always well formed. Letter case is kept, because both engines compare
/// case-sensitively.
///
/// ```
/// # use regconf::RegistryHost;
/// let host: RegistryHost = "192.168.30.56:5000".parse()?;
/// assert_eq!((host.name(), host.port()), ("192.168.30.56", Some(5000)));
/// assert!("http://192.168.30.56:5000".parse::<RegistryHost>().is_err());
/// # Ok::<(), regconf::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RegistryHost(Form);

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Form {
    Host { name: String, port: Option<u16> },
    Cidr(IpNet),
}

/// containerd's directory for hosts that have none of their own.
const DEFAULT: &str = "_default";

impl RegistryHost {
    /// The name or address without the port; IPv6 keeps its brackets. For a CIDR block the network address.
    pub fn name(&self) -> &str {
        match &self.0 {
            Form::Host { name, .. } => name,
            Form::Cidr(_) => "",
        }
    }

    /// The port, where one is written.
    pub fn port(&self) -> Option<u16> {
        match &self.0 {
            Form::Host { port, .. } => *port,
            Form::Cidr(_) => None,
        }
    }

    /// The CIDR block, if this is one.
    pub fn cidr(&self) -> Option<IpNet> {
        match &self.0 {
            Form::Host { .. } => None,
            Form::Cidr(net) => Some(*net),
        }
    }

    /// Whether this is Docker Hub, `docker.io`.
    pub fn is_docker_hub(&self) -> bool {
        self.name() == "docker.io" && self.port().is_none()
    }

    /// Whether this is `_default`, containerd's entry for all hosts that have none of their own.
    pub fn is_default(&self) -> bool {
        self.name() == DEFAULT
    }
}

impl FromStr for RegistryHost {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        parse(text).map(Self).map_err(|(what, hint)| {
            Error::invalid(format!("{:?} is not a registry host: {what}", without_user_info(text))).with_hint(hint)
        })
    }
}

/// The text without what may be a password.
fn without_user_info(text: &str) -> String {
    text.rsplit_once('@').map_or_else(|| text.to_owned(), |(_, host)| format!("…@{host}"))
}

type Fault = (&'static str, &'static str);

const FORM: &str = "write host or host:port, IPv6 in brackets";

fn parse(text: &str) -> Result<Form, Fault> {
    if text == DEFAULT {
        return Ok(Form::Host { name: text.into(), port: None });
    }
    if text.contains("://") {
        return Err(("it has a scheme", "leave the scheme out here; it belongs to an endpoint's url"));
    }
    if text.contains('@') {
        return Err(("it has user info", "leave out the part up to the @"));
    }
    if let Some((address, bits)) = text.split_once('/') {
        return parse_cidr(address, bits).map(Form::Cidr).ok_or((
            "it has a path",
            "leave out the part from the first / on; only a CIDR block such as 10.0.0.0/8 has one",
        ));
    }
    let (name, port) = split_port(text)?;
    check_name(name, port)?;
    Ok(Form::Host { name: name.into(), port })
}

/// By the parser of the standard library, which refuses leading zeros as Go does.
fn parse_cidr(address: &str, bits: &str) -> Option<IpNet> {
    let digits = bits.bytes().all(|b| b.is_ascii_digit());
    IpNet::new(address.parse().ok()?, bits.parse().ok().filter(|_| digits)?).ok()
}

fn split_port(text: &str) -> Result<(&str, Option<u16>), Fault> {
    let end_of_address = text.rfind(']').map_or(0, |at| at + 1);
    if end_of_address == 0 && text.matches(':').count() > 1 {
        return Err(("it has more than one colon", "put an IPv6 address in brackets, such as [fd00::1]:5000"));
    }
    match text[end_of_address..].split_once(':') {
        None => Ok((text, None)),
        Some((middle, port)) => Ok((&text[..end_of_address + middle.len()], Some(parse_port(port)?))),
    }
}

fn parse_port(text: &str) -> Result<u16, Fault> {
    // The name of a host is compared as text, so that 05 is not 5.
    let is_plain = text.bytes().all(|b| b.is_ascii_digit()) && !text.starts_with('0');
    match text.parse() {
        Ok(port) if is_plain => Ok(port),
        _ => Err(("its port is not a number from 1 to 65535, written plainly", FORM)),
    }
}

fn check_name(name: &str, port: Option<u16>) -> Result<(), Fault> {
    if let Some(address) = name.strip_prefix('[') {
        return match address.strip_suffix(']').map(str::parse::<Ipv6Addr>) {
            Some(Ok(_)) => Ok(()),
            _ => Err(("what is in brackets is not an IPv6 address", FORM)),
        };
    }
    match name {
        "" => return Err(("it is empty", FORM)),
        "*" => return Err(("it is a wildcard", "use _default for all hosts without an entry (containerd only)")),
        "index.docker.io" => return Err(("engines call it docker.io", "use docker.io")),
        _ => {}
    }
    if name.split('.').any(|label| !is_label(label)) {
        let what = "it may have only letters, digits, dots, and hyphens inside a label";
        return Err((what, FORM));
    }
    if is_host_in_reference(name, port) {
        Ok(())
    } else {
        Err((
            "without a dot or a port an engine reads it as a name on Docker Hub",
            "add the port or the domain, as in the image references",
        ))
    }
}

/// One label of a domain as distribution/reference's grammar allows it.
fn is_label(label: &str) -> bool {
    let inner = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
    !label.is_empty() && label.bytes().all(inner) && !label.starts_with('-') && !label.ends_with('-')
}

/// The rule of distribution/reference by which the first part of an image reference is a host.
fn is_host_in_reference(name: &str, port: Option<u16>) -> bool {
    port.is_some() || name.contains('.') || name == "localhost" || name.bytes().any(|b| b.is_ascii_uppercase())
}

impl fmt::Display for RegistryHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Form::Host { name, port: None } => f.write_str(name),
            Form::Host { name, port: Some(port) } => write!(f, "{name}:{port}"),
            Form::Cidr(net) => net.fmt(f),
        }
    }
}

impl serde::Serialize for RegistryHost {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn good_hosts_print_as_written() {
        for text in [
            "my-registry.com",
            "192.168.30.56:5000",
            "reg:5000",
            "localhost",
            "REG.test",
            "[fd00::1]:5000",
            "[::1]",
            "docker.io",
            "_default",
            "10.0.0.0/8",
            "fd00::/8",
        ] {
            assert_eq!(text.parse::<RegistryHost>().map(|h| h.to_string()).as_deref(), Ok(text));
        }
    }

    #[test]
    fn a_password_is_not_shown() {
        let error = "http://me:hunter2@reg.test".parse::<RegistryHost>().unwrap_err().to_string();
        assert!(error.contains("…@reg.test") && !error.contains("hunter2"), "{error}");
    }

    #[test]
    fn bad_hosts_are_refused() {
        for text in [
            "",
            " reg:5000",
            "http://reg:5000",
            "reg:5000/",
            "reg:5000/path",
            "*.test",
            "*",
            ".test",
            "reg:",
            "reg:0",
            "reg:05",
            "reg:99999",
            "reg:+80",
            "my_reg:5000",
            "-reg.test",
            "reg-.test",
            "fd00::1",
            "[fd00::1",
            "[fd00::1]x",
            "registry",
            "u@reg.test",
            "a,b.c",
            "010.0.0.0/8",
            "index.docker.io",
            "[]:5000",
            "reg.test\n",
        ] {
            assert!(text.parse::<RegistryHost>().is_err(), "{text:?} was accepted");
        }
    }
}

//! Image references as people write them, and the registry host that they mean.

use std::fmt;
use std::str::FromStr;

use crate::error::{Error, Result};
use crate::host::RegistryHost;

/// An image as in `docker pull` and a pod's `image:`, made whole: the registry host, the repository, and what is asked of
/// it.
///
/// The rules are those of distribution/reference, by which both engines read it: without a host it is `docker.io`, there
/// a single name is below `library/`, and without tag and digest the tag is `latest`. A host without a dot and a port is
/// a part of the repository, unless it is `localhost` or has an upper case letter.
///
/// ```
/// # use regconf::ImageReference;
/// let image: ImageReference = "nginx".parse()?;
/// assert_eq!(image.to_string(), "docker.io/library/nginx:latest");
/// let image: ImageReference = "[fd00::1]:5000/team/app:v1".parse()?;
/// assert_eq!((image.host().port(), image.repository(), image.tag()), (Some(5000), "team/app", Some("v1")));
/// # Ok::<(), regconf::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ImageReference {
    host: RegistryHost,
    repository: String,
    tag: Option<String>,
    digest: Option<String>,
}

impl ImageReference {
    /// The registry host, `docker.io` where none is written.
    pub fn host(&self) -> &RegistryHost {
        &self.host
    }

    /// The repository, such as `library/nginx`.
    pub fn repository(&self) -> &str {
        &self.repository
    }

    /// The tag, `latest` where neither tag nor digest is written. With a digest engines do not ask for it.
    pub fn tag(&self) -> Option<&str> {
        self.tag.as_deref()
    }

    /// The digest, such as `sha256:…`.
    pub fn digest(&self) -> Option<&str> {
        self.digest.as_deref()
    }
}

impl FromStr for ImageReference {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let fault =
            |(what, hint): Fault| Error::invalid(format!("{text:?} is not an image reference: {what}")).with_hint(hint);
        parse(text).map_err(|why| match why {
            Why::Fault(said) => fault(said),
            Why::Host(error) => error.context(format!("image {text:?}")),
        })
    }
}

type Fault = (&'static str, &'static str);

enum Why {
    Fault(Fault),
    Host(Error),
}

impl From<Fault> for Why {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

const FORM: &str = "write it as in my-registry.com/team/app:v1";

/// The length that a name may have, host and repository together.
const LONGEST: usize = 255;

fn parse(text: &str) -> Result<ImageReference, Why> {
    if text.contains("://") {
        return Err(("it has a scheme", "leave out http:// or https://").into());
    }
    if text.len() == 64 && text.bytes().all(is_lower_hex) {
        return Err(("64 hexadecimal digits are the id of a local image", FORM).into());
    }
    let (host, rest) = split_host(text);
    let (rest, digest) = rest.split_once('@').map_or((rest, None), |(name, digest)| (name, Some(digest)));
    let (repository, tag) = rest.split_once(':').map_or((rest, None), |(name, tag)| (name, Some(tag)));
    let single = host == "docker.io" && !repository.contains('/');
    let repository = if single { format!("library/{repository}") } else { repository.to_owned() };
    check_repository(&repository)?;
    tag.map_or(Ok(()), check_tag)?;
    digest.map_or(Ok(()), check_digest)?;
    if host.len() + 1 + repository.len() > LONGEST {
        return Err(("its name is longer than 255 characters", FORM).into());
    }
    let latest = tag.or((digest.is_none()).then_some("latest"));
    Ok(ImageReference {
        host: parse_host(host)?,
        repository,
        tag: latest.map(str::to_owned),
        digest: digest.map(str::to_owned),
    })
}

/// The host and the rest, as `splitDockerDomain` of distribution/reference does.
fn split_host(text: &str) -> (&str, &str) {
    match text.split_once('/') {
        Some(("index.docker.io", rest)) => ("docker.io", rest),
        Some((first, rest))
            if first == "localhost" || first.contains(['.', ':']) || first.contains(|c: char| c.is_uppercase()) =>
        {
            (first, rest)
        }
        _ => ("docker.io", text),
    }
}

fn parse_host(text: &str) -> Result<RegistryHost, Why> {
    let host: RegistryHost = text.parse().map_err(Why::Host)?;
    // Engines compare the text, so that :05000 would be another host than :5000.
    if host.to_string() != text {
        return Err(("its port begins with 0", "write the port without it").into());
    }
    Ok(host)
}

fn check_repository(text: &str) -> Result<(), Fault> {
    if text.contains(|c: char| c.is_uppercase()) {
        return Err(("its repository has an upper case letter", "write the part behind the host in small letters"));
    }
    if text.split('/').all(is_component) {
        Ok(())
    } else {
        Err(("its repository may have only small letters and digits, with one of . _ __ or hyphens between them", FORM))
    }
}

/// Runs of letters and digits with one separator between each two of them.
fn is_component(text: &str) -> bool {
    let is_word = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let known = |run: &str| matches!(run, "." | "_" | "__") || run.bytes().all(|b| b == b'-');
    let ends_well = text.bytes().next().is_some_and(is_word) && text.bytes().last().is_some_and(is_word);
    let mut separators = text.split(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit());
    ends_well && separators.all(known)
}

fn check_tag(text: &str) -> Result<(), Fault> {
    let inner = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    let first = text.bytes().next().is_some_and(inner);
    if first && text.len() <= 128 && text.bytes().all(|b| inner(b) || b == b'.' || b == b'-') {
        return Ok(());
    }
    Err(("its tag is not up to 128 letters, digits, and _ . - inside", FORM))
}

fn check_digest(text: &str) -> Result<(), Fault> {
    let length = match text.split_once(':') {
        Some(("sha256", hex)) => Some((hex, 64)),
        Some(("sha384", hex)) => Some((hex, 96)),
        Some(("sha512", hex)) => Some((hex, 128)),
        _ => None,
    };
    match length {
        Some((hex, length)) if hex.len() == length && hex.bytes().all(is_lower_hex) => Ok(()),
        _ => Err((
            "its digest is not sha256:, sha384: or sha512: with all hexadecimal digits",
            "copy the digest from the registry",
        )),
    }
}

fn is_lower_hex(b: u8) -> bool {
    matches!(b, b'0'..=b'9' | b'a'..=b'f')
}

impl fmt::Display for ImageReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.host, self.repository)?;
        self.tag.iter().try_for_each(|tag| write!(f, ":{tag}"))?;
        self.digest.iter().try_for_each(|digest| write!(f, "@{digest}"))
    }
}

impl serde::Serialize for ImageReference {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIGEST: &str = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    fn whole(text: &str) -> String {
        text.parse::<ImageReference>().map_or_else(|error| error.to_string(), |image| image.to_string())
    }

    #[test]
    fn short_names_are_made_whole() {
        for (text, wanted) in [
            ("nginx", "docker.io/library/nginx:latest"),
            ("nginx:1.27", "docker.io/library/nginx:1.27"),
            ("bitnami/redis", "docker.io/bitnami/redis:latest"),
            ("docker.io/nginx", "docker.io/library/nginx:latest"),
            ("index.docker.io/a/b:c", "docker.io/a/b:c"),
            ("localhost/app", "localhost/app:latest"),
            ("localhost:5000/app", "localhost:5000/app:latest"),
            ("REG/app", "REG/app:latest"),
            ("reg/app", "docker.io/reg/app:latest"),
            ("reg:5000/app", "reg:5000/app:latest"),
            ("192.168.30.56:5000/team/app:v1", "192.168.30.56:5000/team/app:v1"),
            ("[fd00::1]:5000/app:v1", "[fd00::1]:5000/app:v1"),
            ("[::1]/a.b/c__d/e--f_g", "[::1]/a.b/c__d/e--f_g:latest"),
        ] {
            assert_eq!(whole(text), wanted, "{text}");
        }
        assert_eq!(whole(&format!("my-registry.com/app@{DIGEST}")), format!("my-registry.com/app@{DIGEST}"));
        assert_eq!(whole(&format!("a/b:c@{DIGEST}")), format!("docker.io/a/b:c@{DIGEST}"));
    }

    #[test]
    fn what_engines_refuse_is_refused_with_a_hint() {
        let long = format!("reg.lab/{}", "a".repeat(248));
        let tag = format!("app:{}", "t".repeat(129));
        let id = &DIGEST["sha256:".len()..];
        for text in [
            "",
            "/",
            "reg.lab/",
            "reg.lab",
            "http://reg.lab/app",
            "App",
            "reg.lab/App",
            "reg.lab/a//b",
            "reg.lab/-a",
            "reg.lab/a..b",
            "reg.lab/a___b",
            "reg.lab/a._b",
            "reg.lab/a ",
            " reg.lab/a",
            "my_reg.lab/a",
            "reg.lab:/a",
            "reg.lab:70000/a",
            "reg.lab:05000/a",
            "-reg.lab/a",
            "fd00::1/a",
            "[fd00::1/a",
            "*.lab/a",
            "10.0.0.0/8",
            "a:",
            "a:-x",
            "a:b:c",
            "a@sha256:123",
            "a@md5:0123456789abcdef0123456789abcdef",
            "a@",
            "é",
            &long,
            &tag,
            id,
        ] {
            let accepts_numbers = text == "10.0.0.0/8";
            match text.parse::<ImageReference>() {
                // A number is a repository's name to both engines.
                Ok(image) => assert!(accepts_numbers || text == "reg.lab", "{text:?} was taken for {image}"),
                Err(error) => assert!(error.hint().is_some(), "{error}"),
            }
        }
        assert_eq!(whole("reg.lab"), "docker.io/library/reg.lab:latest");
    }
}

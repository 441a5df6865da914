//! What a registry's address answers when a node asks it, in plain words.

use std::fmt;

use crate::error::Result;
use crate::remote::Ran;
use crate::settings::{Endpoint, Trust};

/// How long one question may take, in seconds.
const SECONDS: u64 = 6;

/// What an endpoint of a registry answered a node at `/v2/`.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Probe {
    /// The endpoint, as in the settings.
    pub url: String,
    /// What was found there.
    pub found: Found,
    /// Whether an engine that is set up so can use what was found.
    pub is_usable: bool,
    /// That in words, with what to do if it cannot be used.
    pub text: String,
}

/// What answers at an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Found {
    /// Plain http.
    Http,
    /// https with a certificate that the node's system trusts.
    Https,
    /// https with a certificate that the node's system does not trust, or that is for another name.
    HttpsUntrusted,
    /// The connection is refused: nothing listens there.
    Refused,
    /// The address cannot be reached, or does not answer in time.
    Unreachable,
    /// The name has no address.
    UnknownName,
    /// Something answers that speaks neither.
    Other,
    /// The node has neither curl nor wget.
    NotAsked,
}

impl Found {
    /// The name used in JSON, such as `https_untrusted`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
            Self::HttpsUntrusted => "https_untrusted",
            Self::Refused => "refused",
            Self::Unreachable => "unreachable",
            Self::UnknownName => "unknown_name",
            Self::Other => "other",
            Self::NotAsked => "not_asked",
        }
    }
}

impl fmt::Display for Probe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.url, self.text)
    }
}

/// Asks an endpoint by commands that `run` runs on the node, for so many seconds at most; it gives `None` for a program
/// that the node does not have.
///
/// # Errors
/// Those of `run`.
pub(crate) fn ask(endpoint: &Endpoint, mut run: impl FnMut(Vec<String>, u64) -> Result<Option<Ran>>) -> Result<Probe> {
    let (found, said) = find(endpoint, &mut run)?;
    let (is_usable, text) = judged(endpoint, found, &said);
    Ok(Probe { url: endpoint.url.to_string(), found, is_usable, text })
}

type Run<'a> = &'a mut dyn FnMut(Vec<String>, u64) -> Result<Option<Ran>>;

/// https, https with any certificate, http: until there is an answer, or none is to be had.
fn find(endpoint: &Endpoint, run: Run<'_>) -> Result<(Found, String)> {
    let url = |scheme: &str| format!("{scheme}://{}/v2/", endpoint.url.authority());
    for program in [CURL, WGET] {
        let mut ask = |scheme: &str, any: Option<&str>| {
            let words = program.words.iter().copied().chain(any).map(str::to_owned);
            run(words.chain([url(scheme)]).collect(), SECONDS)
        };
        let Some(https) = ask("https", None)? else { continue };
        match met(&https) {
            Met::Answer => return Ok((Found::Https, String::new())),
            Met::Failed(Found::Other) => {}
            Met::Failed(why) => return Ok((why, said(&https))),
        }
        if ask("https", Some(program.any))?.is_some_and(|any| met(&any) == Met::Answer) {
            return Ok((Found::HttpsUntrusted, said(&https)));
        }
        let http = ask("http", None)?.unwrap_or(https);
        return Ok(match met(&http) {
            Met::Answer => (Found::Http, String::new()),
            Met::Failed(why) => (why, said(&http)),
        });
    }
    Ok((Found::NotAsked, String::new()))
}

/// A program that asks, and its option to take any certificate.
struct Program {
    words: &'static [&'static str],
    any: &'static str,
}

const CURL: Program = Program {
    words: &["curl", "-sS", "--noproxy", "*", "-o", "/dev/null", "-w", "\n%{http_code}", "--max-time", "5"],
    any: "-k",
};
const WGET: Program = Program {
    words: &["wget", "-S", "--no-proxy", "-t", "1", "-T", "5", "-O", "/dev/null"],
    any: "--no-check-certificate",
};

/// What one question came to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Met {
    Answer,
    Failed(Found),
}

/// Any answer of HTTP is one: a registry may ask for a login, or be behind something.
fn met(ran: &Ran) -> Met {
    let code = ran.text.rsplit('\n').next().unwrap_or("").trim();
    let answered = |line: &str| line.trim_start().starts_with("HTTP/");
    if (code.len() == 3 && code != "000") || ran.text.lines().any(answered) {
        // A server of TLS tells one who speaks http so, by this answer.
        let wrong_door = code == "400" || ran.text.contains("400 Bad Request");
        return if wrong_door { Met::Failed(Found::Other) } else { Met::Answer };
    }
    let said = ran.text.to_ascii_lowercase();
    let has = |texts: &[&str]| texts.iter().any(|text| said.contains(text));
    Met::Failed(match ran.status {
        _ if has(&["could not resolve", "unable to resolve", "name or service not known", "bad address"]) => {
            Found::UnknownName
        }
        _ if has(&["connection refused", "could not connect", "couldn't connect"])
            && !has(&["no route", "unreachable"]) =>
        {
            Found::Refused
        }
        28 | 124 => Found::Unreachable,
        _ if has(&["timed out", "no route", "unreachable"]) => Found::Unreachable,
        7 => Found::Refused,
        6 => Found::UnknownName,
        _ => Found::Other,
    })
}

/// The program's own complaint.
fn said(ran: &Ran) -> String {
    let mut lines = ran.text.lines().map(str::trim);
    let complaint = lines.rfind(|line| line.contains("curl:") || line.contains("rror")).unwrap_or("");
    complaint.trim_start_matches("curl: ").to_owned()
}

fn judged(endpoint: &Endpoint, found: Found, said: &str) -> (bool, String) {
    let port = endpoint.url.port();
    match (found, endpoint.url.is_http(), &endpoint.trust) {
        (Found::Http, true, _) => (true, "answers over plain http".to_owned()),
        (Found::Http, false, _) => (false, "speaks plain http, not https: write the address with http://".to_owned()),
        (Found::Https, true, _) => (false, "speaks https, not plain http: write the address with https://".to_owned()),
        (Found::Https, false, _) => (true, "answers over https, with a certificate that the node trusts".to_owned()),
        (Found::HttpsUntrusted, true, _) => {
            (false, "speaks https, not plain http: write the address with https:// and give its CA".to_owned())
        }
        (Found::HttpsUntrusted, false, Trust::SkipVerify) => {
            (true, "answers over https, with a certificate that is not checked".to_owned())
        }
        (Found::HttpsUntrusted, false, Trust::Ca(_)) => (
            true,
            "answers over https; the node's system does not trust the certificate, the given CA is to".to_owned(),
        ),
        (Found::HttpsUntrusted, false, _) => (
            false,
            format!(
                "answers over https with a certificate that the node does not trust ({said}): give its CA, or skip_verify"
            ),
        ),
        (Found::Refused, ..) => {
            (false, format!("refuses connections: nothing listens at port {port}, or a firewall says so"))
        }
        (Found::Unreachable, ..) => {
            (false, "cannot be reached, or does not answer in time: check address, route and firewall".to_owned())
        }
        (Found::UnknownName, ..) => {
            (false, "has a name that the node cannot resolve: use an address, or a name in its DNS".to_owned())
        }
        (Found::Other, ..) => (false, format!("answers neither https nor http ({said}): it may be no registry")),
        (Found::NotAsked, ..) => (true, "was not asked: the node has neither curl nor wget".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpListener;
    use std::process::{Command, Stdio};

    use super::*;

    /// Asks from this machine, by one of the two programs.
    fn ask_by(endpoint: &Endpoint, program: &str) -> Probe {
        let run = |words: Vec<String>, _| {
            if words[0] != program {
                return Ok(None);
            }
            let out = Command::new(&words[0]).args(&words[1..]).env("LC_ALL", "C").output();
            let out = out.unwrap_or_else(|e| panic!("{program} is needed (apt-get install {program}): {e}"));
            // On a node both go into one pipe.
            let text = [out.stderr, out.stdout].map(|b| String::from_utf8_lossy(&b).into_owned()).concat();
            Ok(Some(Ran { status: out.status.code().unwrap_or(0), text }))
        };
        ask(endpoint, run).unwrap()
    }

    fn both(url: &str, trust: Trust) -> (Found, bool, String) {
        let mut endpoint = Endpoint::new(url).unwrap();
        endpoint.trust = trust;
        let [curl, wget] = ["curl", "wget"].map(|program| ask_by(&endpoint, program));
        assert_eq!((curl.found, curl.is_usable), (wget.found, wget.is_usable), "{curl}\n{wget}");
        (curl.found, curl.is_usable, curl.text)
    }

    fn http_server() -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        std::thread::spawn(move || {
            for mut stream in listener.incoming().flatten().take(50) {
                let _ = stream.read(&mut [0; 1024]);
                let _ =
                    stream.write_all(b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            }
        });
        port
    }

    #[test]
    fn a_server_of_http() {
        let port = http_server();
        let (found, usable, text) = both(&format!("http://127.0.0.1:{port}"), Trust::System);
        assert_eq!((found, usable), (Found::Http, true), "{text}");
        let (found, usable, text) = both(&format!("https://127.0.0.1:{port}"), Trust::SkipVerify);
        assert_eq!((found, usable), (Found::Http, false));
        assert!(text.contains("write the address with http://"), "{text}");
    }

    #[test]
    fn a_server_of_https_with_its_own_certificate() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name).display().to_string();
        let mut make = Command::new("openssl");
        make.args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=registry", "-days", "2"]);
        make.args(["-keyout", &path("key"), "-out", &path("cert")]).stderr(Stdio::null());
        assert!(make.status().unwrap().success());
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut server = Command::new("openssl");
        server.args(["s_server", "-www", "-quiet", "-accept", &format!("127.0.0.1:{port}")]);
        server.args(["-key", &path("key"), "-cert", &path("cert")]).stdin(Stdio::null()).stdout(Stdio::null());
        let mut server = server.stderr(Stdio::null()).spawn().unwrap();
        let began = std::time::Instant::now();
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() && began.elapsed().as_secs() < 10 {
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        let url = format!("https://127.0.0.1:{port}");
        let plain = both(&url, Trust::System);
        let skipped = both(&url, Trust::SkipVerify);
        let http = both(&format!("http://127.0.0.1:{port}"), Trust::System);
        server.kill().unwrap();
        server.wait().unwrap();
        assert_eq!((plain.0, plain.1), (Found::HttpsUntrusted, false), "{}", plain.2);
        assert!(plain.2.contains("give its CA"), "{}", plain.2);
        assert_eq!((skipped.0, skipped.1), (Found::HttpsUntrusted, true), "{}", skipped.2);
        assert_eq!((http.0, http.1), (Found::HttpsUntrusted, false), "{}", http.2);
    }

    #[test]
    fn where_nothing_answers() {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        assert_eq!(both(&format!("http://127.0.0.1:{port}"), Trust::System).0, Found::Refused);
        assert_eq!(both("http://regconf-no-such-name.invalid:5000", Trust::System).0, Found::UnknownName);
        let silent = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = silent.local_addr().unwrap().port();
        assert_eq!(both(&format!("http://127.0.0.1:{port}"), Trust::System).0, Found::Unreachable);
        let endpoint = Endpoint::new("http://10.0.0.5:5000").unwrap();
        let nobody = ask(&endpoint, |_, _| Ok(None)).unwrap();
        assert_eq!((nobody.found, nobody.is_usable), (Found::NotAsked, true));
    }
}

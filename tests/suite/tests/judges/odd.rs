//! Odd names and addresses: what the library takes, the engines must take in the same way.

use regconf::{Endpoint, Facts, Registry, Settings};
use serde_json::{Value, json};

use crate::Result;
use crate::case::Case;
use crate::docker::question;
use crate::engines::{Containerd, Docker};
use crate::hosts;
use crate::room::Files;

/// Registry hosts, well formed and not.
const HOSTS: &[&str] = &[
    "reg",
    "reg:5000",
    "localhost",
    "localhost:5000",
    "localhost:80",
    "localhost:443",
    "127.0.0.1",
    "127.0.0.1:5000",
    "127.1.2.3:5000",
    "reg.lab",
    "reg.lab:80",
    "reg.lab:443",
    "reg.lab:5000",
    "reg.lab:05000",
    "reg.lab:65535",
    "reg.lab:65536",
    "reg.lab:0",
    "REG.lab:5000",
    "Reg.Lab",
    "a-b.c-d:1",
    "a--b.lab",
    "-a.lab",
    "a-.lab",
    "a_b.lab",
    "a_b.lab:5000",
    "a..lab",
    ".lab",
    "lab.",
    "lab.:5000",
    "1.2.3",
    "1.2.3.4",
    "1.2.3.4:5",
    "1.2.3.4.5",
    "01.2.3.4",
    "300.1.1.1",
    "0x7f.1",
    "[::1]",
    "[::1]:5000",
    "[fd00::1]",
    "[fd00::1]:5000",
    "[FD00::1]:5000",
    "fd00::1",
    "[fd00::1%eth0]:5000",
    "[::ffff:1.2.3.4]:5000",
    "[fd00:0:0::1]:5000",
    "[fd00::g]:5000",
    "xn--bcher-kva.lab",
    "bücher.lab",
    "reg.lab:",
    ":5000",
    "reg.lab:5000:1",
    "reg lab",
    "*.lab",
    "docker.io",
    "index.docker.io",
    "registry-1.docker.io",
    "docker.io:443",
    "a.b.c.d.e.f.g.lab:1",
    "123",
    "123:456",
    "1a.lab",
    "a1:2",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.lab",
    "http",
    "http:5000",
    "https.lab",
    "httpd.lab:5000",
    "_default",
    "10.0.0.0/8",
    "10.1.2.3/8",
    "fd00::/8",
    "0.0.0.0/0",
];

/// Addresses of endpoints, none with escapes in its path: containerd decodes them.
const URLS: &[&str] = &[
    "http://reg.lab",
    "http://reg.lab:80",
    "http://reg.lab:443",
    "https://reg.lab:80",
    "https://reg.lab:443",
    "http://reg.lab/",
    "http://reg.lab:5000/",
    "http://reg.lab/v2",
    "http://reg.lab/v2/",
    "http://reg.lab/p",
    "https://reg.lab/p/q/",
    "https://reg.lab/p/v2",
    "https://reg.lab/v2/p",
    "https://reg.lab//p",
    "https://reg.lab/p//q",
    "https://reg.lab/p/../q",
    "https://reg.lab/./p",
    "https://reg.lab/a+b",
    "https://reg.lab/~x",
    "https://reg.lab/v2x",
    "https://reg.lab/xv2",
    "https://reg.lab/a:b",
    "https://REG.lab",
    "HTTPS://reg.lab",
    "https://reg.LAB:5000/V2",
    "http://1.2.3.4",
    "http://1.2.3.4:5000",
    "http://1.2.3",
    "http://0x7f.1",
    "http://[::1]",
    "http://[::1]:5000",
    "https://[fd00::1]",
    "https://[FD00::1]:5000/p",
    "https://[fd00:0:0::1]",
    "http://localhost",
    "http://localhost:5000",
    "https://localhost:5000",
    "http://127.0.0.1:5000",
    "http://reg",
    "http://reg:5000",
    "http://a_b.lab",
    "http://bücher.lab",
    "http://xn--bcher-kva.lab",
    "http://reg.lab.",
    "http://httpd.lab:5000",
    "https://http.lab",
    "https://reg.lab:05000",
    "https://reg.lab:",
    "https://reg.lab/p'q",
    "https://reg.lab/p$q",
    "https://reg.lab/p[1]",
    "https://reg.lab/p;q",
    "https://reg.lab/p,q",
    "https://reg.lab/p=q&r",
    "https://reg.lab/v2/v2",
    "https://reg.lab/p/v2/",
];

/// Entries of docker's lists as they may stand in a file already.
const ENTRIES: &[&str] = &[
    "http://reg.lab:5000",
    "https://reg.lab",
    "HTTPS://reg.lab",
    "http://reg.lab:5000/",
    "reg.lab:5000/",
    "reg.lab/p",
    "ftp://reg.lab",
    "http://",
    "http://http://reg.lab",
    "//reg.lab",
    " reg.lab",
    "reg.lab ",
    "a,b",
    "10.0.0.0/33",
    "10.0.0/8",
    "010.0.0.0/8",
    "::/0",
    "[fd00::]/8",
    "fd00::1:5000",
    "http://10.0.0.0/8",
    "http://[::1]:5000",
    "index.docker.io",
    "http://index.docker.io",
    "reg.lab?x",
    "reg.lab#x",
    "u@reg.lab",
    "u:p@reg.lab",
    "reg.lab:http",
    "reg.lab:+5",
    "reg.lab:-5",
    "reg.lab:99999",
    "reg-",
    "-reg",
    "",
    "%2F",
    "1::2::3",
    "::ffff:1.2.3.4",
    "fe80::1%eth0",
    "[fe80::1%eth0]:1",
    "reg.lab:5000,",
];

/// Mirrors as they may stand in a file already.
const MIRRORS: &[&str] = &[
    "https://m.lab",
    "https://m.lab/",
    "http://m.lab:5000",
    "m.lab",
    "m.lab:5000",
    "//m.lab",
    "https://m.lab/p",
    "https://m.lab/p/",
    "https://m.lab//",
    "https://m.lab?x=1",
    "https://m.lab#x",
    "https://u:p@m.lab",
    "ftp://m.lab",
    "HTTPS://m.lab",
    "https://",
    "",
    " https://m.lab",
    "https://m.lab ",
    "https://M.lab",
    "https://m.lab:443",
    "https://m_x.lab",
    "https://[::1]:5000",
    "https://m.lab/%zz",
    "https://m.lab/p q",
];

/// All odd hosts and addresses in one plan, resolved by containerd's packages.
pub(crate) fn addresses(engine: &Containerd) -> Result<Vec<String>> {
    let config =
        "version = 2\n[plugins.\"io.containerd.grpc.v1.cri\".registry]\nconfig_path = \"/etc/containerd/certs.d\"\n";
    let before = Files::from([("/etc/containerd/config.toml".to_owned(), config.into())]);
    let mut settings = Settings::default();
    let own = HOSTS.iter().flat_map(|host| [Registry::plain_http(host), Registry::skip_verify(format!("{host}1"))]);
    for registry in own.flatten().filter(|registry| registry.host.cidr().is_none() && !registry.host.is_default()) {
        settings = settings.clone().ensure(registry).unwrap_or(settings);
    }
    for (i, url) in URLS.iter().enumerate() {
        let Ok(endpoint) = Endpoint::new(url) else { continue };
        settings = settings.ensure(Registry::new(format!("plain{i}.lab"))?.endpoint(endpoint.clone())?)?;
        settings = settings.ensure(Registry::new(format!("path{i}.lab"))?.endpoint(endpoint.override_path())?)?;
    }
    let mut case = Case::new("odd addresses".to_owned(), "{}", before)?;
    case.settings = settings;
    let planned = case.plan("containerd", &engine.version)?;
    let roots = vec!["/etc/containerd/certs.d".to_owned()];
    let registries = planned.registries("containerd");
    let questions: Vec<_> = registries.iter().map(|r| json!({"roots": roots, "registry": hosts::asked(r)})).collect();
    let answers = engine.room(&planned.after)?.ask(engine.program, &questions)?;
    let pairs = registries.iter().zip(&answers);
    let faults = pairs.flat_map(|(registry, answer)| hosts::faults(registry, answer, &roots, &planned));
    println!("{}: {} odd addresses", engine.version, registries.len());
    Ok(faults.map(|fault| format!("{}: {fault}", engine.version)).collect())
}

/// Entries that only one of library and docker takes; those that the library writes, and those that it finds.
pub(crate) fn entries(engine: &Docker) -> Result<Vec<String>> {
    let mut asked = Vec::new();
    for host in HOSTS {
        if let Ok(settings) = Registry::plain_http(host).and_then(|registry| Settings::default().ensure(registry)) {
            let facts = Facts::from_files([("/etc/docker/daemon.json", "{}")]).with_version("docker", &engine.version);
            if let Ok(plan) = regconf::plan(&settings, &facts) {
                let after =
                    plan.changes.last().and_then(|change| change.after.clone()).unwrap_or_else(|| b"{}".to_vec());
                asked.push((format!("written for {host:?}"), after, true));
            }
        }
    }
    let found = HOSTS.iter().chain(ENTRIES).map(|entry| ("insecure-registries", *entry));
    for (list, entry) in found.chain(MIRRORS.iter().map(|mirror| ("registry-mirrors", *mirror))) {
        let file = json!({list: [entry]}).to_string();
        let facts =
            Facts::from_files([("/etc/docker/daemon.json", file.as_str())]).with_version("docker", &engine.version);
        let settings = Settings::default().ensure(Registry::plain_http("new.lab:5000")?)?;
        let taken = regconf::plan(&settings, &facts).is_ok();
        asked.push((format!("{list} with {entry:?}"), file.into_bytes(), taken));
    }
    asked.extend(URLS.iter().filter_map(|url| written_mirror(url, engine)));
    let questions: Vec<Value> = asked.iter().map(|(_, bytes, _)| question(Some(bytes), &[])).collect();
    let answers = engine.room(&Files::new())?.ask(engine.program, &questions)?;
    println!("{}: {} odd entries", engine.version, asked.len());
    let differs = asked.iter().zip(&answers).filter(|((_, _, taken), answer)| *taken == answer["error"].is_string());
    let shown = differs.map(|((what, _, taken), answer)| {
        let by = if *taken { "regconf" } else { "docker" };
        format!("{}: {what} is taken by {by} only: {}", engine.version, answer["error"])
    });
    Ok(shown.collect())
}

/// What the library writes for a mirror of docker.io, if it does.
fn written_mirror(url: &str, engine: &Docker) -> Option<(String, Vec<u8>, bool)> {
    let registry = Registry::new("docker.io").ok()?.endpoint(url).ok()?;
    let facts = Facts::from_files([("/etc/docker/daemon.json", "{}")]).with_version("docker", &engine.version);
    let plan = regconf::plan(&Settings::default().ensure(registry).ok()?, &facts).ok()?;
    Some((format!("mirror written for {url:?}"), plan.changes.last()?.after.clone()?, true))
}

//! What `Plan::explain` says, before those that do it: host by host as the engines' own packages resolve them.

use std::collections::BTreeSet;

use regconf::{HostTrust, ImageReference, Plan, Resolution, ResolvedHost};
use serde_json::{Value, json};

use crate::Result;
use crate::case::Case;
use crate::containerd::{Verdict, with_config};
use crate::docker::question;
use crate::dump::{Dump, dump};
use crate::engines::{Containerd, Docker};
use crate::room::Files;

/// Where docker looks for certificates and hosts.toml.
const CERTS: &str = "/etc/docker/certs.d";

const CONFIG: &str = "/etc/containerd/config.toml";
const DAEMON: &str = "/etc/docker/daemon.json";

/// Hosts that are asked for besides those of the settings.
const OTHERS: [&str; 6] =
    ["elsewhere.example", "docker.io", "my-registry.com", "localhost:5000", "127.0.0.1", "localhost:80"];

/// Files of hosts that the plans do not make: what a reading of them can get wrong.
const ODD: [(&str, &str); 24] = [
    ("server only", "server = \"http://m.lab:5000\"\n"),
    ("http with skip_verify", "[host.\"http://m.lab:5000\"]\n  skip_verify = true\n"),
    ("http with skip_verify off", "[host.\"http://m.lab:5000\"]\n  skip_verify = false\n"),
    ("http at port 80 with skip_verify", "[host.\"http://m.lab:80\"]\n  skip_verify = true\n"),
    ("a timeout", "[host.\"http://m.lab\"]\n  dial_timeout = \"1s\"\n"),
    ("a timeout without a unit", "[host.\"http://m.lab\"]\n  dial_timeout = \"5\"\n"),
    ("dotted hosts", "host.\"http://m.lab\".capabilities = [\"pull\"]\n"),
    ("inline hosts", "host = { \"https://m.lab\" = { skip_verify = true } }\n"),
    ("one host in a table of all", "[host]\n\"http://m.lab\" = { capabilities = [\"pull\", \"resolve\"] }\n"),
    ("only a table of headers", "[host.\"http://m.lab\".header]\n  X-A = \"1\"\n"),
    (
        "a host that is met again",
        "[host.\"http://a.lab\"]\n[host.\"http://b.lab\"]\n[host.\"http://a.lab\".header]\nx = [\"1\"]\n",
    ),
    (
        "paths",
        "[host.\"https://m.lab/a/../b/\"]\n[host.\"https://m.lab/v2/\"]\n[host.\"m.lab:1/x\"]\n  override_path = true\n",
    ),
    (
        "no path at all",
        "server = \"https://m.lab\"\noverride_path = true\n[host.\"https://n.lab/\"]\n  override_path = true\n",
    ),
    ("a server without a host", "server = \"httpd.local:5000\"\ncapabilities = [\"pull\"]\n[host.\"https://m.lab\"]\n"),
    ("user info and query", "[host.\"https://u:p@m.lab/x?y=1#z\"]\n"),
    ("upper case", "[host.\"HTTPS://M.lab\"]\n[host.\"https://M.lab:443\"]\n"),
    (
        "capabilities",
        "[host.\"https://m.lab\"]\n  capabilities = [\"PULL\", \"Push\"]\n[host.\"https://n.lab\"]\n  capabilities = []\n",
    ),
    ("referrers", "[host.\"https://m.lab\"]\n  capabilities = [\"pull\", \"referrers\"]\n"),
    ("a wrong kind", "[host.\"https://m.lab\"]\n  skip_verify = \"true\"\n"),
    ("a header that is a number", "[host.\"https://m.lab\"]\n  [host.\"https://m.lab\".header]\n    x = 1\n"),
    ("no address", "[host.\"https://m.lab:x\"]\n"),
    ("not TOML", "[host.\"https://m.lab\"\n"),
    ("a mark", "\u{feff}[host.\"https://m.lab\"]\n"),
    (
        "root keys",
        "skip_verify = true\ncapabilities = [\"pull\"]\noverride_path = true\n[host.\"http://m.lab\"]\nserver = \"https://x\"\n",
    ),
];

/// Odd files for a name, for docker.io and for the machine itself.
pub(crate) fn cases() -> Result<Vec<Case>> {
    let config = "version = 2\n[plugins.\"io.containerd.grpc.v1.cri\".registry]\nconfig_path = \"/c\"\n";
    let hosts = ["my-registry.com", "docker.io", "localhost_5000_", "_default"];
    let mut cases = Vec::new();
    for (name, text) in ODD {
        let files = hosts.iter().map(|host| (format!("/c/{host}/hosts.toml"), text.as_bytes().to_vec()));
        let files = files.chain([(CONFIG.to_owned(), config.into())]).collect();
        cases.push(Case::new(format!("odd hosts: {name}"), "{}", files)?);
    }
    let ca = include_bytes!("../../../golden/ca.pem").to_vec();
    let folder = |files: &[(&str, &[u8])]| -> Files {
        let own = files.iter().map(|(path, bytes)| ((*path).to_owned(), bytes.to_vec()));
        own.chain([(CONFIG.to_owned(), config.into())]).collect()
    };
    for (name, files) in [
        ("certificates", folder(&[("/c/my-registry.com/a.crt", &ca), ("/c/my-registry.com/b.pem", b"x")])),
        ("an empty file", folder(&[("/c/my-registry.com/hosts.toml", b""), ("/c/my-registry.com/a.crt", &ca)])),
        ("a comment", folder(&[("/c/my-registry.com/hosts.toml", b"#\n"), ("/c/my-registry.com/a.crt", &ca)])),
        ("garbage for a CA", folder(&[("/c/my-registry.com/a.crt", b"x")])),
        (
            "a CA that is missing",
            folder(&[("/c/my-registry.com/hosts.toml", b"[host.\"https://m.lab\"]\nca = \"a\"\n")]),
        ),
        ("both spellings", folder(&[("/c/localhost_5000_/a.crt", &ca), ("/c/localhost:5000/hosts.toml", b"[host]\n")])),
        (
            "a folder that hides",
            folder(&[("/c/my-registry.com/x", b""), ("/c/_default/hosts.toml", b"[host.\"http://m\"]\n")]),
        ),
        ("a file for a folder", folder(&[("/c/my-registry.com", b"")])),
    ] {
        cases.push(Case::new(format!("odd folder: {name}"), "{}", files)?);
    }
    Ok(cases)
}

/// Odd lists.
pub(crate) fn daemons() -> Result<Vec<Case>> {
    let ca = include_bytes!("../../../golden/ca.pem").to_vec();
    let mut cases = Vec::new();
    for (name, list, mirrors) in [
        ("blocks", json!(["10.0.0.0/8", "127.0.0.1", "fd00::/8"]), json!([])),
        ("schemes and case", json!(["http://my-registry.com", "HTTPS://REG.lab", "docker.io"]), json!([])),
        (
            "mirrors",
            json!(["m.lab:5000"]),
            json!(["http://a.lab/", "https://m.lab:5000", "https://b.lab", "http://a.lab"]),
        ),
        ("null", Value::Null, Value::Null),
        ("text", json!("my-registry.com"), json!([])),
        ("a path", json!(["my-registry.com/x"]), json!([])),
    ] {
        let file = json!({"insecure-registries": list, "registry-mirrors": mirrors}).to_string();
        let files = Files::from([
            (DAEMON.to_owned(), file.into_bytes()),
            (format!("{CERTS}/my-registry.com/ca.crt"), ca.clone()),
            (format!("{CERTS}/b.lab/ca.crt"), ca.clone()),
        ]);
        cases.push(Case::new(format!("odd lists: {name}"), "{}", files)?);
    }
    Ok(cases)
}

/// The registry hosts that a case is asked about.
fn asked(case: &Case) -> Vec<String> {
    let hosts = case.settings.ensured().iter().map(|registry| &registry.host);
    let hosts = hosts.filter(|host| host.cidr().is_none() && !host.is_default()).map(ToString::to_string);
    let mut all: Vec<_> = hosts.chain(OTHERS.map(str::to_owned)).chain(["10.1.2.3:5000".to_owned()]).collect();
    all.sort();
    all.dedup();
    all
}

/// Files with what each of the questions comes to there, and why there is no plan.
type Explained = (Vec<(Files, Vec<Resolution>)>, Option<String>);

/// What is explained for each host, before and after; only before where nothing can be planned.
fn explained(case: &Case, engine: &str, version: &str) -> Result<Explained> {
    let (plan, after, refused) = match case.plan(engine, version) {
        Ok(planned) => (planned.plan, Some(planned.after), None),
        Err(error) => (Plan::default(), None, Some(error.to_string())),
    };
    let facts = case.facts(&case.before, engine, version);
    let (mut before, mut later) = (Vec::new(), Vec::new());
    for host in asked(case) {
        let image: ImageReference = format!("{host}/team/app:v1").parse()?;
        let explained = plan.explain(&image, &facts)?;
        let own =
            explained.engines.into_iter().find(|found| found.engine == engine).ok_or("the engine is not there")?;
        before.push(own.before);
        later.push(own.after);
    }
    let mut all = vec![(case.before.clone(), before)];
    all.extend(after.filter(|after| *after != case.before).map(|after| (after, later)));
    Ok((all, refused))
}

/// containerd's dump tells which table counts, its packages what a folder means.
pub(crate) fn containerd(case: &Case, engine: &Containerd) -> Result<Verdict> {
    let (all, _) = explained(case, "containerd", &engine.version)?;
    let mut faults = Vec::new();
    for (i, (files, resolutions)) in all.iter().enumerate() {
        let when = if i == 0 { "before" } else { "after" };
        let found = containerd_faults(case, engine, files, resolutions)?;
        faults.extend(found.into_iter().map(|fault| format!("{when}: {fault}")));
    }
    Ok(Verdict::Judged(faults))
}

fn containerd_faults(case: &Case, engine: &Containerd, files: &Files, said: &[Resolution]) -> Result<Vec<String>> {
    let path = case.config();
    let hosts = asked(case);
    let room = engine.room(&with_config(files, path))?;
    let dump = match dump(engine, &room, path)? {
        Ok(dump) if !is_disabled(&dump) && !dump.clashes(engine) => dump,
        _ => return Ok(none_expected(&hosts, said)),
    };
    if dump.has("mirrors") {
        let pairs = hosts.iter().zip(said);
        return Ok(pairs.filter_map(|(host, said)| mirror_faults(host, said, &dump)).collect());
    }
    let roots = dump.roots(engine);
    let questions: Vec<_> = hosts.iter().map(|host| json!({"roots": roots, "registry": host})).collect();
    let answers = room.ask(engine.program, &questions)?;
    // Without a folder local pulls have a way of their own to the same address, but for the machine itself.
    let is_plain = roots == [""] && (!engine.has_transfer() || dump.pulls_locally());
    let triples = hosts.iter().zip(said).zip(&answers);
    // The packages of 1.6 would know such a folder, but its CRI cannot read the name of the image.
    let is_unreadable = |host: &str| host.starts_with('[') && engine.is_like("1.6.0");
    let readable = triples.filter(|((host, said), _)| !is_unreadable(host) || !said.hosts.is_empty());
    Ok(readable.flat_map(|((host, said), answer)| differences(host, said, answer, is_plain)).collect())
}

fn is_disabled(dump: &Dump) -> bool {
    let ids = ["cri", "io.containerd.grpc.v1.cri", "io.containerd.cri.v1.images"];
    let disabled = dump.rest["disabled_plugins"].as_array();
    disabled.into_iter().flatten().any(|id| ids.contains(&id.as_str().unwrap_or_default()))
}

fn none_expected(hosts: &[String], said: &[Resolution]) -> Vec<String> {
    let wrong = hosts.iter().zip(said).filter(|(_, said)| !said.hosts.is_empty() || said.notes.is_empty());
    wrong.map(|(host, said)| format!("{host}: no settings are in force, but {said}")).collect()
}

/// The endpoints in the order of the dump, a path as it is written.
fn mirror_faults(host: &str, said: &Resolution, dump: &Dump) -> Option<String> {
    let mirrors = &dump.registry["mirrors"];
    let entry = mirrors.get(host).unwrap_or(&mirrors["*"]);
    let wanted: Vec<_> = entry["endpoint"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let got: Vec<_> = said.hosts.iter().filter(|host| !host.is_fallback).map(|host| host.url.as_str()).collect();
    let same = |(wanted, got): (&&str, &&str)| {
        let bare = got.strip_suffix("/v2").unwrap_or(got);
        *wanted == *got || *wanted == bare || bare.strip_prefix("https://") == Some(*wanted)
    };
    let right = wanted.len() == got.len() && wanted.iter().zip(&got).all(same);
    (!right).then(|| format!("{host}: {wanted:?} are its mirrors, but {said}"))
}

/// Host by host.
fn differences(host: &str, said: &Resolution, answer: &Value, is_plain: bool) -> Vec<String> {
    let fault = |what: String| vec![format!("{host}: {what}; said was {said}")];
    if is_plain && ["localhost", "127."].iter().any(|own| host.starts_with(own)) {
        return Vec::new();
    }
    if let Some(error) = answer["error"].as_str() {
        // The contents of a key are not looked at.
        let shows_key = said.hosts.iter().any(|host| !host.client_certificates.is_empty());
        let is_key = error.contains("X509 key pair") && shows_key;
        return if said.notes.is_empty() && !is_key { fault(format!("fails: {error}")) } else { Vec::new() };
    }
    let ignored = answer["log"].as_str().is_some_and(|log| log.contains("failed to decode"));
    if ignored != said.notes.iter().any(|note| note.contains("ignores this file")) {
        return fault(format!("is its file ignored? {}", answer["log"]));
    }
    let hosts: Vec<_> = answer["hosts"].as_array().into_iter().flatten().collect();
    if hosts.len() != said.hosts.len() {
        return fault(format!("has {} hosts", hosts.len()));
    }
    let mut saids: Vec<_> = said.hosts.iter().collect();
    let mut hosts = hosts;
    if said.notes.iter().any(|note| note.contains("in any order")) {
        let address =
            |got: &Value| format!("{}://{}", got["scheme"].as_str().unwrap_or(""), got["host"].as_str().unwrap_or(""));
        saids.sort_by(|a, b| a.url.cmp(&b.url));
        hosts.sort_by_key(|got| address(got));
    }
    let pairs = saids.into_iter().zip(hosts);
    pairs.filter_map(|(said, got)| difference(said, got, is_plain)).flat_map(fault).collect()
}

fn difference(said: &ResolvedHost, got: &Value, is_plain: bool) -> Option<String> {
    let text = |key: &str| got[key].as_str().unwrap_or_default();
    // Joined with what follows, two slashes are one and a last one is lost.
    let path = text("path").replace("//", "/");
    let url = format!("{}://{}{}", text("scheme"), text("host"), path.trim_end_matches('/'));
    let names =
        |key: &str| -> BTreeSet<_> { got[key].as_array().into_iter().flatten().filter_map(Value::as_str).collect() };
    let capabilities: BTreeSet<_> = said.capabilities.iter().map(|capability| capability.name()).collect();
    let headers: BTreeSet<_> = said.headers.iter().map(String::as_str).collect();
    let is_http = text("scheme") == "http";
    let trust = match &said.trust {
        HostTrust::PlainHttp => is_http,
        // The TLS settings behind a fallback are not told.
        _ if got["fallback"] == true => !is_http,
        HostTrust::SkipVerify => got["skip_verify"] == true,
        HostTrust::CaFiles(_) => got["skip_verify"] == false && !names("authorities").is_empty(),
        _ => got["skip_verify"] == false && names("authorities").is_empty() && !is_http,
    };
    let clients = is_http || got["fallback"] == true || got["clients"] == said.client_certificates.len();
    let checks = [
        ("address", said.url == url),
        ("fallback", got["fallback"] == said.http_fallback),
        ("capabilities", is_plain || capabilities == names("capabilities")),
        ("trust", trust),
        ("client certificates", clients),
        ("headers", names("headers").is_subset(&headers)),
    ];
    checks.iter().find(|(_, right)| !right).map(|(what, _)| format!("the {what} is not that of {got}"))
}

/// moby's registry service tells what the lists mean; containerd's packages what a hosts.toml does.
pub(crate) fn docker(case: &Case, engine: &Docker) -> Result<Verdict> {
    if !case.arguments("docker").iter().all(|argument| !argument.contains("registry")) {
        return Ok(Verdict::Refused("the service is asked about files only".to_owned()));
    }
    let (all, _) = explained(case, "docker", &engine.version)?;
    let mut faults = Vec::new();
    for (i, (files, resolutions)) in all.iter().enumerate() {
        let when = if i == 0 { "before" } else { "after" };
        let found = docker_faults(case, engine, files, resolutions)?;
        faults.extend(found.into_iter().map(|fault| format!("{when}: {fault}")));
    }
    Ok(Verdict::Judged(faults))
}

fn docker_faults(case: &Case, engine: &Docker, files: &Files, said: &[Resolution]) -> Result<Vec<String>> {
    let hosts = asked(case);
    let room = engine.room(files)?;
    let answer = room.ask(engine.program, &[question(files.get(case.daemon()), &hosts)])?.pop().unwrap_or_default();
    match answer["error"].as_str() {
        // One certificate that cannot be read ends the whole answer.
        Some(error) if error.contains("tls: ") || error.contains("certificate") => return Ok(Vec::new()),
        Some(_) => return Ok(none_expected(&hosts, said)),
        None => {}
    }
    // dockerd itself refuses more of a file than its registry service does.
    let starts = |said: &Resolution| !said.notes.iter().any(|note| note.starts_with("docker does not start"));
    let questions: Vec<_> = hosts.iter().map(|host| json!({"roots": [CERTS], "registry": host})).collect();
    let by_hosts = room.ask(engine.hosts_program, &questions)?;
    let endpoints = answer["endpoints"].as_array().into_iter().flatten();
    let mut faults = Vec::new();
    for ((host, said), (endpoints, by_hosts)) in hosts.iter().zip(said).zip(endpoints.zip(&by_hosts)) {
        let is_hosts_file = said.file.as_ref().is_some_and(|file| file.ends_with("/hosts.toml"));
        let is_classic = !case_has_containerd_store(case) && starts(said);
        if is_hosts_file {
            faults.extend(differences(host, said, by_hosts, false));
        } else if is_classic {
            faults.extend(endpoint_faults(host, said, endpoints));
        }
    }
    Ok(faults)
}

fn case_has_containerd_store(case: &Case) -> bool {
    let text = |bytes: &Vec<u8>| String::from_utf8_lossy(bytes).into_owned();
    let told = case.outputs().any(|text| text.contains("io.containerd.snapshotter.v1"));
    told || case.before.values().map(text).any(|text| text.contains("containerd-snapshotter"))
}

fn endpoint_faults(host: &str, said: &Resolution, endpoints: &Value) -> Option<String> {
    let got: Vec<_> = endpoints.as_array().into_iter().flatten().collect();
    let same = |(said, got): (&ResolvedHost, &&Value)| {
        let url = format!("{}/v2", got["url"].as_str().unwrap_or_default().trim_end_matches('/'));
        let trusted = match &said.trust {
            HostTrust::PlainHttp => url.starts_with("http://"),
            HostTrust::SkipVerify => got["skip_verify"] == true,
            HostTrust::CaFiles(_) => got["skip_verify"] == false && got["authorities"] != 0,
            _ => got["skip_verify"] == false && got["authorities"] == 0,
        };
        said.url == url && trusted
    };
    let right = got.len() == said.hosts.len() && said.hosts.iter().zip(&got).all(same);
    (!right).then(|| format!("{host}: docker has {endpoints}, but said was {said}"))
}

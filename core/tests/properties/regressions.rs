//! Small cases that the laws have found.

use serde_json::{Value, json};

use crate::laws;
use crate::node::{CONFIG, DAEMON, Node, read};

const HOSTS: &str = "/etc/containerd/certs.d/reg.lab:5000/hosts.toml";
const READY: &str =
    "version = 2\n[plugins.\"io.containerd.grpc.v1.cri\".registry]\nconfig_path = \"/etc/containerd/certs.d\"\n";

fn done(node: &Node, settings: &Value) -> Node {
    node.after(&node.plan(&read(settings)).unwrap())
}

fn text(node: &Node, path: &str) -> String {
    String::from_utf8(node.files.get(path).cloned().unwrap_or_default()).unwrap()
}

fn at(host: &str, url: &str) -> Value {
    json!({"host": host, "endpoints": [{"url": url}]})
}

fn at_unverified(host: &str, url: &str) -> Value {
    json!({"host": host, "endpoints": [{"url": url, "skip_verify": true}]})
}

/// The node after ensuring a registry and removing it.
fn there_and_back(node: &Node, registry: &Value) -> Node {
    done(&done(node, &json!({"ensure": [registry]})), &json!({"remove": [registry["host"]]}))
}

#[test]
fn certificates_that_counted_stay_at_the_second_run() {
    let node = Node::new("1.7.24", &[(CONFIG, READY), ("/etc/containerd/certs.d/reg.lab:5000/ca.crt", "PEM")]);
    let mut registry = at("reg.lab:5000", "https://[fd00::1]:5000");
    registry["fallback"] = true.into();
    for registry in [registry, at("reg.lab:5000", "https://reg.lab:5000")] {
        let settings = json!({"ensure": [registry]});
        let node = Node { version: "2.1.9".to_owned(), ..node.clone() };
        let then = done(&node, &settings);
        assert!(text(&then, HOSTS).contains("ca.crt"), "{then:?}");
        assert_eq!(done(&then, &settings), then);
    }
}

#[test]
fn all_other_hosts_are_a_star_among_mirrors() {
    let before = "version = 2\n[plugins.\"io.containerd.grpc.v1.cri\".registry.mirrors.\"a.b\"]\nendpoint = []\n";
    let node = Node::new("1.7.24", &[(CONFIG, before)]);
    let then = done(&node, &json!({"ensure": [at("_default", "http://m.lab")]}));
    assert!(text(&then, CONFIG).contains("mirrors.\"*\"]"), "{then:?}");
    assert_eq!(there_and_back(&node, &at("_default", "http://m.lab")), node);
}

#[test]
fn containerd_2_gets_no_byte_order_mark() {
    let node = Node::new("2.1.9", &[(CONFIG, READY), (HOSTS, "\u{feff}[host.\"http://a.b\"]\n")]);
    let then = done(&node, &json!({"ensure": [at("reg.lab:5000", "http://reg.lab:5000")]}));
    assert!(!text(&then, HOSTS).contains('\u{feff}'), "{then:?}");
}

#[test]
fn an_unverified_mirror_of_docker_hub_leaves_its_entry_and_that_is_said() {
    let node = Node::new("", &[(DAEMON, "{\"insecure-registries\": [], \"registry-mirrors\": []}")]);
    let then = done(&node, &json!({"ensure": [at_unverified("docker.io", "https://m.lab")]}));
    let removal = json!({"remove": [{"host": "docker.io", "endpoints": ["https://m.lab"]}]});
    assert!(text(&done(&then, &removal), DAEMON).contains("\"insecure-registries\": [\"m.lab\"]"));
    let told = then.plan(&read(&removal)).unwrap();
    assert!(told.notes.iter().any(|note| note.text.contains("still lists m.lab")), "{:?}", told.notes);
}

#[test]
fn an_endpoint_of_two_registries_stays_unverified_for_the_other() {
    let node = Node::new("1.4.3", &[(CONFIG, "version = 2\n")]);
    let (one, two) = (at("a.lab", "https://m.lab"), at_unverified("b.lab", "https://m.lab"));
    let both = done(&node, &json!({"ensure": [one, two]}));
    let kept = json!({"ensure": [two]});
    let left = done(&both, &json!({"remove": ["a.lab"]}));
    assert_eq!(done(&left, &kept), left);
}

#[test]
fn a_mirror_without_a_header_is_removed_or_spoken_of() {
    for own in ["registry.mirrors.\"a.b\".endpoint = []", "registry = { mirrors = { \"a.b\" = { endpoint = [] } } }"] {
        let before = format!("version = 2\n[plugins.\"io.containerd.grpc.v1.cri\"]\n  {own}\n");
        let node = Node::new("1.7.24", &[(CONFIG, &before)]);
        let then = done(&node, &json!({"ensure": [at("reg.lab:5000", "http://m.lab")]}));
        let plan = then.plan(&read(&json!({"remove": ["reg.lab:5000"]}))).unwrap();
        assert!(then.after(&plan) == node || !plan.notes.is_empty(), "{then:?}");
    }
}

#[test]
fn a_file_of_ours_stays_for_what_others_added() {
    let node = Node::new("1.7.24", &[(CONFIG, READY)]);
    let mut then = done(&node, &json!({"ensure": [at("reg.lab:5000", "http://m.lab")]}));
    let added = text(&then, HOSTS) + "\n# ask ops before you change this\n";
    then.files.insert(HOSTS.to_owned(), added.into_bytes());
    let end = done(&then, &json!({"remove": ["reg.lab:5000"]}));
    assert!(text(&end, HOSTS).contains("# ask ops"), "{end:?}");
}

#[test]
fn comments_in_a_list_stay() {
    let list = "endpoint = [\n    # the first\n    'https://m.lab', # near\n  ]\n";
    let config =
        format!("version = 2\n[plugins.\"io.containerd.grpc.v1.cri\".registry.mirrors.\"reg.lab:5000\"]\n  {list}");
    let node = Node::new("1.7.24", &[(CONFIG, &config)]);
    let then = text(&done(&node, &json!({"ensure": [at("reg.lab:5000", "http://n.lab")]})), CONFIG);
    assert!(then.contains("# the first\n") && then.contains("'https://m.lab'") && then.contains("# near"), "{then}");
}

#[test]
fn a_mirror_below_an_empty_header_is_removed() {
    let node = Node::new("1.4.3", &[(CONFIG, "version = 2\n[plugins]\n")]);
    assert_eq!(there_and_back(&node, &at("reg.lab:5000", "http://m.lab")), node);
}

#[test]
fn a_line_of_blanks_stays() {
    let node = Node::new("1.7.24", &[(CONFIG, READY), (HOSTS, "   \n[host.\"http://a.b\"]\n")]);
    assert_eq!(there_and_back(&node, &at("reg.lab:5000", "https://m.lab")), node);
}

#[test]
fn v2_is_not_doubled_among_mirrors() {
    let config = "version = 2\n[plugins.\"io.containerd.grpc.v1.cri\".registry.mirrors.\"a.b\"]\n  endpoint = [\"https://m.lab/v2/\"]\n";
    let node = Node::new("1.7.24", &[(CONFIG, config)]);
    for host in ["a.b", "c.d"] {
        let then = text(&done(&node, &json!({"ensure": [at(host, "https://m.lab/v2")]})), CONFIG);
        assert!(!then.contains("/v2/v2"), "{then}");
    }
}

#[test]
fn a_bracket_anywhere_in_an_address_is_none_for_containerd_1() {
    let settings = json!({"ensure": [{"host": "reg.lab", "endpoints": [{"url": "http://mirror.lab/[f::.lab"}]}]});
    let settings = regconf::Settings::from_json(&settings.to_string()).unwrap();
    let facts = regconf::Facts::from_files([("/etc/containerd/config.toml", "version = 2\n")]);
    let error = regconf::plan(&settings, &facts.with_version("containerd", "1.7.24")).unwrap_err();
    assert!(error.to_string().contains("containerd 1.x cannot read"), "{error}");
}

#[test]
fn hosts_without_headers_make_room_and_nothing_else_goes() {
    let empty = "server = \"https://reg.lab:5000\"\nhost = {}\n";
    let below_one = "# all\n[host] # of them\n# b\n\"https://b.lab\" = { capabilities = [\"pull\"] }\n";
    let on_one_line = "# both\nhost = { 'http://c.lab' = {} } # in this order\nserver = \"https://reg.lab:5000\"\n";
    let dotted = "# first\nhost.\"h=ttp://c.lab\".other = [\"pull\"] # b\nhost.\"https://b.lab\".skip_verify = true\n";
    for hosts in [empty, below_one, on_one_line, dotted] {
        let node = Node::new("2.1.9", &[(CONFIG, READY), (HOSTS, hosts)]);
        let settings = json!({"ensure": [at("reg.lab:5000", "http://m.lab")]});
        assert_eq!(laws::lossless(&node, &settings), Ok(()));
        assert_eq!(laws::once(&node, &settings), Ok(()));
    }
}

#[test]
fn a_byte_order_mark_stays_before_bytes_that_are_not_utf_8() {
    let config = b"\xEF\xBB\xBF# \xE9\nversion = 2\n".to_vec();
    let node = Node { files: [(CONFIG.to_owned(), config)].into(), version: "1.4.3".to_owned() };
    let settings = json!({"remove": ["reg.lab:5000"]});
    assert_eq!(laws::lossless(&node, &settings), Ok(()));
    assert_eq!(laws::nothing_to_do(&node, &settings), Ok(()));
}

#[test]
fn a_folder_of_containerd_below_dockers_is_no_docker() {
    for path in ["/etc/docker/certs.d", "/etc/docker/containerd/certs.d", "/etc/docker"] {
        let config = READY.replace("/etc/containerd/certs.d", path);
        let node = Node::new("2.1.9", &[(CONFIG, &config)]);
        let settings = json!({"ensure": [at_unverified("docker.io", "https://m.lab")]});
        assert_eq!(laws::once(&node, &settings), Ok(()));
    }
}

#[test]
fn lone_carriage_returns_stay() {
    let node = Node::new("1.6.20", &[(CONFIG, "version = 2\r[plugins.\"io.containerd.grpc.v1.cri\"]\r  a = \"p\"\r")]);
    let settings = json!({"ensure": [at_unverified("reg.lab", "https://m.lab")]});
    assert_eq!(laws::lossless(&node, &settings), Ok(()));
}

#[test]
fn no_comment_is_written_where_none_ends() {
    let node = Node::new("1.4.3", &[(CONFIG, "a = 1\r")]);
    let settings = json!({"ensure": [at("reg.lab", "https://m.lab")]});
    assert_eq!(laws::once(&node, &settings), Ok(()));
    let error = node.plan(&read(&settings)).unwrap_err();
    assert!(error.to_string().contains("line feed"), "{error}");
    let node = Node::new("1.6.20", &[(CONFIG, READY), (HOSTS, "\r")]);
    assert_eq!(laws::once(&node, &json!({"ensure": [at("reg.lab:5000", "https://m.lab")]})), Ok(()));
}

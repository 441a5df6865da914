use super::*;
use crate::edit::toml::MARK;
use crate::error::ErrorKind;
use crate::facts::{Answer, Guess};
use crate::plan;
use crate::plan::{Action, Activation, Manager};

const FILE: &str = "/etc/containerd/config.toml";
const HTTP: &str = r#"{"ensure":[{"host":"my-registry.com","endpoints":[{"url":"http://192.168.30.56:5000"}]}]}"#;
const HTTPS: &str =
    r#"{"ensure":[{"host":"my-registry.com","endpoints":[{"url":"https://192.168.30.56:5443","skip_verify":true}]}]}"#;
const GONE: &str = r#"{"remove":["my-registry.com"]}"#;
const HOSTS: &str = "/etc/containerd/certs.d/my-registry.com/hosts.toml";
const READY: &str =
    "version = 2\n[plugins.\"io.containerd.grpc.v1.cri\".registry]\nconfig_path = \"/etc/containerd/certs.d\"\n";

fn settings(json: &str) -> Settings {
    Settings::from_json(json).unwrap()
}

fn facts(version: &str, config: &str) -> Facts {
    Facts::from_files([(FILE, config)]).with_version(ID, version)
}

fn after(plan: &Plan, path: &str) -> String {
    let change =
        plan.changes.iter().find(|change| change.path == path).unwrap_or_else(|| panic!("no {path} in {plan:?}"));
    String::from_utf8(change.after.clone().unwrap()).unwrap()
}

/// The facts that hold once the plan is done.
fn done(facts: &Facts, plan: &Plan) -> Facts {
    let mut files: std::collections::BTreeMap<String, Vec<u8>> =
        facts.files().map(|(path, bytes)| (path.to_owned(), bytes.to_vec())).collect();
    for change in &plan.changes {
        match &change.after {
            Some(bytes) => drop(files.insert(change.path.clone(), bytes.clone())),
            None => drop(files.remove(&change.path)),
        }
    }
    let version = version::of(facts, ID, ID).map(|v| v.to_string()).unwrap_or_default();
    Facts::from_files(files).with_version(ID, &version)
}

fn merge_hosts(before: &str, json: &str) -> String {
    let plan = plan(&settings(json), &facts("1.7.24", READY).with_file(HOSTS, before)).unwrap();
    plan.changes.first().map_or(before.to_owned(), |change| String::from_utf8(change.after.clone().unwrap()).unwrap())
}

#[test]
fn a_new_registry_is_a_folder_with_hosts_toml() {
    let plan = plan(&settings(HTTP), &facts("1.7.24", "version = 2\n")).unwrap();
    assert_eq!(
        after(&plan, HOSTS),
        "# Written by regconf, which keeps the hosts below a line \"# regconf\". The rest is yours.\n\
         server = \"http://192.168.30.56:5000\"\n\n# regconf\n[host.\"http://192.168.30.56:5000\"]\n  \
         capabilities = [\"pull\", \"resolve\"]\n"
    );
    assert_eq!(
        after(&plan, FILE),
        "version = 2\n\n[plugins.\"io.containerd.grpc.v1.cri\".registry]\n  config_path = \"/etc/containerd/certs.d\"\n"
    );
    assert_eq!(plan.changes.last().unwrap().path, FILE, "config.toml comes last");
}

#[test]
fn twice_is_once_and_removing_goes_back() {
    for json in [HTTP, HTTPS] {
        let before = facts("1.7.24", READY);
        let first = plan(&settings(json), &before).unwrap();
        let then = done(&before, &first);
        assert!(plan(&settings(json), &then).unwrap().is_empty());
        let back = done(&then, &plan(&settings(GONE), &then).unwrap());
        assert_eq!(back.files().collect::<Vec<_>>(), before.files().collect::<Vec<_>>());
    }
}

#[test]
fn others_hosts_stay_and_ours_is_tried_first() {
    let theirs = "server = \"https://my-registry.com\"\n\n# backup\n[host.\"https://b.lab\"]\n  capabilities = [\"pull\"]\n  dial_timeout = \"1s\"";
    let merged = merge_hosts(theirs, HTTP);
    let ours = "# regconf\n[host.\"http://192.168.30.56:5000\"]\n  capabilities = [\"pull\", \"resolve\"]\n\n";
    assert_eq!(merged, theirs.replace("# backup", &format!("{ours}# backup")));
    assert_eq!(merge_hosts(&merged, GONE), theirs);
}

#[test]
fn a_host_that_is_there_is_only_put_right() {
    let theirs = "server = \"https://x.y\"\n[host.\"http://192.168.30.56:5000/v2\"] # theirs\n  skip_verify = true\n  capabilities = [\"PULL\", \"resolve\", \"push\"]\n";
    assert_eq!(merge_hosts(theirs, HTTP), theirs.replace("  skip_verify = true\n", ""));
    let right = "[host.\"https://192.168.30.56:5443\"]\nskip_verify=true\n";
    assert_eq!(merge_hosts(right, HTTPS), right, "without capabilities a host may be asked for all");
}

#[test]
fn our_host_follows_the_settings() {
    let http = merge_hosts("", HTTP);
    let https = merge_hosts(&http, HTTPS);
    assert_eq!(https, merge_hosts("", HTTPS));
    assert!(https.contains("server = \"https://192.168.30.56:5443\"\nskip_verify = true\n"), "{https}");
    assert_eq!(merge_hosts(&https, HTTP), http);
}

#[test]
fn endpoints_keep_their_order() {
    let two = |a: &str, b: &str| {
        format!(
            r#"{{"ensure":[{{"host":"my-registry.com","endpoints":[{{"url":"http://{a}"}},{{"url":"http://{b}"}}]}}]}}"#
        )
    };
    let first = merge_hosts("", &two("a.lab", "b.lab"));
    assert!(
        first.find("a.lab:") < first.find("b.lab")
            || first.find("[host.\"http://a.lab\"]") < first.find("[host.\"http://b.lab\"]")
    );
    assert_eq!(merge_hosts(&first, &two("b.lab", "a.lab")), merge_hosts("", &two("b.lab", "a.lab")));
}

#[test]
fn the_table_follows_file_and_daemon() {
    let table = |version: &str, config: &str| {
        plan(&settings(HTTP), &facts(version, config)).map(|plan| {
            let text = after(&plan, FILE);
            text.lines().rev().nth(1).unwrap().to_owned()
        })
    };
    let legacy = Ok("[plugins.\"io.containerd.grpc.v1.cri\".registry]".to_owned());
    let images = Ok("[plugins.\"io.containerd.cri.v1.images\".registry]".to_owned());
    assert_eq!(table("1.6.20", "version = 2\n"), legacy);
    assert_eq!(table("2.1.9", "version = 2\n"), legacy);
    assert_eq!(table("2.1.9", "version = 3\n"), images);
    assert_eq!(table("2.3.4", "version = 4\n"), images);
    assert_eq!(table("1.6.20", ""), legacy);
    assert_eq!(table("2.1.9", "# nothing\n"), images);
    assert_eq!(table("2.1.9", "root = \"/x\"\n"), images);
    assert_eq!(table("1.7.24", "root = \"/x\"\n"), Ok("[plugins.cri.registry]".to_owned()));
    for (version, config) in [
        ("1.7.24", "version = 3\n"),
        ("2.2.7", "version = 4\n"),
        ("2.1.9", "[plugins.cri]\n"),
        ("1.7.24", "version = \"2\"\n"),
        ("1.7.24", "version = 2\n[plugins.cri]\n"),
        ("1.7.24", "[plugins.\"io.containerd.grpc.v1.cri\"]\n"),
        ("1.7.24", "[plugins]\nversion = 2\n[plugins.\"io.containerd.grpc.v1.cri\"]\n"),
    ] {
        assert_eq!(table(version, config).unwrap_err().kind(), ErrorKind::Conflict, "{version} {config}");
    }
}

#[test]
fn config_path_that_is_set_is_used() {
    let config = "version = 2\n[plugins.\"io.containerd.grpc.v1.cri\".registry]\nconfig_path = \"/srv/certs.d/\"\n";
    let made = plan(&settings(HTTP), &facts("2.1.9", config)).unwrap();
    assert_eq!(
        made.changes.iter().map(|c| c.path.as_str()).collect::<Vec<_>>(),
        ["/srv/certs.d/my-registry.com/hosts.toml"]
    );
    let list = config.replace("/srv/certs.d/", "/a:/b");
    assert_eq!(
        plan(&settings(HTTP), &facts("1.7.24", &list)).unwrap().changes[0].path,
        "/a/my-registry.com/hosts.toml"
    );
    let dead = plan(&settings(HTTP), &facts("2.2.7", &list)).unwrap_err();
    assert_eq!((dead.kind(), dead.line()), (ErrorKind::Conflict, Some(3)));
    let both = config.to_owned()
        + "[plugins.\"io.containerd.grpc.v1.cri\".registry.mirrors.\"a.b\"]\nendpoint = [\"http://c\"]\n";
    assert!(plan(&settings(HTTP), &facts("1.7.24", &both)).unwrap_err().to_string().contains("does not load"));
}

#[test]
fn mirrors_are_extended_in_their_own_way() {
    let config = "version = 2\n\n[plugins.\"io.containerd.grpc.v1.cri\".registry]\n  config_path = \"\"\n\n  [plugins.\"io.containerd.grpc.v1.cri\".registry.mirrors]\n    [plugins.\"io.containerd.grpc.v1.cri\".registry.mirrors.\"docker.io\"]\n      endpoint = [\"https://m.lab\"]\n\n[debug]\n  level = \"info\"\n";
    let before = facts("1.7.24", config);
    let made = plan(&settings(HTTPS), &before).unwrap();
    let text = after(&made, FILE);
    assert!(
        text.contains("mirrors.\"my-registry.com\"]\n      endpoint = [\"https://192.168.30.56:5443\"]\n"),
        "{text}"
    );
    assert!(text.contains("configs.\"192.168.30.56:5443\".tls]\n    insecure_skip_verify = true\n"), "{text}");
    assert!(text.ends_with("\n\n[debug]\n  level = \"info\"\n"), "{text}");
    let then = done(&before, &made);
    assert!(plan(&settings(HTTPS), &then).unwrap().is_empty());
    assert_eq!(after(&plan(&settings(GONE), &then).unwrap(), FILE), config);
    assert_eq!(plan(&settings(HTTPS), &facts("2.1.9", config)).unwrap_err().kind(), ErrorKind::Unsupported);
    let http = plan(&settings(HTTP), &facts("2.1.9", config)).unwrap();
    let back = plan(&settings(GONE), &done(&facts("2.1.9", config), &http)).unwrap();
    assert_eq!(after(&back, FILE), config);
}

#[test]
fn without_cri_nobody_reads_it() {
    let config = "disabled_plugins = [\"cri\"]\n";
    let error = plan(&settings(HTTP), &facts("1.7.24", config)).unwrap_err();
    assert_eq!(error.key(), Some("disabled_plugins"));
    let both = r#"{"ensure":[{"host":"192.168.30.56:5000","insecure":"http"}]}"#;
    let made = plan(&settings(both), &facts("1.7.24", config).with_file("/etc/docker/daemon.json", "{}")).unwrap();
    assert_eq!((made.changes.len(), made.notes.len()), (1, 1), "{made:?}");
}

#[test]
fn the_folder_that_counts_is_used() {
    let json = r#"{"ensure":[{"host":"reg.lab:5000","insecure":"http"}]}"#;
    let root = "/etc/containerd/certs.d";
    let both = facts("1.7.24", READY)
        .with_file(format!("{root}/reg.lab_5000_/x"), "")
        .with_file(format!("{root}/reg.lab:5000/x"), "");
    let made = plan(&settings(json), &both).unwrap();
    assert_eq!(made.changes[0].path, format!("{root}/reg.lab_5000_/hosts.toml"));
    assert!(made.notes[0].text.contains("reg.lab:5000 has no effect"), "{made:?}");
}

#[test]
fn certificates_that_counted_are_carried_over() {
    let json = r#"{"ensure":[{"host":"reg.lab:5000","endpoints":[{"url":"https://reg.lab:5000"}]}]}"#;
    let made =
        plan(&settings(json), &facts("1.7.24", READY).with_file("/etc/containerd/certs.d/reg.lab:5000/ca.crt", "PEM"))
            .unwrap();
    let text = after(&made, "/etc/containerd/certs.d/reg.lab:5000/hosts.toml");
    assert_eq!(text.matches("ca = [\"/etc/containerd/certs.d/reg.lab:5000/ca.crt\"]").count(), 2, "{text}");
}

#[test]
fn a_broken_hosts_toml_is_reported_and_left() {
    let error =
        plan(&settings(HTTP), &facts("1.7.24", READY).with_file(HOSTS, "server = \"x\"\nhost = {\n")).unwrap_err();
    assert_eq!((error.kind(), error.path()), (ErrorKind::Parse, Some(HOSTS)));
    let odd = facts("1.7.24", READY).with_file(HOSTS, "[host]\n\"https://a\" = 1\n");
    let error = plan(&settings(HTTP), &odd).unwrap_err();
    assert_eq!((error.kind(), error.line()), (ErrorKind::Conflict, Some(2)));
}

#[test]
fn a_restart_comes_only_with_config_toml_and_never_ends_containers() {
    let unit = |mode: &str| format!("ActiveState=active\nFragmentPath=/u\nKillMode={mode}\nArg=/usr/bin/containerd\n");
    let live = |mode: &str, config: &str| {
        Facts::of_live_node()
            .with_version(ID, "containerd x 1.7.24")
            .with(Query::Unit(ID.into()), Answer::Text(unit(mode)))
            .with_file(FILE, config)
    };
    let restart = Activation { unit: ID.into(), action: Action::Restart, manager: Manager::Systemd };
    assert_eq!(plan(&settings(HTTP), &live("process", "version = 2\n")).unwrap().activations, [restart]);
    assert_eq!(plan(&settings(HTTP), &live("process", READY)).unwrap().activations, []);
    assert_eq!(plan(&settings(HTTP), &live("control-group", "version = 2\n")).unwrap_err().path(), Some("/u"));
}

#[test]
fn imported_files_are_read_first() {
    let main = "version = 2\nimports = [\"conf.d/*.toml\"]\n";
    let drop_in = "version = 2\n[plugins.\"io.containerd.grpc.v1.cri\".registry]\nconfig_path = \"/srv/d\"\n";
    let with = |version: &str| facts(version, main).with_file("/etc/containerd/conf.d/a.toml", drop_in);
    assert_eq!(plan(&settings(HTTP), &with("2.1.9")).unwrap().changes[0].path, "/srv/d/my-registry.com/hosts.toml");
    let bare = "[plugins.\"io.containerd.grpc.v1.cri\"]\nsandbox_image = \"x\"\n";
    let edited =
        plan(&settings(HTTP), &facts("1.7.24", main).with_file("/etc/containerd/conf.d/a.toml", bare)).unwrap();
    assert_eq!(
        edited.changes[1].path, "/etc/containerd/conf.d/a.toml",
        "on 1.x it replaces the section of the main file"
    );
    let higher = facts("2.3.4", main).with_file("/etc/containerd/conf.d/a.toml", "version = 3\n");
    assert_eq!(plan(&settings(HTTP), &higher).unwrap_err().line(), Some(1));
}

#[test]
fn imports_of_imports_are_asked_for_one_after_the_other() {
    let wants = |facts: &Facts| Containerd.wants(&Settings::default(), facts);
    let (a, b) = (Query::File("/etc/containerd/a.toml".into()), Query::File("/etc/containerd/b.toml".into()));
    let facts = Facts::of_live_node().with(Query::File(FILE.into()), Answer::File(b"imports = [\"a.toml\"]".into()));
    assert!(wants(&facts).contains(&a) && !wants(&facts).contains(&b));
    let facts = facts.with(a.clone(), Answer::File(b"imports = [\"b.toml\", \"a.toml\"]".into()));
    assert!(wants(&facts).contains(&b));
}

#[test]
fn imports_come_to_an_end() {
    let chain = |count: usize| {
        let file = |i: usize| (format!("/etc/containerd/{i}.toml"), format!("imports = [\"{}.toml\"]", i + 1));
        let last = (format!("/etc/containerd/{count}.toml"), String::new());
        let files = (1..count).map(file).chain([last, (FILE.to_owned(), "imports = [\"1.toml\"]".to_owned())]);
        plan(&settings(HTTP), &Facts::from_files(files).with_version("containerd", "2.3.4"))
    };
    assert!(chain(99).is_ok());
    let error = chain(100).unwrap_err();
    assert_eq!((error.path(), error.key()), (Some("/etc/containerd/99.toml"), Some("imports")), "{error}");
}

#[test]
fn mirrors_move_to_hosts_toml_on_request() {
    let r = "plugins.\"io.containerd.grpc.v1.cri\".registry";
    let config = format!(
        "version = 2\n\n[{r}]\n  # ours\n  [{r}.mirrors]\n    [{r}.mirrors.\"docker.io\"]\n      endpoint = [\"https://m.lab:5443/p\", \"http://n.lab\"]\n\
         [{r}.mirrors.\"*\"]\nendpoint = [\"d.lab\"]\n\
         [{r}.configs.\"m.lab:5443\".tls]\ninsecure_skip_verify = true\n[{r}.configs.\"m.lab:5443\".auth]\nusername = \"u\"\npassword = \"hunter2\"\n\
         [{r}.configs.\"own.lab:5000\".tls]\nca_file = \"/ca.pem\"\n"
    );
    let json = HTTP.replacen('{', "{\"migrate\": true, ", 1);
    let before = facts("1.7.24", &config);
    let made = plan(&settings(&json), &before).unwrap();
    let root = "/etc/containerd/certs.d";
    let hub = after(&made, &format!("{root}/docker.io/hosts.toml"));
    let first = "[host.\"https://m.lab:5443/p\"]\n  capabilities = [\"pull\", \"resolve\"]\n  skip_verify = true\n  override_path = true\n\n[host.\"http://n.lab\"]\n";
    assert!(hub.contains(first) && !hub.contains("server") && !hub.contains(MARK), "{hub}");
    assert!(after(&made, &format!("{root}/_default/hosts.toml")).contains("[host.\"https://d.lab\"]"));
    assert!(after(&made, &format!("{root}/own.lab:5000/hosts.toml")).starts_with("# Moved by regconf"));
    assert!(after(&made, HOSTS).contains("[host.\"http://192.168.30.56:5000\"]"));
    let left = after(&made, FILE);
    assert!(
        left.contains("# ours") && left.contains("password = \"hunter2\"") && left.contains("config_path = "),
        "{left}"
    );
    assert!(!left.contains("endpoint") && !left.contains(".tls"), "{left}");
    assert!(!format!("{}{made:?}", made.diff()).contains("hunter2"));
    assert_eq!(made.changes.last().unwrap().path, FILE);
    assert!(plan(&settings(&json), &done(&before, &made)).unwrap().is_empty());
}

#[test]
fn cri_is_enabled_on_request() {
    let json = HTTP.replacen('{', "{\"enable_cri\": true, ", 1);
    let made = plan(&settings(&json), &facts("1.7.24", "disabled_plugins = [\"cri\"] # docker's\n")).unwrap();
    let config = after(&made, FILE);
    assert!(
        config.starts_with("disabled_plugins = [] # docker's\n") && config.contains("[plugins.cri.registry]"),
        "{config}"
    );
}

/// What a node answers to all that is asked, and in how many rounds.
fn gathered(node: &Facts, json: &str) -> (Facts, usize) {
    let mut facts = Facts::of_live_node();
    // Of what is guessed, a node without docker tells that there is none.
    for guess in crate::engine::guesses(&facts) {
        let query = match guess {
            Guess::VersionIfDown(program) => Query::version(program),
            Guess::UnitIfDown(..) if node == &Facts::default() => guess.query().unwrap(),
            _ => continue,
        };
        facts.insert(query, Answer::Absent);
    }
    let mut rounds = 0;
    loop {
        let wanted = crate::engine::wants(&settings(json), &facts);
        if wanted.is_empty() {
            return (facts, rounds);
        }
        rounds += 1;
        for query in wanted {
            let answer = node.answer(&query).cloned().unwrap_or(Answer::Absent);
            facts.insert(query, answer);
        }
    }
}

#[test]
fn what_is_wanted_ends() {
    let wanted = crate::engine::wants(&settings(HTTP), &Facts::of_live_node());
    assert!(wanted.contains(&Query::File(HOSTS.into())), "the usual place is asked at once: {wanted:?}");
    assert_eq!(gathered(&Facts::default(), HTTP).1, 1, "products that are installed and do not run are guessed");
    assert_eq!(gathered(&running("/usr/bin/containerd", "Service=containerd\n", READY), HTTP).1, 1, "the usual node");
    let import = "imports = [\"d/*.toml\"]\n";
    let far = running("/opt/c/bin/containerd", "Service=c\nArg=-c\nArg=/srv/c.toml\n", "")
        .with(Query::Unit("c".into()), Answer::Text("ActiveState=active\nMainPID=50\nKillMode=process\n".into()))
        .with_file("/srv/c.toml", format!("version = 2\n{import}"))
        .with_file("/srv/d/a.toml", READY.replace("/etc/containerd/certs.d", "/srv/hosts"))
        .with_file("/srv/hosts/my-registry.com/regconf-1-ca.crt", "x");
    let (facts, rounds) = gathered(&far, HTTP);
    assert!(rounds < crate::remote::ROUNDS, "{rounds}");
    assert_eq!(plan(&settings(HTTP), &facts).unwrap().changes[0].path, "/srv/hosts/my-registry.com/hosts.toml");
}

/// A node on which this containerd runs as process 50, started in the second 2000 of a clock that now says 5000.
fn running(program: &str, more: &str, config: &str) -> Facts {
    let (query, answer) = daemon(program, &format!("Now=5000\nBoot=1000\nHertz=100\nTicks=100000\n{more}"));
    let unit = "ActiveState=active\nMainPID=50\nFragmentPath=/u\nKillMode=process\n";
    facts("1.7.24", config)
        .with(Query::version(ID), Answer::Text("containerd x 1.7.24".into()))
        .with(Query::Unit(ID.into()), Answer::Text(unit.into()))
        .with(Query::Program("ctr".into()), Answer::Text("/usr/bin/ctr".into()))
        .with(query, answer)
}

/// What is planned for such a node.
fn planned(node: &Facts, json: &str) -> Result<Plan> {
    plan(&settings(json), &gathered(node, json).0)
}

fn notes(plan: &Plan) -> String {
    plan.notes.iter().map(|note| note.text.as_str()).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_binary_the_socket_and_the_service_of_the_running_daemon_are_used() {
    let node =
        running("/opt/c/bin/containerd", "Service=c\nVersion=containerd x v2.1.9\nArg=-a\nArg=/run/c.sock\n", "")
            .with(Query::Unit("c".into()), Answer::Text("ActiveState=active\nMainPID=50\nKillMode=process\n".into()))
            .with(Query::Program("/opt/c/bin/ctr".into()), Answer::Text("/opt/c/bin/ctr".into()));
    let plan = planned(&node, HTTP).unwrap();
    assert!(after(&plan, FILE).contains("version = 3"), "the version is that of the running program");
    assert_eq!(plan.activations[0].unit, "c");
    let commands: Vec<_> = plan.checks.iter().map(|check| check.command.join(" ")).collect();
    assert_eq!(commands[0], "/opt/c/bin/ctr --address /run/c.sock plugins ls");
    assert_eq!(commands[1], format!("/opt/c/bin/containerd --config {FILE} config dump"));
    let judge = plan.changes.last().unwrap().judge.as_ref().unwrap();
    assert_eq!(judge.join(" "), "/opt/c/bin/containerd --config {staged} config dump");
}

#[test]
fn without_ctr_crictl_shows_it_and_without_both_a_note_says_so() {
    let without = running("/usr/bin/containerd", "", "").with(Query::Program("ctr".into()), Answer::Absent);
    let plan = planned(&without, HTTP).unwrap();
    assert!(notes(&plan).contains("neither ctr nor crictl"), "{}", notes(&plan));
    assert_eq!(plan.checks.len(), 1, "the config can be shown all the same");
    let crictl = without.with(Query::Program("crictl".into()), Answer::Text("/usr/local/bin/crictl".into()));
    let plan = planned(&crictl, HTTP).unwrap();
    assert!(
        plan.checks[0]
            .command
            .join(" ")
            .starts_with("/usr/local/bin/crictl --runtime-endpoint unix:///run/containerd/containerd.sock ")
    );
    assert_eq!(notes(&plan), "");
}

#[test]
fn a_config_that_the_running_daemon_has_not_read_is_a_restart_alone() {
    let ready = |mode: &str, written: &str| {
        let unit = format!("ActiveState=active\nMainPID=50\nFragmentPath=/u\nKillMode={mode}\n");
        let node = running("/usr/bin/containerd", "", READY)
            .with(Query::Unit(ID.into()), Answer::Text(unit))
            .with(Query::Modified(FILE.into()), Answer::Text(written.into()));
        let hosts = planned(&node, HTTP).unwrap().changes.remove(0).after.unwrap();
        planned(&node.with_file(HOSTS, hosts), HTTP).unwrap()
    };
    assert!(ready("process", "1500").is_empty(), "written before it was started");
    let late = ready("process", "3000");
    assert_eq!((late.changes.len(), late.activations.len(), late.is_empty()), (0, 1, false));
    assert!(notes(&late).contains("was written after containerd was started: it is restarted"), "{}", notes(&late));
    assert_eq!(late.checks.len(), 2);
    let deadly = ready("control-group", "3000");
    assert!(deadly.is_empty() && notes(&deadly).contains("would end all containers"), "{}", notes(&deadly));
    assert!(ready("process", "9000").is_empty(), "a time in the future tells nothing");
}

#[test]
fn a_late_import_counts_and_who_only_removes_restarts_nothing() {
    let node = running("/usr/bin/containerd", "", "version = 2\nimports = [\"/d/a.toml\"]\n")
        .with_file("/d/a.toml", READY)
        .with(Query::Modified("/d/a.toml".into()), Answer::Text("3000".into()));
    assert_eq!(planned(&node, HTTP).unwrap().activations.len(), 1);
    assert!(planned(&node, GONE).unwrap().is_empty());
}

#[test]
fn a_daemon_without_a_manager_is_left_to_whoever_started_it() {
    let node = running("/usr/bin/containerd", "Service=ssh\n", "")
        .with(Query::Unit(ID.into()), Answer::Absent)
        .with(Query::Unit("ssh".into()), Answer::Text("ActiveState=active\nMainPID=7\n".into()));
    let plan = planned(&node, HTTP).unwrap();
    assert!(plan.activations.is_empty() && notes(&plan).contains("(process 50) was started by no service manager"));
}

#[test]
fn an_upgrade_that_comes_with_the_restart_is_said() {
    let plan = planned(&running("/usr/bin/containerd (deleted)", "", ""), HTTP).unwrap();
    assert!(notes(&plan).contains("the restart starts the new one"), "{}", notes(&plan));
    assert_eq!(plan.checks[1].command[0], "/usr/bin/containerd");
}

#[test]
fn who_is_not_running_is_said_where_only_hosts_are_written() {
    let stopped = Facts::from_files([(FILE, READY)])
        .with(Query::version(ID), Answer::Text("containerd x 1.7.24".into()))
        .with(Query::Unit(ID.into()), Answer::Text("ActiveState=inactive\nMainPID=0\n".into()));
    let plan = planned(&stopped, HTTP).unwrap();
    assert!(plan.activations.is_empty() && notes(&plan).contains("containerd is not running"), "{}", notes(&plan));
    assert_eq!(notes(&planned(&running("/usr/bin/containerd", "", READY), HTTP).unwrap()), "");
}

#[test]
fn openrc_restarts_it_with_a_word_about_that() {
    let unit = "Manager=openrc\nActiveState=active\nKillMode=process\nFragmentPath=/etc/init.d/containerd\n";
    let node = running("/usr/bin/containerd", "", "").with(Query::Unit(ID.into()), Answer::Text(unit.into()));
    let plan = planned(&node, HTTP).unwrap();
    assert_eq!(plan.activations[0].manager, Manager::OpenRc);
    assert!(notes(&plan).contains("/etc/init.d/containerd restarts containerd"), "{}", notes(&plan));
}

#[test]
fn a_product_that_runs_beside_or_is_only_installed_is_refused() {
    let k3s = "Arg=-c\nArg=/var/lib/rancher/k3s/agent/etc/containerd/config.toml\n";
    let alone = Facts::default().with(
        daemon("/var/lib/rancher/k3s/data/x/bin/containerd", k3s).0,
        daemon("/var/lib/rancher/k3s/data/x/bin/containerd", k3s).1,
    );
    let error = planned(&alone, HTTP).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert!(error.to_string().contains("/etc/rancher/k3s/registries.yaml"), "{error}");
    assert!(planned(&alone, GONE).unwrap_err().to_string().contains("/etc/rancher/k3s/registries.yaml"));
    let asked = Containerd.resolve(&"my-registry.com".parse().unwrap(), &alone);
    assert!(asked.hosts.is_empty() && asked.notes[0].contains("k3s runs a containerd of its own"), "{asked:?}");
    let installed =
        Facts::default().with(Query::Unit("rke2-server".into()), Answer::Text("ActiveState=inactive\n".into()));
    let error = planned(&installed, HTTP).unwrap_err();
    assert!(error.to_string().contains("/etc/rancher/rke2/registries.yaml"), "{error}");
}

#[test]
fn the_mirrors_style_is_checked_by_its_endpoints() {
    let r = "plugins.\"io.containerd.grpc.v1.cri\".registry";
    let config = format!("version = 2\n[{r}.mirrors.\"a.lab\"]\nendpoint = [\"http://a.b:1\"]\n");
    let plan = planned(&running("/usr/bin/containerd", "", &config), HTTP).unwrap();
    assert_eq!(plan.checks[1].patterns, ["[\"']http://a\\.b:1[\"']", "[\"']http://192\\.168\\.30\\.56:5000[\"']"]);
}

#[test]
fn images_are_pulled_by_crictl_or_by_ctr_with_the_folder() {
    let pull =
        |node: &Facts| Containerd.pull_command(&gathered(node, HTTP).0, "a.lab/b:1").map(|words| words.join(" "));
    let node = running("/usr/bin/containerd", "", READY);
    let with_ctr = "ctr -n k8s.io images pull --hosts-dir /etc/containerd/certs.d a.lab/b:1";
    assert_eq!(pull(&node).as_deref(), Some(with_ctr));
    let grpc = running("/usr/bin/containerd", "", &format!("{READY}[grpc]\naddress = \"/run/g.sock\"\n"))
        .with(Query::Program("crictl".into()), Answer::Text("/usr/bin/crictl".into()));
    let with_crictl =
        "/usr/bin/crictl --runtime-endpoint unix:///run/g.sock --image-endpoint unix:///run/g.sock pull a.lab/b:1";
    assert_eq!(pull(&grpc).as_deref(), Some(with_crictl));
}

fn daemon(program: &str, more: &str) -> (Query, Answer) {
    let text = format!("Pid=50\nParent=1\nUid=0\nExe={program}\nArg={program}\n{more}");
    (Query::Daemon(ID.into()), Answer::Text(text))
}

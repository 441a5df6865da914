//! The hosts file of kubeasz, which is an inventory of Ansible in INI, and the `config.yml` beside it; or that alone.

use serde_json::json;

use crate::error::Result;
use crate::settings::Registry;

use super::ansible::{Host, Inventory, Reader, login};
use super::found::{Found, List};
use super::options::Options;
use super::registries::{Registries, insecure_host, protocol_decided};
use super::remark::{Place, RemarkKind, Remarks};
use super::source::Source;
use super::yaml::Yaml;

/// The variables of a cluster, beside its hosts file.
const VARIABLES: &str = "config.yml";

/// Roles by the groups that mean them, as they are called now and as they were called up to 3.0.
const ROLES: [(&str, [&str; 2]); 3] = [
    ("control-plane", ["kube_master", "kube-master"]),
    ("etcd", ["etcd", "etcd"]),
    ("worker", ["kube_node", "kube-node"]),
];

pub(super) fn read(source: &Source, options: &Options, remarks: &mut Remarks) -> Result<Found> {
    let mut inventory = Inventory::read(source, remarks)?;
    if let Some(path) = source.folder().map(|folder| folder.join(VARIABLES)).filter(|_| !inventory.hosts().is_empty())
        && path.is_file()
    {
        inventory.add_variables(&Source::load(&path)?, remarks)?;
    }
    let mut list = List::default();
    for host in inventory.hosts() {
        let scope = inventory.scope(host, source, options);
        let mut reader = Reader { scope: &scope, source, options, remarks: &mut *remarks };
        node(&inventory, host, &mut reader, &mut list)?;
    }
    let scope = inventory.scope_of_all(source, options);
    let mut reader = Reader { scope: &scope, source, options, remarks };
    let registries = registries(&mut reader)?;
    Ok(list.found(registries.into_settings()?))
}

fn node(inventory: &Inventory, host: &Host, reader: &mut Reader<'_, '_>, list: &mut List) -> Result<()> {
    let is_in = |groups: &[&str]| groups.iter().any(|group| inventory.is_in(&host.name, group));
    let roles: Vec<_> = ROLES.iter().filter(|(_, groups)| is_in(groups)).map(|(role, _)| *role).collect();
    if !reader.options.all_hosts && !roles.iter().any(|role| *role != "etcd") {
        let text = "is neither a master nor a node of the cluster; the option `all_hosts` takes it too";
        reader.remarks.add(RemarkKind::Skipped, &host.place, text);
        return Ok(());
    }
    let Some(login) = login(host, reader)? else { return Ok(()) };
    let mut entry = login.entry;
    if let Some((name, _)) = reader.variable(&["k8s_nodename"])?.filter(|(name, _)| !name.is_empty()) {
        entry.insert("name".into(), name.into());
    }
    let names: Vec<_> = login.jump_hosts.iter().map(|(name, _)| name.clone()).collect();
    login.jump_hosts.into_iter().for_each(|(name, host)| list.jump_host(&name, host));
    for (key, names) in
        [("jump", json!(names)), ("roles", json!(roles)), ("engines", json!(Vec::from_iter(engine(reader)?)))]
    {
        if names.as_array().is_some_and(|names| !names.is_empty()) {
            entry.insert(key.into(), names);
        }
    }
    list.node(entry);
    Ok(())
}

/// The engine of the cluster, if it is told.
fn engine(reader: &mut Reader<'_, '_>) -> Result<Option<String>> {
    let told = reader.variable(&["CONTAINER_RUNTIME"])?.map(|(name, _)| name);
    Ok(told.filter(|name| ["containerd", "docker"].contains(&name.as_str())))
}

fn registries(reader: &mut Reader<'_, '_>) -> Result<Registries> {
    let engine = engine(reader)?;
    let mut registries = Registries::default();
    if let Some(variable) = reader.scope.get("INSECURE_REG") {
        let place = &variable.place;
        // Older files have a list of JSON in a text, as it goes into daemon.json.
        let in_text = variable.value.scalar().filter(|text| text.trim_start().starts_with('['));
        let list = in_text.map(|text| Yaml::parse_value(text, variable.value.line)).transpose();
        let list = list.map_err(|error| place.of(error))?;
        for (text, at) in reader.texts(list.as_ref().unwrap_or(&variable.value), place)? {
            insecure(&text, engine.as_deref(), &at, &mut registries, reader);
        }
    }
    if let Some(variable) = reader.scope.get("ENABLE_MIRROR_REGISTRY")
        && reader.truth(&variable.value, &variable.place)? == Some(true)
    {
        let text = "turns on mirrors that the release of kubeasz has built in; they are left out: name those that you want \
                    in the settings";
        reader.remarks.add(RemarkKind::Skipped, &variable.place, text);
    }
    Ok(registries)
}

/// An entry of `INSECURE_REG`: an address with its protocol, or what daemon.json takes.
fn insecure(text: &str, engine: Option<&str>, place: &Place, out: &mut Registries, reader: &mut Reader<'_, '_>) {
    let insecure = reader.options.insecure;
    let text = text.trim_end_matches('/');
    let registry = match text.split_once("://") {
        Some(("http", host)) => Registry::plain_http(host),
        Some(("https", host)) => Registry::skip_verify(host),
        _ => insecure_host(text, insecure),
    };
    let is_block = registry.as_ref().is_ok_and(|registry| registry.host.cidr().is_some());
    if is_block && engine == Some("containerd") {
        let text = "is a block of addresses, which containerd does not know; it is left out";
        reader.remarks.add(RemarkKind::Ineffective, place, text);
        return;
    }
    if registry.is_ok() && !is_block && !text.contains("://") {
        reader.remarks.add(RemarkKind::Decided, place, protocol_decided(insecure));
    }
    let engine = engine.or(is_block.then_some("docker"));
    let registry = registry.map(|registry| engine.into_iter().fold(registry, Registry::for_engine));
    out.add_read(registry, place, reader.remarks);
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::{Format, Imported, Options, load, parse};

    const HOSTS: &str = "
[etcd]
10.0.0.1
10.0.0.9
[kube_master]
10.0.0.1 k8s_nodename='master-01'
[kube_node]
10.0.0.[2:3]
[harbor]
10.0.0.8 NEW_INSTALL=false
[all:vars]
CONTAINER_RUNTIME=\"containerd\"
ansible_ssh_private_key_file=/keys/lab
";

    const CONFIG: &str = "
ENABLE_MIRROR_REGISTRY: true
HARBOR_DOMAIN: harbor.lab
HARBOR_TLS_PORT: 8443
HARBOR_REGISTRY: '{{ HARBOR_DOMAIN }}:{{ HARBOR_TLS_PORT }}'
CONTEXT: '{% if x %}'
INSECURE_REG:
  - http://reg.lab:5000/
  - 'https://{{ HARBOR_REGISTRY }}'
  - '{{ LAB }}'
  - 10.0.0.0/8
  - b.lab
";

    fn remarks(imported: &Imported) -> Vec<String> {
        imported.remarks.iter().map(|r| format!("{} {} {}", r.kind, r.line.unwrap_or_default(), r.key)).collect()
    }

    fn ensured(imported: &Imported) -> Value {
        imported.settings.to_json()["ensure"].clone()
    }

    #[test]
    fn hosts_with_the_variables_beside_them() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("hosts"), HOSTS).unwrap();
        std::fs::write(folder.path().join("config.yml"), CONFIG).unwrap();
        let imported = load(folder.path().join("hosts"), &Options::default()).unwrap();
        assert_eq!(imported.format, Format::Kubeasz);
        let shown = imported.nodes.iter().map(|n| format!("{} {} {}", n.name, n.address, n.roles.join("+")));
        assert_eq!(
            shown.collect::<Vec<_>>(),
            ["master-01 10.0.0.1 control-plane+etcd", "10.0.0.2 10.0.0.2 worker", "10.0.0.3 10.0.0.3 worker"]
        );
        assert_eq!((imported.nodes[0].engines.join(""), imported.nodes[2].identities.len()), ("containerd".into(), 1));
        let one =
            |host: &str, endpoint: Value| json!({ "host": host, "endpoints": [endpoint], "engines": ["containerd"] });
        assert_eq!(
            ensured(&imported),
            json!([
                one("reg.lab:5000", json!({ "url": "http://reg.lab:5000" })),
                one("harbor.lab:8443", json!({ "url": "https://harbor.lab:8443", "skip_verify": true })),
                one("b.lab", json!({ "url": "http://b.lab" })),
            ])
        );
        assert_eq!(
            remarks(&imported),
            [
                "skipped 4 10.0.0.9",
                "skipped 10 10.0.0.8",
                "skipped 2 ENABLE_MIRROR_REGISTRY",
                "unresolved 10 INSECURE_REG[2]",
                "ineffective 11 INSECURE_REG[3]",
                "decided 12 INSECURE_REG[4]",
            ]
        );
    }

    #[test]
    fn variables_alone_and_lists_in_a_text() {
        let text = "INSECURE_REG: '[\"127.0.0.0/8\",\"http://a.lab\"]'\n";
        let imported = parse(text, &Options::default()).unwrap();
        assert_eq!((imported.format, imported.nodes.len()), (Format::Kubeasz, 0));
        assert_eq!(
            ensured(&imported),
            json!([
                { "host": "127.0.0.0/8", "insecure": "http", "engines": ["docker"] },
                { "host": "a.lab", "endpoints": [{ "url": "http://a.lab" }] },
            ])
        );
        assert!(remarks(&imported).is_empty());
    }
}

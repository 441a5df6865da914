//! What `KubeKey` is told of registries. What becomes of it is what its templates of hosts.toml, config.toml and
//! daemon.json make.

use crate::error::Result;
use crate::settings::{Endpoint, Registry};

use super::super::field::Field;
use super::super::options::Insecure;
use super::super::pem::{self, Tls};
use super::super::registries::{insecure_host, protocol_decided};
use super::super::remark::{Place, RemarkKind, Remarks};
use super::Reader;

impl Reader<'_> {
    /// `spec.registry` of a `Cluster`.
    pub(super) fn registry_of_cluster(
        &mut self,
        registry: &Field<'_>,
        engine: Option<&str>,
        remarks: &mut Remarks,
    ) -> Result<()> {
        let known = [
            "type",
            "registryMirrors",
            "insecureRegistries",
            "privateRegistry",
            "dataRoot",
            "containerdDataDir",
            "dockerDataDir",
            "namespaceOverride",
            "namespaceRewrite",
            "bridgeIP",
            "auths",
            "plainHTTP",
        ];
        registry.only(&known, remarks)?;
        self.mirrors(registry.get("registryMirrors").as_ref(), remarks)?;
        self.insecure(registry.get("insecureRegistries").as_ref(), engine, remarks)?;
        if let Some(auths) = registry.get("auths") {
            for (host, auth) in auths.entries()? {
                self.auth_of_cluster(host, &auth, remarks)?;
            }
        }
        self.private(registry, remarks)
    }

    /// A `Config` of version 4, or variables that are the same.
    pub(super) fn config(&mut self, spec: Option<&Field<'_>>, remarks: &mut Remarks) -> Result<()> {
        let Some(spec) = spec else { return Ok(()) };
        let engine = Self::engine(spec.at(&["cri", "container_manager"]).as_ref(), remarks)?;
        if let Some(registry) = spec.at(&["cri", "registry"]) {
            registry.only(&["mirrors", "insecure_registries", "auths"], remarks)?;
            self.mirrors(registry.get("mirrors").as_ref(), remarks)?;
            self.insecure(registry.get("insecure_registries").as_ref(), engine, remarks)?;
            for auth in
                registry.get("auths").map_or_else(|| Ok(Vec::new()), |auths| auths.items().map(Vec::from_iter))?
            {
                self.auth(&auth, remarks)?;
            }
        }
        spec.at(&["image_registry", "auth"]).map_or(Ok(()), |auth| self.auth(&auth, remarks))
    }

    /// Mirrors of Docker Hub, which is tried after them.
    fn mirrors(&mut self, mirrors: Option<&Field<'_>>, remarks: &mut Remarks) -> Result<()> {
        let Some(field) = mirrors else { return Ok(()) };
        let mut hub = Registry::new("docker.io")?;
        for (url, place) in field.texts(remarks)? {
            match hub.clone().endpoint(url.as_str()) {
                Ok(with) => hub = with,
                Err(error) => remarks.skip(&place, &error),
            }
        }
        if !hub.endpoints.is_empty() {
            self.registries.add(hub, &field.place, remarks);
        }
        Ok(())
    }

    /// Hosts that containerd is told to ask over plain http, and docker in either way.
    fn insecure(&mut self, hosts: Option<&Field<'_>>, engine: Option<&str>, remarks: &mut Remarks) -> Result<()> {
        for (text, place) in hosts.map_or_else(|| Ok(Vec::new()), |field| field.texts(remarks))? {
            let (scheme, host) = text.split_once("://").unwrap_or(("", &text));
            let insecure = match (scheme, engine) {
                ("https", _) => Insecure::SkipVerify,
                ("http", _) | (_, Some("containerd")) => Insecure::Http,
                _ => self.options.insecure,
            };
            let registry = insecure_host(host.trim_end_matches('/'), insecure);
            let is_block = registry.as_ref().is_ok_and(|registry| registry.host.cidr().is_some());
            match (engine, is_block, scheme) {
                _ if registry.is_err() => {}
                (Some("containerd"), true, _) => {
                    let text = "is a block of addresses, which containerd does not know; it is left out";
                    remarks.add(RemarkKind::Ineffective, &place, text);
                    continue;
                }
                (Some("containerd"), false, "http" | "https") => {
                    let text = "has a scheme, with which containerd does not find it; taken is what was meant";
                    remarks.add(RemarkKind::Decided, &place, text);
                }
                (None | Some("docker"), false, "") => {
                    remarks.add(RemarkKind::Decided, &place, protocol_decided(insecure));
                }
                _ => {}
            }
            self.registries.add_read(registry, &place, remarks);
        }
        Ok(())
    }

    /// An entry of `auths` of a `Cluster`. Certificates are files with these endings in a folder.
    fn auth_of_cluster(&mut self, host: &str, auth: &Field<'_>, remarks: &mut Remarks) -> Result<()> {
        let known = ["username", "password", "skipTLSVerify", "plainHTTP", "certsPath"];
        auth.only(&known, remarks)?;
        say_login(auth, remarks);
        let (skip_verify, is_http) = (auth.flag_of("skipTLSVerify", remarks)?, auth.flag_of("plainHTTP", remarks)?);
        if let Some(path) = auth.get("certsPath").filter(|path| !path.is_empty()) {
            let text = "is a folder of certificates, of which it is not told which is the CA; it is left out: put the text \
                        of the CA into the settings";
            remarks.add(RemarkKind::Unresolved, &path.place, text);
        }
        let tls = Tls { skip_verify, ..Tls::default() };
        self.host_itself(host, is_http, &tls, &auth.place, remarks);
        Ok(())
    }

    /// An entry of `auths` of version 4, or `image_registry.auth`. Certificates count only if that is said.
    fn auth(&mut self, auth: &Field<'_>, remarks: &mut Remarks) -> Result<()> {
        let known =
            ["registry", "username", "password", "skip_tls_verify", "plain_http", "ca_file", "cert_file", "key_file"];
        auth.only(&known, remarks)?;
        say_login(auth, remarks);
        let Some(registry) = auth.text_of("registry", remarks)? else { return Ok(()) };
        let host = registry.split('/').next().unwrap_or_default();
        let is_http = auth.flag_of("plain_http", remarks)?;
        let mut file = |key: &str| auth.get(key).map_or(Ok(None), |field| pem::file(self.source, &field, remarks));
        let (ca, certificate, key) = (file("ca_file")?, file("cert_file")?, file("key_file")?);
        let skip_verify = match auth.get("skip_tls_verify") {
            Some(flag) => flag.flag(remarks)?,
            None if ca.is_some() || is_http => false,
            None => {
                let text = "does not say skip_tls_verify, and KubeKey takes any certificate then; so does this";
                remarks.add(RemarkKind::Decided, &auth.place, text);
                true
            }
        };
        let tls = Tls { skip_verify, ca, client: certificate.zip(key) };
        self.host_itself(host, is_http, &tls, &auth.place, remarks);
        Ok(())
    }

    /// A host at its own address, unless there is nothing to set for it.
    fn host_itself(&mut self, host: &str, is_http: bool, tls: &Tls, place: &Place, remarks: &mut Remarks) {
        if is_http && !tls.is_empty() {
            let text = "is plain http, which has no TLS settings; they are left out";
            remarks.add(RemarkKind::Decided, place, text);
        }
        let registry = if is_http {
            Registry::plain_http(host)
        } else if tls.is_empty() {
            return;
        } else {
            let endpoint = Endpoint::new(format!("https://{host}")).and_then(|endpoint| tls.apply(endpoint));
            endpoint.and_then(|endpoint| Registry::new(host)?.endpoint(endpoint))
        };
        self.registries.add_read(registry, place, remarks);
    }

    /// Where images come from. How that is reached is told elsewhere.
    fn private(&mut self, registry: &Field<'_>, remarks: &mut Remarks) -> Result<()> {
        if let Some(field) = registry.get("privateRegistry")
            && let Some(private) = field.text(remarks)?
            && self.registries.find(private.split('/').next().unwrap_or_default()).is_none()
        {
            let text = "only tells where images come from; how it is reached is not told, and nothing is set for it";
            remarks.add(RemarkKind::Ineffective, &field.place, text);
        }
        for key in ["namespaceOverride", "namespaceRewrite"] {
            if let Some(field) = registry.get(key).filter(|field| !field.is_empty()) {
                let text = "renames images, which no engine does; it is left out";
                remarks.add(RemarkKind::Ineffective, &field.place, text);
            }
        }
        Ok(())
    }
}

fn say_login(auth: &Field<'_>, remarks: &mut Remarks) {
    if auth.get("password").is_some_and(|password| !password.is_empty()) {
        remarks.add(RemarkKind::Skipped, &auth.place, super::super::LOGIN);
    }
}

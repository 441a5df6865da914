//! What engines' errors mean, and what to do about them.

/// What an error means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Advice {
    /// What is wrong, in plain words.
    pub cause: &'static str,
    /// What to do.
    pub remedy: &'static str,
}

/// What an error of containerd, docker or a registry means; `None` if it is none that is known.
///
/// The text is that which a pull, a start or a log gives, with as many lines as there are. Letter case does not matter.
///
/// ```
/// let text = r#"Get "https://10.0.0.5:5000/v2/": http: server gave HTTP response to HTTPS client"#;
/// assert!(regconf::advice(text).is_some_and(|advice| advice.cause.contains("plain http")));
/// ```
pub fn advice(text: &str) -> Option<Advice> {
    let text = text.to_ascii_lowercase();
    let is_in = |signs: &[&str]| signs.iter().all(|sign| text.contains(sign));
    let found = RULES.iter().find(|rule| rule.signs.iter().any(|signs| is_in(signs)));
    found.map(|rule| Advice { cause: rule.cause, remedy: rule.remedy })
}

/// An error by its signs, in small letters: those of one group stand together in its text.
struct Rule {
    signs: &'static [&'static [&'static str]],
    cause: &'static str,
    remedy: &'static str,
}

/// The first that fits counts, so what is more special stands higher.
const RULES: &[Rule] = &[
    // The node itself.
    Rule {
        signs: &[&["no space left on device"], &["disk quota exceeded"]],
        cause: "a disk of the node is full",
        remedy: "make room, in the engine's folder below /var/lib too, and try again",
    },
    // The image's name, before anything is asked for.
    Rule {
        signs: &[&["invalid reference format"], &["invalidimagename"]],
        cause: "that is no image reference: its name has a scheme, a capital letter, a blank or a sign that is not allowed",
        remedy: "write host/repository:tag, without http:// or https:// before it, and the repository in small letters",
    },
    Rule {
        signs: &[&["errimageneverpull"], &["not present with pull policy of never"]],
        cause: "the pod's imagePullPolicy is Never, and the node does not have the image",
        remedy: "import the image on the node, or set imagePullPolicy to IfNotPresent",
    },
    Rule {
        signs: &[&["pull qps exceeded"]],
        cause: "the kubelet was asked to begin more pulls at once than it may; the registry was not asked",
        remedy: "wait, for it tries again; registryPullQPS and registryBurst in the kubelet's config allow more",
    },
    // Engines that do not start or do not load their CRI.
    Rule {
        signs: &[&["cannot be set when `config_path` is provided"]],
        cause: "config.toml has mirrors or configs.tls beside config_path; containerd loads no CRI with both",
        remedy: "set \"migrate\": true, which moves them to hosts.toml files",
    },
    Rule {
        signs: &[&["unknown service runtime.v1"], &["unknown service runtime.v1alpha2"]],
        cause: "containerd runs without its CRI: the plugin is disabled or did not load",
        remedy: "see `ctr plugins ls -d id==cri`; set \"enable_cri\": true if it is disabled",
    },
    Rule {
        signs: &[&["the following directives are specified both as a flag"]],
        cause: "a setting stands in daemon.json and among dockerd's flags too; dockerd takes it from one place only",
        remedy: "take the flag out of the unit, its drop-ins or its environment file, or the key out of daemon.json",
    },
    Rule {
        signs: &[&["don't match any configuration option"]],
        cause: "daemon.json has a key that dockerd does not know",
        remedy: "correct the key that the error names, or take it out",
    },
    Rule {
        signs: &[&["insecure registry", "is not valid"], &["insecure registry", "should not contain"]],
        cause: "insecure-registries has an entry that dockerd refuses: it takes host, host:port or a CIDR block",
        remedy: "correct the entry that the error names: no path, no slash, no wildcard, no underscore",
    },
    Rule {
        signs: &[&["invalid mirror"]],
        cause: "registry-mirrors has an entry that dockerd refuses",
        remedy: "write it as http:// or https://, without user, query or fragment; before 24.0.8 without a path",
    },
    Rule {
        signs: &[&["unable to configure the docker daemon with file"]],
        cause: "daemon.json is not what dockerd can read",
        remedy: "correct what the error names; `dockerd --validate` (23.0 and newer) tells whether it is right",
    },
    Rule {
        signs: &[&["unsupported config version"], &["containerd config version equal to or less than"]],
        cause: "config.toml has a version that this containerd does not read",
        remedy: "write the version that it reads: 2 up to 1.7, 3 from 2.0, 4 from 2.3",
    },
    Rule {
        signs: &[&["higher than root config version"]],
        cause: "an imported file has a higher version than config.toml",
        remedy: "write both in the same version",
    },
    Rule {
        signs: &[&["invalid disabled plugin uri"], &["invalid plugin key uri"]],
        cause: "config.toml has a short plugin name such as \"cri\", which its version does not allow",
        remedy: "write the whole id, such as io.containerd.grpc.v1.cri",
    },
    Rule {
        signs: &[&["start-limit-hit"], &["start request repeated too quickly"]],
        cause: "the service failed to start several times in a row and systemd has given up",
        remedy: "correct what its log names, then `systemctl reset-failed` and `systemctl start` it",
    },
    Rule {
        signs: &[&["dial unix"], &["cannot connect to the docker daemon"], &["is the docker daemon running"]],
        cause: "the engine is not running, or listens elsewhere",
        remedy: "see `systemctl status containerd docker` and the end of the journal",
    },
    // hosts.toml and certificates on the node.
    Rule {
        signs: &[&["failed to decode", "hosts.toml"], &["invalid `host` tree"]],
        cause: "a hosts.toml cannot be read, so containerd goes on as if it were not there",
        remedy: "correct the file that the log names; it needs at least one [host.\"…\"] table before 1.7.32",
    },
    Rule {
        signs: &[&["no resolve hosts"]],
        cause: "no host of the registry may turn a tag into a digest",
        remedy: "add \"resolve\" to the capabilities of at least one endpoint",
    },
    Rule {
        signs: &[
            &["missing client certificate"],
            &["missing key", "for client certificate"],
            &["unable to read cert file"],
            &["failed to load x509 key pair"],
        ],
        cause: "a client certificate or its key is missing, or they do not belong together",
        remedy: "put both where hosts.toml says, in certs.d as NAME.cert and NAME.key; or push the client again",
    },
    Rule {
        signs: &[&["unable to read ca cert"], &["unable to load ca cert"]],
        cause: "a CA file that the registry's folder names is missing or holds no certificate",
        remedy: "put the file where hosts.toml says, or push the CA again",
    },
    Rule {
        signs: &[&["not a directory"]],
        cause: "a file stands where the folder of a registry host belongs",
        remedy: "take that file away below certs.d; a folder named like the registry host belongs there",
    },
    // TLS.
    Rule {
        signs: &[&["proxyconnect"]],
        cause: "the engine goes through an HTTP proxy, which does not let it through to the registry",
        remedy: "add the registry's host to NO_PROXY in the environment of the engine's service, and restart it",
    },
    Rule {
        signs: &[&["server gave http response to https client"]],
        cause: "the registry speaks plain http and the engine expects https",
        remedy: "write the endpoint as http://, or set \"insecure\": \"http\"; without skip_verify or ca beside it",
    },
    Rule {
        signs: &[&["client sent an http request to an https server"]],
        cause: "the registry speaks https and the engine uses plain http",
        remedy: "write the endpoint as https://, with its CA or with skip_verify",
    },
    Rule {
        signs: &[&["first record does not look like a tls handshake"]],
        cause: "what listens at that port does not speak TLS",
        remedy: "write the endpoint as http:// without skip_verify, ca and client; or correct the port",
    },
    Rule {
        signs: &[&["legacy common name"]],
        cause: "the registry's certificate has its name in the Common Name only, which is no longer looked at",
        remedy: "make a certificate with the name or address as subjectAltName; skip_verify helps until then",
    },
    Rule {
        signs: &[
            &["x509: certificate is valid for"],
            &["x509: cannot validate certificate for"],
            &["doesn't contain any ip sans"],
            &["certificate is not valid for any names"],
        ],
        cause: "the registry's certificate is for another name or address than the one that is used",
        remedy: "use a name that the certificate has, or make one with this name or address as subjectAltName",
    },
    Rule {
        signs: &[&["certificate has expired or is not yet valid"]],
        cause: "the registry's certificate has expired, or the node's clock is wrong",
        remedy: "compare `date` on the node with the times in the error; renew the certificate",
    },
    Rule {
        signs: &[&["certificate signed by unknown authority"], &["x509: certificate is not trusted"]],
        cause: "the node does not know the CA that signed the registry's certificate",
        remedy: "give the endpoint its \"ca\"; skip_verify only where nobody can listen in",
    },
    Rule {
        signs: &[&["tls: certificate required"], &["remote error: tls: bad certificate"]],
        cause: "the registry wants a client certificate, or does not take the one it got",
        remedy: "give the endpoint a \"client\" certificate and key",
    },
    Rule {
        signs: &[&["tls: unrecognized name"], &["tls: internal error"]],
        cause: "what answers there has no certificate for the name that was asked for, such as a proxy or an ingress",
        remedy: "use the name that it knows as the endpoint's host, or give it a certificate for this one",
    },
    Rule {
        signs: &[&["tls: handshake failure"], &["tls: protocol version not supported"]],
        cause: "the engine and the registry have no version or cipher of TLS in common",
        remedy: "let the registry, or the proxy before it, speak TLS 1.2 or newer",
    },
    // What the registry says.
    Rule {
        signs: &[&["toomanyrequests"], &["429 too many requests"]],
        cause: "the registry allows no more pulls for now",
        remedy: "wait, log in, or set a mirror for this registry",
    },
    Rule {
        signs: &[&["text/html"]],
        cause: "a web page came instead of an image: what answers there is no registry, or not at that path",
        remedy: "ask it by `curl -v URL/v2/`; correct the endpoint's host, port or path (override_path)",
    },
    Rule {
        signs: &[
            &["500 internal server error"],
            &["502 bad gateway"],
            &["503 service unavailable"],
            &["504 gateway timeout"],
            &["504 gateway time-out"],
        ],
        cause: "the registry, or the proxy before it, is broken or busy",
        remedy: "see its log; the nodes' settings are not the cause",
    },
    Rule {
        signs: &[&["unexpected commit digest"], &["filesystem layer verification failed"]],
        cause: "what was downloaded is not what the registry promised: it was cut off or changed on the way",
        remedy: "try again; look for a proxy or a cache between, and for a full disk of the registry",
    },
    Rule {
        signs: &[&["manifest.v1+prettyjws"], &["schema 1 image manifests"]],
        cause: "the image has the oldest form of manifest (schema 1), which newer engines no longer read",
        remedy: "build or copy the image anew with a tool of today, and push it again",
    },
    Rule {
        signs: &[
            &["401 unauthorized"],
            &["403 forbidden"],
            &["no basic auth credentials"],
            &["authorization failed"],
            &["authentication required"],
            &["pull access denied"],
            &["requested access to the resource is denied"],
            &["unauthorized to access repository"],
            &["incorrect username or password"],
        ],
        cause: "the registry wants a login, or that login may not pull this, or there is no such repository",
        remedy: "log in: an imagePullSecret, configs.auth of containerd, or docker login; and check the image's name",
    },
    Rule {
        signs: &[
            &["manifest unknown"],
            &["name unknown"],
            &["repository name not known"],
            &["failed to resolve", ": not found"],
            &["404 not found"],
            &["manifest for", "not found"],
        ],
        cause: "the registry was reached and has no such image; a mirror's answer counts before that of what it mirrors",
        remedy: "check the name and the tag, and that the endpoint's path is right (override_path)",
    },
    Rule {
        signs: &[&["no match for platform"], &["no matching manifest for"]],
        cause: "the image is there, but not for the node's processor",
        remedy: "push it for this architecture too",
    },
    // The registry answers, and what it names next does not.
    Rule {
        signs: &[&["failed to fetch anonymous token"], &["failed to fetch oauth token"]],
        cause: "the registry sends the engine to another address for a token, and that one cannot be reached or trusted",
        remedy: "let the nodes reach the address in the error, or correct the registry's own address (Harbor: external_url)",
    },
    // The way to the registry.
    Rule {
        signs: &[
            &["no such host"],
            &["server misbehaving"],
            &["temporary failure in name resolution"],
            &["name or service not known"],
        ],
        cause: "the node's DNS does not know the name",
        remedy: "add it to DNS, or give containerd an endpoint with an address; docker can only use DNS",
    },
    Rule {
        signs: &[&["connection refused"]],
        cause: "nothing listens at that address and port",
        remedy: "check that the registry runs, and the port; without one it is 443, or 80 for http",
    },
    Rule {
        signs: &[
            &["i/o timeout"],
            &["no route to host"],
            &["network is unreachable"],
            &["connection timed out"],
            &["client.timeout exceeded"],
            &["tls handshake timeout"],
            &["context deadline exceeded"],
        ],
        cause: "the node cannot reach the registry: a wrong address, a firewall, or a missing route",
        remedy: "try `curl -v` to the endpoint from the node; open the way, or use an address that it can reach",
    },
    Rule {
        signs: &[&["connection reset by peer"], &["unexpected eof"], &["\": eof"]],
        cause: "the connection was cut off by the registry or by something on the way",
        remedy: "check the port and the scheme, and what stands between the node and the registry",
    },
    // What says only that something else went wrong.
    Rule {
        signs: &[&["failed to get sandbox image"]],
        cause: "the pause image, which each pod needs, cannot be pulled",
        remedy: "set a mirror for its registry, or name one that the nodes reach as sandbox_image in config.toml",
    },
    Rule {
        signs: &[&["back-off pulling image"], &["imagepullbackoff"], &["errimagepull"]],
        cause: "the kubelet waits before it tries again; the cause is in an earlier event of the pod",
        remedy: "see `kubectl describe pod`, or pull by `crictl pull` on the node, and look for that text",
    },
];

#[cfg(test)]
mod tests;

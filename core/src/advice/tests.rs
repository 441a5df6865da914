//! Texts of engines and registries, and their causes.

use super::*;

/// Texts as engines and registries print them, and a part of the cause.
const TEXTS: &[(&str, &str)] = &[
    (
        r#"failed to pull and unpack image "10.0.0.5:5000/app:v1": failed to resolve reference "10.0.0.5:5000/app:v1": failed to do request: Head "https://10.0.0.5:5000/v2/app/manifests/v1": http: server gave HTTP response to HTTPS client"#,
        "plain http",
    ),
    (
        r#"Error response from daemon: Get "https://reg.lab:5000/v2/": http: server gave HTTP response to HTTPS client"#,
        "plain http",
    ),
    (
        r#"failed to resolve reference "r:1/a:b": unexpected status from HEAD request to http://r:1/v2/a/manifests/b: 400 Bad Request: Client sent an HTTP request to an HTTPS server."#,
        "speaks https",
    ),
    (
        r#"failed to do request: Head "https://reg.lab:5443/v2/app/manifests/v1": tls: failed to verify certificate: x509: certificate signed by unknown authority"#,
        "does not know the CA",
    ),
    (
        r#"Error response from daemon: Get "https://reg.lab/v2/": x509: certificate signed by unknown authority (possibly because of "x509: invalid signature: parent certificate cannot sign this kind of certificate" while trying to verify candidate authority certificate "reg.lab")"#,
        "does not know the CA",
    ),
    ("tls: failed to verify certificate: x509: certificate is valid for a.lab, not reg.lab", "another name or address"),
    (
        "x509: cannot validate certificate for 192.168.30.56 because it doesn't contain any IP SANs",
        "another name or address",
    ),
    ("x509: certificate is not valid for any names, but wanted to match reg.lab", "another name or address"),
    ("x509: certificate relies on legacy Common Name field, use SANs instead", "Common Name"),
    (
        "x509: certificate has expired or is not yet valid: current time 2026-11-24T10:00:00Z is after 2024-01-01T00:00:00Z",
        "clock",
    ),
    (
        r#"failed to do request: Head "https://reg:5000/v2/x/manifests/y": tls: first record does not look like a TLS handshake"#,
        "does not speak TLS",
    ),
    ("remote error: tls: bad certificate", "client certificate"),
    ("remote error: tls: certificate required", "client certificate"),
    ("remote error: tls: handshake failure", "in common"),
    (
        r#"failed to do request: Head "http://192.168.30.56:5000/v2/a/manifests/b": dial tcp 192.168.30.56:5000: connect: connection refused"#,
        "nothing listens",
    ),
    (r#"Head "https://10.9.9.9/v2/a/manifests/b": dial tcp 10.9.9.9:443: i/o timeout"#, "cannot reach"),
    ("dial tcp 10.9.9.9:5000: connect: no route to host", "cannot reach"),
    (
        r#"Get "https://reg.lab/v2/": net/http: request canceled while waiting for connection (Client.Timeout exceeded while awaiting headers)"#,
        "cannot reach",
    ),
    (
        r#"failed to do request: Head "https://my-registry.com/v2/a/manifests/b": dial tcp: lookup my-registry.com on 10.0.0.2:53: no such host"#,
        "DNS",
    ),
    ("dial tcp: lookup reg.lab on 127.0.0.53:53: server misbehaving", "DNS"),
    (
        r#"failed to resolve reference "r.lab/a:b": unexpected status from HEAD request to https://r.lab/v2/a/manifests/b: 401 Unauthorized"#,
        "login",
    ),
    (
        "pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed",
        "login",
    ),
    (r#"Error response from daemon: Head "https://r.lab/v2/a/manifests/b": no basic auth credentials"#, "login"),
    ("unexpected status from HEAD request to https://r.lab/v2/a/manifests/b: 403 Forbidden", "login"),
    (
        "Error response from daemon: manifest for r.lab/a:b not found: manifest unknown: manifest unknown",
        "no such image",
    ),
    (
        r#"rpc error: code = NotFound desc = failed to pull and unpack image "r:1/a:b": failed to resolve reference "r:1/a:b": r:1/a:b: not found"#,
        "no such image",
    ),
    (
        r#"failed to resolve reference "r:1/a:b": unexpected status from HEAD request to http://r:1/a/manifests/b: 404 Not Found"#,
        "no such image",
    ),
    (
        r#"failed to resolve reference "r.lab/a:b": object required: no resolve hosts: not found"#,
        "turn a tag into a digest",
    ),
    ("no matching manifest for linux/arm64/v8 in the manifest list entries", "processor"),
    ("rpc error: code = Unimplemented desc = unknown service runtime.v1.RuntimeService", "without its CRI"),
    ("rpc error: code = Unimplemented desc = unknown service runtime.v1.ImageService", "without its CRI"),
    ("invalid plugin config: `mirrors` cannot be set when `config_path` is provided", "with both"),
    ("invalid plugin config: `configs.tls` cannot be set when `config_path` is provided", "with both"),
    ("invalid cri image config: `mirrors` cannot be set when `config_path` is provided", "with both"),
    (
        "unable to configure the Docker daemon with file /etc/docker/daemon.json: the following directives are specified both as a flag and in the configuration file: insecure-registries: (from flag: [flag.test], from file: [])",
        "among dockerd's flags",
    ),
    (
        "unable to configure the Docker daemon with file /etc/docker/daemon.json: the following directives don't match any configuration option: _comment",
        "does not know",
    ),
    (
        "unable to configure the Docker daemon with file /etc/docker/daemon.json: invalid character '}' looking for beginning of object key string",
        "not what dockerd can read",
    ),
    (r#"insecure registry reg:5000/path is not valid: invalid host "reg:5000/path""#, "an entry that dockerd refuses"),
    (r#"invalid mirror: no scheme specified for "m.lab": must use either 'https://' or 'http://'"#, "registry-mirrors"),
    ("containerd: failed to load TOML: unsupported config version `3`", "a version that"),
    ("expected containerd config version equal to or less than `3`, got `4`", "a version that"),
    ("drop-in config version 3 higher than root config version 2", "imported file"),
    (r#"invalid disabled plugin URI "cri" expect io.containerd.x.vx"#, "short plugin name"),
    (r#"invalid plugin key URI "cri" expect io.containerd.x.vx"#, "short plugin name"),
    ("docker.service: Start request repeated too quickly.", "given up"),
    ("docker.service: Failed with result 'start-limit-hit'.", "given up"),
    (
        r#"rpc error: code = Unavailable desc = connection error: desc = "transport: Error while dialing: dial unix /run/containerd/containerd.sock: connect: no such file or directory""#,
        "not running",
    ),
    (
        "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?",
        "not running",
    ),
    (r#"level=error msg="failed to decode hosts.toml" error="invalid `host` tree""#, "hosts.toml cannot be read"),
    ("stat /etc/containerd/certs.d/reg.lab:5000/hosts.toml: not a directory", "a file stands"),
    ("missing client certificate x.cert for key x.key", "belong together"),
    ("missing key x.key for client certificate x.cert. CA certificates must use the extension .crt", "belong together"),
    ("failed to load X509 key pair: tls: private key does not match public key", "belong together"),
    (
        r#"unable to read CERT file "/etc/containerd/certs.d/r/c.cert": open /etc/containerd/certs.d/r/c.cert: no such file or directory"#,
        "belong together",
    ),
    (
        r#"unable to read CA cert "/etc/containerd/certs.d/r:1/ca.crt": open /etc/containerd/certs.d/r:1/ca.crt: no such file or directory"#,
        "a CA file",
    ),
    (r#"unable to load CA cert "/etc/containerd/certs.d/r:1/ca.crt""#, "a CA file"),
    (
        "toomanyrequests: You have reached your unauthenticated pull rate limit. https://www.docker.com/increase-rate-limit",
        "no more pulls",
    ),
    ("write /var/lib/containerd/io.containerd.content.v1.content/ingest/x/data: no space left on device", "full"),
    (r#"Get "https://r.lab/v2/": proxyconnect tcp: dial tcp 10.0.0.9:3128: connect: connection refused"#, "proxy"),
    ("read tcp 10.0.0.1:40000->10.0.0.5:5000: read: connection reset by peer", "cut off"),
    (r#"failed to do request: Head "https://reg.lab/v2/a/manifests/b": EOF"#, "cut off"),
    (
        r#"Failed to apply default image tag "https://reg.lab/App:v1": couldn't parse image name "https://reg.lab/App:v1": invalid reference format"#,
        "no image reference",
    ),
    (r#"Container image "reg.lab/app:v1" is not present with pull policy of Never"#, "imagePullPolicy"),
    (r#"Failed to pull image "reg.lab/app:v1": pull QPS exceeded"#, "more pulls at once"),
    (r#"Get "https://10.0.0.5/v2/": remote error: tls: unrecognized name"#, "no certificate for the name"),
    (
        "failed to unpack image on snapshotter overlayfs: unexpected media type text/html for sha256:0123: not found",
        "a web page",
    ),
    ("unexpected status from HEAD request to https://r.lab/v2/a/manifests/b: 502 Bad Gateway", "broken or busy"),
    (
        r#"failed commit on ref "layer-sha256:01": unexpected commit digest sha256:02, expected sha256:01: failed precondition"#,
        "not what the registry promised",
    ),
    (
        r#"not implemented: media type "application/vnd.docker.distribution.manifest.v1+prettyjws" is no longer supported since containerd v2.1"#,
        "oldest form",
    ),
    ("unauthorized: unauthorized to access repository: team/app, action: pull", "login"),
    (
        r#"failed to authorize: failed to fetch anonymous token: Get "https://hub.lab/service/token": dial tcp 10.0.0.6:443: connect: connection refused"#,
        "for a token",
    ),
    (
        "failed to authorize: failed to fetch anonymous token: unexpected status from GET request to https://hub.lab/service/token: 401 Unauthorized",
        "login",
    ),
    (r#"failed to get sandbox image "registry.k8s.io/pause:3.9""#, "pause image"),
    (
        r#"failed to get sandbox image "registry.k8s.io/pause:3.9": failed to pull image: Head "https://registry.k8s.io/v2/pause/manifests/3.9": dial tcp: lookup registry.k8s.io on 10.0.0.2:53: no such host"#,
        "DNS",
    ),
    (r#"Back-off pulling image "reg.lab/app:v1""#, "an earlier event"),
];

#[test]
fn real_texts_have_their_cause() {
    for (text, cause) in TEXTS {
        let advice = advice(text).unwrap_or_else(|| panic!("nothing is known of {text}"));
        assert!(advice.cause.contains(cause), "{text}: {}", advice.cause);
    }
}

#[test]
fn each_rule_is_the_first_for_some_text() {
    let used = |rule: &Rule| TEXTS.iter().any(|(text, _)| advice(text).is_some_and(|a| a.cause == rule.cause));
    let unused: Vec<_> = RULES.iter().filter(|rule| !used(rule)).map(|rule| rule.cause).collect();
    assert!(unused.is_empty(), "without a text: {unused:?}");
}

#[test]
fn signs_are_in_small_letters_and_other_texts_have_no_advice() {
    for rule in RULES {
        assert!(rule.signs.iter().all(|s| !s.is_empty() && s.iter().all(|s| *s == s.to_ascii_lowercase())));
    }
    for text in ["", "done", "sh: crictl: not found", "Image is up to date for sha256:abc"] {
        assert_eq!(advice(text), None, "{text}");
    }
}

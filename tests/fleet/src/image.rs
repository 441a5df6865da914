//! Images of one layer, made and pushed without a build tool.

use crate::namespace::Namespace;
use crate::registry::{HTTP_PORT, REGISTRY_ADDRESS, digest};
use crate::run::{check, run, unique};
use crate::{Error, Result};
use std::fs;
use std::path::{Path, PathBuf};

const MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";
const CONFIG: &str = "application/vnd.docker.container.image.v1+json";
const LAYER: &str = "application/vnd.docker.image.rootfs.diff.tar.gzip";

/// An image in the registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// Its repository, for example `team/app`.
    pub repository: String,
    /// Its tag.
    pub tag: String,
    /// The digest of its manifest, with the `sha256:` in front.
    pub digest: String,
}

impl Image {
    /// The reference that pulls it from the registry's `port`.
    pub fn at(&self, port: u16) -> String {
        self.on(&format!("{REGISTRY_ADDRESS}:{port}"))
    }

    /// The reference that pulls it from `host`, for example an alias.
    pub fn on(&self, host: &str) -> String {
        format!("{host}/{}:{}", self.repository, self.tag)
    }
}

/// A file that goes to the registry.
struct Blob {
    path: PathBuf,
    digest: String,
    size: u64,
}

impl Blob {
    fn of(path: PathBuf) -> Result<Self> {
        let size = fs::metadata(&path).map_err(Error::io("sizing a blob"))?.len();
        let digest = format!("sha256:{}", digest(&path)?);
        Ok(Self { path, digest, size })
    }

    fn written(path: PathBuf, text: &str) -> Result<Self> {
        fs::write(&path, text).map_err(Error::io("writing a blob"))?;
        Self::of(path)
    }

    fn descriptor(&self, media_type: &str) -> String {
        let Self { digest, size, .. } = self;
        format!(r#"{{"mediaType":"{media_type}","size":{size},"digest":"{digest}"}}"#)
    }
}

/// Makes a new image and pushes it over http, from within `namespace`.
pub(crate) fn push(namespace: &Namespace, dir: &Path, repository: &str, tag: &str) -> Result<Image> {
    let content = unique()?;
    let work = dir.join(format!("image-{content}"));
    let (layer, config) = build(&work, &content)?;
    let manifest = Blob::written(work.join("manifest.json"), &manifest(&config, &layer))?;
    let repository_url = format!("http://{REGISTRY_ADDRESS}:{HTTP_PORT}/v2/{repository}");
    for blob in [&layer, &config] {
        upload(namespace, &repository_url, blob)?;
    }
    let url = format!("{repository_url}/manifests/{tag}");
    put(namespace, &url, MANIFEST, &manifest.path)?;
    fs::remove_dir_all(&work).map_err(Error::io("removing an image's files"))?;
    Ok(Image { repository: repository.to_owned(), tag: tag.to_owned(), digest: manifest.digest })
}

/// The layer, holding one file with `content`, and its config.
fn build(work: &Path, content: &str) -> Result<(Blob, Blob)> {
    let tree = work.join("tree");
    let tar = work.join("layer.tar");
    fs::create_dir_all(&tree).map_err(Error::io("making an image's tree"))?;
    fs::write(tree.join("content"), content).map_err(Error::io("writing an image's file"))?;
    let (tree, tar_name) = (tree.display().to_string(), tar.display().to_string());
    check(&["tar", "-C", &tree, "-cf", &tar_name, "content"])?;
    let tar_digest = digest(&tar)?;
    check(&["gzip", "-n", &tar_name])?;
    let layer = Blob::of(work.join("layer.tar.gz"))?;
    let config = format!(
        r#"{{"architecture":"{}","os":"linux","config":{{}},"rootfs":{{"type":"layers","diff_ids":["sha256:{tar_digest}"]}}}}"#,
        architecture()
    );
    let config = Blob::written(work.join("config.json"), &config)?;
    Ok((layer, config))
}

fn manifest(config: &Blob, layer: &Blob) -> String {
    format!(
        r#"{{"schemaVersion":2,"mediaType":"{MANIFEST}","config":{},"layers":[{}]}}"#,
        config.descriptor(CONFIG),
        layer.descriptor(LAYER)
    )
}

/// The machine's architecture by the name that images use.
fn architecture() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    }
}

/// Two requests: one asks where to, one sends.
fn upload(namespace: &Namespace, repository_url: &str, blob: &Blob) -> Result<()> {
    let mut ask = namespace.command("curl");
    ask.args(["-fsS", "--max-time", "20", "--noproxy", "*"])
        .args(["-X", "POST", "-o", "/dev/null", "-w", "%header{location}"])
        .arg(format!("{repository_url}/blobs/uploads/"));
    let location = run(&mut ask)?.ok("asking where to upload")?;
    let separator = if location.contains('?') { '&' } else { '?' };
    let url = format!("{location}{separator}digest={}", blob.digest);
    put(namespace, &url, "application/octet-stream", &blob.path)
}

fn put(namespace: &Namespace, url: &str, media_type: &str, body: &Path) -> Result<()> {
    let mut send = namespace.command("curl");
    send.args(["-fsS", "--max-time", "20", "--noproxy", "*", "-X", "PUT"])
        .args(["-H", &format!("Content-Type: {media_type}")])
        .args(["--data-binary", &format!("@{}", body.display()), url]);
    run(&mut send)?.ok(&format!("sending {url}"))?;
    Ok(())
}

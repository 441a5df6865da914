//! Certificates beside hosts.toml.

use super::Folder;
use crate::error::Result;
use crate::plan::{FileChange, Plan};
use crate::settings::{Registry, Trust};

/// The file with the CA of the i-th endpoint.
pub(super) fn ca(i: usize) -> String {
    format!("regconf-{}-ca.crt", i + 1)
}

/// The files with the client certificate of the i-th endpoint and its key.
pub(super) fn client(i: usize) -> (String, String) {
    (format!("regconf-{}-client.cert", i + 1), format!("regconf-{}-client.key", i + 1))
}

/// The names of all files that a registry needs.
pub(super) fn names(registry: &Registry) -> impl Iterator<Item = String> {
    registry.endpoints.iter().enumerate().flat_map(|(i, endpoint)| {
        let ca = matches!(endpoint.trust, Trust::Ca(_)).then(|| ca(i));
        let client = endpoint.client.as_ref().map(|_| client(i));
        ca.into_iter().chain(client.into_iter().flat_map(|(cert, key)| [cert, key]))
    })
}

/// Writes them; before hosts.toml, which names them.
pub(super) fn put(registry: &Registry, folder: &Folder<'_>, plan: &mut Plan) -> Result<()> {
    for (i, endpoint) in registry.endpoints.iter().enumerate() {
        if let Trust::Ca(pem) = &endpoint.trust {
            plan.change(written(folder, &ca(i), pem, 0o644)?);
        }
        if let Some(pair) = &endpoint.client {
            let (certificate, key) = client(i);
            plan.change(written(folder, &certificate, &pair.certificate, 0o644)?);
            plan.change(written(folder, &key, pair.key.expose(), 0o600)?);
        }
    }
    Ok(())
}

/// Takes ours out that are no longer needed; after hosts.toml, which named them.
pub(super) fn take(folder: &Folder<'_>, goes: impl Fn(&str) -> bool, plan: &mut Plan) -> Result<()> {
    for name in folder.ours().filter(|name| goes(name)) {
        plan.change(FileChange::new(folder.file_path(name), folder.file(name)?, None));
    }
    Ok(())
}

fn written(folder: &Folder<'_>, name: &str, content: &str, mode: u32) -> Result<FileChange> {
    let mut change = FileChange::new(folder.file_path(name), folder.file(name)?, Some(content.as_bytes().to_vec()));
    change.mode = mode;
    Ok(change)
}

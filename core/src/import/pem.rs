//! Certificates and keys that a form names by their files, and that settings have as text.

use crate::error::Result;
use crate::settings::Endpoint;

use super::field::Field;
use super::remark::{RemarkKind, Remarks};
use super::source::Source;

/// How an https endpoint is trusted, and what it is shown, as forms tell it.
#[derive(Default)]
pub(super) struct Tls {
    /// Any certificate is taken.
    pub(super) skip_verify: bool,
    /// PEM.
    pub(super) ca: Option<String>,
    /// Certificate and private key in PEM.
    pub(super) client: Option<(String, String)>,
}

impl Tls {
    /// Whether it says nothing.
    pub(super) fn is_empty(&self) -> bool {
        !self.skip_verify && self.ca.is_none() && self.client.is_none()
    }

    /// The endpoint with this; plain http has none of it.
    pub(super) fn apply(&self, mut endpoint: Endpoint) -> Result<Endpoint> {
        if endpoint.url.is_http() {
            return Ok(endpoint);
        }
        if self.skip_verify {
            endpoint = endpoint.skip_verify()?;
        } else if let Some(ca) = &self.ca {
            endpoint = endpoint.ca(ca)?;
        }
        match &self.client {
            Some((certificate, key)) => endpoint.client(certificate, key.as_str()),
            None => Ok(endpoint),
        }
    }
}

/// The text of the file that a field names, if it is where the inventory is; else a remark says what to do.
pub(super) fn file(source: &Source, field: &Field<'_>, remarks: &mut Remarks) -> Result<Option<String>> {
    let Some(name) = field.text(remarks)? else { return Ok(None) };
    let text = source.beside(&name).map_err(|error| field.place.of(error))?;
    if text.is_none() {
        let text = format!("{name} is not here, and is left out: put its text into the settings");
        remarks.add(RemarkKind::Unresolved, &field.place, text);
    }
    Ok(text)
}

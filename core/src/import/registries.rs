//! Registries as they are found one after the other, perhaps several times.

use crate::error::Result;
use crate::settings::{Endpoint, Registry, Settings};

use super::options::Insecure;
use super::remark::{Place, RemarkKind, Remarks};

/// Registries of one file or of one node, each host once.
#[derive(Default)]
pub(super) struct Registries(Vec<Registry>);

impl Registries {
    /// Adds what was found. A host that is known already gets the engines of both if they say the same of it; else the
    /// first one counts, and the other is remarked on.
    pub(super) fn add(&mut self, registry: Registry, place: &Place, remarks: &mut Remarks) {
        let Some(known) = self.0.iter_mut().find(|known| known.host == registry.host) else {
            self.0.push(registry);
            return;
        };
        if known.endpoints == registry.endpoints && known.fallback == registry.fallback {
            let both = known.engines.is_empty() || registry.engines.is_empty();
            let more: Vec<_> = registry.engines.into_iter().filter(|engine| !known.engines.contains(engine)).collect();
            known.engines.extend(more);
            if both {
                known.engines.clear();
            }
        } else {
            let text = format!("{} is set otherwise already, and what was found first counts", registry.host);
            remarks.add(RemarkKind::Skipped, place, text);
        }
    }

    /// Adds what could be made of it, or says why nothing could.
    pub(super) fn add_read(&mut self, registry: Result<Registry>, place: &Place, remarks: &mut Remarks) {
        match registry {
            Ok(registry) => self.add(registry, place, remarks),
            Err(error) => remarks.skip(place, &error),
        }
    }

    /// The registry of this host, if one was found.
    pub(super) fn find(&mut self, host: &str) -> Option<&mut Registry> {
        self.0.iter_mut().find(|known| known.host.to_string() == host)
    }

    /// The settings that want these.
    pub(super) fn into_settings(self) -> Result<Settings> {
        self.0.into_iter().try_fold(Settings::default(), Settings::ensure)
    }
}

/// The host itself, of which only "insecure" is told.
pub(super) fn insecure_host(host: &str, insecure: Insecure) -> Result<Registry> {
    match insecure {
        Insecure::Http => Registry::plain_http(host),
        Insecure::SkipVerify => Registry::skip_verify(host),
    }
}

/// An endpoint that may be insecure: of https the certificate is not checked, and without a scheme the option decides.
pub(super) fn insecure_endpoint(url: &str, insecure: Insecure) -> Result<Endpoint> {
    if url.starts_with("http://") {
        return Endpoint::new(url);
    }
    if url.starts_with("https://") {
        return Endpoint::new(url)?.skip_verify();
    }
    match insecure {
        Insecure::Http => Endpoint::new(format!("http://{url}")),
        Insecure::SkipVerify => Endpoint::new(format!("https://{url}"))?.skip_verify(),
    }
}

/// What is said where no protocol was told.
pub(super) fn protocol_decided(insecure: Insecure) -> &'static str {
    match insecure {
        Insecure::Http => "no protocol is told; taken as plain http, and the option `insecure` says otherwise",
        Insecure::SkipVerify => {
            "no protocol is told; taken as https with any certificate, as the option `insecure` says"
        }
    }
}

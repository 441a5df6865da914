//! Groups of nodes, and the settings that they have of their own.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::error::{Error, ErrorKind, Result};
use crate::settings::{RawSettings, Settings};

/// A group as it stands in the list.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawGroup {
    settings: Option<RawSettings>,
}

/// The groups of a list and their settings.
pub(super) struct Groups(BTreeMap<String, Settings>);

impl Groups {
    pub(super) fn read(raw: BTreeMap<String, RawGroup>) -> Result<Self> {
        let read = |(name, group): (String, RawGroup)| {
            let settings = group.settings.map_or_else(|| Ok(Settings::default()), RawSettings::settings);
            let at = |error: Error| error.with_key("settings").with_key(&name).with_key("groups");
            Ok((name.clone(), settings.map_err(at)?))
        };
        raw.into_iter().map(read).collect::<Result<_>>().map(Self)
    }

    /// What all these groups want together; `None` for no group.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] for a group that the list does not have, [`ErrorKind::Conflict`] for two of which
    /// neither is above the other and that want different things of one host.
    pub(super) fn settings_of(&self, names: &[String]) -> Result<Option<Settings>> {
        let mut seen: Vec<(&str, &Settings)> = Vec::new();
        for name in names {
            let settings = self.0.get(name).ok_or_else(|| {
                Error::invalid(format!("the list has no group {name}")).with_hint("add it to \"groups\" of the list")
            })?;
            seen.iter().try_for_each(|(other, before)| agree((other, before), (name, settings)))?;
            seen.push((name, settings));
        }
        let all = seen.into_iter().map(|(_, settings)| settings);
        Ok(all.fold(None, |all: Option<Settings>, settings| {
            Some(all.map_or_else(|| settings.clone(), |all| all.overlaid(settings)))
        }))
    }
}

fn agree((a, before): (&str, &Settings), (b, settings): (&str, &Settings)) -> Result<()> {
    match before.hosts().find(|host| before.says_otherwise(settings, host)) {
        None => Ok(()),
        Some(host) => Err(Error::new(ErrorKind::Conflict, format!("the groups {a} and {b} do not agree on {host}"))
            .with_hint("let one of them name the host, or take the node out of one")),
    }
}

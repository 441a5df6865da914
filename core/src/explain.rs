//! What a plan means for one image: where each engine will look for it, and how it did before.

use std::fmt;

use crate::engine;
use crate::error::{Error, ErrorKind, Result};
use crate::facts::{Answer, Facts, Query};
use crate::image::ImageReference;
use crate::plan::Plan;
use crate::resolution::Resolution;
use crate::settings::Capability;

/// Where the engines of a node look for an image, before a plan is applied and after.
///
/// As JSON it is for programs; its text is for people.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Explanation {
    /// The image, made whole.
    pub image: ImageReference,
    /// An entry for each engine on the node.
    pub engines: Vec<EngineExplanation>,
}

/// Where one engine looks for an image, before a plan is applied and after.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct EngineExplanation {
    /// The engine, such as `containerd`.
    pub engine: String,
    /// As the node is.
    pub before: Resolution,
    /// As the node is once the plan is applied.
    pub after: Resolution,
}

impl Plan {
    /// Which hosts each engine on the node asks for an image, in order, and how it trusts them: as the node is, and with
    /// this plan applied.
    ///
    /// Pure, and a reading of its own: it follows what the engine's release makes of all the files, those of others too,
    /// not what the settings say. The facts are those that the plan was made from.
    ///
    /// ```
    /// # use regconf::{Facts, Registry, Settings};
    /// let settings = Settings::default().ensure(Registry::new("my-registry.com")?.endpoint("http://192.168.30.56:5000")?)?;
    /// let facts = Facts::from_files([("/etc/containerd/config.toml", "version = 2\n")]).with_version("containerd", "1.7.24");
    /// let plan = regconf::plan(&settings, &facts)?;
    ///
    /// let explained = plan.explain(&"my-registry.com/team/app:v1".parse()?, &facts)?;
    /// assert_eq!(explained.engines[0].before.hosts[0].url, "https://my-registry.com/v2");
    /// assert_eq!(
    ///     explained.to_string(),
    ///     "containerd: my-registry.com/team/app:v1 -> http://192.168.30.56:5000/v2 (plain http), \
    ///      from /etc/containerd/certs.d/my-registry.com/hosts.toml\n"
    /// );
    /// # Ok::<(), regconf::Error>(())
    /// ```
    ///
    /// # Errors
    /// When the facts are not those that the plan was made from.
    pub fn explain(&self, image: &ImageReference, facts: &Facts) -> Result<Explanation> {
        let after = self.applied_to(facts)?;
        let before = engine::resolutions(image.host(), facts);
        let engines = engine::resolutions(image.host(), &after).into_iter().map(|(engine, after)| {
            let known = before.iter().find(|(id, _)| *id == engine);
            let before = known.map_or_else(|| Resolution::none("not on this node yet"), |(_, found)| found.clone());
            EngineExplanation { engine: engine.to_owned(), before: told(before, image), after: told(after, image) }
        });
        Ok(Explanation { image: image.clone(), engines: engines.collect() })
    }

    /// The facts once the changes are written.
    fn applied_to(&self, facts: &Facts) -> Result<Facts> {
        self.changes.iter().try_fold(facts.clone(), |known, change| {
            let there = match facts.answer(&Query::File(change.path.clone())) {
                Some(Answer::File(bytes)) => Some(bytes),
                _ => None,
            };
            if there != change.before.as_ref() {
                return Err(Error::new(ErrorKind::Stale, "is not the file that the plan was made from")
                    .with_path(&change.path)
                    .with_hint("give the facts that the plan was made from"));
            }
            Ok(match &change.after {
                Some(bytes) => known.with_file(&change.path, bytes.clone()),
                None => known.without_file(&change.path),
            })
        })
    }
}

/// Only a host that may resolve is asked for a tag.
fn told(mut resolution: Resolution, image: &ImageReference) -> Resolution {
    let resolves = resolution.hosts.iter().any(|host| host.capabilities.contains(&Capability::Resolve));
    if image.digest().is_none() && !resolution.hosts.is_empty() && !resolves {
        resolution.notes.push("no host may be asked for a tag: none has the capability resolve".to_owned());
    }
    resolution
}

/// A line for each engine, as it will be.
impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line =
            |explained: &EngineExplanation| format!("{}: {} -> {}", explained.engine, self.image, explained.after);
        self.engines.iter().try_for_each(|explained| writeln!(f, "{}", line(explained)))
    }
}

#[cfg(test)]
mod tests;

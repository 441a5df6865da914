//! What shows that a node is set up, beyond its engines' own word: pulls, and answers of the registries.

use std::collections::BTreeSet;
use std::time::Duration;

use super::visit::Visit;
use crate::engine;
use crate::error::{Error, ErrorKind, Result};
use crate::limit::Limit;
use crate::plan::Plan;
use crate::probe::{self, Probe};
use crate::remote::{Ran, Remote};
use crate::report::{NodeReport, Outcome, Pull};
use crate::settings::Settings;

/// How long one pull may take, in seconds.
const PULLING: u64 = 300;
/// How much longer the answer may take.
const ANSWERING: Duration = Duration::from_secs(20);

impl Visit<'_> {
    /// Asks the registries' addresses, as the options say.
    pub(super) fn probe(&self, remote: &mut Remote<'_>, settings: &Settings) -> Result<Vec<Probe>> {
        if !self.options.probe || self.node.root != "/" {
            return Ok(Vec::new());
        }
        let endpoints = settings.ensured().iter().flat_map(|registry| &registry.endpoints);
        let mut seen = BTreeSet::new();
        endpoints
            .filter(|endpoint| seen.insert(endpoint.url.to_string()))
            .map(|endpoint| {
                self.hear(&format!("probe {}", endpoint.url));
                probe::ask(endpoint, |words, seconds| self.run_one(remote, words, seconds))
            })
            .collect()
    }

    /// Pulls the images that the options name. What was changed stays if one fails, but the node did not end well.
    pub(super) fn verify(&self, remote: &mut Remote<'_>, settings: &Settings, report: &mut NodeReport) {
        if self.is_to_be_verified(report) {
            let plan = report.plan.clone().unwrap_or_default();
            note(self.pulls(remote, settings, &plan), report);
        }
    }

    /// The same on a connection of its own: a shell that has carried out a change has ended.
    pub(super) fn verify_anew(&self, settings: &Settings, report: &mut NodeReport) {
        if self.is_to_be_verified(report) {
            match self.connect() {
                Ok(mut remote) => self.verify(&mut remote, settings, report),
                Err(error) => note(Err(error), report),
            }
        }
    }

    fn is_to_be_verified(&self, report: &NodeReport) -> bool {
        let is_set = matches!(report.outcome, Outcome::Changed | Outcome::Unchanged);
        is_set && !self.options.verify_pull.is_empty() && self.node.root == "/"
    }

    fn pulls(&self, remote: &mut Remote<'_>, settings: &Settings, plan: &Plan) -> Result<Vec<Pull>> {
        let facts = self.gather(remote, settings)?;
        let mut pulls = Vec::new();
        for image in &self.options.verify_pull {
            let commands = engine::pulls(settings, &facts, plan, image);
            if commands.is_empty() {
                let what = format!("no engine on this node is set up for {image}");
                return Err(Error::new(ErrorKind::Verification, what).with_hint("name an image of a registry that is"));
            }
            for (engine, words) in commands {
                self.hear(&format!("pull {image}"));
                let program =
                    words.as_ref().and_then(|words| words.first()?.rsplit('/').next()).unwrap_or("").to_owned();
                let ran = match words {
                    Some(words) => self.run_one(remote, words, PULLING)?,
                    None => None,
                };
                let missing = || (false, "the node has no program that pulls by this engine".to_owned());
                let (passed, text) = ran.map_or_else(missing, |ran| (ran.status == 0, ran.text));
                pulls.push(Pull::new(engine, &program, &image.to_string(), passed, text));
            }
        }
        Ok(pulls)
    }

    fn run_one(&self, remote: &mut Remote<'_>, words: Vec<String>, seconds: u64) -> Result<Option<Ran>> {
        let limit = Limit::new("proving", Duration::from_secs(seconds) + ANSWERING, &self.options.cancel);
        Ok(remote.run(&[(words, seconds)], &limit)?.pop().flatten())
    }
}

/// Whether all pulls passed decides how the node ended.
fn note(pulls: Result<Vec<Pull>>, report: &mut NodeReport) {
    let error = match pulls {
        Ok(pulls) => {
            let failed = pulls.iter().find(|pull| !pull.passed).map(Pull::error);
            report.pulls = pulls;
            failed
        }
        Err(error) => Some(error.context("pulling")),
    };
    if error.is_some() {
        report.outcome = Outcome::Unverified;
        report.error = error;
    }
}

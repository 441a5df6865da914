//! How a fleet is worked on, and how many of it at a time.

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use crate::error::{Error, Result};
use crate::image::ImageReference;
use crate::limit::Cancel;
use crate::transport::{Connector, Reach};

/// How a fleet is worked on.
///
/// What concerns the order of changes (`parallel_apply`, `canary`, `batch`, `control_plane_batch`, `pause`,
/// `max_failures`, `journal`) has no meaning where nothing is changed: [`survey`](crate::survey) and a dry run look at
/// all nodes in one batch.
#[non_exhaustive]
pub struct Options {
    /// How many nodes are worked on at once; 0 means as many as there are, at most 256. A node that has not said a word
    /// for 5 s while it is connected to or read does not count until it does, so that nodes that hang take no time of
    /// others; there are at most as many of these. No more than `parallel` are in the middle of a change at once.
    pub parallel: usize,
    /// How many nodes at once carry out a change that restarts an engine, and see to its effect; 0 means as many as
    /// `parallel` allows. All others are connected to, read and planned for meanwhile, so that 1 means: everywhere at
    /// once, restarts one by one.
    pub parallel_apply: usize,
    /// How many nodes are changed first, as a batch of their own; 0 for none. If one of them fails, no other node is
    /// begun, whatever `max_failures` says; neither is one if none of them ends well.
    pub canary: usize,
    /// How many nodes are a batch. The next one begins when the last node of the one before has ended.
    pub batch: Batch,
    /// How many nodes of the control plane are a batch; 0 counts as 1. They come after all others, see
    /// [`Node::is_control_plane`](crate::Node::is_control_plane).
    pub control_plane_batch: usize,
    /// How long to wait between two batches.
    pub pause: Duration,
    /// How many nodes may fail; `None` means any number.
    pub max_failures: Option<Threshold>,
    /// What it means that a node cannot be reached.
    pub unreachable: Unreachable,
    /// A file in which it is recorded how each node ended, one line of JSON each, so that a later call with the same
    /// settings does only what is left. It is made if it is not there, readable by its owner only, and locked while the
    /// call lasts. It holds a digest of the settings and no secret.
    pub journal: Option<PathBuf>,
    /// How long connecting and logging in to one node may take; 15 s if not said otherwise.
    pub connect_timeout: Duration,
    /// How long one node may take until its change begins, not counting the time that it waits for its turn to restart;
    /// 2 minutes if not said otherwise. A change that has begun ends.
    pub deadline: Duration,
    /// The caller's word to stop.
    pub cancel: Cancel,
    /// Whether only to find out what there is to do.
    pub dry_run: bool,
    /// Images that each node pulls once it is set up, by every engine that is set up for their registry: by `crictl` for
    /// containerd, or `ctr` where that is missing, and by `docker`. A pull that fails is
    /// [`Outcome::Unverified`](crate::Outcome::Unverified); what was changed stays. A survey pulls nothing.
    pub verify_pull: Vec<ImageReference>,
    /// Whether each node asks every endpoint's address at `/v2/`, by curl or wget, what answers there. It changes nothing
    /// and no outcome; a route by a proxy is not tried.
    pub probe: bool,
    /// Versions of engines, such as `("containerd", "1.7.24")`, where an engine is found but cannot be asked, as in a
    /// folder that holds a system.
    pub assume: Vec<(String, String)>,
    /// How nodes are reached; by SSH and, for [`Node::local`](crate::Node::local), directly, if not said otherwise.
    pub connector: Box<dyn Connector>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            parallel: 0,
            parallel_apply: 0,
            canary: 0,
            batch: Batch::All,
            control_plane_batch: 1,
            pause: Duration::ZERO,
            max_failures: None,
            unreachable: Unreachable::Fail,
            journal: None,
            connect_timeout: Duration::from_secs(15),
            deadline: Duration::from_secs(120),
            cancel: Cancel::new(),
            dry_run: false,
            verify_pull: Vec::new(),
            probe: false,
            assume: Vec::new(),
            connector: Box::new(Reach::default()),
        }
    }
}

/// How many nodes are a batch. As text: `all`, `10` or `25%`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Batch {
    /// All that are left.
    #[default]
    All,
    /// This many; 0 counts as 1.
    Size(usize),
    /// This part of all nodes that were given, in percent, rounded up to whole nodes and at least one; above 100 counts
    /// as 100. Of 7 nodes 25 % are 2.
    Percent(u8),
}

impl Batch {
    /// How many nodes that is, of so many; at least 1.
    pub fn size(self, of: usize) -> usize {
        let size = match self {
            Self::All => of,
            Self::Size(size) => size,
            Self::Percent(percent) => share(of, percent).div_ceil(100),
        };
        size.max(1)
    }
}

/// How many nodes may fail before no other is begun. As text: `3` or `10%`.
///
/// What counts: nodes that ended [`Failed`](crate::Outcome::Failed), [`RolledBack`](crate::Outcome::RolledBack),
/// [`Unverified`](crate::Outcome::Unverified) or
/// [`Unknown`](crate::Outcome::Unknown), and those that are [`Unreachable`](crate::Outcome::Unreachable) unless
/// [`Unreachable::Skip`] is set. They are counted over the whole call, not for each batch, and looked at as soon as a
/// node ends. When there are **more** than allowed, no other node is begun; those in the middle of their change finish
/// or go back, so that with several nodes at once some more may fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Threshold {
    /// This many may fail; 0 means that the first failure stops.
    Count(usize),
    /// This part of all nodes that were given may fail, in percent, rounded down to whole nodes; above 100 counts as 100.
    /// Of 25 nodes with 10 % two may fail, and the third stops; of 5 nodes none may.
    Percent(u8),
}

impl Threshold {
    /// How many nodes may fail, of so many.
    pub fn allowed(self, of: usize) -> usize {
        match self {
            Self::Count(count) => count,
            Self::Percent(percent) => share(of, percent) / 100,
        }
    }
}

/// So many hundredths of a node.
fn share(of: usize, percent: u8) -> usize {
    of.saturating_mul(usize::from(percent.min(100)))
}

/// What it means that a node cannot be reached: no connection within the time for it, or one that was lost before a
/// change began. A node that refuses the login or shows a wrong host key was reached, and has failed.
///
/// As text: `fail`, `skip`, `retry` (three times, 30 s between), `retry:5` or, with the seconds between, `retry:5:60`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unreachable {
    /// It has failed.
    #[default]
    Fail,
    /// It is named in the report and is no failure.
    Skip,
    /// It is tried again after all others, and has failed if it can still not be reached.
    Retry {
        /// How many times.
        rounds: usize,
        /// How long to wait before each time.
        wait: Duration,
    },
}

impl Unreachable {
    pub(super) fn rounds(self) -> usize {
        match self {
            Self::Fail | Self::Skip => 0,
            Self::Retry { rounds, .. } => rounds,
        }
    }

    pub(super) fn wait(self) -> Duration {
        match self {
            Self::Fail | Self::Skip => Duration::ZERO,
            Self::Retry { wait, .. } => wait,
        }
    }
}

impl FromStr for Batch {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        if text == "all" {
            return Ok(Self::All);
        }
        let batch = match text.strip_suffix('%') {
            Some(number) => percent(number).map(Self::Percent),
            None => text.parse().ok().map(Self::Size),
        };
        let fits = |batch: &Self| !matches!(batch, Self::Size(0) | Self::Percent(0));
        batch
            .filter(fits)
            .ok_or_else(|| unclear(text, "write all, a number of nodes such as 10, or a part such as 25%"))
    }
}

impl FromStr for Threshold {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let threshold = match text.strip_suffix('%') {
            Some(number) => percent(number).map(Self::Percent),
            None => text.parse().ok().map(Self::Count),
        };
        threshold.ok_or_else(|| unclear(text, "write a number of nodes such as 3, or a part such as 10%"))
    }
}

impl FromStr for Unreachable {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let mut words = text.split(':');
        let kind = words.next();
        let mut number = |usual: u32| words.next().map_or(Some(usual), |word| word.parse().ok());
        let policy = match kind {
            Some("fail") => Some(Self::Fail),
            Some("skip") => Some(Self::Skip),
            Some("retry") => number(3).zip(number(30)).map(|(rounds, seconds)| Self::Retry {
                rounds: rounds as usize,
                wait: Duration::from_secs(seconds.into()),
            }),
            _ => None,
        };
        policy.filter(|_| words.next().is_none()).ok_or_else(|| {
            Error::invalid(format!("{text:?} does not say what to do with nodes that cannot be reached"))
                .with_hint("write fail, skip, retry, or retry:ROUNDS:SECONDS")
        })
    }
}

/// A number from 0 to 100.
fn percent(number: &str) -> Option<u8> {
    number.parse().ok().filter(|percent| *percent <= 100)
}

fn unclear(text: &str, hint: &str) -> Error {
    Error::invalid(format!("{text:?} is not a number of nodes")).with_hint(hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_rounded_as_written_down() {
        let sizes = [(Batch::All, 7, 7), (Batch::Size(0), 7, 1), (Batch::Percent(25), 7, 2), (Batch::Percent(0), 7, 1)];
        for (batch, of, size) in sizes {
            assert_eq!(batch.size(of), size, "{batch:?} of {of}");
        }
        let limits = [(10, 25, 2), (10, 5, 0), (100, 5, 5), (200, 5, 5), (0, 5, 0)];
        for (percent, of, allowed) in limits {
            assert_eq!(Threshold::Percent(percent).allowed(of), allowed, "{percent} % of {of}");
        }
        assert_eq!(Threshold::Count(3).allowed(1), 3);
    }

    #[test]
    fn all_have_a_text() {
        let retry = |rounds, seconds| Unreachable::Retry { rounds, wait: Duration::from_secs(seconds) };
        let policies = [("fail", Unreachable::Fail), ("skip", Unreachable::Skip), ("retry", retry(3, 30))];
        for (text, policy) in policies.into_iter().chain([("retry:5", retry(5, 30)), ("retry:5:0", retry(5, 0))]) {
            assert_eq!(text.parse(), Ok(policy));
        }
        for bad in ["", "fail:1", "retry:x", "retry:1:2:3", "retry:-1", "never"] {
            assert!(bad.parse::<Unreachable>().is_err(), "{bad:?}");
        }
        assert_eq!("all".parse(), Ok(Batch::All));
        assert_eq!("10".parse(), Ok(Batch::Size(10)));
        assert_eq!("25%".parse(), Ok(Batch::Percent(25)));
        assert_eq!("0".parse(), Ok(Threshold::Count(0)));
        assert_eq!("0%".parse(), Ok(Threshold::Percent(0)));
        for bad in ["", "0", "0%", "101%", "-1", "1.5%", "%", "ten", "10 %"] {
            assert!(bad.parse::<Batch>().is_err(), "{bad:?}");
        }
        for bad in ["", "all", "101%", "-1", "%", "1e3"] {
            assert!(bad.parse::<Threshold>().is_err(), "{bad:?}");
        }
    }
}

//! Many nodes: their plans, and carrying them out.

mod batches;
mod course;
mod desk;
mod events;
mod journal;
mod options;
mod pool;
mod proof;
mod queue;
mod run;
mod sender;
mod shared;
mod turn;
mod visit;

pub use events::{BatchKind, Event, Moment, Observer, Stage};
pub use options::{Batch, Options, Threshold, Unreachable};

use crate::node::Node;
use crate::report::{Groups, Report};
use crate::settings::Settings;

use run::{Call, run};

/// The plans of many nodes, not carried out yet.
#[derive(Debug)]
pub struct Rollout {
    nodes: Vec<Node>,
    settings: Settings,
    survey: Report,
}

impl Rollout {
    /// What each node needs, and why some cannot be planned for.
    pub fn report(&self) -> Report {
        self.survey.clone()
    }

    /// Which nodes need the same. Nodes that once were set up and are not `unchanged` have drifted.
    pub fn groups(&self) -> Groups {
        self.survey.groups()
    }

    /// Carries the plans out, in batches as the options say. A file that has changed since then stops its node with
    /// [`ErrorKind::Stale`](crate::ErrorKind::Stale). A node that could not be planned for keeps its error, which counts
    /// as a failure when its turn comes.
    pub fn apply(&self, options: &Options, observer: &mut Observer<'_>) -> Report {
        let call = Call { nodes: &self.nodes, settings: &self.settings, options, changes: true };
        run(call, observer, |turn| turn.apply(&self.survey.nodes[turn.index], &turn.node.settings_over(&self.settings)))
    }
}

/// Finds out what each node needs, and changes nothing.
pub fn survey(nodes: &[Node], settings: &Settings, options: &Options, observer: &mut Observer<'_>) -> Rollout {
    let call = Call { nodes, settings, options, changes: false };
    let survey = run(call, observer, |turn| turn.survey(&turn.node.settings_over(settings)));
    Rollout { nodes: nodes.to_vec(), settings: settings.clone(), survey }
}

/// Makes each node as the settings say: connects once, plans, and carries the plan out at once, batch by batch as the
/// options say.
///
/// What happened to a node is in the report; one node's trouble never touches another.
pub fn push(nodes: &[Node], settings: &Settings, options: &Options, observer: &mut Observer<'_>) -> Report {
    let call = Call { nodes, settings, options, changes: !options.dry_run };
    run(call, observer, |turn| turn.push(&turn.node.settings_over(settings)))
}

//! What is made of a plan, made once for all nodes that share it.

use std::collections::HashMap;
use std::sync::Arc;

use rayon::ThreadPoolBuilder;
use rayon::prelude::*;

use super::NodeReport;
use crate::plan::Plan;

/// With fewer plans than this, threads would take longer to start than the work does.
const MANY: usize = 64;

/// What was made of plans, which live as long as this.
pub(super) struct PerPlan<T>(HashMap<*const Plan, T>);

impl<T: Clone + Send> PerPlan<T> {
    /// Makes it of all plans that the nodes have. Many are shared out among the processors, by threads that end with this.
    pub(super) fn of_all(nodes: &[NodeReport], make: impl Fn(&Plan) -> T + Sync) -> Self {
        let mut plans: Vec<_> = nodes.iter().filter_map(|node| node.plan.as_ref()).collect();
        plans.sort_unstable_by_key(|plan| Arc::as_ptr(plan));
        plans.dedup_by_key(|plan| Arc::as_ptr(plan));
        let pool = if plans.len() < MANY { None } else { ThreadPoolBuilder::new().build().ok() };
        let results: Vec<_> = match pool {
            Some(pool) => pool.install(|| plans.par_iter().map(|plan| make(plan)).collect()),
            None => plans.iter().map(|plan| make(plan)).collect(),
        };
        Self(plans.into_iter().map(Arc::as_ptr).zip(results).collect())
    }

    /// What was made of the plan of one of those nodes.
    pub(super) fn of(&self, node: &NodeReport) -> Option<T> {
        self.0.get(&Arc::as_ptr(node.plan.as_ref()?)).cloned()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::report::Outcome;

    #[test]
    fn equal_plans_are_made_once_and_many_find_their_nodes() {
        let shared = Arc::new(Plan::default());
        for distinct in [1, MANY * 3] {
            let node = |i: usize| {
                let mut plan = Plan::default();
                plan.note("docker", None, i.to_string());
                let plan = if i.is_multiple_of(2) { Arc::clone(&shared) } else { Arc::new(plan) };
                NodeReport { plan: Some(plan), ..NodeReport::new("n", Outcome::Changed) }
            };
            let mut nodes: Vec<_> = (0..distinct * 2).map(node).collect();
            nodes.push(NodeReport::new("none", Outcome::Failed));
            let count = AtomicUsize::new(0);
            let made = PerPlan::of_all(&nodes, |plan| {
                count.fetch_add(1, Ordering::SeqCst);
                plan.notes.first().map(|note| note.text.clone())
            });
            assert_eq!(count.into_inner(), distinct + 1);
            for (i, node) in nodes[..distinct * 2].iter().enumerate() {
                assert_eq!(made.of(node), Some((i % 2 == 1).then(|| i.to_string())));
            }
            assert_eq!(made.of(&nodes[distinct * 2]), None);
        }
    }
}

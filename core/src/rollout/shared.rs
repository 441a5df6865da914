//! Plans that are equal on many nodes, kept once: the nodes of a fleet mostly have the same files.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use crate::plan::Plan;

/// The plans of a call.
#[derive(Default)]
pub(super) struct Plans(Mutex<HashSet<Arc<Plan>>>);

impl Plans {
    /// The plan, or an equal one that another node had before.
    pub(super) fn share(&self, plan: Arc<Plan>) -> Arc<Plan> {
        let mut plans = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = plans.get(&plan) {
            return Arc::clone(known);
        }
        plans.insert(Arc::clone(&plan));
        plan
    }
}

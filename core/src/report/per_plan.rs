//! What is made of a plan, made once for all nodes that share it.

use std::collections::HashMap;
use std::sync::Arc;

use crate::plan::Plan;

/// What `make` makes of plans, which live as long as this.
pub(super) struct PerPlan<'a, T> {
    made: HashMap<*const Plan, T>,
    make: fn(&'a Plan) -> T,
}

impl<'a, T: Clone> PerPlan<'a, T> {
    /// Nothing is made yet.
    pub(super) fn new(make: fn(&'a Plan) -> T) -> Self {
        Self { made: HashMap::new(), make }
    }

    /// What is made of this plan.
    pub(super) fn of(&mut self, plan: &'a Arc<Plan>) -> T {
        self.made.entry(Arc::as_ptr(plan)).or_insert_with(|| (self.make)(plan)).clone()
    }
}

//! Which nodes are changed together, and in which order.

use super::events::BatchKind;
use super::options::Options;

/// Nodes that are worked on together, by their places in the list.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) kind: BatchKind,
    pub(super) nodes: Vec<usize>,
}

/// How many nodes each kind of batch has.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sizes {
    canary: usize,
    batch: usize,
    control_plane: usize,
}

impl Sizes {
    /// For so many nodes in all.
    pub(super) fn new(options: &Options, of: usize) -> Self {
        let control_plane = options.control_plane_batch.max(1);
        Self { canary: options.canary, batch: options.batch.size(of), control_plane }
    }

    /// All nodes at once.
    pub(super) fn all() -> Self {
        Self { canary: 0, batch: usize::MAX, control_plane: usize::MAX }
    }

    /// Once the canary is done.
    pub(super) fn without_canary(self) -> Self {
        Self { canary: 0, ..self }
    }

    /// The nodes in their order: a canary, the others, then the control plane.
    pub(super) fn parts(self, nodes: &[usize], is_control_plane: impl Fn(usize) -> bool) -> Vec<Part> {
        let (last, first): (Vec<_>, Vec<_>) = nodes.iter().partition(|node| is_control_plane(**node));
        let (canary, others) = first.split_at(self.canary.min(first.len()));
        let mut parts = cut(canary, BatchKind::Canary, usize::MAX);
        parts.extend(cut(others, BatchKind::Nodes, self.batch));
        parts.extend(cut(&last, BatchKind::ControlPlane, self.control_plane));
        parts
    }
}

fn cut(nodes: &[usize], kind: BatchKind, size: usize) -> Vec<Part> {
    nodes.chunks(size).map(|nodes| Part { kind, nodes: nodes.to_vec() }).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use BatchKind::{Canary, ControlPlane, Nodes};

    use super::*;
    use crate::rollout::Batch;

    fn shapes(parts: &[Part]) -> Vec<(BatchKind, usize)> {
        parts.iter().map(|part| (part.kind, part.nodes.len())).collect()
    }

    fn options(canary: usize, batch: Batch, control_plane_batch: usize) -> Options {
        Options { canary, batch, control_plane_batch, ..Options::default() }
    }

    #[test]
    fn the_canary_comes_first_and_the_control_plane_last_one_by_one() {
        let nodes: Vec<_> = (0..12).collect();
        let sizes = Sizes::new(&options(1, Batch::Percent(30), 1), nodes.len());
        let parts = sizes.parts(&nodes, |node| node < 2);
        assert_eq!(
            shapes(&parts),
            [(Canary, 1), (Nodes, 4), (Nodes, 4), (Nodes, 1), (ControlPlane, 1), (ControlPlane, 1)]
        );
        assert_eq!((parts[0].nodes[0], parts[4].nodes[0], parts[5].nodes[0]), (2, 0, 1));
    }

    #[test]
    fn without_wishes_there_is_one_batch() {
        let parts = Sizes::new(&Options::default(), 3).parts(&[0, 1, 2], |_| false);
        assert_eq!(shapes(&parts), [(Nodes, 3)]);
        assert_eq!(Sizes::new(&Options::default(), 0).parts(&[], |_| false), []);
    }

    fn batch() -> impl Strategy<Value = Batch> {
        prop_oneof![Just(Batch::All), (0..40_usize).prop_map(Batch::Size), (0..=255_u8).prop_map(Batch::Percent)]
    }

    proptest! {
        #[test]
        fn each_node_is_in_one_batch_and_none_is_too_large(
            roles in prop::collection::vec(any::<bool>(), 0..200),
            canary in 0..20_usize,
            batch in batch(),
            control_plane in 0..5_usize,
        ) {
            let nodes: Vec<_> = (0..roles.len()).collect();
            let parts = Sizes::new(&options(canary, batch, control_plane), nodes.len()).parts(&nodes, |node| roles[node]);
            let all: Vec<_> = parts.iter().flat_map(|part| part.nodes.iter().copied()).collect();
            prop_assert_eq!(all.len(), nodes.len());
            prop_assert_eq!(all.iter().copied().collect::<BTreeSet<_>>(), nodes.iter().copied().collect::<BTreeSet<_>>());
            let workers = roles.iter().filter(|role| !**role).count();
            for part in &parts {
                let widest = match part.kind {
                    Canary => canary,
                    Nodes => batch.size(nodes.len()),
                    ControlPlane => control_plane.max(1),
                };
                prop_assert!(!part.nodes.is_empty() && part.nodes.len() <= widest, "{:?}", part);
                prop_assert!(part.nodes.iter().all(|node| roles[*node] == (part.kind == ControlPlane)));
                prop_assert!(part.nodes.is_sorted(), "the order given is kept");
            }
            let kinds: Vec<_> = parts.iter().map(|part| part.kind as u8).collect();
            prop_assert!(kinds.is_sorted(), "canary, nodes, control plane");
            let first = parts.iter().filter(|part| part.kind == Canary).map(|part| part.nodes.len());
            prop_assert_eq!(first.sum::<usize>(), canary.min(workers));
            let partial = parts.windows(2).filter(|pair| {
                pair[0].kind == Nodes && pair[1].kind == Nodes
                    && pair[0].nodes.len() < batch.size(nodes.len())
            });
            prop_assert_eq!(partial.count(), 0, "only the last batch may be smaller");
        }
    }
}

//! When no other node is begun.

use proptest::prelude::*;
use regconf::{Batch, ErrorKind, Outcome, Threshold, Unreachable};

use crate::fleet::{Deed, Fate, Fleet, nodes, nodes_with_control_plane, number};
use crate::{count, error, push};

/// Nodes of which every tenth fails when it is changed: n000, n010 and so on.
fn every_tenth(fate: Fate) -> Fleet {
    let deed = if fate == Fate::Unreachable { Deed::Connect } else { Deed::Apply };
    Fleet::new(move |name, done| if number(name).is_multiple_of(10) && done == deed { fate } else { Fate::Well })
}

#[test]
fn failures_are_counted_over_the_whole_run() {
    let (mut options, fleet) = every_tenth(Fate::Fails).options();
    (options.parallel, options.batch, options.max_failures) = (1, Batch::Size(10), Some(Threshold::Count(2)));
    let report = push(&nodes(100), &options);
    assert_eq!((count(&report, Outcome::Failed), count(&report, Outcome::Changed)), (3, 18));
    assert_eq!(count(&report, Outcome::NotTried), 79);
    assert_eq!(fleet.log_of(Deed::Connect).len(), 21, "a node was touched after the stop");
    assert_eq!(
        error(&report, 99),
        "not begun: 3 of 100 nodes failed, and at most 2 may; see to these nodes and push again"
    );
    assert_eq!(report.stopped.as_ref().unwrap().to_string(), error(&report, 99));
    let told = report.check().unwrap_err();
    assert_eq!(told.kind(), ErrorKind::Io);
    assert!(told.to_string().starts_with("82 of 100 nodes failed; the first, n000: the disk is full"), "{told}");
}

#[test]
fn as_many_as_allowed_may_fail() {
    for threshold in [Threshold::Count(10), Threshold::Percent(10), Threshold::Percent(100)] {
        let (mut options, _) = every_tenth(Fate::RollsBack).options();
        options.max_failures = Some(threshold);
        let report = push(&nodes(100), &options);
        assert_eq!((count(&report, Outcome::RolledBack), count(&report, Outcome::Changed)), (10, 90), "{threshold:?}");
        assert_eq!(report.stopped, None);
    }
}

#[test]
fn none_may_fail() {
    for threshold in [Threshold::Count(0), Threshold::Percent(0)] {
        let (mut options, fleet) = every_tenth(Fate::Dies).options();
        (options.parallel, options.max_failures) = (1, Some(threshold));
        let report = push(&nodes(100), &options);
        assert_eq!((count(&report, Outcome::Unknown), count(&report, Outcome::NotTried)), (1, 99), "{threshold:?}");
        assert!(fleet.log_of(Deed::Connect).iter().all(|name| name == "n000"), "another node was begun");
    }
}

#[test]
fn those_in_the_middle_end_and_those_that_wait_are_left_alone() {
    let (mut options, fleet) = Fleet::new(|name, deed| match (name, deed) {
        ("n000", Deed::Apply) => Fate::Fails,
        _ => Fate::Well,
    })
    .options();
    (options.parallel, options.parallel_apply, options.max_failures) = (8, 1, Some(Threshold::Count(0)));
    let report = push(&nodes(50), &options);
    let applied = fleet.log_of(Deed::Apply);
    assert_eq!(count(&report, Outcome::Failed), 1);
    assert_eq!(count(&report, Outcome::Changed), applied.len() - 1);
    assert_eq!(count(&report, Outcome::NotTried), 50 - applied.len());
    assert!(
        report.nodes.iter().filter(|node| node.outcome == Outcome::NotTried).all(|node| !applied.contains(&node.name))
    );
}

#[test]
fn unreachable_nodes_count_unless_they_are_skipped() {
    let (mut options, _) = every_tenth(Fate::Unreachable).options();
    (options.parallel, options.max_failures) = (1, Some(Threshold::Percent(2)));
    let report = push(&nodes(100), &options);
    assert_eq!((count(&report, Outcome::Unreachable), count(&report, Outcome::NotTried)), (3, 79));
    assert!(error(&report, 99).contains("0 of 100 nodes failed and 3 could not be reached"), "{}", error(&report, 99));

    options.unreachable = Unreachable::Skip;
    let report = push(&nodes(100), &options);
    assert_eq!((count(&report, Outcome::Unreachable), count(&report, Outcome::Changed)), (10, 90));
    report.check().unwrap();
}

#[test]
fn a_canary_that_fails_stops_the_rest() {
    let (mut options, fleet) = every_tenth(Fate::Fails).options();
    options.canary = 3;
    let report = push(&nodes(30), &options);
    let outcomes: Vec<_> = report.nodes[..4].iter().map(|node| node.outcome).collect();
    assert_eq!(outcomes, [Outcome::Failed, Outcome::Changed, Outcome::Changed, Outcome::NotTried]);
    assert_eq!(fleet.log_of(Deed::Connect).len(), 3);
    assert_eq!(error(&report, 29), "not begun: the canary n000 ended failed; see to it and push again");
}

#[test]
fn a_canary_that_nobody_reaches_proves_nothing() {
    let fates = |name: &str, deed| {
        if number(name) < 2 && deed == Deed::Connect { Fate::Unreachable } else { Fate::Well }
    };
    let retry = Unreachable::Retry { rounds: 1, wait: std::time::Duration::ZERO };
    for policy in [Unreachable::Skip, retry] {
        let (mut options, fleet) = Fleet::new(fates).options();
        (options.canary, options.unreachable) = (2, policy);
        let report = push(&nodes(10), &options);
        assert_eq!((count(&report, Outcome::Unreachable), count(&report, Outcome::NotTried)), (2, 8), "{policy:?}");
        assert_eq!(fleet.log_of(Deed::Connect).len(), 2);
        assert!(error(&report, 9).contains("no node of the canary could be reached"), "{}", error(&report, 9));
        report.check().unwrap_err();

        options.canary = 3;
        let report = push(&nodes(10), &options);
        assert_eq!(count(&report, Outcome::Changed), 8, "{policy:?}");
    }
}

#[test]
fn a_stop_leaves_the_control_plane_alone() {
    let (mut options, fleet) = every_tenth(Fate::Fails).options();
    options.max_failures = Some(Threshold::Count(0));
    let report = push(&nodes_with_control_plane(3, &[1, 2]), &options);
    assert_eq!(fleet.log_of(Deed::Connect), ["n000"]);
    assert_eq!(count(&report, Outcome::NotTried), 2);
}

#[test]
fn a_fault_on_one_node_is_its_own_failure() {
    let (mut options, _) = every_tenth(Fate::Panics).options();
    options.max_failures = Some(Threshold::Count(5));
    let report = push(&nodes(50), &options);
    assert_eq!((count(&report, Outcome::Unknown), count(&report, Outcome::Changed)), (5, 45));
    assert_eq!(report.nodes[10].error.as_ref().unwrap().kind(), ErrorKind::Internal);
}

#[test]
fn a_survey_looks_at_all_nodes_whatever_fails() {
    let (mut options, _) = every_tenth(Fate::Unreachable).options();
    (options.max_failures, options.canary) = (Some(Threshold::Count(0)), 1);
    let rollout = regconf::survey(&nodes(30), &crate::fleet::settings(), &options, &mut crate::silent);
    assert_eq!(count(&rollout.report(), Outcome::Unreachable), 3);
    assert_eq!(count(&rollout.report(), Outcome::Pending), 27);
    options.canary = 0;
    let report = rollout.apply(&options, &mut crate::silent);
    assert!(report.stopped.is_some(), "what could not be planned for counts when it is carried out");
    options.dry_run = true;
    assert_eq!(count(&push(&nodes(30), &options), Outcome::Pending), 27);
}

fn fate() -> impl Strategy<Value = Fate> {
    prop_oneof![
        6 => Just(Fate::Well),
        1 => Just(Fate::Fails),
        1 => Just(Fate::RollsBack),
        1 => Just(Fate::Unreachable),
        1 => Just(Fate::WrongKey),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever happens to whom: no more fail than allowed and were in the middle, and who is left alone was not touched.
    #[test]
    fn a_limit_holds(
        fates in prop::collection::vec(fate(), 1..60),
        allowed in 0..8_usize,
        parallel in 1..6_usize,
        batch in 1..20_usize,
        skips in any::<bool>(),
    ) {
        let of = fates.clone();
        let meets = move |name: &str, deed| match (of[number(name)], deed) {
            (fate @ (Fate::Unreachable | Fate::WrongKey), Deed::Connect)
            | (fate @ (Fate::Fails | Fate::RollsBack), Deed::Apply) => fate,
            _ => Fate::Well,
        };
        let (mut options, fleet) = Fleet::new(meets).fast().options();
        (options.parallel, options.batch, options.max_failures) = (parallel, Batch::Size(batch), Some(Threshold::Count(allowed)));
        options.unreachable = if skips { Unreachable::Skip } else { Unreachable::Fail };
        let report = push(&nodes(fates.len()), &options);
        prop_assert_eq!(report.nodes.len(), fates.len());
        let counts = |fate: &Fate| *fate != Fate::Well && !(skips && *fate == Fate::Unreachable);
        let failed = report.failures().filter(|node| node.outcome != Outcome::NotTried).count();
        let would_fail = fates.iter().filter(|fate| counts(fate)).count();
        prop_assert!(failed <= allowed + parallel, "{failed} failed");
        prop_assert_eq!(report.stopped.is_some(), count(&report, Outcome::NotTried) > 0);
        if would_fail <= allowed {
            prop_assert_eq!((failed, count(&report, Outcome::NotTried)), (would_fail, 0));
        } else {
            prop_assert!(failed > allowed, "stopped before the limit");
        }
        let applied = fleet.log_of(Deed::Apply);
        for node in &report.nodes {
            prop_assert!(node.outcome != Outcome::NotTried || !applied.contains(&node.name));
            prop_assert!(node.outcome != Outcome::Changed || fates[number(&node.name)] == Fate::Well);
        }
    }
}

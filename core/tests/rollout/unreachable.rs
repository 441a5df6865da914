//! Nodes that cannot be reached.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use regconf::{Batch, ErrorKind, Event, Outcome, Stage, Threshold, Unreachable};

use crate::fleet::{Deed, Fate, Fleet, nodes, nodes_with_control_plane, number, settings};
use crate::{count, push, silent};

/// Every fourth node is away for the first `times` times.
fn away(times: usize) -> Fleet {
    let tries: Vec<AtomicUsize> = (0..400).map(|_| AtomicUsize::new(0)).collect();
    Fleet::new(move |name, deed| {
        let number = number(name);
        let is_away =
            number.is_multiple_of(4) && deed == Deed::Connect && tries[number].fetch_add(1, Ordering::SeqCst) < times;
        if is_away { Fate::Unreachable } else { Fate::Well }
    })
}

fn retry(rounds: usize) -> Unreachable {
    Unreachable::Retry { rounds, wait: Duration::from_millis(1) }
}

#[test]
fn it_is_a_failure_of_its_own_kind() {
    let (options, _) = away(9).options();
    let report = push(&nodes(8), &options);
    assert_eq!((count(&report, Outcome::Unreachable), count(&report, Outcome::Changed)), (2, 6));
    let told = report.check().unwrap_err();
    assert_eq!(told.kind(), ErrorKind::Connect);
    assert!(told.to_string().starts_with("2 of 8 nodes failed; the first, n000: connection refused"), "{told}");
}

#[test]
fn only_some_may_be_skipped() {
    let (mut options, _) = away(9).options();
    options.unreachable = Unreachable::Skip;
    let report = push(&nodes(8), &options);
    assert!(report.nodes[0].is_tolerated && !report.nodes[1].is_tolerated);
    report.check().unwrap();
    let report = push(&nodes(1), &options);
    let told = report.check().unwrap_err();
    assert_eq!((told.kind(), told.to_string().as_str()), (ErrorKind::Connect, "none of 1 nodes could be reached"));
    assert_eq!(push(&[], &options).check().unwrap_err().kind(), ErrorKind::InvalidArgument);
}

#[test]
fn they_are_tried_again_after_all_others() {
    let (mut options, fleet) = away(2).options();
    (options.unreachable, options.batch, options.max_failures) = (retry(3), Batch::Size(10), Some(Threshold::Count(0)));
    let mut ends = vec![(0, 0); 41];
    let mut rounds = Vec::new();
    let nodes = nodes_with_control_plane(41, &[40]);
    let report = regconf::push(&nodes, &settings(), &options, &mut |event| {
        match event {
            Event::Node { index, stage: Stage::Finished(_), .. } => ends[index].0 += 1,
            Event::Node { index, stage: Stage::Postponed(report), .. } => {
                assert_eq!(report.outcome, Outcome::Unreachable);
                ends[index].1 += 1;
            }
            Event::Batch { number, of, round, .. } if rounds.last() != Some(&(number, of, round)) => {
                rounds.push((number, of, round));
            }
            _ => {}
        }
        ControlFlow::Continue(())
    });
    assert_eq!(count(&report, Outcome::Changed), 41);
    report.check().unwrap();
    assert!(ends.iter().enumerate().all(|(i, ends)| *ends == (1, if i % 4 == 0 { 2 } else { 0 })), "{ends:?}");
    let first = [(1, 5, 0), (2, 5, 0), (3, 5, 0), (4, 5, 0), (5, 5, 0)];
    assert_eq!(rounds, [&first[..], &[(6, 7, 1), (7, 7, 1), (8, 9, 2), (9, 9, 2)]].concat());
    let connected = fleet.log_of(Deed::Connect);
    assert_eq!(
        (number(&connected[40]), number(&connected[51])),
        (40, 40),
        "the control plane comes last in each round"
    );
    assert!(connected[41..].iter().all(|name| number(name).is_multiple_of(4)));
}

#[test]
fn in_the_end_it_counts() {
    let (mut options, fleet) = away(9).options();
    (options.parallel, options.unreachable, options.max_failures) = (1, retry(2), Some(Threshold::Count(1)));
    let report = push(&nodes(16), &options);
    assert_eq!((count(&report, Outcome::Unreachable), count(&report, Outcome::Changed)), (4, 12));
    // The last round stops at the second.
    assert_eq!(fleet.log_of(Deed::Connect).len(), 16 + 4 + 2);
    assert!(report.check().is_err());
    let (mut options, fleet) = away(9).options();
    options.unreachable = retry(0);
    assert_eq!(count(&push(&nodes(4), &options), Outcome::Unreachable), 1);
    assert_eq!(fleet.log_of(Deed::Connect).len(), 4);
}

#[test]
fn a_survey_tries_again_too() {
    let (mut options, _) = away(1).options();
    options.unreachable = retry(1);
    let rollout = regconf::survey(&nodes(8), &settings(), &options, &mut silent);
    assert_eq!(count(&rollout.report(), Outcome::Pending), 8);
}

#[test]
fn a_node_without_a_plan_is_not_waited_for() {
    let (mut options, fleet) = away(9).options();
    let rollout = regconf::survey(&nodes(8), &settings(), &options, &mut silent);
    options.unreachable = Unreachable::Retry { rounds: 3, wait: Duration::from_secs(600) };
    let connected = fleet.log_of(Deed::Connect).len();
    let report = rollout.apply(&options, &mut silent);
    assert_eq!((count(&report, Outcome::Unreachable), count(&report, Outcome::Changed)), (2, 6));
    assert_eq!(fleet.log_of(Deed::Connect).len(), connected + 6);
}

#[test]
fn a_node_that_refuses_us_was_reached() {
    let (mut options, _) = Fleet::new(|name, deed| match (number(name), deed) {
        (0, Deed::Connect) => Fate::WrongKey,
        (1, Deed::Connect) => Fate::Hung,
        (2, Deed::Gather) => Fate::Dies,
        _ => Fate::Well,
    })
    .options();
    (options.unreachable, options.connect_timeout) = (Unreachable::Skip, Duration::from_millis(30));
    let report = push(&nodes(4), &options);
    let outcomes: Vec<_> = report.nodes.iter().map(|node| node.outcome).collect();
    assert_eq!(outcomes, [Outcome::Failed, Outcome::Unreachable, Outcome::Failed, Outcome::Changed]);
    assert!(report.nodes[1].took >= options.connect_timeout);
    assert_eq!(report.failures().count(), 2);
}

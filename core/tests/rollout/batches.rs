//! Which nodes are changed together, and in which order.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use regconf::{Batch, BatchKind, Event, Moment, Outcome, Stage};

use crate::fleet::{Deed, Fleet, nodes, nodes_with_control_plane, number, settings};
use crate::{count, push, silent};

use BatchKind::{Canary, ControlPlane, Nodes};

#[test]
fn a_batch_begins_when_the_one_before_has_ended() {
    let (mut options, fleet) = Fleet::well().quiet().options();
    (options.canary, options.batch) = (2, Batch::Size(10));
    let nodes = nodes_with_control_plane(40, &[0, 7, 20]);
    let mut heard = Vec::new();
    let report = regconf::push(&nodes, &settings(), &options, &mut |event| {
        if let Event::Batch { number, of, kind, round, nodes, moment, .. } = event {
            heard.push((number, of, kind, round, nodes.to_vec(), moment));
        }
        ControlFlow::Continue(())
    });
    assert_eq!(count(&report, Outcome::Changed), 40);
    let shapes: Vec<_> =
        heard.iter().map(|(number, of, kind, _, nodes, _)| (*number, *of, *kind, nodes.len())).collect();
    let batches = [(1, 8, Canary, 2), (2, 8, Nodes, 10), (3, 8, Nodes, 10), (4, 8, Nodes, 10), (5, 8, Nodes, 5)];
    let last = [6, 7, 8].map(|number| (number, 8, ControlPlane, 1));
    let all: Vec<_> = batches.into_iter().chain(last).flat_map(|batch| [batch, batch]).collect();
    assert_eq!(shapes, all);
    assert!(
        heard.iter().zip([Moment::Begins, Moment::Ended].into_iter().cycle()).all(|(heard, moment)| heard.5 == moment)
    );
    assert_eq!([&heard[10].4, &heard[12].4, &heard[14].4], [&[0], &[7], &[20]]);

    let log = fleet.log();
    let mut from = 0;
    for (number, _, _, _, batch, _) in heard.iter().step_by(2) {
        let deeds: Vec<_> = log[from..].iter().take(batch.len() * 4 + batch.len()).collect();
        let of_batch = deeds.iter().take_while(|(name, _)| batch.contains(&crate::fleet::number(name))).count();
        assert_eq!(log[from..from + of_batch].iter().filter(|(_, deed)| *deed == Deed::Applied).count(), batch.len());
        from += of_batch;
        assert!(batch.iter().all(|index| report.nodes[*index].batch == *number));
    }
    assert_eq!(from, log.len(), "a node was begun before its batch");
}

#[test]
fn everywhere_at_once_and_restarts_one_by_one() {
    let (mut options, fleet) = Fleet::well().options();
    (options.parallel, options.parallel_apply) = (16, 1);
    let report = push(&nodes(100), &options);
    assert_eq!(count(&report, Outcome::Changed), 100);
    assert_eq!(fleet.most_applying(), 1);
    assert!((2..=16).contains(&fleet.most_gathering()), "{}", fleet.most_gathering());
    assert!(report.nodes.iter().any(|node| node.timing.wait > Duration::from_millis(2)));

    let (mut options, fleet) = Fleet::well().options();
    (options.parallel, options.parallel_apply) = (16, 3);
    push(&nodes(60), &options);
    assert!((2..=3).contains(&fleet.most_applying()), "{}", fleet.most_applying());
}

#[test]
fn a_change_that_restarts_nothing_does_not_wait() {
    let (mut options, fleet) = Fleet::well().quiet().options();
    (options.parallel, options.parallel_apply) = (16, 1);
    push(&nodes(100), &options);
    assert!((2..=16).contains(&fleet.most_applying()), "{}", fleet.most_applying());
}

#[test]
fn a_survey_is_applied_in_batches_too() {
    let (mut options, fleet) = Fleet::well().options();
    (options.canary, options.batch, options.parallel_apply) = (1, Batch::Percent(50), 2);
    let nodes = nodes_with_control_plane(21, &[3]);
    let rollout = regconf::survey(&nodes, &settings(), &options, &mut silent);
    assert_eq!(count(&rollout.report(), Outcome::Pending), 21);
    assert!(rollout.report().nodes.iter().all(|node| node.batch == 1), "a survey has one batch");
    let gathered = fleet.log_of(Deed::Gather).len();
    let report = rollout.apply(&options, &mut silent);
    assert_eq!(count(&report, Outcome::Changed), 21);
    assert_eq!(fleet.log_of(Deed::Gather).len(), gathered, "nothing is read again");
    let applied = fleet.log_of(Deed::Apply);
    assert_eq!((number(&applied[0]), number(&applied[20])), (0, 3));
    assert!(fleet.most_applying() <= 2);
    let batches: Vec<_> = report.nodes.iter().map(|node| node.batch).collect();
    assert_eq!((batches[0], batches[1], batches[13], batches[20], batches[3]), (1, 2, 3, 3, 4));
}

#[test]
fn there_is_a_pause_between_batches_with_ticks() {
    let (mut options, _) = Fleet::well().options();
    (options.batch, options.pause) = (Batch::Size(1), Duration::from_millis(250));
    let (began, mut ended, mut ticks) = (Instant::now(), None, 0);
    regconf::push(&nodes(2), &settings(), &options, &mut |event| {
        match event {
            Event::Batch { number: 1, moment: Moment::Ended, .. } => ended = Some(Instant::now()),
            Event::Batch { number: 2, moment: Moment::Begins, since, .. } => {
                assert!(ended.unwrap().elapsed() >= options.pause);
                assert!(since >= options.pause && since <= began.elapsed());
            }
            Event::Tick => ticks += 1,
            _ => {}
        }
        ControlFlow::Continue(())
    });
    assert!(ticks >= 2, "{ticks}");
}

#[test]
fn each_node_ends_once_and_says_when() {
    let (mut options, _) = Fleet::well().options();
    options.batch = Batch::Size(50);
    let nodes = nodes(300);
    let mut ends = vec![0; nodes.len()];
    let mut last = Duration::ZERO;
    let report = regconf::push(&nodes, &settings(), &options, &mut |event| {
        if let Event::Node { index, name, elapsed, since, batch, stage, .. } = event {
            assert_eq!((name, batch), (nodes[index].name.as_str(), index / 50 + 1));
            assert!(elapsed <= since);
            last = last.max(since);
            ends[index] += usize::from(matches!(stage, Stage::Finished(_)));
        }
        ControlFlow::Continue(())
    });
    assert!(ends.iter().all(|ends| *ends == 1));
    assert!(last > Duration::ZERO);
    let names: Vec<_> = report.nodes.iter().map(|node| node.name.as_str()).collect();
    assert_eq!(names, nodes.iter().map(|node| node.name.as_str()).collect::<Vec<_>>());
}

#[test]
fn a_slow_observer_does_not_hold_the_workers() {
    let (mut options, fleet) = Fleet::well().quiet().options();
    options.parallel = 8;
    let mut is_first = true;
    let report = regconf::push(&nodes(64), &settings(), &options, &mut |event| {
        if matches!(event, Event::Node { .. }) && is_first {
            is_first = false;
            let until = Instant::now() + Duration::from_secs(10);
            while fleet.log_of(Deed::Applied).len() < 64 {
                assert!(Instant::now() < until, "the workers wait for the observer");
                std::thread::sleep(Duration::from_millis(5));
            }
        }
        ControlFlow::Continue(())
    });
    assert_eq!(count(&report, Outcome::Changed), 64);
}

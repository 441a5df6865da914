//! The caller's word to stop, at any time.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use regconf::{Batch, Cancel, ErrorKind, Event, Moment, Outcome, Report, Stage, Unreachable};

use crate::fleet::{Deed, Fate, Fleet, nodes, settings};
use crate::{count, push};

/// Says stop after a while, and remembers when.
fn after(cancel: &Cancel, span: Duration) -> std::thread::JoinHandle<Instant> {
    let cancel = cancel.clone();
    std::thread::spawn(move || {
        std::thread::sleep(span);
        cancel.cancel();
        Instant::now()
    })
}

/// Each node is whole: what was begun has ended, and nothing was done to one that is said to be left alone.
fn assert_whole(report: &Report, fleet: &Fleet) {
    let (begun, ended) = (fleet.log_of(Deed::Apply), fleet.log_of(Deed::Applied));
    assert_eq!(begun.len(), ended.len());
    for node in &report.nodes {
        assert_eq!(begun.contains(&node.name), node.outcome == Outcome::Changed, "{node:?}");
        if node.outcome == Outcome::NotTried {
            assert_eq!(node.error.as_ref().unwrap().kind(), ErrorKind::Cancelled);
        }
    }
}

#[test]
fn before_the_first_node() {
    let (options, fleet) = Fleet::well().options();
    options.cancel.cancel();
    let report = push(&nodes(20), &options);
    assert_eq!(count(&report, Outcome::NotTried), 20);
    assert!(fleet.log().is_empty());
    assert_eq!(report.nodes[0].error.as_ref().unwrap().to_string(), "not begun: the caller cancelled");
    assert_eq!(report.check().unwrap_err().kind(), ErrorKind::Cancelled);
}

#[test]
fn at_any_moment_of_a_run() {
    for moment in 0..12 {
        let (mut options, fleet) = Fleet::well().options();
        (options.parallel, options.parallel_apply, options.batch) = (6, 2, Batch::Size(9));
        let canceller = after(&options.cancel, Duration::from_millis(moment * 4));
        let report = push(&nodes(80), &options);
        canceller.join().unwrap();
        assert_whole(&report, &fleet);
        assert_eq!(report.nodes.len(), 80);
    }
}

#[test]
fn while_connecting() {
    let fleet = Fleet::new(|_, deed| if deed == Deed::Connect { Fate::Hung } else { Fate::Well });
    let (mut options, fleet) = fleet.options();
    options.parallel = 4;
    let canceller = after(&options.cancel, Duration::from_millis(30));
    let report = push(&nodes(12), &options);
    assert!(canceller.join().unwrap().elapsed() < Duration::from_secs(2));
    assert_eq!(count(&report, Outcome::NotTried), 12);
    assert_eq!(fleet.log_of(Deed::Connect).len(), 4);
}

#[test]
fn by_the_observer_while_gathering() {
    let (mut options, fleet) = Fleet::well().options();
    options.parallel = 1;
    let report = regconf::push(&nodes(5), &settings(), &options, &mut |event| match event {
        Event::Node { stage: Stage::Gathering, .. } => ControlFlow::Break(()),
        _ => ControlFlow::Continue(()),
    });
    assert_whole(&report, &fleet);
    assert_eq!(report.nodes[4].outcome, Outcome::NotTried);
}

#[test]
fn when_the_observer_does_not_approve_a_batch() {
    let (mut options, fleet) = Fleet::well().options();
    options.batch = Batch::Size(10);
    let mut ended = 0;
    let report = regconf::push(&nodes(30), &settings(), &options, &mut |event| match event {
        Event::Batch { number: 2, moment: Moment::Begins, .. } => ControlFlow::Break(()),
        Event::Node { stage: Stage::Finished(_), .. } => {
            ended += 1;
            ControlFlow::Continue(())
        }
        _ => ControlFlow::Continue(()),
    });
    assert_eq!((count(&report, Outcome::Changed), count(&report, Outcome::NotTried)), (10, 20));
    assert_eq!((fleet.log_of(Deed::Connect).len(), ended), (10, 30));
}

/// How long a push that is in the middle of a pause takes to return once it is told to.
fn stopped_in_a_pause() -> Duration {
    let (mut options, fleet) = Fleet::well().quiet().options();
    (options.batch, options.pause) = (Batch::Size(2), Duration::from_secs(600));
    let cancel = options.cancel.clone();
    let mut canceller = None;
    let report = regconf::push(&nodes(6), &settings(), &options, &mut |event| {
        if matches!(event, Event::Batch { moment: Moment::Ended, .. }) {
            canceller = Some(after(&cancel, Duration::from_millis(50)));
        }
        ControlFlow::Continue(())
    });
    let waited = canceller.unwrap().join().unwrap().elapsed();
    assert_eq!((count(&report, Outcome::Changed), count(&report, Outcome::NotTried)), (2, 4));
    assert_eq!(fleet.log_of(Deed::Connect).len(), 2);
    waited
}

#[test]
fn during_the_pause() {
    // The best of some, because a busy machine may let any thread wait.
    let waited = (0..5).map(|_| stopped_in_a_pause()).min().unwrap();
    assert!(waited < Duration::from_millis(100), "{waited:?}");
}

#[test]
fn while_waiting_to_try_again() {
    let fates = |name: &str, deed| match (name, deed) {
        ("n001", Deed::Connect) => Fate::Unreachable,
        _ => Fate::Well,
    };
    let (mut options, fleet) = Fleet::new(fates).options();
    options.unreachable = Unreachable::Retry { rounds: 5, wait: Duration::from_secs(600) };
    let canceller = after(&options.cancel, Duration::from_millis(100));
    let mut ends = [0; 3];
    let report = regconf::push(&nodes(3), &settings(), &options, &mut |event| {
        if let Event::Node { index, stage: Stage::Finished(_), .. } = event {
            ends[index] += 1;
        }
        ControlFlow::Continue(())
    });
    assert!(canceller.join().unwrap().elapsed() < Duration::from_secs(2));
    assert_eq!(report.nodes[1].outcome, Outcome::Unreachable, "it was tried");
    assert_eq!(ends, [1; 3]);
    assert_eq!(report.stopped, None, "all nodes were begun");
    assert_whole(&report, &fleet);
}

#[test]
fn while_waiting_for_the_turn_to_restart() {
    let (mut options, fleet) = Fleet::well().options();
    (options.parallel, options.parallel_apply) = (20, 1);
    let (cancel, watched) = (options.cancel.clone(), Arc::clone(&fleet));
    let canceller = std::thread::spawn(move || {
        while watched.log_of(Deed::Applied).len() < 2 {
            std::thread::sleep(Duration::from_millis(1));
        }
        cancel.cancel();
    });
    let report = push(&nodes(20), &options);
    canceller.join().unwrap();
    assert_whole(&report, &fleet);
    assert!(count(&report, Outcome::Changed) < 20 && count(&report, Outcome::NotTried) > 0);
}

//! Ten thousand nodes, nodes that hang, and an observer that takes its time.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use regconf::{Event, Outcome, Report, Stage};

use crate::fleet::{Deed, Fate, Fleet, nodes, number, settings};
use crate::{count, silent};

/// How many events may wait for the observer.
const WAITING: usize = 1024;
/// How long the slowest machine may take for what takes milliseconds.
const AGES: Duration = Duration::from_secs(60);

#[test]
fn each_of_ten_thousand_nodes_ends_once() {
    // Most of them are away, so that this takes little time.
    let fates = |name: &str, _| if number(name).is_multiple_of(50) { Fate::Well } else { Fate::Unreachable };
    let (options, _) = Fleet::new(fates).quiet().fast().options();
    let nodes = nodes(10_000);
    let mut ends = vec![0; nodes.len()];
    let report = regconf::push(&nodes, &settings(), &options, &mut |event| {
        if let Event::Node { index, stage: Stage::Finished(_), .. } = event {
            ends[index] += 1;
        }
        ControlFlow::Continue(())
    });
    assert!(ends.iter().all(|ends| *ends == 1));
    assert_eq!((count(&report, Outcome::Changed), count(&report, Outcome::Unreachable)), (200, 9_800));
    assert!(nodes.iter().zip(&report.nodes).all(|(node, report)| node.name == report.name));
}

#[test]
fn nodes_with_equal_plans_share_one() {
    let (options, _) = Fleet::well().fast().options();
    let mut nodes = nodes(100);
    nodes[7].settings = Some(regconf::Settings::default().remove("my-registry.com").unwrap());
    let report = regconf::push(&nodes, &settings(), &options, &mut silent);
    let plans: Vec<_> = report.nodes.iter().map(|node| node.plan.as_ref().unwrap()).collect();
    let is_shared = |index: usize| std::sync::Arc::ptr_eq(plans[0], plans[index]);
    assert!((0..100).all(|index| is_shared(index) == (index != 7)));
    let json = report.to_json();
    assert_eq!(json["nodes"][3]["plan"], plans[0].to_json());
    assert_eq!(json["nodes"][7]["plan"], plans[7].to_json());
}

#[test]
fn workers_do_not_wait_for_an_observer_until_the_queue_is_full() {
    let (mut options, fleet) = Fleet::new(|_, _| Fate::Unreachable).fast().options();
    options.parallel = 8;
    let begun = || fleet.log_of(Deed::Connect).len();
    let mut at_first = None;
    let report = regconf::push(&nodes(3_000), &settings(), &options, &mut |event| {
        if matches!(event, Event::Node { .. }) && at_first.is_none() {
            at_first = Some(settled(begun));
        }
        ControlFlow::Continue(())
    });
    assert_eq!(count(&report, Outcome::Unreachable), 3_000);
    // A node has two events: it is connected to, and it has ended. One event was being heard.
    let at_first = at_first.unwrap();
    let fit = WAITING / 2;
    assert!((fit - 8..=fit + 9).contains(&at_first), "{at_first} nodes were begun while one event was heard");
}

/// A count when it has stopped growing.
fn settled(count: impl Fn() -> usize) -> usize {
    let (began, mut last, mut since) = (Instant::now(), 0, Instant::now());
    while since.elapsed() < Duration::from_millis(300) && began.elapsed() < AGES {
        std::thread::sleep(Duration::from_millis(5));
        let now = count();
        if now != last {
            (last, since) = (now, Instant::now());
        }
    }
    last
}

/// The places of the nodes in the order in which they ended, and the report. Some hang for so many seconds.
fn with_hanging(of: usize, parallel: usize, hangs: fn(usize) -> bool, seconds: u64) -> (Vec<usize>, Report) {
    let fates = move |name: &str, deed| match deed {
        Deed::Connect if hangs(number(name)) => Fate::Hung,
        Deed::Connect => Fate::Unreachable,
        _ => Fate::Well,
    };
    let (mut options, _) = Fleet::new(fates).fast().options();
    (options.parallel, options.connect_timeout) = (parallel, Duration::from_secs(seconds));
    let mut ends = Vec::new();
    let report = regconf::push(&nodes(of), &settings(), &options, &mut |event| {
        if let Event::Node { index, stage: Stage::Finished(_), .. } = event {
            ends.push(index);
        }
        ControlFlow::Continue(())
    });
    (ends, report)
}

#[test]
fn one_in_a_hundred_that_hangs_delays_no_other() {
    let hangs = |number: usize| number % 100 == 50;
    let (ends, report) = with_hanging(1_000, 16, hangs, 6);
    assert!(ends[..990].iter().all(|index| !hangs(*index)), "those that hang end last");
    assert!(report.nodes.iter().enumerate().all(|(i, node)| (node.took >= Duration::from_secs(6)) == hangs(i)));
}

#[test]
fn nodes_that_hang_do_not_keep_all_workers() {
    // The first four take all workers; their stand-ins do all the rest.
    let (ends, _) = with_hanging(200, 4, |number| number < 4, 9);
    assert!(ends[..196].iter().all(|index| *index >= 4), "{:?}", &ends[..20]);
}

#[test]
fn an_observer_that_panics_ends_the_call() {
    let (options, fleet) = Fleet::new(|_, _| Fate::Unreachable).fast().options();
    let nodes = nodes(10_000);
    let mut observer = |event: Event<'_>| match event {
        Event::Node { .. } => panic!("a fault of the observer"),
        _ => ControlFlow::Continue(()),
    };
    let call = || regconf::push(&nodes, &settings(), &options, &mut observer);
    assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(call)).is_err());
    let begun = fleet.log_of(Deed::Connect).len();
    assert!(begun < nodes.len() / 2, "{begun} nodes were begun");
}

#[test]
fn a_journal_has_a_line_for_each_of_many_that_end_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.jsonl");
    let (mut options, _) = Fleet::well().quiet().fast().options();
    (options.parallel, options.journal) = (64, Some(path.clone()));
    let report = regconf::push(&nodes(400), &settings(), &options, &mut silent);
    assert_eq!((count(&report, Outcome::Changed), &report.stopped), (400, &None));
    let text = std::fs::read_to_string(path).unwrap();
    let name =
        |line: &str| serde_json::from_str::<serde_json::Value>(line).unwrap()["node"].as_str().unwrap().to_owned();
    let names: std::collections::BTreeSet<_> = text.lines().skip(1).map(name).collect();
    assert_eq!((names.len(), text.lines().count()), (400, 401));
}

//! The runs as tables in Markdown.

use std::fmt::Write;

use crate::arguments::Bench;
use crate::bench::{Run, State};
use crate::peers::{FLOOR, Peer};

const HEAD: &str = "\
| peer | wall s | least–most | × floor | client CPU ms/node | node CPU ms/node | × floor | client RSS MiB | right |
|---|---|---|---|---|---|---|---|---|
";

/// A table for each number of nodes and each state.
pub(crate) fn tables(bench: &Bench, runs: &[Run]) -> String {
    let mut out = String::new();
    for count in &bench.counts {
        for (state, title) in [(State::Cold, "the entry is to be added"), (State::Noop, "nothing is to be done")] {
            let these: Vec<_> = runs.iter().filter(|run| run.nodes == *count && run.state == state).collect();
            let _ = writeln!(out, "\n### {count} nodes, {title}\n\n{HEAD}{}", rows(bench, &these).trim_end());
        }
    }
    out
}

fn rows(bench: &Bench, runs: &[&Run]) -> String {
    let figures = |name: &str| Figures::of(&runs.iter().filter(|run| run.peer == name).copied().collect::<Vec<_>>());
    let floor = figures(FLOOR);
    bench.peers.iter().map(|peer| figures(peer.name).row(peer, &floor)).collect()
}

/// Of the runs that were right: medians, in the units of the table.
#[derive(Debug, Default)]
struct Figures {
    runs: usize,
    right: usize,
    wall: f64,
    least: f64,
    most: f64,
    client_cpu: f64,
    node_cpu: f64,
    rss: f64,
}

impl Figures {
    fn of(runs: &[&Run]) -> Self {
        let right: Vec<_> = runs.iter().filter(|run| run.fault.is_none()).collect();
        let each = |figure: &dyn Fn(&Run) -> f64| sorted(right.iter().map(|run| figure(run)).collect());
        let per_node = |seconds: f64, run: &Run| 1000.0 * seconds / f64::from(u32::try_from(run.nodes).unwrap_or(1));
        let wall = each(&|run| run.client.wall);
        Self {
            runs: runs.len(),
            right: right.len(),
            least: wall.first().copied().unwrap_or_default(),
            most: wall.last().copied().unwrap_or_default(),
            wall: median(&wall),
            client_cpu: median(&each(&|run| per_node(run.client.cpu, run))),
            node_cpu: median(&each(&|run| per_node(run.node_cpu, run))),
            rss: median(&each(&|run| run.client.rss)),
        }
    }

    fn row(&self, peer: &Peer, floor: &Self) -> String {
        let Self { runs, right, wall, least, most, client_cpu, node_cpu, rss } = self;
        let count = format!("{right} of {runs}");
        if *right == 0 {
            return format!("| {} | | | | | | | | **{count}** |\n", peer.name);
        }
        let times =
            |own: f64, of_floor: f64| if floor.right == 0 { String::new() } else { format!("{:.2}", own / of_floor) };
        let count = if right == runs { count } else { format!("**{count}**") };
        format!(
            "| {} | {wall:.2} | {least:.2}–{most:.2} | {} | {client_cpu:.2} | {node_cpu:.1} | {} | {rss:.0} | {count} |\n",
            peer.name,
            times(*wall, floor.wall),
            times(*node_cpu, floor.node_cpu),
        )
    }
}

pub(crate) fn sorted(mut values: Vec<f64>) -> Vec<f64> {
    values.sort_by(f64::total_cmp);
    values
}

/// The one in the middle; of an even number the mean of two. 0 of none.
pub(crate) fn median(sorted: &[f64]) -> f64 {
    match (sorted.len(), sorted.len() / 2) {
        (0, _) => 0.0,
        (length, middle) if length % 2 == 1 => sorted[middle],
        (_, middle) => f64::midpoint(sorted[middle - 1], sorted[middle]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::Client;

    fn run(peer: &'static str, wall: f64, fault: Option<&str>) -> Run {
        let client = Client { wall, cpu: 0.02, rss: 10.0 };
        Run { peer, nodes: 10, state: State::Cold, client, node_cpu: wall / 2.0, fault: fault.map(str::to_owned) }
    }

    #[test]
    fn rows_have_the_medians_of_what_was_right() {
        let runs =
            [run(FLOOR, 1.0, None), run(FLOOR, 3.0, None), run(FLOOR, 2.0, None), run(FLOOR, 90.0, Some("wrong"))];
        let floor = Figures::of(&runs.iter().collect::<Vec<_>>());
        let peer = crate::peers::named(&["regconf".to_owned()]).unwrap()[0];
        assert_eq!(
            floor.row(&peer, &floor),
            "| regconf | 2.00 | 1.00–3.00 | 1.00 | 2.00 | 100.0 | 1.00 | 10 | **3 of 4** |\n"
        );
        let twice = Figures::of(&[&run("regconf", 4.0, None)]);
        assert!(twice.row(&peer, &floor).contains("| 2.00 | 2.00 | 200.0 | 2.00 | 10 | 1 of 1 |"));
        let wrong = Figures::of(&[&run("regconf", 4.0, Some("wrong"))]);
        assert_eq!(wrong.row(&peer, &floor), "| regconf | | | | | | | | **0 of 1** |\n");
        assert_eq!((median(&[]), median(&[1.0, 2.0])), (0.0, 1.5));
    }
}

//! One node at a time, and the memory of many.

use std::fmt::Write;

use serde_json::Value;

use crate::arguments::Bench;
use crate::bench::{Place, Run, State};
use crate::job::Result;
use crate::peers::{FLOOR, Peer, named};
use crate::table::{median, sorted};

const TIMES: usize = 30;

/// Floor and regconf by turns: how long a push to one node takes, by the driver's own clock.
pub(crate) fn alone(place: &Place) -> Result<String> {
    let peers = both()?;
    let mut taken = [const { [Vec::new(), Vec::new()] }; 2];
    for _ in 0..TIMES {
        for (peer, taken) in peers.iter().zip(&mut taken) {
            taken[0].push(timed(place, peer, State::Cold)?);
            taken[1].push(timed(place, peer, State::Noop)?);
        }
    }
    let rows = peers.iter().zip(taken).map(|(peer, taken)| {
        let [cold, noop] = taken.map(|times| {
            let times = sorted(times);
            format!("{:.1} | {:.1}–{:.1}", median(&times), times[0], times[TIMES - 1])
        });
        format!("| {} | {cold} | {noop} |\n", peer.name)
    });
    let head = "| peer | cold ms | least–most | no-op ms | least–most |\n|---|---|---|---|---|\n";
    Ok(format!("\n### One node alone, {TIMES} pushes\n\n{head}{}", rows.collect::<String>()))
}

/// A push to the first node, in milliseconds.
fn timed(place: &Place, peer: &Peer, state: State) -> Result<f64> {
    if state == State::Cold {
        place.nodes.first(1)[0].reset()?;
    }
    right(place.push(peer, 1, 1, state)?)?;
    let said: Value = serde_json::from_str(&std::fs::read_to_string(place.log())?)?;
    Ok(1000.0 * said["seconds"].as_f64().ok_or("the driver did not say how long it took")?)
}

/// What one more session takes: with all nodes at once and with one, the peak of each, and the difference.
pub(crate) fn memory(bench: &Bench, place: &Place) -> Result<String> {
    let most = bench.counts.iter().copied().max().unwrap_or(1);
    if most < 2 {
        return Err("--memory wants more than one node in --nodes".into());
    }
    let mut rows = String::new();
    for peer in both()? {
        let peak = |count: usize| -> Result<f64> {
            let runs = (0..bench.runs).map(|_| {
                let mut runs = place.push_twice(&peer, count, count)?;
                right(runs.swap_remove(0))
            });
            let peaks = runs.map(|run| Ok(run?.client.rss)).collect::<Result<Vec<_>>>()?;
            Ok(median(&sorted(peaks)))
        };
        let (one, all) = (peak(1)?, peak(most)?);
        let each = 1024.0 * (all - one) / f64::from(u32::try_from(most - 1)?);
        let _ = writeln!(rows, "| {} | {one:.1} | {all:.1} | {each:.0} |", peer.name);
    }
    let head = format!("| peer | 1 node, MiB | {most} at once, MiB | KiB for each more |\n|---|---|---|---|\n");
    Ok(format!("\n### Peak memory, cold\n\n{head}{rows}"))
}

fn both() -> Result<Vec<Peer>> {
    named(&[FLOOR.to_owned(), "regconf".to_owned()])
}

fn right(run: Run) -> Result<Run> {
    match run.fault {
        Some(fault) => Err(format!("{}: {fault}", run.peer).into()),
        None => Ok(run),
    }
}

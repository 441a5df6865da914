//! What planning costs, beside what reading the same files and printing them again costs: the floor.
//!
//! `cargo bench -p regconf` measures times. `core/benches/count` counts instructions, which a busy machine does not
//! change; it runs this program with `--once SHAPE BYTES REGISTRIES WORK` for one case.

mod case;
mod text;

use case::{Case, SHAPES, Shape, WORKS, Work};
use divan::{Bencher, black_box};

fn main() -> Result<(), String> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let Some(at) = arguments.iter().position(|argument| argument == "--once") else {
        divan::main();
        return Ok(());
    };
    let usage = || format!("usage: --once SHAPE BYTES REGISTRIES WORK, of {SHAPES:?} and {WORKS:?}");
    let (case, work) = once(&arguments[at + 1..]).ok_or_else(usage)?;
    case.ready(work).measured();
    Ok(())
}

fn once(arguments: &[String]) -> Option<(Case, Work)> {
    let [shape, bytes, registries, work] = arguments else { return None };
    let case = Case { shape: shape.parse().ok()?, bytes: bytes.parse().ok()?, registries: registries.parse().ok()? };
    Some((case, work.parse().ok()?))
}

/// One registry in a file of a usual size and in larger ones, and more registries in the usual one.
fn cases() -> impl Iterator<Item = Case> {
    let sizes = [(0, 1), (10_000, 1), (100_000, 1), (1_000_000, 1), (0, 100), (0, 1000)];
    SHAPES
        .into_iter()
        .flat_map(move |shape| sizes.into_iter().map(move |(bytes, registries)| Case { shape, bytes, registries }))
}

fn run(bencher: Bencher<'_, '_>, case: Case, work: Work) {
    let ready = case.ready(work);
    bencher.bench_local(|| black_box(&ready).measured());
}

/// Reading the files and printing them again, with the libraries that planning reads them with.
#[divan::bench(args = cases(), max_time = 0.5)]
fn floor(bencher: Bencher<'_, '_>, case: Case) {
    run(bencher, case, Work::Floor);
}

/// The plan.
#[divan::bench(args = cases(), max_time = 0.5)]
fn plan(bencher: Bencher<'_, '_>, case: Case) {
    run(bencher, case, Work::Plan);
}

/// The plan for a node on which all is as wanted.
#[divan::bench(args = cases(), max_time = 0.5)]
fn plan_again(bencher: Bencher<'_, '_>, case: Case) {
    run(bencher, case, Work::Again);
}

/// Where one image comes from, before the plan and after it.
#[divan::bench(args = cases(), max_time = 0.5)]
fn explain(bencher: Bencher<'_, '_>, case: Case) {
    run(bencher, case, Work::Explain);
}

/// The plan as JSON with its diffs, as it stands in a report.
#[divan::bench(args = cases(), max_time = 0.5)]
fn to_json(bencher: Bencher<'_, '_>, case: Case) {
    run(bencher, case, Work::Json);
}

/// The settings, read from JSON.
#[divan::bench(args = cases().filter(|case| case.shape == Shape::Docker && case.bytes == 0))]
fn settings(bencher: Bencher<'_, '_>, case: Case) {
    run(bencher, case, Work::Settings);
}

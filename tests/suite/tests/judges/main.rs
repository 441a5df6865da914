//! Real engines judge what the library plans: `containerd config dump`, `dockerd --validate`, and programs over the
//! engines' own packages (`tests/judges`) that tell what these make of hosts.toml and of docker's two lists.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

mod case;
mod containerd;
mod docker;
mod dump;
mod engines;
mod explain;
mod hosts;
mod moved;
mod odd;
mod room;
mod typical;

use regconf_fleet::{ensure_judges, switched_off};

use case::Case;
use containerd::Verdict;
use engines::{Containerd, Docker};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

#[test]
fn containerd_takes_typical_files() -> Result<()> {
    let Some(engines) = ready(Containerd::all)? else { return Ok(()) };
    let cases = typical::containerd(&engines)?;
    tally(&engines, &cases, |engine| engine.version.clone(), |_, _| true, containerd::judge)?.check("typical files");
    Ok(())
}

#[test]
fn containerd_takes_the_golden_cases() -> Result<()> {
    let Some(engines) = ready(Containerd::all)? else { return Ok(()) };
    let cases = Case::golden()?;
    let meant = |engine: &Containerd, case: &Case| match case.versions.get("containerd") {
        Some(version) => engine.is_like(version),
        None => case.versions.is_empty() && !case.name.starts_with("docker/"),
    };
    tally(&engines, &cases, |engine| engine.version.clone(), meant, containerd::judge)?.check("golden cases");
    Ok(())
}

#[test]
fn docker_takes_typical_files() -> Result<()> {
    let Some(engines) = ready(Docker::all)? else { return Ok(()) };
    let cases = typical::daemons()?;
    tally(&engines, &cases, |engine| engine.version.clone(), |_, _| true, docker::judge)?.check("typical files");
    Ok(())
}

#[test]
fn docker_takes_the_golden_cases() -> Result<()> {
    let Some(engines) = ready(Docker::all)? else { return Ok(()) };
    let cases = Case::golden()?;
    let meant = |engine: &Docker, case: &Case| match case.versions.get("docker") {
        Some(version) => engine.is_like(version),
        None => case.versions.is_empty() && !case.name.starts_with("containerd/"),
    };
    tally(&engines, &cases, |engine| engine.version.clone(), meant, docker::judge)?.check("golden cases");
    Ok(())
}

#[test]
fn containerd_resolves_odd_addresses() -> Result<()> {
    let Some(engines) = ready(Containerd::all)? else { return Ok(()) };
    check(&engines.iter().map(odd::addresses).collect::<Result<Vec<_>>>()?.concat());
    Ok(())
}

#[test]
fn docker_takes_and_refuses_the_same_entries() -> Result<()> {
    let Some(engines) = ready(Docker::all)? else { return Ok(()) };
    check(&engines.iter().map(odd::entries).collect::<Result<Vec<_>>>()?.concat());
    Ok(())
}

#[test]
fn containerd_agrees_with_what_is_explained() -> Result<()> {
    let Some(engines) = ready(Containerd::all)? else { return Ok(()) };
    let mut cases = typical::containerd(&engines)?;
    cases.extend(explain::cases()?);
    cases.extend(Case::golden()?);
    let meant = |engine: &Containerd, case: &Case| match case.versions.get("containerd") {
        Some(version) => engine.is_like(version),
        None => case.versions.is_empty() && !case.name.starts_with("docker/"),
    };
    tally(&engines, &cases, |engine| engine.version.clone(), meant, explain::containerd)?.check("explanations");
    Ok(())
}

#[test]
fn docker_agrees_with_what_is_explained() -> Result<()> {
    let Some(engines) = ready(Docker::all)? else { return Ok(()) };
    let mut cases = typical::daemons()?;
    cases.extend(explain::daemons()?);
    cases.extend(Case::golden()?);
    let meant = |engine: &Docker, case: &Case| match case.versions.get("docker") {
        Some(version) => engine.is_like(version),
        None => case.versions.is_empty() && !case.name.starts_with("containerd/"),
    };
    tally(&engines, &cases, |engine| engine.version.clone(), meant, explain::docker)?.check("explanations");
    Ok(())
}

/// The engines, unless this is switched off.
fn ready<E>(all: fn() -> Result<Vec<E>>) -> Result<Option<Vec<E>>> {
    if switched_off() {
        return Ok(None);
    }
    ensure_judges()?;
    all().map(Some)
}

fn check(faults: &[String]) {
    assert!(faults.is_empty(), "{} faults\n{}", faults.len(), faults.join("\n"));
}

/// What all engines said of all cases.
#[derive(Default)]
struct Tally {
    /// Engine, how many were judged, refused by the library, and broken before.
    counts: Vec<(String, [usize; 3])>,
    refusals: Vec<String>,
    faults: Vec<String>,
    judged: std::collections::BTreeSet<String>,
    not_judged: std::collections::BTreeSet<String>,
}

impl Tally {
    fn add(&mut self, engine: &str, case: &Case, verdict: Verdict) {
        let column = match verdict {
            Verdict::Judged(faults) => {
                self.faults.extend(faults.iter().map(|fault| format!("{} on {engine}: {fault}", case.name)));
                self.judged.insert(case.name.clone());
                0
            }
            Verdict::Refused(why) => {
                self.refusals.push(format!("{} on {engine}: {why}", case.name));
                1
            }
            Verdict::BrokenBefore => 2,
        };
        if column != 0 {
            self.not_judged.insert(case.name.clone());
        }
        if let Some((_, counts)) = self.counts.last_mut() {
            counts[column] += 1;
        }
    }

    fn check(&self, what: &str) {
        for (engine, [judged, refused, broken]) in &self.counts {
            println!("{engine:>10}: {judged} {what} judged, {refused} refused by regconf, {broken} broken before");
        }
        for refusal in &self.refusals {
            println!("refused: {refusal}");
        }
        for case in self.not_judged.difference(&self.judged) {
            println!("judged by no engine: {case}");
        }
        check(&self.faults);
    }
}

/// Lets each engine judge the cases that are meant for it, all engines side by side.
fn tally<E: Sync>(
    engines: &[E],
    cases: &[Case],
    version: impl Fn(&E) -> String,
    meant: impl Fn(&E, &Case) -> bool + Sync,
    judge: impl Fn(&Case, &E) -> Result<Verdict> + Sync,
) -> Result<Tally> {
    let one = |engine: &E| -> Result<Vec<(usize, Verdict)>> {
        let cases = cases.iter().enumerate().filter(|(_, case)| meant(engine, case));
        cases
            .map(|(i, case)| Ok((i, judge(case, engine).map_err(|error| format!("{}: {error}", case.name))?)))
            .collect()
    };
    let verdicts: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = engines.iter().map(|engine| scope.spawn(|| one(engine))).collect();
        threads.into_iter().map(|thread| thread.join().map_err(|_| "a judge panicked")).collect()
    });
    let mut tally = Tally::default();
    for (engine, verdicts) in engines.iter().zip(verdicts) {
        let version = version(engine);
        tally.counts.push((version.clone(), [0; 3]));
        for (i, verdict) in verdicts?? {
            tally.add(&version, &cases[i], verdict);
        }
    }
    Ok(tally)
}

//! A push to nodes from a list, as a tool for daily work would do it.

use std::fs;
use std::io::{self, Write};

use regconf::{Outcome, Report, Settings, inventory};

use crate::arguments::Fleet;
use crate::progress::Progress;
use crate::show::Show;
use crate::{Ending, Fault};

pub(crate) fn run(fleet: &Fleet) -> Result<Ending, Fault> {
    let settings = read_settings(fleet)?;
    let nodes = inventory::load(&fleet.nodes)?;
    let mut progress = Progress::new(&nodes);
    let report = regconf::push(&nodes, &settings, &fleet.options, &mut |event| progress.hear(event));
    if let Err(error) = print(&report, fleet.json) {
        // The nodes are done; what became of them is told by the exit code even if nobody reads on.
        eprintln!("push: the report cannot be printed: {error}");
    }
    Ok(ending(&report))
}

fn read_settings(fleet: &Fleet) -> Result<Settings, Fault> {
    let path = fleet.settings.display();
    let text = fs::read_to_string(&fleet.settings).map_err(|error| format!("{path} cannot be read: {error}"))?;
    Ok(Settings::from_json(&text).map_err(|error| error.with_path(path.to_string()))?)
}

fn print(report: &Report, json: bool) -> io::Result<()> {
    if json {
        return writeln!(io::stdout(), "{:#}", report.to_json());
    }
    let mut show = Show::new();
    show.diffs(report)?;
    show.table(report)?;
    show.gap()?;
    show.sums(report)
}

fn ending(report: &Report) -> Ending {
    if report.check().is_err() {
        Ending::NodesFailed
    } else if report.nodes.iter().any(|node| node.outcome == Outcome::Pending) {
        Ending::Pending
    } else {
        Ending::AsWanted
    }
}

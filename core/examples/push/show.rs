//! Prints plans and reports for people, on stdout.

use std::io::{self, IsTerminal, Stdout, Write};

use regconf::{NodeReport, Outcome, Report};

pub(crate) const BOLD: &str = "1";
pub(crate) const RED: &str = "31";
pub(crate) const GREEN: &str = "32";
const CYAN: &str = "36";

/// The table's columns, before the one with notes.
const HEAD: [&str; 4] = ["node", "outcome", "files", "seconds"];

/// Stdout, coloured if a person looks at it.
pub(crate) struct Show {
    out: Stdout,
    is_terminal: bool,
    is_coloured: bool,
}

impl Show {
    pub(crate) fn new() -> Self {
        let out = io::stdout();
        let is_terminal = out.is_terminal();
        Self { is_coloured: wants_colour(is_terminal), is_terminal, out }
    }

    pub(crate) fn line(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.out, "{text}")
    }

    pub(crate) fn gap(&mut self) -> io::Result<()> {
        self.line("")
    }

    pub(crate) fn title(&mut self, text: &str) -> io::Result<()> {
        self.coloured(BOLD, text)
    }

    /// The changes, once for all nodes that have the same.
    pub(crate) fn diffs(&mut self, report: &Report) -> io::Result<()> {
        for group in report.groups().iter().filter(|group| !(group.diff.is_empty() && group.activations.is_empty())) {
            self.title(&format!("==> {}: {}", group.outcome, group.nodes.join(", ")))?;
            group.diff.lines().try_for_each(|line| self.diff_line(line))?;
            let activations = group.activations.iter();
            activations.map(|a| format!("{} {}", a.action, a.unit)).try_for_each(|line| self.coloured(BOLD, &line))?;
            self.gap()?;
        }
        Ok(())
    }

    /// How many nodes ended in which way, and why the others were not begun.
    pub(crate) fn sums(&mut self, report: &Report) -> io::Result<()> {
        let mut sums: Vec<(Outcome, usize)> = Vec::new();
        for node in &report.nodes {
            match sums.iter_mut().find(|(outcome, _)| *outcome == node.outcome) {
                Some((_, sum)) => *sum += 1,
                None => sums.push((node.outcome, 1)),
            }
        }
        let sums: Vec<_> = sums.iter().map(|(outcome, sum)| format!("{sum} {outcome}")).collect();
        self.title(&sums.join(", "))?;
        report.stopped.iter().try_for_each(|why| self.coloured(RED, &why.to_string()))
    }

    fn diff_line(&mut self, line: &str) -> io::Result<()> {
        let colour = match line.as_bytes() {
            [b'+', b'+', b'+', ..] | [b'-', b'-', b'-', ..] => BOLD,
            [b'+', ..] => GREEN,
            [b'-', ..] => RED,
            [b'@', ..] => CYAN,
            _ => "",
        };
        self.coloured(colour, line)
    }

    /// A row for each node; further notes stand below it.
    pub(crate) fn table(&mut self, report: &Report) -> io::Result<()> {
        let rows: Vec<_> = report.nodes.iter().map(|node| (node, cells(node))).collect();
        let width = |i: usize| {
            let cells = rows.iter().map(|(_, cells)| cells[i].chars().count());
            cells.chain([HEAD[i].len()]).max().unwrap_or(0)
        };
        let widths = [0, 1, 2, 3].map(width);
        self.title(&row(&HEAD.map(str::to_owned), "notes", &widths))?;
        for (node, cells) in &rows {
            let mut remarks = remarks(node).into_iter();
            let first = row(cells, &remarks.next().unwrap_or_default(), &widths);
            self.coloured(if node.outcome.is_good() { "" } else { RED }, first.trim_end())?;
            let below = ["", "", "", ""].map(str::to_owned);
            remarks.try_for_each(|remark| self.coloured("", &row(&below, &remark, &widths)))?;
        }
        Ok(())
    }

    fn coloured(&mut self, colour: &str, text: &str) -> io::Result<()> {
        let text = if self.is_terminal { harmless(text) } else { text.to_owned() };
        self.line(&if self.is_coloured { painted(colour, &text) } else { text })
    }
}

fn cells(node: &NodeReport) -> [String; 4] {
    let files = node.plan.as_ref().map_or_else(String::new, |plan| plan.changes.len().to_string());
    [node.name.clone(), node.outcome.to_string(), files, format!("{:.2}", node.took.as_secs_f64())]
}

/// Why it failed, and what the plan notes.
fn remarks(node: &NodeReport) -> Vec<String> {
    let resumed = node.resumed.then(|| "done before, as the journal says".to_owned());
    let error = resumed.into_iter().chain(node.error.iter().map(ToString::to_string));
    let notes = node.plan.iter().flat_map(|plan| &plan.notes).map(|note| match &note.host {
        Some(host) => format!("{}: {host}: {}", note.engine, note.text),
        None => format!("{}: {}", note.engine, note.text),
    });
    let pulled = |pull: &&regconf::Pull| pull.passed;
    let pulls = node.pulls.iter().filter(pulled).map(|pull| format!("{} has pulled {}", pull.engine, pull.image));
    let probes = node.probes.iter().map(ToString::to_string);
    error
        .chain(notes)
        .chain(pulls)
        .chain(probes)
        .flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>())
        .collect()
}

fn row([name, outcome, files, seconds]: &[String; 4], remark: &str, [a, b, c, d]: &[usize; 4]) -> String {
    format!("{name:a$}  {outcome:b$}  {files:>c$}  {seconds:>d$}  {remark}")
}

/// Colour is for terminals, unless the user has said no: <https://no-color.org>.
pub(crate) fn wants_colour(is_terminal: bool) -> bool {
    is_terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

pub(crate) fn painted(colour: &str, text: &str) -> String {
    if colour.is_empty() { text.to_owned() } else { format!("\x1b[{colour}m{text}\x1b[0m") }
}

/// What comes from a node must not steer the terminal.
pub(crate) fn harmless(text: &str) -> String {
    text.replace(|c: char| c.is_control() && c != '\t', "\u{fffd}")
}

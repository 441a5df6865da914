//! Figures as Markdown.

use crate::client::Figures;

/// A column: its head, and what it says of a call to so many nodes.
pub(crate) type Column = (&'static str, fn(&Row) -> String);

/// A call and what it took.
pub(crate) struct Row {
    pub(crate) what: String,
    pub(crate) nodes: usize,
    pub(crate) figures: Figures,
}

impl Row {
    /// So many seconds as milliseconds for each node.
    fn each(&self, seconds: f64) -> String {
        format!("{:.2}", seconds * 1000.0 / count(self.nodes))
    }

    /// So many KiB for each node.
    fn memory_each(&self, from: u64, to: u64) -> String {
        format!("{:.1}", kib(to.saturating_sub(from)) / count(self.nodes))
    }
}

pub(crate) const WHAT: Column = ("", |row| row.what.clone());
pub(crate) const WALL: Column = ("wall, s", |row| format!("{:.1}", row.figures.wall));
pub(crate) const LAST_WELL: Column = ("last that ended well, s", |row| format!("{:.1}", row.figures.last_well));
pub(crate) const CPU: Column = ("CPU a node, ms", |row| row.each(row.figures.cpu));
pub(crate) const CALLER: Column = ("of it calling thread, ms", |row| row.each(row.figures.caller));
pub(crate) const IDLE: Column = ("idle node, KiB", |row| row.memory_each(row.figures.memory[0], row.figures.memory[1]));
pub(crate) const PEAK: Column = ("peak, MiB", |row| mib(row.figures.memory[2]));
pub(crate) const KEPT: Column =
    ("kept a node, KiB", |row| row.memory_each(row.figures.memory[1], row.figures.memory[3]));
pub(crate) const ACTIVE: Column =
    ("active node, KiB", |row| row.memory_each(row.figures.memory[1], row.figures.memory[2]));
pub(crate) const THREADS: Column = ("threads", |row| row.figures.threads.to_string());
pub(crate) const EVENTS: Column = ("events", |row| row.figures.events.to_string());
pub(crate) const WAITING: Column = ("waiting events", |row| row.figures.waiting.to_string());
pub(crate) const REPORT: Column =
    ("report, KiB a node", |row| format!("{:.1}", count(row.figures.report_bytes) / 1024.0 / count(row.nodes)));
pub(crate) const REPORT_TIME: Column = ("made in ms a node", |row| row.each(row.figures.report_seconds));
pub(crate) const REPORT_PEAK: Column = ("peak then, MiB", |row| mib(row.figures.memory[4]));
pub(crate) const JOURNAL: Column = ("journal, KiB", |row| format!("{:.0}", kib(row.figures.journal_bytes) / 1024.0));
pub(crate) const ENDS: Column = ("ends", |row| {
    row.figures.ends.iter().map(|(outcome, count)| format!("{count} {outcome}")).collect::<Vec<_>>().join(", ")
});

/// Prints a table below its title.
pub(crate) fn print(title: &str, columns: &[Column], rows: &[Row]) {
    println!("\n### {title}\n");
    let heads: Vec<_> = columns.iter().map(|(head, _)| *head).collect();
    println!("| {} |\n|{}", heads.join(" | "), " --- |".repeat(columns.len()));
    for row in rows {
        let cells: Vec<_> = columns.iter().map(|(_, cell)| cell(row)).collect();
        println!("| {} |", cells.join(" | "));
    }
}

/// The processor time of a node in the largest call over that in the smallest.
pub(crate) fn flatness(rows: &[Row]) -> String {
    let cost = |row: &Row| row.figures.cpu / count(row.nodes);
    match (rows.first(), rows.last()) {
        (Some(first), Some(last)) => {
            let ratio = cost(last) / cost(first);
            format!("A node costs {ratio:.2} times as much with {} nodes as with {}.", last.nodes, first.nodes)
        }
        _ => String::new(),
    }
}

fn mib(kibibytes: u64) -> String {
    format!("{:.0}", kib(kibibytes) / 1024.0)
}

#[allow(clippy::cast_precision_loss)]
fn count(number: usize) -> f64 {
    number as f64
}

#[allow(clippy::cast_precision_loss)]
fn kib(number: u64) -> f64 {
    number as f64
}

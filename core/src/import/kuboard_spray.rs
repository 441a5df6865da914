//! `inventory.yaml` of Kuboard-Spray: an inventory of kubespray with a group `target` and marks on nodes.

use crate::error::Result;

use super::ansible::{Host, Inventory, Reader};
use super::found::Found;
use super::kubespray;
use super::options::Options;
use super::remark::{RemarkKind, Remarks};
use super::source::Source;

/// What Kuboard-Spray is about to do with a node.
const ACTION: &str = "kuboardspray_node_action";

pub(super) fn read(source: &Source, options: &Options, remarks: &mut Remarks) -> Result<Found> {
    let inventory = Inventory::read(source, remarks)?;
    kubespray::found(&inventory, source, options, remarks, |host, reader| is_wanted(host, options, reader))
}

/// A node that is being added is taken, one that is being removed only if asked for.
fn is_wanted(host: &Host, options: &Options, reader: &mut Reader<'_, '_>) -> Result<bool> {
    let Some((action, place)) = reader.variable(&[ACTION])?.filter(|(action, _)| !action.is_empty()) else {
        return Ok(true);
    };
    if action == "add_node" {
        let text = format!("{} is marked for adding: it is taken, and may not be part of the cluster yet", host.name);
        reader.remarks.add(RemarkKind::Decided, &place, text);
        return Ok(true);
    }
    if action == "upgrade_node" || options.removed {
        return Ok(true);
    }
    if !["remove", "delete"].iter().any(|start| action.starts_with(start)) {
        let text = format!("{} is marked with {action:?}, which is not known here; it is taken", host.name);
        reader.remarks.add(RemarkKind::Unknown, &place, text);
        return Ok(true);
    }
    let text = format!("{} is marked with {action:?}, and is left out; the option removed takes it", host.name);
    reader.remarks.add(RemarkKind::Skipped, &place, text);
    Ok(false)
}

#[cfg(test)]
mod tests;

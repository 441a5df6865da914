//! An inventory in YAML, or variables alone.

use crate::error::Result;

use super::super::remark::{Place, RemarkKind, Remarks};
use super::super::source::Source;
use super::super::yaml::{Key, Yaml};
use super::{ALL, Inventory, Variable, Variables, range};

/// What a group may have.
const PARTS: [&str; 3] = ["hosts", "children", "vars"];

pub(super) fn read(source: &Source, inventory: &mut Inventory, remarks: &mut Remarks) -> Result<()> {
    let yaml = Yaml::parse(source, remarks)?;
    let top = source.place(yaml.line, "");
    if yaml.keys().is_empty() {
        return Err(yaml.not("a map of groups or of variables", &top));
    }
    if !yaml.keys().iter().all(is_group) {
        inventory.group(ALL).variables.extend(variables(&yaml, &top)?);
        return Ok(());
    }
    let mut reader = Document { inventory, remarks };
    yaml.keys().iter().try_for_each(|key| reader.group(key, &top))
}

/// The variables of a map.
pub(super) fn variables(yaml: &Yaml, place: &Place) -> Result<Variables> {
    if yaml.keys().is_empty() && !yaml.is_null() && yaml.scalar().is_some() {
        return Err(yaml.not("a map of variables", place));
    }
    let variable = |key: &Key| {
        let place = Place { path: place.path.clone(), line: Some(key.line), key: key.name.clone() };
        (key.name.clone(), Variable { value: key.value.clone(), place })
    };
    Ok(yaml.keys().iter().map(variable).collect())
}

fn is_group(key: &Key) -> bool {
    let keys = key.value.keys();
    if keys.is_empty() { key.value.is_null() } else { keys.iter().any(|key| PARTS.contains(&key.name.as_str())) }
}

struct Document<'a> {
    inventory: &'a mut Inventory,
    remarks: &'a mut Remarks,
}

impl Document<'_> {
    fn group(&mut self, group: &Key, above: &Place) -> Result<()> {
        let place = above.below(&group.name, group.line);
        self.inventory.group(&group.name);
        if group.value.keys().is_empty() && !group.value.is_null() {
            return Err(group.value.not("a map with hosts, children and vars", &place));
        }
        for part in group.value.keys() {
            let at = place.below(&part.name, part.line);
            match part.name.as_str() {
                "hosts" => self.hosts(&group.name, &part.value, &at)?,
                "children" => self.children(&group.name, &part.value, &at)?,
                "vars" => {
                    let variables = variables(&part.value, &at)?;
                    self.inventory.group(&group.name).variables.extend(variables);
                }
                _ => self.remarks.add(RemarkKind::Unknown, &at, "is no part of a group: hosts, children or vars"),
            }
        }
        Ok(())
    }

    fn hosts(&mut self, group: &str, hosts: &Yaml, place: &Place) -> Result<()> {
        if hosts.keys().is_empty() && hosts.scalar().is_some() || !hosts.items().is_empty() {
            return Err(hosts.not("a map of hosts", place));
        }
        for key in hosts.keys() {
            let at = place.below(&key.name, key.line);
            let variables = variables(&key.value, &at)?;
            for name in range::expand(&key.name).map_err(|error| at.of(error))? {
                self.inventory.group(group).hosts.insert(name.clone());
                let host_place = Place { key: name.clone(), ..at.clone() };
                self.inventory.add_host(&name, host_place).variables.extend(variables.clone());
            }
        }
        Ok(())
    }

    fn children(&mut self, group: &str, children: &Yaml, place: &Place) -> Result<()> {
        if children.scalar().is_some() || !children.items().is_empty() {
            return Err(children.not("a map of groups", place));
        }
        for child in children.keys() {
            self.inventory.group(group).children.insert(child.name.clone());
            self.group(child, place)?;
        }
        Ok(())
    }
}

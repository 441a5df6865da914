//! Which variables say something of registries, and what is made of each.

use crate::error::{Error, Result};
use crate::settings::Settings;

use super::super::ansible::{Inventory, Reader, Variable};
use super::super::registries::Registries;
use super::super::remark::{Place, RemarkKind, Remarks};
use super::{containerd, docker, mirrors};

/// What a variable is to this library.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Registries of an engine.
    Of(Engine),
    /// Registries of an engine that is not set here.
    Crio,
    /// Logins, which are not set here.
    Logins,
    /// A tool beside the engines.
    Nerdctl,
    /// It looks like one about registries, and no release of kubespray has it.
    Unknown,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Engine {
    Containerd,
    Docker,
}

impl Engine {
    fn name(self) -> &'static str {
        match self {
            Self::Containerd => "containerd",
            Self::Docker => "docker",
        }
    }
}

/// containerd's variables since 2.23, before, and up to 2.15.
const MIRRORS: &str = "containerd_registries_mirrors";
const INSECURE: &str = "containerd_insecure_registries";
const REGISTRIES: &str = "containerd_registries";
const CONFIG: &str = "containerd_config";

/// docker's variables.
const DOCKER_INSECURE: &str = "docker_insecure_registries";
const DOCKER_MIRRORS: &str = "docker_registry_mirrors";
const DOCKER_OPTIONS: &str = "docker_options";

/// What each release has of variables about registries.
fn kind(name: &str, variable: &Variable) -> Option<Kind> {
    match name {
        MIRRORS | INSECURE | REGISTRIES => Some(Kind::Of(Engine::Containerd)),
        CONFIG => variable.value.get("registries").map(|_| Kind::Of(Engine::Containerd)),
        DOCKER_INSECURE | DOCKER_MIRRORS => Some(Kind::Of(Engine::Docker)),
        DOCKER_OPTIONS => docker::are_about_registries(&variable.value).then_some(Kind::Of(Engine::Docker)),
        "crio_registries" | "crio_insecure_registries" | "crio_registries_mirrors" => Some(Kind::Crio),
        "containerd_registry_auth" | "crio_registry_auth" => Some(Kind::Logins),
        "nerdctl_extra_flags" => {
            variable.value.scalar().is_some_and(|text| text.contains("insecure")).then_some(Kind::Nerdctl)
        }
        "containerd_extra_args" => {
            variable.value.scalar().is_some_and(|text| text.contains("registry")).then_some(Kind::Unknown)
        }
        _ => looks_like_one(name).then_some(Kind::Unknown),
    }
}

/// Misspelled variables, those of forks, and those of later releases.
fn looks_like_one(name: &str) -> bool {
    let of_engine = ["containerd", "docker", "crio", "cri_o", "podman", "nerdctl"].iter().any(|s| name.starts_with(s));
    let about = ["registr", "mirror", "insecure"].iter().filter(|word| name.contains(**word)).count();
    of_engine && about > 0 || about > 1
}

/// Where variables stand that counted for some node.
#[derive(Default)]
pub(super) struct Used(Vec<Place>);

impl Used {
    fn note(&mut self, place: &Place) {
        if !self.0.contains(place) {
            self.0.push(place.clone());
        }
    }

    /// Says which variables about registries counted for no node.
    pub(super) fn remark_on_others(&self, inventory: &Inventory, remarks: &mut Remarks) {
        for (name, variable) in inventory.variables() {
            let is_set = !variable.value.is_null() && kind(name, variable).is_some();
            if is_set && !self.0.contains(&variable.place) {
                let text =
                    "counts for no node that is imported: none has it, or something nearer to the nodes replaces it";
                remarks.add(RemarkKind::Ineffective, &variable.place, text);
            }
        }
    }
}

/// What the variables that count for a host want.
pub(super) fn settings(reader: &mut Reader<'_, '_>, used: &mut Used) -> Result<Settings> {
    let manager = reader.variable(&["container_manager"])?;
    let manager = manager.as_ref().map(|(name, _)| name.as_str());
    let mut registries = Registries::default();
    let mut found: Vec<_> = reader.scope.iter().filter(|(_, variable)| !variable.value.is_null()).collect();
    found.sort_by_key(|(name, _)| ORDER.iter().position(|known| known == name).unwrap_or(ORDER.len()));
    for (name, variable) in found {
        let Some(kind) = kind(name, variable) else { continue };
        used.note(&variable.place);
        if let Some((remark, why)) = why_not(name, kind, manager, reader) {
            reader.remarks.add(remark, &variable.place, why);
        } else {
            read(name, variable, &mut registries, reader).map_err(|error| in_file(error, &variable.place))?;
        }
    }
    registries.into_settings()
}

/// Says of variables that only an old kubespray reads what a newer one makes of them.
pub(super) fn remark_on_old(inventory: &Inventory, remarks: &mut Remarks) {
    if inventory.variables().any(|(name, _)| name == MIRRORS) {
        return;
    }
    for (name, variable) in inventory.variables().filter(|(name, _)| [INSECURE, REGISTRIES].contains(name)) {
        let text = format!(
            "is read as kubespray up to 2.22 does; from 2.23 on it has no effect, and {MIRRORS} replaces {name}"
        );
        if !variable.value.is_null() {
            remarks.add(RemarkKind::Decided, &variable.place, text);
        }
    }
}

/// Newer variables first, for of two that differ the first one counts.
const ORDER: [&str; 7] = [MIRRORS, INSECURE, REGISTRIES, CONFIG, DOCKER_INSECURE, DOCKER_MIRRORS, DOCKER_OPTIONS];

/// Why a variable is left out, if it is.
fn why_not(name: &str, kind: Kind, manager: Option<&str>, reader: &Reader<'_, '_>) -> Option<(RemarkKind, String)> {
    let ineffective = |why: String| Some((RemarkKind::Ineffective, why));
    match kind {
        Kind::Of(engine) => match manager {
            Some(manager) if manager != engine.name() => {
                ineffective(format!("has no effect, for container_manager is {manager}"))
            }
            _ if is_replaced(name, reader) => {
                ineffective(format!("has no effect: a kubespray that has {MIRRORS} does not read it"))
            }
            _ => None,
        },
        Kind::Crio => ineffective("is for CRI-O, which this library does not set".to_owned()),
        Kind::Logins => {
            let why = "logins are not set by this library; use imagePullSecrets, or a header of an endpoint";
            Some((RemarkKind::Skipped, why.to_owned()))
        }
        Kind::Nerdctl => Some((RemarkKind::Skipped, "is about nerdctl alone, and no engine reads it".to_owned())),
        Kind::Unknown => {
            Some((RemarkKind::Unknown, "seems to be about registries and is not known; left out".to_owned()))
        }
    }
}

/// Since 2.23 only the new variable is read.
fn is_replaced(name: &str, reader: &Reader<'_, '_>) -> bool {
    [INSECURE, REGISTRIES].contains(&name) && reader.scope.get(MIRRORS).is_some()
}

fn read(name: &str, variable: &Variable, out: &mut Registries, reader: &mut Reader<'_, '_>) -> Result<()> {
    let (value, place) = (&variable.value, &variable.place);
    if name == DOCKER_OPTIONS {
        // Its flags are resolved one by one, for most of them are not about registries.
        return docker::options(value, place, out, reader);
    }
    let Some(value) = reader.value(value, place) else { return Ok(()) };
    match name {
        MIRRORS => mirrors::read(&value, place, out, reader),
        INSECURE => containerd::insecure(&value, place, out, reader),
        REGISTRIES => containerd::registries(&value, place, out, reader),
        CONFIG => match value.get("registries") {
            Some(below) => containerd::registries(below, &place.below("registries", below.line), out, reader),
            None => Ok(()),
        },
        DOCKER_INSECURE => docker::insecure(&value, place, out, reader),
        _ => docker::mirrors(&value, place, out, reader),
    }
}

fn in_file(error: Error, place: &Place) -> Error {
    match &place.path {
        Some(path) => error.with_path(&**path),
        None => error,
    }
}

//! ARCHITECTURE.md maps what Rust can do to what other languages can do: here is seen that nothing is missing there, and that
//! nothing stands there that is not.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use syn::{ImplItem, Item, UseTree, Visibility};

fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The rows of the table: the names in each of its cells.
fn rows() -> Vec<Vec<BTreeSet<String>>> {
    let text = fs::read_to_string(project().join("ARCHITECTURE.md")).unwrap();
    let table = text.lines().skip_while(|line| !line.starts_with("| Rust | C | Go | Python |")).skip(2);
    let names = |cell: &str| cell.split('`').skip(1).step_by(2).map(str::to_owned).collect();
    let rows: Vec<Vec<_>> = table
        .take_while(|line| line.starts_with('|'))
        .map(|line| line.trim_matches('|').split(" | ").map(names).collect())
        .collect();
    assert!(rows.len() > 20 && rows.iter().all(|row| row.len() == 4), "the table is not as it was: {rows:?}");
    rows
}

fn column(index: usize) -> BTreeSet<String> {
    rows().into_iter().filter_map(|row| row.into_iter().nth(index)).flatten().collect()
}

fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

/// Modules of which every public item is a capability, named with the module in front.
const MODULES: [&str; 2] = ["import", "inventory"];

/// The names that a file exports by `pub use`; for lib.rs those outside of its public modules.
fn exported(file: &str) -> BTreeSet<String> {
    fn names(tree: &UseTree, into: &mut BTreeSet<String>) {
        match tree {
            UseTree::Path(path) => names(&path.tree, into),
            UseTree::Name(name) => drop(into.insert(name.ident.to_string())),
            UseTree::Group(group) => group.items.iter().for_each(|tree| names(tree, into)),
            UseTree::Rename(_) | UseTree::Glob(_) => unreachable!("names are exported one by one"),
        }
    }
    let mut all = BTreeSet::new();
    for item in &parsed(&project().join("core/src").join(file)).items {
        if let Item::Use(item) = item
            && is_public(&item.vis)
        {
            names(&item.tree, &mut all);
        }
    }
    all
}

fn parsed(path: &Path) -> syn::File {
    syn::parse_file(&fs::read_to_string(path).unwrap()).unwrap()
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] }).collect()
}

/// What is exported, and how it is called in the table.
struct Exported {
    names: BTreeSet<String>,
    prefix: String,
}

impl Exported {
    fn of_crate() -> Self {
        Self { names: exported("lib.rs"), prefix: String::new() }
    }

    /// A module exports what its file has and what it takes from those below it.
    fn of_module(module: &str) -> Self {
        let file = format!("{module}.rs");
        let mut names = exported(&file);
        for item in &parsed(&project().join("core/src").join(&file)).items {
            match item {
                Item::Fn(item) if is_public(&item.vis) => drop(names.insert(item.sig.ident.to_string())),
                Item::Struct(item) if is_public(&item.vis) => drop(names.insert(item.ident.to_string())),
                _ => {}
            }
        }
        Self { names, prefix: format!("{module}::") }
    }

    /// Functions, methods and fields that a file adds to it.
    fn in_file(&self, path: &Path) -> Vec<String> {
        let is_there = |name: &syn::Ident| self.names.contains(&name.to_string());
        let mut all = Vec::new();
        for item in parsed(path).items {
            match item {
                Item::Fn(item) if is_public(&item.vis) && is_there(&item.sig.ident) => {
                    all.push(item.sig.ident.to_string());
                }
                Item::Struct(item) if is_there(&item.ident) => {
                    let fields = item.fields.iter().filter(|field| is_public(&field.vis));
                    let names = fields.filter_map(|field| field.ident.as_ref());
                    all.extend(names.map(|name| format!("{}::{name}", item.ident)));
                }
                Item::Impl(item) if item.trait_.is_none() => {
                    let syn::Type::Path(of) = &*item.self_ty else { continue };
                    let of = &of.path.segments.last().unwrap().ident;
                    let methods = item.items.iter().filter_map(|item| match item {
                        ImplItem::Fn(method) if is_public(&method.vis) => Some(&method.sig.ident),
                        _ => None,
                    });
                    all.extend(methods.filter(|_| is_there(of)).map(|name| format!("{of}::{name}")));
                }
                _ => {}
            }
        }
        all.into_iter().map(|name| format!("{}{name}", self.prefix)).collect()
    }
}

/// What can be called or set: functions, methods and fields of what is exported.
fn capabilities() -> BTreeSet<String> {
    let root = project().join("core/src");
    let of_crate = Exported::of_crate();
    let of_modules = MODULES.map(|module| (module, Exported::of_module(module)));
    let mut all = BTreeSet::new();
    for path in sources(&root).into_iter().filter(|path| path.extension().is_some_and(|e| e == "rs")) {
        let inside = path.strip_prefix(&root).unwrap().with_extension("");
        let module = of_modules.iter().find(|(module, _)| inside.starts_with(module));
        all.extend(module.map_or(&of_crate, |(_, exported)| exported).in_file(&path));
    }
    all
}

/// The functions that the header declares.
fn functions_of_c() -> BTreeSet<String> {
    let text = fs::read_to_string(project().join("include/regconf.h")).unwrap();
    let declarations = text.lines().filter(|line| line.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_'));
    let name = |line: &str| {
        let before = line.split_once('(')?.0;
        let name = before.rsplit(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).next()?;
        name.starts_with("regconf_").then(|| name.to_owned())
    };
    declarations.filter(|line| !line.starts_with("typedef")).filter_map(name).collect()
}

#[test]
fn each_capability_of_rust_has_a_row() {
    let (all, there) = (capabilities(), column(0));
    assert!(all.len() > 100 && all.contains("Settings::ensure") && all.contains("import::load"), "{all:?}");
    assert_eq!(all.difference(&there).collect::<Vec<_>>(), Vec::<&String>::new(), "without a row in ARCHITECTURE.md");
    assert_eq!(there.difference(&all).collect::<Vec<_>>(), Vec::<&String>::new(), "in ARCHITECTURE.md only");
}

#[test]
fn each_function_of_c_has_a_row() {
    let (all, there) = (functions_of_c(), column(1));
    let there: BTreeSet<_> = there.into_iter().filter(|name| name.starts_with("regconf_")).collect();
    assert!(all.len() > 80, "{all:?}");
    assert_eq!(all.difference(&there).collect::<Vec<_>>(), Vec::<&String>::new(), "without a row in ARCHITECTURE.md");
    assert_eq!(there.difference(&all).collect::<Vec<_>>(), Vec::<&String>::new(), "in ARCHITECTURE.md only");
}

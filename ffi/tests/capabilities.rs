//! ARCHITECTURE.md maps what Rust can do to what C and Go can do: here is seen that nothing is missing there, and that
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
    let table = text.lines().skip_while(|line| !line.starts_with("| Rust | C | Go |")).skip(2);
    let names = |cell: &str| cell.split('`').skip(1).step_by(2).map(str::to_owned).collect();
    let rows: Vec<Vec<_>> = table
        .take_while(|line| line.starts_with('|'))
        .map(|line| line.trim_matches('|').split(" | ").map(names).collect())
        .collect();
    assert!(rows.len() > 20 && rows.iter().all(|row| row.len() == 3), "the table is not as it was: {rows:?}");
    rows
}

fn column(index: usize) -> BTreeSet<String> {
    rows().into_iter().filter_map(|row| row.into_iter().nth(index)).flatten().collect()
}

fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

/// The names that lib.rs exports, without those of its public modules.
fn exported() -> BTreeSet<String> {
    fn names(tree: &UseTree, into: &mut BTreeSet<String>) {
        match tree {
            UseTree::Path(path) => names(&path.tree, into),
            UseTree::Name(name) => drop(into.insert(name.ident.to_string())),
            UseTree::Group(group) => group.items.iter().for_each(|tree| names(tree, into)),
            UseTree::Rename(_) | UseTree::Glob(_) => unreachable!("lib.rs exports by name"),
        }
    }
    let mut all = BTreeSet::new();
    for item in &parsed(&project().join("core/src/lib.rs")).items {
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

/// What can be called or set: functions, methods and fields of what is exported.
fn capabilities() -> BTreeSet<String> {
    let exported = exported();
    let mut all = BTreeSet::new();
    let rust =
        sources(&project().join("core/src")).into_iter().filter(|path| path.extension().is_some_and(|e| e == "rs"));
    for path in rust {
        let is_inventory = path.ends_with("core/src/inventory.rs");
        for item in parsed(&path).items {
            match item {
                Item::Fn(item) if is_public(&item.vis) && is_inventory => {
                    all.insert(format!("inventory::{}", item.sig.ident));
                }
                Item::Fn(item) if is_public(&item.vis) && exported.contains(&item.sig.ident.to_string()) => {
                    all.insert(item.sig.ident.to_string());
                }
                Item::Struct(item) if exported.contains(&item.ident.to_string()) => {
                    let fields = item.fields.iter().filter(|field| is_public(&field.vis));
                    let names = fields.filter_map(|field| field.ident.as_ref());
                    all.extend(names.map(|name| format!("{}::{name}", item.ident)));
                }
                Item::Impl(item) if item.trait_.is_none() => {
                    let syn::Type::Path(of) = &*item.self_ty else { continue };
                    let of = of.path.segments.last().unwrap().ident.to_string();
                    let methods = item.items.iter().filter_map(|item| match item {
                        ImplItem::Fn(method) if is_public(&method.vis) => Some(&method.sig.ident),
                        _ => None,
                    });
                    if exported.contains(&of) {
                        all.extend(methods.map(|name| format!("{of}::{name}")));
                    }
                }
                _ => {}
            }
        }
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
    assert!(all.len() > 100 && all.contains("Settings::ensure") && all.contains("inventory::load"), "{all:?}");
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

//! Any text as what other tools keep: inventories, and settings of registries.
#![no_main]

use regconf::import::{self, Options};
use regconf::{Settings, inventory};

libfuzzer_sys::fuzz_target!(|text: &str| {
    let mut options = Options::default();
    options.all_hosts = text.len().is_multiple_of(2);
    let Ok(imported) = import::parse(text, &options) else { return };
    if let Ok(list) = inventory::to_json(&imported.nodes)
        && !imported.nodes.is_empty()
    {
        let again = inventory::parse(&list.to_string());
        assert_eq!(again.as_ref(), Ok(&imported.nodes), "the nodes are read as others");
    }
    let again = Settings::from_json(&imported.settings.to_json().to_string());
    assert_eq!(again.as_ref(), Ok(&imported.settings), "the settings are read as others");
    for remark in &imported.remarks {
        assert!(remark.path.is_none() && !remark.text.is_empty(), "{remark}");
        let last = text.lines().count().max(1);
        assert!(remark.line.is_none_or(|line| (1..=last).contains(&line)), "{remark} of {last} lines");
    }
    let exported = import::to_kubespray(&imported.settings).map(|exported| import::parse(&exported.text, &options));
    assert!(matches!(exported, Ok(Ok(_))), "what is written for kubespray cannot be read: {exported:?}");
});

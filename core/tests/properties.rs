//! What holds for every node's files and every settings: nothing is lost, twice is once, and removing goes back.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic)]

#[path = "properties/config.rs"]
mod config;
#[path = "properties/daemon.rs"]
mod daemon;
#[path = "properties/explained.rs"]
mod explained;
#[path = "properties/hosts.rs"]
mod hosts;
#[path = "properties/judge.rs"]
mod judge;
#[path = "properties/laws.rs"]
mod laws;
#[path = "properties/node.rs"]
mod node;
#[path = "properties/regressions.rs"]
mod regressions;
#[path = "properties/spelled.rs"]
mod spelled;
#[path = "properties/text.rs"]
mod text;
#[path = "properties/wishes.rs"]
mod wishes;

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use serde_json::json;

/// The same cases at every run; `PROPTEST_CASES` and `PROPTEST_RNG_SEED` ask for more and others.
fn cases(count: u32) -> ProptestConfig {
    let given = ProptestConfig::default();
    let is_set = |name: &str| std::env::var_os(name).is_some();
    ProptestConfig {
        cases: if is_set("PROPTEST_CASES") { given.cases } else { count },
        rng_seed: if is_set("PROPTEST_RNG_SEED") { given.rng_seed } else { RngSeed::Fixed(20_261_124) },
        failure_persistence: None,
        max_shrink_iters: 20_000,
        ..given
    }
}

fn held(verdict: judge::Verdict) -> Result<(), TestCaseError> {
    verdict.map_err(TestCaseError::fail)
}

proptest! {
    #![proptest_config(cases(400))]

    #[test]
    fn nothing_else_changes_and_twice_is_once(node in node::node(), settings in wishes::settings()) {
        held(laws::lossless(&node, &settings))?;
        held(laws::once(&node, &settings))?;
    }

    #[test]
    fn mirrors_go_back(node in node::with_mirrors(), ensured in wishes::ensured(1..=2)) {
        held(laws::back(&node, ensured))?;
    }

    #[test]
    fn hosts_go_back(node in node::with_hosts_toml(), ensured in wishes::ensured(1..=2)) {
        held(laws::back(&node, ensured))?;
    }

    #[test]
    fn a_hosts_toml_is_merged(node in node::with_hosts_toml(), settings in wishes::settings()) {
        held(laws::lossless(&node, &settings))?;
        held(laws::once(&node, &settings))?;
    }

    #[test]
    fn what_is_explained_is_what_was_wanted(node in node::node(), settings in wishes::settings()) {
        held(explained::as_wanted(&node, &settings))?;
        held(explained::others_as_before(&node, &settings))?;
    }

    #[test]
    fn what_is_explained_of_mirrors_is_what_was_wanted(node in node::with_mirrors(), ensured in wishes::ensured(1..=2)) {
        let settings = json!({"ensure": ensured, "remove": []});
        held(explained::as_wanted(&node, &settings))?;
        held(explained::others_as_before(&node, &settings))?;
    }

    #[test]
    fn what_is_explained_of_a_hosts_toml_is_what_was_wanted(node in node::with_hosts_toml(), settings in wishes::settings()) {
        held(explained::as_wanted(&node, &settings))?;
        held(explained::others_as_before(&node, &settings))?;
    }

    #[test]
    fn removing_goes_back(node in node::node(), ensured in wishes::ensured(1..=3)) {
        held(laws::back(&node, ensured))?;
    }
}

proptest! {
    #![proptest_config(cases(200))]

    #[test]
    fn the_order_of_registries_does_not_matter(node in node::node(), ensured in wishes::ensured(2..=3)) {
        held(laws::any_order(&node, &ensured))?;
    }

    #[test]
    fn removing_one_leaves_the_others(node in node::node(), ensured in wishes::ensured(2..=3)) {
        held(laws::apart(&node, ensured))?;
    }

    #[test]
    fn what_is_right_in_any_spelling_is_left_alone((node, settings) in spelled::right()) {
        held(laws::nothing_to_do(&node, &settings))?;
    }

    #[test]
    fn odd_settings_and_node_lists_do_no_harm(value in wishes::odd_json(), text in any::<String>()) {
        drop(regconf::Settings::from_json(&value.to_string()));
        drop(regconf::Settings::from_json(&json!({"ensure": [value], "remove": [value]}).to_string()));
        drop(regconf::Settings::from_json(&text));
        drop(regconf::inventory::parse(&value.to_string()));
        drop(regconf::inventory::parse(&json!({"nodes": [value], "defaults": value}).to_string()));
        drop(regconf::inventory::parse(&text));
    }

    #[test]
    fn odd_lines_do_no_harm(text in "([a-z@:.#\\[\\] \\t{}/0-9é-]{0,12}[\\n\\r]{0,2}){0,6}") {
        drop(regconf::inventory::parse(&text));
        drop(text.parse::<regconf::RegistryHost>());
        drop(text.parse::<regconf::EndpointUrl>());
    }

    #[test]
    fn odd_files_do_no_harm(
        node in node::node(),
        settings in wishes::settings(),
        at in any::<prop::sample::Index>(),
        cut in 0..40_usize,
        put in prop::sample::select(vec!["", "[", "]", "\"", "'''", "=", "{", "}", ",", "\n", "\r", "\0", "#", "é", "[host]"])
    ) {
        held(laws::damaged(&node, &settings, at, cut, put))?;
    }
}

//! What is built into the program: licences, sources and doubles of all dependencies, by the lists in `deny.toml`.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

fn lists() -> toml::Table {
    toml::from_str(include_str!("../../deny.toml")).expect("TOML")
}

fn strings(of: &toml::Value, key: &str) -> BTreeSet<String> {
    of[key]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|v| v.as_str().or_else(|| v["name"].as_str()))
        .map(str::to_owned)
        .collect()
}

/// Whether an SPDX expression can be kept to by the licences allowed: `A OR B`, `A AND (B OR C)`, `A WITH X`, and the old `A/B`.
fn allowed(expression: &str, allow: &BTreeSet<String>) -> bool {
    let text = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let mut words = text.split_whitespace().peekable();
    any(&mut words, allow)
}

type Words<'w> = std::iter::Peekable<std::str::SplitWhitespace<'w>>;

fn any(words: &mut Words<'_>, allow: &BTreeSet<String>) -> bool {
    let mut fine = all(words, allow);
    while words.next_if_eq(&"OR").is_some() {
        fine |= all(words, allow);
    }
    fine
}

fn all(words: &mut Words<'_>, allow: &BTreeSet<String>) -> bool {
    let mut fine = one(words, allow);
    while words.next_if_eq(&"AND").is_some() {
        fine &= one(words, allow);
    }
    fine
}

fn one(words: &mut Words<'_>, allow: &BTreeSet<String>) -> bool {
    match words.next() {
        Some("(") => {
            let fine = any(words, allow);
            words.next();
            fine
        }
        Some(id) => {
            let with = words.next_if_eq(&"WITH").and_then(|_| words.next());
            allow.contains(&with.map_or_else(|| id.to_owned(), |w| format!("{id} WITH {w}")))
        }
        None => false,
    }
}

#[test]
fn dependencies_are_of_the_licences_and_sources_that_are_allowed() {
    let out = Command::new(env!("CARGO"))
        .args(["metadata", "--locked", "--all-features", "--format-version", "1"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    let tree: Value =
        serde_json::from_slice(&out.stdout).unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&out.stderr)));
    let lists = lists();
    let allow = strings(&lists["licenses"], "allow");
    let registries = strings(&lists["sources"], "allow-registry");
    let skip = strings(&lists["bans"], "skip");
    let (mut wrong, mut versions) = (Vec::new(), BTreeMap::<&str, BTreeSet<&str>>::new());
    for p in tree["packages"].as_array().expect("packages").iter().filter(|p| p["source"].is_string()) {
        let (name, version) = (p["name"].as_str().expect("a name"), p["version"].as_str().expect("a version"));
        let license = p["license"].as_str().unwrap_or("");
        let source = p["source"].as_str().unwrap_or("");
        if !allowed(license, &allow) {
            wrong.push(format!("{name} {version}: licence `{license}`"));
        }
        if !source.strip_prefix("registry+").is_some_and(|s| registries.contains(s)) {
            wrong.push(format!("{name} {version}: from {source}"));
        }
        versions.entry(name).or_default().insert(version);
    }
    assert!(versions.len() > 100, "{} packages", versions.len());
    let doubles = versions.iter().filter(|(name, v)| v.len() > 1 && !skip.contains(**name));
    wrong.extend(doubles.map(|(name, v)| format!("{name}: versions {v:?}")));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn licences_are_read_as_spdx_means_them() {
    let allow = ["MIT", "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "ISC"].map(str::to_owned).into();
    for fine in ["MIT", "GPL-3.0 OR MIT", "MIT/GPL-3.0", "ISC AND (GPL-2.0 OR MIT)", "Apache-2.0 WITH LLVM-exception OR GPL-2.0"]
    {
        assert!(allowed(fine, &allow), "{fine}");
    }
    for wrong in ["", "GPL-3.0", "MIT AND GPL-3.0", "MIT WITH something", "(GPL-2.0 OR LGPL-2.1) AND MIT"] {
        assert!(!allowed(wrong, &allow), "{wrong}");
    }
}

/// What unsafe code there is would be in dependencies: the compiler refuses it here.
#[test]
fn no_unsafe_code_is_allowed_here() {
    let manifest: toml::Table = toml::from_str(include_str!("../../Cargo.toml")).expect("TOML");
    assert_eq!(manifest["lints"]["rust"]["unsafe_code"].as_str(), Some("forbid"));
}

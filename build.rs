//! Lists the definition files, so that a new format or cause is a new file and nothing else. Each is there twice: as it is written, for people
//! and for errors, and as JSON, which is read many times faster when the program starts. So is found out here with which bytes a line must begin, and which
//! text it must hold, for each of their patterns to match, and so become the templates of request lines code.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{env, fs};

use self::first::FirstBytes;

#[allow(dead_code)]
#[path = "src/parser/cut/draft.rs"]
mod draft;
#[allow(dead_code)]
#[path = "src/parser/cut/first.rs"]
mod first;
#[allow(dead_code)]
#[path = "src/parser/cut/needed.rs"]
mod needed;

fn main() {
    let root = env::var("CARGO_MANIFEST_DIR").expect("cargo sets it");
    let out = env::var("OUT_DIR").expect("cargo sets it");
    let mut code = String::new();
    let (mut patterns, mut templates) = (BTreeSet::new(), BTreeSet::new());
    for (folder, name) in [("parsers", "BUILTIN_PARSERS"), ("causes", "BUILTIN_CAUSES")] {
        let dir = Path::new(&root).join(folder);
        println!("cargo::rerun-if-changed={}", dir.display());
        let mut files: Vec<_> = fs::read_dir(&dir)
            .unwrap_or_else(|e| panic!("{}: {e}", dir.display()))
            .filter_map(|e| Some(e.ok()?.path()))
            .filter(|p| p.extension().is_some_and(|e| e == "toml"))
            .collect();
        files.sort();
        code.push_str(&format!("/// The files of `{folder}/`.\npub(crate) const {name}: &[Builtin] = &[\n"));
        for file in files {
            println!("cargo::rerun-if-changed={}", file.display());
            let stem = file.file_name().expect("a file has a name").to_string_lossy().into_owned();
            let json = Path::new(&out).join(format!("{folder}_{stem}.json"));
            let definition = definition(&file);
            definition.iter().for_each(|d| collect_patterns(d, &mut patterns));
            templates.extend(definition.iter().flat_map(request_templates));
            // One that is broken is left as it is: the program says what is wrong with it, and where.
            let text = definition.and_then(|d| serde_json::to_string(&d).ok()).unwrap_or_default();
            fs::write(&json, text).expect("the build folder can be written");
            code.push_str(&format!(
                "    Builtin {{ path: \"{folder}/{stem}\", text: include_str!({file:?}), json: include_str!({json:?}) }},\n"
            ));
        }
        code.push_str("];\n");
    }
    code.push_str("/// The patterns of built-in definitions, sorted.\npub(crate) const PATTERNS: &[Known] = &[\n");
    for pattern in patterns {
        let (first, needs) = (FirstBytes::of(&pattern).map(|f| f.to_words()), needed::text(&pattern));
        let needs = needs.map_or("None".to_owned(), |n| format!("Some(b\"{}\")", n.escape_ascii()));
        code.push_str(&format!("    Known {{ pattern: {pattern:?}, first: {first:?}, needs: {needs} }},\n"));
    }
    code.push_str("];\n");
    code.push_str("/// The files of `locales/`: path and text.\npub(crate) const LOCALES: &[(&str, &str)] = &[\n");
    for (path, file) in locales(Path::new(&root)) {
        code.push_str(&format!("    ({path:?}, include_str!({:?})),\n", file.display().to_string()));
    }
    code.push_str("];\n");
    fs::write(Path::new(&out).join("builtin_definitions.rs"), code).expect("the build folder can be written");
    fs::write(Path::new(&out).join("walks.rs"), walks(&templates)).expect("the build folder can be written");
}

/// The templates of a definition's request lines: of all lines, those are the many.
fn request_templates(definition: &toml::Table) -> Vec<String> {
    let lines = definition.get("line").and_then(toml::Value::as_array).into_iter().flatten();
    let requests = lines.filter(|l| l.get("request").and_then(toml::Value::as_bool) == Some(true));
    requests.filter_map(|l| Some(l.get("template")?.as_str()?.to_owned())).collect()
}

/// Code for each template: a call of `walk!` (`src/parser/cut/known.rs`), and the table in which it is found.
fn walks(templates: &BTreeSet<String>) -> String {
    let (mut code, mut table) = (String::new(), String::new());
    for (number, template) in templates.iter().enumerate() {
        // One that is broken has none: the program says what is wrong with it.
        let Ok(drafts) = draft::read(template) else { continue };
        let steps = drafts.iter().enumerate().map(|(i, d)| {
            let kind = d.kind.map_or("None".to_owned(), |k| format!("Some(FieldKind::{k:?})"));
            format!("    ({i}, {kind}, {}, b\"{}\")\n", d.name.is_some(), d.literal.escape_ascii())
        });
        code.push_str(&format!("walk! {{ walk_{number}:\n{}}}\n", steps.collect::<String>()));
        table.push_str(&format!("    ({template:?}, walk_{number}),\n"));
    }
    format!("{code}static WALKS: &[(&str, Walk)] = &[\n{table}];\n")
}

fn definition(file: &Path) -> Option<toml::Table> {
    let text = fs::read_to_string(file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    toml::from_str(&text).ok()
}

/// Collects the texts of all `regex = …`.
fn collect_patterns(table: &toml::Table, patterns: &mut BTreeSet<String>) {
    for (key, value) in table {
        match value {
            toml::Value::String(text) if key == "regex" => drop(patterns.insert(text.clone())),
            toml::Value::Table(inner) => collect_patterns(inner, patterns),
            toml::Value::Array(items) => {
                items.iter().filter_map(toml::Value::as_table).for_each(|t| collect_patterns(t, patterns))
            }
            _ => {}
        }
    }
}

/// `locales/LANGUAGE/*.ftl` and `locales/LANGUAGE/definitions/*.toml`, in order.
fn locales(root: &Path) -> Vec<(String, PathBuf)> {
    let mut found = Vec::new();
    let mut open = vec![root.join("locales")];
    while let Some(dir) = open.pop() {
        println!("cargo::rerun-if-changed={}", dir.display());
        for path in fs::read_dir(&dir).unwrap_or_else(|e| panic!("{}: {e}", dir.display())).filter_map(|e| Some(e.ok()?.path())) {
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|e| e == "ftl" || e == "toml") {
                println!("cargo::rerun-if-changed={}", path.display());
                let name = path.strip_prefix(root).expect("it lies under the root").to_string_lossy().into_owned();
                found.push((name, path));
            }
        }
    }
    found.sort();
    found
}

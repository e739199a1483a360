//! The tables of formats and causes in the documentation are made from the definitions. `FIVEXX_WRITE_DOCS=1 cargo test --test docs`
//! writes them anew; without it, the test fails where they are not current.

use std::fmt::Write;
use std::path::Path;

use fivexx::diagnosis::cause::{Causes, Part};
use fivexx::diagnosis::harness::test_cause;
use fivexx::lang::Lang;
use fivexx::parser::catalog::Catalog;
use fivexx::parser::definition::Kind;
use fivexx::parser::harness::test_file;
use fivexx::words::Layer;

/// All layers that definitions name, outermost first.
const LAYERS: [Layer; 10] = [
    Layer::Client,
    Layer::LoadBalancer,
    Layer::WebServer,
    Layer::AppQueue,
    Layer::AppServer,
    Layer::App,
    Layer::Dependency,
    Layer::Host,
    Layer::Orchestration,
    Layer::None,
];

/// Puts a text between `<!-- NAME: begin … -->` and `<!-- NAME: end -->` of a file, or says that it is not the one that stands there.
fn hold(file: &str, name: &str, made: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{file}: {e}"));
    let begin = text.find(&format!("<!-- {name}: begin")).unwrap_or_else(|| panic!("{file} has no mark `{name}: begin`"));
    let begin = begin + text[begin..].find("-->").expect("the mark is closed") + 4;
    let end = text.find(&format!("<!-- {name}: end -->")).unwrap_or_else(|| panic!("{file} has no mark `{name}: end`"));
    let made = format!("\n{made}\n");
    if text[begin..end] == made {
        return;
    }
    assert!(
        std::env::var_os("FIVEXX_WRITE_DOCS").is_some(),
        "{file}: the part `{name}` is not what the definitions say; write it anew with FIVEXX_WRITE_DOCS=1 cargo test --all-features --test docs"
    );
    std::fs::write(&path, format!("{}{made}{}", &text[..begin], &text[end..])).unwrap_or_else(|e| panic!("{file}: {e}"));
}

fn cell(text: &str) -> String {
    let plain = |t: &str| t.replace('<', "&lt;").replace('*', "\\*").replace('_', "\\_");
    // What stands between backticks is code, and stays as it is.
    let parts = text.trim().split('`').enumerate().map(|(i, t)| if i % 2 == 0 { plain(t) } else { t.to_owned() });
    parts.collect::<Vec<_>>().join("`").replace('|', "\\|").replace('\n', " ")
}

fn linked(text: &str, reference: &str) -> String {
    match reference.starts_with("http") {
        true => format!("[{}]({reference})", cell(text)),
        false => cell(text),
    }
}

#[test]
fn the_tables_of_formats_are_current() {
    let catalog = Catalog::builtin().expect("the built-in parsers load");
    let mut table = String::from("| Format | Parser | Layer | Kind | Samples |\n| --- | --- | --- | --- | ---: |\n");
    for format in &catalog.formats {
        let d = &format.definition;
        let kind = match d.kind {
            Kind::Log => "log",
            Kind::Envelope => "envelope",
            _ => "metrics",
        };
        let layer = d.layer.map_or("any".to_owned(), |l| l.title(Lang::En));
        let title = linked(&d.title, &d.reference);
        let _ = writeln!(table, "| {title} | `{}` | {layer} | {kind} | {} |", d.name, d.samples.len());
    }
    hold("docs/known.md", "formats", &table);

    let mut short = String::from("| Layer | Formats |\n| --- | --- |\n");
    for layer in LAYERS.into_iter().map(Some).chain([None]) {
        let names: Vec<String> =
            catalog.formats.iter().filter(|f| f.definition.layer == layer).map(|f| format!("`{}`", f.definition.name)).collect();
        if !names.is_empty() {
            let _ = writeln!(
                short,
                "| {} | {} |",
                layer.map_or("any, taken out of its envelope".to_owned(), |l| l.title(Lang::En)),
                names.join(", ")
            );
        }
    }
    hold("README.md", "formats", &short);
}

#[test]
fn the_tables_of_causes_are_current() {
    let catalog = Catalog::builtin().expect("the built-in parsers load");
    let causes = Causes::load(&[], &catalog).expect("the built-in causes load");
    let mut table = String::from(
        "| Cause | Id | Layer | Drops requests | Lies behind a drop | Seen in |\n| --- | --- | --- | :---: | :---: | --- |\n",
    );
    let mut short = String::from("| Layer | Causes |\n| --- | --- |\n");
    for layer in LAYERS {
        let of: Vec<_> = causes.all.iter().filter(|c| c.layer == layer).collect();
        for c in &of {
            let mark = |part: &Part| if c.can_be.contains(part) { "yes" } else { "–" };
            let seen: Vec<String> = c.seen_by.iter().map(|s| format!("`{s}`")).collect();
            let _ = writeln!(
                table,
                "| {} | `{}` | {} | {} | {} | {} |",
                linked(&c.title, &c.reference),
                c.id,
                layer.title(Lang::En),
                mark(&Part::Drop),
                mark(&Part::Root),
                seen.join(", ")
            );
        }
        if !of.is_empty() {
            let names: Vec<String> = of.iter().map(|c| format!("`{}`", c.id)).collect();
            let _ = writeln!(short, "| {} | {} |", layer.title(Lang::En), names.join(", "));
        }
    }
    hold("docs/known.md", "causes", &table);
    hold("README.md", "causes", &short);
}

/// The blocks of a Markdown file with this language.
fn blocks(text: &str, language: &str) -> Vec<String> {
    let fence = format!("```{language}\n");
    text.split(&fence).skip(1).filter_map(|rest| Some(rest.split_once("\n```")?.0.to_owned() + "\n")).collect()
}

/// The walk-through's format and cause are what they claim to be.
#[test]
fn the_worked_example_passes_its_samples() {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/add-a-format.md")).expect("it is there");
    let [parser, cause] = blocks(&text, "toml").try_into().expect("one format and one cause");
    let outcome = test_file("shop_gateway.toml", &parser);
    assert_eq!(outcome.faults, Vec::<String>::new());
    assert!(text.contains(&format!("ok   shop_gateway: {} samples", outcome.samples)));

    let dir = tempfile::tempdir().expect("a folder");
    let (parsers, causes) = (dir.path().join("parsers"), dir.path().join("causes"));
    for (folder, name, text) in [(&parsers, "shop_gateway.toml", &parser), (&causes, "gateway_gave_up.toml", &cause)] {
        std::fs::create_dir(folder).and_then(|()| std::fs::write(folder.join(name), text)).expect("it can be written");
    }
    let catalog = Catalog::load(&[parsers]).expect("the format loads");
    let all = Causes::load(&[causes], &catalog).expect("the cause loads");
    let own = all.find("gateway_gave_up").expect("it is among them");
    assert_eq!(test_cause(own, &all, &catalog), Vec::<String>::new());
}

//! The definitions' own samples are tests; broken definitions are refused with messages worth reading.

use std::path::Path;

use fivexx::diagnosis::cause::Causes;
use fivexx::diagnosis::harness::test_cause;
use fivexx::parser::catalog::{Catalog, read_folder};
use fivexx::parser::definition::Kind;
use fivexx::parser::harness::test_file;
use fivexx::parser::scan::FileScanner;
use fivexx::parser::stamp::YearHint;

fn folder(name: &str) -> Vec<(String, String)> {
    read_folder(&Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).expect("the folder is part of the project")
}

#[test]
fn every_parser_passes_its_samples() {
    let faults: Vec<String> = folder("parsers").iter().flat_map(|(f, t)| test_file(f, t).faults).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_cause_passes_its_samples() {
    let catalog = Catalog::builtin().expect("the built-in parsers load");
    let causes = Causes::load(&[], &catalog).expect("the built-in causes load");
    let faults: Vec<String> =
        causes.all.iter().flat_map(|c| test_cause(c, &causes, &catalog).into_iter().map(|f| format!("{}: {f}", c.id))).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn a_cause_is_called_like_its_file_and_every_link_leads_somewhere() {
    let catalog = Catalog::builtin().expect("the built-in parsers load");
    let causes = Causes::load(&[], &catalog).expect("the built-in causes load");
    for (file, text) in folder("causes") {
        let id = Path::new(&file).file_stem().expect("a name").to_string_lossy().into_owned();
        assert!(text.contains(&format!("id = \"{id}\"")), "{file}: its id is not its file's name");
    }
    for cause in &causes.all {
        for link in &cause.leads_to {
            assert!(causes.find(&link.mechanism).is_some(), "{} leads to `{}`, which is no cause", cause.id, link.mechanism);
        }
    }
}

/// A line of one format must not be taken by another when all are loaded: every sample is claimed by its own definition.
#[test]
fn samples_are_claimed_by_their_own_definition_among_all() {
    let catalog = Catalog::builtin().expect("the built-in parsers load");
    let mut wrong = Vec::new();
    for (id, format) in catalog.of_kind(Kind::Log) {
        for sample in format.definition.samples.iter().filter(|s| s.matches) {
            let mut scanner = FileScanner::new(&catalog, YearHint(1_798_761_599_000));
            scanner.feed(sample.line.as_bytes());
            let tally = scanner.finish();
            let claimed: Vec<&str> = tally
                .sources
                .iter()
                .filter(|s| s.matched > 0)
                .map(|s| catalog.formats[s.format].definition.name.as_str())
                .collect();
            if claimed != [catalog.formats[id].definition.name.as_str()] {
                wrong.push(format!("{}: claimed by {claimed:?}: {}", format.definition.name, sample.line));
            }
        }
    }
    assert!(wrong.is_empty(), "{} samples\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn broken_definitions_are_refused_with_file_line_and_key() {
    let mut all = String::new();
    for (file, text) in folder("tests/broken") {
        let name = Path::new(&file).file_name().expect("a name").to_string_lossy().into_owned();
        let outcome = test_file(&name, &text);
        assert!(!outcome.faults.is_empty(), "{name} is not refused");
        all.push_str(&format!("== {name}\n{}\n\n", outcome.faults.join("\n")));
    }
    insta::assert_snapshot!(all);
}

#[test]
fn more_counts_of_a_form_than_can_be_told_are_refused() {
    let head = "name = \"many\"\ntitle = \"Many\"\nlayer = \"app\"\nreference = \"https://example.com\"\n\n";
    let line = "[[line]]\nname = \"one\"\ntemplate = \"{status:int} {rest:rest}\"\nrequest = true\n\n";
    let sample = "[[sample]]\nline = \"200 x\"\ntime = \"none\"\n";
    let count = |i: usize| format!("[[count]]\nsignal = \"x.number_{i}\"\nmeans = \"x\"\n\n");
    let faults = |n: usize| {
        let yields: Vec<String> = (0..n).map(|i| format!("\"x.number_{i}\"")).collect();
        let counts: String = (0..n).map(count).collect();
        test_file("many.toml", &format!("{head}{line}{counts}{sample}yields = [{}]\n", yields.join(", "))).faults
    };
    assert_eq!(faults(64), Vec::<String>::new());
    assert!(faults(65).concat().contains("more than 64 counts of `one`"), "{:?}", faults(65));
}

#[test]
fn broken_causes_are_refused_with_file_line_and_key() {
    let catalog = Catalog::builtin().expect("the built-in parsers load");
    let good = r#"id = "x"
layer = "app"
title = "X"
can_be = ["drop"]
says = "x"
implicates = "x"
disproved_by = "x"
reference = "https://example.com"
seen_by = ["uwsgi"]

[[for]]
any = ["uwsgi.harakiri"]
weight = 1.0
says = "x"

[[sample]]
lines = "x"
dropped_at = "x"
"#;
    let cases = [
        ("a signal that no parser gives", good.replace("uwsgi.harakiri", "uwsgi.harakirri")),
        ("a weight below nothing", good.replace("weight = 1.0", "weight = -1.0")),
        ("an unknown parser", good.replace("[\"uwsgi\"]", "[\"uswgi\"]")),
        ("a placeholder that is none", good.replace("says = \"x\"\nimplicates", "says = \"{Socket}\"\nimplicates")),
        ("an unknown key", good.replace("layer = ", "colour = 3\nlayer = ")),
        (
            "advice for a signal that no parser gives",
            good.replace("[[sample]]", "[[remedy]]\ndo = \"x\"\nwhy = \"x\"\nwith = [\"uwsgi.harakirri\"]\n\n[[sample]]"),
        ),
        ("no sample", good[..good.find("[[sample]]").expect("it is there")].to_owned()),
    ];
    let mut all = String::new();
    for (what, text) in cases {
        let error = fivexx::diagnosis::cause::read_cause("x.toml", &text, &catalog).expect_err(what);
        all.push_str(&format!("== {what}\n{error}\n\n"));
    }
    insta::assert_snapshot!(all);
}

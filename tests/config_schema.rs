//! `docs/fivexx.schema.json` and `docs/watch.md` say what the configuration really is.

use fivexx::config::{Athena, Aws, Config, Notify, Redact, Watch};
use fivexx::watch::plan::Plan;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;

fn document(name: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(name)).expect("it is part of the project")
}

fn schema() -> Value {
    serde_json::from_str(&document("fivexx.schema.json")).expect("JSON")
}

/// Each table of the file: its schema, and its defaults as the program has them.
fn tables() -> Vec<(&'static str, Value, Value)> {
    let schema = schema();
    let part = |name: &str| schema["$defs"][name].clone();
    vec![
        ("the file", schema.clone(), json!(Config::default())),
        ("redact", part("redact"), json!(Redact::default())),
        ("aws", part("aws"), json!(Aws::default())),
        ("aws.athena", part("athena"), json!(Athena::default())),
        ("watch", part("watch"), json!(Watch::default())),
        ("watch.notify", part("notify"), json!(Notify::default())),
    ]
}

#[test]
fn the_schema_has_the_keys_that_the_program_has() {
    for (table, schema, program) in tables() {
        let keys = |v: &Value| v.as_object().expect("a table").keys().cloned().collect::<BTreeSet<String>>();
        assert_eq!(keys(&schema["properties"]), keys(&program), "{table}");
        assert_eq!(schema["additionalProperties"], false, "{table}: unknown keys are refused");
        for (key, about) in schema["properties"].as_object().expect("a table") {
            assert!(about["$ref"].is_string() || about["description"].is_string(), "{table}.{key} is not described");
        }
    }
}

#[test]
fn the_schema_has_the_defaults_that_the_program_has() {
    for (table, schema, program) in tables() {
        for (key, about) in schema["properties"].as_object().expect("a table") {
            let own = &program[key];
            let required = schema["required"].as_array().is_some_and(|r| r.iter().any(|k| k == key));
            match about.get("default") {
                Some(default) => assert_eq!(default, own, "{table}.{key}"),
                None => assert!(own.is_null() || required, "{table}.{key} has a default that the schema does not tell: {own}"),
            }
        }
    }
}

#[test]
fn the_examples_of_the_documentation_are_configurations() {
    let text = document("watch.md");
    let examples: Vec<&str> = text.split("```toml\n").skip(1).filter_map(|t| t.split("```").next()).collect();
    assert!(examples.len() >= 2);
    for example in examples {
        let config: Config = toml::from_str(example).unwrap_or_else(|e| panic!("{e}\n{example}"));
        // Examples take secrets from the environment, which a test does not have.
        let mut config = config;
        for notify in config.watch.iter_mut().flat_map(|w| &mut w.notify) {
            if notify.webhook.as_deref().is_some_and(|w| w.starts_with("env:")) {
                notify.webhook = Some("https://hooks.example.com/x".to_owned());
            }
        }
        Plan::new(config).unwrap_or_else(|e| panic!("{e:#}\n{example}"));
    }
}

/// Every key of the watch is explained.
#[test]
fn the_documentation_tells_of_every_key() {
    let text = document("watch.md");
    for (table, _, program) in tables() {
        for key in program.as_object().expect("a table").keys() {
            assert!(text.contains(&format!("`{key}`")), "{table}.{key} is not in docs/watch.md");
        }
    }
}

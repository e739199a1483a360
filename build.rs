//! Lists the definition files, so that a new format or cause is a new file and nothing else.

use std::{env, fs, path::Path};

fn main() {
    let root = env::var("CARGO_MANIFEST_DIR").expect("cargo sets it");
    let out = env::var("OUT_DIR").expect("cargo sets it");
    let mut code = String::new();
    for (folder, name) in [("parsers", "BUILTIN_PARSERS"), ("causes", "BUILTIN_CAUSES")] {
        let dir = Path::new(&root).join(folder);
        println!("cargo::rerun-if-changed={}", dir.display());
        let mut files: Vec<_> = fs::read_dir(&dir)
            .unwrap_or_else(|e| panic!("{}: {e}", dir.display()))
            .filter_map(|e| Some(e.ok()?.path()))
            .filter(|p| p.extension().is_some_and(|e| e == "toml"))
            .collect();
        files.sort();
        code.push_str(&format!("/// The files of `{folder}/`: name and text.\npub(crate) const {name}: &[(&str, &str)] = &[\n"));
        for file in files {
            println!("cargo::rerun-if-changed={}", file.display());
            let stem = file.file_name().expect("a file has a name").to_string_lossy().into_owned();
            code.push_str(&format!("    (\"{folder}/{stem}\", include_str!({:?})),\n", file.display().to_string()));
        }
        code.push_str("];\n");
    }
    fs::write(Path::new(&out).join("builtin_definitions.rs"), code).expect("the build folder can be written");
}

//! The definition files that are part of the program.

use serde::de::DeserializeOwned;

include!(concat!(env!("OUT_DIR"), "/builtin_definitions.rs"));

/// A definition file.
pub(crate) struct Builtin {
    /// `FOLDER/NAME.toml`
    pub path: &'static str,
    /// As it is written.
    pub text: &'static str,
    /// The same as JSON; empty where the text is no TOML.
    json: &'static str,
}

impl Builtin {
    /// What it says. `from_text` reads the text where the JSON says nothing, and tells what is wrong.
    ///
    /// # Errors
    /// Those of `from_text`.
    pub fn read<T: DeserializeOwned, E>(&self, from_text: impl FnOnce(&str, &str) -> Result<T, E>) -> Result<T, E> {
        serde_json::from_str(self.json).or_else(|_| from_text(self.path, self.text))
    }
}

/// The built-in files whose name no file of the user's has: a file of the same name replaces a built-in.
pub(crate) fn not_replaced<'b>(builtin: &'b [Builtin], own: &[(String, String)]) -> impl Iterator<Item = &'b Builtin> {
    let name = |path: &str| path.rsplit(['/', '\\']).next().unwrap_or("").to_owned();
    let own: Vec<String> = own.iter().map(|(f, _)| name(f)).collect();
    builtin.iter().filter(move |b| !own.contains(&name(b.path)))
}

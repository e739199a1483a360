//! The definition files that are part of the program.

use rayon::prelude::*;
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

/// What was found out about a pattern when the program was built: to ask it again takes a tenth of a millisecond.
pub(crate) struct Known {
    /// As it is written.
    pub pattern: &'static str,
    /// With which bytes a line must begin for it to match, a bit each; nothing where that is any, or none.
    pub first: Option<[u64; 4]>,
    /// A text that every match holds, where there is one.
    pub needs: Option<&'static [u8]>,
}

impl Known {
    /// What is known of a pattern, if it is one of a built-in definition.
    pub(crate) fn of(pattern: &str) -> Option<&'static Known> {
        PATTERNS.binary_search_by_key(&pattern, |known| known.pattern).ok().map(|i| &PATTERNS[i])
    }
}

impl Builtin {
    /// What it says. `from_text` reads the text where the JSON says nothing, and tells what is wrong.
    ///
    /// # Errors
    /// Those of `from_text`.
    fn read<T: DeserializeOwned, E>(&self, from_text: impl FnOnce(&str, &str) -> Result<T, E>) -> Result<T, E> {
        serde_json::from_str(self.json).or_else(|_| from_text(self.path, self.text))
    }
}

/// Reads files on all cores, which takes half of a start; gives what each says, in their order. `from_text` is that of [`Builtin::read`].
pub(crate) fn read_all<'b, T: DeserializeOwned + Send, E: Send>(
    files: impl Iterator<Item = &'b Builtin>,
    from_text: impl Fn(&str, &str) -> Result<T, E> + Sync,
) -> Vec<(&'b Builtin, Result<T, E>)> {
    let files: Vec<&Builtin> = files.collect();
    files.into_par_iter().map(|b| (b, b.read(&from_text))).collect()
}

/// The built-in files whose name no file of the user's has: a file of the same name replaces a built-in.
pub(crate) fn not_replaced<'b>(builtin: &'b [Builtin], own: &[(String, String)]) -> impl Iterator<Item = &'b Builtin> {
    let name = |path: &str| path.rsplit(['/', '\\']).next().unwrap_or("").to_owned();
    let own: Vec<String> = own.iter().map(|(f, _)| name(f)).collect();
    builtin.iter().filter(move |b| !own.contains(&name(b.path)))
}

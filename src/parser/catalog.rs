//! All definitions together, compiled, with the table of their signals.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use super::announced::Announced;
use super::definition::{Definition, Kind};
use super::format::{Fault, Format, SignalInfo, check_patterns};
use super::log_format;
use crate::builtin::{BUILTIN_PARSERS, not_replaced, read_all};
use crate::words::{Layer, Role, Unit};
use crate::{snippet, suggest};

/// Index of a signal in the [`SignalTable`].
pub type SignalId = u16;

/// Index of a format in the [`Catalog`].
pub type FormatId = usize;

/// Every signal that a definition can give.
#[derive(Debug, Default)]
pub struct SignalTable {
    signals: Vec<SignalInfo>,
    by_name: HashMap<String, SignalId>,
}

impl SignalTable {
    /// Enters a signal, or finds it.
    ///
    /// # Errors
    /// It is there already with another layer, role or unit: one name would mean two things.
    pub fn enter(
        &mut self,
        name: &str,
        layer: Layer,
        role: Role,
        unit: Option<Unit>,
        means: &str,
        seen_as: Option<&str>,
    ) -> Result<SignalId, String> {
        let id_like = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'.';
        if !name.contains('.') || !name.bytes().all(id_like) {
            return Err(format!("`{name}` is no signal name; write `program.what` in lower case"));
        }
        if let Some(&id) = self.by_name.get(name) {
            let known = &mut self.signals[usize::from(id)];
            let base = |u: Option<Unit>| u.map(Unit::base_symbol);
            if known.layer != layer || known.role != role || base(known.unit) != base(unit) {
                return Err(format!(
                    "`{name}` is already a signal of layer {}, role {:?}; give this one another name, or the same layer, role and unit",
                    known.layer, known.role
                ));
            }
            if known.means.is_empty() {
                means.clone_into(&mut known.means);
            }
            return Ok(id);
        }
        let id = SignalId::try_from(self.signals.len()).map_err(|_| "too many signals".to_owned())?;
        self.signals.push(SignalInfo {
            name: name.to_owned(),
            layer,
            role,
            counted_by: Vec::new(),
            unit,
            means: means.to_owned(),
            seen_as: seen_as.map(str::to_owned),
        });
        self.by_name.insert(name.to_owned(), id);
        Ok(id)
    }

    /// Notes which signals stand for the same failures as this one.
    pub fn count_by(&mut self, id: SignalId, others: &[String]) {
        let known = &mut self.signals[usize::from(id)].counted_by;
        for other in others {
            if !known.contains(other) {
                known.push(other.clone());
            }
        }
    }

    /// What one occurrence of a signal stands for in a log that has these as well.
    pub fn role_among(&self, id: SignalId, has: impl Fn(SignalId) -> bool) -> Role {
        let info = self.info(id);
        let counted = info.counted_by.iter().filter_map(|name| self.find(name)).any(has);
        if counted { Role::Sign } else { info.role }
    }

    /// A signal's entry.
    pub fn info(&self, id: SignalId) -> &SignalInfo {
        &self.signals[usize::from(id)]
    }

    /// Finds a signal by name.
    pub fn find(&self, name: &str) -> Option<SignalId> {
        self.by_name.get(name).copied()
    }

    /// All signals, in the order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = (SignalId, &SignalInfo)> {
        self.signals.iter().enumerate().map(|(i, s)| (i as SignalId, s))
    }
}

/// Longest file of a definition.
const MAX_DEFINITION: u64 = 1 << 20;

/// All formats, compiled once.
#[derive(Debug, Default)]
pub struct Catalog {
    /// Log formats, envelopes and metric sets; the user's own first, then by name.
    pub formats: Vec<Format>,
    /// Their signals.
    pub signals: SignalTable,
    /// What announces events in lines without a shape, from the first such line on.
    announced: OnceLock<Announced>,
}

/// Why a definition was refused.
#[derive(Debug, thiserror::Error)]
pub enum DefinitionError {
    /// The file or folder cannot be read.
    #[error("{}: cannot be read: {source}", path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// The system's word.
        source: std::io::Error,
    },
    /// The text is no TOML, has an unknown key, a wrong type, or a missing key.
    #[error("{file}:{line}:{column}: {message}{snippet}")]
    Syntax {
        /// The file.
        file: String,
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
        /// What is wrong and what would be right.
        message: String,
        /// The line at fault and a caret.
        snippet: String,
    },
    /// The definition makes no sense.
    #[error("{file}:{line}:{column}: {key}: {message}{snippet}")]
    Refused {
        /// The file.
        file: String,
        /// From 1: the line of the key, or of its table.
        line: usize,
        /// From 1.
        column: usize,
        /// The key path.
        key: String,
        /// What is wrong and what would be right.
        message: String,
        /// The line at fault and a caret.
        snippet: String,
    },
}

impl Catalog {
    /// The built-in definitions.
    ///
    /// # Errors
    /// A built-in is broken; the project's tests keep that from happening.
    pub fn builtin() -> Result<Self, DefinitionError> {
        Self::load(&[])
    }

    /// The built-in definitions and those of the user's folders, which come first and replace built-ins of the same name.
    ///
    /// # Errors
    /// The first definition that is broken.
    pub fn load(folders: &[PathBuf]) -> Result<Self, DefinitionError> {
        let mut texts: Vec<(String, String)> = Vec::new();
        for folder in folders {
            texts.extend(read_folder(folder)?);
        }
        let mut catalog = Catalog::default();
        for (file, text) in &texts {
            catalog.add(file, text, read_definition(file, text)?)?;
        }
        // The patterns of our own definitions are compiled by the tests, and here when a line first asks for them.
        for (b, definition) in read_all(not_replaced(BUILTIN_PARSERS, &texts), read_definition) {
            catalog.enter(b.path, b.text, definition?)?;
        }
        Ok(catalog)
    }

    /// Compiles one more definition into the catalog.
    ///
    /// # Errors
    /// What is wrong with it, and where.
    pub fn add(&mut self, file: &str, text: &str, definition: Definition) -> Result<FormatId, DefinitionError> {
        check_patterns(&definition).map_err(|f| refused(file, text, &f))?;
        self.enter(file, text, definition)
    }

    fn enter(&mut self, file: &str, text: &str, definition: Definition) -> Result<FormatId, DefinitionError> {
        let format = Format::compile(definition, &mut self.signals).map_err(|f| refused(file, text, &f))?;
        self.formats.push(format);
        self.announced = OnceLock::new();
        Ok(self.formats.len() - 1)
    }

    /// Gives a format one more way to cut a line, from a format text of the user's (`log_format`).
    ///
    /// # Errors
    /// There is no such format, it takes no format texts, or this one cannot be used.
    pub fn add_form(&mut self, parser: &str, name: &str, text: &str) -> Result<(), String> {
        let id = self.find(parser).ok_or_else(|| format!("there is no parser `{parser}`{}", self.nearest(parser)))?;
        let mut definition = Definition::clone(&self.formats[id].definition);
        log_format::add_form(&mut definition, name, text)?;
        self.formats[id] = Format::compile(definition, &mut self.signals).map_err(|f| f.what)?;
        self.announced = OnceLock::new();
        Ok(())
    }

    /// What announces events in lines without a shape.
    pub fn announced(&self) -> &Announced {
        self.announced.get_or_init(|| Announced::of(self))
    }

    /// Finds a format by its name.
    pub fn find(&self, name: &str) -> Option<FormatId> {
        self.formats.iter().position(|f| f.definition.name == name)
    }

    /// `; did you mean …?`, where a format's name is like this one.
    pub fn nearest(&self, name: &str) -> String {
        suggest::hint(name, self.formats.iter().map(|f| f.definition.name.as_str()))
    }

    /// The formats of one kind.
    pub fn of_kind(&self, kind: Kind) -> impl Iterator<Item = (FormatId, &Format)> {
        self.formats.iter().enumerate().filter(move |(_, f)| f.definition.kind == kind)
    }
}

/// Reads every `.toml` file of a folder, in the order of their names: file name and text.
///
/// # Errors
/// The folder or a file cannot be read.
pub fn read_folder(folder: &Path) -> Result<Vec<(String, String)>, DefinitionError> {
    let unreadable = |path: &Path| {
        let path = path.to_owned();
        move |source| DefinitionError::Unreadable { path, source }
    };
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .map_err(unreadable(folder))?
        .filter_map(|e| Some(e.ok()?.path()))
        .filter(|p| p.extension().is_some_and(|e| e == "toml"))
        .collect();
    files.sort();
    files
        .into_iter()
        .map(|p| {
            let text = read_definition_file(&p).map_err(unreadable(&p))?;
            Ok((p.display().to_string(), text))
        })
        .collect()
}

/// The text of a file of the user's: never a pipe, which would be waited for, nor more than anybody writes by hand.
fn read_definition_file(path: &Path) -> std::io::Result<String> {
    let meta = path.metadata()?;
    if !meta.is_file() {
        return Err(std::io::Error::other("it is no file"));
    }
    if meta.len() > MAX_DEFINITION {
        return Err(std::io::Error::other(format!("it has {} bytes; a definition has at most {MAX_DEFINITION}", meta.len())));
    }
    std::fs::read_to_string(path)
}

/// Reads one definition's text.
///
/// # Errors
/// It is no TOML, or has keys or types that no definition has.
pub fn read_definition(file: &str, text: &str) -> Result<Definition, DefinitionError> {
    toml::from_str(text).map_err(|e| syntax(file, text, &e))
}

/// Turns a TOML error into one that names file, line and key.
pub(crate) fn syntax(file: &str, text: &str, e: &toml::de::Error) -> DefinitionError {
    let place = snippet::place(text, e.span().unwrap_or(0..0));
    let message = suggest::for_serde(e.message());
    DefinitionError::Syntax { file: file.to_owned(), line: place.line, column: place.column, message, snippet: place.shown }
}

/// Turns a fault into an error with the line of its key.
pub(crate) fn refused(file: &str, text: &str, fault: &Fault) -> DefinitionError {
    let (line, key) = match fault.table {
        None => (line_of_key(text, 0, fault.key).unwrap_or(1), fault.key.to_owned()),
        Some((table, index)) => {
            let begin = line_of_table(text, table, index).unwrap_or(0);
            let key = match table {
                "time" | "message" | "block" | "log_format" => format!("{table}.{}", fault.key),
                _ => format!("{table}[{index}].{}", fault.key),
            };
            (line_of_key(text, begin, fault.key).unwrap_or(begin + 1), key)
        }
    };
    let place = snippet::key_on_line(text, line, fault.key);
    let (file, message) = (file.to_owned(), fault.what.clone());
    DefinitionError::Refused { file, line, column: place.column, key, message, snippet: place.shown }
}

/// The line (from 0) at which the `index`-th `[[table]]` or the `[table]` begins.
fn line_of_table(text: &str, table: &str, index: usize) -> Option<usize> {
    let (one, many) = (format!("[{table}]"), format!("[[{table}]]"));
    text.lines().enumerate().filter(|(_, l)| l.trim_end() == one || l.trim_end() == many).nth(index).map(|(i, _)| i)
}

/// The line (from 1) of `key = …` between `begin` (from 0) and the next table.
fn line_of_key(text: &str, begin: usize, key: &str) -> Option<usize> {
    for (i, line) in text.lines().enumerate().skip(begin) {
        if i > begin && line.starts_with('[') && begin > 0 {
            return None;
        }
        if line.trim_start().strip_prefix(key).is_some_and(|r| r.trim_start().starts_with('=')) {
            return Some(i + 1);
        }
    }
    None
}

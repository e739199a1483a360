//! Rules that say what a secret is: patterns with a few plain words before them. The built-in ones are in `redaction/` and in a rule set
//! that others keep; a user's own are in the format of gitleaks' configuration.

use std::sync::{Arc, OnceLock};

use aho_corasick::{AhoCorasick, MatchKind};
use regex::bytes::{Regex, RegexBuilder};
use serde::Deserialize;
use std::ops::Range;
use toml::Spanned;

use super::Kind;
use crate::snippet::{self, Place};

/// Memory that one compiled pattern may take.
const PATTERN_BYTES: usize = 64 << 20;

/// Why rules cannot be used, and where: the text is no TOML, a key holds what it cannot, or a pattern is none or too large.
#[derive(Debug, thiserror::Error)]
#[error("line {line}, column {column}: {what}{shown}")]
pub struct RuleError {
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1.
    pub column: usize,
    /// What is wrong.
    pub what: String,
    /// The line at fault and a caret.
    pub shown: String,
}

impl RuleError {
    fn at(text: &str, span: Range<usize>, what: String) -> Self {
        let Place { line, column, shown } = snippet::place(text, span);
        RuleError { line, column, what, shown }
    }
}

/// One rule, as a file has it.
#[derive(Debug, Deserialize)]
struct Written {
    id: String,
    regex: Option<String>,
    #[serde(default, rename = "secretGroup")]
    group: Option<i32>,
    #[serde(default)]
    keywords: Vec<String>,
    /// Bits a character that a value must have at least.
    #[serde(default)]
    entropy: f64,
    kind: Option<Kind>,
    within: Option<String>,
    #[serde(default)]
    random: bool,
    except: Option<String>,
}

/// A file of rules. What gitleaks has beside rules (allow lists, paths) says what is no finding in a repository, and has no say here.
#[derive(Debug, Deserialize)]
struct File {
    #[serde(default)]
    rules: Vec<Written>,
}

/// Where the patterns of a file stand.
#[derive(Debug, Deserialize)]
struct Places {
    rules: Vec<PatternPlaces>,
}

#[derive(Debug, Deserialize)]
struct PatternPlaces {
    regex: Option<Spanned<String>>,
    within: Option<Spanned<String>>,
    except: Option<Spanned<String>>,
}

/// One rule, its patterns compiled when they are first needed.
#[derive(Debug)]
struct Rule {
    kind: Kind,
    regex: Lazy,
    group: Option<i32>,
    within: Option<Lazy>,
    except: Option<Lazy>,
    random: bool,
    entropy: f64,
}

/// What `\w`, `\s` and letters of either case are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Letters {
    /// ASCII's, as in the language that such rules come from; a pattern of bytes is compiled in a fraction of the time.
    Ascii,
    /// Those of all scripts.
    All,
}

#[derive(Debug)]
struct Lazy {
    text: String,
    letters: Letters,
    compiled: OnceLock<Option<Regex>>,
}

impl Lazy {
    fn new(text: String, letters: Letters) -> Self {
        Lazy { text, letters, compiled: OnceLock::new() }
    }

    fn compile(&self) -> Result<Regex, regex::Error> {
        RegexBuilder::new(&self.text).unicode(self.letters == Letters::All).size_limit(PATTERN_BYTES).build()
    }

    /// Nothing where it does not compile; a user's are compiled when they are read, a test compiles all others.
    fn get(&self) -> Option<&Regex> {
        self.compiled.get_or_init(|| self.compile().ok()).as_ref()
    }
}

/// Rules, with one search for the plain words of all of them.
#[derive(Debug)]
pub struct Rules {
    rules: Vec<Rule>,
    words: AhoCorasick,
    /// The rule that each word belongs to.
    owner: Vec<usize>,
    /// Rules without words, which are always tried.
    wordless: Vec<usize>,
}

/// A place in a text that a rule found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Find {
    pub start: usize,
    pub end: usize,
    pub kind: Kind,
}

impl Rules {
    /// The built-in rules.
    pub fn builtin() -> &'static Arc<Rules> {
        static BUILTIN: OnceLock<Arc<Rules>> = OnceLock::new();
        BUILTIN.get_or_init(|| {
            let own = [include_str!("../../redaction/logs.toml"), include_str!("../../redaction/tokens.toml")];
            let own = own.into_iter().flat_map(|text| toml::from_str::<File>(text).map(|f| f.rules).unwrap_or_default());
            let kept = nosecrets_rules::load_builtin_rules().unwrap_or_default();
            let kept = kept.into_iter().map(|r| Written {
                id: r.id,
                regex: Some(r.pattern),
                group: i32::try_from(r.capture).ok(),
                keywords: r.keywords,
                entropy: 0.0,
                kind: None,
                within: None,
                random: false,
                except: None,
            });
            Arc::new(Rules::of(own.chain(kept), Letters::Ascii))
        })
    }

    /// Reads rules of the user's own, and compiles them.
    ///
    /// # Errors
    /// The text is no TOML of rules, or a pattern is none or too large.
    pub fn read(text: &str) -> Result<Rules, RuleError> {
        let malformed = |e: toml::de::Error| RuleError::at(text, e.span().unwrap_or(0..0), e.message().to_owned());
        let file: File = toml::from_str(text).map_err(malformed)?;
        if file.rules.is_empty() {
            return Err(RuleError::at(text, 0..0, "there is no [[rules]] table in it".to_owned()));
        }
        // The same once more, to know where each pattern stands.
        let places: Places = toml::from_str(text).map_err(malformed)?;
        for (rule, places) in file.rules.iter().zip(&places.rules) {
            for pattern in places.regex.iter().chain(&places.within).chain(&places.except) {
                let tried = Lazy::new(pattern.get_ref().clone(), Letters::All).compile();
                tried.map_err(|e| RuleError::at(text, pattern.span(), format!("rule `{}`: {e}", rule.id)))?;
            }
        }
        Ok(Rules::of(file.rules, Letters::All))
    }

    fn of(written: impl IntoIterator<Item = Written>, letters: Letters) -> Rules {
        let lazy = |text| Lazy::new(text, letters);
        let (mut rules, mut words, mut owner, mut wordless) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for w in written {
            // A rule without a pattern is about the names of files in a repository.
            let Some(regex) = w.regex else { continue };
            let n = rules.len();
            if w.keywords.is_empty() {
                wordless.push(n);
            }
            owner.extend(w.keywords.iter().map(|_| n));
            words.extend(w.keywords);
            rules.push(Rule {
                kind: w.kind.unwrap_or_else(|| kind_of(&w.id)),
                regex: lazy(regex),
                group: w.group,
                within: w.within.map(lazy),
                except: w.except.map(lazy),
                random: w.random,
                entropy: w.entropy,
            });
        }
        let build =
            |words: &[String]| AhoCorasick::builder().ascii_case_insensitive(true).match_kind(MatchKind::Standard).build(words);
        let words = match build(&words) {
            Ok(found) => found,
            // More words than the search can hold: each rule is tried, which is slow and right.
            Err(_) => {
                owner.clear();
                wordless = (0..rules.len()).collect();
                build(&[]).expect("a search for nothing is small")
            }
        };
        Rules { rules, words, owner, wordless }
    }

    /// Adds what the rules find in a text.
    pub(super) fn find(&self, text: &str, finds: &mut Vec<Find>) {
        let mut due = vec![false; self.rules.len()];
        self.wordless.iter().for_each(|r| due[*r] = true);
        self.words.find_overlapping_iter(text).for_each(|m| due[self.owner[m.pattern().as_usize()]] = true);
        for rule in self.rules.iter().zip(due).filter(|(_, due)| *due).map(|(r, _)| r) {
            rule.find(text, finds);
        }
    }

    /// The patterns that do not compile, for a test.
    #[cfg(test)]
    pub(super) fn broken(&self) -> Vec<String> {
        let all = self.rules.iter().flat_map(|r| std::iter::once(&r.regex).chain(&r.within).chain(&r.except));
        all.filter_map(|l| l.compile().err().map(|e| e.to_string())).collect()
    }
}

impl Rule {
    fn find(&self, text: &str, finds: &mut Vec<Find>) {
        let Some(regex) = self.regex.get() else { return };
        for found in regex.captures_iter(text.as_bytes()) {
            let participating = || (1..found.len()).find_map(|g| found.get(g));
            let secret = match self.group {
                Some(g) if g > 0 => found.get(g as usize),
                Some(g) if g < 0 => participating(),
                _ => participating().or_else(|| found.get(0)),
            };
            let Some(secret) = secret else { continue };
            match self.within.as_ref().and_then(Lazy::get) {
                None => self.take(text, secret.start(), secret.end(), finds),
                Some(parts) => {
                    // Parts share their separators: each search begins at the end of the value before.
                    let mut at = secret.start();
                    while at < secret.end() {
                        let Some(part) = parts.captures(&text.as_bytes()[at..secret.end()]) else { break };
                        let whole = part.get(0).map_or(0, |m| m.end());
                        let next = match part.get(1) {
                            Some(value) => {
                                self.take(text, at + value.start(), at + value.end(), finds);
                                at + value.end()
                            }
                            None => at + whole,
                        };
                        if next <= at {
                            break;
                        }
                        at = next;
                    }
                }
            }
        }
    }

    fn take(&self, text: &str, start: usize, end: usize, finds: &mut Vec<Find>) {
        // A pattern of bytes may end within a character.
        let (start, end) = (text.floor_char_boundary(start), text.ceil_char_boundary(end));
        let value = &text[start..end];
        let plain = value.trim_matches(|c: char| matches!(c, '*' | '-' | '.' | ' '));
        let no = plain.is_empty()
            || is_stand_in(value)
            || (self.random && !looks_random(value))
            || (self.entropy > 0.0 && entropy(value) < self.entropy)
            || self.except.as_ref().and_then(Lazy::get).is_some_and(|e| e.is_match(value.as_bytes()));
        if !no {
            finds.push(Find { start, end, kind: self.kind });
        }
    }
}

/// The kind of a rule that says none.
fn kind_of(id: &str) -> Kind {
    let has = |words: &[&str]| words.iter().any(|w| id.contains(w));
    if has(&["password", "uri", "secret", "basic"]) {
        Kind::Secret
    } else if has(&["key"]) {
        Kind::Key
    } else {
        Kind::Token
    }
}

/// `[email:3]`: what was masked is not masked again.
fn is_stand_in(value: &str) -> bool {
    let inner = value.strip_prefix('[').map(|v| v.strip_suffix(']').unwrap_or(v)).and_then(|v| v.split_once(':'));
    inner.is_some_and(|(kind, n)| {
        Kind::ALL.iter().any(|k| k.id() == kind) && !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit())
    })
}

/// Words are in one case and have no digits; what machines make up has.
fn looks_random(value: &str) -> bool {
    let digit = value.bytes().any(|b| b.is_ascii_digit());
    let upper_inside = value.bytes().skip(1).any(|b| b.is_ascii_uppercase()) && value.bytes().any(|b| b.is_ascii_lowercase());
    let letters = value.bytes().filter(u8::is_ascii_alphanumeric).count();
    letters >= 4 && (digit || upper_inside || value.len() >= 32)
}

/// Shannon's entropy, in bits a character.
fn entropy(value: &str) -> f64 {
    let mut counts = std::collections::BTreeMap::new();
    value.chars().for_each(|c| *counts.entry(c).or_insert(0u32) += 1);
    let n = value.chars().count() as f64;
    counts.values().map(|c| f64::from(*c) / n).map(|p| -p * p.log2()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_builtin_pattern_compiles() {
        let rules = Rules::builtin();
        assert!(rules.rules.len() > 70, "{} rules: a file was not read", rules.rules.len());
        assert_eq!(rules.broken(), Vec::<String>::new());
        assert_eq!(rules.owner.len(), rules.words.patterns_len());
    }

    #[test]
    fn bad_rules_are_refused_with_their_place() {
        let said = |text: &str| Rules::read(text).map(|_| ()).unwrap_err().to_string();
        assert!(
            said("[[rules]]\nid = \"x\"\nregex = 5\n").starts_with("line 3"),
            "{}",
            said("[[rules]]\nid = \"x\"\nregex = 5\n")
        );
        let look = said("[[rules]]\nid = \"a\"\nregex = 'a'\n[[rules]]\nid = \"look\"\nregex = '(?=x)'\n");
        assert!(look.starts_with("line 6, column 9: rule `look`") && look.contains("6 | regex = '(?=x)'"), "{look}");
        assert!(said("[[rules]]\nid = \"huge\"\nregex = '(?:\\w{1000}){1000}'\n").contains("`huge`"));
        assert!(said("").contains("[[rules]]"));
    }

    #[test]
    fn what_machines_make_up_is_told_from_words() {
        for random in ["a8f3kd", "eyJhbGciOi", "Zm9vYmFyYmF6", "1234", "qwertyuiopasdfghjklzxcvbnmqwertyui"] {
            assert!(looks_random(random), "{random}");
        }
        for word in ["expected", "Bearer", "authentication", "x1"] {
            assert!(!looks_random(word), "{word}");
        }
    }
}

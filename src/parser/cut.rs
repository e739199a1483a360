//! Cutting a line into fields. Here: templates of literals and fields, the way of nearly every line.

mod blind;
mod cutter;
mod fields;
mod first;
mod needed;
mod needle;
mod pattern;

pub use blind::skeleton;
pub use cutter::Cutter;
pub use fields::Fields;
pub use first::FirstBytes;
pub use pattern::Pattern;

use self::needle::Needle;
use super::bytes::{begins_with, find_near};

use super::stamp::{TimeFormat, YearHint};

/// Index of a field within its format.
pub type FieldId = u8;

/// Most fields that a format can have.
pub const MAX_FIELDS: usize = 64;

/// How far a field of a template reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldKind {
    /// To the literal behind it.
    Str,
    /// The same, and there is no blank inside.
    Word,
    /// An integer or `-`.
    Int,
    /// A decimal number or `-`.
    Float,
    /// The name of a severity.
    Level,
    /// To the next `"` without a backslash before it.
    Quoted,
    /// To the last occurrence of the literal behind it.
    Last,
    /// nginx's lists of attempts: `a, b : c`.
    List,
    /// To the end of the line.
    Rest,
    /// A stamp; finds its own end.
    Time,
    /// A stamp in the spelling of ctime alone.
    Ctime,
}

impl FieldKind {
    fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "str" => FieldKind::Str,
            "word" => FieldKind::Word,
            "int" => FieldKind::Int,
            "float" => FieldKind::Float,
            "level" => FieldKind::Level,
            "quoted" => FieldKind::Quoted,
            "last" => FieldKind::Last,
            "list" => FieldKind::List,
            "rest" => FieldKind::Rest,
            "time" => FieldKind::Time,
            "ctime" => FieldKind::Ctime,
            _ => return None,
        })
    }

    /// Whether the literal behind such a field is looked for to find its end.
    #[inline]
    fn finds_what_follows(self) -> bool {
        !matches!(self, FieldKind::Quoted | FieldKind::Rest | FieldKind::Time | FieldKind::Ctime)
    }
}

/// A piece of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Literal(Vec<u8>),
    Field { id: Option<FieldId>, kind: FieldKind, until: Needle },
}

/// A compiled template.
#[derive(Debug, Clone)]
pub struct Template {
    pieces: Vec<Piece>,
    /// How many pieces at the begin take any digit where they take one.
    blind: usize,
}

/// How a template went: the piece it failed at and the byte it had reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Miss {
    /// Index of the piece that did not fit.
    pub piece: usize,
    /// Bytes of the line that did fit.
    pub reached: usize,
}

impl Template {
    /// Compiles a template; `field` gives the id of a field's name.
    ///
    /// # Errors
    /// What is wrong with the text.
    pub fn compile(text: &str, mut field: impl FnMut(&str) -> Result<FieldId, String>) -> Result<Self, String> {
        let mut pieces: Vec<Piece> = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            let Some(open) = rest.find('{') else {
                pieces.push(Piece::Literal(rest.as_bytes().to_vec()));
                break;
            };
            // `{{` stands for a brace, as in format strings.
            if rest[open..].starts_with("{{") {
                push_literal(&mut pieces, &rest.as_bytes()[..=open]);
                rest = &rest[open + 2..];
                continue;
            }
            push_literal(&mut pieces, &rest.as_bytes()[..open]);
            let close = rest[open..].find('}').ok_or("a `{` is not closed; write `{{` for a brace")? + open;
            let inside = &rest[open + 1..close];
            let (name, kind) = inside.split_once(':').unwrap_or((inside, if inside == "time" { "time" } else { "str" }));
            let kind = FieldKind::parse(kind).ok_or_else(|| {
                format!("`{kind}` is no field type; use str, word, int, float, level, quoted, last, list, rest or ctime")
            })?;
            let id = if name == "_" { None } else { Some(field(name)?) };
            pieces.push(Piece::Field { id, kind, until: Needle::default() });
            rest = &rest[close + 1..];
        }
        for i in 0..pieces.len() {
            let until = match pieces.get(i + 1) {
                Some(Piece::Literal(l)) => l.clone(),
                Some(Piece::Field { .. }) if !matches!(pieces[i], Piece::Literal(_)) => {
                    if let Piece::Field { kind: FieldKind::Time | FieldKind::Ctime | FieldKind::Quoted, .. } = pieces[i] {
                        Vec::new()
                    } else if matches!(pieces[i + 1], Piece::Field { kind: FieldKind::Rest, .. }) {
                        // `{bytes:int}{rest:rest}`: the number ends at the first byte that is none.
                        vec![]
                    } else {
                        return Err("two fields stand side by side: put a literal between them".to_owned());
                    }
                }
                _ => Vec::new(),
            };
            if let Piece::Field { until: u, .. } = &mut pieces[i] {
                *u = Needle::new(&until);
            }
        }
        let blind = pieces.iter().take_while(|p| p.is_blind()).count();
        Ok(Template { pieces, blind })
    }

    /// The bytes that a line can begin with; `None` where that is any, or nothing.
    pub fn first_bytes(&self, time: Option<&TimeFormat>) -> Option<FirstBytes> {
        let among = |fits: &dyn Fn(u8) -> bool| Some(FirstBytes::among(fits));
        match self.pieces.first()? {
            Piece::Literal(l) => among(&|b| l.first() == Some(&b)),
            Piece::Field { kind, .. } => match kind {
                FieldKind::Int => among(&|b| b.is_ascii_digit() || b == b'-'),
                FieldKind::Float => among(&|b| b.is_ascii_digit() || matches!(b, b'-' | b'.')),
                FieldKind::Level | FieldKind::Ctime => among(&|b| b.is_ascii_alphabetic()),
                FieldKind::Time if !matches!(time, Some(TimeFormat::Strftime(_))) => among(&|b| b.is_ascii_alphanumeric()),
                _ => None,
            },
        }
    }

    /// Whether a line that missed so would miss with any other digits in place of its own.
    fn misses_whatever_digits(&self, line: &[u8], time: Option<&TimeFormat>, miss: Miss) -> bool {
        let is_no_time = || match self.pieces.get(miss.piece) {
            Some(Piece::Field { kind: FieldKind::Time | FieldKind::Ctime, .. }) => {
                time.is_none_or(|t| t.is_none_whatever_digits(&line[miss.reached..]))
            }
            _ => false,
        };
        miss.piece < self.blind || self.blind == self.pieces.len() || miss.piece == self.blind && is_no_time()
    }

    /// Number of pieces at the begin that `other` shares: a miss there is a miss here too.
    pub fn shared_prefix(&self, other: &Template) -> usize {
        self.pieces.iter().zip(&other.pieces).take_while(|(a, b)| a == b).count()
    }

    /// What was expected at a miss, for people.
    pub fn expected(&self, miss: Miss) -> String {
        match self.pieces.get(miss.piece) {
            Some(Piece::Literal(l)) => format!("the text `{}`", String::from_utf8_lossy(l)),
            Some(Piece::Field { kind, until, .. }) => {
                let what = match kind {
                    FieldKind::Int => "an integer",
                    FieldKind::Float => "a number",
                    FieldKind::Time | FieldKind::Ctime => "a time",
                    FieldKind::Level => "a severity",
                    FieldKind::Quoted => "a quoted text",
                    FieldKind::Word => "a word",
                    _ => "a text",
                };
                if until.bytes().is_empty() {
                    what.to_owned()
                } else {
                    format!("{what} and behind it `{}`", String::from_utf8_lossy(until.bytes()))
                }
            }
            None => "the end of the line".to_owned(),
        }
    }

    /// Cuts a line, beginning at piece `from` at byte `pos` (`reached[from]` of a template that shares the pieces before).
    /// `reached[i]` receives where piece `i` begins.
    ///
    /// # Errors
    /// Where the line does not fit.
    #[inline]
    pub fn cut(
        &self,
        line: &[u8],
        time: Option<&TimeFormat>,
        hint: YearHint,
        from: usize,
        reached: &mut Vec<usize>,
        out: &mut Fields,
    ) -> Result<(), Miss> {
        let mut pos = if from == 0 { 0 } else { reached[from] };
        if reached.len() < self.pieces.len() {
            reached.resize(self.pieces.len(), 0);
        }
        let mut is_literal_there = false;
        for (i, (piece, begin)) in self.pieces.iter().zip(reached.iter_mut()).enumerate().skip(from) {
            *begin = pos;
            let miss = Miss { piece: i, reached: pos };
            let text = &line[pos..];
            match piece {
                Piece::Literal(l) => {
                    if !std::mem::take(&mut is_literal_there) && !begins_with(text, l) {
                        return Err(miss);
                    }
                    pos += l.len();
                }
                Piece::Field { id, kind, until } => {
                    is_literal_there = kind.finds_what_follows();
                    let len = match kind {
                        FieldKind::Time => time.and_then(|t| out.read_stamp(t, text, hint)).ok_or(miss)?,
                        FieldKind::Ctime if !text.first().is_some_and(u8::is_ascii_alphabetic) => return Err(miss),
                        FieldKind::Ctime => out.read_stamp(&TimeFormat::Ctime, text, hint).ok_or(miss)?,
                        _ => field_length(text, *kind, until).ok_or(miss)?,
                    };
                    if let Some(id) = id {
                        out.put(*id, pos, pos + len);
                    }
                    pos += len;
                }
            }
        }
        if pos == line.len() { Ok(()) } else { Err(Miss { piece: self.pieces.len(), reached: pos }) }
    }
}

impl Piece {
    fn is_blind(&self) -> bool {
        match self {
            Piece::Literal(l) => blind::text(l),
            Piece::Field { kind: FieldKind::Time | FieldKind::Ctime, .. } => false,
            Piece::Field { until, .. } => blind::text(until.bytes()),
        }
    }
}

fn push_literal(pieces: &mut Vec<Piece>, bytes: &[u8]) {
    match pieces.last_mut() {
        Some(Piece::Literal(l)) => l.extend_from_slice(bytes),
        _ if bytes.is_empty() => {}
        _ => pieces.push(Piece::Literal(bytes.to_vec())),
    }
}

/// Where the field at the begin of `text` ends; `None` where it does not fit.
#[inline]
fn field_length(text: &[u8], kind: FieldKind, until: &Needle) -> Option<usize> {
    match kind {
        FieldKind::Str => until.end_in(text),
        FieldKind::Word => until.end_in(text).filter(|&n| n > 0 && find_near(&text[..n], b' ').is_none()),
        FieldKind::Rest => Some(text.len()),
        FieldKind::Last => until.rfind(text),
        FieldKind::Int => {
            let n = text.iter().take_while(|b| b.is_ascii_digit() || **b == b'-').count();
            (n > 0 && begins_with(&text[n..], until.bytes())).then_some(n)
        }
        FieldKind::Float => {
            let n = text.iter().take_while(|b| b.is_ascii_digit() || matches!(b, b'-' | b'.')).count();
            (n > 0 && begins_with(&text[n..], until.bytes())).then_some(n)
        }
        FieldKind::Level => until.end_in(text).filter(|&n| is_level(text[..n].trim_ascii_end())),
        FieldKind::Quoted => {
            let mut from = 0;
            loop {
                let at = from + find_near(&text[from..], b'"')?;
                let slashes = text[..at].iter().rev().take_while(|b| **b == b'\\').count();
                if slashes % 2 == 0 {
                    return Some(at);
                }
                from = at + 1;
            }
        }
        FieldKind::List => list_length(text, until),
        FieldKind::Time | FieldKind::Ctime => None,
    }
}

/// `a, b : c` to the first blank (or `until`) that neither follows a comma nor stands beside a colon.
fn list_length(text: &[u8], until: &Needle) -> Option<usize> {
    let mut from = 0;
    loop {
        let at = if until.bytes().is_empty() { text.len() } else { from + until.find(&text[from..])? };
        let ends = text[..at].ends_with(b",") || text[..at].ends_with(b" :") || text[at..].starts_with(b" : ");
        if at == text.len() || !ends {
            return Some(at);
        }
        from = at + 1;
    }
}

fn is_level(text: &[u8]) -> bool {
    const LEVELS: [&str; 17] = [
        "DEBUG",
        "INFO",
        "NOTICE",
        "WARN",
        "WARNING",
        "ERROR",
        "ERR",
        "CRITICAL",
        "CRIT",
        "FATAL",
        "ALERT",
        "EMERG",
        "TRACE",
        "LOG",
        "PANIC",
        "EXCEPTION",
        "SUCCESS",
    ];
    LEVELS.iter().any(|l| text.eq_ignore_ascii_case(l.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cut(template: &str, line: &str) -> Option<Vec<(String, String)>> {
        let mut names: Vec<String> = Vec::new();
        let t = Template::compile(template, |n| {
            names.push(n.to_owned());
            Ok((names.len() - 1) as FieldId)
        })
        .unwrap();
        let mut out = Fields::default();
        t.cut(line.as_bytes(), Some(&TimeFormat::Clf), YearHint(0), 0, &mut Vec::new(), &mut out).ok()?;
        Some(
            names
                .iter()
                .enumerate()
                .filter_map(|(i, n)| {
                    Some((n.clone(), String::from_utf8_lossy(out.get(i as FieldId, line.as_bytes())?).into_owned()))
                })
                .collect(),
        )
    }

    fn values(template: &str, line: &str) -> Vec<String> {
        cut(template, line).unwrap_or_else(|| panic!("`{line}` does not fit")).into_iter().map(|(_, v)| v).collect()
    }

    #[test]
    fn fields_run_to_the_literal_behind_them() {
        assert_eq!(
            values(
                "{c} [{time}] \"{r:quoted}\" {s:int} {b:int}{_:rest}",
                "::1 [21/Nov/2026:00:00:39 +0000] \"GET /\\\" x\" 502 -"
            ),
            ["::1", "21/Nov/2026:00:00:39 +0000", "GET /\\\" x", "502", "-"]
        );
    }

    #[test]
    fn lists_keep_their_blanks_and_last_takes_the_last() {
        assert_eq!(
            values("{a:list} {b:list} {c}", "10.0.0.1:80, 10.0.0.2:80 502, 200 : 503 id"),
            ["10.0.0.1:80, 10.0.0.2:80", "502, 200 : 503", "id"]
        );
        assert_eq!(
            values("{uri:last} => generated {n:int}{_:rest}", "/a => generated 5 x => generated 600 bytes"),
            ["/a => generated 5 x", "600"]
        );
    }

    #[test]
    fn braces_can_be_literals_and_types_are_checked() {
        assert_eq!(values("{{{n:int} vars}", "{32 vars}"), ["32"]);
        assert!(cut("{n:int}", "12x").is_none() && cut("[{l:level}]", "[pid: 3]").is_none() && cut("{a} {b}", "one").is_none());
        assert!(Template::compile("{a}{b}", |_| Ok(0)).is_err() && Template::compile("{a:wat}", |_| Ok(0)).is_err());
    }

    proptest! {
        #[test]
        fn no_bytes_panic(line in proptest::collection::vec(any::<u8>(), 0..200)) {
            let t = Template::compile("{a} [{time}] \"{q:quoted}\" {l:list} {n:float} {z:last}!{r:rest}", |_| Ok(0)).unwrap();
            let _ = t.cut(&line, Some(&TimeFormat::Clf), YearHint(0), 0, &mut Vec::new(), &mut Fields::default());
        }
    }
}

//! The ways to cut a line: a template, a pattern, or a flat JSON object.

use super::{FieldId, Fields, Pattern, Template};
use crate::parser::stamp::{TimeFormat, YearHint};

/// A way to cut a line.
#[derive(Debug)]
pub enum Cutter {
    /// Literals and fields.
    Template(Template),
    /// Named groups, and the id of each, in their order.
    Regex(Box<Pattern>, Vec<FieldId>),
    /// A flat JSON object.
    Json(Keys),
}

/// The keys of a JSON object.
#[derive(Debug)]
pub struct Keys {
    /// For each field the keys that may hold it.
    pub fields: Vec<(FieldId, Vec<Vec<u8>>)>,
    /// Those that it does not have.
    pub without: Vec<Vec<u8>>,
}

impl Cutter {
    /// Whether it can give a field.
    pub fn gives(&self, field: FieldId) -> bool {
        match self {
            Cutter::Template(t) => t.gives(field),
            Cutter::Regex(_, ids) => ids.contains(&field),
            Cutter::Json(keys) => keys.fields.iter().any(|k| k.0 == field),
        }
    }

    /// Whether it cuts neither a line nor what the line is with any other digits in place of its own. `line` begins with no digit.
    pub fn misses_whatever_digits(&self, line: &[u8], time: Option<&TimeFormat>, hint: YearHint, out: &mut Fields) -> bool {
        match self {
            Cutter::Template(t) => {
                t.cut(line, time, hint, 0, &mut Vec::new(), out).is_err_and(|miss| t.misses_whatever_digits(line, time, miss))
            }
            Cutter::Regex(pattern, _) => pattern.misses_whatever_digits(line),
            Cutter::Json(_) => line.trim_ascii_start().first() != Some(&b'{'),
        }
    }

    /// Whether the field that it gives is the begin of the line.
    pub fn begins_with(&self, field: FieldId) -> bool {
        matches!(self, Cutter::Template(t) if t.begins_with(field))
    }

    /// Cuts a line with a regex or as JSON; templates go through [`Template::cut`] for the shared prefix.
    pub fn cut_other(&self, line: &[u8], time: Option<(&TimeFormat, FieldId)>, hint: YearHint, out: &mut Fields) -> bool {
        match self {
            Cutter::Template(_) => false,
            Cutter::Regex(pattern, ids) => {
                if !pattern.may_begin(line) || !pattern.may_match(line) {
                    return false;
                }
                let Some(compiled) = pattern.get() else { return false };
                let place = std::ptr::from_ref(compiled).addr();
                let at = out.groups.iter().position(|(of, _)| *of == place).unwrap_or_else(|| {
                    out.groups.push((place, compiled.regex.capture_locations()));
                    out.groups.len() - 1
                });
                let mut groups = std::mem::take(&mut out.groups);
                let found = &mut groups[at].1;
                let fits = compiled.regex.captures_read(found, line).is_some();
                if fits {
                    for ((group, _), id) in compiled.groups.iter().zip(ids) {
                        if let Some((from, to)) = found.get(*group) {
                            out.put(*id, from, to);
                        }
                    }
                }
                out.groups = groups;
                fits && read_time_field(line, time, hint, out)
            }
            Cutter::Json(Keys { fields, without }) => {
                let (mut any, mut foreign) = (false, false);
                let whole = crate::parser::json::each_field(line, |key, from, to| {
                    foreign |= without.iter().any(|k| k == key);
                    for (id, keys) in fields {
                        if keys.iter().any(|k| k == key) && out.get(*id, line).is_none() {
                            out.put(*id, from, to);
                            any = true;
                        }
                    }
                });
                whole && any && !foreign && read_time_field(line, time, hint, out)
            }
        }
    }
}

/// Reads the stamp out of the field `time`; a form that has the field must have a stamp in it.
fn read_time_field(line: &[u8], time: Option<(&TimeFormat, FieldId)>, hint: YearHint, out: &mut Fields) -> bool {
    let Some((format, id)) = time else {
        return true;
    };
    let Some(text) = out.get(id, line) else {
        return true;
    };
    match format.read(text, hint) {
        Some((stamp, len)) if len == text.len() => {
            out.stamp = Some(stamp);
            true
        }
        _ => false,
    }
}

//! How a template is written: literals and fields in turn. `build.rs` reads templates with this file as well.

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
}

/// A field and the literal behind it, as they are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft<'t> {
    /// `None`: there is only a literal, which only a template's begin can be.
    pub kind: Option<FieldKind>,
    /// The field's name, where it has one.
    pub name: Option<&'t str>,
    /// Empty where there is none.
    pub literal: Vec<u8>,
}

/// Reads a template.
///
/// # Errors
/// What is wrong with the text.
pub fn read(text: &str) -> Result<Vec<Draft<'_>>, String> {
    let mut drafts: Vec<Draft<'_>> = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let Some(open) = rest.find('{') else {
            push_literal(&mut drafts, rest.as_bytes());
            break;
        };
        // `{{` stands for a brace, as in format strings.
        if rest[open..].starts_with("{{") {
            push_literal(&mut drafts, &rest.as_bytes()[..=open]);
            rest = &rest[open + 2..];
            continue;
        }
        push_literal(&mut drafts, &rest.as_bytes()[..open]);
        let close = rest[open..].find('}').ok_or("a `{` is not closed; write `{{` for a brace")? + open;
        let inside = &rest[open + 1..close];
        let (name, kind) = inside.split_once(':').unwrap_or((inside, if inside == "time" { "time" } else { "str" }));
        let kind = FieldKind::parse(kind).ok_or_else(|| {
            format!("`{kind}` is no field type; use str, word, int, float, level, quoted, last, list, rest or ctime")
        })?;
        let name = Some(name).filter(|n| *n != "_");
        if let Some(name) = name.filter(|_| drafts.iter().any(|d| d.name == name)) {
            return Err(format!("`{name}` stands twice: a field has one value; write `_` for what is not needed"));
        }
        drafts.push(Draft { kind: Some(kind), name, literal: Vec::new() });
        rest = &rest[close + 1..];
    }
    for pair in drafts.windows(2).filter(|pair| pair[0].literal.is_empty()) {
        // `{bytes:int}{rest:rest}`: the number ends at the first byte that is none.
        let ends = matches!(pair[0].kind, Some(FieldKind::Time | FieldKind::Ctime | FieldKind::Quoted));
        if !ends && pair[1].kind != Some(FieldKind::Rest) {
            return Err("two fields stand side by side: put a literal between them".to_owned());
        }
    }
    Ok(drafts)
}

fn push_literal(drafts: &mut Vec<Draft<'_>>, bytes: &[u8]) {
    match drafts.last_mut() {
        Some(draft) => draft.literal.extend_from_slice(bytes),
        None if bytes.is_empty() => {}
        None => drafts.push(Draft { kind: None, name: None, literal: bytes.to_vec() }),
    }
}

//! The end of a piece (see `parser/scan/seam.rs`) as JSON, with the names of formats in place of their indexes.

use crate::parser::catalog::{Catalog, FormatId};
use crate::parser::scan::OpenBlock;
use crate::parser::scan::seam::End;
use crate::parser::stamp::Stamp;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
struct Document {
    first: Option<Placed>,
    last: Option<Placed>,
    #[serde(default)]
    used: Vec<String>,
    block: Option<Block>,
}

#[derive(Serialize, Deserialize)]
struct Placed {
    #[serde(flatten)]
    stamp: Time,
    source: usize,
}

#[derive(Serialize, Deserialize)]
struct Time {
    wall_ms: i64,
    offset_s: Option<i32>,
}

#[derive(Serialize, Deserialize)]
struct Block {
    parser: String,
    host: Option<String>,
    lines: u64,
    last: Option<Last>,
    placed: Option<Placed>,
    outer: Option<Time>,
}

#[derive(Serialize, Deserialize)]
struct Last {
    line: u64,
    text: Vec<u8>,
    raw: Vec<u8>,
}

/// The document of an end.
pub fn encode(end: &End, catalog: &Catalog) -> Vec<u8> {
    let name = |id: &FormatId| catalog.formats[*id].definition.name.clone();
    let placed = |at: Option<(Stamp, usize)>| at.map(|(s, source)| Placed { stamp: time(s), source });
    let document = Document {
        first: placed(end.first),
        last: placed(end.last),
        used: end.used.iter().map(name).collect(),
        block: end.block.as_ref().map(|b| Block {
            parser: name(&b.format),
            host: b.host.clone(),
            lines: b.lines,
            last: b.last.clone().map(|(text, line, raw)| Last { line, text, raw }),
            placed: placed(b.placed),
            outer: b.outer.map(time),
        }),
    };
    serde_json::to_vec(&document).unwrap_or_default()
}

/// The end of a document; `None` where it is none.
pub fn decode(bytes: &[u8], catalog: &Catalog) -> Option<End> {
    let document: Document = serde_json::from_slice(bytes).ok()?;
    let placed = |at: Option<Placed>| at.and_then(|p| Some((stamp(&p.stamp)?, p.source)));
    Some(End {
        first: placed(document.first),
        last: placed(document.last),
        used: document.used.iter().filter_map(|n| catalog.find(n)).collect(),
        block: document.block.and_then(|b| {
            Some(OpenBlock {
                format: catalog.find(&b.parser)?,
                host: b.host,
                lines: b.lines.min(super::draft::MOST),
                last: b.last.map(|l| (l.text, l.line.min(super::draft::MOST), l.raw)),
                placed: placed(b.placed),
                outer: b.outer.and_then(|t| stamp(&t)),
            })
        }),
    })
}

fn time(s: Stamp) -> Time {
    Time { wall_ms: s.wall_ms, offset_s: s.offset_s }
}

fn stamp(t: &Time) -> Option<Stamp> {
    let sound = t.wall_ms.unsigned_abs() < super::draft::FARTHEST * 1000 && t.offset_s.is_none_or(|o| o.unsigned_abs() <= 86_400);
    sound.then_some(Stamp { wall_ms: t.wall_ms, offset_s: t.offset_s })
}

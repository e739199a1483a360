//! Rows of counts into tallies. What a count means is said by the definition of the log alone: each row stands for a line that has what the
//! row was grouped by, and the definition reads that line.

use std::collections::HashMap;

use super::sql::COLUMNS;
use crate::parser::catalog::{Catalog, FormatId};
use crate::parser::cut::Fields;
use crate::parser::format::Tries;
use crate::parser::stamp::{YearHint, read_iso_whole};
use crate::parser::tally::{FileTally, SourceTally};

/// What the rows came to.
#[derive(Default)]
pub struct Counted {
    /// One source, if anything was counted.
    pub tally: FileTally,
    /// Lines that the table could not cut.
    pub uncut: u64,
}

/// A row: name of the column → text; absent where it is NULL.
pub type Row = HashMap<String, String>;

/// Puts rows together. `step` is the seconds that a row stands for.
pub fn tally(catalog: &Catalog, format: FormatId, rows: &[Row], step: u32) -> Counted {
    let mut out = Counted::default();
    let mut source = SourceTally::new(format, None);
    source.period_s = step;
    for row in rows {
        let Some(requests) = row.get("requests").and_then(|n| n.parse::<u64>().ok()) else { continue };
        let Some(at) = row.get("at") else {
            out.uncut += requests;
            continue;
        };
        let whole = if step == 1 { format!("{at}Z") } else { format!("{at}:00Z") };
        if let Some(stamp) = read_iso_whole(&whole) {
            source.note_stamp(stamp);
            enter(catalog, &mut source, row, &line(row, &whole), stamp.ms().div_euclid(1000), requests);
        }
    }
    if source.matched > 0 {
        out.tally.lines = source.matched;
        out.tally.sources.push(source);
    }
    out
}

fn enter(catalog: &Catalog, source: &mut SourceTally, row: &Row, line: &str, second: i64, requests: u64) {
    let format = &catalog.formats[source.format];
    let mut fields = Fields::default();
    let Some(cut) = format.cut(line.as_bytes(), false, YearHint(0), &mut Tries::default(), &mut fields) else { return };
    source.matched += requests;
    format.each_count(line.as_bytes(), &fields, cut, |count, signal, value| {
        let tally = source.signals.entry(signal).or_default();
        let measured = format.definition.counts[count].value.as_deref().filter(|_| value.is_some());
        let number = |prefix: &str| measured.and_then(|field| row.get(&format!("{prefix}{field}"))?.parse::<f64>().ok());
        let (sum, least, most) = (number("").unwrap_or(0.0), number("least_"), number("most_"));
        tally.add_cell(second, requests, None);
        if let Ok(i) = tally.cells.binary_search_by_key(&second, |c| c.second) {
            let cell = &mut tally.cells[i];
            cell.sum += sum;
            cell.min = cell.min.min(least.unwrap_or(f64::INFINITY));
            cell.max = cell.max.max(most.unwrap_or(f64::NEG_INFINITY));
        }
        format.each_kept_of_count(count, line.as_bytes(), &fields, |name, value| tally.add_fact_times(name, value, requests));
    });
}

/// A line of the log that has what the row says. Only a status, codes, addresses and times of AWS's own stand in it.
fn line(row: &Row, at: &str) -> String {
    let text =
        |name: &str| row.get(name).map_or("-", |t| if t.is_empty() { "-" } else { t.as_str() }).replace(['"', ' ', '\\'], "_");
    let is = |name: &str| row.get(name).is_some_and(|t| t == "true");
    let time = |known: bool| if known { "0.001" } else { "-1" };
    format!(
        "http {at} app/x {} {} {} {} -1 {} {} 0 0 \"-\" \"-\" - - {} \"-\" \"-\" \"-\" 0 {at} \"{}\" \"-\" \"{}\"",
        "-:0",
        text("target"),
        time(is("sent")),
        time(is("answered")),
        text("status"),
        text("target_status"),
        text("target_group"),
        if is("waf") { "waf" } else { "forward" },
        text("error_reason"),
    )
}

/// Rows by name, from texts in the order of [`COLUMNS`].
pub fn row(texts: impl Iterator<Item = Option<String>>) -> Row {
    COLUMNS.iter().zip(texts).filter_map(|(name, text)| Some(((*name).to_owned(), text?))).collect()
}

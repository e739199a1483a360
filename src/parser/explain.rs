//! What the catalog makes of one line, for people who wonder.

use super::catalog::Catalog;
use super::cut::Fields;
use super::definition::Kind;
use super::format::{Claim, Tries};
use super::harness::show_stamp;
use super::scan::FileScanner;
use super::stamp::YearHint;
use crate::report::escape::terminal;

/// Explains a line: parser, time, signals, fields; for a line that nothing claims, how far the closest came.
pub fn explain(catalog: &Catalog, line: &str, hint: YearHint) -> String {
    let mut scanner = FileScanner::new(catalog, hint);
    scanner.feed(line.as_bytes());
    let tally = scanner.finish();
    let mut out = String::new();
    for source in &tally.sources {
        let format = &catalog.formats[source.format];
        if source.matched == 0 {
            continue;
        }
        out.push_str(&format!("parser   {} ({})\n", format.definition.name, format.definition.title));
        if let Some(layer) = format.definition.layer {
            out.push_str(&format!("layer    {layer}\n"));
        }
        if let Some(host) = &source.host {
            out.push_str(&format!("host     {}\n", terminal(host)));
        }
        out.push_str(&format!("time     {}\n", time_of(catalog, source.format, line, source.stated, hint)));
        if source.signals.is_empty() {
            out.push_str("signal   none: the line is recognised and says nothing about a drop\n");
        }
        for (signal, t) in &source.signals {
            let info = catalog.signals.info(*signal);
            let value = t
                .cells
                .first()
                .filter(|c| c.max >= c.min)
                .map(|c| format!(" = {}{}", c.sum, info.unit.map_or("", |u| u.base_symbol())));
            out.push_str(&format!("signal   {}{}", info.name, value.unwrap_or_default()));
            if !info.means.is_empty() {
                out.push_str(&format!("\n         {}", info.means));
            }
            out.push('\n');
            for (field, values) in &t.facts {
                for v in values.keys() {
                    out.push_str(&format!("field    {field} = {}\n", terminal(v)));
                }
            }
        }
    }
    if out.is_empty() {
        out.push_str("no parser understands this line\n");
        let closest = catalog
            .formats
            .iter()
            .filter_map(|f| {
                f.closest(line.as_bytes(), hint).map(|(form, reached, expected)| (reached, f, form.to_owned(), expected))
            })
            .max_by_key(|c| c.0);
        if let Some((reached, format, form, expected)) = closest.filter(|c| c.0 > 0) {
            let head = String::from_utf8_lossy(&line.as_bytes()[..reached.min(line.len())]).into_owned();
            out.push_str(&format!(
                "closest  {} (form {form}): it read {reached} bytes and then expected {expected}\n",
                format.definition.name
            ));
            out.push_str(&format!("         {}⟨here⟩\n", terminal(&head)));
        } else if let Some((format, form)) = shape_without_event(catalog, line, hint) {
            out.push_str(&format!("closest  {format} (form {form}): the line has its shape, but no event knows the message\n"));
        }
    }
    out
}

fn time_of(catalog: &Catalog, id: usize, line: &str, stated: Option<bool>, hint: YearHint) -> String {
    let format = &catalog.formats[id];
    let mut fields = Fields::default();
    let fits = format.cut(line.as_bytes(), false, hint, &mut Tries::default(), &mut fields).is_some();
    let own = fields.stamp.filter(|_| fits).map(show_stamp);
    match (own, stated) {
        (Some(t), Some(true)) => format!("{t} (the line states its zone)"),
        (Some(t), _) => format!("{t} (local time, the line states no zone)"),
        (None, Some(_)) => "from the envelope around the line".to_owned(),
        (None, None) => "none: it takes the nearest dated line's".to_owned(),
    }
}

fn shape_without_event<'c>(catalog: &'c Catalog, line: &str, hint: YearHint) -> Option<(&'c str, &'c str)> {
    let mut fields = Fields::default();
    catalog.of_kind(Kind::Log).find_map(|(_, f)| {
        let cut = f.cut(line.as_bytes(), false, hint, &mut Tries::default(), &mut fields)?;
        (f.claim(line.as_bytes(), &fields, cut, false) == Claim::None)
            .then(|| (f.definition.name.as_str(), f.forms[cut.form].name.as_str()))
    })
}

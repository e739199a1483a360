//! The text of queries: several things counted at once, as many as a query holds.

use super::pushed::{Column, Pushed};

/// Longest text of a query; the service takes 10,000.
const LONGEST: usize = 9_500;

/// Most things that one query counts.
const MOST_COLUMNS: usize = 50;

/// Rows of an answer; the service gives no more of them at once.
pub const MOST_ROWS: usize = 10_000;

/// A query that counts columns of a format by second.
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    /// The text.
    pub text: String,
    /// Indexes of the columns, in the order of the query's `c0`, `c1`, …
    pub columns: Vec<usize>,
}

/// Puts a format's columns into as few queries as hold them.
pub fn queries(pushed: &Pushed) -> Vec<Query> {
    let mut out: Vec<Query> = Vec::new();
    let mut order: Vec<usize> = (0..pushed.columns.len()).collect();
    // Columns of one query have one way to tell the time, and are announced by texts all or none.
    let kind = |i: &usize| (pushed.columns[*i].lasted.clone(), pushed.columns[*i].announced.is_empty());
    order.sort_by_key(kind);
    for i in order {
        if let Some(last) = out.last_mut()
            && kind(&last.columns[0]) == kind(&i)
            && last.columns.len() < MOST_COLUMNS
        {
            let mut more = last.columns.clone();
            more.push(i);
            let text = counting(pushed, &more);
            if text.len() <= LONGEST {
                *last = Query { text, columns: more };
                continue;
            }
        }
        out.push(Query { text: counting(pushed, &[i]), columns: vec![i] });
    }
    // A condition that alone is too long for a query is left to the caller to tell.
    out.retain(|q| q.text.len() <= LONGEST);
    out
}

fn counting(pushed: &Pushed, columns: &[usize]) -> String {
    let all: Vec<&Column> = columns.iter().map(|i| &pushed.columns[*i]).collect();
    let mut lines = Vec::new();
    let announced: Vec<&str> = all.iter().flat_map(|c| c.announced.iter().map(String::as_str)).collect();
    if all.iter().all(|c| !c.announced.is_empty()) {
        let mut texts = announced;
        texts.sort_unstable();
        texts.dedup();
        lines.push(format!("filter @message like /{}/", texts.join("|")));
    }
    lines.extend(pushed.commands.iter().cloned());
    let holds = all.iter().enumerate().map(|(i, c)| format!("({}) as c{i}", c.holds)).collect::<Vec<_>>();
    lines.push(format!("fields {}", holds.join(", ")));
    let mut sums = Vec::new();
    for (i, c) in all.iter().enumerate() {
        sums.push(format!("sum(c{i}) as n{i}"));
        if c.value.is_some() {
            sums.push(format!("sum(v{i}) as s{i}"));
        }
    }
    let values: Vec<String> =
        all.iter().enumerate().filter_map(|(i, c)| Some(format!("c{i} * ({}) as v{i}", c.value.as_ref()?))).collect();
    if !values.is_empty() {
        lines.push(format!("fields {}", values.join(", ")));
    }
    match all.first().and_then(|c| c.lasted.as_ref()) {
        // A line is written at the end of its request; the accounting goes by the begin.
        Some(lasted) => {
            lines.push(format!("fields floor(toMillis(@timestamp) / 1000 - {lasted}) as begun"));
            lines.push(format!("stats {} by begun", sums.join(", ")));
        }
        None => lines.push(format!("stats {} by bin(1s)", sums.join(", "))),
    }
    lines.push(format!("limit {MOST_ROWS}"));
    lines.join("\n| ")
}

/// The query for a few lines of a column.
pub fn quoting(pushed: &Pushed, column: usize, lines: usize) -> String {
    let mut all = pushed.commands.clone();
    all.push("fields @timestamp, @message".to_owned());
    all.push(format!("filter {}", pushed.columns[column].holds));
    all.push("sort @timestamp asc".to_owned());
    all.push(format!("limit {lines}"));
    all.join("\n| ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parser::catalog::Catalog;
    use std::collections::BTreeSet;

    #[test]
    fn every_definition_fits_into_queries() {
        let catalog = Catalog::load(&[]).unwrap();
        for (id, f) in catalog.of_kind(crate::parser::definition::Kind::Log) {
            let seen: BTreeSet<usize> =
                (0..f.definition.lines.len()).filter(|i| f.definition.lines[*i].request).take(1).collect();
            let pushed = Pushed::new(&catalog, id, &seen);
            let queries = queries(&pushed);
            let inside: usize = queries.iter().map(|q| q.columns.len()).sum();
            assert_eq!(inside, pushed.columns.len(), "{}", f.definition.name);
            assert!(queries.iter().all(|q| q.text.len() <= LONGEST && q.columns.len() <= MOST_COLUMNS));
            assert!(queries.len() <= 12, "{}: {} queries", f.definition.name, queries.len());
        }
    }

    #[test]
    fn a_query_reads_like_one() {
        let catalog = Catalog::load(&[]).unwrap();
        let id = catalog.find("nginx_access").unwrap();
        let form = catalog.formats[id].forms.iter().position(|f| f.name == "timed_named").unwrap();
        let pushed = Pushed::new(&catalog, id, &BTreeSet::from([form]));
        let all = queries(&pushed);
        let text = &all[0].text;
        assert!(
            text.contains("| stats sum(c0) as n0") && text.contains(" by begun") && text.ends_with("| limit 10000"),
            "{text}"
        );
        assert!(text.starts_with("parse @message /^(?<"), "{text}");
    }
}

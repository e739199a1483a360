//! A log group that is too large to stream: Logs Insights counts, and only counts and a few lines travel.

use chrono::NaiveDateTime;
use futures_util::{StreamExt, stream};
use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::events::{self, Slice, Streams, source_name};
use super::insights::{self, Answer};
use super::pushed::Pushed;
use super::query::{MOST_ROWS, Query, queries, quoting};
use crate::aws::client::Client;
use crate::aws::fault::Fault;
use crate::lang::Saying;
use crate::parser::catalog::{Catalog, FormatId, SignalId};
use crate::parser::cut::Fields;
use crate::parser::format::{Claim, Tries};
use crate::parser::stamp::YearHint;
use crate::parser::tally::{FileTally, SignalTally, SourceTally};
use crate::scanned::{Gathered, ScannedFile};
use crate::source::Skipped;
use crate::words::Role;

/// Queries under way at once; an account may have 30 (older limits: 20, 10), and others use them too.
const AT_ONCE: usize = 8;

/// Seconds of one query: a row a second, and the service gives 10,000 rows.
const SECONDS: i64 = 9_000;

/// Lines that are fetched to be quoted, a signal.
const QUOTED: usize = 10;

/// Signals of which lines are fetched, those that bear on failures first.
const MOST_QUOTED: usize = 40;

/// Moments of the window at which the group is looked into, to learn the shape of its lines.
const LOOKS: i64 = 5;

/// Fewer lines than this tell too little about a group.
const FEW: u64 = 100;

/// What comes with failures, in CloudWatch's own filter language: lines that a few looks would hardly meet.
const LOUD: &str = "?error ?Error ?ERROR ?crit ?CRITICAL ?alert ?emerg ?warn ?WARN ?*** ?killed ?Traceback";

/// What is to be asked of a group.
pub struct Plan {
    /// By format: what is counted.
    formats: Vec<(Pushed, Vec<Query>)>,
    /// Of the lines that were looked at, those that a query cannot see into.
    wrapped: u64,
    looked_at: u64,
}

impl Plan {
    /// Learns from a few lines which formats the group holds.
    ///
    /// # Errors
    /// The lines cannot be had.
    pub async fn new(client: &Client, catalog: &Catalog, slice: Slice<'_>, hint: YearHint) -> Result<Self, Fault> {
        let mut looks = Looks { catalog, hint, forms: BTreeMap::new(), wrapped: 0, looked_at: 0 };
        let step = ((slice.to - slice.from) / LOOKS).max(1);
        for from in (slice.from..slice.to).step_by(usize::try_from(step).unwrap_or(1)) {
            let part = Slice { from, to: (from + step.min(60)).min(slice.to), ..slice };
            events::each_page(client, part, None, 1, |e| looks.take(e)).await?;
        }
        // Most of the window is silent: whatever there is.
        if looks.looked_at < FEW {
            events::each_page(client, slice, None, 3, |e| looks.take(e)).await?;
        }
        events::each_page(client, slice, Some(LOUD), 2, |e| looks.take(e)).await?;
        Ok(looks.plan())
    }

    /// Whether there is anything to ask.
    pub fn is_empty(&self) -> bool {
        self.formats.iter().all(|(_, q)| q.is_empty())
    }

    /// How many times the window is read.
    pub fn readings(&self) -> usize {
        self.formats.iter().map(|(_, q)| q.len()).sum()
    }
}

struct Looks<'c> {
    catalog: &'c Catalog,
    hint: YearHint,
    forms: BTreeMap<FormatId, BTreeSet<usize>>,
    wrapped: u64,
    looked_at: u64,
}

impl Looks<'_> {
    fn take(&mut self, event: events::Event<'_>) {
        let line = event.message.trim_end().as_bytes();
        self.looked_at += 1;
        let mut streams = Streams::new(self.catalog, "", self.hint);
        streams.take(event);
        let scanned = streams.finish(None);
        let Some(source) = scanned.iter().flat_map(|f| &f.tally.sources).find(|s| s.matched > 0) else { return };
        let format = &self.catalog.formats[source.format];
        let mut fields = Fields::default();
        let form = [false, true].into_iter().find_map(|bare| {
            let cut = format.cut(line, bare, self.hint, &mut Tries::default(), &mut fields)?;
            let known = !bare || format.claim(line, &fields, cut, false) != Claim::None;
            known.then_some(cut.form)
        });
        match form {
            Some(form) => {
                self.forms.entry(source.format).or_default().insert(form);
            }
            // Understood, but not as it stands: it is in an envelope, or has several lines.
            None => self.wrapped += 1,
        }
    }

    fn plan(mut self) -> Plan {
        // A server's logs lie together: where its access log is, its error log may be, silent so far.
        let family = |id: &FormatId| self.catalog.formats[*id].definition.name.split('_').next().unwrap_or("").to_owned();
        let families: BTreeSet<String> = self.forms.keys().map(family).collect();
        for (id, _) in self.catalog.of_kind(crate::parser::definition::Kind::Log) {
            if families.contains(&family(&id)) {
                self.forms.entry(id).or_default();
            }
        }
        let with_queries = |(id, forms): (&FormatId, &BTreeSet<usize>)| {
            let pushed = Pushed::new(self.catalog, *id, forms);
            let queries = queries(&pushed);
            (pushed, queries)
        };
        Plan { formats: self.forms.iter().map(with_queries).collect(), wrapped: self.wrapped, looked_at: self.looked_at }
    }
}

/// What the queries of one format counted.
#[derive(Default)]
struct Counted {
    signals: BTreeMap<SignalId, SignalTally>,
    /// Column → second of the most.
    peaks: HashMap<usize, (u64, i64)>,
}

/// Asks all that is planned.
pub async fn scan(client: &Client, catalog: &Catalog, slice: Slice<'_>, plan: &Plan) -> Gathered {
    let name = source_name(slice.group);
    let mut tally = FileTally::default();
    let (mut bytes, mut asked, mut notes, mut quotes) = (0.0, 0, Vec::new(), FileTally::default());
    for (pushed, queries) in &plan.formats {
        let mut counted = Counted::default();
        for query in queries {
            let mut parts: Vec<Slice<'_>> = Vec::new();
            let mut from = slice.from;
            while from < slice.to {
                parts.push(Slice { from, to: (from + SECONDS).min(slice.to), ..slice });
                from += SECONDS;
            }
            while !parts.is_empty() {
                let round: Vec<_> =
                    parts.drain(..).map(|part| async move { (part, insights::ask(client, part, &query.text).await) }).collect();
                let mut round = std::pin::pin!(stream::iter(round).buffered(AT_ONCE));
                while let Some((part, outcome)) = round.next().await {
                    asked += 1;
                    match outcome {
                        // The answer was cut off: the same in two halves.
                        Ok(answer) if answer.rows.len() >= MOST_ROWS && part.to - part.from > 1 => {
                            bytes += answer.bytes;
                            let middle = part.from + (part.to - part.from) / 2;
                            parts.push(Slice { to: middle, ..part });
                            parts.push(Slice { from: middle, ..part });
                        }
                        Ok(answer) => {
                            bytes += answer.bytes;
                            counted.add(&answer, pushed, query);
                        }
                        Err(fault) => {
                            let format = &catalog.formats[pushed.format].definition.name;
                            notes.push(Saying::with("aws-query-failed", &[("format", format)]).fill("fault", fault.says()));
                        }
                    }
                }
            }
        }
        quotes.absorb(counted.quotes(client, catalog, slice, pushed).await);
        counted.enter(&mut tally, pushed);
    }
    take_quotes(&mut tally, quotes, catalog, &mut notes);
    let unseen = plan.formats.iter().map(|(p, _)| p);
    let (asked, gb) = (asked.to_string(), format!("{:.2}", bytes / 1e9));
    let note = Saying::with("aws-counted-by-insights", &[("queries", &asked), ("gb", &gb)]);
    notes.push(note.and(not_seen(unseen, plan)));
    notes.sort();
    notes.dedup();
    let skipped = notes.into_iter().map(|because| Skipped { name: name.clone(), because }).collect();
    let files = if tally.sources.is_empty() { Vec::new() } else { vec![ScannedFile { path: format!("{name}/*"), tally }] };
    Gathered { files, skipped, ..Gathered::default() }
}

/// What this way of reading cannot see, in a sentence.
fn not_seen<'p>(all: impl Iterator<Item = &'p Pushed>, plan: &Plan) -> Saying {
    let mut by_reason: BTreeMap<&'static str, BTreeSet<&str>> = BTreeMap::new();
    for pushed in all {
        for (why, signals) in &pushed.unseen {
            by_reason.entry(why).or_default().extend(signals.iter().map(String::as_str));
        }
    }
    let list = |(why, signals): (&'static str, BTreeSet<&str>)| {
        let first: Vec<&str> = signals.iter().copied().take(4).collect();
        let mut first = first.join(", ");
        if signals.len() > 4 {
            first.push_str(", …");
        }
        Saying::with(why, &[("signals", &first)])
    };
    let mut parts: Vec<Saying> = by_reason.into_iter().map(list).collect();
    if plan.wrapped > 0 {
        let (wrapped, looked_at) = (plan.wrapped.to_string(), plan.looked_at.to_string());
        parts.push(Saying::with("aws-unseen-wrapped", &[("wrapped", &wrapped), ("all", &looked_at)]));
    }
    parts.push(Saying::of("aws-unseen-quantiles"));
    Saying::of("aws-unseen").fill("parts", Saying::Several(parts))
}

impl Counted {
    fn add(&mut self, answer: &Answer, pushed: &Pushed, query: &Query) {
        for row in &answer.rows {
            let Some(second) = second_of(row) else { continue };
            for (at, &column) in query.columns.iter().enumerate() {
                let number = |prefix: &str| row.get(&format!("{prefix}{at}")).and_then(|v| v.parse::<f64>().ok());
                let count = number("n").unwrap_or(0.0).round() as u64;
                if count == 0 {
                    continue;
                }
                let c = &pushed.columns[column];
                let tally = self.signals.entry(c.signal).or_default();
                match (&c.value, number("s")) {
                    (Some(_), Some(sum)) => {
                        // Only the sum is known: each is taken for the mean.
                        tally.add_cell(second, count, Some(sum));
                        let mean = sum / count as f64;
                        if let Some(cell) = tally.cells.iter_mut().find(|k| k.second == second) {
                            (cell.min, cell.max) = (mean, mean);
                        }
                    }
                    _ => tally.add_cell(second, count, None),
                }
                let peak = self.peaks.entry(column).or_insert((0, second));
                if count > peak.0 {
                    *peak = (count, second);
                }
            }
        }
    }

    /// A few lines of each signal, from the second that has most of it, through the scanner that files go through.
    async fn quotes(&self, client: &Client, catalog: &Catalog, slice: Slice<'_>, pushed: &Pushed) -> FileTally {
        let mut wanted: Vec<(usize, i64)> = self.peaks.iter().map(|(c, (_, second))| (*c, *second)).collect();
        let weight = |column: usize| match catalog.signals.info(pushed.columns[column].signal).role {
            Role::Failure | Role::UnloggedFailure | Role::FailedRequest => 0,
            Role::Change => 1,
            Role::FailedHealthCheck | Role::Sign => 2,
            Role::Request => 3,
        };
        wanted.sort_by_key(|(column, _)| (weight(*column), *column));
        wanted.truncate(MOST_QUOTED);
        let ask = |(column, second): (usize, i64)| async move {
            // What is led back to its begin was written later.
            let later = if pushed.columns[column].lasted.is_some() { 60 } else { 1 };
            let part = Slice { from: second, to: (second + later).min(slice.to.max(second + 1)), ..slice };
            insights::ask(client, part, &quoting(pushed, column, QUOTED)).await
        };
        let asked: Vec<_> = wanted.into_iter().map(ask).collect();
        let mut answers = std::pin::pin!(stream::iter(asked).buffered(AT_ONCE));
        let mut all = FileTally::default();
        while let Some(answer) = answers.next().await {
            let Ok(answer) = answer else { continue };
            let mut streams = Streams::new(catalog, slice.group, YearHint(slice.to * 1000));
            for row in &answer.rows {
                let (Some(ms), Some(message)) = (row.get("@timestamp").and_then(|t| read_time(t)), row.get("@message")) else {
                    continue;
                };
                streams.take(events::Event { stream: "", id: "", ms, message });
            }
            streams.finish(None).into_iter().for_each(|f| all.absorb(f.tally));
        }
        all
    }

    fn enter(self, tally: &mut FileTally, pushed: &Pushed) {
        if self.signals.is_empty() {
            return;
        }
        let mut source = SourceTally::new(pushed.format, None);
        // The service's stamps are UTC.
        (source.stated, source.offset_s) = (Some(true), Some(0));
        let cells = self.signals.values().flat_map(|t| &t.cells);
        let (mut first, mut last) = (i64::MAX, i64::MIN);
        for c in cells {
            (first, last) = (first.min(c.second), last.max(c.second));
        }
        source.span = Some((first, last));
        // A line has one event, but several counts: the most frequent of them is no more than its lines.
        source.matched = self.signals.values().map(SignalTally::total).max().unwrap_or(0);
        tally.lines += source.matched;
        source.signals = self.signals;
        tally.sources.push(source);
    }
}

/// Takes over lines to quote, and drops what the scanner understands otherwise than the query did.
fn take_quotes(tally: &mut FileTally, quotes: FileTally, catalog: &Catalog, notes: &mut Vec<Saying>) {
    for theirs in quotes.sources {
        let Some(ours) = tally.sources.iter_mut().find(|s| s.format == theirs.format) else { continue };
        for (signal, t) in theirs.signals {
            if let Some(known) = ours.signals.get_mut(&signal) {
                known.absorb_quotes(t.examples, t.facts);
            }
        }
    }
    let all = tally.sources.iter().flat_map(|s| &s.signals);
    let bare = all.filter(|(id, t)| t.examples.is_empty() && catalog.signals.info(**id).role != Role::Request);
    let names: Vec<&str> = bare.map(|(id, _)| catalog.signals.info(*id).name.as_str()).collect();
    if !names.is_empty() {
        notes.push(Saying::with("aws-nothing-to-quote", &[("signals", &names.join(", "))]));
    }
}

/// The second that a row stands for.
fn second_of(row: &HashMap<String, String>) -> Option<i64> {
    match row.get("begun") {
        Some(seconds) => Some(seconds.parse::<f64>().ok()?.round() as i64),
        None => Some(read_time(row.iter().find(|(name, _)| name.starts_with("bin("))?.1)?.div_euclid(1000)),
    }
}

/// Milliseconds of a time as answers write it: UTC, without saying so; older services write the number.
fn read_time(text: &str) -> Option<i64> {
    let read = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f").ok();
    read.map(|t| t.and_utc().timestamp_millis()).or_else(|| text.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_answers() {
        assert_eq!(read_time("2026-11-21 00:00:39.000"), Some(1_795_219_239_000));
        assert_eq!(read_time("1795219239000"), Some(1_795_219_239_000));
        let row = |k: &str, v: &str| HashMap::from([(k.to_owned(), v.to_owned())]);
        assert_eq!(second_of(&row("bin(1s)", "2026-11-21 00:00:39.000")), Some(1_795_219_239));
        assert_eq!(second_of(&row("begun", "1.795219239E9")), Some(1_795_219_239));
        assert_eq!(second_of(&row("n0", "1")), None);
    }
}

//! Lines of a log group, page by page, into the scanner that files go through: one a log stream, in the order of time.

use std::collections::{BTreeMap, HashSet};
use std::hash::{BuildHasher, RandomState};

use crate::aws::action::Action;
use crate::aws::client::Client;
use crate::aws::fault::Fault;
use crate::lang::Saying;
use crate::parser::catalog::Catalog;
use crate::parser::scan::FileScanner;
use crate::parser::stamp::YearHint;
use crate::scanned::ScannedFile;

/// Log streams that are told apart; lines of further ones share a source.
const MAX_STREAMS: usize = 64;

/// Most events of a page.
const PAGE: i32 = 10_000;

/// Events whose ids are remembered to know a double by; doubles come within a page or two.
const REMEMBERED: usize = 100_000;

/// A window of a log group.
#[derive(Debug, Clone, Copy)]
pub struct Slice<'a> {
    /// Name or ARN.
    pub group: &'a str,
    /// From this second on.
    pub from: i64,
    /// Up to this second, which is no longer part of it.
    pub to: i64,
}

/// An event as the service gives it.
#[derive(Debug, Clone, Copy)]
pub struct Event<'e> {
    /// Its log stream.
    pub stream: &'e str,
    /// Its id.
    pub id: &'e str,
    /// Its stamp, in milliseconds (UTC).
    pub ms: i64,
    /// What was logged.
    pub message: &'e str,
}

/// Reads all events of a slice. What came before a fault is kept, with the fault.
pub async fn read(client: &Client, catalog: &Catalog, slice: Slice<'_>, hint: YearHint) -> (Vec<ScannedFile>, Option<Fault>) {
    let mut streams = Streams::new(catalog, slice.group, hint);
    let fault = each_page(client, slice, None, usize::MAX, |event| streams.take(event)).await.err();
    (streams.finish(fault.as_ref()), fault)
}

/// Calls `each` for the events of a slice, page by page, at most so many pages. `pattern` is CloudWatch's filter pattern.
///
/// # Errors
/// A page could not be had; those before it were passed on.
pub async fn each_page(
    client: &Client,
    slice: Slice<'_>,
    pattern: Option<&str>,
    pages: usize,
    mut each: impl FnMut(Event<'_>),
) -> Result<(), Fault> {
    let logs = client.logs();
    let mut token: Option<String> = None;
    for _ in 0..pages {
        let ask = || {
            let ask = logs.filter_log_events().limit(PAGE).set_filter_pattern(pattern.map(str::to_owned));
            // The service's window has its end inside.
            let ask = ask.start_time(slice.from * 1000).end_time(slice.to * 1000 - 1);
            let ask = if slice.group.starts_with("arn:") {
                ask.log_group_identifier(slice.group.trim_end_matches(":*"))
            } else {
                ask.log_group_name(slice.group)
            };
            ask.set_next_token(token.clone()).send()
        };
        let page = client.call(Action::FilterLogEvents, ask).await?;
        for e in page.events() {
            let (Some(ms), Some(message)) = (e.timestamp(), e.message()) else { continue };
            each(Event { stream: e.log_stream_name().unwrap_or(""), id: e.event_id().unwrap_or(""), ms, message });
        }
        // A page may be empty and not be the last: only the token tells.
        let next = page.next_token().map(str::to_owned);
        if next.is_none() || next == token {
            return Ok(());
        }
        token = next;
        tokio::task::yield_now().await;
    }
    Ok(())
}

/// A group's events on their way into a scanner a log stream.
pub struct Streams<'c> {
    catalog: &'c Catalog,
    group: &'c str,
    hint: YearHint,
    scanners: BTreeMap<String, FileScanner<'c>>,
    seen: Seen,
}

impl<'c> Streams<'c> {
    /// Without events yet.
    pub fn new(catalog: &'c Catalog, group: &'c str, hint: YearHint) -> Self {
        Streams { catalog, group, hint, scanners: BTreeMap::new(), seen: Seen::default() }
    }

    /// Takes an event, unless it came already.
    pub fn take(&mut self, event: Event<'_>) {
        if !event.id.is_empty() && !self.seen.is_new(&(event.stream, event.id)) {
            return;
        }
        let stream =
            if self.scanners.contains_key(event.stream) || self.scanners.len() < MAX_STREAMS { event.stream } else { "*" };
        let new = || FileScanner::new(self.catalog, self.hint);
        // Most events belong to a stream that is known: its name is only copied once.
        if !self.scanners.contains_key(stream) {
            self.scanners.insert(stream.to_owned(), new());
        }
        if let Some(scanner) = self.scanners.get_mut(stream) {
            scanner.feed_event(event.ms, event.message.as_bytes());
        }
    }

    /// What they came to.
    pub fn finish(self, fault: Option<&Fault>) -> Vec<ScannedFile> {
        let group = source_name(self.group);
        let of = |(stream, scanner): (String, FileScanner<'c>)| {
            let mut tally = scanner.finish();
            tally.error = fault.map(|f| Saying::of("reading-ended-early").fill("error", f.says()));
            ScannedFile { path: format!("{group}/{stream}"), tally }
        };
        self.scanners.into_iter().map(of).collect()
    }
}

/// How reports call a log group.
pub fn source_name(group: &str) -> String {
    let name = group.split_once(":log-group:").map_or(group, |(_, n)| n).trim_end_matches(":*");
    format!("logs:{name}")
}

/// Remembers the last ids in two generations, so that memory has a bound.
#[derive(Default)]
struct Seen {
    hasher: RandomState,
    new: HashSet<u64>,
    old: HashSet<u64>,
}

impl Seen {
    fn is_new(&mut self, id: &(&str, &str)) -> bool {
        let hash = self.hasher.hash_one(id);
        if self.old.contains(&hash) || !self.new.insert(hash) {
            return false;
        }
        if self.new.len() >= REMEMBERED {
            self.old = std::mem::take(&mut self.new);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HINT: YearHint = YearHint(1_795_219_200_000);
    const T0: i64 = 1_795_219_239_000; // 2026-11-21T00:00:39Z

    fn event<'e>(stream: &'e str, id: &'e str, ms: i64, message: &'e str) -> Event<'e> {
        Event { stream, id, ms, message }
    }

    #[test]
    fn the_service_s_stamp_stands_in_for_a_time_without_a_zone() {
        let catalog = Catalog::load(&[]).unwrap();
        let mut streams = Streams::new(&catalog, "/shop/nginx", HINT);
        // Written in Tokyo's local time; and one line of uWSGI's that has no time at all.
        let line = "2026/11/21 09:00:39 [error] 29#29: *1 connect() to unix:/run/shop/app.sock failed (11: Resource temporarily unavailable) while connecting to upstream, client: 203.0.113.9, server: _, request: \"GET / HTTP/1.1\", upstream: \"uwsgi://unix:/run/shop/app.sock:\", host: \"shop.example.com\"";
        streams.take(event("i-1", "a", T0, line));
        streams.take(event("i-1", "a", T0, line));
        streams.take(event("i-2", "a", T0 + 1000, "*** HARAKIRI ON WORKER 3 (pid: 41, try: 1) ***"));
        let files = streams.finish(None);
        assert_eq!(files.iter().map(|f| f.path.as_str()).collect::<Vec<_>>(), ["logs:/shop/nginx/i-1", "logs:/shop/nginx/i-2"]);
        let (nginx, uwsgi) = (&files[0].tally, &files[1].tally);
        assert!(nginx.closes() && nginx.lines == 1 && uwsgi.lines == 1);
        let source = &nginx.sources[0];
        assert_eq!((source.stated, source.span), (Some(true), Some((T0 / 1000, T0 / 1000))));
        let signal = catalog.signals.find("nginx.upstream_eagain").unwrap();
        assert_eq!(source.signals[&signal].examples[0].text, line);
        let cells = |s: &crate::parser::tally::SourceTally| {
            s.signals.values().flat_map(|t| &t.cells).map(|c| c.second).collect::<Vec<_>>()
        };
        assert_eq!(cells(&uwsgi.sources[0]), [T0 / 1000 + 1]);
    }

    #[test]
    fn an_event_of_several_lines_is_read_line_by_line() {
        let catalog = Catalog::load(&[]).unwrap();
        let mut streams = Streams::new(&catalog, "g", HINT);
        let traceback = "Traceback (most recent call last):\n  File \"/srv/app.py\", line 3, in view\n    raise TypeError(\"x\")\nTypeError: x\n";
        streams.take(event("s", "1", T0, traceback));
        streams.take(event("s", "2", T0 + 5000, "what is this"));
        let tally = streams.finish(None).remove(0).tally;
        assert!(tally.closes() && tally.lines == 5 && tally.unmatched == 1, "{:?}", tally.unmatched_examples);
        let seconds: Vec<i64> = tally.sources[0].signals.values().flat_map(|t| &t.cells).map(|c| c.second).collect();
        assert_eq!(seconds, [T0 / 1000]);
    }

    #[test]
    fn many_streams_share_what_is_left() {
        let catalog = Catalog::default();
        let mut streams = Streams::new(&catalog, "arn:aws:logs:eu-west-1:1:log-group:g:*", HINT);
        for i in 0..MAX_STREAMS + 10 {
            streams.take(event(&format!("s{i:03}"), "", T0, "x\ny"));
        }
        let files = streams.finish(Some(&Fault::OutOfTime));
        assert_eq!(files.len(), MAX_STREAMS + 1);
        let shared = files.iter().find(|f| f.path == "logs:g/*").unwrap();
        assert_eq!((shared.tally.lines, shared.tally.error.is_some()), (20, true));
    }
}

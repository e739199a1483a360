//! What a receiver is told: the JSON contract `fivexx.notification/1`, and the same as a message for a Slack-compatible webhook.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::machine::{Facts, IncidentId, Known};
use crate::lang::{Lang, thousands};
use crate::model::{Incident, Instant, Period};
use crate::report::escape::terminal;
use crate::report::words;
use crate::words::Layer;

/// Name and version of the contract.
pub const SCHEMA: &str = "fivexx.notification/1";

/// What happened to the incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// It is told.
    Opened,
    /// It is over.
    Closed,
}

/// A layer and a mechanism.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Place {
    /// The layer.
    pub layer: String,
    /// The mechanism: the id of a cause.
    pub mechanism: String,
    /// 0…1.
    pub confidence: f64,
    /// The mechanism in words.
    pub title: String,
    /// The socket, upstream or zone, where the logs name it.
    #[serde(rename = "where", skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
}

/// One notification.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Notification {
    /// [`SCHEMA`].
    pub schema: String,
    /// The same for each attempt to deliver this notification, and for no other: receivers may tell repetitions by it.
    pub key: String,
    /// The language of its text and titles.
    #[serde(default)]
    pub lang: Lang,
    /// What happened.
    pub kind: Kind,
    /// The incident's name, as in the report's file name.
    pub incident: IncidentId,
    /// Whether it was still going on.
    pub ongoing: bool,
    /// RFC 3339, UTC.
    pub start: String,
    /// RFC 3339, UTC: the last failure seen so far.
    pub end: String,
    /// Requests in the window; 0 where nobody counts them.
    pub requests: u64,
    /// Those that failed.
    pub failed_requests: u64,
    /// Where requests were dropped.
    pub dropped_at: Place,
    /// What made it so.
    pub root_cause: Place,
    /// At most three lines.
    pub text: String,
    /// Where the report lies.
    pub reports: Vec<String>,
    /// An earlier attempt may have arrived without our knowing.
    #[serde(default)]
    pub possibly_repeated: bool,
}

impl Notification {
    /// The telling of an incident.
    pub fn opened(known: &Known, incident: &Incident, ongoing: bool, reports: Vec<String>, lang: Lang) -> Self {
        let (d, r) = (&incident.dropped_at, &incident.root_cause);
        let root = if words::is_own_root(incident) {
            lang.say("tell-root-same")
        } else {
            let values = [("title", &*r.title), ("layer", &r.layer.title(lang)), ("share", &words::percent(r.confidence))];
            lang.with("tell-root", &values)
        };
        let (failed, since) = (words::failed_of(lang, incident), words::utc(incident.window.start));
        let values = [("failed", &*failed), ("since", &since), ("length", &words::length(lang, &incident.window))];
        let lines = [
            lang.with(
                "tell-dropped-at",
                &[("layer", &d.layer.title(lang)), ("title", &d.title), ("sure", &words::confidence(lang, d.confidence))],
            ),
            root,
            lang.with(if ongoing { "tell-failed-ongoing" } else { "tell-failed" }, &values),
        ];
        Notification {
            schema: SCHEMA.to_owned(),
            key: format!("{}-opened", known.id),
            lang,
            kind: Kind::Opened,
            incident: known.id.clone(),
            ongoing,
            start: rfc3339(incident.window.start),
            end: rfc3339(incident.window.end),
            requests: incident.requests,
            failed_requests: incident.failed_requests,
            dropped_at: Place {
                layer: d.layer.id().to_owned(),
                mechanism: d.mechanism.clone(),
                confidence: d.confidence,
                title: d.title.clone(),
                place: d.place.clone(),
            },
            root_cause: Place {
                layer: r.layer.id().to_owned(),
                mechanism: r.mechanism.clone(),
                confidence: r.confidence,
                title: r.title.clone(),
                place: None,
            },
            text: lines.map(|l| terminal(&l)).join("\n"),
            reports,
            possibly_repeated: false,
        }
    }

    /// The end of an incident that was told.
    pub fn closed(known: &Known, reports: Vec<String>, lang: Lang) -> Self {
        let f = &known.facts;
        let last = words::utc(Instant(f.span.end));
        let over = [("layer", &*f.layer.title(lang)), ("since", &last), ("mechanism", &f.mechanism)];
        let text = format!("{}\n{}", lang.with("tell-over", &over), lasted(f, lang));
        Self::from_facts(known, Kind::Closed, text, reports, lang)
    }

    /// The telling of an incident whose logs were gone before it was sure.
    pub fn opened_late(known: &Known, reports: Vec<String>, lang: Lang) -> Self {
        let f = &known.facts;
        let late = [("layer", &*f.layer.title(lang)), ("mechanism", &f.mechanism), ("share", &format!("{}%", f.percent))];
        let text = format!("{}\n{}", lang.with("tell-late", &late), lasted(f, lang));
        Self::from_facts(known, Kind::Opened, text, reports, lang)
    }

    fn from_facts(known: &Known, kind: Kind, text: String, reports: Vec<String>, lang: Lang) -> Self {
        let f = &known.facts;
        let place = |layer: Layer, mechanism: &str, percent: u8| Place {
            layer: layer.id().to_owned(),
            mechanism: mechanism.to_owned(),
            confidence: f64::from(percent) / 100.0,
            title: mechanism.replace('_', " "),
            place: None,
        };
        let suffix = match kind {
            Kind::Opened => "opened",
            Kind::Closed => "closed",
        };
        Notification {
            schema: SCHEMA.to_owned(),
            key: format!("{}-{suffix}", known.id),
            lang,
            kind,
            incident: known.id.clone(),
            ongoing: false,
            start: rfc3339(Instant(f.span.start)),
            end: rfc3339(Instant(f.span.end)),
            requests: f.requests,
            failed_requests: f.failed,
            dropped_at: place(f.layer, &f.mechanism, f.percent),
            root_cause: place(f.root_layer, &f.root_mechanism, f.root_percent),
            text,
            reports,
            possibly_repeated: false,
        }
    }

    /// As a Slack-compatible webhook takes it: text of at most three lines, and fields.
    pub fn slack(&self) -> Value {
        let field = |key: &str, value: &str| field(&self.lang.say(key), value);
        let mut fields = vec![
            field("field-dropped-at", &format!("{} / {}", self.dropped_at.layer, self.dropped_at.mechanism)),
            field("field-root-cause", &format!("{} / {}", self.root_cause.layer, self.root_cause.mechanism)),
            field("field-from", &self.start),
            field(if self.ongoing { "field-last-so-far" } else { "field-to" }, &self.end),
        ];
        if let Some(place) = &self.dropped_at.place {
            fields.push(field("field-at", place));
        }
        for report in &self.reports {
            fields.push(field("field-report", report));
        }
        if self.possibly_repeated {
            fields.push(field("field-note", &self.lang.say("note-repeated")));
        }
        let colour = match self.kind {
            Kind::Opened => "danger",
            Kind::Closed => "good",
        };
        let text = slack_text(&self.text);
        json!({
            "text": text,
            "mrkdwn": false,
            "attachments": [{
                "color": colour,
                "fallback": text.lines().next().unwrap_or_default(),
                "fields": fields,
                "mrkdwn_in": [],
                "footer": format!("fivexx {}", self.key),
            }],
        })
    }
}

fn lasted(f: &Facts, lang: Lang) -> String {
    let window = Period { start: Instant(f.span.start), end: Instant(f.span.end) };
    let values = [("length", &*words::length(lang, &window)), ("since", &words::utc(window.start))];
    lang.count("tell-lasted", f.failed, &thousands(f.failed), &values)
}

fn field(title: &str, value: &str) -> Value {
    json!({ "title": title, "value": slack_text(value), "short": value.len() < 40 })
}

/// What comes from logs must neither mark up, nor link, nor call anybody: Slack's three control characters are written as it asks,
/// and a mark without width keeps `@channel` and its like from being read as a call by those who look for it in plain text.
fn slack_text(text: &str) -> String {
    const MOST: usize = 600;
    let lines: Vec<String> = text.lines().map(terminal).collect();
    let text = lines.join("\n");
    let cut = text.chars().count() > MOST;
    let mut out = String::new();
    for c in text.chars().take(MOST) {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '@' => out.push_str("@\u{200b}"),
            c => out.push(c),
        }
    }
    if cut {
        out.push('…');
    }
    out
}

fn rfc3339(at: Instant) -> String {
    at.utc().to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slack_cannot_be_talked_into_anything() {
        assert_eq!(slack_text("<!channel> @here & \x1b[2J"), "&lt;!channel&gt; @\u{200b}here &amp; \\u{1b}[2J");
        assert!(slack_text(&"x".repeat(5000)).chars().count() < 700);
    }
}

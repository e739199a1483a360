//! Puts stand-ins where secrets stood: `[email:1]`, the same number for the same value throughout a report.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::sync::{Arc, OnceLock};

use regex::Regex;

use super::rules::{Find, Rules};
use super::{Kind, Redaction};
use crate::model::Masked;

/// Masks the texts of one report.
pub struct Masker {
    rules: Vec<Arc<Rules>>,
    ips: bool,
    /// Numbers by value.
    numbers: HashMap<String, u64>,
    places: BTreeMap<Kind, u64>,
}

impl Masker {
    /// A masker that has seen nothing yet.
    pub fn new(redaction: &Redaction) -> Self {
        let rules = std::iter::once(Rules::builtin()).chain(&redaction.more).cloned().collect();
        Masker { rules, ips: redaction.ips, numbers: HashMap::new(), places: BTreeMap::new() }
    }

    /// Masks a text; gives how many places of it were masked.
    pub fn mask(&mut self, text: &mut String) -> u32 {
        let mut finds = Vec::new();
        for rules in &self.rules {
            rules.find(text, &mut finds);
        }
        if self.ips {
            find_addresses(text, &mut finds);
        }
        if finds.is_empty() {
            return 0;
        }
        let mut out = String::with_capacity(text.len());
        let mut from = 0;
        let spans = merged(finds);
        for span in &spans {
            out.push_str(&text[from..span.start]);
            out.push_str(&self.stand_in(&text[span.start..span.end], span.kind));
            from = span.end;
        }
        out.push_str(&text[from..]);
        *text = out;
        spans.len() as u32
    }

    fn stand_in(&mut self, value: &str, kind: Kind) -> String {
        *self.places.entry(kind).or_default() += 1;
        let next = self.numbers.len() as u64 + 1;
        let number = *self.numbers.entry(value.to_owned()).or_insert(next);
        format!("[{}:{number}]", kind.id())
    }

    /// What was masked so far.
    pub fn masked(&self) -> Masked {
        Masked {
            off: false,
            ips: self.ips,
            places: self.places.values().sum(),
            values: self.numbers.len() as u64,
            kinds: self.places.iter().map(|(k, n)| (k.id(), *n)).collect(),
        }
    }
}

/// Places that overlap become one, of the kind that says most.
fn merged(mut finds: Vec<Find>) -> Vec<Find> {
    finds.sort_by_key(|f| (f.start, f.end));
    let mut out: Vec<Find> = Vec::with_capacity(finds.len());
    for f in finds {
        match out.last_mut() {
            Some(last) if f.start < last.end => {
                last.end = last.end.max(f.end);
                last.kind = last.kind.max(f.kind);
            }
            _ => out.push(f),
        }
    }
    out
}

/// Addresses, but for those by which a machine calls itself: which socket a request went to must stay readable.
fn find_addresses(text: &str, finds: &mut Vec<Find>) {
    static SHAPE: OnceLock<Option<Regex>> = OnceLock::new();
    let shape =
        SHAPE.get_or_init(|| Regex::new(r"(?:[0-9]{1,3}\.){3}[0-9]{1,3}|[0-9A-Fa-f]{0,4}:[0-9A-Fa-f:.]*:[0-9A-Fa-f.]*").ok());
    for found in shape.iter().flat_map(|s| s.find_iter(text)) {
        let Ok(address) = found.as_str().trim_end_matches('.').parse::<IpAddr>() else { continue };
        // `12:30:05` and `::` are no address of anybody.
        if !address.is_loopback() && !address.is_unspecified() {
            let end = found.start() + found.as_str().trim_end_matches('.').len();
            finds.push(Find { start: found.start(), end, kind: Kind::Ip });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masked(text: &str) -> String {
        with(text, &Redaction::default())
    }

    fn with(text: &str, redaction: &Redaction) -> String {
        let mut text = text.to_owned();
        Masker::new(redaction).mask(&mut text);
        text
    }

    #[test]
    fn names_stay_and_values_go() {
        for (line, shown) in [
            (
                r#"request: "GET /pay?user=4711&token=ab%20c HTTP/1.1", host: "shop""#,
                r#"request: "GET /pay?user=[query:1]&token=[secret:2] HTTP/1.1", host: "shop""#,
            ),
            ("Cookie: sid=abc123def; theme=dark", "Cookie: sid=[session:1]; theme=[cookie:2]"),
            ("Authorization: Bearer abc.def.ghi", "Authorization: Bearer [authorization:1]"),
            (
                "could not reach postgres://shop:hunter2@db-1:5432/shop",
                "could not reach postgres://shop:[secret:1]@db-1:5432/shop",
            ),
            ("パスワードpassword=秘密のことば、次", "パスワードpassword=[secret:1]"),
            ("user alice@example.com, again alice@example.com", "user [email:1], again [email:1]"),
            (r#"{"password": "hunter2"}"#, r#"{"password": "[secret:1]"}"#),
            ("connecting with password=hunter2 to db", "connecting with password=[secret:1] to db"),
        ] {
            assert_eq!(masked(line), shown);
        }
    }

    #[test]
    fn what_an_answer_needs_stays() {
        for line in [
            "connect() to unix:/run/shop/app.sock failed (11: Resource temporarily unavailable) while connecting to upstream, client: 203.0.113.9",
            r#"upstream: "uwsgi://127.0.0.1:3031", host: "shop.example.com""#,
            "gunicorn@shop.service: Main process exited, code=killed, status=9/KILL",
            r#"FATAL:  password authentication failed for user "shop""#,
            "SyntaxError: Unexpected token: expected a comma",
            "ssl_session_cache shared:SSL:10m; keepalive_timeout 75s;",
            "[session:12] and [email:3] stay what they are: password=[secret:2]",
        ] {
            assert_eq!(masked(line), line);
        }
    }

    #[test]
    fn addresses_go_on_request_but_for_ones_own() {
        let ips = Redaction { ips: true, ..Redaction::default() };
        let line = "client: 203.0.113.9, upstream: 10.0.0.5:8000, [2001:db8::7]:443, 127.0.0.1:3031, at 12:30:05 [::1]";
        assert_eq!(with(line, &ips), "client: [ip:1], upstream: [ip:2]:8000, [[ip:3]]:443, 127.0.0.1:3031, at 12:30:05 [::1]");
        assert_eq!(masked(line), line);
    }

    #[test]
    fn rules_of_the_users_own_come_beside() {
        let rules =
            Rules::read("[[rules]]\nid = \"customer\"\nregex = '''\\bcustomer-(\\d+)'''\nkeywords = [\"customer\"]\n").unwrap();
        let own = Redaction { more: vec![Arc::new(rules)], ..Redaction::default() };
        assert_eq!(with("customer-4711 of bob@example.com", &own), "customer-[token:1] of [email:2]");
    }
}

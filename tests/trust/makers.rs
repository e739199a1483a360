//! Makes secrets that look real and are nobody's, and plants them in lines.

use serde_json::{Value, json};

/// A secret in a line.
pub struct Secret {
    pub kind: &'static str,
    pub value: String,
    pub line: String,
}

/// A line with its secrets.
pub struct Planted {
    pub line: String,
    pub secrets: Vec<Secret>,
}

const LINES: &str = include_str!("planted.txt");

const UPPER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
const LOWER: &str = "abcdefghijklmnopqrstuvwxyz0123456789";
const HEX: &str = "0123456789abcdef";
const DIGITS: &str = "0123456789";
const ALNUM: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const URL: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
const B64: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Numbers that are the same in each run (Marsaglia's xorshift).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn of(&mut self, letters: &str, n: usize) -> String {
        let letters: Vec<char> = letters.chars().collect();
        (0..n).map(|_| letters[(self.next() >> 33) as usize % letters.len()]).collect()
    }

    fn one(&mut self, of: &[&str]) -> String {
        of[(self.next() >> 33) as usize % of.len()].to_owned()
    }
}

fn make(kind: &str, d: &mut Dice) -> (&'static str, String) {
    match kind {
        "password" => {
            // As people make them, and as machines do.
            let word = d.one(&["hunter", "Sommer", "tr0ub4dor", "letmein", "correcthorse", "Passw0rd", "qwerty"]);
            let end = d.one(&["2", "!", "#1", "2026!", "$x", "-9", "_A", "%7"]);
            let tail = d.of(ALNUM, 5);
            ("password", format!("{word}{end}{tail}"))
        }
        "hex" => ("hex token", d.of(HEX, 32)),
        "hex64" => ("hex key", d.of(HEX, 64)),
        "b64url" => ("token", d.of(URL, 31) + &d.of(ALNUM, 1)),
        "b64" => ("key", d.of(B64, 43) + "="),
        "b64key" => ("storage key", d.of(B64, 86) + "=="),
        "jwt" => ("JWT", format!("eyJ{}.eyJ{}.{}", d.of(URL, 24), d.of(URL, 60), d.of(ALNUM, 43))),
        "awsid" => ("AWS key id", format!("{}{}", d.one(&["AKIA", "ASIA"]), d.of("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16))),
        "awssecret" => ("AWS secret", d.of(ALNUM, 40)),
        "email" | "emailpct" => {
            let name = d.one(&["anna.schmidt", "bob", "k.tanaka", "j_doe+shop", "Marie-Claire.O", "ops"]);
            let host = d.one(&["example.com", "mail.example.co.jp", "firma.de", "x-y.org"]);
            let n = d.of(DIGITS, 4);
            let at = if kind == "email" { "@" } else { "%40" };
            ("e-mail", format!("{name}{n}{at}{host}"))
        }
        "uuid" => {
            let part = |d: &mut Dice, n| d.of(HEX, n);
            let all = [part(d, 8), part(d, 4), part(d, 4), part(d, 4), part(d, 12)];
            ("UUID", all.join("-"))
        }
        "session" => ("session id", d.of(LOWER, 31) + "7"),
        "session_cookie" => ("session cookie", "sessionid=".to_owned() + &d.of(LOWER, 31) + "7"),
        "code" => ("OAuth code", "4/0A".to_owned() + &d.of(URL, 40)),
        "basic" => ("basic credentials", d.of(ALNUM, 23) + "="),
        "digits" => ("number", d.of(DIGITS, 16)),
        "cvv" => ("card code", format!("{}77{}", d.of(DIGITS, 2), d.of(DIGITS, 2))),
        "sendgrid" => ("SendGrid key", format!("SG.{}.{}", d.of(URL, 22), d.of(ALNUM, 43))),
        "stripe" => ("Stripe key", format!("{}_{}", d.one(&["sk_live", "rk_live", "sk_test"]), d.of(ALNUM, 24))),
        "gitlab" => ("GitLab token", "glpat-".to_owned() + &d.of(ALNUM, 20)),
        "github" => ("GitHub token", "ghp_".to_owned() + &d.of(ALNUM, 36)),
        "slackhook" => ("Slack webhook", format!("T{}/B{}/{}", d.of(UPPER, 9), d.of(UPPER, 9), d.of(ALNUM, 24))),
        "slack" => ("Slack token", format!("xoxb-{}-{}-{}", d.of(DIGITS, 12), d.of(DIGITS, 12), d.of(ALNUM, 24))),
        "openai" => ("OpenAI key", "sk-proj-".to_owned() + &d.of(ALNUM, 48)),
        "gcp" => ("Google key", "AIza".to_owned() + &d.of(ALNUM, 35)),
        "npm" => ("npm token", "npm_".to_owned() + &d.of(ALNUM, 36)),
        "vault" => ("Vault token", "hvs.".to_owned() + &d.of(ALNUM, 24)),
        "telegram" => ("Telegram token", format!("7{}:AA{}", d.of(DIGITS, 9), d.of(ALNUM, 33))),
        "hf" => ("Hugging Face token", "hf_".to_owned() + &d.of(ALNUM, 34)),
        "grafana" => ("Grafana token", format!("glsa_{}_{}", d.of(ALNUM, 32), d.of(HEX, 8))),
        "bcrypt" => ("password hash", d.of(ALNUM, 53)),
        "pem" => ("private key", "MIIE".to_owned() + &d.of(B64, 76)),
        other => panic!("no maker of {other}"),
    }
}

/// Every line, filled so many times.
pub fn planted(rounds: usize) -> Vec<Planted> {
    let mut dice = Dice(0x5eed_5eed_1234_5678);
    let templates: Vec<&str> = LINES.lines().filter(|l| !l.starts_with('#') && !l.is_empty()).collect();
    (0..rounds).flat_map(|_| templates.clone()).map(|t| fill(t, &mut dice)).collect()
}

fn fill(template: &str, dice: &mut Dice) -> Planted {
    let (mut line, mut found, mut rest) = (String::new(), Vec::new(), template);
    while let Some(at) = rest.find('{') {
        let name: String = rest[at + 1..].chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
        let is_place = !name.is_empty() && rest[at + 1 + name.len()..].starts_with('}');
        line.push_str(&rest[..at]);
        if is_place {
            let (kind, value) = make(&name, dice);
            line.push_str(&value);
            found.push((kind, value));
            rest = &rest[at + name.len() + 2..];
        } else {
            line.push('{');
            rest = &rest[at + 1..];
        }
    }
    line.push_str(rest);
    let secrets = found.into_iter().map(|(kind, value)| Secret { kind, value, line: line.clone() }).collect();
    Planted { line, secrets }
}

/// An incident as the watch remembers it.
pub fn known() -> Value {
    json!({
        "id": "1f0c3a9d22",
        "facts": {
            "span": {"start": 1_795_305_600, "end": 1_795_305_700}, "layer": "app_queue", "mechanism": "listen_queue_full",
            "root_layer": "app", "root_mechanism": "slow_requests", "root_percent": 90, "percent": 97, "requests": 100, "failed": 50
        },
        "phase": "told", "told_at": null, "end_told": false, "closed_at": null, "part_of": null, "report": null, "last_seen": 1_795_305_700
    })
}

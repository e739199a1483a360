//! An engine for the part of the Logs Insights language that fivexx writes: `filter`, `parse … /regex/`, `fields … as`, `stats sum(…) by`,
//! `sort`, `limit`.
//!
//! It is ours and not the service's: it follows the service's documentation (a comparison gives 1 or 0, a group of `parse` that does not
//! fit leaves its field absent, absent fields fit nothing and are not summed). What it shows is that the queries mean what the definitions
//! mean. That the real service takes them cannot be shown here.

use regex::Regex;
use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

/// A logged line.
#[derive(Debug, Clone)]
pub struct Line {
    pub ms: i64,
    pub stream: String,
    pub message: String,
}

/// A row of an answer: names and texts, in order.
pub type Row = Vec<(String, String)>;

#[derive(Debug, Clone, PartialEq)]
enum Value {
    Absent,
    Number(f64),
    Text(Rc<str>),
}

impl Value {
    fn number(&self) -> Option<f64> {
        match self {
            Value::Absent => None,
            Value::Number(n) => Some(*n),
            Value::Text(t) => t.parse().ok(),
        }
    }

    fn text(&self) -> Option<Rc<str>> {
        match self {
            Value::Absent => None,
            Value::Number(n) => Some(n.to_string().into()),
            Value::Text(t) => Some(Rc::clone(t)),
        }
    }

    fn holds(&self) -> bool {
        self.number().is_some_and(|n| n != 0.0)
    }

    fn of(holds: bool) -> Self {
        Value::Number(f64::from(u8::from(holds)))
    }
}

#[derive(Debug)]
enum Expression {
    Field(String),
    Number(f64),
    Call(String, Vec<Expression>),
    Like(Box<Expression>, Regex, bool),
    Not(Box<Expression>),
    Two(Box<Expression>, String, Box<Expression>),
}

#[derive(Debug)]
enum Command {
    Filter(Expression),
    Parse(Expression, Regex),
    Fields(Vec<(Expression, String)>),
    Stats(Vec<(Expression, String)>, Group),
    Sort(String, bool),
    Limit(usize),
}

#[derive(Debug)]
enum Group {
    /// Seconds.
    Bin(i64, String),
    By(Expression, String),
}

/// A query that was read.
#[derive(Debug)]
pub struct Query(Vec<Command>);

impl Query {
    /// Reads a query.
    pub fn read(text: &str) -> Result<Self, String> {
        let mut r = Reader { rest: text };
        let mut commands = vec![r.command()?];
        while r.takes("|") {
            commands.push(r.command()?);
        }
        r.skip();
        if r.rest.is_empty() { Ok(Query(commands)) } else { Err(format!("unexpected input at `{:.60}`", r.rest)) }
    }

    /// Runs it over lines.
    pub fn run<'l>(&self, lines: impl Iterator<Item = &'l Line>) -> Vec<Row> {
        let mut records: Vec<HashMap<String, Value>> = Vec::new();
        let simple = self.0.iter().position(|c| !matches!(c, Command::Filter(_) | Command::Parse(..) | Command::Fields(_)));
        let (each, rest) = self.0.split_at(simple.unwrap_or(self.0.len()));
        'line: for l in lines {
            let mut record = HashMap::from([
                ("@timestamp".to_owned(), Value::Number(l.ms as f64)),
                ("@message".to_owned(), Value::Text(l.message.as_str().into())),
                ("@logStream".to_owned(), Value::Text(l.stream.as_str().into())),
            ]);
            for command in each {
                match command {
                    Command::Filter(e) if !value(e, &record).holds() => continue 'line,
                    Command::Parse(e, regex) => {
                        let text = value(e, &record).text();
                        let found = text.as_ref().and_then(|t| regex.captures(t));
                        for name in regex.capture_names().flatten() {
                            let group = found.as_ref().and_then(|f| f.name(name));
                            record.insert(name.to_owned(), group.map_or(Value::Absent, |g| Value::Text(g.as_str().into())));
                        }
                    }
                    Command::Fields(all) => {
                        for (e, name) in all {
                            let v = value(e, &record);
                            record.insert(name.clone(), v);
                        }
                    }
                    _ => {}
                }
            }
            records.push(record);
        }
        let mut rows = None;
        for command in rest {
            match command {
                Command::Stats(sums, group) => rows = Some(aggregate(&records, sums, group)),
                Command::Sort(name, ascending) => {
                    let key = |r: &HashMap<String, Value>| r.get(name).and_then(Value::number).unwrap_or(0.0);
                    records.sort_by(|a, b| key(a).partial_cmp(&key(b)).unwrap_or(Ordering::Equal));
                    if !ascending {
                        records.reverse();
                    }
                }
                Command::Limit(n) => match &mut rows {
                    Some(rows) => rows.truncate(*n),
                    None => records.truncate(*n),
                },
                _ => {}
            }
        }
        rows.unwrap_or_else(|| records.iter().map(event_row).collect())
    }
}

/// A row of events carries what `fields` names, and the pointer that the service adds.
fn event_row(record: &HashMap<String, Value>) -> Row {
    let time = record["@timestamp"].number().unwrap_or(0.0) as i64;
    vec![
        ("@timestamp".to_owned(), written(time)),
        ("@message".to_owned(), record["@message"].text().unwrap_or_default().to_string()),
        ("@ptr".to_owned(), "Cl0KIQ".to_owned()),
    ]
}

fn written(ms: i64) -> String {
    chrono::DateTime::from_timestamp_millis(ms).unwrap_or_default().format("%Y-%m-%d %H:%M:%S%.3f").to_string()
}

fn aggregate(records: &[HashMap<String, Value>], sums: &[(Expression, String)], group: &Group) -> Vec<Row> {
    let mut groups: BTreeMap<Rc<str>, Vec<Option<f64>>> = BTreeMap::new();
    for r in records {
        let key = match group {
            Group::Bin(seconds, _) => {
                let ms = r["@timestamp"].number().unwrap_or(0.0) as i64;
                Some(written(ms.div_euclid(seconds * 1000) * seconds * 1000).into())
            }
            Group::By(e, _) => value(e, r).text(),
        };
        // What has no group is in none.
        let Some(key) = key else { continue };
        let totals = groups.entry(key).or_insert_with(|| vec![None; sums.len()]);
        for ((e, _), total) in sums.iter().zip(totals.iter_mut()) {
            if let Some(n) = value(e, r).number() {
                *total = Some(total.unwrap_or(0.0) + n);
            }
        }
    }
    let name = match group {
        Group::Bin(_, name) | Group::By(_, name) => name,
    };
    let row = |(key, totals): (Rc<str>, Vec<Option<f64>>)| {
        let mut row = vec![(name.clone(), key.to_string())];
        row.extend(sums.iter().zip(totals).filter_map(|((_, n), t)| Some((n.clone(), t?.to_string()))));
        row
    };
    groups.into_iter().map(row).collect()
}

fn value(e: &Expression, record: &HashMap<String, Value>) -> Value {
    match e {
        Expression::Field(name) => record.get(name).cloned().unwrap_or(Value::Absent),
        Expression::Number(n) => Value::Number(*n),
        Expression::Like(e, regex, wanted) => match value(e, record).text() {
            Some(t) => Value::of(regex.is_match(&t) == *wanted),
            None => Value::of(false),
        },
        Expression::Not(e) => Value::of(!value(e, record).holds()),
        Expression::Call(name, of) => {
            let values: Vec<Value> = of.iter().map(|a| value(a, record)).collect();
            match name.as_str() {
                "ispresent" => Value::of(values[0] != Value::Absent),
                "coalesce" => values.into_iter().find(|v| *v != Value::Absent).unwrap_or(Value::Absent),
                "floor" => values[0].number().map_or(Value::Absent, |n| Value::Number(n.floor())),
                "toMillis" => values[0].clone(),
                _ => Value::Absent,
            }
        }
        Expression::Two(a, sign, b) => {
            let left = value(a, record);
            match sign.as_str() {
                "and" => return Value::of(left.holds() && value(b, record).holds()),
                "or" => return Value::of(left.holds() || value(b, record).holds()),
                _ => {}
            }
            let (Some(x), Some(y)) = (left.number(), value(b, record).number()) else {
                return if matches!(sign.as_str(), "+" | "-" | "*" | "/") { Value::Absent } else { Value::of(false) };
            };
            match sign.as_str() {
                "+" => Value::Number(x + y),
                "-" => Value::Number(x - y),
                "*" => Value::Number(x * y),
                "/" => Value::Number(x / y),
                "<" => Value::of(x < y),
                "<=" => Value::of(x <= y),
                ">" => Value::of(x > y),
                ">=" => Value::of(x >= y),
                _ => Value::of(x == y),
            }
        }
    }
}

/// Reads the language, strictly: what it does not know is an error, as with the service.
struct Reader<'t> {
    rest: &'t str,
}

impl Reader<'_> {
    fn skip(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn takes(&mut self, text: &str) -> bool {
        self.skip();
        let Some(rest) = self.rest.strip_prefix(text) else { return false };
        let is_word = text.ends_with(|c: char| c.is_ascii_alphanumeric());
        if is_word && rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_') {
            return false;
        }
        self.rest = rest;
        true
    }

    fn needs(&mut self, text: &str) -> Result<(), String> {
        if self.takes(text) { Ok(()) } else { Err(format!("`{text}` expected at `{:.60}`", self.rest)) }
    }

    fn word(&mut self) -> Result<String, String> {
        self.skip();
        let end = self.rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '@')).unwrap_or(self.rest.len());
        if end == 0 {
            return Err(format!("a name expected at `{:.60}`", self.rest));
        }
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        Ok(word.to_owned())
    }

    fn regex(&mut self) -> Result<Regex, String> {
        self.needs("/")?;
        let mut escaped = false;
        let end = self.rest.find(|c| {
            let ends = c == '/' && !escaped;
            escaped = c == '\\' && !escaped;
            ends
        });
        let end = end.ok_or("a regex without its end")?;
        let text = self.rest[..end].replace("\\/", "/");
        self.rest = &self.rest[end + 1..];
        Regex::new(&text).map_err(|e| e.to_string())
    }

    fn command(&mut self) -> Result<Command, String> {
        Ok(match self.word()?.as_str() {
            "filter" => Command::Filter(self.or()?),
            "parse" => {
                let of = Expression::Field(self.word()?);
                Command::Parse(of, self.regex()?)
            }
            "fields" => Command::Fields(self.named()?),
            "stats" => {
                let mut sums = Vec::new();
                loop {
                    self.needs("sum")?;
                    self.needs("(")?;
                    let e = self.or()?;
                    self.needs(")")?;
                    self.needs("as")?;
                    sums.push((e, self.word()?));
                    if !self.takes(",") {
                        break;
                    }
                }
                self.needs("by")?;
                Command::Stats(sums, self.group()?)
            }
            "sort" => {
                let name = self.word()?;
                Command::Sort(name, self.takes("asc") || !self.takes("desc"))
            }
            "limit" => Command::Limit(self.word()?.parse().map_err(|_| "a number expected")?),
            other => return Err(format!("unknown command `{other}`")),
        })
    }

    fn group(&mut self) -> Result<Group, String> {
        if self.takes("bin") {
            self.needs("(")?;
            let width = self.word()?;
            self.needs(")")?;
            let seconds = width.strip_suffix('s').and_then(|n| n.parse().ok()).ok_or("seconds expected")?;
            return Ok(Group::Bin(seconds, format!("bin({width})")));
        }
        let name = self.word()?;
        Ok(Group::By(Expression::Field(name.clone()), name))
    }

    fn named(&mut self) -> Result<Vec<(Expression, String)>, String> {
        let mut all = Vec::new();
        loop {
            let e = self.or()?;
            let name = if self.takes("as") {
                self.word()?
            } else if let Expression::Field(name) = &e {
                name.clone()
            } else {
                return Err("`as` expected".to_owned());
            };
            all.push((e, name));
            if !self.takes(",") {
                return Ok(all);
            }
        }
    }

    fn or(&mut self) -> Result<Expression, String> {
        let mut e = self.and()?;
        while self.takes("or") {
            e = two(e, "or", self.and()?);
        }
        Ok(e)
    }

    fn and(&mut self) -> Result<Expression, String> {
        let mut e = self.not()?;
        while self.takes("and") {
            e = two(e, "and", self.not()?);
        }
        Ok(e)
    }

    fn not(&mut self) -> Result<Expression, String> {
        if self.takes("not") { Ok(Expression::Not(Box::new(self.not()?))) } else { self.compared() }
    }

    fn compared(&mut self) -> Result<Expression, String> {
        let e = self.sum()?;
        let before = self.rest;
        let wanted = !self.takes("not");
        if self.takes("like") {
            return Ok(Expression::Like(Box::new(e), self.regex()?, wanted));
        }
        self.rest = before;
        for sign in ["<=", ">=", "<", ">", "="] {
            if self.takes(sign) {
                return Ok(two(e, sign, self.sum()?));
            }
        }
        Ok(e)
    }

    fn sum(&mut self) -> Result<Expression, String> {
        let mut e = self.product()?;
        loop {
            let Some(sign) = ["+", "-"].into_iter().find(|s| self.takes(s)) else { return Ok(e) };
            e = two(e, sign, self.product()?);
        }
    }

    fn product(&mut self) -> Result<Expression, String> {
        let mut e = self.atom()?;
        loop {
            let Some(sign) = ["*", "/"].into_iter().find(|s| self.takes(s)) else { return Ok(e) };
            e = two(e, sign, self.atom()?);
        }
    }

    fn atom(&mut self) -> Result<Expression, String> {
        if self.takes("(") {
            let e = self.or()?;
            self.needs(")")?;
            return Ok(e);
        }
        let negative = self.takes("-");
        self.skip();
        if self.rest.starts_with(|c: char| c.is_ascii_digit()) {
            let end = self.rest.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(self.rest.len());
            let (digits, rest) = self.rest.split_at(end);
            self.rest = rest;
            let n: f64 = digits.parse().map_err(|_| "a number expected")?;
            return Ok(Expression::Number(if negative { -n } else { n }));
        }
        let word = self.word()?;
        if !self.takes("(") {
            return Ok(Expression::Field(word));
        }
        if !["ispresent", "coalesce", "floor", "toMillis"].contains(&word.as_str()) {
            return Err(format!("unknown function `{word}`"));
        }
        let mut of = vec![self.or()?];
        while self.takes(",") {
            of.push(self.or()?);
        }
        self.needs(")")?;
        Ok(Expression::Call(word, of))
    }
}

fn two(a: Expression, sign: &str, b: Expression) -> Expression {
    Expression::Two(Box::new(a), sign.to_owned(), Box::new(b))
}

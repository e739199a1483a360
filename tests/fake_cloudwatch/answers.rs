//! What the fake answers, by the service's rules.

use ciborium::Value;
use std::collections::{BTreeMap, BTreeSet};

use super::State;
use super::cbor::{ServiceError, dimensions, encode, error_of, get, get_int, get_list, get_text, get_time, map, text, time};
use super::store::{Data, Key, MINUTE};

const DAY: i64 = 86_400;
const QUERIES_A_CALL: usize = 500;
const POINTS_A_PAGE: i64 = 100_800;
const METRICS_A_PAGE: usize = 500;

type Answer = Result<Value, ServiceError>;

/// The answer to a call.
pub fn answer(state: &mut State, operation: &str, body: &[u8]) -> Result<Vec<u8>, ServiceError> {
    let input: Value = ciborium::from_reader(body).unwrap_or(Value::Null);
    let queries = get_list(&input, "MetricDataQueries").len();
    state.calls.push((operation.to_owned(), queries));
    if state.throttle > 0 {
        state.throttle -= 1;
        return Err(error_of("Throttling", "Rate exceeded"));
    }
    if state.denied.iter().any(|d| d == operation) {
        let who = "User: arn:aws:iam::123456789012:user/oncall is not authorized to perform";
        return Err(error_of(
            "AccessDenied",
            &format!("{who}: cloudwatch:{operation} because no identity-based policy allows it"),
        ));
    }
    let answered = match operation {
        "GetMetricData" => get_metric_data(state, &input),
        "ListMetrics" => list_metrics(state, &input),
        _ => Err(error_of("UnknownOperationException", operation)),
    };
    answered.map(|v| encode(&v))
}

fn invalid(why: &str) -> ServiceError {
    error_of("ValidationError", why)
}

struct Asked<'q> {
    id: &'q str,
    key: Key,
    period: i64,
    statistic: &'q str,
}

fn get_metric_data(state: &mut State, input: &Value) -> Answer {
    let asked = queries_of(input)?;
    let (start, end) = (get_time(input, "StartTime"), get_time(input, "EndTime"));
    let (Some(start), Some(end)) = (start, end) else { return Err(invalid("StartTime and EndTime are required")) };
    if start >= end {
        return Err(invalid("StartTime must be before EndTime"));
    }
    let most = get_int(input, "MaxDatapoints").unwrap_or(POINTS_A_PAGE);
    if !(1..=POINTS_A_PAGE).contains(&most) {
        return Err(invalid("MaxDatapoints must be at most 100800"));
    }
    let page = state.points_a_page.unwrap_or(usize::MAX).min(usize::try_from(most).unwrap_or(usize::MAX));
    let ascending = get_text(input, "ScanBy") == Some("TimestampAscending");
    let (first, mut told) = match get_text(input, "NextToken") {
        None => (0, 0),
        Some(token) => place_of(token).ok_or_else(|| error_of("InvalidNextToken", token))?,
    };
    let (mut room, mut next) = (page, None);
    let mut results = Vec::new();
    for (i, q) in asked.iter().enumerate().skip(first) {
        let mut points = match state.store.metrics.get(&q.key) {
            Some(data) => points_of(data, q, start, end, state.now, state.late_s.get(&q.key.name).copied().unwrap_or(0)),
            None if state.dense => (start..end).step_by(usize::try_from(q.period).unwrap_or(60)).map(|at| (at, 1.0)).collect(),
            None => Vec::new(),
        };
        if !ascending {
            points.reverse();
        }
        let rest = &points[told..];
        if room == 0 && !rest.is_empty() {
            next = Some((i, told));
            break;
        }
        let now = &rest[..rest.len().min(room)];
        room -= now.len();
        let cut = now.len() < rest.len();
        let (status, now) = if state.forbidden.contains(&q.key.name) {
            ("Forbidden", &[][..])
        } else if let Some(i) = state.inner_errors.iter().position(|n| *n == q.key.name) {
            state.inner_errors.remove(i);
            ("InternalError", &[][..])
        } else {
            (if cut { "PartialData" } else { "Complete" }, now)
        };
        results.push(map([
            ("Id", text(q.id)),
            ("Label", text(&q.key.name)),
            ("Timestamps", Value::Array(now.iter().map(|(t, _)| time(*t)).collect())),
            ("Values", Value::Array(now.iter().map(|(_, v)| Value::Float(*v)).collect())),
            ("StatusCode", text(status)),
        ]));
        if cut {
            next = Some((i, told + now.len()));
            break;
        }
        told = 0;
    }
    let messages = state.message.iter().map(|(code, value)| map([("Code", text(code)), ("Value", text(value))])).collect();
    let mut out = vec![(text("MetricDataResults"), Value::Array(results)), (text("Messages"), Value::Array(messages))];
    if let Some((query, told)) = next {
        out.push((text("NextToken"), text(&format!("{query}-{told}"))));
    }
    Ok(Value::Map(out))
}

/// Where a page goes on: which query, and how many of its points were told.
fn place_of(token: &str) -> Option<(usize, usize)> {
    let (query, told) = token.split_once('-')?;
    Some((query.parse().ok()?, told.parse().ok()?))
}

fn queries_of(input: &Value) -> Result<Vec<Asked<'_>>, ServiceError> {
    let queries = get_list(input, "MetricDataQueries");
    if queries.is_empty() || queries.len() > QUERIES_A_CALL {
        return Err(invalid("The collection MetricDataQueries must not have a size greater than 500"));
    }
    let mut ids = BTreeSet::new();
    let mut asked = Vec::new();
    for q in queries {
        let id = get_text(q, "Id").unwrap_or("");
        let good = id.starts_with(|c: char| c.is_ascii_lowercase()) && id.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        if !good || id.len() > 255 || !ids.insert(id) {
            return Err(invalid(&format!("The id {id} is no id, or there twice")));
        }
        let stat = get(q, "MetricStat").ok_or_else(|| invalid("this fake has no metric math"))?;
        let metric = get(stat, "Metric").ok_or_else(|| invalid("Metric is required"))?;
        let period = get_int(stat, "Period").unwrap_or(0);
        if period < MINUTE || period % MINUTE != 0 {
            return Err(invalid("Period must be a multiple of 60"));
        }
        let key = Key {
            namespace: get_text(metric, "Namespace").unwrap_or("").to_owned(),
            name: get_text(metric, "MetricName").unwrap_or("").to_owned(),
            dimensions: dimensions(metric, "Dimensions").into_iter().filter_map(|(n, v)| Some((n, v?))).collect(),
        };
        asked.push(Asked { id, key, period, statistic: get_text(stat, "Stat").unwrap_or("") });
    }
    Ok(asked)
}

/// The points of a series, ascending: of whole periods, of what is kept that long and has come in by now.
fn points_of(data: &Data, q: &Asked<'_>, start: i64, end: i64, now: i64, late_s: i64) -> Vec<(i64, f64)> {
    let age = now - start;
    let finest = if age < 15 * DAY {
        60
    } else if age < 63 * DAY {
        300
    } else {
        3600
    };
    // Minutes are not kept that long: the answer is empty, and says nothing of it.
    let Some(minutes) = data.get(q.statistic).filter(|_| q.period % finest == 0) else { return Vec::new() };
    let start = start.div_euclid(finest) * finest;
    let mut sums: BTreeMap<i64, Vec<f64>> = BTreeMap::new();
    for (&at, &v) in minutes.range(start..end).filter(|(at, _)| **at + MINUTE + late_s <= now) {
        // Periods count from the start of time, not from the start of the question.
        sums.entry(at.div_euclid(q.period) * q.period).or_default().push(v);
    }
    let one = |values: &[f64]| match q.statistic {
        "Sum" | "SampleCount" => values.iter().sum(),
        "Average" => values.iter().sum::<f64>() / values.len() as f64,
        "Minimum" => values.iter().copied().fold(f64::INFINITY, f64::min),
        _ => values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
    };
    sums.into_iter().filter(|(at, _)| *at < end).map(|(at, values)| (at, one(&values))).collect()
}

fn list_metrics(state: &State, input: &Value) -> Answer {
    let (namespace, name) = (get_text(input, "Namespace"), get_text(input, "MetricName"));
    let filters = dimensions(input, "Dimensions");
    let recent = |data: &Data| data.values().flat_map(BTreeMap::keys).any(|at| (state.now - 14 * DAY..state.now).contains(at));
    let fits = |key: &Key| {
        namespace.is_none_or(|n| n == key.namespace)
            && name.is_none_or(|n| n == key.name)
            && filters.iter().all(|(n, v)| key.dimensions.get(n).is_some_and(|is| v.as_ref().is_none_or(|v| v == is)))
    };
    let all: Vec<&Key> = state.store.metrics.iter().filter(|(k, d)| fits(k) && recent(d)).map(|(k, _)| k).collect();
    let begin = match get_text(input, "NextToken") {
        None => 0,
        Some(t) => t.parse::<usize>().map_err(|_| error_of("InvalidParameterValue", "NextToken"))?,
    };
    let page: Vec<Value> = all.iter().skip(begin).take(METRICS_A_PAGE).map(|k| metric(k)).collect();
    let end = begin + page.len();
    let mut out = vec![(text("Metrics"), Value::Array(page))];
    if end < all.len() {
        out.push((text("NextToken"), text(&end.to_string())));
    }
    Ok(Value::Map(out))
}

fn metric(key: &Key) -> Value {
    let dimensions = key.dimensions.iter().map(|(n, v)| map([("Name", text(n)), ("Value", text(v))])).collect();
    map([("Namespace", text(&key.namespace)), ("MetricName", text(&key.name)), ("Dimensions", Value::Array(dimensions))])
}

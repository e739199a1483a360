//! CloudWatch metrics as the AWS CLI prints them: `get-metric-data` and `get-metric-statistics`.
//!
//! A saved answer names neither namespace nor dimensions; the metric is read from its Label or Id, as the definition of kind
//! `cloudwatch` lists them.

use serde_json::Value;

use super::catalog::Catalog;
use super::definition::Kind;
use super::metrics::{Collection, MetricId, Points, Reading, Series};
use super::stamp::read_iso_whole;
use super::tally::FileTally;

/// What is known of a metric document that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum MetricError {
    /// It is no JSON.
    #[error(
        "it begins like CloudWatch JSON but is none: {0}; save it again with `aws cloudwatch get-metric-data … --output json`"
    )]
    Json(#[from] serde_json::Error),
    /// It holds neither of the two answers.
    #[error("neither MetricDataResults nor Datapoints in it; save the whole answer of `aws cloudwatch get-metric-data`")]
    Shape,
}

/// Whether a text looks like one of the two answers, from its begin.
pub fn looks_like_metrics(head: &[u8]) -> bool {
    let text = head.trim_ascii_start();
    matches!(text.first(), Some(b'{' | b'['))
        && (memchr::memmem::find(text, b"\"MetricDataResults\"").is_some()
            || memchr::memmem::find(text, b"\"Datapoints\"").is_some())
}

/// Reads a document into the same tallies as a log gives.
///
/// # Errors
/// The document is broken; a single series that is not known or not readable is skipped and counted.
pub fn scan_metrics(catalog: &Catalog, text: &[u8]) -> Result<FileTally, MetricError> {
    let document: Value = serde_json::from_slice(text)?;
    let mut all = Collection::new(catalog, text.len() as u64);
    let answers: Vec<&Value> = match &document {
        Value::Array(all) => all.iter().collect(),
        one => vec![one],
    };
    let mut any = false;
    for answer in answers {
        for result in answer["MetricDataResults"].as_array().into_iter().flatten() {
            any = true;
            let label = format!("{} {}", result["Label"].as_str().unwrap_or(""), result["Id"].as_str().unwrap_or(""));
            note(&mut all, catalog, &label, None, result_points(result));
        }
        if let Some(points) = answer["Datapoints"].as_array() {
            any = true;
            let label = answer["Label"].as_str().unwrap_or("");
            for statistic in statistics(points) {
                note(&mut all, catalog, label, Some(&statistic), statistic_points(points, &statistic));
            }
        }
        any |= answer["MetricDataResults"].is_array();
    }
    if !any {
        return Err(MetricError::Shape);
    }
    Ok(all.finish(Reading::default()))
}

fn note(collection: &mut Collection<'_>, catalog: &Catalog, label: &str, statistic: Option<&str>, points: Points) {
    match metric_of(catalog, label, statistic) {
        Some(metric) => collection.add(metric, points, Series::Whole),
        None => collection.add_unknown(label.trim()),
    }
}

/// The metric that a label names: the longest name that stands in it as a word, and the statistic that it names, if any.
fn metric_of(catalog: &Catalog, label: &str, statistic: Option<&str>) -> Option<MetricId> {
    let words: Vec<&str> = label.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '.')).collect();
    let mut best: Option<(usize, bool, MetricId)> = None;
    for (format_id, format) in catalog.of_kind(Kind::Cloudwatch) {
        for (i, m) in format.definition.metrics.iter().enumerate() {
            if !words.contains(&m.name.as_str()) {
                continue;
            }
            let named = statistic.map_or_else(|| words.contains(&m.statistic.as_str()), |s| s == m.statistic);
            // With statistics given as keys, only the one that means something is taken.
            if statistic.is_some() && !named {
                continue;
            }
            // A label that names another statistic of the same metric is not this one.
            let other = statistic.is_none() && !named && words.iter().any(|w| is_percentile(w));
            if !other && best.is_none_or(|(len, n, ..)| (m.name.len(), named) > (len, n)) {
                best = Some((m.name.len(), named, MetricId { format: format_id, index: i }));
            }
        }
    }
    best.map(|(_, _, metric)| metric)
}

fn is_percentile(word: &str) -> bool {
    word.strip_prefix('p').is_some_and(|n| n.parse::<f64>().is_ok())
}

fn result_points(result: &Value) -> Points {
    let times = result["Timestamps"].as_array().map_or(&[][..], Vec::as_slice);
    let values = result["Values"].as_array().map_or(&[][..], Vec::as_slice);
    times.iter().zip(values).filter_map(|(t, v)| Some((second_of(t)?, v.as_f64()?))).collect()
}

fn statistics(points: &[Value]) -> Vec<String> {
    let mut names: Vec<String> = points
        .iter()
        .filter_map(Value::as_object)
        .flat_map(|p| p.keys().chain(p.get("ExtendedStatistics").and_then(Value::as_object).into_iter().flat_map(|e| e.keys())))
        .filter(|k| !["Timestamp", "Unit", "ExtendedStatistics"].contains(&k.as_str()))
        .cloned()
        .collect();
    names.sort();
    names.dedup();
    names
}

fn statistic_points(points: &[Value], statistic: &str) -> Points {
    points
        .iter()
        .filter_map(|p| {
            let v = p[statistic].as_f64().or_else(|| p["ExtendedStatistics"][statistic].as_f64())?;
            Some((second_of(&p["Timestamp"])?, v))
        })
        .collect()
}

/// ISO 8601 with an offset or `Z`, or an epoch number: the CLI prints all three, by its version and settings.
fn second_of(t: &Value) -> Option<i64> {
    match t {
        Value::String(s) => Some(read_iso_whole(s)?.ms().div_euclid(1000)),
        Value::Number(n) => {
            let n = n.as_f64()?;
            Some(if n > 1e11 { n / 1000.0 } else { n } as i64)
        }
        _ => None,
    }
}

//! Answers of the Prometheus HTTP API (`query`, `query_range`): each point becomes the line that the exporter would have printed, with its
//! time, and is read by the definitions of such lines.
//!
//! A counter is told by never going down; of it only what it gained from point to point is news.

use serde_json::Value;
use std::fmt::Write;

use super::catalog::Catalog;
use super::scan::FileScanner;
use super::stamp::YearHint;
use super::tally::FileTally;

/// Points that a series must have to be told for a counter.
const LEAST_COUNTER: usize = 3;

/// Why a document cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum MatrixError {
    /// It is no JSON.
    #[error("it begins like an answer of the Prometheus API but is no JSON: {0}; save the whole answer")]
    Json(#[from] serde_json::Error),
    /// It holds no result, or the query failed.
    #[error("an answer of the Prometheus API without a result: {0}")]
    Shape(String),
}

/// Whether a text looks like such an answer, from its begin.
pub fn looks_like_matrix(head: &[u8]) -> bool {
    let has = |text: &[u8]| memchr::memmem::find(head, text).is_some();
    head.trim_ascii_start().first() == Some(&b'{') && has(b"\"resultType\"") && has(b"\"result\"")
}

/// Reads an answer into the same tallies as a log gives. Nothing of it can be quoted by line.
///
/// # Errors
/// The document is broken, or the query failed.
pub fn scan_matrix(catalog: &Catalog, text: &[u8], hint: YearHint) -> Result<FileTally, MatrixError> {
    let document: Value = serde_json::from_slice(text)?;
    let Some(results) = document["data"]["result"].as_array() else {
        return Err(MatrixError::Shape(
            document["error"].as_str().unwrap_or("no `data.result` in it").chars().take(200).collect(),
        ));
    };
    let mut scanner = FileScanner::new(catalog, hint);
    let mut line = String::new();
    for result in results {
        let Some(name) = result["metric"]["__name__"].as_str() else { continue };
        let one = result.get("value").map(std::slice::from_ref);
        let points = result["values"].as_array().map(Vec::as_slice).or(one).unwrap_or(&[]);
        for (ms, value) in news(points) {
            line.clear();
            line.push_str(name);
            labels(&mut line, &result["metric"]);
            let _ = writeln!(line, " {value} {ms:013}");
            scanner.feed(line.as_bytes());
        }
    }
    let mut tally = scanner.finish();
    tally.bytes = text.len() as u64;
    tally.unmatched_examples.clear();
    for signal in tally.sources.iter_mut().flat_map(|s| s.signals.values_mut()) {
        signal.examples.clear();
    }
    Ok(tally)
}

/// Milliseconds and value of each point; of a counter what it gained since the point before.
fn news(points: &[Value]) -> Vec<(i64, f64)> {
    let read = |p: &Value| {
        let value = p[1].as_str().and_then(|v| v.parse::<f64>().ok()).or_else(|| p[1].as_f64())?;
        Some(((p[0].as_f64()? * 1000.0) as i64, value)).filter(|p| p.1.is_finite())
    };
    let all: Vec<(i64, f64)> = points.iter().filter_map(read).collect();
    let rising = all.windows(2).all(|w| w[1].1 >= w[0].1);
    if all.len() < LEAST_COUNTER || !rising {
        return all;
    }
    match (all[0].1, all[all.len() - 1].1) {
        // A state that lasts is a level; any other number that stands still is a counter without news.
        (first, last) if first == last => {
            if first == 0.0 || first == 1.0 {
                all
            } else {
                Vec::new()
            }
        }
        _ => all.windows(2).filter(|w| w[1].1 > w[0].1).map(|w| (w[1].0, w[1].1 - w[0].1)).collect(),
    }
}

/// `{instance="web-1",job="nginx"}`
fn labels(line: &mut String, metric: &Value) {
    let pairs = metric.as_object().into_iter().flatten().filter(|(k, _)| *k != "__name__");
    let mut open = false;
    for (key, value) in pairs {
        line.push(if open { ',' } else { '{' });
        open = true;
        let text = value.as_str().unwrap_or("");
        let _ = write!(line, "{key}=\"");
        for c in text.chars().filter(|c| !c.is_control()) {
            if matches!(c, '"' | '\\') {
                line.push('\\');
            }
            line.push(c);
        }
        line.push('"');
    }
    if open {
        line.push('}');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> FileTally {
        scan_matrix(&Catalog::builtin().unwrap(), text.as_bytes(), YearHint(0)).unwrap()
    }

    #[test]
    fn a_counter_is_news_only_where_it_rises() {
        let text = r#"{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"__name__":"node_netstat_TcpExt_ListenOverflows","instance":"web-1:9100"},
            "values":[[1795219200,"7"],[1795219215,"7"],[1795219230,"40"],[1795219245,"41"],[1795219260,"41"]]}]}}"#;
        assert!(looks_like_matrix(text.as_bytes()));
        let tally = read(text);
        let cells: Vec<(i64, f64)> =
            tally.sources[0].signals.values().flat_map(|t| &t.cells).map(|c| (c.second, c.sum)).collect();
        assert_eq!(cells, [(1_795_219_230, 33.0), (1_795_219_245, 1.0)]);
        assert!(tally.closes());
    }

    #[test]
    fn a_failed_query_says_so() {
        let text = r#"{"status":"error","errorType":"bad_data","error":"invalid parameter","data":{"resultType":""}}"#;
        let error = scan_matrix(&Catalog::builtin().unwrap(), text.as_bytes(), YearHint(0)).err().unwrap().to_string();
        assert!(error.contains("invalid parameter"), "{error}");
    }

    #[test]
    fn hostile_labels_stay_in_their_line() {
        let text = r#"{"data":{"resultType":"vector","result":[{"metric":{"__name__":"node_netstat_TcpExt_ListenDrops","x":"a\"}\n9 \\"},"value":[1795219200,"3"]}]}}"#;
        assert_eq!(read(text).lines, 1);
    }
}

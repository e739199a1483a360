//! The timeline for other tools: Parquet, CSV and NDJSON of one schema. `docs/export.md` describes it.
//!
//! Names follow OpenTelemetry's where it has one: the data model of metrics (`name`, `unit`, `start_time_unix_nano`,
//! `time_unix_nano`, `count`, `sum`, `min`, `max`) and its conventions for attributes (`host.name`, `log.file.path`).

use polars::prelude::*;
use serde::Serialize;
use std::borrow::Cow;
use std::io::Write;

use super::Timeline;
use crate::model::Instant;
use crate::parser::catalog::Catalog;
use crate::words::{Role, Unit};

/// One row as text formats write it.
#[derive(Debug, Serialize)]
struct Row<'t> {
    timestamp: Instant,
    start_time_unix_nano: i64,
    time_unix_nano: i64,
    name: &'t str,
    unit: &'t str,
    #[serde(rename = "host.name")]
    host: Option<&'t str>,
    #[serde(rename = "log.file.path")]
    path: &'t str,
    #[serde(rename = "fivexx.layer")]
    layer: &'t str,
    #[serde(rename = "fivexx.role")]
    role: Role,
    #[serde(rename = "fivexx.parser")]
    parser: &'t str,
    count: u64,
    sum: Option<f64>,
    min: Option<f64>,
    max: Option<f64>,
    p50: Option<f64>,
    p90: Option<f64>,
    p99: Option<f64>,
}

/// The columns, as text formats call them, in their order.
const COLUMNS: [&str; 17] = [
    "timestamp",
    "start_time_unix_nano",
    "time_unix_nano",
    "name",
    "unit",
    "host.name",
    "log.file.path",
    "fivexx.layer",
    "fivexx.role",
    "fivexx.parser",
    "count",
    "sum",
    "min",
    "max",
    "p50",
    "p90",
    "p99",
];

/// Why an export failed.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The Parquet writer.
    #[error("the timeline cannot be written: {0}")]
    Frame(#[from] PolarsError),
    /// What is written to; named as the source, so that a closed pipe is known for one.
    #[error("the output refuses")]
    Io(#[from] std::io::Error),
}

impl From<ExportError> for std::io::Error {
    fn from(e: ExportError) -> Self {
        match e {
            ExportError::Io(e) => e,
            ExportError::Frame(PolarsError::IO { error, .. }) => std::io::Error::new(error.kind(), error.to_string()),
            ExportError::Frame(e) => std::io::Error::other(e),
        }
    }
}

impl Timeline {
    /// How many rows an export has.
    pub fn rows(&self) -> usize {
        self.points.len()
    }

    /// Writes all rows as Parquet, compressed with zstd.
    ///
    /// # Errors
    /// The output refuses.
    pub fn write_parquet(&self, catalog: &Catalog, out: impl Write) -> Result<(), ExportError> {
        let rows = self.export_rows(catalog);
        let nanos = |f: fn(&Row<'_>) -> i64| rows.iter().map(f).collect::<Vec<i64>>();
        let texts = |f: fn(&Row<'_>) -> String| rows.iter().map(f).collect::<Vec<String>>();
        let millis: Vec<i64> = rows.iter().map(|r| r.timestamp.0 * 1000).collect();
        let hosts: Vec<Option<&str>> = rows.iter().map(|r| r.host).collect();
        let time =
            Series::new("timestamp".into(), millis).cast(&DataType::Datetime(TimeUnit::Milliseconds, Some(TimeZone::UTC)))?;
        let measured = |name: &str, f: fn(&Row<'_>) -> Option<f64>| {
            Column::new(name.into(), rows.iter().map(f).collect::<Vec<Option<f64>>>())
        };
        let mut frame = DataFrame::new(
            rows.len(),
            vec![
                time.into_column(),
                Column::new("start_time_unix_nano".into(), nanos(|r| r.start_time_unix_nano)),
                Column::new("time_unix_nano".into(), nanos(|r| r.time_unix_nano)),
                Column::new("name".into(), texts(|r| r.name.to_owned())),
                Column::new("unit".into(), texts(|r| r.unit.to_owned())),
                Column::new("host.name".into(), hosts),
                Column::new("log.file.path".into(), texts(|r| r.path.to_owned())),
                Column::new("fivexx.layer".into(), texts(|r| r.layer.to_owned())),
                Column::new("fivexx.role".into(), texts(|r| role_id(r.role).to_owned())),
                Column::new("fivexx.parser".into(), texts(|r| r.parser.to_owned())),
                Column::new("count".into(), rows.iter().map(|r| r.count).collect::<Vec<u64>>()),
                measured("sum", |r| r.sum),
                measured("min", |r| r.min),
                measured("max", |r| r.max),
                measured("p50", |r| r.p50),
                measured("p90", |r| r.p90),
                measured("p99", |r| r.p99),
            ],
        )?;
        ParquetWriter::new(out).with_compression(ParquetCompression::Zstd(None)).finish(&mut frame)?;
        Ok(())
    }

    /// Writes all rows as CSV with a header (RFC 4180). Text that a spreadsheet would take for a formula is made plain text.
    ///
    /// # Errors
    /// The output refuses.
    pub fn write_csv(&self, catalog: &Catalog, mut out: impl Write) -> Result<(), ExportError> {
        writeln!(out, "{}", COLUMNS.join(","))?;
        let number = |v: Option<f64>| v.map_or_else(String::new, |v| v.to_string());
        for r in self.export_rows(catalog) {
            let time = r.timestamp.utc().format("%Y-%m-%dT%H:%M:%SZ");
            write!(out, "{time},{},{},", r.start_time_unix_nano, r.time_unix_nano)?;
            write!(out, "{},{},{},{},", cell(r.name), r.unit, r.host.map_or(Cow::Borrowed(""), cell), cell(r.path))?;
            write!(out, "{},{},{},{}", r.layer, role_id(r.role), cell(r.parser), r.count)?;
            for v in [r.sum, r.min, r.max, r.p50, r.p90, r.p99] {
                write!(out, ",{}", number(v))?;
            }
            out.write_all(b"\n")?;
        }
        Ok(out.flush()?)
    }

    /// Writes all rows as one JSON object a line.
    ///
    /// # Errors
    /// The output refuses.
    pub fn write_ndjson(&self, catalog: &Catalog, mut out: impl Write) -> Result<(), ExportError> {
        for row in self.export_rows(catalog) {
            serde_json::to_writer(&mut out, &row).map_err(std::io::Error::from)?;
            out.write_all(b"\n")?;
        }
        Ok(out.flush()?)
    }

    fn export_rows<'t>(&'t self, catalog: &'t Catalog) -> Vec<Row<'t>> {
        let mut rows = Vec::with_capacity(self.points.len());
        let mut rest = self.rest.iter().peekable();
        for (series, names) in self.series.iter().zip(&self.names) {
            let info = catalog.signals.info(series.signal);
            for i in series.rows.clone() {
                let point = self.points[i];
                let (min, p90) = rest.next_if(|r| r.0 == i).map_or((None, None), |r| (Some(r.1), r.2));
                let begin = point.second.saturating_mul(1_000_000_000);
                rows.push(Row {
                    timestamp: Instant(point.second),
                    start_time_unix_nano: begin,
                    time_unix_nano: begin.saturating_add(i64::from(point.period_s) * 1_000_000_000),
                    name: &info.name,
                    unit: unit(info.unit),
                    host: names.host.as_deref(),
                    path: &names.source,
                    layer: series.layer.id(),
                    role: series.role,
                    parser: &names.parser,
                    count: point.count,
                    sum: point.max.map(|_| point.sum),
                    min,
                    max: point.max,
                    p50: point.p50,
                    p90,
                    p99: point.p99,
                });
            }
        }
        rows
    }
}

/// The base unit as UCUM writes it, which OpenTelemetry uses.
fn unit(unit: Option<Unit>) -> &'static str {
    match unit {
        Some(Unit::Seconds | Unit::Milliseconds | Unit::Microseconds) => "s",
        Some(Unit::Bytes) => "By",
        Some(Unit::Count) | None => "1",
    }
}

fn role_id(role: Role) -> &'static str {
    match role {
        Role::Request => "request",
        Role::FailedRequest => "failed_request",
        Role::Failure => "failure",
        Role::UnloggedFailure => "unlogged_failure",
        Role::FailedHealthCheck => "failed_health_check",
        Role::Change => "change",
        Role::Sign => "sign",
    }
}

/// A text as a cell of a CSV file: quoted where it must be, and one that begins as a formula with an apostrophe before it, so that no
/// spreadsheet computes it.
fn cell(text: &str) -> Cow<'_, str> {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']);
    let plain = if formula { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) };
    if plain.contains([',', '"', '\n', '\r']) { Cow::Owned(format!("\"{}\"", plain.replace('"', "\"\""))) } else { plain }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_made_text() {
        for evil in ["=1+1", "+1", "-1+2", "@SUM(A1)", "\t=1"] {
            assert_eq!(cell(evil), format!("'{evil}"));
        }
        assert_eq!(cell("=HYPERLINK(\"http://e\",\"x\")"), "\"'=HYPERLINK(\"\"http://e\"\",\"\"x\"\")\"");
        assert_eq!(cell("nginx/access.log"), "nginx/access.log");
        assert_eq!(cell("a,b"), "\"a,b\"");
        // Alone, a dash is the name of standard input; as a cell it is harmless only because of the apostrophe.
        assert_eq!(cell("-"), "'-");
    }
}

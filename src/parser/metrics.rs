//! Points of metrics, into the same tallies as a log gives: whoever read them, from a saved answer or from CloudWatch itself.

use std::collections::{BTreeMap, BTreeSet};

use super::catalog::{Catalog, FormatId};
use super::definition::{Dimensions, Metric, Missing};
use super::tally::{FileTally, SourceTally};
use crate::words::Role;

/// Period assumed where there are too few points to tell: CloudWatch's standard resolution.
const STANDARD_PERIOD_S: i64 = 60;

/// The last second that a point may have: the end of the year 2200, as for lines.
const LAST_SECOND: i64 = 7_289_654_399;

/// Most that one point counts: no load balancer has a trillion requests in a period, and sums of it stay numbers.
const MOST_COUNTED: f64 = 1e12;

/// Most periods in which a missing count is a zero: as many points as CloudWatch gives in one answer. A document that spans more has a time in it
/// that is none.
const MOST_PERIODS: i64 = 100_800;

/// One metric's points: second of the period's begin → value.
pub type Points = BTreeMap<i64, f64>;

/// A metric of a definition of kind `cloudwatch`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MetricId {
    /// The definition.
    pub format: FormatId,
    /// Its metric.
    pub index: usize,
}

impl MetricId {
    /// Its entry.
    pub fn of(self, catalog: &Catalog) -> &Metric {
        &catalog.formats[self.format].definition.metrics[self.index]
    }
}

/// Whether all points of a series are there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Series {
    /// All that the service has.
    Whole,
    /// Some did not come: what is missing is not known.
    Partial,
}

/// What is known of how the points came to be.
#[derive(Debug, Clone, Copy, Default)]
pub struct Reading {
    /// Seconds of a period; without it the points tell.
    pub period_s: Option<i64>,
    /// From this second on periods may still grow; `None`: all are final.
    pub settled_until: Option<i64>,
}

/// Series on their way into a tally.
pub struct Collection<'c> {
    catalog: &'c Catalog,
    tally: FileTally,
    found: BTreeMap<MetricId, (Points, Series)>,
}

impl<'c> Collection<'c> {
    /// An empty collection, of a document of so many bytes.
    pub fn new(catalog: &'c Catalog, bytes: u64) -> Self {
        Collection { catalog, tally: FileTally { bytes, ..FileTally::default() }, found: BTreeMap::new() }
    }

    /// Adds points of a series. A series stands for a line in the accounting: read, understood or not.
    pub fn add(&mut self, metric: MetricId, points: Points, series: Series) {
        self.tally.lines += 1;
        let source = source_of(&mut self.tally, metric.format);
        source.matched += 1;
        source.weightless += u64::from(points.is_empty());
        let (all, whole) = self.found.entry(metric).or_insert((Points::new(), Series::Whole));
        all.extend(points.into_iter().filter(|(at, v)| (0..=LAST_SECOND).contains(at) && v.is_finite()));
        if series == Series::Partial {
            *whole = Series::Partial;
        }
    }

    /// Counts a series that no definition knows.
    pub fn add_unknown(&mut self, label: &str) {
        self.tally.lines += 1;
        self.tally.unmatched += 1;
        if self.tally.unmatched_examples.len() < 5 {
            self.tally.unmatched_examples.push((self.tally.lines, label.to_owned()));
        }
    }

    /// Enters all points into the tally.
    pub fn finish(mut self, reading: Reading) -> FileTally {
        let gaps = self.found.values().flat_map(|(p, _)| p.keys().zip(p.keys().skip(1)).map(|(a, b)| b - a));
        let period = reading.period_s.or_else(|| gaps.filter(|g| *g > 0).min()).unwrap_or(STANDARD_PERIOD_S).max(1);
        self.leave_out_what_only_looks_like_recovery(period, reading.settled_until);
        // The load balancer is known to report between the first and the last point of its own: only there is a missing count a zero.
        let reporting = span(self.found.iter().filter(|(m, _)| m.of(self.catalog).dimensions == Dimensions::LoadBalancer));
        let Some((first, last)) = span(self.found.iter()) else {
            return self.tally;
        };
        for (&id, (points, series)) in &self.found {
            let metric = id.of(self.catalog);
            let signal = self.catalog.formats[id.format].counts[id.index].signal;
            let counts = metric.statistic == "Sum" && metric.unit.is_none();
            let source = source_of(&mut self.tally, id.format);
            source.period_s = u32::try_from(period).unwrap_or(60);
            source.span = Some((first, last + period - 1));
            let entry = source.signals.entry(signal).or_default();
            let mut times: BTreeSet<i64> = points.keys().copied().collect();
            // What a count metric does not send did not happen; what a gauge does not send is not known.
            if metric.missing == Missing::Zero
                && counts
                && *series == Series::Whole
                && let Some((from, to)) = reporting
                && (to - from) / period <= MOST_PERIODS
            {
                let settled = |at: &i64| reading.settled_until.is_none_or(|s| at + period <= s);
                times.extend((from..=to).step_by(usize::try_from(period).unwrap_or(60)).filter(settled));
            }
            for at in times {
                match points.get(&at) {
                    Some(&v) if counts => entry.add_cell(at, v.clamp(0.0, MOST_COUNTED).round() as u64, None),
                    Some(&v) => entry.add_cell(at, 1, Some(v)),
                    None => entry.add_cell(at, 0, None),
                }
            }
        }
        self.tally
    }

    /// Counts of the newest periods still grow. A failure that shows there already is one; its absence tells nothing, and requests without
    /// failures would be read as a recovery.
    fn leave_out_what_only_looks_like_recovery(&mut self, period: i64, settled_until: Option<i64>) {
        let Some(settled) = settled_until else { return };
        let failing: BTreeSet<i64> = self
            .found
            .iter()
            .filter(|(m, _)| m.of(self.catalog).role == Role::FailedRequest)
            .flat_map(|(_, (points, _))| points.iter().filter(|(_, v)| **v > 0.0).map(|(at, _)| *at))
            .collect();
        for (points, _) in self.found.values_mut() {
            points.retain(|at, _| at + period <= settled || failing.contains(at));
        }
    }
}

/// First and last second at which a period of any of the series begins.
fn span<'a>(series: impl Iterator<Item = (&'a MetricId, &'a (Points, Series))>) -> Option<(i64, i64)> {
    let ends = series.filter_map(|(_, (p, _))| Some((*p.first_key_value()?.0, *p.last_key_value()?.0)));
    ends.reduce(|(a, b), (c, d)| (a.min(c), b.max(d)))
}

fn source_of(tally: &mut FileTally, format: FormatId) -> &mut SourceTally {
    let i = tally.sources.iter().position(|s| s.format == format).unwrap_or_else(|| {
        tally.sources.push(SourceTally { stated: Some(true), offset_s: Some(0), ..SourceTally::new(format, None) });
        tally.sources.len() - 1
    });
    &mut tally.sources[i]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parser::definition::Kind;

    fn metric(catalog: &Catalog, name: &str) -> MetricId {
        let (format, f) = catalog.of_kind(Kind::Cloudwatch).next().unwrap();
        MetricId { format, index: f.definition.metrics.iter().position(|m| m.name == name).unwrap() }
    }

    /// Count by second of a metric.
    fn cells(catalog: &Catalog, tally: &FileTally, name: &str) -> Vec<(i64, u64)> {
        let id = metric(catalog, name);
        let signal = catalog.formats[id.format].counts[id.index].signal;
        tally.sources[0].signals.get(&signal).map_or(Vec::new(), |s| s.cells.iter().map(|c| (c.second, c.count)).collect())
    }

    #[test]
    fn a_missing_count_is_zero_only_while_the_load_balancer_reports() {
        let catalog = Catalog::builtin().unwrap();
        let mut c = Collection::new(&catalog, 0);
        c.add(metric(&catalog, "RequestCount"), [(60, 10.0), (240, 10.0)].into(), Series::Whole);
        c.add(metric(&catalog, "HTTPCode_ELB_5XX_Count"), [(120, 3.0)].into(), Series::Whole);
        c.add(metric(&catalog, "HTTPCode_Target_5XX_Count"), [(120, 3.0)].into(), Series::Partial);
        // Hosts are counted without any traffic: that tells nothing of requests.
        c.add(metric(&catalog, "HealthyHostCount"), [(0, 2.0), (300, 2.0)].into(), Series::Whole);
        let tally = c.finish(Reading { period_s: Some(60), settled_until: None });
        assert_eq!(cells(&catalog, &tally, "HTTPCode_ELB_5XX_Count"), [(60, 0), (120, 3), (180, 0), (240, 0)]);
        assert_eq!(cells(&catalog, &tally, "HTTPCode_Target_5XX_Count"), [(120, 3)]);
        assert_eq!(cells(&catalog, &tally, "RequestCount"), [(60, 10), (240, 10)]);
        assert!(tally.closes());
    }

    #[test]
    fn the_newest_minutes_show_failures_but_no_recovery() {
        let catalog = Catalog::builtin().unwrap();
        let mut c = Collection::new(&catalog, 0);
        let requests = metric(&catalog, "RequestCount");
        c.add(requests, [(60, 10.0), (120, 10.0), (180, 7.0), (240, 2.0)].into(), Series::Whole);
        c.add(metric(&catalog, "HTTPCode_ELB_5XX_Count"), [(60, 5.0), (120, 6.0), (180, 1.0)].into(), Series::Whole);
        let tally = c.finish(Reading { period_s: Some(60), settled_until: Some(180) });
        assert_eq!(cells(&catalog, &tally, "RequestCount"), [(60, 10), (120, 10), (180, 7)]);
        assert_eq!(cells(&catalog, &tally, "HTTPCode_ELB_5XX_Count"), [(60, 5), (120, 6), (180, 1)]);
        assert_eq!(cells(&catalog, &tally, "HTTPCode_Target_5XX_Count"), []);
    }

    #[test]
    fn times_that_are_none_neither_fill_memory_nor_overflow() {
        let catalog = Catalog::builtin().unwrap();
        let mut c = Collection::new(&catalog, 0);
        let apart = [(i64::MIN, 1.0), (0, 1.0), (1, f64::NAN), (60, 1e300), (7_000_000_000, 4.0), (i64::MAX, 1.0)];
        c.add(metric(&catalog, "RequestCount"), apart.into(), Series::Whole);
        c.add(metric(&catalog, "HTTPCode_ELB_5XX_Count"), [(60, 3.0)].into(), Series::Whole);
        let tally = c.finish(Reading::default());
        assert_eq!(cells(&catalog, &tally, "RequestCount"), [(0, 1), (60, 1_000_000_000_000), (7_000_000_000, 4)]);
        assert_eq!(cells(&catalog, &tally, "HTTPCode_ELB_5XX_Count"), [(60, 3)]);
    }
}

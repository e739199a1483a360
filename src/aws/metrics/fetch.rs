//! GetMetricData: up to 500 series a call, 100,800 points a page, and all that an answer with status 200 may hold back.

use aws_sdk_cloudwatch::operation::get_metric_data::GetMetricDataOutput;
use aws_sdk_cloudwatch::primitives::DateTime;
use aws_sdk_cloudwatch::types::{Dimension, MessageData, Metric, MetricDataQuery, MetricStat, ScanBy, StatusCode};
use futures_util::future::join_all;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use tokio::time::sleep;

use super::plan::{POINTS_A_PAGE, QUERIES_A_CALL, Query, Window};
use crate::aws::action::Action;
use crate::aws::client::Client;
use crate::aws::fault::Fault;
use crate::lang::Saying;
use crate::parser::metrics::{Points, Series};

/// How often series are asked for that came with an inner error, or in part without a page to follow.
const ROUNDS: usize = 4;

/// Pause before the second round; it grows with each.
const PAUSE: Duration = Duration::from_millis(300);

/// What was fetched, a series a query, in their order.
#[derive(Debug, Default)]
pub struct Fetched {
    /// The points.
    pub series: Vec<(Points, Series)>,
    /// Worth a line in the report: CloudWatch's own messages, what it forbids, what did not come.
    pub remarks: BTreeSet<Saying>,
    /// What ended the fetching early, if anything did.
    pub fault: Option<Fault>,
}

/// How far a series is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Not asked yet, or an answer said to ask again.
    Open,
    /// All its points are there.
    Complete,
    /// It may not be read.
    Forbidden,
}

/// What one batch of queries came to.
struct Batch {
    points: BTreeMap<usize, Points>,
    states: BTreeMap<usize, State>,
    remarks: BTreeSet<Saying>,
    fault: Option<Fault>,
}

/// Fetches all series of a window.
pub async fn fetch(client: &Client, queries: &[Query], window: Window) -> Fetched {
    let mut all = Fetched { series: vec![(Points::new(), Series::Partial); queries.len()], ..Fetched::default() };
    let mut open: Vec<usize> = (0..queries.len()).collect();
    for round in 0..ROUNDS {
        // What failed inside CloudWatch is given time to recover.
        sleep(PAUSE * u32::try_from(round).unwrap_or(1)).await;
        // Batches run at the same time; the pages of one come one after the other.
        let batches = join_all(open.chunks(QUERIES_A_CALL).map(|batch| pages(client, queries, batch, window))).await;
        open.clear();
        for batch in batches {
            for (i, points) in batch.points {
                all.series[i].0.extend(points);
            }
            for (i, state) in batch.states {
                match state {
                    State::Complete => all.series[i].1 = Series::Whole,
                    State::Open => open.push(i),
                    State::Forbidden => {
                        all.remarks.insert(Saying::with("aws-metric-forbidden", &[("metric", &queries[i].name)]));
                    }
                }
            }
            all.remarks.extend(batch.remarks);
            all.fault = all.fault.or(batch.fault);
        }
        if open.is_empty() || all.fault.is_some() {
            break;
        }
    }
    let partial: Vec<&str> =
        queries.iter().zip(&all.series).filter(|(_, s)| s.1 == Series::Partial).map(|(q, _)| q.name.as_str()).collect();
    if !partial.is_empty() {
        let because = all.fault.as_ref().map_or_else(|| Saying::of("aws-given-in-part"), Fault::says);
        let (some, whole) = (partial.len().to_string(), queries.len().to_string());
        let values = [("partial", some.as_str()), ("all", whole.as_str()), ("metrics", &some_of(&partial))];
        all.remarks.insert(Saying::with("aws-series-not-whole", &values).fill("because", because));
    }
    all
}

/// All pages of one batch.
async fn pages(client: &Client, queries: &[Query], batch: &[usize], window: Window) -> Batch {
    let call = client
        .cloudwatch()
        .get_metric_data()
        .start_time(DateTime::from_secs(window.from))
        .end_time(DateTime::from_secs(window.to))
        .scan_by(ScanBy::TimestampAscending)
        .max_datapoints(POINTS_A_PAGE)
        .set_metric_data_queries(Some(batch.iter().map(|&i| data_query(i, &queries[i], window.period)).collect()));
    let mut came = Batch {
        points: BTreeMap::new(),
        states: batch.iter().map(|i| (*i, State::Open)).collect(),
        remarks: BTreeSet::new(),
        fault: None,
    };
    let mut token: Option<String> = None;
    loop {
        let page = client.call(Action::GetMetricData, || call.clone().set_next_token(token.clone()).send()).await;
        let next = match page {
            Ok(page) => take(&page, &mut came),
            Err(fault) => {
                came.fault = Some(fault);
                return came;
            }
        };
        // A token that does not go on would never end.
        if next.is_none() || next == token {
            return came;
        }
        token = next;
    }
}

/// Takes over what a page holds, and gives the token of the next. A series that is split over pages is put together by its id.
fn take(page: &GetMetricDataOutput, came: &mut Batch) -> Option<String> {
    note_messages(page.messages(), &mut came.remarks);
    for result in page.metric_data_results() {
        let index = result.id().and_then(|id| id.strip_prefix('m')).and_then(|n| n.parse::<usize>().ok());
        let Some((i, state)) = index.and_then(|i| Some((i, came.states.get_mut(&i)?))) else { continue };
        note_messages(result.messages(), &mut came.remarks);
        *state = match result.status_code() {
            Some(StatusCode::Complete) | None => State::Complete,
            Some(StatusCode::Forbidden) => State::Forbidden,
            // PartialData goes on with the next page; where there is none it is asked for again, as after InternalError.
            Some(_) => State::Open,
        };
        let points = result.timestamps().iter().map(DateTime::secs).zip(result.values().iter().copied());
        came.points.entry(i).or_default().extend(points.filter(|(_, v)| v.is_finite()));
    }
    page.next_token().filter(|t| !t.is_empty()).map(str::to_owned)
}

fn note_messages(messages: &[MessageData], remarks: &mut BTreeSet<Saying>) {
    for m in messages {
        let message = format!("{}: {}", m.code().unwrap_or("message"), m.value().unwrap_or(""));
        remarks.insert(Saying::with("aws-cloudwatch-says", &[("message", &message)]));
    }
}

fn data_query(index: usize, query: &Query, period: i64) -> MetricDataQuery {
    let dimensions = query.dimensions.iter().map(|(n, v)| Dimension::builder().name(*n).value(v).build());
    let metric =
        Metric::builder().namespace(&query.namespace).metric_name(&query.name).set_dimensions(Some(dimensions.collect())).build();
    let period = i32::try_from(period).unwrap_or(i32::MAX);
    let stat = MetricStat::builder().metric(metric).period(period).stat(&query.statistic).build();
    MetricDataQuery::builder().id(format!("m{index}")).metric_stat(stat).return_data(true).build()
}

/// The first few of many names.
fn some_of(names: &[&str]) -> String {
    let different: BTreeSet<&str> = names.iter().copied().collect();
    let told: Vec<&str> = different.iter().copied().take(4).collect();
    told.join(", ") + if different.len() > told.len() { ", …" } else { "" }
}

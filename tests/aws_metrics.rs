//! CloudWatch metrics, fetched by the SDK as it ships from a fake that keeps the service's rules: the same verdicts as from files, the fewest
//! calls, nothing read as a recovery that is only late, and the same report while a third of the calls fail.
#![cfg(feature = "aws")]

mod fake_cloudwatch;
mod fault_proxy;
mod loopback;

use assert_cmd::Command;
use fake_cloudwatch::{FakeCloudWatch, MINUTE, Store};
use fault_proxy::FaultProxy;
use fivexx::aws::client::Client;
use fivexx::aws::metrics::{fetch, plan};
use fivexx::config;
use fivexx::parser::catalog::Catalog;
use fivexx::parser::metrics::Series;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const LOAD_BALANCER: &str = "app/shop-prod/50dc6c495c0c9188";
const GROUP: &str = "targetgroup/shop/73e2d6bc24d8a067";
/// 2026-11-21T02:00Z: after the recordings.
const NOW: i64 = 1_795_226_400;
const DAY: i64 = 86_400;

const RECORDINGS: [&str; 5] =
    ["listen-queue-unix", "harakiri", "nginx-fd-exhaustion", "gunicorn-worker-timeout", "client-aborts-benign"];

fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("samples").join(name)
}

fn recorded(name: &str) -> Store {
    let mut store = Store::default();
    store.load(&sample(name).join("alb/cloudwatch.json"), LOAD_BALANCER, GROUP);
    store
}

/// All files of a recording but its truth and its metrics.
fn logs(name: &str) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for entry in walkdir::WalkDir::new(sample(name)).sort_by_file_name().into_iter().filter_map(Result::ok) {
        let told = ["truth.json", "cloudwatch.json"].iter().any(|n| entry.file_name() == *n);
        if entry.file_type().is_file() && !told {
            all.push(entry.into_path());
        }
    }
    all
}

/// fivexx with made-up credentials, which sees nothing of this machine's own.
fn fivexx(endpoint: &str) -> Command {
    let mut command = Command::cargo_bin("fivexx").expect("it is built");
    for (name, _) in std::env::vars().filter(|(n, _)| n.starts_with("AWS_") || n.starts_with("FIVEXX_")) {
        command.env_remove(name);
    }
    command
        .env("AWS_ENDPOINT_URL_CLOUDWATCH", endpoint)
        .env("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
        .env("AWS_SECRET_ACCESS_KEY", "made-up")
        .env("AWS_REGION", "ap-northeast-1")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("NO_PROXY", "127.0.0.1")
        .env("AWS_CONFIG_FILE", "/nonexistent")
        .env("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent");
    command
}

/// The report of `analyze` with the arguments, as JSON.
fn report(command: &mut Command) -> Value {
    let output = command.args(["--format", "json"]).output().expect("it runs");
    assert!(output.status.success(), "{:?}\n{}", output.status, String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

fn over_aws(endpoint: &str) -> Command {
    let mut command = fivexx(endpoint);
    command.args(["analyze", "--aws", "--load-balancer", "shop-prod", "--now", "2026-11-21T02:00Z", "--since", "3h"]);
    command
}

/// Layer, mechanism and window of each incident: what must not depend on where the data came from.
fn essence(report: &Value) -> Vec<(String, String, i64, i64)> {
    let second = |t: &Value| chrono::DateTime::parse_from_rfc3339(t.as_str().expect("a time")).expect("RFC 3339").timestamp();
    let incidents = report["incidents"].as_array().expect("a list");
    incidents
        .iter()
        .map(|i| {
            let drop = &i["dropped_at"];
            let (layer, mechanism) = (drop["layer"].as_str().expect("a layer"), drop["mechanism"].as_str().expect("a mechanism"));
            (layer.to_owned(), mechanism.to_owned(), second(&i["window"]["start"]), second(&i["window"]["end"]))
        })
        .collect()
}

fn assert_same(name: &str, from_files: &Value, from_aws: &Value) {
    let (files, aws) = (essence(from_files), essence(from_aws));
    assert_eq!(files.len(), aws.len(), "{name}: {files:?} against {aws:?}");
    assert_eq!(from_files["verdict"], from_aws["verdict"], "{name}");
    for (f, a) in files.iter().zip(&aws) {
        assert_eq!((&f.0, &f.1), (&a.0, &a.1), "{name}");
        assert!((f.2 - a.2).abs() <= 60 && (f.3 - a.3).abs() <= 60, "{name}: {f:?} against {a:?}");
    }
}

fn source<'r>(report: &'r Value, path: &str) -> Option<&'r Value> {
    report["sources"].as_array().expect("a list").iter().find(|s| s["path"] == path)
}

/// What the report says was not read of the metrics.
fn not_read(report: &Value) -> String {
    let skipped = report["skipped"].as_array().expect("a list").iter();
    let lines = skipped.map(|s| format!("{}: {}", s["path"].as_str().unwrap_or(""), s["because"].as_str().unwrap_or("")));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn recordings_give_the_same_verdict_as_their_files() {
    for name in RECORDINGS {
        let fake = FakeCloudWatch::start(recorded(name), NOW);
        let files =
            report(fivexx("http://127.0.0.1:1").arg("analyze").arg(sample(name).join("alb/cloudwatch.json")).args(logs(name)));
        let aws = report(over_aws(&fake.server.url()).args(logs(name)));
        assert_same(name, &files, &aws);
        let path = format!("cloudwatch:{LOAD_BALANCER}");
        assert!(source(&aws, &path).is_some(), "{name}: {}", not_read(&aws));
        // Two pages of names, one of numbers.
        assert_eq!((fake.calls("ListMetrics"), fake.calls("GetMetricData")), (2, 1), "{name}");
    }
}

#[test]
fn metrics_alone_give_what_the_saved_answer_gives() {
    for name in RECORDINGS {
        let fake = FakeCloudWatch::start(recorded(name), NOW);
        let saved = report(fivexx("http://127.0.0.1:1").arg("analyze").arg(sample(name).join("alb/cloudwatch.json")));
        let aws = report(&mut over_aws(&fake.server.url()));
        assert_eq!(essence(&saved), essence(&aws), "{name}");
        assert_eq!(saved["verdict"], aws["verdict"], "{name}");
        // Neither zones nor groups nor another load balancer were added up.
        let requests =
            |r: &Value| r["incidents"].as_array().expect("a list").iter().map(|i| i["requests"].clone()).collect::<Vec<_>>();
        assert_eq!(requests(&saved), requests(&aws), "{name}");
        let groups = source(&aws, &format!("cloudwatch:{GROUP}")).expect("the hosts are a source of their own");
        assert!(groups["matched"].as_u64() < Some(10), "{name}: {groups}");
    }
}

/// A client of the fake, in this process.
async fn client(fake: &FakeCloudWatch, budget: &str) -> Client {
    use aws_sdk_cloudwatch::config::{Credentials, Region, SharedCredentialsProvider};
    let loader = aws_config::defaults(aws_config::BehaviorVersion::latest())
        .endpoint_url(fake.server.url())
        .region(Region::new("ap-northeast-1"))
        .credentials_provider(SharedCredentialsProvider::new(Credentials::new("AKIDEXAMPLE", "made-up", None, None, "test")));
    let aws = config::Aws { time_budget: budget.to_owned(), ..config::Aws::default() };
    Client::of_chain(&aws, loader).await.expect("region and credentials are there")
}

fn blocking<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(future)
}

/// So many queries of different series of the definitions.
fn some_queries(count: usize) -> Vec<plan::Query> {
    let catalog = Catalog::builtin().expect("the built-in parsers load");
    let groups = (0..200).map(|i| format!("targetgroup/g{i}/1")).collect();
    let of = fivexx::aws::metrics::discover::LoadBalancer { suffix: LOAD_BALANCER.to_owned(), groups };
    let mut all = plan::queries(&catalog, "AWS/ApplicationELB", &of);
    assert!(all.len() >= count);
    all.truncate(count);
    all
}

#[test]
fn six_hundred_metrics_over_14_days_take_the_fewest_calls() {
    let fake = FakeCloudWatch::start(Store::default(), NOW);
    fake.state().dense = true;
    let window = plan::Window::covering(NOW - 14 * DAY, NOW, NOW).expect("it is kept");
    assert_eq!((window.period, (window.to - window.from) / 60), (60, 20_160));
    let fetched = blocking(async { fetch::fetch(&client(&fake, "10m").await, &some_queries(600), window).await });
    // 600 series of 20,160 points are 120 pages of 100,800 points.
    assert_eq!(fake.calls("GetMetricData"), 120);
    assert!(fake.state().calls.iter().all(|(_, queries)| *queries <= 500));
    assert!(fetched.fault.is_none() && fetched.remarks.is_empty(), "{:?} {:?}", fetched.fault, fetched.remarks);
    assert!(fetched.series.iter().all(|(points, whole)| points.len() == 20_160 && *whole == Series::Whole));
}

#[test]
fn series_that_are_split_over_pages_are_put_together() {
    let fake = FakeCloudWatch::start(recorded("harakiri"), NOW);
    let window = plan::Window::covering(NOW - 3 * 3600, NOW, NOW).expect("it is kept");
    let all = blocking(async { fetch::fetch(&client(&fake, "1m").await, &some_queries(28), window).await }).series;
    assert!(all.iter().filter(|(points, _)| points.len() > 2).count() > 3, "there is something to split");
    for points_a_page in [1, 2, 4, 5] {
        fake.state().points_a_page = Some(points_a_page);
        let paged = blocking(async { fetch::fetch(&client(&fake, "1m").await, &some_queries(28), window).await }).series;
        assert_eq!(paged, all, "{points_a_page} points a page");
    }
}

#[test]
fn old_times_are_asked_for_in_the_periods_that_are_kept() {
    for (days, period) in [(14, 60), (20, 300), (100, 3600)] {
        let (from, to) = (NOW - days * DAY + 37, NOW - days * DAY + 7200);
        let mut store = Store::default();
        for minute in (from / MINUTE * MINUTE..to).step_by(60) {
            store.put("RequestCount", &[("LoadBalancer", LOAD_BALANCER)], "Sum", minute, 10.0);
        }
        let fake = FakeCloudWatch::start(store, NOW);
        let window = plan::Window::covering(from, to, NOW).expect("it is kept");
        let queries: Vec<_> = some_queries(60).into_iter().filter(|q| q.name == "RequestCount").collect();
        let fetched = blocking(async { fetch::fetch(&client(&fake, "1m").await, &queries, window).await });
        let points = &fetched.series[0].0;
        assert_eq!(window.period, period, "{days} days");
        assert!(points.keys().all(|at| at % period == 0), "{days} days: {points:?}");
        // Every request is counted once.
        let all = (to - from / MINUTE * MINUTE) / 60 + i64::from((to - from / MINUTE * MINUTE) % 60 > 0);
        assert_eq!(points.values().sum::<f64>() as i64, all * 10, "{days} days");
    }
}

#[test]
fn answers_with_status_200_that_hold_something_back() {
    let fake = FakeCloudWatch::start(recorded("listen-queue-unix"), NOW);
    {
        let mut state = fake.state();
        state.points_a_page = Some(7);
        state.inner_errors = vec!["HTTPCode_ELB_5XX_Count".to_owned(), "RequestCount".to_owned()];
        state.message = Some(("MaxMetricsExceeded".to_owned(), "some were left out".to_owned()));
        state.forbidden = vec!["ELBAuthError".to_owned()];
        // More than the SDK's own attempts at one call: throttling only slows down.
        state.throttle = 11;
        // This one never comes.
        state.inner_errors.extend(std::iter::repeat_n("ClientTLSNegotiationErrorCount".to_owned(), 20));
    }
    let name = "listen-queue-unix";
    let files = report(fivexx("http://127.0.0.1:1").arg("analyze").arg(sample(name).join("alb/cloudwatch.json")));
    let aws = report(&mut over_aws(&fake.server.url()));
    assert_same(name, &files, &aws);
    let said = not_read(&aws);
    assert!(said.contains("CloudWatch says: MaxMetricsExceeded: some were left out"), "{said}");
    assert!(said.contains("ELBAuthError may not be read"), "{said}");
    assert!(!said.contains("HTTPCode_ELB_5XX_Count"), "{said}");
    assert!(said.contains("2 of 36 series did not come whole (ClientTLSNegotiationErrorCount, ELBAuthError)"), "{said}");
    assert!(fake.calls("GetMetricData") > 3, "pages, and what came with an inner error once more");
}

#[test]
fn late_minutes_are_no_recovery() {
    // Failures from half an hour ago on, without an end. Requests are counted at once, failures three minutes late: as if all were well again.
    let mut store = Store::default();
    let all = [("LoadBalancer", LOAD_BALANCER)];
    for minute in (NOW - 3600..NOW + 600).step_by(60) {
        store.put("RequestCount", &all, "Sum", minute, 600.0);
        if minute >= NOW - 1800 {
            store.put("HTTPCode_ELB_5XX_Count", &all, "Sum", minute, 300.0);
            store.put("HTTPCode_ELB_502_Count", &all, "Sum", minute, 300.0);
        }
    }
    let fake = FakeCloudWatch::start(store, NOW);
    fake.state().late_s = ["HTTPCode_ELB_5XX_Count", "HTTPCode_ELB_502_Count"].map(|n| (n.to_owned(), 180)).into();
    let early = report(&mut over_aws(&fake.server.url()));
    let incidents = essence(&early);
    assert_eq!(incidents.len(), 1, "{incidents:?}");
    assert_eq!(incidents[0].3, NOW - 180, "it lasts as long as there is anything to see");
    let path = format!("cloudwatch:{LOAD_BALANCER}");
    assert_eq!(source(&early, &path).expect("it was read")["last"], "2026-11-21T01:56:59Z");
    let said = not_read(&early);
    assert!(said.contains("minutes from 2026-11-21T01:57Z on are still being counted"), "{said}");
    // A failure that shows is one, however new its minute is.
    fake.state().late_s.clear();
    assert_eq!(essence(&report(&mut over_aws(&fake.server.url())))[0].3, NOW);
    // Minutes later all points have come in.
    fake.state().late_s = [("HTTPCode_ELB_5XX_Count".to_owned(), 180)].into();
    fake.state().now = NOW + 600;
    let mut later = fivexx(&fake.server.url());
    later.args(["analyze", "--aws", "--load-balancer", LOAD_BALANCER, "--now", "2026-11-21T02:10Z", "--since", "2h"]);
    assert_eq!(essence(&report(&mut later))[0].3, NOW + 420);
}

#[test]
fn a_third_of_the_calls_failing_changes_nothing_but_time() {
    let name = "listen-queue-unix";
    let fake = FakeCloudWatch::start(recorded(name), NOW);
    fake.state().points_a_page = Some(5);
    let healthy = report(over_aws(&fake.server.url()).args(logs(name)));
    let (mut calls, mut faults) = (0, 0);
    for seed in 1..=4 {
        let proxy = FaultProxy::start(fake.server.address, 30, seed);
        let begin = Instant::now();
        let ill = report(over_aws(&proxy.server.url()).args(["--time-budget", "60s"]).args(logs(name)));
        assert!(begin.elapsed() < Duration::from_secs(70), "seed {seed}: {:?}", begin.elapsed());
        assert_eq!(ill, healthy, "seed {seed}");
        calls += proxy.counts().0;
        faults += proxy.counts().1;
    }
    assert!(faults * 5 >= calls, "{faults} of {calls} calls had a fault");
}

#[test]
fn with_aws_away_the_local_files_are_analysed_and_the_report_says_what_is_missing() {
    let name = "listen-queue-unix";
    let files = report(fivexx("http://127.0.0.1:1").arg("analyze").args(logs(name)));
    // Refused, and silent.
    let silent = FaultProxy::start("127.0.0.1:1".parse().expect("an address"), 0, 1);
    for (endpoint, told) in [("http://127.0.0.1:1".to_owned(), "cannot be reached"), (silent.server.url(), "CloudWatch")] {
        let begin = Instant::now();
        let away = report(over_aws(&endpoint).args(["--time-budget", "20s"]).args(logs(name)));
        assert!(begin.elapsed() < Duration::from_secs(25), "{:?}", begin.elapsed());
        assert_same(name, &files, &away);
        assert!(not_read(&away).contains("cloudwatch:shop-prod: ") && not_read(&away).contains(told), "{}", not_read(&away));
    }
}

#[test]
fn a_stated_time_budget_is_kept_when_nothing_answers() {
    let silent = FaultProxy::start("127.0.0.1:1".parse().expect("an address"), 100, 3);
    let begin = Instant::now();
    let output = over_aws(&silent.server.url()).args(["--time-budget", "5s"]).output().expect("it runs");
    assert!(begin.elapsed() < Duration::from_secs(8), "{:?}", begin.elapsed());
    assert_eq!(output.status.code(), Some(3), "nothing was readable");
}

#[test]
fn what_is_wrong_is_said_in_a_line() {
    let fake = FakeCloudWatch::start(recorded("harakiri"), NOW);
    let url = fake.server.url();
    let said = |command: &mut Command| {
        let output = command.output().expect("it runs");
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let base = ["analyze", "--aws", "--now", "2026-11-21T02:00Z", "--load-balancer"];
    let (status, text) = said(fivexx(&url).args(base).arg("shop-prd"));
    assert!(
        status == Some(3) && text.contains("there is no load balancer `shop-prd` in ap-northeast-1; did you mean `shop-prod`?"),
        "{text}"
    );
    let (_, text) = said(fivexx(&url).env_remove("AWS_REGION").args(base).arg("shop-prod"));
    assert!(text.contains("no AWS region is set; give --region"), "{text}");
    let (_, text) = said(fivexx(&url).env_remove("AWS_ACCESS_KEY_ID").args(base).arg("shop-prod"));
    assert!(text.contains("no AWS credentials were found"), "{text}");
    let (status, text) = said(fivexx(&url).args(["analyze", "--aws"]));
    assert!(status == Some(2) && text.contains("give --load-balancer, --log-group, --access-logs, or --config"), "{text}");
    fake.state().denied = vec!["GetMetricData".to_owned()];
    let (_, text) = said(fivexx(&url).args(base).arg("shop-prod"));
    assert!(text.contains("access denied: the IAM permission cloudwatch:GetMetricData is missing"), "{text}");
}

#[test]
fn without_listmetrics_the_suffix_still_serves() {
    let fake = FakeCloudWatch::start(recorded("harakiri"), NOW);
    fake.state().denied = vec!["ListMetrics".to_owned()];
    let mut command = fivexx(&fake.server.url());
    command.args(["analyze", "--aws", "--now", "2026-11-21T02:00Z", "--since", "3h", "--load-balancer", LOAD_BALANCER]);
    let report = report(&mut command);
    assert!(source(&report, &format!("cloudwatch:{LOAD_BALANCER}")).is_some());
    assert!(not_read(&report).contains("the IAM permission cloudwatch:ListMetrics is missing"), "{}", not_read(&report));
}

#[test]
fn flags_stand_over_the_environment_over_the_file() {
    let fake = FakeCloudWatch::start(recorded("harakiri"), NOW);
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("fivexx.toml");
    std::fs::write(&file, "[aws]\nload_balancer = \"of-file\"\nregion = \"eu-west-1\"\n").expect("written");
    let said = |command: &mut Command| {
        let output = command.args(["analyze", "--aws", "--now", "2026-11-21T02:00Z", "--config"]).arg(&file).output();
        String::from_utf8_lossy(&output.expect("it runs").stderr).into_owned()
    };
    let url = fake.server.url();
    assert!(said(&mut fivexx(&url)).contains("`of-file` in eu-west-1"));
    assert!(said(fivexx(&url).env("FIVEXX_LOAD_BALANCER", "of-env")).contains("`of-env` in eu-west-1"));
    let mut flag = fivexx(&url);
    flag.env("FIVEXX_LOAD_BALANCER", "of-env").args(["analyze", "--aws", "--load-balancer", "of-flag", "--config"]).arg(&file);
    let output = flag.output().expect("it runs");
    assert!(String::from_utf8_lossy(&output.stderr).contains("`of-flag` in eu-west-1"));
    std::fs::write(&file, "[aws]\nload_balancr = \"x\"\n").expect("written");
    assert!(said(&mut fivexx(&url)).contains("fivexx.toml:2: there is no key `load_balancr`; did you mean `load_balancer`?"));
}

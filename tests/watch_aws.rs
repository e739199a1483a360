//! The watch over an AWS account, on loopback: metrics from a CloudWatch of our own, log groups, access logs, reports and a topic in moto's
//! server. What is told once stays told once, and what AWS did not say while it was away is caught up with.
#![cfg(all(feature = "aws", unix))]

mod fake_cloudwatch;
mod fake_logs;
mod loopback;
mod watch_support;

use fake_cloudwatch::{FakeCloudWatch, Store};
use fake_logs::insights::Line;
use fake_logs::moto::Moto;
use fake_logs::recordings::{NOW, by_folder, logs, objects, sample};
use fake_logs::{REGION, with_aws};
use fivexx::parser::catalog::Catalog;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use watch_support::{Site, rfc3339};

const LOAD_BALANCER: &str = "app/shop-prod/50dc6c495c0c9188";
const GROUP: &str = "targetgroup/shop/73e2d6bc24d8a067";

/// 2026-11-21T00:00:00Z: the recording begins to fail half a minute later.
const BEGIN: i64 = NOW - 86_400;

/// Nothing listens there.
const AWAY: &str = "http://127.0.0.1:1";

/// A site that reads from the account alone. The region is in the file, and nowhere else.
fn site(aws: &str, watch: &str) -> Site {
    let site = Site::new("");
    let text = format!(
        "[aws]\nregion = \"{REGION}\"\nload_balancer = \"shop-prod\"\ntime_budget = \"4s\"\n{aws}\n\
         [watch]\nstate = \"state/watch.redb\"\n{watch}\n"
    );
    fs::write(site.path("fivexx.toml"), text).expect("written");
    site
}

/// One look against these endpoints: exit status, and what it said.
fn look(site: &Site, now: i64, cloudwatch: &str, others: &str) -> (Option<i32>, String) {
    let mut command = site.watch(&["--once", "--now", &rfc3339(now)]);
    let endpoints = [("AWS_ENDPOINT_URL", others), ("AWS_ENDPOINT_URL_CLOUDWATCH", cloudwatch)];
    let out = with_aws(&mut command, &endpoints).env_remove("AWS_REGION").output().expect("it runs");
    let said = String::from_utf8_lossy(&out.stderr).into_owned();
    println!("--- {} {:?}\n{said}", rfc3339(now), out.status.code());
    (out.status.code(), said)
}

/// The reports of the folder, by name.
fn reports(site: &Site) -> BTreeMap<String, Vec<u8>> {
    let read = |n: String| (n.clone(), fs::read(site.path("reports").join(n)).expect("read"));
    site.files("reports").into_iter().map(read).collect()
}

/// Metrics alone: from the fifth to the tenth minute half of the requests fail at the load balancer.
fn failing() -> Store {
    let all = [("LoadBalancer", LOAD_BALANCER)];
    let mut store = Store::default();
    for minute in (BEGIN - 3600..BEGIN + 7200).step_by(60) {
        store.put("RequestCount", &all, "Sum", minute, 600.0);
        if (BEGIN + 300..BEGIN + 600).contains(&minute) {
            store.put("HTTPCode_ELB_5XX_Count", &all, "Sum", minute, 300.0);
            store.put("HTTPCode_ELB_503_Count", &all, "Sum", minute, 300.0);
        }
    }
    store
}

#[test]
fn an_account_alone_gives_one_report_in_both_places_and_one_notification() {
    let Some(moto) = Moto::start() else { return };
    let (catalog, name) = (Catalog::load(&[]).expect("definitions"), "listen-queue-unix");
    let mut store = Store::default();
    store.load(&sample(name).join("alb/cloudwatch.json"), LOAD_BALANCER, GROUP);
    // Traffic goes on, and is served.
    for minute in (BEGIN + 120..BEGIN + 1800).step_by(60) {
        store.put("RequestCount", &[("LoadBalancer", LOAD_BALANCER)], "Sum", minute, 600.0);
    }
    let cloudwatch = FakeCloudWatch::start(store, BEGIN);
    moto.objects("logs", &objects(name));
    moto.objects("reports", &[]);
    let groups = by_folder(&catalog, &logs(name, &[]));
    groups.iter().for_each(|(group, lines)| moto.log(group, lines));
    let names: Vec<&String> = groups.keys().collect();
    let aws = format!("log_groups = {names:?}\naccess_logs = \"s3://logs/prod\"");
    #[cfg(feature = "sns")]
    let (topic, posts) = {
        let (url, posts) = watch_support::webhook(|_| 200);
        (format!("[[watch.notify]]\nsns = \"{}\"\n", moto.topic("on-call", &url)), posts)
    };
    #[cfg(not(feature = "sns"))]
    let topic = "";
    let site = site(&aws, &format!("reports_s3 = \"s3://reports/fivexx\"\n{}{topic}", Site::command()));
    let at = |minute: i64| {
        cloudwatch.state().now = BEGIN + minute * 60;
        BEGIN + minute * 60
    };
    let in_s3 = || moto.read("reports");
    let seen = |site: &Site| {
        let files = reports(site);
        let of_s3: BTreeMap<String, Vec<u8>> =
            in_s3().into_iter().map(|(key, body)| (key.trim_start_matches("fivexx/").to_owned(), body)).collect();
        assert_eq!(files.keys().collect::<Vec<_>>(), of_s3.keys().collect::<Vec<_>>());
        assert!(files == of_s3, "what lies in S3 is what lies in the folder");
        (files.len(), site.told().len())
    };

    // Nothing there is away for good: the first look fails and leaves no trace but an empty state.
    let (status, said) = look(&site, at(4), AWAY, AWAY);
    assert_eq!(status, Some(3), "{said}");
    assert!(
        said.contains("the look failed, the next one reads the same time again") && said.contains("cannot be reached"),
        "{said}"
    );
    assert!(site.path("state/watch.redb").exists());

    // Three looks over the same stretch.
    for _ in 0..3 {
        let (status, said) = look(&site, at(5), &cloudwatch.server.url(), &moto.url());
        assert_eq!(status, Some(0), "{said}");
        assert_eq!(seen(&site), (2, 1), "Markdown and JSON, and one notification");
    }
    let told = site.told().remove(0);
    assert_eq!(told["dropped_at"]["mechanism"], "listen_queue_full");
    let places: Vec<&str> = told["reports"].as_array().expect("a list").iter().filter_map(Value::as_str).collect();
    let key = places.iter().find_map(|p| p.strip_prefix("s3://reports/")).expect("a place in S3");
    assert!(in_s3().contains_key(key), "{places:?}");
    let all = reports(&site);
    let (name, json) = all.iter().find(|(n, _)| n.ends_with(".json")).expect("a report");
    let json: Value = serde_json::from_slice(json).expect("JSON");
    assert_eq!(json["incidents"].as_array().map(Vec::len), Some(1), "{name}");
    let sources: Vec<&str> = json["sources"].as_array().expect("a list").iter().filter_map(|s| s["path"].as_str()).collect();
    for kind in ["cloudwatch:", "logs:", "s3:"] {
        assert!(sources.iter().any(|s| s.starts_with(kind)), "{sources:?}");
    }

    // All of AWS away: the look fails, and what is known and written stays.
    let (status, said) = look(&site, at(10), AWAY, AWAY);
    assert_eq!(status, Some(3), "{said}");
    assert_eq!(reports(&site), all);
    // The metrics alone away: the rest is looked at, and what is missing is said.
    let (status, said) = look(&site, at(10), AWAY, &moto.url());
    assert_eq!(status, Some(0), "{said}");
    assert!(said.contains("did not answer: aws: CloudWatch cannot be reached"), "{said}");
    assert_eq!(seen(&site), (2, 1));
    // Back again.
    for minute in [10, 15, 20] {
        let (status, said) = look(&site, at(minute), &cloudwatch.server.url(), &moto.url());
        assert_eq!(status, Some(0), "{said}");
        assert!(!said.contains("did not answer"), "{said}");
        assert_eq!(seen(&site), (2, 1));
    }

    #[cfg(feature = "sns")]
    {
        let posts = posts.lock().expect("not poisoned");
        assert_eq!(posts.len(), 1, "{posts:?}");
        let envelope = &posts[0].1;
        assert_eq!(envelope["Subject"], "fivexx: listen_queue_full at the app_queue");
        let message: Value = serde_json::from_str(envelope["Message"].as_str().expect("a text")).expect("JSON");
        assert_eq!((&message["key"], &message["dropped_at"]), (&told["key"], &told["dropped_at"]));
        assert_eq!(message["possibly_repeated"], false);
    }
}

/// Requests that the load balancer alone saw fail, while its metrics could not be read for longer than a look reads back.
#[test]
fn what_cloudwatch_alone_knows_is_told_when_it_is_back() {
    let Some(moto) = Moto::start() else { return };
    let cloudwatch = FakeCloudWatch::start(failing(), BEGIN);
    // All that reached the web server was served.
    let served = |s: i64| {
        let at = chrono::DateTime::from_timestamp(s, 0).expect("a time").format("%d/%b/%Y:%H:%M:%S +0000");
        let message = format!("10.0.0.20 - - [{at}] \"GET /cart HTTP/1.1\" 200 512 \"-\" \"curl/8\"");
        Line { ms: s * 1000, stream: "web-1".to_owned(), message }
    };
    let lines: Vec<Line> = (BEGIN - 3600..BEGIN + 7200).step_by(10).map(served).collect();
    moto.log("/shop/nginx", &lines);
    let site = site("log_groups = [\"/shop/nginx\"]", &format!("look_back = \"20m\"\n{}", Site::command()));
    let url = cloudwatch.server.url();
    let at = |minute: i64, metrics: &str| {
        cloudwatch.state().now = BEGIN + minute * 60;
        look(&site, BEGIN + minute * 60, metrics, &moto.url())
    };
    assert_eq!(at(0, &url).0, Some(0));
    for minute in [15, 30, 45] {
        let (status, said) = at(minute, AWAY);
        assert_eq!(status, Some(0), "the log group answers: {said}");
        assert!(said.contains("did not answer: aws: CloudWatch"), "{said}");
    }
    assert!(site.told().is_empty());
    let (status, said) = at(50, &url);
    assert_eq!((status, said.matches(": told: ").count()), (Some(0), 1), "{said}");
    let (status, said) = at(55, &url);
    assert_eq!((status, said.matches(": told: ").count()), (Some(0), 0), "{said}");
    assert_eq!((site.told().len(), site.files("reports").len()), (1, 2));
    assert_eq!(site.told()[0]["dropped_at"]["layer"], "load_balancer");
}

/// S3 and SNS away when there is something to tell: it waits in the state, and nothing of it is decided anew.
#[cfg(feature = "sns")]
#[test]
fn what_aws_did_not_take_is_delivered_by_the_next_look() {
    let Some(moto) = Moto::start() else { return };
    let cloudwatch = FakeCloudWatch::start(failing(), BEGIN + 900);
    moto.objects("reports", &[]);
    let (url, posts) = watch_support::webhook(|_| 200);
    let arn = moto.topic("on-call", &url);
    let site = site("", &format!("reports_s3 = \"s3://reports/fivexx\"\n[[watch.notify]]\nsns = \"{arn}\""));
    let (status, said) = look(&site, BEGIN + 900, &cloudwatch.server.url(), AWAY);
    assert_eq!(status, Some(1), "{said}");
    assert!(said.contains("2 report(s) or notification(s) could not be delivered yet"), "{said}");
    assert!(said.contains("S3 cannot be reached") && said.contains("SNS cannot be reached"), "{said}");
    let written = reports(&site);
    assert_eq!((written.len(), posts.lock().expect("not poisoned").len()), (2, 0));
    for _ in 0..2 {
        let (status, said) = look(&site, BEGIN + 900, &cloudwatch.server.url(), &moto.url());
        assert_eq!((status, said.contains(": told: ")), (Some(0), false), "{said}");
        assert_eq!(moto.read("reports").len(), 2);
        assert_eq!(posts.lock().expect("not poisoned").len(), 1);
    }
    assert_eq!(reports(&site), written);
}

/// A night without a request is no failure of the look.
#[test]
fn an_account_without_traffic_is_looked_at_well() {
    let mut store = Store::default();
    store.put("RequestCount", &[("LoadBalancer", LOAD_BALANCER)], "Sum", BEGIN - 86_400, 1.0);
    let cloudwatch = FakeCloudWatch::start(store, BEGIN);
    let site = site("", "");
    let (status, said) = look(&site, BEGIN, &cloudwatch.server.url(), AWAY);
    assert_eq!(status, Some(0), "{said}");
    // A permission that is missing is one, and so is a name that nothing bears.
    cloudwatch.state().denied = vec!["GetMetricData".to_owned()];
    let (status, said) = look(&site, BEGIN + 300, &cloudwatch.server.url(), AWAY);
    assert!(status == Some(3) && said.contains("cloudwatch:GetMetricData is missing"), "{said}");
    cloudwatch.state().denied.clear();
    let text = fs::read_to_string(site.path("fivexx.toml")).expect("read").replace("shop-prod", "shop-prd");
    fs::write(site.path("fivexx.toml"), text).expect("written");
    let (status, said) = look(&site, BEGIN + 300, &cloudwatch.server.url(), AWAY);
    assert!(status == Some(3) && said.contains("did you mean `shop-prod`?"), "{said}");
}

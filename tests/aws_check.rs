//! `fivexx aws check` with too few permissions: what is missing is named as a policy spells it, with what is lost without it.
//!
//! Metrics are a fake of ours; for logs and S3 a server answers in the services' protocols, and refuses what it is told to.
#![cfg(feature = "aws")]

mod fake_cloudwatch;
mod loopback;

use assert_cmd::Command;
use fake_cloudwatch::{FakeCloudWatch, Store};
use loopback::{Server, answer, read_request};
use std::sync::{Arc, Mutex};

const LOAD_BALANCER: &str = "app/shop/50dc6c495c0c9188";

/// A server of logs and S3 that refuses some actions.
struct Refusing {
    server: Server,
    denied: Arc<Mutex<Vec<&'static str>>>,
}

impl Refusing {
    fn start() -> Self {
        let denied = Arc::new(Mutex::new(Vec::new()));
        let shared = Arc::clone(&denied);
        let server = Server::start(move |mut stream| {
            while let Some(request) = read_request(&mut stream) {
                let denied: Vec<&str> = shared.lock().expect("no thread panics").clone();
                let target = request.header("x-amz-target").and_then(|t| t.split_once('.')).map(|(_, action)| action.to_owned());
                let (status, kind, body) = match target {
                    Some(action) => logs(&action, &denied),
                    None => s3(request.path(), &denied),
                };
                if answer(&mut stream, status, &[("content-type", kind)], body.as_bytes()).is_err() {
                    return;
                }
            }
        });
        Refusing { server, denied }
    }
}

fn logs(action: &str, denied: &[&str]) -> (u16, &'static str, String) {
    let kind = "application/x-amz-json-1.1";
    if denied.contains(&action) {
        let message =
            format!("User: arn:aws:iam::123456789012:user/oncall is not authorized to perform: logs:{action} on resource: x");
        return (400, kind, format!("{{\"__type\":\"AccessDeniedException\",\"Message\":\"{message}\"}}"));
    }
    let body = match action {
        "StartQuery" => "{\"queryId\":\"12ab3456-12ab-123a-789e-1234567890ab\"}",
        "GetQueryResults" => "{\"results\":[],\"status\":\"Complete\"}",
        "StopQuery" => {
            return (400, kind, "{\"__type\":\"InvalidParameterException\",\"message\":\"the query has ended\"}".to_owned());
        }
        "FilterLogEvents" => "{\"events\":[]}",
        _ => "{\"logGroups\":[]}",
    };
    (200, kind, body.to_owned())
}

fn s3(path: &str, denied: &[&str]) -> (u16, &'static str, String) {
    let kind = "application/xml";
    let lists = path.contains("list-type=2");
    let action = if lists { "ListBucket" } else { "GetObject" };
    if denied.contains(&action) {
        let error = "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>";
        return (403, kind, error.to_owned());
    }
    if denied.contains(&"Decrypt") && !lists {
        let message = "User: arn:aws:iam::1:user/a is not authorized to perform: kms:Decrypt on resource: arn:aws:kms:x";
        return (403, kind, format!("<Error><Code>AccessDenied</Code><Message>{message}</Message></Error>"));
    }
    if !lists {
        return (206, "application/octet-stream", "x".to_owned());
    }
    let key = "alb/AWSLogs/123456789012/elasticloadbalancing/eu-west-1/2026/11/21/a.log.gz";
    let object =
        format!("<Contents><Key>{key}</Key><LastModified>2026-11-21T00:00:00.000Z</LastModified><Size>9</Size></Contents>");
    (200, kind, format!("<ListBucketResult><Name>logs</Name><KeyCount>1</KeyCount>{object}</ListBucketResult>"))
}

/// Exit status and output of a check.
fn check(cloudwatch: &str, others: &str, arguments: &[&str]) -> (Option<i32>, String) {
    let mut command = Command::cargo_bin("fivexx").expect("it is built");
    for (name, _) in std::env::vars().filter(|(n, _)| n.starts_with("AWS_") || n.starts_with("FIVEXX_")) {
        command.env_remove(name);
    }
    command
        .env("AWS_ENDPOINT_URL_CLOUDWATCH", cloudwatch)
        .env("AWS_ENDPOINT_URL", others)
        .env("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
        .env("AWS_SECRET_ACCESS_KEY", "made-up")
        .env("AWS_REGION", "eu-west-1")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_CONFIG_FILE", "/nonexistent")
        .env("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent");
    let output = command.args(["aws", "check"]).args(arguments).output().expect("it runs");
    (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
}

fn fake() -> FakeCloudWatch {
    let now = chrono::Utc::now().timestamp();
    let mut store = Store::default();
    store.put("RequestCount", &[("LoadBalancer", LOAD_BALANCER)], "Sum", now - 600, 10.0);
    FakeCloudWatch::start(store, now)
}

const ALL: [&str; 6] = ["--load-balancer", "shop", "--log-group", "/shop/nginx", "--access-logs", "s3://logs/alb"];

#[test]
fn with_all_permissions_there_is_nothing_to_say() {
    let (metrics, others) = (fake(), Refusing::start());
    let (status, text) = check(&metrics.server.url(), &others.server.url(), &ALL);
    assert_eq!(status, Some(0), "{text}");
    assert_eq!(text.lines().filter(|l| l.starts_with("ok ")).count(), 9, "{text}");
}

#[test]
fn each_missing_permission_is_named_with_what_is_lost() {
    let (metrics, others) = (fake(), Refusing::start());
    metrics.state().denied = vec!["GetMetricData".to_owned()];
    others.denied.lock().expect("no thread panics").extend(["StartQuery", "FilterLogEvents", "ListBucket"]);
    let (status, text) = check(&metrics.server.url(), &others.server.url(), &ALL);
    assert_eq!(status, Some(1), "{text}");
    for permission in ["cloudwatch:GetMetricData", "logs:StartQuery", "logs:FilterLogEvents", "s3:ListBucket"] {
        let line = text.lines().position(|l| l.starts_with("MISSING  ") && l.contains(permission));
        let next = line.and_then(|i| text.lines().nth(i + 1)).unwrap_or("");
        assert!(next.trim_start().starts_with("without it: "), "{permission}: {text}");
    }
    assert_eq!(text.lines().filter(|l| l.starts_with("MISSING")).count(), 4, "{text}");
    // What depends on a call that was refused is not called missing.
    assert!(text.lines().any(|l| l.starts_with("-  ") && l.contains("s3:GetObject") && l.contains("not tried")), "{text}");
    assert!(text.lines().any(|l| l.starts_with("ok ") && l.contains("cloudwatch:ListMetrics")), "{text}");
}

#[test]
fn the_key_of_encrypted_objects_is_named_too() {
    let others = Refusing::start();
    others.denied.lock().expect("no thread panics").push("Decrypt");
    let (status, text) = check("http://127.0.0.1:1", &others.server.url(), &["--access-logs", "s3://logs/alb"]);
    assert_eq!(status, Some(1), "{text}");
    assert!(text.contains("MISSING  kms:Decrypt"), "{text}");
}

#[test]
fn what_fails_for_another_reason_is_not_called_a_permission() {
    let (metrics, others) = (fake(), Refusing::start());
    let (status, text) = check(&metrics.server.url(), &others.server.url(), &["--load-balancer", "shpo"]);
    assert!(status == Some(1) && text.contains("FAILED   cloudwatch:ListMetrics"), "{text}");
    assert!(text.contains("there is no such load balancer"), "{text}");
    let (status, text) = check("http://127.0.0.1:1", &others.server.url(), &["--load-balancer", "shop", "--time-budget", "3s"]);
    assert!(status == Some(1) && text.contains("cannot be reached") && !text.contains("MISSING"), "{text}");
}

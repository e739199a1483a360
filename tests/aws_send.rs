//! What is sent to AWS, as a server on loopback gets it: reports into a bucket again until they are there, notifications once.
#![cfg(feature = "aws")]

mod loopback;

use aws_sdk_cloudwatch::config::{Credentials, Region, SharedCredentialsProvider};
use fivexx::aws::client::Client;
use fivexx::aws::send;
use fivexx::config;
use loopback::{Request, Server, answer, read_request};
use std::sync::{Arc, Mutex};

type Seen = Arc<Mutex<Vec<Request>>>;

/// A server that fails the first so many calls with 500, and keeps all.
fn server(failing: usize) -> (Server, Seen) {
    let seen = Seen::default();
    let kept = Arc::clone(&seen);
    let server = Server::start(move |mut stream| {
        while let Some(request) = read_request(&mut stream) {
            let mut all = kept.lock().expect("no thread panics");
            all.push(request);
            let status = if all.len() <= failing { 500 } else { 200 };
            let body = "<PublishResponse><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>";
            if answer(&mut stream, status, &[("content-type", "text/xml")], body.as_bytes()).is_err() {
                return;
            }
        }
    });
    (server, seen)
}

async fn client(server: &Server) -> Client {
    let loader = aws_config::defaults(aws_config::BehaviorVersion::latest())
        .endpoint_url(server.url())
        .region(Region::new("eu-west-1"))
        .credentials_provider(SharedCredentialsProvider::new(Credentials::new("AKIDEXAMPLE", "made-up", None, None, "test")));
    let aws = config::Aws { time_budget: "20s".to_owned(), ..config::Aws::default() };
    Client::of_chain(&aws, loader).await.expect("region and credentials are there")
}

fn blocking<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(future)
}

#[test]
fn a_report_is_written_again_until_it_is_there() {
    let (server, seen) = server(2);
    let written = blocking(async {
        let client = client(&server).await;
        // A service with several threads can wait for it.
        fn may_move<F: Future + Send>(future: F) -> F {
            future
        }
        may_move(send::put(&client, "reports", "shop/2026-11-21.md", b"# Incident", "text/markdown; charset=utf-8")).await
    });
    assert_eq!(written, Ok(()));
    let seen = seen.lock().expect("no thread panics");
    assert_eq!(seen.len(), 3);
    for request in seen.iter() {
        assert!(request.head.starts_with("PUT /reports/shop/2026-11-21.md"), "{}", request.head);
        assert_eq!(request.header("content-type"), Some("text/markdown; charset=utf-8"));
        assert!(String::from_utf8_lossy(&request.body).contains("# Incident"));
    }
}

#[cfg(feature = "sns")]
#[test]
fn a_notification_is_sent_once_whatever_comes_of_it() {
    let arn = "arn:aws:sns:ap-northeast-1:123456789012:oncall";
    for (failing, arrives) in [(0, true), (1, false)] {
        let (server, seen) = server(failing);
        let sent = blocking(async { send::publish(&client(&server).await, arn, "Störung:\nshop", "text").await });
        assert_eq!(sent.is_ok(), arrives);
        let seen = seen.lock().expect("no thread panics");
        assert_eq!(seen.len(), 1);
        let body = String::from_utf8_lossy(&seen[0].body).into_owned();
        assert!(body.contains("Action=Publish") && body.contains("Subject=St%20rung%3A%20shop"), "{body}");
        // It is signed for the topic's region, not for the load balancer's.
        assert!(seen[0].header("authorization").is_some_and(|a| a.contains("/ap-northeast-1/sns/")), "{}", seen[0].head);
    }
}

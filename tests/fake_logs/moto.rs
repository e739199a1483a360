//! moto's server (from PyPI) on loopback, for S3 and FilterLogEvents. It evaluates neither filter patterns nor queries.

use aws_sdk_cloudwatchlogs as cwl;
use aws_sdk_s3 as s3;
use cwl::types::InputLogEvent;
use std::collections::BTreeMap;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::insights::Line;

/// A server that ends with the value.
pub struct Moto {
    child: Child,
    pub port: u16,
}

impl Drop for Moto {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Moto {
    /// Starts it; `None` where moto is not installed, which CI takes for a failure.
    pub fn start() -> Option<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let given = std::env::var("FIVEXX_MOTO_PYTHON").ok();
        let beside = root.join("target/moto/bin/python").to_string_lossy().into_owned();
        let candidates = given.into_iter().chain([beside, "python3".to_owned()]);
        let has_moto = |python: &String| {
            let import = ["-c", "import moto.logs.models, moto.server, flask"];
            Command::new(python).args(import).stderr(Stdio::null()).status().is_ok_and(|s| s.success())
        };
        let Some(python) = candidates.into_iter().find(has_moto) else {
            assert!(std::env::var_os("CI").is_none(), "moto is not installed: run `pip install 'moto[server]'`, or .ci/run");
            eprintln!("skipped: moto is not installed (`pip install 'moto[server]'`)");
            return None;
        };
        let port = TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("loopback").port();
        let child = Command::new(python)
            .arg(root.join("tests/fake_logs/moto_server.py"))
            .arg(port.to_string())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("python starts");
        let moto = Moto { child, port };
        let begin = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(begin.elapsed() < Duration::from_secs(60), "moto does not start");
            std::thread::sleep(Duration::from_millis(100));
        }
        Some(moto)
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Puts lines into a log group, a log stream a name.
    pub fn log(&self, group: &str, lines: &[Line]) {
        let client = cwl::Client::from_conf(
            cwl::Config::builder()
                .behavior_version(cwl::config::BehaviorVersion::latest())
                .endpoint_url(self.url())
                .region(cwl::config::Region::new(super::REGION))
                .credentials_provider(cwl::config::Credentials::new("test", "test", None, None, "test"))
                .build(),
        );
        block_on(async {
            client.create_log_group().log_group_name(group).send().await.expect("a group");
            let mut names: Vec<&str> = lines.iter().map(|l| l.stream.as_str()).collect();
            names.sort_unstable();
            names.dedup();
            for stream in names {
                client.create_log_stream().log_group_name(group).log_stream_name(stream).send().await.expect("a stream");
                let mut of: Vec<&Line> = lines.iter().filter(|l| l.stream == stream).collect();
                of.sort_by_key(|l| l.ms);
                for part in of.chunks(2000) {
                    let event = |l: &&Line| InputLogEvent::builder().timestamp(l.ms).message(&l.message).build().expect("whole");
                    let events = part.iter().map(event).collect();
                    let put = client.put_log_events().log_group_name(group).log_stream_name(stream);
                    let put = put.set_log_events(Some(events)).send().await.expect("put");
                    assert!(put.rejected_log_events_info().is_none(), "moto refused events");
                }
            }
        });
    }

    fn s3(&self) -> s3::Client {
        let config = s3::Config::builder()
            .behavior_version(s3::config::BehaviorVersion::latest())
            .endpoint_url(self.url())
            .region(s3::config::Region::new(super::REGION))
            .credentials_provider(s3::config::Credentials::new("test", "test", None, None, "test"))
            .force_path_style(true)
            .build();
        s3::Client::from_conf(config)
    }

    /// Puts objects into a bucket of their own.
    pub fn objects(&self, bucket: &str, objects: &[(String, Vec<u8>)]) {
        let client = self.s3();
        block_on(async {
            let place = s3::types::CreateBucketConfiguration::builder()
                .location_constraint(s3::types::BucketLocationConstraint::from(super::REGION))
                .build();
            client.create_bucket().bucket(bucket).create_bucket_configuration(place).send().await.expect("a bucket");
            for (key, body) in objects {
                client.put_object().bucket(bucket).key(key).body(body.clone().into()).send().await.expect("an object");
            }
        });
    }

    /// All objects of a bucket, by key.
    pub fn read(&self, bucket: &str) -> BTreeMap<String, Vec<u8>> {
        let client = self.s3();
        block_on(async {
            let mut all = BTreeMap::new();
            let list = client.list_objects_v2().bucket(bucket).send().await.expect("a list");
            for key in list.contents().iter().filter_map(|o| o.key()) {
                let object = client.get_object().bucket(bucket).key(key).send().await.expect("an object");
                all.insert(key.to_owned(), object.body.collect().await.expect("whole").to_vec());
            }
            all
        })
    }

    /// Makes a topic that posts what is published to a URL; its ARN.
    #[cfg(feature = "sns")]
    pub fn topic(&self, name: &str, url: &str) -> String {
        use aws_sdk_sns as sns;
        let config = sns::Config::builder()
            .behavior_version(sns::config::BehaviorVersion::latest())
            .endpoint_url(self.url())
            .region(sns::config::Region::new(super::REGION))
            .credentials_provider(sns::config::Credentials::new("test", "test", None, None, "test"));
        let client = sns::Client::from_conf(config.build());
        block_on(async {
            let topic = client.create_topic().name(name).send().await.expect("a topic");
            let arn = topic.topic_arn().expect("an ARN").to_owned();
            client.subscribe().topic_arn(&arn).protocol("http").endpoint(url).send().await.expect("a subscription");
            arn
        })
    }
}

fn block_on<T>(of: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(of)
}

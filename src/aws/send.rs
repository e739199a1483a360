//! What is sent to AWS: reports into a bucket, notifications to a topic.

use aws_sdk_s3::primitives::ByteStream;

use super::action::Action;
use super::client::Client;
use super::fault::Fault;

/// Writes an object. Writing it again changes nothing, so it is tried as often as any call.
///
/// # Errors
/// It could not be written.
pub async fn put(client: &Client, bucket: &str, key: &str, body: &[u8], content_type: &str) -> Result<(), Fault> {
    let s3 = client.s3();
    let put = || {
        let body = ByteStream::from(body.to_vec());
        s3.put_object().bucket(bucket).key(key).content_type(content_type).body(body).send()
    };
    client.call(Action::PutObject, put).await.map(|_| ())
}

/// Longest subject that a topic takes.
#[cfg(feature = "sns")]
const SUBJECT: usize = 100;

/// Publishes a notification to the topic of an ARN, in the topic's own region. One attempt: after a time-out nobody knows whether it arrived,
/// and what is sent again is received twice.
///
/// # Errors
/// It was not taken, or nobody knows.
#[cfg(feature = "sns")]
pub async fn publish(client: &Client, arn: &str, subject: &str, message: &str) -> Result<(), Fault> {
    use aws_config::Region;
    use aws_config::retry::RetryConfig;

    let mut config = aws_sdk_sns::config::Builder::from(client.config()).retry_config(RetryConfig::disabled());
    if let Some(region) = arn.split(':').nth(3).filter(|r| !r.is_empty()) {
        config = config.region(Region::new(region.to_owned()));
    }
    let sns = aws_sdk_sns::Client::from_conf(config.build());
    let publish = sns.publish().topic_arn(arn).subject(subject_of(subject)).message(message);
    client.once(Action::Publish, publish.send()).await.map(|_| ())
}

/// A topic takes one line of ASCII as a subject, and refuses anything else.
#[cfg(feature = "sns")]
fn subject_of(text: &str) -> String {
    let line = text.chars().map(|c| if c.is_ascii() && !c.is_ascii_control() { c } else { ' ' });
    let subject: String = line.take(SUBJECT).collect();
    let subject = subject.trim();
    if subject.is_empty() { "fivexx".to_owned() } else { subject.to_owned() }
}

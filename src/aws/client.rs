//! The one way to AWS: how it is configured, how long it may take, and when it is left alone.
//!
//! Every call goes through [`Client::call`]. Four things hold it in bounds: a timeout on each attempt; the SDK's retries, with exponential
//! backoff, full jitter and its budget of retries (a bucket of 500 tokens a service, of which a retry takes 5 and a timeout 10); one time
//! budget for the whole run; and a circuit a service, which opens when two calls running fail for all their retries, and is tried again
//! after a while. Throttling never opens it: it only makes the run slower.

use aws_config::retry::RetryConfig;
use aws_config::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{AppName, BehaviorVersion, ConfigLoader, Region, SdkConfig};
use aws_sdk_cloudwatch::config::ProvideCredentials;
use recloser::{AsyncRecloser, Error as Broken, Recloser};
use std::collections::BTreeMap;
use std::future::Future;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout, timeout_at};

use super::action::{Action, Service};
use super::fault::{Fault, IntoFault};
use crate::config;

/// Attempts of one call: with 30 % of attempts failing, one call in 15,000 fails for good.
const ATTEMPTS: u32 = 8;
/// First pause between attempts, at most; it doubles from one to the next.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
/// Longest pause between attempts. A short budget shortens both, so that it does not end before the reason of a failure is known.
const LONGEST_PAUSE: Duration = Duration::from_secs(4);
/// Longest wait for a connection.
const CONNECT: Duration = Duration::from_secs(3);
/// Longest wait for one attempt; a short budget shortens it.
const ATTEMPT: Duration = Duration::from_secs(15);
/// An attempt takes at most this part of the budget, so that one that stalls can be made again.
const PART_OF_BUDGET: u32 = 10;
/// How long an open circuit stays open; a short budget shortens it like an attempt.
const LEFT_ALONE: Duration = Duration::from_secs(10);
/// How often a call is made again when the SDK's own retries are used up by throttling or an answer broke off.
const AGAIN: u32 = 8;

/// The way to AWS for one run.
pub struct Client {
    config: SdkConfig,
    deadline: Instant,
    circuits: Vec<AsyncRecloser>,
    /// The last passing failure of each service that failed for good.
    unanswered: Mutex<BTreeMap<Service, Fault>>,
}

impl Client {
    /// Loads region and credentials by the SDK's chain, and starts the run's time budget.
    ///
    /// # Errors
    /// There is no region, or there are no credentials, or the budget cannot be read.
    pub async fn new(aws: &config::Aws) -> Result<Self, Fault> {
        Self::of_chain(aws, aws_config::defaults(BehaviorVersion::latest())).await
    }

    /// [`Client::new`] from a loader that may know credentials or an endpoint already.
    ///
    /// # Errors
    /// As [`Client::new`].
    pub async fn of_chain(aws: &config::Aws, loader: ConfigLoader) -> Result<Self, Fault> {
        let budget = humantime::parse_duration(&aws.time_budget)
            .map_err(|e| Fault::Budget { text: aws.time_budget.clone(), because: e.to_string() })?;
        let deadline = Instant::now() + budget;
        let attempt = (budget / PART_OF_BUDGET).min(ATTEMPT).max(Duration::from_millis(500));
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(CONNECT.min(attempt))
            .read_timeout(attempt)
            .operation_attempt_timeout(attempt)
            .operation_timeout(budget)
            .build();
        let retries = RetryConfig::standard()
            .with_max_attempts(ATTEMPTS)
            .with_initial_backoff(FIRST_PAUSE.min(budget / 40))
            .with_max_backoff(LONGEST_PAUSE.min(budget / 20));
        let mut loader = loader
            .timeout_config(timeouts)
            .retry_config(retries)
            .stalled_stream_protection(StalledStreamProtectionConfig::enabled().grace_period(attempt).build());
        if let Ok(name) = AppName::new("fivexx") {
            loader = loader.app_name(name);
        }
        if let Some(region) = &aws.region {
            loader = loader.region(Region::new(region.clone()));
        }
        let config = timeout_at(deadline, loader.load()).await.map_err(|_| Fault::OutOfTime)?;
        if config.region().is_none() {
            return Err(Fault::NoRegion);
        }
        let provider = config.credentials_provider().ok_or_else(|| Fault::NoCredentials("no provider".to_owned()))?;
        // Asked for once here, so that their absence is told as such and not as a failure of each call.
        match timeout(attempt * 2, provider.provide_credentials()).await {
            Ok(Ok(_)) => {}
            Ok(Err(e)) => return Err(Fault::NoCredentials(e.to_string())),
            Err(_) => return Err(Fault::NoCredentials("the credentials provider did not answer in time".to_owned())),
        }
        let circuits = Service::ALL.iter().map(|_| circuit(attempt.min(LEFT_ALONE))).collect();
        Ok(Client { config, deadline, circuits, unanswered: Mutex::default() })
    }

    /// The SDK's configuration.
    pub fn config(&self) -> &SdkConfig {
        &self.config
    }

    /// The region that is asked.
    pub fn region(&self) -> &str {
        self.config.region().map_or("", |r| r.as_ref())
    }

    /// CloudWatch metrics.
    pub fn cloudwatch(&self) -> aws_sdk_cloudwatch::Client {
        aws_sdk_cloudwatch::Client::new(&self.config)
    }

    /// CloudWatch Logs.
    pub fn logs(&self) -> aws_sdk_cloudwatchlogs::Client {
        aws_sdk_cloudwatchlogs::Client::new(&self.config)
    }

    /// S3. A server on loopback has no DNS names for buckets, so there they stand in the path.
    pub fn s3(&self) -> aws_sdk_s3::Client {
        let endpoint = ["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"].iter().find_map(|n| std::env::var(n).ok());
        let endpoint = endpoint.or_else(|| self.config.endpoint_url().map(str::to_owned)).unwrap_or_default();
        let host = endpoint.split_once("://").map_or("", |(_, rest)| rest);
        let loopback = ["127.", "localhost", "[::1]"].iter().any(|l| host.starts_with(l));
        let config = aws_sdk_s3::config::Builder::from(&self.config).force_path_style(loopback).build();
        aws_sdk_s3::Client::from_conf(config)
    }

    /// What is left of the run's time.
    pub fn time_left(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }

    /// Makes a call once, within the budget: for what must not be done twice. The SDK's own retries are the caller's to forbid.
    ///
    /// # Errors
    /// The call failed.
    pub async fn once<T, E: IntoFault>(&self, action: Action, call: impl Future<Output = Result<T, E>>) -> Result<T, Fault> {
        match timeout_at(self.deadline, call).await {
            Ok(answer) => answer.map_err(|e| e.into_fault(action)),
            Err(_) => Err(Fault::OutOfTime),
        }
    }

    /// The last passing failure of each service of which a call failed for all its retries: what it holds is not known.
    pub fn unanswered(&self) -> Vec<String> {
        let all = self.unanswered.lock().unwrap_or_else(PoisonError::into_inner);
        let words = |(service, fault): (&Service, &Fault)| match fault {
            Fault::OutOfTime => format!("{service}: {fault}"),
            _ => fault.to_string(),
        };
        all.iter().map(words).collect()
    }

    /// Makes a call: within the budget, unless the service's circuit is open, and again where that is worth it.
    ///
    /// `call` makes the call anew each time; where an answer's body has to be read, it reads it too.
    ///
    /// # Errors
    /// The call failed for all its retries, or was not made.
    pub async fn call<T, E, C, F>(&self, action: Action, call: C) -> Result<T, Fault>
    where
        E: IntoFault,
        C: FnMut() -> F,
        F: Future<Output = Result<T, E>>,
    {
        let answer = self.again_and_again(action, call).await;
        // Objects that S3 was too busy for are asked for once more by whoever reads them.
        let comes_again = |f: &Fault| action == Action::GetObject && matches!(f, Fault::Throttled { .. });
        if let Err(fault) = answer.as_ref()
            && fault.passes()
            && !comes_again(fault)
        {
            let mut all = self.unanswered.lock().unwrap_or_else(PoisonError::into_inner);
            all.insert(action.service(), fault.clone());
        }
        answer
    }

    async fn again_and_again<T, E, C, F>(&self, action: Action, mut call: C) -> Result<T, Fault>
    where
        E: IntoFault,
        C: FnMut() -> F,
        F: Future<Output = Result<T, E>>,
    {
        let service = action.service();
        let circuit = &self.circuits[service as usize];
        let mut made = 0;
        loop {
            if self.time_left().is_zero() {
                return Err(Fault::OutOfTime);
            }
            let one = async { self.once(action, call()).await };
            let fault = match circuit.call_with(|f: &Fault| f.is_outage(), one).await {
                Ok(answer) => return Ok(answer),
                Err(Broken::Rejected) => return Err(Fault::Away { service }),
                Err(Broken::Inner(fault)) => fault,
            };
            made += 1;
            let pause = FIRST_PAUSE * 2u32.pow(made.min(5));
            if !fault.is_worth_waiting() || made > AGAIN || pause >= self.time_left() {
                return Err(fault);
            }
            sleep(pause).await;
        }
    }
}

/// Opens when the last two calls failed for all their retries; after a while two calls decide whether it closes. (A ring of the crate judges once it
/// has been filled and is written again.)
fn circuit(left_alone: Duration) -> AsyncRecloser {
    AsyncRecloser::from(Recloser::custom().closed_len(2).error_rate(0.6).half_open_len(1).open_wait(left_alone).build())
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_cloudwatch::config::{Credentials, SharedCredentialsProvider};
    use std::cell::Cell;

    async fn client(budget: &str) -> Client {
        let credentials = SharedCredentialsProvider::new(Credentials::new("AKIDEXAMPLE", "made-up", None, None, "test"));
        let loader = aws_config::defaults(BehaviorVersion::latest()).credentials_provider(credentials);
        let aws = config::Aws { region: Some("eu-west-1".into()), time_budget: budget.into(), ..config::Aws::default() };
        Client::of_chain(&aws, loader).await.unwrap()
    }

    fn unreachable() -> Fault {
        Fault::Unreachable { service: Service::S3, because: "refused".to_owned() }
    }

    #[tokio::test]
    async fn a_service_that_fails_is_left_alone_and_tried_again() {
        let (client, made) = (client("5s").await, Cell::new(0));
        let call = |answer: Result<(), Fault>| {
            let (made, client) = (&made, &client);
            async move {
                client
                    .call(Action::GetObject, || {
                        made.set(made.get() + 1);
                        let answer = answer.clone();
                        async move { answer }
                    })
                    .await
            }
        };
        // What is denied or not there is an answer of a service that is well.
        use crate::aws::fault::Thing;
        for fault in [Fault::NotFound { what: Thing::Object }, Fault::Denied { permission: "s3:GetObject".into() }] {
            for _ in 0..3 {
                assert_eq!(call(Err(fault.clone())).await, Err(fault.clone()));
            }
        }
        for _ in 0..2 {
            assert_eq!(call(Err(unreachable())).await, Err(unreachable()));
        }
        let before = made.get();
        assert_eq!(call(Ok(())).await, Err(Fault::Away { service: Service::S3 }));
        assert_eq!(made.get(), before, "the call was not made");
        // The circuit of another service is its own.
        assert_eq!(client.call(Action::FilterLogEvents, || async { Ok::<_, Fault>(1) }).await, Ok(1));
        sleep(Duration::from_millis(600)).await;
        for _ in 0..2 {
            assert_eq!(call(Err(unreachable())).await, Err(unreachable()), "a call finds out");
        }
        assert_eq!(call(Ok(())).await, Err(Fault::Away { service: Service::S3 }));
        sleep(Duration::from_millis(600)).await;
        assert_eq!((call(Ok(())).await, call(Ok(())).await), (Ok(()), Ok(())));
    }

    #[tokio::test]
    async fn throttling_slows_down_and_the_budget_ends_it() {
        let (client, made) = (client("3s").await, Cell::new(0));
        let throttled = || Fault::Throttled { service: Service::Logs };
        let few = client.call(Action::FilterLogEvents, || {
            made.set(made.get() + 1);
            let answer = if made.get() < 3 { Err(throttled()) } else { Ok(made.get()) };
            async move { answer }
        });
        assert_eq!(few.await, Ok(3));
        let begin = Instant::now();
        let always = client.call(Action::FilterLogEvents, || async { Err::<(), _>(throttled()) }).await;
        assert_eq!(always, Err(throttled()));
        assert!(begin.elapsed() < Duration::from_secs(3));
        let silent = client.call(Action::FilterLogEvents, || async { std::future::pending::<Result<(), Fault>>().await }).await;
        assert_eq!((silent, client.time_left()), (Err(Fault::OutOfTime), Duration::ZERO));
    }
}

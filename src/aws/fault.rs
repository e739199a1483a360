//! What can go wrong with a call to AWS, each in one plain line that says what to do.

use aws_sdk_cloudwatch::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use aws_sdk_s3::primitives::ByteStreamError;
use std::fmt;

use super::action::{Action, Service};
use crate::lang::Saying;

/// Why a call gave nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// The SDK's chain found no credentials.
    NoCredentials(String),
    /// Nobody said which region.
    NoRegion,
    /// The credentials are wrong or have run out.
    BadCredentials(String),
    /// A permission is missing.
    Denied {
        /// As a policy spells it.
        permission: String,
    },
    /// What was asked for does not exist.
    NotFound {
        /// What.
        what: Thing,
    },
    /// The service is in another region.
    OtherRegion {
        /// Who says so.
        service: Service,
    },
    /// No connection.
    Unreachable {
        /// Who.
        service: Service,
        /// The innermost reason.
        because: String,
    },
    /// Too many calls; the SDK's retries and ours did not help.
    Throttled {
        /// Who.
        service: Service,
    },
    /// No answer in time, several times.
    TimedOut {
        /// Who.
        service: Service,
    },
    /// The time budget is no duration.
    Budget {
        /// As given.
        text: String,
        /// What is wrong with it.
        because: String,
    },
    /// The run's time budget is used up.
    OutOfTime,
    /// The circuit is open: the calls before failed, so this one was not made.
    Away {
        /// Who.
        service: Service,
    },
    /// The answer broke off.
    Broken {
        /// Whose.
        service: Service,
        /// How.
        because: String,
    },
    /// Another error of the service.
    Refused {
        /// The call.
        permission: &'static str,
        /// The service's code.
        code: String,
        /// The service's words.
        message: String,
        /// Whether it is the service that is ill (5xx), rather than the question that is wrong.
        outage: bool,
    },
}

impl Fault {
    /// What is wrong, and what to do.
    pub fn says(&self) -> Saying {
        let of = |key, service: &Service| Saying::with(key, &[("service", &service.to_string())]);
        match self {
            Fault::NoCredentials(why) => Saying::with("aws-no-credentials", &[("why", why)]),
            Fault::NoRegion => Saying::of("aws-no-region"),
            Fault::BadCredentials(code) => Saying::with("aws-bad-credentials", &[("code", code)]),
            Fault::Denied { permission } => Saying::with("aws-denied", &[("permission", permission)]),
            Fault::NotFound { what } => Saying::of(match what {
                Thing::Bucket => "aws-no-such-bucket",
                Thing::Object => "aws-no-such-object",
                Thing::LogGroup => "aws-no-such-log-group",
                Thing::Topic => "aws-no-such-topic",
                Thing::LoadBalancer => "aws-no-such-load-balancer",
            }),
            Fault::OtherRegion { service } => of("aws-other-region", service),
            Fault::Unreachable { service, because } => of("aws-unreachable", service).fill("why", because.as_str()),
            Fault::Throttled { service } => of("aws-throttled", service),
            Fault::TimedOut { service } => of("aws-timed-out", service),
            Fault::Budget { text, because } => Saying::with("aws-budget", &[("text", text), ("why", because)]),
            Fault::OutOfTime => Saying::of("aws-out-of-time"),
            Fault::Away { service } => of("aws-away", service),
            Fault::Broken { service, because } => of("aws-broken", service).fill("why", because.as_str()),
            Fault::Refused { permission, code, message, .. } => {
                Saying::with("aws-refused", &[("permission", permission), ("code", code), ("message", message)])
            }
        }
    }

    /// Whether it counts towards the opening of the service's circuit: the service is ill or away, rather than the question wrong.
    pub fn is_outage(&self) -> bool {
        match self {
            Fault::Unreachable { .. } | Fault::TimedOut { .. } | Fault::Broken { .. } => true,
            Fault::Refused { outage, .. } => *outage,
            _ => false,
        }
    }

    /// Whether it is over some time, without anybody doing anything: the same question is worth asking again later.
    pub fn passes(&self) -> bool {
        self.is_outage() || matches!(self, Fault::Away { .. } | Fault::Throttled { .. } | Fault::OutOfTime)
    }

    /// Whether what the call was to do may have been done all the same.
    pub fn is_unsure(&self) -> bool {
        self.is_outage() || *self == Fault::OutOfTime
    }

    /// Whether the same call may well succeed when it is made again, and the SDK has not tried that to its end.
    pub fn is_worth_waiting(&self) -> bool {
        matches!(self, Fault::Throttled { .. } | Fault::Broken { .. })
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.says().fmt(f)
    }
}

impl std::error::Error for Fault {}

impl From<Fault> for Saying {
    fn from(fault: Fault) -> Self {
        fault.says()
    }
}

/// What there is none of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Thing {
    /// In S3.
    Bucket,
    /// In a bucket.
    Object,
    /// In CloudWatch Logs.
    LogGroup,
    /// In SNS.
    Topic,
    /// With metrics in CloudWatch.
    LoadBalancer,
}

/// An error that tells its [`Fault`].
pub trait IntoFault {
    /// The fault that the error of this call is.
    fn into_fault(self, action: Action) -> Fault;
}

impl IntoFault for Fault {
    fn into_fault(self, _: Action) -> Fault {
        self
    }
}

impl IntoFault for ByteStreamError {
    fn into_fault(self, action: Action) -> Fault {
        Fault::Broken { service: action.service(), because: innermost(&self) }
    }
}

impl<E, R> IntoFault for SdkError<E, R>
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
    R: HttpStatus + 'static,
    SdkError<E, R>: std::error::Error,
{
    fn into_fault(self, action: Action) -> Fault {
        let service = action.service();
        match &self {
            SdkError::TimeoutError(_) => Fault::TimedOut { service },
            SdkError::DispatchFailure(d) if d.is_timeout() => Fault::TimedOut { service },
            SdkError::DispatchFailure(d) => {
                let all = d.as_connector_error().map_or_else(String::new, |e| DisplayErrorContext(e).to_string());
                let because = d.as_connector_error().map_or_else(|| "no connection".to_owned(), |e| innermost(e));
                if all.to_lowercase().contains("credentials") {
                    Fault::NoCredentials(because)
                } else {
                    Fault::Unreachable { service, because }
                }
            }
            SdkError::ServiceError(e) => {
                of_service(action, e.err().code().unwrap_or(""), e.err().message().unwrap_or(""), e.raw().status())
            }
            SdkError::ResponseError(e) => {
                let status = e.raw().status();
                Fault::Refused {
                    permission: action.permission(),
                    code: format!("HTTP {status}"),
                    message: "the answer cannot be read".to_owned(),
                    outage: true,
                }
            }
            other => Fault::Refused {
                permission: action.permission(),
                code: "not sent".to_owned(),
                message: innermost(other),
                outage: false,
            },
        }
    }
}

/// What carries an HTTP status.
pub trait HttpStatus: std::fmt::Debug {
    /// The status.
    fn status(&self) -> u16;
}

impl HttpStatus for aws_sdk_cloudwatch::config::http::HttpResponse {
    fn status(&self) -> u16 {
        aws_sdk_cloudwatch::config::http::HttpResponse::status(self).as_u16()
    }
}

/// The fault that a service's code stands for. AWS spells the same thing in several ways, by protocol and service.
fn of_service(action: Action, code: &str, message: &str, status: u16) -> Fault {
    let service = action.service();
    let short = code.rsplit_once('#').map_or(code, |(_, c)| c);
    match short.strip_suffix("Exception").unwrap_or(short) {
        "AccessDenied" | "UnauthorizedOperation" | "NotAuthorized" | "Forbidden" | "AuthorizationError" => denied(action, message),
        "InvalidClientTokenId"
        | "UnrecognizedClient"
        | "InvalidAccessKeyId"
        | "SignatureDoesNotMatch"
        | "InvalidSignature"
        | "ExpiredToken"
        | "RequestExpired"
        | "MissingAuthenticationToken"
        | "IncompleteSignature"
        | "InvalidToken"
        | "RequestTimeTooSkewed"
        // The message repeats what was signed, a session token for one: only the code is told.
        | "AuthFailure" => Fault::BadCredentials(short.to_owned()),
        "Throttling" | "Throttled" | "TooManyRequests" | "RequestLimitExceeded" | "SlowDown" | "LimitExceeded"
        | "RequestThrottled" | "BandwidthLimitExceeded" | "ProvisionedThroughputExceeded" | "PriorRequestNotComplete" => {
            Fault::Throttled { service }
        }
        "NoSuchBucket" => Fault::NotFound { what: Thing::Bucket },
        "NoSuchKey" => Fault::NotFound { what: Thing::Object },
        "ResourceNotFound" if service == Service::Logs => Fault::NotFound { what: Thing::LogGroup },
        "NotFound" if service == Service::Sns => Fault::NotFound { what: Thing::Topic },
        "PermanentRedirect" | "AuthorizationHeaderMalformed" | "IllegalLocationConstraint" => Fault::OtherRegion { service },
        _ if status == 403 => denied(action, message),
        _ if status == 429 => Fault::Throttled { service },
        _ => Fault::Refused {
            permission: action.permission(),
            code: if short.is_empty() { format!("HTTP {status}") } else { short.to_owned() },
            message: message.lines().next().unwrap_or("").chars().take(200).collect(),
            outage: status >= 500,
        },
    }
}

/// The message names the permission that is missing where that is another one (`kms:Decrypt` of a key, for one).
fn denied(action: Action, message: &str) -> Fault {
    let named = message.split_once("to perform: ").and_then(|(_, rest)| rest.split_whitespace().next());
    let named = named.map(|n| n.trim_end_matches(['.', ',']).to_owned()).filter(|n| n.contains(':'));
    Fault::Denied { permission: named.unwrap_or_else(|| action.permission().to_owned()) }
}

/// The innermost reason: what the system said ("Connection refused"), not how many layers passed it on.
fn innermost(error: &(dyn std::error::Error + 'static)) -> String {
    let mut at = error;
    while let Some(next) = at.source() {
        at = next;
    }
    at.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_all_spellings() {
        let of = |code, status| of_service(Action::GetMetricData, code, "", status);
        assert_eq!(of("Throttling", 400), Fault::Throttled { service: Service::CloudWatch });
        assert_eq!(of("com.amazon.coral#ThrottlingException", 400), Fault::Throttled { service: Service::CloudWatch });
        assert_eq!(of("AccessDenied", 403), Fault::Denied { permission: "cloudwatch:GetMetricData".to_owned() });
        assert_eq!(of("ExpiredTokenException", 403), Fault::BadCredentials("ExpiredTokenException".to_owned()));
        assert!(of("InternalServiceFault", 500).is_outage() && !of("InvalidParameterValue", 400).is_outage());
    }

    #[test]
    fn the_permission_that_the_message_names() {
        let message = "User: arn:aws:iam::1:user/a is not authorized to perform: kms:Decrypt on resource: arn:aws:kms:x";
        let fault = of_service(Action::GetObject, "AccessDenied", message, 403);
        assert_eq!(fault.to_string(), "access denied: the IAM permission kms:Decrypt is missing");
    }
}

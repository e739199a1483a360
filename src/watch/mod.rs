//! The watch: looks on a schedule, reports each incident once, and tells whoever is to know.
//!
//! | where | its one job |
//! |---|---|
//! | `plan`, `schedule`, `receiver` | `fivexx.toml` made ready, contradictions refused |
//! | `gather`, `lag`, `services`, `aws` | where data come from; logs that come late; what needs AWS, behind traits; the account behind them |
//! | `machine` | pure: what is known + what a look saw → what to do |
//! | `look` | one look: gather, analyse, decide, and one transaction with all that follows |
//! | `store`, `outbox` | what is remembered, and what is still to be delivered |
//! | `post`, `breaker`, `reports`, `notification` | delivering it, each channel by itself |
//! | `courier` | the process that makes one attempt to tell, and outlives a killed watch |
//! | `service`, `status`, `http` | the loop, and `/healthz` and `/metrics` |
//!
//! What is guaranteed is in `docs/watch.md`.

#[cfg(feature = "aws")]
pub mod aws;
pub mod breaker;
pub mod courier;
pub mod gather;
pub mod http;
pub mod lag;
pub mod look;
pub mod machine;
pub mod notification;
pub mod outbox;
pub mod plan;
pub mod post;
pub mod receiver;
pub mod reports;
pub mod schedule;
pub mod service;
pub mod services;
pub mod status;
pub mod store;

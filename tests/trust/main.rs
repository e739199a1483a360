//! A tool that runs as part of an incident, over files that attackers write into, must not fall, lie or leak.

#[path = "../common/mod.rs"]
mod common;
#[path = "../hostile/mod.rs"]
mod corpus;
mod definitions;
mod determinism;
mod faults;
mod files;
mod formats;
mod hostile;
mod makers;
mod mutations;
mod output;
mod secrets;
mod size;
mod supply;
mod tools;
#[path = "../watch_support/mod.rs"]
mod watch_support;

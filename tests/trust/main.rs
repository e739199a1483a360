//! A tool that runs as part of an incident, over files that attackers write into, must not fall, lie or leak.

#[path = "../common/mod.rs"]
mod common;
mod definitions;
mod determinism;
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

//! The tools around the analysis, from outside: help, completions, man pages, demo, errors, pipes, export, diff, follow, the load test's gate.

mod diff;
mod errors;
mod export;
mod follow;
mod gate;
mod help;
mod pipes;

use assert_cmd::Command;

fn fivexx() -> Command {
    let mut c = Command::cargo_bin("fivexx").expect("the binary is built");
    c.env_remove("NO_COLOR").env_remove("RUST_LOG").env("TZ", "UTC").current_dir(env!("CARGO_MANIFEST_DIR"));
    c
}

fn stdout(command: &mut Command) -> String {
    let out = command.assert().success();
    String::from_utf8(out.get_output().stdout.clone()).expect("text")
}

fn stderr(command: &mut Command, code: i32) -> String {
    let out = command.assert().code(code);
    String::from_utf8(out.get_output().stderr.clone()).expect("text")
}

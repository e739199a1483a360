//! The command from outside: inputs of every kind, exit statuses, definitions of the user's own.

use assert_cmd::Command;
use serde_json::Value;
use std::fs;
use std::io::Write;
use std::path::Path;
use tempfile::TempDir;

const EAGAIN: &str = r#"2026/11/21 00:00:39 [error] 1#1: *3713 connect() to unix:/run/shop/app.sock failed (11: Resource temporarily unavailable) while connecting to upstream, client: 127.0.0.1, server: shop.example.com, request: "GET / HTTP/1.1", upstream: "uwsgi://unix:/run/shop/app.sock:", host: "shop.example.com""#;
const QUEUE: &str =
    r#"Sat Nov 21 00:17:55 2026 - *** uWSGI listen queue of socket "127.0.0.1:3031" (fd: 3) full !!! (41/40) ***"#;
const WORKER_CONNECTIONS: &str = "2026/11/21 09:01:57 [alert] 19185#19185: 1024 worker_connections are not enough";

fn fivexx() -> Command {
    let mut c = Command::cargo_bin("fivexx").expect("the binary is built");
    c.env_remove("NO_COLOR").current_dir(env!("CARGO_MANIFEST_DIR"));
    c
}

fn json(command: &mut Command) -> Value {
    let out = command.args(["--format", "json"]).assert().success();
    serde_json::from_slice(&out.get_output().stdout).expect("JSON on stdout")
}

fn stdin(text: &str) -> Value {
    json(fivexx().args(["analyze", "-"]).write_stdin(text))
}

#[test]
fn three_pasted_lines_each_name_their_layer_less_surely_than_a_recording() {
    let whole = json(fivexx().args(["analyze", "samples/listen-queue-unix"]));
    let sure = whole["incidents"][0]["dropped_at"]["confidence"].as_f64().expect("a number");
    for (line, layer) in [(EAGAIN, "app_queue"), (QUEUE, "app_queue"), (WORKER_CONNECTIONS, "web_server")] {
        let report = stdin(line);
        let dropped = &report["incidents"][0]["dropped_at"];
        assert_eq!(dropped["layer"], layer, "{line}");
        let confidence = dropped["confidence"].as_f64().expect("a number");
        assert!(confidence > 0.4 && confidence < sure, "{confidence} for {line}");
    }
}

/// Pastes come quoted, numbered, out of web pages, two logs in one: the verdict is that of the plain lines.
#[test]
fn a_paste_gets_the_verdict_of_its_lines() {
    let plain = |text: &str| stdin(text)["incidents"][0]["dropped_at"]["mechanism"].clone();
    let both = format!("{EAGAIN}\n{QUEUE}");
    for pasted in [
        format!("> {EAGAIN}"),
        format!("17: {EAGAIN}"),
        format!("error.log:17:{EAGAIN}"),
        EAGAIN.replace('"', "&quot;"),
        format!("what we see:\n\n    {}\n\nand then\n\n> {}\n", EAGAIN, QUEUE),
        format!("| {}", both.replace('\n', "\n| ")),
    ] {
        assert_eq!(plain(&pasted), "listen_queue_full", "{pasted}");
    }
}

/// A line without any time still gets its verdict.
#[test]
fn an_undated_line_is_enough() {
    let report = stdin(r#"*** uWSGI listen queue of socket "127.0.0.1:3031" (fd: 3) full !!! (41/40) ***"#);
    assert_eq!(report["incidents"][0]["dropped_at"]["layer"], "app_queue");
}

#[test]
fn what_is_no_log_is_said_to_be_none() {
    let dir = TempDir::new().expect("a folder");
    let nothing = |path: &Path, says: &str| {
        let out = fivexx().arg("analyze").arg(path).assert().code(3);
        let err = String::from_utf8_lossy(&out.get_output().stderr).into_owned();
        assert!(err.contains(says) && err.contains("nothing readable"), "{err}");
    };
    nothing(dir.path(), "nothing readable");
    nothing(&dir.path().join("missing.log"), "no such file");
    nothing(Path::new("/dev/null"), "empty");
    // A JPEG's head and noise.
    let mut picture = vec![0xff, 0xd8, 0xff, 0xe0, 0, 0x10, b'J', b'F', b'I', b'F', 0];
    picture.extend((0..4000u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8));
    fs::write(dir.path().join("a.jpg"), &picture).expect("written");
    fs::write(dir.path().join("b.jpg"), &picture).expect("written");
    nothing(dir.path(), "no text");
    fs::write(dir.path().join("poem.txt"), "a rose\nis a rose\n").expect("written");
    nothing(&dir.path().join("poem.txt"), "none of its 2 lines is understood");
}

#[test]
fn a_truncated_archive_gives_what_it_holds_and_says_so() {
    let dir = TempDir::new().expect("a folder");
    let text = format!("{}\n", fs::read_to_string("samples/listen-queue-unix/nginx/access.log").expect("a sample"));
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gz.write_all(text.as_bytes()).expect("compressed");
    let whole = gz.finish().expect("compressed");
    let path = dir.path().join("access.log.gz");
    fs::write(&path, &whole[..whole.len() / 2]).expect("written");
    let report = json(fivexx().arg("analyze").arg(&path));
    let source = &report["sources"][0];
    assert!(source["lines"].as_u64().expect("a count") > 100);
    assert!(source["error"].as_str().expect("an error").contains("ended early"), "{source}");
    // A header and nothing behind it.
    fs::write(&path, &whole[..5]).expect("written");
    fivexx().arg("analyze").arg(&path).assert().code(3);
}

#[test]
fn each_recorded_file_alone_gets_an_answer() {
    for file in walk(Path::new("samples")) {
        let out = fivexx().arg("analyze").arg(&file).args(["--format", "json"]).output().expect("it runs");
        let code = out.status.code().expect("no signal");
        let err = String::from_utf8_lossy(&out.stderr);
        assert!(code == 0 || (code == 3 && err.contains("nothing readable")), "{}: {code} {err}", file.display());
        assert!(!err.contains("panicked"), "{}: {err}", file.display());
    }
}

fn walk(dir: &Path) -> Vec<std::path::PathBuf> {
    let mut out = Vec::new();
    for e in fs::read_dir(dir).expect("readable").flatten() {
        if e.path().is_dir() { out.extend(walk(&e.path())) } else { out.push(e.path()) }
    }
    out
}

#[test]
fn the_exit_status_says_what_was_found() {
    fivexx().args(["analyze", "samples/nginx-fd-exhaustion", "--fail-on", "incident"]).assert().code(1);
    fivexx().args(["analyze", "samples/client-aborts-benign", "--fail-on", "incident"]).assert().code(0);
    fivexx().args(["analyze", "samples/nginx-fd-exhaustion"]).assert().code(0);
    fivexx().args(["analyze"]).assert().code(2);
    for (flag, value) in
        [("--from", "yesterday"), ("--tz", "uwsgi=Tokio"), ("--display-tz", "Moon"), ("--nginx-format", "$status$request")]
    {
        let out = fivexx().args(["analyze", "samples/harakiri", flag, value]).assert().code(2);
        let err = String::from_utf8_lossy(&out.get_output().stderr).into_owned();
        assert!(err.contains(flag), "{err}");
    }
}

#[test]
fn a_report_goes_to_a_file_whole_and_by_its_name() {
    let dir = TempDir::new().expect("a folder");
    let (md, js) = (dir.path().join("report.md"), dir.path().join("report.json"));
    fivexx().args(["analyze", "samples/harakiri", "-o"]).arg(&md).assert().success().stdout("");
    fivexx().args(["analyze", "samples/harakiri", "-o"]).arg(&js).assert().success();
    assert!(fs::read_to_string(&md).expect("written").starts_with("# Dropped at the app server"));
    let report: Value = serde_json::from_str(&fs::read_to_string(&js).expect("written")).expect("JSON");
    assert_eq!(report["verdict"], "incident");
    let mut names: Vec<String> =
        fs::read_dir(dir.path()).expect("readable").flatten().map(|e| e.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    let pictures = ["report-1-requests.svg", "report-1-timeline.svg", "report.json", "report.md"];
    assert_eq!(names, pictures, "nothing else is left beside them");
    fivexx().args(["analyze", "samples/harakiri", "-o", "/no/such/folder/report.md"]).assert().code(4);
}

#[test]
fn from_and_to_limit_what_is_looked_at() {
    let quiet = json(fivexx().args(["analyze", "samples/nginx-fd-exhaustion", "--to", "2026-11-21T00:00:20Z"]));
    assert_eq!(quiet["verdict"], "no_incident");
    let same = json(fivexx().args(["analyze", "samples/nginx-fd-exhaustion", "--to", "2026-11-21T09:00:20+09:00"]));
    assert_eq!(same["verdict"], "no_incident");
}

#[test]
fn a_zone_can_be_given() {
    let report = stdin(EAGAIN);
    assert_eq!(report["sources"][0]["clock"]["basis"], "assumed");
    let report = json(fivexx().args(["analyze", "-", "--tz", "nginx_error=Asia/Tokyo"]).write_stdin(EAGAIN));
    assert_eq!(report["sources"][0]["clock"]["basis"], "given");
    assert_eq!(report["sources"][0]["clock"]["utc_offset_s"], 32_400);
    assert_eq!(report["incidents"][0]["window"]["start"], "2026-11-20T15:00:39Z");
}

/// A new format and a new cause, each by one TOML file.
#[test]
fn a_format_and_a_cause_of_the_users_own() {
    let dir = TempDir::new().expect("a folder");
    let (parsers, causes) = (dir.path().join("parsers"), dir.path().join("causes"));
    fs::create_dir_all(&parsers).expect("made");
    fs::create_dir_all(&causes).expect("made");
    fs::write(parsers.join("turnstile.toml"), TURNSTILE).expect("written");
    fs::write(causes.join("turnstile_jammed.toml"), TURNSTILE_JAMMED).expect("written");
    fivexx().args(["parsers", "test"]).arg(&parsers).assert().success();
    fivexx().args(["causes", "test"]).arg(&causes).arg("--parsers").arg(&parsers).assert().success();
    let log: String = (0..30).map(|i| format!("21.11.2026 10:00:{i:02} GATE 7 jammed, turned away\n")).collect();
    let report = json(fivexx().args(["analyze", "-", "--parsers"]).arg(&parsers).arg("--causes").arg(&causes).write_stdin(log));
    assert_eq!(report["sources"][0]["parser"], "turnstile");
    assert_eq!(report["incidents"][0]["dropped_at"]["mechanism"], "turnstile_jammed");
    assert_eq!(report["incidents"][0]["dropped_at"]["where"], "gate 7");
    assert_eq!(report["incidents"][0]["failed_requests"], 30);
}

const TURNSTILE: &str = r#"
name = "turnstile"
title = "A proxy nobody knows"
layer = "web_server"
reference = "https://example.com/turnstile"

[time]
format = "%d.%m.%Y %H:%M:%S"
zone = "unstated"

[[line]]
name = "line"
template = "{time} GATE {gate:int} {message:rest}"

[[event]]
signal = "turnstile.jammed"
starts = "jammed"
role = "failure"
keep = ["gate"]
means = "the gate let nobody in"

[[sample]]
line = "21.11.2026 10:00:00 GATE 7 jammed, turned away"
time = "2026-11-21T10:00:00"
yields = ["turnstile.jammed"]
fields = { gate = "7" }
"#;

const TURNSTILE_JAMMED: &str = r#"
id = "turnstile_jammed"
layer = "web_server"
title = "A gate jammed"
can_be = ["drop", "root"]
own_root = 2.0
says = "Gate {gate} turned {failed_requests} away."
place = "gate {gate}"
implicates = "The gate says so itself."
disproved_by = "Requests that passed it."
reference = "https://example.com/turnstile"
ended_by = "proxy"
phase = "connect"
seen_by = ["turnstile"]

[[for]]
any = ["turnstile.jammed"]
weight = 7.0
full = 0.1
says = "the gate turned {count} away"

[[drops]]
signal = "turnstile.jammed"

[[sample]]
lines = "21.11.2026 10:00:00 GATE 7 jammed, turned away"
dropped_at = "turnstile_jammed"
root_cause = "turnstile_jammed"
"#;

#[test]
fn a_broken_definition_is_refused_with_its_place() {
    let dir = TempDir::new().expect("a folder");
    fs::write(dir.path().join("turnstile.toml"), TURNSTILE.replace("starts = ", "begins = ")).expect("written");
    let out = fivexx().args(["analyze", "-", "--parsers"]).arg(dir.path()).write_stdin(EAGAIN).assert().code(2);
    let err = String::from_utf8_lossy(&out.get_output().stderr).into_owned();
    assert!(err.contains("turnstile.toml:17:1") && err.contains("begins") && err.contains("starts"), "{err}");
}

#[test]
fn formats_that_configurations_spell_out_are_read() {
    let dir = TempDir::new().expect("a folder");
    let line = |s: u32, status: u32| format!("{status}|21/Nov/2026:10:00:{s:02} +0900|0.004|GET /a HTTP/1.1\n");
    let log: String = (0..50).map(|i| line(i % 60, if i > 20 { 502 } else { 200 })).collect();
    fs::write(dir.path().join("web.log"), &log).expect("written");
    let conf = "http {\n  log_format odd '$status|$time_local|$request_time|'\n    '$request';\n}\n";
    let format = "$status|$time_local|$request_time|$request";
    let given = json(fivexx().arg("analyze").arg(dir.path()).args(["--nginx-format", format]));
    assert_eq!(given["incidents"][0]["failed_requests"], 29);
    fs::write(dir.path().join("nginx.conf"), conf).expect("written");
    let found = json(fivexx().arg("analyze").arg(dir.path()));
    assert_eq!(found["incidents"][0]["failed_requests"], 29);
    assert!(found["skipped"][0]["because"].as_str().expect("a reason").contains("log_format"), "{}", found["skipped"]);
}

/// Lines in envelopes mean what they mean without.
#[test]
fn envelopes_are_taken_off() {
    let docker = |l: &str| {
        format!("{{\"log\":{},\"stream\":\"stderr\",\"time\":\"2026-11-21T00:00:40.1Z\"}}", Value::from(format!("{l}\n")))
    };
    let wraps: [&dyn Fn(&str) -> String; 5] = [
        &docker,
        &|l| format!("2026-11-21T00:00:40.123456789Z stderr F {l}"),
        &|l| format!("web-1  | {l}"),
        &|l| format!("Nov 21 00:00:40 web1 nginx[7]: {l}"),
        &|l| format!("\x1b[31m{l}\x1b[0m"),
    ];
    for wrap in wraps {
        let text = wrap(EAGAIN);
        let report = stdin(&text);
        assert_eq!(report["incidents"][0]["dropped_at"]["mechanism"], "listen_queue_full", "{text}");
        assert_eq!(report["incidents"][0]["evidence"][0]["examples"][0]["text"], text, "quoted with its envelope");
    }
}

#[test]
fn hostile_text_does_not_reach_the_report_alive() {
    let line = EAGAIN.replace("/run/shop/app.sock", "/run/\u{202e}<script>alert(1)</script>`|x`.sock");
    for format in ["md", "terminal"] {
        let out = fivexx().args(["analyze", "-", "--format", format]).write_stdin(line.as_str()).assert().success();
        let text = String::from_utf8_lossy(&out.get_output().stdout).into_owned();
        assert!(!text.contains('\u{202e}') && !text.contains('\x1b'), "{text}");
        if format == "md" {
            let mut html = String::new();
            pulldown(&text, &mut html);
            assert!(!html.contains("<script"), "{html}");
        }
    }
}

/// Outside code, a `<` would be HTML: what stands in backticks or is escaped is not.
fn pulldown(markdown: &str, out: &mut String) {
    let mut fence: Option<String> = None;
    for line in markdown.lines() {
        let t = line.trim_start();
        let ticks: String = t.chars().take_while(|c| *c == '`').collect();
        match &fence {
            Some(f) if t.trim_end() == f => fence = None,
            Some(_) => {}
            None if ticks.len() >= 3 => fence = Some(ticks),
            None => {
                let mut rest = line;
                while let Some(at) = rest.find('`') {
                    out.push_str(&rest[..at]);
                    let n = rest[at..].chars().take_while(|c| *c == '`').count();
                    let open = &rest[at..at + n];
                    rest = rest[at + n..].split_once(open).map_or("", |(_, r)| r);
                }
                out.push_str(rest);
                out.push('\n');
            }
        }
    }
}

#[test]
fn parsers_can_be_listed_tested_and_asked() {
    fivexx().args(["parsers", "list"]).assert().success();
    fivexx().args(["parsers", "test"]).assert().success();
    let out = fivexx().args(["parsers", "explain", EAGAIN]).assert().success();
    let text = String::from_utf8_lossy(&out.get_output().stdout).into_owned();
    insta::assert_snapshot!("explain_known", text);
    let out = fivexx().args(["parsers", "explain", "2026/11/21 00:00:39 [error] 1x2: what"]).assert().success();
    insta::assert_snapshot!("explain_unknown", String::from_utf8_lossy(&out.get_output().stdout).into_owned());
    fivexx().args(["causes", "list"]).assert().success();
    fivexx().args(["causes", "show", "listen_queue_full"]).assert().success();
    fivexx().args(["causes", "show", "no_such_cause"]).assert().code(2);
}

#[test]
fn charts_are_files_beside_the_report_or_in_it() {
    let dir = TempDir::new().expect("a folder");
    let md = dir.path().join("our report.md");
    fivexx().args(["analyze", "samples/harakiri", "-o"]).arg(&md).assert().success();
    let text = fs::read_to_string(&md).expect("written");
    assert!(text.contains("](our%20report-1-timeline.svg)"), "{text}");
    let svg = fs::read_to_string(dir.path().join("our report-1-timeline.svg")).expect("written");
    assert!(svg.starts_with("<svg") && svg.contains("role=\"img\"") && svg.contains("<desc"), "{svg}");
    let out = |args: &[&str]| fivexx().args(["analyze", "samples/harakiri"]).args(args).output().expect("it runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(text(&out(&["--charts", "mermaid"]).stdout).contains("```mermaid\nflowchart TD"));
    assert!(!text(&out(&[]).stdout).contains("mermaid"));
    let refused = out(&["--charts", "svg"]);
    assert!(refused.status.code() == Some(2) && text(&refused.stderr).contains("-o report.md"));
    let plain = dir.path().join("plain.md");
    fivexx().args(["analyze", "samples/harakiri", "--charts", "none", "-o"]).arg(&plain).assert().success();
    assert!(!fs::read_to_string(&plain).expect("written").contains("!["));
    let page = dir.path().join("report.html");
    fivexx().args(["analyze", "samples/harakiri", "-o"]).arg(&page).assert().success();
    assert!(fs::read_to_string(&page).expect("written").starts_with("<!DOCTYPE html>"));
}

/// A PNG's head, and some letters' worth of it.
#[cfg(feature = "png")]
#[test]
fn charts_can_be_png() {
    let dir = TempDir::new().expect("a folder");
    let out = fivexx()
        .args(["analyze", "samples/harakiri", "--charts", "png", "-o"])
        .arg(dir.path().join("r.md"))
        .output()
        .expect("it runs");
    let err = String::from_utf8_lossy(&out.stderr);
    if err.contains("no font is installed") {
        return;
    }
    assert!(out.status.success(), "{err}");
    let png = fs::read(dir.path().join("r-1-timeline.png")).expect("written");
    assert!(png.starts_with(b"\x89PNG") && png.len() > 20_000, "{} bytes", png.len());
}

#[test]
fn colour_is_used_where_it_is_wanted() {
    let run = |args: &[&str], env: &[(&str, &str)]| {
        let mut c = fivexx();
        c.args(["analyze", "samples/harakiri", "--format", "terminal"]).args(args).envs(env.iter().copied());
        String::from_utf8_lossy(&c.output().expect("it runs").stdout).into_owned()
    };
    assert!(!run(&[], &[]).contains('\x1b'), "a pipe gets none");
    assert!(run(&["--color", "always"], &[]).contains("\x1b[1;31m"));
    assert!(run(&["--color", "always"], &[("NO_COLOR", "1")]).contains('\x1b'), "what was said goes before what was set");
    assert!(run(&[], &[("CLICOLOR_FORCE", "1")]).contains('\x1b'));
    assert!(!run(&["--color", "never"], &[("CLICOLOR_FORCE", "1")]).contains('\x1b'));
}

const REFUSED: &str = "connect() failed (111: Connection refused) while connecting to upstream, client: 198.51.100.7, server: a, request: \"GET / HTTP/1.1\", upstream: \"http://127.0.0.1:8000/\", host: \"a\"";

/// Ten minutes of an nginx, two requests a second, which all get one status; `error` is what its error log says in that second.
fn site(status: impl Fn(u32) -> u16, error: impl Fn(u32) -> Option<&'static str>) -> TempDir {
    let dir = TempDir::new().expect("a directory");
    let (mut access, mut errors) = (String::new(), String::new());
    for second in 0..600 {
        let (at, status) = (format!("{:02}:{:02}", second / 60, second % 60), status(second));
        access +=
            &format!("198.51.100.7 - - [21/Nov/2026:09:{at} +0000] \"GET / HTTP/1.1\" {status} 12 \"-\" \"curl\"\n").repeat(2);
        if let Some(error) = error(second) {
            errors += &format!("2026/11/21 09:{at} [error] 7#7: *{second} {error}\n");
        }
    }
    fs::create_dir(dir.path().join("nginx")).expect("a folder");
    fs::write(dir.path().join("nginx/access.log"), &access).expect("written");
    fs::write(dir.path().join("nginx/error.log"), &errors).expect("written");
    dir
}

/// Where no cause fits, the errors of that time are shown for somebody to read, and only what is not there is asked for.
#[test]
fn failures_that_nothing_explains_come_with_the_errors_of_their_time() {
    let fails = |second: u32| (300..360).contains(&second);
    // One line in a minute is what this server writes all day.
    let error = |second: u32| (second.is_multiple_of(60) || fails(second)).then_some("[lua] access.lua:12: no such key");
    let dir = site(|second| if fails(second) { 502 } else { 200 }, error);
    let report = json(fivexx().arg("analyze").arg(dir.path()));
    let incident = &report["incidents"][0];
    assert_eq!(incident["dropped_at"]["mechanism"], "unexplained", "{incident:#}");
    let shown = &incident["evidence"][0];
    assert_eq!((&shown["signal"], &shown["weight"]), (&"nginx.other_error".into(), &0.0.into()));
    assert_eq!(shown["examples"].as_array().expect("lines").len(), 3, "{shown:#}");
    let missing = incident["missing"].to_string();
    assert!(missing.contains("app server") && !missing.contains("web server"), "{missing}");
}

/// Where too few fail for an incident, somebody asks because of these few: the errors that were logged are said.
#[test]
fn a_few_failures_that_are_no_incident_come_with_the_errors_that_were_logged() {
    let said = |dir: TempDir| {
        let report = json(fivexx().arg("analyze").arg(dir.path()));
        assert_eq!(report["verdict"], "no_incident", "{report:#}");
        report["remarks"].to_string()
    };
    let error = |second: u32| (second % 60 == 7).then_some(REFUSED);
    let few = said(site(|second| if second == 307 { 502 } else { 200 }, error));
    let refused = "10 errors of the kind nginx.upstream_refused were logged from 09:00:07Z to 09:09:07Z (nginx/error.log)";
    assert!(few.contains("2 failed requests") && few.contains(refused), "{few}");
    // Where another server answered all of them, nobody asks.
    assert!(!said(site(|_| 200, error)).contains("errors of the kind"));
}

/// Whoever looks asks first what was changed: a reload right before the first failure is told beside a verdict that is another, an earlier one is not.
#[test]
fn a_reload_right_before_is_told_beside_the_verdict() {
    const HEADER: &str = "upstream sent too big header while reading response header from upstream, client: 198.51.100.7, server: a, request: \"GET / HTTP/1.1\", upstream: \"http://127.0.0.1:8000/\", host: \"a\"";
    let fails = |second: u32| (300..360).contains(&second);
    let dir = site(|second| if fails(second) { 502 } else { 200 }, |second| fails(second).then_some(HEADER));
    fs::create_dir(dir.path().join("gunicorn")).expect("a folder");
    let changes = |minute: &str| {
        let log = format!(
            "[2026-11-21 09:00:00 +0000] [7] [INFO] Starting gunicorn 23.0.0\n[2026-11-21 09:{minute} +0000] [7] [INFO] Handling signal: hup\n"
        );
        fs::write(dir.path().join("gunicorn/error.log"), log).expect("written");
        let report = json(fivexx().arg("analyze").arg(dir.path()));
        let incident = report["incidents"][0].clone();
        assert_eq!(incident["dropped_at"]["mechanism"], "header_too_big", "{incident:#}");
        incident["changes"].as_array().expect("a list").clone()
    };
    let told = changes("04:58");
    assert_eq!((&told[0]["at"], &told[0]["sources"][0]), (&"2026-11-21T09:04:58Z".into(), &"gunicorn/error.log".into()));
    for (format, begin) in
        [("md", "**Right before:** The app server was told"), ("terminal", "Right before: The app server was told")]
    {
        let out = fivexx().arg("analyze").arg(dir.path()).args(["--format", format]).assert().success();
        let text = String::from_utf8_lossy(&out.get_output().stdout).split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.contains(begin) && text.contains("2 s before the first failed request"), "{text}");
    }
    assert!(changes("01:00").is_empty() && changes("05:10").is_empty());
}

/// A traceback and the 500 that a client got are one failure: what else failed meanwhile is not booked on the exception.
#[test]
fn a_failure_that_two_layers_tell_of_is_counted_once() {
    let refused = |second: u32| (330..335).contains(&second);
    let raised = |second: u32| (300..360).contains(&second) && !refused(second);
    let status = |second| {
        if refused(second) {
            502
        } else if raised(second) {
            500
        } else {
            200
        }
    };
    let dir = site(status, |second| refused(second).then_some(REFUSED));
    let mut log = String::new();
    for second in (300..360).filter(|s| raised(*s)) {
        let at = format!("[2026-11-21 09:{:02}:{:02} +0000]", second / 60, second % 60);
        log += &format!("{at} [7] [ERROR] Error handling request /\nTraceback (most recent call last):\n  File \"/srv/app.py\", line 3, in app\n    price()\nKeyError: 'price'\n")
            .repeat(2);
    }
    fs::create_dir(dir.path().join("gunicorn")).expect("a folder");
    fs::write(dir.path().join("gunicorn/error.log"), log).expect("written");
    let report = json(fivexx().arg("analyze").arg(dir.path()));
    let points = report["incidents"][0]["drop_points"].as_array().expect("drop points");
    let raised = points.iter().find(|p| p["mechanism"] == "app_exception").expect("the exceptions");
    assert_eq!(raised["requests"], 110, "{points:#?}");
}

/// A queue that fills though no more requests come than usual is emptied too slowly, whatever else no log tells.
#[test]
fn a_queue_that_fills_at_the_usual_rate_is_emptied_too_slowly() {
    const FULL: &str = "connect() to unix:/run/a.sock failed (11: Resource temporarily unavailable) while connecting to upstream, client: 198.51.100.7, server: a, request: \"GET / HTTP/1.1\", upstream: \"uwsgi://unix:/run/a.sock:\", host: \"a\"";
    let fails = |second: u32| (300..360).contains(&second);
    let dir = site(|second| if fails(second) { 502 } else { 200 }, |second| fails(second).then_some(FULL));
    let report = json(fivexx().arg("analyze").arg(dir.path()));
    let incident = &report["incidents"][0];
    let named = (&incident["dropped_at"]["mechanism"], &incident["root_cause"]["mechanism"]);
    assert_eq!(named, (&"listen_queue_full".into(), &"slow_requests".into()), "{incident:#}");
    // Of pasted lines alone nobody knows what is usual.
    assert_ne!(stdin(EAGAIN)["incidents"][0]["root_cause"]["mechanism"], "slow_requests");
}

/// A server's log whose requests are in a format of its own says so, with what to do about it; the configuration beside it is enough.
#[test]
fn requests_in_a_format_of_their_own_are_told_with_what_to_do() {
    let dir = TempDir::new().expect("a directory");
    let banner = "*** Starting uWSGI 2.0.21-debian (64bit) on [Sat Nov 21 09:00:00 2026] ***\n";
    let request = |second: u32| format!("[21/Nov/2026:09:00:{second:02} +0900] pid=7 \"GET /a HTTP/1.1\" 200 612B 12ms\n");
    let log: String = std::iter::once(banner.to_owned()).chain((0..60).map(request)).collect();
    fs::write(dir.path().join("uwsgi.log"), log).expect("written");
    let remarks = || json(fivexx().arg("analyze").arg(dir.path()))["remarks"].to_string();
    let told = remarks();
    assert!(told.contains("60 lines are not understood") && told.contains("--uwsgi-format"), "{told}");
    let ini = "[uwsgi]\nlog-format = [%(ltime)] pid=%(pid) \"%(method) %(uri) %(proto)\" %(status) %(rsize)B %(msecs)ms\n";
    fs::write(dir.path().join("uwsgi.ini"), ini).expect("written");
    assert!(!remarks().contains("not understood"));
}

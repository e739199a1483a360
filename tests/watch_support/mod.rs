//! What the watch's tests need: a stretch of two hours with two recorded incidents in it, and receivers that count.

#![allow(dead_code, reason = "not every test uses all of it")]

use chrono::{DateTime, NaiveDateTime};
use regex::{Captures, Regex};
use serde_json::Value;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// The ways in which the recordings write time: pattern and strftime text.
static STAMPS: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
    [
        (r"\d\d/[A-Z][a-z]{2}/2026:\d\d:\d\d:\d\d", "%d/%b/%Y:%H:%M:%S"),
        (r"2026/\d\d/\d\d \d\d:\d\d:\d\d", "%Y/%m/%d %H:%M:%S"),
        (r"2026-\d\d-\d\dT\d\d:\d\d:\d\d", "%Y-%m-%dT%H:%M:%S"),
        (r"[A-Z][a-z]{2} [A-Z][a-z]{2} \d\d \d\d:\d\d:\d\d 2026", "%a %b %d %H:%M:%S %Y"),
    ]
    .map(|(pattern, text)| (Regex::new(pattern).expect("a pattern"), text))
    .into()
});

/// The second of the first stamp in a line.
fn second(line: &str) -> Option<i64> {
    let read = |(pattern, text): &(Regex, &str)| {
        let found = pattern.find(line)?;
        Some((found.start(), NaiveDateTime::parse_from_str(found.as_str(), text).ok()?.and_utc().timestamp()))
    };
    STAMPS.iter().filter_map(read).min().map(|(_, s)| s)
}

/// A line with all its stamps moved.
fn moved(line: &str, by: i64) -> String {
    let mut line = line.to_owned();
    for (pattern, text) in STAMPS.iter() {
        let shift = |c: &Captures<'_>| {
            let at = NaiveDateTime::parse_from_str(&c[0], text).expect("the pattern fits").and_utc().timestamp() + by;
            DateTime::from_timestamp(at, 0).expect("a time").format(text).to_string()
        };
        line = pattern.replace_all(&line, shift).into_owned();
    }
    line
}

/// A file of a recording: lines with the second that each was written at.
fn lines_of(path: &Path) -> Vec<(i64, String)> {
    let bytes = fs::read(path).expect("a file of a sample");
    let mut text = String::new();
    if path.extension().is_some_and(|e| e == "gz") {
        flate2::read::MultiGzDecoder::new(bytes.as_slice()).read_to_string(&mut text).expect("an archive");
    } else {
        text = String::from_utf8_lossy(&bytes).into_owned();
    }
    let mut last = None;
    let dated = |line: &str| {
        last = second(line).or(last);
        Some((last?, line.to_owned()))
    };
    text.lines().filter_map(dated).collect()
}

/// Two hours of logs with two incidents, one after 25 and one after 85 minutes, and thin quiet traffic around them.
pub struct Stretch {
    files: Vec<(&'static str, Vec<(i64, String)>)>,
}

/// Seconds that the stretch lasts.
pub const LASTS: i64 = 2 * 3600;

/// When the two incidents begin, in seconds from the begin of the stretch.
pub const INCIDENTS: [i64; 2] = [25 * 60, 85 * 60];

impl Stretch {
    /// The stretch from this second on.
    pub fn new(begin: i64) -> Self {
        const ANCHOR: i64 = 1_795_219_230; // 2026-11-21T00:00:30Z: both recordings begin to fail here.
        const FROM: i64 = ANCHOR - 60;
        let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples");
        let parts: [(&str, &[&str]); 4] = [
            ("nginx/access.log", &["nginx/access.log"]),
            ("nginx/error.log", &["nginx/error.log"]),
            ("uwsgi/uwsgi.log", &["uwsgi/uwsgi.log"]),
            ("alb/access.log", &["alb"]),
        ];
        let mut files = Vec::new();
        for (name, sources) in parts {
            let mut lines = Vec::new();
            for (recording, at) in ["listen-queue-unix", "nginx-fd-exhaustion"].iter().zip(INCIDENTS) {
                let by = begin + at - ANCHOR;
                let mut paths: Vec<PathBuf> = sources.iter().map(|s| samples.join(recording).join(s)).collect();
                if paths[0].is_dir() {
                    let all = fs::read_dir(&paths[0]).expect("a folder").filter_map(|e| Some(e.ok()?.path()));
                    paths = all.filter(|p| p.extension().is_some_and(|e| e == "gz")).collect();
                    paths.sort();
                }
                let recorded: Vec<(i64, String)> = paths.iter().flat_map(|p| lines_of(p)).collect();
                lines.extend(recorded.iter().map(|(s, l)| (s + by, moved(l, by))));
                if *recording == "listen-queue-unix" {
                    let busy = |s: i64| INCIDENTS.iter().any(|at| (at - 60..at + 120).contains(&(s - begin)));
                    let quiet: Vec<&(i64, String)> =
                        recorded.iter().filter(|(s, _)| (FROM..FROM + 60).contains(s)).step_by(20).collect();
                    for minute in 0..LASTS / 60 {
                        let by = begin + minute * 60 - FROM;
                        lines.extend(quiet.iter().filter(|(s, _)| !busy(s + by)).map(|(s, l)| (s + by, moved(l, by))));
                    }
                }
            }
            lines.sort_by_key(|(s, _)| *s);
            files.push((name, lines));
        }
        Stretch { files }
    }

    /// Writes what had been written by this second; `late` gives how many seconds later a file's lines arrive.
    pub fn write(&self, logs: &Path, until: i64, late: impl Fn(&str) -> i64) {
        for (name, lines) in &self.files {
            let path = logs.join(name);
            fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            let until = until - late(name);
            let text: String = lines.iter().take_while(|(s, _)| *s < until).flat_map(|(_, l)| [l.as_str(), "\n"]).collect();
            fs::write(path, text).expect("written");
        }
    }
}

/// A folder with a configuration, logs, and a receiver that is a command.
pub struct Site {
    /// The folder.
    pub dir: TempDir,
}

impl Site {
    /// A site whose configuration has these lines in `[watch]`, and whatever follows.
    pub fn new(watch: &str) -> Self {
        let dir = TempDir::new().expect("a folder");
        fs::create_dir(dir.path().join("told")).expect("made");
        let config = format!("paths = [\"logs\"]\n[watch]\nstate = \"state/watch.redb\"\n{watch}\n");
        fs::write(dir.path().join("fivexx.toml"), config).expect("written");
        Site { dir }
    }

    /// The entry of a receiver that writes each notification into a file of its own.
    pub fn command() -> String {
        "[[watch.notify]]\ncommand = [\"sh\", \"-c\", \"cat > told/.$$ && mv told/.$$ told/$FIVEXX_KEY.$$.json\"]\n".to_owned()
    }

    /// A path in the folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// `fivexx watch` with further arguments.
    pub fn watch(&self, args: &[&str]) -> Command {
        let mut command = Command::new(assert_cmd::cargo::cargo_bin("fivexx"));
        command.current_dir(self.dir.path()).arg("watch").args(args).stdin(Stdio::null());
        command
    }

    /// `fivexx watch --once` at a second, to its end: status and what it said.
    pub fn once(&self, now: i64) -> (ExitStatus, String) {
        let out = self.watch(&["--once", "--now", &rfc3339(now)]).output().expect("it runs");
        (out.status, String::from_utf8_lossy(&out.stderr).into_owned())
    }

    /// The same, started and left running.
    pub fn start_once(&self, now: i64) -> Child {
        self.watch(&["--once", "--now", &rfc3339(now)]).stderr(Stdio::null()).spawn().expect("it starts")
    }

    /// Names of the files in a folder, sorted.
    pub fn files(&self, folder: &str) -> Vec<String> {
        let Ok(entries) = fs::read_dir(self.path(folder)) else { return Vec::new() };
        let mut names: Vec<String> = entries.filter_map(|e| e.ok()?.file_name().into_string().ok()).collect();
        names.sort();
        names
    }

    /// The notifications that the command received, in the order of their begins.
    pub fn told(&self) -> Vec<Value> {
        let names = self.files("told").into_iter().filter(|n| n.ends_with(".json"));
        let mut all: Vec<Value> =
            names.map(|n| serde_json::from_slice(&fs::read(self.path("told").join(n)).expect("read")).expect("JSON")).collect();
        all.sort_by_key(|v: &Value| v["start"].as_str().unwrap_or_default().to_owned());
        all
    }

    /// Exactly two incidents: two reports, each as Markdown and JSON, and two notifications, about what was recorded.
    pub fn assert_exactly_two(&self) {
        let reports = self.files("reports");
        assert_eq!(reports.len(), 4, "{reports:?}");
        assert_eq!(reports.iter().filter(|r| r.ends_with(".md")).count(), 2, "{reports:?}");
        assert!(reports[0].contains("-app_queue-listen_queue_full-"), "{reports:?}");
        assert!(reports[2].contains("-web_server-nginx_fd_exhaustion-"), "{reports:?}");
        for report in reports.iter().filter(|r| r.ends_with(".json")) {
            let json: Value = serde_json::from_slice(&fs::read(self.path("reports").join(report)).expect("read")).expect("JSON");
            assert_eq!(json["incidents"].as_array().map(Vec::len), Some(1), "{report}");
        }
        let told = self.told();
        let keys: Vec<&str> = told.iter().filter_map(|t| t["key"].as_str()).collect();
        assert_eq!(told.len(), 2, "{keys:?}");
        assert_eq!(told[0]["dropped_at"]["mechanism"], "listen_queue_full");
        assert_eq!(told[1]["dropped_at"]["mechanism"], "nginx_fd_exhaustion");
        for one in &told {
            assert!(one["text"].as_str().is_some_and(|t| t.lines().count() <= 3));
            let report = one["reports"][0].as_str().expect("a report");
            assert!(self.path(report).exists(), "{report}");
        }
    }
}

pub fn rfc3339(second: i64) -> String {
    DateTime::from_timestamp(second, 0).expect("a time").to_rfc3339()
}

/// Ends a process in a hurry: SIGKILL, as `kill -9`. True where it was still alive.
pub fn kill_9(child: &mut Child) -> bool {
    child.kill().expect("it is ours");
    let status = child.wait().expect("it ends");
    status.code().is_none()
}

/// Random numbers that a failing test can be repeated with (xorshift).
pub struct Dice(pub u64);

impl Dice {
    /// From 0 to below `n`.
    pub fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % n
    }
}

/// What a webhook was sent: the key, and the body.
pub type Posts = Arc<Mutex<Vec<(String, Value)>>>;

/// A webhook on loopback. Before each answer `meanwhile` gets the number of posts so far, and gives the status.
pub fn webhook(meanwhile: impl Fn(usize) -> u16 + Send + 'static) -> (String, Posts) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}/hook", listener.local_addr().expect("bound"));
    let posts = Posts::default();
    let kept = posts.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a connection");
            let mut reader = BufReader::new(stream.try_clone().expect("a socket"));
            let (mut key, mut length, mut line) = (String::new(), 0, String::new());
            while reader.read_line(&mut line).is_ok_and(|n| n > 2) {
                let (name, value) = line.split_once(':').unwrap_or((&line, ""));
                match name.to_ascii_lowercase().as_str() {
                    "idempotency-key" => key = value.trim().to_owned(),
                    "content-length" => length = value.trim().parse().expect("a length"),
                    _ => {}
                }
                line.clear();
            }
            let mut body = vec![0; length];
            reader.read_exact(&mut body).expect("a body");
            let n = {
                let mut posts = kept.lock().expect("not poisoned");
                posts.push((key, serde_json::from_slice(&body).expect("JSON")));
                posts.len()
            };
            let status = meanwhile(n);
            let _ = write!(stream, "HTTP/1.1 {status} x\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok");
        }
    });
    (url, posts)
}

/// Waits until something holds.
pub fn wait_for(what: &str, mut holds: impl FnMut() -> bool) {
    let begin = Instant::now();
    while !holds() {
        assert!(begin.elapsed() < Duration::from_secs(40), "waited in vain: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// One GET on loopback: status and body.
pub fn get(address: &str, path: &str) -> (u16, String) {
    let mut stream = std::net::TcpStream::connect(address).expect("it listens");
    write!(stream, "GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n").expect("sent");
    let mut text = String::new();
    stream.read_to_string(&mut text).expect("an answer");
    let status = text.split(' ').nth(1).and_then(|s| s.parse().ok()).expect("a status");
    (status, text.split_once("\r\n\r\n").map(|(_, b)| b.to_owned()).unwrap_or_default())
}

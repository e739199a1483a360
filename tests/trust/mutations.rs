//! Recordings with bytes flipped, lines cut, doubled and shuffled, and sources taken away: nothing falls or hangs, and what is hardly touched keeps its
//! answer. `FIVEXX_MUTATIONS=10000` for more of them than a test run has time for.

use super::{common, formats, hostile};
use fivexx::model::{Report, Verdict};
use fivexx::parser::stamp::YearHint;
use fivexx::scanned::{Scan, ScannedFile};
use fivexx::source::read::{Progress, Reading, scan};
use fivexx::source::{Input, Place, discover};
use std::collections::BTreeMap;
use std::io::Read;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::{Duration, Instant};

/// Mutations of a test run.
const FEW: u64 = 100;

/// The longest that one may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// A recording: its files as they are, and what the scan of each comes to.
struct Recording {
    name: String,
    files: Vec<(String, Vec<u8>, Option<ScannedFile>)>,
    truth: (Verdict, Option<&'static str>),
}

/// Marsaglia's xorshift: the number of a mutation says all about it.
struct Dice(u64);

impl Dice {
    fn new(seed: u64) -> Self {
        let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        for _ in 0..4 {
            dice.below(2);
        }
        dice
    }

    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        ((self.0 >> 11) % (n.max(1) as u64)) as usize
    }
}

fn scanned(folder: &Path, name: &str, bytes: &[u8]) -> Option<ScannedFile> {
    let path = folder.join("mutated");
    std::fs::write(&path, bytes).expect("written");
    let input = Input { name: name.to_owned(), place: Place::File(path) };
    match scan(hostile::catalog(), &input, YearHint(common::NOW * 1000), &Progress::default()) {
        Reading::Scanned(tally) => Some(ScannedFile { path: name.to_owned(), tally: *tally }),
        Reading::Skipped(_) => None,
    }
}

fn copy(of: &ScannedFile) -> ScannedFile {
    ScannedFile { path: of.path.clone(), tally: of.tally.clone() }
}

fn answer(report: &Report) -> (Verdict, Option<&'static str>) {
    (report.verdict, report.incidents.first().map(|i| i.dropped_at.layer.id()))
}

fn recordings(scratch: &Path) -> Vec<Recording> {
    common::samples()
        .iter()
        .map(|folder| {
            let inputs = discover(std::slice::from_ref(folder)).inputs.into_iter().filter(|i| i.name != "truth.json");
            let files: Vec<_> = inputs
                .map(|i| {
                    let Place::File(path) = &i.place else { panic!("a file") };
                    let mut bytes = std::fs::read(path).expect("a sample");
                    // What is touched is what a log says: one flipped byte of an archive costs all that is packed behind it.
                    if bytes.starts_with(&[0x1f, 0x8b]) {
                        let mut plain = Vec::new();
                        flate2::read::MultiGzDecoder::new(bytes.as_slice()).read_to_end(&mut plain).expect("gzip");
                        bytes = plain;
                    }
                    let whole = scanned(scratch, &i.name, &bytes);
                    (i.name, bytes, whole)
                })
                .collect();
            let all = files.iter().filter_map(|f| f.2.as_ref()).map(copy).collect();
            let truth = answer(&hostile::report_of(Scan::new(hostile::catalog(), all, Vec::new())));
            Recording { name: folder.display().to_string(), files, truth }
        })
        .collect()
}

/// Changes bytes; gives how many were touched, and what was done.
fn mutate(bytes: &mut Vec<u8>, dice: &mut Dice, most: usize) -> (usize, &'static str) {
    let lines: Vec<Vec<u8>> = bytes.split_inclusive(|b| *b == b'\n').map(<[u8]>::to_vec).collect();
    let mean = (bytes.len() / lines.len().max(1)).max(1);
    let some = (most / mean).max(1).min(lines.len());
    match dice.below(6) {
        0 => {
            let n = dice.below(most.max(1)) + 1;
            for _ in 0..n {
                let at = dice.below(bytes.len());
                bytes[at] ^= 1 << dice.below(8);
            }
            (n, "bits flipped")
        }
        1 => {
            let n = dice.below(most.max(1)) + 1;
            for _ in 0..n {
                let at = dice.below(bytes.len());
                bytes[at] = dice.below(256) as u8;
            }
            (n, "bytes replaced")
        }
        kind @ (2 | 3) => {
            let (from, n) = (dice.below(lines.len()), dice.below(some) + 1);
            let to = (from + n).min(lines.len());
            let touched = lines[from..to].iter().map(Vec::len).sum();
            let mut out = lines[..from].concat();
            if kind == 3 {
                out.extend(lines[from..to].concat());
                out.extend(lines[from..to].concat());
            }
            out.extend(lines[to..].concat());
            *bytes = out;
            (touched, if kind == 2 { "lines cut" } else { "lines doubled" })
        }
        4 => {
            let (from, n) = (dice.below(lines.len()), dice.below(some) + 1);
            let to = (from + n).min(lines.len());
            let mut block = lines[from..to].to_vec();
            let touched = block.iter().map(Vec::len).sum();
            for i in (1..block.len()).rev() {
                block.swap(i, dice.below(i + 1));
            }
            *bytes = [lines[..from].concat(), block.concat(), lines[to..].concat()].concat();
            (touched, "lines shuffled")
        }
        _ => {
            let n = dice.below(most.max(1)) + 1;
            let keep = bytes.len().saturating_sub(n);
            bytes.truncate(keep);
            (n, "end cut off")
        }
    }
}

#[test]
fn mutated_recordings_neither_fall_nor_hang_and_hardly_touched_ones_keep_their_answer() {
    let count = std::env::var("FIVEXX_MUTATIONS").ok().and_then(|n| n.parse().ok()).unwrap_or(FEW);
    let scratch = tempfile::tempdir().expect("a folder");
    let all = recordings(scratch.path());
    let (mut small, mut right, mut slowest) = (0u64, 0u64, Duration::ZERO);
    let (mut fallen, mut changed) = (Vec::new(), BTreeMap::<&str, Vec<String>>::new());
    for n in 0..count {
        let mut dice = Dice::new(n + 1);
        let recording = &all[n as usize % all.len()];
        let bytes: usize = recording.files.iter().map(|f| f.1.len()).sum();
        // Half of them touch less than one byte in a hundred of what there is.
        let is_small = dice.below(2) == 0;
        let removed = if is_small { None } else { Some(dice.below(recording.files.len() * 2)) };
        let hit = dice.below(recording.files.len());
        let (name, whole, _) = &recording.files[hit];
        let most = if is_small { (bytes / 110).min(whole.len()) } else { whole.len() / 4 + 1 };
        let mut mutated = whole.clone();
        let (touched, what) = mutate(&mut mutated, &mut dice, most);
        let begun = Instant::now();
        let run = catch_unwind(AssertUnwindSafe(|| {
            let others = recording.files.iter().enumerate().filter(|(i, _)| *i != hit && Some(*i) != removed);
            let mut files: Vec<ScannedFile> = others.filter_map(|(_, f)| f.2.as_ref()).map(copy).collect();
            files.extend(scanned(scratch.path(), name, &mutated));
            assert!(files.iter().all(|f| f.tally.closes()), "the sum of the lines does not close");
            let report = hostile::report_of(Scan::new(hostile::catalog(), files, Vec::new()));
            if n % 10 == 0 {
                formats::all(&report).iter().for_each(|w| assert_eq!(formats::active(w), Vec::<String>::new(), "{}", w.format));
            }
            answer(&report)
        }));
        let took = begun.elapsed();
        slowest = slowest.max(took);
        let told = format!("mutation {n} of {}: {what}, {touched} bytes of {name}", recording.name);
        match run {
            Err(_) => fallen.push(told),
            Ok(_) if took > PATIENCE => fallen.push(format!("{told}: took {took:?}")),
            Ok(came) if touched * 100 < bytes => {
                small += 1;
                if came == recording.truth {
                    right += 1;
                } else {
                    changed.entry(what).or_default().push(format!("{told}: {came:?}, not {:?}", recording.truth));
                }
            }
            Ok(_) => {}
        }
    }
    println!(
        "{count} mutations, the slowest {slowest:?}; of {small} with less than 1 % of the bytes touched {right} keep their answer"
    );
    changed.iter().for_each(|(what, all)| println!("{what}: {} changed, such as {}", all.len(), all[0]));
    assert!(fallen.is_empty(), "{}", fallen.join("\n"));
    assert!(right * 100 >= small * 95, "{right} of {small}: {changed:#?}");
}

//! The watch from outside: two recorded incidents in two hours of logs, looked at on a schedule, through kill -9, downtime, late
//! data, a damaged state, and receivers that fail.

#![cfg(unix)]

mod watch_support;

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use watch_support::{Dice, LASTS, Site, Stretch, get, kill_9, rfc3339, wait_for, webhook};

/// 2026-11-21T01:00:00Z
const BEGIN: i64 = 1_795_222_800;

/// Looks go on for a while after the stretch, so that what is open can close.
const LOOKS: i64 = LASTS / 60 + 15;

fn punctual(_: &str) -> i64 {
    0
}

#[test]
fn two_incidents_in_two_hours_give_two_reports_and_two_notifications() {
    let stretch = Stretch::new(BEGIN);
    let (url, posts) = webhook(|_| 200);
    let site = Site::new(&format!("{}[[watch.notify]]\nwebhook = \"{url}\"\n", Site::command()));
    let mut said = String::new();
    for minute in (5..=LOOKS).step_by(5) {
        stretch.write(&site.path("logs"), BEGIN + minute * 60, punctual);
        let (status, text) = site.once(BEGIN + minute * 60);
        assert!(status.success(), "{text}");
        said.push_str(&text);
    }
    site.assert_exactly_two();
    assert_eq!(said.matches(": told: ").count(), 2, "{said}");
    assert_eq!(said.matches(": over").count(), 2, "{said}");
    let posts = posts.lock().expect("not poisoned");
    let mut keys: Vec<&str> = posts.iter().map(|(k, _)| k.as_str()).collect();
    keys.dedup();
    assert_eq!((posts.len(), keys.len()), (2, 2));
    for (key, body) in posts.iter() {
        assert!(body["text"].as_str().is_some_and(|t| t.lines().count() <= 3), "{body}");
        assert!(body["attachments"][0]["fields"].as_array().is_some_and(|f| f.len() >= 5), "{body}");
        assert!(body["attachments"][0]["footer"].as_str().is_some_and(|f| f.contains(key.as_str())), "{body}");
    }
    assert!(site.files("state/watch.redb.spool").is_empty(), "what was delivered leaves nothing behind");
}

/// The looks of the same stretch, each killed at random moments and begun again: 50 kills in all.
#[test]
fn fifty_kills_at_random_moments_lose_and_double_nothing() {
    let seed = chrono::Utc::now().timestamp_micros() as u64 | 1;
    println!("seed {seed}");
    let mut dice = Dice(seed);
    let stretch = Stretch::new(BEGIN);
    let (url, posts) = webhook(|_| 200);
    let site = Site::new(&format!("{}[[watch.notify]]\nwebhook = \"{url}\"\n", Site::command()));
    let minutes: Vec<i64> = (5..=LOOKS).step_by(10).collect();
    let (mut kills, mut longest) = (0, 400);
    for (n, minute) in minutes.iter().enumerate() {
        let now = BEGIN + minute * 60;
        stretch.write(&site.path("logs"), now, punctual);
        // Spread over all looks; what the last ones are short of is made up in them.
        let due = 50 * (n + 1) / minutes.len();
        while kills < due {
            let mut run = site.start_once(now);
            std::thread::sleep(Duration::from_millis(dice.below(longest)));
            kills += usize::from(kill_9(&mut run));
        }
        let begin = Instant::now();
        let (status, text) = site.once(now);
        assert!(status.success(), "{text}");
        longest = (begin.elapsed().as_millis() as u64 * 5 / 4).clamp(100, 2000);
    }
    assert_eq!(kills, 50);
    site.assert_exactly_two();
    assert_eq!(posts.lock().expect("not poisoned").len(), 2, "raw posts, before any receiver could tell repetitions");
}

/// The worst moment: the receiver has accepted, and the watch is killed before it can know.
#[test]
fn a_watch_killed_between_acceptance_and_note_tells_nothing_twice() {
    let stretch = Stretch::new(BEGIN);
    // The command kills the watch, whose process id the test has put down, and then ends well.
    let site = Site::new(
        "[[watch.notify]]\ncommand = [\"sh\", \"-c\", \"cat > told/$FIVEXX_KEY.$$.json; while [ ! -e pid ]; do sleep 0.01; done; kill -9 $(cat pid)\"]\n",
    );
    stretch.write(&site.path("logs"), BEGIN + LASTS, punctual);
    let mut killed = 0;
    for _ in 0..10 {
        let _ = fs::remove_file(site.path("pid"));
        let mut run = site.start_once(BEGIN + LASTS);
        fs::write(site.path(".pid"), run.id().to_string()).expect("written");
        fs::rename(site.path(".pid"), site.path("pid")).expect("moved");
        if run.wait().expect("it ends").success() {
            break;
        }
        killed += 1;
    }
    assert_eq!(killed, 2, "once with each notification");
    site.assert_exactly_two();
}

/// Where the courier dies, too, nobody knows: it is told again under the same key, and says that it may be a repetition.
#[test]
fn when_nobody_knows_it_is_told_again_and_says_so() {
    let stretch = Stretch::new(BEGIN);
    let site = Site::new(
        "[[watch.notify]]\ncommand = [\"sh\", \"-c\", \"cat > told/$FIVEXX_KEY.$$.json; if [ ! -e once ]; then touch once; kill -9 $PPID; fi\"]\n",
    );
    stretch.write(&site.path("logs"), BEGIN + 40 * 60, punctual);
    let (status, text) = site.once(BEGIN + 40 * 60);
    assert!(status.success(), "{text}");
    let told = site.told();
    assert_eq!(told.len(), 2);
    assert_eq!(told[0]["key"], told[1]["key"]);
    let mut repeated: Vec<bool> = told.iter().filter_map(|t| t["possibly_repeated"].as_bool()).collect();
    repeated.sort_unstable();
    assert_eq!(repeated, [false, true]);
    assert_eq!(site.files("reports").len(), 2, "one report, as Markdown and JSON");
}

/// Watch, couriers and commands killed all at once, as a service manager or a container's end may do: nothing is lost, and whatever
/// comes twice comes under its old key and says so.
#[cfg(target_os = "linux")]
#[test]
fn killing_everything_at_once_loses_nothing_and_owns_up_to_repetitions() {
    let seed = chrono::Utc::now().timestamp_micros() as u64 | 1;
    println!("seed {seed}");
    let mut dice = Dice(seed);
    let stretch = Stretch::new(BEGIN);
    // It takes its time after it has accepted. Whoever would have written its input may be dead: nothing is no notification.
    let command = "[[watch.notify]]\ncommand = [\"sh\", \"-c\", \"cat > told/.$$ && [ -s told/.$$ ] && mv told/.$$ told/$FIVEXX_KEY.$$.json && sleep 0.05\"]\n";
    let site = Site::new(command);
    stretch.write(&site.path("logs"), BEGIN + LASTS, punctual);
    for _ in 0..15 {
        let mut run = site.start_once(BEGIN + LASTS);
        std::thread::sleep(Duration::from_millis(dice.below(600)));
        let mut family = descendants(run.id());
        family.push(run.id().to_string());
        let _ = Command::new("kill").arg("-9").args(&family).stderr(Stdio::null()).status();
        run.wait().expect("it ends");
    }
    let (status, text) = site.once(BEGIN + LASTS);
    assert!(status.success(), "{text}");
    assert_eq!(site.files("reports").len(), 4, "two reports, as Markdown and JSON");
    let told = site.told();
    let mut keys: Vec<&str> = told.iter().filter_map(|t| t["key"].as_str()).collect();
    println!("{} deliveries of {keys:?}", told.len());
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), 2);
    for key in keys {
        let first = told.iter().filter(|t| t["key"] == key && t["possibly_repeated"] == false).count();
        assert!(first <= 1, "{key}: {first} of its deliveries do not say that they may be repetitions");
    }
}

/// All processes that a process started, and theirs.
#[cfg(target_os = "linux")]
fn descendants(of: u32) -> Vec<String> {
    let parent = |pid: &str| -> Option<u32> {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()
    };
    let pids: Vec<String> = fs::read_dir("/proc")
        .expect("Linux")
        .filter_map(|e| e.ok()?.file_name().into_string().ok())
        .filter(|n| n.bytes().all(|b| b.is_ascii_digit()))
        .collect();
    let mut family: Vec<String> = Vec::new();
    let mut generation = vec![of];
    while let Some(id) = generation.pop() {
        for pid in pids.iter().filter(|p| parent(p) == Some(id)) {
            family.push(pid.clone());
            generation.push(pid.parse().expect("digits"));
        }
    }
    family
}

#[test]
fn late_lines_change_the_report_and_tell_nothing_again() {
    let stretch = Stretch::new(BEGIN);
    let site = Site::new(&Site::command());
    // The load balancer's log comes a quarter of an hour late, the application server's two minutes.
    let late = |name: &str| match name {
        "alb/access.log" => 900,
        "uwsgi/uwsgi.log" => 120,
        _ => 0,
    };
    let (mut said, mut told_at) = (String::new(), Vec::new());
    for minute in (5..=LOOKS + 15).step_by(5) {
        stretch.write(&site.path("logs"), BEGIN + minute * 60, late);
        let (status, text) = site.once(BEGIN + minute * 60);
        assert!(status.success(), "{text}");
        told_at.extend(text.contains(": told: ").then_some(minute));
        said.push_str(&text);
    }
    // Nobody waits for the late log: the next layer in has seen it.
    assert_eq!(told_at, [30, 90], "{said}");
    site.assert_exactly_two();
    assert!(said.contains("its report is written again"), "{said}");
    let report = site.files("reports").into_iter().find(|r| r.ends_with(".json")).expect("a report");
    let report = fs::read_to_string(site.path("reports").join(report)).expect("read");
    assert!(report.contains("alb/access.log"), "the late log is in it");
}

#[test]
fn downtime_is_caught_up_with_in_steps() {
    let stretch = Stretch::new(BEGIN);
    let site = Site::new(&format!("look_back = \"40m\"\n{}", Site::command()));
    stretch.write(&site.path("logs"), BEGIN + 20 * 60, punctual);
    assert!(site.once(BEGIN + 20 * 60).0.success());
    // An hour and three quarters later: both incidents lie in between, the first one out of any single look's sight.
    stretch.write(&site.path("logs"), BEGIN + LASTS, punctual);
    let (status, text) = site.once(BEGIN + LASTS + 5 * 60);
    assert!(status.success(), "{text}");
    site.assert_exactly_two();

    // What lies further back than catch_up is not looked at, and said to be.
    let (_, text) = site.once(BEGIN + LASTS + 3 * 86_400);
    assert!(text.contains("is not looked at"), "{text}");
}

#[test]
fn a_damaged_state_is_set_aside_and_said_so() {
    let stretch = Stretch::new(BEGIN);
    let site = Site::new(&Site::command());
    stretch.write(&site.path("logs"), BEGIN + 40 * 60, punctual);
    assert!(site.once(BEGIN + 40 * 60).0.success());
    let state = site.path("state/watch.redb");
    let good = fs::read(&state).expect("read");
    let aside = || site.files("state").iter().filter(|f| f.contains(".corrupt-")).count();
    let mut damaged: Vec<Vec<u8>> = vec![b"not a database".repeat(100), Vec::new(), good[..good.len() / 3].to_vec()];
    // Pages overwritten in the midst.
    let mut holed = good.clone();
    for chunk in holed.chunks_mut(4096).skip(1) {
        chunk[..64].fill(0xa5);
    }
    damaged.push(holed);
    for (n, bytes) in damaged.iter().enumerate() {
        fs::write(&state, bytes).expect("written");
        let (status, text) = site.once(BEGIN + 45 * 60);
        assert!(status.success(), "{text}");
        // An empty file is a new one to the database: nothing in it could be trusted.
        if !bytes.is_empty() {
            assert!(text.contains("THE STATE WAS DAMAGED"), "{n}: {text}");
        }
    }
    assert!(aside() >= damaged.len() - 1, "{:?}", site.files("state"));
    // Single bytes flipped: used, or set aside, but never a crash, and never a look that does not end well.
    let mut dice = Dice(BEGIN as u64);
    for _ in 0..12 {
        let mut flipped = good.clone();
        let at = dice.below(flipped.len() as u64) as usize;
        flipped[at] ^= 1 << dice.below(8);
        fs::write(&state, &flipped).expect("written");
        let (status, text) = site.once(BEGIN + 45 * 60);
        assert!(status.success(), "byte {at}: {text}");
    }
    // The same incident has the same name, so reports are written over, not beside.
    assert_eq!(site.files("reports").len(), 2, "{:?}", site.files("reports"));
}

#[test]
fn what_cannot_be_read_neither_stops_the_watch_nor_moves_its_mark() {
    let stretch = Stretch::new(BEGIN);
    let site = Site::new(&format!("look_back = \"40m\"\n{}", Site::command()));
    stretch.write(&site.path("logs"), BEGIN + 20 * 60, punctual);
    assert!(site.once(BEGIN + 20 * 60).0.success());
    stretch.write(&site.path("logs"), BEGIN + LASTS, punctual);
    fs::rename(site.path("logs"), site.path("elsewhere")).expect("moved");
    let (status, text) = site.once(BEGIN + 100 * 60);
    assert_eq!(status.code(), Some(3), "{text}");
    assert!(text.contains("the look failed"), "{text}");
    assert!(site.told().is_empty());
    // Back again, but for one file: what was missed is caught up with.
    fs::rename(site.path("elsewhere"), site.path("logs")).expect("moved");
    fs::remove_file(site.path("logs/uwsgi/uwsgi.log")).expect("removed");
    std::os::unix::fs::symlink("nowhere", site.path("logs/uwsgi/uwsgi.log")).expect("linked");
    let (status, text) = site.once(BEGIN + LASTS + 5 * 60);
    assert!(status.success(), "{text}");
    assert_eq!(site.told().len(), 2);
}

#[test]
fn a_receiver_that_fails_holds_up_nobody_and_is_told_later() {
    let stretch = Stretch::new(BEGIN);
    let (url, posts) = webhook(|n| if n < 3 { 500 } else { 200 });
    let broken = "[[watch.notify]]\ncommand = [\"sh\", \"-c\", \"echo out of order >&2; [ -e mended ] && cat > mended.json\"]\n";
    let site = Site::new(&format!("{broken}{}[[watch.notify]]\nwebhook = \"{url}\"\n", Site::command()));
    stretch.write(&site.path("logs"), BEGIN + 40 * 60, punctual);
    let (status, text) = site.once(BEGIN + 40 * 60);
    assert_eq!(status.code(), Some(1), "{text}");
    assert!(text.contains("out of order") && text.contains("the next run tries again"), "{text}");
    assert_eq!(site.told().len(), 1, "the others are told");
    {
        let posts = posts.lock().expect("not poisoned");
        assert_eq!(posts.len(), 3, "twice refused, then accepted");
        assert!(posts.iter().all(|(key, _)| *key == posts[0].0), "under one key");
    }
    fs::write(site.path("mended"), "").expect("written");
    let (status, text) = site.once(BEGIN + 45 * 60);
    assert!(status.success(), "{text}");
    assert!(site.path("mended.json").exists());
    assert_eq!((site.told().len(), posts.lock().expect("not poisoned").len()), (1, 3));
}

/// The service itself, by the real clock: its endpoints, kill -9, one at a time, and an orderly end.
#[test]
fn the_service_answers_survives_kills_and_ends_when_asked() {
    let begin = chrono::Utc::now().timestamp() - LASTS + 600;
    let stretch = Stretch::new(begin);
    let site = Site::new(&format!("every = \"1s\"\nlook_back = \"3h\"\nlisten = \"127.0.0.1:0\"\n{}", Site::command()));
    stretch.write(&site.path("logs"), begin + LASTS, punctual);
    let start = || {
        let mut child = site.watch(&[]).stderr(Stdio::piped()).spawn().expect("it starts");
        let mut lines = BufReader::new(child.stderr.take().expect("piped")).lines();
        let address = lines
            .find_map(|l| l.ok()?.split_once("http://").map(|(_, a)| a.trim().to_owned()))
            .expect("it says where it listens");
        std::thread::spawn(move || lines.for_each(drop));
        (child, address)
    };
    let mut dice = Dice(begin as u64 | 1);
    for _ in 0..15 {
        let (mut child, _) = start();
        std::thread::sleep(Duration::from_millis(dice.below(900)));
        assert!(kill_9(&mut child));
    }
    let (mut child, address) = start();
    wait_for("both notifications", || site.told().len() >= 2);
    wait_for("a look", || get(&address, "/metrics").1.contains("fivexx_incidents_open 0\n"));
    let (status, body) = get(&address, "/healthz");
    assert_eq!(status, 200, "{body}");
    let (status, metrics) = get(&address, "/metrics");
    assert_eq!(status, 200);
    for name in ["looks_total", "last_look_seconds", "last_look_timestamp_seconds", "inputs_skipped", "outbox_items"] {
        assert!(metrics.lines().any(|l| l.starts_with(&format!("fivexx_{name} "))), "{name}: {metrics}");
    }
    assert!(metrics.contains("fivexx_delivered_total{channel=\"folder\"}"), "{metrics}");
    assert_eq!(get(&address, "/elsewhere").0, 404);
    // A second one is turned away while this one runs.
    let second = site.watch(&["--once"]).output().expect("it runs");
    assert_eq!(second.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&second.stderr).contains("another fivexx watch"));
    // Asked to end, it ends.
    let term = Command::new("kill").args(["-TERM", &child.id().to_string()]).status().expect("kill");
    assert!(term.success());
    wait_for("its end", || child.try_wait().expect("ours").is_some());
    assert_eq!(child.wait().expect("ours").code(), Some(0));
    site.assert_exactly_two();
}

#[test]
fn a_watch_without_looks_is_unhealthy() {
    let site = Site::new("every = \"1s\"\nlisten = \"127.0.0.1:0\"\n");
    let mut child = site.watch(&[]).stderr(Stdio::piped()).spawn().expect("it starts");
    let mut lines = BufReader::new(child.stderr.take().expect("piped")).lines();
    let address = lines.find_map(|l| l.ok()?.split_once("http://").map(|(_, a)| a.trim().to_owned())).expect("an address");
    std::thread::spawn(move || lines.for_each(drop));
    assert_eq!(get(&address, "/healthz").0, 200, "it has just begun");
    wait_for("failed looks", || !get(&address, "/metrics").1.contains("fivexx_look_failures_total 0\n"));
    kill_9(&mut child);
}

#[test]
fn what_is_wrong_with_a_configuration_is_said() {
    let refused = |watch: &str, says: &str| {
        let site = Site::new(watch);
        let (status, text) = site.once(BEGIN);
        assert_eq!(status.code(), Some(2), "{text}");
        assert!(text.contains(says) && text.contains("fivexx.toml"), "{text}");
    };
    refused("every = \"5m\"\ncron = \"* * * * *\"", "keep one");
    refused("evry = \"5m\"", "evry");
    refused("[[watch.notify]]\nwebhook = \"env:FIVEXX_NO_SUCH_VARIABLE\"", "FIVEXX_NO_SUCH_VARIABLE");
    refused("[[watch.notify]]\nwebhook = \"ftp://example.com/secret\"", "no URL");
    let site = Site::new("");
    let out = site.watch(&["--config", "missing.toml", "--once"]).output().expect("it runs");
    assert_eq!(out.status.code(), Some(2));
    assert!(rfc3339(BEGIN).starts_with("2026-11-21T01:00"));
}

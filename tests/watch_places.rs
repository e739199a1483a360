//! The watch's seams for what is not on this machine: a place that answers only at times, and a store of objects that fails first.

mod watch_support;

use fivexx::config::Config;
use fivexx::parser::catalog::Catalog;
use fivexx::parser::stamp::YearHint;
use fivexx::scanned::{Gathered, ScannedFile};
use fivexx::source::discover;
use fivexx::source::read::{Progress, Reading, scan};
use fivexx::watch::gather::{Ask, Gather};
use fivexx::watch::look::Looker;
use fivexx::watch::outbox::{Channel, Draft, Parcel};
use fivexx::watch::plan::Plan;
use fivexx::watch::post::Post;
use fivexx::watch::reports::{Later, Upload};
use fivexx::watch::services::Services;
use fivexx::watch::status::Status;
use fivexx::watch::store::{Change, Store};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use watch_support::Stretch;

/// 2026-11-21T01:00:00Z
const BEGIN: i64 = 1_795_222_800;

/// An account that holds the logs of a folder.
struct Account {
    logs: PathBuf,
    answers: Arc<AtomicBool>,
}

impl Gather for Account {
    fn place(&self) -> &str {
        "account"
    }

    fn gather(&self, catalog: &Catalog, ask: Ask) -> Result<Gathered, String> {
        if !self.answers.load(Ordering::Relaxed) {
            return Err("it is throttled".to_owned());
        }
        let read = |i: &fivexx::source::Input| match scan(catalog, i, YearHint(ask.now * 1000), &Progress::default()) {
            Reading::Scanned(tally) => Some(ScannedFile { path: i.name.clone(), tally: *tally }),
            Reading::Skipped(_) => None,
        };
        let files = discover(std::slice::from_ref(&self.logs)).inputs.iter().filter_map(read).collect();
        Ok(Gathered { files, ..Gathered::default() })
    }
}

fn plan(dir: &Path, watch: &str) -> Plan {
    let text = format!(
        "paths = [\"{0}/files\"]\n[watch]\nreports = \"{0}/reports\"\nlook_back = \"40m\"\n{watch}\n[[watch.notify]]\ncommand = [\"true\"]",
        dir.display()
    );
    Plan::new(toml::from_str::<Config>(&text).expect("a configuration")).expect("it makes sense")
}

#[test]
fn what_a_place_holds_is_told_when_it_answers_again() {
    let dir = tempfile::tempdir().expect("a folder");
    let stretch = Stretch::new(BEGIN);
    let (files, account) = (dir.path().join("files"), dir.path().join("account"));
    stretch.write(&account, BEGIN + 2 * 3600, |_| 0);
    std::fs::create_dir_all(&files).expect("made");
    // Here lies what alone shows nothing; who dropped requests is in the account's logs.
    std::fs::rename(account.join("uwsgi"), files.join("uwsgi")).expect("moved");
    let plan = plan(dir.path(), "");
    let answers = Arc::new(AtomicBool::new(true));
    let services = Services { remote: vec![Box::new(Account { logs: account, answers: answers.clone() })], upload: None };
    let store = Store::open(&dir.path().join("state.redb"), 0).expect("made").0;
    let looker = Looker { plan: &plan, services: &services, store: &store, replay: true };
    let told = || {
        let items = store.all_items().expect("read");
        items.iter().filter(|i| matches!(i.parcel, Parcel::Notification(_))).count()
    };
    let at = |minute: i64| BEGIN + minute * 60;
    looker.look(at(20), at(20)).expect("a look");
    answers.store(false, Ordering::Relaxed);
    for minute in (25..=70).step_by(5) {
        let looked = looker.look(at(minute), at(minute)).expect("the files are there");
        assert_eq!(looked.silent, ["account: it is throttled"]);
    }
    assert_eq!(told(), 0);
    let memory = store.memory().expect("read");
    assert_eq!((memory.marks["account"], memory.marks["files"]), (at(17), at(67)));
    // It answers again, the first incident being long out of a single look's sight.
    answers.store(true, Ordering::Relaxed);
    let now = at(75);
    let mut looks = 0;
    loop {
        let to = looker.next_stop(now).expect("read").0;
        looker.look(to, now).expect("a look");
        looks += 1;
        if to >= now {
            break;
        }
    }
    assert_eq!(looks, 4);
    assert_eq!(told(), 1);
    assert_eq!(looker.mark().expect("read"), Some(at(72)));
    looker.look(at(80), at(80)).expect("a look");
    assert_eq!(told(), 1);
}

#[test]
fn where_nothing_answers_the_look_fails_and_changes_nothing() {
    let dir = tempfile::tempdir().expect("a folder");
    let plan = plan(dir.path(), "");
    let account = Account { logs: dir.path().to_owned(), answers: Arc::default() };
    let services = Services { remote: vec![Box::new(account)], upload: None };
    let store = Store::open(&dir.path().join("state.redb"), 0).expect("made").0;
    let looker = Looker { plan: &plan, services: &services, store: &store, replay: true };
    let said = looker.look(BEGIN, BEGIN).expect_err("nothing answers").to_string();
    assert!(said.contains("files: ") && said.contains("account: it is throttled"), "{said}");
    assert!(store.memory().expect("read").marks.is_empty());
}

/// Objects by bucket and key; the first attempts fail.
#[derive(Default)]
struct Bucket {
    failures: Mutex<u32>,
    objects: Arc<Mutex<Vec<(String, String)>>>,
}

impl Upload for Bucket {
    fn put<'a>(&'a self, bucket: &'a str, key: &'a str, body: &'a str, _: &'a str) -> Later<'a, Result<(), String>> {
        Box::pin(async move {
            let mut failures = self.failures.lock().expect("not poisoned");
            if *failures < 2 {
                *failures += 1;
                return Err("SlowDown".to_owned());
            }
            self.objects.lock().expect("not poisoned").push((format!("{bucket}/{key}"), body.to_owned()));
            Ok(())
        })
    }
}

#[test]
fn reports_reach_the_object_store_after_failures() {
    let dir = tempfile::tempdir().expect("a folder");
    let plan = Arc::new(plan(dir.path(), "reports_s3 = \"s3://shop/fivexx\""));
    let bucket = Bucket::default();
    let objects = bucket.objects.clone();
    let store = Arc::new(Store::open(&dir.path().join("state.redb"), 0).expect("made").0);
    let draft = Draft { markdown: "# Dropped".to_owned(), json: "{}".to_owned() };
    let parcel = Parcel::Report { name: "one".to_owned(), draft };
    let id = fivexx::watch::machine::IncidentId("0123456789".to_owned());
    let change = Change { parcels: vec![(Channel::S3, id, parcel)], ..Change::default() };
    store.commit(&change, chrono::Utc::now().timestamp()).expect("written");
    let (_stop, stopped) = tokio::sync::watch::channel(false);
    let post = Arc::new(Post {
        plan,
        services: Arc::new(Services { remote: Vec::new(), upload: Some(Box::new(bucket)) }),
        store: store.clone(),
        status: Arc::new(Status::new(0, [])),
        spool: dir.path().join("spool"),
        wake: tokio::sync::watch::channel(0).0,
        stop: stopped,
    });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(post.serve(Channel::S3, true));
    assert!(store.all_items().expect("read").is_empty());
    let objects = objects.lock().expect("not poisoned");
    let all: Vec<(&str, &str)> = objects.iter().map(|(k, b)| (k.as_str(), b.as_str())).collect();
    assert_eq!(all, [("shop/fivexx/one.md", "# Dropped"), ("shop/fivexx/one.json", "{}")]);
}

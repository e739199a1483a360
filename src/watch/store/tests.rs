use super::*;
use crate::watch::machine::{Facts, Phase, Span};
use crate::words::Layer;

fn known(id: &str) -> Known {
    Known {
        id: IncidentId(id.to_owned()),
        facts: Facts {
            span: Span { start: 10, end: 20 },
            layer: Layer::AppQueue,
            mechanism: "listen_queue_full".to_owned(),
            root_layer: Layer::App,
            root_mechanism: "slow_requests".to_owned(),
            root_percent: 80,
            percent: 90,
            requests: 100,
            failed: 50,
        },
        phase: Phase::Told,
        told_at: Some(30),
        end_told: false,
        closed_at: None,
        part_of: None,
        report: Some("name".to_owned()),
        last_seen: 30,
    }
}

fn report(text: &str) -> Parcel {
    Parcel::Report { name: "name".to_owned(), draft: Draft { markdown: text.to_owned(), json: "{}".to_owned() } }
}

fn change(text: &str) -> Change {
    Change {
        marks: [("files".to_owned(), 27)].into(),
        known: vec![known("a")],
        parcels: vec![(Channel::Folder, IncidentId("a".to_owned()), report(text))],
        ..Change::default()
    }
}

#[test]
fn what_is_committed_is_there_after_reopening_and_after_a_failed_access() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("state/watch.redb");
    let (store, aside) = Store::open(&path, 0).unwrap();
    assert!(aside.is_none());
    store.commit(&change("first"), 31).unwrap();
    assert!(matches!(Store::open(&path, 0), Err(StoreError::InUse(_))), "one at a time");
    drop(store);
    fs::write(dir.path().join("state/watch.redb.new.1"), "half-made").unwrap();
    let (store, _) = Store::open(&path, 0).unwrap();
    assert_eq!(fs::read_dir(dir.path().join("state")).unwrap().count(), 1, "what was half-made is swept up");
    *store.db.write().unwrap() = None;
    let memory = store.memory().unwrap();
    assert_eq!((memory.marks["files"], memory.known), (27, vec![known("a")]));
    assert_eq!(store.all_items().unwrap().len(), 1);
}

#[test]
fn a_newer_report_replaces_the_older_and_is_not_taken_out_with_it() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = Store::open(&dir.path().join("watch.redb"), 0).unwrap();
    store.commit(&change("first"), 31).unwrap();
    let first = store.items(&Channel::Folder).unwrap().remove(0);
    store.commit(&change("second"), 32).unwrap();
    let items = store.items(&Channel::Folder).unwrap();
    assert_eq!((items.len(), &items[0].parcel), (1, &report("second")));
    // The first was under way while the second came.
    store.done(&first).unwrap();
    assert_eq!(store.items(&Channel::Folder).unwrap().len(), 1);
    store.done(&items[0]).unwrap();
    assert!(store.all_items().unwrap().is_empty());
}

#[test]
fn a_state_of_another_version_is_refused_not_set_aside() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("watch.redb");
    let (store, _) = Store::open(&path, 0).unwrap();
    store.writing(|txn| Ok(txn.open_table(NUMBERS)?.insert("schema", SCHEMA + 1).map(drop)?)).unwrap();
    drop(store);
    assert!(matches!(Store::open(&path, 0), Err(StoreError::Version(_, 2))));
}

/// What a database asks of its file, in order.
#[derive(Debug, Clone)]
enum Op {
    Write(u64, Vec<u8>),
    Length(u64),
    Sync,
}

/// A file in memory that keeps what was asked of it.
#[derive(Debug, Clone)]
struct Recorder(std::sync::Arc<std::sync::Mutex<(Vec<u8>, Vec<Op>)>>);

impl Op {
    fn apply(&self, file: &mut Vec<u8>) {
        match self {
            Op::Length(n) => file.resize(usize::try_from(*n).unwrap(), 0),
            Op::Write(at, bytes) => {
                let at = usize::try_from(*at).unwrap();
                file.resize(file.len().max(at + bytes.len()), 0);
                file[at..at + bytes.len()].copy_from_slice(bytes);
            }
            Op::Sync => {}
        }
    }
}

impl Recorder {
    fn note(&self, op: Op) {
        let mut inner = self.0.lock().unwrap();
        op.apply(&mut inner.0);
        inner.1.push(op);
    }
}

impl redb::StorageBackend for Recorder {
    fn len(&self) -> io::Result<u64> {
        Ok(self.0.lock().unwrap().0.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let at = usize::try_from(offset).unwrap();
        out.copy_from_slice(&self.0.lock().unwrap().0[at..at + out.len()]);
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.note(Op::Length(len));
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        self.note(Op::Sync);
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.note(Op::Write(offset, data.to_vec()));
        Ok(())
    }
}

/// Three looks; the machine dies at every single write in between: after it, in the middle of it, and with all that was not synced yet lost.
/// Whatever is found then is the state after one of the looks, never less than what was committed.
#[test]
fn the_state_survives_a_crash_at_any_write() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("watch.redb");
    drop(Store::open(&path, 0).unwrap());
    let begin = fs::read(&path).unwrap();
    let recorder = Recorder(std::sync::Arc::new(std::sync::Mutex::new((begin.clone(), Vec::new()))));
    let db = Database::builder().create_with_backend(recorder.clone()).unwrap();
    let store = Store { db: RwLock::new(Some(db)), path: path.clone() };
    let mut committed = vec![(0, None)];
    for n in 1..=3i64 {
        let mut next = change(&format!("look {n}"));
        next.marks = [("files".to_owned(), n)].into();
        store.commit(&next, n).unwrap();
        committed.push((recorder.0.lock().unwrap().1.len(), Some(n)));
    }
    drop(store);
    let ops = recorder.0.lock().unwrap().1.clone();
    let writes = ops.iter().filter(|o| matches!(o, Op::Write(..))).count();
    assert!(writes >= 9 && ops.iter().any(|o| matches!(o, Op::Sync)), "{writes} writes");
    let check = |file: &[u8], at: usize, how: &str| {
        fs::write(&path, file).unwrap();
        let (store, aside) = Store::open(&path, 0).unwrap();
        assert!(aside.is_none(), "{how} operation {at}: the state was given up");
        let mark = store.memory().unwrap().marks.get("files").copied();
        let least = committed.iter().rev().find(|(ops, _)| *ops <= at).and_then(|c| c.1);
        assert!(mark >= least && mark <= Some(3), "{how} operation {at}: {mark:?} is there, {least:?} was committed");
        assert_eq!(store.all_items().unwrap().len(), usize::from(mark.is_some()), "{how} operation {at}");
    };
    let (mut file, mut synced) = (begin.clone(), begin);
    for (at, op) in ops.iter().enumerate() {
        if let Op::Write(offset, bytes) = op {
            let mut torn = file.clone();
            Op::Write(*offset, bytes[..bytes.len() / 2].to_vec()).apply(&mut torn);
            check(&torn, at, "torn");
        }
        op.apply(&mut file);
        if matches!(op, Op::Sync) {
            synced.clone_from(&file);
        }
        check(&file, at + 1, "after");
        check(&synced, at, "unsynced lost at");
    }
}

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

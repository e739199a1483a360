//! What the watch remembers, in an embedded database: one file, each change one transaction. kill -9 and power cuts leave it as it
//! was before or after a change, never between.

use redb::{Database, DatabaseError, ReadableDatabase, ReadableTable, StorageError, TableDefinition};
use serde::{Serialize, de::DeserializeOwned};
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{PoisonError, RwLock};

use super::machine::{IncidentId, Known};
use super::outbox::{Channel, Draft, Item, Parcel};

/// Version of what is kept.
const SCHEMA: i64 = 1;

/// Numbers: the schema, the count of items queued so far, and the marks (`mark/PLACE`).
const NUMBERS: TableDefinition<&str, i64> = TableDefinition::new("numbers");
/// Incidents by their id, as JSON.
const INCIDENTS: TableDefinition<&str, &[u8]> = TableDefinition::new("incidents");
/// Reports of incidents that are not sure yet, by id.
const DRAFTS: TableDefinition<&str, &[u8]> = TableDefinition::new("drafts");
/// What is to be delivered, by channel and what it is.
const OUTBOX: TableDefinition<&str, &[u8]> = TableDefinition::new("outbox");

/// Memory for pages; the file seldom reaches a megabyte.
const CACHE: usize = 16 << 20;

/// Why the state cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Somebody else has it.
    #[error("{0}: another fivexx watch is using this state; one at a time")]
    InUse(String),
    /// It comes from another version.
    #[error("{0}: written by another version of fivexx (schema {1}); use that version, or move the file away to begin anew")]
    Version(String, i64),
    /// It cannot be read or written.
    #[error("{0}: the state cannot be read or written: {1}")]
    Unusable(String, String),
}

/// The open database.
pub struct Store {
    /// None after a failed access: the library wants the file opened anew then.
    db: RwLock<Option<Database>>,
    path: PathBuf,
}

/// What one look changes, in one transaction.
#[derive(Debug, Default)]
pub struct Change {
    /// Up to where each place's data were read and had settled.
    pub marks: BTreeMap<String, i64>,
    /// Incidents as they are now.
    pub known: Vec<Known>,
    /// Those that left the memory.
    pub forgotten: Vec<IncidentId>,
    /// Reports of incidents that are not sure yet.
    pub drafts: Vec<(IncidentId, Draft)>,
    /// What is to be delivered: to whom, about which incident, what.
    pub parcels: Vec<(Channel, IncidentId, Parcel)>,
}

/// What is remembered.
#[derive(Debug, Default)]
pub struct Memory {
    /// Up to where each place's data were read and had settled.
    pub marks: BTreeMap<String, i64>,
    /// The incidents.
    pub known: Vec<Known>,
}

impl Store {
    /// Opens the state, or makes it. A file that is damaged is set aside, and its new name given: nothing in it is trusted.
    ///
    /// # Errors
    /// It is in use, from another version, or cannot be read or written.
    pub fn open(path: &Path, now: i64) -> Result<(Self, Option<PathBuf>), StoreError> {
        let (store, aside) = match Self::open_existing(path) {
            Ok(store) => (store, None),
            Err(Trouble::Missing) => (Self::create(path)?, None),
            Err(Trouble::Refused(e)) => return Err(e),
            Err(Trouble::Damaged(_)) => {
                let aside = aside(path, now);
                fs::rename(path, &aside).map_err(|e| unusable(path, &e))?;
                (Self::create(path)?, Some(aside))
            }
        };
        store.sweep_unborn();
        Ok((store, aside))
    }

    fn open_existing(path: &Path) -> Result<Self, Trouble> {
        // What is no database any more may also make the library panic; that is damage like any other.
        let opened = catch_unwind(AssertUnwindSafe(|| -> Result<Self, Trouble> {
            if !path.try_exists().map_err(|e| Trouble::Refused(unusable(path, &e)))? {
                return Err(Trouble::Missing);
            }
            let mut db = Database::builder().set_cache_size(CACHE).open(path).map_err(|e| Trouble::of_database(path, e))?;
            // The file is small, so that a full check of its sums costs milliseconds.
            db.check_integrity().map_err(|e| Trouble::of_database(path, e))?;
            let store = Store { db: RwLock::new(Some(db)), path: path.to_owned() };
            let schema = store.number("schema").map_err(|e| Trouble::Damaged(e.to_string()))?;
            if schema != Some(SCHEMA) {
                return Err(match schema {
                    Some(other) => Trouble::Refused(StoreError::Version(path.display().to_string(), other)),
                    None => Trouble::Damaged("it has no schema number".to_owned()),
                });
            }
            store.memory().map_err(|e| Trouble::Damaged(e.to_string()))?;
            store.all_items().map_err(|e| Trouble::Damaged(e.to_string()))?;
            Ok(store)
        }));
        opened.unwrap_or_else(|_| Err(Trouble::Damaged("reading it failed".to_owned())))
    }

    /// Made under another name and then named, so that no half-made file is ever found.
    fn create(path: &Path) -> Result<Self, StoreError> {
        let wrong = |e: &dyn std::fmt::Display| unusable(path, e);
        if let Some(folder) = path.parent().filter(|f| !f.as_os_str().is_empty()) {
            fs::create_dir_all(folder).map_err(|e| wrong(&e))?;
        }
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(format!(".new.{}", std::process::id()));
        let fresh = path.with_file_name(name);
        let _ = fs::remove_file(&fresh);
        {
            let db = Database::create(&fresh).map_err(|e| wrong(&e))?;
            let txn = db.begin_write().map_err(|e| wrong(&e))?;
            {
                let mut numbers = txn.open_table(NUMBERS).map_err(|e| wrong(&e))?;
                numbers.insert("schema", SCHEMA).map_err(|e| wrong(&e))?;
                for table in [INCIDENTS, DRAFTS, OUTBOX] {
                    txn.open_table(table).map_err(|e| wrong(&e))?;
                }
            }
            txn.commit().map_err(|e| wrong(&e))?;
        }
        // A link, not a renaming: it fails where another watch was quicker.
        let linked = fs::hard_link(&fresh, path);
        let _ = fs::remove_file(&fresh);
        linked.map_err(|e| wrong(&e))?;
        Self::open_existing(path).map_err(|t| t.into_error(path))
    }

    /// Removes what runs left behind that were killed while they made the file. Whoever holds the database is alone.
    fn sweep_unborn(&self) {
        let Some(begin) = self.path.file_name().and_then(|n| n.to_str()).map(|n| format!("{n}.new.")) else { return };
        let folder = self.path.parent().filter(|f| !f.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let Ok(entries) = fs::read_dir(folder) else { return };
        for entry in entries.filter_map(Result::ok).filter(|e| e.file_name().to_str().is_some_and(|n| n.starts_with(&begin))) {
            let _ = fs::remove_file(entry.path());
        }
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Everything that is remembered.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn memory(&self) -> Result<Memory, StoreError> {
        self.reading(|txn| {
            let mut memory = Memory::default();
            for row in txn.open_table(NUMBERS)?.iter()? {
                let (key, value) = row?;
                if let Some(place) = key.value().strip_prefix("mark/") {
                    memory.marks.insert(place.to_owned(), value.value());
                }
            }
            for row in txn.open_table(INCIDENTS)?.iter()? {
                memory.known.push(decode(row?.1.value())?);
            }
            memory.known.sort_by(|a: &Known, b| (a.facts.span.start, &a.id).cmp(&(b.facts.span.start, &b.id)));
            Ok(memory)
        })
    }

    /// Writes what a look changes.
    ///
    /// # Errors
    /// It cannot be written; then nothing of it is.
    pub fn commit(&self, change: &Change, now: i64) -> Result<(), StoreError> {
        self.writing(|txn| {
            let mut numbers = txn.open_table(NUMBERS)?;
            let mut incidents = txn.open_table(INCIDENTS)?;
            let mut drafts = txn.open_table(DRAFTS)?;
            let mut outbox = txn.open_table(OUTBOX)?;
            for (place, mark) in &change.marks {
                numbers.insert(format!("mark/{place}").as_str(), mark)?;
            }
            for known in &change.known {
                incidents.insert(known.id.0.as_str(), encode(known)?.as_slice())?;
                if known.told_at.is_some() {
                    drafts.remove(known.id.0.as_str())?;
                }
            }
            for id in &change.forgotten {
                incidents.remove(id.0.as_str())?;
                drafts.remove(id.0.as_str())?;
            }
            for (id, draft) in &change.drafts {
                drafts.insert(id.0.as_str(), encode(draft)?.as_slice())?;
            }
            let mut queued = numbers.get("queued")?.map_or(0, |n| n.value());
            for (channel, incident, parcel) in &change.parcels {
                queued += 1;
                let item = Item { channel: channel.clone(), incident: incident.clone(), queued, at: now, parcel: parcel.clone() };
                outbox.insert(item.key().as_str(), encode(&item)?.as_slice())?;
            }
            numbers.insert("queued", queued)?;
            Ok(())
        })
    }

    /// The report of an incident that is not sure yet, as it was seen last.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn draft(&self, id: &IncidentId) -> Result<Option<Draft>, StoreError> {
        self.reading(|txn| {
            let table = txn.open_table(DRAFTS)?;
            let row = table.get(id.0.as_str())?;
            row.map(|row| decode(row.value())).transpose()
        })
    }

    /// What is to be delivered through one channel, the oldest first.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn items(&self, channel: &Channel) -> Result<Vec<Item>, StoreError> {
        let mut items = self.all_items()?;
        items.retain(|i| i.channel == *channel);
        Ok(items)
    }

    /// All that is to be delivered, the oldest first.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn all_items(&self) -> Result<Vec<Item>, StoreError> {
        self.reading(|txn| {
            let mut items = Vec::new();
            for row in txn.open_table(OUTBOX)?.iter()? {
                items.push(decode::<Item>(row?.1.value())?);
            }
            items.sort_by_key(|i| i.queued);
            Ok(items)
        })
    }

    /// Takes an item out: it was delivered, or given up. One that was replaced by a newer one meanwhile stays.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn done(&self, item: &Item) -> Result<(), StoreError> {
        self.writing(|txn| {
            let mut outbox = txn.open_table(OUTBOX)?;
            let key = item.key();
            let same = match outbox.get(key.as_str())? {
                Some(row) => decode::<Item>(row.value())?.queued == item.queued,
                None => false,
            };
            if same {
                outbox.remove(key.as_str())?;
            }
            Ok(())
        })
    }

    fn number(&self, key: &str) -> Result<Option<i64>, StoreError> {
        self.reading(|txn| Ok(txn.open_table(NUMBERS)?.get(key)?.map(|v| v.value())))
    }

    fn reading<T>(&self, f: impl FnOnce(&redb::ReadTransaction) -> Result<T, redb::Error>) -> Result<T, StoreError> {
        self.with_database(|db| f(&db.begin_read()?))
    }

    fn writing(&self, f: impl FnOnce(&redb::WriteTransaction) -> Result<(), redb::Error>) -> Result<(), StoreError> {
        self.with_database(|db| {
            let txn = db.begin_write()?;
            f(&txn)?;
            Ok(txn.commit()?)
        })
    }

    /// A full disk must not cost more than the transactions it fails: after a failed access the file is opened anew.
    fn with_database<T>(&self, f: impl FnOnce(&Database) -> Result<T, redb::Error>) -> Result<T, StoreError> {
        let lock = || self.db.write().unwrap_or_else(PoisonError::into_inner);
        if self.db.read().unwrap_or_else(PoisonError::into_inner).is_none() {
            let mut db = lock();
            if db.is_none() {
                *db = Self::open_existing(&self.path).map_err(|t| t.into_error(&self.path))?.into_database();
            }
        }
        let done = match &*self.db.read().unwrap_or_else(PoisonError::into_inner) {
            Some(db) => f(db),
            None => Err(redb::Error::DatabaseClosed),
        };
        done.map_err(|e| {
            if matches!(e, redb::Error::Io(_) | redb::Error::PreviousIo | redb::Error::DatabaseClosed) {
                *lock() = None;
            }
            unusable(&self.path, &e)
        })
    }

    fn into_database(self) -> Option<Database> {
        self.db.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Why a file could not be opened.
enum Trouble {
    Missing,
    Damaged(String),
    Refused(StoreError),
}

impl Trouble {
    fn into_error(self, path: &Path) -> StoreError {
        match self {
            Trouble::Refused(e) => e,
            Trouble::Missing => unusable(path, &"it is gone"),
            Trouble::Damaged(e) => unusable(path, &e),
        }
    }

    fn of_database(path: &Path, e: DatabaseError) -> Self {
        match e {
            DatabaseError::DatabaseAlreadyOpen => Trouble::Refused(StoreError::InUse(path.display().to_string())),
            DatabaseError::UpgradeRequired(version) => {
                Trouble::Refused(StoreError::Version(path.display().to_string(), i64::from(version)))
            }
            DatabaseError::Storage(StorageError::Io(e))
                if !matches!(e.kind(), io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof) =>
            {
                Trouble::Refused(unusable(path, &e))
            }
            other => Trouble::Damaged(other.to_string()),
        }
    }
}

fn unusable(path: &Path, e: &dyn std::fmt::Display) -> StoreError {
    StoreError::Unusable(path.display().to_string(), e.to_string())
}

fn aside(path: &Path, now: i64) -> PathBuf {
    let time = chrono::DateTime::from_timestamp(now, 0).unwrap_or_default().format("%Y%m%dT%H%M%SZ");
    let name = |n: u32| {
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(if n == 0 { format!(".corrupt-{time}") } else { format!(".corrupt-{time}-{n}") });
        path.with_file_name(name)
    };
    (0..).map(name).find(|p| !p.exists()).expect("one name is free")
}

fn encode<T: Serialize>(value: &T) -> Result<Vec<u8>, redb::Error> {
    serde_json::to_vec(value).map_err(|e| redb::Error::Corrupted(e.to_string()))
}

fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, redb::Error> {
    serde_json::from_slice(bytes).map_err(|e| redb::Error::Corrupted(e.to_string()))
}

#[cfg(test)]
mod tests;

//! What the scan of all inputs came to: the one thing that the pure middle works on.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::lang::Saying;
use crate::parser::catalog::{Catalog, FormatId};
use crate::parser::tally::{FileTally, SourceTally};
use crate::source::Skipped;
use crate::words::Layer;

/// Index of a source in [`Scan::sources`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(pub usize);

/// One file, scanned.
pub struct ScannedFile {
    /// How reports call it.
    pub path: String,
    /// What was in it.
    pub tally: FileTally,
}

/// What one place to read from (a folder, an account) came to, before it is put together with the others.
#[derive(Default)]
pub struct Gathered {
    /// What was read.
    pub files: Vec<ScannedFile>,
    /// What was not, and why.
    pub skipped: Vec<Skipped>,
    /// How many of the skipped are no failure: the place answered, and holds nothing of the time that was asked for.
    pub empty: usize,
    /// What failed in a way that passes: it may hold more, and is worth asking again about the same time.
    pub unanswered: Vec<String>,
}

impl Gathered {
    /// Puts another part of the same place to it.
    pub fn extend(&mut self, other: Gathered) {
        self.files.extend(other.files);
        self.skipped.extend(other.skipped);
        self.empty += other.empty;
        self.unanswered.extend(other.unanswered);
    }
}

/// One source: the lines of one format (and host) in one file.
#[derive(Debug, Clone)]
pub struct Source {
    /// Its index.
    pub id: SourceId,
    /// The file's name in reports.
    pub path: String,
    /// Index of the file.
    pub file: usize,
    /// Index of the source within the file.
    pub part: usize,
    /// The layer that wrote it.
    pub layer: Layer,
    /// The host or container: as an envelope names it, or as the folders of one kind of log tell it apart.
    pub host: Option<String>,
    /// Its lines have the shape of one server's log but were written by another of its folder (a combined access log).
    pub adopted: bool,
    /// The source whose stamps its undated lines took, where it has none of its own.
    pub lender: Option<SourceId>,
}

impl Source {
    /// The folder part of its path, without the slash.
    pub fn folder(&self) -> &str {
        self.path.rsplit_once('/').map_or("", |(f, _)| f)
    }
}

/// Everything that was read.
#[derive(Default)]
pub struct Scan {
    /// The files, in the order of their names.
    pub files: Vec<ScannedFile>,
    /// Their sources, in the same order.
    pub sources: Vec<Source>,
    /// What was not read, and why.
    pub skipped: Vec<Skipped>,
}

impl Scan {
    /// Puts scanned files together; files in which nothing is understood are skipped.
    pub fn new(catalog: &Catalog, mut files: Vec<ScannedFile>, mut skipped: Vec<Skipped>) -> Self {
        // The same input gives the same report, in whatever order the files were named and read.
        files.sort_by(|a, b| a.path.cmp(&b.path));
        let (mut kept, mut sources) = (Vec::new(), Vec::new());
        for file in files {
            if file.tally.sources.iter().all(|s| s.matched == 0) {
                let because = match &file.tally.error {
                    Some(e) => e.clone(),
                    None => Saying::count("skip-nothing-understood", file.tally.lines),
                };
                skipped.push(Skipped { name: file.path, because });
                continue;
            }
            let base = sources.len();
            for (part, t) in file.tally.sources.iter().enumerate() {
                sources.push(Source {
                    id: SourceId(base + part),
                    path: file.path.clone(),
                    file: kept.len(),
                    part,
                    layer: catalog.formats[t.format].definition.layer.unwrap_or(Layer::None),
                    host: t.host.clone(),
                    adopted: false,
                    lender: t.borrows_from.filter(|_| t.span.is_none()).map(|i| SourceId(base + i)),
                });
            }
            kept.push(file);
        }
        skipped.sort_by(|a, b| (&a.name, &a.because).cmp(&(&b.name, &b.because)));
        let mut scan = Scan { files: kept, sources, skipped };
        scan.adopt_neighbours(catalog);
        scan.name_hosts(catalog);
        scan
    }

    /// Where one kind of log lies in several folders, what tells the folders apart names the hosts: `web-1/nginx` and `web-2/nginx`, or
    /// `nginx1` and `nginx2`. A load balancer's folders are days.
    fn name_hosts(&mut self, catalog: &Catalog) {
        let mut folders: BTreeMap<(FormatId, Layer), BTreeSet<String>> = BTreeMap::new();
        let nameless = |s: &Source| s.host.is_none() && s.layer > Layer::LoadBalancer && !s.folder().is_empty();
        // What is found in any log (tracebacks) tells nothing of the folder that it lies in.
        let own: Vec<bool> =
            self.sources.iter().map(|s| nameless(s) && !catalog.formats[self.tally(s.id).format].definition.general).collect();
        for s in self.sources.iter().filter(|s| own[s.id.0]) {
            folders.entry((self.tally(s.id).format, s.layer)).or_default().insert(s.folder().to_owned());
        }
        let hosts: Vec<Option<String>> = self
            .sources
            .iter()
            .filter(|s| own[s.id.0])
            .map(|s| distinction(s.folder(), &folders[&(self.tally(s.id).format, s.layer)]))
            .collect();
        let nameless = self.sources.iter_mut().filter(|s| own[s.id.0]);
        nameless.zip(hosts).for_each(|(s, host)| s.host = host);
    }

    /// Some shapes are shared by servers (the combined access log): where a file's folder is named after another program, or holds logs of
    /// another layer and none of its own, it was written by that one.
    fn adopt_neighbours(&mut self, catalog: &Catalog) {
        // Counted once: a folder may hold a hundred thousand files.
        let mut folders: HashMap<String, Neighbours> = HashMap::new();
        for s in self.sources.iter().filter(|s| is_server(s.layer)) {
            let folder = folders.entry(s.folder().to_owned()).or_default();
            folder.members.push(s.id.0);
            *folder.layers.entry(s.layer).or_default() += 1;
        }
        let mut all: BTreeMap<Layer, usize> = BTreeMap::new();
        self.sources.iter().for_each(|s| *all.entry(s.layer).or_default() += 1);
        for i in 0..self.sources.len() {
            let me = &self.sources[i];
            if !is_server(me.layer) || me.folder().is_empty() {
                continue;
            }
            let folder = &folders[me.folder()];
            let in_file = |l: Layer| self.parts_of(me).filter(|s| s.layer == l).count();
            let beside = |l: Layer| folder.layers.get(&l).is_some_and(|n| *n > in_file(l));
            let first = folder.members.iter().find(|n| self.sources[**n].file != me.file).map(|n| self.sources[*n].layer);
            let elsewhere = || all[&me.layer] > folder.layers.get(&me.layer).copied().unwrap_or(0);
            let by_neighbour = first.filter(|_| !beside(me.layer) && elsewhere());
            let named = layer_named(catalog, me.folder()).filter(|l| is_server(*l) && *l != me.layer && !beside(*l));
            if let Some(layer) = by_neighbour.or(named) {
                let (old, name) = (me.layer, me.folder().to_owned());
                for counts in [&mut all, &mut folders.get_mut(&name).expect("its own").layers] {
                    *counts.entry(old).or_default() -= 1;
                    *counts.entry(layer).or_default() += 1;
                }
                self.sources[i].layer = layer;
                self.sources[i].adopted = true;
            }
        }
    }

    /// The sources of the same file, itself included: they stand side by side.
    fn parts_of<'s>(&'s self, of: &'s Source) -> impl Iterator<Item = &'s Source> {
        self.sources[of.id.0 - of.part..].iter().take_while(|s| s.file == of.file)
    }

    /// Whether no line of any source has a time: a pasted line or two.
    pub fn is_timeless(&self) -> bool {
        self.sources.iter().all(|s| self.tally(s.id).signals.values().all(|t| t.cells.is_empty()))
    }

    /// A source's entry.
    pub fn source(&self, id: SourceId) -> &Source {
        &self.sources[id.0]
    }

    /// A source's tally.
    pub fn tally(&self, id: SourceId) -> &SourceTally {
        let s = &self.sources[id.0];
        &self.files[s.file].tally.sources[s.part]
    }
}

/// The servers' logs of one folder.
#[derive(Default)]
struct Neighbours {
    /// Their sources, in order.
    members: Vec<usize>,
    /// How many of each layer.
    layers: BTreeMap<Layer, usize>,
}

/// What is left of a folder without what it shares with all others; nothing where that is only a number (a day, a rotation).
fn distinction(folder: &str, all: &BTreeSet<String>) -> Option<String> {
    if all.len() < 2 {
        return None;
    }
    let parts = |f: &str| f.split('/').map(str::to_owned).collect::<Vec<_>>();
    let own = parts(folder);
    let others: Vec<Vec<String>> = all.iter().map(|f| parts(f)).collect();
    let shared = |at: &dyn Fn(&[String], usize) -> Option<String>| {
        (0..own.len()).take_while(|i| others.iter().all(|o| at(o, *i) == at(&own, *i))).count()
    };
    let head = shared(&|p, i| p.get(i).cloned());
    let tail = shared(&|p, i| p.len().checked_sub(i + 1).map(|j| p[j].clone()));
    let left = own.get(head..own.len().saturating_sub(tail).max(head)).unwrap_or(&[]).join("/");
    (left.bytes().any(|b| b.is_ascii_alphabetic())).then_some(left)
}

/// The layer of the program that the innermost folder is named after, as `gunicorn`, `gunicorn-2` or `uwsgi1` are.
fn layer_named(catalog: &Catalog, folder: &str) -> Option<Layer> {
    let name = folder.rsplit('/').next()?.trim_end_matches(|c: char| c.is_ascii_digit() || c == '-' || c == '_');
    let programs = catalog.formats.iter().map(|f| &f.definition);
    programs.filter(|d| d.name == name).find_map(|d| d.layer)
}

fn is_server(layer: Layer) -> bool {
    matches!(layer, Layer::WebServer | Layer::AppServer)
}

//! What the scan of all inputs came to: the one thing that the pure middle works on.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::lang::Saying;
use crate::parser::catalog::{Catalog, FormatId};
use crate::parser::tally::{FileTally, SourceTally};
use crate::source::Skipped;
use crate::words::Layer;

/// Lines up to which an input is an excerpt: somebody pasted what matters, so each failure line counts.
pub const EXCERPT_LINES: u64 = 200;

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
    /// Its lines have the shape of one server's log but were written by another of its folder or file (a combined access log).
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
                    // Whoever writes an access log of a shape of their own has it described in the server's configuration.
                    None if file.path.contains("access") || file.tally.is_of_an_own_format() => {
                        Saying::count("skip-access-log", file.tally.lines)
                    }
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
    /// another layer and none of its own, it was written by that one. See also [`Self::writer_in_file`].
    fn adopt_neighbours(&mut self, catalog: &Catalog) {
        // Counted once: a folder may hold a hundred thousand files.
        let mut folders: HashMap<String, Neighbours> = HashMap::new();
        for s in self.sources.iter().filter(|s| is_server(s.layer)) {
            let folder = folders.entry(s.folder().to_owned()).or_default();
            folder.members.push(s.id.0);
            *folder.layers.entry(s.layer).or_default() += 1;
        }
        let claims: Vec<Option<Layer>> = self.sources.iter().map(|s| self.neighbour(catalog, &folders, s)).collect();
        // Logs of which it is not in question whose they are: where there is none, each folder may be a host with one log of each layer.
        let sure: BTreeSet<Layer> = self.sources.iter().filter(|s| claims[s.id.0].is_none()).map(|s| s.layer).collect();
        let mut all: BTreeMap<Layer, usize> = BTreeMap::new();
        self.sources.iter().for_each(|s| *all.entry(s.layer).or_default() += 1);
        for (i, claim) in claims.into_iter().enumerate() {
            let me = &self.sources[i];
            if !is_server(me.layer) || !self.has_shared_shape(catalog, me) {
                continue;
            }
            let in_file = |l: Layer| self.parts_of(me).filter(|s| s.layer == l).count();
            let by_neighbour = claim.filter(|_| sure.contains(&me.layer));
            let named = || {
                layer_named(catalog, me.folder()).filter(|l| is_server(*l) && *l != me.layer && !self.names_itself(catalog, me))
            };
            let in_other_files = all[&me.layer] > in_file(me.layer);
            let by_file = || self.writer_in_file(catalog, me).filter(|_| in_other_files);
            if let Some(layer) = by_neighbour.or_else(named).or_else(by_file) {
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

    /// The layer of another server whose log is in the folder of one, and none of the one's own layer.
    fn neighbour(&self, catalog: &Catalog, folders: &HashMap<String, Neighbours>, me: &Source) -> Option<Layer> {
        if !is_server(me.layer) || me.folder().is_empty() || !self.has_shared_shape(catalog, me) {
            return None;
        }
        let folder = &folders[me.folder()];
        let is_only_one = folder.layers[&me.layer] == self.parts_of(me).filter(|s| s.layer == me.layer).count();
        let mut others = folder.members.iter().map(|n| &self.sources[*n]).filter(|s| s.file != me.file);
        others.next().map(|s| s.layer).filter(|_| is_only_one)
    }

    /// Whether servers of several kinds write its lines.
    fn has_shared_shape(&self, catalog: &Catalog, source: &Source) -> bool {
        catalog.formats[self.tally(source.id).format].definition.shared_shape
    }

    /// The layer of the server that wrote lines of a shape that it shares with others: the one whose own log is in the same file, or after which the
    /// file is named. An excerpt may hold lines of anybody.
    fn writer_in_file(&self, catalog: &Catalog, me: &Source) -> Option<Layer> {
        let definition = |s: &Source| &catalog.formats[self.tally(s.id).format].definition;
        if !definition(me).shared_shape || self.files[me.file].tally.lines <= EXCERPT_LINES {
            return None;
        }
        let own = |s: &&Source| !definition(s).shared_shape && !definition(s).general && is_server(s.layer);
        let is_mine = self.parts_of(me).filter(own).any(|s| s.layer == me.layer);
        let neighbour = self.parts_of(me).filter(own).find(|s| me.host.is_none() || s.host == me.host).map(|s| s.layer);
        let named = || file_stem(me).and_then(|stem| layer_named(catalog, stem)).filter(|l| is_server(*l) && *l != me.layer);
        neighbour.or_else(named).filter(|_| !is_mine)
    }

    /// Whether a file is named after the very program that its lines have the shape of, as `nginx-access.log` is of `nginx_access`.
    fn names_itself(&self, catalog: &Catalog, me: &Source) -> bool {
        let format = &catalog.formats[self.tally(me.id).format].definition.name;
        file_stem(me).is_some_and(|stem| format.split('_').next() == Some(stem))
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

/// What a source's file is named after: `gunicorn` of `gunicorn-access.log`.
fn file_stem(source: &Source) -> Option<&str> {
    source.path.rsplit('/').next()?.split(['.', '-', '_']).next()
}

fn is_server(layer: Layer) -> bool {
    matches!(layer, Layer::WebServer | Layer::AppServer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parser::scan::FileScanner;
    use crate::parser::stamp::YearHint;

    fn layers(files: &[(&str, &str)]) -> Vec<(String, Layer, bool)> {
        let catalog = Catalog::builtin().unwrap();
        let scanned = files.iter().map(|(path, text)| {
            let mut scanner = FileScanner::new(&catalog, YearHint(0));
            scanner.feed(text.as_bytes());
            ScannedFile { path: (*path).to_owned(), tally: scanner.finish() }
        });
        let scan = Scan::new(&catalog, scanned.collect(), Vec::new());
        scan.sources.into_iter().map(|s| (s.path, s.layer, s.adopted)).collect()
    }

    #[test]
    fn an_access_log_is_of_the_server_whose_log_it_is_mixed_with_or_named_after() {
        let access = "127.0.0.1 - - [22/Nov/2026:08:15:03 +0000] \"GET / HTTP/1.1\" 200 2 \"-\" \"curl\"\n".repeat(300);
        let gunicorn = "[2026-11-22 08:15:03 +0000] [7] [INFO] Booting worker with pid: 7\n";
        let error = "2026/11/22 08:15:03 [error] 7#7: *1 upstream prematurely closed connection while reading response header from upstream\n";
        let mixed = [gunicorn, &access].concat();
        let of = |path: &str, layer, adopted| (path.to_owned(), layer, adopted);
        let front = of("access.log", Layer::WebServer, false);
        let (own, its) = (of("shop.log", Layer::AppServer, false), of("shop.log", Layer::AppServer, true));
        assert_eq!(layers(&[("access.log", &access), ("shop.log", &mixed)]), [front.clone(), own.clone(), its]);
        let named = of("gunicorn-access.log", Layer::AppServer, true);
        assert_eq!(layers(&[("access.log", &access), ("gunicorn-access.log", &access)]), [front.clone(), named]);
        // Where nobody else logs requests, where nginx's own log is there too, and in an excerpt, nothing tells so.
        let web = of("shop.log", Layer::WebServer, false);
        assert_eq!(layers(&[("shop.log", &mixed)]), [own.clone(), web.clone()]);
        let all = [gunicorn, error, &access].concat();
        assert_eq!(
            layers(&[("access.log", &access), ("shop.log", &all)]),
            [front.clone(), own.clone(), web.clone(), web.clone()]
        );
        // Two servers behind a load balancer, or two hosts with one log of each layer: all alike.
        let pairs =
            [("a/access.log", &*access), ("a/error.log", gunicorn), ("b/access.log", &*access), ("b/error.log", gunicorn)];
        let found = layers(&pairs).into_iter().map(|(_, layer, adopted)| (layer, adopted));
        let (outer, inner) = ((Layer::WebServer, false), (Layer::AppServer, false));
        assert_eq!(found.collect::<Vec<_>>(), [outer, inner, outer, inner]);
        let found = layers(&[&pairs[..], &[("nginx/error.log", error)]].concat()).into_iter().map(|(_, layer, _)| layer);
        assert_eq!(found.collect::<Vec<_>>(), [[Layer::AppServer; 4].as_slice(), &[Layer::WebServer]].concat());
        // A folder that is named after the program is nobody's host.
        let folder = |access_log: &str| {
            let found = layers(&[(access_log, &access), ("gunicorn/error.log", gunicorn)]);
            found.into_iter().find(|s| s.0 == access_log).map(|(_, layer, adopted)| (layer, adopted))
        };
        assert_eq!(folder("gunicorn/access.log"), Some((Layer::AppServer, true)));
        assert_eq!(folder("gunicorn/nginx-access.log"), Some(outer));
        let excerpt = [gunicorn, &access[..access.len() / 3]].concat();
        assert_eq!(layers(&[("access.log", &access), ("shop.log", &excerpt)]), [front, own, web]);
    }
}

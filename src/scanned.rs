//! What the scan of all inputs came to: the one thing that the pure middle works on.

use crate::parser::catalog::Catalog;
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
                    None => format!("none of its {} lines is understood", file.tally.lines),
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
                    adopted: false,
                    lender: t.borrows_from.filter(|_| t.span.is_none()).map(|i| SourceId(base + i)),
                });
            }
            kept.push(file);
        }
        skipped.sort_by(|a, b| (&a.name, &a.because).cmp(&(&b.name, &b.because)));
        let mut scan = Scan { files: kept, sources, skipped };
        scan.adopt_neighbours();
        scan
    }

    /// Some shapes are shared by servers (the combined access log): where a file's folder holds logs of another layer and
    /// none of its own, it was written by that neighbour.
    fn adopt_neighbours(&mut self) {
        for i in 0..self.sources.len() {
            let me = &self.sources[i];
            let beside = |s: &&Source| s.file != me.file && s.folder() == me.folder() && !me.folder().is_empty();
            let layers: Vec<Layer> = self.sources.iter().filter(beside).filter(|s| is_server(s.layer)).map(|s| s.layer).collect();
            if is_server(me.layer)
                && !layers.is_empty()
                && !layers.contains(&me.layer)
                && self.sources.iter().any(|s| s.layer == me.layer && s.folder() != me.folder())
            {
                self.sources[i].layer = layers[0];
                self.sources[i].adopted = true;
            }
        }
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

fn is_server(layer: Layer) -> bool {
    matches!(layer, Layer::WebServer | Layer::AppServer)
}

//! Standard input as one more log: read by a thread of its own, taken when there is time.

use std::io::Read;
use std::sync::mpsc::{Receiver, TryRecvError, sync_channel};

use crate::parser::catalog::Catalog;
use crate::parser::scan::FileScanner;
use crate::parser::stamp::YearHint;
use crate::scanned::ScannedFile;

/// Blocks that wait; beyond, the writer waits.
const WAITING: usize = 16;

/// Bytes read at once.
const BLOCK: usize = 64 * 1024;

/// A stream and what it came to so far.
pub struct Stream<'c> {
    /// Its lines so far.
    pub scanner: FileScanner<'c>,
    blocks: Receiver<Vec<u8>>,
    over: bool,
}

impl<'c> Stream<'c> {
    /// Begins to read standard input.
    pub fn standard_input(catalog: &'c Catalog, hint: YearHint) -> Self {
        let (send, blocks) = sync_channel(WAITING);
        std::thread::spawn(move || {
            let mut input = std::io::stdin().lock();
            let mut block = vec![0; BLOCK];
            loop {
                match input.read(&mut block) {
                    Ok(0) => return,
                    Ok(n) if send.send(block[..n].to_vec()).is_err() => return,
                    Ok(_) => {}
                    Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
                    Err(_) => return,
                }
            }
        });
        Stream { scanner: FileScanner::new(catalog, hint), blocks, over: false }
    }

    /// Takes what has come; says how many bytes.
    pub fn take(&mut self) -> u64 {
        let mut came = 0;
        // A writer that is faster than we are must not keep us here.
        for _ in 0..1024 {
            match self.blocks.try_recv() {
                Ok(block) => {
                    self.scanner.feed(&block);
                    came += block.len() as u64;
                }
                Err(TryRecvError::Empty) => break,
                Err(TryRecvError::Disconnected) => {
                    self.end();
                    break;
                }
            }
        }
        came
    }

    /// Whether its end has come and all of it was taken.
    pub fn is_over(&self) -> bool {
        self.over
    }

    /// The tally so far.
    pub fn scanned(&self) -> ScannedFile {
        ScannedFile { path: "-".to_owned(), tally: self.scanner.so_far() }
    }

    /// The last line may lack its line end.
    fn end(&mut self) {
        if !self.over {
            self.over = true;
            self.scanner.feed_end();
        }
    }
}

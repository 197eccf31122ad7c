//! Model files that an operator offers.

use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
    time::SystemTime,
};

/// Most files of a folder that are looked at, by name.
const MOST_FILES: usize = 256;
/// How often a file is offered against the same best: an optimum may end without a verdict, but a file that the rehearsal
/// finds too little better is not worth endless repetitions.
const MOST_OFFERS: u32 = 8;

/// A file or folder of model files, and what has become of them.
pub(super) struct ModelFolder {
    path: PathBuf,
    tried: HashMap<PathBuf, Tried>,
}

struct Tried {
    stamp: Stamp,
    best: [u8; 32],
    offers: u32,
}

/// A file as it was, without its bytes.
#[derive(Clone, Copy, PartialEq)]
struct Stamp {
    modified: Option<SystemTime>,
    length: u64,
}

/// A file that is worth a try.
pub(super) struct Offer {
    pub(super) path: PathBuf,
    pub(super) bytes: Vec<u8>,
    stamp: Stamp,
}

impl ModelFolder {
    pub(super) fn new(path: PathBuf) -> Self {
        Self {
            path,
            tried: HashMap::new(),
        }
    }

    /// The files, by name, that have not been compared with this best as they are. Those that cannot be read or are too
    /// large are named in the log, once.
    pub(super) fn offers(&mut self, best: [u8; 32], most_bytes: u64) -> Vec<Offer> {
        let files = files(&self.path);
        self.tried.retain(|path, _| files.contains(path));
        let mut offers = Vec::new();
        for path in files {
            let Ok(metadata) = fs::metadata(&path) else { continue };
            let stamp = Stamp {
                modified: metadata.modified().ok(),
                length: metadata.len(),
            };
            let known = self.tried.get(&path).filter(|tried| tried.stamp == stamp);
            if known.is_some_and(|tried| tried.best == best && tried.offers >= MOST_OFFERS) {
                continue;
            }
            let problem = match stamp.length > most_bytes {
                true => format!("has {} bytes, at most {most_bytes} are allowed", stamp.length),
                false => match fs::read(&path) {
                    Ok(bytes) => {
                        offers.push(Offer { path, bytes, stamp });
                        continue;
                    }
                    Err(error) => format!("cannot be read: {error}"),
                },
            };
            if known.is_none() {
                log::warn!("onnx: the model file {} {problem}", path.display());
            }
            self.done(path, stamp, best);
        }
        offers
    }

    /// Keeps in mind that a file is no better than this best.
    pub(super) fn refuse(&mut self, offer: &Offer, best: [u8; 32]) {
        self.done(offer.path.clone(), offer.stamp, best);
    }

    /// Keeps in mind that a file was offered as better than this best.
    pub(super) fn offered(&mut self, offer: &Offer, best: [u8; 32]) {
        let before = self.tried.get(&offer.path);
        let before = before.filter(|tried| tried.stamp == offer.stamp && tried.best == best);
        let offers = before.map_or(0, |tried| tried.offers).saturating_add(1);
        let (stamp, path) = (offer.stamp, offer.path.clone());
        self.tried.insert(path, Tried { stamp, best, offers });
    }

    fn done(&mut self, path: PathBuf, stamp: Stamp, best: [u8; 32]) {
        let offers = MOST_OFFERS;
        self.tried.insert(path, Tried { stamp, best, offers });
    }

    /// Forgets all of it.
    pub(super) fn forget(&mut self) {
        self.tried.clear();
    }
}

/// The model files: `path` itself, or what is in it with the ending `.onnx`.
fn files(path: &Path) -> Vec<PathBuf> {
    if path.is_file() {
        return vec![path.to_owned()];
    }
    let mut files: Vec<PathBuf> = fs::read_dir(path)
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|ending| ending == "onnx") && path.is_file())
        .collect();
    files.sort();
    files.truncate(MOST_FILES);
    files
}

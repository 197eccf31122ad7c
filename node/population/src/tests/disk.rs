//! A node that stops, and goes on.

use super::{
    rules::{no_checks, open},
    world::{context, create, evaluate, population, reproduce, Key, SCOPE},
};
use crate::{Finish, Folder, Population, Progress, Work};
use std::{fs, path::Path, time::Duration};

/// Works alone until that many evaluations are done.
fn work(node: &mut Population, evaluations: usize, mut now: Duration) -> Duration {
    let mut done = 0;
    while done < evaluations {
        now += Duration::from_secs(1);
        node.step(now, &Key::new(0));
        let Some((id, work)) = node.work(now) else { continue };
        let finish = match &work {
            Work::Evaluate { generation, index, .. } => {
                done += 1;
                Finish::Outcome(evaluate(&generation.candidates[usize::from(*index)], 0))
            }
            Work::Reproduce { sealed, seed } => Finish::Brood(reproduce(sealed, *seed)),
            Work::Create { seed, .. } => Finish::Brood(create(*seed, 6)),
        };
        assert!(!matches!(
            node.finished(id, finish, now, &Key::new(0)),
            Progress::Ended(_)
        ));
    }
    now
}

/// It starts anew with what is in the folder.
fn restarted(folder: &Folder, season: u64) -> Population {
    let mut node = population(0, no_checks(), Duration::ZERO);
    if let Some(saved) = folder.read(SCOPE.genesis, SCOPE.domain) {
        node.restore(saved);
    }
    node.set_context(context(8, season), Duration::ZERO);
    node
}

fn file(folder: &Path, ending: &str) -> Option<std::path::PathBuf> {
    let mut files = fs::read_dir(folder)
        .expect("it is there")
        .map(|entry| entry.expect("it can be read").path());
    files.find(|path| path.extension().is_some_and(|extension| extension == ending))
}

#[test]
fn a_node_that_stops_goes_on_where_it_was() {
    let place = tempfile::tempdir().expect("a folder");
    let folder = Folder::new(place.path().join("populations"));
    assert!(
        folder.read(SCOPE.genesis, SCOPE.domain).is_none(),
        "nothing is there yet"
    );
    let (mut node, .., now) = open(0, no_checks());
    // In the first generation, and in a later one.
    let mut now = now;
    for evaluations in [2, 14] {
        now = work(&mut node, evaluations, now);
        folder
            .write(SCOPE.genesis, SCOPE.domain, node.saved().as_ref())
            .expect("it is written");
        let mut other = restarted(&folder, 0);
        let (before, after) = (node.summary(), other.summary());
        assert_eq!(before, after);
        assert!(after.digests.iter().any(|digest| *digest != 0), "its results, too");
        assert_eq!(node.saved(), other.saved());
        // What both make of it is the same.
        work(&mut other, 6, Duration::ZERO);
        now = work(&mut node, 6, now);
        assert_eq!(node.summary().head, other.summary().head);
    }
    assert!(node.summary().head.expect("it has one").number > 1);
    // In another season it is of no use; and when there is nothing to go on with, nothing is kept.
    assert!(restarted(&folder, 1).summary().head.is_none());
    folder.write(SCOPE.genesis, SCOPE.domain, None).expect("it is removed");
    assert!(folder.read(SCOPE.genesis, SCOPE.domain).is_none());
    folder
        .write(SCOPE.genesis, SCOPE.domain, None)
        .expect("there is nothing to remove");
}

#[test]
fn what_is_damaged_or_does_not_belong_together_is_not_taken() {
    let place = tempfile::tempdir().expect("a folder");
    let folder = Folder::new(place.path().to_path_buf());
    let (mut node, .., now) = open(0, no_checks());
    work(&mut node, 8, now);
    let saved = node.saved().expect("there is something");
    let write = |saved| {
        folder
            .write(SCOPE.genesis, SCOPE.domain, Some(saved))
            .expect("it is written")
    };
    write(&saved);
    let path = file(place.path(), "population").expect("the file");
    let whole = fs::read(&path).expect("it can be read");
    let damage = |bytes: &[u8]| {
        fs::write(&path, bytes).expect("it is written");
        assert!(folder.read(SCOPE.genesis, SCOPE.domain).is_none());
        assert_eq!(
            fs::read(file(place.path(), "damaged").expect("it is put aside")).expect("read"),
            bytes
        );
        assert!(file(place.path(), "population").is_none());
    };
    for place in (0..whole.len()).step_by(7) {
        let mut bytes = whole.clone();
        bytes[place] ^= 1;
        damage(&bytes);
    }
    for length in [0, 31, 32, 36, whole.len() - 1] {
        damage(&whole[..length]);
    }
    damage(&[whole.clone(), vec![0]].concat());
    // Whole again, it is taken; but not when the generation is not made of the other.
    write(&saved);
    assert!(restarted(&folder, 0).summary().head.is_some());
    let mut other = saved.clone();
    other.generation.number += 1;
    write(&other);
    assert!(restarted(&folder, 0).summary().head.is_none());
    // Results of others, and results that nobody has signed, are not taken.
    let mut other = saved.clone();
    assert!(!other.findings.is_empty());
    for finding in &mut other.findings {
        finding.account = Key::new(1).account();
    }
    write(&other);
    assert!(restarted(&folder, 0)
        .summary()
        .digests
        .iter()
        .all(|digest| *digest == 0));
}

//! The store as its users see it: what goes in comes out or is reported missing or damaged, within the quota, after
//! crashes and from many threads.

use doin_artifacts::{ArtifactError, ArtifactReference, ArtifactStore, CHUNK_SIZE};
use proptest::prelude::*;
use std::{
    collections::HashSet,
    fs,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};
use tempfile::TempDir;

/// The length of a whole chunk.
const CHUNK: usize = CHUNK_SIZE as usize;

/// Reproducible bytes, different for each seed.
fn bytes(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    (0..length)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 24) as u8
        })
        .collect()
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

fn open(folder: &TempDir, quota: u64) -> ArtifactStore {
    ArtifactStore::open(folder.path(), quota).expect("opens")
}

/// The one file in the folder that is an artifact's.
fn artifact_files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<_> = fs::read_dir(folder)
        .expect("reads")
        .map(|item| item.expect("reads").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "artifact"))
        .collect();
    files.sort();
    files
}

#[test]
fn a_store_that_is_open_can_be_looked_into() {
    let folder = folder();
    let store = open(&folder, 1 << 20);
    let reference = store.put(b"parameters").expect("stores");
    assert_eq!(
        ArtifactStore::peek(folder.path(), &reference).expect("reads"),
        b"parameters"
    );
    let other = ArtifactReference::of(b"others");
    assert!(matches!(
        ArtifactStore::peek(folder.path(), &other),
        Err(ArtifactError::Missing(missing)) if missing == other
    ));
    fs::write(&artifact_files(folder.path())[0], b"damage").expect("writes");
    assert!(matches!(
        ArtifactStore::peek(folder.path(), &reference),
        Err(ArtifactError::Mismatch { found, .. }) if found == ArtifactReference::of(b"damage")
    ));
}

#[test]
fn what_is_stored_comes_back_also_after_a_restart() {
    let folder = folder();
    let contents: Vec<_> = [1, 64, CHUNK - 1, CHUNK, CHUNK + 1, 5 * CHUNK + 7]
        .into_iter()
        .enumerate()
        .map(|(seed, length)| bytes(seed as u64, length))
        .collect();
    let store = open(&folder, 1 << 30);
    let references: Vec<_> = contents.iter().map(|bytes| store.put(bytes).expect("stores")).collect();
    let check = |store: &ArtifactStore| {
        for (reference, bytes) in references.iter().zip(&contents) {
            assert_eq!(*reference, ArtifactReference::of(bytes));
            assert!(store.has(reference));
            assert_eq!(store.get(reference).expect("is there"), *bytes);
        }
        // After a restart the age is the file system's, which may give two files the same.
        let sorted = |mut list: Vec<ArtifactReference>| {
            list.sort_by_key(|reference| (reference.root, reference.size));
            list
        };
        assert_eq!(sorted(store.references()), sorted(references.clone()));
        assert_eq!(
            store.used(),
            contents.iter().map(|bytes| bytes.len() as u64).sum::<u64>()
        );
    };
    check(&store);
    drop(store);
    check(&open(&folder, 1 << 30));
}

#[test]
fn nothing_empty_or_larger_than_the_store_is_taken() {
    let folder = folder();
    let store = open(&folder, 1_000);
    assert!(matches!(store.put(&[]), Err(ArtifactError::Empty)));
    assert!(matches!(
        store.put(&[7; 1_001]),
        Err(ArtifactError::TooLarge {
            size: 1_001,
            limit: 1_000
        })
    ));
    store.put(&[7; 1_000]).expect("fits exactly");
    assert_eq!(store.used(), 1_000);
}

#[test]
fn expected_bytes_must_be_the_expected_ones() {
    let folder = folder();
    let store = open(&folder, 1_000);
    let expected = ArtifactReference::of(b"right");
    let wrong = store.put_expected(&expected, b"wrong");
    assert!(matches!(wrong, Err(ArtifactError::Mismatch { expected: e, found }) if e == expected && found != expected));
    assert!(!store.has(&expected));
    assert!(matches!(store.get(&expected), Err(ArtifactError::Missing(_))));
    // The right root with a wrong size is another artifact.
    let longer = ArtifactReference { size: 6, ..expected };
    assert!(matches!(
        store.put_expected(&longer, b"right"),
        Err(ArtifactError::Mismatch { .. })
    ));
    store.put_expected(&expected, b"right").expect("stores");
    assert_eq!(store.get(&expected).expect("is there"), b"right");
}

#[test]
fn a_damaged_file_is_reported_once_removed_and_can_be_mended() {
    for damage in [
        |content: &mut Vec<u8>| content[CHUNK + 3] ^= 1,
        |content: &mut Vec<u8>| content.truncate(CHUNK),
        |content: &mut Vec<u8>| content.clear(),
        |content: &mut Vec<u8>| content.push(0),
    ] {
        let folder = folder();
        let store = open(&folder, 1 << 20);
        let content = bytes(1, 2 * CHUNK);
        let reference = store.put(&content).expect("stores");
        store.pin(&reference);
        let file = artifact_files(folder.path()).remove(0);
        let mut damaged = content.clone();
        damage(&mut damaged);
        fs::write(&file, &damaged).expect("writes");
        // One byte too many lies behind the end of the artifact: it is not read, but the next start finds it.
        if damaged.len() <= content.len() {
            assert!(matches!(store.get(&reference), Err(ArtifactError::Corrupt(of)) if of == reference));
            assert!(!file.exists());
            assert!(matches!(store.get(&reference), Err(ArtifactError::Missing(_))));
        }
        assert!(store.is_pinned(&reference));
        assert_eq!(store.put(&content).expect("mends"), reference);
        assert_eq!(store.get(&reference).expect("is there"), content);
        assert_eq!(store.used(), content.len() as u64);
    }
}

#[test]
fn damage_is_found_by_asking_for_a_chunk_too() {
    let folder = folder();
    let store = open(&folder, 1 << 20);
    let content = bytes(1, 3 * CHUNK);
    let reference = store.put(&content).expect("stores");
    let file = artifact_files(folder.path()).remove(0);
    let mut damaged = content.clone();
    damaged[CHUNK] ^= 1;
    fs::write(&file, &damaged).expect("writes");
    // The other chunks are good and are served; the damaged one ends the artifact.
    assert_eq!(store.chunk(&reference, 0).expect("is good").bytes, content[..CHUNK]);
    assert!(matches!(store.chunk(&reference, 1), Err(ArtifactError::Corrupt(_))));
    assert!(matches!(store.chunk(&reference, 0), Err(ArtifactError::Missing(_))));
    assert_eq!(store.used(), 0);
}

#[test]
fn a_file_deleted_by_hand_is_missing_not_an_accident() {
    let folder = folder();
    let store = open(&folder, 1 << 20);
    let reference = store.put(b"parameters").expect("stores");
    fs::remove_file(artifact_files(folder.path()).remove(0)).expect("removes");
    assert!(matches!(store.get(&reference), Err(ArtifactError::Missing(_))));
    assert!(!store.has(&reference));
    assert_eq!(store.used(), 0);
}

#[test]
fn what_a_crash_leaves_is_cleaned_up_and_strangers_are_left_alone() {
    let folder = folder();
    let store = open(&folder, 1 << 20);
    let whole = store.put(b"whole").expect("stores");
    let cut = store.put(b"cut short").expect("stores");
    drop(store);
    fs::write(folder.path().join("incoming.partial"), b"half an arti").expect("writes");
    let cut_file = artifact_files(folder.path())
        .into_iter()
        .find(|path| fs::read(path).expect("reads") == b"cut short")
        .expect("is there");
    fs::write(&cut_file, b"cut").expect("writes");
    let size = whole.size;
    let strangers = [
        "notes.txt".to_string(),
        "zz-5.artifact".to_string(),
        format!("{}-5.artifact", "A".repeat(64)),
        format!("{}-0{size}.artifact", "a".repeat(64)),
        format!("{}-0.artifact", "a".repeat(64)),
    ];
    for stranger in &strangers {
        fs::write(folder.path().join(stranger), b"hello").expect("writes");
    }
    let store = open(&folder, 1 << 20);
    assert!(!folder.path().join("incoming.partial").exists());
    assert!(!cut_file.exists());
    assert!(!store.has(&cut));
    assert_eq!(store.references(), vec![whole]);
    for stranger in &strangers {
        assert!(folder.path().join(stranger).exists(), "{stranger}");
    }
}

#[test]
fn the_oldest_make_room_but_not_the_pinned() {
    let folder = folder();
    let store = open(&folder, 300);
    let [a, b, c] = [1, 2, 3].map(|seed| store.put(&bytes(seed, 100)).expect("stores"));
    store.pin(&a);
    let d = store.put(&bytes(4, 100)).expect("stores");
    assert_eq!(store.references(), vec![a, c, d]);
    // Storing again makes young.
    store.put(&bytes(3, 100)).expect("stores");
    let e = store.put(&bytes(5, 100)).expect("stores");
    assert_eq!(store.references(), vec![a, c, e]);
    store.unpin(&a);
    let f = store.put(&bytes(6, 150)).expect("stores");
    assert_eq!(store.references(), vec![e, f]);
    assert!(!store.has(&b));
    assert_eq!(artifact_files(folder.path()).len(), 2);
    assert_eq!(store.used(), 250);
}

#[test]
fn without_room_beside_the_pinned_nothing_is_evicted() {
    let folder = folder();
    let store = open(&folder, 300);
    let [a, b] = [1, 2].map(|seed| store.put(&bytes(seed, 100)).expect("stores"));
    store.pin(&a);
    assert!(matches!(
        store.put(&bytes(3, 201)),
        Err(ArtifactError::NoRoom {
            size: 201,
            pinned: 100,
            quota: 300
        })
    ));
    assert_eq!(store.references(), vec![a, b]);
    // The pinned itself may be stored again although it fills the store.
    store.pin(&b);
    let c = store.put(&bytes(4, 100)).expect("stores");
    store.pin(&c);
    store.put(&bytes(1, 100)).expect("stores again");
    assert_eq!(store.references(), vec![b, c, a]);
}

#[test]
fn pins_count_and_may_come_first() {
    let folder = folder();
    let store = open(&folder, 100);
    let content = bytes(1, 100);
    let reference = ArtifactReference::of(&content);
    store.pin(&reference);
    store.pin(&reference);
    store.put(&content).expect("stores");
    store.unpin(&reference);
    assert!(matches!(store.put(b"x"), Err(ArtifactError::NoRoom { .. })));
    store.unpin(&reference);
    store.unpin(&reference);
    store.put(b"x").expect("now there is room");
    assert!(!store.has(&reference));
}

#[test]
fn a_lowered_quota_shrinks_the_store_with_the_next_artifact() {
    let folder = folder();
    let store = open(&folder, 400);
    let references = [1, 2, 3, 4].map(|seed| store.put(&bytes(seed, 100)).expect("stores"));
    drop(store);
    // The order after a restart is that of the files' times.
    let hour = Duration::from_secs(3_600);
    let now = SystemTime::now();
    for (age, reference) in (0u32..).zip(&references) {
        let name = format!("{}-100.artifact", hex::encode(reference.root));
        let file = fs::File::options()
            .write(true)
            .open(folder.path().join(name))
            .expect("opens");
        file.set_modified(now - hour * (4 - age)).expect("sets");
    }
    let store = open(&folder, 200);
    assert_eq!(store.references(), references.to_vec());
    let young = store.put(&bytes(5, 100)).expect("stores");
    assert_eq!(store.references(), vec![references[3], young]);
}

#[test]
fn one_folder_has_one_store() {
    let folder = folder();
    let store = open(&folder, 100);
    let clone = store.clone();
    let second = ArtifactStore::open(folder.path(), 100).err().expect("is in use");
    assert!(matches!(second, ArtifactError::InUse(_)));
    assert!(second.to_string().contains("in use"));
    drop(store);
    assert!(matches!(
        ArtifactStore::open(folder.path(), 100),
        Err(ArtifactError::InUse(_))
    ));
    drop(clone);
    open(&folder, 100);
}

#[test]
fn a_path_that_is_no_folder_is_named() {
    let folder = folder();
    let file = folder.path().join("file");
    fs::write(&file, b"").expect("writes");
    let error = ArtifactStore::open(&file, 100).err().expect("is a file").to_string();
    assert!(error.contains(&file.display().to_string()), "{error}");
}

#[test]
fn chunks_carry_their_proof() {
    let folder = folder();
    let store = open(&folder, 1 << 30);
    let content = bytes(9, 6 * CHUNK + 64);
    let reference = store.put(&content).expect("stores");
    drop(store);
    // After a restart the tree is computed anew.
    let store = open(&folder, 1 << 30);
    let mut assembled = Vec::new();
    for index in 0..reference.chunk_count() {
        let chunk = store.chunk(&reference, index).expect("is there");
        assert!(reference.verify_chunk(index, &chunk.bytes, &chunk.proof));
        assert!(!reference.verify_chunk(index ^ 1, &chunk.bytes, &chunk.proof));
        assembled.extend(chunk.bytes);
    }
    assert_eq!(assembled, content);
    assert!(matches!(
        store.chunk(&reference, 7),
        Err(ArtifactError::NoSuchChunk { index: 7, .. })
    ));
    assert!(matches!(
        store.chunk(&reference, u32::MAX),
        Err(ArtifactError::NoSuchChunk { .. })
    ));
    let absent = ArtifactReference::of(b"absent");
    assert!(matches!(store.chunk(&absent, 0), Err(ArtifactError::Missing(_))));
}

#[test]
fn many_threads_share_a_store() {
    let folder = folder();
    // Room for a fraction of what they store: they evict one another's artifacts all the time.
    let store = open(&folder, 20_000);
    let kept = store.put(&bytes(0, 2_000)).expect("stores");
    store.pin(&kept);
    std::thread::scope(|scope| {
        for thread in 0..8u64 {
            let store = store.clone();
            scope.spawn(move || {
                for round in 0..40 {
                    let content = bytes(thread % 4 * 100 + round, 1_000 + round as usize);
                    let reference = store.put(&content).expect("stores");
                    match store.get(&reference) {
                        Ok(found) => assert_eq!(found, content),
                        Err(ArtifactError::Missing(_)) => (),
                        Err(error) => panic!("{error}"),
                    }
                    match store.chunk(&reference, 0) {
                        Ok(chunk) => assert!(reference.verify_chunk(0, &chunk.bytes, &chunk.proof)),
                        Err(ArtifactError::Missing(_)) => (),
                        Err(error) => panic!("{error}"),
                    }
                    assert!(store.used() <= store.quota());
                }
            });
        }
    });
    assert_eq!(store.get(&kept).expect("is pinned"), bytes(0, 2_000));
    let on_disk: u64 = artifact_files(folder.path())
        .iter()
        .map(|file| file.metadata().expect("reads").len())
        .sum();
    assert_eq!(on_disk, store.used());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_bytes_come_back_chunk_by_chunk(seed in any::<u64>(), length in 1usize..5 * CHUNK) {
        let folder = folder();
        let store = open(&folder, 1 << 30);
        let content = bytes(seed, length);
        let reference = store.put(&content).expect("stores");
        prop_assert_eq!(store.get(&reference).expect("is there"), content.clone());
        for (index, expected) in (0u32..).zip(content.chunks(CHUNK)) {
            let chunk = store.chunk(&reference, index).expect("is there");
            prop_assert_eq!(&chunk.bytes, expected);
            prop_assert!(reference.verify_chunk(index, &chunk.bytes, &chunk.proof));
        }
    }

    #[test]
    fn any_flipped_bit_is_found(seed in any::<u64>(), length in 1usize..3 * CHUNK, at in any::<prop::sample::Index>(), bit in 0u8..8) {
        let folder = folder();
        let store = open(&folder, 1 << 30);
        let mut content = bytes(seed, length);
        let reference = store.put(&content).expect("stores");
        content[at.index(length)] ^= 1 << bit;
        fs::write(artifact_files(folder.path()).remove(0), &content).expect("writes");
        prop_assert!(matches!(store.get(&reference), Err(ArtifactError::Corrupt(_))));
        prop_assert!(!store.has(&reference));
    }

    #[test]
    fn quota_and_pins_hold_for_any_sequence(steps in proptest::collection::vec((0u8..3, 0u64..12), 1..60)) {
        let folder = folder();
        let quota = 1_000;
        let store = open(&folder, quota);
        let content = |seed: u64| bytes(seed, 60 + 40 * seed as usize);
        let mut pinned = HashSet::new();
        for (action, seed) in steps {
            let reference = ArtifactReference::of(&content(seed));
            match action {
                0 => match store.put(&content(seed)) {
                    Ok(stored) => prop_assert_eq!(stored, reference),
                    Err(error) => prop_assert!(matches!(error, ArtifactError::NoRoom { .. }), "{}", error),
                },
                1 if pinned.insert(seed) => store.pin(&reference),
                2 if pinned.remove(&seed) => store.unpin(&reference),
                _ => (),
            }
            prop_assert!(store.used() <= quota);
            let files: u64 = artifact_files(folder.path()).iter().map(|file| file.metadata().expect("reads").len()).sum();
            prop_assert_eq!(files, store.used());
        }
        for reference in store.references() {
            prop_assert_eq!(ArtifactReference::of(&store.get(&reference).expect("is good")), reference);
        }
    }
}

fn partial_files(folder: &Path) -> usize {
    let names = fs::read_dir(folder)
        .expect("reads")
        .map(|file| file.expect("reads").file_name());
    names
        .filter(|name| name.to_string_lossy().ends_with(".partial"))
        .count()
}

#[test]
fn what_is_received_is_seen_when_it_is_complete_and_leaves_nothing_before() {
    let (from, to) = (folder(), folder());
    let (source, target) = (open(&from, 1 << 20), open(&to, 5 * CHUNK as u64));
    let content = bytes(3, 3 * CHUNK + 64);
    let reference = source.put(&content).expect("stores");
    let chunk = |index| source.chunk(&reference, index).expect("is there");

    let incoming = target.receive(&reference).expect("begins");
    assert_eq!(incoming.missing(), [0, 1, 2, 3]);
    incoming.accept(2, &chunk(2)).expect("is right");
    assert!(matches!(
        incoming.accept(1, &chunk(0)),
        Err(ArtifactError::WrongChunk { index: 1, .. })
    ));
    assert_eq!(incoming.missing(), [0, 1, 3]);
    assert!(matches!(incoming.complete(), Err(ArtifactError::Incomplete(of)) if of == reference));
    assert!(!target.has(&reference) && target.references().is_empty());
    assert!(matches!(target.get(&reference), Err(ArtifactError::Missing(_))));
    // Its room is taken, and nobody else receives it.
    let other = target.put(&bytes(4, 2 * CHUNK));
    assert!(matches!(other, Err(ArtifactError::NoRoom { .. })), "{other:?}");
    assert!(target.receive(&reference).is_err());
    assert_eq!(partial_files(to.path()), 1);
    drop(incoming);
    assert_eq!(partial_files(to.path()), 0);

    let small = target.put(&bytes(4, 2 * CHUNK)).expect("now there is room");
    let incoming = target
        .receive(&reference)
        .expect("begins, and the older one makes room");
    assert!(!target.has(&small));
    for index in [3, 0, 2, 1, 1] {
        incoming.accept(index, &chunk(index)).expect("is right");
    }
    incoming.complete().expect("is complete");
    incoming.complete().expect("is complete already");
    drop(incoming);
    assert_eq!(target.get(&reference).expect("is there"), content);
    assert_eq!(target.used(), content.len() as u64);
    assert_eq!(partial_files(to.path()), 0);
    // Served at once, and after a restart.
    assert_eq!(target.chunk(&reference, 3).expect("is there"), chunk(3));
    drop(target);
    assert_eq!(open(&to, 1 << 20).get(&reference).expect("is there"), content);
}

#[test]
fn what_was_being_received_in_a_crash_is_removed() {
    let folder = folder();
    let store = open(&folder, 1 << 20);
    let reference = ArtifactReference::of(&bytes(1, 2 * CHUNK));
    std::mem::forget(store.receive(&reference).expect("begins"));
    assert_eq!(partial_files(folder.path()), 1);
    fs::write(folder.path().join("someone-elses.partial"), b"").expect("writes");
    // The store that has been forgotten still holds its lock: another folder takes its place.
    let copy = self::folder();
    for file in fs::read_dir(folder.path()).expect("reads") {
        let file = file.expect("reads");
        fs::copy(file.path(), copy.path().join(file.file_name())).expect("copies");
    }
    let store = open(&copy, 1 << 20);
    assert_eq!(partial_files(copy.path()), 1, "only the stranger's is left");
    assert!(store.references().is_empty());
}

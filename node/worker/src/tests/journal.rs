use crate::journal::{Journal, OptimumEntry, VoteEntry};
use doin_primitives::{
    artifact::ArtifactReference,
    commitment::{optimum_commitment, vote_commitment},
    quorum::{Measurement, VoteValues},
    AccountId, Hash, Metric,
};
use std::{fs, path::PathBuf};

const GENESIS: Hash = Hash::repeat_byte(1);

fn account() -> AccountId {
    AccountId::new([3; 32])
}

fn optimum(reported: Metric) -> OptimumEntry {
    let artifact = ArtifactReference {
        root: Hash::repeat_byte(9),
        size: 80,
    };
    let nonce = [5; 32];
    OptimumEntry {
        commitment: optimum_commitment(GENESIS, 2, &account(), artifact, reported, &nonce),
        account: account(),
        domain: 2,
        artifact,
        reported,
        experiment: vec![(b"loss".to_vec().try_into().unwrap(), Metric::from_u32(3))]
            .try_into()
            .unwrap(),
        nonce: nonce.into(),
        incumbent: ArtifactReference::default(),
        season: 4,
        found_at: 100,
        sent_until: 7,
        abandoned: false,
        contestable: None,
    }
}

fn vote() -> VoteEntry {
    let vote = VoteValues::Measured(Measurement {
        candidate: Metric::from_inner(i128::MIN),
        incumbent: Metric::from_inner(i128::MAX),
        probe: Metric::from_inner(-1),
        data_hash: [8; 32],
    });
    VoteEntry {
        commitment: vote_commitment(GENESIS, 6, 1, &account(), &vote, &[7; 32]),
        account: account(),
        optimum: 6,
        round: 1,
        audited_seat: None,
        seed: Hash::repeat_byte(4),
        vote,
        salt: [7; 32].into(),
        reveal_deadline: 50,
    }
}

/// The replay of another's vote.
fn replay() -> VoteEntry {
    let entry = VoteEntry {
        audited_seat: Some(2),
        ..vote()
    };
    VoteEntry {
        commitment: entry.commitment_on(GENESIS),
        ..entry
    }
}

#[test]
fn a_replay_is_written_like_a_vote_and_is_none() {
    let folder = tempfile::tempdir().unwrap();
    let mut journal = Journal::open(folder.path(), GENESIS).unwrap();
    assert_ne!(replay().commitment, vote().commitment);
    journal.put_vote(replay()).unwrap();
    let journal = Journal::open(folder.path(), GENESIS).unwrap();
    assert_eq!(journal.votes().collect::<Vec<_>>(), [&replay()]);
    // Its commitment binds the seat: an entry that was tampered with is put aside.
    let file = files(&folder).remove(0);
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replace("\"audited_seat\": 2", "\"audited_seat\": 1")).unwrap();
    assert_eq!(Journal::open(folder.path(), GENESIS).unwrap().votes().count(), 0);
}

#[test]
fn a_vote_of_before_there_were_audits_is_read() {
    let text = serde_json::to_string(&vote()).unwrap();
    assert!(!text.contains("audited_seat"));
    assert_eq!(serde_json::from_str::<VoteEntry>(&text).unwrap(), vote());
}

fn files(folder: &tempfile::TempDir) -> Vec<PathBuf> {
    let chain = fs::read_dir(folder.path()).unwrap().next().unwrap().unwrap().path();
    let mut files: Vec<_> = fs::read_dir(chain).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    files
}

#[test]
fn what_is_written_is_read_again() {
    let folder = tempfile::tempdir().unwrap();
    let mut journal = Journal::open(folder.path(), GENESIS).unwrap();
    let entries: Vec<_> = [0, 1, -1, i128::MAX, i128::MIN]
        .into_iter()
        .map(|inner| optimum(Metric::from_inner(inner)))
        .collect();
    for entry in &entries {
        journal.put_optimum(entry.clone()).unwrap();
    }
    journal.put_vote(vote()).unwrap();
    let mut journal = Journal::open(folder.path(), GENESIS).unwrap();
    for entry in &entries {
        assert_eq!(journal.optimum(entry.commitment), Some(entry));
    }
    assert_eq!(journal.optima_of(&account(), 2).len(), entries.len());
    assert!(journal.optima_of(&account(), 3).is_empty());
    assert_eq!(journal.vote(vote().commitment), Some(&vote()));
    assert_eq!(journal.vote_of(&account(), 6, 1, Hash::repeat_byte(4)), Some(&vote()));
    assert_eq!(
        journal.vote_of(&account(), 6, 1, Hash::repeat_byte(5)),
        None,
        "the seat of another fork"
    );
    assert_eq!(journal.vote_of(&account(), 6, 2, Hash::repeat_byte(4)), None);

    for entry in &entries {
        journal.remove_optimum(entry.commitment).unwrap();
        journal.remove_optimum(entry.commitment).unwrap();
    }
    journal.remove_vote(vote().commitment).unwrap();
    let journal = Journal::open(folder.path(), GENESIS).unwrap();
    assert_eq!((journal.optima().count(), journal.votes().count()), (0, 0));
    assert!(files(&folder).is_empty());
}

#[test]
fn an_entry_is_replaced_in_whole() {
    let folder = tempfile::tempdir().unwrap();
    let mut journal = Journal::open(folder.path(), GENESIS).unwrap();
    let mut entry = optimum(Metric::from_u32(1));
    journal.put_optimum(entry.clone()).unwrap();
    entry.abandoned = true;
    journal.put_optimum(entry.clone()).unwrap();
    assert_eq!(files(&folder).len(), 1);
    assert_eq!(
        Journal::open(folder.path(), GENESIS).unwrap().optimum(entry.commitment),
        Some(&entry)
    );
}

#[test]
fn a_write_that_was_cut_off_leaves_no_trace() {
    let folder = tempfile::tempdir().unwrap();
    let mut journal = Journal::open(folder.path(), GENESIS).unwrap();
    journal.put_vote(vote()).unwrap();
    let torn = files(&folder)[0].with_file_name("vote-00.new");
    fs::write(&torn, b"{\"commit").unwrap();
    let journal = Journal::open(folder.path(), GENESIS).unwrap();
    assert_eq!(journal.votes().count(), 1);
    assert!(!torn.exists());
}

#[test]
fn damage_is_found_and_put_aside_and_the_rest_goes_on() {
    let written = {
        let folder = tempfile::tempdir().unwrap();
        let mut journal = Journal::open(folder.path(), GENESIS).unwrap();
        journal.put_vote(vote()).unwrap();
        fs::read(&files(&folder)[0]).unwrap()
    };
    let text = String::from_utf8(written.clone()).unwrap();
    let damages: Vec<Vec<u8>> = vec![
        Vec::new(),
        written[..written.len() / 2].to_vec(),
        vec![0; written.len()],
        text.replace("\"optimum\": 6", "\"optimum\": 7").into_bytes(),
        text.replace("07", "08").into_bytes(),
    ];
    for damage in damages {
        assert_ne!(damage, written);
        let folder = tempfile::tempdir().unwrap();
        let mut journal = Journal::open(folder.path(), GENESIS).unwrap();
        journal.put_optimum(optimum(Metric::from_u32(1))).unwrap();
        journal.put_vote(vote()).unwrap();
        let path = files(&folder)
            .into_iter()
            .find(|path| path.to_string_lossy().contains("vote-"))
            .unwrap();
        fs::write(&path, damage).unwrap();
        let journal = Journal::open(folder.path(), GENESIS).unwrap();
        assert_eq!((journal.optima().count(), journal.votes().count()), (1, 0));
        assert!(path.with_extension("damaged").exists());
        // Once is enough.
        assert_eq!(Journal::open(folder.path(), GENESIS).unwrap().votes().count(), 0);
    }
}

#[test]
fn chains_do_not_mix() {
    let folder = tempfile::tempdir().unwrap();
    let mut journal = Journal::open(folder.path(), GENESIS).unwrap();
    journal.put_vote(vote()).unwrap();
    let other = Journal::open(folder.path(), Hash::repeat_byte(2)).unwrap();
    assert_eq!(other.votes().count(), 0);
    assert_eq!(Journal::open(folder.path(), GENESIS).unwrap().votes().count(), 1);
}

#[test]
fn a_disk_that_cannot_be_written_is_an_error_before_anything_is_sent() {
    let folder = tempfile::tempdir().unwrap();
    let mut journal = Journal::open(folder.path(), GENESIS).unwrap();
    let chain = fs::read_dir(folder.path()).unwrap().next().unwrap().unwrap().path();
    fs::remove_dir(&chain).unwrap();
    let error = journal.put_vote(vote()).unwrap_err().to_string();
    assert!(error.contains("cannot write"), "{error}");
    assert_eq!(journal.votes().count(), 0);
}

#[cfg(unix)]
#[test]
fn nobody_else_may_read_it() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let mut journal = Journal::open(folder.path(), GENESIS).unwrap();
    journal.put_vote(vote()).unwrap();
    let file = &files(&folder)[0];
    assert_eq!(fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(
        fs::metadata(file.parent().unwrap()).unwrap().permissions().mode() & 0o777,
        0o700
    );
}

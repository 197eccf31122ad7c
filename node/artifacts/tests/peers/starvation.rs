//! Peers that break no rule of the protocol, and try to keep others from what they need.

use crate::{content, node, peer, QUOTA};
use codec::{DecodeAll, Encode};
use doin_artifacts::{
    protocol::{Request, Response, MAXIMUM_CHUNKS},
    ArtifactReference, Limits, CHUNK_SIZE,
};
use doin_primitives::Hash;
use peer::{limits, within, Answer, Library, Node, Peer};
use std::{
    sync::{
        atomic::{AtomicUsize, Ordering},
        Arc,
    },
    time::Duration,
};

/// Has everything, as it says, and never gives any of it. Counts how often it was asked for chunks.
fn miser(others: &[&Peer], limits: Limits) -> (Peer, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = asked.clone();
    let peer = Peer::start(Library::Litep2p, true, others, limits).with_answers(move |request| match request {
        Request::Have(_) => Response::Present.into(),
        Request::Chunks { .. } => {
            counter.fetch_add(1, Ordering::SeqCst);
            Answer::Never
        }
    });
    (peer, asked)
}

/// A node that waits longer for chunks than any test does, and fetches one artifact at a time in the background.
fn patient() -> Limits {
    Limits {
        request_timeout: Duration::from_secs(600),
        downloads: 1,
        ..limits()
    }
}

async fn until(what: &str, mut condition: impl FnMut() -> bool) {
    let event = async {
        while !condition() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    within(what, event).await;
}

fn unfinished(node: &Node) -> usize {
    let files = std::fs::read_dir(node.folder.path()).expect("reads");
    let names = files.map(|file| file.expect("reads").file_name().into_string().expect("is text"));
    names.filter(|name| name.ends_with(".partial")).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_for_what_is_not_there_takes_nothing_from_the_upload_of_others() {
    // Enough for one answer of eight chunks, and then for none for days.
    let limits = Limits {
        upload_bytes_per_second: 1.0,
        ..limits()
    };
    let serving = Peer::start(Library::Litep2p, true, &[], limits).with_store(QUOTA);
    let there = serving.store.put(&content(9)).expect("stores");
    let absent = ArtifactReference {
        root: Hash::repeat_byte(1),
        size: MAXIMUM_CHUNKS * CHUNK_SIZE,
    };
    let chunks = |artifact| {
        let indices: Vec<u32> = (0..MAXIMUM_CHUNKS).collect();
        let indices = indices.try_into().expect("few enough");
        Request::Chunks { artifact, indices }.encode()
    };
    let [attacker, honest] = [(); 2].map(|()| Peer::start(Library::Litep2p, true, &[&serving.peer], peer::limits()));
    for peer in [&attacker, &honest] {
        peer.wait_connected(&[&serving.peer]).await;
    }
    for _ in 0..3 {
        let answer = attacker
            .ask(serving.peer.id, chunks(absent))
            .await
            .expect("is answered");
        assert_eq!(answer, Response::Missing.encode());
    }
    let answer = honest.ask(serving.peer.id, chunks(there)).await.expect("is answered");
    let answer = Response::decode_all(&mut &answer[..]).expect("an answer");
    assert!(matches!(answer, Response::Chunks(_)), "the node is busy with nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_waits_for_is_fetched_beside_what_peers_hold_up() {
    let fetching = Peer::start(Library::Litep2p, true, &[], patient()).with_store(QUOTA);
    let (miser, asked) = miser(&[&fetching.peer], patient());
    fetching.peer.wait_connected(&[&miser]).await;
    let held_up = [30, 31].map(|chunks| ArtifactReference::of(&content(chunks)));
    fetching.fetcher.want(held_up.to_vec()).expect("is obeyed");
    until("the download that is held up", || asked.load(Ordering::SeqCst) > 0).await;
    let honest = node(Library::Litep2p, &[&fetching.peer]);
    let urgent = honest.store.put(&content(2)).expect("stores");
    fetching.peer.wait_connected(&[&honest.peer]).await;
    fetching.fetch(urgent).await.expect("is fetched");
    assert!(held_up.iter().all(|artifact| !fetching.store.has(artifact)));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_wants_any_more_is_dropped_at_once() {
    let fetching = Peer::start(Library::Litep2p, true, &[], patient()).with_store(QUOTA);
    let (miser, asked) = miser(&[&fetching.peer], patient());
    fetching.peer.wait_connected(&[&miser]).await;
    let [former, next] = [30, 31].map(|chunks| ArtifactReference::of(&content(chunks)));
    fetching.fetcher.want(vec![former]).expect("is obeyed");
    until("the first download", || asked.load(Ordering::SeqCst) == 1).await;
    assert_eq!(unfinished(&fetching), 1);
    fetching.fetcher.want(vec![next]).expect("is obeyed");
    until("the second download", || asked.load(Ordering::SeqCst) == 2).await;
    fetching.fetcher.want(Vec::new()).expect("is obeyed");
    until("the end of both", || unfinished(&fetching) == 0).await;
    // Their room is free again.
    fetching.store.put(&vec![1; QUOTA as usize]).expect("there is room");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wanted_first_comes_first() {
    let limits = Limits {
        downloads: 1,
        ..limits()
    };
    let serving = node(Library::Litep2p, &[]);
    let wanted: Vec<_> = (0..8u8)
        .map(|number| serving.store.put(&[number; 100]).expect("stores"))
        .collect();
    let fetching = Peer::start(Library::Litep2p, true, &[&serving.peer], limits).with_store(QUOTA);
    fetching.peer.wait_connected(&[&serving.peer]).await;
    fetching.fetcher.want(wanted.clone()).expect("is obeyed");
    until("all of them", || fetching.store.references().len() == wanted.len()).await;
    assert_eq!(fetching.store.references(), wanted, "the oldest first");
}

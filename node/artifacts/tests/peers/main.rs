//! Nodes that give parameters to one another over a real network, and peers that try to do harm.

mod peer;
mod starvation;

use codec::Encode;
use doin_artifacts::{
    answer,
    protocol::{Request, Response, MAXIMUM_CHUNKS, MAXIMUM_RESPONSE_SIZE},
    ArtifactError, ArtifactReference, ArtifactStore, Chunk, FetchError, CHUNK_SIZE,
};
use peer::{limits, Answer, Library, Node, Peer, BANNED_THRESHOLD};
use std::time::Duration;

const QUOTA: u64 = 64 * 1024 * 1024;
const BOTH: [Library; 2] = [Library::Litep2p, Library::Libp2p];

/// Bytes that are different in each chunk. The last chunk has 64: as many as lie under an inner node.
fn content(chunks: usize) -> Vec<u8> {
    (0..(chunks - 1) * CHUNK_SIZE as usize + 64)
        .map(|position| (position.wrapping_mul(2_654_435_761) >> 20) as u8)
        .collect()
}

fn node(library: Library, others: &[&Peer]) -> Node {
    Peer::start(library, true, others, limits()).with_store(QUOTA)
}

#[tokio::test(flavor = "multi_thread")]
async fn several_peers_give_one_artifact_between_both_network_libraries() {
    let content = content(60);
    let reference = ArtifactReference::of(&content);
    let fetching = node(Library::Litep2p, &[]);
    let serving = [Library::Litep2p, Library::Libp2p, Library::Litep2p].map(|library| {
        let node = node(library, &[&fetching.peer]);
        node.store.put(&content).expect("stores");
        node
    });
    let peers: Vec<&Peer> = serving.iter().map(|node| &node.peer).collect();
    fetching.peer.wait_connected(&peers).await;
    // However many ask, it is fetched once.
    let results = futures::future::join_all((0..20).map(|_| fetching.fetch(reference))).await;
    for result in results {
        result.expect("is fetched");
    }
    assert_eq!(fetching.store.get(&reference).expect("is there"), content);
    let sent: Vec<u64> = peers
        .iter()
        .map(|peer| peer.figure("doin_artifacts_requests_total", "served"))
        .collect();
    assert!(
        sent.iter().filter(|sent| **sent > 0).count() >= 2,
        "several took part: {sent:?}"
    );
    assert_eq!(fetching.peer.figure("doin_artifacts_downloads_total", "fetched"), 1);
    // A chunk is asked for twice only where somebody was slow.
    assert!((60..=120).contains(&fetching.peer.figure("doin_artifacts_chunks_total", "in")));
    // What was fetched is served in turn, also over the other library.
    let next = node(Library::Libp2p, &[&fetching.peer]);
    next.peer.wait_connected(&[&fetching.peer]).await;
    next.fetch(reference).await.expect("is fetched");
    assert_eq!(fetching.peer.figure("doin_artifacts_bans_total", ""), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_nobody_can_dial_is_asked_over_the_connection_that_it_made() {
    for library in BOTH {
        let fetching = node(library, &[]);
        let hidden = Peer::start(library, false, &[&fetching.peer], limits()).with_store(QUOTA);
        let reference = hidden.store.put(&content(3)).expect("stores");
        fetching.peer.wait_connected(&[&hidden.peer]).await;
        fetching.fetch(reference).await.expect("is fetched");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_stored_is_not_asked_for_and_what_nobody_has_is_not_found() {
    let serving = node(Library::Litep2p, &[]);
    let fetching = Peer::start(Library::Litep2p, true, &[&serving.peer], limits()).with_store(200_000);
    let alone = fetching.fetch(ArtifactReference::of(b"x")).await;
    if !fetching.peer.is_connected(&serving.peer) {
        assert!(matches!(alone, Err(FetchError::NoPeers)), "{alone:?}");
    }
    fetching.peer.wait_connected(&[&serving.peer]).await;
    let asked = fetching.peer.figure("doin_artifacts_requests_total", "out");
    let large = serving.store.put(&content(5)).expect("stores");
    let refused = fetching.fetch(large).await;
    assert!(
        matches!(&refused, Err(FetchError::Store(error)) if matches!(**error, ArtifactError::TooLarge { limit: 200_000, .. })),
        "{refused:?}"
    );
    assert_eq!(fetching.peer.figure("doin_artifacts_requests_total", "out"), asked);
    let absent = fetching.fetch(ArtifactReference::of(b"absent")).await;
    assert!(matches!(absent, Err(FetchError::NotFound { asked: 1 })), "{absent:?}");
    // Pinned artifacts do not make room.
    let pinned = fetching.store.put(&vec![1; 150_000]).expect("stores");
    fetching.store.pin(&pinned);
    let second = serving.store.put(&content(2)).expect("stores");
    let full = fetching.fetch(second).await;
    assert!(
        matches!(&full, Err(FetchError::Store(error)) if matches!(**error, ArtifactError::NoRoom { .. })),
        "{full:?}"
    );
    assert_eq!(fetching.store.references(), vec![pinned]);
    fetching.store.unpin(&pinned);
    fetching.fetch(second).await.expect("now there is room");
}

/// The right answers, from which liars make theirs.
struct Truth {
    store: ArtifactStore,
    _folder: tempfile::TempDir,
}

impl Truth {
    fn of(content: &[u8]) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let store = ArtifactStore::open(folder.path(), QUOTA).expect("opens");
        store.put(content).expect("stores");
        Self { store, _folder: folder }
    }

    fn answer(&self, request: &Request) -> Response {
        answer(&self.store, request).expect("reads")
    }
}

type Lie = fn(&Truth, &Request) -> Answer;

fn chunks(truth: &Truth, request: &Request) -> Vec<Chunk> {
    match truth.answer(request) {
        Response::Chunks(chunks) => chunks.into_inner(),
        other => panic!("{other:?}"),
    }
}

fn these(chunks: Vec<Chunk>) -> Answer {
    Response::Chunks(chunks.try_into().expect("few enough")).into()
}

fn flipped_bit(truth: &Truth, request: &Request) -> Answer {
    let mut chunks = chunks(truth, request);
    chunks[0].bytes[0] ^= 1;
    these(chunks)
}

/// Right chunks with right proofs, each in the place of another.
fn another_place(truth: &Truth, request: &Request) -> Answer {
    let mut chunks = chunks(truth, request);
    chunks.rotate_left(1);
    these(chunks)
}

/// The 64 bytes under the root, as if they were the last chunk.
fn inner_node(truth: &Truth, request: &Request) -> Answer {
    let mut chunks = chunks(truth, request);
    let artifact = *request.artifact();
    let last = artifact.chunk_count() - 1;
    let leaves: Vec<_> = (0..=last)
        .map(|index| truth.store.chunk(&artifact, index).expect("is there").bytes)
        .flat_map(|bytes| doin_primitives::artifact::leaves(&bytes))
        .collect();
    assert_eq!(leaves.len(), 2, "the root is the hash of the two leaves");
    let forged = leaves.iter().flat_map(|hash| hash.0).collect();
    if let Some(chunk) = chunks.last_mut() {
        *chunk = Chunk {
            bytes: forged,
            proof: Vec::new(),
        };
    }
    these(chunks)
}

fn one_too_many(truth: &Truth, request: &Request) -> Answer {
    let mut chunks = chunks(truth, request);
    let copy = chunks[0].clone();
    chunks.push(copy);
    these(chunks)
}

fn one_too_few(truth: &Truth, request: &Request) -> Answer {
    let mut chunks = chunks(truth, request);
    chunks.pop();
    these(chunks)
}

fn nine_chunks(truth: &Truth, request: &Request) -> Answer {
    let chunk = chunks(truth, request).remove(0);
    Answer::Message(
        (3u8, vec![chunk; MAXIMUM_CHUNKS as usize + 1])
            .encode()
            .into_iter()
            .take(MAXIMUM_RESPONSE_SIZE)
            .collect(),
    )
}

fn garbage(_: &Truth, _: &Request) -> Answer {
    Answer::Message(
        (0..5_000u32)
            .map(|position| (position.wrapping_mul(97) >> 3) as u8)
            .collect(),
    )
}

fn present(_: &Truth, _: &Request) -> Answer {
    Response::Present.into()
}

fn liar(content: &[u8], library: Library, others: &[&Peer], lie: Lie) -> Peer {
    let truth = Truth::of(content);
    Peer::start(library, true, others, limits()).with_answers(move |request| match &request {
        Request::Have(_) => truth.answer(&request).into(),
        Request::Chunks { .. } => lie(&truth, &request),
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn who_sends_what_no_honest_node_sends_is_banned_and_the_others_give_the_artifact() {
    let content = content(2);
    let reference = ArtifactReference::of(&content);
    let lies: [(&str, Lie); 8] = [
        ("a flipped bit", flipped_bit),
        ("another place", another_place),
        ("an inner node", inner_node),
        ("one too many", one_too_many),
        ("one too few", one_too_few),
        ("nine chunks", nine_chunks),
        ("garbage", garbage),
        ("present", present),
    ];
    for (place, (name, lie)) in lies.into_iter().enumerate() {
        let library = BOTH[place % 2];
        let fetching = node(library, &[]);
        let liar = liar(&content, library, &[&fetching.peer], lie);
        fetching.peer.wait_connected(&[&liar]).await;
        let failed = fetching.fetch(reference).await;
        assert!(
            matches!(failed, Err(FetchError::Unfinished { .. })),
            "{name}: {failed:?}"
        );
        fetching.peer.wait_banned(&liar).await;
        assert_eq!(fetching.peer.figure("doin_artifacts_bans_total", ""), 1, "{name}");
        assert!(!fetching.store.has(&reference), "{name}");
        // An honest one comes.
        let honest = node(library, &[&fetching.peer]);
        honest.store.put(&content).expect("stores");
        fetching.peer.wait_connected(&[&honest.peer]).await;
        fetching
            .fetch(reference)
            .await
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(fetching.store.get(&reference).expect("is there"), content, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_says_chunks_to_a_question_or_too_much_or_nothing_gives_nothing_and_loses_reputation() {
    fn too_much(_: &Truth, _: &Request) -> Answer {
        Answer::Message(vec![3; MAXIMUM_RESPONSE_SIZE + 1_000_000])
    }
    fn refusal(_: &Truth, _: &Request) -> Answer {
        Answer::Refuse
    }
    fn silence(_: &Truth, _: &Request) -> Answer {
        Answer::Never
    }
    let content = content(20);
    let reference = ArtifactReference::of(&content);
    let lies: [(&str, Lie); 3] = [("too much", too_much), ("refusal", refusal), ("silence", silence)];
    for library in BOTH {
        for (name, lie) in lies {
            let fetching = node(library, &[]);
            let liar = liar(&content, library, &[&fetching.peer], lie);
            fetching.peer.wait_connected(&[&liar]).await;
            let failed = fetching.fetch(reference).await;
            assert!(
                matches!(failed, Err(FetchError::Unfinished { .. })),
                "{library:?} {name}: {failed:?}"
            );
            let reputation = fetching.peer.network.peer_reputation(&liar.id);
            assert!(reputation < -(1 << 24), "{library:?} {name}: {reputation}");
            // It is not asked again for a while.
            let again = fetching.fetch(reference).await;
            assert!(
                matches!(again, Err(FetchError::NoPeers)),
                "{library:?} {name}: {again:?}"
            );
            // Beside an honest one it holds nothing up for long.
            let second = node(library, &[]);
            let honest = node(library, &[&second.peer]);
            honest.store.put(&content).expect("stores");
            let slow = self::liar(&content, library, &[&second.peer], lie);
            second.peer.wait_connected(&[&honest.peer, &slow]).await;
            second
                .fetch(reference)
                .await
                .unwrap_or_else(|error| panic!("{library:?} {name}: {error}"));
            assert_eq!(second.store.get(&reference).expect("is there"), content);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn malformed_requests_cost_the_peer_and_not_the_node() {
    let artifact = ArtifactReference::of(&content(3));
    let mut huge = (1u8, artifact).encode();
    huge.extend((0u32..20_000).collect::<Vec<_>>().encode());
    let mut nine = (1u8, artifact).encode();
    nine.extend((0u32..9).collect::<Vec<_>>().encode());
    let mut promise = (1u8, artifact).encode();
    promise.extend([0x03, 0xff, 0xff, 0xff, 0xff]);
    let mut repeated = (1u8, artifact).encode();
    repeated.extend(vec![1u32; 8].encode());
    let messages = [
        ("garbage", vec![0xa5; 100]),
        ("nine indices", nine),
        ("a promise of many indices", promise),
        ("the same index over and over", repeated),
        (
            "an artifact of no bytes",
            (0u8, ArtifactReference { size: 0, ..artifact }).encode(),
        ),
        ("twenty thousand indices", huge),
    ];
    for library in BOTH {
        let serving = node(library, &[]);
        serving.store.put(&content(3)).expect("stores");
        for (name, message) in &messages {
            let attacker = Peer::start(library, true, &[&serving.peer], limits());
            attacker.wait_connected(&[&serving.peer]).await;
            let answer = attacker.ask(serving.peer.id, message.clone()).await;
            assert!(answer.is_err(), "{library:?} {name}: {answer:?}");
            // What is longer than a request may be, one of the libraries does not even read.
            if !(matches!(library, Library::Libp2p) && message.len() > 128) {
                serving.peer.wait_banned(&attacker).await;
            }
        }
        let honest = node(library, &[&serving.peer]);
        honest.peer.wait_connected(&[&serving.peer]).await;
        honest.fetch(artifact).await.expect("is served");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_without_end_is_told_so_then_refused_then_banned() {
    let limits = peer::limits();
    let limits = doin_artifacts::Limits {
        requests_per_second: 1.0,
        request_burst: 20.0,
        tolerated_excess: 10.0,
        ..limits
    };
    let serving = Peer::start(Library::Litep2p, true, &[], limits).with_store(QUOTA);
    let reference = serving.store.put(&content(2)).expect("stores");
    let attacker = Peer::start(Library::Litep2p, true, &[&serving.peer], peer::limits());
    attacker.wait_connected(&[&serving.peer]).await;
    let (mut present, mut busy, mut refused) = (0, 0, 0);
    for _ in 0..400 {
        match attacker.ask(serving.peer.id, Request::Have(reference).encode()).await {
            Ok(answer) if answer == Response::Present.encode() => present += 1,
            Ok(answer) if answer == Response::Busy.encode() => busy += 1,
            Ok(answer) => panic!("{answer:?}"),
            Err(_) => refused += 1,
        }
        if serving.peer.network.peer_reputation(&attacker.id) < BANNED_THRESHOLD {
            break;
        }
    }
    assert!(
        present >= 20 && busy >= 10 && refused >= 50,
        "{present} {busy} {refused}"
    );
    serving.peer.wait_banned(&attacker).await;
    let honest = node(Library::Litep2p, &[&serving.peer]);
    honest.peer.wait_connected(&[&serving.peer]).await;
    honest.fetch(reference).await.expect("is served");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_download_goes_on_where_it_broke_off_and_leaves_nothing_when_the_node_ends() {
    // This one gives the first sixteen chunks and then says that it has lost the artifact.
    let content = content(40);
    let reference = ArtifactReference::of(&content);
    let truth = Truth::of(&content);
    let fetching = node(Library::Litep2p, &[]);
    let half =
        Peer::start(Library::Litep2p, true, &[&fetching.peer], limits()).with_answers(move |request| match &request {
            Request::Chunks { indices, .. } if indices[0] >= 16 => Response::Missing.into(),
            _ => truth.answer(&request).into(),
        });
    fetching.peer.wait_connected(&[&half]).await;
    fetching.fetcher.want(vec![reference]).expect("is obeyed");
    let failed = fetching.fetch(reference).await;
    assert!(
        matches!(
            failed,
            Err(FetchError::Unfinished {
                missing: 24,
                chunks: 40
            })
        ),
        "{failed:?}"
    );
    assert!(!fetching.store.has(&reference));
    let honest = node(Library::Litep2p, &[&fetching.peer]);
    honest.store.put(&content).expect("stores");
    fetching.peer.wait_connected(&[&honest.peer]).await;
    // It is wanted: nobody has to ask for it again.
    let arrival = async {
        while !fetching.store.has(&reference) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    peer::within("the artifact", arrival).await;
    assert_eq!(fetching.store.get(&reference).expect("is there"), content);
    assert!(fetching.peer.figure("doin_artifacts_chunks_total", "in") < 16 + 40);

    // One that never gives the rest: the node ends meanwhile.
    let other = self::content(41);
    let truth = Truth::of(&other);
    let never = ArtifactReference::of(&other);
    let silent =
        Peer::start(Library::Litep2p, true, &[&fetching.peer], limits()).with_answers(move |request| match &request {
            Request::Chunks { indices, .. } if indices[0] >= 16 => Answer::Never,
            _ => truth.answer(&request).into(),
        });
    fetching.peer.wait_connected(&[&silent]).await;
    let partials = || {
        let files = std::fs::read_dir(fetching.folder.path()).expect("reads");
        let names = files.map(|file| file.expect("reads").file_name().into_string().expect("is text"));
        names.filter(|name| name.ends_with(".partial")).count()
    };
    let ended = async {
        while partials() == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        fetching.fetching.abort();
    };
    let (result, ()) = futures::join!(fetching.fetch(never), ended);
    assert!(matches!(result, Err(FetchError::Cancelled)), "{result:?}");
    let gone = async {
        while partials() > 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    peer::within("the removal of what was left", gone).await;
}

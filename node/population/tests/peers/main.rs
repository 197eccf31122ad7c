//! Nodes that share a population over a real network of both libraries, one of which lies and one dies.

mod peer;

use codec::Encode;
use doin_population::{protocol::Request, Finish, Folder, Generation, Outcome, Progress, Summary, Work};
use doin_primitives::Metric;
use peer::{within, Library, Node, Peer, BANNED_THRESHOLD};
use sp_core::{Blake2Hasher, Hasher};
use std::{sync::atomic::Ordering, time::Duration};

/// A metric that follows from the candidate.
fn worth(candidate: &[u8]) -> Outcome {
    Outcome::Metric(Metric::from_u32(Blake2Hasher::hash(candidate).0[0].into()))
}

fn brood(seed: &[u8]) -> Finish {
    Finish::Brood(doin_population::Brood {
        candidates: (0..12u8)
            .map(|index| (Blake2Hasher::hash(seed).0, index).encode())
            .collect(),
        state: vec![],
    })
}

/// Does what the population asks for, until the node dies.
async fn work(node: Node, members: u8, lies: bool) {
    loop {
        let Some((id, work)) = node.hub.work(peer::DOMAIN, peer::context(members)) else {
            tokio::time::sleep(Duration::from_millis(10)).await;
            continue;
        };
        let finish = match &work {
            Work::Create { seed, .. } => brood(seed),
            Work::Reproduce { sealed, seed } => {
                let outcomes: Vec<_> = sealed.findings.iter().map(|finding| finding.outcome).collect();
                brood(&(seed, outcomes).encode())
            }
            Work::Evaluate { generation, index, .. } => {
                tokio::time::sleep(Duration::from_millis(30)).await;
                node.evaluations.fetch_add(1, Ordering::Relaxed);
                let outcome = worth(&generation.candidates[usize::from(*index)]);
                Finish::Outcome(match (lies, outcome) {
                    (true, Outcome::Metric(metric)) => Outcome::Metric(metric + Metric::from_u32(1_000)),
                    (_, outcome) => outcome,
                })
            }
        };
        if let Progress::Sealed(sealed) = node.hub.finished(peer::DOMAIN, id, finish) {
            node.sealed.lock().push(sealed.clone());
        }
    }
}

fn number(node: &Node) -> u64 {
    node.hub.summary(peer::DOMAIN).head.map_or(0, |head| head.number)
}

async fn reach(nodes: &[&Node], wanted: u64) {
    within("the generation", async {
        while nodes.iter().any(|node| number(node) < wanted) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn three_nodes_of_both_libraries_share_the_work_and_go_on_when_one_dies() {
    let libraries = [Library::Litep2p, Library::Libp2p, Library::Litep2p];
    let mut peers: Vec<Peer> = Vec::new();
    for library in libraries {
        let others: Vec<&Peer> = peers.iter().collect();
        let peer = Peer::start(library, &others);
        peers.push(peer);
    }
    peers[2].wait_connected(&[&peers[0], &peers[1]]).await;
    peers[1].wait_connected(&[&peers[0]]).await;
    let nodes: Vec<Node> = (0u8..)
        .zip(&mut peers)
        .map(|(member, peer)| peer.share(member))
        .collect();
    let mut tasks: Vec<_> = nodes
        .iter()
        .map(|node| tokio::spawn(work(node.clone(), 3, false)))
        .collect();
    reach(&nodes.iter().collect::<Vec<_>>(), 4).await;
    let done: Vec<usize> = nodes
        .iter()
        .map(|node| node.evaluations.load(Ordering::Relaxed))
        .collect();
    let at = nodes.iter().map(number).max().expect("three") as usize;
    let candidates = (at + 1) * 12;
    assert!(
        done.iter().sum::<usize>() * 2 < candidates * 3,
        "{done:?} for {candidates}"
    );
    assert!(done.iter().all(|done| *done > 4), "{done:?}");
    // All have made the same of the same results.
    let first: Vec<Generation> = nodes[0]
        .sealed
        .lock()
        .iter()
        .map(|sealed| sealed.generation.clone())
        .collect();
    for node in &nodes[1..] {
        let other: Vec<Generation> = node
            .sealed
            .lock()
            .iter()
            .map(|sealed| sealed.generation.clone())
            .collect();
        for generation in &other {
            let same = first.iter().find(|same| same.number == generation.number);
            assert!(same.is_none_or(|same| same == generation));
        }
    }
    tasks.remove(2).abort();
    peers.remove(2).stop();
    reach(&[&nodes[0], &nodes[1]], at as u64 + 3).await;
    for peer in &peers {
        assert_eq!(
            peer.offences("forged") + peer.offences("wrong result") + peer.offences("wrong generation"),
            0
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_stops_alone_goes_on_where_it_was() {
    let place = tempfile::tempdir().expect("a folder");
    let folder = Folder::new(place.path().join("populations"));
    let mut first = Peer::start(Library::Litep2p, &[]);
    let node = first.share_and_keep(0, Some(folder.clone()));
    let task = tokio::spawn(work(node.clone(), 1, false));
    let kept = || folder.read(peer::GENESIS.into(), peer::DOMAIN);
    within("it is kept", async {
        while kept().is_none_or(|kept| kept.generation.number < 2) {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    })
    .await;
    task.abort();
    let _ = task.await;
    first.stop();
    let kept = kept().expect("there is one");
    let mut second = Peer::start(Library::Litep2p, &[]);
    let node = second.share_and_keep(0, Some(folder));
    // Before it has done anything.
    node.hub.work(peer::DOMAIN, peer::context(1));
    let head = node.hub.summary(peer::DOMAIN).head.expect("it goes on");
    assert_eq!(
        (head.number, head.parent),
        (kept.generation.number, kept.generation.parent)
    );
    let _task = tokio::spawn(work(node.clone(), 1, false));
    reach(&[&node], head.number + 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_liar_loses_its_standing_and_garbage_its_sender_the_connection() {
    let mut honest = Peer::start(Library::Litep2p, &[]);
    let mut liar = Peer::start(Library::Litep2p, &[&honest]);
    let mut third = Peer::start(Library::Libp2p, &[&honest, &liar]);
    third.wait_connected(&[&honest, &liar]).await;
    liar.wait_connected(&[&honest]).await;
    let nodes = [honest.share(0), liar.share(1), third.share(2)];
    let _tasks: Vec<_> = (0..3)
        .map(|place| tokio::spawn(work(nodes[place].clone(), 3, place == 1)))
        .collect();
    let account = peer::Key::new(1).account();
    within("the liar is found out", async {
        while !(nodes[0].hub.is_barred(peer::DOMAIN, &account) || nodes[2].hub.is_barred(peer::DOMAIN, &account)) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await;
    assert!(honest.offences("wrong result") + third.offences("wrong result") > 0);
    // The others go on without it, and do not blame one another.
    let at = number(&nodes[0]);
    reach(&[&nodes[0], &nodes[2]], at + 2).await;
    for (node, other) in [(0, 2), (2, 0)] {
        let other = peer::Key::new(other).account();
        assert!(!nodes[node].hub.is_barred(peer::DOMAIN, &other));
    }

    let stranger = Peer::start(Library::Litep2p, &[&honest]);
    stranger.wait_connected(&[&honest]).await;
    // A request that is in order is answered.
    let request = Request::Exchange {
        domain: peer::DOMAIN,
        summary: Summary::default(),
        messages: Default::default(),
    };
    stranger.ask(&honest, request.encode()).await.expect("is answered");
    let _ = stranger.ask(&honest, vec![0xff; 5_000]).await;
    within("the ban", async {
        while honest.reputation(&stranger) >= BANNED_THRESHOLD {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await;
}

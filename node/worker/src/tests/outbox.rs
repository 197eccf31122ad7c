use super::{account, chain::MockChain};
use crate::{
    chain::Operation,
    metrics::Metrics,
    outbox::{Outbox, Progress},
};
use doin_primitives::Hash;

struct Fixture {
    chain: MockChain,
    outbox: Outbox,
}

impl Fixture {
    fn new() -> Self {
        Self {
            chain: MockChain::new(),
            outbox: Outbox::default(),
        }
    }

    fn ensure(&mut self) -> Progress {
        let operation = Operation::Commit {
            domain: 0,
            commitment: Hash::repeat_byte(1),
        };
        let (signer, metrics) = (account("//Alice"), Metrics::default());
        futures::executor::block_on(self.outbox.ensure(&self.chain, &metrics, &signer, &operation))
    }

    fn sent(&self) -> usize {
        self.chain.sent("commit").len()
    }
}

#[test]
fn one_copy_at_a_time() {
    let mut fixture = Fixture::new();
    assert_eq!(fixture.ensure(), Progress::Sent);
    for _ in 0..10 {
        assert_eq!(fixture.ensure(), Progress::Waiting);
        fixture.chain.wait(1);
    }
    fixture.chain.seal();
    assert_eq!(fixture.ensure(), Progress::Waiting, "its effect may not be seen yet");
    assert_eq!(fixture.sent(), 1);
}

#[test]
fn what_is_dropped_is_sent_again_after_pauses_that_grow() {
    let mut fixture = Fixture::new();
    fixture.chain.turn(|knobs| knobs.drop = 100);
    let mut slots = Vec::new();
    for slot in 0..80u64 {
        if fixture.ensure() == Progress::Sent {
            slots.push(slot);
        }
        fixture.chain.wait(1);
    }
    let pauses: Vec<u64> = slots.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(pauses.windows(2).all(|pair| pair[0] <= pair[1]), "{pauses:?}");
    assert!(
        *pauses.last().unwrap() >= 16 && *pauses.last().unwrap() <= 18,
        "{pauses:?}"
    );
    fixture.chain.turn(|knobs| knobs.drop = 0);
    fixture.chain.wait(20);
    assert_eq!(fixture.ensure(), Progress::Sent);
}

#[test]
fn what_is_refused_is_tried_again() {
    let mut fixture = Fixture::new();
    fixture.chain.turn(|knobs| knobs.refuse = 2);
    assert_eq!(fixture.ensure(), Progress::Delayed);
    assert_eq!(fixture.ensure(), Progress::Delayed, "not at once");
    fixture.chain.wait(1);
    assert_eq!(fixture.ensure(), Progress::Delayed);
    fixture.chain.wait(2);
    assert_eq!(fixture.ensure(), Progress::Sent);
    assert_eq!(fixture.sent(), 1);
}

#[test]
fn failures_in_a_block_are_counted() {
    let mut fixture = Fixture::new();
    fixture
        .chain
        .turn(|knobs| knobs.fail_commits = Some("Optimae(Insufficient)".into()));
    for expected in 1..=3 {
        fixture.chain.wait(20);
        assert_eq!(fixture.ensure(), Progress::Sent);
        fixture.chain.seal();
        assert_eq!(
            fixture.ensure(),
            Progress::Failed {
                reason: "Optimae(Insufficient)".into(),
                failures: expected
            }
        );
        assert_eq!(fixture.ensure(), Progress::Delayed);
    }
}

#[test]
fn a_success_without_effect_is_repeated_in_the_end() {
    let mut fixture = Fixture::new();
    assert_eq!(fixture.ensure(), Progress::Sent);
    fixture.chain.seal();
    assert_eq!(fixture.ensure(), Progress::Waiting);
    fixture.chain.wait(10);
    assert_eq!(fixture.ensure(), Progress::Delayed);
    fixture.chain.wait(2);
    assert_eq!(fixture.ensure(), Progress::Sent);
}

#[test]
fn what_nobody_asks_for_is_forgotten() {
    let mut fixture = Fixture::new();
    assert_eq!(fixture.outbox.len(), 0);
    fixture.ensure();
    assert_eq!(fixture.outbox.len(), 1);
    fixture.outbox.tidy(1_100);
    assert_eq!(fixture.outbox.len(), 1);
    fixture.outbox.tidy(1_300);
    assert_eq!(fixture.outbox.len(), 0);
}

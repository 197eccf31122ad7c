//! Headers with one fault each.

use super::*;
use crate::verifier::check_header;
use doin_primitives::engine::{SlotClaim, ENGINE_ID};
use sp_core::Pair;

const PARENT_SLOT: u64 = GENESIS_SLOT - 1;

struct Bench {
    chain: TestChain,
    epoch: Epoch,
    parent: Header,
}

impl Bench {
    fn new() -> Self {
        let chain = TestChain::with(&[("//Alice", 1_000), ("//Bob", 1_000)], Checkpoints::default());
        let parent = chain.genesis();
        let epoch = Epoch::genesis(chain.engine.configuration(), GENESIS_SLOT.into());
        Bench { chain, epoch, parent }
    }

    /// A claim of a kind, by whoever has it.
    fn claim(&self, kind: ClaimKind) -> OwnClaim {
        (GENESIS_SLOT..GENESIS_SLOT + EPOCH_LENGTH)
            .filter_map(|slot| claim_slot(slot.into(), &self.epoch, &self.chain.keystore))
            .find(|own| own.claim.kind == kind)
            .expect("an epoch has slots of both kinds; qed")
    }

    fn header(&self, claim: SlotClaim) -> Header {
        unsealed(&self.parent, claim, vec![])
    }

    fn sealed(&self, mut header: Header, author: &AuthorityId) -> Header {
        let seal = seal(&self.chain.keystore, author, &header).expect("the key is here; qed");
        header.digest_mut().push(seal);
        header
    }

    fn check(&self, header: Header) -> Result<AuthorityId, Error> {
        let now = Slot::from(GENESIS_SLOT + EPOCH_LENGTH);
        check_header(header, PARENT_SLOT.into(), now, &self.epoch).map(|checked| checked.author)
    }

    fn other(&self, author: &AuthorityId) -> AuthorityId {
        self.chain
            .authorities
            .iter()
            .map(|(id, _)| id)
            .find(|id| *id != author)
            .expect("there are two; qed")
            .clone()
    }
}

#[test]
fn honest_headers_of_both_kinds_pass_and_come_back_without_their_seal() {
    let bench = Bench::new();
    for kind in [ClaimKind::Primary, ClaimKind::Secondary] {
        let own = bench.claim(kind);
        let bare = bench.header(own.claim.clone());
        let sealed = bench.sealed(bare.clone(), &own.authority);
        let checked = check_header(sealed, PARENT_SLOT.into(), own.claim.slot, &bench.epoch).expect("honest");
        assert_eq!(
            (checked.header, checked.claim, checked.author),
            (bare, own.claim, own.authority)
        );
    }
}

#[test]
fn exactly_one_pre_digest_that_decodes() {
    let bench = Bench::new();
    let own = bench.claim(ClaimKind::Primary);

    let mut none = bench.header(own.claim.clone());
    none.digest_mut().logs.clear();
    assert!(matches!(
        bench.check(bench.sealed(none, &own.authority)),
        Err(Error::NoPreDigest)
    ));

    let mut two = bench.header(own.claim.clone());
    two.digest_mut().push(DigestItem::doin_pre_digest(own.claim.clone()));
    assert!(matches!(
        bench.check(bench.sealed(two, &own.authority)),
        Err(Error::MultiplePreDigests)
    ));

    // A second one that does not decode is a second one all the same.
    let mut hidden = bench.header(own.claim.clone());
    hidden.digest_mut().push(DigestItem::PreRuntime(ENGINE_ID, vec![9]));
    assert!(matches!(
        bench.check(bench.sealed(hidden, &own.authority)),
        Err(Error::MultiplePreDigests)
    ));

    let mut malformed = bench.header(own.claim.clone());
    let DigestItem::PreRuntime(_, bytes) = &mut malformed.digest_mut().logs[0] else {
        panic!("the pre-digest")
    };
    bytes.push(0);
    assert!(matches!(
        bench.check(bench.sealed(malformed, &own.authority)),
        Err(Error::MalformedPreDigest)
    ));
}

#[test]
fn the_seal_is_the_last_digest_and_the_claimants_signature() {
    let bench = Bench::new();
    let own = bench.claim(ClaimKind::Secondary);
    let bare = bench.header(own.claim.clone());

    assert!(matches!(bench.check(bare.clone()), Err(Error::Unsealed)));

    let mut not_last = bench.sealed(bare.clone(), &own.authority);
    not_last.digest_mut().push(DigestItem::Other(vec![1]));
    assert!(matches!(bench.check(not_last), Err(Error::Unsealed)));

    let by_another = bench.sealed(bare.clone(), &bench.other(&own.authority));
    assert!(matches!(bench.check(by_another), Err(Error::WrongSeal { .. })));

    let mut over_something_else = bench.sealed(bare, &own.authority);
    over_something_else.set_state_root(Hash::repeat_byte(1));
    assert!(matches!(bench.check(over_something_else), Err(Error::WrongSeal { .. })));
}

#[test]
fn the_vrf_proof_belongs_to_the_author_the_slot_and_the_epoch() {
    let bench = Bench::new();
    for kind in [ClaimKind::Primary, ClaimKind::Secondary] {
        let own = bench.claim(kind);
        let pair = sp_core::sr25519::Pair::generate().0;
        let data = doin_primitives::engine::slot_sign_data(&bench.epoch.randomness, own.claim.slot, 0);
        let foreign = sp_core::crypto::VrfSecret::vrf_sign(&pair, &data);
        let claim = SlotClaim {
            vrf_signature: foreign,
            ..own.claim.clone()
        };
        let header = bench.sealed(bench.header(claim), &own.authority);
        assert!(
            matches!(bench.check(header), Err(Error::WrongVrf { .. })),
            "{kind:?} with another's proof"
        );

        // The same claim in an epoch of another index or randomness.
        let header = bench.sealed(bench.header(own.claim.clone()), &own.authority);
        let mut wrong_epoch = bench.epoch.clone();
        wrong_epoch.0.index += 1;
        let refused = check_header(header.clone(), PARENT_SLOT.into(), own.claim.slot, &wrong_epoch);
        assert!(
            matches!(refused, Err(Error::WrongVrf { epoch: 1, .. })),
            "{kind:?} in another epoch"
        );
        let mut wrong_randomness = bench.epoch.clone();
        wrong_randomness.0.randomness = [8; 32];
        let refused = check_header(header, PARENT_SLOT.into(), own.claim.slot, &wrong_randomness);
        assert!(
            matches!(refused, Err(Error::WrongVrf { .. } | Error::WrongLeader { .. })),
            "{refused:?}"
        );
    }
}

#[test]
fn a_slot_that_was_not_won_is_not_primary() {
    let bench = Bench::new();
    let own = bench.claim(ClaimKind::Secondary);
    let claim = SlotClaim {
        kind: ClaimKind::Primary,
        ..own.claim
    };
    let header = bench.sealed(bench.header(claim), &own.authority);
    assert!(matches!(bench.check(header), Err(Error::ThresholdExceeded { .. })));
}

#[test]
fn only_the_leader_is_secondary_and_only_authorities_author() {
    let bench = Bench::new();
    let own = bench.claim(ClaimKind::Secondary);
    let leader = own.claim.authority_index;

    let claim = SlotClaim {
        authority_index: 1 - leader,
        ..own.claim.clone()
    };
    let header = bench.sealed(bench.header(claim), &bench.other(&own.authority));
    let refused = bench.check(header);
    assert!(matches!(refused, Err(Error::WrongLeader { expected: Some(expected), .. }) if expected == leader));

    let claim = SlotClaim {
        authority_index: 2,
        ..own.claim
    };
    let header = bench.sealed(bench.header(claim), &own.authority);
    assert!(matches!(
        bench.check(header),
        Err(Error::UnknownAuthority { index: 2, count: 2 })
    ));
}

#[test]
fn slots_go_up_but_not_into_the_future() {
    let bench = Bench::new();
    let own = bench.claim(ClaimKind::Primary);
    let header = bench.sealed(bench.header(own.claim.clone()), &own.authority);
    let slot = u64::from(own.claim.slot);
    let check = |parent: u64, now: u64| check_header(header.clone(), parent.into(), now.into(), &bench.epoch);

    assert!(matches!(check(slot, slot), Err(Error::SlotNotIncreasing { .. })));
    assert!(matches!(check(slot + 1, slot), Err(Error::SlotNotIncreasing { .. })));
    assert!(
        check(slot - 1, slot - 1).is_ok(),
        "one slot ahead is a matter of clocks"
    );
    assert!(matches!(check(slot - 1, slot - 2), Err(Error::FutureSlot { .. })));
    assert!(
        !check(slot - 1, slot - 2).expect_err("just seen").is_refusal(),
        "it may be right later"
    );
}

#[test]
fn the_verifier_finds_the_epoch_and_leaves_it_for_block_import() {
    let chain = TestChain::new();
    let genesis = chain.genesis();
    let header = chain.make(
        &genesis,
        chain.next_slot(&genesis, ClaimKind::Primary, 1),
        Plan::default(),
    );
    let checked = chain.verifier.check(arrived(&header)).expect("honest");
    assert_eq!(checked.post_hash, Some(header.hash()));
    assert_eq!(checked.post_header(), header);
    assert!(checked
        .get_intermediate::<EngineIntermediate<Block>>(INTERMEDIATE_KEY)
        .is_ok());

    let orphan = unsealed(
        &header,
        chain
            .claim(&genesis, slot_of(&header).expect("honest"))
            .expect("ours")
            .claim,
        vec![],
    );
    assert!(matches!(
        chain.verifier.check(arrived(&orphan)),
        Err(Error::UnknownParent { .. })
    ));
}

#[test]
fn warp_gap_and_state_blocks_pass_unverified() {
    let chain = TestChain::new();
    let nonsense = Header::new(
        5,
        Default::default(),
        Default::default(),
        Hash::repeat_byte(9),
        Digest::default(),
    );
    assert!(chain.verifier.check(arrived(&nonsense)).is_err());
    let warp = BlockImportParams::new(BlockOrigin::WarpSync, nonsense.clone());
    assert!(chain.verifier.check(warp).is_ok());
    *chain.client.gap.lock() = Some(BlockGap {
        start: 5,
        end: 6,
        gap_type: sp_blockchain::BlockGapType::MissingHeaderAndBody,
    });
    assert!(chain.verifier.check(arrived(&nonsense)).is_ok());
}

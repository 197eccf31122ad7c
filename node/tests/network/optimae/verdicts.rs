//! Verdicts, and what they do to coin and reputation.

use super::{found, goes_on, held, local, points, BASELINE, BOND, DEADLINES, ESCROW, FULL_BOND, PRICE};
use crate::harness::{
    judging::{thousandths, Claim, EVALUATORS},
    Network,
};
use doin_primitives::{api::Stage, artifact::ArtifactReference, optimum::Outcome, Hash, DOIN};
use doin_runtime::{views, RuntimeCall};
use sp_keyring::Sr25519Keyring::{Alice, Ferdie};
use sp_runtime::{traits::Header as _, FixedU128};

#[test]
fn a_refuted_claim_costs_a_fifth_of_the_bond_and_three_points() {
    let mut network = Network::new(&local());
    network.pass_slots(5);
    let start = network.settled();
    let before = network.books();

    // Worth 0.7 were it true, which is more than T: the whole bond.
    let optimum = network.claim(&Claim::new(Alice, 1, thousandths(-200)));
    let open = network.books();
    assert_eq!((held(&open, BOND), held(&open, ESCROW)), (FULL_BOND, 3 * PRICE));
    network.await_draw(optimum);
    // The evaluators find what the baseline has, each on data of its own.
    let judges = network.judge(optimum, |seat| found(-900 + 10 * seat as i128));
    let end = network.await_end(optimum);
    assert_eq!(end.outcome, Outcome::Refuted);
    assert_eq!(end.burned, FULL_BOND / 5);
    assert_eq!(end.paid, 3 * PRICE);
    assert_eq!(end.returned, FULL_BOND - FULL_BOND / 5);

    // The block of the verdict burns that and nothing else: votes are free.
    let node = network.first();
    let (parent, verdict) = (node.books(*end.header.parent_hash()), node.books(end.header.hash()));
    assert_eq!(verdict.supply.burned - parent.supply.burned, FULL_BOND / 5);
    let after = network.books();
    let (own, all) = network.first().fees(&start, Alice);
    assert_eq!(own, all, "nobody else has paid a fee");
    assert!(own > 0);
    assert_eq!(after.supply.burned - before.supply.burned, FULL_BOND / 5 + all);
    assert_eq!(after.supply.minted, 0);

    // Who had what, to the last unit. Refuting earns the price, and no reputation.
    assert_eq!(after.holds, before.holds);
    assert_eq!(
        before.balance(Alice) - after.balance(Alice),
        FULL_BOND / 5 + 3 * PRICE + own
    );
    assert_eq!(after.reputation(Alice), points(70));
    for who in EVALUATORS {
        let pay = if judges.contains(&who) { PRICE } else { 0 };
        assert_eq!(after.balance(who) - before.balance(who), pay, "{who}");
        assert_eq!(after.reputation(who), points(100), "{who}");
    }
    let domain = network.first().inspect(|| views::domain(0)).expect("it exists");
    assert_eq!(domain.best_optimum, None, "the baseline is still the best");
    goes_on(&mut network);
}

#[test]
fn in_a_domain_that_nobody_approved_optima_are_judged_and_earn_nothing() {
    let mut network = Network::new(&local());
    network.pass_slots(5);
    network.settled();
    let before = network.books();

    let mut specification = network
        .first()
        .inspect(|| views::domain(0))
        .expect("the preset's")
        .specification;
    specification.name = b"mine".to_vec().try_into().expect("short");
    let registration = pallet_domains::Call::register {
        specification: Box::new(specification),
        baseline: ArtifactReference {
            root: Hash::repeat_byte(9),
            size: 80,
        },
        baseline_metric: BASELINE,
    };
    network.succeed(&[(Ferdie, RuntimeCall::Domains(registration))]);
    let register = pallet_quorum::Call::register_evaluator { domain: 1 };
    let calls = EVALUATORS.map(|who| (who, RuntimeCall::Quorum(register.clone())));
    network.succeed(&calls);

    // However large the claim, nothing can be won and the least bond is enough.
    let claim = Claim {
        domain: 1,
        ..Claim::new(Alice, 1, thousandths(-100))
    };
    let optimum = network.claim(&claim);
    assert_eq!(held(&network.books(), BOND), DOIN);
    network.await_draw(optimum);
    network.judge(optimum, |_| found(-100));
    let end = network.await_end(optimum);
    assert_eq!(end.outcome, Outcome::Accepted);
    assert_eq!(end.reward.increment, FixedU128::from_rational(8, 10));
    assert_eq!(
        (end.reward.work, end.reward.effective),
        (FixedU128::default(), FixedU128::default())
    );
    // The bond answers for the optimum until nobody can challenge it any more.
    assert_eq!((end.burned, end.paid, end.returned), (0, 3 * PRICE, 0));
    assert_eq!(held(&network.books(), BOND), DOIN);
    let domain = network.first().inspect(|| views::domain(1)).expect("it exists");
    assert_eq!(
        (domain.best_optimum, domain.best_artifact),
        (Some(optimum), claim.artifact)
    );

    // Another one wastes everybody's time, and nothing else.
    let claim = Claim {
        domain: 1,
        ..Claim::new(Ferdie, 2, thousandths(-50))
    };
    let optimum = network.claim(&claim);
    network.await_draw(optimum);
    network.judge(optimum, |_| found(-50));
    network.await_end(optimum);
    network.pass_slots(u64::from(DEADLINES.reveal));
    network.settled();
    let (status, stage) = (network.first().inspect(views::status), network.stage(optimum));
    assert_eq!(stage, Stage::Ended(Outcome::Accepted));
    assert_eq!(
        (status.optimization_height, status.accumulated),
        (0, FixedU128::default())
    );

    // A false claim there costs coin. It takes no reputation: who owns the domain may own its evaluators too.
    let claim = Claim {
        domain: 1,
        ..Claim::new(Alice, 3, thousandths(-10))
    };
    let optimum = network.claim(&claim);
    network.await_draw(optimum);
    network.judge(optimum, |_| found(-800));
    let end = network.await_end(optimum);
    assert_eq!((end.outcome, end.burned), (Outcome::Refuted, DOIN / 5));
    let after = network.books();
    assert_eq!(after.supply.minted, 0);
    assert_eq!(after.reputations, before.reputations);
    goes_on(&mut network);
}

//! Challenges: their stakes, their windows, what each outcome does, and attacks.

use super::*;
use doin_primitives::{
    challenge,
    optimum::{ChallengeBrief, ChallengeOutcome, Voters},
};
use frame_support::dispatch::Pays;

const FULL_BOND: fn() -> Balance = || Pool::get() / 5;
/// What a challenger of an optimum with a full bond loses if the acceptance stands.
const DETERRENT: fn() -> Balance = || FULL_BOND() / 2;
const ESCROW: Balance = 15 * PRICE;
/// A challenger without stakes of its own.
const CAROL: u64 = CROWD;
const DAN: u64 = CROWD + 1;

fn deterrent_of(who: u64) -> Balance {
    Balances::balance_on_hold(&HoldReason::Challenge.into(), &who)
}

fn milli_points(thousandths: u128) -> FixedU128 {
    FixedU128::from_rational(thousandths, 1_000)
}

/// An optimum that is accepted with an increment of 0.1: `voters` agree.
fn accepted_by(who: u64, voters: &[u64]) -> OptimumId {
    Bests::mutate(|bests| bests.get_mut(&DOMAIN).unwrap().metric = Some(thousandths(-500)));
    let id = judged(who);
    let decision = agreed(thousandths(-400), thousandths(100), QuorumVerdict::Accepted);
    deliver(verdict_of(id, decision, voters, &[]));
    assert!(Contestables::<Test>::contains_key(id));
    id
}

fn accepted(who: u64) -> OptimumId {
    accepted_by(who, &[EVA, EVE, EWA])
}

fn challenge(who: u64, id: OptimumId) -> DispatchResult {
    Optima::challenge(RuntimeOrigin::signed(who), id)
}

fn assert_challenge(who: u64, id: OptimumId) {
    let (coin, record) = (free(who), Contestables::<Test>::get(id).unwrap());
    let (held, escrow) = (deterrent_of(who), escrow_of(who));
    assert_ok!(challenge(who, id));
    let stakes = DETERRENT() + ESCROW;
    assert_eq!(free(who), coin - stakes);
    assert_eq!(
        (deterrent_of(who) - held, escrow_of(who) - escrow),
        (DETERRENT(), ESCROW)
    );
    for account in record.voters.iter().chain([&record.optimizer]) {
        assert!(Frozen::get()[&(record.height, *account)] > 0, "{account}");
    }
    assert_eq!(Challenges::<Test>::get(record.domain).last(), Some(&id));
    let event = Event::OptimumChallenged {
        optimum: id,
        domain: record.domain,
        challenger: who,
        deterrent: DETERRENT(),
        escrow: ESCROW,
    };
    assert_eq!(events().last(), Some(&event));
    Optima::do_try_state().unwrap();
}

/// An accepted optimum that is challenged and judged again.
fn judged_again(who: u64, challenger: u64) -> OptimumId {
    let id = accepted(who);
    assert_challenge(challenger, id);
    advance(1);
    assert_judged_again(id);
    id
}

fn assert_judged_again(id: OptimumId) {
    let record = Contestables::<Test>::get(id).unwrap();
    assert_eq!(record.challenge.unwrap().stage, Stage::Judging);
    assert!(Judged::get()
        .iter()
        .any(|assignment| assignment.optimum == id && assignment.challenge.is_some()));
}

/// What the new evaluators have found: so much improvement, in thousandths.
fn found(improvement: i128) -> Decision {
    agreed(thousandths(-400), thousandths(improvement), QuorumVerdict::Unproven)
}

/// The new evaluators.
fn jury() -> Vec<u64> {
    (CROWD + 50..CROWD + 65).collect()
}

fn decide(id: OptimumId, decision: Decision) {
    let jury = jury();
    let agreeing = match decision {
        Decision::Agreed { .. } => jury.clone(),
        _ => vec![],
    };
    deliver(Verdict {
        evaluators_drawn: 15,
        revealed: jury,
        ..verdict_of(id, decision, &agreeing, &[])
    });
}

/// What the end of a challenge has said: outcome, paid, returned, burned, bounty.
fn assert_over(id: OptimumId) -> (ChallengeOutcome, Balance, Balance, Balance, Balance) {
    assert!(Challenges::<Test>::iter_values().all(|list| !list.contains(&id)));
    assert!(Frozen::get().is_empty(), "{:?}", Frozen::get());
    let of_it = |event: Event<Test>| match event {
        Event::ChallengeEnded {
            optimum,
            outcome,
            paid,
            returned,
            burned,
            bounty,
            ..
        } if optimum == id => Some((outcome, paid, returned, burned, bounty)),
        _ => None,
    };
    let mut ends: Vec<_> = events().into_iter().filter_map(of_it).collect();
    let end = ends.pop().unwrap();
    assert_eq!(Ended::<Test>::get(id).unwrap().challenge, Some(end.0));
    end
}

#[test]
fn an_accepted_optimums_bond_and_pot_wait_for_the_end_of_its_window() {
    run(|| {
        let coin = free(ALICE);
        let id = accepted(ALICE);
        let ends = CurrentSlot::get() + WINDOW;
        assert_eq!(ClaimFrom::get(), ends + 1);
        assert_eq!(bond_of(ALICE), FULL_BOND());
        advance(WINDOW);
        assert_eq!(CurrentSlot::get(), ends);
        assert_eq!(bond_of(ALICE), FULL_BOND(), "the last slot belongs to the window");
        assert!(Optima::is_active(DOMAIN), "the domain must not be closed");
        advance(1);
        let amount = FULL_BOND();
        let event = Event::BondReleased {
            optimum: id,
            optimizer: ALICE,
            amount,
        };
        assert_eq!(events().last(), Some(&event));
        assert_eq!((free(ALICE), bond_of(ALICE)), (coin - 3 * PRICE, 0));
        assert!(!Optima::is_active(DOMAIN));
        assert_eq!(
            Windows::<Test>::iter().count() + Contestables::<Test>::iter().count(),
            0
        );
    });
}

#[test]
fn windows_that_end_do_not_make_blocks_and_anybody_may_end_them() {
    run(|| {
        let id = accepted(ALICE);
        let release = |who| Optima::release_bond(RuntimeOrigin::signed(who), id);
        assert_noop!(release(BOB), OptimaeError::WindowOpen);
        CurrentSlot::mutate(|slot| *slot += WINDOW);
        assert_noop!(release(BOB), OptimaeError::WindowOpen);
        CurrentSlot::mutate(|slot| *slot += 1);
        assert!(!Optima::has_due_work(CurrentSlot::get() + 1_000_000));
        assert_eq!(release(BOB).unwrap().pays_fee, Pays::No);
        assert_eq!(bond_of(ALICE), 0);
        assert_noop!(release(BOB), OptimaeError::NotContestable);
        // The hook skips what is left of it.
        advance(1);
        assert_eq!(Windows::<Test>::iter().count(), 0);
    });
}

#[test]
fn a_bounded_number_of_windows_is_worked_off_in_a_block() {
    run(|| {
        let count = u64::from(MAX_ITEMS_PER_BLOCK) + 3;
        let optimizers: Vec<u64> = (CROWD + 2..CROWD + 2 + count).collect();
        let ids: Vec<OptimumId> = optimizers.iter().map(|who| accepted(*who)).collect();
        CurrentSlot::mutate(|slot| *slot += WINDOW);
        advance(1);
        assert_eq!(Contestables::<Test>::iter().count(), 3);
        // The oldest first.
        assert!(Contestables::<Test>::contains_key(ids.last().unwrap()));
        advance(1);
        assert_eq!(Contestables::<Test>::iter().count(), 0);
        assert!(optimizers.iter().all(|who| bond_of(*who) == 0));
    });
}

#[test]
fn a_challenge_repeats_the_test_on_data_of_its_season_without_those_who_have_a_stake() {
    run(|| {
        Specification::mutate(|specification| specification.season_length = 300);
        let season = FIRST_SLOT / 300;
        let id = accepted(ALICE);
        advance(400);
        assert_challenge(CAROL, id);
        advance(1);
        assert_judged_again(id);
        let assignment = Judged::get().pop().unwrap();
        assert_eq!(specification().season(CurrentSlot::get()), 0, "the mock's own has none");
        assert_ne!(Specification::get().season(CurrentSlot::get()), season);
        assert_eq!(assignment.season, season);
        assert_eq!((assignment.candidate, assignment.incumbent), (artifact(1), artifact(0)));
        assert_eq!(assignment.reported, thousandths(-400), "the accepted value");
        assert_eq!(assignment.first_round(), 3);
        let brief = ChallengeBrief {
            challenger: CAROL,
            voters: Voters::truncate_from(vec![EVA, EVE, EWA]),
        };
        assert_eq!(assignment.challenge, Some(brief));
        assert_eq!(
            events().last(),
            Some(&Event::ChallengeDrawn {
                optimum: id,
                domain: DOMAIN
            })
        );
    });
}

#[test]
fn an_acceptance_that_stands_costs_the_challenger_its_bond() {
    run(|| {
        let (alice, carol) = (free(ALICE), free(CAROL));
        let id = judged_again(ALICE, CAROL);
        let burned = Burned::get();
        // Smaller than before, below every bar, and an improvement all the same.
        decide(id, found(99));
        assert_eq!(assert_over(id), (ChallengeOutcome::Upheld, ESCROW, 0, DETERRENT(), 0));
        assert_eq!(free(CAROL), carol - ESCROW - DETERRENT());
        assert_eq!(Burned::get() - burned, DETERRENT());
        for who in jury() {
            assert_eq!(free(who), 10_000 * doin_primitives::DOIN + PRICE);
        }
        // The optimizer is free of it at once, and nobody can challenge again.
        assert_eq!((free(ALICE), bond_of(ALICE)), (alice - 3 * PRICE, 0));
        assert_noop!(challenge(DAN, id), OptimaeError::NotContestable);
        assert_eq!(Bests::get()[&DOMAIN].optimum, Some(id));
        assert!(Voided::get().is_empty() && Slashed::get().is_empty() && Revoked::get().is_empty());
        advance(WINDOW + 1);
        assert_eq!(Windows::<Test>::iter().count(), 0);
    });
}

#[test]
fn an_overturned_acceptance_is_undone_and_pays_the_challenger() {
    run(|| {
        let (alice, carol) = (free(ALICE), free(CAROL));
        PotHeight::set(7);
        let id = judged_again(ALICE, CAROL);
        let reward = Ended::<Test>::get(id).unwrap().reward;
        let earned = Points::get()[&ALICE];
        Standing::set(vec![]);
        let burned = Burned::get();
        // The pots go on meanwhile; the points are of the one that they were credited to.
        PotHeight::set(9);
        decide(id, found(0));

        let bounty = ESCROW + (FULL_BOND() - ESCROW) / 2;
        let lost = FULL_BOND() - bounty;
        assert_eq!(
            assert_over(id),
            (ChallengeOutcome::Overturned, ESCROW, DETERRENT(), lost, bounty)
        );
        assert_eq!(
            (free(CAROL), deterrent_of(CAROL), escrow_of(CAROL)),
            (carol - ESCROW + bounty, 0, 0)
        );
        assert_eq!((free(ALICE), bond_of(ALICE)), (alice - 3 * PRICE - FULL_BOND(), 0));
        assert_eq!(Burned::get() - burned, lost);

        let zero = FixedU128::default();
        let mut voided = vec![(7, ALICE, reward.effective, zero)];
        voided.extend([EVA, EVE, EWA].map(|voter| (7, voter, zero, reward.work)));
        assert_eq!(Voided::get(), voided);
        let shared = milli_points(400) * earned;
        let mut steps = vec![(ALICE, Step::Overturned(earned, true))];
        steps.extend([EVA, EVE, EWA].map(|voter| (voter, Step::Overturned(shared, true))));
        assert_eq!(Standing::get(), steps);
        let slashed = [EVA, EVE, EWA].map(|voter| (DOMAIN, voter, challenge::EVALUATOR_SLASH));
        assert_eq!(Slashed::get(), slashed.to_vec());
        assert_eq!(Revoked::get(), vec![(DOMAIN, id)]);
        assert_noop!(challenge(DAN, id), OptimaeError::NotContestable);
        assert_noop!(
            Optima::release_bond(RuntimeOrigin::signed(DAN), id),
            OptimaeError::NotContestable
        );
        assert!(!Optima::is_active(DOMAIN));
        advance(WINDOW + 1);
        assert_eq!(Windows::<Test>::iter().count(), 0);
    });
}

#[test]
fn auditors_answer_for_a_false_acceptance_only_where_they_have_borne_it_out() {
    run(|| {
        let id = judged(ALICE);
        // Eve has reproduced Eva's vote. Ewa has discredited one for the optimum, or reproduced one against it.
        let decision = agreed(thousandths(-400), thousandths(100), QuorumVerdict::Accepted);
        deliver(Verdict {
            auditors: vec![EWA, EVE, EWA],
            confirming: vec![EVE],
            ..verdict_of(id, decision, &[EVA], &[])
        });
        let record = Contestables::<Test>::get(id).unwrap();
        assert_eq!((record.voters.to_vec(), record.answerable), (vec![EVA, EVE, EWA], 2));
        assert_challenge(CAROL, id);
        advance(1);
        Standing::set(vec![]);
        decide(id, found(0));
        assert_eq!(assert_over(id).0, ChallengeOutcome::Overturned);
        // What it has brought them all of them lose.
        assert_eq!(Voided::get().len(), 4);
        let at_fault: Vec<(u64, bool)> = Standing::get()
            .into_iter()
            .filter_map(|(who, step)| match step {
                Step::Overturned(_, at_fault) => Some((who, at_fault)),
                _ => None,
            })
            .collect();
        assert_eq!(at_fault, [(ALICE, true), (EVA, true), (EVE, true), (EWA, false)]);
        let slashed: Vec<u64> = Slashed::get().into_iter().map(|(_, who, _)| who).collect();
        assert_eq!(slashed, [EVA, EVE]);
    });
}

#[test]
fn who_withdraws_the_parameters_keeps_nothing_and_voters_keep_their_bonds() {
    run(|| {
        let id = judged_again(ALICE, CAROL);
        let earned = Points::get()[&ALICE];
        Standing::set(vec![]);
        decide(id, Decision::CandidateAbsent);
        assert_eq!(assert_over(id).0, ChallengeOutcome::OverturnedByAbsence);
        assert_eq!(Voided::get().len(), 4);
        assert_eq!(Revoked::get(), vec![(DOMAIN, id)]);
        assert!(Slashed::get().is_empty());
        let shared = milli_points(400) * earned;
        let mut steps = vec![(ALICE, Step::Overturned(earned, true))];
        steps.extend([EVA, EVE, EWA].map(|voter| (voter, Step::Overturned(shared, false))));
        assert_eq!(Standing::get(), steps);
        assert_eq!(bond_of(ALICE), 0);
    });
}

#[test]
fn what_cannot_be_decided_costs_the_price_and_can_be_challenged_again() {
    run(|| {
        let carol = free(CAROL);
        let id = judged_again(ALICE, CAROL);
        let pots = Standing::get().len();
        for decision in [Decision::Undecided, Decision::IncumbentAbsent] {
            if !Judged::get().iter().any(|assignment| assignment.optimum == id) {
                assert_challenge(CAROL, id);
                advance(1);
                assert_judged_again(id);
            }
            let before = free(CAROL) + deterrent_of(CAROL) + escrow_of(CAROL);
            decide(id, decision);
            assert_eq!(
                assert_over(id),
                (ChallengeOutcome::Undecided, ESCROW, DETERRENT(), 0, 0)
            );
            assert_eq!(free(CAROL), before - ESCROW);
        }
        assert_eq!(free(CAROL), carol - 2 * ESCROW);
        assert_eq!(bond_of(ALICE), FULL_BOND());
        assert_eq!(Standing::get().len(), pots);
        assert!(Voided::get().is_empty() && Revoked::get().is_empty() && FellBack::get().is_empty());
        // It has shown nothing: an accomplice who challenges when nobody can judge makes nobody immune.
        assert_challenge(DAN, id);
        advance(1);
        decide(id, found(-1));
        assert_eq!(assert_over(id).0, ChallengeOutcome::Overturned);
    });
}

#[test]
fn a_challenge_that_nobody_can_judge_waits_and_ends_undecided() {
    run(|| {
        let id = accepted(ALICE);
        Evaluators::set(0);
        let carol = free(CAROL);
        assert_challenge(CAROL, id);
        advance(1);
        assert_eq!(Challenges::<Test>::get(DOMAIN).len(), 1);
        // An optimum behind it waits, too.
        Evaluators::set(0);
        let waiting = claim(BOB).submit();
        advance(VOTE_COMMIT + 1);
        assert_eq!(
            assert_over(id),
            (ChallengeOutcome::Undecided, 0, DETERRENT() + ESCROW, 0, 0)
        );
        assert_eq!(free(CAROL), carol);
        Evaluators::set(5);
        advance(1);
        assert_drawn(waiting);
    });
}

#[test]
fn a_challenge_goes_before_the_queue_but_behind_what_is_judged() {
    run(|| {
        let id = accepted(ALICE);
        let current = judged(BOB);
        let queued = Claim {
            reported: thousandths(-200),
            ..claim(CROWD + 30)
        };
        let queued = queued.submit();
        assert_challenge(CAROL, id);
        advance(1);
        assert!(!Judged::get().iter().any(|assignment| assignment.optimum == id));
        // The successor of the challenged one is accepted meanwhile.
        let decision = agreed(thousandths(-300), thousandths(100), QuorumVerdict::Accepted);
        deliver(verdict_of(current, decision, &[EVA], &[]));
        assert_eq!(Bests::get()[&DOMAIN].optimum, Some(current));
        advance(1);
        assert_judged_again(id);
        assert_eq!(Optimae::<Test>::get(queued).unwrap().stage, Stage::Queued);
        decide(id, found(-10));
        // The registry is told, and keeps the successor: see its own tests.
        assert_eq!(Revoked::get(), vec![(DOMAIN, id)]);
        assert!(Contestables::<Test>::contains_key(current), "it answers for itself");
        advance(1);
        assert_drawn(queued);
    });
}

#[test]
fn a_challenge_takes_the_turn_of_an_optimum_that_waits_for_judges() {
    run(|| {
        let id = accepted(ALICE);
        Evaluators::set(0);
        let waiting = claim(BOB).submit();
        advance(1);
        assert!(WaitingHeads::<Test>::get()[0].expires.is_some());
        assert_challenge(CAROL, id);
        assert_eq!(WaitingHeads::<Test>::get()[0].expires, None);
        Evaluators::set(5);
        advance(1);
        assert_judged_again(id);
        decide(id, found(99));
        advance(1);
        assert_drawn(waiting);
    });
}

#[test]
fn an_optimum_is_challenged_once_at_a_time_and_not_by_its_optimizer() {
    run(|| {
        let id = accepted(ALICE);
        assert_noop!(challenge(ALICE, id), OptimaeError::OwnOptimum);
        assert_noop!(challenge(POOR, id), OptimaeError::InsufficientBalance);
        assert_challenge(CAROL, id);
        assert_noop!(challenge(CAROL, id), OptimaeError::AlreadyChallenged);
        assert_noop!(challenge(DAN, id), OptimaeError::AlreadyChallenged);
        assert_noop!(challenge(DAN, 999), OptimaeError::NotContestable);
        let open = claim(BOB).submit();
        assert_noop!(challenge(DAN, open), OptimaeError::NotContestable);
    });
}

#[test]
fn only_accepted_optimae_can_be_challenged() {
    run(|| {
        for decision in [
            agreed(thousandths(-400), thousandths(0), QuorumVerdict::Unproven),
            agreed(thousandths(-900), thousandths(-400), QuorumVerdict::Refuted),
            Decision::CandidateAbsent,
            Decision::Undecided,
        ] {
            let id = judged(ALICE);
            deliver(verdict_of(id, decision, &[EVA], &[]));
            assert_noop!(challenge(CAROL, id), OptimaeError::NotContestable);
            assert_eq!(bond_of(ALICE), 0);
        }
    });
}

#[test]
fn the_last_slot_is_in_time_and_the_next_is_not() {
    run(|| {
        let (first, second) = (accepted(ALICE), accepted(BOB));
        let ends = Contestables::<Test>::get(first).unwrap().window_ends;
        CurrentSlot::set(ends);
        assert_challenge(CAROL, first);
        CurrentSlot::set(Contestables::<Test>::get(second).unwrap().window_ends + 1);
        // Also where no block has worked off the window yet.
        assert_noop!(challenge(CAROL, second), OptimaeError::NotContestable);
        advance(1);
        // The window of the first is over, but its challenge is not: bond and points stay.
        assert!(!Contestables::<Test>::contains_key(second));
        assert_judged_again(first);
        assert_eq!(bond_of(ALICE), FULL_BOND());
        assert!(!Frozen::get().is_empty());
        assert_noop!(
            Optima::release_bond(RuntimeOrigin::signed(ALICE), first),
            OptimaeError::AlreadyChallenged
        );
        assert_eq!(Windows::<Test>::iter().count(), 0);
        decide(first, found(-1));
        assert_eq!(assert_over(first).0, ChallengeOutcome::Overturned);
        assert_eq!(Voided::get().len(), 4);
    });
}

#[test]
fn an_undecided_challenge_after_the_window_is_the_last() {
    run(|| {
        let id = accepted(ALICE);
        CurrentSlot::mutate(|slot| *slot += WINDOW);
        assert_challenge(CAROL, id);
        advance(1);
        decide(id, Decision::Undecided);
        assert_eq!(assert_over(id).0, ChallengeOutcome::Undecided);
        assert_eq!(bond_of(ALICE), 0);
        assert_noop!(challenge(CAROL, id), OptimaeError::NotContestable);
    });
}

#[test]
fn only_so_many_challenges_are_open_and_each_failure_burns_a_bond() {
    run(|| {
        let optimizers: Vec<u64> = (CROWD + 2..CROWD + 6).collect();
        let ids: Vec<OptimumId> = optimizers.iter().map(|who| accepted(*who)).collect();
        let (carol, burned) = (free(CAROL), Burned::get());
        for id in &ids[..3] {
            assert_challenge(CAROL, *id);
        }
        assert_noop!(challenge(DAN, ids[3]), OptimaeError::TooManyChallenges);
        for id in &ids[..3] {
            advance(1);
            assert_judged_again(*id);
            decide(
                *id,
                agreed(thousandths(-400), thousandths(100), QuorumVerdict::Accepted),
            );
        }
        assert_eq!(Burned::get() - burned, 3 * DETERRENT());
        assert_eq!(free(CAROL), carol - 3 * (DETERRENT() + ESCROW));
        assert_challenge(DAN, ids[3]);
    });
}

#[test]
fn to_challenge_ones_own_optimum_through_another_loses_half_of_the_bond() {
    run(|| {
        // Alice and Carol are one.
        let coin = free(ALICE) + free(CAROL);
        let id = judged_again(ALICE, CAROL);
        decide(id, found(-100));
        let left = free(ALICE) + free(CAROL);
        assert_eq!(coin - left, 3 * PRICE + ESCROW + (FULL_BOND() - ESCROW).div_ceil(2));
        assert_eq!(Voided::get().len(), 4, "nothing earned stays");
    });
}

#[test]
fn a_bond_smaller_than_the_prices_goes_to_the_challenger_whole() {
    run(|| {
        Specification::mutate(|specification| specification.price = doin_primitives::DOIN);
        let id = accepted(ALICE);
        let prices = 15 * doin_primitives::DOIN;
        assert!(bond_of(ALICE) < prices);
        let carol = free(CAROL);
        assert_ok!(challenge(CAROL, id));
        advance(1);
        decide(id, found(0));
        let over = (ChallengeOutcome::Overturned, prices, DETERRENT(), 0, FULL_BOND());
        assert_eq!(assert_over(id), over);
        assert_eq!(free(CAROL), carol - prices + FULL_BOND());
    });
}

#[test]
fn in_a_domain_without_weight_coin_is_lost_and_reputation_is_not() {
    run(|| {
        DomainWeight::set(FixedU128::from_u32(0));
        let id = judged(ALICE);
        deliver(verdict_of(
            id,
            agreed(thousandths(-400), thousandths(100), QuorumVerdict::Accepted),
            &[EVA],
            &[],
        ));
        Standing::set(vec![]);
        assert_ok!(challenge(CAROL, id));
        advance(1);
        decide(id, found(0));
        assert_eq!(assert_over(id).0, ChallengeOutcome::Overturned);
        assert!(Standing::get().is_empty());
        assert_eq!(Slashed::get().len(), 1);
        assert_eq!(bond_of(ALICE), 0);
    });
}

#[test]
fn a_domain_that_loses_its_weight_meanwhile_saves_nobodys_reputation() {
    run(|| {
        let id = judged_again(ALICE, CAROL);
        Standing::set(vec![]);
        DomainWeight::set(FixedU128::from_u32(0));
        decide(id, found(0));
        assert_eq!(Standing::get().len(), 4);
    });
}

#[test]
fn a_challenge_outlives_the_record_of_its_optimum() {
    run(|| {
        let id = accepted(ALICE);
        // As many others end as are kept.
        for _ in 0..32 {
            let other = judged(BOB);
            deliver(verdict_of(other, Decision::Undecided, &[], &[]));
        }
        assert!(!Ended::<Test>::contains_key(id));
        assert_challenge(CAROL, id);
        advance(1);
        assert_judged_again(id);
        decide(id, found(-1));
        assert_eq!(Revoked::get(), vec![(DOMAIN, id)]);
        assert_eq!((bond_of(ALICE), Frozen::get().len()), (0, 0));
    });
}

#[test]
fn verdicts_on_challenges_come_once_and_only_for_what_is_judged() {
    run(|| {
        let id = accepted(ALICE);
        let brief = ChallengeBrief {
            challenger: CAROL,
            voters: Default::default(),
        };
        let mut verdict = Verdict {
            assignment: doin_primitives::optimum::Assignment {
                optimum: id,
                domain: DOMAIN,
                optimizer: ALICE,
                candidate: artifact(1),
                incumbent: artifact(0),
                reported: thousandths(-400),
                season: 0,
                challenge: Some(brief),
            },
            decision: found(-1),
            evaluators_drawn: 15,
            agreeing: jury(),
            divergent: vec![EVA],
            revealed: jury(),
            auditors: Vec::new(),
            confirming: Vec::new(),
        };
        let (count, steps) = (events().len(), Standing::get().len());
        // Nobody has challenged it; nobody has drawn the challenge; there is no such optimum.
        deliver(verdict.clone());
        assert_challenge(CAROL, id);
        deliver(verdict.clone());
        verdict.assignment.optimum = 99;
        deliver(verdict);
        assert_eq!((events().len(), Standing::get().len()), (count + 1, steps));
        assert!(Contestables::<Test>::get(id).unwrap().challenge.is_some());
    });
}

#[test]
fn who_diverges_in_a_challenge_loses_by_the_work_that_was_accepted() {
    run(|| {
        let id = judged_again(ALICE, CAROL);
        let work = Ended::<Test>::get(id).unwrap().reward.work;
        Standing::set(vec![]);
        let decision = found(99);
        deliver(Verdict {
            evaluators_drawn: 15,
            ..verdict_of(id, decision, &jury(), &[BOB])
        });
        assert_eq!(Standing::get(), vec![(BOB, Step::Diverged(work))]);
    });
}

#[test]
fn a_verdicts_weight_counts_for_challenges_too() {
    run(|| {
        let id = judged_again(ALICE, CAROL);
        VerdictWeight::<Test>::kill();
        decide(id, found(0));
        assert_eq!(VerdictWeight::<Test>::get(), <()>::on_challenge_verdict(15));
    });
}

#[test]
fn auditors_of_a_challenge_are_paid_and_weigh_as_for_an_optimum() {
    run(|| {
        Audited::set(true);
        let id = accepted(ALICE);
        assert_ok!(challenge(CAROL, id));
        assert_eq!(escrow_of(CAROL), 2 * ESCROW);
        advance(1);
        VerdictWeight::<Test>::kill();
        let before = free(BOB);
        deliver(Verdict {
            evaluators_drawn: 15,
            revealed: jury(),
            auditors: vec![BOB; 20],
            ..verdict_of(id, found(99), &jury(), &[])
        });
        // 35 evaluations: more than the escrow was made for.
        assert_eq!(free(BOB) - before, 20 * (2 * ESCROW / 35));
        assert_eq!(VerdictWeight::<Test>::get(), <()>::on_challenge_verdict(35));
    });
}

#[test]
fn a_challenge_that_nobody_can_judge_is_weighed_when_it_ends() {
    run(|| {
        let id = accepted(ALICE);
        Evaluators::set(0);
        assert_challenge(CAROL, id);
        advance(1);
        CurrentSlot::mutate(|slot| *slot += VOTE_COMMIT + 1);
        let weight = Optima::on_initialize(System::block_number());
        assert_eq!(assert_over(id).0, ChallengeOutcome::Undecided);
        let expected = <()>::on_initialize()
            .saturating_add(<()>::work_off_head().max(<()>::work_off_challenge()))
            .saturating_add(<()>::on_challenge_verdict(0));
        assert_eq!(weight, expected);
    });
}

#[test]
fn a_challenge_of_what_has_earned_nothing_freezes_nothing() {
    run(|| {
        DomainWeight::set(FixedU128::from_u32(0));
        let id = accepted(ALICE);
        assert_ok!(challenge(CAROL, id));
        // What they have earned elsewhere at the same height can be claimed all the same.
        assert!(Frozen::get().is_empty(), "{:?}", Frozen::get());
        advance(1);
        decide(id, found(0));
        assert_eq!(assert_over(id).0, ChallengeOutcome::Overturned);
        assert!(Voided::get().is_empty());
    });
}

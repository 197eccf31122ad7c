//! What each verdict does to reputations, shares, work, the best, bonds and escrows.

use super::*;

const FULL_BOND: fn() -> Balance = || Pool::get() / 5;

fn points(of: f64) -> FixedU128 {
    FixedU128::from_inner((of * 1e18) as u128)
}

#[test]
fn an_accepted_optimum_becomes_the_best_and_earns_by_its_verified_increment() {
    run(|| {
        Points::mutate(|points| points.insert(ALICE, FixedU128::from_u32(20)));
        let coin = free(ALICE);
        let id = judged(ALICE);
        // Claimed 0.1, verified 0.05: a claim that is better than the truth by a tenth of itself still holds here.
        let decision = agreed(thousandths(-440), thousandths(50), QuorumVerdict::Accepted);
        deliver(verdict_of(id, decision, &[EVA, EVE], &[EWA]));

        let best = Bests::get()[&DOMAIN].clone();
        assert_eq!(
            (best.optimum, best.artifact, best.metric),
            (Some(id), artifact(1), Some(thousandths(-440)))
        );
        let end = assert_ended(id, ALICE);
        assert_eq!(end.outcome, Outcome::Accepted);
        let fraction = doin_primitives::incentive::reward_fraction(
            &specification().incentive,
            specification().direction,
            specification().absolute_tolerance,
            thousandths(-400),
            thousandths(-440),
        );
        assert_eq!(end.reward.increment, points(0.05));
        assert_eq!(end.reward.fraction, fraction);
        assert!(fraction > points(0.29) && fraction < points(0.31));
        assert_eq!(end.reward.work, points(0.05) * fraction);
        // With 20 points the factor is 1.
        assert_eq!(end.reward.effective, end.reward.work);
        assert_eq!(OptimizerShares::get()[&ALICE], end.reward.effective);
        assert_eq!(Work::get(), end.reward.effective);
        let work = end.reward.work;
        assert_eq!(
            EvaluatorShares::get().into_iter().collect::<Vec<_>>(),
            vec![(EVA, work), (EVE, work)]
        );
        let steps = vec![
            (ALICE, Step::Accepted(work)),
            (EVA, Step::Agreed(work)),
            (EVE, Step::Agreed(work)),
            (EWA, Step::Diverged(work)),
        ];
        assert_eq!(Standing::get(), steps);
        // The price to each who agreed, the rest of the escrow back; the bond stays for the challenge window.
        assert_eq!((end.burned, end.paid, end.returned), (0, 2 * PRICE, 3 * PRICE));
        assert_eq!(
            (free(ALICE), bond_of(ALICE), escrow_of(ALICE)),
            (coin - 2 * PRICE - FULL_BOND(), FULL_BOND(), 0)
        );
        assert_eq!((free(EVA), free(EVE), free(EWA)), (1_000 + PRICE, 1_000 + PRICE, 1_000));
        assert!(Remeasured::get().is_empty());
    });
}

#[test]
fn a_newcomers_first_optimum_counts_by_its_reputation_after_the_reward() {
    run(|| {
        let id = judged(ALICE);
        deliver(verdict_of(
            id,
            agreed(thousandths(-400), thousandths(2), QuorumVerdict::Accepted),
            &[EVA],
            &[],
        ));
        let reward = assert_ended(id, ALICE).reward;
        // 0.1 · T̄ of work is worth one point, and ln 2 / ln 11 of the work.
        assert_eq!(reward.work, points(0.002));
        let factor = doin_primitives::reputation::factor(FixedU128::from_u32(1));
        assert_eq!(reward.effective, reward.work * factor);
        assert!(factor > points(0.289) && factor < points(0.2891));
        // Evaluators verified all of it.
        assert_eq!(EvaluatorShares::get()[&EVA], points(0.002));
    });
}

#[test]
fn a_quorum_of_three_counts_for_a_quarter_unless_genesis_says_otherwise() {
    run(|| {
        Points::mutate(|points| points.insert(ALICE, FixedU128::from_u32(20)));
        let accepted = || agreed(thousandths(-400), thousandths(100), QuorumVerdict::Accepted);
        for (drawn, factor, expected) in [(3, None, 0.025), (1, None, 0.025), (5, None, 0.1), (3, Some(1), 0.1)] {
            if let Some(factor) = factor {
                SmallQuorumFactor::<Test>::put(FixedU128::from_u32(factor));
            }
            Bests::mutate(|bests| bests.get_mut(&DOMAIN).unwrap().metric = Some(thousandths(-500)));
            let id = judged(ALICE);
            let verdict = Verdict {
                evaluators_drawn: drawn,
                ..verdict_of(id, accepted(), &[EVA], &[])
            };
            deliver(verdict);
            assert_eq!(assert_ended(id, ALICE).reward.work, points(expected));
        }
    });
}

#[test]
fn auditors_are_paid_by_the_replay_and_earn_like_who_agreed() {
    run(|| {
        Audited::set(true);
        Points::mutate(|points| points.insert(ALICE, FixedU128::from_u32(20)));
        let id = judged(ALICE);
        assert_eq!(escrow_of(ALICE), 10 * PRICE);
        let before = [EVA, EVE, EWA].map(free);
        // Eva has voted and replayed one other's vote, Ewa has replayed two.
        let accepted = agreed(thousandths(-400), thousandths(100), QuorumVerdict::Accepted);
        deliver(Verdict {
            auditors: vec![EVA, EWA, EWA],
            ..verdict_of(id, accepted, &[EVA, EVE], &[])
        });
        let end = assert_ended(id, ALICE);
        let paid = [EVA, EVE, EWA]
            .map(free)
            .into_iter()
            .zip(before)
            .map(|(now, before)| now - before);
        assert_eq!(paid.collect::<Vec<_>>(), [2 * PRICE, PRICE, 2 * PRICE]);
        assert_eq!(end.paid, 5 * PRICE);
        // Points and shares are for the increment: each once.
        for who in [EVA, EVE, EWA] {
            assert_eq!(EvaluatorShares::get()[&who], end.reward.work);
            let told = Standing::get().into_iter().filter(|(account, _)| *account == who);
            assert_eq!(told.collect::<Vec<_>>(), [(who, Step::Agreed(end.reward.work))]);
        }
    });
}

#[test]
fn auditors_are_paid_whatever_is_decided_and_earn_nothing_without_work() {
    for decision in [
        agreed(thousandths(-1_000), thousandths(-100), QuorumVerdict::Refuted),
        agreed(thousandths(-400), thousandths(0), QuorumVerdict::Unproven),
        Decision::CandidateAbsent,
        Decision::Undecided,
    ] {
        run(|| {
            Audited::set(true);
            let id = judged(ALICE);
            let before = free(CROWD);
            deliver(Verdict {
                auditors: vec![CROWD],
                ..verdict_of(id, decision, &[], &[])
            });
            assert_ended(id, ALICE);
            assert_eq!(free(CROWD) - before, PRICE);
            assert!(!EvaluatorShares::get().contains_key(&CROWD));
        });
    }
}

#[test]
fn the_domains_weight_scales_the_work() {
    run(|| {
        DomainWeight::set(FixedU128::from_u32(3));
        let id = judged(ALICE);
        deliver(verdict_of(
            id,
            agreed(thousandths(-400), thousandths(100), QuorumVerdict::Accepted),
            &[EVA],
            &[],
        ));
        let reward = assert_ended(id, ALICE).reward;
        assert_eq!((reward.increment, reward.work), (points(0.1), points(0.3)));
    });
}

#[test]
fn a_domain_that_nobody_approved_runs_and_earns_nothing() {
    run(|| {
        DomainWeight::set(FixedU128::from_u32(0));
        let id = judged(ALICE);
        deliver(verdict_of(
            id,
            agreed(thousandths(-400), thousandths(100), QuorumVerdict::Accepted),
            &[EVA],
            &[EVE],
        ));
        let end = assert_ended(id, ALICE);
        assert_eq!(end.outcome, Outcome::Accepted);
        assert_eq!(Bests::get()[&DOMAIN].optimum, Some(id));
        let zero = FixedU128::from_u32(0);
        assert_eq!((end.reward.work, end.reward.effective, Work::get()), (zero, zero, zero));
        assert_eq!(Points::get()[&ALICE], zero);
        assert!(OptimizerShares::get()
            .values()
            .chain(EvaluatorShares::get().values())
            .all(|share| *share == zero));
        assert!(Standing::get().contains(&(EVE, Step::Diverged(zero))));
        // Evaluators are paid their price all the same.
        assert_eq!(end.paid, PRICE);
    });
}

#[test]
fn an_unproven_optimum_spends_its_escrow_and_nothing_else() {
    run(|| {
        let coin = free(ALICE);
        let id = judged(ALICE);
        let decision = agreed(thousandths(-400), thousandths(0), QuorumVerdict::Unproven);
        deliver(verdict_of(id, decision, &[EVA, EVE], &[EWA]));
        let end = assert_ended(id, ALICE);
        assert_eq!((end.outcome, end.burned, end.paid), (Outcome::Unproven, 0, 2 * PRICE));
        assert_eq!(free(ALICE), coin - 2 * PRICE);
        assert_eq!(end.reward, Reward::default());
        assert!(Standing::get().is_empty() && OptimizerShares::get().is_empty());
        assert_eq!(Bests::get()[&DOMAIN].optimum, None);
        // The pairs have measured the incumbent again.
        assert_eq!(Remeasured::get(), vec![(DOMAIN, thousandths(-480), 0)]);
    });
}

#[test]
fn a_refuted_claim_costs_reputation_and_a_fifth_of_the_bond() {
    run(|| {
        let coin = free(ALICE);
        let id = judged(ALICE);
        let decision = agreed(thousandths(-900), thousandths(-400), QuorumVerdict::Refuted);
        deliver(verdict_of(id, decision, &[EVA, EVE], &[EWA]));
        let end = assert_ended(id, ALICE);
        let burned = FULL_BOND() / 5;
        assert_eq!(
            (end.outcome, end.burned, end.paid),
            (Outcome::Refuted, burned, 2 * PRICE)
        );
        assert_eq!(free(ALICE), coin - burned - 2 * PRICE);
        assert_eq!(Burned::get(), burned);
        // Those who agreed get their price only; who diverged loses by the claim: −0.4 over the measured −0.48.
        assert_eq!(
            Standing::get(),
            vec![(EWA, Step::Diverged(points(0.08))), (ALICE, Step::Refuted)]
        );
        assert!(OptimizerShares::get().is_empty() && EvaluatorShares::get().is_empty());
        assert_eq!(Bests::get()[&DOMAIN].optimum, None);
    });
}

#[test]
fn parameters_that_nobody_can_get_are_refuted() {
    run(|| {
        let coin = free(ALICE);
        let id = judged(ALICE);
        deliver(verdict_of(id, Decision::CandidateAbsent, &[], &[EWA]));
        let end = assert_ended(id, ALICE);
        let burned = FULL_BOND() / 5;
        // All three who revealed that they could not get them have done their work.
        assert_eq!(
            (end.outcome, end.burned, end.paid),
            (Outcome::RefutedByAbsence, burned, 3 * PRICE)
        );
        assert_eq!(free(ALICE), coin - burned - 3 * PRICE);
        assert_eq!(
            Standing::get(),
            vec![(EWA, Step::Diverged(points(0.1))), (ALICE, Step::Refuted)]
        );
    });
}

#[test]
fn a_lost_incumbent_falls_back_and_the_optimum_ends_without_blame() {
    run(|| {
        let coin = free(ALICE);
        let id = judged(ALICE);
        deliver(verdict_of(id, Decision::IncumbentAbsent, &[], &[]));
        assert_eq!(FellBack::get(), vec![(DOMAIN, artifact(0))]);
        let end = assert_ended(id, ALICE);
        assert_eq!((end.outcome, end.burned, end.paid), (Outcome::Expired, 0, 3 * PRICE));
        assert_eq!(free(ALICE), coin - 3 * PRICE);
        assert!(Standing::get().is_empty());
        // It may come again at once.
        Claim {
            nonce: [8; 32],
            ..claim(ALICE)
        }
        .submit();
    });
}

#[test]
fn without_a_quorum_the_bond_returns_and_who_revealed_is_paid() {
    run(|| {
        let coin = free(ALICE);
        let id = judged(ALICE);
        deliver(verdict_of(id, Decision::Undecided, &[], &[EWA]));
        let end = assert_ended(id, ALICE);
        assert_eq!((end.outcome, end.burned, end.paid), (Outcome::Expired, 0, 3 * PRICE));
        assert_eq!(free(ALICE), coin - 3 * PRICE);
        // Who withheld a vote diverged, by what was claimed.
        assert_eq!(Standing::get(), vec![(EWA, Step::Diverged(points(0.1)))]);
    });
}

#[test]
fn a_second_round_shares_the_escrow_of_the_first() {
    run(|| {
        let coin = free(ALICE);
        let id = judged(ALICE);
        let agreeing: Vec<u64> = (CROWD..CROWD + 11).collect();
        let before: Vec<Balance> = agreeing.iter().map(|who| free(*who)).collect();
        let decision = agreed(thousandths(-400), thousandths(100), QuorumVerdict::Accepted);
        deliver(verdict_of(id, decision, &agreeing, &[]));
        let each = 5 * PRICE / 11;
        assert_eq!(assert_ended(id, ALICE).paid, 11 * each);
        for (who, before) in agreeing.iter().zip(before) {
            assert_eq!(free(*who), before + each);
        }
        assert_eq!(free(ALICE) + bond_of(ALICE), coin - 11 * each);
    });
}

#[test]
fn an_evaluator_that_cannot_be_paid_holds_up_nobody() {
    run(|| {
        Specification::mutate(|specification| specification.price = 10);
        let id = judged(ALICE);
        let coin = free(ALICE) + escrow_of(ALICE) + bond_of(ALICE);
        // An account that is gone, and ten units that do not make a new one.
        let decision = agreed(thousandths(-400), thousandths(100), QuorumVerdict::Accepted);
        deliver(verdict_of(id, decision, &[999, EVA], &[]));
        assert_eq!(assert_ended(id, ALICE).paid, 10);
        assert_eq!(free(ALICE) + bond_of(ALICE), coin - 10);
    });
}

#[test]
fn a_verdict_comes_once_and_only_for_what_is_judged() {
    run(|| {
        let id = judged(ALICE);
        let verdict = verdict_of(id, Decision::Undecided, &[], &[]);
        deliver(verdict.clone());
        let waiting = claim(BOB).submit();
        let events = events().len();
        let accepted = agreed(thousandths(-400), thousandths(100), QuorumVerdict::Accepted);
        // Again; for one that waits; for one that never was.
        for optimum in [id, waiting, 99] {
            let mut verdict = Verdict {
                decision: accepted,
                ..verdict.clone()
            };
            verdict.assignment.optimum = optimum;
            deliver(verdict);
        }
        assert_eq!(super::events().len(), events);
        assert!(Standing::get().is_empty() && Work::get() == FixedU128::from_u32(0));
        assert!(Optimae::<Test>::contains_key(waiting));
    });
}

#[test]
fn a_verdicts_weight_is_charged_to_the_block() {
    run(|| {
        let id = judged(ALICE);
        deliver(verdict_of(id, Decision::Undecided, &[], &[]));
        let weight = Optima::on_initialize(0);
        assert_eq!(
            weight,
            <() as WeightInfo>::on_initialize().saturating_add(<() as WeightInfo>::on_verdict(3))
        );
        assert_eq!(Optima::on_initialize(0), <() as WeightInfo>::on_initialize());
    });
}

#[test]
fn bad_factors_make_no_genesis() {
    let genesis = crate::GenesisConfig::<Test> {
        small_quorum_factor: FixedU128::from_u32(2),
        ..Default::default()
    };
    let build = || frame_support::traits::BuildGenesisConfig::build(&genesis);
    let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| externalities().execute_with(build)));
    assert!(result.is_err());
}

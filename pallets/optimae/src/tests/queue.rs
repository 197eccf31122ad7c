//! Queues: order, draws, and what cannot hold a domain.

use super::*;
use doin_primitives::traits::Incumbent;

fn total(who: u64) -> Balance {
    free(who) + bond_of(who) + escrow_of(who)
}

#[test]
fn one_optimum_of_a_domain_is_judged_at_a_time_in_reveal_order() {
    run(|| {
        // Committed in one order, revealed in the other.
        assert_commit(&claim(ALICE));
        assert_commit(&claim(BOB));
        advance(1);
        let (first, second) = (assert_reveal(&claim(BOB)), assert_reveal(&claim(ALICE)));
        let elsewhere = Claim {
            domain: 1,
            ..claim(CROWD)
        }
        .submit();
        advance(1);
        assert_drawn(first);
        assert_drawn(elsewhere);
        assert_eq!(Optimae::<Test>::get(second).unwrap().stage, Stage::Queued);
        for _ in 0..10 {
            advance(10);
            assert_eq!(Judged::get().len(), 2);
        }
        // Quorum's hook delivers the verdict; ours, after it in the same block, draws the next.
        deliver(verdict_of(first, Decision::Undecided, &[], &[]));
        assert_eq!(assert_ended(first, BOB).outcome, Outcome::Expired);
        assert!(Optima::has_due_work(CurrentSlot::get()));
        advance(0);
        assert_drawn(second);
        assert!(!Optima::has_due_work(CurrentSlot::get()));
    });
}

#[test]
fn a_draw_says_what_is_measured_against_what() {
    run(|| {
        Specification::mutate(|specification| specification.season_length = 1_000);
        let id = claim(ALICE).submit();
        advance(1);
        assert_drawn(id);
        let assignment = Judged::get().remove(0);
        assert_eq!(
            (assignment.optimum, assignment.domain, assignment.optimizer),
            (id, DOMAIN, ALICE)
        );
        assert_eq!((assignment.candidate, assignment.incumbent), (artifact(1), artifact(0)));
        assert_eq!((assignment.reported, assignment.season), (thousandths(-400), 10));
        let event = Event::OptimumDrawn {
            optimum: id,
            domain: DOMAIN,
            incumbent: artifact(0),
            season: 10,
        };
        assert_eq!(events().last(), Some(&event));
    });
}

#[test]
fn a_head_waits_for_distinct_authors() {
    run(|| {
        // Of ten authorities, four; of five, three; of one, one.
        for (authorities, required) in [(10, 4), (8, 4), (7, 4), (5, 3), (2, 1), (1, 1), (0, 1)] {
            Authorities::set(authorities);
            Authors::set(required - 1);
            let id = claim(ALICE).submit();
            advance(1);
            assert_eq!(Optimae::<Test>::get(id).unwrap().stage, Stage::Queued);
            // Every block brings an author nearer: it is due.
            assert!(Optima::has_due_work(CurrentSlot::get()));
            Authors::set(required);
            advance(1);
            assert_drawn(id);
            deliver(verdict_of(id, Decision::Undecided, &[], &[]));
        }
    });
}

#[test]
fn after_sixty_slots_a_head_is_drawn_whoever_authored() {
    run(|| {
        Authors::set(0);
        let id = claim(ALICE).submit();
        advance(DRAW_TIMEOUT - 1);
        assert_eq!(Optimae::<Test>::get(id).unwrap().stage, Stage::Queued);
        advance(1);
        assert_drawn(id);
    });
}

#[test]
fn a_claim_that_is_worse_than_the_best_is_superseded_and_loses_nothing() {
    run(|| {
        // The tolerance around −0.5 is 0.025.
        let coin = total(ALICE);
        let id = Claim {
            reported: thousandths(-526),
            ..claim(ALICE)
        }
        .submit();
        assert!(Optima::has_due_work(CurrentSlot::get()));
        advance(1);
        let end = assert_ended(id, ALICE);
        assert_eq!((end.outcome, end.burned, end.paid), (Outcome::Superseded, 0, 0));
        assert_eq!(end.returned, MINIMUM_BOND + 5 * PRICE);
        assert_eq!((free(ALICE), bond_of(ALICE), escrow_of(ALICE)), (coin, 0, 0));
        assert!(Judged::get().is_empty());
        // Just within: the pairs decide.
        let id = Claim {
            reported: thousandths(-525),
            ..claim(ALICE)
        }
        .submit();
        advance(1);
        assert_drawn(id);
    });
}

#[test]
fn smaller_is_better_the_other_way_round() {
    run(|| {
        Specification::mutate(|specification| {
            specification.direction = doin_primitives::domain::Direction::Minimize;
        });
        let best = Incumbent {
            optimum: None,
            artifact: artifact(0),
            metric: Some(thousandths(500)),
        };
        Bests::mutate(|bests| bests.insert(DOMAIN, best));
        let worse = Claim {
            reported: thousandths(526),
            ..claim(ALICE)
        }
        .submit();
        assert_eq!(bond_of(ALICE), MINIMUM_BOND);
        let better = Claim {
            reported: thousandths(400),
            ..claim(BOB)
        }
        .submit();
        assert_eq!(bond_of(BOB), Pool::get() / 5);
        advance(1);
        assert_eq!(assert_ended(worse, ALICE).outcome, Outcome::Superseded);
        assert_drawn(better);
    });
}

#[test]
fn a_claim_that_a_better_best_overtook_in_the_queue_is_superseded() {
    run(|| {
        let (first, second) = (claim(ALICE).submit(), claim(BOB).submit());
        advance(1);
        deliver(verdict_of(
            first,
            agreed(thousandths(-100), thousandths(400), QuorumVerdict::Accepted),
            &[EVA],
            &[],
        ));
        advance(1);
        assert_eq!(assert_ended(second, BOB).outcome, Outcome::Superseded);
    });
}

#[test]
fn stale_claims_make_room_for_the_next_at_once() {
    run(|| {
        Authors::set(0);
        for who in CROWD..CROWD + 20 {
            Claim {
                reported: thousandths(-900),
                ..claim(who)
            }
            .submit();
            // Kept waiting: the value is not known to be better yet.
            Bests::mutate(|bests| bests.get_mut(&DOMAIN).unwrap().metric = None);
        }
        let last = claim(ALICE).submit();
        Bests::mutate(|bests| bests.get_mut(&DOMAIN).unwrap().metric = Some(thousandths(-500)));
        Authors::set(4);
        let queue = Optima::queue(DOMAIN).len();
        advance(1);
        assert_eq!(Optima::queue(DOMAIN).len(), queue - 16);
        assert!(Optima::has_due_work(CurrentSlot::get()));
        advance(1);
        assert_drawn(last);
    });
}

#[test]
fn a_claim_about_a_past_season_is_superseded_not_refuted() {
    run(|| {
        Specification::mutate(|specification| specification.season_length = 1_000);
        CurrentSlot::set(10_990);
        Authors::set(0);
        let id = claim(ALICE).submit();
        advance(8);
        assert_eq!(Optimae::<Test>::get(id).unwrap().stage, Stage::Queued);
        advance(1);
        assert_eq!(assert_ended(id, ALICE).outcome, Outcome::Superseded);
        // Drawn in its season it is judged on that season's data, however long it takes.
        Authors::set(4);
        CurrentSlot::set(11_990);
        let id = claim(ALICE).submit();
        advance(1);
        assert_drawn(id);
        advance(100);
        assert_drawn(id);
        assert_eq!(Judged::get().remove(0).season, 11);
    });
}

#[test]
fn a_head_that_nobody_can_judge_expires_and_loses_nothing() {
    run(|| {
        Evaluators::set(0);
        let coin = total(ALICE);
        let (id, next) = (claim(ALICE).submit(), claim(BOB).submit());
        advance(1);
        let expires = CurrentSlot::get() - 1 + VOTE_COMMIT;
        // The first attempt was in the block of Bob's commit's reveal or before: once said, not repeated.
        let failed = |event: &Event<Test>| matches!(event, Event::DrawFailed { optimum, .. } if *optimum == id);
        assert_eq!(events().iter().filter(|event| failed(event)).count(), 1);
        let Some(Event::DrawFailed { expires: said, .. }) = events().into_iter().find(failed) else {
            panic!()
        };
        assert!(said <= expires + 1);
        // Not due until the wait is over: a domain without evaluators does not make the chain run.
        assert!(!Optima::has_due_work(said));
        assert!(Optima::has_due_work(said + 1));
        CurrentSlot::set(said);
        advance(0);
        assert_eq!(Optimae::<Test>::get(id).unwrap().stage, Stage::Queued);
        advance(1);
        let end = assert_ended(id, ALICE);
        assert_eq!((end.outcome, end.burned, end.paid), (Outcome::Expired, 0, 0));
        assert_eq!(free(ALICE), coin);
        // The next one has its own wait.
        assert_eq!(Optima::queue(DOMAIN), vec![next]);
    });
}

#[test]
fn a_head_is_drawn_when_somebody_comes_who_can_judge() {
    run(|| {
        Evaluators::set(0);
        let id = claim(ALICE).submit();
        advance(1);
        advance(VOTE_COMMIT / 2);
        Evaluators::set(3);
        advance(1);
        assert_drawn(id);
    });
}

#[test]
fn a_bogus_head_holds_its_domain_no_longer_than_its_deadlines() {
    run(|| {
        // A claim out of the air with parameters that do not exist, then an honest one.
        let bogus = Claim {
            artifact: artifact(0xee),
            reported: thousandths(1_000),
            ..claim(BOB)
        }
        .submit();
        let honest = claim(ALICE).submit();
        advance(1);
        assert_drawn(bogus);
        // The evaluators cannot get it: quorum says so at its deadline at the latest.
        advance(VOTE_COMMIT + 20);
        deliver(verdict_of(bogus, Decision::CandidateAbsent, &[], &[]));
        assert_eq!(assert_ended(bogus, BOB).outcome, Outcome::RefutedByAbsence);
        advance(1);
        assert_drawn(honest);
    });
}

#[test]
fn unrevealed_commits_block_nobody() {
    run(|| {
        for who in CROWD..CROWD + 20 {
            assert_commit(&Claim {
                reported: thousandths(1_000),
                ..claim(who)
            });
        }
        let id = claim(ALICE).submit();
        advance(1);
        assert_drawn(id);
    });
}

#[test]
fn many_domains_take_turns_sixteen_a_block() {
    run(|| {
        Authors::set(0);
        let submit = |domain: DomainId| Claim {
            domain,
            ..claim(CROWD + u64::from(domain))
        };
        for domain in 0..DOMAINS {
            assert_commit(&submit(domain));
        }
        advance(1);
        for domain in 0..DOMAINS {
            assert_reveal(&submit(domain));
        }
        // Nothing is ready: all 20 are looked at within two blocks, and none is lost.
        advance(1);
        advance(1);
        assert_eq!(WaitingHeads::<Test>::get().len(), DOMAINS as usize);
        Authors::set(4);
        advance(1);
        assert_eq!(Judged::get().len(), 16);
        advance(1);
        assert_eq!(Judged::get().len(), 20);
    });
}

#[test]
fn ended_optimae_are_kept_in_bounded_number() {
    run(|| {
        for round in 0..40u8 {
            let id = Claim {
                nonce: [round; 32],
                reported: thousandths(-900),
                ..claim(ALICE)
            }
            .submit();
            advance(1);
            assert!(Ended::<Test>::contains_key(id));
        }
        assert_eq!(Optima::recently_ended(DOMAIN), (8..40).rev().collect::<Vec<u64>>());
        assert_eq!(Ended::<Test>::iter().count(), 32);
    });
}

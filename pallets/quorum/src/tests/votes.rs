//! What a drawn, or not drawn, account can try with votes.

use super::*;
use crate::{types::Conduct, Error};
use doin_primitives::{api::Stage, commitment::vote_commitment, quorum::RoundPhase, Hash};
use frame_support::assert_noop;

/// Three evaluators with a round of optimum 1 open.
fn with_round(test: impl FnOnce(Vec<AccountId>)) {
    Builder::with_evaluators(9).build_and_execute(|| {
        let evaluators = assert_draw(1, 0);
        test(evaluators);
    });
}

fn commit(who: &AccountId, commitment: Hash) -> frame_support::dispatch::DispatchResultWithPostInfo {
    Quorum::commit_vote(origin(who), 1, 1, commitment)
}

#[test]
fn voting_when_not_drawn_fails() {
    with_round(|evaluators| {
        let stranger = (1..=9).map(account).find(|who| !evaluators.contains(who)).unwrap();
        for who in [&stranger, &optimizer(), &account(200)] {
            let hash = commitment(1, 1, who, &good());
            assert_noop!(commit(who, hash), Error::<Test>::NotDrawn);
            assert_noop!(
                Quorum::reveal_vote(origin(who), 1, good(), salt(who)),
                Error::<Test>::NotDrawn
            );
        }
        let who = &evaluators[0];
        assert_noop!(
            Quorum::commit_vote(origin(who), 2, 1, Hash::zero()),
            Error::<Test>::UnknownOptimum
        );
        assert_noop!(
            Quorum::reveal_vote(origin(who), 2, good(), salt(who)),
            Error::<Test>::UnknownOptimum
        );
        assert!(Quorum::commit_vote(RuntimeOrigin::none(), 1, 1, Hash::zero()).is_err());
        assert!(Quorum::reveal_vote(RuntimeOrigin::root(), 1, good(), [0; 32]).is_err());
    });
}

#[test]
fn a_failed_call_pays_its_fee() {
    with_round(|_| {
        let error = commit(&account(200), Hash::zero()).unwrap_err();
        assert_eq!(error.post_info.pays_fee, Pays::Yes);
    });
}

#[test]
fn committing_twice_fails() {
    with_round(|evaluators| {
        let who = &evaluators[0];
        assert_commit_vote(who, 1, &good());
        let other = commitment(1, 1, who, &measured(0, 0));
        assert_noop!(commit(who, other), Error::<Test>::AlreadyCommitted);
    });
}

#[test]
fn no_vote_is_revealed_before_the_commits_are_closed() {
    with_round(|evaluators| {
        let [first, second, third] = &evaluators[..] else {
            panic!("three")
        };
        assert_commit_vote(first, 1, &good());
        assert_noop!(
            Quorum::reveal_vote(origin(first), 1, good(), salt(first)),
            Error::<Test>::RevealTooEarly
        );
        next_block();
        assert_commit_vote(second, 1, &good());
        assert_commit_vote(third, 1, &good());
        // All have committed, but this block has not seen the end of the phase: the place of audits.
        assert_noop!(
            Quorum::reveal_vote(origin(first), 1, good(), salt(first)),
            Error::<Test>::RevealTooEarly
        );
        assert_eq!(Quorum::stage(1), Some(Stage::VoteCommit));
        next_block();
        let reveal_deadline = Slot::get() + u64::from(REVEAL_SLOTS);
        assert_eq!(
            take_events(),
            [Event::RevealsOpened {
                optimum: 1,
                round: 1,
                committed: 3,
                reveal_deadline
            }]
        );
        assert_eq!(Quorum::stage(1), Some(Stage::VoteReveal));
        assert_reveal_vote(first, 1, &good());
    });
}

#[test]
fn committing_after_the_deadline_fails() {
    with_round(|evaluators| {
        let deadline = Rounds::<Test>::get(1).unwrap().commit_deadline;
        block_in(deadline);
        // The last slot still counts.
        assert_commit_vote(&evaluators[0], 1, &good());
        // Past it, also where the hook has not got to this round yet.
        Slot::set(&(deadline + 1));
        let hash = commitment(1, 1, &evaluators[1], &good());
        assert_noop!(commit(&evaluators[1], hash), Error::<Test>::CommitTooLate);
        block_in(deadline + 2);
        assert_noop!(commit(&evaluators[1], hash), Error::<Test>::CommitTooLate);
        assert_eq!(Rounds::<Test>::get(1).unwrap().phase, RoundPhase::Reveal);
    });
}

#[test]
fn revealing_without_a_commitment_fails() {
    with_round(|evaluators| {
        assert_commit_vote(&evaluators[0], 1, &good());
        block_in(Rounds::<Test>::get(1).unwrap().commit_deadline + 1);
        let who = &evaluators[1];
        assert_noop!(
            Quorum::reveal_vote(origin(who), 1, good(), salt(who)),
            Error::<Test>::NotCommitted
        );
    });
}

#[test]
fn revealing_something_else_than_committed_fails() {
    with_round(|evaluators| {
        for who in &evaluators {
            assert_commit_vote(who, 1, &good());
        }
        next_block();
        let who = &evaluators[0];
        let mismatch = || Error::<Test>::CommitmentMismatch;
        assert_noop!(
            Quorum::reveal_vote(origin(who), 1, measured(-1_001, -2_000), salt(who)),
            mismatch()
        );
        let absent = absent(doin_primitives::quorum::Missing::Candidate);
        assert_noop!(Quorum::reveal_vote(origin(who), 1, absent, salt(who)), mismatch());
        assert_noop!(Quorum::reveal_vote(origin(who), 1, good(), [0; 32]), mismatch());
        // And the right one still goes: nothing was lost.
        assert_reveal_vote(who, 1, &good());
        assert_noop!(
            Quorum::reveal_vote(origin(who), 1, good(), salt(who)),
            Error::<Test>::AlreadyRevealed
        );
    });
}

#[test]
fn a_copied_vote_hash_cannot_be_opened_by_the_copier() {
    with_round(|evaluators| {
        let [author, copier, third] = &evaluators[..] else {
            panic!("three")
        };
        assert_commit_vote(author, 1, &good());
        // The copier takes the hash from the chain.
        let copied = Rounds::<Test>::get(1).unwrap().seats[0].commitment.unwrap();
        assert_ok!(commit(copier, copied));
        assert_commit_vote(third, 1, &good());
        next_block();
        assert_reveal_vote(author, 1, &good());
        // Now it knows vote and salt, and still cannot open it.
        let opened = Quorum::reveal_vote(origin(copier), 1, good(), salt(author));
        assert_noop!(opened, Error::<Test>::CommitmentMismatch);
        assert_reveal_vote(third, 1, &good());
        block_in(Rounds::<Test>::get(1).unwrap().reveal_deadline + 1);
        // It has withheld, whatever it meant to do.
        let first = Rounds::<Test>::get(1).unwrap().first;
        assert!(first.contains(&(copier.clone(), Conduct::Withheld)));
    });
}

#[test]
fn a_commitment_binds_chain_optimum_round_and_salt() {
    with_round(|evaluators| {
        let who = &evaluators[0];
        let genesis = System::block_hash(0);
        for hash in [
            vote_commitment(Hash::repeat_byte(9), 1, 1, who, &good(), &salt(who)),
            vote_commitment(genesis, 2, 1, who, &good(), &salt(who)),
            vote_commitment(genesis, 1, 2, who, &good(), &salt(who)),
            vote_commitment(genesis, 1, 1, who, &good(), &[7; 32]),
        ] {
            let before = Rounds::<Test>::get(1).unwrap();
            assert_ok!(commit(who, hash));
            block_in(Rounds::<Test>::get(1).unwrap().commit_deadline + 1);
            let opened = Quorum::reveal_vote(origin(who), 1, good(), salt(who));
            assert_noop!(opened, Error::<Test>::CommitmentMismatch);
            // Again from before the commit.
            let due = before.commit_deadline + 1;
            Slot::set(&(due - 5));
            Rounds::<Test>::insert(1, before);
            crate::Active::<Test>::mutate(|active| active[0].due = due);
        }
    });
}

#[test]
fn revealing_after_the_deadline_fails() {
    with_round(|evaluators| {
        for who in &evaluators {
            assert_commit_vote(who, 1, &good());
        }
        next_block();
        let deadline = Rounds::<Test>::get(1).unwrap().reveal_deadline;
        block_in(deadline);
        assert_reveal_vote(&evaluators[0], 1, &good());
        Slot::set(&(deadline + 1));
        let who = &evaluators[1];
        assert_noop!(
            Quorum::reveal_vote(origin(who), 1, good(), salt(who)),
            Error::<Test>::RevealTooLate
        );
    });
}

#[test]
fn a_commitment_of_round_one_that_arrives_in_round_two_binds_nobody() {
    // Three evaluators: round two seats them again.
    Builder::with_evaluators(3).build_and_execute(|| {
        let evaluators = assert_draw(1, 0);
        let late = commitment(1, 1, &evaluators[0], &good());
        play_round(1, |seat, _| (seat > 0).then(good));
        assert!(seated(1).contains(&evaluators[0]));
        assert_noop!(commit(&evaluators[0], late), Error::<Test>::WrongRound);
        // And it can vote in round two.
        assert_commit_vote(&evaluators[0], 1, &good());
    });
}

#[test]
fn duties_show_what_is_to_be_done() {
    with_round(|evaluators| {
        let stranger = (1..=9).map(account).find(|who| !evaluators.contains(who)).unwrap();
        assert!(Quorum::duties(&stranger).is_empty());
        let duties = Quorum::duties(&evaluators[1]);
        assert_eq!(duties.len(), 1);
        assert_eq!((duties[0].round, duties[0].phase), (1, RoundPhase::Commit));
        assert_eq!(duties[0].seats[1].evaluator, evaluators[1]);
        assert_eq!(duties[0].seats[1].commitment, None);
        assert_commit_vote(&evaluators[1], 1, &good());
        block_in(duties[0].commit_deadline + 1);
        let round = Quorum::round(1).unwrap();
        assert_eq!(round.phase, RoundPhase::Reveal);
        assert!(round.seats[1].commitment.is_some());
        assert_eq!(Quorum::round(2), None);
    });
}

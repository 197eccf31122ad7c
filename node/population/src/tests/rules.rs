//! Single rules.

use super::world::{context, create, evaluate, lie, milliseconds, peer, population, Key, SCOPE};
use crate::{
    Brood, Finding, Finish, Generation, Head, Invalid, Lease, Message, Offence, Outcome, Population, Proof, Rules,
    Sealed, Standing, Summary, Work, MOST_CANDIDATES, MOST_GENERATION_BYTES,
};
use doin_primitives::{Hash, Metric};
use proptest::prelude::*;
use sp_runtime::FixedU128;
use std::{ops::Range, time::Duration};

const SIZE: u16 = 6;

/// A node with an open first generation, ten seconds after its start.
pub(super) fn open(number: u8, rules: Rules) -> (Population, Generation, Hash, Duration) {
    let mut node = population(number, rules, Duration::ZERO);
    node.set_context(context(8, 0), Duration::ZERO);
    let now = milliseconds(10_000);
    node.step(now, &Key::new(number));
    let Some((id, Work::Create { seed, season, start })) = node.work(now) else {
        panic!("it makes a population")
    };
    let brood = create(seed, SIZE);
    let generation = Generation {
        season,
        start,
        number: 0,
        parent: Hash::zero(),
        candidates: brood.candidates.clone(),
        state: brood.state.clone(),
    };
    node.finished(id, Finish::Brood(brood), now, &Key::new(number));
    let fingerprint = node.summary().head.expect("it is open").fingerprint;
    assert_eq!(fingerprint, generation.fingerprint(SCOPE));
    (node, generation, fingerprint, now)
}

fn finding(fingerprint: Hash, index: u16, signer: u8, outcome: Outcome) -> Finding {
    let key = Key::new(signer);
    Finding::signed(SCOPE, fingerprint, index, &key.account(), outcome, &key).expect("signs")
}

fn lease(fingerprint: Hash, index: u16, signer: u8, sequence: u64) -> Message {
    let key = Key::new(signer);
    Message::Lease(Lease::signed(SCOPE, fingerprint, &key.account(), sequence, Some(index), &key).expect("signs"))
}

fn hear(node: &mut Population, messages: &[Message], now: Duration) {
    for message in messages {
        node.hear(peer(), &Summary::default(), std::slice::from_ref(message), now);
    }
}

/// Proves that so many members have made what comes after a generation.
fn proof(generation: &Generation, signers: Range<u8>) -> Proof {
    let outcome = Outcome::Metric(Metric::from_u32(1));
    let header = generation.header();
    let findings = signers.map(|signer| finding(header.fingerprint(SCOPE), 0, signer, outcome));
    Proof {
        header,
        findings: findings.collect(),
    }
}

pub(super) fn no_checks() -> Rules {
    Rules {
        verified: 0,
        ..Rules::default()
    }
}

/// What it would make the next generation of, were it to now.
fn sealed(node: &mut Population, now: Duration) -> Option<Sealed> {
    node.step(now, &Key::new(0));
    match node.work(now) {
        Some((_, Work::Reproduce { sealed, .. })) => Some((*sealed).clone()),
        _ => None,
    }
}

proptest! {
    /// Several members have results for the same candidates, each with its own rounding, some twice.
    #[test]
    fn the_same_results_in_any_order_make_the_same_generation(
        extra in prop::collection::vec((0..SIZE, 1u8..8, 0u8..2), 0..12),
        order in any::<u64>(),
    ) {
        let (mut one, generation, fingerprint, now) = open(0, no_checks());
        let (mut two, ..) = open(0, no_checks());
        let mut messages: Vec<Message> = (0..SIZE)
            .map(|index| (index, 1 + (index % 3) as u8, 0))
            .chain(extra)
            .map(|(index, signer, machine)| {
                let outcome = evaluate(&generation.candidates[usize::from(index)], signer + machine);
                Message::Finding(finding(fingerprint, index, signer, outcome))
            })
            .collect();
        hear(&mut one, &messages, now);
        let length = messages.len() as u64;
        for (place, swap) in (0..length).map(|place| (place, order.rotate_left(place as u32) % length)) {
            messages.swap(place as usize, swap as usize);
        }
        hear(&mut two, &messages, now);
        hear(&mut two, &messages, now);
        // Whatever either was at, it is of no more use.
        let later = now + Duration::from_secs(1);
        let made = sealed(&mut one, later);
        let essence = |sealed: Option<Sealed>| {
            // Signatures of the same are different each time.
            let findings = sealed.expect("there is a result for each").findings.into_iter();
            findings.map(|finding| (finding.index, finding.account, finding.outcome)).collect::<Vec<_>>()
        };
        prop_assert_eq!(essence(made), essence(sealed(&mut two, later)));
    }

    /// Whoever makes it, a generation has a greater standing than the one before, and what more have made counts first.
    #[test]
    fn a_generation_has_more_to_be_said_for_it_than_the_one_before(
        made in prop::collection::vec(1usize..70, 1..12),
        more in 2usize..40,
    ) {
        let mut standing = Standing::default();
        for (number, members) in (1u64..).zip(made) {
            let next = standing.with(number, members);
            prop_assert!(next > standing);
            prop_assert_eq!(next.with(number, 0), next);
            let by_fewer = next.with(u64::MAX, 1);
            prop_assert!(next.with(number + 1, more) > by_fewer);
            prop_assert!(by_fewer > next && !by_fewer.exceeds(&next, more));
            standing = next;
        }
    }

    #[test]
    fn outcomes_agree_as_audits_do(a in -1_000_000i64..1_000_000, off in -3_000i64..3_000) {
        let scale = FixedU128::from_u32(1);
        let metric = |thousandths: i64| Outcome::Metric(Metric::from_inner(i128::from(thousandths) * 1_000_000_000_000_000));
        let (one, two) = (metric(a), metric(a + off));
        let bound = a.abs().max((a + off).abs()).max(1_000) / 1_000;
        prop_assert_eq!(one.agrees(&two, scale), two.agrees(&one, scale));
        prop_assert_eq!(one.agrees(&two, scale), off.abs() <= bound);
        prop_assert!(!one.agrees(&Outcome::Rejected, scale));
    }
}

#[test]
fn of_two_who_claim_the_same_one_gives_way_before_it_begins() {
    let (mut node, _, fingerprint, now) = open(0, no_checks());
    node.step(now, &Key::new(0));
    let claims = node.take_outbox();
    let [Message::Lease(own)] = &claims[..] else {
        panic!("{claims:?}")
    };
    let index = own.index.expect("a candidate");
    assert!(node.work(now).is_none(), "the claim has to settle");
    // Somebody goes before it, somebody behind it.
    let ranked = |signer: u8| crate::messages::rank(fingerprint, index, &Key::new(signer).account());
    let all = 1..64;
    node.set_context(context(all.end, 0), now);
    let before = all
        .clone()
        .find(|signer| ranked(*signer) < ranked(0))
        .expect("one of many");
    let behind = all
        .clone()
        .find(|signer| ranked(*signer) > ranked(0))
        .expect("one of many");
    hear(&mut node, &[lease(fingerprint, index, behind, 1)], now);
    node.step(now, &Key::new(0));
    assert!(node.take_outbox().is_empty(), "it stays with its claim");
    hear(&mut node, &[lease(fingerprint, index, before, 1)], now);
    node.step(now, &Key::new(0));
    let claims = node.take_outbox();
    let [Message::Lease(other)] = &claims[..] else {
        panic!("{claims:?}")
    };
    assert!(other.index.is_some_and(|other| other != index) && other.sequence > own.sequence);
    // Once begun it goes on.
    let later = now + Duration::from_secs(1);
    let (id, _) = node.work(later).expect("it begins");
    let index = other.index.expect("a candidate");
    hear(
        &mut node,
        &[
            lease(fingerprint, index, before, 2),
            lease(fingerprint, index, behind, 2),
        ],
        later,
    );
    node.step(later, &Key::new(0));
    assert_eq!(node.work(later).expect("still").0, id);
    // A result of another ends it.
    let (outcome, signer) = (Outcome::Metric(Metric::from_u32(1)), behind);
    hear(
        &mut node,
        &[Message::Finding(finding(fingerprint, index, signer, outcome))],
        later,
    );
    node.step(later, &Key::new(0));
    assert_ne!(node.work(later + Duration::from_secs(1)).expect("another").0, id);
}

#[test]
fn claims_run_out_and_old_ones_do_not_come_back() {
    let (mut node, _, fingerprint, now) = open(0, no_checks());
    let rules = Rules::default();
    // All but one are claimed by others.
    node.step(now, &Key::new(0));
    let free = node.take_outbox().into_iter().find_map(|message| match message {
        Message::Lease(lease) => lease.index,
        Message::Finding(_) => None,
    });
    let free = free.expect("it has claimed one");
    let claims: Vec<_> = (0..SIZE)
        .filter(|index| *index != free)
        .map(|index| lease(fingerprint, index, 1 + index as u8, 5))
        .collect();
    hear(&mut node, &claims, now);
    let begin = now + Duration::from_secs(1);
    let (id, _) = node.work(begin).expect("its own");
    let outcome = Outcome::Metric(Metric::from_u32(3));
    node.finished(id, Finish::Outcome(outcome), begin, &Key::new(0));
    node.step(begin, &Key::new(0));
    assert!(
        node.work(begin + Duration::from_secs(1)).is_none(),
        "nothing is left for it"
    );
    // One goes on saying that it is alive; the same words again, or older ones, do not count.
    let alive = (free + 1) % SIZE;
    let middle = now + Duration::from_secs(8);
    hear(&mut node, &[lease(fingerprint, alive, 1 + alive as u8, 6)], middle);
    hear(&mut node, &claims, middle);
    let late = now + rules.lease + Duration::from_secs(1);
    node.take_outbox();
    node.step(late, &Key::new(0));
    let claims = node.take_outbox();
    let [Message::Lease(next)] = &claims[..] else {
        panic!("{claims:?}")
    };
    assert!(next.index.is_some_and(|index| index != alive && index != free));
}

#[test]
fn a_lie_costs_its_signer_all_that_was_not_found_right() {
    let rules = Rules {
        verified: 1_000,
        ..Rules::default()
    };
    let (mut node, generation, fingerprint, now) = open(0, rules);
    let liar = peer();
    for index in 0..3u16 {
        let candidate = &generation.candidates[usize::from(index)];
        // The first is right.
        let outcome = if index == 0 {
            evaluate(candidate, 1)
        } else {
            lie(candidate)
        };
        let message = Message::Finding(finding(fingerprint, index, 1, outcome));
        node.hear(liar, &Summary::default(), &[message], now);
    }
    let mut measured = 0;
    while node.take_reports().is_empty() {
        measured += 1;
        assert!(measured < 4, "it measures again what was said");
        let later = now + Duration::from_secs(measured);
        node.step(later, &Key::new(0));
        let Some((id, Work::Evaluate { index, .. })) = node.work(later) else {
            continue;
        };
        let outcome = evaluate(&generation.candidates[usize::from(index)], 0);
        node.finished(id, Finish::Outcome(outcome), later, &Key::new(0));
    }
    assert!(node.is_barred(&Key::new(1).account()));
    let digests = node.summary().digests;
    assert!(digests[0] != 0 && digests[2] == 0, "{digests:?}");
    // What it found itself all have to hear; and the liar is not listened to any more.
    let told = node
        .take_outbox()
        .into_iter()
        .any(|message| matches!(message, Message::Finding(finding) if finding.index == 1));
    assert!(told);
    let outcome = evaluate(&generation.candidates[2], 1);
    hear(&mut node, &[Message::Finding(finding(fingerprint, 2, 1, outcome))], now);
    assert_eq!(node.summary().digests[2], 0);
}

#[test]
fn who_signs_two_different_results_has_shown_it_itself() {
    let (mut node, generation, fingerprint, now) = open(0, no_checks());
    let candidate = &generation.candidates[0];
    let messages =
        [evaluate(candidate, 1), lie(candidate)].map(|outcome| Message::Finding(finding(fingerprint, 0, 1, outcome)));
    hear(&mut node, &messages, now);
    assert!(node.is_barred(&Key::new(1).account()));
    assert_eq!(node.summary().digests[0], 0);
    // The peer that has passed it on is not to blame.
    assert!(node.take_reports().is_empty());
}

#[test]
fn what_is_offered_must_be_what_it_says() {
    let (mut node, generation, fingerprint, now) = open(0, no_checks());
    let mut other = generation.clone();
    other.state = vec![1];
    let parent = other.fingerprint(SCOPE);
    let findings: Vec<_> = (0..SIZE)
        .map(|index| {
            finding(
                parent,
                index,
                1 + (index % 2) as u8,
                Outcome::Metric(Metric::from_u32(1)),
            )
        })
        .collect();
    let good = Sealed {
        generation: other,
        findings,
        proofs: vec![],
    };
    let head = Head {
        season: 0,
        start: good.generation.start,
        number: 1,
        fingerprint: Hash::repeat_byte(1),
        parent,
        standing: Standing::default().with(1, 2),
    };
    type Change = fn(&mut Head, &mut Sealed);
    let changes: [(&str, Change); 8] = [
        ("too few results", |_, sealed| {
            sealed.findings.truncate(sealed.findings.len() - 1)
        }),
        ("in another order", |_, sealed| sealed.findings.swap(0, 1)),
        ("not signed", |_, sealed| sealed.findings[0].outcome = Outcome::Rejected),
        ("another generation", |_, sealed| sealed.generation.state.push(0)),
        ("another number", |head, _| head.number = 7),
        ("more signers than there are", |head, _| {
            head.standing = Standing::default().with(1, 8);
        }),
        ("a proof for a later generation", |head, sealed| {
            let later = Generation {
                number: 7,
                ..sealed.generation.clone()
            };
            sealed.proofs = vec![proof(&later, 0..8)];
            head.standing = Standing::default().with(1, 2).with(8, 8);
        }),
        ("of strangers", |_, sealed| {
            for finding in &mut sealed.findings {
                let key = Key::new(98 + (finding.index % 2) as u8);
                let (parent, index) = (finding.fingerprint, finding.index);
                *finding = Finding::signed(SCOPE, parent, index, &key.account(), finding.outcome, &key).expect("signs");
            }
        }),
    ];
    for (place, (what, change)) in changes.into_iter().enumerate() {
        let (mut head, mut sealed) = (head, good.clone());
        head.fingerprint = Hash::repeat_byte(place as u8 + 1);
        change(&mut head, &mut sealed);
        node.offer(peer(), head, sealed, now);
        let reports = node.take_reports();
        let blamed = matches!(reports[..], [(_, Offence::WrongGeneration)]);
        // Who counts, a peer may not know yet.
        assert_eq!(blamed, what != "of strangers", "{what}: {reports:?}");
        node.step(now, &Key::new(0));
        assert!(!matches!(node.work(now), Some((_, Work::Reproduce { .. }))), "{what}");
    }
    // A sound one is computed, and dropped when something else comes out.
    let mut head = head;
    head.fingerprint = Hash::repeat_byte(99);
    node.offer(peer(), head, good.clone(), now);
    node.step(now, &Key::new(0));
    let Some((id, Work::Reproduce { seed, .. })) = node.work(now) else {
        panic!("it is computed")
    };
    node.finished(id, Finish::Brood(create(seed, SIZE)), now, &Key::new(0));
    assert!(matches!(node.take_reports()[..], [(_, Offence::WrongGeneration)]));
    assert_eq!(node.summary().head.expect("the same").fingerprint, fingerprint);
    // The right one is gone over to.
    let brood = create(seed, SIZE);
    let child = Generation {
        number: 1,
        parent,
        candidates: brood.candidates.clone(),
        state: brood.state.clone(),
        ..good.generation.clone()
    };
    head.fingerprint = child.fingerprint(SCOPE);
    node.offer(peer(), head, good, now);
    node.step(now, &Key::new(0));
    let (id, _) = node.work(now).expect("it is computed");
    node.finished(id, Finish::Brood(brood), now, &Key::new(0));
    assert_eq!(node.summary().head.expect("another").fingerprint, head.fingerprint);
}

/// Else who measures for long what nobody works on any more would hold to it alone.
#[test]
fn who_measures_a_result_again_goes_over_to_others_all_the_same() {
    let rules = Rules {
        verified: 1_000,
        ..Rules::default()
    };
    let (mut node, generation, fingerprint, now) = open(0, rules);
    let outcome = evaluate(&generation.candidates[0], 1);
    hear(&mut node, &[Message::Finding(finding(fingerprint, 0, 1, outcome))], now);
    node.step(now, &Key::new(0));
    assert!(matches!(node.work(now), Some((_, Work::Evaluate { index: 0, .. }))));
    let other = Generation {
        state: vec![1],
        ..generation
    };
    let parent = other.fingerprint(SCOPE);
    let sealed = Sealed {
        findings: (0..SIZE)
            .map(|index| finding(parent, index, 2 + (index % 2) as u8, outcome))
            .collect(),
        proofs: vec![],
        generation: other,
    };
    let head = Head {
        season: 0,
        start: sealed.generation.start,
        number: 1,
        fingerprint: Hash::repeat_byte(1),
        parent,
        standing: sealed.standing(|_| true),
    };
    node.offer(peer(), head, sealed, now);
    node.step(now, &Key::new(0));
    assert!(matches!(node.work(now), Some((_, Work::Reproduce { .. }))));
}

/// Whatever it invents, and though it copies what proves the work of others.
#[test]
fn one_member_does_not_take_a_population_from_several_that_work_on_it() {
    let (mut node, generation, fingerprint, now) = open(0, no_checks());
    // All others have found something, and one works on the next.
    for index in 0..SIZE - 1 {
        let outcome = evaluate(&generation.candidates[usize::from(index)], 1);
        hear(
            &mut node,
            &[Message::Finding(finding(fingerprint, index, 1 + index as u8, outcome))],
            now,
        );
    }
    hear(&mut node, &[lease(fingerprint, SIZE - 1, 6, 1)], now);
    let invented = Generation {
        number: 1 << 40,
        state: vec![6],
        ..generation.clone()
    };
    let parent = invented.fingerprint(SCOPE);
    let outcome = Outcome::Metric(Metric::from_u32(1));
    let lies = Sealed {
        findings: (0..SIZE).map(|index| finding(parent, index, 7, outcome)).collect(),
        proofs: vec![],
        generation: invented.clone(),
    };
    let work = Finish::Brood(create([6; 32], SIZE));
    let head = Head {
        season: 0,
        start: invented.start,
        number: invented.number + 1,
        fingerprint: Hash::repeat_byte(1),
        parent,
        standing: lies.standing(|_| true),
    };
    let summary = Summary {
        head: Some(head),
        digests: vec![],
    };
    assert_eq!(node.hear(peer(), &summary, &[], now), None);
    node.offer(peer(), head, lies.clone(), now);
    node.step(now, &Key::new(0));
    assert!(!matches!(
        node.work(now + Duration::from_secs(1)),
        Some((_, Work::Reproduce { .. }))
    ));
    // What is made of the work of several is ahead of what one goes on with alone from there.
    let later = now + Duration::from_secs(1);
    let outcome = evaluate(&generation.candidates[usize::from(SIZE - 1)], 6);
    hear(
        &mut node,
        &[Message::Finding(finding(fingerprint, SIZE - 1, 6, outcome))],
        later,
    );
    let made = sealed(&mut node, later).expect("all results are there");
    let (id, _) = node.work(later).expect("it makes the next one");
    node.finished(id, work, later, &Key::new(0));
    assert_eq!(node.summary().head.expect("the next").number, 1);
    let mut stolen = lies;
    stolen.proofs = vec![proof(&generation, 1..7)];
    assert_eq!(stolen.proofs[0].header, made.generation.header());
    let head = Head {
        standing: stolen.standing(|_| true),
        ..head
    };
    assert!(head.standing > node.summary().head.expect("the next").standing);
    node.offer(peer(), head, stolen.clone(), later);
    node.step(later, &Key::new(0));
    assert!(!matches!(
        node.work(later + Duration::from_secs(1)),
        Some((_, Work::Reproduce { .. }))
    ));
    assert!(node.take_reports().is_empty());
    // When nobody works on it any more, nothing is held; but what proves something else is refused even then.
    let late = later + Rules::default().longest_lease + Duration::from_secs(60);
    node.rest(late, &Key::new(0));
    let mut forged = stolen.clone();
    forged.proofs[0].header.number = 1 << 39;
    let beyond = Head {
        fingerprint: Hash::repeat_byte(2),
        standing: forged.standing(|_| true),
        ..head
    };
    node.offer(peer(), beyond, forged, late);
    assert!(matches!(node.take_reports()[..], [(_, Offence::WrongGeneration)]));
    node.offer(peer(), head, stolen, late);
    node.step(late, &Key::new(0));
    assert!(matches!(node.work(late), Some((_, Work::Reproduce { .. }))));
}

#[test]
fn a_new_season_begins_anew_and_limits_are_kept() {
    let (mut node, _, _, now) = open(0, no_checks());
    node.set_context(context(8, 1), now);
    assert!(node.summary().head.is_none());
    let later = now + Duration::from_secs(20);
    node.step(later, &Key::new(0));
    assert!(matches!(node.work(later), Some((_, Work::Create { season: 1, .. }))));
    let brood = |candidates: Vec<Vec<u8>>| Brood {
        candidates,
        state: vec![],
    };
    assert_eq!(brood(vec![]).check(), Err(Invalid::Candidates(0)));
    let many = vec![vec![]; MOST_CANDIDATES + 1];
    assert_eq!(brood(many).check(), Err(Invalid::Candidates(MOST_CANDIDATES + 1)));
    let large = vec![vec![0; MOST_GENERATION_BYTES], vec![0]];
    assert_eq!(brood(large).check(), Err(Invalid::Bytes(MOST_GENERATION_BYTES + 1)));
}

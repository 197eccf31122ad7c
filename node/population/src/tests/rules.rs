//! Single rules.

use super::world::{context, create, evaluate, lie, milliseconds, peer, population, Key, SCOPE};
use crate::{
    Brood, Finding, Finish, Generation, Head, Invalid, Lease, Message, Offence, Outcome, Population, Rules, Sealed,
    Summary, Work, MOST_CANDIDATES, MOST_GENERATION_BYTES,
};
use doin_primitives::{Hash, Metric};
use proptest::prelude::*;
use sp_runtime::FixedU128;
use std::time::Duration;

const SIZE: u16 = 6;

/// A node with an open first generation, ten seconds after its start.
fn open(number: u8, rules: Rules) -> (Population, Generation, Hash, Duration) {
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
    let fingerprint = node.summary(now).head.expect("it is open").fingerprint;
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

fn no_checks() -> Rules {
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
    let before = (1..8).find(|signer| ranked(*signer) < ranked(0)).expect("one of seven");
    let behind = (1..8).find(|signer| ranked(*signer) > ranked(0)).expect("one of seven");
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
    let digests = node.summary(now).digests;
    assert!(digests[0] != 0 && digests[2] == 0, "{digests:?}");
    // What it found itself all have to hear; and the liar is not listened to any more.
    let told = node
        .take_outbox()
        .into_iter()
        .any(|message| matches!(message, Message::Finding(finding) if finding.index == 1));
    assert!(told);
    let outcome = evaluate(&generation.candidates[2], 1);
    hear(&mut node, &[Message::Finding(finding(fingerprint, 2, 1, outcome))], now);
    assert_eq!(node.summary(now).digests[2], 0);
}

#[test]
fn who_signs_two_different_results_has_shown_it_itself() {
    let (mut node, generation, fingerprint, now) = open(0, no_checks());
    let candidate = &generation.candidates[0];
    let messages =
        [evaluate(candidate, 1), lie(candidate)].map(|outcome| Message::Finding(finding(fingerprint, 0, 1, outcome)));
    hear(&mut node, &messages, now);
    assert!(node.is_barred(&Key::new(1).account()));
    assert_eq!(node.summary(now).digests[0], 0);
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
    };
    let head = Head {
        season: 0,
        start: good.generation.start,
        number: 1,
        fingerprint: Hash::repeat_byte(1),
        parent,
        signers: 2,
    };
    type Change = fn(&mut Head, &mut Sealed);
    let changes: [(&str, Change); 7] = [
        ("too few results", |_, sealed| {
            sealed.findings.truncate(sealed.findings.len() - 1)
        }),
        ("in another order", |_, sealed| sealed.findings.swap(0, 1)),
        ("not signed", |_, sealed| sealed.findings[0].outcome = Outcome::Rejected),
        ("another generation", |_, sealed| sealed.generation.state.push(0)),
        ("another number", |head, _| head.number = 7),
        ("more signers than there are", |head, _| head.signers = 3),
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
    assert_eq!(node.summary(now).head.expect("the same").fingerprint, fingerprint);
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
    assert_eq!(node.summary(now).head.expect("another").fingerprint, head.fingerprint);
}

#[test]
fn a_new_season_begins_anew_and_limits_are_kept() {
    let (mut node, _, _, now) = open(0, no_checks());
    node.set_context(context(8, 1), now);
    assert!(node.summary(now).head.is_none());
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

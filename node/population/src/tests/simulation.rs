//! Whole networks in simulated time.

use super::world::{context, create, evaluate, lie, milliseconds, peer, population, reproduce, Key};
use crate::{Finding, Finish, Lease, Message, Offence, Outcome, Population, Progress, Rules, Summary, Work};
use doin_primitives::{AccountId, Hash};
use proptest::prelude::*;
use rand::{rngs::StdRng, Rng, SeedableRng};
use sc_network_types::PeerId;
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

const TICK: u64 = 100;
const SIZE: u16 = 8;

/// How many networks are tried: few, unless more are asked for.
fn cases() -> u32 {
    let asked = std::env::var("PROPTEST_CASES").ok();
    asked.and_then(|cases| cases.parse().ok()).unwrap_or(24)
}

/// How a network behaves.
#[derive(Clone, Debug)]
struct Weather {
    /// In a thousand messages.
    lost: u32,
    repeated: u32,
    /// In milliseconds.
    longest_delay: u64,
    longest_evaluation: u64,
}

const FAIR: Weather = Weather {
    lost: 0,
    repeated: 0,
    longest_delay: 100,
    longest_evaluation: 3_000,
};

struct Node {
    population: Population,
    key: Key,
    number: u8,
    peer: PeerId,
    lies: bool,
    dead: bool,
    /// Only those of the same group hear one another.
    group: u8,
    /// What it computes, and until when.
    busy: Option<(u64, Finish, Duration)>,
    next_exchange: Duration,
    /// By generation and candidate.
    evaluations: Vec<(Hash, u16)>,
    /// The generations that it has seen sealed.
    sealed: BTreeMap<Hash, Vec<Finding>>,
    reports: Vec<(PeerId, Offence)>,
}

enum Parcel {
    Request(Summary, Vec<Message>),
    Answer(Summary, Vec<Message>),
}

struct Net {
    nodes: Vec<Node>,
    weather: Weather,
    now: Duration,
    random: StdRng,
    parcels: Vec<(Duration, usize, usize, Parcel)>,
    /// Everything that was ever sent, for whoever replays it.
    heard: Vec<Message>,
    hostile: bool,
    members: u8,
    working: bool,
}

impl Net {
    fn new(nodes: u8, weather: Weather, rules: &Rules, seed: u64) -> Self {
        let mut net = Self {
            nodes: Vec::new(),
            weather,
            now: Duration::ZERO,
            random: StdRng::seed_from_u64(seed),
            parcels: Vec::new(),
            heard: Vec::new(),
            hostile: false,
            members: nodes,
            working: true,
        };
        for number in 0..nodes {
            net.join(number, rules);
        }
        net
    }

    fn join(&mut self, number: u8, rules: &Rules) {
        let mut population = population(number, rules.clone(), self.now);
        population.set_context(context(self.members, 0), self.now);
        self.nodes.push(Node {
            population,
            key: Key::new(number),
            number,
            peer: peer(),
            lies: false,
            dead: false,
            group: 0,
            busy: None,
            next_exchange: self.now,
            evaluations: Vec::new(),
            sealed: BTreeMap::new(),
            reports: Vec::new(),
        });
    }

    fn run(&mut self, seconds: u64) {
        for _ in 0..seconds * 1_000 / TICK {
            self.now += milliseconds(TICK);
            for place in 0..self.nodes.len() {
                if !self.nodes[place].dead {
                    self.live(place);
                }
            }
            self.deliver();
            if self.hostile {
                self.attack();
            }
        }
    }

    fn live(&mut self, place: usize) {
        let now = self.now;
        let duration = milliseconds(self.random.gen_range(50..=self.weather.longest_evaluation));
        let working = self.working;
        let node = &mut self.nodes[place];
        if let Some((id, finish, _)) = node.busy.take_if(|(_, _, until)| *until <= now) {
            let progress = node.population.finished(id, finish, now, &node.key);
            if let Progress::Sealed(sealed) = progress {
                let fingerprint = sealed.generation.fingerprint(super::world::SCOPE);
                node.sealed.insert(fingerprint, sealed.findings.clone());
            }
        }
        node.population.step(now, &node.key);
        match node.population.work(now) {
            None => node.busy = None,
            Some((id, _)) if node.busy.as_ref().is_some_and(|(busy, ..)| *busy == id) => {}
            Some((id, work)) => {
                let (finish, duration) = match work {
                    Work::Create { seed, .. } => (Finish::Brood(create(seed, SIZE)), milliseconds(10)),
                    Work::Reproduce { sealed, seed } => (Finish::Brood(reproduce(&sealed, seed)), milliseconds(10)),
                    Work::Evaluate { .. } if !working => (Finish::Failed, Duration::MAX - now),
                    Work::Evaluate { generation, index, .. } => {
                        let fingerprint = generation.fingerprint(super::world::SCOPE);
                        node.evaluations.push((fingerprint, index));
                        let candidate = &generation.candidates[usize::from(index)];
                        let outcome = match node.lies {
                            true => lie(candidate),
                            false => evaluate(candidate, node.number),
                        };
                        (Finish::Outcome(outcome), duration)
                    }
                };
                node.busy = Some((id, finish, now + duration));
            }
        }
        node.reports.extend(node.population.take_reports());
        let outbox = node.population.take_outbox();
        if outbox.is_empty() && now < node.next_exchange {
            return;
        }
        node.next_exchange = now + milliseconds(1_000);
        let summary = node.population.summary();
        self.heard.extend(outbox.iter().cloned());
        for other in 0..self.nodes.len() {
            if other != place {
                self.send(place, other, Parcel::Request(summary.clone(), outbox.clone()));
            }
        }
    }

    fn send(&mut self, from: usize, to: usize, parcel: Parcel) {
        let copies = match self.random.gen_range(0..1_000) {
            roll if roll < self.weather.lost => 0,
            roll if roll < self.weather.lost + self.weather.repeated => 2,
            _ => 1,
        };
        for _ in 0..copies {
            let delay = milliseconds(self.random.gen_range(1..=self.weather.longest_delay));
            let copy = match &parcel {
                Parcel::Request(summary, messages) => Parcel::Request(summary.clone(), messages.clone()),
                Parcel::Answer(summary, messages) => Parcel::Answer(summary.clone(), messages.clone()),
            };
            self.parcels.push((self.now + delay, from, to, copy));
        }
    }

    fn deliver(&mut self) {
        let (mut due, later): (Vec<_>, Vec<_>) = std::mem::take(&mut self.parcels)
            .into_iter()
            .partition(|(at, ..)| *at <= self.now);
        self.parcels = later;
        due.sort_by_key(|(at, ..)| *at);
        for (_, from, to, parcel) in due {
            if self.nodes[from].group != self.nodes[to].group || self.nodes[to].dead {
                continue;
            }
            let sender = self.nodes[from].peer;
            let (summary, messages, is_request) = match parcel {
                Parcel::Request(summary, messages) => (summary, messages, true),
                Parcel::Answer(summary, messages) => (summary, messages, false),
            };
            let now = self.now;
            let receiver = &mut self.nodes[to].population;
            let wanted = receiver.hear(sender, &summary, &messages, now);
            if is_request && !self.nodes[to].dead {
                let receiver = &self.nodes[to].population;
                let answer = Parcel::Answer(receiver.summary(), receiver.answer(&summary));
                self.send(to, from, answer);
            }
            if let Some(head) = wanted {
                let lost = self.random.gen_range(0..1_000) < self.weather.lost;
                let sealed = self.nodes[from].population.sealed(head.fingerprint);
                if let (Some(sealed), false, false) = (sealed, lost, self.nodes[from].dead) {
                    self.nodes[to].population.offer(sender, head, (*sealed).clone(), now);
                }
            }
        }
    }

    /// Somebody without a key sends around what was sent before, and what nobody has signed.
    fn attack(&mut self) {
        if self.heard.is_empty() {
            return;
        }
        for _ in 0..2 {
            let mut message = self.heard[self.random.gen_range(0..self.heard.len())].clone();
            let summary = Summary::default();
            match (&mut message, self.random.gen_range(0..4)) {
                (Message::Lease(lease), 0) => lease.sequence += 1_000,
                (Message::Lease(lease), 1) => lease.index = Some(self.random.gen_range(0..SIZE)),
                (Message::Finding(finding), 0) => finding.outcome = Outcome::Rejected,
                (Message::Finding(finding), 1) => finding.index = self.random.gen_range(0..SIZE + 2),
                (Message::Finding(finding), 2) => finding.account = AccountId::from([5; 32]),
                _ => {}
            }
            let victim = self.random.gen_range(0..self.nodes.len());
            let now = self.now;
            self.nodes[victim].population.hear(peer(), &summary, &[message], now);
        }
    }

    fn honest(&self) -> impl Iterator<Item = &Node> {
        self.nodes.iter().filter(|node| !node.lies && !node.dead)
    }

    fn numbers(&self) -> Vec<u64> {
        let heads = self.honest().filter_map(|node| node.population.summary().head);
        heads.map(|head| head.number).collect()
    }

    fn fingerprints(&self) -> BTreeSet<Hash> {
        let heads = self.honest().filter_map(|node| node.population.summary().head);
        heads.map(|head| head.fingerprint).collect()
    }

    /// Whether all honest nodes come to work on the same. Work goes on: who has found out a liar first has to evaluate
    /// again what it has dropped before the others hear of it.
    fn comes_to_agree(&mut self) -> bool {
        self.weather = FAIR;
        for node in &mut self.nodes {
            node.group = 0;
            node.dead |= node.lies;
        }
        (0..300).any(|_| {
            self.run(1);
            self.fingerprints().len() == 1
        })
    }

    /// No evaluation ends any more; what is known spreads.
    fn calm(&mut self) {
        self.weather = FAIR;
        self.working = false;
        for node in &mut self.nodes {
            node.group = 0;
            node.dead |= node.lies;
        }
        self.run(60);
    }

    /// Whether all honest nodes come to work on the same when nobody gets on any more, and stay with it.
    fn agrees_when_calm(&mut self) -> bool {
        self.calm();
        let agreed = (0..60).any(|_| {
            self.run(5);
            self.fingerprints().len() == 1
        });
        let before = self.fingerprints();
        self.run(60);
        agreed && self.fingerprints() == before
    }
}

#[test]
fn three_nodes_evaluate_each_candidate_about_once() {
    let rules = Rules {
        verified: 0,
        ..Rules::default()
    };
    let mut net = Net::new(3, FAIR, &rules, 1);
    net.run(300);
    let done: u64 = net.numbers().into_iter().min().expect("they have a population");
    assert!(done >= 10, "they get on: {:?}", net.numbers());
    let evaluations: usize = net.nodes.iter().map(|node| node.evaluations.len()).sum();
    let candidates = (done + 1) * u64::from(SIZE);
    assert!(
        evaluations as u64 <= candidates + candidates / 20 + 8,
        "{evaluations} for {candidates}"
    );
    for node in &net.nodes {
        assert!(node.evaluations.len() * 5 > evaluations, "all take their part");
    }
    // All have seen the same results count in each generation.
    let (first, rest) = net.nodes.split_first().expect("three");
    for node in rest {
        for (fingerprint, findings) in &node.sealed {
            if let Some(other) = first.sealed.get(fingerprint) {
                assert_eq!(other, findings);
            }
        }
    }
    net.calm();
    assert_eq!(net.fingerprints().len(), 1);
}

#[test]
fn the_share_that_is_measured_again_does_not_grow_with_the_network() {
    for nodes in [2u8, 3, 6] {
        let mut net = Net::new(nodes, FAIR, &Rules::default(), 2);
        net.run(600);
        let evaluations: usize = net.nodes.iter().map(|node| node.evaluations.len()).sum();
        let distinct: BTreeSet<_> = net.nodes.iter().flat_map(|node| &node.evaluations).collect();
        let again = evaluations - distinct.len();
        let per_thousand = again * 1_000 / distinct.len();
        assert!((40..=300).contains(&per_thousand), "{nodes} nodes: {per_thousand}");
    }
}

#[test]
fn who_dies_in_the_middle_of_its_work_holds_up_nobody() {
    let mut net = Net::new(3, FAIR, &Rules::default(), 3);
    net.run(30);
    let mut before = net.numbers()[0];
    for place in [1, 2] {
        while !matches!(net.nodes[place].busy, Some((_, Finish::Outcome(_), _))) {
            net.run(1);
        }
        net.nodes[place].dead = true;
        net.run(120);
        let after = net.numbers()[0];
        assert!(after >= before + 2, "from {before} to {after}");
        before = after;
    }
}

#[test]
fn who_claims_and_says_that_it_works_for_ever_holds_up_nobody_for_long() {
    let mut net = Net::new(2, FAIR, &Rules::default(), 4);
    net.run(20);
    let before = net.numbers()[0];
    // The second one never finishes anything, and never stops saying that it is at it.
    for _ in 0..300 {
        if let Some((_, _, until)) = &mut net.nodes[1].busy {
            *until += Duration::from_secs(2);
        }
        net.run(1);
    }
    assert!(net.numbers()[0] >= before + 5, "from {before} to {:?}", net.numbers());
}

#[test]
fn a_liar_is_found_and_counts_for_nothing_then() {
    for seed in 0..6 {
        let mut net = Net::new(4, FAIR, &Rules::default(), 100 + seed);
        net.nodes[3].lies = true;
        net.run(400);
        let (liar, at) = (net.nodes[3].key.account(), net.nodes[3].peer);
        let is_report = |report: &(PeerId, Offence)| *report == (at, Offence::WrongResult);
        let reported = net.honest().any(|node| node.reports.iter().any(is_report));
        assert!(reported, "seed {seed}");
        for node in net.honest() {
            for other in net.honest() {
                assert!(!node.population.is_barred(&other.key.account()), "seed {seed}");
            }
            // Of the last generations hardly any was made of lies.
            let late = node.sealed.values().flatten().filter(|finding| finding.account == liar);
            let all: usize = node.sealed.values().map(Vec::len).sum();
            assert!(late.count() * 8 < all, "seed {seed}");
        }
        assert!(net.comes_to_agree(), "seed {seed}");
    }
}

#[test]
fn the_halves_of_a_split_network_find_together_and_a_newcomer_joins_in() {
    let mut net = Net::new(5, FAIR, &Rules::default(), 5);
    net.run(60);
    for place in [3, 4] {
        net.nodes[place].group = 1;
    }
    net.run(200);
    assert!(net.fingerprints().len() > 1, "each half has gone its way");
    let before = net.numbers();
    for node in &mut net.nodes {
        node.group = 0;
    }
    net.run(60);
    let numbers = net.numbers();
    assert!(numbers.iter().max() > before.iter().min(), "{before:?} {numbers:?}");
    net.members = 6;
    for node in &mut net.nodes {
        node.population.set_context(context(6, 0), net.now);
    }
    net.join(5, &Rules::default());
    net.run(60);
    let newest = net.nodes[5].sealed.len();
    assert!(newest > 0, "the newcomer is one of them");
    net.calm();
    assert_eq!(net.fingerprints().len(), 1);
}

/// A node that was cut off for long comes back with what it has done alone: the others keep their work.
#[test]
fn who_has_worked_alone_for_long_joins_those_who_have_worked_together() {
    for seed in 0..4 {
        let mut net = Net::new(4, FAIR, &Rules::default(), 200 + seed);
        net.run(60);
        net.nodes[3].group = 1;
        net.run(300);
        let before = net.numbers();
        net.nodes[3].group = 0;
        net.run(60);
        let after = net.numbers();
        assert!(
            after.iter().min() >= before[..3].iter().min(),
            "seed {seed}: {before:?} {after:?}"
        );
        assert_eq!(net.fingerprints().len(), 1, "seed {seed}: {after:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), ..ProptestConfig::default() })]

    /// Whatever is lost, repeated, delayed, split off, killed or forged: those who are left get on, and agree in the end.
    #[test]
    fn nothing_keeps_honest_nodes_from_getting_on_together(
        seed in any::<u64>(),
        nodes in 2u8..6,
        lost in 0u32..400,
        repeated in 0u32..300,
        longest_delay in 50u64..2_000,
        liar in any::<bool>(),
    ) {
        let weather = Weather { lost, repeated, longest_delay, longest_evaluation: 4_000 };
        // Claims of those who get on no more are to end while one can wait for it.
        let rules = Rules { longest_lease: Duration::from_secs(60), ..Rules::default() };
        let mut net = Net::new(nodes, weather, &rules, seed);
        net.hostile = true;
        net.nodes[0].lies = liar && nodes > 2;
        net.run(60);
        // Split at random, together again, one dies.
        for node in &mut net.nodes {
            node.group = net.random.gen_range(0..2);
        }
        net.run(60);
        for node in &mut net.nodes {
            node.group = 0;
        }
        net.run(60);
        let last = net.nodes.len() - 1;
        net.nodes[last].dead = nodes > 2;
        let before = net.numbers().into_iter().max().unwrap_or(0);
        net.run(150);
        let after = net.numbers().into_iter().min().unwrap_or(0);
        prop_assert!(after > before, "from {} to {:?}", before, net.numbers());
        for node in net.honest() {
            for other in net.honest() {
                prop_assert!(!node.population.is_barred(&other.key.account()));
            }
        }
        if net.nodes[0].lies {
            prop_assert!(net.comes_to_agree());
        } else {
            prop_assert!(net.agrees_when_calm(), "{:?}", net.fingerprints());
        }
    }
}

#[test]
fn what_nobody_has_signed_and_what_is_repeated_changes_nothing() {
    let mut net = Net::new(2, FAIR, &Rules::default(), 6);
    net.run(20);
    let now = net.now;
    let recorded = net.heard.clone();
    let victim = &mut net.nodes[0].population;
    let head = victim.summary().head.expect("it has a population");
    let before = (
        victim.summary(),
        victim.answer(&Summary {
            head: Some(head),
            digests: vec![],
        }),
    );
    for message in &recorded {
        victim.hear(peer(), &Summary::default(), std::slice::from_ref(message), now);
    }
    let stranger = Key::new(77);
    let other = Key::new(1).account();
    let fingerprint = head.fingerprint;
    let scope = super::world::SCOPE;
    let mut elsewhere = scope;
    elsewhere.domain += 1;
    let mut bad = Vec::new();
    for index in 0..SIZE {
        let outcome = Outcome::Rejected;
        // Of nobody's account, with another's key, for another domain, for another generation.
        bad.extend(Finding::signed(
            scope,
            fingerprint,
            index,
            &stranger.account(),
            outcome,
            &stranger,
        ));
        bad.extend(Finding::signed(scope, fingerprint, index, &other, outcome, &stranger));
        bad.extend(Finding::signed(
            elsewhere,
            fingerprint,
            index,
            &other,
            outcome,
            &Key::new(1),
        ));
        bad.extend(Finding::signed(
            scope,
            Hash::repeat_byte(1),
            index,
            &other,
            outcome,
            &Key::new(1),
        ));
    }
    bad.extend(Finding::signed(
        scope,
        fingerprint,
        SIZE,
        &other,
        Outcome::Rejected,
        &Key::new(1),
    ));
    for finding in bad {
        victim.hear(peer(), &Summary::default(), &[Message::Finding(finding)], now);
    }
    for key in [&stranger, &Key::new(1)] {
        let lease = Lease::signed(scope, fingerprint, &stranger.account(), u64::MAX, Some(0), key).expect("signs");
        victim.hear(peer(), &Summary::default(), &[Message::Lease(lease)], now);
    }
    let after = (
        victim.summary(),
        victim.answer(&Summary {
            head: Some(head),
            digests: vec![],
        }),
    );
    assert_eq!(before, after);
    let reports = victim.take_reports();
    assert!(reports.iter().any(|(_, offence)| *offence == Offence::Forged));
    assert!(reports.iter().any(|(_, offence)| *offence == Offence::Stranger));
}

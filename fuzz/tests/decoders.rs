//! The bodies of the fuzz targets, over a corpus, damaged copies of it and random bytes: the same each time.

use doin_artifacts::{
    protocol::{Request, Response},
    ArtifactReference, Chunk,
};
use doin_domains::forecast::{configuration::Configuration, table};
use doin_fuzz::{
    corpus::{data_file, good_input},
    TARGETS,
};
use doin_plugins::protocol::Frame;
use doin_primitives::{Hash, Header};
use doin_worker::journal::parse_vote;

/// A generator of numbers that gives the same ones each time (SplitMix64).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound.max(1) as u64) as usize
    }
}

/// Changes, removes, inserts, cuts, or makes a length of what is there.
fn damage(input: &mut Vec<u8>, numbers: &mut Numbers) {
    for _ in 0..=numbers.below(4) {
        let place = numbers.below(input.len());
        match (numbers.below(6), input.get_mut(place)) {
            (0, Some(byte)) => *byte ^= 1 << numbers.below(8),
            (1, Some(byte)) => *byte = numbers.next() as u8,
            (2, Some(_)) => drop(input.remove(place)),
            (3, Some(_)) => input.truncate(place),
            (4, Some(_)) => drop(input.splice(place..place, [0x03, 0xff, 0xff, 0xff, 0xff])),
            _ => input.insert(place, numbers.next() as u8),
        }
    }
}

#[test]
fn no_decoder_panics_or_takes_what_it_should_not() {
    let mut numbers = Numbers(2_026);
    let corpus = good_input();
    for (name, target) in TARGETS {
        corpus.iter().for_each(|input| target(input));
        for round in 0..3_000 {
            let mut input = match round % 3 {
                0 => (0..numbers.below(300)).map(|_| numbers.next() as u8).collect(),
                _ => corpus[numbers.below(corpus.len())].clone(),
            };
            damage(&mut input, &mut numbers);
            let shown = hex::encode(&input[..input.len().min(200)]);
            let result = std::panic::catch_unwind(|| target(&input));
            assert!(result.is_ok(), "{name} fails on 0x{shown} ({} bytes)", input.len());
        }
    }
}

#[test]
fn the_corpus_is_good_input_so_that_the_damage_is_near_it() {
    let corpus = good_input();
    assert!(corpus
        .iter()
        .any(|input| matches!(Request::read(input), Ok(Request::Chunks { .. }))));
    assert!(corpus
        .iter()
        .any(|input| matches!(Response::read(input), Ok(Response::Chunks(_)))));
    assert!(corpus
        .iter()
        .any(|input| codec::DecodeAll::decode_all(&mut &input[..]).is_ok_and(|_: Header| true)));
    let right = corpus.iter().filter(|input| {
        let decoded: Result<(ArtifactReference, u32, Chunk), _> = codec::DecodeAll::decode_all(&mut &input[..]);
        decoded.is_ok_and(|(artifact, index, chunk)| artifact.verify_chunk(index, &chunk.bytes, &chunk.proof))
    });
    assert_eq!(right.count(), 2);
    assert!(corpus
        .iter()
        .any(|input| doin_onnx::scan(input, 20).is_ok_and(|contents| contents.nodes == 4)));
    assert!(corpus.contains(&data_file()));
    assert!(corpus.iter().any(|input| parse_vote(input, Hash::zero()).is_ok()));
    assert!(corpus
        .iter()
        .any(|input| Frame::read(&mut input.as_slice(), 1_000).is_ok()));
    let specifications = corpus.iter().filter(|input| Configuration::from_model(input).is_ok());
    assert_eq!(specifications.count(), 4);
    let columns = ["a".to_owned(), "b".to_owned()];
    assert!(corpus.iter().any(|input| table::read(input, &columns).is_ok()));
}

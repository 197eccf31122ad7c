//! The bodies of the fuzz targets, over a corpus, damaged copies of it and random bytes: the same each time.

#[path = "../../../fuzz/src/lib.rs"]
mod targets;

use codec::Encode;
use doin_artifacts::{
    protocol::{Request, Response},
    ArtifactReference, Chunk,
};
use doin_primitives::{
    commitment::vote_commitment,
    engine::{BlockSummary, ConsensusLog, NextEpochDescriptor, ENGINE_ID},
    quorum::{Measurement, VoteValues},
    AccountId, Hash, Header,
};
use doin_worker::journal::{parse_vote, VoteEntry};
use sp_runtime::{traits::Header as _, Digest, DigestItem, FixedI128};

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

/// Good input, of one decoder or another.
fn corpus() -> Vec<Vec<u8>> {
    let bytes: Vec<u8> = (0..70_000u32).map(|position| position as u8).collect();
    let artifact = ArtifactReference::of(&bytes);
    let leaves = doin_primitives::artifact::leaves(&bytes);
    let chunk = |index: u32| Chunk {
        bytes: bytes.chunks(65_536).nth(index as usize).expect("two chunks").to_vec(),
        proof: doin_primitives::artifact::prove_chunk(&leaves, index).expect("two chunks"),
    };
    let indices = vec![0, 1].try_into().expect("two indices");
    let log = |log: ConsensusLog| DigestItem::Consensus(ENGINE_ID, log.encode());
    let summary = ConsensusLog::Summary(BlockSummary { transactions: 3 });
    let epoch = ConsensusLog::NextEpoch(NextEpochDescriptor {
        authorities: Vec::new(),
        randomness: Default::default(),
    });
    let digest = Digest {
        logs: vec![
            DigestItem::PreRuntime(ENGINE_ID, vec![0; 110]),
            log(summary.clone()),
            log(epoch.clone()),
            DigestItem::Seal(ENGINE_ID, vec![1; 64]),
        ],
    };
    let header = Header::new(7, Hash::zero(), Hash::zero(), Hash::zero(), digest.clone());
    let vote = VoteValues::Measured(Measurement {
        candidate: FixedI128::from_u32(1),
        incumbent: FixedI128::from_u32(2),
        probe: FixedI128::from_u32(3),
        data_hash: [4; 32],
    });
    let account = AccountId::from([1; 32]);
    let vote = VoteEntry {
        commitment: vote_commitment(Hash::zero(), 5, 1, &account, &vote, &[6; 32]),
        account,
        optimum: 5,
        round: 1,
        seed: Hash::repeat_byte(7),
        vote,
        salt: Hash::repeat_byte(6),
        reveal_deadline: 100,
        audited_seat: None,
    };
    let text = [
        r#"{"domains": {"quadratic": {"optimize": {"account": "//Alice"}}}, "artifacts": {"quota_mebibytes": 5}}"#,
        r#"{"inputs":[{"name":"x","type":"int64","shape":[3,2]}],"output":{"name":"y","shape":[3]},"metric":"accuracy",
            "data":{"root":"0x0101010101010101010101010101010101010101010101010101010101010101","size":9,"labels":"l"},
            "samples":4,"batch":2,"limits":{"bytes":9,"nodes":9,"memory_mebibytes":64,"seconds":1}}"#,
        r#"{"dimensions": 10, "noise": 0.1, "target_seed": 1}"#,
        "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY",
        r#""quadratic""#,
        "-1",
        r#""0x03000000""#,
    ];
    let mut corpus = vec![
        Vec::new(),
        Request::Have(artifact).encode(),
        Request::Chunks { artifact, indices }.encode(),
        Response::Missing.encode(),
        Response::Chunks(vec![chunk(1)].try_into().expect("one chunk")).encode(),
        (artifact, 1u32, chunk(1)).encode(),
        (artifact, 0u32, chunk(0)).encode(),
        summary.encode(),
        epoch.encode(),
        digest.encode(),
        header.encode(),
        std::iter::once(128)
            .chain(doin_domains::quadratic::encode(&[1.0, -2.0, 3.5]))
            .chain(doin_domains::quadratic::encode(&[0.0, 0.5, 1.0]))
            .collect(),
    ];
    // A model from x to y, and data for it.
    let port = |name: &str, shape: &[u32]| doin_onnx::Port {
        name: name.into(),
        element: doin_onnx::ElementType::Float32,
        shape: shape.to_vec(),
    };
    corpus.push(doin_onnx::constant_model(&[port("x", &[2])], &port("y", &[])).expect("a model"));
    corpus.push(data_file());
    corpus.push(serde_json::to_vec(&vote).expect("an entry is JSON"));
    corpus.extend(text.map(|text| text.as_bytes().to_vec()));
    corpus
}

/// Two rows of two numbers `x`, with labels `l`: a safetensors file.
fn data_file() -> Vec<u8> {
    let header = r#"{"l":{"dtype":"F32","shape":[2],"data_offsets":[16,24]},"x":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]}}"#;
    let length = (header.len() as u64).to_le_bytes();
    [&length[..], header.as_bytes(), &[0; 24]].concat()
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
    let corpus = corpus();
    for (name, target) in targets::TARGETS {
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
    let corpus = corpus();
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
}

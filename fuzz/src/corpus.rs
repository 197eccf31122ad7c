//! Good input, from which the search for bad input sets out.

use codec::Encode;
use doin_artifacts::{
    protocol::{Request, Response},
    ArtifactReference, Chunk,
};
use doin_domains::Domain;
use doin_plugins::protocol::Frame;
use doin_population::{
    protocol::{self as population, Messages},
    Finding, Generation, Head, Lease, Message, Outcome, Proof, Sealed, Standing, Summary,
};
use doin_primitives::{
    commitment::vote_commitment,
    engine::{BlockSummary, ConsensusLog, NextEpochDescriptor, ENGINE_ID},
    quorum::{Measurement, VoteValues},
    AccountId, Hash, Header,
};
use doin_worker::journal::VoteEntry;
use sp_runtime::{traits::Header as _, Digest, DigestItem, FixedI128};

/// Good input, of one decoder or another.
pub fn good_input() -> Vec<Vec<u8>> {
    let mut corpus = vec![Vec::new()];
    corpus.extend(artifacts());
    corpus.extend(shared_population());
    corpus.extend(engine());
    corpus.extend(models_and_data());
    corpus.push(serde_json::to_vec(&vote()).expect("an entry is JSON"));
    corpus.extend([frame(b"abc"), frame(&[7; 1_001])]);
    corpus.extend(texts());
    corpus
}

/// Messages of the artifacts protocol.
fn artifacts() -> Vec<Vec<u8>> {
    let bytes: Vec<u8> = (0..70_000u32).map(|position| position as u8).collect();
    let artifact = ArtifactReference::of(&bytes);
    let leaves = doin_primitives::artifact::leaves(&bytes);
    let chunk = |index: u32| Chunk {
        bytes: bytes.chunks(65_536).nth(index as usize).expect("two chunks").to_vec(),
        proof: doin_primitives::artifact::prove_chunk(&leaves, index).expect("two chunks"),
    };
    let indices = vec![0, 1].try_into().expect("two indices");
    vec![
        Request::Have(artifact).encode(),
        Request::Chunks { artifact, indices }.encode(),
        Response::Missing.encode(),
        Response::Chunks(vec![chunk(1)].try_into().expect("one chunk")).encode(),
        (artifact, 1u32, chunk(1)).encode(),
        (artifact, 0u32, chunk(0)).encode(),
    ]
}

/// Messages between nodes that share a population.
fn shared_population() -> Vec<Vec<u8>> {
    let (fingerprint, account) = (Hash::repeat_byte(1), AccountId::from([2; 32]));
    let lease = Lease {
        fingerprint,
        account: account.clone(),
        sequence: 3,
        index: Some(1),
        signature: Default::default(),
    };
    let finding = Finding {
        fingerprint,
        index: 1,
        account,
        outcome: Outcome::Metric(FixedI128::from_u32(4)),
        signature: Default::default(),
    };
    let summary = Summary {
        head: Some(Head {
            season: 0,
            start: fingerprint,
            number: 1,
            fingerprint,
            parent: fingerprint,
            standing: Standing::default().with(1, 2),
        }),
        digests: vec![0, 7],
    };
    let generation = Generation {
        season: 0,
        start: fingerprint,
        number: 0,
        parent: fingerprint,
        candidates: vec![vec![1, 2], vec![3]],
        state: vec![4],
    };
    let messages: Messages = vec![Message::Lease(lease), Message::Finding(finding.clone())]
        .try_into()
        .expect("two messages");
    let exchange = population::Request::Exchange {
        domain: 0,
        summary: summary.clone(),
        messages: messages.clone(),
    };
    let proof = Proof {
        header: generation.header(),
        findings: vec![finding.clone()],
    };
    let sealed = Sealed {
        generation,
        findings: vec![finding.clone(), finding],
        proofs: vec![proof],
    };
    vec![
        exchange.encode(),
        population::Request::Fetch { domain: 0, fingerprint }.encode(),
        population::Response::Busy.encode(),
        population::Response::Exchange { summary, messages }.encode(),
        population::Response::Sealed(Box::new(sealed)).encode(),
    ]
}

/// Digests of the engine and a header with them.
fn engine() -> Vec<Vec<u8>> {
    let log = |log: &ConsensusLog| DigestItem::Consensus(ENGINE_ID, log.encode());
    let summary = ConsensusLog::Summary(BlockSummary { transactions: 3 });
    let epoch = ConsensusLog::NextEpoch(NextEpochDescriptor {
        authorities: Vec::new(),
        randomness: Default::default(),
    });
    let digest = Digest {
        logs: vec![
            DigestItem::PreRuntime(ENGINE_ID, vec![0; 110]),
            log(&summary),
            log(&epoch),
            DigestItem::Seal(ENGINE_ID, vec![1; 64]),
        ],
    };
    let header = Header::new(7, Hash::zero(), Hash::zero(), Hash::zero(), digest.clone());
    vec![summary.encode(), epoch.encode(), digest.encode(), header.encode()]
}

/// Models, parameters and data of the built-in domains.
fn models_and_data() -> Vec<Vec<u8>> {
    let quadratic = std::iter::once(128)
        .chain(doin_domains::quadratic::encode(&[1.0, -2.0, 3.5]))
        .chain(doin_domains::quadratic::encode(&[0.0, 0.5, 1.0]))
        .collect();
    // An ONNX model from x to y, and data for it.
    let port = |name: &str, shape: &[u32]| doin_onnx::Port {
        name: name.into(),
        element: doin_onnx::ElementType::Float32,
        shape: shape.to_vec(),
    };
    let constant = doin_onnx::constant_model(&[port("x", &[2])], &port("y", &[])).expect("a model");
    // A series of the forecasting domain, and the model that everybody starts from.
    let [dense, convolutions, recurrent] = crate::domains::forecast_domains();
    let series = dense.synthesize([1; 32], 0).expect("data of the process").bytes;
    let function = std::iter::once(86)
        .chain(doin_domains::functions::encode(&[1.0, -2.0, 3.5]))
        .chain(doin_domains::functions::encode(&[0.0, 0.5, 1.0, -1.0, 0.25, 2.0]))
        .collect();
    let models = [
        dense.baseline(),
        convolutions.baseline(),
        recurrent.baseline(),
        crate::domains::generator(),
    ];
    let mut all = vec![quadratic, function, constant, data_file(), series];
    all.extend(models);
    all
}

/// Two rows of two numbers `x`, with labels `l`: a safetensors file.
pub fn data_file() -> Vec<u8> {
    let header = r#"{"l":{"dtype":"F32","shape":[2],"data_offsets":[16,24]},"x":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]}}"#;
    let length = (header.len() as u64).to_le_bytes();
    [&length[..], header.as_bytes(), &[0; 24]].concat()
}

/// An entry of the journal.
fn vote() -> VoteEntry {
    let vote = VoteValues::Measured(Measurement {
        candidate: FixedI128::from_u32(1),
        incumbent: FixedI128::from_u32(2),
        probe: FixedI128::from_u32(3),
        data_hash: [4; 32],
    });
    let account = AccountId::from([1; 32]);
    VoteEntry {
        commitment: vote_commitment(Hash::zero(), 5, 1, &account, &vote, &[6; 32]),
        account,
        optimum: 5,
        round: 1,
        seed: Hash::repeat_byte(7),
        vote,
        salt: Hash::repeat_byte(6),
        reveal_deadline: 100,
        audited_seat: None,
    }
}

/// What a plugin answers: a frame with these parameters, of which a thousand bytes are allowed.
fn frame(parameters: &[u8]) -> Vec<u8> {
    let mut written = Vec::new();
    Frame::new("result", 7)
        .with("metric", 0.5)
        .segment("parameters", parameters)
        .segment("data", b"")
        .write(&mut written)
        .expect("a short frame");
    written
}

/// Specifications, a configuration, a table, a query, and parameters of RPC.
fn texts() -> impl Iterator<Item = Vec<u8>> {
    [
        r#"{"domains": {"quadratic": {"optimize": {"account": "//Alice"}}}, "artifacts": {"quota_mebibytes": 5}}"#,
        r#"{"inputs":[{"name":"x","type":"int64","shape":[3,2]}],"output":{"name":"y","shape":[3]},"metric":"accuracy",
            "data":{"root":"0x0101010101010101010101010101010101010101010101010101010101010101","size":9,"labels":"l"},
            "samples":4,"batch":2,"limits":{"bytes":9,"nodes":9,"memory_mebibytes":64,"seconds":1}}"#,
        r#"{"dimensions": 10, "noise": 0.1, "target_seed": 1}"#,
        r#"{"function": "rastrigin", "dimensions": 20, "noise": 0.01, "optimum_seed": 1}"#,
        r#"-{"optimum": [1, 2.5, -3e2]}"#,
        crate::domains::FORECAST,
        crate::domains::CONVOLUTIONS,
        crate::domains::RECURRENT,
        r#"{"source":{"csv":{"root":"0x0101010101010101010101010101010101010101010101010101010101010101","size":9,
            "columns":["a","b"]}},"series":"increments","horizons":[1,4],
            "network":{"window":8,"hidden":[12,8],"seed":1,"most_window":32,"most_parameters":4096},
            "synthetic":{"generator":{"bootstrap":{"block":60,"neighbours":6,"noise":0.02}},"length":3000}}"#,
        "a,b\n1,2\n3,5\n\"4\",-1e3\n",
        r#"{"windows": [[1, 2, 3, 4], [[5], 6, 7, 8.5, 9]]}"#,
        "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY",
        r#""quadratic""#,
        "-1",
        r#""0x03000000""#,
    ]
    .into_iter()
    .map(|text| text.as_bytes().to_vec())
}

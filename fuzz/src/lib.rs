//! What the fuzz targets do with their input: one function for each decoder of ours. It must not panic, whatever the
//! bytes, and what it takes for good must hold what the rest of the code relies on.
//!
//! The tests of the node run the same functions (`node/tests/decoders`).

use codec::{Decode, Encode};
use doin_artifacts::{
    protocol::{Request, Response, MAXIMUM_CHUNKS, MAXIMUM_REQUEST_SIZE, MAXIMUM_RESPONSE_SIZE},
    ArtifactReference, Chunk, CHUNK_SIZE,
};
use doin_domains::{
    instantiate,
    onnx::{Configuration, Dataset, Sample},
    Compute, OptimizerKind, Options, SyntheticData,
};
use doin_primitives::{
    engine::{CompatibleDigestItem, ENGINE_ID},
    AccountId, Hash, Header,
};
use doin_worker::{config::WorkerConfiguration, journal};
use sp_runtime::{traits::Header as _, Digest, DigestItem};
use std::sync::Arc;

/// What a target does with its input.
pub type Body = fn(&[u8]);

/// The bodies by the names of their targets.
pub const TARGETS: [(&str, Body); 10] = [
    ("artifact_request", artifact_request),
    ("artifact_response", artifact_response),
    ("chunk", chunk),
    ("engine_digests", engine_digests),
    ("header", header),
    ("journal_entry", journal_entry),
    ("configuration", configuration),
    ("quadratic", quadratic),
    ("onnx", onnx),
    ("rpc_parameters", rpc_parameters),
];

/// What a peer asks.
pub fn artifact_request(data: &[u8]) {
    if let Ok(request) = Request::read(data) {
        assert!(data.len() <= MAXIMUM_REQUEST_SIZE);
        assert_eq!(request.encode(), data, "one spelling only");
        assert!(request.artifact().size > 0);
        assert!(request.chunk_bytes() <= u64::from(MAXIMUM_CHUNKS) * u64::from(CHUNK_SIZE));
    }
}

/// What a peer answers.
pub fn artifact_response(data: &[u8]) {
    if let Ok(response) = Response::read(data) {
        assert!(data.len() <= MAXIMUM_RESPONSE_SIZE);
        assert_eq!(response.encode(), data, "one spelling only");
    }
}

/// A chunk and its proof: the first bytes say of which artifact and in which place.
pub fn chunk(data: &[u8]) {
    let input = &mut &data[..];
    let Ok((artifact, index)) = <(ArtifactReference, u32)>::decode(input) else {
        return;
    };
    if let Ok(chunk) = Chunk::decode(input) {
        let right = artifact.verify_chunk(index, &chunk.bytes, &chunk.proof);
        assert!(!right || artifact.chunk_length(index) == u32::try_from(chunk.bytes.len()).ok());
    }
}

/// Digests of the engine: the same bytes as each kind of them.
pub fn engine_digests(data: &[u8]) {
    let items = [
        DigestItem::PreRuntime(ENGINE_ID, data.to_vec()),
        DigestItem::Consensus(ENGINE_ID, data.to_vec()),
        DigestItem::Seal(ENGINE_ID, data.to_vec()),
    ];
    for item in &items {
        let _ = (item.as_doin_pre_digest(), item.as_doin_log(), item.as_doin_seal());
    }
    read_header(Digest { logs: items.to_vec() });
}

/// A whole header, as it comes from a peer.
pub fn header(data: &[u8]) {
    if let Ok(header) = Header::decode(&mut &data[..]) {
        read_header(header.digest);
    }
    if let Ok(digest) = Digest::decode(&mut &data[..]) {
        read_header(digest);
    }
}

fn read_header(digest: Digest) {
    let header = Header::new(1, Hash::zero(), Hash::zero(), Hash::zero(), digest);
    let claim = doin_consensus::digests::claim_of(&header);
    let slot = doin_consensus::digests::slot_of(&header);
    assert_eq!(claim.ok().map(|claim| claim.slot), slot.ok());
    let _ = doin_consensus::digests::next_epoch_of(&header);
    let _ = doin_consensus::digests::summary_of(&header);
    let _ = doin_consensus::digests::optimization_of(&header);
}

/// A file of the worker's journal.
pub fn journal_entry(data: &[u8]) {
    let genesis = Hash::zero();
    if let Ok(entry) = journal::parse_optimum(data, genesis) {
        let again = serde_json::to_vec(&entry).expect("an entry is JSON");
        assert_eq!(journal::parse_optimum(&again, genesis), Ok(entry));
    }
    if let Ok(entry) = journal::parse_vote(data, genesis) {
        let again = serde_json::to_vec(&entry).expect("an entry is JSON");
        assert_eq!(journal::parse_vote(&again, genesis), Ok(entry));
    }
}

/// The worker's part of the node's configuration, which is all that there is.
pub fn configuration(data: &[u8]) {
    let Ok(value) = serde_json::from_slice(data) else {
        return;
    };
    if let Ok(configuration) = WorkerConfiguration::from_value(value, "worker") {
        assert!(configuration.artifacts.quota_mebibytes > 0);
        let again = serde_json::to_value(&configuration).expect("a configuration is JSON");
        assert_eq!(WorkerConfiguration::from_value(again, "worker"), Ok(configuration));
    }
}

/// Parameters, data and model of the quadratic domain: the first byte says how the rest is cut.
pub fn quadratic(data: &[u8]) {
    let Some((cut, rest)) = data.split_first() else {
        return;
    };
    let (parameters, bytes) = rest.split_at(rest.len() * usize::from(*cut) / 256);
    let options = || Options {
        compute: Arc::new(Compute::cpu()),
        optimizer: OptimizerKind::default(),
        population: None,
        ..Options::default()
    };
    let _ = instantiate("quadratic", rest, &options());
    let model = br#"{"dimensions": 3, "noise": 0.1, "target_seed": 1}"#;
    let domain = instantiate("quadratic", model, &options()).expect("a good model");
    let data = SyntheticData {
        season: 0,
        bytes: bytes.to_vec(),
    };
    if let Ok(evaluation) = domain.evaluate(parameters, &data) {
        assert!(evaluation.metric.is_finite() && evaluation.probe.is_finite());
    }
    if let Ok(values) = doin_domains::quadratic::decode(parameters, 3) {
        assert_eq!(doin_domains::quadratic::encode(&values), parameters);
    }
}

/// The structure and the interface of a model file, a specification of the onnx domain, its data file and an
/// evaluator's data. Models that are taken for good are not run here: that is for a process of its own.
pub fn onnx(data: &[u8]) {
    let port = |name: &str, shape: &[u32]| doin_onnx::Port {
        name: name.into(),
        element: doin_onnx::ElementType::Float32,
        shape: shape.to_vec(),
    };
    let job = doin_onnx::Job {
        limits: doin_onnx::Limits {
            bytes: 4_096,
            nodes: 20,
            memory_mebibytes: 64,
            seconds: 1,
        },
        inputs: vec![(port("x", &[2]), doin_onnx::Values::Float32(vec![0.0; 4]))],
        output: port("y", &[]),
        rows: 2,
        batch: 1,
    };
    if doin_onnx::check(data, &job).is_ok() {
        let contents = doin_onnx::scan(data, 20).expect("it was scanned before");
        assert!(contents.nodes <= 20 && contents.messages as usize <= data.len());
    }
    if let Ok(configuration) = Configuration::from_model(data) {
        let again = serde_json::to_vec(&configuration).expect("a specification is JSON");
        // A number may be read as its neighbour.
        assert!(Configuration::from_model(&again).is_ok());
    }
    let model = br#"{"inputs": [{"name": "x", "type": "float32", "shape": [2], "maximum": 9}],
        "output": {"name": "y", "shape": []}, "metric": "mean_absolute_error", "samples": 2, "batch": 1,
        "data": {"root": "0x0000000000000000000000000000000000000000000000000000000000000000", "size": 1, "labels": "l"},
        "limits": {"bytes": 4096, "nodes": 20, "memory_mebibytes": 64, "seconds": 1}}"#;
    let configuration = Configuration::from_model(model).expect("a good specification");
    if let Ok(dataset) = Dataset::read(data, &configuration) {
        let sample = dataset.sample(&configuration, [1; 32]);
        assert_eq!(Sample::read(&sample.encode(), &configuration), Ok(sample));
    }
    let _ = Sample::read(data, &configuration);
}

/// The parameters of `doin_*` that we read ourselves.
pub fn rpc_parameters(data: &[u8]) {
    let _ = serde_json::from_slice::<doin_rpc::DomainSelector>(data);
    if let Ok(asked) = serde_json::from_slice::<doin_rpc::explain::Asked>(data) {
        let _ = doin_rpc::explain::describe(&asked, Some(&asked));
    }
    if let Ok(text) = std::str::from_utf8(data) {
        let _: Option<AccountId> = doin_rpc::parse_account(text).ok();
    }
}

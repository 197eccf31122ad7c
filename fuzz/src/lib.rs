//! What the fuzz targets do with their input: one function for each decoder of ours. It must not panic, whatever the
//! bytes, and what it takes for good must hold what the rest of the code relies on.
//!
//! The fuzzer (`examples/fuzz.rs`, `scripts/fuzz.sh`) runs one of them for as long as it is asked to; `tests/decoders.rs` runs all
//! of them over the corpus, damaged copies of it and random bytes.

pub mod corpus;
mod domains;

use codec::{Decode, Encode};
use doin_artifacts::{
    protocol::{Request, Response, MAXIMUM_CHUNKS, MAXIMUM_REQUEST_SIZE, MAXIMUM_RESPONSE_SIZE},
    ArtifactReference, Chunk, CHUNK_SIZE,
};
use doin_plugins::protocol::Frame;
use doin_population::{protocol as population, Message, Scope, MOST_CANDIDATES};
use doin_primitives::{
    engine::{CompatibleDigestItem, ENGINE_ID},
    AccountId, Hash, Header,
};
use doin_worker::{config::WorkerConfiguration, journal};
use sp_runtime::{traits::Header as _, Digest, DigestItem};

/// What a target does with its input.
pub type Body = fn(&[u8]);

/// The bodies by the names of their targets.
pub const TARGETS: [(&str, Body); 14] = [
    ("artifact_request", artifact_request),
    ("artifact_response", artifact_response),
    ("chunk", chunk),
    ("shared_population", shared_population),
    ("engine_digests", engine_digests),
    ("header", header),
    ("journal_entry", journal_entry),
    ("configuration", configuration),
    ("quadratic", domains::quadratic),
    ("function", domains::function),
    ("forecast", domains::forecast),
    ("onnx", domains::onnx),
    ("plugin_frame", plugin_frame),
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

/// What nodes that share a population ask and answer.
pub fn shared_population(data: &[u8]) {
    let scope = Scope {
        genesis: Hash::zero(),
        domain: 0,
    };
    let is_signed = |message: &Message| match message {
        Message::Lease(lease) => lease.is_signed(scope),
        Message::Finding(finding) => finding.is_signed(scope),
    };
    if let Ok(request) = population::Request::read(data) {
        assert!(data.len() <= population::MAXIMUM_REQUEST_SIZE);
        assert_eq!(request.encode(), data, "one spelling only");
        if let population::Request::Exchange { summary, messages, .. } = request {
            assert!(summary.digests.len() <= MOST_CANDIDATES);
            let _ = messages.iter().filter(|message| is_signed(message)).count();
        }
    }
    if let Ok(response) = population::Response::read(data) {
        assert!(data.len() <= population::MAXIMUM_RESPONSE_SIZE);
        assert_eq!(response.encode(), data, "one spelling only");
        if let population::Response::Sealed(sealed) = response {
            assert!(sealed.findings.len() <= MOST_CANDIDATES && sealed.generation.candidates.len() <= MOST_CANDIDATES);
            let _ = (sealed.generation.check(), sealed.generation.fingerprint(scope));
        }
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

/// A frame of the plugin protocol, as a plugin writes it.
pub fn plugin_frame(data: &[u8]) {
    const MOST_PAYLOAD_BYTES: u32 = 1_000;
    let Ok(frame) = Frame::read(&mut &data[..], MOST_PAYLOAD_BYTES) else {
        return;
    };
    assert!(frame.payload_bytes() <= MOST_PAYLOAD_BYTES as usize);
    let mut written = Vec::new();
    if frame.write(&mut written).is_ok() {
        let again = Frame::read(&mut written.as_slice(), MOST_PAYLOAD_BYTES).expect("what was written can be read");
        assert_eq!(
            (again.kind, again.id, again.segments),
            (frame.kind, frame.id, frame.segments)
        );
        // Numbers may be read as their neighbours.
        assert!(again.values.keys().eq(frame.values.keys()));
    }
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

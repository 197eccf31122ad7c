//! Shared populations of plugins: docs/plugin-protocol.md.

use crate::{child::Patience, domain::domain_error, protocol::Frame, search::Search, PluginError, PythonDomain};
use doin_domains::{Assessment, Cancellation, DomainError, SharedGeneration, SharedPopulation};
use serde_json::Value;
use std::time::Instant;

/// The most candidates of a generation.
const MOST_CANDIDATES: u64 = 256;

impl Search {
    /// A part of a shared search. What a call of `optimize` was at is given up.
    fn ask(&mut self, request: Frame, cancellation: Option<&Cancellation>) -> Result<Frame, DomainError> {
        self.forget();
        let answer = self.answer(request, cancellation);
        if matches!(answer, Err(PluginError::Cancelled)) {
            // The answer that is still to come would be taken for that of the next request.
            self.slot.stop();
        }
        self.slot.settle(answer).map_err(domain_error)
    }

    fn answer(&mut self, request: Frame, cancellation: Option<&Cancellation>) -> Result<Frame, PluginError> {
        let silence = self.silence;
        let child = self.slot.child()?;
        let id = child.open(request)?;
        loop {
            // Each sign of life is as good as the first.
            let patience = Patience {
                deadline: Instant::now() + silence,
                seconds: silence.as_secs(),
                cancellation,
            };
            let frame = child.next(id, &patience)?;
            if frame.kind == "result" {
                return Ok(frame);
            }
        }
    }
}

fn generation(mut answer: Frame) -> Result<SharedGeneration, DomainError> {
    let lacks = |what: &str| DomainError::External(format!("the plugin answered without {what}"));
    let count = answer.values.get("candidates").and_then(Value::as_u64);
    let count = count
        .filter(|count| (1..=MOST_CANDIDATES).contains(count))
        .ok_or_else(|| lacks("1 to 256 candidates"))?;
    let state = answer.take("state").ok_or_else(|| lacks("a state"))?;
    let candidates = (0..count)
        .map(|index| {
            let name = format!("candidate {index}");
            answer.take(&name).ok_or_else(|| lacks(&name))
        })
        .collect::<Result<_, _>>()?;
    Ok(SharedGeneration { candidates, state })
}

impl SharedPopulation for PythonDomain {
    fn create(&self, _start: &[u8], seed: [u8; 32], season: u64) -> Result<SharedGeneration, DomainError> {
        let request = Frame::new("shared_create", 0)
            .with("seed", hex::encode(seed))
            .with("season", season);
        generation(self.search.lock().ask(request, None)?)
    }

    fn evaluate_candidate(
        &self,
        candidate: &[u8],
        number: u64,
        seed: [u8; 32],
        season: u64,
        cancellation: &Cancellation,
    ) -> Result<Assessment, DomainError> {
        let request = Frame::new("shared_evaluate", 0)
            .with("number", number)
            .with("seed", hex::encode(seed))
            .with("season", season)
            .segment("candidate", candidate);
        let mut answer = self.search.lock().ask(request, Some(cancellation))?;
        let metric = answer.values.get("metric").and_then(Value::as_f64);
        match (metric, answer.take("parameters")) {
            (Some(metric), Some(parameters)) => Ok(Assessment { metric, parameters }),
            _ => Err(DomainError::External(
                "the plugin answered without metric or parameters".into(),
            )),
        }
    }

    fn reproduce(
        &self,
        generation: &SharedGeneration,
        number: u64,
        metrics: &[Option<f64>],
        seed: [u8; 32],
        season: u64,
    ) -> Result<Option<SharedGeneration>, DomainError> {
        let mut request = Frame::new("shared_reproduce", 0)
            .with("number", number)
            .with("metrics", metrics)
            .with("seed", hex::encode(seed))
            .with("season", season)
            .segment("state", &generation.state);
        for (index, candidate) in generation.candidates.iter().enumerate() {
            request = request.segment(&format!("candidate {index}"), candidate);
        }
        let answer = self.search.lock().ask(request, None)?;
        match answer.values.get("converged").and_then(Value::as_bool) {
            Some(true) => Ok(None),
            _ => self::generation(answer).map(Some),
        }
    }
}

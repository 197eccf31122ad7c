//! The searching child: a call of the plugin's `optimize` goes on over as many rounds of the worker as it takes.

use crate::{
    child::{Child, Patience},
    domain::domain_error,
    protocol::Frame,
    slot::Slot,
    PluginError,
};
use doin_domains::{Cancellation, Candidate, DomainError};
use serde_json::Value;
use std::time::{Duration, Instant};

/// The searching child and what it is at.
pub(crate) struct Search {
    pub(crate) slot: Slot,
    flight: Option<Flight>,
    round: Duration,
    pub(crate) silence: Duration,
    /// The stage that the plugin said last that it is in.
    stage: Option<u32>,
    /// The stage in which the network's best was found, and the one that the plugin was told.
    network_stage: Option<u32>,
    told_stage: Option<u32>,
}

/// A call of `optimize` that has not returned yet.
struct Flight {
    id: u64,
    season: u64,
    /// The best that the plugin was told last.
    best: Vec<u8>,
    /// How long it has been computing without a sign of life.
    silent: Duration,
}

/// What a round is about.
pub(crate) struct Round<'a> {
    pub(crate) best: &'a [u8],
    pub(crate) seed: [u8; 32],
    pub(crate) season: u64,
    pub(crate) minimum_gain: f64,
    pub(crate) cancellation: &'a Cancellation,
}

impl Search {
    pub(crate) fn new(slot: Slot, round_seconds: u64, silence_seconds: u64) -> Self {
        Self {
            slot,
            flight: None,
            round: Duration::from_secs(round_seconds),
            silence: Duration::from_secs(silence_seconds),
            stage: None,
            network_stage: None,
            told_stage: None,
        }
    }

    pub(crate) fn stage(&self) -> Option<u32> {
        self.stage
    }

    /// The network is in this stage: told to the plugin with the next round.
    pub(crate) fn advance(&mut self, stage: u32) {
        self.network_stage = Some(stage);
    }

    /// Ends what is computed: the next round begins anew.
    pub(crate) fn forget(&mut self) {
        (self.stage, self.told_stage) = (None, None);
        if self.flight.take().is_some() {
            self.slot.stop();
        }
    }

    /// One round.
    pub(crate) fn round(&mut self, round: &Round) -> Result<Candidate, DomainError> {
        if self.flight.as_ref().is_some_and(|flight| flight.season != round.season) {
            self.forget();
        }
        let result = self.go_on(round);
        // What goes on does so in the next round: the machine is the worker's until then.
        match (&mut self.flight, self.slot.running()) {
            (Some(_), Some(child)) => child.pause(),
            (flight, _) => *flight = None,
        }
        result
    }

    fn go_on(&mut self, round: &Round) -> Result<Candidate, DomainError> {
        let begun = self.begin(round);
        self.slot.settle(begun).map_err(domain_error)?;
        let (started, mut events) = (Instant::now(), 0u64);
        loop {
            let Some(flight) = &mut self.flight else {
                return Err(DomainError::Cancelled);
            };
            let left = self.round.saturating_sub(started.elapsed());
            if left.is_zero() {
                return Err(DomainError::NoImprovement {
                    gain: 0.0,
                    required: round.minimum_gain,
                });
            }
            let waited = Instant::now();
            let patience = Patience {
                deadline: waited + left.min(self.silence.saturating_sub(flight.silent)),
                seconds: self.silence.as_secs(),
                cancellation: Some(round.cancellation),
            };
            let next = match self.slot.child() {
                Ok(child) => child.next(flight.id, &patience),
                Err(error) => Err(error),
            };
            flight.silent += waited.elapsed();
            match next {
                Ok(mut frame) => {
                    flight.silent = Duration::ZERO;
                    events += 1;
                    let is_result = frame.kind == "result";
                    let stage = frame.values.get("values").and_then(|values| values.get("stage"));
                    if let Some(stage) = stage.and_then(Value::as_u64) {
                        self.stage = u32::try_from(stage).ok();
                    }
                    if is_result {
                        self.flight = None;
                    }
                    if Child::is_flood(events, started) {
                        let error = PluginError::Protocol(format!("{events} events within {:?}", started.elapsed()));
                        return Err(self.give_up(error));
                    }
                    if frame.kind == "progress" {
                        log::debug!(target: crate::LOG_TARGET, "progress: {:?}", frame.values.get("values"));
                        continue;
                    }
                    let candidate = match candidate(&mut frame, is_result, round) {
                        Ok(candidate) => candidate,
                        Err(error) => return Err(self.give_up(error)),
                    };
                    match candidate {
                        Some(found) => {
                            let settled = self.slot.settle(Ok(found));
                            return settled.map_err(domain_error);
                        }
                        None if is_result => {
                            let gain = frame.values.get("gain").and_then(Value::as_f64).unwrap_or(0.0);
                            return Err(DomainError::NoImprovement {
                                gain,
                                required: round.minimum_gain,
                            });
                        }
                        None => {}
                    }
                }
                Err(PluginError::Cancelled) => return Err(DomainError::Cancelled),
                // The end of the round, not of the plugin's time.
                Err(PluginError::Late(_)) if flight.silent < self.silence => {}
                Err(error) => return Err(self.give_up(error)),
            }
        }
    }

    /// Starts a search, or lets the one that is there go on.
    fn begin(&mut self, round: &Round) -> Result<(), PluginError> {
        if let (Some(flight), Some(child)) = (&mut self.flight, self.slot.running()) {
            if flight.best != round.best {
                // Migration: another node's champion.
                child.notify(Frame::new("network_champion", flight.id).segment("parameters", round.best))?;
                flight.best = round.best.to_vec();
                tell_stage(child, flight.id, self.network_stage)?;
                self.told_stage = self.network_stage;
            }
            child.resume();
            return Ok(());
        }
        let child = self.slot.child()?;
        if !child.can("optimize") {
            return Err(PluginError::Refused {
                kind: "unsupported".into(),
                message: "the domain's specification names no optimization plugin".into(),
            });
        }
        let request = Frame::new("optimize", 0)
            .with("seed", hex::encode(round.seed))
            .with("season", round.season)
            .segment("parameters", round.best);
        let id = child.open(request)?;
        if self.told_stage != self.network_stage {
            tell_stage(child, id, self.network_stage)?;
            self.told_stage = self.network_stage;
        }
        self.flight = Some(Flight {
            id,
            season: round.season,
            best: round.best.to_vec(),
            silent: Duration::ZERO,
        });
        Ok(())
    }

    fn give_up(&mut self, error: PluginError) -> DomainError {
        self.flight = None;
        let settled: Result<(), _> = self.slot.settle(Err(error));
        settled.err().map_or(DomainError::Cancelled, domain_error)
    }
}

/// Tells a running search in which stage the network is; one that is as far ignores it.
fn tell_stage(child: &mut Child, id: u64, stage: Option<u32>) -> Result<(), PluginError> {
    match stage.filter(|_| child.can("force_stage_advance")) {
        Some(stage) => child.notify(Frame::new("stage_advance", id).with("stage", stage)),
        None => Ok(()),
    }
}

/// The better model in a frame; `None` when it is none.
fn candidate(frame: &mut Frame, is_result: bool, round: &Round) -> Result<Option<Candidate>, PluginError> {
    let missing = |what: &str| {
        PluginError::Protocol(format!(
            "{} without {what}",
            if is_result { "a result" } else { "a champion" }
        ))
    };
    let metric = frame.values.get("metric").and_then(Value::as_f64);
    let metric = metric.ok_or_else(|| missing("a metric"))?;
    let parameters = frame.take("parameters").ok_or_else(|| missing("parameters"))?;
    let gain = frame.values.get("gain").and_then(Value::as_f64);
    if parameters == round.best || gain.is_some_and(|gain| gain <= 0.0 || gain < round.minimum_gain) {
        return Ok(None);
    }
    Ok(Some(Candidate { parameters, metric }))
}

//! Where the time of a generation goes, beside what the adapter can do at best.

use std::time::Instant;

use serde::Serialize;

pub use crate::device::Roofline;
use crate::{device::GpuDevice, ComputeError, Evolution, Objective};

/// Operations of the sampling kernel for one value, counted in its source (`philox.wgsl`, `elementary.wgsl`): 460
/// integer operations for the ten rounds of Philox and 120 floating-point ones for the transformation give four
/// numbers, each of which is then scaled by four more.
const SAMPLING_INTEGER_OPERATIONS: f64 = 115.0;
const SAMPLING_FLOAT_OPERATIONS: f64 = 34.0;
/// Operations of the recombination for one value of an individual that has a weight.
const RECOMBINATION_FLOAT_OPERATIONS: f64 = 7.0;

/// One stage of a generation.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Stage {
    /// `sampling`, `evaluation`, `ranking` or `update`.
    pub name: &'static str,
    /// How long it takes on its own.
    pub seconds: f64,
    /// Bytes that it has to read and write at least.
    pub bytes: f64,
    /// Seconds of its memory traffic at the adapter's rate.
    pub memory_seconds: f64,
    /// Seconds of its arithmetic at the adapter's rates.
    pub arithmetic_seconds: f64,
}

impl Stage {
    /// What it would take at the roofline: memory traffic and arithmetic beside each other.
    pub fn roofline_seconds(&self) -> f64 {
        self.memory_seconds.max(self.arithmetic_seconds)
    }
}

/// The profile of a generation.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct GenerationProfile {
    /// What the adapter reaches with nothing else to do.
    pub roofline: Roofline,
    /// The four stages.
    pub stages: Vec<Stage>,
    /// Seconds of a generation as [`Evolution::run`] does them: with submissions, and with the readback at the end.
    pub generation_seconds: f64,
}

impl GenerationProfile {
    /// Which share of a generation is arithmetic or memory traffic at the roofline.
    pub fn share(&self) -> f64 {
        self.stages.iter().map(Stage::roofline_seconds).sum::<f64>() / self.generation_seconds
    }
}

/// Profiles the device at `index` of [`crate::devices`]. `operations` is the number of floating-point operations of the
/// objective for one value of an individual.
///
/// # Errors
///
/// Those of [`crate::Compute::open_device`] and [`Evolution::run`].
pub fn profile_generation(
    index: usize,
    evolution: &Evolution,
    objective: &dyn Objective,
    operations: f64,
    generations: u64,
) -> Result<GenerationProfile, ComputeError> {
    let mut device = GpuDevice::open(Some(index))?;
    let roofline = device.roofline()?;
    let never = || false;
    let (run, state) = evolution.run_for(objective, 1, &never);
    let seconds = device.stage_seconds(&run, state)?;
    let (run, state) = evolution.run_for(objective, generations.max(1), &never);
    let start = Instant::now();
    let (_, done) = device.evolve(&run, state)?;
    let generation_seconds = start.elapsed().as_secs_f64() / done as f64;

    let constants = &run.constants;
    let dimensions = f64::from(constants.dimensions);
    let values = f64::from(constants.individuals) * dimensions;
    let ranked = f64::from(constants.ranks) * dimensions;
    let sorted = f64::from(constants.padded);
    // Eight bytes in and out in each pass over global memory.
    let levels = (sorted.log2() - 9.0).max(0.0);
    let passes = 2.0 + levels * (levels + 1.0) / 2.0 + levels;
    let counts = [
        (
            "sampling",
            4.0 * values,
            SAMPLING_FLOAT_OPERATIONS * values,
            SAMPLING_INTEGER_OPERATIONS * values,
        ),
        ("evaluation", 4.0 * values, operations * values, 0.0),
        ("ranking", 16.0 * sorted * passes, 0.0, 0.0),
        ("update", 4.0 * ranked, RECOMBINATION_FLOAT_OPERATIONS * ranked, 0.0),
    ];
    let stages = counts
        .into_iter()
        .zip(seconds)
        .map(|((name, bytes, floats, integers), seconds)| Stage {
            name,
            seconds,
            bytes,
            memory_seconds: bytes / roofline.bytes_per_second,
            arithmetic_seconds: floats / roofline.float_operations_per_second
                + integers / roofline.integer_operations_per_second,
        })
        .collect();
    Ok(GenerationProfile {
        roofline,
        stages,
        generation_seconds,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{objectives::Rastrigin, EvolutionMethod};

    #[test]
    fn a_profile_has_all_its_parts() {
        let evolution = Evolution::new(EvolutionMethod::EvolutionStrategy, &[1.0; 50], 1.0, 300, [1; 32]).unwrap();
        let profile = profile_generation(0, &evolution, &Rastrigin::new(50).unwrap(), 13.0, 3).unwrap();
        assert!(profile.roofline.bytes_per_second > 0.0 && profile.roofline.integer_operations_per_second > 0.0);
        assert!(profile.roofline.float_operations_per_second > 0.0);
        assert_eq!(profile.stages.len(), 4);
        assert!(profile
            .stages
            .iter()
            .all(|stage| stage.seconds > 0.0 && stage.roofline_seconds() > 0.0));
        assert!(profile.share() > 0.0 && profile.generation_seconds > 0.0);
        // The evolution itself is left as it was.
        assert_eq!(evolution.generation(), 0);
    }
}

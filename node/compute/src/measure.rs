//! How fast a device is.

use std::time::{Duration, Instant};

use serde::Serialize;

use crate::{objectives::Quadratic, random::RandomStream, Compute, ComputeError};

/// Population and dimensions of [`measure_device`].
const POPULATION: usize = 1 << 16;
const DIMENSIONS: usize = 32;
/// How long [`measure_device`] measures.
const DURATION: Duration = Duration::from_millis(500);

/// Evaluations of the quadratic objective per second, with upload of the population and readback of the fitness.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Measurement {
    /// Individuals in a dispatch.
    pub population: usize,
    /// Values in an individual.
    pub dimensions: usize,
    /// Dispatches that were timed.
    pub generations: u64,
    /// Individuals evaluated per second.
    pub evaluations_per_second: f64,
}

/// Measures for at least `duration`, and at least one generation, after two generations to warm up.
///
/// # Errors
///
/// Those of [`Compute::evaluate`]; [`ComputeError::BadPopulation`] for a population or dimensions of zero.
pub fn measure(
    compute: &Compute,
    population: usize,
    dimensions: usize,
    duration: Duration,
) -> Result<Measurement, ComputeError> {
    let refused = || ComputeError::BadPopulation {
        length: population,
        dimensions,
    };
    if population == 0 {
        return Err(refused());
    }
    let objective = Quadratic::new(vec![0.5; dimensions]).ok_or_else(refused)?;
    let mut random = RandomStream::new([0; 32]);
    let values: Vec<f32> = (0..population * dimensions).map(|_| random.uniform() as f32).collect();
    for _ in 0..2 {
        compute.evaluate(&objective, &values)?;
    }
    let start = Instant::now();
    let mut generations = 0;
    let elapsed = loop {
        std::hint::black_box(compute.evaluate(&objective, std::hint::black_box(&values))?);
        generations += 1;
        let elapsed = start.elapsed();
        if elapsed >= duration {
            break elapsed;
        }
    };
    let evaluations_per_second = generations as f64 * population as f64 / elapsed.as_secs_f64();
    Ok(Measurement {
        population,
        dimensions,
        generations,
        evaluations_per_second,
    })
}

/// Measures the device at `index` of [`crate::devices`] for half a second, with 65 536 individuals of 32 dimensions.
///
/// # Errors
///
/// Those of [`Compute::open_device`] and [`Compute::evaluate`].
pub fn measure_device(index: usize) -> Result<Measurement, ComputeError> {
    measure(&Compute::open_device(index)?, POPULATION, DIMENSIONS, DURATION)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Backend;

    #[test]
    fn every_device_can_be_measured() {
        let devices = crate::devices();
        assert!(!devices.is_empty(), "no adapter: install mesa-vulkan-drivers");
        for device in devices {
            assert!(measure_device(device.index).unwrap().evaluations_per_second > 0.0);
        }
    }

    #[test]
    fn a_measurement_lasts_at_least_one_generation() {
        let compute = Compute::open(Backend::Cpu).unwrap();
        let measurement = measure(&compute, 10, 3, Duration::ZERO).unwrap();
        assert_eq!(measurement.generations, 1);
        assert!(measure(&compute, 0, 3, Duration::ZERO).is_err());
        assert!(measure(&compute, 3, 0, Duration::ZERO).is_err());
    }
}

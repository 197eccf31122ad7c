//! Where the time of a generation goes, beside what the adapter can do at best.

use std::time::{Duration, Instant};

use serde::Serialize;

pub use crate::device::Roofline;
use crate::{device::GpuDevice, evolution::Constants, ComputeError, Evolution, Objective};

/// Operations for one number that is drawn, counted in the kernels' sources (`philox.wgsl`, `elementary.wgsl`): 20 wide
/// products for four numbers; then for two numbers 13 operations on bits, and 52 additions, multiplications and a root in
/// the transformation of Box and Muller.
const PRODUCTS_PER_NUMBER: f64 = 5.0;
const INTEGERS_PER_NUMBER: f64 = 6.5;
const FLOATS_PER_NUMBER: f64 = 26.0;
/// A comparison, and the count.
const INTEGERS_PER_COUNTED: f64 = 2.0;
/// Two comparisons of keys, one of indices, and their combination.
const INTEGERS_PER_SORTED: f64 = 4.0;

/// Stretches of generations that are timed; the best one counts, since what else the machine does only slows them down.
const STRETCHES: u32 = 3;

/// One part of a generation.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Stage {
    /// `evaluation` (which draws the population), `ranking`, `recombination` or `update`.
    pub name: &'static str,
    /// How long it takes.
    pub seconds: f64,
    /// Bytes that it has to read and write at least.
    pub bytes: f64,
    /// Floating-point operations.
    pub float_operations: f64,
    /// Integer operations besides the wide products.
    pub integer_operations: f64,
    /// Wide products, see [`Roofline::products_per_second`].
    pub products: f64,
    /// Seconds of its memory traffic at the adapter's rate.
    pub memory_seconds: f64,
    /// Seconds of its arithmetic at the adapter's rates, one kind after the other: so it is where all kinds share the
    /// units or the slots in which instructions start.
    pub arithmetic_seconds: f64,
    /// Seconds of the kind of arithmetic that takes longest, as if the others were done beside it.
    pub longest_arithmetic_seconds: f64,
}

impl Stage {
    /// What it would take at the roofline: memory traffic and arithmetic beside each other.
    pub fn roofline_seconds(&self) -> f64 {
        self.memory_seconds.max(self.arithmetic_seconds)
    }

    /// The same, if the adapter could do all kinds of arithmetic beside each other: no kernel can be faster.
    pub fn least_seconds(&self) -> f64 {
        self.memory_seconds.max(self.longest_arithmetic_seconds)
    }

    fn new(name: &'static str, seconds: f64, work: Work, roofline: &Roofline) -> Self {
        let arithmetic = [
            work.floats / roofline.float_operations_per_second,
            work.integers / roofline.integer_operations_per_second,
            work.products / roofline.products_per_second,
        ];
        Self {
            name,
            seconds,
            bytes: work.bytes,
            float_operations: work.floats,
            integer_operations: work.integers,
            products: work.products,
            memory_seconds: work.bytes / roofline.bytes_per_second,
            arithmetic_seconds: arithmetic.iter().sum(),
            longest_arithmetic_seconds: arithmetic.into_iter().fold(0.0, f64::max),
        }
    }
}

/// The profile of a generation.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct GenerationProfile {
    /// What the adapter reaches with nothing else to do.
    pub roofline: Roofline,
    /// Whether kernels use the adapter's 64-bit integers.
    pub has_wide_integers: bool,
    /// Whether the parts were timed by the device's own clock, within whole generations. Otherwise each was repeated on
    /// its own.
    pub has_clock: bool,
    /// The parts in their order.
    pub stages: Vec<Stage>,
    /// Generations in a stretch of the measurement of a whole one.
    pub generations: u64,
    /// In the best stretch, seconds of a generation as [`Evolution::run`] does them: with submissions, with what lies between the parts, and
    /// with upload and readback of the state once.
    pub generation_seconds: f64,
}

impl GenerationProfile {
    /// Which share of a generation is arithmetic or memory traffic at the roofline.
    pub fn share(&self) -> f64 {
        self.stages.iter().map(Stage::roofline_seconds).sum::<f64>() / self.generation_seconds
    }

    /// The same by [`Stage::least_seconds`]: what is certain of the share, however the adapter overlaps its work.
    pub fn least_share(&self) -> f64 {
        self.stages.iter().map(Stage::least_seconds).sum::<f64>() / self.generation_seconds
    }
}

/// Profiles the device at `index` of [`crate::devices`], in whole generations for about `duration`. `operations` is the
/// number of floating-point operations of the objective for one value of an individual.
///
/// # Errors
///
/// Those of [`crate::Compute::open_device`] and [`Evolution::run`].
pub fn profile_generation(
    index: usize,
    evolution: &Evolution,
    objective: &dyn Objective,
    operations: f64,
    duration: Duration,
) -> Result<GenerationProfile, ComputeError> {
    let mut device = GpuDevice::open(Some(index))?;
    let roofline = device.roofline()?;
    let never = || false;
    let (run, state) = evolution.run_for(objective, 1, &never);
    let seconds = device.part_seconds(&run, state)?;
    let mut measure = |generations| -> Result<Duration, ComputeError> {
        let (run, state) = evolution.run_for(objective, generations, &never);
        let start = Instant::now();
        device.evolve(&run, state)?;
        Ok(start.elapsed())
    };
    let mut generations = 1;
    let mut best = measure(generations)?;
    while best < duration / STRETCHES {
        generations *= 2;
        best = measure(generations)?;
    }
    for _ in 1..STRETCHES {
        best = best.min(measure(generations)?);
    }
    let stages = work(&run.constants, device.sort_dispatches(&run.constants), operations)
        .into_iter()
        .zip(seconds)
        .map(|((name, work), seconds)| Stage::new(name, seconds, work, &roofline))
        .collect();
    Ok(GenerationProfile {
        roofline,
        has_wide_integers: device.has_wide_integers(),
        has_clock: device.has_clock(),
        stages,
        generations,
        generation_seconds: best.as_secs_f64() / generations as f64,
    })
}

#[derive(Clone, Copy)]
struct Work {
    bytes: f64,
    floats: f64,
    integers: f64,
    products: f64,
}

/// What the parts of a generation have to do at least, in their order.
fn work(constants: &Constants, sort_dispatches: Option<usize>, operations: f64) -> [(&'static str, Work); 4] {
    let n = f64::from(constants.dimensions);
    let individuals = f64::from(constants.individuals);
    let ranks = f64::from(constants.ranks);
    let learns_variances = constants.learns_variances();
    let drawn = |count: f64, floats: f64, bytes: f64| Work {
        bytes,
        floats: (FLOATS_PER_NUMBER + floats) * count,
        integers: INTEGERS_PER_NUMBER * count,
        products: PRODUCTS_PER_NUMBER * count,
    };
    let padded = f64::from(constants.padded);
    // Each dispatch of the sort reads and writes eight bytes an individual; counting only writes them.
    let (moved, integers) = match sort_dispatches {
        None => (8.0 * individuals, INTEGERS_PER_COUNTED * individuals * individuals),
        Some(dispatches) => (
            16.0 * padded * dispatches as f64,
            INTEGERS_PER_SORTED * padded * padded.log2() * (padded.log2() + 1.0) / 4.0,
        ),
    };
    let ranking = Work {
        bytes: 4.0 * individuals + moved,
        floats: 0.0,
        integers,
        products: 0.0,
    };
    // Mean, deviation, variance, both paths and two sums, of which five are written again.
    let update = Work {
        bytes: 48.0 * n,
        floats: 40.0 * n,
        integers: 0.0,
        products: 0.0,
    };
    let sums = if learns_variances { 5.0 } else { 2.0 };
    [
        // A value takes two operations, its objective the others.
        (
            "evaluation",
            drawn(individuals * n, operations + 2.0, 4.0 * individuals + 8.0 * n),
        ),
        ("ranking", ranking),
        ("recombination", drawn(ranks * n, sums, 12.0 * ranks + 16.0 * n)),
        ("update", update),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{objectives::Rastrigin, EvolutionMethod};

    #[test]
    fn a_profile_has_all_its_parts() {
        for method in [EvolutionMethod::EvolutionStrategy, EvolutionMethod::SepCmaEs] {
            let evolution = Evolution::new(method, &[1.0; 50], 1.0, 300, [1; 32]).unwrap();
            let objective = Rastrigin::new(50).unwrap();
            let profile = profile_generation(0, &evolution, &objective, 17.0, Duration::from_millis(20)).unwrap();
            let roofline = &profile.roofline;
            assert!(roofline.bytes_per_second > 0.0 && roofline.integer_operations_per_second > 0.0);
            assert!(roofline.float_operations_per_second > 0.0 && roofline.products_per_second > 0.0);
            let names: Vec<&str> = profile.stages.iter().map(|stage| stage.name).collect();
            assert_eq!(names, ["evaluation", "ranking", "recombination", "update"]);
            for stage in &profile.stages {
                assert!(stage.seconds > 0.0 && stage.roofline_seconds() > 0.0, "{stage:?}");
            }
            assert!(profile.generation_seconds > 0.0);
            assert!(profile.least_share() > 0.0 && profile.least_share() < profile.share());
            // The evolution itself is left as it was.
            assert_eq!(evolution.generation(), 0);
        }
    }

    #[test]
    fn the_work_of_the_profiled_generation() {
        let start = vec![0.0; 2_000];
        let strategy = Evolution::new(EvolutionMethod::EvolutionStrategy, &start, 1.0, 4_096, [1; 32]).unwrap();
        let objective = Rastrigin::new(2_000).unwrap();
        let (run, _) = strategy.run_for(&objective, 1, &|| false);
        let [(_, evaluation), (_, ranking), (_, recombination), _] = work(&run.constants, None, 17.0);
        assert_eq!(evaluation.products, 5.0 * 4_096.0 * 2_000.0);
        assert_eq!(evaluation.floats, 45.0 * 4_096.0 * 2_000.0);
        // A quarter of the population is drawn again.
        assert_eq!(recombination.products, evaluation.products / 4.0);
        assert_eq!(ranking.integers, 2.0 * 4_096.0 * 4_096.0);
        // The sort of 2¹² numbers has 12 · 13/2 rounds of 2¹¹ comparisons.
        let [_, (_, sort), ..] = work(&run.constants, Some(11), 17.0);
        assert_eq!(sort.integers, 4.0 * 78.0 * 2_048.0);
    }
}

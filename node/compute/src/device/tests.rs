//! Tests of the device, on whatever adapter is there: a software one will do.

use super::*;
use crate::{
    objectives::{tests::objectives, Quadratic},
    random::RandomStream,
};

/// Each number of lanes, whatever the adapter prefers.
#[test]
fn every_number_of_lanes_gives_the_same_value_within_rounding() {
    let mut device = GpuDevice::open(None).unwrap();
    device.use_lanes();
    let mut random = RandomStream::new([5; 32]);
    for dimensions in [2, 10, 40, 200, 600] {
        let target = (0..dimensions).map(|_| random.gaussian()).collect();
        let population: Vec<f32> = (0..dimensions * 70).map(|_| random.gaussian() as f32).collect();
        for objective in objectives(dimensions, target) {
            let fitness = device.evaluate(objective.as_ref(), &population).unwrap();
            for (individual, fitness) in population.chunks(dimensions).zip(fitness) {
                let individual: Vec<f64> = individual.iter().map(|value| f64::from(*value)).collect();
                let exact = objective.evaluate(&individual);
                assert!(
                    (f64::from(fitness) - exact).abs() <= objective.error_bound(&individual),
                    "{}: {fitness} {exact}",
                    objective.name()
                );
            }
        }
    }
    let mut lanes: Vec<u32> = device.pipelines.keys().map(|(_, lanes)| *lanes).collect();
    lanes.sort_unstable();
    lanes.dedup();
    assert_eq!(lanes, [1, 4, 16, 64]);
}

#[test]
fn populations_beyond_the_limits_are_split_without_a_trace() {
    let mut device = GpuDevice::open(None).unwrap();
    let objective = Quadratic::new(vec![0.5; 10]).unwrap();
    let mut random = RandomStream::new([6; 32]);
    let population: Vec<f32> = (0..10 * 1_000).map(|_| random.gaussian() as f32).collect();
    let whole = device.evaluate(&objective, &population).unwrap();
    // 7 individuals in a chunk by bytes; one workgroup of 64 in a dispatch; 300 results in a buffer.
    for (chunk, fitness, workgroups) in [
        (7 * 40, 1 << 20, 65_535),
        (1 << 20, 1 << 20, 1),
        (1 << 20, 1_200, 65_535),
        (400, 1_200, 1),
    ] {
        let mut device = GpuDevice::open(None).unwrap();
        device.set_limits(chunk, fitness, workgroups);
        assert_eq!(device.evaluate(&objective, &population).unwrap(), whole);
    }
    device.set_limits(36, 1 << 20, 65_535);
    assert_eq!(
        device.evaluate(&objective, &population),
        Err(ComputeError::TooManyDimensions {
            dimensions: 10,
            limit: 9
        })
    );
}

#[test]
fn buffers_and_pipelines_are_reused() {
    let mut device = GpuDevice::open(None).unwrap();
    let objective = Quadratic::new(vec![0.0; 4]).unwrap();
    device.evaluate(&objective, &[1.0; 4 * 100]).unwrap();
    let before = device.buffers.as_ref().unwrap().population.clone();
    device.evaluate(&objective, &[2.0; 4 * 120]).unwrap();
    assert_eq!(device.buffers.as_ref().unwrap().population, before);
    assert_eq!(device.pipelines.len(), 1);
    device.evaluate(&objective, &[2.0; 4 * 500]).unwrap();
    assert_ne!(device.buffers.as_ref().unwrap().population, before);
}

#[test]
fn a_kernel_that_does_not_compile_is_named() {
    struct Broken;
    impl Objective for Broken {
        fn name(&self) -> &'static str {
            "broken"
        }
        fn shader(&self) -> &'static str {
            "@compute @workgroup_size(64) fn evaluate() { nonsense }"
        }
        fn dimensions(&self) -> usize {
            1
        }
        fn constants(&self) -> &[f32] {
            &[0.0]
        }
        fn evaluate_single(&self, _: &[f32]) -> f32 {
            0.0
        }
        fn evaluate(&self, _: &[f64]) -> f64 {
            0.0
        }
    }
    let error = GpuDevice::open(None).unwrap().evaluate(&Broken, &[0.0]).unwrap_err();
    assert!(
        matches!(
            error,
            ComputeError::Kernel {
                objective: "broken",
                ..
            }
        ),
        "{error}"
    );
    assert!(!error.is_device_fault());
}

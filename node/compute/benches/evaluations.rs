//! Evaluations per second of the quadratic objective: the GPU kernel (with upload and readback) against plain
//! multi-threaded CPU code, for several populations and dimensions.
//!
//! `cargo bench --locked -p doin-compute` (add `-- --seconds 2` to measure each cell for longer than half a second).

use std::time::Duration;

use doin_compute::{devices, measure, Backend, Compute, ComputeError};

const POPULATIONS: [usize; 4] = [256, 4_096, 65_536, 1_048_576];
const DIMENSIONS: [usize; 4] = [10, 32, 256, 2_000];
/// Larger populations are left out: 256 Mi values are 1 GiB.
const MOST_VALUES: usize = 1 << 28;

fn main() -> Result<(), ComputeError> {
    let arguments: Vec<String> = std::env::args().collect();
    let seconds = arguments
        .iter()
        .position(|argument| argument == "--seconds")
        .and_then(|position| arguments.get(position + 1))
        .and_then(|text| text.parse::<f64>().ok())
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .unwrap_or(Duration::from_millis(500));

    let cpu = Compute::open(Backend::Cpu)?;
    println!("CPU: {}", cpu.description());
    for device in devices() {
        println!("\nDevice {}: {device}", device.index);
        println!(
            "{:>10} {:>10} {:>16} {:>16} {:>9}",
            "population", "dimensions", "device [1/s]", "CPU [1/s]", "ratio"
        );
        let gpu = Compute::open_device(device.index)?;
        for population in POPULATIONS {
            for dimensions in DIMENSIONS {
                if population * dimensions > MOST_VALUES {
                    continue;
                }
                let on_device = measure(&gpu, population, dimensions, seconds)?.evaluations_per_second;
                let on_cpu = measure(&cpu, population, dimensions, seconds)?.evaluations_per_second;
                println!(
                    "{population:>10} {dimensions:>10} {on_device:>16.0} {on_cpu:>16.0} {:>9.2}",
                    on_device / on_cpu
                );
            }
        }
    }
    Ok(())
}

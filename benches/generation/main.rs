//! One full generation of the evolution strategy and of sep-CMA-ES on Rastrigin's function, 4 096 individuals of 2 000
//! dimensions: how long it takes on each device and on the CPU reference, how that divides into its stages, and which
//! share is arithmetic or memory traffic at the rates that the adapter reaches with nothing else to do.
//!
//! `cargo bench --locked --profile release -p doin-compute --bench generation -- [--population N] [--dimensions N]`

use std::time::Instant;

use doin_compute::{
    devices, objectives::Rastrigin, profile_generation, Compute, Evolution, EvolutionMethod, GenerationProfile,
};

/// Of Rastrigin's kernel for one value, counted in its source.
const OPERATIONS: f64 = 17.0;
const GENERATIONS: u64 = 10;
const METHODS: [EvolutionMethod; 2] = [EvolutionMethod::EvolutionStrategy, EvolutionMethod::SepCmaEs];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let population = option("--population", 4_096);
    let dimensions = option("--dimensions", 2_000);
    let objective = Rastrigin::new(dimensions).ok_or("at least one dimension")?;
    println!("Rastrigin, {population} x {dimensions}");
    for method in METHODS {
        let start = vec![3.0; dimensions];
        let mut evolution = Evolution::new(method, &start, 1.0, population, [1; 32])?;
        for device in devices() {
            println!("\n{method:?} on device {}: {device}", device.index);
            let profile = profile_generation(device.index, &evolution, &objective, OPERATIONS, GENERATIONS)?;
            print(&profile, population);
        }
        let compute = Compute::cpu();
        evolution.run(&compute, &objective, 1, &|| false)?;
        let start = Instant::now();
        evolution.run(&compute, &objective, 3, &|| false)?;
        let seconds = start.elapsed().as_secs_f64() / 3.0;
        println!("\n{method:?} on the {}", compute.description());
        println!(
            "generation: {:.2} ms, {:.0} evaluations/s",
            1e3 * seconds,
            population as f64 / seconds
        );
    }
    Ok(())
}

fn print(profile: &GenerationProfile, population: usize) {
    let roofline = &profile.roofline;
    println!(
        "roofline: {:.1} GB/s, {:.1} G float operations/s, {:.1} G integer operations/s",
        roofline.bytes_per_second / 1e9,
        roofline.float_operations_per_second / 1e9,
        roofline.integer_operations_per_second / 1e9
    );
    println!(
        "{:<12} {:>10} {:>12} {:>16} {:>9}",
        "stage", "time [ms]", "memory [ms]", "arithmetic [ms]", "share"
    );
    for stage in &profile.stages {
        println!(
            "{:<12} {:>10.3} {:>12.3} {:>16.3} {:>8.0}%",
            stage.name,
            1e3 * stage.seconds,
            1e3 * stage.memory_seconds,
            1e3 * stage.arithmetic_seconds,
            100.0 * stage.roofline_seconds() / stage.seconds
        );
    }
    let seconds = profile.generation_seconds;
    println!(
        "generation: {:.2} ms, {:.0} evaluations/s, {:.0}% at the roofline",
        1e3 * seconds,
        population as f64 / seconds,
        100.0 * profile.share()
    );
}

fn option(name: &str, default: usize) -> usize {
    let arguments: Vec<String> = std::env::args().collect();
    arguments
        .iter()
        .position(|argument| argument == name)
        .and_then(|position| arguments.get(position + 1))
        .and_then(|text| text.parse().ok())
        .unwrap_or(default)
}

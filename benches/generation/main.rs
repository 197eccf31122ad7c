//! One full generation of the evolution strategy and of sep-CMA-ES on Rastrigin's function, 4 096 individuals of 2 000
//! dimensions: how long it takes on each device and on the CPU reference, how that divides into its parts, and which
//! share is arithmetic or memory traffic at the rates that the adapter reaches with nothing else to do.
//!
//! `cargo bench --locked --profile release -p doin-compute --bench generation -- [--population N] [--dimensions N] [--json]`

use std::time::{Duration, Instant};

use doin_compute::{
    devices, objectives::Rastrigin, profile_generation, Compute, Evolution, EvolutionMethod, GenerationProfile,
};

/// Floating-point operations of Rastrigin's kernel for one value, counted in its source.
const OPERATIONS: f64 = 17.0;
const DURATION: Duration = Duration::from_secs(2);
const METHODS: [EvolutionMethod; 2] = [EvolutionMethod::EvolutionStrategy, EvolutionMethod::SepCmaEs];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    let population = option(&arguments, "--population", 4_096)?;
    let dimensions = option(&arguments, "--dimensions", 2_000)?;
    let as_json = arguments.iter().any(|argument| argument == "--json");
    let objective = Rastrigin::new(dimensions).ok_or("--dimensions must be at least 1")?;
    if !as_json {
        println!("Rastrigin, {population} x {dimensions}");
    }
    let mut results = Vec::new();
    for method in METHODS {
        let start = vec![3.0; dimensions];
        let evolution = Evolution::new(method, &start, 1.0, population, [1; 32])?;
        for device in devices() {
            let profile = profile_generation(device.index, &evolution, &objective, OPERATIONS, DURATION)?;
            if !as_json {
                println!("\n{method:?} on device {}: {device}", device.index);
                print(&profile, population);
            }
            results.push(serde_json::json!({
                "method": format!("{method:?}"),
                "device": device.to_string(),
                "is_software": device.is_software,
                "seconds": profile.generation_seconds,
                "share": profile.share(),
                "least_share": profile.least_share(),
                "profile": profile,
            }));
        }
        let compute = Compute::cpu();
        let seconds = on_cpu(&compute, evolution, &objective)?;
        if !as_json {
            println!("\n{method:?} on the {}", compute.description());
            print_generation(seconds, population);
        }
        results.push(serde_json::json!({
            "method": format!("{method:?}"),
            "device": compute.description(),
            "seconds": seconds,
        }));
    }
    if as_json {
        println!("{:#}", serde_json::Value::from(results));
    }
    Ok(())
}

/// Seconds of the fastest generation on the CPU reference.
fn on_cpu(
    compute: &Compute,
    mut evolution: Evolution,
    objective: &Rastrigin,
) -> Result<f64, Box<dyn std::error::Error>> {
    let (start, mut best) = (Instant::now(), Duration::MAX);
    while start.elapsed() < DURATION {
        let generation = Instant::now();
        evolution.run(compute, objective, 1, &|| false)?;
        best = best.min(generation.elapsed());
    }
    Ok(best.as_secs_f64())
}

fn print(profile: &GenerationProfile, population: usize) {
    let roofline = &profile.roofline;
    println!(
        "roofline: {:.1} GB/s, {:.1} G float operations/s, {:.1} G integer operations/s, {:.1} G wide products/s ({})",
        roofline.bytes_per_second / 1e9,
        roofline.float_operations_per_second / 1e9,
        roofline.integer_operations_per_second / 1e9,
        roofline.products_per_second / 1e9,
        if profile.has_wide_integers {
            "64-bit integers"
        } else {
            "of 16-bit halves"
        },
    );
    println!(
        "{:<14} {:>10} {:>8} {:>9} {:>9} {:>9} {:>12} {:>16} {:>8}",
        "part", "time [ms]", "MB", "M floats", "M ints", "M wide", "memory [ms]", "arithmetic [ms]", "roofline"
    );
    for stage in &profile.stages {
        println!(
            "{:<14} {:>10.4} {:>8.3} {:>9.2} {:>9.2} {:>9.2} {:>12.4} {:>16.4} {:>7.0}%",
            stage.name,
            1e3 * stage.seconds,
            stage.bytes / 1e6,
            stage.float_operations / 1e6,
            stage.integer_operations / 1e6,
            stage.products / 1e6,
            1e3 * stage.memory_seconds,
            1e3 * stage.arithmetic_seconds,
            100.0 * stage.roofline_seconds() / stage.seconds
        );
    }
    println!(
        "parts timed {}; a whole generation in stretches of {}, with all that lies between:",
        if profile.has_clock {
            "by the device's clock within generations"
        } else {
            "each on its own, for lack of a clock on the device"
        },
        profile.generations
    );
    print_generation(profile.generation_seconds, population);
    println!(
        "{:.0} % of the time at the roofline; {:.0} % if all kinds of arithmetic could be done beside each other",
        100.0 * profile.share(),
        100.0 * profile.least_share(),
    );
}

fn print_generation(seconds: f64, population: usize) {
    println!(
        "generation: {:.3} ms, {:.0} evaluations/s",
        1e3 * seconds,
        population as f64 / seconds
    );
}

fn option(arguments: &[String], name: &str, default: usize) -> Result<usize, String> {
    let Some(position) = arguments.iter().position(|argument| argument == name) else {
        return Ok(default);
    };
    let value = arguments.get(position + 1).map_or("", String::as_str);
    value
        .parse()
        .map_err(|_| format!("{name} takes a whole number, not `{value}`"))
}

//! `doin-node devices`: what this machine can compute with.

use doin_compute::Measurement;

fn print_speed(measurement: &Measurement) {
    println!(
        "    {:.1} million evaluations of the quadratic objective a second (population {}, {} dimensions, readback included)",
        measurement.evaluations_per_second / 1e6,
        measurement.population,
        measurement.dimensions
    );
}

/// Prints each adapter with its limits and a measured speed, and the processor beside them.
///
/// # Errors
///
/// A line that says what to install when no adapter can be used. The processor's figure is printed all the same.
pub fn print() -> Result<(), String> {
    let devices = doin_compute::devices();
    for device in &devices {
        println!("{device}");
        match doin_compute::measure_device(device.index) {
            Ok(measurement) => print_speed(&measurement),
            Err(error) => println!("    cannot be used: {error}"),
        }
    }
    let processor = doin_compute::Compute::cpu();
    println!("processor (the reference, without a device)");
    match doin_compute::measure(&processor, 65_536, 32, std::time::Duration::from_millis(500)) {
        Ok(measurement) => print_speed(&measurement),
        Err(error) => println!("    cannot be used: {error}"),
    }
    if devices.is_empty() {
        return Err(doin_compute::ComputeError::NoAdapter.to_string());
    }
    Ok(())
}

//! `doin-node bench`: how fast each domain is on a device and on the processor.

use doin_compute::{devices, Compute, ComputeError};
use doin_domains::{
    benchmark::{benchmark, Speed, EXAMPLES, PROTOCOL},
    instantiate, DomainError, Options, KINDS,
};
use serde_json::{json, Value};
use std::{fs, sync::Arc, time::Duration};

/// Measure how fast each domain is on a device and on the processor: the hardware score, whose definition is in
/// docs/performance.md. Nothing else should run on the machine meanwhile.
#[derive(Debug, clap::Args)]
pub struct BenchCommand {
    /// A domain to measure: its kind, and a file with the `model` field of its specification in JSON. May be given
    /// several times. Default: an example of each built-in kind that needs no files.
    #[arg(long = "domain", value_name = "KIND=FILE")]
    pub domains: Vec<String>,

    /// The number of the device in the list of `devices`, the best one being 0.
    #[arg(long, default_value_t = 0)]
    pub device: usize,

    /// Individuals in a population, where the domain's search has populations. Default: the domain's choice.
    #[arg(long)]
    pub population: Option<usize>,

    /// Seconds of each of the three measurements of a domain on a device.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u64).range(1..=3_600))]
    pub seconds: u64,

    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// A domain to measure.
struct Subject {
    kind: String,
    model: Vec<u8>,
    /// Where the model comes from, for errors.
    origin: String,
}

/// Prints the figures.
///
/// # Errors
///
/// One line that says which option, file or domain is wrong, or why the device cannot be used.
pub fn run(command: &BenchCommand) -> Result<(), String> {
    let subjects = subjects(&command.domains)?;
    let mut engines = Vec::new();
    match Compute::open_device(command.device) {
        Ok(compute) => engines.push(compute),
        // Without any device the processor's figures are worth having; a number that is wrong is a mistake.
        Err(ComputeError::NoAdapter) => eprintln!("{}; only the processor is measured", ComputeError::NoAdapter),
        Err(error) => return Err(error.to_string()),
    }
    engines.push(Compute::cpu());
    let mut results = Vec::new();
    for compute in engines.into_iter().map(Arc::new) {
        for subject in &subjects {
            let options = Options {
                compute: compute.clone(),
                population: command.population,
                ..Options::default()
            };
            let speed = measure(subject, &options, Duration::from_secs(command.seconds))?;
            if !command.json {
                print_speed(&subject.kind, &compute, &speed);
            }
            results.push(result(subject, &compute, &speed));
        }
    }
    let unmeasured: Vec<&str> = match command.domains.is_empty() {
        true => KINDS
            .iter()
            .copied()
            .filter(|kind| subjects.iter().all(|subject| subject.kind != *kind))
            .collect(),
        false => Vec::new(),
    };
    if command.json {
        let report = json!({
            "protocol": PROTOCOL,
            "seconds": command.seconds,
            "population": command.population,
            "devices": devices(),
            "results": results,
            "unmeasured_kinds": unmeasured,
        });
        println!("{report:#}");
    } else if !unmeasured.is_empty() {
        println!(
            "not measured, since there is no example without files: {}; name a model with --domain KIND=FILE",
            unmeasured.join(", ")
        );
    }
    Ok(())
}

fn subjects(named: &[String]) -> Result<Vec<Subject>, String> {
    if named.is_empty() {
        return Ok(EXAMPLES
            .iter()
            .map(|(kind, model)| Subject {
                kind: (*kind).into(),
                model: (*model).into(),
                origin: "the example".into(),
            })
            .collect());
    }
    named
        .iter()
        .map(|text| {
            let Some((kind, file)) = text.split_once('=') else {
                return Err(format!(
                    "--domain takes KIND=FILE, like quadratic=model.json, not `{text}`"
                ));
            };
            Ok(Subject {
                kind: kind.into(),
                model: fs::read(file).map_err(|error| format!("{file} cannot be read: {error}"))?,
                origin: file.into(),
            })
        })
        .collect()
}

fn measure(subject: &Subject, options: &Options, duration: Duration) -> Result<Speed, String> {
    let at = |error: DomainError| format!("{} ({}): {error}", subject.kind, subject.origin);
    let domain = instantiate(&subject.kind, &subject.model, options).map_err(at)?;
    benchmark(domain.as_ref(), duration).map_err(at)
}

fn print_speed(kind: &str, compute: &Compute, speed: &Speed) {
    println!("{kind} on {}: score {}", compute.description(), speed.score);
    println!(
        "    {:.1} evaluations/s (stretches differ by {:.0} %), {:.1} generations/s, {:.1} measurements/s",
        speed.evaluations_per_second,
        100.0 * speed.spread,
        speed.generations_per_second,
        speed.measurements_per_second
    );
}

fn result(subject: &Subject, compute: &Compute, speed: &Speed) -> Value {
    json!({
        "kind": subject.kind,
        "model": serde_json::from_slice::<Value>(&subject.model).unwrap_or(Value::Null),
        "device": compute.description(),
        "is_processor": compute.adapter().is_none(),
        "is_software": compute.adapter().is_none_or(|adapter| adapter.is_software),
        "speed": speed,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command(domains: &[&str]) -> BenchCommand {
        BenchCommand {
            domains: domains.iter().map(|text| (*text).into()).collect(),
            device: 0,
            population: None,
            seconds: 1,
            json: false,
        }
    }

    #[test]
    fn mistakes_are_named() {
        let error = run(&command(&["quadratic"])).unwrap_err();
        assert!(error.contains("KIND=FILE"), "{error}");
        let error = run(&command(&["quadratic=/nowhere/model.json"])).unwrap_err();
        assert!(error.contains("/nowhere/model.json"), "{error}");
        let error = run(&BenchCommand {
            device: 99,
            ..command(&[])
        });
        assert!(error.unwrap_err().contains("99"));

        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("model.json");
        fs::write(&file, "{}").unwrap();
        for (kind, hint) in [("quadratic", "missing field"), ("nonsense", "known kinds")] {
            let subject = subjects(&[format!("{kind}={}", file.display())]).unwrap().remove(0);
            let error = measure(&subject, &Options::default(), Duration::ZERO).unwrap_err();
            assert!(error.contains(hint) && error.contains("model.json"), "{error}");
        }
    }

    #[test]
    fn a_result_says_what_was_measured_on_what() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("model.json");
        fs::write(&file, r#"{"dimensions":7,"noise":0.1,"target_seed":1}"#).unwrap();
        let subject = subjects(&[format!("quadratic={}", file.display())]).unwrap().remove(0);
        let compute = Compute::cpu();
        let speed = measure(&subject, &Options::default(), Duration::ZERO).unwrap();
        let result = result(&subject, &compute, &speed);
        assert_eq!(result["model"]["dimensions"], 7);
        assert_eq!(result["is_processor"], true);
        assert_eq!(result["speed"]["score"], speed.score);
    }
}

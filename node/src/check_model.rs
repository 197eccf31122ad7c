//! `doin-node check-model`: what an onnx domain makes of model files, without a chain.

use doin_domains::{onnx, Domain, DomainError, FileReference, Files, Options};
use doin_primitives::artifact::ArtifactReference;
use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

/// `doin-node check-model`.
#[derive(Debug, clap::Args)]
pub struct CheckModelCommand {
    /// The model specification of the domain, in JSON: the field `model` of its registration. Root and size of the data
    /// are put right for the data file that is named here.
    #[arg(long, value_name = "FILE")]
    pub specification: PathBuf,

    /// The data file, in the safetensors format.
    #[arg(long, value_name = "FILE")]
    pub data: PathBuf,

    /// On how many samples each model is measured.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u64).range(2..=10_000))]
    pub samples: u64,

    /// Model files. Each is compared with the one before it, the first with the baseline.
    #[arg(value_name = "MODEL")]
    pub models: Vec<PathBuf>,
}

/// The data file, whatever address it is asked for by: the address was made from it.
struct DataFile(Vec<u8>);

impl Files for DataFile {
    fn get(&self, _file: FileReference) -> Result<Option<Vec<u8>>, String> {
        Ok(Some(self.0.clone()))
    }
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    fs::read(path).map_err(|error| format!("{} cannot be read: {error}", path.display()))
}

/// Prints the addresses, and a line for each model.
///
/// # Errors
///
/// A line that says which file is wrong, and how.
pub fn run(command: &CheckModelCommand) -> Result<(), String> {
    let data = read(&command.data)?;
    let address = ArtifactReference::of(&data);
    let at = |error: &dyn std::fmt::Display| format!("{}: {error}", command.specification.display());
    let mut model: serde_json::Value =
        serde_json::from_slice(&read(&command.specification)?).map_err(|error| at(&error))?;
    let Some(named) = model.get_mut("data").and_then(serde_json::Value::as_object_mut) else {
        return Err(at(&"\"data\" must be an object like {\"labels\": \"y\"}"));
    };
    named.insert("root".into(), format!("{:?}", address.root).into());
    named.insert("size".into(), address.size.into());
    let model = model.to_string();
    let options = Options {
        files: Arc::new(DataFile(data)),
        ..Options::default()
    };
    let domain = onnx::Onnx::from_model(model.as_bytes(), &options).map_err(|error| at(&error))?;
    println!("model specification, {} of 2048 bytes:\n{model}", model.len());
    println!("data: root {:?}, {} bytes", address.root, address.size);
    let baseline = domain.baseline();
    let address = ArtifactReference::of(&baseline);
    println!("baseline artifact: root {:?}, {} bytes", address.root, address.size);

    let metadata = domain.metadata();
    let better = if metadata.higher_is_better {
        "Maximize"
    } else {
        "Minimize"
    };
    println!("direction: {better}");
    let mut before = measure(&domain, &baseline, command.samples).map_err(|error| error.to_string())?;
    print_line("baseline", &metadata.metric_name, &before, None);
    for path in &command.models {
        let found =
            measure(&domain, &read(path)?, command.samples).map_err(|error| format!("{}: {error}", path.display()))?;
        print_line(
            &path.display().to_string(),
            &metadata.metric_name,
            &found,
            Some(&before[..]),
        );
        before = found;
    }
    Ok(())
}

/// The metric on each of the same samples.
fn measure(domain: &onnx::Onnx, parameters: &[u8], samples: u64) -> Result<Vec<f64>, DomainError> {
    (0..samples)
        .map(|number| {
            let mut seed = [0; 32];
            seed[..8].copy_from_slice(&number.to_le_bytes());
            let data = domain.synthesize(seed, 0)?;
            Ok(domain.evaluate(parameters, &data)?.metric)
        })
        .collect()
}

fn print_line(name: &str, metric: &str, found: &[f64], before: Option<&[f64]>) {
    let (mean, deviation) = moments(found);
    println!("{name}: {metric} {mean:.6}, standard deviation over samples {deviation:.6}");
    if let Some(before) = before {
        let differences: Vec<f64> = found.iter().zip(before).map(|(found, before)| found - before).collect();
        let (mean, deviation) = moments(&differences);
        println!("  against the one before, on the same samples: {mean:+.6}, standard deviation {deviation:.6}");
    }
}

/// Mean and standard deviation.
fn moments(values: &[f64]) -> (f64, f64) {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let squares = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>();
    (mean, (squares / (count - 1.0)).sqrt())
}

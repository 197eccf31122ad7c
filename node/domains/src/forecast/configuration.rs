//! The forecasting domain's specification on chain.

use serde::{Deserialize, Serialize};
use sp_core::H256;

use super::{
    autoencoder,
    bootstrap::Bootstrap,
    network::{Architecture, HiddenLayers},
};
use crate::DomainError;

/// Most columns of a series.
pub const MOST_COLUMNS: usize = 32;
/// Longest window and farthest horizon, in steps.
pub const MOST_STEPS: usize = 1024;
/// Most horizons.
pub const MOST_HORIZONS: usize = 16;
/// Most hidden layers, and most units in each of them.
pub const MOST_LAYERS: usize = 4;
/// Most units of a hidden layer.
pub const MOST_UNITS: usize = 512;
/// Most taps of a convolution.
pub const MOST_TAPS: usize = 16;
/// Most parameters that a specification can allow.
pub const MOST_PARAMETERS: usize = 1 << 20;
/// Longest series that can be generated, in steps.
pub const MOST_LENGTH: usize = 200_000;
/// Largest CSV file, in bytes.
pub const MOST_CSV_BYTES: u32 = 16 * 1024 * 1024;
/// A measurement multiplies and adds at most this often: parameters × steps of synthetic data. A few seconds on a core.
pub const MOST_WORK: usize = 1 << 32;
/// Windows that training, validation and held-out part must each hold, at least.
pub const LEAST_WINDOWS: usize = 32;

/// The `model` field of a specification, in JSON (see the [module's documentation](super) for an example). All fields but
/// `network.taps` and `network.cell` are required and no others are allowed, since every node must read it alike.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Configuration {
    /// Where the series comes from.
    pub source: Source,
    /// What the series is like.
    pub series: SeriesKind,
    /// How many steps ahead forecasts reach: 1 to 16 numbers from 1 to 1 024, rising.
    pub horizons: Vec<usize>,
    /// The network that the domain begins with, and how far it may grow.
    pub network: NetworkBounds,
    /// The data that evaluators measure on.
    pub synthetic: Synthetic,
}

/// Where a series comes from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// The Mackey–Glass equation, see [`super::generators`].
    MackeyGlass(MackeyGlass),
    /// A Markov-switching autoregression, see [`super::generators`].
    Regimes(Regimes),
    /// A file in the store of artifacts.
    Csv(CsvFile),
}

/// A series of the Mackey–Glass equation with the standard parameters, sampled once per unit of time.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MackeyGlass {
    /// Steps, at most 200 000.
    pub length: usize,
    /// The delay τ, 1 to 100; 17 is usual, chaotic from about there on.
    pub delay: u32,
    /// What the initial history follows from, together with the season.
    pub seed: u64,
}

/// A series that switches between regimes.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Regimes {
    /// Steps, at most 200 000.
    pub length: usize,
    /// What regimes and noise follow from, together with the season.
    pub seed: u64,
}

/// A CSV file with a heading line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CsvFile {
    /// The Merkle root of the file's chunks: its address in the store.
    pub root: H256,
    /// Bytes of the file, at most 16 MiB.
    pub size: u32,
    /// The columns to read, by their headings, 1 to 32 of them; the first one is forecast.
    pub columns: Vec<String>,
}

/// What a series is like, which decides what the network sees of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SeriesKind {
    /// It returns to the same range again and again (a temperature, a load): the network sees values.
    Levels,
    /// It wanders (a price): the network sees differences from the window's last row.
    Increments,
}

/// The network that the domain begins with, and how far it may grow.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NetworkBounds {
    /// Rows that the first network sees, 1 to `most_window`; with convolutions taps^layers.
    pub window: usize,
    /// Taps of the convolutions that the hidden layers of all networks are, 2 to 16; left out where they are not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taps: Option<usize>,
    /// Cells of the recurrent layers that the hidden layers of all networks are; left out where they are not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cell: Option<Cell>,
    /// Units of its hidden layers: 1 to 4 layers, 1 to 512 units each.
    pub hidden: Vec<usize>,
    /// What its weights follow from.
    pub seed: u64,
    /// Rows that any network may see, at most 1 024.
    pub most_window: usize,
    /// Weights that any network may have, and products that a forecast may take ([`Architecture::work`]), at most
    /// 1 048 576.
    pub most_parameters: usize,
}

impl NetworkBounds {
    /// What the hidden layers are: dense without taps and cells.
    pub(super) fn kind(&self) -> HiddenLayers {
        match (self.taps, self.cell) {
            (None, None) => HiddenLayers::Dense,
            (Some(taps), None) => HiddenLayers::Convolutions { taps },
            (_, Some(Cell::Lstm)) => HiddenLayers::Recurrent,
        }
    }
}

/// What keeps a recurrent layer's memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cell {
    /// Long short-term memory with a forget gate.
    Lstm,
}

/// The data that evaluators measure on.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Synthetic {
    /// What makes them.
    pub generator: Generator,
    /// Steps of each evaluator's series.
    pub length: usize,
}

/// What makes synthetic data.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Generator {
    /// The very process that the series comes from, from another beginning; not for CSV files.
    Process,
    /// Blocks of the training data, see [`super::bootstrap`].
    Bootstrap(Bootstrap),
    /// A generator that was fitted to the training data, see [`super::autoencoder`].
    Autoencoder(GeneratorFile),
}

/// A file with a generator.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GeneratorFile {
    /// The Merkle root of the file's chunks: its address in the store.
    pub root: H256,
    /// Bytes of the file, at most some 4 MiB.
    pub size: u32,
}

impl Configuration {
    /// Reads and checks a specification.
    ///
    /// # Errors
    ///
    /// [`DomainError::BadConfiguration`], naming the field.
    pub fn from_model(model: &[u8]) -> Result<Self, DomainError> {
        let configuration: Self = serde_json::from_slice(model).map_err(|error| refusal(error.to_string()))?;
        configuration.check()?;
        Ok(configuration)
    }

    /// Checks the ranges.
    ///
    /// # Errors
    ///
    /// [`DomainError::BadConfiguration`], naming the field.
    pub fn check(&self) -> Result<(), DomainError> {
        self.check_horizons().map_err(refusal)?;
        self.check_network().map_err(refusal)?;
        self.check_source().map_err(refusal)?;
        self.check_synthetic().map_err(refusal)
    }

    /// Columns of the series.
    pub fn columns(&self) -> usize {
        match &self.source {
            Source::MackeyGlass(_) | Source::Regimes(_) => 1,
            Source::Csv(file) => file.columns.len(),
        }
    }

    /// The farthest horizon.
    pub fn farthest(&self) -> usize {
        self.horizons.last().copied().unwrap_or(1)
    }

    /// The network that the domain begins with.
    pub fn architecture(&self) -> Architecture {
        Architecture {
            columns: self.columns(),
            window: self.network.window,
            kind: self.network.kind(),
            hidden: self.network.hidden.clone(),
            outputs: self.horizons.len(),
        }
    }

    /// Steps that a part of the series must have, at least.
    pub fn least_part(&self) -> usize {
        self.network.most_window + self.farthest() + LEAST_WINDOWS
    }

    /// Whether this specification takes such a network; the error says what it does not take.
    pub(super) fn check_architecture(&self, architecture: &Architecture) -> Result<(), String> {
        let bounds = &self.network;
        within("columns", architecture.columns, self.columns(), self.columns())?;
        within(
            "outputs",
            architecture.outputs,
            self.horizons.len(),
            self.horizons.len(),
        )?;
        within("window", architecture.window, 1, bounds.most_window)?;
        within("hidden layers", architecture.hidden.len(), 1, MOST_LAYERS)?;
        for units in &architecture.hidden {
            within("units of a hidden layer", *units, 1, MOST_UNITS)?;
        }
        self.check_kind(architecture)?;
        within("weights", architecture.parameters(), 1, bounds.most_parameters)?;
        // Of convolutions and recurrent layers a weight is used again and again.
        within("products of a forecast", architecture.work(), 1, bounds.most_parameters)
    }

    fn check_kind(&self, architecture: &Architecture) -> Result<(), String> {
        // What the key of a specification says.
        let named = |kind: HiddenLayers| match kind {
            HiddenLayers::Dense => ("none".into(), "none"),
            HiddenLayers::Convolutions { taps } => (taps.to_string(), "none"),
            HiddenLayers::Recurrent => ("none".into(), "lstm"),
        };
        let (expected, found) = (named(self.network.kind()), named(architecture.kind));
        if found.0 != expected.0 {
            return Err(format!("taps must be {}, not {}", expected.0, found.0));
        }
        if found.1 != expected.1 {
            return Err(format!("cell must be {}, not {}", expected.1, found.1));
        }
        let HiddenLayers::Convolutions { taps } = architecture.kind else {
            return Ok(());
        };
        within("taps", taps, 2, MOST_TAPS)?;
        let rows = taps.pow(architecture.hidden.len() as u32);
        if rows > self.network.most_window {
            return Err(format!(
                "{} layers of {taps} taps see {rows} rows; most_window is {}",
                architecture.hidden.len(),
                self.network.most_window
            ));
        }
        within("window", architecture.window, rows, rows)
    }

    fn check_source(&self) -> Result<(), String> {
        // The parts are 60, 20 and 20 hundredths of the series.
        let least = 5 * self.least_part();
        match &self.source {
            Source::MackeyGlass(MackeyGlass { length, delay, .. }) => {
                within("source.mackey-glass.length", *length, least, MOST_LENGTH)?;
                within("source.mackey-glass.delay", *delay as usize, 1, 100)
            }
            Source::Regimes(Regimes { length, .. }) => within("source.regimes.length", *length, least, MOST_LENGTH),
            Source::Csv(CsvFile { size, columns, .. }) => {
                within("source.csv.size", *size as usize, 1, MOST_CSV_BYTES as usize)?;
                within("number of source.csv.columns", columns.len(), 1, MOST_COLUMNS)?;
                match columns
                    .iter()
                    .enumerate()
                    .find(|(place, name)| columns[..*place].contains(name))
                {
                    None => Ok(()),
                    Some((_, name)) => Err(format!("source.csv.columns names {name:?} twice")),
                }
            }
        }
    }

    fn check_horizons(&self) -> Result<(), String> {
        within("number of horizons", self.horizons.len(), 1, MOST_HORIZONS)?;
        for horizon in &self.horizons {
            within("horizons", *horizon, 1, MOST_STEPS)?;
        }
        match self.horizons.windows(2).all(|pair| pair[0] < pair[1]) {
            true => Ok(()),
            false => Err(format!("horizons must rise, not be {:?}", self.horizons)),
        }
    }

    fn check_network(&self) -> Result<(), String> {
        let bounds = &self.network;
        within("network.most_window", bounds.most_window, 1, MOST_STEPS)?;
        within("network.most_parameters", bounds.most_parameters, 1, MOST_PARAMETERS)?;
        if bounds.taps.is_some() && bounds.cell.is_some() {
            return Err(
                "network: taps are for convolutions and cell is for recurrent layers; leave one of them out".into(),
            );
        }
        self.check_architecture(&self.architecture())
            .map_err(|problem| format!("network: {problem}"))
    }

    fn check_synthetic(&self) -> Result<(), String> {
        let Synthetic { generator, length } = self.synthetic;
        within("synthetic.length", length, self.least_part(), MOST_LENGTH)?;
        if length * self.network.most_parameters > MOST_WORK {
            return Err(format!(
                "synthetic.length times network.most_parameters must not exceed {MOST_WORK}: a measurement would take \
                 too long"
            ));
        }
        match (generator, &self.source) {
            (Generator::Process, Source::Csv(_)) => Err(
                "synthetic.generator \"process\" is for generated series: what a CSV file comes from is not known; use \
                 {\"autoencoder\":{…}} or {\"bootstrap\":{…}}"
                    .into(),
            ),
            (Generator::Process, _) => Ok(()),
            (Generator::Bootstrap(bootstrap), _) => bootstrap.check(),
            (Generator::Autoencoder(file), _) => within(
                "synthetic.generator.autoencoder.size",
                file.size as usize,
                1,
                autoencoder::MOST_BYTES as usize,
            ),
        }
    }
}

/// Checks a range; the error names the field.
pub(super) fn within(field: &str, value: usize, least: usize, most: usize) -> Result<(), String> {
    if (least..=most).contains(&value) {
        Ok(())
    } else if least == most {
        Err(format!("{field} must be {least}, not {value}"))
    } else {
        Err(format!("{field} must be {least} to {most}, not {value}"))
    }
}

fn refusal(problem: String) -> DomainError {
    DomainError::BadConfiguration(format!("model of the timeseries domain: {problem}"))
}

#[cfg(test)]
mod tests;

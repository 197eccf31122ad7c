//! Models and synthetic data as bytes.

use codec::{Decode, DecodeAll, Encode};

use super::{
    configuration::Configuration,
    network::{Architecture, HiddenLayers},
    series::{Normalization, Series},
};
use crate::DomainError;

/// The version of the encoding of a model with dense layers.
const DENSE: u8 = 1;
/// That of one with convolutions.
const CONVOLUTIONS: u8 = 2;
/// And of one with recurrent layers.
const RECURRENT: u8 = 3;
/// Largest magnitude of a weight or of a mean, and of a scale; a scale is at least one over this.
pub const MOST_MAGNITUDE: f32 = 1e6;

/// A network with all that is needed to forecast with it.
///
/// As bytes, in SCALE: version (1), architecture (columns, window and units of the hidden layers as `u16`, outputs as
/// `u8`), normalization and weights as sequences of little-endian `f32`. With convolutions the version is 2, and their taps
/// as `u8` follow it. With recurrent layers it is 3.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    /// Its shape.
    pub architecture: Architecture,
    /// How its inputs and outputs are scaled.
    pub normalization: Normalization,
    /// Its weights.
    pub weights: Vec<f32>,
}

/// What follows version and taps.
#[derive(Encode, Decode)]
struct Encoded {
    columns: u16,
    window: u16,
    hidden: Vec<u16>,
    outputs: u8,
    normalization: Normalization,
    weights: Vec<f32>,
}

impl Model {
    /// The same model with other weights, rounded to single precision. `None` when they cannot be encoded: a training
    /// has diverged.
    pub fn with_weights(&self, weights: &[f64]) -> Option<Self> {
        let model = Self {
            architecture: self.architecture.clone(),
            normalization: self.normalization.clone(),
            weights: weights.iter().map(|weight| *weight as f32).collect(),
        };
        model
            .weights
            .iter()
            .all(|weight| weight.abs() <= MOST_MAGNITUDE)
            .then_some(model)
    }

    /// The weights in double precision.
    pub fn exact_weights(&self) -> Vec<f64> {
        self.weights.iter().map(|weight| f64::from(*weight)).collect()
    }

    /// As bytes. The same model gives the same bytes.
    pub fn encode(&self) -> Vec<u8> {
        let Architecture {
            columns,
            window,
            kind,
            hidden,
            outputs,
        } = &self.architecture;
        // A specification allows no more than these hold.
        let mut bytes = match kind {
            HiddenLayers::Dense => vec![DENSE],
            HiddenLayers::Convolutions { taps } => vec![CONVOLUTIONS, *taps as u8],
            HiddenLayers::Recurrent => vec![RECURRENT],
        };
        Encoded {
            columns: *columns as u16,
            window: *window as u16,
            hidden: hidden.iter().map(|units| *units as u16).collect(),
            outputs: *outputs as u8,
            normalization: self.normalization.clone(),
            weights: self.weights.clone(),
        }
        .encode_to(&mut bytes);
        bytes
    }

    /// From the bytes of anybody.
    ///
    /// # Errors
    ///
    /// [`DomainError::BadParameters`] when they are no model, or none that the specification takes.
    pub fn decode(bytes: &[u8], configuration: &Configuration) -> Result<Self, DomainError> {
        let most = most_bytes(configuration);
        if bytes.len() > most {
            return Err(DomainError::BadParameters(format!(
                "{} bytes; a model of this domain has {most} at most",
                bytes.len()
            )));
        }
        let bad = DomainError::BadParameters;
        let (kind, mut rest) = match bytes {
            [DENSE, rest @ ..] => (HiddenLayers::Dense, rest),
            [CONVOLUTIONS, taps, rest @ ..] => (HiddenLayers::Convolutions { taps: (*taps).into() }, rest),
            [RECURRENT, rest @ ..] => (HiddenLayers::Recurrent, rest),
            [] | [CONVOLUTIONS] => return Err(bad("not a model: too short".into())),
            [version, ..] => {
                return Err(bad(format!(
                    "the model's encoding has version {version}; this node reads versions {DENSE} to {RECURRENT}"
                )))
            }
        };
        let encoded = Encoded::decode_all(&mut rest).map_err(|error| bad(format!("not a model: {error}")))?;
        encoded.check(kind, configuration).map_err(bad)
    }
}

impl Encoded {
    fn check(self, kind: HiddenLayers, configuration: &Configuration) -> Result<Model, String> {
        let architecture = Architecture {
            columns: self.columns.into(),
            window: self.window.into(),
            kind,
            hidden: self.hidden.into_iter().map(usize::from).collect(),
            outputs: self.outputs.into(),
        };
        configuration.check_architecture(&architecture)?;
        let Normalization { mean, scale, output } = &self.normalization;
        let expected = architecture.parameters();
        for (what, numbers, expected) in [
            ("means", mean, architecture.columns),
            ("scales", scale, architecture.columns),
            ("output scales", output, architecture.outputs),
            ("weights", &self.weights, expected),
        ] {
            if numbers.len() != expected {
                return Err(format!("{} {what} instead of {expected}", numbers.len()));
            }
        }
        // The comparisons are false for what is not a number.
        let is_small = |value: &f32| value.abs() <= MOST_MAGNITUDE;
        let is_scale = |value: &f32| (1.0 / MOST_MAGNITUDE..=MOST_MAGNITUDE).contains(value);
        for (what, numbers, is_good) in [
            ("mean", mean, &is_small as &dyn Fn(&f32) -> bool),
            ("scale", scale, &is_scale),
            ("output scale", output, &is_scale),
            ("weight", &self.weights, &is_small),
        ] {
            if let Some(place) = numbers.iter().position(|value| !is_good(value)) {
                return Err(format!("{what} {place} is {}, which is out of range", numbers[place]));
            }
        }
        Ok(Model {
            architecture,
            normalization: self.normalization,
            weights: self.weights,
        })
    }
}

/// The most bytes of a model that the specification takes.
pub fn most_bytes(configuration: &Configuration) -> usize {
    // Version, shape, and four lengths of at most four bytes more than the numbers themselves.
    let numbers = 2 * configuration.columns() + configuration.horizons.len() + configuration.network.most_parameters;
    64 + size_of::<f32>() * numbers
}

/// What an evaluator measures on.
#[derive(Clone, Debug, PartialEq)]
pub struct Data {
    /// What the probe's weights follow from.
    pub probe_seed: [u8; 32],
    /// The series.
    pub series: Series,
}

impl Data {
    /// As bytes: the seed, then the series row after row, little-endian `f64`.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = self.probe_seed.to_vec();
        bytes.extend(self.series.values().iter().flat_map(|value| value.to_le_bytes()));
        bytes
    }

    /// From bytes.
    ///
    /// # Errors
    ///
    /// [`DomainError::BadData`].
    pub fn decode(bytes: &[u8], configuration: &Configuration) -> Result<Self, DomainError> {
        let columns = configuration.columns();
        let bad = |what: &str| DomainError::BadData(what.to_owned());
        let (probe_seed, values) = bytes.split_first_chunk::<32>().ok_or_else(|| bad("no seed"))?;
        let (values, []) = values.as_chunks::<8>() else {
            return Err(bad("the last number is broken"));
        };
        let values = values.iter().map(|value| f64::from_le_bytes(*value)).collect();
        let series = Series::new(columns, values).ok_or_else(|| bad("a row is broken, or a value is no number"))?;
        if series.len() != configuration.synthetic.length {
            return Err(bad("the series is too long or too short"));
        }
        Ok(Self {
            probe_seed: *probe_seed,
            series,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{configuration::Cell, tests::MODEL},
        *,
    };
    use doin_compute::random::RandomStream;
    use proptest::prelude::*;

    fn configuration() -> Configuration {
        Configuration::from_model(MODEL.as_bytes()).unwrap()
    }

    fn model() -> Model {
        let architecture = configuration().architecture();
        Model {
            normalization: Normalization::identity(architecture.columns, architecture.outputs),
            weights: vec![0.0; architecture.parameters()],
            architecture,
        }
        .with_weights(
            &configuration()
                .architecture()
                .initial_weights(&mut RandomStream::new([1; 32])),
        )
        .unwrap()
    }

    fn refused(change: impl FnOnce(&mut Model)) -> String {
        let mut model = model();
        change(&mut model);
        match Model::decode(&model.encode(), &configuration()) {
            Err(DomainError::BadParameters(problem)) => problem,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn there_and_back() {
        let bytes = model().encode();
        assert_eq!(Model::decode(&bytes, &configuration()), Ok(model()));
        assert!(bytes.len() <= most_bytes(&configuration()));
    }

    #[test]
    fn hostile_models_are_refused_by_name() {
        assert!(refused(|model| model.architecture.window = 1_000).contains("window must be 1 to"));
        assert!(refused(|model| model.architecture.columns = 2).contains("columns must be 1, not 2"));
        assert!(refused(|model| model.architecture.outputs = 3).contains("outputs must be 1, not 3"));
        assert!(refused(|model| model.architecture.hidden = vec![]).contains("hidden layers must be"));
        assert!(refused(|model| model.architecture.hidden = vec![0]).contains("units of a hidden layer"));
        assert!(refused(|model| model.architecture.hidden = vec![512, 512]).contains("weights must be 1 to"));
        assert!(refused(|model| model.weights.truncate(9)).contains("weights instead of"));
        assert!(refused(|model| model.weights[3] = f32::NAN).contains("weight 3 is NaN"));
        assert!(refused(|model| model.weights[0] = f32::INFINITY).contains("weight 0 is inf"));
        assert!(refused(|model| model.weights[1] = -2e6).contains("weight 1 is -2000000"));
        assert!(refused(|model| model.normalization.scale[0] = 0.0).contains("scale 0 is 0"));
        assert!(refused(|model| model.normalization.scale[0] = -1.0).contains("scale 0 is -1"));
        assert!(refused(|model| model.normalization.output[0] = f32::NAN).contains("output scale 0 is NaN"));
        assert!(refused(|model| model.normalization.mean.push(0.0)).contains("2 means instead of 1"));

        let mut other = model().encode();
        other[0] = 4;
        let error = Model::decode(&other, &configuration()).unwrap_err().to_string();
        assert!(error.contains("version 4; this node reads versions 1 to 3"), "{error}");
        let convolutions = |model: &mut Model| model.architecture.kind = HiddenLayers::Convolutions { taps: 2 };
        assert!(refused(convolutions).contains("taps must be none, not 2"));
        let recurrent = |model: &mut Model| model.architecture.kind = HiddenLayers::Recurrent;
        assert!(refused(recurrent).contains("cell must be none, not lstm"));
        for short in [&[][..], &[1], &[2], &[2, 0], &[3]] {
            assert!(Model::decode(short, &configuration()).is_err());
        }
        let long = vec![1; most_bytes(&configuration()) + 1];
        let error = Model::decode(&long, &configuration()).unwrap_err().to_string();
        assert!(error.contains("at most"), "{error}");
        let mut trailing = model().encode();
        trailing.push(0);
        assert!(Model::decode(&trailing, &configuration()).is_err());
        // A length that promises far more than there is.
        let promise = (1u8, 1u16, 8u16, codec::Compact(u32::MAX)).encode();
        assert!(Model::decode(&promise, &configuration()).is_err());
    }

    #[test]
    fn data_of_another_shape_are_refused() {
        let length = configuration().synthetic.length;
        let series = Series::new(1, vec![0.5; length]).unwrap();
        let data = Data {
            probe_seed: [7; 32],
            series,
        };
        let bytes = data.encode();
        assert_eq!(Data::decode(&bytes, &configuration()), Ok(data));
        let mut infinite = bytes.clone();
        infinite[32..40].copy_from_slice(&f64::INFINITY.to_le_bytes());
        for bad in [
            &bytes[..31],
            &bytes[..bytes.len() - 1],
            &bytes[..bytes.len() - 8],
            &infinite,
            &[],
        ] {
            assert!(matches!(
                Data::decode(bad, &configuration()),
                Err(DomainError::BadData(_))
            ));
        }
    }

    #[test]
    fn models_with_convolutions_are_read_and_hostile_ones_refused() {
        let mut configuration = configuration();
        configuration.network.taps = Some(3);
        configuration.network.hidden = vec![6, 6];
        configuration.network.window = 9;
        configuration.check().unwrap();
        let mut model = model();
        model.architecture = configuration.architecture();
        model.weights = vec![0.5; model.architecture.parameters()];
        let bytes = model.encode();
        assert_eq!(Model::decode(&bytes, &configuration), Ok(model.clone()));
        assert!(bytes.len() <= most_bytes(&configuration));
        type Change = fn(&mut Architecture);
        let changes: [(Change, &str); 5] = [
            (|shape| shape.kind = HiddenLayers::Dense, "taps must be 3, not none"),
            (|shape| shape.kind = HiddenLayers::Recurrent, "taps must be 3, not none"),
            (|shape| shape.window = 10, "window must be 9, not 10"),
            (|shape| shape.hidden = vec![6; 4], "81 rows"),
            (|shape| shape.hidden = vec![512, 6], "must be 1 to"),
        ];
        let mut no_taps = bytes.clone();
        no_taps[1] = 0;
        let error = Model::decode(&no_taps, &configuration).unwrap_err().to_string();
        assert!(error.contains("taps must be 3, not 0"), "{error}");
        for (change, named) in changes {
            let mut other = model.clone();
            change(&mut other.architecture);
            let error = Model::decode(&other.encode(), &configuration).unwrap_err().to_string();
            assert!(error.contains(named), "{error}");
        }
    }

    #[test]
    fn recurrent_models_are_read_and_hostile_ones_refused() {
        let mut configuration = configuration();
        configuration.network.cell = Some(Cell::Lstm);
        configuration.network.hidden = vec![3, 2];
        configuration.check().unwrap();
        let mut model = model();
        model.architecture = configuration.architecture();
        model.weights = vec![0.5; model.architecture.parameters()];
        assert_eq!(model.weights.len(), (1 + 3 + 1) * 12 + (3 + 2 + 1) * 8 + 3);
        let bytes = model.encode();
        assert_eq!(bytes[0], 3);
        assert_eq!(Model::decode(&bytes, &configuration), Ok(model.clone()));
        assert!(bytes.len() <= most_bytes(&configuration));
        type Change = fn(&mut Architecture);
        let changes: [(Change, &str); 6] = [
            (|shape| shape.kind = HiddenLayers::Dense, "cell must be lstm, not none"),
            (|shape| shape.window = 49, "window must be 1 to 48, not 49"),
            (|shape| shape.window = 0, "window must be 1 to 48, not 0"),
            (|shape| shape.hidden = vec![512, 512], "weights must be 1 to 8192"),
            // Few weights, and much to do.
            (
                |shape| (shape.window, shape.hidden) = (48, vec![8, 8]),
                "products of a forecast must be 1 to 8192",
            ),
            (|shape| shape.hidden = vec![3], "weights instead of"),
        ];
        for (change, named) in changes {
            let mut other = model.clone();
            change(&mut other.architecture);
            let error = Model::decode(&other.encode(), &configuration).unwrap_err().to_string();
            assert!(error.contains(named), "{error}");
        }
    }

    proptest! {
        /// Whatever the bytes, they are a model of this domain or refused, and never a panic.
        #[test]
        fn any_bytes_are_a_model_or_refused(place in 0usize..100, byte: u8, cut in 0usize..100) {
            let mut bytes = model().encode();
            let length = bytes.len();
            bytes[place % length] = byte;
            bytes.truncate(length - cut % 3);
            match Model::decode(&bytes, &configuration()) {
                Ok(model) => prop_assert_eq!(model.encode(), bytes),
                Err(error) => prop_assert!(matches!(error, DomainError::BadParameters(_))),
            }
        }

        #[test]
        fn noise_is_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            prop_assert!(Model::decode(&bytes, &configuration()).is_err());
        }
    }
}

//! Tests of generators, and of series that they make.

use super::{
    super::{
        autoencoder_fit::{fit, Fit, Statistics},
        configuration::MackeyGlass,
        generators::{mackey_glass, regimes},
    },
    *,
};
use proptest::prelude::*;
use std::sync::LazyLock;

/// A series to fit to: 1 800 rows, as the documentation's domain trains on.
fn training() -> Series {
    let standard = MackeyGlass {
        length: 1_800,
        delay: 17,
        seed: 1,
    };
    mackey_glass(&standard, 1_800, [1; 32])
}

static FITTED: LazyLock<Autoencoder> = LazyLock::new(|| fit(&training(), SeriesKind::Levels, &Fit::default()).unwrap());

fn sample(generator: &Autoencoder, training: &Series, length: usize, seed: u8) -> Series {
    generator.series(training, length, [seed; 32]).unwrap()
}

/// Samples have the mean and deviation of what they were fitted to within a share of its deviation, and its
/// autocorrelation within a distance.
fn assert_alike(found: &Series, expected: &Series, moments: f64, correlations: f64) {
    let [found, expected] = [found, expected].map(|series| Statistics::of(series, SeriesKind::Levels));
    println!("{found:?} for {expected:?}");
    assert!((found.mean - expected.mean).abs() <= moments * expected.deviation);
    assert!((found.deviation / expected.deviation - 1.0).abs() <= moments);
    for ((lag, found), (_, expected)) in found.autocorrelation.iter().zip(&expected.autocorrelation) {
        assert!(
            (found - expected).abs() <= correlations,
            "lag {lag}: {found} {expected}"
        );
    }
}

#[test]
fn samples_have_the_moments_and_autocorrelation_of_the_training_series() {
    for seed in 0..5 {
        assert_alike(&sample(&FITTED, &training(), 4_000, seed), &training(), 0.15, 0.1);
    }
}

#[test]
fn so_have_those_of_a_noisy_series_with_regimes() {
    let training = regimes(3_000, [1; 32]);
    let fitted = fit(&training, SeriesKind::Levels, &Fit::default()).unwrap();
    for seed in 0..3 {
        assert_alike(&sample(&fitted, &training, 6_000, seed), &training, 0.3, 0.2);
    }
}

#[test]
fn of_a_wandering_series_the_changes_are_made() {
    let mut random = RandomStream::new([9; 32]);
    let mut price = 1_000.0;
    let walk = (0..1_500).map(|_| {
        price += 0.1 + random.gaussian();
        price
    });
    let walk = Series::new(1, walk.collect()).unwrap();
    let options = Fit {
        steps: 1_500,
        ..Fit::default()
    };
    let fitted = fit(&walk, SeriesKind::Increments, &options).unwrap();
    let drawn = sample(&fitted, &walk, 3_000, 1);
    let (mean, deviation) = drawn.moments(0, 1);
    println!("changes of mean {mean} and deviation {deviation}");
    assert!(
        (mean - 0.1).abs() < 0.2 && (0.8..1.2).contains(&deviation),
        "{mean} {deviation}"
    );
    let Statistics { autocorrelation, .. } = Statistics::of(&drawn, SeriesKind::Increments);
    assert!(
        autocorrelation.iter().all(|(_, value)| value.abs() < 0.15),
        "{autocorrelation:?}"
    );
}

#[test]
fn several_columns_keep_what_they_have_to_do_with_one_another() {
    let mut random = RandomStream::new([3; 32]);
    let rows = (0..1_500).flat_map(|step| {
        let wave = libm::sin(f64::from(step) / 6.0);
        [10.0 + wave, 3.0 - 2.0 * wave + 0.1 * random.gaussian()]
    });
    let training = Series::new(2, rows.collect()).unwrap();
    let options = Fit {
        steps: 2_000,
        ..Fit::default()
    };
    let drawn = sample(
        &fit(&training, SeriesKind::Levels, &options).unwrap(),
        &training,
        2_000,
        1,
    );
    let off = (0..drawn.len())
        .map(|step| drawn.row(step)[1] - (3.0 - 2.0 * (drawn.row(step)[0] - 10.0)))
        .map(|off| off * off)
        .sum::<f64>()
        / drawn.len() as f64;
    assert!(off.sqrt() < 0.5, "{}", off.sqrt());
}

#[test]
fn the_file_and_the_seed_alone_decide_to_the_last_bit() {
    let bytes = FITTED.encode();
    let read = Autoencoder::decode(&bytes, SeriesKind::Levels, 1, 1_000).unwrap();
    assert_eq!(read, *FITTED);
    assert_eq!(sample(&read, &training(), 500, 1), sample(&FITTED, &training(), 500, 1));
    assert_ne!(sample(&read, &training(), 500, 1), sample(&read, &training(), 500, 2));
    // No value is one of the training series.
    let drawn = sample(&FITTED, &training(), 500, 3);
    let known = training();
    assert!(drawn.values().iter().all(|value| !known.values().contains(value)));
    let short = training().part(0..10);
    assert!(FITTED.series(&short, 100, [1; 32]).is_err());
}

#[test]
fn what_cannot_be_fitted_is_said() {
    let options = Fit {
        steps: 10,
        ..Fit::default()
    };
    let error = |series: &Series, options: &Fit| fit(series, SeriesKind::Levels, options).unwrap_err();
    assert!(error(&training().part(0..40), &options).contains("40 rows to fit to; 60 are needed"));
    let flat = Series::new(1, vec![1.0; 500]).unwrap();
    assert!(error(&flat, &options).contains("column 0 does not change"));
    let options = Fit { latent: 0, ..options };
    assert!(error(&training(), &options).contains("random numbers must be 1 to 64, not 0"));
}

fn small() -> Autoencoder {
    let options = Fit {
        history: 3,
        block: 2,
        latent: 1,
        hidden: vec![3],
        steps: 5,
        seed: 1,
    };
    fit(&training().part(0..200), SeriesKind::Levels, &options).unwrap()
}

#[test]
fn hostile_generators_are_refused_by_name() {
    type Change = fn(&mut Autoencoder);
    let changes: [(Change, &str); 15] = [
        (
            |file| file.kind = SeriesKind::Increments,
            "not fitted to a series of Levels",
        ),
        (|file| file.shape.columns = 2, "columns must be 1, not 2"),
        (|file| file.shape.columns = 0, "columns must be"),
        (|file| file.shape.history = 0, "history must be"),
        (|file| file.shape.history = u16::MAX, "history must be"),
        (|file| file.shape.block = 0, "block must be"),
        (|file| file.shape.latent = 65, "random numbers must be"),
        (|file| file.shape.hidden = vec![], "hidden layers must be"),
        (|file| file.shape.hidden = vec![512; 5], "hidden layers must be"),
        (|file| file.shape.hidden = vec![512; 4], "would take too long"),
        (|file| file.weights.truncate(3), "3 numbers of the kind weight"),
        (|file| file.weights[1] = f32::NAN, "weight 1 is NaN"),
        (|file| file.noise[0] = -1.0, "noise 0 is -1"),
        (|file| file.scaling.scale[0] = 0.0, "scale 0 is 0"),
        (|file| file.scaling.high[0] = -99.0, "a range is empty"),
    ];
    for (change, named) in changes {
        let mut file = small();
        change(&mut file);
        let error = Autoencoder::decode(&file.encode(), SeriesKind::Levels, 1, 200_000).unwrap_err();
        assert!(error.contains(named), "{named}: {error}");
    }
    let mut other = small().encode();
    other[0] = 2;
    let error = Autoencoder::decode(&other, SeriesKind::Levels, 1, 100).unwrap_err();
    assert!(error.contains("version 2"), "{error}");
}

proptest! {
    /// Whatever the bytes, they are a generator that makes a series of numbers, or refused, and never a panic.
    #[test]
    fn any_bytes_are_a_generator_or_refused(changes in prop::collection::vec((0usize..200, any::<u8>()), 1..4), cut in 0usize..3) {
        let mut bytes = small().encode();
        let length = bytes.len();
        for (place, byte) in changes {
            bytes[place % length] = byte;
        }
        bytes.truncate(length - cut);
        if let Ok(generator) = Autoencoder::decode(&bytes, SeriesKind::Levels, 1, 300) {
            let series = generator.series(&training().part(0..300), 300, [1; 32]);
            prop_assert!(series.is_ok_and(|series| series.len() == 300), "{:?}", generator.scaling);
        }
    }
}

/// The point of synthetic data: models rank on them as they do on what is held out.
#[test]
fn models_rank_on_samples_as_on_held_out_data() {
    use super::super::{measurement::measure, tests, Forecast};
    use crate::{Budget, Cancellation, Domain, FileReference, Files, Options};

    struct OneFile(Vec<u8>);
    impl Files for OneFile {
        fn get(&self, file: FileReference) -> Result<Option<Vec<u8>>, String> {
            Ok((file.size as usize == self.0.len()).then(|| self.0.clone()))
        }
    }

    // Fitted to the very training part of the domain.
    let plain = Forecast::from_model(tests::MODEL.as_bytes(), &Options::default()).unwrap();
    let split = plain.split(0).unwrap();
    let bytes = fit(&split.training, SeriesKind::Levels, &Fit::default())
        .unwrap()
        .encode();
    let mut model: serde_json::Value = serde_json::from_str(tests::MODEL).unwrap();
    let root = sp_core::H256::repeat_byte(7);
    model["synthetic"]["generator"] = serde_json::json!({"autoencoder": {"root": root, "size": bytes.len()}});
    let model = model.to_string();
    let options = Options {
        files: std::sync::Arc::new(OneFile(bytes.clone())),
        ..Options::default()
    };
    let domain = Forecast::from_model(model.as_bytes(), &options).unwrap();
    assert_eq!(domain.files().len(), 1);

    let mut models = vec![domain.baseline()];
    for round in 0..8 {
        let budget = Budget {
            evaluations: 300,
            minimum_gain: 0.0,
        };
        let best = models.last().unwrap().clone();
        if let Ok(found) = domain.optimize(&best, &budget, [round; 32], 0, &Cancellation::default()) {
            models.push(found.parameters);
        }
    }
    let data: Vec<_> = (0..3).map(|seed| domain.synthesize([seed; 32], 0).unwrap()).collect();
    assert_eq!(domain.synthesize([0; 32], 0).unwrap(), data[0]);
    let found: Vec<f64> = models
        .iter()
        .map(|model| {
            data.iter()
                .map(|data| domain.evaluate(model, data).unwrap().metric)
                .sum::<f64>()
                / 3.0
        })
        .collect();
    let held_out: Vec<f64> = models
        .iter()
        .map(|model| {
            let model = super::super::encoding::Model::decode(model, domain.configuration()).unwrap();
            measure(&model, domain.configuration(), &split.held_out, None).relative_error
        })
        .collect();
    println!("on samples {found:?}\nheld out {held_out:?}");
    assert!(models.len() >= 5);
    let mut pairs = 0;
    for left in 0..models.len() {
        for right in left + 1..models.len() {
            // Equals may come in any order.
            if (held_out[left] / held_out[right]).ln().abs() > 0.1 {
                pairs += 1;
                assert_eq!(
                    held_out[left] > held_out[right],
                    found[left] > found[right],
                    "{left} {right}"
                );
            }
        }
    }
    assert!(pairs >= 6, "{pairs}");

    // Without the file a measurement waits for it; another file under its name is a wrong configuration.
    let missing = Forecast::from_model(model.as_bytes(), &Options::default()).unwrap();
    assert!(matches!(
        missing.synthesize([1; 32], 0),
        Err(crate::DomainError::MissingFile(_))
    ));
    let garbage = Options {
        files: std::sync::Arc::new(OneFile(vec![9; bytes.len()])),
        ..Options::default()
    };
    let garbage = Forecast::from_model(model.as_bytes(), &garbage).unwrap();
    assert!(matches!(
        garbage.synthesize([1; 32], 0),
        Err(crate::DomainError::BadConfiguration(_))
    ));
}

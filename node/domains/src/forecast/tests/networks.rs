//! What each kind of network reaches, by the gradient and by evolution on the device.

use super::*;

/// "Beats the naive forecast on held-out Mackey–Glass by ≥ 80 %".
#[test]
fn rounds_beat_the_naive_forecast_on_held_out_mackey_glass_by_far() {
    let domain = domain();
    let (best, errors) = rounds(&domain, 6, ROUND_STEPS);
    let error = held_out(&domain, &best);
    println!("validation {errors:?}; held out {error}");
    assert!(errors.len() >= 4, "it improves by rounds: {errors:?}");
    assert!(errors.windows(2).all(|pair| pair[1] < pair[0]));
    assert!(error <= 0.2, "held out: {error}");
    // And on data that nobody has seen.
    for number in 0..5 {
        let data = domain.synthesize(seed(1_000 + number), 0).unwrap();
        let metric = domain.evaluate(&best, &data).unwrap().metric;
        assert!(metric <= 0.2, "{metric}");
    }
}

fn evolving(model: &str, backend: Backend) -> Forecast {
    let options = Options {
        compute: Arc::new(Compute::open(backend).unwrap()),
        training: Training::Evolution,
        population: Some(64),
        ..Default::default()
    };
    Forecast::from_model(model.as_bytes(), &options).unwrap()
}

/// The option to find weights by evolution: whole generations on the device, a software one here if need be.
#[test]
fn weights_that_evolved_on_the_device_beat_the_naive_forecast() {
    // Recurrent ones take a software device the longest: a small one, and a third of the generations.
    let recurrent = RECURRENT
        .replace("\"window\": 16", "\"window\": 8")
        .replace("\"hidden\": [10]", "\"hidden\": [4]");
    for (name, model, backend, count) in [
        ("dense", MODEL, Backend::Gpu, 3),
        ("dense", MODEL, Backend::Cpu, 3),
        ("convolutions", CONVOLUTIONS, Backend::Gpu, 3),
        ("recurrent", recurrent.as_str(), Backend::Gpu, 1),
    ] {
        let domain = evolving(model, backend);
        let (best, errors) = rounds(&domain, count, 64 * 60);
        let error = held_out(&domain, &best);
        println!("{name}, {backend}: validation {errors:?}; held out {error}");
        assert!(error < 0.8, "{error}");
        let search = domain.search.lock();
        assert!(
            matches!(search.as_ref().unwrap().trainer, Trainer::Weights(_)),
            "{name} had no room"
        );
    }
    let options = Options {
        training: Training::Evolution,
        optimizer: crate::OptimizerKind::RandomStep,
        ..Default::default()
    };
    let error = Forecast::from_model(MODEL.as_bytes(), &options).err().unwrap();
    assert!(error.to_string().contains("sep-cma-es"), "{error}");
}

/// A network that the kernel has no room for is trained all the same.
#[test]
fn networks_too_large_for_the_device_are_trained_by_their_gradient() {
    let domain = evolving(MODEL, Backend::Gpu);
    let mut large = domain.decode(&domain.baseline()).unwrap();
    let shape = network::Architecture {
        hidden: vec![70],
        ..large.architecture.clone()
    };
    let mut random = RandomStream::new([1; 32]);
    let weights = shape.inherit(&large.architecture, &large.exact_weights(), &mut random);
    large.architecture = shape;
    let large = large.with_weights(&weights).unwrap().encode();
    let candidate = domain.optimize(&large, &budget(100), seed(1), 0, &Cancellation::default());
    assert!(candidate.is_ok() || candidate.is_err_and(|error| error.is_benign()));
    assert!(matches!(
        domain.search.lock().as_ref().unwrap().trainer,
        Trainer::Population(_)
    ));
}

#[test]
fn convolutions_beat_the_naive_forecast_and_grow_in_channels_only() {
    let domain = domain_of(CONVOLUTIONS);
    let (best, errors) = rounds(&domain, 8, ROUND_STEPS);
    let error = held_out(&domain, &best);
    let shape = domain.decode(&best).unwrap().architecture;
    println!("validation {errors:?}; held out {error}; {shape:?}");
    assert!(error <= 0.2, "held out: {error}");
    let kind = network::HiddenLayers::Convolutions { taps: 3 };
    assert_eq!((shape.kind, shape.window, shape.hidden.len()), (kind, 27, 3));
    assert_forecasts(&domain, &best);
}

/// What it says of a window is what was measured.
fn assert_forecasts(domain: &Forecast, best: &[u8]) {
    let held_out = domain.split(0).unwrap().held_out.clone();
    let window: Vec<f64> = (0..48).map(|step| held_out.target(step)).collect();
    let input = serde_json::json!({"windows": [window]}).to_string();
    let answer: serde_json::Value = serde_json::from_slice(&domain.infer(best, input.as_bytes()).unwrap()).unwrap();
    let model = domain.decode(best).unwrap();
    let mut forecaster = Forecaster::new(&model, domain.configuration.series);
    let expected = forecaster.forecasts(&held_out, 47).next().unwrap();
    assert_eq!(answer["forecasts"][0][0].as_f64().unwrap(), expected);
}

#[test]
fn recurrent_networks_beat_the_naive_forecast() {
    let domain = domain_of(RECURRENT);
    let (best, errors) = rounds(&domain, 8, ROUND_STEPS);
    let error = held_out(&domain, &best);
    let shape = domain.decode(&best).unwrap().architecture;
    println!("validation {errors:?}; held out {error}; {shape:?}");
    assert!(error <= 0.2, "held out: {error}");
    assert_eq!((shape.kind, shape.hidden.len()), (network::HiddenLayers::Recurrent, 1));
    assert_forecasts(&domain, &best);
}

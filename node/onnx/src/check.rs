//! Whether a file is a model that may be run, and has the interface that was declared.

use rten_onnx::onnx::{DataLocation, DataType, GraphProto, ModelProto, TensorProto, ValueInfoProto};

use crate::{scan, ElementType, Job, ModelError, Port};

/// Checks a file against a job, without running anything of it.
///
/// # Errors
///
/// All [`ModelError`]s but those of running it.
pub fn check(model: &[u8], job: &Job) -> Result<(), ModelError> {
    job.check()?;
    let limits = &job.limits;
    if model.len() as u64 > limits.bytes {
        return Err(ModelError::TooLarge {
            bytes: model.len() as u64,
            most: limits.bytes,
        });
    }
    // Before anything that calls itself, or makes much of few bytes.
    scan(model, limits.nodes)?;
    let model = ModelProto::parse_buf(model).map_err(|error| ModelError::Malformed(error.to_string()))?;
    let graph = model
        .graph
        .as_ref()
        .ok_or_else(|| ModelError::Malformed("it has no graph".into()))?;
    check_graph(graph)?;
    check_inputs(graph, job)?;
    check_output(graph, job)
}

/// Calls itself for graphs within the graph: as deep as [`scan`] allows, at most.
fn check_graph(graph: &GraphProto) -> Result<(), ModelError> {
    graph.initializer.iter().try_for_each(check_tensor)?;
    for node in &graph.node {
        let domain = node.domain.as_deref().unwrap_or_default();
        if !matches!(domain, "" | "ai.onnx") {
            let operator = node.op_type.as_deref().unwrap_or_default();
            return Err(ModelError::Unsupported(format!(
                "operator {operator} is of the operator set {domain:?}; export the model with standard operators only"
            )));
        }
        for attribute in &node.attribute {
            attribute.t.iter().try_for_each(check_tensor)?;
            attribute.g.iter().try_for_each(check_graph)?;
        }
    }
    Ok(())
}

fn check_tensor(tensor: &TensorProto) -> Result<(), ModelError> {
    let is_external = tensor.data_location == Some(DataLocation::EXTERNAL) || !tensor.external_data.is_empty();
    if is_external {
        let name = tensor.name.as_deref().unwrap_or_default();
        return Err(ModelError::Unsupported(format!(
            "the weights {name:?} are in another file; save the model as one file"
        )));
    }
    Ok(())
}

fn check_inputs(graph: &GraphProto, job: &Job) -> Result<(), ModelError> {
    // Before version 4 of the format weights had to be listed as inputs, too.
    let is_weight = |name: &str| {
        graph
            .initializer
            .iter()
            .any(|tensor| tensor.name.as_deref() == Some(name))
    };
    let mut found = 0;
    for input in &graph.input {
        let name = input.name.as_deref().unwrap_or_default();
        if is_weight(name) {
            continue;
        }
        let Some((port, _)) = job.inputs.iter().find(|(port, _)| port.name == name) else {
            let known: Vec<_> = job.inputs.iter().map(|(port, _)| port.name.as_str()).collect();
            return Err(ModelError::Interface(format!(
                "its input {name:?} is none of {}",
                known.join(", ")
            )));
        };
        found += 1;
        check_value("input", input, port, job.batch)?;
    }
    // A model need not use all inputs, but has to have them.
    if found != job.inputs.len() {
        return Err(ModelError::Interface(format!(
            "it has {found} inputs instead of {}",
            job.inputs.len()
        )));
    }
    Ok(())
}

fn check_output(graph: &GraphProto, job: &Job) -> Result<(), ModelError> {
    let port = &job.output;
    let output = graph
        .output
        .iter()
        .find(|output| output.name.as_deref() == Some(&port.name));
    match output {
        Some(output) => check_value("output", output, port, job.batch),
        None => Err(ModelError::Interface(format!("it has no output {:?}", port.name))),
    }
}

/// Checks what the model says of a value. What it does not say, or calls by a name, shows when it runs.
fn check_value(place: &str, value: &ValueInfoProto, port: &Port, batch: u32) -> Result<(), ModelError> {
    let wrong = |problem: String| Err(ModelError::Interface(format!("{place} {:?} {problem}", port.name)));
    let Some(tensor) = value.r#type.as_ref().and_then(|kind| kind.tensor_type.as_ref()) else {
        return wrong("is no tensor".into());
    };
    let expected = match port.element {
        ElementType::Float32 => DataType::FLOAT,
        ElementType::Int32 => DataType::INT32,
        ElementType::Int64 => DataType::INT64,
    };
    if tensor.elem_type != Some(expected) {
        let found = tensor.elem_type.unwrap_or(DataType(0));
        return wrong(format!("has elements of type {found}, not {expected}"));
    }
    let Some(shape) = &tensor.shape else { return Ok(()) };
    let sizes: Vec<u32> = std::iter::once(batch).chain(port.shape.iter().copied()).collect();
    let fits = shape.dim.len() == sizes.len()
        && shape.dim.iter().zip(&sizes).all(|(dimension, size)| {
            dimension
                .dim_value
                .is_none_or(|value| value == i64::from(*size) || dimension.dim_param.is_some())
        });
    if !fits {
        let found: Vec<_> = shape
            .dim
            .iter()
            .map(|dimension| match (dimension.dim_value, &dimension.dim_param) {
                (Some(value), _) => value.to_string(),
                (None, Some(name)) => name.chars().take(20).collect(),
                (None, None) => "?".into(),
            })
            .take(10)
            .collect();
        return wrong(format!(
            "has the shape [{}], not {sizes:?} (the first is the batch)",
            found.join(", ")
        ));
    }
    Ok(())
}

//! Running a model in this process.

use rten::{ModelOptions, RunOptions, ThreadPool, Value, ValueOrView};
use rten_tensor::prelude::*;
use std::{
    any::Any,
    panic::{catch_unwind, AssertUnwindSafe},
    sync::Arc,
};

use crate::{check, Job, ModelError, Port, Values};

/// Runs a model on all rows of a job and returns the output, row after row. A panic of the runtime is an error.
///
/// Bounds size and structure of the file, but neither time nor memory: that is what [`crate::Runner::Process`] is for.
///
/// # Errors
///
/// Every [`ModelError`] but [`ModelError::Stopped`].
pub fn run(model: &[u8], job: &Job, threads: usize) -> Result<Vec<f32>, ModelError> {
    check(model, job)?;
    catch_unwind(AssertUnwindSafe(|| run_checked(model, job, threads)))
        .unwrap_or_else(|panic| Err(ModelError::Failed(format!("panic: {}", panic_message(&*panic)))))
}

fn run_checked(model: &[u8], job: &Job, threads: usize) -> Result<Vec<f32>, ModelError> {
    let pool = Arc::new(ThreadPool::with_num_threads(threads));
    // Loading computes what depends on constants only: in the same pool.
    let model = pool
        .run(|| ModelOptions::with_all_ops().load(model.to_vec()))
        .map_err(|error| ModelError::Unsupported(error.to_string()))?;
    let node = |name: &str| {
        model
            .find_node(name)
            .ok_or_else(|| ModelError::Interface(format!("it has no value {name:?}")))
    };
    let output = node(&job.output.name)?;
    let inputs = job
        .inputs
        .iter()
        .map(|(port, values)| Ok((node(&port.name)?, port, values)))
        .collect::<Result<Vec<_>, ModelError>>()?;
    let batch = job.batch as usize;
    let mut result = Vec::new();
    for number in 0..(job.rows / job.batch) as usize {
        let rows = inputs
            .iter()
            .map(|(node, port, values)| Ok((*node, rows(port, values, number, batch)?)))
            .collect::<Result<Vec<_>, ModelError>>()?;
        let options = RunOptions::default().with_thread_pool(Some(pool.clone()));
        let value = model
            .run(rows, &[output], Some(options))
            .map_err(|error| ModelError::Failed(error.to_string()))?
            .pop()
            .ok_or_else(|| ModelError::Failed("no output".into()))?;
        let tensor = value
            .as_tensor_view::<f32>()
            .ok_or_else(|| ModelError::Interface(format!("output {:?} is not of type float32", job.output.name)))?;
        let shape = shape(&job.output, batch);
        if tensor.shape() != &shape[..] {
            return Err(ModelError::Interface(format!(
                "output {:?} has the shape {:?}, not {shape:?} (the first is the batch)",
                job.output.name,
                tensor.shape()
            )));
        }
        result.extend(tensor.iter());
    }
    Ok(result)
}

fn shape(port: &Port, batch: usize) -> Vec<usize> {
    std::iter::once(batch)
        .chain(port.shape.iter().map(|size| *size as usize))
        .collect()
}

/// The rows of batch number `number`.
fn rows<'a>(port: &Port, values: &Values, number: usize, batch: usize) -> Result<ValueOrView<'a>, ModelError> {
    fn part<T: Copy>(values: &[T], number: usize, length: usize) -> Option<Vec<T>> {
        values.get(number * length..(number + 1) * length).map(<[T]>::to_vec)
    }
    let shape = shape(port, batch);
    let length = shape.iter().product();
    let value = match values {
        Values::Float32(values) => part(values, number, length).and_then(|part| Value::from_shape(shape, part).ok()),
        Values::Integer(values) => part(values, number, length).and_then(|part| Value::from_shape(shape, part).ok()),
    };
    value
        .map(ValueOrView::from)
        .ok_or_else(|| ModelError::Interface(format!("input {:?} lacks rows", port.name)))
}

fn panic_message(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no message")
}

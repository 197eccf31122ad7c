//! How fast the device can be at best, and where the time of a generation goes.

use std::time::{Duration, Instant};

use wgpu::{
    BindGroupDescriptor, BindGroupEntry, BufferDescriptor, BufferUsages, CommandEncoderDescriptor,
    ComputePassDescriptor, ComputePipelineDescriptor, PipelineCompilationOptions, ShaderModuleDescriptor, ShaderSource,
};

use super::{
    evolution::{record_sort, record_step},
    lanes, GpuDevice,
};
use crate::{
    evolution::{Run, State},
    ComputeError,
};

/// Bytes that are copied: beyond the caches of most adapters.
const COPIED_BYTES: u64 = 128 << 20;
/// Invocations of the kernels for arithmetic, and rounds in each: as in the shader.
const INVOCATIONS: u64 = 1 << 18;
const ROUNDS: u64 = 512;
/// How long each rate is measured at least.
const DURATION: Duration = Duration::from_millis(300);

/// What an adapter reaches with nothing else to do.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Roofline {
    /// Bytes read and written per second by a copy of 128 MiB (or of the largest buffer).
    pub bytes_per_second: f64,
    /// Additions and multiplications in `f32` per second, of independent multiply-adds.
    pub float_operations_per_second: f64,
    /// Multiplications, additions, shifts and exclusive ors in `u32` per second.
    pub integer_operations_per_second: f64,
}

impl GpuDevice {
    pub(crate) fn roofline(&self) -> Result<Roofline, ComputeError> {
        let bytes = COPIED_BYTES.min(self.fitness_bytes) / 1_024 * 1_024;
        let buffer = |label| {
            self.device.create_buffer(&BufferDescriptor {
                label: Some(label),
                size: bytes,
                usage: BufferUsages::STORAGE,
                mapped_at_creation: false,
            })
        };
        let buffers = [buffer("source"), buffer("target")];
        self.check()?;
        let module = self.device.create_shader_module(ShaderModuleDescriptor {
            label: Some("roofline"),
            source: ShaderSource::Wgsl(include_str!("roofline.wgsl").into()),
        });
        let invocations = INVOCATIONS.min(bytes / 16);
        let mut seconds = [0.0; 3];
        let kernels = [
            ("copy", bytes / 16),
            ("multiply_add", invocations),
            ("integers", invocations),
        ];
        for (seconds, (entry_point, invocations)) in seconds.iter_mut().zip(kernels) {
            let pipeline = self.device.create_compute_pipeline(&ComputePipelineDescriptor {
                label: Some(entry_point),
                layout: None,
                module: &module,
                entry_point: Some(entry_point),
                compilation_options: PipelineCompilationOptions::default(),
                cache: None,
            });
            let entries: Vec<BindGroupEntry> = (0..)
                .zip(&buffers)
                .map(|(binding, buffer)| BindGroupEntry {
                    binding,
                    resource: buffer.as_entire_binding(),
                })
                .collect();
            let bind_group = self.device.create_bind_group(&BindGroupDescriptor {
                label: Some("roofline"),
                layout: &pipeline.get_bind_group_layout(0),
                entries: &entries,
            });
            self.check_kernel("roofline")?;
            let workgroups = invocations.div_ceil(64) as u32;
            let width = workgroups.min(self.workgroups);
            *seconds = self.time(|pass| {
                pass.set_pipeline(&pipeline);
                pass.set_bind_group(0, &bind_group, &[]);
                pass.dispatch_workgroups(width, workgroups.div_ceil(width), 1);
            })?;
        }
        let operations = (invocations * ROUNDS) as f64;
        Ok(Roofline {
            bytes_per_second: 2.0 * bytes as f64 / seconds[0],
            float_operations_per_second: 32.0 * operations / seconds[1],
            integer_operations_per_second: 64.0 * operations / seconds[2],
        })
    }

    /// Seconds of the four stages of a generation, each repeated on its own: sampling, evaluation, ranking, update.
    pub(crate) fn stage_seconds(&mut self, run: &Run, state: &State) -> Result<[f64; 4], ComputeError> {
        // Whatever is missing is made, and there is a population to work on.
        self.evolve(run, state)?;
        let lanes = lanes(run.constants.dimensions as usize, self.report.is_software);
        let (Some(pipelines), Some(buffers), Some(evaluate)) = (
            &self.evolution_pipelines,
            &self.evolution_buffers,
            self.pipelines.get(&(run.objective.name(), lanes)),
        ) else {
            return Err(self.lost("the device lost its buffers"));
        };
        Ok([
            self.time(|pass| self.record_sampling(pass, pipelines, buffers))?,
            self.time(|pass| self.record_evaluation(pass, buffers, evaluate, lanes))?,
            self.time(|pass| record_sort(pass, pipelines, buffers))?,
            self.time(|pass| record_step(pass, pipelines, buffers))?,
        ])
    }

    /// Seconds that what is recorded takes: many times in a submission, the best of some.
    fn time(&self, record: impl Fn(&mut wgpu::ComputePass)) -> Result<f64, ComputeError> {
        let attempt = |repetitions: u32| -> Result<Duration, ComputeError> {
            let mut encoder = self.device.create_command_encoder(&CommandEncoderDescriptor::default());
            {
                let mut pass = encoder.begin_compute_pass(&ComputePassDescriptor::default());
                for _ in 0..repetitions {
                    record(&mut pass);
                }
            }
            let commands = encoder.finish();
            let start = Instant::now();
            let submission = self.queue.submit([commands]);
            self.wait(Some(submission))?;
            self.check()?;
            Ok(start.elapsed())
        };
        // The first one also compiles.
        attempt(1)?;
        let once = attempt(1)?.max(Duration::from_micros(1));
        let repetitions = (DURATION.as_secs_f64() / 3.0 / once.as_secs_f64()).clamp(1.0, 1_000.0) as u32;
        let mut best = Duration::MAX;
        for _ in 0..3 {
            best = best.min(attempt(repetitions)?);
        }
        Ok(best.as_secs_f64() / f64::from(repetitions))
    }
}

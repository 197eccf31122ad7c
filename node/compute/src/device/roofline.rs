//! How fast the device can be at best, and where the time of a generation goes.

use std::time::{Duration, Instant};

use wgpu::{
    BindGroupDescriptor, BindGroupEntry, BufferDescriptor, BufferUsages, CommandEncoderDescriptor,
    ComputePassDescriptor, ComputePassTimestampWrites, ComputePipelineDescriptor, Features, PipelineCompilationOptions,
    QuerySetDescriptor, QueryType, ShaderModuleDescriptor, ShaderSource,
};

use super::{
    evolution::{Part, Recorder},
    GpuDevice,
};
use crate::{
    evolution::{Run, State},
    ComputeError,
};

/// Bytes that are copied: beyond the caches of most adapters.
const COPIED_BYTES: u64 = 128 << 20;
/// Invocations of the kernels for arithmetic: enough to fill a large GPU, or a processor.
const INVOCATIONS: u64 = 1 << 18;
const SOFTWARE_INVOCATIONS: u64 = 1 << 14;
/// Rounds in each of them: eight times those of the shader's loops.
const ROUNDS: u64 = 2_048;
/// Generations whose parts are timed by the device's clock.
const CLOCKED_GENERATIONS: usize = 8;
/// How long each rate is measured at least.
const DURATION: Duration = Duration::from_millis(300);

/// What an adapter reaches with nothing else to do.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Roofline {
    /// Bytes read and written per second by a copy of 128 MiB (or of the largest buffer).
    pub bytes_per_second: f64,
    /// Additions and multiplications in `f32` per second, of independent multiply-adds.
    pub float_operations_per_second: f64,
    /// Additions, shifts and exclusive ors in `u32` per second.
    pub integer_operations_per_second: f64,
    /// Products of 32 by 32 bits with all 64 bits of the result, each with two exclusive ors, per second: what Philox is
    /// made of.
    pub products_per_second: f64,
}

impl GpuDevice {
    pub(crate) fn roofline(&self) -> Result<Roofline, ComputeError> {
        // The kernels for arithmetic write their results there, too: at least 128 MiB is what every adapter can bind.
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
            source: ShaderSource::Wgsl([self.wide_product(), include_str!("roofline.wgsl")].concat().into()),
        });
        let invocations = match self.report.is_software {
            true => SOFTWARE_INVOCATIONS,
            false => INVOCATIONS,
        };
        let mut seconds = [0.0; 4];
        let kernels = [
            ("copy", bytes / 16),
            ("multiply_add", invocations),
            ("integers", invocations),
            ("products", invocations),
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
            integer_operations_per_second: 12.0 * operations / seconds[2],
            products_per_second: 4.0 * operations / seconds[3],
        })
    }

    /// Seconds of the four parts of a generation, by the device's clock within whole generations where it has one, else
    /// each part repeated on its own.
    pub(crate) fn part_seconds(&mut self, run: &Run, state: &State) -> Result<[f64; 4], ComputeError> {
        // Whatever is missing is made, and there is a population to work on.
        self.evolve(run, state)?;
        let recorder = self.recorder(run)?;
        if self.has_clock() {
            return self.part_seconds_by_clock(&recorder);
        }
        let mut seconds = [0.0; 4];
        for (seconds, part) in seconds.iter_mut().zip(Part::ALL) {
            *seconds = self.time(|pass| recorder.record(pass, part))?;
        }
        Ok(seconds)
    }

    /// Whether the device has a clock of its own.
    pub(crate) fn has_clock(&self) -> bool {
        self.device.features().contains(Features::TIMESTAMP_QUERY)
    }

    /// The median of each part over some generations.
    fn part_seconds_by_clock(&self, recorder: &Recorder) -> Result<[f64; 4], ComputeError> {
        let count = 2 * (Part::ALL.len() * CLOCKED_GENERATIONS) as u32;
        let bytes = u64::from(count) * 8;
        let query_set = self.device.create_query_set(&QuerySetDescriptor {
            label: Some("parts"),
            ty: QueryType::Timestamp,
            count,
        });
        let buffer = |usage| {
            self.device.create_buffer(&BufferDescriptor {
                label: Some("timestamps"),
                size: bytes,
                usage,
                mapped_at_creation: false,
            })
        };
        let resolved = buffer(BufferUsages::QUERY_RESOLVE | BufferUsages::COPY_SRC);
        let readback = buffer(BufferUsages::MAP_READ | BufferUsages::COPY_DST);
        let mut encoder = self.device.create_command_encoder(&CommandEncoderDescriptor::default());
        let mut place = 0;
        for _ in 0..CLOCKED_GENERATIONS {
            for part in Part::ALL {
                let mut pass = encoder.begin_compute_pass(&ComputePassDescriptor {
                    label: None,
                    timestamp_writes: Some(ComputePassTimestampWrites {
                        query_set: &query_set,
                        beginning_of_pass_write_index: Some(place),
                        end_of_pass_write_index: Some(place + 1),
                    }),
                });
                recorder.record(&mut pass, part);
                place += 2;
            }
        }
        encoder.resolve_query_set(&query_set, 0..count, &resolved, 0);
        encoder.copy_buffer_to_buffer(&resolved, 0, &readback, 0, bytes);
        self.queue.submit([encoder.finish()]);
        let stamps: Vec<u64> = self
            .read(&readback, bytes)?
            .chunks_exact(8)
            .map(bytemuck::pod_read_unaligned)
            .collect();
        let period = 1e-9 * f64::from(self.queue.get_timestamp_period());
        Ok(std::array::from_fn(|part| {
            let mut ticks: Vec<u64> = stamps
                .chunks_exact(2)
                .skip(part)
                .step_by(Part::ALL.len())
                .map(|pair| pair[1].saturating_sub(pair[0]))
                .collect();
            ticks.sort_unstable();
            ticks[ticks.len() / 2] as f64 * period
        }))
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

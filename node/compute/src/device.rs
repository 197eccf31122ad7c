//! One opened device: its pipelines, its buffers, and the evaluation of a population on it.

mod evolution;
mod roofline;

pub use roofline::Roofline;

use std::{
    collections::HashMap,
    sync::{
        atomic::{AtomicU64, Ordering},
        mpsc, Arc,
    },
    time::Duration,
};

use parking_lot::Mutex;
use wgpu::{
    BindGroup, BindGroupDescriptor, BindGroupEntry, BindGroupLayout, BindGroupLayoutDescriptor, BindGroupLayoutEntry,
    BindingType, Buffer, BufferBindingType, BufferDescriptor, BufferUsages, CommandBuffer, CommandEncoderDescriptor,
    ComputePassDescriptor, ComputePipeline, ComputePipelineDescriptor, Device, DeviceDescriptor, Features, MapMode,
    PipelineCompilationOptions, PipelineLayout, PipelineLayoutDescriptor, PollType, Queue, ShaderModuleDescriptor,
    ShaderSource, ShaderStages, SubmissionIndex,
};

use crate::{
    adapter::{self, WORKGROUP_SIZE},
    AdapterReport, ComputeError, Objective,
};

/// Most bytes of a population in the device at a time. More are computed in chunks: the device's memory is not ours
/// alone, and chunks of this size keep it just as busy.
const CHUNK_BYTES: u64 = 256 << 20;
/// A dispatch that takes longer than this means a hung device.
const TIMEOUT: Duration = Duration::from_secs(60);
const F32_BYTES: u64 = 4;

/// An error that the driver reported outside of any call's result.
enum Fault {
    OutOfMemory(String),
    Refused(String),
}

/// What the device's callbacks leave for us to find.
#[derive(Default)]
struct Faults {
    lost: Mutex<Option<String>>,
    error: Mutex<Option<Fault>>,
}

/// Buffers, kept from one dispatch to the next and replaced when they are too small, with the bind group over them.
struct Buffers {
    chunk: Buffer,
    constants: Buffer,
    population: Buffer,
    fitness: Buffer,
    readback: Buffer,
    bind_group: BindGroup,
}

/// The content of binding 0, see [`Objective`].
#[repr(C)]
#[derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable)]
struct Chunk {
    individuals: u32,
    dimensions: u32,
    first: u32,
    unused: u32,
}

/// An opened device.
pub(crate) struct GpuDevice {
    report: AdapterReport,
    device: Device,
    queue: Queue,
    faults: Arc<Faults>,
    layout: BindGroupLayout,
    pipeline_layout: PipelineLayout,
    pipelines: HashMap<(&'static str, u32), ComputePipeline>,
    buffers: Option<Buffers>,
    evolution_kernels: Option<evolution::Kernels>,
    evolution_buffers: Option<evolution::EvolutionBuffers>,
    /// Most bytes in the population buffer.
    chunk_bytes: u64,
    /// Most bytes in the fitness buffers.
    fitness_bytes: u64,
    /// Most workgroups in a dispatch.
    workgroups: u32,
    /// See [`crate::Compute::submissions`].
    submissions: Arc<AtomicU64>,
    /// Leaves 64-bit integers alone where the adapter has them.
    narrow_integers: bool,
}

impl GpuDevice {
    /// Opens the adapter at `index` of [`crate::devices`], or the best one.
    pub(crate) fn open(index: Option<usize>) -> Result<Self, ComputeError> {
        let (adapter, report) = adapter::choose(index)?;
        let descriptor = DeviceDescriptor {
            label: Some("doin"),
            required_limits: adapter.limits(),
            // Both optional: wide products in one instruction, and the device's own clock for profiles.
            required_features: adapter.features() & (Features::SHADER_INT64 | Features::TIMESTAMP_QUERY),
            ..Default::default()
        };
        let (device, queue) =
            pollster::block_on(adapter.request_device(&descriptor)).map_err(|error| ComputeError::Open {
                adapter: report.name.clone(),
                reason: error.to_string(),
            })?;

        let faults = Arc::new(Faults::default());
        let lost = faults.clone();
        device.set_device_lost_callback(move |reason, message| {
            lost.lost.lock().get_or_insert(format!("{reason:?}: {message}"));
        });
        // Without a handler of ours wgpu panics.
        let errors = faults.clone();
        device.on_uncaptured_error(Arc::new(move |error| {
            let fault = match &error {
                wgpu::Error::OutOfMemory { .. } => Fault::OutOfMemory(error.to_string()),
                _ => Fault::Refused(error.to_string()),
            };
            errors.error.lock().get_or_insert(fault);
        }));

        let layout = bind_group_layout(&device);
        let pipeline_layout = device.create_pipeline_layout(&PipelineLayoutDescriptor {
            label: Some("doin objective"),
            bind_group_layouts: &[Some(&layout)],
            immediate_size: 0,
        });
        let binding = report.limits.storage_binding_bytes.min(report.limits.buffer_bytes);
        Ok(Self {
            chunk_bytes: binding.min(CHUNK_BYTES),
            fitness_bytes: binding,
            workgroups: report.limits.workgroups,
            report,
            device,
            queue,
            faults,
            layout,
            pipeline_layout,
            pipelines: HashMap::new(),
            buffers: None,
            evolution_kernels: None,
            evolution_buffers: None,
            submissions: Arc::default(),
            narrow_integers: false,
        })
    }

    /// Counts its submissions here from now on.
    pub(crate) fn count_submissions(&mut self, count: &Arc<AtomicU64>) {
        self.submissions = count.clone();
    }

    fn submit(&self, commands: CommandBuffer) -> SubmissionIndex {
        self.submissions.fetch_add(1, Ordering::Relaxed);
        self.queue.submit([commands])
    }

    pub(crate) fn report(&self) -> &AdapterReport {
        &self.report
    }

    /// The fitness of each individual of `population`, whose length is a multiple of the objective's dimensions.
    ///
    /// One upload and one dispatch per chunk, one readback. After an error the device should not be used again.
    pub(crate) fn evaluate(&mut self, objective: &dyn Objective, population: &[f32]) -> Result<Vec<f32>, ComputeError> {
        let dimensions = objective.dimensions();
        let most = self.chunk_bytes / F32_BYTES;
        if dimensions as u64 > most {
            return Err(ComputeError::TooManyDimensions {
                dimensions,
                limit: most,
            });
        }
        self.check()?;
        let mut fitness = Vec::with_capacity(population.len() / dimensions);
        // What one fitness buffer holds: practically always the whole population.
        let individuals = usize::try_from(self.fitness_bytes / F32_BYTES).unwrap_or(usize::MAX);
        for part in population.chunks(individuals.saturating_mul(dimensions)) {
            self.evaluate_part(objective, part, &mut fitness)?;
        }
        Ok(fitness)
    }

    fn evaluate_part(
        &mut self,
        objective: &dyn Objective,
        population: &[f32],
        results: &mut Vec<f32>,
    ) -> Result<(), ComputeError> {
        let dimensions = objective.dimensions();
        let lanes = lanes(objective.steps(), self.report.is_software);
        let individuals_per_workgroup = u64::from(WORKGROUP_SIZE / lanes);
        let individuals_per_chunk = (self.chunk_bytes / F32_BYTES / dimensions as u64)
            .min(u64::from(self.workgroups) * individuals_per_workgroup)
            .max(1) as usize;
        let individuals = population.len() / dimensions;
        let fitness_bytes = individuals as u64 * F32_BYTES;

        self.prepare_pipeline(objective, lanes)?;
        self.prepare_buffers(
            objective.constants().len() as u64 * F32_BYTES,
            individuals.min(individuals_per_chunk) as u64 * dimensions as u64 * F32_BYTES,
            fitness_bytes,
        )?;
        let (Some(buffers), Some(pipeline)) = (&self.buffers, self.pipelines.get(&(objective.name(), lanes))) else {
            return Err(self.lost("the device lost its buffers"));
        };

        self.queue
            .write_buffer(&buffers.constants, 0, bytemuck::cast_slice(objective.constants()));
        let mut previous: Option<SubmissionIndex> = None;
        let chunks = population.chunks(individuals_per_chunk * dimensions);
        let last = chunks.len().saturating_sub(1);
        for (index, values) in chunks.enumerate() {
            let individuals = values.len() / dimensions;
            let chunk = Chunk {
                individuals: individuals as u32,
                dimensions: dimensions as u32,
                first: (index * individuals_per_chunk) as u32,
                unused: 0,
            };
            // Writes are ordered before the next submission, so that the same buffers serve every chunk.
            self.queue.write_buffer(&buffers.chunk, 0, bytemuck::bytes_of(&chunk));
            self.queue
                .write_buffer(&buffers.population, 0, bytemuck::cast_slice(values));
            let mut encoder = self.device.create_command_encoder(&CommandEncoderDescriptor::default());
            {
                let mut pass = encoder.begin_compute_pass(&ComputePassDescriptor::default());
                pass.set_pipeline(pipeline);
                pass.set_bind_group(0, &buffers.bind_group, &[]);
                let workgroups = (individuals as u64).div_ceil(individuals_per_workgroup);
                pass.dispatch_workgroups(workgroups as u32, 1, 1);
            }
            if index == last {
                encoder.copy_buffer_to_buffer(&buffers.fitness, 0, &buffers.readback, 0, fitness_bytes);
            }
            let submission = self.submit(encoder.finish());
            // At most two chunks under way: the driver's upload memory stays bounded.
            if let Some(previous) = previous.replace(submission) {
                self.wait(Some(previous))?;
            }
        }
        self.check()?;

        let bytes = self.read(&buffers.readback, fitness_bytes)?;
        results.extend(bytes.chunks_exact(4).map(bytemuck::pod_read_unaligned::<f32>));
        Ok(())
    }

    /// Whether shaders use 64-bit integers here.
    pub(crate) fn has_wide_integers(&self) -> bool {
        self.device.features().contains(Features::SHADER_INT64) && !self.narrow_integers
    }

    /// The shader function for the 64 bits of a product.
    fn wide_product(&self) -> &'static str {
        match self.has_wide_integers() {
            true => include_str!("wide_product_64.wgsl"),
            false => include_str!("wide_product.wgsl"),
        }
    }

    /// Compiles the kernel unless it is there.
    fn prepare_pipeline(&mut self, objective: &dyn Objective, lanes: u32) -> Result<(), ComputeError> {
        let key = (objective.name(), lanes);
        if self.pipelines.contains_key(&key) {
            return Ok(());
        }
        let module = self.device.create_shader_module(ShaderModuleDescriptor {
            label: Some(objective.name()),
            source: ShaderSource::Wgsl(objective.shader().into()),
        });
        let pipeline = self.device.create_compute_pipeline(&ComputePipelineDescriptor {
            label: Some(objective.name()),
            layout: Some(&self.pipeline_layout),
            module: &module,
            entry_point: Some("evaluate"),
            compilation_options: PipelineCompilationOptions {
                constants: &[("lanes", f64::from(lanes))],
                // Kernels write workgroup memory before they read it.
                zero_initialize_workgroup_memory: false,
            },
            cache: None,
        });
        self.check_kernel(objective.name())?;
        self.pipelines.insert(key, pipeline);
        Ok(())
    }

    /// The error of a kernel that was just built, if any.
    fn check_kernel(&self, name: &'static str) -> Result<(), ComputeError> {
        self.check().map_err(|error| match error {
            ComputeError::DeviceLost { adapter, reason } if self.faults.lost.lock().is_none() => ComputeError::Kernel {
                adapter,
                objective: name,
                reason,
            },
            other => other,
        })
    }

    /// Makes the buffers at least this large, in bytes.
    fn prepare_buffers(&mut self, constants: u64, population: u64, fitness: u64) -> Result<(), ComputeError> {
        if self.buffers.as_ref().is_some_and(|buffers| {
            buffers.constants.size() >= constants
                && buffers.population.size() >= population
                && buffers.fitness.size() >= fitness
        }) {
            return Ok(());
        }
        let old = self.buffers.take();
        // Powers of two: populations of similar sizes share buffers. Never smaller than what another objective needed.
        let size = |needed: u64, old: Option<u64>, limit: u64| {
            needed
                .next_power_of_two()
                .min(limit)
                .max(needed)
                .max(old.unwrap_or(256))
        };
        let buffer = |label, size, usage| {
            self.device.create_buffer(&BufferDescriptor {
                label: Some(label),
                size,
                usage,
                mapped_at_creation: false,
            })
        };
        let old_size = |select: fn(&Buffers) -> &Buffer| old.as_ref().map(|buffers| select(buffers).size());
        let constants = size(constants, old_size(|buffers| &buffers.constants), self.fitness_bytes);
        let population = size(population, old_size(|buffers| &buffers.population), self.chunk_bytes);
        let fitness = size(fitness, old_size(|buffers| &buffers.fitness), self.fitness_bytes);
        // Before the new ones are made, so that both need not fit.
        drop(old);

        let input = BufferUsages::STORAGE | BufferUsages::COPY_DST;
        let chunk_size = std::mem::size_of::<Chunk>() as u64;
        let chunk = buffer("chunk", chunk_size, BufferUsages::UNIFORM | BufferUsages::COPY_DST);
        let constants = buffer("constants", constants, input);
        let population = buffer("population", population, input);
        let readback = buffer("readback", fitness, BufferUsages::MAP_READ | BufferUsages::COPY_DST);
        let fitness = buffer("fitness", fitness, BufferUsages::STORAGE | BufferUsages::COPY_SRC);
        let entries = [&chunk, &constants, &population, &fitness];
        let entries: Vec<BindGroupEntry> = (0..)
            .zip(entries)
            .map(|(binding, buffer)| BindGroupEntry {
                binding,
                resource: buffer.as_entire_binding(),
            })
            .collect();
        let bind_group = self.device.create_bind_group(&BindGroupDescriptor {
            label: Some("doin objective"),
            layout: &self.layout,
            entries: &entries,
        });
        self.check()?;
        self.buffers = Some(Buffers {
            chunk,
            constants,
            population,
            fitness,
            readback,
            bind_group,
        });
        Ok(())
    }

    /// Waits for all that was submitted and reads the start of a buffer that can be mapped.
    fn read(&self, buffer: &Buffer, bytes: u64) -> Result<Vec<u8>, ComputeError> {
        let (sender, receiver) = mpsc::channel();
        let slice = buffer.slice(0..bytes);
        slice.map_async(MapMode::Read, move |result| {
            // The receiver is gone only when we have given up waiting.
            let _ = sender.send(result);
        });
        self.wait(None)?;
        self.check()?;
        match receiver.try_recv() {
            Ok(Ok(())) => {}
            Ok(Err(error)) => return Err(self.lost(&error.to_string())),
            Err(_) => return Err(self.lost("the result was never delivered")),
        }
        let content = slice
            .get_mapped_range()
            .map_err(|error| self.lost(&error.to_string()))?
            .to_vec();
        buffer.unmap();
        self.check()?;
        Ok(content)
    }

    /// Waits for a submission, or for all.
    fn wait(&self, submission_index: Option<SubmissionIndex>) -> Result<(), ComputeError> {
        self.device
            .poll(PollType::Wait {
                submission_index,
                timeout: Some(TIMEOUT),
            })
            .map(|_| ())
            .map_err(|error| self.lost(&error.to_string()))
    }

    /// The error that the driver has reported meanwhile, if any.
    fn check(&self) -> Result<(), ComputeError> {
        if let Some(reason) = self.faults.lost.lock().clone() {
            return Err(self.lost(&reason));
        }
        match self.faults.error.lock().take() {
            None => Ok(()),
            Some(Fault::OutOfMemory(reason)) => Err(ComputeError::OutOfMemory {
                adapter: self.report.name.clone(),
                reason,
            }),
            Some(Fault::Refused(reason)) => Err(self.lost(&reason)),
        }
    }

    fn lost(&self, reason: &str) -> ComputeError {
        ComputeError::DeviceLost {
            adapter: self.report.name.clone(),
            reason: reason.to_owned(),
        }
    }

    /// The device itself, to destroy it beneath its owner, as a driver reset does.
    #[cfg(test)]
    pub(crate) fn handle(&self) -> Device {
        self.device.clone()
    }

    /// Shares individuals among lanes from here on, as on an adapter that is not a software one.
    #[cfg(test)]
    pub(crate) fn use_lanes(&mut self) {
        self.report.is_software = false;
    }

    /// Computes without 64-bit integers from here on.
    #[cfg(test)]
    pub(crate) fn avoid_wide_integers(&mut self) {
        self.narrow_integers = true;
        (self.evolution_kernels, self.evolution_buffers) = (None, None);
    }

    /// Lowers the limits, so that small populations have to be split.
    #[cfg(test)]
    pub(crate) fn set_limits(&mut self, chunk_bytes: u64, fitness_bytes: u64, workgroups: u32) {
        self.chunk_bytes = chunk_bytes;
        self.fitness_bytes = fitness_bytes;
        self.workgroups = workgroups;
    }
}

/// How many invocations share an individual whose kernel takes so many steps. Software adapters run the lanes of a
/// workgroup one after another in any case and only lose time at the barriers; but Mesa's llvmpipe silently ends the loops
/// of an invocation after 65 535 steps in all, which a test found.
fn lanes(steps: usize, is_software: bool) -> u32 {
    let alone = if is_software { 1 << 14 } else { 32 };
    match steps {
        _ if steps < alone => 1,
        _ if steps < 4 * alone => 4,
        _ if steps < 16 * alone => 16,
        _ => 64,
    }
}

fn bind_group_layout(device: &Device) -> BindGroupLayout {
    let kinds = [
        BufferBindingType::Uniform,
        BufferBindingType::Storage { read_only: true },
        BufferBindingType::Storage { read_only: true },
        BufferBindingType::Storage { read_only: false },
    ];
    let entries: Vec<BindGroupLayoutEntry> = (0..)
        .zip(kinds)
        .map(|(binding, ty)| BindGroupLayoutEntry {
            binding,
            visibility: ShaderStages::COMPUTE,
            ty: BindingType::Buffer {
                ty,
                has_dynamic_offset: false,
                min_binding_size: None,
            },
            count: None,
        })
        .collect();
    device.create_bind_group_layout(&BindGroupLayoutDescriptor {
        label: Some("doin objective"),
        entries: &entries,
    })
}

#[cfg(test)]
mod tests;

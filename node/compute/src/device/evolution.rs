//! Generations of an evolution on the device.

use wgpu::{
    BindGroup, BindGroupDescriptor, BindGroupEntry, BindGroupLayout, BindGroupLayoutDescriptor, BindGroupLayoutEntry,
    BindingResource, BindingType, Buffer, BufferBinding, BufferBindingType, BufferDescriptor, BufferUsages,
    CommandEncoderDescriptor, ComputePass, ComputePassDescriptor, ComputePipeline, ComputePipelineDescriptor,
    PipelineCompilationOptions, PipelineLayoutDescriptor, ShaderModuleDescriptor, ShaderSource, ShaderStages,
};

use super::{lanes, Chunk, GpuDevice, F32_BYTES};
use crate::{
    adapter::WORKGROUP_SIZE,
    elementary::elementary_shader,
    evolution::{Constants, Run, Scalars, State, SORT_BLOCK},
    ComputeError,
};

/// Bytes between the uniforms of two passes of the sort: the largest alignment that an adapter may ask for.
const PASS_STRIDE: u64 = 256;

/// The kernels of a generation besides the objective's.
pub(super) struct Pipelines {
    layout: BindGroupLayout,
    pass_layout: BindGroupLayout,
    sample: ComputePipeline,
    rank: ComputePipeline,
    sort_block: ComputePipeline,
    sort_step: ComputePipeline,
    merge_block: ComputePipeline,
    survey: ComputePipeline,
    recombine: ComputePipeline,
    gather: ComputePipeline,
    control: ComputePipeline,
    apply: ComputePipeline,
}

/// Buffers for one shape of evolution and objective, kept from call to call.
pub(super) struct EvolutionBuffers {
    constants: Constants,
    objective_constants: u64,
    parameters: Buffer,
    vectors: Buffer,
    scalars: Buffer,
    #[cfg(test)]
    population: Buffer,
    #[cfg(test)]
    fitness: Buffer,
    weights: Buffer,
    chunk: Buffer,
    objective: Buffer,
    readback: Buffer,
    bind_group: BindGroup,
    objective_bind_group: BindGroup,
    pass_bind_group: BindGroup,
    passes: Vec<Pass>,
}

/// A pass of the sort over global memory. The content of the kernels' binding 0 in group 1.
#[repr(C)]
#[derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable)]
struct Pass {
    size: u32,
    /// 0: the rest of the sequence, within blocks.
    distance: u32,
}

/// The passes that follow the sort of each block.
fn passes(padded: u32) -> Vec<Pass> {
    let mut passes = Vec::new();
    let mut size = 2 * SORT_BLOCK;
    while size <= padded {
        let mut distance = size / 2;
        while distance >= SORT_BLOCK {
            passes.push(Pass { size, distance });
            distance /= 2;
        }
        passes.push(Pass { size, distance: 0 });
        size *= 2;
    }
    passes
}

impl GpuDevice {
    /// Runs generations from `state`; the state afterwards, and how many were completed.
    ///
    /// Two submissions a generation, at most two under way, one readback at the end.
    pub(crate) fn evolve(&mut self, run: &Run, state: &State) -> Result<(State, u64), ComputeError> {
        let constants = run.constants;
        let lanes = lanes(constants.dimensions as usize, self.report.is_software);
        self.check()?;
        self.check_shape(&constants, lanes)?;
        self.prepare_pipeline(run.objective, lanes)?;
        self.prepare_evolution_pipelines()?;
        self.prepare_evolution_buffers(run)?;
        let (Some(pipelines), Some(buffers), Some(evaluate)) = (
            &self.evolution_pipelines,
            &self.evolution_buffers,
            self.pipelines.get(&(run.objective.name(), lanes)),
        ) else {
            return Err(self.lost("the device lost its buffers"));
        };

        let write = |buffer: &Buffer, bytes: &[u8]| self.queue.write_buffer(buffer, 0, bytes);
        write(&buffers.parameters, bytemuck::bytes_of(&constants));
        write(&buffers.weights, bytemuck::cast_slice(run.weights));
        write(&buffers.objective, bytemuck::cast_slice(run.objective.constants()));
        write(&buffers.vectors, bytemuck::cast_slice(&state.vectors));
        write(&buffers.scalars, bytemuck::bytes_of(&state.scalars));
        let chunk = Chunk {
            individuals: constants.individuals,
            dimensions: constants.dimensions,
            first: 0,
            unused: 0,
        };
        write(&buffers.chunk, bytemuck::bytes_of(&chunk));

        let mut done = 0;
        let mut previous = None;
        'generations: while done < run.generations {
            for part in Part::ALL {
                if (run.should_stop)() {
                    break 'generations;
                }
                let mut encoder = self.device.create_command_encoder(&CommandEncoderDescriptor::default());
                {
                    let mut pass = encoder.begin_compute_pass(&ComputePassDescriptor::default());
                    match part {
                        Part::Evaluate => {
                            self.record_sampling(&mut pass, pipelines, buffers);
                            self.record_evaluation(&mut pass, buffers, evaluate, lanes);
                        }
                        Part::Update => {
                            record_sort(&mut pass, pipelines, buffers);
                            record_step(&mut pass, pipelines, buffers);
                        }
                    }
                }
                let submission = self.queue.submit([encoder.finish()]);
                if let Some(previous) = previous.replace(submission) {
                    self.wait(Some(previous))?;
                }
            }
            done += 1;
        }
        self.check()?;
        let state = self.read_state(buffers, state.vectors.len())?;
        Ok((state, done))
    }

    /// Refuses what the limits of the device do not hold, as a lack of memory, since less may pass.
    fn check_shape(&self, constants: &Constants, lanes: u32) -> Result<(), ComputeError> {
        let (n, individuals) = (u64::from(constants.dimensions), u64::from(constants.individuals));
        // The five vectors, and the parts of their sums.
        let vectors = 5 * n * F32_BYTES;
        if vectors > self.fitness_bytes {
            return Err(ComputeError::TooManyDimensions {
                dimensions: n as usize,
                limit: self.fitness_bytes / F32_BYTES / 5,
            });
        }
        let bytes = (individuals * n * F32_BYTES)
            .max(sums_bytes(constants))
            .max(u64::from(constants.padded) * 8);
        let workgroups = individuals
            .div_ceil(u64::from(WORKGROUP_SIZE / lanes))
            .max(
                (individuals * n.div_ceil(4))
                    .div_ceil(64)
                    .div_ceil(u64::from(self.workgroups)),
            )
            .max(u64::from(constants.padded / 256));
        if bytes > self.fitness_bytes || workgroups > u64::from(self.workgroups) {
            return Err(ComputeError::OutOfMemory {
                adapter: self.report.name.clone(),
                reason: format!(
                    "a population of {individuals} in {n} dimensions takes {bytes} bytes in a buffer and {workgroups} \
                     workgroups, the limits are {} and {}",
                    self.fitness_bytes, self.workgroups
                ),
            });
        }
        Ok(())
    }

    pub(super) fn record_sampling(&self, pass: &mut ComputePass, pipelines: &Pipelines, buffers: &EvolutionBuffers) {
        let constants = &buffers.constants;
        pass.set_pipeline(&pipelines.sample);
        pass.set_bind_group(0, &buffers.bind_group, &[]);
        // In two dimensions, since one may not reach.
        let workgroups = (constants.individuals * constants.dimensions.div_ceil(4)).div_ceil(64);
        let width = workgroups.min(self.workgroups);
        pass.dispatch_workgroups(width, workgroups.div_ceil(width), 1);
    }

    pub(super) fn record_evaluation(
        &self,
        pass: &mut ComputePass,
        buffers: &EvolutionBuffers,
        evaluate: &ComputePipeline,
        lanes: u32,
    ) {
        pass.set_pipeline(evaluate);
        pass.set_bind_group(0, &buffers.objective_bind_group, &[]);
        pass.dispatch_workgroups(buffers.constants.individuals.div_ceil(WORKGROUP_SIZE / lanes), 1, 1);
    }

    fn read_state(&self, buffers: &EvolutionBuffers, length: usize) -> Result<State, ComputeError> {
        let vector_bytes = length as u64 * F32_BYTES;
        let scalar_bytes = size_of::<Scalars>() as u64;
        let mut encoder = self.device.create_command_encoder(&CommandEncoderDescriptor::default());
        encoder.copy_buffer_to_buffer(&buffers.vectors, 0, &buffers.readback, 0, vector_bytes);
        encoder.copy_buffer_to_buffer(&buffers.scalars, 0, &buffers.readback, vector_bytes, scalar_bytes);
        self.queue.submit([encoder.finish()]);
        let bytes = self.read(&buffers.readback, vector_bytes + scalar_bytes)?;
        let (vectors, scalars) = bytes.split_at(vector_bytes as usize);
        Ok(State {
            vectors: vectors.chunks_exact(4).map(bytemuck::pod_read_unaligned).collect(),
            scalars: bytemuck::pod_read_unaligned(scalars),
        })
    }

    /// The population of the last generation that was evaluated, and its fitness.
    #[cfg(test)]
    pub(crate) fn evolved_population(&self) -> (Vec<f32>, Vec<f32>) {
        let buffers = self.evolution_buffers.as_ref().unwrap();
        let copy = |buffer: &Buffer| {
            let readback = self.device.create_buffer(&BufferDescriptor {
                label: None,
                size: buffer.size(),
                usage: BufferUsages::MAP_READ | BufferUsages::COPY_DST,
                mapped_at_creation: false,
            });
            let mut encoder = self.device.create_command_encoder(&CommandEncoderDescriptor::default());
            encoder.copy_buffer_to_buffer(buffer, 0, &readback, 0, buffer.size());
            self.queue.submit([encoder.finish()]);
            let bytes = self.read(&readback, buffer.size()).unwrap();
            bytes.chunks_exact(4).map(bytemuck::pod_read_unaligned).collect()
        };
        (copy(&buffers.population), copy(&buffers.fitness))
    }

    fn prepare_evolution_pipelines(&mut self) -> Result<(), ComputeError> {
        if self.evolution_pipelines.is_some() {
            return Ok(());
        }
        let device = &self.device;
        let storage = |read_only| BufferBindingType::Storage { read_only };
        let mut kinds = vec![BufferBindingType::Uniform];
        kinds.extend([storage(false); 6]);
        kinds.push(storage(true));
        let layout = layout(device, &kinds, false);
        let pass_layout = self::layout(device, &[BufferBindingType::Uniform], true);
        let plain = device.create_pipeline_layout(&PipelineLayoutDescriptor {
            label: Some("doin evolution"),
            bind_group_layouts: &[Some(&layout)],
            immediate_size: 0,
        });
        let with_pass = device.create_pipeline_layout(&PipelineLayoutDescriptor {
            label: Some("doin sort"),
            bind_group_layouts: &[Some(&layout), Some(&pass_layout)],
            immediate_size: 0,
        });
        let source = concat!(
            elementary_shader!(),
            include_str!("../philox.wgsl"),
            include_str!("../evolution/evolution.wgsl")
        );
        let module = device.create_shader_module(ShaderModuleDescriptor {
            label: Some("doin evolution"),
            source: ShaderSource::Wgsl(source.into()),
        });
        let pipeline = |entry_point, layout| {
            device.create_compute_pipeline(&ComputePipelineDescriptor {
                label: Some(entry_point),
                layout: Some(layout),
                module: &module,
                entry_point: Some(entry_point),
                compilation_options: PipelineCompilationOptions {
                    // Kernels write workgroup memory before they read it.
                    zero_initialize_workgroup_memory: false,
                    ..Default::default()
                },
                cache: None,
            })
        };
        let pipelines = Pipelines {
            sample: pipeline("sample", &plain),
            rank: pipeline("rank", &plain),
            sort_block: pipeline("sort_block", &plain),
            sort_step: pipeline("sort_step", &with_pass),
            merge_block: pipeline("merge_block", &with_pass),
            survey: pipeline("survey", &plain),
            recombine: pipeline("recombine", &plain),
            gather: pipeline("gather", &plain),
            control: pipeline("control", &plain),
            apply: pipeline("apply", &plain),
            layout,
            pass_layout,
        };
        self.check_kernel("evolution")?;
        self.evolution_pipelines = Some(pipelines);
        Ok(())
    }

    fn prepare_evolution_buffers(&mut self, run: &Run) -> Result<(), ComputeError> {
        let constants = run.constants;
        let objective_constants = std::mem::size_of_val(run.objective.constants()) as u64;
        let fits = self.evolution_buffers.as_ref().is_some_and(|buffers| {
            buffers.constants.has_shape_of(&constants) && buffers.objective_constants == objective_constants
        });
        if fits {
            return Ok(());
        }
        // Before the new ones are made, so that both need not fit.
        self.evolution_buffers = None;
        let Some(pipelines) = &self.evolution_pipelines else {
            return Err(self.lost("the device lost its kernels"));
        };
        let device = &self.device;
        let buffer = |label, size: u64, usage| {
            device.create_buffer(&BufferDescriptor {
                label: Some(label),
                size,
                usage,
                mapped_at_creation: false,
            })
        };
        let (input, output) = (BufferUsages::COPY_DST, BufferUsages::COPY_SRC);
        let (storage, uniform) = (BufferUsages::STORAGE, BufferUsages::UNIFORM);
        let (n, individuals) = (u64::from(constants.dimensions), u64::from(constants.individuals));
        let (vector_bytes, scalar_bytes) = (5 * n * F32_BYTES, size_of::<Scalars>() as u64);
        let passes = passes(constants.padded);
        let parameters = buffer("parameters", size_of::<Constants>() as u64, uniform | input);
        let vectors = buffer("vectors", vector_bytes, storage | input | output);
        let scalars = buffer("scalars", scalar_bytes, storage | input | output);
        let population = buffer("evolving population", individuals * n * F32_BYTES, storage | output);
        let fitness = buffer("evolving fitness", individuals * F32_BYTES, storage | output);
        let order = buffer("order", u64::from(constants.padded) * 8, storage);
        let sums = buffer("sums", sums_bytes(&constants), storage);
        let weights = buffer("weights", u64::from(constants.ranks) * F32_BYTES, storage | input);
        let chunk = buffer("whole population", size_of::<Chunk>() as u64, uniform | input);
        let objective = buffer("objective", objective_constants, storage | input);
        let readback = buffer("state", vector_bytes + scalar_bytes, BufferUsages::MAP_READ | input);
        let pass_bytes = PASS_STRIDE * passes.len().max(1) as u64;
        let pass_buffer = buffer("passes", pass_bytes, uniform | input);
        self.check()?;
        for (place, pass) in (0..).zip(&passes) {
            self.queue
                .write_buffer(&pass_buffer, place * PASS_STRIDE, bytemuck::bytes_of(pass));
        }

        let bind = |layout, buffers: &[&Buffer]| {
            let entries: Vec<BindGroupEntry> = (0..)
                .zip(buffers)
                .map(|(binding, buffer)| BindGroupEntry {
                    binding,
                    resource: buffer.as_entire_binding(),
                })
                .collect();
            device.create_bind_group(&BindGroupDescriptor {
                label: Some("doin evolution"),
                layout,
                entries: &entries,
            })
        };
        let bind_group = bind(
            &pipelines.layout,
            &[
                &parameters,
                &vectors,
                &scalars,
                &population,
                &fitness,
                &order,
                &sums,
                &weights,
            ],
        );
        let objective_bind_group = bind(&self.layout, &[&chunk, &objective, &population, &fitness]);
        let pass_bind_group = device.create_bind_group(&BindGroupDescriptor {
            label: Some("doin sort"),
            layout: &pipelines.pass_layout,
            entries: &[BindGroupEntry {
                binding: 0,
                resource: BindingResource::Buffer(BufferBinding {
                    buffer: &pass_buffer,
                    offset: 0,
                    size: std::num::NonZeroU64::new(size_of::<Pass>() as u64),
                }),
            }],
        });
        self.check()?;
        self.evolution_buffers = Some(EvolutionBuffers {
            constants,
            objective_constants,
            parameters,
            vectors,
            scalars,
            #[cfg(test)]
            population,
            #[cfg(test)]
            fitness,
            weights,
            chunk,
            objective,
            readback,
            bind_group,
            objective_bind_group,
            pass_bind_group,
            passes,
        });
        Ok(())
    }
}

/// The two submissions of a generation.
#[derive(Clone, Copy)]
enum Part {
    Evaluate,
    Update,
}

impl Part {
    /// Both, in their order.
    const ALL: [Self; 2] = [Self::Evaluate, Self::Update];
}

pub(super) fn record_sort(pass: &mut ComputePass, pipelines: &Pipelines, buffers: &EvolutionBuffers) {
    let constants = &buffers.constants;
    pass.set_bind_group(0, &buffers.bind_group, &[]);
    pass.set_pipeline(&pipelines.rank);
    pass.dispatch_workgroups(constants.padded / 256, 1, 1);
    pass.set_pipeline(&pipelines.sort_block);
    pass.dispatch_workgroups(constants.padded / SORT_BLOCK, 1, 1);
    for (place, sort) in (0..).zip(&buffers.passes) {
        pass.set_pipeline(match sort.distance {
            0 => &pipelines.merge_block,
            _ => &pipelines.sort_step,
        });
        pass.set_bind_group(1, &buffers.pass_bind_group, &[place * PASS_STRIDE as u32]);
        pass.dispatch_workgroups(constants.padded / SORT_BLOCK, 1, 1);
    }
}

/// From the ranks to the next generation.
pub(super) fn record_step(pass: &mut ComputePass, pipelines: &Pipelines, buffers: &EvolutionBuffers) {
    let columns = buffers.constants.dimensions.div_ceil(64);
    pass.set_bind_group(0, &buffers.bind_group, &[]);
    for (pipeline, width, height) in [
        (&pipelines.survey, 1, 1),
        (&pipelines.recombine, columns, buffers.constants.slices),
        (&pipelines.gather, columns, 1),
        (&pipelines.control, 1, 1),
        (&pipelines.apply, columns, 1),
    ] {
        pass.set_pipeline(pipeline);
        pass.dispatch_workgroups(width, height, 1);
    }
}

/// The sums' slices, and one number for each workgroup behind them.
fn sums_bytes(constants: &Constants) -> u64 {
    let n = u64::from(constants.dimensions);
    (u64::from(constants.slices) * n + n.div_ceil(64)) * 8
}

fn layout(device: &wgpu::Device, kinds: &[BufferBindingType], has_dynamic_offset: bool) -> BindGroupLayout {
    let entries: Vec<BindGroupLayoutEntry> = (0..)
        .zip(kinds)
        .map(|(binding, ty)| BindGroupLayoutEntry {
            binding,
            visibility: ShaderStages::COMPUTE,
            ty: BindingType::Buffer {
                ty: *ty,
                has_dynamic_offset,
                min_binding_size: None,
            },
            count: None,
        })
        .collect();
    device.create_bind_group_layout(&BindGroupLayoutDescriptor {
        label: Some("doin evolution"),
        entries: &entries,
    })
}

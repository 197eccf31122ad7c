//! The buffers of an evolution on the device.

use wgpu::{
    BindGroup, BindGroupDescriptor, BindGroupEntry, BindGroupLayout, BindingResource, Buffer, BufferBinding,
    BufferDescriptor, BufferUsages, Device, Queue,
};

use super::{super::Chunk, kernels::Kernels};
use crate::{
    device::F32_BYTES,
    evolution::{Constants, Run, Scalars, SORT_BLOCK},
};

/// Bytes between the uniforms of two passes of the sort: the largest alignment that an adapter may ask for.
pub(super) const PASS_STRIDE: u64 = 256;
/// Vectors of the state on the device: those of the host, and the deviations.
pub(super) const VECTORS: u64 = 6;

/// What buffers have to be made for.
#[derive(Clone, Copy, PartialEq)]
pub(super) struct Shape {
    dimensions: u32,
    individuals: u32,
    ranks: u32,
    objective_constants: u64,
    /// Whether the population is drawn into a buffer.
    is_stored: bool,
}

impl Shape {
    pub(super) fn of(run: &Run) -> Self {
        Self {
            dimensions: run.constants.dimensions,
            individuals: run.constants.individuals,
            ranks: run.constants.ranks,
            objective_constants: std::mem::size_of_val(run.objective.constants()) as u64,
            is_stored: run.objective.terms().is_none(),
        }
    }
}

/// A pass of the sort over global memory. The content of the kernels' binding 0 in group 1.
#[repr(C)]
#[derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable)]
pub(super) struct Pass {
    size: u32,
    /// 0: the rest of the sequence, within blocks.
    pub(super) distance: u32,
}

/// The passes that follow the sort of each block.
pub(super) fn passes(padded: u32) -> Vec<Pass> {
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

/// Buffers for one shape of evolution and objective, kept from call to call.
pub(in crate::device) struct EvolutionBuffers {
    pub(super) shape: Shape,
    pub(super) parameters: Buffer,
    pub(super) vectors: Buffer,
    pub(super) scalars: Buffer,
    pub(super) weights: Buffer,
    pub(super) chunk: Buffer,
    pub(super) objective: Buffer,
    pub(super) readback: Buffer,
    #[cfg(test)]
    pub(super) population: Option<Buffer>,
    #[cfg(test)]
    pub(super) fitness: Buffer,
    pub(super) evaluation: Evaluation,
    pub(super) ranking: BindGroup,
    pub(super) pass: BindGroup,
    pub(super) update: BindGroup,
    /// Of the sort; `None` where ranks are counted.
    pub(super) passes: Option<Vec<Pass>>,
}

/// The bindings of the evaluation.
pub(super) enum Evaluation {
    /// Of a population that is drawn in the same dispatch.
    Drawn(BindGroup),
    /// Of a population that is drawn into a buffer before.
    Stored { draw: BindGroup, evaluate: BindGroup },
}

impl EvolutionBuffers {
    /// Makes them; errors show in the device's callbacks. `objective_layout`: that of the objective's own kernel; `passes`:
    /// of the sort, if ranks are not counted.
    pub(super) fn new(
        (device, queue): (&Device, &Queue),
        kernels: &Kernels,
        objective_layout: &BindGroupLayout,
        run: &Run,
        passes: Option<Vec<Pass>>,
    ) -> Self {
        let (constants, shape) = (&run.constants, Shape::of(run));
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
        let scalar_bytes = size_of::<Scalars>() as u64;
        let population_bytes = individuals * n * F32_BYTES;
        let parameters = buffer("parameters", size_of::<Constants>() as u64, uniform | input);
        let vectors = buffer("vectors", vector_bytes(constants), storage | input | output);
        let scalars = buffer("scalars", 2 * scalar_bytes, storage | input | output);
        let population = shape
            .is_stored
            .then(|| buffer("evolving population", population_bytes, storage | output));
        let fitness = buffer("evolving fitness", individuals * F32_BYTES, storage | output);
        let order = buffer("order", order_bytes(constants), storage);
        let sums = buffer("sums", sums_bytes(constants), storage);
        let weights = buffer("weights", u64::from(constants.ranks) * F32_BYTES, storage | input);
        let chunk = buffer("whole population", size_of::<Chunk>() as u64, uniform | input);
        let objective = buffer("objective", shape.objective_constants, storage | input);
        let readback_bytes = vector_bytes(constants) + scalar_bytes;
        let readback = buffer("state", readback_bytes, BufferUsages::MAP_READ | input);
        let sort = passes.as_deref().unwrap_or_default();
        let pass_buffer = buffer("passes", PASS_STRIDE * sort.len().max(1) as u64, uniform | input);
        for (place, pass) in (0..).zip(sort) {
            queue.write_buffer(&pass_buffer, place * PASS_STRIDE, bytemuck::bytes_of(pass));
        }

        let bind = |layout, buffers: &[&Buffer]| bind(device, layout, buffers);
        let evaluation = match &population {
            None => Evaluation::Drawn(bind(
                &kernels.evaluation_layout,
                &[&parameters, &vectors, &scalars, &fitness, &objective],
            )),
            Some(population) => Evaluation::Stored {
                draw: bind(&kernels.drawing_layout, &[&parameters, &vectors, &scalars, population]),
                evaluate: bind(objective_layout, &[&chunk, &objective, population, &fitness]),
            },
        };
        let ranking = bind(&kernels.ranking_layout, &[&parameters, &scalars, &fitness, &order]);
        let update = bind(
            &kernels.update_layout,
            &[&parameters, &vectors, &scalars, &fitness, &order, &sums, &weights],
        );
        let pass = device.create_bind_group(&BindGroupDescriptor {
            label: Some("doin sort"),
            layout: &kernels.pass_layout,
            entries: &[BindGroupEntry {
                binding: 0,
                resource: BindingResource::Buffer(BufferBinding {
                    buffer: &pass_buffer,
                    offset: 0,
                    size: std::num::NonZeroU64::new(size_of::<Pass>() as u64),
                }),
            }],
        });
        Self {
            shape,
            parameters,
            vectors,
            scalars,
            weights,
            chunk,
            objective,
            readback,
            #[cfg(test)]
            population,
            #[cfg(test)]
            fitness,
            evaluation,
            ranking,
            pass,
            update,
            passes,
        }
    }
}

fn bind(device: &Device, layout: &BindGroupLayout, buffers: &[&Buffer]) -> BindGroup {
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
}

pub(super) fn vector_bytes(constants: &Constants) -> u64 {
    VECTORS * u64::from(constants.quads()) * 4 * F32_BYTES
}

pub(super) fn order_bytes(constants: &Constants) -> u64 {
    u64::from(constants.padded) * 8
}

/// Two sums for each quad, and a part of the path's length for each workgroup of the recombination, of which software
/// adapters have fewer.
pub(super) fn sums_bytes(constants: &Constants) -> u64 {
    (2 * u64::from(constants.quads()) + u64::from(constants.recombination_workgroups())) * 4 * F32_BYTES
}

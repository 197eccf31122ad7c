//! Generations of an evolution on the device.

mod buffers;
mod kernels;

use std::time::{Duration, Instant};

use wgpu::{Buffer, CommandEncoderDescriptor, ComputePass, ComputePassDescriptor, ComputePipeline};

use super::{lanes, Chunk, GpuDevice, F32_BYTES};
use crate::{
    adapter::WORKGROUP_SIZE,
    evolution::{Constants, Run, Scalars, State, SORT_BLOCK},
    ComputeError,
};
use buffers::{order_bytes, passes, sums_bytes, vector_bytes, Evaluation, Shape, PASS_STRIDE, VECTORS};

pub(super) use buffers::EvolutionBuffers;
pub(super) use kernels::Kernels;

/// How long the generations of a submission should take together: long enough that submitting costs next to nothing,
/// short enough to stop soon. A generation that takes longer alone is a submission of its own.
const SUBMISSION: Duration = Duration::from_millis(10);
const MOST_GENERATIONS: u64 = 128;
/// Populations up to this size are ranked by counting, in one dispatch. Beyond it the sort's many dispatches are faster
/// than the square of the population, and so they are for any population where the CPU computes.
const MOST_COUNTED: u32 = 8_192;
/// Individuals whose ranks a workgroup counts.
const COUNTED_TOGETHER: u32 = 16;
/// Quads that a workgroup updates.
const UPDATED_TOGETHER: u32 = 256;

/// The parts of a generation, each one dispatch or more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// Drawing the population, and its fitness.
    Evaluation,
    Ranking,
    /// The weighted sums over the ranks.
    Recombination,
    /// The rest of the step to the next generation.
    Update,
}

impl Part {
    /// All, in their order.
    pub(crate) const ALL: [Self; 4] = [Self::Evaluation, Self::Ranking, Self::Recombination, Self::Update];
}

/// All that recording a generation takes.
pub(super) struct Recorder<'a> {
    constants: Constants,
    kernels: &'a Kernels,
    buffers: &'a EvolutionBuffers,
    /// The objective's kernel: with drawing in it, or without.
    evaluate: &'a ComputePipeline,
    lanes: u32,
    /// Most workgroups in one dimension of a dispatch.
    workgroups: u32,
}

impl GpuDevice {
    /// Runs generations from `state`; the state afterwards, and how many were completed.
    ///
    /// As many generations in a submission as take some milliseconds, at most two submissions under way, one readback at
    /// the end.
    pub(crate) fn evolve(&mut self, run: &Run, state: &State) -> Result<(State, u64), ComputeError> {
        self.prepare_evolution(run, state)?;
        let recorder = self.recorder(run)?;
        let (mut done, mut batch) = (0, 1);
        let (mut previous, mut is_slow) = (None, false);
        let mut last = Instant::now();
        while done < run.generations && !(run.should_stop)() {
            let generations = batch.min(run.generations - done);
            let mut encoder = self.device.create_command_encoder(&CommandEncoderDescriptor::default());
            {
                let mut pass = encoder.begin_compute_pass(&ComputePassDescriptor::default());
                if done == 0 {
                    recorder.prepare(&mut pass);
                }
                for _ in 0..generations {
                    for part in Part::ALL {
                        recorder.record(&mut pass, part);
                    }
                }
            }
            done += generations;
            let submission = self.submit(encoder.finish());
            // Where a generation alone takes long, a second one under way would only delay a stop.
            let finished = match is_slow {
                true => Some(submission),
                false => previous.replace(submission),
            };
            let Some(finished) = finished else { continue };
            self.wait(Some(finished))?;
            let elapsed = last.elapsed();
            last = Instant::now();
            is_slow = batch == 1 && elapsed > SUBMISSION;
            if elapsed < SUBMISSION / 2 {
                batch = (2 * batch).min(MOST_GENERATIONS);
            } else if elapsed > SUBMISSION {
                batch = (batch / 2).max(1);
            }
        }
        self.check()?;
        let state = self.read_state(&recorder)?;
        Ok((state, done))
    }

    /// The constants as they serve this device best.
    fn adapted(&self, constants: Constants) -> Constants {
        match self.report.is_software {
            true => constants.for_software(),
            false => constants,
        }
    }

    /// How many dispatches sort a population; `None` where ranks are counted.
    pub(crate) fn sort_dispatches(&self, constants: &Constants) -> Option<usize> {
        let is_counted = !self.report.is_software && constants.individuals <= MOST_COUNTED;
        (!is_counted).then(|| 2 + passes(constants.padded).len())
    }

    /// Makes whatever is missing, and uploads the state.
    fn prepare_evolution(&mut self, run: &Run, state: &State) -> Result<(), ComputeError> {
        let constants = &self.adapted(run.constants);
        let lanes = lanes(run.objective.steps(), self.report.is_software);
        self.check()?;
        self.check_shape(run, lanes)?;
        self.prepare_evolution_kernels(run, lanes)?;
        self.prepare_evolution_buffers(run)?;
        let Some(buffers) = &self.evolution_buffers else {
            return Err(self.lost("the device lost its buffers"));
        };
        let write = |buffer: &Buffer, place: u64, bytes: &[u8]| self.queue.write_buffer(buffer, place, bytes);
        write(&buffers.parameters, 0, bytemuck::bytes_of(constants));
        write(&buffers.weights, 0, bytemuck::cast_slice(run.weights));
        write(&buffers.objective, 0, bytemuck::cast_slice(run.objective.constants()));
        let scalars = [state.scalars; 2];
        write(&buffers.scalars, 0, bytemuck::cast_slice(&scalars));
        // Each vector filled up to whole quads.
        let (n, length) = (state.dimensions(), 4 * constants.quads() as usize);
        let mut vectors = vec![0f32; VECTORS as usize * length];
        for (vector, filled) in state.vectors.chunks(n).zip(vectors.chunks_mut(length)) {
            filled[..n].copy_from_slice(vector);
        }
        write(&buffers.vectors, 0, bytemuck::cast_slice(&vectors));
        let chunk = Chunk {
            individuals: constants.individuals,
            dimensions: constants.dimensions,
            first: 0,
            unused: 0,
        };
        write(&buffers.chunk, 0, bytemuck::bytes_of(&chunk));
        Ok(())
    }

    /// What [`GpuDevice::prepare_evolution`] has prepared.
    pub(super) fn recorder(&self, run: &Run) -> Result<Recorder<'_>, ComputeError> {
        let lanes = lanes(run.objective.steps(), self.report.is_software);
        let key = (run.objective.name(), lanes);
        let (Some(kernels), Some(buffers)) = (&self.evolution_kernels, &self.evolution_buffers) else {
            return Err(self.lost("the device lost its buffers"));
        };
        let evaluate = match buffers.evaluation {
            Evaluation::Drawn(_) => kernels.evaluations.get(&key),
            Evaluation::Stored { .. } => self.pipelines.get(&key),
        };
        Ok(Recorder {
            constants: self.adapted(run.constants),
            kernels,
            buffers,
            evaluate: evaluate.ok_or_else(|| self.lost("the device lost its kernels"))?,
            lanes,
            workgroups: self.workgroups,
        })
    }

    /// Refuses what the limits of the device do not hold, as a lack of memory, since less may pass.
    fn check_shape(&self, run: &Run, lanes: u32) -> Result<(), ComputeError> {
        let constants = &run.constants;
        let (n, individuals) = (u64::from(constants.dimensions), u64::from(constants.individuals));
        if vector_bytes(constants) > self.fitness_bytes {
            return Err(ComputeError::TooManyDimensions {
                dimensions: n as usize,
                limit: self.fitness_bytes / F32_BYTES / VECTORS,
            });
        }
        let mut bytes = sums_bytes(constants).max(order_bytes(constants));
        let mut workgroups = individuals
            .div_ceil(u64::from(WORKGROUP_SIZE / lanes))
            .max(u64::from(constants.padded / 256))
            .max(u64::from(constants.quads().div_ceil(64)));
        if run.objective.terms().is_none() {
            bytes = bytes.max(individuals * n * F32_BYTES);
            let draws = (individuals * u64::from(constants.quads())).div_ceil(64);
            workgroups = workgroups.max(draws.div_ceil(u64::from(self.workgroups)));
        }
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

    fn read_state(&self, recorder: &Recorder) -> Result<State, ComputeError> {
        let buffers = recorder.buffers;
        let vector_bytes = vector_bytes(&recorder.constants);
        let scalar_bytes = size_of::<Scalars>() as u64;
        let mut encoder = self.device.create_command_encoder(&CommandEncoderDescriptor::default());
        encoder.copy_buffer_to_buffer(&buffers.vectors, 0, &buffers.readback, 0, vector_bytes);
        // The newest ones.
        encoder.copy_buffer_to_buffer(
            &buffers.scalars,
            scalar_bytes,
            &buffers.readback,
            vector_bytes,
            scalar_bytes,
        );
        self.submit(encoder.finish());
        let bytes = self.read(&buffers.readback, vector_bytes + scalar_bytes)?;
        let (vectors, scalars) = bytes.split_at(vector_bytes as usize);
        let vectors: Vec<f32> = vectors.chunks_exact(4).map(bytemuck::pod_read_unaligned).collect();
        let n = recorder.constants.dimensions as usize;
        Ok(State {
            vectors: vectors
                .chunks(4 * recorder.constants.quads() as usize)
                .take(State::VECTORS)
                .flat_map(|filled| &filled[..n])
                .copied()
                .collect(),
            scalars: bytemuck::pod_read_unaligned(scalars),
        })
    }

    /// The fitness of the last generation, and its population if it was drawn into a buffer.
    #[cfg(test)]
    pub(crate) fn evolved_population(&self) -> (Option<Vec<f32>>, Vec<f32>) {
        let buffers = self.evolution_buffers.as_ref().unwrap();
        let copy = |buffer: &Buffer| {
            let readback = self.device.create_buffer(&wgpu::BufferDescriptor {
                label: None,
                size: buffer.size(),
                usage: wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST,
                mapped_at_creation: false,
            });
            let mut encoder = self.device.create_command_encoder(&CommandEncoderDescriptor::default());
            encoder.copy_buffer_to_buffer(buffer, 0, &readback, 0, buffer.size());
            self.submit(encoder.finish());
            let bytes = self.read(&readback, buffer.size()).unwrap();
            bytes.chunks_exact(4).map(bytemuck::pod_read_unaligned).collect()
        };
        (buffers.population.as_ref().map(copy), copy(&buffers.fitness))
    }

    fn prepare_evolution_kernels(&mut self, run: &Run, lanes: u32) -> Result<(), ComputeError> {
        if self.evolution_kernels.is_none() {
            let kernels = Kernels::new(&self.device, self.wide_product());
            self.check_kernel("evolution")?;
            self.evolution_kernels = Some(kernels);
        }
        let Some(terms) = run.objective.terms() else {
            return self.prepare_pipeline(run.objective, lanes);
        };
        let key = (run.objective.name(), lanes);
        let Some(kernels) = &mut self.evolution_kernels else {
            return Err(self.lost("the device lost its kernels"));
        };
        if kernels.evaluations.contains_key(&key) {
            return Ok(());
        }
        let pipeline = kernels.evaluation(&self.device, terms, lanes);
        kernels.evaluations.insert(key, pipeline);
        let result = self.check_kernel(run.objective.name());
        if result.is_err() {
            self.evolution_kernels = None;
        }
        result
    }

    fn prepare_evolution_buffers(&mut self, run: &Run) -> Result<(), ComputeError> {
        let shape = Shape::of(run);
        if self
            .evolution_buffers
            .as_ref()
            .is_some_and(|buffers| buffers.shape == shape)
        {
            return Ok(());
        }
        // Before the new ones are made, so that both need not fit.
        self.evolution_buffers = None;
        let Some(kernels) = &self.evolution_kernels else {
            return Err(self.lost("the device lost its kernels"));
        };
        let sort = self
            .sort_dispatches(&run.constants)
            .map(|_| passes(run.constants.padded));
        let buffers = EvolutionBuffers::new((&self.device, &self.queue), kernels, &self.layout, run, sort);
        self.check()?;
        self.evolution_buffers = Some(buffers);
        Ok(())
    }
}

impl Recorder<'_> {
    /// What comes before the first generation.
    fn prepare(&self, pass: &mut ComputePass) {
        pass.set_pipeline(&self.kernels.prepare);
        pass.set_bind_group(0, &self.buffers.update, &[]);
        pass.dispatch_workgroups(self.constants.quads().div_ceil(64), 1, 1);
    }

    pub(super) fn record(&self, pass: &mut ComputePass, part: Part) {
        match part {
            Part::Evaluation => self.record_evaluation(pass),
            Part::Ranking => self.record_ranking(pass),
            Part::Recombination => {
                pass.set_pipeline(&self.kernels.recombine);
                pass.set_bind_group(0, &self.buffers.update, &[]);
                self.dispatch_wide(pass, self.constants.recombination_workgroups());
            }
            Part::Update => {
                pass.set_pipeline(&self.kernels.apply);
                pass.set_bind_group(0, &self.buffers.update, &[]);
                pass.dispatch_workgroups(self.constants.quads().div_ceil(UPDATED_TOGETHER), 1, 1);
            }
        }
    }

    fn record_evaluation(&self, pass: &mut ComputePass) {
        let bind_group = match &self.buffers.evaluation {
            Evaluation::Drawn(bind_group) => bind_group,
            Evaluation::Stored { draw, evaluate } => {
                pass.set_pipeline(&self.kernels.draw);
                pass.set_bind_group(0, draw, &[]);
                let draws = u64::from(self.constants.individuals) * u64::from(self.constants.quads());
                self.dispatch_wide(pass, draws.div_ceil(64) as u32);
                evaluate
            }
        };
        pass.set_pipeline(self.evaluate);
        pass.set_bind_group(0, bind_group, &[]);
        pass.dispatch_workgroups(self.constants.individuals.div_ceil(WORKGROUP_SIZE / self.lanes), 1, 1);
    }

    fn record_ranking(&self, pass: &mut ComputePass) {
        let constants = &self.constants;
        pass.set_bind_group(0, &self.buffers.ranking, &[]);
        let Some(passes) = &self.buffers.passes else {
            pass.set_pipeline(&self.kernels.count);
            pass.dispatch_workgroups(constants.individuals.div_ceil(COUNTED_TOGETHER), 1, 1);
            return;
        };
        pass.set_pipeline(&self.kernels.list);
        pass.dispatch_workgroups(constants.padded / 256, 1, 1);
        pass.set_pipeline(&self.kernels.sort_block);
        pass.dispatch_workgroups(constants.padded / SORT_BLOCK, 1, 1);
        for (place, sort) in (0..).zip(passes) {
            pass.set_pipeline(match sort.distance {
                0 => &self.kernels.merge_block,
                _ => &self.kernels.sort_step,
            });
            pass.set_bind_group(1, &self.buffers.pass, &[place * PASS_STRIDE as u32]);
            pass.dispatch_workgroups(constants.padded / SORT_BLOCK, 1, 1);
        }
    }

    /// In two dimensions where one does not reach.
    fn dispatch_wide(&self, pass: &mut ComputePass, workgroups: u32) {
        let width = workgroups.min(self.workgroups);
        pass.dispatch_workgroups(width, workgroups.div_ceil(width), 1);
    }
}

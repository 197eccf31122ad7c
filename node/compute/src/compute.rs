//! Evaluation of populations on the configured backend, with recovery from the loss of the device.

use std::{
    panic::{catch_unwind, AssertUnwindSafe},
    sync::{
        atomic::{AtomicU64, Ordering},
        Arc,
    },
    time::{Duration, Instant},
};

use parking_lot::Mutex;

use crate::{
    cpu,
    device::GpuDevice,
    evolution::{Run, State as EvolutionState},
    AdapterReport, Backend, ComputeError, Objective,
};

/// How long a device that was lost twice in a row is left alone, where the CPU can stand in for it.
const RETRY_AFTER: Duration = Duration::from_secs(60);

/// Evaluates populations. Share one among all domains of a process: it holds the device.
///
/// Calls from several threads are served one after another where there is one device.
pub struct Compute {
    engine: Engine,
    shrunk_populations: AtomicU64,
}

/// What went wrong since the start and was dealt with, for metrics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Times that the device was lost.
    pub device_losses: u64,
    /// Computations that the CPU did in the place of a lost device.
    pub cpu_fallbacks: u64,
    /// Times that a population, or the part of one that is on the device at a time, was made smaller for lack of
    /// memory.
    pub shrunk_populations: u64,
}

enum Engine {
    Cpu { threads: usize },
    Gpu(Box<Gpu>),
}

struct Gpu {
    backend: Backend,
    /// Which of [`crate::devices`], or the best.
    index: Option<usize>,
    /// The adapter chosen at the start.
    report: AdapterReport,
    state: Mutex<State>,
    losses: AtomicU64,
    fallbacks: AtomicU64,
    submissions: Arc<AtomicU64>,
}

struct State {
    /// `None` after a loss, until it is opened afresh.
    device: Option<GpuDevice>,
    /// No attempt to open the device before this.
    not_before: Option<Instant>,
}

impl Compute {
    /// Opens what the configuration asks for, and logs what was found; a software adapter with a warning.
    ///
    /// # Errors
    ///
    /// With [`Backend::Auto`] and [`Backend::Gpu`]: [`ComputeError::NoAdapter`], [`ComputeError::Open`].
    pub fn open(backend: Backend) -> Result<Self, ComputeError> {
        match backend {
            Backend::Cpu => {
                let compute = Self::cpu();
                log::info!("Computing on the {}", compute.description());
                Ok(compute)
            }
            Backend::Auto | Backend::Gpu => {
                let compute = Self::open_gpu(backend, None)?;
                if let Engine::Gpu(gpu) = &compute.engine {
                    announce(&gpu.report);
                }
                Ok(compute)
            }
        }
    }

    /// The CPU reference on all cores, as [`Backend::Cpu`], which cannot fail.
    pub fn cpu() -> Self {
        Self {
            engine: Engine::Cpu {
                threads: cpu::threads(),
            },
            shrunk_populations: AtomicU64::new(0),
        }
    }

    /// Opens the adapter at `index` of [`crate::devices`]; its loss is an error, as with [`Backend::Gpu`].
    ///
    /// # Errors
    ///
    /// [`ComputeError::NoAdapter`], [`ComputeError::NoSuchDevice`], [`ComputeError::Open`].
    pub fn open_device(index: usize) -> Result<Self, ComputeError> {
        Self::open_gpu(Backend::Gpu, Some(index))
    }

    fn open_gpu(backend: Backend, index: Option<usize>) -> Result<Self, ComputeError> {
        let submissions = Arc::default();
        let device = guarded(|| open(index, &submissions))?;
        let report = device.report().clone();
        let state = Mutex::new(State {
            device: Some(device),
            not_before: None,
        });
        Ok(Self {
            engine: Engine::Gpu(Box::new(Gpu {
                backend,
                index,
                report,
                state,
                losses: AtomicU64::new(0),
                fallbacks: AtomicU64::new(0),
                submissions,
            })),
            shrunk_populations: AtomicU64::new(0),
        })
    }

    /// The adapter in use; `None` on the CPU.
    pub fn adapter(&self) -> Option<&AdapterReport> {
        match &self.engine {
            Engine::Cpu { .. } => None,
            Engine::Gpu(gpu) => Some(&gpu.report),
        }
    }

    /// One line for logs and status pages.
    pub fn description(&self) -> String {
        match &self.engine {
            Engine::Cpu { threads } => format!("CPU, {threads} threads"),
            Engine::Gpu(gpu) => gpu.report.to_string(),
        }
    }

    /// The fitness of each individual of `population`: individuals one after another, each with as many values as the
    /// objective has dimensions. An empty population gives an empty result.
    ///
    /// Individuals should be finite, and small enough for the fitness to be finite in `f32`: WGSL lets drivers assume
    /// so. What the others get is returned as it comes, usually infinite or not a number.
    ///
    /// # Errors
    ///
    /// [`ComputeError::BadPopulation`] for a broken last individual; [`ComputeError::TooManyDimensions`],
    /// [`ComputeError::OutOfMemory`] and [`ComputeError::Kernel`] from the device. A device that is lost is opened
    /// afresh and tried once more; lost again: with [`Backend::Gpu`] [`ComputeError::DeviceLost`] (or why it cannot be
    /// opened), with [`Backend::Auto`] the CPU computes, with a warning, and the device is tried again a minute later.
    pub fn evaluate(&self, objective: &dyn Objective, population: &[f32]) -> Result<Vec<f32>, ComputeError> {
        let (length, dimensions) = (population.len(), objective.dimensions());
        if dimensions == 0 || length % dimensions != 0 {
            return Err(ComputeError::BadPopulation { length, dimensions });
        }
        if population.is_empty() {
            return Ok(Vec::new());
        }
        match &self.engine {
            Engine::Cpu { threads } => Ok(cpu::evaluate(objective, population, *threads)),
            Engine::Gpu(gpu) => gpu.compute(
                |device| device.evaluate(objective, population),
                || cpu::evaluate(objective, population, cpu::threads()),
            ),
        }
    }

    /// Runs generations from `state`; the state afterwards, and how many were completed. As [`Compute::evaluate`] with
    /// regard to the device.
    pub(crate) fn evolve(&self, run: &Run, state: &EvolutionState) -> Result<(EvolutionState, u64), ComputeError> {
        match &self.engine {
            Engine::Cpu { threads } => Ok(run.on_cpu(state.clone(), *threads)),
            Engine::Gpu(gpu) => gpu.compute(
                |device| device.evolve(run, state),
                || run.on_cpu(state.clone(), cpu::threads()),
            ),
        }
    }

    /// What went wrong so far and was dealt with.
    pub fn counters(&self) -> Counters {
        let (device_losses, cpu_fallbacks) = match &self.engine {
            Engine::Cpu { .. } => (0, 0),
            Engine::Gpu(gpu) => (
                gpu.losses.load(Ordering::Relaxed),
                gpu.fallbacks.load(Ordering::Relaxed),
            ),
        };
        Counters {
            device_losses,
            cpu_fallbacks,
            shrunk_populations: self.shrunk_populations.load(Ordering::Relaxed),
        }
    }

    /// How often something was submitted to the device so far; never on the CPU. What is asked for between two
    /// submissions, such as to stop, is heard before the next one.
    pub fn submissions(&self) -> u64 {
        match &self.engine {
            Engine::Cpu { .. } => 0,
            Engine::Gpu(gpu) => gpu.submissions.load(Ordering::Relaxed),
        }
    }

    pub(crate) fn count_shrunk_population(&self) {
        self.shrunk_populations.fetch_add(1, Ordering::Relaxed);
    }

    /// The device itself, to destroy it beneath its owner, as a driver reset does.
    #[cfg(test)]
    pub(crate) fn device_handle(&self) -> Option<wgpu::Device> {
        match &self.engine {
            Engine::Cpu { .. } => None,
            Engine::Gpu(gpu) => gpu.state.lock().device.as_ref().map(GpuDevice::handle),
        }
    }

    #[cfg(test)]
    fn destroy_device(&self) {
        self.device_handle().unwrap().destroy();
    }

    /// Makes every further attempt to open the device fail.
    #[cfg(test)]
    pub(crate) fn forbid_reopening(&mut self) {
        if let Engine::Gpu(gpu) = &mut self.engine {
            gpu.index = Some(usize::MAX);
        }
    }
}

impl Gpu {
    /// Computes on the device, or where that is configured and the device is gone, by `stand_in`.
    fn compute<T>(
        &self,
        work: impl Fn(&mut GpuDevice) -> Result<T, ComputeError>,
        stand_in: impl FnOnce() -> T,
    ) -> Result<T, ComputeError> {
        let error = {
            let mut state = self.state.lock();
            match self.compute_with_retry(&mut state, &work) {
                Ok(result) => return Ok(result),
                Err(error) => error,
            }
        };
        if self.backend == Backend::Auto && is_device_gone(&error) {
            self.fallbacks.fetch_add(1, Ordering::Relaxed);
            Ok(stand_in())
        } else {
            Err(error)
        }
    }

    fn compute_with_retry<T>(
        &self,
        state: &mut State,
        work: &impl Fn(&mut GpuDevice) -> Result<T, ComputeError>,
    ) -> Result<T, ComputeError> {
        if state.not_before.is_some_and(|instant| Instant::now() < instant) {
            let adapter = self.report.name.clone();
            return Err(ComputeError::DeviceLost {
                adapter,
                reason: "waiting to open it afresh".into(),
            });
        }
        let error = match self.attempt(state, work) {
            Err(error) if is_device_gone(&error) => error,
            result => return result,
        };
        self.losses.fetch_add(1, Ordering::Relaxed);
        log::warn!("{error}; opening the device afresh");
        let error = match self.attempt(state, work) {
            Err(error) if is_device_gone(&error) => error,
            result => return result,
        };
        match self.backend {
            Backend::Auto => {
                state.not_before = Some(Instant::now() + RETRY_AFTER);
                log::error!(
                    "{error}; computing on the CPU, next attempt in {} s",
                    RETRY_AFTER.as_secs()
                );
            }
            Backend::Gpu | Backend::Cpu => log::error!("{error}"),
        }
        Err(error)
    }

    /// One attempt, opening the device where there is none. After any error of the device it is closed.
    fn attempt<T>(
        &self,
        state: &mut State,
        work: &impl Fn(&mut GpuDevice) -> Result<T, ComputeError>,
    ) -> Result<T, ComputeError> {
        let device = &mut state.device;
        let result = guarded(|| {
            let device = match device {
                Some(device) => device,
                none => {
                    let opened = open(self.index, &self.submissions)?;
                    announce(opened.report());
                    none.insert(opened)
                }
            };
            work(device)
        });
        match &result {
            Ok(_) => state.not_before = None,
            // These are found before the device has anything to do.
            Err(ComputeError::TooManyDimensions { .. } | ComputeError::BadPopulation { .. }) => {}
            Err(_) => {
                let broken = state.device.take();
                // A driver in trouble may also panic while it is being closed.
                let closed = guarded(|| {
                    drop(broken);
                    Ok(())
                });
                if let Err(error) = closed {
                    log::debug!("while closing the device: {error}");
                }
            }
        }
        result
    }
}

fn open(index: Option<usize>, submissions: &Arc<AtomicU64>) -> Result<GpuDevice, ComputeError> {
    let mut device = GpuDevice::open(index)?;
    device.count_submissions(submissions);
    Ok(device)
}

/// Whether opening the device afresh may help, or the CPU has to stand in.
fn is_device_gone(error: &ComputeError) -> bool {
    error.is_device_fault() || matches!(error, ComputeError::NoSuchDevice { .. })
}

fn announce(report: &AdapterReport) {
    if report.is_software {
        log::warn!(
            "Computing on a SOFTWARE adapter: {report}. It runs on the CPU and is slow; if this machine has a GPU, \
             install its Vulkan driver"
        );
    } else {
        log::info!("Computing on {report}");
    }
}

/// Runs `work`, turning a panic of the graphics stack into [`ComputeError::DeviceLost`].
///
/// wgpu panics where its interface has no place for an error, such as when the device is lost while it is waited for;
/// and the panic hook of a Substrate node ends the process unless the thread says that it will unwind.
fn guarded<T>(work: impl FnOnce() -> Result<T, ComputeError>) -> Result<T, ComputeError> {
    let _unwind = sp_panic_handler::AbortGuard::force_unwind();
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        let reason = panic
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| panic.downcast_ref::<&str>().copied())
            .unwrap_or("no reason given");
        Err(ComputeError::DeviceLost {
            adapter: "unknown".into(),
            reason: format!("the graphics stack panicked: {reason}"),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::objectives::Quadratic;

    #[test]
    fn both_backends_show_individuals_that_are_not_finite() {
        let objective = Quadratic::new(vec![0.0; 3]).unwrap();
        let population = [
            1.0,
            2.0,
            2.0,
            f32::NAN,
            0.0,
            0.0,
            f32::INFINITY,
            0.0,
            0.0,
            1e30,
            0.0,
            0.0,
        ];
        for backend in [Backend::Auto, Backend::Cpu] {
            let fitness = Compute::open(backend)
                .unwrap()
                .evaluate(&objective, &population)
                .unwrap();
            assert_eq!(fitness[0], -9.0);
            assert!(
                fitness[1..].iter().all(|value| !value.is_finite()),
                "{backend}: {fitness:?}"
            );
        }
    }

    #[test]
    fn broken_and_empty_populations() {
        let objective = Quadratic::new(vec![0.0; 3]).unwrap();
        for backend in [Backend::Auto, Backend::Cpu] {
            let compute = Compute::open(backend).unwrap();
            assert_eq!(compute.evaluate(&objective, &[]), Ok(vec![]));
            let error = ComputeError::BadPopulation {
                length: 4,
                dimensions: 3,
            };
            assert_eq!(compute.evaluate(&objective, &[0.0; 4]), Err(error));
        }
    }

    #[test]
    fn a_lost_device_is_opened_afresh_and_the_evaluation_repeated() {
        let compute = Compute::open(Backend::Gpu).unwrap();
        let objective = Quadratic::new(vec![1.0; 5]).unwrap();
        for _ in 0..3 {
            assert_eq!(compute.evaluate(&objective, &[0.0; 10]), Ok(vec![-5.0; 2]));
            compute.destroy_device();
        }
        assert_eq!(compute.evaluate(&objective, &[2.0; 5]), Ok(vec![-5.0]));
    }

    #[test]
    fn a_device_that_does_not_come_back_is_an_error_or_replaced_by_the_cpu() {
        let objective = Quadratic::new(vec![1.0; 5]).unwrap();
        for backend in [Backend::Gpu, Backend::Auto] {
            let mut compute = Compute::open(backend).unwrap();
            assert_eq!(compute.evaluate(&objective, &[0.0; 5]), Ok(vec![-5.0]));
            compute.forbid_reopening();
            compute.destroy_device();
            for _ in 0..2 {
                let result = compute.evaluate(&objective, &[0.0; 5]);
                match backend {
                    Backend::Auto => assert_eq!(result, Ok(vec![-5.0])),
                    _ => assert!(matches!(result, Err(ComputeError::NoSuchDevice { .. })), "{result:?}"),
                }
            }
        }
    }

    #[test]
    fn a_panic_of_the_graphics_stack_becomes_an_error() {
        let error = guarded::<()>(|| panic!("driver {}", "bug")).unwrap_err();
        assert!(error.to_string().contains("driver bug"), "{error}");
        assert!(error.is_device_fault());
    }

    #[test]
    fn what_is_in_use_is_described() {
        let gpu = Compute::open(Backend::Auto).unwrap();
        let devices = crate::devices();
        assert_eq!(gpu.adapter(), devices.first());
        assert!(gpu.description().contains(&devices[0].name));
        assert!(Compute::open(Backend::Cpu).unwrap().adapter().is_none());
        assert!(matches!(
            Compute::open_device(devices.len()).map(|_| ()),
            Err(ComputeError::NoSuchDevice { .. })
        ));
    }
}

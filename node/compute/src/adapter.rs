//! What there is to compute with: finding, ranking and describing adapters.

use serde::Serialize;
use wgpu::{Adapter, Backends, DeviceType, DownlevelFlags, Instance, InstanceDescriptor};

use crate::ComputeError;

/// Most storage buffers that a kernel binds.
const STORAGE_BUFFERS: u32 = 7;
/// Invocations in a workgroup of the objectives' kernels.
pub(crate) const WORKGROUP_SIZE: u32 = 64;
/// Most invocations in a workgroup of any kernel, and the memory that such a workgroup shares, in bytes.
const MOST_INVOCATIONS: u32 = 256;
const WORKGROUP_MEMORY: u32 = 8 << 10;

/// Limits of an adapter that matter for computing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AdapterLimits {
    /// Largest buffer, in bytes.
    pub buffer_bytes: u64,
    /// Largest part of a buffer that a kernel can see at a time, in bytes.
    pub storage_binding_bytes: u64,
    /// Most workgroups in one dimension of a dispatch.
    pub workgroups: u32,
    /// Most invocations in a workgroup.
    pub workgroup_invocations: u32,
    /// Memory that a workgroup shares, in bytes.
    pub workgroup_memory_bytes: u32,
}

/// Description of an adapter, for listings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AdapterReport {
    /// Place in the list of [`devices`], best first.
    pub index: usize,
    /// Name that the driver gives, such as `NVIDIA H200` or `llvmpipe (LLVM 15.0.6, 256 bits)`.
    pub name: String,
    /// Graphics interface: `vulkan`, `metal` or `dx12`.
    pub backend: String,
    /// Name and version of the driver.
    pub driver: String,
    /// `discrete GPU`, `integrated GPU`, `virtual GPU`, `software (CPU)` or `other`.
    pub device_type: String,
    /// Whether the adapter computes on the CPU.
    pub is_software: bool,
    /// What it can hold.
    pub limits: AdapterLimits,
}

impl std::fmt::Display for AdapterReport {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            formatter,
            "{} ({}, {}, {})",
            self.name, self.device_type, self.backend, self.driver
        )
    }
}

/// All adapters that can run the kernels, best first: discrete GPU, integrated, virtual, other, software; among equals
/// the one with the larger buffers. Empty when there is none.
///
/// Talks to the drivers, which takes some tens of milliseconds and may start driver threads.
pub fn devices() -> Vec<AdapterReport> {
    adapters()
        .iter()
        .enumerate()
        .map(|(index, adapter)| report(index, adapter))
        .collect()
}

/// The adapters behind [`devices`], in the same order.
pub(crate) fn adapters() -> Vec<Adapter> {
    let mut descriptor = InstanceDescriptor::new_without_display_handle();
    descriptor.backends = Backends::PRIMARY;
    let instance = Instance::new(descriptor);
    let mut adapters: Vec<Adapter> = pollster::block_on(instance.enumerate_adapters(Backends::PRIMARY))
        .into_iter()
        .filter(is_capable)
        .collect();
    // The sort is stable: equals stay in the driver's order.
    adapters.sort_by_key(|adapter| {
        let bytes = adapter.limits().max_storage_buffer_binding_size;
        (rank(adapter.get_info().device_type), std::cmp::Reverse(bytes))
    });
    adapters
}

/// The adapter to compute with: the one at `index`, or the best.
pub(crate) fn choose(index: Option<usize>) -> Result<(Adapter, AdapterReport), ComputeError> {
    let adapters = adapters();
    let available = adapters.len();
    if available == 0 {
        return Err(ComputeError::NoAdapter);
    }
    let index = index.unwrap_or(0);
    let adapter = adapters
        .into_iter()
        .nth(index)
        .ok_or(ComputeError::NoSuchDevice { index, available })?;
    let report = report(index, &adapter);
    Ok((adapter, report))
}

/// Whether the kernels can run at all.
fn is_capable(adapter: &Adapter) -> bool {
    let limits = adapter.limits();
    adapter
        .get_downlevel_capabilities()
        .flags
        .contains(DownlevelFlags::COMPUTE_SHADERS)
        && limits.max_storage_buffers_per_shader_stage >= STORAGE_BUFFERS
        && limits.max_compute_invocations_per_workgroup >= MOST_INVOCATIONS
        && limits.max_compute_workgroup_size_x >= MOST_INVOCATIONS
        && limits.max_compute_workgroup_storage_size >= WORKGROUP_MEMORY
}

fn rank(device_type: DeviceType) -> u8 {
    match device_type {
        DeviceType::DiscreteGpu => 0,
        DeviceType::IntegratedGpu => 1,
        DeviceType::VirtualGpu => 2,
        DeviceType::Other => 3,
        DeviceType::Cpu => 4,
    }
}

fn report(index: usize, adapter: &Adapter) -> AdapterReport {
    let (info, limits) = (adapter.get_info(), adapter.limits());
    let device_type = match info.device_type {
        DeviceType::DiscreteGpu => "discrete GPU",
        DeviceType::IntegratedGpu => "integrated GPU",
        DeviceType::VirtualGpu => "virtual GPU",
        DeviceType::Cpu => "software (CPU)",
        DeviceType::Other => "other",
    };
    AdapterReport {
        index,
        name: info.name,
        backend: info.backend.to_string(),
        driver: format!("{} {}", info.driver, info.driver_info).trim().to_owned(),
        device_type: device_type.to_owned(),
        is_software: info.device_type == DeviceType::Cpu,
        limits: AdapterLimits {
            buffer_bytes: limits.max_buffer_size,
            storage_binding_bytes: limits.max_storage_buffer_binding_size,
            workgroups: limits.max_compute_workgroups_per_dimension,
            workgroup_invocations: limits.max_compute_invocations_per_workgroup,
            workgroup_memory_bytes: limits.max_compute_workgroup_storage_size,
        },
    }
}

//! The errors of this crate.

/// Why a computation could not be done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ComputeError {
    /// There is neither a GPU nor a software adapter with compute shaders.
    #[error(
		"no adapter for computing found: install a Vulkan driver for the GPU, or a software one (on Debian and Ubuntu: \
		 apt install mesa-vulkan-drivers), or set the compute backend to \"cpu\""
	)]
    NoAdapter,
    /// No adapter has this index in the list of [`crate::devices`].
    #[error("there is no compute device with index {index}: {available} are available")]
    NoSuchDevice {
        /// The index asked for.
        index: usize,
        /// How many there are.
        available: usize,
    },
    /// The adapter is there, but its driver refuses to open it.
    #[error("adapter {adapter:?} could not be opened: {reason}")]
    Open {
        /// Name of the adapter.
        adapter: String,
        /// The driver's words.
        reason: String,
    },
    /// The device was lost (driver reset or crash, unplugged, hung), also after it was opened afresh.
    #[error("compute device {adapter:?} was lost: {reason}")]
    DeviceLost {
        /// Name of the adapter.
        adapter: String,
        /// The driver's words.
        reason: String,
    },
    /// The device has not enough memory. Smaller populations may pass.
    #[error("compute device {adapter:?} is out of memory: {reason}")]
    OutOfMemory {
        /// Name of the adapter.
        adapter: String,
        /// The driver's words.
        reason: String,
    },
    /// The device refuses a kernel: a fault of the kernel or of the driver's compiler.
    #[error("compute device {adapter:?} refuses the kernel of objective {objective:?}: {reason}")]
    Kernel {
        /// Name of the adapter.
        adapter: String,
        /// Name of the objective.
        objective: &'static str,
        /// The compiler's or validator's words.
        reason: String,
    },
    /// The length of a population is not a multiple of the objective's dimensions.
    #[error("a population of {length} values is not a whole number of individuals of {dimensions} dimensions")]
    BadPopulation {
        /// Number of values given.
        length: usize,
        /// Dimensions of the objective.
        dimensions: usize,
    },
    /// One individual alone exceeds what the device can hold in a buffer.
    #[error("{dimensions} dimensions exceed the device's limit of {limit}")]
    TooManyDimensions {
        /// Dimensions of the objective.
        dimensions: usize,
        /// The most the device can take.
        limit: u64,
    },
}

impl ComputeError {
    /// Whether opening the device afresh may help.
    pub(crate) fn is_device_fault(&self) -> bool {
        matches!(self, Self::DeviceLost { .. } | Self::Open { .. } | Self::NoAdapter)
    }
}

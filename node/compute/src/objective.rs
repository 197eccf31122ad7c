//! What a kernel computes.

/// A function over real vectors that is to be maximised, with a GPU kernel and the kernel's CPU reference.
///
/// # The kernel's interface
///
/// [`Objective::shader`] is a WGSL module with the entry point `evaluate`, workgroups of 64 invocations in one
/// dimension, the pipeline-overridable constant `lanes` (how many neighbouring invocations share one individual: 1, 4,
/// 16 or 64) and, in group 0, these bindings:
///
/// | binding | kind | content |
/// |---|---|---|
/// | 0 | uniform | `individuals: u32`, `dimensions: u32`, `first: u32` (index of the chunk's first individual), unused |
/// | 1 | storage, read | [`Objective::constants`] |
/// | 2 | storage, read | the chunk's individuals, one after another |
/// | 3 | storage, read and write | the fitness of the whole population |
///
/// `objectives/population.wgsl` is the frame of those that are sums over coordinates, `objectives/quadratic.wgsl` the
/// simplest to put into it.
pub trait Objective: Send + Sync {
    /// Name, unique among the objectives: compiled kernels are kept under it.
    fn name(&self) -> &'static str;

    /// The kernel's WGSL source.
    fn shader(&self) -> &'static str;

    /// For functions of sums over the coordinates, the part of the shader that says which: `READS_NEXT`,
    /// `HAS_SECOND_SUM`, `term` and `result` as `objectives/population.wgsl` explains them. [`crate::Evolution`] then draws and evaluates a
    /// population in one dispatch; without it the population takes a buffer and one more dispatch.
    fn terms(&self) -> Option<&'static str> {
        None
    }

    /// Number of values in an individual, at least 1.
    fn dimensions(&self) -> usize;

    /// Steps of the kernel's loops over an individual, if one invocation takes it alone. By default one a value. They
    /// decide how many invocations share an individual.
    fn steps(&self) -> usize {
        self.dimensions()
    }

    /// What the kernel needs to know besides the population; at least one value.
    fn constants(&self) -> &[f32];

    /// The CPU reference of the kernel, on the same `f32` input, as fast as plain code can be.
    ///
    /// `individual` has [`Objective::dimensions`] values.
    fn evaluate_single(&self, individual: &[f32]) -> f32;

    /// The exact value in `f64` in a fixed order of operations: the same bits on every machine. For votes.
    ///
    /// `individual` has [`Objective::dimensions`] values.
    fn evaluate(&self, individual: &[f64]) -> f64;
}

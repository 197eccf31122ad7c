//! The kernels of a generation.

use std::collections::HashMap;

use wgpu::{
    BindGroupLayout, BindGroupLayoutDescriptor, BindGroupLayoutEntry, BindingType, BufferBindingType, ComputePipeline,
    ComputePipelineDescriptor, Device, PipelineCompilationOptions, PipelineLayout, PipelineLayoutDescriptor,
    ShaderModule, ShaderModuleDescriptor, ShaderSource, ShaderStages,
};

use crate::elementary;

const UNIFORM: BufferBindingType = BufferBindingType::Uniform;
const READ: BufferBindingType = BufferBindingType::Storage { read_only: true };
const WRITE: BufferBindingType = BufferBindingType::Storage { read_only: false };

/// The kernels that do not depend on the objective, the layouts of all, and what is needed to make the others.
pub(in crate::device) struct Kernels {
    pub(super) drawing_layout: BindGroupLayout,
    pub(super) evaluation_layout: BindGroupLayout,
    pub(super) ranking_layout: BindGroupLayout,
    pub(super) pass_layout: BindGroupLayout,
    pub(super) update_layout: BindGroupLayout,
    pub(super) draw: ComputePipeline,
    pub(super) count: ComputePipeline,
    pub(super) list: ComputePipeline,
    pub(super) sort_block: ComputePipeline,
    pub(super) sort_step: ComputePipeline,
    pub(super) merge_block: ComputePipeline,
    pub(super) prepare: ComputePipeline,
    pub(super) recombine: ComputePipeline,
    pub(super) apply: ComputePipeline,
    evaluation_pipeline_layout: PipelineLayout,
    /// What every source begins with.
    prelude: String,
    /// Drawing and evaluation in one, by the objective's name and the number of lanes.
    pub(super) evaluations: HashMap<(&'static str, u32), ComputePipeline>,
}

impl Kernels {
    /// Compiles them. `wide_product` is the source of that function.
    pub(super) fn new(device: &Device, wide_product: &str) -> Self {
        let prelude = [
            elementary::SHADER,
            wide_product,
            include_str!("../../philox.wgsl"),
            include_str!("../../evolution/state.wgsl"),
        ]
        .concat();
        let drawing_layout = layout(device, &[UNIFORM, READ, READ, WRITE], false);
        let evaluation_layout = layout(device, &[UNIFORM, READ, READ, WRITE, READ], false);
        let ranking_layout = layout(device, &[UNIFORM, WRITE, READ, WRITE], false);
        let pass_layout = layout(device, &[UNIFORM], true);
        let update_layout = layout(device, &[UNIFORM, WRITE, WRITE, READ, READ, WRITE, READ], false);
        let drawing = pipeline_layout(device, &[&drawing_layout]);
        let ranking = pipeline_layout(device, &[&ranking_layout]);
        let sorting = pipeline_layout(device, &[&ranking_layout, &pass_layout]);
        let update = pipeline_layout(device, &[&update_layout]);
        let evaluation_pipeline_layout = pipeline_layout(device, &[&evaluation_layout]);
        let draw_module = module(device, &prelude, &[include_str!("../../evolution/draw.wgsl")]);
        let rank_module = module(device, &prelude, &[include_str!("../../evolution/rank.wgsl")]);
        let update_module = module(device, &prelude, &[include_str!("../../evolution/update.wgsl")]);
        let ranking_pipeline = |name| pipeline(device, &rank_module, name, &ranking, &[]);
        let sorting_pipeline = |name| pipeline(device, &rank_module, name, &sorting, &[]);
        let update_pipeline = |name| pipeline(device, &update_module, name, &update, &[]);
        Self {
            draw: pipeline(device, &draw_module, "draw", &drawing, &[]),
            count: ranking_pipeline("count"),
            list: ranking_pipeline("list"),
            sort_block: ranking_pipeline("sort_block"),
            sort_step: sorting_pipeline("sort_step"),
            merge_block: sorting_pipeline("merge_block"),
            prepare: update_pipeline("prepare"),
            recombine: update_pipeline("recombine"),
            apply: update_pipeline("apply"),
            drawing_layout,
            evaluation_layout,
            ranking_layout,
            pass_layout,
            update_layout,
            evaluation_pipeline_layout,
            prelude,
            evaluations: HashMap::new(),
        }
    }

    /// Compiles drawing and evaluation in one, for an objective with these terms.
    pub(super) fn evaluation(&self, device: &Device, terms: &str, lanes: u32) -> ComputePipeline {
        let module = module(
            device,
            &self.prelude,
            &[terms, include_str!("../../evolution/evaluate.wgsl")],
        );
        let constants = [("lanes", f64::from(lanes))];
        pipeline(
            device,
            &module,
            "evaluate",
            &self.evaluation_pipeline_layout,
            &constants,
        )
    }
}

fn module(device: &Device, prelude: &str, parts: &[&str]) -> ShaderModule {
    let source = [prelude, &parts.concat()].concat();
    device.create_shader_module(ShaderModuleDescriptor {
        label: Some("doin evolution"),
        source: ShaderSource::Wgsl(source.into()),
    })
}

fn pipeline(
    device: &Device,
    module: &ShaderModule,
    entry_point: &'static str,
    layout: &PipelineLayout,
    constants: &[(&str, f64)],
) -> ComputePipeline {
    device.create_compute_pipeline(&ComputePipelineDescriptor {
        label: Some(entry_point),
        layout: Some(layout),
        module,
        entry_point: Some(entry_point),
        compilation_options: PipelineCompilationOptions {
            constants,
            // Kernels write workgroup memory before they read it.
            zero_initialize_workgroup_memory: false,
        },
        cache: None,
    })
}

fn pipeline_layout(device: &Device, layouts: &[&BindGroupLayout]) -> PipelineLayout {
    let layouts: Vec<Option<&BindGroupLayout>> = layouts.iter().map(|layout| Some(*layout)).collect();
    device.create_pipeline_layout(&PipelineLayoutDescriptor {
        label: Some("doin evolution"),
        bind_group_layouts: &layouts,
        immediate_size: 0,
    })
}

fn layout(device: &Device, kinds: &[BufferBindingType], has_dynamic_offset: bool) -> BindGroupLayout {
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

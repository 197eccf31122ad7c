// Draws the population into a buffer, for objectives whose kernel reads it there. Needs state.wgsl.

@group(0) @binding(1) var<storage, read> vectors: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> scalars: array<Scalars, 2>;
@group(0) @binding(3) var<storage, read_write> population: array<f32>;

@compute @workgroup_size(64)
fn draw(
    @builtin(workgroup_id) workgroup: vec3<u32>,
    @builtin(num_workgroups) workgroups: vec3<u32>,
    @builtin(local_invocation_index) invocation: u32,
) {
    let place = (workgroup.y * workgroups.x + workgroup.x) * 64u + invocation;
    let individual = place / quads();
    if individual >= parameters.individuals {
        return;
    }
    let quad = place % quads();
    let x = vectors[MEAN * quads() + quad]
        + vectors[DEVIATIONS * quads() + quad] * normals(quad, individual, scalars[NEWEST].generation);
    for (var i = 0u; i < min(4u, parameters.dimensions - 4u * quad); i++) {
        population[individual * parameters.dimensions + 4u * quad + i] = x[i];
    }
}

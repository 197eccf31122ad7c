// What the adapter can do at best: copying, multiply-adds and integer operations, with nothing else to do.

@group(0) @binding(0) var<storage, read> source: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read_write> target_values: array<vec4<f32>>;

const ROUNDS: u32 = 512u;

fn place(workgroup: vec3<u32>, workgroups: vec3<u32>, invocation: u32) -> u32 {
    return (workgroup.y * workgroups.x + workgroup.x) * 64u + invocation;
}

@compute @workgroup_size(64)
fn copy(
    @builtin(workgroup_id) workgroup: vec3<u32>,
    @builtin(num_workgroups) workgroups: vec3<u32>,
    @builtin(local_invocation_index) invocation: u32,
) {
    let i = place(workgroup, workgroups, invocation);
    if i < arrayLength(&target_values) {
        target_values[i] = source[i];
    }
}

// 16 multiply-adds a round, in four chains that do not wait for one another.
@compute @workgroup_size(64)
fn multiply_add(
    @builtin(workgroup_id) workgroup: vec3<u32>,
    @builtin(num_workgroups) workgroups: vec3<u32>,
    @builtin(local_invocation_index) invocation: u32,
) {
    let i = place(workgroup, workgroups, invocation);
    let factor = source[i] * 0.5;
    var a = source[i];
    var b = a + 1.0;
    var c = a + 2.0;
    var d = a + 3.0;
    for (var round = 0u; round < ROUNDS; round++) {
        a = a * factor + factor;
        b = b * factor + factor;
        c = c * factor + factor;
        d = d * factor + factor;
    }
    target_values[i] = (a + b) + (c + d);
}

// 64 operations a round: a multiplication, an addition, a shift and an exclusive or of each of 16 numbers.
@compute @workgroup_size(64)
fn integers(
    @builtin(workgroup_id) workgroup: vec3<u32>,
    @builtin(num_workgroups) workgroups: vec3<u32>,
    @builtin(local_invocation_index) invocation: u32,
) {
    let i = place(workgroup, workgroups, invocation);
    let start = bitcast<vec4<u32>>(source[i]);
    var a = start;
    var b = start + 1u;
    var c = start + 2u;
    var d = start + 3u;
    for (var round = 0u; round < ROUNDS; round++) {
        a = a * 0xD2511F53u + start;
        b = b * 0xD2511F53u + start;
        c = c * 0xD2511F53u + start;
        d = d * 0xD2511F53u + start;
        a ^= a >> vec4<u32>(7u);
        b ^= b >> vec4<u32>(7u);
        c ^= c >> vec4<u32>(7u);
        d ^= d >> vec4<u32>(7u);
    }
    // A number in range, which depends on all.
    target_values[i] = vec4<f32>(((a ^ b) ^ (c ^ d)) & vec4<u32>(0xffffu));
}

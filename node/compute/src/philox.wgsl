// Counter-based random numbers, the same as in philox.rs, which says more. Needs elementary.wgsl, and wide_product.wgsl
// or wide_product_64.wgsl.

fn philox_round(counter: vec4<u32>, key: vec2<u32>) -> vec4<u32> {
    let first = wide_product(counter.x, 0xD2511F53u);
    let second = wide_product(counter.z, 0xCD9E8D57u);
    return vec4<u32>(second.y ^ counter.y ^ key.x, second.x, first.y ^ counter.w ^ key.y, first.x);
}

// No loop: wgpu guards loops against running for ever, which takes several operations a round.
fn philox(start: vec4<u32>, key: vec2<u32>) -> vec4<u32> {
    let step = vec2<u32>(0x9E3779B9u, 0xBB67AE85u);
    var counter = philox_round(start, key);
    counter = philox_round(counter, key + step);
    counter = philox_round(counter, key + 2u * step);
    counter = philox_round(counter, key + 3u * step);
    counter = philox_round(counter, key + 4u * step);
    counter = philox_round(counter, key + 5u * step);
    counter = philox_round(counter, key + 6u * step);
    counter = philox_round(counter, key + 7u * step);
    counter = philox_round(counter, key + 8u * step);
    return philox_round(counter, key + 9u * step);
}

// Conversions and roundings take many GPUs as long as several additions. So the words become mantissas of numbers from 1
// to 2, of which a subtraction without rounding makes the same numbers as the formulas in philox.rs.
fn unit(word: u32) -> f32 {
    return bitcast<f32>(0x3f800000u | (word >> 9u)) - 0.99999994;
}

fn gaussian_pair(radius_word: u32, angle_word: u32) -> vec2<f32> {
    let size = sqrt(-2.0 * logarithm(unit(radius_word)));
    // The angle is a multiple of a half turn and a rest from -1/2 to 1/2; after one half turn both signs change.
    let turned = angle_word + 0x40000000u;
    let rest = bitcast<f32>(0x3f800000u | ((turned >> 8u) & 0x7ffffeu)) - 1.4999999;
    let beside = 0.5 - abs(rest);
    let radius = bitcast<f32>(bitcast<u32>(size) ^ (turned & 0x80000000u));
    return radius * vec2<f32>(beside * sine_polynomial(beside * beside), rest * sine_polynomial(rest * rest));
}

fn gaussians(words: vec4<u32>) -> vec4<f32> {
    return vec4<f32>(gaussian_pair(words.x, words.y), gaussian_pair(words.z, words.w));
}

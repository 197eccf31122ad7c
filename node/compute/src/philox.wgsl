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

fn unit(word: u32) -> f32 {
    return (f32(word >> 9u) + 0.5) * (1.0 / 8388608.0);
}

fn gaussian_pair(radius_word: u32, angle_word: u32) -> vec2<f32> {
    let radius = sqrt(-2.0 * logarithm(unit(radius_word)));
    let angle = 2.0 * unit(angle_word);
    let cosine = sine_of_half_turns(0.5 - abs(angle - round(angle)));
    let sine = sine_of_half_turns(angle);
    return radius * vec2<f32>(
        select(-cosine, cosine, angle < 0.5 || angle >= 1.5),
        select(sine, -sine, angle > 0.5 && angle < 1.5),
    );
}

fn gaussians(words: vec4<u32>) -> vec4<f32> {
    return vec4<f32>(gaussian_pair(words.x, words.y), gaussian_pair(words.z, words.w));
}

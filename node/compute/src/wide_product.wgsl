// The 64 bits of a product, low word first: WGSL has no wide multiplication.
fn wide_product(a: u32, b: u32) -> vec2<u32> {
    let low_low = (a & 0xffffu) * (b & 0xffffu);
    let low_high = (a & 0xffffu) * (b >> 16u);
    let high_low = (a >> 16u) * (b & 0xffffu);
    let high_high = (a >> 16u) * (b >> 16u);
    let middle = (low_low >> 16u) + (low_high & 0xffffu) + (high_low & 0xffffu);
    return vec2<u32>(a * b, high_high + (low_high >> 16u) + (high_low >> 16u) + (middle >> 16u));
}

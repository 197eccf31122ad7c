// Elementary functions in f32, the same operations as in elementary.rs, which says what they return and how exactly.
// WGSL's own sin, cos, exp and log may be as rough as 2^-11, and are another function on every adapter.

// sin(pi x)/x for |x| <= 1/2, as a polynomial in x^2.
fn sine_polynomial(square: f32) -> f32 {
    return 3.1415927 + square * (-5.16771 + square * (2.5500698 + square * (-0.5982421 + square * 0.07756039)));
}

fn sine_of_half_turns(value: f32) -> f32 {
    let rest = value - round(value);
    return rest * sine_polynomial(rest * rest);
}

fn one_minus_exp(value: f32) -> f32 {
    let bounded = min(value, 87.0);
    let halvings = round(bounded * 1.442695);
    // ln 2 in two parts, of which the first times a whole number below 2^8 is exact.
    let rest = -((bounded - halvings * 0.693359375) + halvings * 0.00021219444);
    let growth = rest * (1.0 + rest * (0.49999997 + rest * (0.166665 + rest * (0.041667156
        + rest * (0.008369787 + rest * 0.0013888871)))));
    let scale = bitcast<f32>((127u - u32(halvings)) << 23u);
    return (1.0 - scale) - scale * growth;
}

fn hyperbolic_tangent(value: f32) -> f32 {
    let missing = one_minus_exp(2.0 * abs(value));
    let size = missing / (2.0 - missing);
    return select(size, -size, value < 0.0);
}

fn exponential(value: f32) -> f32 {
    let doublings = round(value * 1.442695);
    let rest = (value - doublings * 0.693359375) + doublings * 0.00021219444;
    let growth = rest * (1.0 + rest * (0.49999997 + rest * (0.166665 + rest * (0.041667156
        + rest * (0.008369787 + rest * 0.0013888871)))));
    let scale = bitcast<f32>(u32(127 + i32(doublings)) << 23u);
    return scale + scale * growth;
}

fn logarithm(value: f32) -> f32 {
    let bits = bitcast<u32>(value);
    // The mantissa from sqrt(1/2) to sqrt(2).
    let shifted = bits + (0x3f800000u - 0x3f3504f3u);
    // As a mantissa, which is cheaper than a conversion.
    let exponent = bitcast<f32>(0x4b000000u | (shifted >> 23u)) - 8388735.0;
    let rest = bitcast<f32>((shifted & 0x7fffffu) + 0x3f3504f3u) - 1.0;
    let polynomial = 1.0 + rest * (-0.49999988 + rest * (0.33333325 + rest * (-0.25001585 + rest * (0.20001969
        + rest * (-0.16609013 + rest * (0.14181836 + rest * (-0.13243464 + rest * (0.12904654
        + rest * -0.07621103))))))));
    return exponent * 0.693359375 + (rest * polynomial - exponent * 0.00021219444);
}

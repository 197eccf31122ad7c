// Ackley: fitness = -20 (1 - exp(-0.2 sqrt(mean(x_i^2)))) - e (1 - exp(mean(cos(2 pi x_i)) - 1)), where
// 1 - cos(2 pi x) = 2 sin(pi x)^2. constants[0] is 1 / dimensions.

const READS_NEXT: bool = false;
const HAS_SECOND_SUM: bool = true;

fn term(value: f32, next: f32, i: u32) -> vec2<f32> {
    let sine = sine_of_half_turns(value);
    return vec2<f32>(value * value, sine * sine);
}

fn result(sum: vec2<f32>) -> f32 {
    // What is not finite is to show: one_minus_exp would hide it.
    if !(sum.x < 3.0e38) {
        return -sum.x;
    }
    let distance = 0.2 * sqrt(sum.x * constants[0]);
    let ripple = 2.0 * (sum.y * constants[0]);
    return -(20.0 * one_minus_exp(distance) + 2.7182817 * one_minus_exp(ripple));
}

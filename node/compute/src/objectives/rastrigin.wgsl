// Rastrigin: fitness = -sum(x_i^2 + 10 (1 - cos(2 pi x_i))) = -sum(x_i^2 + 20 sin(pi x_i)^2).

const READS_NEXT: bool = false;
const HAS_SECOND_SUM: bool = false;

fn term(value: f32, next: f32, i: u32) -> vec2<f32> {
    let sine = sine_of_half_turns(value);
    return vec2<f32>(value * value + 20.0 * (sine * sine), 0.0);
}

fn result(sum: vec2<f32>) -> f32 {
    return -sum.x;
}

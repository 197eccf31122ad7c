//! Runs one model: the same as `doin-node run-model`, for programs that use this crate without the node.

fn main() -> std::process::ExitCode {
    doin_onnx::serve()
}

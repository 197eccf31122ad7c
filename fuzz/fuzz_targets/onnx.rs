#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| doin_fuzz::onnx(data));

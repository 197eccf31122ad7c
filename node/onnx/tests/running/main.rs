//! Models in a process of their own: good ones answer as ONNX Runtime does, hostile ones harm nobody.

mod common;
mod hostile;
mod reference;

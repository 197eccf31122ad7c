//! What the tests share.

use doin_onnx::{ElementType, Job, Limits, Port, Runner, Values};
use rten_onnx::onnx::{
    AttributeProto, AttributeType, DataType, Dimension, GraphProto, ModelProto, NodeProto, OperatorSetIdProto,
    TensorProto, TensorShapeProto, TypeProto, TypeProtoTensor, ValueInfoProto,
};

pub const LIMITS: Limits = Limits {
    bytes: 1 << 20,
    nodes: 100,
    memory_mebibytes: 128,
    seconds: 5,
};

/// The process of the node's subcommand, from a program of this crate.
pub fn process() -> Runner {
    Runner::Process {
        program: env!("CARGO_BIN_EXE_doin-onnx-runner").into(),
        arguments: Vec::new(),
    }
}

pub fn port(name: &str, shape: &[u32]) -> Port {
    Port {
        name: name.into(),
        element: ElementType::Float32,
        shape: shape.to_vec(),
    }
}

/// Two rows of two numbers `x`, of which the model makes two rows of two numbers `y`.
pub fn job() -> Job {
    Job {
        limits: LIMITS,
        inputs: vec![(port("x", &[2]), Values::Float32(vec![1.0, 2.0, 3.0, 4.0]))],
        output: port("y", &[2]),
        rows: 2,
        batch: 2,
    }
}

pub fn node(operator: &str, inputs: &[&str], outputs: &[&str]) -> NodeProto {
    NodeProto {
        op_type: Some(operator.into()),
        input: inputs.iter().map(|name| name.to_string()).collect(),
        output: outputs.iter().map(|name| name.to_string()).collect(),
        ..Default::default()
    }
}

pub fn attribute(name: &str, kind: AttributeType) -> AttributeProto {
    AttributeProto {
        name: Some(name.into()),
        r#type: Some(kind),
        ..Default::default()
    }
}

pub fn integers(name: &str, values: &[i64]) -> TensorProto {
    TensorProto {
        name: Some(name.into()),
        data_type: Some(DataType::INT64),
        dims: vec![values.len() as i64],
        int64_data: values.to_vec(),
        ..Default::default()
    }
}

pub fn value(name: &str, kind: DataType, shape: &[Option<i64>]) -> ValueInfoProto {
    let dim = shape.iter().map(|size| Dimension {
        dim_value: *size,
        dim_param: size.is_none().then(|| "symbol".into()),
    });
    ValueInfoProto {
        name: Some(name.into()),
        r#type: Some(TypeProto {
            tensor_type: Some(TypeProtoTensor {
                elem_type: Some(kind),
                shape: Some(TensorShapeProto { dim: dim.collect() }),
            }),
            ..Default::default()
        }),
    }
}

pub fn graph(nodes: Vec<NodeProto>, weights: Vec<TensorProto>) -> GraphProto {
    GraphProto {
        node: nodes,
        initializer: weights,
        input: vec![value("x", DataType::FLOAT, &[None, Some(2)])],
        output: vec![value("y", DataType::FLOAT, &[None, Some(2)])],
        ..Default::default()
    }
}

pub fn encode(graph: GraphProto) -> Vec<u8> {
    let model = ModelProto {
        ir_version: Some(8),
        opset_import: vec![OperatorSetIdProto {
            domain: None,
            version: Some(17),
        }],
        graph: Some(graph),
        ..Default::default()
    };
    model.write_buf().unwrap()
}

/// A model from `x` to `y`.
pub fn model(nodes: Vec<NodeProto>, weights: Vec<TensorProto>) -> Vec<u8> {
    encode(graph(nodes, weights))
}

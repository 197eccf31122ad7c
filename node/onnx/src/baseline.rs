//! The model that a domain begins with.

use rten_onnx::onnx::{
    AttributeProto, AttributeType, DataType, Dimension, GraphProto, ModelProto, NodeProto, OperatorSetIdProto,
    TensorProto, TensorShapeProto, TypeProto, TypeProtoTensor, ValueInfoProto,
};
use rten_onnx::protobuf::ProtobufError;

use crate::{ElementType, Port};

/// The version of the file format, and of the operators, which all runtimes of the last years read.
const FORMAT: i64 = 8;
const OPERATORS: i64 = 17;

/// A model that answers 0 to everything. The same bytes on every machine.
///
/// # Errors
///
/// When it cannot be written, which it always can.
pub fn constant_model(inputs: &[Port], output: &Port) -> Result<Vec<u8>, ProtobufError> {
    let first = inputs.first().map(|port| port.name.clone()).unwrap_or_default();
    let text = |text: &str| Some(text.to_string());
    let integers = |name: &str, values: Vec<i64>| TensorProto {
        dims: vec![values.len() as i64],
        data_type: Some(DataType::INT64),
        int64_data: values,
        name: text(name),
        ..Default::default()
    };
    let node = |operator: &str, input: Vec<String>, output: &str| NodeProto {
        op_type: text(operator),
        name: text(output),
        input,
        output: vec![output.to_string()],
        ..Default::default()
    };
    // The shape of the output: as many rows as the first input has, and the declared shape. Names of our own begin with
    // "doin/", so that they are not those of an input.
    let sizes = output.shape.iter().map(|size| i64::from(*size)).collect();
    let nodes = vec![
        node("Shape", vec![first], "doin/shape"),
        node(
            "Slice",
            vec!["doin/shape".into(), "doin/zero".into(), "doin/one".into()],
            "doin/rows",
        ),
        NodeProto {
            attribute: vec![AttributeProto {
                name: text("axis"),
                i: Some(0),
                r#type: Some(AttributeType::INT),
                ..Default::default()
            }],
            ..node("Concat", vec!["doin/rows".into(), "doin/sizes".into()], "doin/output")
        },
        node("ConstantOfShape", vec!["doin/output".into()], &output.name),
    ];
    let model = ModelProto {
        ir_version: Some(FORMAT),
        producer_name: text("doin"),
        opset_import: vec![OperatorSetIdProto {
            domain: text(""),
            version: Some(OPERATORS),
        }],
        graph: Some(GraphProto {
            node: nodes,
            initializer: vec![
                integers("doin/zero", vec![0]),
                integers("doin/one", vec![1]),
                integers("doin/sizes", sizes),
            ],
            input: inputs.iter().map(describe).collect(),
            output: vec![describe(output)],
            ..Default::default()
        }),
        ..Default::default()
    };
    model.write_buf()
}

fn describe(port: &Port) -> ValueInfoProto {
    let rows = Dimension {
        dim_param: Some("rows".into()),
        ..Default::default()
    };
    let sizes = port.shape.iter().map(|size| Dimension {
        dim_value: Some(i64::from(*size)),
        ..Default::default()
    });
    ValueInfoProto {
        name: Some(port.name.clone()),
        r#type: Some(TypeProto {
            tensor_type: Some(TypeProtoTensor {
                elem_type: Some(match port.element {
                    ElementType::Float32 => DataType::FLOAT,
                    ElementType::Int32 => DataType::INT32,
                    ElementType::Int64 => DataType::INT64,
                }),
                shape: Some(TensorShapeProto {
                    dim: std::iter::once(rows).chain(sizes).collect(),
                }),
            }),
            ..Default::default()
        }),
    }
}

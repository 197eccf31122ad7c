#!/usr/bin/env python3
"""Makes the model files and data of the tests, and what ONNX Runtime answers to them.

    python3 -m venv venv
    venv/bin/pip install numpy onnx onnxruntime safetensors scikit-learn skl2onnx
    venv/bin/python make.py FOLDER

All data are generated from a seed. Training goes through the machine's own linear algebra, so that the files are not the
same to the bit elsewhere: those in the repository were made once. reference.safetensors holds rows and answers:
MODEL/NAME for each input, MODEL/answer for the output.
"""

import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import save_file
from skl2onnx import to_onnx
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.neural_network import MLPClassifier
from sklearn.tree import DecisionTreeClassifier

FOLDER = Path(sys.argv[1])
RANDOM = np.random.default_rng(2026)
ROWS = "rows"


def normal(*shape):
    return RANDOM.standard_normal(shape).astype(np.float32)


def save(name, nodes, weights, inputs, output):
    """Writes a model. `inputs` and `output`: (name, element type, shape without rows)."""

    def describe(value):
        return helper.make_tensor_value_info(value[0], value[1], [ROWS, *value[2]])

    graph = helper.make_graph(
        nodes,
        name,
        [describe(value) for value in inputs],
        [describe(output)],
        [numpy_helper.from_array(np.asarray(value), key) for key, value in weights.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, FOLDER / f"{name}.onnx")


def regression():
    features = normal(400, 4)
    labels = features @ np.float32([1.5, -2.0, 0.5, 0.0]) + 0.7 + 0.1 * normal(400)
    labels = labels.reshape(-1, 1).astype(np.float32)
    fitted = LinearRegression().fit(features[:200], labels[:200])
    save(
        "regression",
        [
            helper.make_node("MatMul", ["features", "weights"], ["product"]),
            helper.make_node("Add", ["product", "bias"], ["prediction"]),
        ],
        {"weights": fitted.coef_.T.astype(np.float32), "bias": fitted.intercept_.astype(np.float32)},
        [("features", TensorProto.FLOAT, [4])],
        ("prediction", TensorProto.FLOAT, [1]),
    )
    save_file({"features": features[200:], "labels": labels[200:]}, FOLDER / "regression.safetensors")


def spirals(count):
    kind = np.arange(count) % 3
    radius = np.linspace(0.2, 2.0, count)
    angle = 2 * radius + 2 * np.pi / 3 * kind + 0.1 * RANDOM.standard_normal(count)
    points = np.stack([radius * np.cos(angle), radius * np.sin(angle)], 1)
    return points.astype(np.float32), kind.astype(np.int64)


def classifier():
    points, kinds = spirals(600)
    for name, rounds in [("classifier", 600), ("classifier-weak", 25)]:
        fitted = MLPClassifier((16, 16), max_iter=rounds, learning_rate_init=0.01, random_state=1, tol=0)
        fitted.fit(points[::2], kinds[::2])
        nodes, weights, value = [], {}, "points"
        for layer, (weight, bias) in enumerate(zip(fitted.coefs_, fitted.intercepts_)):
            weights |= {f"weights{layer}": weight.astype(np.float32), f"bias{layer}": bias.astype(np.float32)}
            last = layer == len(fitted.coefs_) - 1
            result = "scores" if last else f"sum{layer}"
            nodes.append(helper.make_node("Gemm", [value, f"weights{layer}", f"bias{layer}"], [result]))
            if not last:
                nodes.append(helper.make_node("Relu", [result], [f"layer{layer}"]))
            value = f"layer{layer}"
        save(name, nodes, weights, [("points", TensorProto.FLOAT, [2])], ("scores", TensorProto.FLOAT, [3]))
    save_file({"points": points[1::2], "labels": kinds[1::2]}, FOLDER / "classifier.safetensors")
    # Trees are operators of another set, which we do not run.
    tree = DecisionTreeClassifier(max_depth=3).fit(points, kinds)
    onnx.save(to_onnx(tree, points[:1], options={"zipmap": False}), FOLDER / "tree.onnx")


def convolution():
    """Bars in images of 8 x 8: lying, standing or slanting. Random filters, a fitted last layer."""
    kinds = (np.arange(450) % 3).astype(np.int64)
    images = 0.3 * normal(450, 1, 8, 8)
    for image, kind in zip(images, kinds):
        place = RANDOM.integers(1, 7)
        if kind == 0:
            image[0, place, :] += 1
        elif kind == 1:
            image[0, :, place] += 1
        else:
            image[0] += np.eye(8, k=place - 3)
    filters, bias = normal(8, 1, 3, 3), normal(8)

    def nodes(last):
        return [
            # With all attributes, as exporters write them: rten wants the strides.
            helper.make_node(
                "Conv",
                ["image", "filters", "bias"],
                ["sum"],
                kernel_shape=[3, 3],
                pads=[1, 1, 1, 1],
                strides=[1, 1],
                dilations=[1, 1],
            ),
            helper.make_node("Relu", ["sum"], ["layer"]),
            helper.make_node("MaxPool", ["layer"], ["pooled"], kernel_shape=[4, 4], strides=[4, 4]),
            helper.make_node("Flatten", ["pooled"], ["values"]),
            *last,
        ]

    image = ("image", TensorProto.FLOAT, [1, 8, 8])
    weights = {"filters": filters, "bias": bias}
    save("convolution", nodes([]), weights, [image], ("values", TensorProto.FLOAT, [32]))
    session = onnxruntime.InferenceSession(FOLDER / "convolution.onnx")
    values = session.run(None, {"image": images})[0]
    fitted = LogisticRegression(max_iter=2000).fit(values[:300], kinds[:300])
    last = [
        helper.make_node("Gemm", ["values", "last", "lastBias"], ["scores"]),
        helper.make_node("Softmax", ["scores"], ["probabilities"], axis=1),
    ]
    weights |= {"last": fitted.coef_.T.astype(np.float32), "lastBias": fitted.intercept_.astype(np.float32)}
    save("convolution", nodes(last), weights, [image], ("probabilities", TensorProto.FLOAT, [3]))
    save_file({"image": images[300:], "labels": kinds[300:]}, FOLDER / "convolution.safetensors")


def recurrent():
    """The next value of a noisy wave from the last 16. Random recurrent weights, a fitted last layer."""
    time = np.arange(800)
    wave = (np.sin(0.3 * time) * np.sin(0.031 * time) + 0.05 * RANDOM.standard_normal(800)).astype(np.float32)
    windows = np.stack([wave[start : start + 16] for start in range(700)])[:, :, None]
    labels = wave[16:716].reshape(-1, 1)
    hidden = 12
    # Of the last state: [directions, rows, hidden] to [rows, hidden].
    nodes = [
        helper.make_node("Transpose", ["window"], ["steps"], perm=[1, 0, 2]),
        helper.make_node("LSTM", ["steps", "inner", "recurrent", "bias"], ["", "state"], hidden_size=hidden),
        helper.make_node("Squeeze", ["state", "first"], ["values"]),
    ]
    weights = {
        "inner": 0.7 * normal(1, 4 * hidden, 1),
        "recurrent": 0.3 * normal(1, 4 * hidden, hidden),
        "bias": 0.2 * normal(1, 8 * hidden),
        "first": np.int64([0]),
    }
    window = ("window", TensorProto.FLOAT, [16, 1])
    save("recurrent", nodes, weights, [window], ("values", TensorProto.FLOAT, [hidden]))
    session = onnxruntime.InferenceSession(FOLDER / "recurrent.onnx")
    values = session.run(None, {"window": windows})[0]
    fitted = Ridge(1e-3).fit(values[:500], labels[:500])
    nodes.append(helper.make_node("Gemm", ["values", "last", "lastBias"], ["forecast"]))
    bias = np.float32(fitted.intercept_).reshape(-1)
    weights |= {"last": fitted.coef_.reshape(-1, 1).astype(np.float32), "lastBias": bias}
    save("recurrent", nodes, weights, [window], ("forecast", TensorProto.FLOAT, [1]))
    save_file({"window": windows[500:], "labels": labels[500:]}, FOLDER / "recurrent.safetensors")


def tokens():
    """Two inputs, one of integers: a table of vectors, summed up and shifted."""
    nodes = [
        helper.make_node("Gather", ["table", "words"], ["vectors"]),
        helper.make_node("ReduceMean", ["vectors"], ["mean"], axes=[1], keepdims=0),
        helper.make_node("Concat", ["mean", "context"], ["both"], axis=1),
        helper.make_node("MatMul", ["both", "weights"], ["product"]),
        helper.make_node("Sigmoid", ["product"], ["answer"]),
    ]
    save(
        "tokens",
        nodes,
        {"table": normal(20, 6), "weights": normal(8, 2)},
        [("words", TensorProto.INT64, [5]), ("context", TensorProto.FLOAT, [2])],
        ("answer", TensorProto.FLOAT, [2]),
    )


def reference():
    inputs = {
        "regression": {"features": normal(32, 4)},
        "classifier": {"points": normal(32, 2)},
        "classifier-weak": {"points": normal(32, 2)},
        "convolution": {"image": normal(32, 1, 8, 8)},
        "recurrent": {"window": normal(32, 16, 1)},
        "tokens": {"words": RANDOM.integers(0, 20, (32, 5)), "context": normal(32, 2)},
    }
    found = {}
    for name, rows in inputs.items():
        answer = onnxruntime.InferenceSession(FOLDER / f"{name}.onnx").run(None, rows)[0]
        found |= {f"{name}/{key}": value for key, value in rows.items()}
        found[f"{name}/answer"] = answer
        print(f"{name}: {(FOLDER / f'{name}.onnx').stat().st_size} bytes, answers {answer.min():.3f} to {answer.max():.3f}")
    save_file(found, FOLDER / "reference.safetensors")


for step in [regression, classifier, convolution, recurrent, tokens, reference]:
    step()
for package in [np, onnx, onnxruntime]:
    print(package.__name__, package.__version__)

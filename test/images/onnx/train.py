"""Fit a classifier of irises and write it as ONNX, with answers to check it by.

usage: train.py IRIS.CSV, which is scikit-learn's: a line of counts and names,
then four measures and a class in each. Softmax regression by Newton's method,
in double precision: no random start, so every build gives the same weights.
"""

import csv
import json
import os
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper

CLASSES = ["setosa", "versicolor", "virginica"]


def table(path):
    with open(path, newline="") as f:
        rows = list(csv.reader(f))[1:]
    data = np.array(rows, dtype=np.float64)
    return data[:, :4], data[:, 4].astype(int)


def probabilities(x, weights, bias):
    z = x @ weights + bias
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def fit(x, labels, classes=3, decay=0.01, steps=30):
    """Weights and bias of the least regularised cross-entropy."""
    n, d = x.shape
    mean, spread = x.mean(axis=0), x.std(axis=0)
    z = np.hstack([(x - mean) / spread, np.ones((n, 1))])
    want = np.eye(classes)[labels]
    w = np.zeros((d + 1, classes))
    for _ in range(steps):
        p = probabilities(z, w, 0)
        gradient = (z.T @ (p - want) / n + decay * w).T.ravel()
        hessian = decay * np.eye(classes * (d + 1))
        for i in range(classes):
            for j in range(classes):
                weight = p[:, i] * ((i == j) - p[:, j])
                block = (z * weight[:, None]).T @ z / n
                hessian[i * (d + 1):(i + 1) * (d + 1), j * (d + 1):(j + 1) * (d + 1)] += block
        w -= np.linalg.solve(hessian, gradient).reshape(classes, d + 1).T
    weights = w[:d] / spread[:, None]
    return weights, w[d] - mean @ weights


def model(weights, bias):
    # float_data, not raw bytes: the same number on either byte order.
    def tensor(name, a):
        return helper.make_tensor(name, TensorProto.FLOAT, a.shape, a.astype(np.float32).ravel().tolist())

    nodes = [
        helper.make_node("Gemm", ["measures", "weights", "bias"], ["scores"]),
        helper.make_node("Softmax", ["scores"], ["probabilities"], axis=1),
    ]
    graph = helper.make_graph(
        nodes, "iris",
        [helper.make_tensor_value_info("measures", TensorProto.FLOAT, ["batch", 4])],
        [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["batch", 3])],
        [tensor("weights", weights), tensor("bias", bias)],
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], producer_name="zlaunch-tests")
    made.ir_version = 8
    onnx.checker.check_model(made)
    return made


def main(path):
    x, labels = table(path)
    weights, bias = fit(x, labels)
    p = probabilities(x, weights.astype(np.float32).astype(np.float64), bias.astype(np.float32).astype(np.float64))
    right = float((p.argmax(axis=1) == labels).mean())
    if right < 0.95:
        sys.exit(f"the fitted model is right in {right:.3f} of the cases only")
    os.makedirs("/models/iris/1")
    onnx.save(model(weights, bias), "/models/iris/1/model.onnx")
    with open("/answers/answers.json", "w") as f:
        json.dump({"classes": CLASSES, "measures": x.tolist(), "labels": labels.tolist(),
                   "probabilities": p.round(9).tolist(), "accuracy": right}, f)


main(sys.argv[1])

"""ONNX Runtime: inference, by its plain call and with inputs and outputs bound beforehand."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from benchmarks.case import Run
from benchmarks.formulas import INFERENCE, digest
from benchmarks.peers.epochs import function
from benchmarks.problem import problem


def version() -> str:
    return f"ONNX Runtime {onnxruntime.__version__}"


def build(kind: str, mode: str, *, batch: int) -> Run:
    """``run`` or ``bound``."""
    del kind
    data = problem(INFERENCE)
    x = np.resize(data.x, (batch, data.x.shape[1]))
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = int(os.environ["OMP_NUM_THREADS"])
    session = onnxruntime.InferenceSession(
        model(data.weights, batch), options, providers=["CPUExecutionProvider"]
    )
    if mode == "run":
        return function(lambda: session.run(None, {"x": x})[0], digest)
    binding = session.io_binding()
    binding.bind_cpu_input("x", x)
    out = onnxruntime.OrtValue.ortvalue_from_numpy(np.empty((batch, 10), np.float32))
    binding.bind_ortvalue_output("y", out)

    def call() -> Any:
        session.run_with_iobinding(binding)
        return out

    return function(call, lambda out: digest(out.numpy()))


def model(weights: Any, batch: int) -> bytes:
    """The network as a file of ONNX: products with bias, relu between them."""
    nodes, constants, name = [], [], "x"
    for k, pair in enumerate(weights):
        constants += [numpy_helper.from_array(a, f"{'wb'[i]}{k}") for i, a in enumerate(pair)]
        last = k == len(weights) - 1
        after = "y" if last else f"z{k}"
        nodes.append(helper.make_node("Gemm", [name, f"w{k}", f"b{k}"], [after]))
        if not last:
            nodes.append(helper.make_node("Relu", [after], [f"a{k}"]))
            name = f"a{k}"
    ends = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, (batch, width))
        for name, width in (("x", INFERENCE.widths[0]), ("y", INFERENCE.widths[-1]))
    ]
    graph = helper.make_graph(nodes, "inference", ends[:1], ends[1:], constants)
    opset = helper.make_opsetid("", 17)
    made: bytes = helper.make_model(graph, opset_imports=[opset], ir_version=9).SerializeToString()
    return made

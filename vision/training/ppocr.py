"""Make models/weights/ppocr.onnx from the PP-OCRv6 recogniser that the rapidocr wheel carries.

    python -m vision.training.ppocr RAPIDOCR_MODELS_FOLDER models/weights/ppocr.onnx

The recogniser knows 18,709 characters; marks use about a hundred of them. The network is kept as it is, but its last
step is replaced: instead of the softmax over everything it gives the log-probability of each kept character, still
normalised over all 18,709, so that what is missing from one is the probability that something else stands there
(texture and portraits read as rare Chinese characters: measured, 64 to 81% of what is seen on coins and breech faces,
2 to 3% on heads). A second output gives the same for straight lines, which bear more: the space between words, accents,
the Chinese of weapons and crates. Weights are stored in half precision and widened when loaded.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

SOURCE = "PP-OCRv6_rec_small.onnx"
LOGITS = "p2o.pd_op.add.79.0"
KEPT = (
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz.-/&*+'\",:()_=×·•°ÖÜÄ四川造金汉粤晋巩奉●○☆★←→↑↓⊕†"
)
# What straight lines bear besides, the blank between words first.
KEPT_ON_LINES = (
    KEPT
    + " !#%;<>?@[]|–™®Øø①②③④⑤⑥⑦⑧⑨⑩ⅠⅡⅢⅣⅤ△▲◇◆□■"
    + "ÁÂÃÀÅÆÇÈÉÊËÍÎÑÓÔÕÚÛÝßàáâãäåæçèéêëìíîïñóôõöúûüýăąĆćČčĐđĘęěğİıĽŁłŃńŐőŘřŞşŠšŤťŮůŰűŽžȘșȚț"
    + "式一丁七丙业东中乙九二五代保光克八公六兵击利十千单厂原县发号司和器团国天太小局工年日月广庆建弹批技教斤方早旭机東"
    + "武毛毫江洋海漢火炮烧燃甲电破科空穿第筒箭米精练聯花设豊賀軍车连通連重长阳陵陽集須"
    + "高彈廠製华華北南西京上沈辽湖河兰州津"
)


def trim(model: onnx.ModelProto) -> onnx.ModelProto:
    """The same network ending in the log-probabilities of the blank and the characters kept: outputs log_probs (N,
    steps, 1 + KEPT) and line_log_probs (N, steps, 1 + KEPT_ON_LINES)."""
    metadata = {p.key: p.value for p in model.metadata_props}
    # The space is the network's last class, and stands in no list of characters.
    alphabet = ["", *metadata["character"].split("\n"), " "]
    missing = [c for c in KEPT_ON_LINES if c not in alphabet]
    if missing:
        raise ValueError(f"the recogniser does not know {missing}")
    graph = model.graph
    del graph.node[-1]
    del graph.value_info[:]
    for node in graph.node:
        spell_padding_out(node)
    with_its_bias(graph)
    # ReduceLogSumExp says the same, and takes ONNX Runtime a fifth of the whole network's time.
    graph.node.append(helper.make_node("LogSoftmax", [LOGITS], ["every"], axis=2))
    del graph.output[:]
    for output, kept in (("log_probs", KEPT), ("line_log_probs", KEPT_ON_LINES)):
        columns = np.array([0, *(alphabet.index(c) for c in kept)], np.int64)
        graph.initializer.append(numpy_helper.from_array(columns, f"{output}.kept"))
        graph.node.append(helper.make_node("Gather", ["every", f"{output}.kept"], [output], axis=2))
        shape: list[str | int | None] = ["batch", "steps", 1 + len(kept)]
        graph.output.append(helper.make_tensor_value_info(output, TensorProto.FLOAT, shape))
    del model.metadata_props[:]
    model.metadata_props.add(key="alphabet", value="\n".join(KEPT))
    model.metadata_props.add(key="line_alphabet", value="\n".join(KEPT_ON_LINES))
    return model


def spell_padding_out(node: onnx.NodeProto) -> None:
    """Padding at the end of a 2 x 2 window told in numbers, which ONNX Runtime has a quick way for."""
    told = {a.name: helper.get_attribute_value(a) for a in node.attribute}
    if told.get("auto_pad") != b"SAME_UPPER":
        return
    if list(told["kernel_shape"]) != [2, 2] or list(told["strides"]) != [1, 1]:
        raise ValueError(f"{node.name}: only windows of 2 x 2 that move by one are known here")
    kept = [a for a in node.attribute if a.name != "auto_pad"]
    del node.attribute[:]
    node.attribute.extend([*kept, helper.make_attribute("pads", [0, 0, 1, 1])])


def with_its_bias(graph: onnx.GraphProto) -> None:
    """The last product with its bias as one more row of its weights, for an input that is 1: adding it to 18,710
    numbers a step takes a twentieth of the whole network's time."""
    made = {name: node for node in graph.node for name in node.output}
    add = made[made[LOGITS].input[0]] if made[LOGITS].op_type == "Identity" else made[LOGITS]
    held = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    (bias,) = (name for name in add.input if name in held)
    (product,) = (made[name] for name in add.input if name in made)
    whole = np.concatenate([held[product.input[1]], held[bias].reshape(1, -1)])
    graph.initializer.append(numpy_helper.from_array(whole, "logits.weight"))
    graph.initializer.append(numpy_helper.from_array(np.array([0, 0, 0, 0, 0, 1], np.int64), "logits.more"))
    graph.initializer.append(numpy_helper.from_array(np.array(1.0, np.float32), "logits.one"))
    unused = {product.input[1], bias}
    kept = [tensor for tensor in graph.initializer if tensor.name not in unused]
    del graph.initializer[:]
    graph.initializer.extend(kept)
    nodes = [n for n in graph.node if LOGITS not in n.output and n is not add and n is not product]
    nodes.append(helper.make_node("Pad", [product.input[0], "logits.more", "logits.one"], ["logits.from"]))
    nodes.append(helper.make_node("MatMul", ["logits.from", "logits.weight"], [LOGITS]))
    del graph.node[:]
    graph.node.extend(nodes)


def store_as_half(model: onnx.ModelProto, but: Sequence[str] = ()) -> None:
    """Store each large float32 weight, but those named, as float16 followed by a Cast back to float32."""
    casts = []
    for tensor in model.graph.initializer:
        if tensor.data_type != TensorProto.FLOAT or tensor.name in but or int(np.prod(tensor.dims)) < 256:
            continue
        name = tensor.name
        half = numpy_helper.from_array(numpy_helper.to_array(tensor).astype(np.float16), f"{name}.half")
        tensor.CopyFrom(half)
        casts.append(helper.make_node("Cast", [f"{name}.half"], [name], to=TensorProto.FLOAT))
    nodes = [*casts, *model.graph.node]
    del model.graph.node[:]
    model.graph.node.extend(nodes)


def main() -> None:
    """Write the trimmed recogniser."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", type=Path, help="the folder rapidocr/models of the installed wheel")
    parser.add_argument("output", type=Path)
    arguments = parser.parse_args()
    model = trim(onnx.load(arguments.models / SOURCE))
    store_as_half(model)
    onnx.checker.check_model(model)
    onnx.save(model, arguments.output)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Samples stories260k_sampled.npy, 32 rows of 256 token ids, from the model itself: its calibration data.

    sample_stories.py ZOO_FOLDER          needs numpy and onnxruntime
"""
import os
import sys

import numpy as np
import onnxruntime

ROWS, LENGTH, START = 32, 256, 1


def main():
    model = os.path.join(sys.argv[1], "models", "stories260k.onnx")
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    random = np.random.default_rng(0)
    ids = np.full((ROWS, 1), START, np.int64)
    while ids.shape[1] < LENGTH:
        logits = session.run(None, {"ids": ids})[0][:, -1].astype(np.float64)
        share = np.exp(logits - logits.max(1, keepdims=True))
        below = np.cumsum(share / share.sum(1, keepdims=True), 1)
        chosen = (below < random.random((ROWS, 1))).sum(1).clip(max=logits.shape[1] - 1)
        ids = np.concatenate([ids, chosen[:, None]], 1)
    np.save(os.path.join(os.path.dirname(os.path.abspath(__file__)), "stories260k_sampled.npy"), ids.astype(np.int16))


if __name__ == "__main__":
    main()

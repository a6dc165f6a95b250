"""What the benchmarks of training share: runs over seeds, scored in ONNX Runtime, and intervals."""

import math
import statistics

import numpy as np

T95 = {1: 12.706, 2: 4.303, 3: 3.182, 4: 2.776}  # Student's t, two-sided, by degrees of freedom


def interval(values, digits=2):
    """Mean over seeds and the 95 % interval of the mean; the latter says what another seed would change, not other images."""
    mean = statistics.fmean(values)
    half = T95[len(values) - 1] * statistics.stdev(values) / math.sqrt(len(values)) if len(values) > 1 else None
    return {"each": [round(v, digits) for v in values], "mean": round(mean, digits),
            "interval": None if half is None else [round(mean - half, digits), round(mean + half, digits)]}


def wilson(percent, count):
    """The 95 % interval of a share of so many samples, in percent."""
    z, share = 1.96, percent / 100
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count)) / (1 + z * z / count)
    return [round(100 * (middle - half), 2), round(100 * (middle + half), 2)]


def paired(ours, theirs):
    """Differences by seed, ours minus theirs, and the interval of their mean."""
    return interval([a - b for a, b in zip(ours, theirs)])


def filled(shape, seed):
    """Weights by He's rule for a layer's first draft."""
    rng = np.random.default_rng(seed)
    return (rng.standard_normal(shape) * math.sqrt(2 / np.prod(shape[1:]))).astype(np.float32)

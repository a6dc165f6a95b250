"""Ways to choose layers by an accuracy that is known on a few samples only, simulated: see benchmarks/looks.

A model that loses `loss` points with everything compressed loses `r^power * loss` where the squared distance of its outputs has fallen to the share r. What is measured on half of the
samples errs by a standard error that goes with the root of r, alike for two models as far as they share what is compressed: a Brownian motion in r; or, at worst, by the same for all
models. The other half errs independently.
"""

import json

import numpy as np

from scores import write

JOBS, SEED = 200_000, 1
BOUND, AIM = 1.0, 0.5
ERRORS = [1.3, 0.4]
LOSSES = [0, 0.5, 1, 1.5, 2]
# What is taken for granted, and what is the worse for it: the power by which losses go with shares, and whether errors shrink with them.
LAWS = {"": (1, True), ", losses fall less": (0.7, True), ", losses fall more": (1.4, True), ", errors do not shrink": (1, False)}
SHARES = np.array([1, 0.8, 0.65, 0.5, 0.4, 0.3, 0.2, 0.1, 0.05])


def noise(rng, error, shrinks):
    """Of each job and share."""
    if not shrinks:
        return np.repeat(rng.normal(size=(JOBS, 1)) * error, len(SHARES), axis=1)
    steps = np.diff(np.concatenate([[0], SHARES[::-1]]))
    return np.cumsum(rng.normal(size=(JOBS, len(SHARES))) * np.sqrt(steps) * error, axis=1)[:, ::-1]


def first(holds):
    """The place of the largest share that holds in each row; the last where none does."""
    return np.where(holds.any(axis=1), holds.argmax(axis=1), holds.shape[1] - 1)


def simulate(loss, error, power, shrinks):
    """Of each way the place that it chooses and the loss that it reports."""
    rng = np.random.default_rng(SEED)
    even, odd = (SHARES**power * loss + noise(rng, error, shrinks) for _ in range(2))
    every, row = (even + odd) / 2, np.arange(JOBS)
    held = even + np.minimum(error * (np.sqrt(SHARES) if shrinks else 1), BOUND / 2) <= BOUND
    halves = first(held)
    look = every[:, 0]
    passes = look <= BOUND
    open_ = look - 1.96 * error / np.sqrt(2) <= BOUND
    least = np.where(open_ & ~passes, BOUND / np.maximum(look, BOUND), 1)
    nearer = first(held & (SHARES <= least[:, None]))
    outputs = first(SHARES <= (AIM * least)[:, None])
    zero = np.zeros(JOBS, int)
    return {
        "halves": (halves, odd[row, halves]),
        "look, then halves": (np.where(passes, zero, nearer), np.where(passes, look, odd[row, nearer])),
        "look, then outputs": (
            np.where(passes, zero, np.where(open_, outputs, halves)),
            np.where(passes, look, np.where(open_, every[row, outputs], odd[row, halves])),
        ),
    }


def figures(chosen, reported, loss, power):
    true = SHARES[chosen]**power * loss
    passed = reported <= BOUND
    wrong = reported - true
    return {
        "passes": round(float(passed.mean()), 3), "passesWithMoreTrueLoss": round(float((passed & (true > BOUND)).mean()), 3),
        "reportedLessTrue": round(float(wrong.mean()), 3), "rootMeanSquare": round(float(np.sqrt((wrong**2).mean())), 3),
        "trueLoss": round(float(true.mean()), 3), "shareKept": round(float(SHARES[chosen].mean()), 3),
    }


def main():
    rows = {}
    for error in ERRORS:
        for law, (power, shrinks) in LAWS.items():
            ways = rows.setdefault(f"standard error of a half {error}{law}", {})
            for loss in LOSSES:
                for way, (chosen, reported) in simulate(loss, error, power, shrinks).items():
                    ways.setdefault(way, {})[f"loss {loss}"] = figures(chosen, reported, loss, power)
    for error, ways in rows.items():
        for way, each in ways.items():
            for loss, row in each.items():
                print(error, way, loss, json.dumps(row))
    write("looks.json", "benchmarks/looks", rows, bound=BOUND, jobs=JOBS, seed=SEED)


if __name__ == "__main__":
    main()

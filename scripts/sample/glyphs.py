"""Glyph images of our own making: twenty letters drawn as 5x7 bitmaps, rendered under random distortions."""
import gzip
import struct

import numpy as np

SIZE = 24
LETTERS = "ABCDEFHJKLMNPRTUVXYZ"
BITMAPS = """
.###. ####. .#### ####. ##### ##### #...# ..### #...# #.... #...# #...# ####. ####. ##### #...# #...# #...# #...# #####
#...# #...# #.... #...# #.... #.... #...# ...#. #..#. #.... ##.## ##..# #...# #...# ..#.. #...# #...# #...# #...# ....#
#...# #...# #.... #...# #.... #.... #...# ...#. #.#.. #.... #.#.# #.#.# #...# #...# ..#.. #...# #...# .#.#. .#.#. ...#.
##### ####. #.... #...# ####. ####. ##### ...#. ##... #.... #.#.# #.#.# ####. ####. ..#.. #...# #...# ..#.. ..#.. ..#..
#...# #...# #.... #...# #.... #.... #...# ...#. #.#.. #.... #...# #..## #.... #.#.. ..#.. #...# .#.#. .#.#. ..#.. .#...
#...# #...# #.... #...# #.... #.... #...# #..#. #..#. #.... #...# #...# #.... #..#. ..#.. #...# .#.#. #...# ..#.. #....
#...# ####. .#### ####. ##### #.... #...# .##.. #...# ##### #...# #...# #.... #...# ..#.. .###. ..#.. #...# ..#.. #####
"""


def bitmaps():
    """float32 [20, 7, 5] of 0 and 1, in the order of LETTERS."""
    rows = [line.split() for line in BITMAPS.split("\n") if line]
    return np.array([[[c == "#" for c in row[k]] for row in rows] for k in range(len(LETTERS))], np.float32)


def render(count, seed):
    """uint8 images [count, 24, 24] and uint8 labels [count], each class about equally often."""
    random = np.random.default_rng(seed)
    labels = random.permutation(np.arange(count) % len(LETTERS)).astype(np.uint8)
    images = np.concatenate([_batch(random, labels[i:i + 500]) for i in range(0, count, 500)])
    return images, labels


def _batch(random, labels):
    n = len(labels)
    draw = lambda low, high: random.uniform(low, high, (n, 1)).astype(np.float32)
    angle, shear = draw(-0.35, 0.35), draw(-0.3, 0.3)
    # Pixels of the image per pixel of the bitmap, across and down.
    across, down = draw(1.7, 3.0), draw(1.5, 2.5)
    shift_x, shift_y = draw(-3, 3), draw(-3, 3)
    # A fine grid of 2x2 points in each pixel, relative to the middle.
    at = (np.arange(2 * SIZE, dtype=np.float32) + 0.5) / 2 - SIZE / 2
    y, x = (v.reshape(1, -1) for v in np.meshgrid(at, at, indexing="ij"))
    x, y = x - shift_x, y - shift_y
    u = (np.cos(angle) * x + np.sin(angle) * y) / across
    v = (-np.sin(angle) * x + np.cos(angle) * y) / down
    ink = _bilinear(bitmaps()[labels], u + shear * v + 2, v + 3)
    ink = ink.reshape(n, SIZE, 2, SIZE, 2).mean((2, 4))
    ink = np.maximum(ink, _scratch(random, n))
    grey = draw(0, 0.3)[:, :, None] + draw(0.35, 0.7)[:, :, None] * ink
    grey += random.normal(0, 1, ink.shape).astype(np.float32) * draw(0.02, 0.16)[:, :, None]
    # Sixteen levels: the files compress to half.
    return (np.clip(np.round(grey * 15), 0, 15) * 17).astype(np.uint8)


def _bilinear(bitmap, x, y):
    """Samples [n, points] of bitmaps [n, 7, 5] at column x, row y; nothing outside."""
    padded = np.pad(bitmap, ((0, 0), (1, 2), (1, 2)))
    x, y = np.clip(x + 1, 0, 6.999), np.clip(y + 1, 0, 8.999)
    left, top = x.astype(int), y.astype(int)
    fx, fy = x - left, y - top
    rows = np.arange(len(bitmap))[:, None]
    upper = padded[rows, top, left] * (1 - fx) + padded[rows, top, left + 1] * fx
    lower = padded[rows, top + 1, left] * (1 - fx) + padded[rows, top + 1, left + 1] * fx
    return upper * (1 - fy) + lower * fy


def _scratch(random, n):
    """A faint straight line across each image, [n, 24, 24]."""
    y, x = np.meshgrid(np.arange(SIZE), np.arange(SIZE), indexing="ij")
    angle = random.uniform(0, np.pi, (n, 1, 1))
    away = random.uniform(-9, 9, (n, 1, 1))
    distance = np.abs((x - 11.5) * np.cos(angle) + (y - 11.5) * np.sin(angle) - away)
    return (np.clip(1.2 - distance, 0, 1) * random.uniform(0, 0.9, (n, 1, 1))).astype(np.float32)


def write_idx(path, array):
    """An IDX file of unsigned bytes, gzip without a time in it."""
    header = struct.pack(">BBBB", 0, 0, 8, array.ndim) + struct.pack(">" + "I" * array.ndim, *array.shape)
    with open(path, "wb") as out:
        out.write(gzip.compress(header + array.tobytes(), 9, mtime=0))

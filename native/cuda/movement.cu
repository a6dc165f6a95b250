// Moves elements without a change; the widths are those of an element in bytes. A thread for each, as far as there are threads.
#include "dwindle.cuh"

KERNEL(copy, const unsigned char* from, unsigned char* to, i64 bytes) {
  typedef Four<unsigned> Word;
  FOR_EACH(i, bytes / sizeof(Word)) ((Word*)to)[i] = ((const Word*)from)[i];
  i64 rest = bytes % sizeof(Word);
  FOR_EACH(i, rest) to[bytes - rest + i] = from[bytes - rest + i];
}

// Elements along axes: to[axes.b] = from[axes.a], each from a first one on.
#define MOVE(width, type)                                                                                         \
  KERNEL(move_##width, const type* from, type* to, i64 count, ARGUMENT Axes axes, i64 from_first, i64 to_first) { \
    FOR_EACH(i, count) {                                                                                          \
      Offsets at = offsets(axes, i);                                                                              \
      to[to_first + at.b] = from[from_first + at.a];                                                              \
    }                                                                                                             \
  }                                                                                                               \
  KERNEL(fill_##width, type* to, const type* value, i64 count) {                                                  \
    FOR_EACH(i, count) to[i] = value ? *value : 0;                                                                \
  }

MOVE(1, unsigned char)
MOVE(2, unsigned short)
MOVE(4, unsigned)
MOVE(8, unsigned long long)

// Runs of elements by their indices along an axis: to[o, i, r] = from[o, index[i], r]. An index counts from the end where it is
// negative; the first that is beyond the axis is told in trouble, as the step and the index.
#define GATHER(name, type, index_type)                                                                        \
  KERNEL(gather_##name, const type* from, const index_type* index, type* to, i64 count, i64 dim, i64 indices, \
         i64 inner, i64* trouble, i64 step) {                                                                 \
    FOR_EACH(i, count) {                                                                                      \
      i64 at = index[i / inner % indices];                                                                    \
      if (at < -dim || at >= dim) {                                                                           \
        trouble[0] = step;                                                                                    \
        trouble[1] = at;                                                                                      \
        at = 0;                                                                                               \
      }                                                                                                       \
      to[i] = from[(i / inner / indices * dim + (at < 0 ? at + dim : at)) * inner + i % inner];               \
    }                                                                                                         \
  }

#define GATHERS(width, type)       \
  GATHER(width##_int32, type, int) \
  GATHER(width##_int64, type, i64)

GATHERS(1, unsigned char)
GATHERS(2, unsigned short)
GATHERS(4, unsigned)
GATHERS(8, unsigned long long)

// Comparisons, choices by them, and changes of type. A thread for each element, as far as there are threads.
#include "dwindle.cuh"

// Numbers of 16 bits are compared as FP32.
#define COMPARE(name, type, relation)                                                                \
  KERNEL(name, const type* left, const type* right, unsigned char* out, i64 n, ARGUMENT Axes axes) { \
    FOR_EACH(i, n) {                                                                                 \
      Offsets at = offsets(axes, i);                                                                 \
      out[i] = left[at.a] relation right[at.b];                                                      \
    }                                                                                                \
  }

#define COMPARES(name, relation)               \
  COMPARE(name##_float, float, relation)       \
  COMPARE(name##_float16, Half, relation)      \
  COMPARE(name##_bfloat16, BFloat16, relation) \
  COMPARE(name##_int32, int, relation)         \
  COMPARE(name##_int64, i64, relation)         \
  COMPARE(name##_bool, unsigned char, relation)

COMPARES(equal, ==)
COMPARES(less, <)
COMPARES(less_or_equal, <=)
COMPARES(greater, >)
COMPARES(greater_or_equal, >=)
COMPARE(and_bool, unsigned char, &)
COMPARE(or_bool, unsigned char, |)
COMPARE(xor_bool, unsigned char, ^)

KERNEL(not_bool, const unsigned char* x, unsigned char* y, i64 n) {
  FOR_EACH(i, n) y[i] = !x[i];
}

// One of two, by elements of as many bytes: first says where the condition and the one lie, second where the other does.
#define WHERE(width, type)                                                                                    \
  KERNEL(where_##width, const unsigned char* condition, const type* one, const type* other, type* out, i64 n, \
         ARGUMENT Axes first, ARGUMENT Axes second) {                                                         \
    FOR_EACH(i, n) {                                                                                          \
      Offsets at = offsets(first, i);                                                                         \
      out[i] = condition[at.a] ? one[at.b] : other[offsets(second, i).a];                                     \
    }                                                                                                         \
  }

WHERE(1, unsigned char)
WHERE(2, unsigned short)
WHERE(4, unsigned)
WHERE(8, unsigned long long)

#define CAST(from, to, expression)                                         \
  KERNEL(cast_##from##_##to, const type_##from* in, type_##to* y, i64 n) { \
    FOR_EACH(i, n) {                                                       \
      type_##from x = in[i];                                               \
      y[i] = expression;                                                   \
    }                                                                      \
  }

typedef float type_float;
typedef Half type_float16;
typedef BFloat16 type_bfloat16;
typedef int type_int32;
typedef i64 type_int64;
typedef signed char type_int8;
typedef unsigned char type_uint8;
typedef unsigned char type_bool;

#define CASTS(from)                        \
  CAST(from, float, (float)x)              \
  CAST(from, int64, (i64)x)                \
  CAST(from, int32, (int)(i64)x)           \
  CAST(from, int8, (signed char)(i64)x)    \
  CAST(from, uint8, (unsigned char)(i64)x) \
  CAST(from, bool, x != 0)

CASTS(int32)
CASTS(int64)
CASTS(int8)
CASTS(uint8)
CASTS(bool)
CAST(float, bool, x != 0)

#define CASTS_OF_REALS(from, one, other) \
  CAST(from, one, x)                     \
  CAST(from, other, x)

CASTS_OF_REALS(float, float16, bfloat16)
CASTS_OF_REALS(float16, float, bfloat16)
CASTS_OF_REALS(bfloat16, float, float16)
CAST(float16, bool, x != 0)
CAST(bfloat16, bool, x != 0)

#define CASTS_TO_NARROW(from)   \
  CAST(from, float16, (float)x) \
  CAST(from, bfloat16, (float)x)

// By way of FP32, which rounds only what FP16 has no number for.
CAST(int32, float16, (float)x)
CAST(int64, float16, (float)x)
CASTS_TO_NARROW(int8)
CASTS_TO_NARROW(uint8)
CASTS_TO_NARROW(bool)

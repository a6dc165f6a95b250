// Between numbers and codes of 2 to 16 bits. Formula: q = saturate(round(x / scale) + zero), to the nearest even; x = (q - zero) scale. Codes lie as ONNX stores them, those below a
// byte with the first in the low bits. A thread for four neighbours, whose codes are read and written at once.
#include "scales.cuh"

// Integers in two's complement, or without a sign.
struct Integers {
  int width, is_signed;

  MEMBER float decoded(unsigned code) const { return is_signed ? (float)((int)(code << (32 - width)) >> (32 - width)) : (float)code; }

  MEMBER unsigned encoded(float x, float zero) const {
    float high = (float)((1 << (width - is_signed)) - 1);
    float low = is_signed ? -high - 1 : 0.f;
    float q = rintf(x) + zero;
    return (unsigned)(int)(is_nan(q) ? zero : fminf(high, fmaxf(low, q)));
  }
};

// Floating-point numbers of eight bits with so many for the mantissa, their largest code and those of infinity, 0 where there is none, and NaN (OCP 8-bit floating point specification).
// They have no zero points.
struct Float8s {
  int mantissa, bias, largest, infinite, nan;
  int saturate;
  static constexpr int width = 8;

  // By FP32's bias, numbers below the smallest exponent included.
  MEMBER float decoded(unsigned code) const {
    int magnitude = (int)(code & 0x7f);
    float x = __int_as_float(magnitude << (23 - mantissa)) * __int_as_float((254 - bias) << 23);
    if (magnitude > largest) x = magnitude == infinite ? infinity() : __int_as_float(0x7fc00000);
    return code & 0x80 ? -x : x;
  }

  MEMBER unsigned encoded(float x, float) const {
    int bits = __float_as_int(x);
    int sign = bits >> 24 & 0x80;
    if (is_nan(x)) return (unsigned)(sign | nan);
    int exponent = bits >> 23 & 0xff;
    if (exponent < 128 - bias) exponent = 128 - bias;
    float unit = __int_as_float((exponent - mantissa) << 23);
    float rounded = rintf(fabsf(x) / unit) * unit;
    int code = __float_as_int(rounded * __int_as_float(bias << 23)) >> (23 - mantissa);
    if (code > largest) code = saturate ? largest : infinite ? infinite : nan;
    return (unsigned)(sign | code);
  }
};

typedef unsigned char Bytes;
typedef unsigned long long Word;

__device__ unsigned mask(int width) { return (1u << width) - 1; }

__device__ unsigned code_at(const Bytes* codes, int width, i64 i) {
  return width == 16 ? ((const unsigned short*)codes)[i] : (unsigned)codes[i * width / 8] >> i * width % 8 & mask(width);
}

// Four codes, of which the first has this number.
__device__ Word four_codes(const Bytes* codes, int width, i64 first) {
  i64 i = first / 4;
  return width == 8 ? ((const unsigned*)codes)[i] : width == 4 ? ((const unsigned short*)codes)[i] : width == 2 ? codes[i] : ((const Word*)codes)[i];
}

__device__ void put_four_codes(Bytes* codes, int width, i64 first, Word word) {
  i64 i = first / 4;
  if (width == 8)
    ((unsigned*)codes)[i] = (unsigned)word;
  else if (width == 4)
    ((unsigned short*)codes)[i] = (unsigned short)word;
  else if (width == 2)
    codes[i] = (Bytes)word;
  else
    ((Word*)codes)[i] = word;
}

template <class Format>
__device__ void quantize(const Format& format, const Real* x, const Real* scale, const Bytes* zero, Bytes* y, i64 count, const Scales& scales) {
  FOR_EACH(i, (count + 3) / 4) {
    bool whole = 4 * i + 4 <= count;
    Four<Real> in;
    if (whole) in = ((const Four<Real>*)x)[i];
    Word codes = 0;
    for_four(scales, 4 * i, count, [&](i64 at, int k, int s) {
      float v = whole ? (float)in.at[k] : (float)x[at];
      Real quotient;
      quotient = v / (float)scale[s];
      unsigned code = format.encoded(quotient, zero ? format.decoded(code_at(zero, format.width, s)) : 0.f);
      codes |= (Word)(code & mask(format.width)) << k * format.width;
    });
    if (whole) {
      put_four_codes(y, format.width, 4 * i, codes);
      continue;
    }
    int bits = (int)(count - 4 * i) * format.width;
    for (int at = 0; at < bits; at += 8) y[4 * i * format.width / 8 + at / 8] = (Bytes)(codes >> at);
  }
}

template <class Format>
__device__ void dequantize(const Format& format, const Bytes* x, const Real* scale, const Bytes* zero, Real* y, i64 count, const Scales& scales) {
  FOR_EACH(i, (count + 3) / 4) {
    bool whole = 4 * i + 4 <= count;
    Word codes = whole ? four_codes(x, format.width, 4 * i) : 0;
    Four<Real> out;
    for_four(scales, 4 * i, count, [&](i64 at, int k, int s) {
      unsigned code = whole ? (unsigned)(codes >> k * format.width) & mask(format.width) : code_at(x, format.width, at);
      out.at[k] = (format.decoded(code) - (zero ? format.decoded(code_at(zero, format.width, s)) : 0.f)) * (float)scale[s];
      if (!whole) y[at] = (float)out.at[k];
    });
    if (whole) ((Four<Real>*)y)[i] = out;
  }
}

#define FORMAT(name, Format)                                                                                                                      \
  KERNEL(quantize_##name, const Real* x, const Real* scale, const Bytes* zero, Bytes* y, i64 count, Scales scales, Format format) {               \
    quantize(format, x, scale, zero, y, count, scales);                                                                                           \
  }                                                                                                                                               \
  KERNEL(dequantize_##name, const Bytes* x, const Real* scale, const Bytes* zero, Real* y, i64 count, Scales scales, Format format) {             \
    dequantize(format, x, scale, zero, y, count, scales);                                                                                         \
  }

FORMAT(integers, Integers)
FORMAT(float8s, Float8s)

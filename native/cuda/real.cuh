// Numbers of tensors in memory: FP32, or where a file is compiled with DWINDLE_F16 or DWINDLE_BF16 numbers of 16 bits, which are read as FP32 and rounded to the nearest even where they are
// written. Sums are FP32 either way.
#pragma once

#ifdef DWINDLE_EMULATED
#define MEMBER inline

__device__ unsigned half_of(float x) { return emulator::half_of(x); }

__device__ float of_half(unsigned short bits) { return emulator::of_half(bits); }
#else
#define MEMBER __device__

__device__ unsigned half_of(float x) {
  unsigned short half;
  asm("cvt.rn.f16.f32 %0, %1;" : "=h"(half) : "f"(x));
  return half;
}

__device__ float of_half(unsigned short bits) {
  float x;
  asm("cvt.f32.f16 %0, %1;" : "=f"(x) : "h"(bits));
  return x;
}
#endif

#if !defined(DWINDLE_EMULATED) && __CUDA_ARCH__ >= 800
__device__ unsigned bf16_of(float x) {
  unsigned short bits;
  asm("cvt.rn.bf16.f32 %0, %1;" : "=h"(bits) : "f"(x));
  return bits;
}
#else
__device__ unsigned bf16_of(float x) {
  unsigned bits = __float_as_int(x);
  return (x != x ? 0x7fff0000 : bits + 0x7fff + (bits >> 16 & 1)) >> 16;
}
#endif

__device__ float of_bf16(unsigned short bits) { return __int_as_float((int)((unsigned)bits << 16)); }

// Of a choice between such a number and an integer an integer would come out: write 0.f, not 0. Compilers are told to refuse it for tests (-Werror=float-conversion).
#define NARROW(type, narrowed, widened)                     \
  struct type {                                             \
    unsigned short bits;                                    \
    MEMBER operator float() const { return widened(bits); } \
    MEMBER type& operator=(float x) {                       \
      bits = (unsigned short)narrowed(x);                   \
      return *this;                                         \
    }                                                       \
  };

NARROW(Half, half_of, of_half)
NARROW(BFloat16, bf16_of, of_bf16)

#if defined(DWINDLE_F16)
typedef Half Real;
#define VARIANT(name) name##_f16
#elif defined(DWINDLE_BF16)
typedef BFloat16 Real;
#define VARIANT(name) name##_bf16
#else
typedef float Real;
#define VARIANT(name) name
#endif

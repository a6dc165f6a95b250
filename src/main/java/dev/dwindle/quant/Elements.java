package dev.dwindle.quant;

import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Elements of any numeric type as Java numbers and back. Reading widens exactly; writing rounds to nearest even, and
 * keeps the low bits of integers. The common types have loops of their own.
 */
public final class Elements {
  private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private Elements() {}

  /** A copy of the elements as floats; exact for types of at most 24 significant bits, else rounded. */
  public static float[] floats(Tensor tensor) {
    if (tensor.dtype() == DType.FLOAT) {
      return tensor.floats();
    }
    requireNumeric(tensor.dtype());
    float[] values = new float[tensor.shape().intSize()];
    switch (tensor.dtype()) {
      case FLOAT16 -> {
        short[] x = tensor.segment().toArray(SHORT);
        for (int i = 0; i < x.length; i++) {
          values[i] = Float.float16ToFloat(x[i]);
        }
      }
      case BFLOAT16 -> {
        short[] x = tensor.segment().toArray(SHORT);
        for (int i = 0; i < x.length; i++) {
          values[i] = Float.intBitsToFloat(x[i] << 16);
        }
      }
      case INT8, INT4, UINT4, INT2, UINT2, BOOL -> {
        byte[] x = narrow(tensor);
        for (int i = 0; i < x.length; i++) {
          values[i] = x[i];
        }
      }
      case UINT8 -> {
        byte[] x = tensor.bytes();
        for (int i = 0; i < x.length; i++) {
          values[i] = x[i] & 0xff;
        }
      }
      case INT32 -> {
        int[] x = tensor.ints();
        for (int i = 0; i < x.length; i++) {
          values[i] = x[i];
        }
      }
      case INT64 -> {
        long[] x = tensor.longs();
        for (int i = 0; i < x.length; i++) {
          values[i] = x[i];
        }
      }
      case DOUBLE -> {
        double[] x = tensor.doubles();
        for (int i = 0; i < x.length; i++) {
          values[i] = (float) x[i];
        }
      }
      default -> anyFloats(tensor, values);
    }
    return values;
  }

  /** The elements of an integer type whose values fit a signed byte, or of BOOL, one in each byte. */
  private static byte[] narrow(Tensor tensor) {
    DType dtype = tensor.dtype();
    byte[] x = tensor.bytes();
    if (dtype == DType.INT8) {
      return x;
    }
    byte[] values = new byte[tensor.shape().intSize()];
    if (dtype == DType.BOOL) {
      for (int i = 0; i < x.length; i++) {
        values[i] = (byte) (x[i] == 0 ? 0 : 1);
      }
      return values;
    }
    int width = dtype.bits();
    int indexBits = width == 4 ? 1 : 2;
    int drop = 32 - width;
    boolean signed = !dtype.isUnsigned();
    for (int i = 0; i < values.length; i++) {
      int top = x[i >> indexBits] << (drop - (i & ((1 << indexBits) - 1)) * width);
      values[i] = (byte) (signed ? top >> drop : top >>> drop);
    }
    return values;
  }

  private static void anyFloats(Tensor tensor, float[] values) {
    DType dtype = tensor.dtype();
    MemorySegment bytes = tensor.segment();
    for (int i = 0; i < values.length; i++) {
      values[i] = dtype.isFloating() ? (float) real(dtype, bytes, i) : integerAsFloat(dtype, integer(dtype, bytes, i));
    }
  }

  /** A copy of the elements as doubles. */
  public static double[] doubles(Tensor tensor) {
    DType dtype = tensor.dtype();
    if (dtype == DType.DOUBLE) {
      return tensor.doubles();
    }
    requireNumeric(dtype);
    double[] values = new double[tensor.shape().intSize()];
    if (dtype.isFloating()) {
      float[] x = floats(tensor);
      for (int i = 0; i < x.length; i++) {
        values[i] = x[i];
      }
      return values;
    }
    long[] x = longs(tensor);
    for (int i = 0; i < x.length; i++) {
      values[i] = dtype == DType.UINT64 && x[i] < 0 ? unsigned(x[i]) : x[i];
    }
    return values;
  }

  /** A copy of the elements of an integer or BOOL tensor as longs; UINT64 keeps its bits. */
  public static long[] longs(Tensor tensor) {
    if (tensor.dtype() == DType.INT64) {
      return tensor.longs();
    }
    requireNumeric(tensor.dtype());
    long[] values = new long[tensor.shape().intSize()];
    switch (tensor.dtype()) {
      case INT8, INT4, UINT4, INT2, UINT2, BOOL -> {
        byte[] x = narrow(tensor);
        for (int i = 0; i < x.length; i++) {
          values[i] = x[i];
        }
      }
      case UINT8 -> {
        byte[] x = tensor.bytes();
        for (int i = 0; i < x.length; i++) {
          values[i] = x[i] & 0xff;
        }
      }
      case INT32 -> {
        int[] x = tensor.ints();
        for (int i = 0; i < x.length; i++) {
          values[i] = x[i];
        }
      }
      default -> {
        MemorySegment bytes = tensor.segment();
        for (int i = 0; i < values.length; i++) {
          values[i] = integer(tensor.dtype(), bytes, i);
        }
      }
    }
    return values;
  }

  /** A tensor of a floating-point type, each element rounded to nearest even. Values beyond FP8 saturate. */
  public static Tensor ofFloats(DType dtype, Shape shape, float[] values) {
    return switch (dtype) {
      case FLOAT -> Tensor.of(shape, values);
      case FLOAT16 -> {
        short[] y = new short[values.length];
        for (int i = 0; i < y.length; i++) {
          y[i] = Float.floatToFloat16(values[i]);
        }
        yield Tensor.wrap(dtype, shape, MemorySegment.ofArray(y));
      }
      case BFLOAT16 -> {
        short[] y = new short[values.length];
        for (int i = 0; i < y.length; i++) {
          y[i] = bfloat16(values[i]);
        }
        yield Tensor.wrap(dtype, shape, MemorySegment.ofArray(y));
      }
      default -> ofReals(dtype, shape, values.length, i -> values[i], true);
    };
  }

  /** As {@link #ofFloats}, from doubles; narrower types round once, from the double. */
  public static Tensor ofDoubles(DType dtype, Shape shape, double[] values) {
    return dtype == DType.DOUBLE ? Tensor.of(shape, values)
        : ofReals(dtype, shape, values.length, i -> values[i], true);
  }

  /** A tensor of an integer type or BOOL, of the low bits of each value; of BOOL, whether it is not 0. */
  public static Tensor ofLongs(DType dtype, Shape shape, long[] values) {
    return switch (dtype) {
      case INT64 -> Tensor.of(shape, values);
      case INT8, UINT8 -> {
        byte[] y = new byte[values.length];
        for (int i = 0; i < y.length; i++) {
          y[i] = (byte) values[i];
        }
        yield Tensor.of(dtype, shape, y);
      }
      case BOOL -> {
        byte[] y = new byte[values.length];
        for (int i = 0; i < y.length; i++) {
          y[i] = (byte) (values[i] == 0 ? 0 : 1);
        }
        yield Tensor.of(dtype, shape, y);
      }
      case INT32, UINT32 -> {
        int[] y = new int[values.length];
        for (int i = 0; i < y.length; i++) {
          y[i] = (int) values[i];
        }
        yield Tensor.wrap(dtype, shape, MemorySegment.ofArray(y));
      }
      default -> ofIntegers(dtype, shape, values);
    };
  }

  private static Tensor ofIntegers(DType dtype, Shape shape, long[] values) {
    if (!dtype.isInteger()) {
      throw new InvalidInputException("elements: found " + dtype.text() + ", expected an integer type");
    }
    MemorySegment bytes = MemorySegment.ofArray(new byte[Math.toIntExact(dtype.bytes(values.length))]);
    for (int i = 0; i < values.length; i++) {
      putInteger(dtype, bytes, i, values[i]);
    }
    return Tensor.wrap(dtype, shape, bytes);
  }

  /** As {@link #ofDoubles}, with a choice of what becomes of values beyond the range of an FP8 type. */
  public static Tensor ofDoubles(DType dtype, Shape shape, double[] values, boolean saturate) {
    return dtype == DType.DOUBLE ? Tensor.of(shape, values)
        : ofReals(dtype, shape, values.length, i -> values[i], saturate);
  }

  /** The element at an index of a floating-point type. */
  public static double real(DType dtype, MemorySegment bytes, long index) {
    return switch (dtype) {
      case FLOAT -> Float.intBitsToFloat(bytes.get(INT, 4 * index));
      case DOUBLE -> Double.longBitsToDouble(bytes.get(LONG, 8 * index));
      case FLOAT16 -> Float.float16ToFloat(bytes.get(SHORT, 2 * index));
      case BFLOAT16 -> Float.intBitsToFloat(bytes.get(SHORT, 2 * index) << 16);
      case FLOAT8E8M0 -> E8M0.decode(bytes.get(ValueLayout.JAVA_BYTE, index) & 0xff);
      case FLOAT4E2M1 -> MiniFloat.of(dtype).decode(bits(bytes, index, 4));
      default -> MiniFloat.of(dtype).decode(bytes.get(ValueLayout.JAVA_BYTE, index) & 0xff);
    };
  }

  /** The element at an index of an integer type or BOOL. */
  public static long integer(DType dtype, MemorySegment bytes, long index) {
    return switch (dtype) {
      case BOOL -> bytes.get(ValueLayout.JAVA_BYTE, index) == 0 ? 0 : 1;
      case INT8 -> bytes.get(ValueLayout.JAVA_BYTE, index);
      case UINT8 -> bytes.get(ValueLayout.JAVA_BYTE, index) & 0xff;
      case INT16 -> bytes.get(SHORT, 2 * index);
      case UINT16 -> bytes.get(SHORT, 2 * index) & 0xffff;
      case INT32 -> bytes.get(INT, 4 * index);
      case UINT32 -> bytes.get(INT, 4 * index) & 0xffff_ffffL;
      case INT64, UINT64 -> bytes.get(LONG, 8 * index);
      case UINT4 -> bits(bytes, index, 4);
      case INT4 -> bits(bytes, index, 4) << 28 >> 28;
      case UINT2 -> bits(bytes, index, 2);
      case INT2 -> bits(bytes, index, 2) << 30 >> 30;
      default -> throw new InvalidInputException("elements: found " + dtype.text() + ", expected an integer type");
    };
  }

  private static int bits(MemorySegment bytes, long index, int width) {
    int perByte = 8 / width;
    int shift = (int) (index % perByte) * width;
    return (bytes.get(ValueLayout.JAVA_BYTE, index / perByte) >>> shift) & ((1 << width) - 1);
  }

  private static float integerAsFloat(DType dtype, long value) {
    return dtype == DType.UINT64 && value < 0 ? (float) unsigned(value) : (float) value;
  }

  private static double unsigned(long value) {
    return ((value >>> 1) | (value & 1)) * 2.0;
  }

  private interface Reals {
    double at(int index);
  }

  private static Tensor ofReals(DType dtype, Shape shape, int count, Reals values, boolean saturate) {
    if (!dtype.isFloating()) {
      throw new InvalidInputException("elements: found " + dtype.text() + ", expected a floating-point type");
    }
    byte[] raw = new byte[Math.toIntExact(dtype.bytes(count))];
    MemorySegment bytes = MemorySegment.ofArray(raw);
    for (int i = 0; i < count; i++) {
      putReal(dtype, bytes, i, values.at(i), saturate);
    }
    return Tensor.wrap(dtype, shape, bytes);
  }

  private static void putReal(DType dtype, MemorySegment bytes, long index, double value, boolean saturate) {
    switch (dtype) {
      case FLOAT -> bytes.set(INT, 4 * index, Float.floatToRawIntBits((float) value));
      case DOUBLE -> bytes.set(LONG, 8 * index, Double.doubleToRawLongBits(value));
      case FLOAT16 -> bytes.set(SHORT, 2 * index, Float.floatToFloat16(roundOdd(value)));
      case BFLOAT16 -> bytes.set(SHORT, 2 * index, bfloat16(roundOdd(value)));
      case FLOAT8E8M0 ->
        bytes.set(ValueLayout.JAVA_BYTE, index, (byte) E8M0.encode(value, E8M0.Rounding.NEAREST, saturate));
      case FLOAT4E2M1 -> putBits(bytes, index, 4, MiniFloat.of(dtype).encode(roundOdd(value), saturate));
      default -> bytes.set(ValueLayout.JAVA_BYTE, index, (byte) MiniFloat.of(dtype).encode(roundOdd(value), saturate));
    }
  }

  private static void putInteger(DType dtype, MemorySegment bytes, long index, long value) {
    switch (dtype.bits()) {
      case 8 -> bytes.set(ValueLayout.JAVA_BYTE, index, (byte) value);
      case 16 -> bytes.set(SHORT, 2 * index, (short) value);
      case 32 -> bytes.set(INT, 4 * index, (int) value);
      case 64 -> bytes.set(LONG, 8 * index, value);
      default -> putBits(bytes, index, dtype.bits(), (int) value);
    }
  }

  private static void putBits(MemorySegment bytes, long index, int width, int value) {
    int perByte = 8 / width;
    int shift = (int) (index % perByte) * width;
    int mask = ((1 << width) - 1) << shift;
    long at = index / perByte;
    bytes.set(ValueLayout.JAVA_BYTE, at,
        (byte) ((bytes.get(ValueLayout.JAVA_BYTE, at) & ~mask) | ((value << shift) & mask)));
  }

  /** The float nearest to a double, except that an inexact result is made odd: rounding it again then rounds once. */
  private static float roundOdd(double value) {
    float nearest = (float) value;
    if (nearest == value || Double.isNaN(value) || Float.isInfinite(nearest)) {
      return nearest;
    }
    float towardsZero = Math.abs((double) nearest) > Math.abs(value) ? Math.nextAfter(nearest, 0) : nearest;
    return Float.intBitsToFloat(Float.floatToRawIntBits(towardsZero) | 1);
  }

  private static short bfloat16(float value) {
    int bits = Float.floatToRawIntBits(value);
    if (Float.isNaN(value)) {
      return (short) ((bits >>> 16) | 0x40);
    }
    return (short) ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16);
  }

  private static void requireNumeric(DType dtype) {
    if (!dtype.isFloating() && !dtype.isInteger() && dtype != DType.BOOL) {
      throw new InvalidInputException("elements: found " + dtype.text() + ", expected a numeric type");
    }
  }
}

package dev.dwindle.data;

import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.TreeSet;

/** Numbers of tensors as doubles, and back as any element type that a model's input may have. */
final class Cast {
  private static final Map<String, DType> NAMES = Map.ofEntries(
      Map.entry("float32", DType.FLOAT), Map.entry("float64", DType.DOUBLE), Map.entry("float16", DType.FLOAT16),
      Map.entry("int64", DType.INT64), Map.entry("int32", DType.INT32), Map.entry("int16", DType.INT16),
      Map.entry("int8", DType.INT8), Map.entry("uint8", DType.UINT8), Map.entry("uint16", DType.UINT16),
      Map.entry("bool", DType.BOOL));

  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfDouble DOUBLE = ValueLayout.JAVA_DOUBLE_UNALIGNED
      .withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private Cast() {}

  /** An element type by NumPy's name. */
  static DType dtype(Yaml name) {
    DType dtype = NAMES.get(name.text());
    if (dtype == null) {
      throw name.error("found '" + name.text() + "', expected one of " + new TreeSet<>(NAMES.keySet()));
    }
    return dtype;
  }

  static double[] doubles(Tensor tensor) {
    MemorySegment bytes = tensor.segment();
    int width = tensor.dtype().bits() / 8;
    double[] values = new double[tensor.shape().intSize()];
    for (int i = 0; i < values.length; i++) {
      long at = (long) i * width;
      values[i] = switch (tensor.dtype()) {
        case FLOAT -> bytes.get(FLOAT, at);
        case DOUBLE -> bytes.get(DOUBLE, at);
        case FLOAT16 -> Float.float16ToFloat(bytes.get(SHORT, at));
        case INT64, UINT64 -> bytes.get(LONG, at);
        case INT32 -> bytes.get(INT, at);
        case UINT32 -> Integer.toUnsignedLong(bytes.get(INT, at));
        case INT16 -> bytes.get(SHORT, at);
        case UINT16 -> Short.toUnsignedInt(bytes.get(SHORT, at));
        case INT8 -> bytes.get(ValueLayout.JAVA_BYTE, at);
        case UINT8, BOOL -> bytes.get(ValueLayout.JAVA_BYTE, at) & 0xff;
        default -> throw new IllegalStateException("no numbers of type " + tensor.dtype());
      };
    }
    return values;
  }

  /**
   * A tensor of these values; integers rounded to nearest even.
   *
   * @param where for the error where a value is outside the type's range
   */
  static Tensor tensor(DType dtype, Shape shape, double[] values, String where) {
    if (dtype == DType.FLOAT) {
      float[] floats = new float[values.length];
      for (int i = 0; i < floats.length; i++) {
        floats[i] = (float) values[i];
      }
      return Tensor.of(shape, floats);
    }
    byte[] data = new byte[Math.toIntExact(dtype.bytes(values.length))];
    ByteBuffer bytes = ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN);
    for (double value : values) {
      switch (dtype) {
        case DOUBLE -> bytes.putDouble(value);
        case FLOAT16 -> bytes.putShort(Float.floatToFloat16((float) value));
        case INT64 -> bytes.putLong(whole(value, dtype, where));
        case INT32 -> bytes.putInt((int) whole(value, dtype, where));
        case INT16, UINT16 -> bytes.putShort((short) whole(value, dtype, where));
        case INT8, UINT8 -> bytes.put((byte) whole(value, dtype, where));
        case BOOL -> bytes.put((byte) (value != 0 ? 1 : 0));
        default -> throw new IllegalStateException("no numbers of type " + dtype);
      }
    }
    return Tensor.of(dtype, shape, data);
  }

  private static long whole(double value, DType dtype, String where) {
    double rounded = Math.rint(value);
    if (!(rounded >= dtype.min() && rounded <= dtype.max())) {
      throw new InvalidInputException(
          where + ": found " + value + ", expected " + dtype.text() + " values of " + dtype.min() + " to "
              + dtype.max());
    }
    return (long) rounded;
  }

  /** A right answer in the type of its kind: INT64 of integers, FLOAT of other numbers. */
  static Tensor label(Tensor tensor) {
    DType kind = tensor.dtype().isFloating() ? DType.FLOAT : DType.INT64;
    return tensor.dtype() == kind ? tensor : tensor(kind, tensor.shape(), doubles(tensor), "label");
  }

  /** The first rows of a tensor along its first axis, as many as asked for, then zeros. */
  static Tensor resized(Tensor tensor, long kept, long rows) {
    Shape shape = tensor.shape().with(0, rows);
    byte[] data = new byte[Math.toIntExact(tensor.dtype().bytes(shape.size()))];
    long row = tensor.shape().size() == 0 ? 0 : tensor.byteSize() / tensor.shape().dim(0);
    long bytes = row * Math.min(kept, rows);
    MemorySegment.copy(tensor.segment(), ValueLayout.JAVA_BYTE, 0, data, 0, (int) bytes);
    return Tensor.of(tensor.dtype(), shape, data);
  }
}

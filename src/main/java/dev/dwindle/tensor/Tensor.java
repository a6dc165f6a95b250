package dev.dwindle.tensor;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.List;

/**
 * Element type, shape and bytes; immutable once made. The bytes are row-major and little-endian as in ONNX's {@code
 * raw_data}, types below 8 bits packed from the low bits up. They lie on the heap, in native or mapped memory (owned by
 * the {@link java.lang.foreign.Arena} of whoever opened it), or on a device until first read.
 */
public final class Tensor {
  private static final ValueLayout.OfFloat FLOATS = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfDouble DOUBLES = ValueLayout.JAVA_DOUBLE_UNALIGNED
      .withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INTS = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONGS = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final DType dtype;
  private final Shape shape;
  private final DeviceBuffer buffer;
  private final List<byte[]> strings;
  private volatile MemorySegment segment;

  private Tensor(DType dtype, Shape shape, MemorySegment segment, DeviceBuffer buffer, List<byte[]> strings) {
    this.dtype = dtype;
    this.shape = shape;
    this.segment = segment;
    this.buffer = buffer;
    this.strings = strings;
  }

  /** A tensor over these bytes, which are not copied and must not change; exactly as many as type and shape need. */
  public static Tensor wrap(DType dtype, Shape shape, MemorySegment bytes) {
    long needed = dtype.bytes(shape.size());
    if (dtype == DType.STRING || bytes.byteSize() != needed) {
      throw new InvalidInputException(
          "tensor " + dtype.text() + shape + ": found " + bytes.byteSize() + " bytes, expected " + needed);
    }
    return new Tensor(dtype, shape, bytes.asReadOnly(), null, null);
  }

  /** A tensor that lives on a device until it is read. */
  public static Tensor onDevice(DType dtype, Shape shape, DeviceBuffer buffer) {
    return new Tensor(dtype, shape, null, buffer, null);
  }

  /** A FLOAT tensor over this array, which must not change afterwards. */
  public static Tensor of(Shape shape, float... values) {
    return wrap(DType.FLOAT, shape, MemorySegment.ofArray(values));
  }

  /** A DOUBLE tensor over this array, which must not change afterwards. */
  public static Tensor of(Shape shape, double... values) {
    return wrap(DType.DOUBLE, shape, MemorySegment.ofArray(values));
  }

  /** An INT64 tensor over this array, which must not change afterwards. */
  public static Tensor of(Shape shape, long... values) {
    return wrap(DType.INT64, shape, MemorySegment.ofArray(values));
  }

  /** An INT32 tensor over this array, which must not change afterwards. */
  public static Tensor of(Shape shape, int... values) {
    return wrap(DType.INT32, shape, MemorySegment.ofArray(values));
  }

  /** A tensor of an 8-bit type (or of any type, given its bytes) over this array, which must not change afterwards. */
  public static Tensor of(DType dtype, Shape shape, byte... bytes) {
    return wrap(dtype, shape, MemorySegment.ofArray(bytes));
  }

  /** A BOOL tensor. */
  public static Tensor of(Shape shape, boolean... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (values[i] ? 1 : 0);
    }
    return of(DType.BOOL, shape, bytes);
  }

  /** A scalar FLOAT. */
  public static Tensor scalar(float value) {
    return of(Shape.SCALAR, value);
  }

  /** A scalar INT64. */
  public static Tensor scalar(long value) {
    return of(Shape.SCALAR, value);
  }

  /** A STRING tensor of UTF-8 bytes. */
  public static Tensor ofStrings(Shape shape, List<byte[]> values) {
    if (values.size() != shape.size()) {
      throw new InvalidInputException(
          "tensor string" + shape + ": found " + values.size() + " strings, expected " + shape.size());
    }
    return new Tensor(DType.STRING, shape, null, null, List.copyOf(values));
  }

  public DType dtype() {
    return dtype;
  }

  public Shape shape() {
    return shape;
  }

  /** Number of elements. */
  public long size() {
    return shape.size();
  }

  /** Bytes of the elements. */
  public long byteSize() {
    return strings == null ? dtype.bytes(size()) : strings.stream().mapToLong(s -> s.length).sum();
  }

  /** The same bytes under another shape of as many elements. */
  public Tensor reshape(Shape other) {
    if (other.size() != shape.size()) {
      throw new InvalidInputException("reshape: found " + shape + ", expected as many elements as " + other);
    }
    return new Tensor(dtype, other, segment, buffer, strings);
  }

  /** The device buffer behind this tensor, or null where it lives on the host. */
  public DeviceBuffer deviceBuffer() {
    return buffer;
  }

  /** The bytes, read-only; copied from the device at the first call where they live there. */
  public MemorySegment segment() {
    if (strings != null) {
      throw new IllegalStateException("a string tensor has no dense bytes");
    }
    MemorySegment bytes = segment;
    if (bytes == null) {
      synchronized (buffer) {
        if (segment == null) {
          segment = buffer.toHost().asReadOnly();
        }
        bytes = segment;
      }
    }
    return bytes;
  }

  /** The strings of a STRING tensor. */
  public List<byte[]> strings() {
    if (strings == null) {
      throw new IllegalStateException("not a string tensor: " + this);
    }
    return strings;
  }

  /** A copy of the elements of a FLOAT tensor. */
  public float[] floats() {
    require(DType.FLOAT);
    float[] values = new float[shape.intSize()];
    MemorySegment.copy(segment(), FLOATS, 0, MemorySegment.ofArray(values), ValueLayout.JAVA_FLOAT, 0, values.length);
    return values;
  }

  /** A copy of the elements of a DOUBLE tensor. */
  public double[] doubles() {
    require(DType.DOUBLE);
    double[] values = new double[shape.intSize()];
    MemorySegment.copy(segment(), DOUBLES, 0, MemorySegment.ofArray(values), ValueLayout.JAVA_DOUBLE, 0, values.length);
    return values;
  }

  /** A copy of the elements of an INT32 tensor. */
  public int[] ints() {
    require(DType.INT32);
    int[] values = new int[shape.intSize()];
    MemorySegment.copy(segment(), INTS, 0, MemorySegment.ofArray(values), ValueLayout.JAVA_INT, 0, values.length);
    return values;
  }

  /** A copy of the elements of an INT64 tensor. */
  public long[] longs() {
    require(DType.INT64);
    long[] values = new long[shape.intSize()];
    MemorySegment.copy(segment(), LONGS, 0, MemorySegment.ofArray(values), ValueLayout.JAVA_LONG, 0, values.length);
    return values;
  }

  /** A copy of the bytes, whatever the type. */
  public byte[] bytes() {
    return segment().toArray(ValueLayout.JAVA_BYTE);
  }

  private void require(DType wanted) {
    if (dtype != wanted) {
      throw new IllegalStateException("found a tensor of " + dtype.text() + shape + ", expected " + wanted.text());
    }
  }

  /** Same type, shape and bytes. */
  public boolean contentEquals(Tensor other) {
    if (dtype != other.dtype || !shape.equals(other.shape)) {
      return false;
    }
    if (strings != null) {
      for (int i = 0; i < strings.size(); i++) {
        if (!java.util.Arrays.equals(strings.get(i), other.strings.get(i))) {
          return false;
        }
      }
      return true;
    }
    return segment().mismatch(other.segment()) == -1;
  }

  /** {@code float[1,3,224,224]}. */
  @Override
  public String toString() {
    return dtype.text() + shape;
  }
}

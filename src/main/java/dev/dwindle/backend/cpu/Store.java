package dev.dwindle.backend.cpu;

import dev.dwindle.tensor.DType;
import java.lang.foreign.MemorySegment;

/** The kinds of heap array that hold planned values, one for each width that kernels read as Java numbers. */
enum Store {
  FLOATS(4),
  DOUBLES(8),
  LONGS(8),
  INTS(4),
  SHORTS(2),
  BYTES(1);

  private final int width;

  Store(int width) {
    this.width = width;
  }

  /** The store of a type, or null for types that are only ever held as tensors. */
  static Store of(DType type) {
    return switch (type) {
      case FLOAT -> FLOATS;
      case DOUBLE -> DOUBLES;
      case INT64, UINT64 -> LONGS;
      case INT32, UINT32 -> INTS;
      case INT16, UINT16, FLOAT16, BFLOAT16 -> SHORTS;
      case STRING, COMPLEX64, COMPLEX128 -> null;
      default -> BYTES;
    };
  }

  /** Bytes of one array element. */
  int width() {
    return width;
  }

  /** Array elements that a dense tensor takes. */
  int length(DType type, long elements) {
    return Math.toIntExact(type.bits() >= 8 ? elements : type.bytes(elements));
  }

  Object allocate(int length) {
    return switch (this) {
      case FLOATS -> new float[length];
      case DOUBLES -> new double[length];
      case LONGS -> new long[length];
      case INTS -> new int[length];
      case SHORTS -> new short[length];
      case BYTES -> new byte[length];
    };
  }

  MemorySegment segment(Object array) {
    return switch (this) {
      case FLOATS -> MemorySegment.ofArray((float[]) array);
      case DOUBLES -> MemorySegment.ofArray((double[]) array);
      case LONGS -> MemorySegment.ofArray((long[]) array);
      case INTS -> MemorySegment.ofArray((int[]) array);
      case SHORTS -> MemorySegment.ofArray((short[]) array);
      case BYTES -> MemorySegment.ofArray((byte[]) array);
    };
  }
}

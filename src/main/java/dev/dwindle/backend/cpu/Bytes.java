package dev.dwindle.backend.cpu;

import dev.dwindle.backend.cpu.kernel.ByteSlice;
import dev.dwindle.backend.cpu.kernel.IntSlice;
import dev.dwindle.backend.cpu.kernel.Quantized;
import dev.dwindle.graph.Value;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Tensor;

/** Values of 8-bit integers, their scales and zero points, as kernels take them. */
final class Bytes {
  private Bytes() {}

  /** Whether a value is of static INT8 or UINT8 type with elements. */
  static boolean is(Value value) {
    return Fused.type(value) != null && Fused.size(value) > 0 && of(value.tensorType().dtype());
  }

  static boolean of(DType type) {
    return type == DType.INT8 || type == DType.UINT8;
  }

  static boolean signed(Value value) {
    return value.tensorType().dtype() == DType.INT8;
  }

  /** The bytes of a place; null for null. */
  static ByteSlice slice(Memory memory, Place place, boolean signed) {
    return place == null ? null : new ByteSlice((byte[]) memory.array(place), Memory.offset(place), signed);
  }

  static IntSlice ints(Memory memory, Place place) {
    return new IntSlice((int[]) memory.array(place), Memory.offset(place));
  }

  /** A constant's floats, one or {@code count} of them; null where it is anything else. */
  static float[] scales(Value value, int count) {
    if (value == null || !value.isConstant() || value.tensor().dtype() != DType.FLOAT) {
      return null;
    }
    return isOneOrAxis(value.tensor(), count) ? value.tensor().floats() : null;
  }

  /** Whether zero points are left out, or 8-bit constants or planned values, one or {@code count} of them. */
  static boolean areZeros(Value value, int count) {
    return value == null || (is(value) && (Fused.size(value) == 1
        || (Fused.shape(value).rank() == 1 && Fused.size(value) == count)));
  }

  private static boolean isOneOrAxis(Tensor tensor, int count) {
    return tensor.size() == 1 || (tensor.shape().rank() == 1 && tensor.size() == count);
  }

  /** The integers of a constant; {@code count} zeros where it is left out. */
  static int[] integers(Value value, int count) {
    int[] integers = new int[value == null ? count : Math.toIntExact(value.tensor().size())];
    double[] values = value == null ? new double[count] : Elements.doubles(value.tensor());
    for (int i = 0; i < integers.length; i++) {
      integers[i] = (int) values[i];
    }
    return integers;
  }

  /** An operand of integer arithmetic, not yet tied to memory. */
  record Operand(Place values, boolean signed, Place zero, int zeros) {
    /** Null for a null value. */
    static Operand of(Planning planning, Value value, Value zero) {
      return new Operand(planning.place(value), Bytes.signed(value), zero == null ? null : planning.place(zero),
          zero == null ? 1 : Fused.size(zero));
    }

    Quantized in(Memory memory) {
      return new Quantized(slice(memory, values, signed), slice(memory, zero, signed), zeros);
    }
  }

  /** A constant operand as it is packed. */
  static Quantized constant(Value value, Value zero) {
    ByteSlice zeros = zero == null ? null : slice(zero);
    return new Quantized(slice(value), zeros, zero == null ? 1 : Fused.size(zero));
  }

  private static ByteSlice slice(Value constant) {
    byte[] bytes = constant.tensor().segment().toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
    return new ByteSlice(bytes, 0, signed(constant));
  }
}

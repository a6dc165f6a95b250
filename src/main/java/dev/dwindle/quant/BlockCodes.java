package dev.dwindle.quant;

import dev.dwindle.tensor.DType;

/**
 * Codes of weights that share scales by blocks, one code in each byte.
 *
 * @param zeros zero points of the blocks; null where there are none
 */
record BlockCodes(BlockLayout layout, DType dtype, float[] scales, byte[] zeros) implements CompensatedRounding.Grid {
  /** One code less on the negative side of INT8, as integer kernels expect it. */
  static float low(DType dtype) {
    return dtype == DType.INT8 ? -127 : dtype.min();
  }

  /** The block of an element. */
  int block(int element) {
    int matrix = layout.block() * layout.inner();
    return element / matrix * layout.inner() + element % layout.inner();
  }

  /** An integer's code as a number. */
  int value(byte code) {
    return zeros == null ? code : code & 0xff;
  }

  @Override
  public byte code(int at, float number) {
    int block = block(at);
    float quotient = number / scales[block];
    if (dtype.isFloating()) return (byte) MiniFloat.of(dtype).encode(quotient, true);
    return IntegerBlocks.code(quotient, zeros == null ? 0 : zeros[block] & 0xff, low(dtype), dtype.max());
  }

  @Override
  public float number(int at, byte code) {
    int block = block(at);
    if (dtype.isFloating()) return MiniFloat.of(dtype).decode(code) * scales[block];
    return (value(code) - (zeros == null ? 0 : zeros[block] & 0xff)) * scales[block];
  }
}

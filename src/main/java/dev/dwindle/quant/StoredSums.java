package dev.dwindle.quant;

import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Tensor;

/** Keeps the sums of a convolution's weights that are stored with scales: see {@link SumKeeping}. */
final class StoredSums {
  private final BlockLayout layout;
  private final DType dtype;
  private final float[] scales;
  private final byte[] zeros;

  /**
   * The meaning of codes.
   *
   * @param zeros null where there are no zero points
   */
  StoredSums(BlockLayout layout, DType dtype, float[] scales, byte[] zeros) {
    this.layout = layout;
    this.dtype = dtype;
    this.scales = scales;
    this.zeros = zeros;
  }

  /** Changes codes, one in each byte, by one where that keeps sums; returns the sum of squared errors. */
  double keep(Tensor weights, byte[] codes) {
    float[] exact = weights.floats();
    float[] rounded = new float[exact.length];
    float[] other = new float[exact.length];
    byte[] otherCodes = new byte[exact.length];
    for (int i = 0; i < exact.length; i++) {
      int block = block(i);
      rounded[i] = decode(codes[i], block);
      int neighbour = neighbour(codes[i], exact[i], rounded[i]);
      otherCodes[i] = (byte) neighbour;
      other[i] = exact[i] == rounded[i] || neighbour == codes[i] ? Float.NaN : decode((byte) neighbour, block);
    }
    float[] before = rounded.clone();
    SumKeeping.ofConvolution(weights.shape(), exact, rounded, other);
    double noise = 0;
    for (int i = 0; i < exact.length; i++) {
      if (rounded[i] != before[i]) {
        codes[i] = otherCodes[i];
      }
      noise += ((double) rounded[i] - exact[i]) * (rounded[i] - exact[i]);
    }
    return noise;
  }

  private int block(int element) {
    int matrix = layout.block() * layout.inner();
    return element / matrix * layout.inner() + element % layout.inner();
  }

  private float decode(byte code, int block) {
    if (dtype.isFloating()) {
      return MiniFloat.of(dtype).decode(code) * scales[block];
    }
    int zero = zeros == null ? 0 : zeros[block] & 0xff;
    return ((zeros == null ? code : code & 0xff) - zero) * scales[block];
  }

  /** The code on the other side of the exact number; the same code where there is none. */
  private int neighbour(byte code, float exact, float rounded) {
    if (dtype.isFloating()) {
      boolean down = Math.abs(rounded) > Math.abs(exact);
      int next = down ? code - 1 : code + 1;
      return down || Float.isFinite(MiniFloat.of(dtype).decode(next)) ? next : code;
    }
    int value = zeros == null ? code : code & 0xff;
    int next = rounded > exact ? value - 1 : value + 1;
    // One code less on the negative side of INT8, as integer kernels expect it.
    return next < (dtype == DType.INT8 ? -127 : dtype.min()) || next > dtype.max() ? code : (byte) next;
  }
}

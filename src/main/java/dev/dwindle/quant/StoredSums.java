package dev.dwindle.quant;

import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Tensor;

/** Keeps the sums of a convolution's weights that are stored with scales: see {@link SumKeeping}. */
final class StoredSums {
  private final BlockCodes grid;

  StoredSums(BlockCodes grid) {
    this.grid = grid;
  }

  /** Changes codes, one in each byte, by one where that keeps sums; returns the sum of squared errors. */
  double keep(Tensor weights, byte[] codes) {
    float[] exact = weights.floats();
    float[] rounded = new float[exact.length];
    float[] other = new float[exact.length];
    byte[] otherCodes = new byte[exact.length];
    for (int i = 0; i < exact.length; i++) {
      rounded[i] = grid.number(i, codes[i]);
      int neighbour = neighbour(codes[i], exact[i], rounded[i]);
      otherCodes[i] = (byte) neighbour;
      other[i] = exact[i] == rounded[i] || neighbour == codes[i] ? Float.NaN : grid.number(i, (byte) neighbour);
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

  /** The code on the other side of the exact number; the same code where there is none. */
  private int neighbour(byte code, float exact, float rounded) {
    DType dtype = grid.dtype();
    if (dtype.isFloating()) {
      boolean down = Math.abs(rounded) > Math.abs(exact);
      int next = down ? code - 1 : code + 1;
      return down || Float.isFinite(MiniFloat.of(dtype).decode(next)) ? next : code;
    }
    int value = grid.value(code);
    int next = rounded > exact ? value - 1 : value + 1;
    return next < BlockCodes.low(dtype) || next > dtype.max() ? code : (byte) next;
  }
}

package dev.dwindle.backend.cuda;

import dev.dwindle.tensor.DType;
import java.util.Map;

/**
 * A stack of products of matrices in rows, {@code y = alpha a b} each, as {@link Blas} takes them.
 *
 * @param dtype of all three
 * @param rounded whether FLOAT is rounded to TF32; not of 16 bits
 * @param transposedA whether a lies in memory as {@code inner x rows}
 * @param transposedB whether b lies in memory as {@code columns x inner}
 * @param stepA elements between the left matrices of two products; 0 where all have the same
 * @param stepB elements between the right ones
 */
record BlasProduct(DType dtype, boolean rounded, int rows, int inner, int columns, boolean transposedA,
    boolean transposedB, int matrices, int stepA, int stepB, float alpha) {
  /** The numbers by which CUDA's libraries know types ({@code cudaDataType}). */
  private static final Map<DType, Integer> TYPES = Map.of(DType.FLOAT, 0, DType.FLOAT16, 2, DType.BFLOAT16, 14);

  int type() {
    return TYPES.get(dtype);
  }

  /** The words of a launch. */
  int[] words() {
    return new int[] {type(), rounded ? 1 : 0, rows, inner, columns, transposedA ? 1 : 0, transposedB ? 1 : 0, matrices,
        stepA, stepB, Float.floatToRawIntBits(alpha)};
  }

  /** What {@link #words} says. */
  static BlasProduct of(int[] words) {
    DType dtype = TYPES.entrySet().stream().filter(e -> e.getValue() == words[0]).findFirst().orElseThrow().getKey();
    return new BlasProduct(dtype, words[1] == 1, words[2], words[3], words[4], words[5] == 1, words[6] == 1, words[7],
        words[8], words[9], Float.intBitsToFloat(words[10]));
  }
}

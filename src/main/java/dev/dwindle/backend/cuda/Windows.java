package dev.dwindle.backend.cuda;

import dev.dwindle.op.WindowGeometry;

/** The kernels' struct {@code Window}. */
final class Windows {
  private Windows() {}

  /** Whether images have one or two axes besides batch and channels, as far as is known. */
  static boolean hasAxes(int rank) {
    return rank == 3 || rank == 4;
  }

  static int[] struct(WindowGeometry w) {
    return join(w, w.input(), 1, w.kernel(), 1, w.strides(), 1, w.dilations(), 1, w.padBegin(), 0, w.output(), 1);
  }

  /** Sizes of both axes; of one axis, the first is as if it were not there. */
  private static int[] join(WindowGeometry w, Object... sizesAndDefaults) {
    int[] words = new int[sizesAndDefaults.length];
    for (int i = 0; i < words.length; i += 2) {
      int[] sizes = (int[]) sizesAndDefaults[i];
      words[i] = w.rank() == 2 ? sizes[0] : (int) sizesAndDefaults[i + 1];
      words[i + 1] = sizes[w.rank() - 1];
    }
    return words;
  }
}

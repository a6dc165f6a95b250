package dev.dwindle.backend.cpu.kernel;

/** The part of an LSTM step behind its matrix products (ONNX LSTM; gates in the order input, output, forget, cell). */
public final class LstmCell {
  private LstmCell() {}

  /**
   * Binds a step to its memory.
   *
   * @param gates batch rows of four times {@code hidden} sums; overwritten
   * @param c cell state, updated
   * @param h hidden state, written
   * @param y also receives the hidden state; null for none
   */
  public static Step on(int batch, int hidden, Slice gates, Slice c, Slice h, Slice y) {
    return workers -> {
      for (int b = 0; b < batch; b++) {
        cell(hidden, gates.array(), gates.offset() + 4 * b * hidden, c.array(), c.offset() + b * hidden, h.array(),
            h.offset() + b * hidden);
      }
      if (y != null) {
        System.arraycopy(h.array(), h.offset(), y.array(), y.offset(), batch * hidden);
      }
    };
  }

  private static void cell(int n, float[] g, int go, float[] c, int co, float[] h, int ho) {
    ActivationLoops.sigmoid(g, go, 3 * n);
    SigmoidLoops.tanh(g, go + 3 * n, n);
    for (int i = 0; i < n; i++) {
      c[co + i] = g[go + 2 * n + i] * c[co + i] + g[go + i] * g[go + 3 * n + i];
    }
    System.arraycopy(c, co, h, ho, n);
    SigmoidLoops.tanh(h, ho, n);
    for (int i = 0; i < n; i++) {
      h[ho + i] *= g[go + n + i];
    }
  }
}

package dev.dwindle.backend.cpu.kernel;

/**
 * How a kernel window slides over an image: one axis for the height, one for the width. A signal of one
 * dimension is an image of height 1.
 */
public record Window(Axis height, Axis width) {
  /**
   * One axis.
   *
   * @param in length of the input
   * @param kernel taps
   * @param stride input elements from one output to the next
   * @param dilation input elements from one tap to the next
   * @param before elements of padding in front
   * @param after elements of padding behind
   * @param out length of the output; the last output may look beyond the padding, as with ceil_mode
   */
  public record Axis(int in, int kernel, int stride, int dilation, int before, int after, int out) {
    public Axis {
      if (in < 1 || kernel < 1 || stride < 1 || dilation < 1 || before < 0 || after < 0 || out < 1) {
        throw new IllegalArgumentException(
            "window: in %d, kernel %d, stride %d, dilation %d, pads %d and %d, out %d; expected pads of 0 or more, all else at least 1"
                .formatted(in, kernel, stride, dilation, before, after, out));
      }
    }

    /** The axis whose output length follows by ONNX Conv's rule (rounded down). */
    public static Axis of(int in, int kernel, int stride, int dilation, int before, int after) {
      int out = (in + before + after - dilation * (kernel - 1) - 1) / stride + 1;
      return new Axis(in, kernel, stride, dilation, before, after, out);
    }

    /** The height of a one-dimensional signal. */
    public static final Axis ONE = new Axis(1, 1, 1, 1, 0, 0, 1);

    boolean plain() {
      return stride == 1 && before == 0 && after == 0 && out + dilation * (kernel - 1) == in;
    }
  }

  /** Floats of one channel of the input. */
  public int inPlane() {
    return height.in * width.in;
  }

  /** Floats of one channel of the output. */
  public int outPlane() {
    return height.out * width.out;
  }

  /** Taps of the window. */
  public int taps() {
    return height.kernel * width.kernel;
  }
}

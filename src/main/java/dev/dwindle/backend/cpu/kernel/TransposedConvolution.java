package dev.dwindle.backend.cpu.kernel;

import java.util.Arrays;

/**
 * A transposed convolution (ONNX ConvTranspose, NCHW) as convolutions: outputs of one phase of the stride are the convolution of the input with every
 * stride-th tap, in reverse order.
 */
public final class TransposedConvolution {
  /**
   * @param channels input channels of one group
   * @param features output channels of one group
   * @param window of the convolution that this one transposes: its input is our output, its output our input
   */
  public record Shape(int batch, int groups, int channels, int features, Window window) {}

  /**
   * The outputs of one phase along one axis.
   *
   * @param first the first output
   * @param count how many there are, a stride apart
   * @param tap the first tap that they see
   * @param taps how many, a stride apart
   * @param before inputs before the first that the last of these taps reads; negative where it lies further in
   */
  private record Phase(int first, int count, int tap, int taps, int before) {
    static Phase of(Window.Axis axis, int phase) {
      int stride = axis.stride();
      int first = Math.floorMod(phase - axis.before(), stride);
      int count = Math.max(0, (axis.in() - first + stride - 1) / stride);
      int taps = phase < axis.kernel() ? (axis.kernel() - 1 - phase) / stride + 1 : 0;
      int dilation = stride == 1 ? axis.dilation() : 1;
      return new Phase(first, count, phase, taps, (taps - 1) * dilation - (first + axis.before() - phase) / stride);
    }

    boolean isEmpty() { return count == 0 || taps == 0; }

    Window.Axis axis(Window.Axis whole) {
      int dilation = whole.stride() == 1 ? whole.dilation() : 1;
      int after = count - 1 - before + (taps - 1) * dilation - (whole.out() - 1);
      return new Window.Axis(whole.out(), taps, 1, dilation, before, Math.max(0, after), count);
    }
  }

  private final Shape shape;
  private final Finish finish;
  private final Phase[] rows;
  private final Phase[] columns;
  private final Convolution[] convolutions;
  private final boolean direct;

  public TransposedConvolution(Shape shape, Finish finish) {
    this.shape = shape;
    this.finish = finish;
    rows = phases(shape.window().height());
    columns = phases(shape.window().width());
    convolutions = new Convolution[rows.length * columns.length];
    direct = convolutions.length == 1;
    for (int i = 0; i < convolutions.length; i++) {
      Phase row = rows[i / columns.length];
      Phase column = columns[i % columns.length];
      if (!row.isEmpty() && !column.isEmpty()) {
        Window window = new Window(row.axis(shape.window().height()), column.axis(shape.window().width()));
        convolutions[i] = Convolution.of(
            new Convolution.Shape(shape.batch(), shape.groups(), shape.channels(), shape.features(), window), finish);
      }
    }
  }

  /** Whether a shape can be had this way: strides or dilations along each axis, not both, and no more padding than the kernel reaches over. */
  public static boolean takes(Shape shape) {
    return takes(shape.window().height()) && takes(shape.window().width());
  }

  private static boolean takes(Window.Axis axis) {
    if (axis.stride() > 1 && axis.dilation() > 1) return false;
    return Arrays.stream(phases(axis)).allMatch(p -> p.isEmpty() || p.before() >= 0);
  }

  private static Phase[] phases(Window.Axis axis) {
    Phase[] phases = new Phase[axis.stride()];
    for (int i = 0; i < phases.length; i++) phases[i] = Phase.of(axis, i);
    return phases;
  }

  private int weights() {
    return shape.groups() * shape.features() * shape.channels() * shape.window().taps();
  }

  private int planes() {
    int most = 0;
    for (Convolution each : convolutions) {
      if (each != null && !direct) most = Math.max(most, each.outPlane());
    }
    return shape.batch() * shape.groups() * shape.features() * most;
  }

  private int inner() {
    return Arrays.stream(convolutions).mapToInt(c -> c == null ? 0 : c.scratch()).max().orElse(0);
  }

  /** Floats of scratch, shared by the threads, that {@link #on} expects. */
  public int scratch() {
    return Math.addExact(weights(), Math.addExact(planes(), inner()));
  }

  /**
   * Binds to memory.
   *
   * @param image N, channels, h, w
   * @param kernel channels of all groups, features of one, height, width
   * @param result N, features, H, W
   * @param scratch {@link #scratch} floats
   */
  public Step on(Slice image, Slice kernel, Slice result, Slice scratch) {
    Slice reversed = scratch;
    Slice planes = direct ? result : scratch.plus(weights());
    Slice inner = scratch.plus(weights() + planes());
    Step[] steps = new Step[convolutions.length];
    for (int i = 0; i < steps.length; i++) {
      if (convolutions[i] != null) steps[i] = convolutions[i].on(image, reversed, planes, null, inner);
    }
    int outputs = shape.batch() * shape.groups() * shape.features();
    boolean all = Arrays.stream(convolutions).allMatch(c -> c != null);
    int[] current = new int[1];
    Workers.Task begin = (plane, local) -> begin(plane, result);
    Workers.Task spread = (plane, local) -> spread(current[0], plane, planes, result);
    return workers -> {
      if (!all) workers.run(outputs, begin);
      for (int i = 0; i < steps.length; i++) {
        if (steps[i] == null) continue;
        reverse(i, kernel, reversed);
        steps[i].run(workers);
        if (!direct) {
          current[0] = i;
          workers.run(outputs, spread);
        }
      }
    };
  }

  /** The taps of a phase in reverse order, features before channels. */
  private void reverse(int i, Slice kernel, Slice to) {
    Phase row = rows[i / columns.length];
    Phase column = columns[i % columns.length];
    Window window = shape.window();
    int stepDown = window.height().stride() * window.width().kernel();
    int stepRight = window.width().stride();
    float[] w = kernel.array();
    float[] v = to.array();
    int at = to.offset();
    for (int f = 0; f < shape.groups() * shape.features(); f++) {
      int group = f / shape.features();
      for (int c = 0; c < shape.channels(); c++) {
        int plane = (group * shape.channels() + c) * shape.features() + f % shape.features();
        int last = kernel.offset() + plane * window.taps()
            + (row.tap() + (row.taps() - 1) * window.height().stride()) * window.width().kernel()
            + column.tap() + (column.taps() - 1) * stepRight;
        for (int y = 0; y < row.taps(); y++) {
          for (int x = 0; x < column.taps(); x++) v[at++] = w[last - y * stepDown - x * stepRight];
        }
      }
    }
  }

  private void begin(int plane, Slice result) {
    int size = shape.window().inPlane();
    float bias = finish.bias() == null ? 0 : finish.bias()[plane % (shape.groups() * shape.features())];
    int at = result.offset() + plane * size;
    Arrays.fill(result.array(), at, at + size, bias);
  }

  private void spread(int i, int plane, Slice planes, Slice result) {
    Phase row = rows[i / columns.length];
    Phase column = columns[i % columns.length];
    Window window = shape.window();
    int stride = window.width().stride();
    int width = window.width().in();
    int from = planes.offset() + plane * row.count() * column.count();
    int to = result.offset() + plane * window.inPlane() + row.first() * width + column.first();
    float[] x = planes.array();
    float[] y = result.array();
    for (int r = 0; r < row.count(); r++, to += window.height().stride() * width) {
      for (int c = 0, d = to; c < column.count(); c++, d += stride) y[d] = x[from++];
    }
  }
}

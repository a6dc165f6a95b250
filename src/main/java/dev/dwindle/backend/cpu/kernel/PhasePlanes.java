package dev.dwindle.backend.cpu.kernel;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * An image laid out with its padding, and for strides above 1 taken apart into one plane for each phase
 * of the stride, so that every tap of a window is one shift of one plane and neighbouring outputs read
 * neighbouring floats. Only phases that a tap reads are laid out.
 */
final class PhasePlanes {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = SPECIES.length();

  /** The even lanes of a vector, twice. */
  private static final VectorShuffle<Float> EVEN = SPECIES.shuffleFromOp(i -> 2 * i % LANES);
  private static final VectorMask<Float> UPPER = VectorMask.fromLong(SPECIES, -1L << LANES / 2);

  private final Window window;
  private final int[] rowPhases;
  private final int[] columnPhases;
  private final int planeHeight;
  private final int planeWidth;

  PhasePlanes(Window window) {
    this.window = window;
    rowPhases = phases(window.height());
    columnPhases = phases(window.width());
    planeHeight = length(window.height());
    planeWidth = length(window.width());
  }

  private static int[] phases(Window.Axis axis) {
    boolean[] used = new boolean[axis.stride()];
    for (int k = 0; k < axis.kernel(); k++) {
      used[k * axis.dilation() % axis.stride()] = true;
    }
    int[] phases = new int[axis.stride()];
    int count = 0;
    for (int p = 0; p < used.length; p++) {
      if (used[p]) {
        phases[count++] = p;
      }
    }
    return Arrays.copyOf(phases, count);
  }

  private static int length(Window.Axis axis) {
    return axis.out() + (axis.kernel() - 1) * axis.dilation() / axis.stride();
  }

  /** Whether the image as it is already has this layout. */
  boolean identity() {
    return window.height().plain() && window.width().plain();
  }

  /** Floats of one channel. */
  int floats() {
    return rowPhases.length * columnPhases.length * planeHeight * planeWidth;
  }

  /** Floats from one output row's first float to the next one's. */
  int rowStride() {
    return planeWidth;
  }

  /** What a tap adds to the position of output (y, x), which is {@code y * rowStride() + x}. */
  int tap(int row, int column) {
    int y = row * window.height().dilation();
    int x = column * window.width().dilation();
    int rowSlot = Arrays.binarySearch(rowPhases, y % window.height().stride());
    int columnSlot = Arrays.binarySearch(columnPhases, x % window.width().stride());
    int plane = (rowSlot * columnPhases.length + columnSlot) * planeHeight * planeWidth;
    return plane + y / window.height().stride() * planeWidth + x / window.width().stride();
  }

  /** Offsets of all taps of {@code channels} channels, in the order of ONNX's weights. */
  int[] taps(int channels) {
    int[] offsets = new int[channels * window.taps()];
    int i = 0;
    for (int c = 0; c < channels; c++) {
      for (int y = 0; y < window.height().kernel(); y++) {
        for (int x = 0; x < window.width().kernel(); x++) {
          offsets[i++] = c * floats() + tap(y, x);
        }
      }
    }
    return offsets;
  }

  /** Lays out one channel from {@code from}, with {@code pad} around it, at {@code to}. */
  void fill(float[] image, int from, float pad, float[] planes, int to) {
    int at = to;
    for (int rowPhase : rowPhases) {
      for (int columnPhase : columnPhases) {
        plane(image, from, rowPhase - window.height().before(), columnPhase - window.width().before(), pad, planes, at);
        at += planeHeight * planeWidth;
      }
    }
  }

  /** Lays out one phase, whose element (y, x) is the image's element (y * stride + down, x * stride + right). */
  private void plane(float[] image, int from, int down, int right, float pad, float[] planes, int to) {
    Window.Axis rows = window.height();
    Window.Axis columns = window.width();
    int stride = columns.stride();
    int firstRow = first(rows, down, planeHeight);
    int endRow = end(rows, down, planeHeight);
    int first = first(columns, right, planeWidth);
    int n = end(columns, right, planeWidth) - first;
    Arrays.fill(planes, to, to + firstRow * planeWidth, pad);
    int at = to + firstRow * planeWidth;
    int source = from + (firstRow * rows.stride() + down) * columns.in() + first * stride + right;
    for (int y = firstRow; y < endRow; y++) {
      for (int i = 0; i < first; i++) {
        planes[at + i] = pad;
      }
      if (stride == 1) {
        copy(image, source, planes, at + first, n, to + planeHeight * planeWidth);
      } else if (stride == 2) {
        everySecond(image, source, planes, at + first, n);
      } else {
        for (int i = 0, s = source; i < n; i++, s += stride) {
          planes[at + first + i] = image[s];
        }
      }
      for (int i = first + n; i < planeWidth; i++) {
        planes[at + i] = pad;
      }
      at += planeWidth;
      source += rows.stride() * columns.in();
    }
    Arrays.fill(planes, at, to + planeHeight * planeWidth, pad);
  }

  /** The first position in a plane that lies in the image. */
  private static int first(Window.Axis axis, int shift, int length) {
    return shift >= 0 ? 0 : Math.min(length, (axis.stride() - 1 - shift) / axis.stride());
  }

  /** One more than the last position in a plane that lies in the image. */
  private static int end(Window.Axis axis, int shift, int length) {
    int end = (axis.in() - 1 - shift + axis.stride()) / axis.stride();
    return Math.clamp(end, first(axis, shift, length), length);
  }

  /**
   * A loop of our own, as a row is mostly shorter than a call of arraycopy is worth. What a vector writes too much,
   * up to {@code end}, the plane's next rows overwrite.
   */
  private static void copy(float[] x, int xo, float[] y, int yo, int n, int end) {
    int room = Math.min(end - yo, x.length - xo) - LANES;
    int i = 0;
    for (; i < n && i <= room; i += LANES) {
      FloatVector.fromArray(SPECIES, x, xo + i).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = x[xo + i];
    }
  }

  private static void everySecond(float[] x, int xo, float[] y, int yo, int n) {
    int i = 0;
    for (; i <= n - LANES && xo + 2 * i + 2 * LANES <= x.length; i += LANES) {
      FloatVector low = FloatVector.fromArray(SPECIES, x, xo + 2 * i);
      FloatVector high = FloatVector.fromArray(SPECIES, x, xo + 2 * i + LANES);
      low.rearrange(EVEN).blend(high.rearrange(EVEN), UPPER).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = x[xo + 2 * i];
    }
  }
}

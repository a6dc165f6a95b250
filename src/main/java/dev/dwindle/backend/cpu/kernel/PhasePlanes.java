package dev.dwindle.backend.cpu.kernel;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * An image laid out with its padding, and for strides above 1 taken apart into one plane for each phase
 * of the stride, so that every tap of a window is one shift of one plane and neighbouring outputs read
 * neighbouring floats. Only phases that a tap reads are laid out.
 */
final class PhasePlanes {
  private static final int LANES = FloatVector.SPECIES_PREFERRED.length();

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

  /**
   * Lays out one channel from {@code from}, with {@code pad} around it, at {@code to}. Floats behind it, up to {@code
   * end}, may be overwritten.
   */
  void fill(float[] image, int from, float pad, float[] planes, int to, int end) {
    int at = to;
    for (int rowPhase : rowPhases) {
      for (int columnPhase : columnPhases) {
        int down = rowPhase - window.height().before();
        int right = columnPhase - window.width().before();
        plane(image, from, down, right, pad, planes, at, end);
        at += planeHeight * planeWidth;
      }
    }
  }

  /** Lays out one phase, whose element (y, x) is the image's element (y * stride + down, x * stride + right). */
  private void plane(float[] image, int from, int down, int right, float pad, float[] planes, int to, int end) {
    Window.Axis rows = window.height();
    Window.Axis columns = window.width();
    int firstRow = first(rows, down, planeHeight);
    int endRow = end(rows, down, planeHeight);
    int first = first(columns, right, planeWidth);
    int behind = end(columns, right, planeWidth);
    int step = rows.stride() * columns.in();
    Arrays.fill(planes, to, to + firstRow * planeWidth, pad);
    int at = to + firstRow * planeWidth;
    int source = from + (firstRow * rows.stride() + down) * columns.in() + right;
    // Whole vectors may not begin before the image's array, nor end behind it or behind the planes.
    int y = firstRow;
    int reach = Math.max(planeWidth, LANES);
    if (columns.stride() <= 2) {
      for (; y < endRow && source < 0; y++, at += planeWidth, source += step) {
        exactRow(image, source, first, behind, pad, planes, at);
      }
      int fit = Math.min((end - reach - at) / planeWidth, (image.length - reach * columns.stride() - source) / step);
      int whole = end - reach < at || image.length - reach * columns.stride() < source ? 0 : fit + 1;
      whole = Math.min(whole, endRow - y);
      if (columns.stride() == 1) {
        RowLoops.padded(image, source, step, first, behind, pad, planes, at, planeWidth, whole);
      } else {
        RowLoops.paddedHalves(image, source, step, first, behind, pad, planes, at, planeWidth, whole);
      }
      y += whole;
      at += whole * planeWidth;
      source += whole * step;
    }
    for (; y < endRow; y++, at += planeWidth, source += step) {
      exactRow(image, source, first, behind, pad, planes, at);
    }
    Arrays.fill(planes, at, to + planeHeight * planeWidth, pad);
  }

  private void exactRow(float[] image, int source, int first, int behind, float pad, float[] planes, int at) {
    int stride = window.width().stride();
    for (int i = 0; i < planeWidth; i++) {
      planes[at + i] = i < first || i >= behind ? pad : image[source + i * stride];
    }
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
}

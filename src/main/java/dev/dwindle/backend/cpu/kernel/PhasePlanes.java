package dev.dwindle.backend.cpu.kernel;

import java.util.Arrays;

/**
 * An image laid out with its padding, and for strides above 1 taken apart into one plane for each phase
 * of the stride, so that every tap of a window is one shift of one plane and neighbouring outputs read
 * neighbouring floats. Only phases that a tap reads are laid out.
 */
final class PhasePlanes {
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
    Window.Axis rows = window.height();
    int at = to;
    for (int rowPhase : rowPhases) {
      for (int columnPhase : columnPhases) {
        for (int y = 0; y < planeHeight; y++, at += planeWidth) {
          int row = y * rows.stride() + rowPhase - rows.before();
          if (row < 0 || row >= rows.in()) {
            Arrays.fill(planes, at, at + planeWidth, pad);
          } else {
            row(image, from + row * window.width().in(), columnPhase, pad, planes, at);
          }
        }
      }
    }
  }

  private void row(float[] image, int from, int phase, float pad, float[] planes, int to) {
    Window.Axis axis = window.width();
    int stride = axis.stride();
    int shift = phase - axis.before();
    // Positions i with 0 <= i * stride + shift < in.
    int first = shift >= 0 ? 0 : Math.min(planeWidth, (stride - 1 - shift) / stride);
    int end = Math.clamp((axis.in() - 1 - shift + stride) / stride, first, planeWidth);
    for (int i = 0; i < first; i++) {
      planes[to + i] = pad;
    }
    if (stride == 1) {
      System.arraycopy(image, from + shift + first, planes, to + first, end - first);
    } else {
      int source = from + shift;
      for (int i = first; i < end; i++) {
        planes[to + i] = image[source + i * stride];
      }
    }
    for (int i = end; i < planeWidth; i++) {
      planes[to + i] = pad;
    }
  }
}

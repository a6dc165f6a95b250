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
  private final Phase[] phases;
  private final boolean isFast;

  /**
   * One plane, whose element (y, x) is the image's element (y * stride + down, x * stride + right).
   *
   * @param firstRow the first row that lies in the image
   * @param endRow one more than the last that does
   * @param first the first column that does
   * @param behind one more than the last that does
   * @param source the image's element at row {@code firstRow}, column 0, were there no padding
   */
  private record Phase(int firstRow, int endRow, int first, int behind, int source) {}

  PhasePlanes(Window window) {
    this.window = window;
    rowPhases = phases(window.height());
    columnPhases = phases(window.width());
    planeHeight = length(window.height());
    planeWidth = length(window.width());
    phases = new Phase[rowPhases.length * columnPhases.length];
    for (int i = 0; i < phases.length; i++) {
      int down = rowPhases[i / columnPhases.length] - window.height().before();
      phases[i] = phase(down, columnPhases[i % columnPhases.length] - window.width().before());
    }
    // Taking halves apart in vectors shuffles them, which is slow until it is compiled.
    isFast = window.width().stride() <= (Tile.BRIEF ? 1 : 2);
  }

  private Phase phase(int down, int right) {
    Window.Axis rows = window.height();
    Window.Axis columns = window.width();
    int firstRow = first(rows, down, planeHeight);
    return new Phase(firstRow, end(rows, down, planeHeight), first(columns, right, planeWidth),
        end(columns, right, planeWidth), (firstRow * rows.stride() + down) * columns.in() + right);
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
    for (Phase phase : phases) {
      plane(phase, image, from, pad, planes, at, end);
      at += planeHeight * planeWidth;
    }
  }

  private void plane(Phase phase, float[] image, int from, float pad, float[] planes, int to, int end) {
    int step = window.height().stride() * window.width().in();
    int at = to + phase.firstRow() * planeWidth;
    Arrays.fill(planes, to, at, pad);
    int source = from + phase.source();
    int y = phase.firstRow();
    if (isFast) {
      // Whole vectors may not begin before the image's array.
      for (; y < phase.endRow() && source < 0; y++, at += planeWidth, source += step) {
        exactRow(phase, image, source, pad, planes, at);
      }
      int whole = whole(phase.endRow() - y, image.length - source, step, end - at);
      wholeRows(phase, image, source, step, pad, planes, at, whole);
      y += whole;
      at += whole * planeWidth;
      source += whole * step;
    }
    for (; y < phase.endRow(); y++, at += planeWidth, source += step) {
      exactRow(phase, image, source, pad, planes, at);
    }
    Arrays.fill(planes, at, to + planeHeight * planeWidth, pad);
  }

  /** How many of {@code rows} rows may be moved in whole vectors, with so many floats of image and planes to come. */
  private int whole(int rows, int image, int step, int planes) {
    int reach = Math.max(planeWidth, LANES);
    int spareImage = image - reach * window.width().stride();
    int sparePlanes = planes - reach;
    if (spareImage >= (rows - 1) * step && sparePlanes >= (rows - 1) * planeWidth) {
      return rows;
    }
    return spareImage < 0 || sparePlanes < 0 ? 0 : Math.min(sparePlanes / planeWidth, spareImage / step) + 1;
  }

  private void wholeRows(Phase phase, float[] image, int source, int step, float pad, float[] planes, int at,
      int count) {
    int first = phase.first();
    int behind = phase.behind();
    if (window.width().stride() == 1) {
      RowLoops.padded(image, source, step, first, behind, pad, planes, at, planeWidth, count);
    } else {
      RowLoops.paddedHalves(image, source, step, first, behind, pad, planes, at, planeWidth, count);
    }
  }

  private void exactRow(Phase phase, float[] image, int source, float pad, float[] planes, int at) {
    int stride = window.width().stride();
    Arrays.fill(planes, at, at + phase.first(), pad);
    RowLoops.each(image, source + phase.first() * stride, stride, planes, at + phase.first(),
        phase.behind() - phase.first());
    Arrays.fill(planes, at + phase.behind(), at + planeWidth, pad);
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

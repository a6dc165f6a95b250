package dev.dwindle.op;

import java.util.Arrays;

/**
 * The input offsets that each output position of a {@link WindowGeometry} reads, position by position in row-major
 * order. An offset is counted within one channel.
 */
public final class WindowTaps {
  /** Instead of an offset: the tap reads padding. */
  public static final int PADDING = -1;
  /** Instead of an offset: the tap lies even beyond the padding, where {@code ceil_mode} added a position. */
  public static final int BEYOND = -2;

  private final WindowGeometry geometry;
  private final int[] position;
  private final int[] tap;
  private final int[] offsets;

  public WindowTaps(WindowGeometry geometry) {
    this.geometry = geometry;
    this.position = new int[geometry.rank()];
    this.tap = new int[geometry.rank()];
    this.offsets = new int[geometry.kernelSize()];
  }

  /** The offsets of the next output position, one for each kernel element in row-major order; valid until the next. */
  public int[] next() {
    Arrays.fill(tap, 0);
    for (int k = 0; k < offsets.length; k++) {
      offsets[k] = offset();
      advance(tap, geometry.kernel());
    }
    advance(position, geometry.output());
    return offsets;
  }

  private int offset() {
    int offset = 0;
    boolean padding = false;
    for (int i = 0; i < position.length; i++) {
      int at = position[i] * geometry.strides()[i] - geometry.padBegin()[i] + tap[i] * geometry.dilations()[i];
      if (at >= geometry.input()[i] + geometry.padEnd()[i]) {
        return BEYOND;
      }
      padding |= at < 0 || at >= geometry.input()[i];
      offset = offset * geometry.input()[i] + at;
    }
    return padding ? PADDING : offset;
  }

  private static void advance(int[] index, int[] sizes) {
    for (int i = index.length - 1; i >= 0 && ++index[i] == sizes[i]; i--) {
      index[i] = 0;
    }
  }
}

package dev.dwindle.pack;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Takes little-endian numbers apart into planes, each a byte of every number, and puts them together. */
final class Planes {
  private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

  private Planes() {}

  /** The byte at a place, 0 for the lowest, of each number; with vectors or without. */
  static byte[] split(byte[] numbers, int width, int place, int count, boolean vectors) {
    byte[] plane = new byte[count];
    int done = vectors ? PlaneVectors.split(numbers, width, place, plane) : 0;
    // The compiler makes more of steps that it knows.
    switch (width) {
      case 1 -> System.arraycopy(numbers, 0, plane, 0, count);
      case 2 -> {
        for (int i = done; i < count; i++) plane[i] = numbers[2 * i + place];
      }
      case 4 -> {
        for (int i = done; i < count; i++) plane[i] = numbers[4 * i + place];
      }
      default -> {
        for (int i = done; i < count; i++) plane[i] = numbers[width * i + place];
      }
    }
    return plane;
  }

  /** The numbers of planes, the one of the highest bytes first; with vectors or without. */
  static void join(byte[][] planes, byte[] numbers, int count, boolean vectors) {
    int done = vectors ? PlaneVectors.join(planes, numbers, count) : 0;
    switch (planes.length) {
      case 1 -> System.arraycopy(planes[0], 0, numbers, 0, count);
      case 2 -> joinTwo(planes[0], planes[1], numbers, done, count);
      case 4 -> joinFour(planes[0], planes[1], planes[2], planes[3], numbers, done, count);
      default -> {
        for (int i = 0, at = 0; i < count; i++) {
          for (int p = planes.length - 1; p >= 0; p--) numbers[at++] = planes[p][i];
        }
      }
    }
  }

  private static void joinTwo(byte[] high, byte[] low, byte[] numbers, int from, int to) {
    for (int i = from; i < to; i++) {
      numbers[2 * i] = low[i];
      numbers[2 * i + 1] = high[i];
    }
  }

  private static void joinFour(byte[] a, byte[] b, byte[] c, byte[] d, byte[] numbers, int from, int to) {
    for (int i = from; i < to; i++) {
      int low = c[i] << 8 & 0xff00 | d[i] & 0xff;
      INT.set(numbers, 4 * i, a[i] << 24 | (b[i] & 0xff) << 16 | low);
    }
  }
}

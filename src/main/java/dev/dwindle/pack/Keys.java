package dev.dwindle.pack;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Elements as unsigned numbers that grow with their magnitude: floating-point numbers with the sign turned into the lowest
 * bit, signed integers of 16 and 32 bits in zigzag order, signed bytes with the sign bit inverted. Elements of eight bytes are
 * left as they are.
 *
 * @param bytes the numbers, little-endian; up to three more bytes follow, so that all can be taken by four
 * @param width bytes of a number: 1, 2, 4 or 8
 * @param count how many numbers there are
 */
record Keys(byte[] bytes, int width, int count) {
  private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle SHORT = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);

  /** Room for the keys of the whole elements in so many bytes. */
  static Keys in(int bytes, int width) {
    return new Keys(new byte[bytes + 3 & ~3], width, bytes / width);
  }

  /** The keys of the whole elements in a block. */
  static Keys of(byte[] raw, Layout layout) {
    Keys keys = in(raw.length, layout.width());
    int top = 8 * layout.width() - 1;
    int lowest = lowestBits(layout.width());
    int factor = layout.order() == Layout.Order.SIGNED ? allBits(layout.width()) : 1;
    if (isPlain(layout) || isFlipped(layout)) {
      System.arraycopy(raw, 0, keys.bytes, 0, raw.length);
      if (isFlipped(layout)) keys.flip();
      return keys;
    }
    for (int i = 0; i <= raw.length - 4; i += 4) turn(raw, i, keys.bytes, top, lowest, factor);
    int rest = raw.length & 3;
    System.arraycopy(raw, raw.length - rest, keys.bytes, raw.length - rest, rest);
    if (rest > 0) turn(keys.bytes, raw.length - rest, keys.bytes, top, lowest, factor);
    return keys;
  }

  private static void turn(byte[] raw, int at, byte[] keys, int top, int lowest, int factor) {
    int v = (int) INT.get(raw, at);
    INT.set(keys, at, v << 1 & ~lowest ^ (v >>> top & lowest) * factor);
  }

  /** Turns the keys into elements again, where they are. */
  void restore(Layout layout) {
    if (isPlain(layout)) return;
    int top = 8 * width - 1;
    int lowest = lowestBits(width);
    int factor = layout.order() == Layout.Order.SIGNED ? allBits(width) : 1 << top;
    if (isFlipped(layout)) flip();
    else
      for (int i = 0; i < bytes.length; i += 4) {
        int k = (int) INT.get(bytes, i);
        INT.set(bytes, i, k >>> 1 & ~(lowest << top) ^ (k & lowest) * factor);
      }
  }

  private static boolean isPlain(Layout layout) {
    return layout.order() == Layout.Order.UNSIGNED || layout.width() == 8;
  }

  private static boolean isFlipped(Layout layout) {
    return layout.order() == Layout.Order.SIGNED && layout.width() == 1;
  }

  private void flip() {
    for (int i = 0; i < bytes.length; i++) bytes[i] ^= (byte) 0x80;
  }

  /** The lowest bit of each number in four bytes. */
  private static int lowestBits(int width) {
    return width == 4 ? 1 : width == 2 ? 0x10001 : 0x1010101;
  }

  /** All bits of one number. */
  private static int allBits(int width) {
    return -1 >>> 32 - 8 * width;
  }

  /** The number at a place, of at most four bytes. */
  int at(int i) {
    return switch (width) {
      case 1 -> bytes[i] & 0xff;
      case 2 -> (short) SHORT.get(bytes, 2 * i) & 0xffff;
      default -> (int) INT.get(bytes, 4 * i);
    };
  }

  void put(int i, int key) {
    switch (width) {
      case 1 -> bytes[i] = (byte) key;
      case 2 -> SHORT.set(bytes, 2 * i, (short) key);
      default -> INT.set(bytes, 4 * i, key);
    }
  }

  /** How many zeros there are among all or every so many. */
  int zeros(int every) {
    int zeros = 0;
    for (int i = 0; i < count; i += every) if (at(i) == 0) zeros++;
    return zeros;
  }

  /** A byte of each number, the highest first. */
  byte[] plane(int place) {
    return Planes.split(bytes, width, width - 1 - place, count, Vectors.pay(count));
  }

  /** Takes a byte of each number, the highest first. */
  void join(byte[][] planes) {
    Planes.join(planes, bytes, count, Vectors.pay(count));
  }
}

package dev.dwindle.pack;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/** Reads decisions; behind the end of the bytes stand zeros. */
final class BitReader extends BitCoder {
  private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

  private final byte[] bytes;
  private int at;

  /** How far the number that the bytes tell lies above the lowest of the range. */
  private long above;

  BitReader(byte[] bytes) {
    this.bytes = Arrays.copyOf(bytes, bytes.length + WIDTH / 8 + 4);
    for (; at < WIDTH / 8; at++) above = above << 8 | this.bytes[at] & 0xff;
  }

  @Override
  int code(int ignored, int p) {
    long ones = (range >>> 16) * p;
    // Without a branch, which would be guessed wrong as often as the decision is: all ones where the decision is 1.
    long mask = above - ones >> 63;
    above -= ones & ~mask;
    range = ones & mask | range - ones & ~mask;
    int bit = (int) -mask;
    if (range >>> LEAST == 0) {
      range <<= STEP;
      above = above << STEP | next();
    }
    return bit;
  }

  private int next() {
    if (at > bytes.length - 4) return 0;
    int next = (int) INT.get(bytes, at) >>> 32 - STEP;
    at += STEP / 8;
    return next;
  }
}

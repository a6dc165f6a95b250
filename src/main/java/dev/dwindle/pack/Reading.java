package dev.dwindle.pack;

import dev.dwindle.tensor.InvalidInputException;
import java.util.Arrays;

/** Bytes of a packed file, read in order; reading behind their end is an error, never more memory. */
final class Reading {
  private final byte[] array;
  private final int end;
  private int at;

  Reading(byte[] array) {
    this(array, 0, array.length);
  }

  private Reading(byte[] array, int at, int end) {
    this.array = array;
    this.at = at;
    this.end = end;
  }

  int left() {
    return end - at;
  }

  int get() {
    require(1);
    return array[at++] & 0xff;
  }

  byte[] get(int count) {
    require(count);
    at += count;
    return Arrays.copyOfRange(array, at - count, at);
  }

  /** The next bytes, to be read by themselves. */
  Reading part(long count) {
    require(count);
    at += (int) count;
    return new Reading(array, at - (int) count, at);
  }

  void copyTo(byte[] target, int from, int count) {
    require(count);
    System.arraycopy(array, at, target, from, count);
    at += count;
  }

  long fixed(int width) {
    require(width);
    long value = 0;
    for (int i = 0; i < width; i++) value |= (array[at++] & 0xffL) << 8 * i;
    return value;
  }

  /** A number of at most 63 bits. */
  long varint() {
    long value = 0;
    for (int shift = 0; shift < 63; shift += 7) {
      int b = get();
      value |= (long) (b & 0x7f) << shift;
      if (b < 0x80) return value;
    }
    throw new InvalidInputException("found a number of more than 63 bits");
  }

  /** A number from {@code least} to {@code most}. */
  long varint(String what, long least, long most) {
    long value = varint();
    if (value < least || value > most) {
      throw new InvalidInputException("found " + value + " " + what + ", expected " + least + " to " + most);
    }
    return value;
  }

  void requireEnd() {
    if (at != end) throw new InvalidInputException("found " + (end - at) + " bytes too many");
  }

  private void require(long count) {
    if (count < 0 || count > end - at) {
      throw new InvalidInputException("ends early: found " + (end - at) + " bytes, expected " + count);
    }
  }
}

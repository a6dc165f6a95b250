package dev.dwindle.pack;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** Bytes in the making. */
final class Bytes {
  private byte[] array;
  private int size;

  Bytes(int expected) {
    array = new byte[Math.max(16, expected)];
  }

  int size() {
    return size;
  }

  byte[] toArray() {
    return Arrays.copyOf(array, size);
  }

  void put(int value) {
    if (size == array.length) grow(1);
    array[size++] = (byte) value;
  }

  void put(byte[] bytes, int from, int count) {
    if (count > array.length - size) grow(count);
    System.arraycopy(bytes, from, array, size, count);
    size += count;
  }

  void put(byte[] bytes) {
    put(bytes, 0, bytes.length);
  }

  void put(Bytes bytes) {
    put(bytes.array, 0, bytes.size);
  }

  /** Words of 16 bits, the low byte of each first. */
  void put(short[] words, int count) {
    if (2 * count > array.length - size) grow(2 * count);
    ByteBuffer.wrap(array, size, 2 * count).order(ByteOrder.LITTLE_ENDIAN).asShortBuffer().put(words, 0, count);
    size += 2 * count;
  }

  /** The low {@code width} bytes of a number, the lowest first. */
  void putFixed(long value, int width) {
    for (int i = 0; i < width; i++) put((int) (value >>> 8 * i));
  }

  /** Seven bits to a byte, the lowest first; all but the last have the top bit set. */
  void putVarint(long value) {
    long rest = value;
    while (rest >>> 7 != 0) {
      put((int) (rest & 0x7f | 0x80));
      rest >>>= 7;
    }
    put((int) rest);
  }

  /** Adds 1 to the number that the bytes make, the last of which is its lowest; it does not overflow. */
  void carry() {
    int at = size - 1;
    while (++array[at] == 0) at--;
  }

  /** Takes zeros from the end, as far back as to a size. */
  void trim(int least) {
    while (size > least && array[size - 1] == 0) size--;
  }

  private void grow(int more) {
    array = Arrays.copyOf(array, Math.max(array.length * 2, Math.addExact(size, more)));
  }
}

package dev.dwindle.backend.cpu.kernel;

/**
 * A run of 8-bit integers inside a heap array.
 *
 * @param array the memory
 * @param offset index of the first element
 * @param signed INT8 rather than UINT8
 */
public record ByteSlice(byte[] array, int offset, boolean signed) {
  /** The element's value. */
  int get(int i) {
    byte value = array[offset + i];
    return signed ? value : value & 255;
  }
}

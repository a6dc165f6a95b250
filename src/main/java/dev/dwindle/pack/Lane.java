package dev.dwindle.pack;

/**
 * Bytes of an array that stand a step apart: one byte of each element of a block.
 *
 * @param from position of the first
 * @param count how many there are
 */
record Lane(byte[] array, int from, int step, int count) {
  /** All bytes of an array. */
  static Lane of(byte[] array) {
    return new Lane(array, 0, 1, array.length);
  }

  int at(int i) {
    return array[from + i * step] & 0xff;
  }

  void put(char[] symbols) {
    for (int i = 0; i < count; i++) array[from + i * step] = (byte) symbols[i];
  }

  void fill(int symbol) {
    for (int i = 0; i < count; i++) array[from + i * step] = (byte) symbol;
  }

  char[] symbols() {
    char[] symbols = new char[count];
    for (int i = 0; i < count; i++) symbols[i] = (char) at(i);
    return symbols;
  }

  /** The bytes, one behind the other. */
  byte[] dense() {
    byte[] bytes = new byte[count];
    for (int i = 0; i < count; i++) bytes[i] = array[from + i * step];
    return bytes;
  }

  /** How often each byte occurs, among all or every so many. */
  int[] counts(int every) {
    int[] counts = new int[256];
    // Equal neighbours would wait for each other at one counter.
    int[] others = new int[256];
    int i = 0;
    for (; i + every < count; i += 2 * every) {
      counts[at(i)]++;
      others[at(i + every)]++;
    }
    if (i < count) counts[at(i)]++;
    for (int s = 0; s < 256; s++) counts[s] += others[s];
    return counts;
  }
}

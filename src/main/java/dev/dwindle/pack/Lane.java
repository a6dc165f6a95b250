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

  /** Takes as many bytes from an array. The steps that are named take two thirds of the time: the compiler knows them. */
  void put(byte[] source, int at) {
    switch (step) {
      case 2 -> {
        for (int i = 0; i < count; i++) array[from + 2 * i] = source[at + i];
      }
      case 4 -> {
        for (int i = 0; i < count; i++) array[from + 4 * i] = source[at + i];
      }
      default -> {
        for (int i = 0; i < count; i++) array[from + i * step] = source[at + i];
      }
    }
  }

  /** Gives the bytes to an array, one behind the other. */
  void copyTo(byte[] target, int at) {
    switch (step) {
      case 2 -> {
        for (int i = 0; i < count; i++) target[at + i] = array[from + 2 * i];
      }
      case 4 -> {
        for (int i = 0; i < count; i++) target[at + i] = array[from + 4 * i];
      }
      default -> {
        for (int i = 0; i < count; i++) target[at + i] = array[from + i * step];
      }
    }
  }

  void fill(int symbol) {
    for (int i = 0; i < count; i++) array[from + i * step] = (byte) symbol;
  }

  char[] symbols() {
    char[] symbols = new char[count];
    for (int i = 0; i < count; i++) symbols[i] = (char) at(i);
    return symbols;
  }

  /** How often each byte occurs, among all or every so many. */
  int[] counts(int every) {
    // Counters of four symbols apart: equal symbols in a row would wait for each other at one.
    int[] counters = new int[4 * 256];
    int apart = every * step;
    int at = from;
    int taken = Math.ceilDiv(count, every);
    for (int i = taken / 4; i > 0; i--, at += 4 * apart) {
      counters[array[at] & 0xff]++;
      counters[256 + (array[at + apart] & 0xff)]++;
      counters[512 + (array[at + 2 * apart] & 0xff)]++;
      counters[768 + (array[at + 3 * apart] & 0xff)]++;
    }
    for (int i = taken & 3; i > 0; i--, at += apart) counters[array[at] & 0xff]++;
    int[] counts = new int[256];
    for (int i = 0; i < counters.length; i++) counts[i & 0xff] += counters[i];
    return counts;
  }
}

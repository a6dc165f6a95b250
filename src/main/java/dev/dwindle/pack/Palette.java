package dev.dwindle.pack;

import java.util.Arrays;

/** The distinct keys of a block, ascending as unsigned numbers, and for each element the index of its key. */
record Palette(int[] keys, char[] indices) {
  /** The palette of so many keys at most, or null where there are more. */
  static Palette of(int[] elements, int most) {
    int[] slots = new int[4 * Integer.highestOneBit(most)];
    boolean[] taken = new boolean[slots.length];
    int[] distinct = new int[most];
    int size = 0;
    int mask = slots.length - 1;
    for (int e : elements) {
      int at = slot(e, mask);
      while (taken[at] && slots[at] != e) at = at + 1 & mask;
      if (taken[at]) continue;
      if (size == most) return null;
      taken[at] = true;
      slots[at] = e;
      distinct[size++] = e ^ Integer.MIN_VALUE;
    }
    int[] keys = Arrays.copyOf(distinct, size);
    Arrays.sort(keys);
    char[] ranks = new char[slots.length];
    for (int i = 0; i < size; i++) {
      keys[i] ^= Integer.MIN_VALUE;
      int at = slot(keys[i], mask);
      while (slots[at] != keys[i] || !taken[at]) at = at + 1 & mask;
      ranks[at] = (char) i;
    }
    char[] indices = new char[elements.length];
    for (int i = 0; i < elements.length; i++) {
      int at = slot(elements[i], mask);
      while (slots[at] != elements[i] || !taken[at]) at = at + 1 & mask;
      indices[i] = ranks[at];
    }
    return new Palette(keys, indices);
  }

  private static int slot(int key, int mask) {
    return (key * 0x9E3779B1 >>> 15) & mask;
  }
}

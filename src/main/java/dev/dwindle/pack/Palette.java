package dev.dwindle.pack;

import java.util.Arrays;

/** The distinct keys of a block, ascending as unsigned numbers, and for each element the index of its key. */
record Palette(int[] keys, char[] indices) {
  /** The palette of so many keys at most, or null where there are more. */
  static Palette of(Keys elements, int most) {
    int[] slots = new int[4 * Integer.highestOneBit(most)];
    boolean[] taken = new boolean[slots.length];
    int[] distinct = new int[most];
    int size = 0;
    int mask = slots.length - 1;
    for (int i = 0; i < elements.count(); i++) {
      int e = elements.at(i);
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
    char[] indices = new char[elements.count()];
    for (int i = 0; i < indices.length; i++) {
      int e = elements.at(i);
      int at = slot(e, mask);
      while (slots[at] != e || !taken[at]) at = at + 1 & mask;
      indices[i] = ranks[at];
    }
    return new Palette(keys, indices);
  }

  /** Writes ascending keys as the steps between them: how many bits a step has, learned, then those below its highest. */
  static void write(int[] keys, Bytes out) {
    Bytes part = new Bytes(4 * keys.length);
    BitWriter coder = new BitWriter(part);
    code(coder, keys, true);
    coder.finish();
    out.putVarint(part.size());
    out.put(part.toArray());
  }

  /** Reads so many keys. */
  static int[] read(Reading in, int count) {
    Reading part = in.part(in.varint());
    int[] keys = new int[count];
    code(new BitReader(part.get(part.left())), keys, false);
    return keys;
  }

  private static void code(BitCoder coder, int[] keys, boolean writing) {
    int[] cells = new int[64];
    Arrays.fill(cells, Logistic.EVEN);
    int next = 0;
    for (int i = 0; i < keys.length; i++) {
      int step = keys[i] - next;
      int length = 32 - Integer.numberOfLeadingZeros(step);
      int prefix = 1;
      for (int shift = 5; shift >= 0; shift--) {
        prefix = prefix << 1 | Logistic.code(coder, length >>> shift & 1, cells, prefix, 60);
      }
      length = Math.min(32, prefix & 63);
      int read = length == 0 ? 0 : 1;
      for (int shift = length - 2; shift >= 0; shift--) {
        read = read << 1 | coder.code(step >>> shift & 1, 1 << 15);
      }
      if (!writing) keys[i] = next + read;
      next = keys[i] + 1;
    }
  }

  private static int slot(int key, int mask) {
    return (key * 0x9E3779B1 >>> 15) & mask;
  }
}

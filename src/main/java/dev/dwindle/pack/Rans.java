package dev.dwindle.pack;

import dev.dwindle.tensor.InvalidInputException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Range variant of asymmetric numeral systems (Duda, 2013) with one static table, and up to {@link #MOST_LANES} states in turn,
 * so that a vector of them takes its steps together (Giesen, "Interleaved entropy coders", 2014). A state is from 2^15 to
 * 2^31 - 1; when it runs low, it takes in a word of 16 bits. Symbols are written from the last to the first, and read forwards.
 */
final class Rans {
  static final int LOW = 1 << 15;
  private static final int MOST_LANES = 32;
  private static final int LEAST_OF_A_LANE = 128;

  private final Bytes head;
  private final int[] states;
  private final short[] words;
  private final int size;

  private Rans(Bytes head, int[] states, short[] words, int size) {
    this.head = head;
    this.states = states;
    this.words = words;
    this.size = size;
  }

  /** How many states there are, a power of two: each takes four bytes, so that few symbols do not pay for many. */
  private static int lanes(int count) {
    return Math.clamp(Integer.highestOneBit(count / LEAST_OF_A_LANE), 1, MOST_LANES);
  }

  /** What the frequencies add up to, as a power of two: few symbols do not pay for a large table. */
  private static int scale(int count) {
    return count < 1 << 14 ? 10 : 12;
  }

  /** Codes symbols of which two or more differ; counts are those of the symbols. With vectors or without, the bytes are the same. */
  static Rans of(byte[] symbols, int[] counts, boolean vectors) {
    int scale = scale(symbols.length);
    Bytes out = new Bytes(64);
    int[] frequencies = frequencies(counts, symbols.length, 1 << scale);
    int first = 0;
    while (frequencies[first] == 0) first++;
    int last = frequencies.length - 1;
    while (frequencies[last] == 0) last--;
    out.put(first);
    out.put(last);
    for (int s = first; s <= last; s++) out.putVarint(frequencies[s]);

    int[] states = new int[lanes(symbols.length)];
    Arrays.fill(states, LOW);
    short[] words = new short[mostWords(counts, frequencies, scale, symbols.length)];
    int[] codes = codes(frequencies);
    int whole = vectors ? RansVectors.most(symbols.length, states) : 0;
    int size = encode(symbols, whole, codes, scale, states, words);
    if (whole > 0) size = RansVectors.encode(symbols, whole, codes, scale, states, words, size);
    reverse(words, size, whole > 0);
    return new Rans(out, states, words, size);
  }

  /** Bytes that {@link #writeTo} writes. */
  int bytes() {
    return head.size() + 4 * states.length + 2 * size;
  }

  void writeTo(Bytes out) {
    out.put(head);
    for (int x : states) out.putFixed(x, 4);
    out.put(words, size);
  }

  /**
   * No fewer words than there will be, and room for a vector behind them. A symbol makes a state 9/8 of total / frequency times as large at most, since the state is at least eight
   * times the frequency: that is a fifth of a bit more than the logarithm, which is rounded up.
   */
  private static int mostWords(int[] counts, int[] frequencies, int scale, int count) {
    long bits = count / 5;
    for (int s = 0; s < counts.length; s++) {
      if (counts[s] > 0) bits += (long) counts[s] * (scale - 31 + Integer.numberOfLeadingZeros(frequencies[s]));
    }
    return (int) (bits / 16) + 3 * MOST_LANES;
  }

  private static void reverse(short[] words, int size, boolean vectors) {
    int i = vectors ? RansVectors.reverse(words, size) : 0;
    for (int j = size - 1 - i; i < j; i++, j--) {
      short w = words[i];
      words[i] = words[j];
      words[j] = w;
    }
  }

  /** Codes the symbols from a place on, the last one first; returns how many words there are. */
  private static int encode(byte[] symbols, int from, int[] codes, int scale, int[] states, short[] words) {
    if (from == symbols.length) return 0;
    double[] inverses = new double[256];
    for (int s = 0; s < 256; s++) inverses[s] = 1.0 / (codes[s] & 0xfff);
    int total = 1 << scale;
    int mask = states.length - 1;
    int size = 0;
    for (int i = symbols.length - 1; i >= from; i--) {
      int s = symbols[i] & 0xff;
      int frequency = codes[s] & 0xfff;
      int x = states[i & mask];
      // 16 where the state would grow too large, else 0.
      int bits = frequency - 1 - (x >>> 31 - scale) >> 31 & 16;
      words[size] = (short) x;
      size += bits >>> 4;
      x >>>= bits;
      // A half keeps what divides exactly from being rounded below the quotient.
      int quotient = (int) ((x + 0.5) * inverses[s]);
      states[i & mask] = x + quotient * (total - frequency) + (codes[s] >>> 12);
    }
    return size;
  }

  /** For each symbol its frequency (12 bits) and, above, what the frequencies before it add up to. */
  private static int[] codes(int[] frequencies) {
    int[] codes = new int[256];
    int sum = 0;
    for (int s = 0; s < frequencies.length; s++) {
      codes[s] = sum << 12 | frequencies[s];
      sum += frequencies[s];
    }
    return codes;
  }

  /** Reads so many symbols, with vectors or without. */
  static byte[] read(Reading in, int count, boolean vectors) {
    int scale = scale(count);
    int[] table = table(in, scale);
    int[] states = new int[lanes(count)];
    for (int k = 0; k < states.length; k++) {
      states[k] = (int) in.fixed(4);
      if (states[k] < LOW) throw new InvalidInputException("found a state that no encoder leaves");
    }
    int end = in.left() / 2;
    if (end > count || (in.left() & 1) != 0) throw new InvalidInputException("found more bytes than symbols take");
    // Zeros behind the words of a damaged block spare the loops their checks.
    short[] words = new short[end + 2 * MOST_LANES];
    ByteBuffer.wrap(in.get(2 * end)).order(ByteOrder.LITTLE_ENDIAN).asShortBuffer().get(words, 0, end);
    byte[] symbols = new byte[count];
    int whole = vectors ? RansVectors.most(count, states) : 0;
    int at = whole == 0 ? 0 : RansVectors.decode(table, scale, words, end, states, symbols, whole);
    at = decode(table, scale, words, at, end, states, symbols, whole);
    boolean complete = at == end;
    for (int x : states) complete &= x == LOW;
    if (!complete) throw new InvalidInputException("found words that no encoder writes");
    return symbols;
  }

  /** Reads the symbols from a place on; returns the place behind the last word that was taken. */
  private static int decode(int[] table, int scale, short[] words, int start, int end, int[] states, byte[] symbols,
      int from) {
    int mask = (1 << scale) - 1;
    int at = start;
    for (int i = from; i < symbols.length && at <= end; i += states.length) {
      int lanes = Math.min(states.length, symbols.length - i);
      for (int k = 0; k < lanes; k++) {
        int x = states[k];
        int entry = table[x & mask];
        symbols[i + k] = (byte) entry;
        x = (entry >>> 20) * (x >>> scale) + (entry >>> 8 & 0xfff);
        int low = x - LOW >> 31;
        states[k] = x << (low & 16) | words[at] & 0xffff & low;
        at -= low;
      }
    }
    return at;
  }

  /** For each slot: the frequency of its symbol (12 bits), the slot among those of the symbol (12 bits), the symbol (8 bits). */
  private static int[] table(Reading in, int scale) {
    int total = 1 << scale;
    int first = in.get();
    int last = in.get();
    int[] table = new int[total];
    int sum = 0;
    for (int s = first; s <= last; s++) {
      int frequency = (int) in.varint("of " + total, 0, Math.min(total - 1, total - sum));
      for (int k = 0; k < frequency; k++) table[sum + k] = (frequency << 20 | s) + (k << 8);
      sum += frequency;
    }
    if (sum != total)
      throw new InvalidInputException("found frequencies that add up to " + sum + ", expected " + total);
    return table;
  }

  /** Frequencies that add up to the total, none 0 where the count is not. */
  private static int[] frequencies(int[] counts, int count, int total) {
    int[] frequencies = new int[counts.length];
    int left = total;
    int largest = 0;
    for (int s = 0; s < counts.length; s++) {
      if (counts[s] == 0) continue;
      frequencies[s] = (int) Math.max(1, ((long) counts[s] * total + count / 2) / count);
      left -= frequencies[s];
      if (counts[s] > counts[largest]) largest = s;
    }
    // What rounding took or gave goes to the frequent ones.
    while (left != 0) {
      int at = largest;
      if (left < 0) {
        for (int s = 0; s < counts.length; s++) if (frequencies[s] > frequencies[at]) at = s;
      }
      int step = left > 0 ? left : -Math.min(-left, Math.max(1, frequencies[at] / 8));
      frequencies[at] += step;
      left -= step;
    }
    return frequencies;
  }
}

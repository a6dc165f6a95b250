package dev.dwindle.pack;

import dev.dwindle.tensor.InvalidInputException;

/**
 * Range variants of asymmetric numeral systems (Duda, 2013) with one static table and four interleaved states of 63 bits,
 * renormalized by 32 bits.
 */
final class Rans {
  static final int MOST_SYMBOLS = 256;
  private static final int SCALE = 12;
  private static final int TOTAL = 1 << SCALE;
  private static final long LOW = 1L << 31;

  private Rans() {}

  /** Writes symbols of which two or more differ; counts are those of the symbols. */
  static void write(char[] symbols, int count, int[] counts, Bytes out) {
    int[] frequencies = frequencies(counts, count);
    int first = 0;
    while (frequencies[first] == 0) first++;
    int last = frequencies.length - 1;
    while (frequencies[last] == 0) last--;
    out.put(first);
    out.put(last);
    for (int s = first; s <= last; s++) out.putVarint(frequencies[s]);
    int[] starts = new int[frequencies.length];
    for (int s = 1; s < starts.length; s++) starts[s] = starts[s - 1] + frequencies[s - 1];
    int[] words = new int[count / 2 + 16];
    long[] states = {LOW, LOW, LOW, LOW};
    int from = encode(symbols, count, frequencies, starts, states, words);
    for (long state : states) out.putFixed(state, 8);
    byte[] bytes = new byte[4 * (words.length - from)];
    for (int i = from, b = 0; i < words.length; i++, b += 4) Keys.INT.set(bytes, b, words[i]);
    out.put(bytes);
  }

  /** Writes from the last symbol to the first; returns where the words begin. */
  private static int encode(char[] symbols, int count, int[] frequencies, int[] starts, long[] states, int[] words) {
    int at = words.length;
    for (int i = count - 1; i >= 0; i--) {
      int s = symbols[i];
      long f = frequencies[s];
      long x = states[i & 3];
      if (x >= f << 63 - SCALE) {
        words[--at] = (int) x;
        x >>>= 32;
      }
      long q = x / f;
      states[i & 3] = (q << SCALE) + (x - q * f) + starts[s];
    }
    return at;
  }

  static void read(Reading in, char[] symbols, int count) {
    int[] table = table(in);
    long a = in.fixed(8);
    long b = in.fixed(8);
    long c = in.fixed(8);
    long d = in.fixed(8);
    if (a < LOW || b < LOW || c < LOW || d < LOW || (in.left() & 3) != 0) {
      throw new InvalidInputException("found states or words that no encoder writes");
    }
    int words = in.left() / 4;
    // A symbol takes one word at most: zeros behind the words of a damaged block spare the loop its checks.
    byte[] bytes = new byte[4 * (words + 4)];
    in.copyTo(bytes, 0, 4 * words);
    int end = 4 * words;
    int at = 0;
    int i = 0;
    for (; i + 4 <= count && at <= end; i += 4) {
      int ea = table[(int) a & TOTAL - 1];
      int eb = table[(int) b & TOTAL - 1];
      int ec = table[(int) c & TOTAL - 1];
      int ed = table[(int) d & TOTAL - 1];
      symbols[i] = (char) (ea & 0xff);
      symbols[i + 1] = (char) (eb & 0xff);
      symbols[i + 2] = (char) (ec & 0xff);
      symbols[i + 3] = (char) (ed & 0xff);
      a = (ea >>> 8 & 0xfff) * (a >>> SCALE) + (ea >>> 20);
      b = (eb >>> 8 & 0xfff) * (b >>> SCALE) + (eb >>> 20);
      c = (ec >>> 8 & 0xfff) * (c >>> SCALE) + (ec >>> 20);
      d = (ed >>> 8 & 0xfff) * (d >>> SCALE) + (ed >>> 20);
      if (a < LOW) {
        a = a << 32 | (int) Keys.INT.get(bytes, at) & 0xffffffffL;
        at += 4;
      }
      if (b < LOW) {
        b = b << 32 | (int) Keys.INT.get(bytes, at) & 0xffffffffL;
        at += 4;
      }
      if (c < LOW) {
        c = c << 32 | (int) Keys.INT.get(bytes, at) & 0xffffffffL;
        at += 4;
      }
      if (d < LOW) {
        d = d << 32 | (int) Keys.INT.get(bytes, at) & 0xffffffffL;
        at += 4;
      }
    }
    for (; i < count && at <= end; i++) {
      int entry = table[(int) a & TOTAL - 1];
      symbols[i] = (char) (entry & 0xff);
      long x = (entry >>> 8 & 0xfff) * (a >>> SCALE) + (entry >>> 20);
      if (x < LOW) {
        x = x << 32 | (int) Keys.INT.get(bytes, at) & 0xffffffffL;
        at += 4;
      }
      a = b;
      b = c;
      c = d;
      d = x;
    }
    if (at != end) throw new InvalidInputException("found " + words + " words, expected another number");
  }

  /** For each of 4096 slots: symbol, frequency (12 bits) and slot within the symbol (12 bits). */
  private static int[] table(Reading in) {
    int first = in.get();
    int last = in.get();
    int[] table = new int[TOTAL];
    int at = 0;
    for (int s = first; s <= last; s++) {
      int frequency = (int) in.varint("of 4096", 0, Math.min(TOTAL - 1, TOTAL - at));
      for (int k = 0; k < frequency; k++) table[at++] = s | frequency << 8 | k << 20;
    }
    if (at != TOTAL) throw new InvalidInputException("found frequencies that add up to " + at + ", expected " + TOTAL);
    return table;
  }

  /** Frequencies that add up to 4096, none 0 where the count is not. */
  private static int[] frequencies(int[] counts, int count) {
    int[] frequencies = new int[counts.length];
    int left = TOTAL;
    int largest = 0;
    for (int s = 0; s < counts.length; s++) {
      if (counts[s] == 0) continue;
      frequencies[s] = (int) Math.max(1, ((long) counts[s] * TOTAL + count / 2) / count);
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

package dev.dwindle.pack;

import dev.dwindle.tensor.InvalidInputException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Table variant of asymmetric numeral systems (Duda, 2013) with one static table and four interleaved states: a symbol takes a
 * look into the table and some bits. Bits are written from the last symbol to the first, and read forwards.
 */
final class Tans {
  private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  private Tans() {}

  /** Slots of the table, as a power of two: few symbols do not pay for a large one. */
  private static int scale(int count) {
    return count < 1 << 15 ? 10 : 12;
  }

  /** Writes symbols of which two or more differ; counts are those of the symbols. */
  static void write(Lane symbols, int[] counts, Bytes out) {
    int scale = scale(symbols.count());
    int[] frequencies = frequencies(counts, symbols.count(), 1 << scale);
    int first = 0;
    while (frequencies[first] == 0) first++;
    int last = frequencies.length - 1;
    while (frequencies[last] == 0) last--;
    out.put(first);
    out.put(last);
    for (int s = first; s <= last; s++) out.putVarint(frequencies[s]);
    for (int i = symbols.count() & ~3; i < symbols.count(); i++) out.put(symbols.at(i));

    byte[] bytes = new byte[(int) (bits(counts, frequencies, scale) / 8) + 24];
    int from = encode(symbols, frequencies, scale, bytes);
    out.put(bytes, from, bytes.length - from);
  }

  /** The most bits that a symbol of this frequency takes. */
  private static int mostBits(int frequency, int scale) {
    return frequency == 1 ? scale : scale - 31 + Integer.numberOfLeadingZeros(frequency - 1);
  }

  private static long bits(int[] counts, int[] frequencies, int scale) {
    long bits = 0;
    for (int s = 0; s < counts.length; s++)
      if (counts[s] > 0) bits += (long) mostBits(frequencies[s], scale) * counts[s];
    return bits;
  }

  /** The bits stand at the end of the bytes; returns where they begin. */
  private static int encode(Lane symbols, int[] frequencies, int scale, byte[] bytes) {
    // A state x gives (x + shifts[s] >>> 16) bits away; what is left is from f to 2 f - 1.
    int total = 1 << scale;
    char[] next = next(frequencies, total);
    int[] shifts = new int[256];
    int[] places = new int[256];
    for (int s = 0, start = 0; s < frequencies.length; s++) {
      int f = frequencies[s];
      if (f == 0) continue;
      shifts[s] = (mostBits(f, scale) << 16) - (f << mostBits(f, scale));
      places[s] = start - f;
      start += f;
    }
    byte[] array = symbols.array();
    int step = symbols.step();
    int a = total;
    int b = total;
    int c = total;
    int d = total;
    long held = 0;
    int bits = 0;
    int at = bytes.length;
    int place = symbols.from() + (symbols.count() & ~3) * step;
    for (int i = symbols.count() / 4; i > 0; i--) {
      place -= 4 * step;
      int s = array[place + 3 * step] & 0xff;
      int n = d + shifts[s] >>> 16;
      held |= (long) (d & (1 << n) - 1) << bits;
      bits += n;
      d = next[(d >>> n) + places[s]];
      s = array[place + 2 * step] & 0xff;
      n = c + shifts[s] >>> 16;
      held |= (long) (c & (1 << n) - 1) << bits;
      bits += n;
      c = next[(c >>> n) + places[s]];
      s = array[place + step] & 0xff;
      n = b + shifts[s] >>> 16;
      held |= (long) (b & (1 << n) - 1) << bits;
      bits += n;
      b = next[(b >>> n) + places[s]];
      s = array[place] & 0xff;
      n = a + shifts[s] >>> 16;
      held |= (long) (a & (1 << n) - 1) << bits;
      bits += n;
      a = next[(a >>> n) + places[s]];
      LONG.set(bytes, at - 8, held);
      at -= bits >>> 3;
      held >>>= bits & 56;
      bits &= 7;
    }
    for (int x : new int[] {d, c, b, a}) {
      held |= (long) (x - total) << bits;
      bits += scale;
    }
    LONG.set(bytes, at - 8, held | 1L << bits);
    return at - bits / 8 - 1;
  }

  static void read(Reading in, Lane symbols) {
    int scale = scale(symbols.count());
    int[] table = table(in, scale);
    int whole = symbols.count() & ~3;
    byte[] array = symbols.array();
    int step = symbols.step();
    for (int i = whole; i < symbols.count(); i++) array[symbols.from() + i * step] = (byte) in.get();
    int end = 8 * in.left();
    // Zeros behind the bits of a damaged block spare the loop its checks.
    byte[] bytes = new byte[in.left() + 16];
    in.copyTo(bytes, 0, in.left());
    int at = Integer.numberOfLeadingZeros(bytes[0] & 0xff) - 23;
    if (at > 8 || end < at + 4 * scale) throw new InvalidInputException("found too few bits");
    long held = (long) LONG.get(bytes, 0) << at;
    int a = (int) (held >>> 64 - scale);
    int b = (int) (held << scale >>> 64 - scale);
    int c = (int) (held << 2 * scale >>> 64 - scale);
    int d = (int) (held << 3 * scale >>> 64 - scale);
    at += 4 * scale;
    int place = symbols.from();
    for (int i = 0; i < whole && at <= end; i += 4) {
      held = (long) LONG.get(bytes, at >>> 3) << (at & 7);
      int ea = table[a];
      int eb = table[b];
      int ec = table[c];
      int ed = table[d];
      array[place] = (byte) (ea >>> 8);
      array[place + step] = (byte) (eb >>> 8);
      array[place + 2 * step] = (byte) (ec >>> 8);
      array[place + 3 * step] = (byte) (ed >>> 8);
      place += 4 * step;
      // Shifts look at the lowest six bits alone: in an entry, and in a sum of entries, the number of bits.
      int ab = ea + eb;
      int abc = ab + ec;
      a = (ea >>> 16) + (int) (held >>> 1 >>> ~ea);
      b = (eb >>> 16) + (int) (held << ea >>> 1 >>> ~eb);
      c = (ec >>> 16) + (int) (held << ab >>> 1 >>> ~ec);
      d = (ed >>> 16) + (int) (held << abc >>> 1 >>> ~ed);
      at += abc + ed & 63;
    }
    if (at != end || (a | b | c | d) != 0) {
      throw new InvalidInputException("found bits that no encoder writes");
    }
  }

  /** For each slot: bits that follow the symbol (8 bits), the symbol (8 bits), the next slot where those are 0 (16 bits). */
  private static int[] table(Reading in, int scale) {
    int total = 1 << scale;
    int first = in.get();
    int last = in.get();
    int[] frequencies = new int[256];
    int sum = 0;
    for (int s = first; s <= last; s++) {
      frequencies[s] = (int) in.varint("of " + total, 0, Math.min(total - 1, total - sum));
      sum += frequencies[s];
    }
    if (sum != total)
      throw new InvalidInputException("found frequencies that add up to " + sum + ", expected " + total);
    byte[] spread = spread(frequencies, total);
    int[] table = new int[total];
    for (int slot = 0; slot < total; slot++) {
      int s = spread[slot] & 0xff;
      int x = frequencies[s]++;
      int bits = Integer.numberOfLeadingZeros(x) - 31 + scale;
      table[slot] = bits | s << 8 | (x << bits) - total << 16;
    }
    return table;
  }

  /** The states of each symbol, ascending, one symbol behind the other. */
  private static char[] next(int[] frequencies, int total) {
    int[] places = new int[256];
    for (int s = 1; s < frequencies.length; s++) places[s] = places[s - 1] + frequencies[s - 1];
    byte[] spread = spread(frequencies, total);
    char[] next = new char[total];
    for (int slot = 0; slot < total; slot++) next[places[spread[slot] & 0xff]++] = (char) (total + slot);
    return next;
  }

  /** The symbol of each slot. */
  private static byte[] spread(int[] frequencies, int total) {
    byte[] spread = new byte[total];
    // Slots of equal symbols stand about as far apart as they can; the step is odd, so that all slots are met.
    int step = total / 2 + total / 8 + 3;
    int slot = 0;
    for (int s = 0; s < frequencies.length; s++) {
      for (int k = 0; k < frequencies[s]; k++, slot = slot + step & total - 1) spread[slot] = (byte) s;
    }
    return spread;
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

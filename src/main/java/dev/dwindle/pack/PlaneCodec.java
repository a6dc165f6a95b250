package dev.dwindle.pack;

import dev.dwindle.tensor.InvalidInputException;
import java.util.Arrays;

/** Codes one symbol of each element of a block, by the way that takes the fewest bytes. */
final class PlaneCodec {
  private static final int RAW = 0;
  private static final int CONSTANT = 1;
  private static final int RANS = 2;
  private static final int MODELLED = 3;
  private static final int SAMPLE = 2048;
  private static final int SMALL_SAMPLE = 256;

  private static final double LOG_2 = Math.log(2);
  private static final double[] TIMES_LOG2 = new double[1024];

  static {
    for (int i = 1; i < TIMES_LOG2.length; i++) TIMES_LOG2[i] = i * Math.log(i) / LOG_2;
  }

  private PlaneCodec() {}

  /**
   * What a plane is.
   *
   * @param alphabet symbols are below this, which is at most 4096
   * @param centre symbol of the smallest magnitude, or -1 to take the most frequent one
   */
  record Plane(int alphabet, Neighbours neighbours, Magnitudes magnitudes, int centre) {
    int rawBytes() {
      return alphabet > 256 ? 2 : 1;
    }
  }

  static int[] counts(char[] symbols, int alphabet) {
    int[] counts = new int[alphabet];
    for (char s : symbols) counts[s]++;
    return counts;
  }

  /** The bits that symbols with these counts take at least where each stands by itself. */
  static double bits(int[] counts, int count) {
    double bits = timesLog2(count);
    for (int c : counts) bits -= timesLog2(c);
    return bits;
  }

  /** A count times its binary logarithm. */
  private static double timesLog2(int count) {
    return count < TIMES_LOG2.length ? TIMES_LOG2[count] : count * Math.log(count) / LOG_2;
  }

  /** How often each symbol occurs, among all or every so many. */
  static int[] counts(byte[] symbols, int every) {
    // Counters of four symbols apart: equal symbols in a row would wait for each other at one.
    int[] counters = new int[4 * 256];
    int at = 0;
    int taken = Math.ceilDiv(symbols.length, every);
    for (int i = taken / 4; i > 0; i--, at += 4 * every) {
      counters[symbols[at] & 0xff]++;
      counters[256 + (symbols[at + every] & 0xff)]++;
      counters[512 + (symbols[at + 2 * every] & 0xff)]++;
      counters[768 + (symbols[at + 3 * every] & 0xff)]++;
    }
    for (int i = taken & 3; i > 0; i--, at += every) counters[symbols[at] & 0xff]++;
    int[] counts = new int[256];
    for (int s = 0; s < 256; s++) counts[s] = counters[s] + counters[256 + s] + counters[512 + s] + counters[768 + s];
    return counts;
  }

  /** Writes symbols of a byte each. */
  static void write(byte[] symbols, Plane plane, Preset preset, Bytes out) {
    int count = symbols.length;
    if (looksRandom(symbols)) {
      out.put(RAW);
      out.put(symbols);
      return;
    }
    int[] counts = Arrays.copyOf(counts(symbols, 1), plane.alphabet);
    int mode = mode(counts);
    if (counts[mode] == count) {
      writeConstant(mode, out);
      return;
    }
    if (!mayPay(counts, count, plane) || !writeShorter(symbols, plane, counts, mode, preset, out)) {
      out.put(RAW);
      out.put(symbols);
    }
  }

  /** Codes symbols where that makes them shorter; returns whether it did. */
  private static boolean writeShorter(byte[] symbols, Plane plane, int[] counts, int mode, Preset preset, Bytes out) {
    if (preset == Preset.FAST) {
      Rans coded = Rans.of(symbols, counts, Vectors.pay(symbols.length));
      if (coded.bytes() >= symbols.length) return false;
      out.put(RANS);
      out.putVarint(coded.bytes());
      coded.writeTo(out);
    } else {
      Bytes coded = new Bytes(0);
      model(widened(symbols), plane, counts, mode, coded);
      if (coded.size() >= symbols.length) return false;
      writeCoded(coded, out);
    }
    return true;
  }

  private static char[] widened(byte[] symbols) {
    char[] wide = new char[symbols.length];
    for (int i = 0; i < wide.length; i++) wide[i] = (char) (symbols[i] & 0xff);
    return wide;
  }

  /** Writes symbols of an alphabet of more than 256, for which there is one coder only. */
  static void writeWide(char[] symbols, Plane plane, Bytes out) {
    int[] counts = counts(symbols, plane.alphabet);
    int mode = mode(counts);
    if (counts[mode] == symbols.length) {
      writeConstant(mode, out);
      return;
    }
    Bytes coded = new Bytes(symbols.length);
    if (mayPay(counts, symbols.length, plane)) model(symbols, plane, counts, mode, coded);
    if (coded.size() > 0 && coded.size() < 2 * symbols.length) {
      writeCoded(coded, out);
    } else {
      out.put(RAW);
      for (char s : symbols) out.put(s & 0xff);
      for (char s : symbols) out.put(s >>> 8);
    }
  }

  private static int mode(int[] counts) {
    int mode = 0;
    for (int s = 1; s < counts.length; s++) if (counts[s] > counts[mode]) mode = s;
    return mode;
  }

  private static void writeConstant(int symbol, Bytes out) {
    out.put(CONSTANT);
    out.putVarint(symbol);
  }

  private static void writeCoded(Bytes coded, Bytes out) {
    out.put(MODELLED);
    out.putVarint(coded.size());
    out.put(coded);
  }

  /** Whether, by a sample, coding would win nothing. Of random bytes, 256 seem to have 7.2 bits and 2048 seem to have 7.91. */
  private static boolean looksRandom(byte[] symbols) {
    int every = symbols.length / SAMPLE;
    if (every < 3) return false; // to count all takes little longer
    return bits(symbols, symbols.length / SMALL_SAMPLE) > 6.9 && bits(symbols, every) > 7.86;
  }

  /** The bits that each of every so many symbols takes. */
  private static double bits(byte[] symbols, int every) {
    int taken = Math.ceilDiv(symbols.length, every);
    return bits(counts(symbols, every), taken) / taken;
  }

  /** Whether coding can win a hundredth, with what it takes to tell or to learn how frequent each symbol is. */
  private static boolean mayPay(int[] counts, int count, Plane plane) {
    int symbols = 0;
    for (int c : counts) if (c > 0) symbols++;
    return bits(counts, count) + 4 * symbols < 7.92 * plane.rawBytes() * count;
  }

  private static void model(char[] symbols, Plane plane, int[] counts, int mode, Bytes out) {
    int centre = plane.centre < 0 ? mode : plane.centre;
    out.putVarint(centre);
    BitWriter coder = new BitWriter(out);
    new SymbolModel(plane.alphabet, plane.neighbours, plane.magnitudes, centre).write(coder, symbols, symbols.length,
        DecisionTree.of(counts));
    coder.finish();
  }

  /** Reads symbols of a byte each. */
  static byte[] read(Reading in, int count, Plane plane) {
    int way = in.get();
    byte[] symbols = switch (way) {
      case RAW -> in.get(count);
      case CONSTANT -> constant((int) in.varint("as a symbol", 0, plane.alphabet - 1), count);
      case RANS -> Rans.read(in.part(in.varint()), count, Vectors.pay(count));
      case MODELLED -> narrowed(readModelled(in, count, plane));
      default -> throw noCoder(way);
    };
    if (plane.alphabet < 256) {
      for (byte s : symbols) requireBelow(s & 0xff, plane.alphabet);
    }
    return symbols;
  }

  private static byte[] constant(int symbol, int count) {
    byte[] symbols = new byte[count];
    Arrays.fill(symbols, (byte) symbol);
    return symbols;
  }

  static byte[] narrowed(char[] symbols) {
    byte[] narrow = new byte[symbols.length];
    for (int i = 0; i < narrow.length; i++) narrow[i] = (byte) symbols[i];
    return narrow;
  }

  /** Reads symbols of an alphabet of more than 256. */
  static char[] readWide(Reading in, int count, Plane plane) {
    int way = in.get();
    if (way == MODELLED) return readModelled(in, count, plane);
    char[] symbols = new char[count];
    if (way == CONSTANT) {
      Arrays.fill(symbols, (char) in.varint("as a symbol", 0, plane.alphabet - 1));
    } else if (way == RAW) {
      byte[] raw = in.get(2 * count);
      for (int i = 0; i < count; i++) {
        symbols[i] = (char) (raw[i] & 0xff | (raw[count + i] & 0xff) << 8);
        requireBelow(symbols[i], plane.alphabet);
      }
    } else {
      throw noCoder(way);
    }
    return symbols;
  }

  private static char[] readModelled(Reading in, int count, Plane plane) {
    Reading part = in.part(in.varint());
    int centre = (int) part.varint("as a centre", 0, plane.alphabet - 1);
    BitReader coder = new BitReader(part.get(part.left()));
    char[] symbols = new char[count];
    new SymbolModel(plane.alphabet, plane.neighbours, plane.magnitudes, centre).read(coder, symbols, count);
    return symbols;
  }

  private static InvalidInputException noCoder(int way) {
    return new InvalidInputException("found coder " + way + ", expected one of this alphabet");
  }

  private static void requireBelow(int symbol, int alphabet) {
    if (symbol >= alphabet) {
      throw new InvalidInputException("found symbol " + symbol + ", expected less than " + alphabet);
    }
  }
}

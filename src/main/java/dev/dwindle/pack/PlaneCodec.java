package dev.dwindle.pack;

import dev.dwindle.tensor.InvalidInputException;

/** Codes one symbol of each element of a block, by the way that takes the fewest bytes. */
final class PlaneCodec {
  private static final int RAW = 0;
  private static final int CONSTANT = 1;
  private static final int RANS = 2;
  private static final int MODELLED = 3;

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

  static int[] counts(char[] symbols, int count, int alphabet) {
    int[] counts = new int[alphabet];
    for (int i = 0; i < count; i++) counts[symbols[i]]++;
    return counts;
  }

  /** The bits that symbols with these counts take at least where each stands by itself. */
  static double bits(int[] counts, int count) {
    double bits = 0;
    for (int c : counts) if (c > 0) bits -= c * Math.log((double) c / count);
    return bits / Math.log(2);
  }

  static void write(char[] symbols, int count, Plane plane, Preset preset, Bytes out) {
    int[] counts = counts(symbols, count, plane.alphabet);
    int mode = 0;
    for (int s = 1; s < plane.alphabet; s++) if (counts[s] > counts[mode]) mode = s;
    if (count == 0 || counts[mode] == count) {
      out.put(CONSTANT);
      out.putVarint(mode);
      return;
    }
    int rawBytes = count * plane.rawBytes();
    byte[] coded = null;
    if (mayPay(counts, count, plane, preset)) {
      Bytes part = new Bytes(rawBytes / 2);
      if (preset == Preset.FAST) Rans.write(symbols, count, counts, part);
      else
        model(symbols, count, plane, counts, mode, part);
      if (part.size() < rawBytes) coded = part.toArray();
    }
    out.put(coded == null ? RAW : preset == Preset.FAST ? RANS : MODELLED);
    if (coded == null) {
      byte[] raw = new byte[rawBytes];
      for (int i = 0; i < count; i++) raw[i] = (byte) symbols[i];
      for (int i = count; i < rawBytes; i++) raw[i] = (byte) (symbols[i - count] >>> 8);
      out.put(raw);
    } else {
      out.putVarint(coded.length);
      out.put(coded);
    }
  }

  /** Writes symbols of a byte each as they are. */
  static void writeRaw(byte[] symbols, Bytes out) {
    out.put(RAW);
    out.put(symbols);
  }

  /** Whether the next plane is stored as it is. */
  static boolean isRaw(Reading in) {
    return in.peek() == RAW;
  }

  /** Whether coding can win a hundredth, with what it takes to tell or to learn how frequent each symbol is. */
  private static boolean mayPay(int[] counts, int count, Plane plane, Preset preset) {
    int symbols = 0;
    for (int c : counts) if (c > 0) symbols++;
    boolean can = preset == Preset.SMALL || plane.alphabet <= Rans.MOST_SYMBOLS;
    return can && bits(counts, count) + 4 * symbols < 7.92 * plane.rawBytes() * count;
  }

  private static void model(char[] symbols, int count, Plane plane, int[] counts, int mode, Bytes out) {
    int centre = plane.centre < 0 ? mode : plane.centre;
    out.putVarint(centre);
    BitWriter coder = new BitWriter(out);
    new SymbolModel(plane.alphabet, plane.neighbours, plane.magnitudes, centre).write(coder, symbols, count,
        DecisionTree.of(counts));
    coder.finish();
  }

  static void read(Reading in, char[] symbols, int count, Plane plane) {
    int way = in.get();
    switch (way) {
      case RAW -> raw(in, symbols, count, plane);
      case CONSTANT -> {
        int symbol = (int) in.varint("as a symbol", 0, plane.alphabet - 1);
        for (int i = 0; i < count; i++) symbols[i] = (char) symbol;
      }
      case RANS -> {
        if (plane.alphabet > Rans.MOST_SYMBOLS) throw new InvalidInputException("found rANS for a large alphabet");
        Rans.read(in.part(in.varint()), symbols, count);
        if (plane.alphabet < 256) requireBelow(symbols, count, plane.alphabet);
      }
      case MODELLED -> {
        Reading part = in.part(in.varint());
        int centre = (int) part.varint("as a centre", 0, plane.alphabet - 1);
        BitReader coder = new BitReader(part.get(part.left()));
        new SymbolModel(plane.alphabet, plane.neighbours, plane.magnitudes, centre).read(coder, symbols, count);
      }
      default -> throw new InvalidInputException("found coder " + way + ", expected 0 to 3");
    }
  }

  private static void raw(Reading in, char[] symbols, int count, Plane plane) {
    byte[] raw = in.get(count * plane.rawBytes());
    for (int i = 0; i < count; i++) symbols[i] = (char) (raw[i] & 0xff);
    for (int i = count; i < raw.length; i++) symbols[i - count] |= (char) ((raw[i] & 0xff) << 8);
    requireBelow(symbols, count, plane.alphabet);
  }

  private static void requireBelow(char[] symbols, int count, int alphabet) {
    for (int i = 0; i < count; i++) {
      if (symbols[i] >= alphabet) {
        throw new InvalidInputException("found symbol " + (int) symbols[i] + ", expected less than " + alphabet);
      }
    }
  }
}

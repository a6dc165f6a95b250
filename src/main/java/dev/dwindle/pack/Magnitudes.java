package dev.dwindle.pack;

/** What a symbol says of the size of its element, in sixteenths of an octave, from 0 to 255. */
enum Magnitudes {
  /** An octave for each symbol: exponents. */
  OCTAVES,
  /** Eight symbols to an octave: exponents with three bits of the mantissa. */
  EIGHTHS,
  /** The logarithm of the distance from the centre: integers and codebook entries. */
  DISTANCE;

  /** The magnitude of each symbol of an alphabet, where this is the symbol in the middle. */
  int[] of(int alphabet, int centre) {
    int[] table = new int[alphabet];
    for (int symbol = 0; symbol < alphabet; symbol++) {
      table[symbol] = switch (this) {
        case OCTAVES -> 16 * Math.clamp(symbol - centre + 8, 0, 15);
        case EIGHTHS -> 2 * Math.clamp(symbol - centre + 64, 0, 127);
        case DISTANCE -> distance(Math.abs(symbol - centre));
      };
    }
    return table;
  }

  private static int distance(int d) {
    if (d == 0) return 0;
    int octave = 31 - Integer.numberOfLeadingZeros(d);
    return Math.min(255, 64 + 16 * octave + ((d << 4 >>> octave) & 15));
  }
}

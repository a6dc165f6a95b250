package dev.dwindle.pack;

/** Writes decisions. */
final class BitWriter extends BitCoder {
  private static final long MASK = (1L << WIDTH) - 1;

  private final Bytes out;
  private final int begin;

  /** The lowest number of the range, and above {@link #WIDTH} bits what is to be carried into the bytes before. */
  private long low;

  BitWriter(Bytes out) {
    this.out = out;
    begin = out.size();
  }

  @Override
  int code(int bit, int p) {
    long ones = (range >>> 16) * p;
    if (bit != 0) {
      range = ones;
    } else {
      low += ones;
      range -= ones;
    }
    if (range >>> LEAST == 0) {
      shift();
      range <<= STEP;
    }
    return bit;
  }

  private void shift() {
    if (low >>> WIDTH != 0) out.carry();
    for (int bits = WIDTH - 8; bits >= LEAST; bits -= 8) out.put((int) (low >>> bits));
    low = low << STEP & MASK;
  }

  /** Writes as few bytes as tell a number of the range; a reader takes zeros behind the end. */
  void finish() {
    // The number of the range that ends with most zeros.
    int free = WIDTH;
    while (rounded(free) - low >= range) free--;
    low = rounded(free);
    for (int i = 0; i < 3; i++) shift();
    out.trim(begin);
  }

  /** The lowest number that is not below low and ends with so many zeros. */
  private long rounded(int zeros) {
    return low + (1L << zeros) - 1 >>> zeros << zeros;
  }
}

package dev.dwindle.pack;

/** Writes decisions. */
final class BitWriter extends BitCoder {
  private final Bytes out;

  BitWriter(Bytes out) {
    this.out = out;
  }

  @Override
  int code(int bit, int p) {
    long middle = low + ((high - low) * p >>> 16);
    if (bit != 0) high = middle;
    else
      low = middle + 1;
    while ((low ^ high) >>> TOP == 0) {
      out.put((int) (low >>> TOP));
      low = low << 8 & MASK;
      high = high << 8 & MASK | 0xff;
    }
    return bit;
  }

  /** Writes as few bytes as tell the interval from others; a reader takes zeros behind the end. */
  void finish() {
    long value = 0;
    int bytes = 0;
    while (value < low) {
      bytes++;
      int free = 40 - 8 * bytes;
      value = high >>> free << free;
    }
    for (int i = 0; i < bytes; i++) out.put((int) (value >>> TOP - 8 * i));
  }
}

package dev.dwindle.pack;

/** Reads decisions; behind the end of the bytes stand zeros. */
final class BitReader extends BitCoder {
  private final byte[] bytes;
  private int at;
  private long value;

  BitReader(byte[] bytes) {
    this.bytes = bytes;
    for (int i = 0; i < 5; i++) value = value << 8 | next();
  }

  private int next() {
    return at < bytes.length ? bytes[at++] & 0xff : 0;
  }

  @Override
  int code(int ignored, int p) {
    long middle = low + ((high - low) * p >>> 16);
    int bit = 1;
    if (value <= middle) {
      high = middle;
    } else {
      low = middle + 1;
      bit = 0;
    }
    while ((low ^ high) >>> TOP == 0) {
      low = low << 8 & MASK;
      high = high << 8 & MASK | 0xff;
      value = value << 8 & MASK | next();
    }
    return bit;
  }
}

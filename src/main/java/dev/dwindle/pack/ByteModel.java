package dev.dwindle.pack;

import java.util.Arrays;

/**
 * An adaptive model of bytes of any kind: the bits of a byte are predicted from the 0, 1, 2, 3, 4 and 6 bytes before it and
 * from what followed the last time that the same five bytes stood there, mixed by weights that learn.
 */
final class ByteModel {
  private static final int LEAST_BITS = 10;
  private static final int MOST_BITS = 18;
  private static final int INPUTS = 7;
  private static final int LIMIT = 250;
  private static final int LEAST_MATCH = 5;
  private static final int MOST_MATCH = 31;

  private ByteModel() {}

  /** The bytes, coded; a decoder knows the dictionary, too. */
  static byte[] write(byte[] bytes, byte[] dictionary) {
    Bytes out = new Bytes(bytes.length / 4);
    BitWriter coder = new BitWriter(out);
    code(coder, joined(dictionary, bytes), dictionary.length, true);
    coder.finish();
    return out.toArray();
  }

  static byte[] read(byte[] packed, int count, byte[] dictionary) {
    byte[] history = joined(dictionary, new byte[count]);
    code(new BitReader(packed), history, dictionary.length, false);
    return Arrays.copyOfRange(history, dictionary.length, history.length);
  }

  private static byte[] joined(byte[] a, byte[] b) {
    byte[] joined = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, joined, a.length, b.length);
    return joined;
  }

  /** Codes the bytes from {@code begin}; those before it are only learned. */
  private static void code(BitCoder coder, byte[] history, int begin, boolean writing) {
    int bits = Math.clamp(36 - Integer.numberOfLeadingZeros(history.length), LEAST_BITS, MOST_BITS);
    int[][] cells = new int[6][1 << bits];
    for (int[] table : cells) Arrays.fill(table, Logistic.EVEN);
    int[] matches = new int[(MOST_MATCH + 1) * 2];
    Arrays.fill(matches, Logistic.EVEN);
    int[] weights = new int[256 * 3 * INPUTS];
    Arrays.fill(weights, 18000);
    int[] last = new int[1 << 16];
    int[] hashes = new int[6];
    int[] at = new int[6];
    int[] inputs = new int[INPUTS];
    int match = 0;
    int matched = 0;
    long before = 0;
    for (int i = 0; i < history.length; i++) {
      boolean known = writing || i < begin;
      int expected = matched > 0 ? history[match] & 0xff | 0x100 : 0;
      int prefix = 1;
      for (int shift = 7; shift >= 0; shift--) {
        for (int o = 0; o < 6; o++) {
          at[o] = (hashes[o] + prefix) * 0x9E3779B1 >>> 32 - bits;
          inputs[o] = Logistic.STRETCH[cells[o][at[o]] >>> 20];
        }
        boolean follows = expected > 0 && expected >>> shift + 1 == prefix;
        int m = follows ? Math.min(matched, MOST_MATCH) * 2 + (expected >>> shift & 1) : 0;
        inputs[6] = follows ? Logistic.STRETCH[matches[m] >>> 20] : 0;
        int set = ((follows ? matched > 15 ? 2 : 1 : 0) * 256 + prefix) * INPUTS;
        int dot = 0;
        for (int k = 0; k < INPUTS; k++) dot += weights[set + k] * inputs[k] >> 8;
        int p = Logistic.SQUASH[Math.clamp(dot >> 8, -Logistic.LIMIT, Logistic.LIMIT) + 2048];
        int bit = known ? history[i] >>> shift & 1 : 0;
        if (i >= begin) bit = coder.code(bit, p);
        int error = (bit << 16) - p;
        for (int k = 0; k < INPUTS; k++) weights[set + k] += inputs[k] * error + (1 << 15) >> 16;
        for (int o = 0; o < 6; o++) cells[o][at[o]] = Logistic.learned(cells[o][at[o]], bit, LIMIT);
        if (follows) matches[m] = Logistic.learned(matches[m], bit, LIMIT);
        prefix = prefix << 1 | bit;
      }
      history[i] = (byte) prefix;
      before = before << 8 | prefix & 0xff;
      for (int o = 1; o < 6; o++) {
        int bytes = o == 5 ? 6 : o;
        long context = before & (1L << 8 * bytes) - 1;
        hashes[o] = (int) ((context + 1) * 0x9E3779B97F4A7C15L >>> 32) + o * 0x3C6EF372;
      }
      if (matched > 0 && history[match] == (byte) prefix) {
        matched++;
        match++;
      } else {
        matched = 0;
      }
      int hash = (int) ((before & (1L << 8 * LEAST_MATCH) - 1) * 0x9E3779B97F4A7C15L >>> 48);
      if (matched == 0 && i >= LEAST_MATCH) {
        match = last[hash];
        while (matched <= MOST_MATCH && match > matched && history[match - 1 - matched] == history[i - matched])
          matched++;
      }
      last[hash] = i + 1;
    }
  }
}

package dev.dwindle.pack;

/**
 * Probabilities of a 1 in 65536ths and their logarithmic odds in 256ths, each from the other, in whole numbers only, so
 * that every decoder computes the same.
 */
final class Logistic {
  /** Odds reach from -2048 to 2047. */
  static final int LIMIT = 2047;

  /** 65536 / (1 + exp(-x / 256)) at x = -2048, -1920, ..., 2048; straight lines between them. */
  private static final int[] ANCHORS = {22, 36, 60, 98, 162, 267, 439, 720, 1179, 1921, 3108, 4971, 7812, 11955, 17625,
      24743, 32768, 40793, 47911, 53581, 57724, 60565, 62428, 63615, 64357, 64816, 65097, 65269, 65374, 65438, 65476,
      65500, 65514};

  /** Probability by odds + 2048. */
  static final int[] SQUASH = new int[4096];

  /** Odds by probability / 16. */
  static final int[] STRETCH = new int[4096];

  /** By the number of decisions seen, the part of the error by which a probability moves, in 65536ths. */
  static final int[] RATES = new int[1024];

  static {
    for (int i = 0; i < 4096; i++) {
      int left = ANCHORS[i >> 7];
      SQUASH[i] = left + ((ANCHORS[(i >> 7) + 1] - left) * (i & 127) >> 7);
    }
    for (int i = 0, x = 0; i < 4096; i++) {
      while (x < 4095 && SQUASH[x] < i * 16 + 8) x++;
      STRETCH[i] = x - 2048;
    }
    for (int n = 0; n < 1024; n++) RATES[n] = 2 * 65536 / (2 * n + 3);
  }

  /** A cell that has seen nothing: probability in the upper 22 bits, number of decisions in the lower 10. */
  static final int EVEN = 1 << 31;

  private Logistic() {}

  /** The cell after a decision; it goes on learning as if it had seen at most {@code limit} decisions. */
  static int learned(int cell, int bit, int limit) {
    int n = cell & 1023;
    int p = cell >>> 10;
    p += (int) ((long) ((bit << 22) - p) * RATES[n] >> 16);
    return p << 10 | (n < limit ? n + 1 : n);
  }

  /** A decision by one cell alone, which learns. */
  static int code(BitCoder coder, int bit, int[] cells, int at, int limit) {
    int p = Math.min(65535 - 31, Math.max(32, cells[at] >>> 16));
    int decided = coder.code(bit, p);
    cells[at] = learned(cells[at], decided, limit);
    return decided;
  }
}

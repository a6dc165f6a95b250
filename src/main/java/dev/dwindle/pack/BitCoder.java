package dev.dwindle.pack;

/**
 * Binary arithmetic coding of decisions with known probabilities: the range coder of Martin (1979). Writer and reader have
 * one interface, so that a model is one loop that serves both ways.
 */
abstract sealed class BitCoder permits BitWriter, BitReader {
  /** Bits of a number; a range holds from 2^{@link #LEAST} to 2^{@code WIDTH} numbers. */
  static final int WIDTH = 56;

  static final int LEAST = 32;

  /** By so many bits a range grows that has become too small. */
  static final int STEP = WIDTH - LEAST;

  /** How many numbers begin with what has been coded. */
  long range = 1L << WIDTH;

  /**
   * Codes a decision.
   *
   * @param bit the decision, which a reader ignores
   * @param p probability of 1, from 1 to 65535, in 65536ths
   * @return the decision
   */
  abstract int code(int bit, int p);
}

package dev.dwindle.pack;

/**
 * Binary arithmetic coding of decisions with known probabilities. Writer and reader have one interface, so that a model
 * is one loop that serves both ways.
 */
abstract sealed class BitCoder permits BitWriter, BitReader {
  static final long MASK = (1L << 40) - 1;
  static final int TOP = 32;

  /** The interval of numbers that begin with what has been coded, 40 bits wide, both ends included. */
  long low;

  long high = MASK;

  /**
   * Codes a decision.
   *
   * @param bit the decision, which a reader ignores
   * @param p probability of 1, from 1 to 65535, in 65536ths
   * @return the decision
   */
  abstract int code(int bit, int p);
}

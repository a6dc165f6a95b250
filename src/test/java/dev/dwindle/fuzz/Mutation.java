package dev.dwindle.fuzz;

import java.util.Random;

/** A way to damage a file. */
interface Mutation {
  /**
   * Damaged bytes; the seed stays as it is.
   *
   * @param other a seed to take parts from
   */
  byte[] apply(Seed seed, Seed other, Random random);
}

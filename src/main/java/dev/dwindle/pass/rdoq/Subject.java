package dev.dwindle.pass.rdoq;

import dev.dwindle.graph.Value;
import java.util.concurrent.ForkJoinPool;

/**
 * A tensor whose levels are to be chosen.
 *
 * @param matrix its weights, each by itself where errors cannot make up for each other
 * @param step that its size gives it, as a multiple of the root mean square of its weights
 */
record Subject(Value weight, Matrix matrix, Prediction prediction, double step) {
  /** Its levels with so many times its step; see {@link Levels#of}. */
  Levels levels(double factor, double lambda, ForkJoinPool threads) {
    return Levels.of(matrix, prediction, factor * step, lambda, threads);
  }
}

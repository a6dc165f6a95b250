package dev.dwindle.pass.rdoq;

import dev.dwindle.graph.Constant;
import dev.dwindle.graph.Graph;
import dev.dwindle.measure.OutputDistance;
import dev.dwindle.pass.PassContext;
import dev.dwindle.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ForkJoinPool;

/**
 * Chooses the step of each tensor so that all together take as many bits as they do with the steps that their sizes give them, and move the outputs of the model least. How far
 * levels of one tensor move the outputs is measured once, on samples; that it grows with the error of its layer's outputs, that bits fall with the step as they do, and that what
 * several tensors do adds up, is assumed: at the best choice a bit is worth as much in each of them (Shoham and Gersho, 1988).
 */
final class StepChoice {
  /** A model is run over so many samples for each tensor. */
  static final int SAMPLES = 32;

  /** Steps that are tried, in powers of two about the tensor's own; between them error and bits are interpolated. */
  private static final int OCTAVES = 2;
  private static final int PARTS = 8;

  /** What a bit is worth, in distance: between exp of this and of its negative, found by so many halvings. */
  private static final double MOST_EXPONENT = 200;
  private static final int HALVINGS = 50;

  /** Outputs that are not finite are further away than this. */
  private static final double UNBOUNDED = 1e100;

  private final List<Curve> curves = new ArrayList<>();
  private double bits;

  /**
   * What a tensor takes and does by its step, from the smallest to the largest.
   *
   * @param bits of all its weights
   * @param distances by which it moves the outputs
   */
  private record Curve(double[] bits, double[] distances) {
    static final Curve NONE = new Curve(new double[0], new double[0]);

    /** Which step is best where a bit is worth so much. */
    int best(double worth) {
      int best = 0;
      for (int i = 1; i < bits.length; i++) {
        if (distances[i] + worth * bits[i] < distances[best] + worth * bits[best]) best = i;
      }
      return best;
    }
  }

  /** By how much the step of each of these is multiplied. */
  static double[] of(List<Subject> subjects, Graph graph, double lambda, PassContext context, ForkJoinPool threads) {
    StepChoice choice = new StepChoice();
    OutputDistance distance = new OutputDistance(graph.model(), context, context.calibration().limit(SAMPLES));
    distance.of(graph.model());
    for (Subject subject : subjects) {
      choice.add(subject, distance, lambda, threads);
      context.progress().advance(1);
    }
    return choice.factors();
  }

  /** Takes a tensor into account. One that moves nothing that could be compared keeps its step. */
  private void add(Subject subject, OutputDistance distance, double lambda, ForkJoinPool threads) {
    Levels[] rungs = new Levels[2 * OCTAVES + 1];
    for (int i = 0; i < rungs.length; i++) rungs[i] = subject.levels(Math.scalb(1.0, i - OCTAVES), lambda, threads);
    Levels own = rungs[OCTAVES];
    double unit = own.error() > 0 ? moved(subject, own, distance) / own.error() : 0;
    if (!(unit > 0 && unit < UNBOUNDED)) {
      curves.add(Curve.NONE);
      return;
    }
    double[] bits = new double[2 * OCTAVES * PARTS + 1];
    double[] distances = new double[bits.length];
    for (int i = 0; i < bits.length; i++) {
      int rung = Math.min(i / PARTS, rungs.length - 2);
      double part = i / (double) PARTS - rung;
      Levels a = rungs[rung];
      Levels b = rungs[rung + 1];
      bits[i] = ((1 - part) * a.bits() + part * b.bits()) * own.levels().length;
      distances[i] = unit * Math.pow(a.error(), 1 - part) * Math.pow(b.error(), part);
    }
    curves.add(new Curve(bits, distances));
    this.bits += own.bits() * own.levels().length;
  }

  /** How far the outputs move with these levels of one tensor. */
  private static double moved(Subject subject, Levels levels, OutputDistance distance) {
    Graph graph = subject.weight().graph();
    Tensor before = subject.weight().tensor();
    graph.setConstant(subject.weight(), Constant.of(Tensor.of(before.shape(), levels.numbers())));
    try {
      return distance.of(graph.model());
    } finally {
      graph.setConstant(subject.weight(), Constant.of(before));
    }
  }

  private double[] factors() {
    double low = -MOST_EXPONENT;
    double high = MOST_EXPONENT;
    for (int i = 0; i < HALVINGS; i++) {
      double middle = (low + high) / 2;
      if (bitsAt(Math.exp(middle)) > bits) low = middle;
      else
        high = middle;
    }
    double worth = Math.exp(high);
    return curves.stream().mapToDouble(curve -> curve == Curve.NONE ? 1 : factor(curve.best(worth))).toArray();
  }

  private static double factor(int step) {
    return Math.pow(2, step / (double) PARTS - OCTAVES);
  }

  private double bitsAt(double worth) {
    return curves.stream().filter(curve -> curve != Curve.NONE).mapToDouble(curve -> curve.bits()[curve.best(worth)])
        .sum();
  }
}

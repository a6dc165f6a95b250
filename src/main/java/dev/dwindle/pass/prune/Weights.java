package dev.dwindle.pass.prune;

import dev.dwindle.pass.Operand;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.stream.IntStream;

/**
 * The weights of a layer in blocks that stay or become zero together, and what each block is worth. Seen as a matrix of outputs by what each sums over; blocks at its edges
 * are smaller.
 */
final class Weights {
  private final Operand operand;
  private final float[] numbers;
  /** What each weight is worth; null for its square. */
  private final float[] worth;
  private final Shape shape;
  private final int outputs;
  private final int inputs;
  /** From one output, or one input, to the next in memory. */
  private final int outputStep;
  private final int inputStep;
  private final Pattern pattern;
  private final double[] scores;
  private final int across;
  private long zeros;

  private Weights(Operand operand, Pattern pattern, float[] worth) {
    this.operand = operand;
    this.worth = worth;
    this.pattern = pattern;
    Tensor tensor = operand.weight().tensor();
    numbers = tensor.floats();
    shape = tensor.shape();
    boolean columns = !operand.isConvolution() && shape.rank() == 2 && operand.reduced() == 0;
    outputs = columns ? shape.intDim(1) : shape.intDim(0);
    inputs = numbers.length / outputs;
    outputStep = columns ? 1 : inputs;
    inputStep = columns ? outputs : 1;
    across = (inputs + pattern.length() - 1) / pattern.length();
    int down = (outputs + pattern.outputs() - 1) / pattern.outputs();
    scores = new double[Math.multiplyExact(down, across)];
    for (int output = 0; output < outputs; output++) {
      for (int input = 0; input < inputs; input++) {
        scores[block(output, input)] += worth(output * outputStep + input * inputStep) / size(output, input);
      }
    }
  }

  /** Whether weights are seen as a matrix of outputs by inputs; those of other layers are only single numbers here. */
  static boolean isMatrix(Operand operand) {
    return operand.isConvolution()
        || (operand.weight().tensor().shape().rank() == 2 && !operand.node().is("ConvTranspose"));
  }

  /** @param worth what each weight is worth, in the order of the tensor; null for its square */
  static Weights of(Operand operand, Pattern pattern, float[] worth) {
    return new Weights(operand, pattern, worth);
  }

  private double worth(int place) {
    return worth == null ? (double) numbers[place] * numbers[place] : worth[place];
  }

  private int block(int output, int input) {
    return output / pattern.outputs() * across + input / pattern.length();
  }

  /** Weights of the block at a place. */
  private int size(int output, int input) {
    int row = output / pattern.outputs() * pattern.outputs();
    int column = input / pattern.length() * pattern.length();
    return Math.min(pattern.outputs(), outputs - row) * Math.min(pattern.length(), inputs - column);
  }

  /** Weights of a block. */
  int size(int block) {
    return size(block / across * pattern.outputs(), block % across * pattern.length());
  }

  Operand operand() {
    return operand;
  }

  /** What the weights of each block are worth in the mean. */
  double[] scores() {
    return scores;
  }

  /** How many weights there are. */
  int count() {
    return numbers.length;
  }

  /** Sets the weights of blocks to zero. */
  void drop(boolean[] dropped) {
    for (int output = 0; output < outputs; output++) {
      for (int input = 0; input < inputs; input++) {
        if (dropped[block(output, input)]) numbers[output * outputStep + input * inputStep] = 0;
      }
    }
  }

  int outputs() {
    return outputs;
  }

  /** How many weights each output sums over. */
  int inputs() {
    return inputs;
  }

  /** The weights of one output. */
  double[] row(int output) {
    double[] row = new double[inputs];
    for (int i = 0; i < inputs; i++) row[i] = numbers[output * outputStep + i * inputStep];
    return row;
  }

  void set(int output, double[] row) {
    for (int i = 0; i < inputs; i++) numbers[output * outputStep + i * inputStep] = (float) row[i];
  }

  /** Lets those that are worth most stay of each few in a row. */
  void keepInEach(Pattern fixed) {
    for (int output = 0; output < outputs; output++) {
      for (int from = 0; from < inputs; from += fixed.length()) {
        int length = Math.min(fixed.length(), inputs - from);
        int lost = fixed.lost(length);
        int row = output * outputStep;
        int first = from;
        IntStream.range(0, length).mapToObj(i -> row + (first + i) * inputStep)
            .sorted((a, b) -> Double.compare(worth(a), worth(b))).limit(lost)
            .forEach(place -> numbers[place] = 0);
      }
    }
  }

  /** The weights as they are now. */
  Tensor pruned() {
    zeros = 0;
    for (float number : numbers) zeros += number == 0 ? 1 : 0;
    return Tensor.of(shape, numbers);
  }

  /** How many of the {@link #pruned} weights are zero. */
  long zeros() {
    return zeros;
  }
}

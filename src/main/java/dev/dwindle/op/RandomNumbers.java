package dev.dwindle.op;

import dev.dwindle.graph.Dim;
import dev.dwindle.graph.ValueType;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.DoubleUnaryOperator;

/**
 * Operators that draw random numbers. The specification leaves the generator open: here the same node with the same
 * {@code seed} (or without one) always draws the same numbers.
 */
final class RandomNumbers {
  private RandomNumbers() {}

  private static SplittableRandom generator(Call call) {
    String outputs = call.node().outputs().toString();
    return new SplittableRandom(
        call.hasAttribute("seed") ? Float.floatToIntBits(call.real("seed", 0)) : outputs.hashCode());
  }

  private static DType dtype(Call call, DType otherwise) {
    return call.hasAttribute("dtype") ? DType.ofCode(call.int32("dtype", 0)) : otherwise;
  }

  /**
   * RandomNormal and RandomUniform, of a given shape or of that of the input.
   *
   * @param normal whether the distribution is normal, else uniform
   * @param like whether the shape is the input's
   */
  record Draw(String name, boolean normal, boolean like) implements Operator {
    @Override
    public boolean isRandom() { return true; }

    @Override
    public List<ValueType> infer(Inference call) {
      return like ? call.same(0, dtype(call, call.dtype(0))) : Inference.one(dtype(call, DType.FLOAT), shape(call));
    }

    private static Shape shape(Call call) {
      long[] shape = call.integers("shape", (long[]) null);
      if (shape == null) {
        throw call.invalid("attribute 'shape' is missing");
      }
      return Shape.of(shape);
    }

    @Override
    public List<Tensor> evaluate(Evaluation call) {
      SplittableRandom random = generator(call);
      double mean = call.real("mean", 0);
      double scale = call.real("scale", 1);
      double low = call.real("low", 0);
      double high = call.real("high", 1);
      Shape shape = like ? call.shape(0) : shape(call);
      double[] values = new double[shape.intSize()];
      for (int i = 0; i < values.length; i++) {
        values[i] = normal ? mean + scale * random.nextGaussian() : low + (high - low) * random.nextDouble();
      }
      return List.of(Elements.ofDoubles(dtype(call, like ? call.dtype(0) : DType.FLOAT), shape, values));
    }
  }

  /** Bernoulli: 1 with the probability that the input gives, else 0. */
  static final class Bernoulli implements Operator {
    @Override
    public String name() {
      return "Bernoulli";
    }

    @Override
    public int since() {
      return 15;
    }

    @Override
    public boolean isRandom() { return true; }

    @Override
    public List<ValueType> infer(Inference call) {
      return call.same(0, dtype(call, call.dtype(0)));
    }

    @Override
    public List<Tensor> evaluate(Evaluation call) {
      SplittableRandom random = generator(call);
      DoubleUnaryOperator draw = p -> random.nextDouble() < p ? 1 : 0;
      double[] values = Arrays.stream(call.doubles(0)).map(draw).toArray();
      return List.of(Numbers.tensor(dtype(call, call.dtype(0)), call.shape(0), values));
    }
  }

  /** Multinomial: classes drawn with the unnormalized log-probabilities of each row. */
  static final class Multinomial implements Operator {
    @Override
    public String name() {
      return "Multinomial";
    }

    @Override
    public int since() {
      return 7;
    }

    @Override
    public boolean isRandom() { return true; }

    @Override
    public List<ValueType> infer(Inference call) {
      Dim rows = call.hasRank(0) && call.tensor(0).rank() == 2 ? call.dims(0).getFirst() : Dim.unknown();
      return Inference.one(dtype(call, DType.INT32), List.of(rows, Dim.of(call.integer("sample_size", 1))));
    }

    @Override
    public List<Tensor> evaluate(Evaluation call) {
      Shape shape = call.shape(0);
      if (shape.rank() != 2 || shape.dim(1) == 0) {
        throw call.invalid("input has shape " + shape + ", expected [batch, classes] with classes");
      }
      int classes = shape.intDim(1);
      int samples = call.int32("sample_size", 1);
      SplittableRandom random = generator(call);
      double[] x = call.doubles(0);
      Shape result = Shape.of(shape.dim(0), samples);
      long[] drawn = new long[result.intSize()];
      for (int i = 0; i < drawn.length; i++) {
        double[] row = Arrays.copyOfRange(x, i / samples * classes, (i / samples + 1) * classes);
        drawn[i] = draw(call, row, random.nextDouble());
      }
      return List.of(Elements.ofLongs(dtype(call, DType.INT32), result, drawn));
    }

    private static int draw(Call call, double[] logs, double uniform) {
      double max = Arrays.stream(logs).max().getAsDouble();
      double total = Arrays.stream(logs).map(v -> Math.exp(v - max)).sum();
      if (!(total > 0) || Double.isInfinite(total)) {
        throw call.invalid("log-probabilities are " + Arrays.toString(logs) + ", expected finite ones");
      }
      double left = uniform * total;
      int chosen = -1;
      for (int i = 0; i < logs.length && left >= 0; i++) {
        double weight = Math.exp(logs[i] - max);
        chosen = weight > 0 ? i : chosen;
        left -= weight;
      }
      return chosen;
    }
  }
}

package dev.dwindle.train;

import dev.dwindle.graph.Attribute;
import dev.dwindle.graph.Dim;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Value;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.InvalidInputException;
import java.util.ArrayList;
import java.util.List;

/**
 * What is to become small: one number from a value of a model and from its target, which is what the value should be. Axis 0 of both is the batch, and the number
 * the mean over it. Losses are of standard operators that have gradients, or decompose into such.
 */
public sealed interface Loss {
  CrossEntropy CROSS_ENTROPY = new CrossEntropy(0);
  SoftCrossEntropy SOFT_CROSS_ENTROPY = new SoftCrossEntropy();
  MeanSquaredError MEAN_SQUARED_ERROR = new MeanSquaredError();
  Cosine COSINE = new Cosine(-1);
  Attention ATTENTION = new Attention();

  /** Axes that a value has at least. */
  int leastRank();

  /** The type of the target of a value. */
  TensorType target(TensorType value);

  /** Whether places can be left out. */
  default boolean takesMask() {
    return false;
  }

  /**
   * Appends the loss, a scalar of the value's element type, which is a floating-point type.
   *
   * @param mask how much each place counts, of that type and of the value's first axes; null where all count alike, and for losses that {@linkplain #takesMask take none}
   */
  Value add(Graph graph, Value value, Value target, Value mask);

  /**
   * Of logits {@code [batch, classes, ...]} and labels {@code [batch, ...]}, INT64: minus the logarithm of the probability of the label, the mean over batch and
   * places.
   *
   * @param smoothing the part of the label's probability, below 1, that all classes share (Szegedy et al., 2016)
   */
  record CrossEntropy(double smoothing) implements Loss {
    public CrossEntropy {
      if (!(smoothing >= 0 && smoothing < 1)) {
        throw new InvalidInputException("label smoothing: is " + smoothing + ", expected at least 0 and below 1");
      }
    }

    @Override
    public int leastRank() {
      return 2;
    }

    @Override
    public TensorType target(TensorType value) {
      List<Dim> dims = new ArrayList<>(value.dims());
      dims.remove(1);
      return new TensorType(DType.INT64, dims);
    }

    @Override
    public Value add(Graph graph, Value value, Value target, Value mask) {
      Arithmetic a = Arithmetic.like(graph, value);
      Value sharp = graph.node("SoftmaxCrossEntropyLoss").in(value, target).out("loss", a.scalar()).append().output();
      if (smoothing == 0) return sharp;
      Value shared = a.mean(a.logSoftmax(value, 1));
      return a.subtract(a.times(sharp, 1 - smoothing), a.times(shared, smoothing));
    }
  }

  /** Of logits {@code [batch, classes, ...]} and the share that each class has: the cross-entropy of the two, the mean over batch and places. */
  record SoftCrossEntropy() implements Loss {
    @Override
    public int leastRank() {
      return 2;
    }

    @Override
    public TensorType target(TensorType value) {
      return value;
    }

    @Override
    public Value add(Graph graph, Value value, Value target, Value mask) {
      Arithmetic a = Arithmetic.like(graph, value);
      return a.times(a.mean(a.sum(a.multiply(target, a.logSoftmax(value, 1)), 1)), -1);
    }
  }

  /** Of two tensors of one shape: the mean of the squared differences. For distillation by features (Romero et al., 2015) it is that of an inner value. */
  record MeanSquaredError() implements Loss {
    @Override
    public int leastRank() {
      return 0;
    }

    @Override
    public boolean takesMask() {
      return true;
    }

    @Override
    public TensorType target(TensorType value) {
      return value;
    }

    @Override
    public Value add(Graph graph, Value value, Value target, Value mask) {
      Arithmetic a = Arithmetic.like(graph, value);
      return a.mean(a.square(a.subtract(value, target)), mask, value.tensorType().rank());
    }
  }

  /**
   * Of logits {@code [batch, classes, ...]} and those of a teacher: the Kullback-Leibler divergence of the teacher's softened probabilities from the model's, times
   * the square of the temperature, so that gradients are of the same size at every temperature (Hinton et al., 2015), the mean over batch and places.
   *
   * @param temperature by which all logits are divided, above 0
   */
  record Divergence(double temperature) implements Loss {
    public Divergence {
      if (!(temperature > 0 && temperature < Double.POSITIVE_INFINITY)) {
        throw new InvalidInputException("temperature: is " + temperature + ", expected a number above 0");
      }
    }

    @Override
    public int leastRank() {
      return 2;
    }

    @Override
    public TensorType target(TensorType value) {
      return value;
    }

    @Override
    public Value add(Graph graph, Value value, Value target, Value mask) {
      Arithmetic a = Arithmetic.like(graph, value);
      Value model = a.logSoftmax(a.times(value, 1 / temperature), 1);
      Value teacher = a.logSoftmax(a.times(target, 1 / temperature), 1);
      Value shares = a.multiply(a.exponential(teacher), a.subtract(teacher, model));
      return a.times(a.mean(a.sum(shares, 1)), temperature * temperature);
    }
  }

  /**
   * Of two tensors of one shape: 1 minus the cosine of the angle between vectors along an axis, the mean over all others. A vector's length counts as 1e-6 at least:
   * between zeros and anything else the loss is 1.
   *
   * @param axis of the vectors; from the end where it is negative, such as -1 for the hidden states of a transformer; 1 for channels of images
   */
  record Cosine(int axis) implements Loss {
    @Override
    public int leastRank() {
      return axis < 0 ? -axis : axis + 1;
    }

    @Override
    public boolean takesMask() {
      return true;
    }

    @Override
    public TensorType target(TensorType value) {
      return value;
    }

    @Override
    public Value add(Graph graph, Value value, Value target, Value mask) {
      Arithmetic a = Arithmetic.like(graph, value);
      Value cosines = a.sum(a.multiply(a.unit(value, axis), a.unit(target, axis)), axis);
      return a.subtract(a.number(1), a.mean(cosines, mask, value.tensorType().rank()));
    }
  }

  /**
   * Of activations {@code [batch, channels, spatial...]} and others of the same places but any number of channels: the squared distance of their attention maps
   * (Zagoruyko and Komodakis, 2017). A map is the mean over channels of the squares, of length 1; where it is shorter than 1e-6, it counts as of that length.
   */
  record Attention() implements Loss {
    @Override
    public int leastRank() {
      return 3;
    }

    @Override
    public TensorType target(TensorType value) {
      List<Dim> dims = new ArrayList<>(value.dims());
      dims.set(1, Dim.unknown());
      return value.withDims(dims);
    }

    @Override
    public Value add(Graph graph, Value value, Value target, Value mask) {
      Arithmetic a = Arithmetic.like(graph, value);
      Value difference = a.subtract(map(graph, a, value), map(graph, a, target));
      return a.mean(a.sum(a.square(difference), 1));
    }

    private static Value map(Graph graph, Arithmetic a, Value activations) {
      Value places = graph.node("Flatten").in(a.mean(a.square(activations), 1)).attribute(Attribute.of("axis", 1))
          .out("map", TensorType.unranked(a.dtype())).append().output();
      return a.unit(places, 1);
    }
  }
}

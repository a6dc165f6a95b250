package dev.dwindle.train;

import dev.dwindle.graph.Attribute;
import dev.dwindle.graph.Dim;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Value;
import dev.dwindle.graph.ValueType;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/** What is to become small: one number from an output and from what that should be, the mean over the batch. */
public enum Loss {
  /** Of logits {@code [batch, classes, ...]} and labels {@code [batch, ...]}, INT64: minus the logarithm of the probability of the label. */
  CROSS_ENTROPY(2) {
    @Override
    ValueType target(TensorType output) {
      List<Dim> dims = new ArrayList<>(output.dims());
      dims.remove(1);
      return new TensorType(DType.INT64, dims);
    }

    @Override
    Value add(Graph graph, Value output, Value target) {
      return graph.node("SoftmaxCrossEntropyLoss").in(output, target).out("loss", number(output)).append().output();
    }
  },

  /** Of two tensors of one shape: the mean of the squared differences. */
  MEAN_SQUARED_ERROR(0) {
    @Override
    ValueType target(TensorType output) {
      return output;
    }

    @Override
    Value add(Graph graph, Value output, Value target) {
      Arithmetic a = new Arithmetic(graph, output.tensorType().dtype());
      Value difference = a.subtract(output, target);
      return graph.node("ReduceMean").in(a.multiply(difference, difference)).attribute(Attribute.of("keepdims", 0))
          .out("loss", number(output)).append().output();
    }
  };

  /** Axes that an output has at least. */
  private final int leastRank;

  Loss(int leastRank) {
    this.leastRank = leastRank;
  }

  /** Refuses an output that has no such loss. */
  void require(Value output) {
    TensorType type = output.tensorType();
    boolean typed = type != null && type.dtype() != null && type.dtype().isFloating() && type.hasRank();
    if (!typed || type.rank() < leastRank) {
      throw new InvalidInputException("output '" + output.name() + "': is a " + output.type()
          + ", expected floating-point numbers of at least " + leastRank + " axes for its loss");
    }
  }

  private static TensorType number(Value output) {
    return TensorType.of(output.tensorType().dtype(), Shape.SCALAR);
  }

  /** The type of what an output should be. */
  abstract ValueType target(TensorType output);

  /** Appends the loss, a scalar of the output's element type. */
  abstract Value add(Graph graph, Value output, Value target);
}

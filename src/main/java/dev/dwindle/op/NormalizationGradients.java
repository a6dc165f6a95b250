package dev.dwindle.op;

import dev.dwindle.graph.Value;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;

/** Gradients of what sets elements in relation to others: softmax and batch normalization. */
final class NormalizationGradients {
  private NormalizationGradients() {}

  /** y (g - sum of g y). */
  static List<Value> softmax(Backward call) {
    long axis = axis(call);
    Value weighted = call.mul(call.gradient(), call.output(0));
    Value mean = call.reduce("ReduceSum", weighted, axis);
    return List.of(call.op("Sub", weighted, call.mul(call.output(0), mean)));
  }

  /** g - exp(y) times the sum of g. */
  static List<Value> logSoftmax(Backward call) {
    Value sum = call.reduce("ReduceSum", call.gradient(), axis(call));
    return List.of(call.op("Sub", call.gradient(), call.mul(call.op("Exp", call.output(0)), sum)));
  }

  private static long axis(Backward call) {
    return call.axis(call.integer("axis", -1), call.rank(0));
  }

  /**
   * With statistics that come in, a scaled copy; in training mode the batch's own statistics depend on the input, too (Ioffe and Szegedy,
   * "Batch Normalization", 2015). The running statistics have no gradient.
   */
  static List<Value> batch(Backward call) {
    int rank = call.rank(0);
    long[] axes = LongStream.range(0, rank).filter(axis -> axis != 1).toArray();
    boolean training = call.flag("training_mode", false);
    if (call.dtype(0) != call.dtype(1) || call.dtype(0) != call.dtype(3)) {
      throw call.invalid("input is of type " + call.dtype(0).text() + " and statistics of " + call.dtype(3).text()
          + ", expected one type for the gradient");
    }
    if (!training && (call.needs(3) || call.needs(4))) {
      throw call.invalid("a gradient of the statistics is asked for, expected constant ones or training mode");
    }
    return training ? BatchNormalizationGradient.nodes(call) : scaled(call, axes);
  }

  private static List<Value> scaled(Backward call, long[] axes) {
    int rank = call.rank(0);
    Value centred = call.op("Sub", call.input(0), channels(call, call.input(3), rank));
    Value deviation = deviation(call, channels(call, call.input(4), rank));
    Value g = call.gradient();
    Value product = call.mul(g, call.op("Div", centred, deviation));
    return Arrays.asList(
        call.needs(0) ? call.mul(g, call.op("Div", channels(call, call.input(1), rank), deviation)) : null,
        call.needs(1) ? call.reshaped(call.reduce("ReduceSum", product, axes), -1) : null,
        call.needs(2) ? call.reshaped(call.reduce("ReduceSum", g, axes), -1) : null);
  }

  static Value deviation(Building call, Value variance) {
    return call.op("Sqrt", call.op("Add", variance, call.scalar(call.type(0).dtype(), call.real("epsilon", 1e-5f))));
  }

  /** A vector of channels along the second of so many axes. */
  static Value channels(Building call, Value vector, int rank) {
    long[] shape = new long[Math.max(1, rank - 1)];
    Arrays.fill(shape, 1);
    shape[0] = -1;
    return call.reshaped(vector, shape);
  }
}

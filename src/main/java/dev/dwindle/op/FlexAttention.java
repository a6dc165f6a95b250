package dev.dwindle.op;

import dev.dwindle.graph.Dim;
import dev.dwindle.graph.ValueType;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.List;

/** FlexAttention (preview): attention whose scores and probabilities pass through subgraphs of the caller's. */
final class FlexAttention implements Operator {
  @Override
  public String domain() {
    return "ai.onnx.preview";
  }

  @Override
  public String name() {
    return "FlexAttention";
  }

  @Override
  public List<ValueType> infer(Inference call) {
    for (int input = 0; input < 3; input++) {
      call.requireRank(input, 4, 4);
    }
    boolean known = call.hasRank(0) && call.hasRank(2);
    List<Dim> dims = known
        ? List.of(call.dims(0).get(0), call.dims(0).get(1), call.dims(0).get(2), call.dims(2).get(3)) : null;
    return Inference.one(call.dtype(0), dims);
  }

  @Override
  public List<Tensor> evaluate(Evaluation call) {
    Shape q = call.shape(0);
    Shape k = call.shape(1);
    Shape v = call.shape(2);
    if (q.rank() != 4 || k.rank() != 4 || v.rank() != 4 || k.dim(1) == 0 || q.dim(1) % k.dim(1) != 0
        || q.dim(3) != k.dim(3) || k.dim(2) != v.dim(2) || k.dim(1) != v.dim(1)
        || q.dim(0) != k.dim(0) || k.dim(0) != v.dim(0)) {
      throw call.invalid("Q, K and V are " + q + ", " + k + " and " + v + ", expected [batch, heads, sequence, size]"
          + " each, query heads a multiple of key heads");
    }
    DType precision = call.hasAttribute("softmax_precision") ? DType.ofCode(call.int32("softmax_precision"))
        : call.dtype(0) == DType.DOUBLE ? DType.DOUBLE : DType.FLOAT;
    Shape shape = Shape.of(q.dim(0), q.dim(1), q.dim(2), k.dim(2));
    double[] scores = scores(call, q, k, shape);
    double[] changed = Elements.doubles(modified(call, "score_mod", Elements.ofDoubles(precision, shape, scores)));
    int keys = k.intDim(2);
    for (int from = 0; from < changed.length; from += keys) {
      Softmax.softmax(changed, from, keys, 1);
    }
    double[] p = Elements.doubles(modified(call, "prob_mod", Elements.ofDoubles(precision, shape, changed)));
    double[] values = call.doubles(2);
    int size = v.intDim(3);
    double[] y = new double[p.length / Math.max(1, keys) * size];
    for (int row = 0, to = 0; row < shape.product(0, 3); row++, to += size) {
      int head = keyHead(row / q.intDim(2), q, k);
      for (int j = 0; j < keys; j++) {
        for (int d = 0; d < size; d++) {
          y[to + d] += p[row * keys + j] * values[(head * keys + j) * size + d];
        }
      }
    }
    return List.of(Elements.ofDoubles(call.dtype(0), q.with(3, size), y));
  }

  private static double[] scores(Evaluation call, Shape q, Shape k, Shape shape) {
    int size = q.intDim(3);
    int keys = k.intDim(2);
    double scale = call.real("scale", (float) (1 / Math.sqrt(size)));
    double[] queries = call.doubles(0);
    double[] all = call.doubles(1);
    double[] scores = new double[shape.intSize()];
    for (int i = 0; i < scores.length; i++) {
      int row = i / keys;
      int key = (keyHead(row / q.intDim(2), q, k) * keys + i % keys) * size;
      double sum = 0;
      for (int d = 0; d < size; d++) {
        sum += queries[row * size + d] * all[key + d];
      }
      scores[i] = sum * scale;
    }
    return scores;
  }

  /** The head of keys (counted over the batch) that a head of queries (likewise) attends. */
  private static int keyHead(int queryHead, Shape q, Shape k) {
    int group = q.intDim(1) / k.intDim(1);
    return queryHead / q.intDim(1) * k.intDim(1) + queryHead % q.intDim(1) / group;
  }

  private static Tensor modified(Evaluation call, String attribute, Tensor tensor) {
    if (!call.hasAttribute(attribute)) {
      return tensor;
    }
    Tensor result = call.run(call.graph(attribute), List.of(tensor)).getFirst();
    if (!result.shape().equals(tensor.shape())) {
      throw call.invalid(attribute + " gives shape " + result.shape() + ", expected " + tensor.shape());
    }
    return result;
  }
}

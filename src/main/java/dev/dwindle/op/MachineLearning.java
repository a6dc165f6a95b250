package dev.dwindle.op;

import dev.dwindle.graph.Dim;
import dev.dwindle.graph.ValueType;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** Small operators of the classical machine learning domain, {@code ai.onnx.ml}. */
final class MachineLearning {
  static final String DOMAIN = "ai.onnx.ml";

  private MachineLearning() {}

  /** ArrayFeatureExtractor: elements of the last axis by index. */
  static final class ArrayFeatureExtractor implements Operator {
    @Override
    public String domain() {
      return DOMAIN;
    }

    @Override
    public String name() {
      return "ArrayFeatureExtractor";
    }

    @Override
    public List<ValueType> infer(Inference call) {
      if (!call.hasRank(0) || !call.hasRank(1) || call.tensor(0).rank() == 0) {
        return Inference.one(call.dtype(0), (List<Dim>) null);
      }
      List<Dim> dims = new ArrayList<>(call.dims(0));
      if (dims.size() == 1) {
        dims.add(0, Dim.of(1));
      }
      dims.set(dims.size() - 1, Axes.product(call.dims(1), 0, call.tensor(1).rank()));
      return Inference.one(call.dtype(0), dims);
    }

    @Override
    public List<Tensor> evaluate(Evaluation call) {
      Tensor input = call.required(0);
      Shape shape = input.shape();
      if (shape.rank() == 0) {
        throw call.invalid("input is a scalar, expected one axis or more");
      }
      Tensor rows = shape.rank() == 1 ? input.reshape(Shape.of(1, shape.dim(0))) : input;
      long[] indices = call.longs(1);
      for (long index : indices) {
        if (index < 0 || index >= shape.dim(-1)) {
          throw call.invalid("index is " + index + ", expected 0 to " + (shape.dim(-1) - 1));
        }
      }
      return List.of(Gathering.take(rows, rows.shape().rank() - 1, indices));
    }
  }

  /** Binarizer: 1 where an element is greater than a threshold, else 0. */
  static final class Binarizer implements Operator {
    @Override
    public String domain() {
      return DOMAIN;
    }

    @Override
    public String name() {
      return "Binarizer";
    }

    @Override
    public List<ValueType> infer(Inference call) {
      return call.same(0);
    }

    @Override
    public List<Tensor> evaluate(Evaluation call) {
      double[] values = call.doubles(0);
      double threshold = call.real("threshold", 0);
      for (int i = 0; i < values.length; i++) {
        values[i] = values[i] > threshold ? 1 : 0;
      }
      return List.of(Numbers.tensor(call.dtype(0), call.shape(0), values));
    }
  }
}

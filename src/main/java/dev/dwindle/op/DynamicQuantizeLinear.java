package dev.dwindle.op;

import dev.dwindle.graph.Attribute;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Value;
import dev.dwindle.graph.ValueType;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.List;

/**
 * DynamicQuantizeLinear: to UINT8 with the scale and zero point of the range of the input, widened to hold zero. Where
 * all elements are zero the scale is 1/255, as in ONNX's reference.
 */
final class DynamicQuantizeLinear implements Operator {
  private static final float LEVELS = 255;

  @Override
  public String name() {
    return "DynamicQuantizeLinear";
  }

  @Override
  public int since() {
    return 11;
  }

  @Override
  public List<ValueType> infer(Inference call) {
    return List.of(call.tensor(0).with(DType.UINT8), TensorType.of(DType.FLOAT, Shape.SCALAR),
        TensorType.of(DType.UINT8, Shape.SCALAR));
  }

  @Override
  public List<Tensor> evaluate(Evaluation call) {
    float[] x = call.floats(0);
    float low = 0;
    float high = 0;
    for (float v : x) {
      low = Math.min(low, v);
      high = Math.max(high, v);
    }
    float scale = (high == low ? 1 : high - low) / LEVELS;
    float zeroPoint = (float) Math.rint(Math.min(LEVELS, Math.max(0, 0 - low / scale)));
    byte[] y = new byte[x.length];
    for (int i = 0; i < y.length; i++) {
      y[i] = (byte) (int) Math.min(LEVELS, Math.max(0, Math.rint(x[i] / scale) + zeroPoint));
    }
    return List.of(Tensor.of(DType.UINT8, call.shape(0), y), Tensor.scalar(scale),
        Tensor.of(DType.UINT8, Shape.SCALAR, (byte) zeroPoint));
  }

  @Override
  public List<Value> decompose(Expansion call) {
    List<Attribute> flat = List.of(Attribute.of("keepdims", 0));
    Value zero = call.constant(0f);
    Value low = call.op("Min", call.op("ReduceMin", flat, call.input(0)), zero);
    Value high = call.op("Max", call.op("ReduceMax", flat, call.input(0)), zero);
    Value range = call.op("Where", call.op("Equal", high, low), call.constant(1f), call.op("Sub", high, low));
    Value scale = call.op("Div", range, call.constant(LEVELS));
    Value start = call.op("Sub", zero, call.op("Div", low, scale));
    Value rounded = call.op("Round", call.op("Clip", start, zero, call.constant(LEVELS)));
    Value zeroPoint = call.op("Cast", List.of(Attribute.of("to", DType.UINT8.code())), rounded);
    return List.of(call.op("QuantizeLinear", call.input(0), scale, zeroPoint), scale, zeroPoint);
  }
}

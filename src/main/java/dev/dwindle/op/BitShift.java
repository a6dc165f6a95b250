package dev.dwindle.op;

import dev.dwindle.graph.ValueType;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.List;

/** BitShift: shifts to the left or right; a signed right shift keeps the sign, and shifting by the width or more, or by
 * a negative amount, leaves only copies of the sign (right) or nothing (left). */
final class BitShift implements Operator {
  @Override
  public String name() {
    return "BitShift";
  }

  @Override
  public int since() {
    return 11;
  }

  @Override
  public List<ValueType> infer(Inference call) {
    return List.of(Broadcast.infer(call));
  }

  @Override
  public List<Tensor> evaluate(Evaluation call) {
    DType type = Broadcast.type(call);
    Shape shape = Broadcast.shape(call);
    String direction = call.text("direction", "");
    if (!direction.equals("LEFT") && !direction.equals("RIGHT")) {
      throw call.invalid("direction is '" + direction + "', expected LEFT or RIGHT");
    }
    boolean left = direction.equals("LEFT");
    long[] x = Broadcast.expand(call.longs(0), call.shape(0), shape);
    long[] by = Broadcast.expand(call.longs(1), call.shape(1), shape);
    for (int i = 0; i < x.length; i++) {
      boolean beyond = by[i] < 0 || by[i] >= type.bits();
      if (left) {
        x[i] = beyond ? 0 : x[i] << by[i];
      } else if (type.isUnsigned()) {
        x[i] = beyond ? 0 : x[i] >>> by[i];
      } else {
        x[i] >>= beyond ? 63 : by[i];
      }
    }
    return List.of(Elements.ofLongs(type, shape, x));
  }
}

package dev.dwindle.backend.cuda;

import dev.dwindle.graph.Node;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Value;
import dev.dwindle.op.Call;
import dev.dwindle.op.Operator;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Shape;
import java.util.Locale;

/** QuantizeLinear and DequantizeLinear between FLOAT and 8 bits, and FakeQuantize, by one scale or one for each index of an axis. */
final class QuantizeKernel implements CudaKernel {
  @Override
  public boolean matches(Node node) {
    if (!Typed.mayBe(node.input(1), DType.FLOAT) || new Call(node).integer("block_size", 0) != 0) return false;
    if (isFake(node)) return Typed.isFloat(node, 3);
    if (Typed.is(node, "DequantizeLinear")) {
      return isByte(node.input(0)) && Typed.mayBe(node.output(), DType.FLOAT);
    }
    return Typed.is(node, "QuantizeLinear") && Typed.mayBe(node.input(0), DType.FLOAT) && isPlainTarget(node);
  }

  private static boolean isFake(Node node) {
    return node.domain().equals(Operator.OWN_DOMAIN) && node.operator().equals("FakeQuantize");
  }

  private static boolean isPlainTarget(Node node) {
    Call call = new Call(node);
    return call.integer("output_dtype", 0) == 0 && call.integer("precision", 0) == 0
        && (node.input(2) == null || isByte(node.input(2)));
  }

  private static boolean isByte(Value value) {
    TensorType type = value.tensorType();
    return type == null || type.dtype() == null || type.dtype() == DType.INT8 || type.dtype() == DType.UINT8;
  }

  @Override
  public void plan(Node node, Planning planning) {
    Shape shape = Typed.shape(node.input(0));
    int scales = Typed.shape(node.input(1)).intSize();
    long inner = shape.size();
    if (scales > 1) {
      Call call = new Call(node);
      inner = shape.product(call.axis(shape.rank() == 1 ? 0 : call.integer("axis", 1), shape.rank()) + 1, shape.rank());
    }
    Arguments arguments = new Arguments().at(planning.place(node.input(0))).at(planning.place(node.input(1)))
        .at(planning.place(node.input(2))).at(planning.place(node.output())).int64(shape.size()).int32(scales)
        .int64(inner);
    planning.launch(new Kernel("quantize", name(node, arguments)), Grid.ofElements(shape.size()), arguments);
  }

  private static String name(Node node, Arguments arguments) {
    if (isFake(node)) {
      Call call = new Call(node);
      arguments.float32(call.integer("low")).float32(call.integer("high"));
      return "fake_quantize";
    }
    boolean quantize = node.operator().equals("QuantizeLinear");
    DType type = (quantize ? node.output() : node.input(0)).tensorType().dtype();
    return (quantize ? "quantize_" : "dequantize_") + type.text().toLowerCase(Locale.ROOT);
  }
}

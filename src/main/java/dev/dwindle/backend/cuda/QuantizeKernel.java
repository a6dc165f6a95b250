package dev.dwindle.backend.cuda;

import dev.dwindle.graph.Node;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Value;
import dev.dwindle.op.Call;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Shape;

/** QuantizeLinear and DequantizeLinear between FLOAT and 8 bits, by one scale or one for each index of an axis. */
final class QuantizeKernel implements CudaKernel {
  @Override
  public boolean matches(Node node) {
    if (!Typed.mayBe(node.input(1), DType.FLOAT) || new Call(node).integer("block_size", 0) != 0) return false;
    if (Typed.is(node, "DequantizeLinear")) {
      return isByte(node.input(0)) && Typed.mayBe(node.output(), DType.FLOAT);
    }
    return Typed.is(node, "QuantizeLinear") && Typed.mayBe(node.input(0), DType.FLOAT) && isPlainTarget(node);
  }

  private static boolean isPlainTarget(Node node) {
    Call call = new Call(node);
    long target = call.integer("output_dtype", 0);
    return (target == 0 || target == DType.INT8.code() || target == DType.UINT8.code())
        && call.integer("precision", 0) == 0 && (node.input(2) == null || isByte(node.input(2)));
  }

  private static boolean isByte(Value value) {
    TensorType type = value.tensorType();
    return type == null || type.dtype() == null || type.dtype() == DType.INT8 || type.dtype() == DType.UINT8;
  }

  /**
   * Which elements have which scale.
   *
   * @param scales how many there are
   * @param inner neighbours that have the same one
   */
  record Scaling(int scales, long inner) {
    static Scaling of(Node node) {
      Shape shape = Typed.shape(node.input(0));
      int scales = Typed.shape(node.input(1)).intSize();
      if (scales == 1) return new Scaling(1, shape.size());
      Call call = new Call(node);
      int axis = call.axis(shape.rank() == 1 ? 0 : call.integer("axis", 1), shape.rank());
      return new Scaling(scales, shape.product(axis + 1, shape.rank()));
    }
  }

  @Override
  public void plan(Node node, Planning planning) {
    long size = Typed.shape(node.input(0)).size();
    Scaling scaling = Scaling.of(node);
    boolean quantize = node.operator().equals("QuantizeLinear");
    DType type = (quantize ? node.output() : node.input(0)).tensorType().dtype();
    planning.launch(new Kernel("quantize", (quantize ? "quantize_" : "dequantize_") + type.text()),
        Grid.ofFours(size), new Arguments().at(planning.place(node.input(0))).at(planning.place(node.input(1)))
            .at(planning.place(node.input(2))).at(planning.place(node.output())).int64(size).int32(scaling.scales)
            .int64(scaling.inner));
  }
}

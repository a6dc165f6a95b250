package dev.dwindle.backend.cuda;

import dev.dwindle.graph.Node;
import dev.dwindle.graph.Value;
import dev.dwindle.op.Call;
import dev.dwindle.tensor.DType;
import java.util.List;
import java.util.Set;

/** QuantizeLinear and DequantizeLinear between FLOAT, FLOAT16 or BFLOAT16 and codes of 2 to 16 bits, by one scale, one for each index of an axis or one for each block along it. */
final class QuantizeKernel implements CudaKernel {
  private static final Set<DType> CODES = Set.of(DType.INT2, DType.UINT2, DType.INT4, DType.UINT4, DType.INT8,
      DType.UINT8, DType.INT16, DType.UINT16, DType.FLOAT8E4M3FN, DType.FLOAT8E5M2);

  @Override
  public boolean matches(Node node) {
    boolean quantize = Typed.is(node, "QuantizeLinear");
    if (!quantize && !Typed.is(node, "DequantizeLinear")) return false;
    Value codes = quantize ? node.output() : node.input(0);
    Value numbers = quantize ? node.input(0) : node.output();
    return CODES.stream().anyMatch(
        type -> Typed.mayBe(codes, type) && (node.input(2) == null || Typed.mayBe(node.input(2), type)))
        && Typed.areReal(List.of(numbers, node.input(1))) && new Call(node).integer("precision", 0) == 0;
  }

  /** Whether a node quantizes FLOAT to 8-bit integers, by scales that are not of blocks. */
  static boolean isToBytes(Node node) {
    return Typed.is(node, "QuantizeLinear") && Typed.mayBe(node.input(0), DType.FLOAT)
        && Typed.mayBe(node.input(1), DType.FLOAT) && IntegerSides.isByte(node.output())
        && (node.input(2) == null || IntegerSides.isByte(node.input(2)))
        && new Call(node).integer("precision", 0) == 0 && new Call(node).integer("block_size", 0) == 0;
  }

  @Override
  public void plan(Node node, Planning planning) {
    boolean quantize = Typed.is(node, "QuantizeLinear");
    DType codes = Typed.dtype(quantize ? node.output() : node.input(0));
    long size = Typed.shape(node.input(0)).size();
    String name = (quantize ? "quantize_" : "dequantize_") + (codes.isInteger() ? "integers" : "float8s");
    planning.launch(new Kernel("quantize", name).over(Typed.dtype(node.input(1))), Grid.ofFours(size),
        new Arguments().at(planning.place(node.input(0))).at(planning.place(node.input(1)))
            .at(planning.place(node.input(2))).at(planning.place(node.output())).int64(size)
            .struct(Scaling.of(node).struct()).struct(format(codes, new Call(node).flag("saturate", true))));
  }

  /** The struct of the same name as the kernels: of FP8, the bits of the mantissa, the bias, and the codes of the largest number, infinity and NaN. */
  private static int[] format(DType codes, boolean saturate) {
    return switch (codes) {
      case FLOAT8E4M3FN -> new int[] {3, 7, 0x7e, 0, 0x7f, saturate ? 1 : 0};
      case FLOAT8E5M2 -> new int[] {2, 15, 0x7b, 0x7c, 0x7e, saturate ? 1 : 0};
      default -> new int[] {codes.bits(), codes.isUnsigned() ? 0 : 1};
    };
  }
}

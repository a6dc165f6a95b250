package dev.dwindle.backend.cuda;

import dev.dwindle.backend.cuda.IntegerSides.Kind;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Value;
import dev.dwindle.op.Call;
import dev.dwindle.op.ConvGeometry;
import dev.dwindle.tensor.DType;
import java.util.Arrays;

/** ConvInteger and QLinearConv, of images of one or two axes. */
final class IntegerConvKernel implements CudaKernel {
  private static final String FILE = "integer";

  @Override
  public boolean matches(Node node) {
    TensorType type = node.inputs().isEmpty() ? null : node.input(0).tensorType();
    if (type != null && type.hasRank() && !Windows.hasAxes(type.rank())) return false;
    if (Typed.is(node, "ConvInteger")) {
      return IntegerSides.isByte(node.input(0)) && IntegerSides.isByte(node.input(1))
          && IntegerSides.isZero(node.input(2)) && IntegerSides.isZero(node.input(3));
    }
    return Typed.is(node, "QLinearConv") && IntegerSides.isFloat(node, 1, 4, 6) && IntegerSides.isByte(node.input(0))
        && IntegerSides.isByte(node.input(3)) && IntegerSides.isByte(node.input(7))
        && (node.input(8) == null || Typed.mayBe(node.input(8), DType.INT32));
  }

  @Override
  public void plan(Node node, Planning planning) {
    boolean quantized = node.operator().equals("QLinearConv");
    Value x = node.input(0);
    Value w = node.input(quantized ? 3 : 1);
    Value zeroX = node.input(2);
    Value zeroW = node.input(quantized ? 5 : 3);
    Value scaleW = quantized ? node.input(4) : null;
    ConvGeometry conv = ConvGeometry.of(new Call(node), Typed.shape(x), Typed.shape(w));
    IntegerSides.requireSingle(zeroX);
    int[] sides = {IntegerSides.flip(w), IntegerSides.flip(x),
        IntegerSides.step(zeroW, conv.features()), 0, IntegerSides.step(scaleW, conv.features()), 0};
    Arguments arguments = new Arguments().at(planning.place(w)).at(planning.place(x)).at(planning.place(zeroW))
        .at(planning.place(zeroX)).at(planning.place(node.output()))
        .struct(conv.batch(), conv.groups(), conv.groupChannels(), conv.groupFeatures())
        .struct(Windows.struct(conv.window())).struct(sides);
    Value scaleX = quantized ? node.input(1) : null;
    Value scaleY = quantized ? node.input(6) : null;
    Value zeroY = quantized ? node.input(7) : null;
    for (Value single : Arrays.asList(scaleX, scaleY, zeroY)) IntegerSides.requireSingle(single);
    arguments.at(planning.place(scaleW)).at(planning.place(scaleX))
        .at(planning.place(quantized ? node.input(8) : null)).at(planning.place(scaleY)).at(planning.place(zeroY))
        .struct(IntegerSides.ending(quantized ? Kind.QUANTIZED : Kind.SUMS, false,
            quantized ? IntegerSides.flip(node.output()) : 0, 1, 1, 1, 0));
    if (conv.isDepthwise()) {
      long count = Typed.shape(node.output()).size();
      planning.launch(new Kernel(FILE, "depthwise_integer"), Grid.ofElements(count), arguments.int64(count));
      return;
    }
    int columns = Math.multiplyExact(conv.batch(), conv.window().outputSize());
    planning.launch(new Kernel(FILE, "conv_integer"), Tiles.grid(conv.groups(), conv.groupFeatures(), columns),
        arguments);
  }
}

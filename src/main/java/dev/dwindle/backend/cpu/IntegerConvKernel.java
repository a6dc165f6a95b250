package dev.dwindle.backend.cpu;

import dev.dwindle.backend.cpu.kernel.Convolution;
import dev.dwindle.backend.cpu.kernel.IntegerConvolution;
import dev.dwindle.backend.cpu.kernel.Requantization;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.Value;
import dev.dwindle.op.Call;
import dev.dwindle.op.ConvGeometry;
import dev.dwindle.tensor.DType;

/** ConvInteger and QLinearConv of one or two spatial axes. */
final class IntegerConvKernel implements CpuKernel {
  /** Taps of one channel whose sum a float holds exactly, whatever the bytes. */
  private static final int MOST_TAPS = 258;

  @Override
  public String name() {
    return "integer convolution";
  }

  @Override
  public boolean matches(Node node) {
    boolean linear = node.is("QLinearConv");
    if (!(linear || node.is("ConvInteger")) || !Bytes.is(node.input(0)) || !Bytes.is(weights(node))
        || Fused.type(node.output()) == null || Fused.size(node.output()) == 0) {
      return false;
    }
    int features = Fused.shape(weights(node)).intDim(0);
    int rank = Fused.shape(node.input(0)).rank();
    boolean zeros = Bytes.areZeros(node.input(2), 1) && Bytes.areZeros(weightZero(node), features)
        && (!weights(node).isConstant() || weightZero(node) == null || weightZero(node).isConstant());
    boolean sizes = (rank == 3 || rank == 4)
        && Fused.size(weights(node)) / features / Fused.shape(weights(node)).intDim(1) <= MOST_TAPS;
    return zeros && sizes && (!linear || isRequantized(node, features));
  }

  private static boolean isRequantized(Node node, int features) {
    Value zero = node.input(7);
    Value bias = node.input(8);
    return Bytes.scales(node.input(1), 1) != null && Bytes.scales(node.input(4), features) != null
        && Bytes.scales(node.input(6), 1) != null && zero != null && zero.isConstant() && zero.tensor().size() == 1
        && Bytes.of(zero.tensor().dtype())
        && (bias == null || (bias.isConstant() && bias.tensor().dtype() == DType.INT32));
  }

  private static Value weights(Node node) {
    return node.input(node.is("QLinearConv") ? 3 : 1);
  }

  private static Value weightZero(Node node) {
    return node.input(node.is("QLinearConv") ? 5 : 3);
  }

  @Override
  public PlannedStep.Binding plan(Node node, Planning planning) {
    Value weights = weights(node);
    ConvGeometry geometry = ConvGeometry.of(new Call(node), Fused.shape(node.input(0)), Fused.shape(weights));
    Convolution.Shape shape = new Convolution.Shape(geometry.batch(), geometry.groups(), geometry.groupChannels(),
        geometry.groupFeatures(), ConvKernel.window(geometry.window()));
    boolean constant = weights.isConstant();
    IntegerConvolution convolution = constant
        ? IntegerConvolution.withWeights(shape, Bytes.constant(weights, weightZero(node)))
        : IntegerConvolution.of(shape);
    Bytes.Operand image = Bytes.Operand.of(planning, node.input(0), node.input(2));
    Bytes.Operand kernel = constant ? null : Bytes.Operand.of(planning, weights, weightZero(node));
    Place result = planning.place(node.output());
    Buffer scratch = planning.scratch(Store.FLOATS, convolution.scratch());
    if (node.is("ConvInteger")) {
      return memory -> convolution.on(image.in(memory), kernel == null ? null : kernel.in(memory),
          Bytes.ints(memory, result), memory.slice(scratch));
    }
    Requantization scales = requantization(node, 8);
    return memory -> convolution.on(image.in(memory), kernel == null ? null : kernel.in(memory),
        Bytes.slice(memory, result, scales.signed()), scales, memory.slice(scratch));
  }

  /** The scales of QLinearConv or QLinearMatMul: inputs 1, 4 and 6, with the zero point of the result at 7. */
  static Requantization requantization(Node node, int biasInput) {
    float x = node.input(1).tensor().floats()[0];
    float y = node.input(6).tensor().floats()[0];
    float[] scales = node.input(4).tensor().floats();
    for (int i = 0; i < scales.length; i++) {
      scales[i] = x * scales[i] / y;
    }
    Value bias = node.input(biasInput);
    int[] add = bias == null ? null : Bytes.integers(bias, 0);
    return new Requantization(scales, add, Bytes.integers(node.input(7), 1)[0], Bytes.signed(node.input(7)));
  }
}

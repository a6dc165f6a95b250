package dev.dwindle.train;

import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.Use;
import dev.dwindle.graph.Value;
import dev.dwindle.op.Call;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;

/**
 * The numbers with which the training of quantized weights begins.
 *
 * @param original the graph before it was quantized, or null
 */
record Latents(Graph original) {
  /** How far from an integer a number may lie to be rounded to it, whatever a division does to its last bit. */
  private static final double CELL = 0.4999;

  /** The share of a constant's numbers that are to be near the integers. */
  private static final double MOST = 0.9;

  /**
   * The numbers of the original layer, as far as they are rounded to the integers that there are, or else what these stand for.
   *
   * @param node the DequantizeLinear of the weights
   * @param dequantized what it gives
   * @param low the least integer, and {@code high} the largest: beyond them numbers stay as they are
   */
  Tensor of(Node node, Tensor dequantized, long low, long high) {
    Tensor found = original == null ? null : find(node, dequantized.shape());
    if (found == null) return dequantized;
    double[] integers = Elements.doubles(node.input(0).tensor());
    double[] scales = Elements.doubles(node.input(1).tensor());
    float[] stored = dequantized.floats();
    float[] numbers = found.floats();
    Shape shape = dequantized.shape();
    int axis = scales.length == 1 ? 0 : axis(node, shape.rank());
    int inner = scales.length == 1 ? 1 : (int) shape.product(axis + 1, shape.rank());
    int near = 0;
    for (int i = 0; i < numbers.length; i++) {
      double scale = scales[i / inner % scales.length];
      double error = numbers[i] - (double) stored[i];
      boolean free = error < 0 ? integers[i] <= low : integers[i] >= high;
      if (free || Math.abs(error) <= scale) near++;
      if (!free) numbers[i] = (float) (stored[i] + Math.clamp(error, -CELL * scale, CELL * scale));
    }
    return near >= MOST * numbers.length ? Tensor.of(shape, numbers) : dequantized;
  }

  private static int axis(Node node, int rank) {
    return rank == 1 ? 0 : new Call(node).axis(new Call(node).integer("axis", 1), rank);
  }

  /** The constant that the layer of the same output reads in the same place. */
  private Tensor find(Node node, Shape shape) {
    for (Use use : node.output().uses()) {
      Value output = use.node().outputs().isEmpty() ? null : original.value(use.node().output().name());
      Node layer = output == null ? null : output.producer();
      Value constant = layer == null || !layer.operator().equals(use.node().operator()) ? null
          : layer.input(use.index());
      boolean fits = constant != null && constant.isConstant() && constant.tensor().dtype() == DType.FLOAT
          && constant.tensor().shape().equals(shape);
      if (fits) return constant.tensor();
    }
    return null;
  }
}

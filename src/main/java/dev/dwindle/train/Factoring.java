package dev.dwindle.train;

import dev.dwindle.graph.Attribute;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.NodeBuilder;
import dev.dwindle.graph.Value;
import dev.dwindle.op.Call;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * Puts two layers with a few channels between them in place of one: the first does what reads the input (the window of a
 * Conv), the second is a product for each element.
 */
final class Factoring {
  /** What the first of two convolutions takes over. */
  private static final List<String> WINDOW = List.of("strides", "pads", "dilations", "auto_pad", "kernel_shape");
  private static final Set<String> LAYERS = Set.of("Conv", "Gemm", "MatMul");

  private Factoring() {}

  static void apply(Graph graph, double share) {
    for (Node node : List.copyOf(graph.nodes())) {
      if (isLayer(node)) factor(node, share);
    }
  }

  /** A layer that alone reads a constant matrix, or a constant kernel in one group. */
  private static boolean isLayer(Node node) {
    if (!node.domain().isEmpty() || !LAYERS.contains(node.operator())) return false;
    Value weights = node.input(1);
    boolean own = weights.isConstant() && weights.uses().size() == 1 && !weights.isGraphInput()
        && !weights.isGraphOutput()
        && weights.tensor().dtype().isFloating();
    Call call = new Call(node);
    return own && weights.tensor().shape().rank() >= 2 && (node.is("Conv") ? call.integer("group", 1) == 1
        : weights.tensor().shape().rank() == 2 && !call.flag("transA", false));
  }

  private static void factor(Node node, double share) {
    Value weights = node.input(1);
    Shape shape = weights.tensor().shape();
    // Rows are what the layer computes, columns what it reads.
    boolean standing = node.is("Conv") || new Call(node).flag("transB", false);
    int rows = shape.intDim(standing ? 0 : 1);
    int columns = (int) (shape.size() / rows);
    int rank = Math.max(1, (int) (share * shape.size() / (rows + columns)));
    if ((long) rank * (rows + columns) >= shape.size()) return;
    double[] values = Elements.doubles(weights.tensor());
    LowRank factors = LowRank.of(standing ? values : LowRank.transposed(values, columns, rows), rows, columns, rank);
    if (node.is("Conv")) {
      insert(node, constant(weights, "_first", shape.with(0, rank), factors.right()));
    } else {
      insert(node, constant(weights, "_first", Shape.of(columns, rank),
          LowRank.transposed(factors.right(), rank, columns)));
    }
    Shape second = node.is("Conv") ? pointwise(rows, rank, shape.rank()) : standing ? Shape.of(rows, rank)
        : Shape.of(rank, rows);
    double[] left = standing ? factors.left() : LowRank.transposed(factors.left(), rows, rank);
    node.setInput(1, constant(weights, "_second", second, left));
    node.graph().removeConstant(weights);
  }

  private static Shape pointwise(int rows, int rank, int axes) {
    long[] dims = new long[axes];
    Arrays.fill(dims, 1);
    dims[0] = rows;
    dims[1] = rank;
    return Shape.of(dims);
  }

  private static Value constant(Value weights, String end, Shape shape, double[] values) {
    return weights.graph().addConstant(weights.name() + end,
        Elements.ofDoubles(weights.tensor().dtype(), shape, values));
  }

  /** Lets a node read what a new Conv or MatMul before it, with the first factor, makes of its input. */
  private static void insert(Node node, Value weights) {
    NodeBuilder first = node.graph().node(node.is("Conv") ? "Conv" : "MatMul").in(node.input(0), weights)
        .out(node.output().name() + "_inner", null);
    for (Attribute attribute : List.copyOf(node.attributes())) {
      if (!node.is("Conv")) break;
      first.attribute(attribute);
      if (WINDOW.contains(attribute.name())) node.removeAttribute(attribute.name());
    }
    node.setInput(0, first.before(node).output());
  }
}

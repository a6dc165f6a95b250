package dev.dwindle.pass.quantize;

import dev.dwindle.graph.Attribute;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.Use;
import dev.dwindle.graph.Value;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;

/**
 * Products in FLOAT of a few channels with their rows of the weights, beside the integer products of the other channels. Source:
 * LLM.int8(), Dettmers et al., 2022, with channels that are known ahead.
 */
final class OutlierProducts {
  private record Part(Node product, Value channels, Value rows) {}

  private final Graph graph;
  private final List<Part> parts = new ArrayList<>();

  OutlierProducts(Graph graph) {
    this.graph = graph;
  }

  /** Gathers channels of an activation for the products that read it, while their weights are still FLOAT. */
  void gather(Value value, int[] channels, Collection<Use> readers) {
    long[] indices = Arrays.stream(channels).asLongStream().toArray();
    Value constant = graph.addConstant(value.name() + "_channels", Tensor.of(Shape.of(channels.length), indices));
    Value outliers = QdqEditor
        .behind(value, graph.node("Gather").in(value, constant).attribute(Attribute.of("axis", -1))
            .out(value.name() + "_outliers", null))
        .output();
    for (Use use : readers) {
      Value weight = use.node().input(1);
      parts.add(new Part(use.node(), outliers,
          graph.addConstant(weight.name() + "_rows", rows(weight.tensor(), channels))));
    }
  }

  private static Tensor rows(Tensor matrix, int[] indices) {
    int columns = matrix.shape().intDim(1);
    float[] all = matrix.floats();
    float[] rows = new float[indices.length * columns];
    for (int r = 0; r < indices.length; r++) {
      System.arraycopy(all, indices[r] * columns, rows, r * columns, columns);
    }
    return Tensor.of(Shape.of(indices.length, columns), rows);
  }

  /** Adds the products, once everything else reads what it is to read. The sums have the names that the products had. */
  void add() {
    for (Part part : parts) {
      Value whole = part.product().output();
      String name = whole.name();
      Value beside = graph.node("MatMul").in(part.channels(), part.rows()).out(name + "_outliers", whole.type())
          .after(part.product()).output();
      Value sum = graph.node("Add").in(whole, beside).out(name + "_sum", whole.type()).after(beside.producer())
          .output();
      graph.replaceUses(whole, sum);
      if (!sum.name().equals(name)) {
        graph.rename(whole, graph.freshName(name + "_usual"));
        graph.rename(sum, name);
      }
    }
  }
}

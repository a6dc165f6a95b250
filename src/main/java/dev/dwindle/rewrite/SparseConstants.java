package dev.dwindle.rewrite;

import dev.dwindle.graph.Constant;
import dev.dwindle.graph.Constant.Storage;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Value;
import java.util.List;
import java.util.stream.Stream;

/** Constants that a file stores as sparse tensors, which not every runtime reads. */
public final class SparseConstants {
  private SparseConstants() {}

  /** Those of a graph and of the graphs inside it. */
  public static List<Value> in(Graph graph) {
    return graphs(graph).flatMap(each -> each.constants().stream()).filter(SparseConstants::isSparse).toList();
  }

  /** Whether a constant is stored as a sparse tensor. */
  public static boolean isSparse(Value constant) {
    return constant.constant().form() != null && constant.constant().form().storage() == Storage.SPARSE;
  }

  /** Stores all of them as ordinary tensors. */
  public static void makeDense(Graph graph) {
    in(graph).forEach(value -> value.graph().setConstant(value, Constant.of(value.tensor())));
  }

  /** A graph and all graphs inside it. */
  public static Stream<Graph> graphs(Graph graph) {
    return Stream.concat(Stream.of(graph), graph.nodes().stream()
        .flatMap(node -> node.subgraphs().stream().flatMap(SparseConstants::graphs)));
  }
}

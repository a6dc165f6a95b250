package dev.dwindle.pass;

import dev.dwindle.graph.Attribute;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.NodeBuilder;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Value;
import dev.dwindle.quant.StoredWeights;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Tensor;
import java.util.List;
import java.util.stream.Stream;

/** Puts constants of narrow types into a graph, each behind the node that makes FLOAT of it again. */
public final class NarrowConstants {
  private NarrowConstants() {}

  /** The numbers of a FLOAT16 or BFLOAT16 tensor behind a Cast, in the graph of the constant that they come from. */
  public static Value cast(Value origin, Tensor narrow) {
    Value stored = origin.graph().addConstant(origin.name() + "_" + narrow.dtype().text(), narrow);
    return first(
        origin, origin.graph().node("Cast").in(stored).attribute(Attribute.of("to", DType.FLOAT.code())));
  }

  /** Stored weights behind a DequantizeLinear, in the graph of the constant that they come from. */
  public static Value dequantize(Value origin, StoredWeights weights) {
    Graph graph = origin.graph();
    String name = origin.name();
    NodeBuilder builder = graph.node("DequantizeLinear").in(
        graph.addConstant(name + "_" + weights.values().dtype().text(), weights.values()),
        graph.addConstant(name + "_scale", weights.scales()));
    if (weights.zeroPoints() != null) {
      builder.in(graph.addConstant(name + "_zero_point", weights.zeroPoints()));
    }
    builder.attribute(Attribute.of("axis", weights.layout().axis()));
    if (weights.layout().blockSize() > 0) {
      builder.attribute(Attribute.of("block_size", weights.layout().blockSize()));
    }
    return first(origin, builder);
  }

  private static Value first(Value origin, NodeBuilder builder) {
    Node next = origin.graph().nodes().getFirst();
    return builder.out(origin.name() + "_float", TensorType.of(origin.tensor())).before(next).output();
  }

  /** Removes a constant if nothing reads it any more, also where an old file lists it among the inputs. */
  public static void removeIfUnused(Value constant) {
    if (constant.isUnused()) {
      constant.graph().removeConstant(constant);
    }
  }

  /** All nodes of a graph and of the graphs inside it. */
  public static List<Node> allNodes(Graph graph) {
    return graph.nodes().stream()
        .flatMap(n -> Stream.concat(Stream.of(n),
            n.subgraphs().stream().flatMap(g -> allNodes(g).stream())))
        .toList();
  }
}

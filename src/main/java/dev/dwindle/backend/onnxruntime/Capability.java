package dev.dwindle.backend.onnxruntime;

import dev.dwindle.backend.Support;
import dev.dwindle.backend.TargetProfile;
import dev.dwindle.graph.Attribute;
import dev.dwindle.graph.Dim;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.GraphText;
import dev.dwindle.graph.Model;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.NodeBuilder;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Value;
import dev.dwindle.rewrite.Decomposition;
import dev.dwindle.rewrite.IrVersions;
import dev.dwindle.rewrite.ShapeInference;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * Which nodes ONNX Runtime runs. Its kernels depend on version, types and attributes, so it is asked itself: a model of the one
 * node loads or does not. What it loads and computes otherwise than the plain meaning is data, {@link Deviations}.
 */
final class Capability {
  static final int NEWEST_OPSET = TargetProfile.of(OnnxRuntimeBackend.NAME).maxOpset();

  /** A longer constant says nothing about a kernel; a shorter one of integers may be axes or a shape. */
  private static final long MOST_AXES = 64;

  private static final Set<String> BRANCHING = Set.of("If", "Loop", "Scan");

  /** Answers by the text of the model of one node: of the library in this process, for as long as it lives. */
  private static final Map<String, Support> KNOWN = new ConcurrentHashMap<>();

  private Capability() {}

  /** Whether a node runs, whole or in pieces. */
  static Support of(Node node) {
    Support whole = whole(node);
    return whole.isYes() || !node.subgraphs().isEmpty() || !isKnown(node) || !runsInPieces(node) ? whole : Support.YES;
  }

  /** Whether there is no kernel for a node as it is. */
  static boolean lacks(Node node) {
    return node.subgraphs().isEmpty() && !whole(node).isYes();
  }

  private static Support whole(Node node) {
    if (node.graph().opset("") > NEWEST_OPSET) {
      return Support.no("operator set " + node.graph().opset("") + " is newer than " + NEWEST_OPSET
          + ", the newest that ONNX Runtime " + Library.version() + " reads");
    }
    String wrong = Deviations.reason(node);
    if (wrong == null) {
      wrong = values(node).map(Capability::shut).filter(Objects::nonNull).findFirst().orElse(null);
    }
    if (wrong != null) {
      return Support.no(wrong);
    }
    if (!node.subgraphs().isEmpty()) {
      return !BRANCHING.contains(node.operator()) || !node.domain().isEmpty()
          ? Support.no("ONNX Runtime " + Library.version() + " runs no bodies but those of " + BRANCHING)
          : node.subgraphs().stream().flatMap(g -> g.nodes().stream()).map(Capability::of).filter(s -> !s.isYes())
              .findFirst().orElse(Support.YES);
    }
    if (isKnown(node)) return asked(single(node));
    return node.domain().isEmpty() ? Support.YES
        : Support.no("it is not known what it reads, so that ONNX Runtime cannot be asked for " + node.domain());
  }

  /** What a node reads and makes, without what is constant. */
  private static Stream<Value> values(Node node) {
    return Stream.concat(node.inputs().stream(), node.outputs().stream()).filter(v -> v != null && !v.isConstant());
  }

  /** Why a value can not pass the door, should the graph be cut there; null where it can, or nothing is known. */
  private static String shut(Value value) {
    if (value.type() == null) {
      return null;
    }
    if (value.tensorType() == null) {
      return "value '" + value.name() + "' is no tensor";
    }
    return value.tensorType().dtype() == null || ElementTypes.pass(value.tensorType().dtype()) ? null
        : "value '" + value.name() + "' is " + value.tensorType().dtype().text()
            + ", which ONNX Runtime's Java package does not take";
  }

  /** Whether enough is known to ask. */
  private static boolean isKnown(Node node) {
    return node.attributes().stream().noneMatch(a -> a.value() instanceof Attribute.Reference)
        && node.inputs().stream().allMatch(v -> v == null || v.isConstant()
            || (v.tensorType() != null && v.tensorType().dtype() != null && v.tensorType().hasRank()));
  }

  private static Support asked(Model single) {
    return KNOWN.computeIfAbsent(GraphText.print(single), text -> {
      try {
        ModelMemory.open("node", single, new Session.Settings(1, null)).close();
        return Support.YES;
      } catch (InvalidInputException e) {
        return Support.no("ONNX Runtime " + Library.version() + " says: " + Library.plain(e.getCause().getMessage()));
      }
    });
  }

  private static boolean runsInPieces(Node node) {
    Model single = single(node);
    ShapeInference.of(single.graph()).store();
    return Decomposition.decompose(single.graph(), Capability::lacks) > 0
        && single.graph().nodes().stream().allMatch(n -> whole(n).isYes());
  }

  /** A model of this node alone, the same for all nodes of its kind. */
  private static Model single(Node node) {
    Graph around = node.graph();
    Model model = new Model(
        Math.max(IrVersions.FIRST_WITH_FREE_INITIALIZERS, IrVersions.lowest(around.opset(""))), around.opset(""));
    model.opsets().put(node.domain(), node.version());
    Graph graph = model.graph();
    NodeBuilder copy = graph.node(node.domain(), node.operator());
    for (int i = 0; i < node.inputs().size(); i++) {
      copy.in(node.input(i) == null ? null : input(graph, node.input(i), "i" + i));
    }
    for (int i = 0; i < node.outputs().size(); i++) {
      Value output = node.output(i);
      copy.out(output == null ? null : graph.addValue("o" + i, type(output)));
    }
    node.attributes().forEach(copy::attribute);
    copy.append().outputs().stream().filter(Objects::nonNull).forEach(graph::addOutput);
    return model;
  }

  private static TensorType type(Value output) {
    return output.tensorType() == null || output.tensorType().dtype() == null ? null
        : TensorType.unranked(output.tensorType().dtype());
  }

  private static Value input(Graph graph, Value value, String name) {
    Tensor tensor = value.tensor();
    if (tensor != null && tensor.dtype().isInteger() && tensor.size() <= MOST_AXES) {
      return graph.addConstant(name, tensor);
    }
    TensorType type = tensor == null ? value.tensorType() : TensorType.of(tensor);
    List<Dim> dims = new ArrayList<>();
    for (int axis = 0; axis < type.rank(); axis++) {
      dims.add(Dim.symbol(name + "_" + axis));
    }
    Value input = graph.addValue(name, new TensorType(type.dtype(), dims));
    graph.addInput(input);
    return input;
  }
}

package dev.dwindle.rewrite;

import dev.dwindle.graph.Attribute;
import dev.dwindle.graph.Dim;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.NodeBuilder;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Value;
import java.util.ArrayList;
import java.util.List;

/** The lift rule for Scan-8, which looped over a batch axis: a Scan over the batch, with a Scan over the steps inside. */
final class LiftOfScan {
  private LiftOfScan() {}

  static void apply(LiftCall call) {
    Node node = call.node();
    if (call.has(0)) {
      throw call.impossible("Scan of opset 8 with sequence lengths, which later ones do not have");
    }
    List<Value> inputs = node.inputs().subList(1, node.inputs().size());
    NodeBuilder builder = node.graph().node("Scan").name(node.name()).in(inputs.toArray(Value[]::new))
        .attribute(Attribute.of("num_scan_inputs", inputs.size()));
    node.outputs().forEach(v -> builder.out(v == null ? "scan" : v.name(), v == null ? null : v.type()));
    Node batches = builder.before(node);
    batches.setAttribute(Attribute.of("body", Graph.subgraphOf(node.graph())));
    fill(batches.subgraphs().getFirst(), node, inputs, call);
    Rewiring.replace(node, batches.outputs());
  }

  /** The body for one element of the batch: the old loop, whose inputs have lost the batch axis. */
  private static void fill(Graph body, Node node, List<Value> inputs, LiftCall call) {
    body.setName("batch");
    List<Value> elements = new ArrayList<>();
    for (int i = 0; i < inputs.size(); i++) {
      TensorType type = call.type(1 + i);
      List<Dim> dims = type.hasRank() && type.rank() > 0 ? type.dims().subList(1, type.rank()) : null;
      Value element = body.newValue(inputs.get(i).name() + "_element", type.withDims(dims));
      body.addInput(element);
      elements.add(element);
    }
    NodeBuilder builder = body.node("Scan").in(elements.toArray(Value[]::new));
    node.outputs().forEach(v -> builder.out(v == null ? "scan" : v.name() + "_element", null));
    Node steps = builder.append();
    node.attributes().stream().filter(a -> !a.name().equals("directions")).forEach(a -> Transplant.into(steps, a));
    long[] directions = call.integers("directions", (long[]) null);
    if (directions != null) {
      steps.setAttribute(Attribute.of("scan_input_directions", directions));
    }
    steps.outputs().forEach(body::addOutput);
  }
}

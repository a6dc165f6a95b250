package dev.dwindle.backend;

import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Model;
import dev.dwindle.graph.Node;
import dev.dwindle.rewrite.Inlining;
import dev.dwindle.rewrite.ShapeInference;
import dev.dwindle.rewrite.Types;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A device together with the one that runs what it does not: a graph is cut into as few parts as that allows. */
public final class Partitioned implements Backend {
  private final Backend primary;
  private final Backend fallback;

  public Partitioned(Backend primary, Backend fallback) {
    this.primary = primary;
    this.fallback = fallback;
  }

  /** The name of the first device. */
  @Override
  public String name() {
    return primary.name();
  }

  @Override
  public Availability availability() {
    return primary.availability();
  }

  @Override
  public DeviceInfo device() {
    return primary.device();
  }

  @Override
  public List<CompileOptions.Precision> precisions() {
    return primary.precisions();
  }

  @Override
  public Support supports(Node node) {
    return primary.supports(node).isYes() ? Support.YES : fallback.supports(node);
  }

  @Override
  public PartitionedExecutable compile(Graph graph, CompileOptions options) {
    Model model = graph.model().copy();
    Inlining.inline(model);
    Types types = ShapeInference.of(model.graph(), options.shapes());
    types.store();
    Map<String, String> refused = new HashMap<>();
    while (true) {
      Partition partition = Partition.of(model.graph(), node -> support(node, refused));
      try {
        return new PartitionedExecutable(model, partition, types, options, primary, fallback);
      } catch (NodeRefusedException refusal) {
        String name = refusal.value();
        boolean known = model.graph().nodes().stream().anyMatch(n -> NodeRefusedException.name(n).equals(name));
        if (!known || refused.put(name, refusal.reason()) != null) throw refusal;
      }
    }
  }

  /** What the first device says of a node, unless it has refused just this one in this graph. */
  private Support support(Node node, Map<String, String> refused) {
    String reason = refused.get(NodeRefusedException.name(node));
    return reason == null ? primary.supports(node) : Support.no(reason);
  }

  @Override
  public void close() {
    primary.close();
    fallback.close();
  }
}

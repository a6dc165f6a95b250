package dev.dwindle.backend;

import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Model;
import dev.dwindle.graph.Node;
import dev.dwindle.rewrite.Inlining;
import dev.dwindle.rewrite.ShapeInference;
import dev.dwindle.rewrite.Types;
import dev.dwindle.tensor.InvalidInputException;

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
  public Support supports(Node node) {
    return primary.supports(node).isYes() ? Support.YES : fallback.supports(node);
  }

  @Override
  public PartitionedExecutable compile(Graph graph, CompileOptions options) {
    Model model = graph.model().copy();
    Inlining.inline(model);
    Types types = ShapeInference.of(model.graph(), options.shapes());
    types.store();
    Partition partition = Partition.of(model.graph(), primary::supports);
    while (true) {
      try {
        return new PartitionedExecutable(model, partition, types, options, primary, fallback);
      } catch (InvalidInputException refusal) {
        // A device that refuses a graph whole may have learned which node it does not run.
        Partition next = Partition.of(model.graph(), primary::supports);
        if (next.causes().size() <= partition.causes().size()) throw refusal;
        partition = next;
      }
    }
  }

  @Override
  public void close() {
    primary.close();
    fallback.close();
  }
}

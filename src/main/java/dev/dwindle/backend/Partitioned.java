package dev.dwindle.backend;

import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Node;
import java.util.List;

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
    return new PartitionedExecutable(graph, options, primary, fallback);
  }

  @Override
  public EnergyCounter energy() {
    return primary.energy();
  }

  @Override
  public void close() {
    primary.close();
    fallback.close();
  }
}

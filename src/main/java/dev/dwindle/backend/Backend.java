package dev.dwindle.backend;

import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Node;

/** A device that runs graphs. Asking never throws; insisting may. */
public interface Backend extends AutoCloseable {
  /** The device as users write it: {@code cpu}, {@code cuda:0}, {@code openvino:CPU}. */
  String name();

  /** Whether the device can be used here and now. */
  Availability availability();

  /** What the device is. */
  DeviceInfo device();

  /** Whether {@link #compile} takes this node, by operator, version, types, attributes and shapes. */
  Support supports(Node node);

  /**
   * Plans a graph for the device. The graph is not changed and may be changed afterwards.
   *
   * @throws dev.dwindle.tensor.DeviceUnavailableException where the device is not available
   * @throws dev.dwindle.tensor.InvalidInputException where a node is not supported or the graph breaks the specification
   * @throws NodeRefusedException where a node that is supported does not run in this graph after all
   */
  Executable compile(Graph graph, CompileOptions options);

  @Override
  void close();
}

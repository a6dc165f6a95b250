package dev.dwindle.backend;

import dev.dwindle.backend.CompileOptions.Precision;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Node;
import java.util.List;

/** A device that runs graphs. Asking never throws; insisting may. */
public interface Backend extends AutoCloseable {
  /** The device as users write it: {@code cpu}, {@code cuda:0}, {@code openvino:CPU}. */
  String name();

  /** Whether the device can be used here and now. */
  Availability availability();

  /** What the device is. */
  DeviceInfo device();

  /** The precisions that {@link #compile} takes here and now, FP32 first. */
  default List<Precision> precisions() {
    return List.of(Precision.F32);
  }

  /** The precision that graphs are compiled in. */
  default Precision precision() {
    return Precision.F32;
  }

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

  /**
   * Bytes that values take at once, in one request for a graph whose inputs have declared shapes: its inputs, outputs and all between them. Negative where the device
   * does not tell.
   *
   * @throws TooLargeException where they are more than the device can hold
   */
  default long bytes(Graph graph, CompileOptions options) {
    return -1;
  }

  /** What the device counts of its own energy; null where it is the processor, whose counters the system has. */
  default EnergyCounter energy() {
    return null;
  }

  @Override
  void close();
}

package dev.dwindle.backend;

import dev.dwindle.backend.CompileOptions.Precision;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Node;
import java.util.List;

/** A device that computes in another precision than FP32, whatever else a graph is compiled with; named {@code openvino:CPU@bf16}. */
public final class InPrecision implements Backend {
  private final Backend device;
  private final Precision precision;

  public InPrecision(Backend device, Precision precision) {
    this.device = device;
    this.precision = precision;
  }

  /** The device as it computes in FP32. */
  public Backend full() {
    return device;
  }

  @Override
  public String name() {
    return device.name() + "@" + precision.word();
  }

  @Override
  public Availability availability() {
    return device.availability();
  }

  @Override
  public DeviceInfo device() {
    DeviceInfo info = device.device();
    return new DeviceInfo(name(), info.description(), info.memoryBytes(), info.facts());
  }

  @Override
  public List<Precision> precisions() {
    return device.precisions();
  }

  @Override
  public Precision precision() {
    return precision;
  }

  @Override
  public Support supports(Node node) {
    return device.supports(node);
  }

  @Override
  public Executable compile(Graph graph, CompileOptions options) {
    return device.compile(graph, options.withPrecision(precision));
  }

  @Override
  public long bytes(Graph graph, CompileOptions options) {
    return device.bytes(graph, options.withPrecision(precision));
  }

  @Override
  public EnergyCounter energy() {
    return device.energy();
  }

  @Override
  public void close() {
    device.close();
  }
}

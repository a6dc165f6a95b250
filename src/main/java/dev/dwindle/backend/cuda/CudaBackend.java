package dev.dwindle.backend.cuda;

import dev.dwindle.backend.Availability;
import dev.dwindle.backend.Backend;
import dev.dwindle.backend.CompileOptions;
import dev.dwindle.backend.DeviceInfo;
import dev.dwindle.backend.Executable;
import dev.dwindle.backend.Support;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Node;

/** A GPU by its number, or what stands in for one. */
public final class CudaBackend implements Backend {
  private final String name;
  private final Device device;

  /** A backend on a device that somebody else closes. */
  CudaBackend(String name, Device device) {
    this.name = name;
    this.device = device;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Availability availability() {
    return new Availability.Yes();
  }

  @Override
  public DeviceInfo device() {
    return device.info();
  }

  @Override
  public Support supports(Node node) {
    return CudaKernels.find(node) != null || Ahead.mayBe(node) ? Support.YES
        : Support.no(node.label() + ": no kernel takes it");
  }

  @Override
  public Executable compile(Graph graph, CompileOptions options) {
    return new CudaExecutable(name, device, graph, options);
  }

  @Override
  public void close() {
    // holds nothing: the device stays with the process
  }
}

package dev.dwindle.backend.cuda;

import dev.dwindle.backend.Availability;
import dev.dwindle.backend.Backend;
import dev.dwindle.backend.CompileOptions;
import dev.dwindle.backend.CompileOptions.Precision;
import dev.dwindle.backend.DeviceInfo;
import dev.dwindle.backend.EnergyCounter;
import dev.dwindle.backend.Executable;
import dev.dwindle.backend.Support;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Node;
import dev.dwindle.tensor.DeviceUnavailableException;
import dev.dwindle.tensor.InvalidInputException;
import java.util.List;

/** A GPU by its number, or what stands in for one. */
public final class CudaBackend implements Backend {
  private final String name;
  /** What stands in for a GPU; null for a GPU. */
  private final Device device;
  /** Finds the GPU; null where there is a device that stands in for it. */
  private final Probe probe;

  /** The GPU of this number, counted from 0. */
  public CudaBackend(int number) {
    this(number, new Probe(number));
  }

  CudaBackend(int number, Probe probe) {
    name = "cuda:" + number;
    device = null;
    this.probe = probe;
  }

  /** A backend on a device that somebody else closes. */
  CudaBackend(String name, Device device) {
    this.name = name;
    this.device = device;
    probe = null;
  }

  /** Lets GPUs that are opened from now on give this process so many bytes at most; 0 for as many as they have. */
  public static void limitMemory(long bytes) {
    Gpus.limitMemory(bytes);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Availability availability() {
    String reason = reason();
    return reason == null ? new Availability.Yes() : new Availability.No(reason);
  }

  /** Why nothing runs on the GPU, in one sentence; null where it does. */
  private String reason() {
    if (device != null) return null;
    try {
      Gpu gpu = probe.gpu();
      String missing = NvrtcRelease.WHEEL.missing();
      boolean compiled = missing == null || Gpus.cubins().compiledFor(gpu.capability()) > 0;
      return compiled ? null : gpu.name() + " is there; " + missing;
    } catch (DeviceUnavailableException e) {
      return e.getMessage();
    }
  }

  @Override
  public List<Precision> precisions() {
    return device != null ? List.of(Precision.values()) : probe.gpu().precisions();
  }

  @Override
  public DeviceInfo device() {
    return device != null ? device.info() : probe.gpu().info(name);
  }

  @Override
  public EnergyCounter energy() {
    return probe == null ? null : new Nvml(name, probe);
  }

  @Override
  public Support supports(Node node) {
    return CudaKernels.find(node) != null || Ahead.mayBe(node) ? Support.YES
        : Support.no(node.label() + ": no kernel takes it");
  }

  @Override
  public Executable compile(Graph graph, CompileOptions options) {
    Precision precision = options.precision();
    // Kernels of a precision that the GPU does not know stop it.
    if (precision != Precision.F32 && !precisions().contains(precision)) {
      throw new InvalidInputException("device '" + name + "': found precision " + precision.word()
          + ", expected one of " + precisions().stream().map(Precision::word).toList());
    }
    return new CudaExecutable(name, device != null ? device : open(), precisions(), graph, options);
  }

  private Device open() {
    Device opened = Gpus.opened(probe);
    if (opened != null) return opened;
    String reason = reason();
    if (reason != null) throw new DeviceUnavailableException("device '" + name + "': " + reason);
    return Gpus.open(name, probe);
  }

  @Override
  public void close() {
    // holds nothing: the device stays with the process
  }
}

package dev.dwindle.catalog;

import dev.dwindle.backend.Availability;
import dev.dwindle.backend.Backend;
import dev.dwindle.backend.Partitioned;
import dev.dwindle.backend.cpu.CpuBackend;
import dev.dwindle.backend.onnxruntime.OnnxRuntimeBackend;
import dev.dwindle.backend.openvino.OpenVinoBackend;
import dev.dwindle.tensor.DeviceUnavailableException;
import java.util.List;

/** All devices of this machine, by the names under which users ask for them. */
public final class Backends {
  private Backends() {}

  /** Every backend that Dwindle knows, available or not. */
  public static List<Backend> all() {
    return List.of(
        new CpuBackend(),
        new Partitioned(new OpenVinoBackend("CPU"), new CpuBackend()),
        new Partitioned(new OpenVinoBackend("GPU"), new CpuBackend()),
        new Partitioned(new OpenVinoBackend("NPU"), new CpuBackend()),
        new Partitioned(new OnnxRuntimeBackend(), new CpuBackend()));
  }

  /** Begins in threads of their own what backends take long to load, and goes on at once. */
  public static void prepare() {
    CpuBackend.prepare();
  }

  public static List<String> names() {
    return all().stream().map(Backend::name).toList();
  }

  /**
   * The backend of this name, ready for use.
   *
   * @throws DeviceUnavailableException where there is no such device here
   */
  public static Backend open(String device) {
    for (Backend backend : all()) {
      if (backend.name().equals(device)) {
        if (backend.availability() instanceof Availability.No(String reason)) {
          throw new DeviceUnavailableException("device '" + device + "': " + reason);
        }
        return backend;
      }
    }
    throw new DeviceUnavailableException("device '" + device + "': unknown, expected one of " + names());
  }
}

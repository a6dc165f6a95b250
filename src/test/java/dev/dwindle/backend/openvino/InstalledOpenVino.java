package dev.dwindle.backend.openvino;

import dev.dwindle.backend.Backend;
import dev.dwindle.backend.Partitioned;
import dev.dwindle.backend.cpu.CpuBackend;
import java.nio.file.Path;

/** OpenVINO for tests: installed once, from the wheel that {@code -Ddwindle.openvino} names, into the cache of the tests. */
public final class InstalledOpenVino {
  static {
    new OpenVinoInstaller().install(Path.of(System.getProperty("dwindle.openvino")), line -> {});
  }

  private InstalledOpenVino() {}

  /** The device as users get it. */
  public static Backend cpu() {
    return new Partitioned(alone(), new CpuBackend());
  }

  /** The device without a fallback. */
  static OpenVinoBackend alone() {
    return new OpenVinoBackend("CPU");
  }
}

package dev.dwindle.backend.cuda;

import dev.dwindle.backend.CompileOptions.Precision;
import dev.dwindle.backend.DeviceInfo;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the driver says of a GPU.
 *
 * @param capability its compute capability, ten times the major number and the minor one: 90 is 9.0
 * @param driver the newest CUDA that the driver knows: 13000 is 13.0
 */
record Gpu(String name, int capability, long memoryBytes, int driver) {
  /** The compute capability from which on tensor cores know BF16 and TF32. */
  private static final int AMPERE = 80;

  /** What products are computed in: FP32, and what tensor cores know. */
  List<Precision> precisions() {
    return capability >= AMPERE ? List.of(Precision.values()) : List.of(Precision.F32, Precision.F16);
  }

  DeviceInfo info(String device) {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("compute capability", Double.toString(capability / 10.0));
    facts.put("driver", "CUDA " + cuda(driver));
    facts.put("precisions", String.join(", ", precisions().stream().map(Precision::word).toList()));
    return new DeviceInfo(device, name, memoryBytes, facts);
  }

  /** A version as users know it. */
  static String cuda(int version) {
    return version / 1000 + "." + version % 1000 / 10;
  }
}

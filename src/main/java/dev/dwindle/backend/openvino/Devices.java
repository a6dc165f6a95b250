package dev.dwindle.backend.openvino;

import dev.dwindle.backend.CompileOptions.Precision;
import dev.dwindle.backend.DeviceInfo;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What OpenVINO says of its devices. */
final class Devices {
  /** Where a device keeps the size of its memory, by the beginning of its name; others use the machine's. */
  private static final Map<String, String> MEMORY = Map.of("GPU", "GPU_DEVICE_TOTAL_MEM_SIZE", "NPU",
      "NPU_DEVICE_TOTAL_MEM_SIZE");

  private Devices() {}

  /** Why a device is not there, in one sentence; null where it is. */
  static String missing(OpenVino library, String device) {
    try {
      String ids = library.property(kind(device), "AVAILABLE_DEVICES");
      if (ids.isBlank() && !kind(device).equals("CPU")) return "OpenVINO finds no " + kind(device) + " with a driver";
      String id = device.substring(kind(device).length()).replaceFirst("\\.", "");
      if (!id.isEmpty() && !List.of(ids.strip().split("[\\s,]+")).contains(id)) {
        return "OpenVINO finds no " + kind(device) + " of number " + id + " here, but " + found(kind(device), ids);
      }
      library.property(device, "FULL_DEVICE_NAME");
      return null;
    } catch (OpenVino.Failure failure) {
      return "OpenVINO has no device '" + device + "' here: " + failure.getMessage();
    }
  }

  private static String found(String kind, String ids) {
    return ids.isBlank() ? "one " + kind + " without a number" : kind + " " + ids.strip();
  }

  private static String kind(String device) {
    return device.replaceFirst("\\..*", "");
  }

  static DeviceInfo info(OpenVino library, String name, String device) {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("library", "OpenVINO " + library.version());
    put(facts, "driver", library, device, kind(device) + "_DRIVER_VERSION");
    put(facts, "architecture", library, device, "DEVICE_ARCHITECTURE");
    put(facts, "capabilities", library, device, "OPTIMIZATION_CAPABILITIES");
    facts.put("precisions", String.join(", ", precisions(library, device).stream().map(Precision::word).toList()));
    return new DeviceInfo(name, library.property(device, "FULL_DEVICE_NAME").strip(), memory(library, device), facts);
  }

  /** FP32, which every device takes, and those of its capabilities that a graph can be compiled in. */
  static List<Precision> precisions(OpenVino library, String device) {
    List<String> capabilities = List.of(library.property(device, "OPTIMIZATION_CAPABILITIES").strip().split("\\s+"));
    List<Precision> precisions = new ArrayList<>(List.of(Precision.F32));
    if (capabilities.contains("BF16")) precisions.add(Precision.BF16);
    if (capabilities.contains("FP16")) precisions.add(Precision.F16);
    return precisions;
  }

  /** A fact, where the device has it. */
  private static void put(Map<String, String> facts, String fact, OpenVino library, String device, String key) {
    try {
      facts.put(fact, library.property(device, key).strip());
    } catch (OpenVino.Failure failure) {
      // not every device has every property
    }
  }

  private static long memory(OpenVino library, String device) {
    try {
      String key = MEMORY.get(kind(device));
      return key == null ? 0 : Long.parseLong(library.property(device, key).strip());
    } catch (OpenVino.Failure | NumberFormatException e) {
      return 0;
    }
  }
}

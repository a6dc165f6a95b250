package dev.dwindle.backend.openvino;

import dev.dwindle.backend.DeviceInfo;
import java.util.LinkedHashMap;
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
      library.property(device, "FULL_DEVICE_NAME");
      return null;
    } catch (OpenVino.Failure failure) {
      return "OpenVINO has no device '" + device + "' here: " + failure.getMessage();
    }
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
    put(facts, "precision", library, device, "INFERENCE_PRECISION_HINT");
    return new DeviceInfo(name, library.property(device, "FULL_DEVICE_NAME").strip(), memory(library, device), facts);
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

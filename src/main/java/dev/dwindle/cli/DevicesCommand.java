package dev.dwindle.cli;

import dev.dwindle.backend.Availability;
import dev.dwindle.backend.Backend;
import dev.dwindle.backend.DeviceInfo;
import dev.dwindle.catalog.Backends;
import dev.dwindle.measure.ArithmeticProbe;
import dev.dwindle.report.JsonReport;
import dev.dwindle.tensor.DwindleException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;

/** {@code devices}: what can run models here, and why not where it cannot. */
final class DevicesCommand implements Callable<Integer> {
  private final Options options;
  private final Argument<Boolean> json;

  DevicesCommand(Options options) {
    this.options = options;
    options.describe("Lists the devices that can run models here.");
    json = options.flag("--json", "Prints JSON.");
  }

  @Override
  public Integer call() {
    PrintWriter out = options.out();
    List<Map<String, Object>> devices = new ArrayList<>();
    for (Backend backend : Backends.all()) {
      try (backend) {
        devices.add(describe(backend));
      }
    }
    if (json.get()) {
      out.print(JsonReport.of(Map.of("devices", devices)));
      return ExitCode.DONE;
    }
    for (Map<String, Object> device : devices) {
      out.println(
          device.get("name") + "  " + device.getOrDefault("description", "not available: " + device.get("reason")));
      for (String part : List.of("facts", "arithmetic")) {
        if (device.get(part) instanceof Map<?, ?> facts) {
          facts.forEach((key, value) -> out.println("    " + key + ": " + value));
        }
      }
    }
    return ExitCode.DONE;
  }

  /** What a probe finds, or why it finds nothing: a device that is listed may fail all the same. */
  private static Map<String, String> arithmetic(Backend backend) {
    try {
      return ArithmeticProbe.of(backend).facts();
    } catch (DwindleException e) {
      return Map.of("arithmetic", "not probed: " + e.getMessage());
    }
  }

  private static Map<String, Object> describe(Backend backend) {
    Map<String, Object> device = new LinkedHashMap<>();
    device.put("name", backend.name());
    switch (backend.availability()) {
      case Availability.Yes yes -> {
        DeviceInfo info = backend.device();
        device.put("available", true);
        device.put("description", info.description());
        device.put("memoryBytes", info.memoryBytes());
        device.put("facts", info.facts());
        device.put("arithmetic", arithmetic(backend));
      }
      case Availability.No(String reason) -> {
        device.put("available", false);
        device.put("reason", reason);
      }
    }
    return device;
  }
}

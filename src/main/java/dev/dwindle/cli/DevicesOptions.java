package dev.dwindle.cli;

import dev.dwindle.tensor.InvalidInputException;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** Where a result must hold: on one device, or on each of several; and threads. */
final class DevicesOptions {
  private final DeviceOptions one;
  private final Argument<String> several;

  DevicesOptions(Options options) {
    one = new DeviceOptions(options);
    several = options.option("--for-devices", "D,D,...", String.class,
        "Several devices instead of one, parted by commas: the result must hold on each of them.");
  }

  /** The devices, in the order in which they were named. */
  List<String> devices() {
    if (several.get() == null) return List.of(one.device());
    if (one.isGiven()) {
      throw new InvalidInputException("--device and --for-devices: found both, expected one of them");
    }
    if (one.hasPrecision()) {
      throw new InvalidInputException(
          "--precision and --for-devices: found both, expected the precision behind the device, such as openvino:CPU@bf16");
    }
    List<String> names = Arrays.stream(several.get().split(",", -1)).map(String::strip).toList();
    if (names.contains("")) {
      throw new InvalidInputException(
          "--for-devices: found '" + several.get() + "', expected names of devices, parted by commas");
    }
    if (Set.copyOf(names).size() < names.size()) {
      throw new InvalidInputException("--for-devices: found '" + several.get() + "', expected each device once");
    }
    one.limitMemory(names);
    return names;
  }

  /** Worker threads; 0 for all cores. */
  int threads() {
    return one.compileOptions().threads();
  }
}

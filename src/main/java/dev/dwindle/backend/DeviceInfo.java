package dev.dwindle.backend;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a device is.
 *
 * @param name as users write it
 * @param description the product's own name
 * @param memoryBytes memory that a model may use; 0 where unknown
 * @param facts further facts in the order in which they are shown, such as vector width or driver version
 */
public record DeviceInfo(String name, String description, long memoryBytes, Map<String, String> facts) {
  /** The same with further facts behind the others. */
  public DeviceInfo withFacts(Map<String, String> further) {
    Map<String, String> all = new LinkedHashMap<>(facts);
    all.putAll(further);
    return new DeviceInfo(name, description, memoryBytes, all);
  }
}

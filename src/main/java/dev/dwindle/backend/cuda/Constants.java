package dev.dwindle.backend.cuda;

import dev.dwindle.tensor.Tensor;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;

/** The constants of an executable on the device, each brought there when a request first reads it. */
final class Constants implements AutoCloseable {
  private final Device device;
  private final Map<Tensor, Long> addresses = new IdentityHashMap<>();

  Constants(Device device) {
    this.device = device;
  }

  synchronized long address(Tensor tensor) {
    Long known = addresses.get(tensor);
    if (known != null) return known;
    long address = device.allocate(tensor.byteSize());
    addresses.put(tensor, address);
    device.copyIn(tensor.segment(), address);
    return address;
  }

  /** What is there now, for {@link #keepOnly}. */
  synchronized Set<Tensor> held() {
    Set<Tensor> held = Collections.newSetFromMap(new IdentityHashMap<>());
    held.addAll(addresses.keySet());
    return held;
  }

  /** Gives back what came since: nobody reads it, as a request that was to read it did not come about. */
  synchronized void keepOnly(Set<Tensor> held) {
    addresses.entrySet().removeIf(entry -> {
      if (held.contains(entry.getKey())) return false;
      device.free(entry.getValue());
      return true;
    });
  }

  /** Whether a constant is there already. */
  synchronized boolean has(Tensor tensor) {
    return addresses.containsKey(tensor);
  }

  @Override
  public synchronized void close() {
    addresses.values().forEach(device::free);
    addresses.clear();
  }
}

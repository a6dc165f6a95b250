package dev.dwindle.engine;

import dev.dwindle.backend.Backend;
import dev.dwindle.catalog.Backends;
import dev.dwindle.tensor.DeviceUnavailableException;
import java.util.ArrayList;
import java.util.List;

/** The devices of a job, opened in the order in which they were named. */
final class Devices implements AutoCloseable {
  private final List<Backend> all = new ArrayList<>();

  private Devices() {}

  /**
   * Opens devices.
   *
   * @throws DeviceUnavailableException where one is unknown or not there; none is open then
   */
  static Devices open(List<String> names) {
    Devices devices = new Devices();
    try {
      names.forEach(name -> devices.all.add(Backends.open(name)));
      return devices;
    } catch (RuntimeException e) {
      devices.close();
      throw e;
    }
  }

  /** What devices call themselves, since users may write upper or lower case; told before any work where one is unknown or not there. */
  static List<String> names(List<String> asked) {
    try (Devices devices = open(asked)) {
      return devices.all.stream().map(Backend::name).toList();
    }
  }

  List<Backend> all() {
    return List.copyOf(all);
  }

  @Override
  public void close() {
    all.reversed().forEach(Backend::close);
  }
}

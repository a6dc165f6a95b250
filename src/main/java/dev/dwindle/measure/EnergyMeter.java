package dev.dwindle.measure;

import dev.dwindle.backend.EnergyCounter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.DoubleStream;

/**
 * Counters of energy: those of processor packages (RAPL, in {@code /sys/class/powercap}), else those of {@code hwmon}; and that of a device beside the processor, without which
 * there is none. In microjoules.
 */
final class EnergyMeter {
  /**
   * One counter.
   *
   * @param range at which it begins again from 0; infinite where it does not
   */
  private record Counter(Path file, double range) {}

  private final List<Counter> counters = new ArrayList<>();
  /** Null where the device is the processor. */
  private final EnergyCounter device;
  private String missing = "no energy counter under /sys/class/powercap or /sys/class/hwmon";

  /** @param device what the device counts itself; null where it is the processor */
  EnergyMeter(SystemFiles files, EnergyCounter device) {
    this.device = device;
    if (device != null) missing = device.missing();
    if (device == null || missing == null) addProcessor(files);
  }

  private void addProcessor(SystemFiles files) {
    for (Path file : files.matching("sys/class/powercap", "*", "energy_uj")) {
      Path folder = file.getParent();
      List<String> name = SystemFiles.lines(folder.resolve("name"));
      // The parts of a package (core, dram) are counted in it; a whole platform (psys) holds the packages.
      if (name.isEmpty() || !name.getFirst().startsWith("package")) continue;
      Double range = SystemFiles.number(folder.resolve("max_energy_range_uj"));
      add(file, range == null ? Double.POSITIVE_INFINITY : range);
    }
    if (!counters.isEmpty()) return;
    for (Path file : files.matching("sys/class/hwmon", "hwmon*", "energy*_input")) {
      add(file, Double.POSITIVE_INFINITY);
    }
  }

  private void add(Path file, double range) {
    if (SystemFiles.number(file) != null) counters.add(new Counter(file, range));
    else if (device == null && !Files.isReadable(file)) missing = file + " may not be read by this user";
  }

  /** Why there is nothing to read; null where there is. */
  String missing() {
    return device == null && !counters.isEmpty() ? null : missing;
  }

  /** Whose energy it is. */
  String of() {
    return device == null ? "the processor" : counters.isEmpty() ? "the device alone" : "the processor and the device";
  }

  /** What the counters show, to be given to {@link #joulesSince}. */
  double[] read() {
    DoubleStream own = device == null ? DoubleStream.empty() : DoubleStream.of(device.microjoules());
    return DoubleStream.concat(counters.stream().mapToDouble(counter -> {
      Double value = SystemFiles.number(counter.file());
      return value == null ? Double.NaN : value;
    }), own).toArray();
  }

  /** The energy since then, NaN where a counter was lost; each of the processor may have begun again once. */
  double joulesSince(double[] then) {
    double[] now = read();
    double sum = 0;
    for (int i = 0; i < now.length; i++) {
      double spent = now[i] - then[i];
      if (spent < 0) spent = i < counters.size() ? spent + counters.get(i).range() : Double.NaN;
      sum += spent;
    }
    return sum / 1e6;
  }

  /** How long a stretch is to be measured: a processor's counter moves about a thousand times a second, a device's some ten times. */
  double stretchMillis() {
    return device == null ? 250 : 1000;
  }
}

package dev.dwindle.measure;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Counters of energy: those of processor packages (RAPL, in {@code /sys/class/powercap}), else those of {@code hwmon}; in microjoules. */
final class EnergyMeter {
  /**
   * One counter.
   *
   * @param range at which it begins again from 0; infinite where it does not
   */
  private record Counter(Path file, double range) {}

  private final List<Counter> counters = new ArrayList<>();
  private String missing = "no energy counter under /sys/class/powercap or /sys/class/hwmon";

  EnergyMeter(SystemFiles files) {
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
    else if (!Files.isReadable(file)) missing = file + " may not be read by this user";
  }

  /** Why there is nothing to read; null where there is. */
  String missing() {
    return counters.isEmpty() ? missing : null;
  }

  /** What the counters show, to be given to {@link #joulesSince}. */
  double[] read() {
    return counters.stream().mapToDouble(counter -> {
      Double value = SystemFiles.number(counter.file());
      return value == null ? Double.NaN : value;
    }).toArray();
  }

  /** The energy since then; each counter may have begun again once. */
  double joulesSince(double[] then) {
    double[] now = read();
    double sum = 0;
    for (int i = 0; i < now.length; i++) {
      double spent = now[i] - then[i];
      sum += spent < 0 ? spent + counters.get(i).range() : spent;
    }
    return sum / 1e6;
  }
}

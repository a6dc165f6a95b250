package dev.dwindle.measure;

import dev.dwindle.result.MachineState;
import dev.dwindle.result.Reading;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.DoubleStream;

/** What the machine tells of its clocks and its heat. */
final class MachineSensors {
  private static final String LOAD = "/proc/loadavg";
  private static final double HOTTEST = 150;

  private final SystemFiles files;

  MachineSensors(SystemFiles files) {
    this.files = files;
  }

  MachineState read() {
    return new MachineState(load(), frequency(), temperature(), throttles());
  }

  private Reading load() {
    List<String> lines = files.lines("proc/loadavg");
    return lines.isEmpty() ? Reading.missing("", "no " + LOAD)
        : new Reading(Double.valueOf(lines.getFirst().split(" ")[0]), "", LOAD);
  }

  private Reading frequency() {
    List<Double> kilohertz = numbers(files.matching("sys/devices/system/cpu", "cpu[0-9]*", "cpufreq")
        .stream().map(folder -> folder.resolve("scaling_cur_freq")).toList());
    if (!kilohertz.isEmpty()) return new Reading(mean(kilohertz) / 1e3, "MHz", "cpufreq");
    List<Double> megahertz = files.lines("proc/cpuinfo").stream().filter(line -> line.startsWith("cpu MHz"))
        .map(line -> Double.valueOf(line.substring(line.indexOf(':') + 1).strip())).toList();
    return megahertz.isEmpty() ? Reading.missing("MHz", "no cpufreq, and no 'cpu MHz' in /proc/cpuinfo")
        : new Reading(mean(megahertz), "MHz", "/proc/cpuinfo");
  }

  private Reading temperature() {
    List<Path> sensors = new ArrayList<>(files.matching("sys/class/thermal", "thermal_zone*", "temp"));
    sensors.addAll(files.matching("sys/class/hwmon", "hwmon*", "temp*_input"));
    DoubleStream celsius = numbers(sensors).stream().mapToDouble(t -> t / 1e3).filter(t -> t > 0 && t < HOTTEST);
    return celsius.boxed().max(Double::compare).map(hottest -> new Reading(hottest, "°C", "the hottest sensor"))
        .orElse(Reading.missing("°C", "no sensor under /sys/class/thermal or /sys/class/hwmon"));
  }

  private Reading throttles() {
    List<Double> counts = numbers(files.matching("sys/devices/system/cpu", "cpu[0-9]*", "thermal_throttle").stream()
        .map(folder -> folder.resolve("core_throttle_count")).toList());
    return counts.isEmpty() ? Reading.missing("", "no thermal_throttle under /sys/devices/system/cpu")
        : new Reading(counts.stream().mapToDouble(Double::doubleValue).sum(), "", "thermal_throttle");
  }

  private static List<Double> numbers(List<Path> paths) {
    return paths.stream().map(SystemFiles::number).filter(Objects::nonNull).toList();
  }

  private static double mean(List<Double> numbers) {
    return numbers.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
  }
}

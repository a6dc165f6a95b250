package dev.dwindle.measure;

import dev.dwindle.backend.DeviceInfo;
import dev.dwindle.result.MachineInfo;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** Reads what machine this is, how busy it is, and how much memory this process has taken. */
public final class Machine {
  private static final Set<String> FLAGS = Set.of("sse4_2", "avx", "avx2", "fma", "avx512f", "avx512bw", "avx512_vnni",
      "avx_vnni", "avx512_bf16", "avx512_fp16", "amx_int8",
      "amx_bf16", "asimd", "asimddp", "i8mm", "sve", "bf16");

  private Machine() {}

  /** The machine as it is now. */
  public static MachineInfo describe(DeviceInfo device) {
    List<String> cpuinfo = lines(Path.of("/proc/cpuinfo"));
    String cpu = field(cpuinfo, "model name", System.getProperty("os.arch"));
    List<String> flags = Arrays.stream(field(cpuinfo, "flags", field(cpuinfo, "Features", "")).split(" "))
        .filter(FLAGS::contains).sorted().toList();
    return new MachineInfo(
        cpu,
        Runtime.getRuntime().availableProcessors(),
        flags,
        kilobytes(lines(Path.of("/proc/meminfo")), "MemTotal") * 1024,
        System.getProperty("os.name") + " " + System.getProperty("os.version"),
        System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version"),
        load(),
        device.facts());
  }

  /** Over the last minute; from the file where there is one, since the JVM's management takes milliseconds to begin. */
  private static double load() {
    List<String> file = lines(Path.of("/proc/loadavg"));
    return file.isEmpty() ? ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage()
        : Double.parseDouble(file.getFirst().split(" ")[0]);
  }

  /** The most memory that this process has had resident so far (VmHWM), in bytes; 0 where the system does not tell. */
  public static long peakMemoryBytes() {
    return kilobytes(lines(Path.of("/proc/self/status")), "VmHWM") * 1024;
  }

  private static long kilobytes(List<String> lines, String key) {
    String text = field(lines, key, "0").replaceAll("[^0-9]", "");
    return text.isEmpty() ? 0 : Long.parseLong(text);
  }

  private static String field(List<String> lines, String key, String otherwise) {
    for (String line : lines) {
      int colon = line.indexOf(':');
      if (colon > 0 && line.substring(0, colon).strip().equals(key)) return line.substring(colon + 1).strip();
    }
    return otherwise;
  }

  private static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (IOException e) {
      return List.of();
    }
  }
}

package dev.dwindle.measure;

import dev.dwindle.backend.DeviceInfo;
import dev.dwindle.result.MachineInfo;
import java.lang.management.ManagementFactory;
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
    List<String> cpuinfo = SystemFiles.REAL.lines("proc/cpuinfo");
    String cpu = SystemFiles.field(cpuinfo, "model name", System.getProperty("os.arch"));
    List<String> flags = Arrays
        .stream(SystemFiles.field(cpuinfo, "flags", SystemFiles.field(cpuinfo, "Features", "")).split(" "))
        .filter(FLAGS::contains).sorted().toList();
    return new MachineInfo(
        cpu,
        Runtime.getRuntime().availableProcessors(),
        flags,
        kilobytes(SystemFiles.REAL.lines("proc/meminfo"), "MemTotal") * 1024,
        System.getProperty("os.name") + " " + System.getProperty("os.version"),
        System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version"),
        load(),
        device.facts());
  }

  /** Over the last minute; from the file where there is one, since the JVM's management takes milliseconds to begin. */
  private static double load() {
    List<String> file = SystemFiles.REAL.lines("proc/loadavg");
    return file.isEmpty() ? ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage()
        : Double.parseDouble(file.getFirst().split(" ")[0]);
  }

  /** The most memory that this process has had resident so far (VmHWM), in bytes; 0 where the system does not tell. */
  public static long peakMemoryBytes() {
    return kilobytes(SystemFiles.REAL.lines("proc/self/status"), "VmHWM") * 1024;
  }

  private static long kilobytes(List<String> lines, String key) {
    String text = SystemFiles.field(lines, key, "0").replaceAll("[^0-9]", "");
    return text.isEmpty() ? 0 : Long.parseLong(text);
  }
}

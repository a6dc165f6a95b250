package dev.dwindle.backend.cpu;

import dev.dwindle.backend.cpu.kernel.Machine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** The machine of a benchmark as its result file describes it: processor, vector instructions, load, Java. */
public final class BenchmarkMachine {
  private static final Path PROCESSOR = Path.of("/proc/cpuinfo");
  private static final Path LOAD = Path.of("/proc/loadavg");

  private BenchmarkMachine() {}

  /** One JSON object; what the system does not tell is left empty. */
  public static String json() throws IOException {
    List<String> processor = Files.exists(PROCESSOR) ? Files.readAllLines(PROCESSOR) : List.of();
    String load = Files.exists(LOAD) ? Files.readString(LOAD).split(" ")[0] : "";
    return String.format(Locale.ROOT,
        "{\"processor\": \"%s\", \"cores\": %d, \"instructions\": \"%s\", \"vectors\": \"%s\", "
            + "\"load_before\": \"%s\", \"java\": \"%s\", \"onnxruntime\": \"1.29.0\"}",
        field(processor, "model name"), Runtime.getRuntime().availableProcessors(), vectorFlags(processor),
        Machine.current(), load, Runtime.version());
  }

  private static String vectorFlags(List<String> processor) {
    return List.of(field(processor, "flags").split(" ")).stream()
        .filter(flag -> flag.startsWith("avx") || flag.equals("fma")).collect(Collectors.joining(" "));
  }

  private static String field(List<String> lines, String name) {
    return lines.stream().filter(line -> line.startsWith(name)).findFirst().orElse("").replaceFirst("[^:]*: ?", "");
  }
}

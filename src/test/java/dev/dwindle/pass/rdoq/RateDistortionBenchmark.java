package dev.dwindle.pass.rdoq;

import com.sun.management.OperatingSystemMXBean;
import dev.dwindle.backend.TargetProfile;
import dev.dwindle.data.Samples;
import dev.dwindle.graph.Model;
import dev.dwindle.onnx.OnnxReader;
import dev.dwindle.onnx.OnnxWriter;
import dev.dwindle.pack.PackedFile;
import dev.dwindle.pack.Packing;
import dev.dwindle.pack.Preset;
import dev.dwindle.pack.Unpacking;
import dev.dwindle.pass.PassContext;
import dev.dwindle.pass.Progress;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Locale;
import java.util.Map;

/**
 * Quantizes a model without samples, packs the file and unpacks it, on one thread: {@code RateDistortionBenchmark MODEL OUT.onnx STEP PRESET RUNS} tells as JSON the bytes and
 * the processor seconds of the whole process for each of the three, in the first run and in the mean of the second half of the runs. With a step of 0 the model is only copied.
 */
public final class RateDistortionBenchmark {
  private RateDistortionBenchmark() {}

  private interface Work {
    void run() throws Exception;
  }

  public static void main(String[] args) throws Exception {
    Path model = Path.of(args[0]);
    Path out = Path.of(args[1]);
    Path packed = Path.of(args[1] + ".dwz");
    Path unpacked = Path.of(args[1] + ".unpacked");
    Map<String, Object> settings = Map.of("step", Double.parseDouble(args[2]));
    Preset preset = Preset.valueOf(args[3].toUpperCase(Locale.ROOT));
    int runs = Integer.parseInt(args[4]);
    double[] first = null;
    double[] mean = new double[3];
    for (int run = 0; run < runs; run++) {
      double[] times = {seconds(() -> quantize(model, out, settings)),
          seconds(() -> Packing.pack(out, packed, preset, 1)), seconds(() -> unpack(packed, unpacked))};
      if (first == null) first = times;
      for (int i = 0; i < 3 && run >= runs / 2; i++) mean[i] += times[i] / (runs - runs / 2);
    }
    if (Files.mismatch(out, unpacked) >= 0) throw new IllegalStateException("unpacking gave another file");
    System.out.printf(Locale.ROOT,
        "{\"bytes\": %d, \"quantizeSeconds\": %.4f, \"packSeconds\": %.4f, \"unpackSeconds\": %.4f, "
            + "\"firstQuantizeSeconds\": %.4f, \"firstPackSeconds\": %.4f, \"firstUnpackSeconds\": %.4f}%n",
        Files.size(packed), mean[0], mean[1], mean[2], first[0], first[1], first[2]);
  }

  private static void quantize(Path model, Path out, Map<String, Object> settings) throws IOException {
    if ((double) settings.get("step") == 0) {
      Files.copy(model, out, StandardCopyOption.REPLACE_EXISTING);
      return;
    }
    RateDistortion pass = new RateDistortion();
    Model read = OnnxReader.read(model);
    pass.apply(read.graph(), new PassContext(pass.settings().check("benchmark", settings), TargetProfile.of("cpu"),
        null, Samples.none(), 1, 0, Progress.SILENT));
    OnnxWriter.write(read, out);
  }

  private static void unpack(Path packed, Path out) {
    try (PackedFile file = new PackedFile(packed)) {
      Unpacking.unpack(file, out, 1);
    }
  }

  /** Of the processor, all threads of this process together. */
  private static double seconds(Work work) throws Exception {
    OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    long begin = system.getProcessCpuTime();
    work.run();
    return (system.getProcessCpuTime() - begin) / 1e9;
  }
}

package dev.dwindle.pack;

import com.sun.management.OperatingSystemMXBean;
import dev.dwindle.backend.TargetProfile;
import dev.dwindle.data.Samples;
import dev.dwindle.graph.Model;
import dev.dwindle.onnx.OnnxReader;
import dev.dwindle.onnx.OnnxWriter;
import dev.dwindle.onnx.TensorRange;
import dev.dwindle.onnx.TensorRanges;
import dev.dwindle.pass.PassContext;
import dev.dwindle.pass.Progress;
import dev.dwindle.pass.rdoq.RateDistortion;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Quantizes a model without samples and codes its tensors, in memory and on one thread: {@code LossyBenchmark MODEL OUT.onnx STEP PRESET PASSES} writes the quantized model,
 * which with a step of 0 is the model itself, and OUT.onnx.dwz, and tells as JSON their bytes, those of the coded tensors, and the seconds of processor time, garbage collection
 * included, that each work takes in the mean of so many passes, of the coders of the fast preset eight times as many, after as many that warm up: the shortest mean of three, as
 * the peer's is the shortest of three runs.
 */
public final class LossyBenchmark {
  private static final OperatingSystemMXBean SYSTEM = (OperatingSystemMXBean) ManagementFactory
      .getOperatingSystemMXBean();

  /** Whole files are coded so many times at most. */
  private static final int MOST_FILE_PASSES = 10;

  private static final int FAST_PASSES = 8;

  private static final int ROUNDS = 3;

  private record Coded(Layout layout, byte[] raw, byte[] packed) {}

  private interface Work {
    void run() throws Exception;
  }

  private LossyBenchmark() {}

  public static void main(String[] args) throws Exception {
    Path out = Path.of(args[1]);
    Path packed = Path.of(args[1] + ".dwz");
    double step = Double.parseDouble(args[2]);
    Preset preset = Preset.valueOf(args[3].toUpperCase(Locale.ROOT));
    int passes = Integer.parseInt(args[4]);
    int files = Math.min(passes, MOST_FILE_PASSES);
    Model model = OnnxReader.read(Path.of(args[0]));
    OnnxWriter.write(step == 0 ? model : quantized(model, step), out);
    List<Coded> blocks = blocks(out, preset);
    double quantize = step == 0 ? 0 : seconds(passes, () -> quantized(model, step));
    Work write = () -> blocks.forEach(block -> BlockCodec.write(block.raw, block.layout, preset));
    Work readAgain = () -> blocks.forEach(block -> BlockCodec.read(block.packed, block.raw.length, block.layout));
    int codings = preset == Preset.FAST ? FAST_PASSES * passes : passes;
    double in = seconds(codings, write);
    double read = seconds(codings, readAgain);
    double pack = seconds(files, () -> Packing.pack(out, packed, preset, 1));
    Path unpacked = Path.of(args[1] + ".unpacked");
    double unpack = seconds(files, () -> unpack(packed, unpacked));
    if (Files.mismatch(out, unpacked) >= 0) throw new IllegalStateException("unpacking gave another file");
    System.out.printf(Locale.ROOT,
        "{\"fileBytes\": %d, \"tensorBytes\": %d, \"quantizeSeconds\": %.5f, \"tensorsInSeconds\": %.5f, "
            + "\"tensorsOutSeconds\": %.5f, \"fileInSeconds\": %.5f, \"fileOutSeconds\": %.5f}%n",
        Files.size(packed), blocks.stream().mapToLong(b -> b.packed.length).sum(), quantize, in, read, pack, unpack);
  }

  private static Model quantized(Model model, double step) {
    Model copy = model.copy();
    RateDistortion pass = new RateDistortion();
    pass.apply(copy.graph(), new PassContext(pass.settings().check("benchmark", Map.of("step", step)),
        TargetProfile.of("cpu"), null, Samples.none(), 1, 0, Progress.SILENT));
    return copy;
  }

  /** All tensors, small ones too. */
  private static List<Coded> blocks(Path model, Preset preset) {
    List<Coded> blocks = new ArrayList<>();
    try (InputFile file = new InputFile(model)) {
      for (TensorRange range : TensorRanges.in(model, 1)) {
        Section section = Section.of(range, 0);
        for (long i = 0; i < section.blockCount(); i++) {
          byte[] raw = file.read(range.offset() + i * BlockCodec.MOST_BYTES, section.blockBytes(i));
          blocks.add(new Coded(section.layout(), raw, BlockCodec.write(raw, section.layout(), preset)));
        }
      }
    }
    return blocks;
  }

  private static void unpack(Path packed, Path out) {
    try (PackedFile file = new PackedFile(packed)) {
      Unpacking.unpack(file, out, 1);
    }
  }

  /** Of the processor, all threads of this process together. */
  private static double seconds(int passes, Work work) throws Exception {
    for (int i = 0; i < passes; i++) work.run();
    long shortest = Long.MAX_VALUE;
    for (int round = 0; round < ROUNDS; round++) {
      long began = SYSTEM.getProcessCpuTime();
      for (int i = 0; i < passes; i++) work.run();
      shortest = Math.min(shortest, SYSTEM.getProcessCpuTime() - began);
    }
    return shortest / 1e9 / passes;
  }
}

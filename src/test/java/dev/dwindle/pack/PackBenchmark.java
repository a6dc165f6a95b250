package dev.dwindle.pack;

import com.sun.management.OperatingSystemMXBean;
import dev.dwindle.onnx.TensorRange;
import dev.dwindle.onnx.TensorRanges;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Codes the tensors of a model in memory, on one thread: {@code PackBenchmark MODEL PRESET} reads lines {@code in PASSES} or
 * {@code out PASSES} and answers each with the seconds of processor time that a pass takes, checksums and garbage collection
 * included.
 */
public final class PackBenchmark {
  private static final OperatingSystemMXBean SYSTEM = (OperatingSystemMXBean) ManagementFactory
      .getOperatingSystemMXBean();

  private record Coded(Layout layout, byte[] raw, byte[] packed, int crc) {}

  private PackBenchmark() {}

  public static void main(String[] args) throws Exception {
    Preset preset = Preset.valueOf(args[1].toUpperCase(Locale.ROOT));
    List<Coded> blocks = blocks(Path.of(args[0]), preset);
    System.out.println(blocks.stream().mapToLong(b -> b.raw.length).sum() + " "
        + blocks.stream().mapToLong(b -> b.packed.length).sum());
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      String[] words = line.split(" ");
      int passes = Integer.parseInt(words[1]);
      long began = SYSTEM.getProcessCpuTime();
      for (int i = 0; i < passes; i++) {
        if (words[0].equals("in")) write(blocks, preset);
        else
          read(blocks);
      }
      System.out.println((SYSTEM.getProcessCpuTime() - began) / 1e9 / passes);
    }
  }

  private static List<Coded> blocks(Path model, Preset preset) {
    List<Coded> blocks = new ArrayList<>();
    try (InputFile file = new InputFile(model)) {
      for (TensorRange range : TensorRanges.in(model, 1)) {
        Section section = Section.of(range, 0);
        for (long i = 0; i < section.blockCount(); i++) {
          byte[] raw = file.read(range.offset() + i * BlockCodec.MOST_BYTES, section.blockBytes(i));
          byte[] packed = BlockCodec.write(raw, section.layout(), preset);
          blocks.add(new Coded(section.layout(), raw, packed, Crc.of(raw)));
        }
      }
    }
    return blocks;
  }

  private static void write(List<Coded> blocks, Preset preset) {
    for (Coded block : blocks) {
      int bytes = BlockCodec.write(block.raw, block.layout, preset).length;
      if (bytes != block.packed.length || Crc.of(block.raw) != block.crc) throw new IllegalStateException();
    }
  }

  private static void read(List<Coded> blocks) {
    for (Coded block : blocks) {
      if (Crc.of(BlockCodec.read(block.packed, block.raw.length, block.layout)) != block.crc) {
        throw new IllegalStateException();
      }
    }
  }
}

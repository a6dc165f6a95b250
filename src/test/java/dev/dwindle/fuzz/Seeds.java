package dev.dwindle.fuzz;

import dev.dwindle.graph.GraphText;
import dev.dwindle.onnx.OnnxWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Model files to be damaged. */
final class Seeds {
  /** Larger files are left out: what a damage meets in them, it meets in the smaller ones, a hundred times faster. */
  static final long MOST_BYTES = 1_300_000;

  private Seeds() {}

  /** Models that the repository itself has: graphs in text form and the sample. */
  static List<Seed> own(Path folder) throws IOException {
    List<Seed> seeds = new ArrayList<>();
    for (String text : TextGraphs.ALL) {
      Path file = folder.resolve("text.onnx");
      OnnxWriter.write(GraphText.parse(text), file);
      seeds.add(new Seed("text form " + (seeds.size() + 1), Files.readAllBytes(file)));
    }
    Path external = folder.resolve("external.onnx");
    OnnxWriter.write(GraphText.parse(TextGraphs.WITH_LARGE_WEIGHTS), external, true);
    seeds.add(new Seed("external data", Files.readAllBytes(external)));
    try (InputStream sample = Seeds.class.getResourceAsStream("/dev/dwindle/sample/glyphs.onnx")) {
      seeds.add(new Seed("sample", sample.readAllBytes()));
    }
    return seeds;
  }

  /** The model files in a folder and below, by size. */
  static List<Seed> in(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(f -> f.toString().endsWith(".onnx") && f.toFile().length() <= MOST_BYTES)
          .sorted().map(f -> read(folder, f)).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Seed read(Path folder, Path file) {
    try {
      return new Seed(folder.getFileName() + "/" + folder.relativize(file), Files.readAllBytes(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

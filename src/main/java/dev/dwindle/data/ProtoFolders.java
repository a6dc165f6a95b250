package dev.dwindle.data;

import dev.dwindle.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * ONNX's layout of test data: folders {@code test_data_set_0}, ... with {@code input_0.pb}, ... in each; a field for
 * each input, under the tensor's own name, or the file's where it has none. Rows come whole, with their batch axis.
 */
final class ProtoFolders implements Source {
  private final List<Path> folders;
  private final ProtoTensors reader;
  private final Set<String> fields;

  private ProtoFolders(List<Path> folders, ProtoTensors reader) {
    this.folders = folders;
    this.reader = reader;
    this.fields = row(folders.getFirst()).keySet();
  }

  /** {@code pb: FOLDER}: the folder that holds the numbered ones. */
  static Source source(Yaml settings, Places places, ProtoTensors reader) {
    Path folder = places.directory(settings);
    if (reader == null) {
      throw settings.error("found .pb tensors, which need the engine's reader; load the data set through the engine");
    }
    List<Path> folders = numbered(folder, "test_data_set_");
    if (folders.isEmpty()) {
      throw settings.error("found no folder " + folder + "/test_data_set_0, expected at least one");
    }
    return new ProtoFolders(folders, reader);
  }

  /** The entries PREFIX0, PREFIX1, ... of a folder, by number. */
  private static List<Path> numbered(Path folder, String prefix) {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.filter(e -> e.getFileName().toString().matches(prefix + "\\d{1,9}(\\.pb)?"))
          .sorted((a, b) -> Integer.compare(number(a, prefix), number(b, prefix))).toList();
    } catch (IOException e) {
      throw Places.unreadable(folder, e);
    }
  }

  private static int number(Path entry, String prefix) {
    return Integer.parseInt(entry.getFileName().toString().substring(prefix.length()).replace(".pb", ""));
  }

  private Map<String, Supplier<Field>> row(Path folder) {
    Map<String, Supplier<Field>> row = new LinkedHashMap<>();
    for (Path file : numbered(folder, "input_")) {
      Map.Entry<String, Tensor> named = reader.read(file);
      String stem = file.getFileName().toString().replace(".pb", "");
      row.put(named.getKey().isEmpty() ? stem : named.getKey(), () -> new Field.Numbers(named.getValue()));
    }
    return row;
  }

  @Override
  public long count() {
    return folders.size();
  }

  @Override
  public Set<String> fields() {
    return fields;
  }

  @Override
  public Rows open() {
    return new Rows() {
      private int index;

      @Override
      public Row next() {
        Path folder = folders.get(index++);
        return new Row(folder.toString(), true, true, row(folder));
      }

      @Override
      public void close() {}
    };
  }
}

package dev.dwindle.measure;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The files in which Linux tells of itself, {@code /proc} and {@code /sys}, below a folder that is {@code /} but in tests. */
record SystemFiles(Path root) {
  static final SystemFiles REAL = new SystemFiles(Path.of("/"));

  /** Its lines; none where it cannot be read. */
  List<String> lines(String file) {
    return lines(root.resolve(file));
  }

  /** The number that stands in it, or null where it cannot be read or holds none. */
  static Double number(Path file) {
    List<String> lines = lines(file);
    return lines.isEmpty() || !lines.getFirst().strip().matches("-?\\d{1,18}(\\.\\d+)?") ? null
        : Double.valueOf(lines.getFirst().strip());
  }

  /** Files that fit a pattern of three parts, such as {@code sys/class/thermal}, {@code thermal_zone*}, {@code temp}, in order. */
  List<Path> matching(String folder, String subfolders, String files) {
    List<Path> all = new ArrayList<>();
    for (Path subfolder : matching(root.resolve(folder), subfolders)) all.addAll(matching(subfolder, files));
    return all;
  }

  private static List<Path> matching(Path folder, String pattern) {
    List<Path> found = new ArrayList<>();
    try (DirectoryStream<Path> all = Files.newDirectoryStream(folder, pattern)) {
      all.forEach(found::add);
    } catch (IOException e) {
      return List.of();
    }
    found.sort(null);
    return found;
  }

  /** What follows {@code key:} in a list of such lines; else this. */
  static String field(List<String> lines, String key, String otherwise) {
    for (String line : lines) {
      int colon = line.indexOf(':');
      if (colon > 0 && line.substring(0, colon).strip().equals(key)) return line.substring(colon + 1).strip();
    }
    return otherwise;
  }

  static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (IOException e) {
      return List.of();
    }
  }
}

package dev.dwindle.backend;

import dev.dwindle.result.OutputFile;
import dev.dwindle.result.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The list of an installed folder's files, with size and SHA-256 of each: by it damage is told before a library crashes. */
final class Manifest {
  private static final String NAME = "files.txt";

  /** One file, by its path below the folder. */
  private record Entry(String sha256, long bytes, String path) {}

  private final Path folder;
  private final List<Entry> entries;

  private Manifest(Path folder, List<Entry> entries) {
    this.folder = folder;
    this.entries = entries;
  }

  /** Whether a folder has a manifest: what was not finished has none. */
  static boolean isIn(Path folder) {
    return Files.isRegularFile(folder.resolve(NAME));
  }

  /** Lists a folder as it is now, and writes the list into it. */
  static void write(Path folder) throws IOException {
    StringBuilder text = new StringBuilder();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
        text.append(Sha256.of(file)).append(' ').append(Files.size(file)).append(' ').append(folder.relativize(file))
            .append('\n');
      }
    }
    OutputFile.write(folder.resolve(NAME), text.toString());
  }

  /** Reads the manifest of a folder; one that is damaged lists nothing. */
  static Manifest of(Path folder) throws IOException {
    List<Entry> entries = new ArrayList<>();
    for (String line : Files.readAllLines(folder.resolve(NAME))) {
      String[] parts = line.split(" ", 3);
      if (parts.length != 3 || !parts[1].matches("\\d{1,18}")) return new Manifest(folder, List.of());
      entries.add(new Entry(parts[0], Long.parseLong(parts[1]), parts[2]));
    }
    return new Manifest(folder, entries);
  }

  int size() {
    return entries.size();
  }

  /**
   * What is wrong by names and sizes, and by the bytes of files that were written since they were listed, in a few words; null where
   * nothing is.
   */
  String damage() throws IOException {
    if (entries.isEmpty()) return NAME + " is damaged";
    FileTime listed = Files.getLastModifiedTime(folder.resolve(NAME));
    for (Entry entry : entries) {
      Path file = folder.resolve(entry.path);
      if (!Files.isRegularFile(file)) return entry.path + " is missing";
      if (Files.size(file) != entry.bytes) {
        return entry.path + ": found " + Files.size(file) + " bytes, expected " + entry.bytes;
      }
      if (Files.getLastModifiedTime(file).compareTo(listed) > 0 && hasChanged(entry))
        return entry.path + " has changed";
    }
    return null;
  }

  /** What is wrong, every byte read. */
  String deepDamage() throws IOException {
    String damage = damage();
    if (damage != null) return damage;
    for (Entry entry : entries) {
      if (hasChanged(entry)) return entry.path + " has changed";
    }
    return null;
  }

  private boolean hasChanged(Entry entry) throws IOException {
    return !Sha256.of(folder.resolve(entry.path)).equals(entry.sha256);
  }
}

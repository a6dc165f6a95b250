package dev.dwindle.data;

import dev.dwindle.tensor.InvalidInputException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;

/**
 * How a data description names files: relative to its own folder, or under the model zoo as {@code ${zoo}/...}.
 *
 * @param folder the description's folder
 */
record Places(Path folder) {
  private static final String ZOO = "${zoo}";
  private static final long MOST_TEXT = 1 << 27;

  /** An existing file. */
  Path file(Yaml name) {
    Path path = path(name);
    if (!Files.isRegularFile(path)) {
      throw name.error("found no file " + path + "; correct the path" + zooHint(name));
    }
    return path;
  }

  /** One existing file or several. */
  List<Path> files(Yaml names) {
    List<Path> files = names.list().stream().map(this::file).toList();
    if (files.isEmpty()) {
      throw names.error("found an empty list, expected at least one file");
    }
    return files;
  }

  /** An existing folder. */
  Path directory(Yaml name) {
    Path path = path(name);
    if (!Files.isDirectory(path)) {
      throw name.error("found no folder " + path + "; correct the path" + zooHint(name));
    }
    return path;
  }

  private Path path(Yaml name) {
    String text = name.text();
    try {
      if (text.startsWith(ZOO)) {
        Path zoo = Path.of(System.getProperty("dwindle.zoo", "../shared"));
        return Path.of(zoo + text.substring(ZOO.length())).normalize();
      }
      return folder.resolve(text).normalize();
    } catch (InvalidPathException e) {
      throw name.error("found '" + text + "', expected a path: " + e.getReason());
    }
  }

  private static String zooHint(Yaml name) {
    return name.text().startsWith(ZOO) ? " or name the model zoo by -Ddwindle.zoo=FOLDER" : "";
  }

  /** The file itself, where it is one: a pipe would be waited for, and a device never ends. */
  static Path regular(Path file, String expected) {
    if (!Files.isRegularFile(file)) {
      throw new InvalidInputException(file + ": found no such file, expected " + expected);
    }
    return file;
  }

  /** The lines of a text file in UTF-8 that is meant to fit in memory. */
  static List<String> lines(Path file) {
    return text(file).lines().toList();
  }

  /** The whole of such a file. */
  static String text(Path file) {
    try {
      long bytes = Files.size(file);
      if (bytes > MOST_TEXT) {
        throw new InvalidInputException(file + ": found " + bytes + " bytes, expected a text of at most " + MOST_TEXT);
      }
      return Files.readString(file);
    } catch (CharacterCodingException e) {
      throw new InvalidInputException(file + ": found bytes that are no UTF-8, expected a text", e);
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  /** What a file that cannot be read is told as. */
  static InvalidInputException unreadable(Object where, Exception cause) {
    String reason = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
    return new InvalidInputException(where + ": cannot be read: " + reason.lines().findFirst().orElse(""), cause);
  }
}

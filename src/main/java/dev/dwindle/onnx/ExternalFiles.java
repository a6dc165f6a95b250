package dev.dwindle.onnx;

import dev.dwindle.onnx.proto.StringStringEntryProto;
import dev.dwindle.onnx.proto.TensorProto;
import dev.dwindle.tensor.InvalidInputException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * The files beside a model that hold tensors, memory-mapped. A file outside the model's folder is refused, also by way
 * of a symbolic link (ONNX IR, "External Tensor Data"). Tensors may share bytes: tied weights are stored so, and nothing is
 * written through the map.
 */
final class ExternalFiles {
  private final Path folder;
  private final Arena arena;
  private final Map<String, MemorySegment> mapped = new HashMap<>();

  ExternalFiles(Path model, Arena arena) {
    this.folder = model.toAbsolutePath().getParent();
    this.arena = arena;
  }

  /** The mapped bytes of an external tensor that needs so many. */
  MemorySegment data(TensorProto proto, long needed) {
    Map<String, String> entries = new HashMap<>();
    for (StringStringEntryProto entry : proto.getExternalDataList()) {
      entries.put(entry.getKey(), entry.getValue());
    }
    String location = entries.getOrDefault("location", "");
    MemorySegment file = mapped.computeIfAbsent(location, this::map);
    long offset = number(entries, "offset", 0);
    long length = number(entries, "length", needed);
    if (length != needed) {
      throw new InvalidInputException("external data: found length " + length + ", expected " + needed);
    }
    if (offset > file.byteSize() || length > file.byteSize() - offset) {
      throw new InvalidInputException("external data: found " + file.byteSize() + " bytes in '" + location
          + "', expected " + length + " from offset " + offset);
    }
    return file.asSlice(offset, length);
  }

  private static long number(Map<String, String> entries, String key, long otherwise) {
    String text = entries.get(key);
    if (text == null) {
      return otherwise;
    }
    try {
      long value = Long.parseLong(text);
      if (value >= 0) {
        return value;
      }
    } catch (NumberFormatException e) {
      // Told below, as a negative number is.
    }
    throw new InvalidInputException("external data: " + key + " is '" + text + "', expected a number from 0");
  }

  private MemorySegment map(String location) {
    Path file = inside(location);
    try (FileChannel channel = FileChannel.open(file)) {
      return channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
    } catch (IOException e) {
      throw new InvalidInputException("external data: cannot read '" + location + "': " + e.getMessage(), e);
    }
  }

  private Path inside(String location) {
    try {
      Path relative = Path.of(location);
      if (location.isEmpty() || relative.isAbsolute() || relative.normalize().startsWith("..")) {
        throw outside(location);
      }
      Path file = folder.resolve(relative);
      if (!Files.isRegularFile(file)) {
        throw new InvalidInputException("external data: found no file '" + location + "' beside the model");
      }
      if (!file.toRealPath().startsWith(folder.toRealPath())) {
        throw outside(location);
      }
      return file;
    } catch (InvalidPathException | IOException e) {
      throw new InvalidInputException("external data: '" + location + "' is no path: " + e.getMessage(), e);
    }
  }

  private static InvalidInputException outside(String location) {
    return new InvalidInputException(
        "external data: location is '" + location + "', expected a file inside the model's folder");
  }
}

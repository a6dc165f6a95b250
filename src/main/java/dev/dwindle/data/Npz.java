package dev.dwindle.data;

import dev.dwindle.tensor.InvalidInputException;
import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** NumPy's files as sources: {@code .npy}, one array, and {@code .npz}, a ZIP archive of them. */
final class Npz {
  private Npz() {}

  /** {@code npz: FILE}: one field for each array, under its name. */
  static Source source(Yaml settings, Places places) {
    Path file = places.file(settings);
    Map<String, ArrayFile> arrays = read(file);
    if (arrays.isEmpty()) {
      throw settings.error("found no arrays in " + file + ", expected at least one");
    }
    return new ArraySource(arrays, Set.of());
  }

  /** {@code npy: {FIELD: FILE, ...}}: one field for each file. */
  static Source npySource(Yaml settings, Places places) {
    Map<String, ArrayFile> arrays = new LinkedHashMap<>();
    settings.mapping().forEach((field, file) -> arrays.put(field, readNpy(places.file(file))));
    if (arrays.isEmpty()) {
      throw settings.error("found no files, expected FIELD: FILE.npy");
    }
    return new ArraySource(arrays, Set.of());
  }

  static Map<String, ArrayFile> read(Path file) {
    Map<String, ArrayFile> arrays = new LinkedHashMap<>();
    try (ZipFile zip = new ZipFile(file.toFile())) {
      for (ZipEntry entry : zip.stream().filter(e -> e.getName().endsWith(".npy")).toList()) {
        String where = file + "/" + entry.getName();
        try (InputStream in = zip.getInputStream(entry)) {
          Npy npy = Npy.read(in, where);
          requireSize(where, entry.getSize(), npy);
          String field = entry.getName().substring(0, entry.getName().length() - ".npy".length());
          ArrayFile array = new ArrayFile(where, npy.dtype(), npy.shape(), npy.bigEndian(),
              () -> open(file, entry.getName(), npy));
          arrays.put(field, array.requireIn(entry.getCompressedSize()));
        }
      }
    } catch (IOException e) {
      throw Places.unreadable(file, e);
    }
    return arrays;
  }

  static ArrayFile readNpy(Path file) {
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
      Npy npy = Npy.read(in, file.toString());
      requireSize(file.toString(), Files.size(file), npy);
      ArrayFile array = new ArrayFile(file.toString(), npy.dtype(), npy.shape(), npy.bigEndian(), () -> {
        InputStream data = new BufferedInputStream(Files.newInputStream(file), 1 << 16);
        data.skipNBytes(npy.bytes());
        return data;
      });
      return array.requireIn(Files.size(file));
    } catch (IOException e) {
      throw Places.unreadable(file, e);
    }
  }

  private static void requireSize(String where, long bytes, Npy npy) {
    long needed = npy.bytes() + npy.dtype().bytes(npy.shape().size());
    if (bytes != needed) {
      throw new InvalidInputException(
          where + ": found " + bytes + " bytes, expected " + needed + " for " + npy.dtype().text() + npy.shape()
              + " and its header");
    }
  }

  private static InputStream open(Path file, String name, Npy npy) throws IOException {
    ZipFile zip = new ZipFile(file.toFile());
    try {
      InputStream data = new BufferedInputStream(zip.getInputStream(zip.getEntry(name)), 1 << 16);
      data.skipNBytes(npy.bytes());
      return new FilterInputStream(data) {
        @Override
        public void close() throws IOException {
          zip.close();
        }
      };
    } catch (IOException | RuntimeException e) {
      zip.close();
      throw e;
    }
  }
}

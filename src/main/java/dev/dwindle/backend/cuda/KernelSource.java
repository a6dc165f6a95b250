package dev.dwindle.backend.cuda;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * A CUDA file with all that it includes.
 *
 * @param file its name, for messages
 * @param headers what it includes, and what that includes, by the name in quotes
 */
record KernelSource(String file, String text, SortedMap<String, String> headers) {
  /** All files of {@code native/cuda} that have kernels, by their names without an ending. */
  static final List<String> FILES = List.of("compare", "conv", "conv_gradient", "elementwise", "integer", "lstm",
      "movement", "norm",
      "optimizer", "pool", "product", "quantize", "reduce", "resize", "softmax", "summary", "tensor");

  private static final Pattern INCLUDE = Pattern.compile("^#include \"(.+)\"", Pattern.MULTILINE);

  /** A file of {@code native/cuda}, by its name without an ending. */
  static KernelSource of(String name) {
    return of(name + ".cu", read(name + ".cu"));
  }

  /** Another file, which may include those of {@code native/cuda}. */
  static KernelSource of(String file, String text) {
    SortedMap<String, String> headers = new TreeMap<>();
    collect(text, headers);
    return new KernelSource(file, text, headers);
  }

  private static void collect(String text, Map<String, String> headers) {
    INCLUDE.matcher(text).results().map(found -> found.group(1)).filter(name -> !headers.containsKey(name))
        .forEach(name -> {
          headers.put(name, read(name));
          collect(headers.get(name), headers);
        });
  }

  private static String read(String file) {
    try (InputStream in = KernelSource.class.getResourceAsStream(file)) {
      if (in == null) throw new IllegalArgumentException(file + ": not among the program's CUDA files");
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

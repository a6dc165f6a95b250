package dev.dwindle.backend.cuda;

import dev.dwindle.tensor.DType;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
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
  static final List<String> FILES = files();

  /** Files that are compiled for numbers of 16 bits, too, by the ending of the name that they have then, and what they are told. */
  private static final Map<String, String> VARIANTS = Map.of("_f16", "DWINDLE_F16", "_bf16", "DWINDLE_BF16");

  private static final Pattern INCLUDE = Pattern.compile("^#include \"(.+)\"", Pattern.MULTILINE);

  private static List<String> files() {
    List<String> files = new ArrayList<>(List.of("compare", "conv_gradient", "fake_quantize", "integer", "lstm",
        "movement", "optimizer", "summary"));
    for (String file : List.of("conv", "elementwise", "norm", "pool", "product", "quantize", "reduce", "resize",
        "softmax", "tensor")) {
      files.addAll(List.of(file, file + "_f16", file + "_bf16"));
    }
    files.addAll(List.of("gemm_f16", "gemm_bf16"));
    return List.copyOf(files);
  }

  /** What the names of files and kernels over numbers of a type end in. */
  static String variant(DType dtype) {
    return switch (dtype) {
      case FLOAT16 -> "_f16";
      case BFLOAT16 -> "_bf16";
      default -> "";
    };
  }

  /** The word that makes a variant of a file; null of a file that is none. */
  static String definition(String name) {
    return VARIANTS.get(name.substring(Math.max(0, name.lastIndexOf('_'))));
  }

  /** The file that a variant is made of; the same where it is none. */
  static String base(String name) {
    return definition(name) == null ? name : name.substring(0, name.lastIndexOf('_'));
  }

  /** A file of {@code native/cuda} or a variant of one, by its name without an ending. */
  static KernelSource of(String name) {
    String definition = definition(name);
    String text = read(base(name) + ".cu");
    return of(name + ".cu", definition == null ? text : "#define " + definition + "\n" + text);
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

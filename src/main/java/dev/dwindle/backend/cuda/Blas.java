package dev.dwindle.backend.cuda;

import dev.dwindle.tensor.DeviceUnavailableException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * cuBLASLt, NVIDIA's library of matrix products (cuBLAS 13.1), where it is installed. To a plan its product is a kernel like others, whose arguments are the addresses of a, b, y and of
 * as many bytes as it {@linkplain #workspace needs}, and the words of a {@link BlasProduct}. Used by one thread at a time, the GPU's context being the thread's.
 */
final class Blas implements AutoCloseable {
  static final Kernel KERNEL = new Kernel("cublasLt", "cublasLtMatmul");

  /** The most that an algorithm may need; what NVIDIA recommends for Hopper. */
  private static final long MOST_WORKSPACE = 32L << 20;

  /** The status of a call for which there was no memory. */
  static final int NO_MEMORY = 3;

  private static final int COMPUTE_FLOAT = 68;
  private static final int COMPUTE_TF32 = 77;
  private static final int TYPE_FLOAT = 0;
  private static final int DESC_TRANSPOSED_FIRST = 3;
  private static final int DESC_TRANSPOSED_SECOND = 4;
  private static final int LAYOUT_BATCH_COUNT = 5;
  private static final int LAYOUT_BATCH_STEP = 6;
  private static final int PREFERENCE_WORKSPACE = 1;
  /** {@code cublasLtMatmulHeuristicResult_t}: an algorithm of 64 bytes, what it needs, and whether it is one. */
  private static final long CHOICE_BYTES = 96;
  private static final long CHOICE_WORKSPACE = 64;
  private static final long CHOICE_STATE = 72;

  /** A product made ready: the library's descriptions, and the algorithm that it chose. */
  private record Ready(long description, long left, long right, long result, MemorySegment algorithm) {}

  private final String device;
  private final Driver library;
  private final long handle;
  private final Arena arena = Arena.ofAuto();
  private final MemorySegment word = arena.allocate(ValueLayout.JAVA_LONG);
  private final MemorySegment factors = arena.allocate(ValueLayout.JAVA_FLOAT, 2);
  private final Map<BlasProduct, Ready> ready = new HashMap<>();

  private Blas(String device, Driver library, long handle) {
    this.device = device;
    this.library = library;
    this.handle = handle;
  }

  /** The library that the property {@code dwindle.cuda.cublaslt} names, that was installed by this program, or that the system finds by itself. */
  static String library() {
    String installed = CublasRelease.library();
    return System.getProperty("dwindle.cuda.cublaslt", installed == null ? "libcublasLt.so.13" : installed);
  }

  /**
   * Opens the library for the GPU whose context is the thread's.
   *
   * @param name of the library or its path; null for none
   * @return null where it is not there or does not begin: kernels of our own do its work then
   */
  static Blas open(String device, String name) {
    if (name == null) return null;
    try (Arena arena = Arena.ofConfined()) {
      Driver library = Driver.open(name);
      MemorySegment made = arena.allocate(ValueLayout.JAVA_LONG);
      return library.call("cublasLtCreate", made) == 0
          ? new Blas(device, library, made.get(ValueLayout.JAVA_LONG, 0)) : null;
    } catch (DeviceUnavailableException e) {
      return null;
    }
  }

  /** The bytes beside its matrices that a product needs; -1 where the library has no algorithm for it. */
  long workspace(BlasProduct product) {
    Ready made = ready(product);
    return made == null ? -1 : made.algorithm.get(ValueLayout.JAVA_LONG, CHOICE_WORKSPACE);
  }

  private Ready ready(BlasProduct product) {
    if (!ready.containsKey(product)) ready.put(product, prepare(product));
    return ready.get(product);
  }

  /** The library counts columns first: there y, in rows, is its transpose, b's times a's. */
  private Ready prepare(BlasProduct p) {
    Ready made = new Ready(
        made("cublasLtMatmulDescCreate", p.rounded() ? COMPUTE_TF32 : COMPUTE_FLOAT, TYPE_FLOAT),
        p.transposedB() ? layout(p, p.inner(), p.columns(), p.stepB()) : layout(p, p.columns(), p.inner(), p.stepB()),
        p.transposedA() ? layout(p, p.rows(), p.inner(), p.stepA()) : layout(p, p.inner(), p.rows(), p.stepA()),
        layout(p, p.columns(), p.rows(), (long) p.rows() * p.columns()), arena.allocate(CHOICE_BYTES, 16));
    setInt("cublasLtMatmulDescSetAttribute", made.description, DESC_TRANSPOSED_FIRST, p.transposedB() ? 1 : 0);
    setInt("cublasLtMatmulDescSetAttribute", made.description, DESC_TRANSPOSED_SECOND, p.transposedA() ? 1 : 0);
    if (choose(made)) return made;
    destroy(made);
    return null;
  }

  private long layout(BlasProduct product, int rows, int columns, long step) {
    long layout = made("cublasLtMatrixLayoutCreate", product.type(), (long) rows, (long) columns, (long) rows);
    if (product.matrices() > 1) {
      setInt("cublasLtMatrixLayoutSetAttribute", layout, LAYOUT_BATCH_COUNT, product.matrices());
      setLong("cublasLtMatrixLayoutSetAttribute", layout, LAYOUT_BATCH_STEP, step);
    }
    return layout;
  }

  /** Lets the library choose an algorithm; false where it has none. */
  private boolean choose(Ready product) {
    long preference = made("cublasLtMatmulPreferenceCreate");
    try {
      setLong("cublasLtMatmulPreferenceSetAttribute", preference, PREFERENCE_WORKSPACE, MOST_WORKSPACE);
      word.set(ValueLayout.JAVA_INT, 0, 0);
      int code = library.call("cublasLtMatmulAlgoGetHeuristic", handle, product.description, product.left,
          product.right, product.result, product.result, preference, 1, product.algorithm, word);
      return code == 0 && word.get(ValueLayout.JAVA_INT, 0) > 0
          && product.algorithm.get(ValueLayout.JAVA_INT, CHOICE_STATE) == 0;
    } finally {
      library.call("cublasLtMatmulPreferenceDestroy", preference);
    }
  }

  private void destroy(Ready product) {
    for (long layout : List.of(product.left, product.right, product.result)) {
      library.call("cublasLtMatrixLayoutDestroy", layout);
    }
    library.call("cublasLtMatmulDescDestroy", product.description);
  }

  /** Asks for a product in a stream, and gives the library's status: 0 where it was asked for. */
  int multiply(Launch launch, long stream) {
    MemorySegment arguments = launch.arguments().reinterpret(5 * ValueLayout.ADDRESS.byteSize());
    int[] words = argument(arguments, 4, 11L * Integer.BYTES).toArray(ValueLayout.JAVA_INT);
    BlasProduct product = BlasProduct.of(words);
    Ready made = ready(product);
    long a = address(arguments, 0);
    long b = address(arguments, 1);
    long y = address(arguments, 2);
    factors.setAtIndex(ValueLayout.JAVA_FLOAT, 0, product.alpha());
    return library.call("cublasLtMatmul", handle, made.description, factors, b, made.left, a, made.right,
        factors.asSlice(Float.BYTES), y, made.result, y, made.result, made.algorithm, address(arguments, 3),
        workspace(product), stream);
  }

  private static MemorySegment argument(MemorySegment arguments, int index, long bytes) {
    return arguments.getAtIndex(ValueLayout.ADDRESS, index).reinterpret(bytes);
  }

  private static long address(MemorySegment arguments, int index) {
    return argument(arguments, index, Long.BYTES).get(ValueLayout.JAVA_LONG, 0);
  }

  /** What a function makes, whose first argument takes the handle. */
  private long made(String function, Object... arguments) {
    Object[] all = new Object[arguments.length + 1];
    all[0] = word;
    System.arraycopy(arguments, 0, all, 1, arguments.length);
    check(function, all);
    return word.get(ValueLayout.JAVA_LONG, 0);
  }

  private void setInt(String function, long handle, int attribute, int value) {
    word.set(ValueLayout.JAVA_INT, 0, value);
    check(function, handle, attribute, word, (long) Integer.BYTES);
  }

  private void setLong(String function, long handle, int attribute, long value) {
    word.set(ValueLayout.JAVA_LONG, 0, value);
    check(function, handle, attribute, word, (long) Long.BYTES);
  }

  private void check(String function, Object... arguments) {
    int code = library.call(function, arguments);
    if (code != 0) {
      throw new DeviceUnavailableException(
          "device '" + device + "': cuBLASLt failed: " + function + ": status " + code);
    }
  }

  @Override
  public void close() {
    ready.values().stream().filter(each -> each != null).forEach(this::destroy);
    ready.clear();
    library.call("cublasLtDestroy", handle);
  }
}

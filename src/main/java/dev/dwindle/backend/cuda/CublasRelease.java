package dev.dwindle.backend.cuda;

import dev.dwindle.backend.PinnedWheel;
import java.util.List;

/** The release of cuBLASLt, NVIDIA's library of matrix products, that goes with {@link NvrtcRelease}. Called through {@link Blas}, without bindings. */
public final class CublasRelease {
  private static final String FILE = "nvidia/cu13/lib/libcublasLt.so.13";
  private static final String LICENCES = "nvidia_cublas-13.1.2.11.dist-info/licenses/";

  public static final PinnedWheel WHEEL = new PinnedWheel("cublas", "cuBLASLt", "nvidia-cublas", "13.1.2.11", 423,
      "e1ad7b57879088bc79e31cc172891a64332f76ae733084d4aaaaa65499b9b3de",
      new PinnedWheel.Choice("Python 3", "manylinux_2_27_x86_64", List.of()), List.of(FILE, LICENCES),
      "cuBLAS is NVIDIA's own, proprietary, under the licence that comes with it (" + LICENCES + "License.txt)", null);

  private CublasRelease() {}

  /** Where the library lies; null where it is not installed, or not as it was. */
  static String library() {
    return WHEEL.missing() == null ? WHEEL.folder().resolve(FILE).toString() : null;
  }
}

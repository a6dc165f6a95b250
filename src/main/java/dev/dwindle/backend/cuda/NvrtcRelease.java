package dev.dwindle.backend.cuda;

import dev.dwindle.backend.PinnedWheel;
import java.util.List;

/** The release of NVRTC, NVIDIA's compiler of CUDA, that Dwindle is built against. Its libraries find each other, as they lie together. */
public final class NvrtcRelease {
  public static final PinnedWheel WHEEL = new PinnedWheel("cuda", "NVRTC", "nvidia-cuda-nvrtc", "13.1.115", 47,
      "d7cf1284ab82f379884decc8813d9d4a729bc96b1ec020a9cf80303f698d73c4",
      new PinnedWheel.Choice("Python 3", "manylinux_2_12_x86_64", List.of()),
      List.of("nvidia/cu13/lib/", "nvidia/cu13/include/", "nvidia_cuda_nvrtc-13.1.115.dist-info/licenses/"),
      "NVRTC is NVIDIA's own, proprietary, under the licence that comes with it"
          + " (nvidia_cuda_nvrtc-13.1.115.dist-info/licenses/License.txt)",
      new PinnedWheel.Bindings(1, "nvidia/cu13/include", "nvidia/cu13/lib", "libnvrtc.so", ".13",
          List.of("org.bytedeco.nvrtc.presets.nvrtc", "org.bytedeco.nvrtc.global.nvrtc", "org.bytedeco.nvrtc.*")));

  private NvrtcRelease() {}
}

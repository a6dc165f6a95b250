package dev.dwindle.backend.cuda;

import dev.dwindle.backend.cpu.OrtModel;
import dev.dwindle.backend.cpu.ZooModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** What {@code scripts/gpu-check} puts into a bundle and needs a JDK, NVRTC and ONNX Runtime for. */
public final class GpuBundle {
  private static final List<Integer> CAPABILITIES = List.of(75, 80, 86, 89, 90, 100, 120);

  private GpuBundle() {}

  /**
   * Compiles all kernels for all architectures into a folder, and writes what ONNX Runtime makes of the zoo's models into another.
   *
   * @param args the folder of kernels, that of outputs
   */
  public static void main(String... args) throws Exception {
    kernels(Cubins.of(Path.of(args[0])));
    Path folder = Files.createDirectories(Path.of(args[1]));
    for (ZooModel model : ZooModel.values()) {
      if (model == ZooModel.MINILM) continue;
      try (OrtModel judge = new OrtModel(model.path(), 1, model.samples())) {
        KeptTensors.write(folder.resolve(model.fileName()), judge.outputs());
      }
    }
  }

  private static void kernels(Cubins cubins) throws Exception {
    List<Future<byte[]>> made = new ArrayList<>();
    try (var threads = Executors.newFixedThreadPool(2)) {
      for (String file : KernelSource.FILES) {
        KernelSource source = KernelSource.of(file);
        for (int capability : CAPABILITIES) made.add(threads.submit(() -> cubins.of(source, capability)));
      }
    }
    for (Future<byte[]> each : made) each.get();
  }
}

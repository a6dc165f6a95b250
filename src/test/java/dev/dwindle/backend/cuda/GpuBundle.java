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
  /** Those of Ampere run on GPUs of 8.6 and 8.9 as well, and the bundle has little room. */
  private static final List<Integer> CAPABILITIES = List.of(75, 80, 90, 100, 120);

  private GpuBundle() {}

  /**
   * Compiles all kernels for all generations of GPUs into a folder, and writes what ONNX Runtime makes of the zoo's models into another.
   *
   * @param args the folder of kernels, that of outputs
   */
  public static void main(String... args) throws Exception {
    kernels(Path.of(args[0]));
    Path folder = Files.createDirectories(Path.of(args[1]));
    for (ZooModel model : ZooModel.values()) {
      if (model == ZooModel.MINILM) continue;
      try (OrtModel judge = new OrtModel(model.path(), 1, model.samples())) {
        KeptTensors.write(folder.resolve(model.fileName()), judge.outputs());
      }
    }
  }

  /** Those that {@code KernelsCompileTest} has compiled are taken as they are. */
  private static void kernels(Path folder) throws Exception {
    Cubins compiled = Cubins.of(KernelsCompileTest.COMPILED);
    List<Future<byte[]>> made = new ArrayList<>();
    try (var threads = Executors.newFixedThreadPool(2)) {
      for (int capability : CAPABILITIES) {
        Cubins kept = Cubins.of(folder, (source, options) -> compiled.of(source, capability));
        for (String file : KernelSource.FILES) {
          made.add(threads.submit(() -> kept.of(KernelSource.of(file), capability)));
        }
      }
    }
    for (Future<byte[]> each : made) each.get();
  }
}

package dev.dwindle.backend.onnxruntime;

import dev.dwindle.graph.Model;
import dev.dwindle.onnx.OnnxWriter;
import java.lang.foreign.Arena;
import java.nio.file.Path;

/** Hands models over to ONNX Runtime: in memory, or where one message cannot hold them, through a folder that is gone afterwards. */
final class ModelMemory {
  private ModelMemory() {}

  static Session open(String wanted, Model model, Session.Settings settings) {
    if (OnnxWriter.isOneMessage(model)) {
      try (Arena arena = Arena.ofConfined()) {
        return Session.of(wanted, OnnxWriter.bytes(model, arena), settings);
      }
    }
    return throughFolder(wanted, model, settings);
  }

  /** As {@link #open}, by a file with its tensors beside it. */
  static Session throughFolder(String wanted, Model model, Session.Settings settings) {
    return TemporaryFolder.with(folder -> {
      Path file = folder.resolve("model.onnx");
      OnnxWriter.write(model, file, true);
      return Session.of(wanted, file, settings);
    });
  }
}

package dev.dwindle.backend.openvino;

import dev.dwindle.backend.MemoryWords;
import dev.dwindle.graph.GraphText;
import dev.dwindle.graph.Model;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.DeviceMemoryException;
import dev.dwindle.tensor.DeviceUnavailableException;
import dev.dwindle.tensor.Shape;
import java.lang.foreign.Arena;
import java.util.Map;

/**
 * What a failed call means beyond its words: that memory ran out, that the device is gone, or neither. The library has one status
 * for all of them.
 */
final class Fault {
  private Fault() {}

  /** What to throw: the failure itself where it is neither of memory nor of the device. */
  static RuntimeException of(OpenVino library, String device, OpenVino.Failure failure) {
    String where = "device 'openvino:" + device + "': ";
    if (MemoryWords.isIn(failure.getMessage())) {
      return new DeviceMemoryException(where + "out of memory: " + failure.getMessage()
          + "; end other programs, or take a smaller batch or model", failure);
    }
    if (answers(library, device)) return failure;
    return new DeviceUnavailableException(where + "went away while it was used: " + failure.getMessage()
        + "; look with 'dwindle devices', and run the command again when it is back", failure);
  }

  /** Whether a device still runs the least of all models. */
  private static boolean answers(OpenVino library, String device) {
    Model least = GraphText.parse("least (float[1] x) => (float[1] y) { y = Neg (x) }");
    try (Arena arena = Arena.ofConfined();
        OpenVino.Model model = library.compile(ModelBytes.of(least.graph(), Map.of(), arena), device, Map.of());
        OpenVino.Request request = model.request()) {
      request.input(0, DType.FLOAT, Shape.of(1), arena.allocate(DType.FLOAT.bytes(1), Long.BYTES));
      request.run();
      return true;
    } catch (OpenVino.Failure failure) {
      return false;
    }
  }
}

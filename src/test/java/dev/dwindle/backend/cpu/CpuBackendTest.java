package dev.dwindle.backend.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.dwindle.backend.Backend;
import dev.dwindle.backend.BackendContract;
import dev.dwindle.backend.CompileOptions;
import dev.dwindle.graph.GraphText;
import dev.dwindle.tensor.InvalidInputException;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CpuBackendTest extends BackendContract {
  @Override
  protected Backend backend() {
    return new CpuBackend();
  }

  @Test
  void refusesPrecisionsThatItDoesNotHave() {
    var model = GraphText.parse("<ir_version: 8, opset_import: [\"\" : 17]>\ng (float[2] x) => (y) { y = Neg(x) }");
    CompileOptions options = new CompileOptions(Map.of(), CompileOptions.Precision.BF16, 1, false);
    String message = assertThrows(InvalidInputException.class, () -> backend().compile(model.graph(), options))
        .getMessage();
    assertEquals("precision bf16: device 'cpu' computes in f32 only; compile with f32, or for another device", message);
  }
}

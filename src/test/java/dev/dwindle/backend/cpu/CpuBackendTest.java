package dev.dwindle.backend.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.dwindle.backend.Backend;
import dev.dwindle.backend.BackendContract;
import dev.dwindle.backend.CompileOptions;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.GraphText;
import dev.dwindle.graph.Model;
import dev.dwindle.rewrite.Specialization;
import dev.dwindle.tensor.InvalidInputException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
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

  @Test
  void everyKernelHasACase() {
    Set<CpuKernel> without = new LinkedHashSet<>(CpuKernels.all());
    for (Model model : models()) {
      Graph special = Specialization.of(model.graph(), Map.of());
      Fusions.apply(special);
      special.nodes().stream().filter(Planner::isStatic).forEach(n -> without.remove(CpuKernels.find(n)));
    }
    assertEquals(List.of(), without.stream().map(k -> k.getClass().getSimpleName()).toList(),
        "kernels that no case of OperatorCases or GraphCases reaches");
  }
}

package dev.dwindle.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.backend.cpu.ZooModel;
import dev.dwindle.graph.GraphVerifier;
import dev.dwindle.graph.Model;
import dev.dwindle.onnx.OnnxReader;
import dev.dwindle.rewrite.Cost;
import dev.dwindle.rewrite.Distance;
import dev.dwindle.rewrite.Simplification;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Students of real networks, run by ONNX Runtime. */
@Tag("zoo")
class ZooStudentTest {
  @TempDir
  Path folder;

  private Map<String, Tensor> run(Model model, ZooModel zoo) throws Exception {
    GraphVerifier.verify(model.graph());
    return Distance.outputs(model, folder.resolve("student.onnx"), zoo.samples());
  }

  @ParameterizedTest
  @MethodSource("dev.dwindle.backend.cpu.ZooModel#chosen")
  void halfAsWideStudentsHaveTheShapesOfTheirTeachers(ZooModel zoo) throws Exception {
    Map<String, Tensor> expected = Distance.outputs(zoo.path(), zoo.samples());
    Map<String, Tensor> actual = run(Student.narrow(OnnxReader.read(zoo.path()), 0.5), zoo);
    assertEquals(expected.keySet(), actual.keySet());
    expected.forEach((name, tensor) -> assertEquals(tensor.shape(), actual.get(name).shape(), name));
  }

  @Test
  void denseNetworkOfATenthOfTheWeights() throws Exception {
    Model teacher = OnnxReader.read(ZooModel.LENET300.path());
    Student student = Student.derive(teacher, Budget.ofParameters(teacher, 0.1), Student.Way.CHANNELS);
    assertTrue(10 * Cost.parameters(student.model()) <= 266_610, () -> "found " + student.cost());
    assertTrue(10 * Cost.parameters(student.model()) > 0.98 * 266_610, () -> "found " + student.cost());
    assertEquals("[1,10]", run(student.model(), ZooModel.LENET300).get("logits").shape().toString());
  }

  @Test
  void residualNetworkOfAQuarterOfTheMultiplyAdds() throws Exception {
    Model teacher = OnnxReader.read(ZooModel.RESNET20.path());
    Student student = Student.derive(teacher, Budget.ofMultiplyAdds(teacher, 0.25), Student.Way.CHANNELS);
    assertEquals(40_551_040, Cost.multiplyAdds(teacher));
    assertTrue(4 * student.cost() <= 40_551_040 && student.cost() > 9_000_000, () -> "found " + student.cost());
    Model fresh = Student.redraw(Student.normalized(student.model()), 1);
    assertEquals(19 + 19 + 19 + 2, TrainingStep.of(fresh, Map.of("input", Shape.of(4, 3, 32, 32)),
        List.of(new TrainingStep.Goal("logits", Loss.CROSS_ENTROPY)),
        new TrainingStep.Update(new Optimizer.Sgd(0.9, 1e-4)), TrainingStep::isWeight).parameters()
        .size());
    Map<String, Tensor> expected = run(fresh, ZooModel.RESNET20);
    Simplification.simplify(fresh.graph());
    assertEquals(Cost.multiplyAdds(student.model()), Cost.multiplyAdds(fresh));
    assertTrue(fresh.graph().nodes().stream().noneMatch(n -> n.is("BatchNormalization")));
    Distance.assertClose("folded", 1e-5, expected, run(fresh, ZooModel.RESNET20));
  }
}

package dev.dwindle.train;

import dev.dwindle.graph.Dim;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Value;
import dev.dwindle.rewrite.ShapeInference;
import dev.dwindle.rewrite.Types;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Shape;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The stages of a network for images: within one, activations have as many places. */
final class Stages {
  private Stages() {}

  /**
   * The last activations of each stage that the student has under the same name and with as many places; of one place alone there is nothing to see.
   *
   * @param shapes of the inputs
   * @return the teacher's values by those of the student
   * @throws InvalidInputException where there are none
   */
  static Map<String, String> ends(Graph student, Graph teacher, Map<String, Shape> shapes) {
    Types ofStudent = ShapeInference.of(student, shapes);
    Types ofTeacher = ShapeInference.of(teacher, shapes);
    Map<List<Dim>, String> last = new LinkedHashMap<>();
    for (Node node : teacher.nodes()) {
      for (Value value : node.outputs()) {
        List<Dim> places = value == null ? null : places(ofTeacher.tensorType(value));
        Value same = places == null ? null : student.value(value.name());
        if (same != null && places.equals(places(ofStudent.tensorType(same)))) last.put(places, value.name());
      }
    }
    if (last.isEmpty()) {
      throw new InvalidInputException(
          "training: attention: found no activations of images that both models have under one name, expected some; name them by features");
    }
    Map<String, String> ends = new LinkedHashMap<>();
    last.values().forEach(name -> ends.put(name, name));
    return ends;
  }

  /** The sizes of an activation's places; null of what is none, or has but one. */
  private static List<Dim> places(TensorType type) {
    boolean image = type != null && type.dtype() != null && type.dtype().isFloating() && type.isStatic()
        && type.rank() > 3;
    if (!image || type.shape().product(2, type.rank()) == 1) return null;
    return List.copyOf(type.dims().subList(2, type.rank()));
  }
}

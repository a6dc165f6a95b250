package dev.dwindle.pass.distil;

import dev.dwindle.backend.CompileOptions;
import dev.dwindle.data.Sample;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Model;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Value;
import dev.dwindle.measure.LatencyComparison;
import dev.dwindle.onnx.OnnxReader;
import dev.dwindle.onnx.OnnxWriter;
import dev.dwindle.pass.PassContext;
import dev.dwindle.pass.Progress;
import dev.dwindle.pass.Settings;
import dev.dwindle.result.Version;
import dev.dwindle.rewrite.ConstantFolding;
import dev.dwindle.rewrite.Inlining;
import dev.dwindle.rewrite.ShapeInference;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Tensor;
import dev.dwindle.train.Budget;
import dev.dwindle.train.Checksum;
import dev.dwindle.train.Student;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/** The network that is to learn, before it does: read from the user's file, or made from the teacher. */
final class Candidate {
  private static final String CHOICE = "dwindle.student";
  private static final LatencyComparison.Effort EFFORT = new LatencyComparison.Effort(100, 3, 2);

  private Candidate() {}

  static Model of(Model teacher, PassContext context, Map<String, String> figures) {
    String file = context.settings().word("student");
    if (file.isEmpty()) return made(teacher, context, figures);
    Model student = OnnxReader.read(Path.of(file));
    Inlining.inline(student);
    ConstantFolding.fold(student.graph(), ShapeInference.of(student.graph()));
    student.graph().removeDead();
    requireAlike(file, "inputs", student.graph(), student.graph().requiredInputs(), teacher.graph().requiredInputs());
    requireAlike(file, "outputs", student.graph(), student.graph().outputs(), teacher.graph().outputs());
    figures.put("student", file);
    return student;
  }

  /** Values of another model that take the places of the teacher's get their names where they are of the same types. */
  private static void requireAlike(String file, String what, Graph graph, List<Value> found, List<Value> expected) {
    boolean alike = found.size() == expected.size();
    for (int i = 0; alike && i < found.size(); i++)
      alike = isAlike(found.get(i).tensorType(), expected.get(i).tensorType());
    boolean sameNames = found.stream().map(Value::name).sorted().toList()
        .equals(expected.stream().map(Value::name).sorted().toList());
    if (!alike || (sameNames
        && !found.stream().map(Value::name).toList().equals(expected.stream().map(Value::name).toList()))) {
      throw new InvalidInputException(file + ": has " + what + " " + words(found) + ", expected those of the model, "
          + words(expected));
    }
    for (int i = 0; i < found.size(); i++) {
      String name = expected.get(i).name();
      if (found.get(i).name().equals(name)) continue;
      Value other = graph.value(name);
      if (other != null) graph.rename(other, graph.freshName(name));
      graph.rename(found.get(i), name);
    }
  }

  private static String words(List<Value> values) {
    return values.stream().map(v -> v.type() + " " + v.name()).toList().toString();
  }

  private static boolean isAlike(TensorType a, TensorType b) {
    return a != null && b != null && a.dtype() == b.dtype() && a.mayHaveShapeOf(b);
  }

  /** A budget of latency gives another student when it is measured again: a job that goes on takes the one that it began with. */
  private static Model made(Model teacher, PassContext context, Map<String, String> figures) {
    Settings settings = context.settings();
    Path file = settings.word("budget_of").equals("latency") ? context.training().files().file("student.onnx") : null;
    String job = Long.toHexString(new Checksum().add(Version.text()).add(settings.values()).add(context.seed())
        .add(context.backend().name()).add(context.threads()).add(teacher).value());
    if (file != null && Files.exists(file)) {
      Model kept = OnnxReader.read(file);
      if (job.equals(kept.metadata().get(CHOICE))) {
        figures.put("student", kept.metadata().get(CHOICE + ".words"));
        kept.metadata().remove(CHOICE);
        kept.metadata().remove(CHOICE + ".words");
        return kept;
      }
    }
    Student student = Student.derive(teacher, budget(teacher, context),
        Student.Way.valueOf(settings.word("by").toUpperCase(Locale.ROOT)));
    figures.put("student", student.words());
    if (file != null) {
      Model copy = student.model().copy();
      copy.metadata().put(CHOICE, job);
      copy.metadata().put(CHOICE + ".words", student.words());
      OnnxWriter.write(copy, file);
    }
    return student.model();
  }

  private static Budget budget(Model teacher, PassContext context) {
    double share = context.settings().real("budget");
    return switch (context.settings().word("budget_of")) {
      case "parameters" -> Budget.ofParameters(teacher, share);
      case "latency" -> new Budget(student -> share(teacher, student, context), share);
      default -> Budget.ofMultiplyAdds(teacher, share);
    };
  }

  /** The latency of a student as a share of the teacher's, both in turn on the device. */
  private static double share(Model teacher, Model student, PassContext context) {
    Map<String, Tensor> inputs;
    try (Stream<Sample> samples = context.training().samples().stream()) {
      inputs = samples.findFirst()
          .orElseThrow(
              () -> new InvalidInputException("training: found no samples, expected some to measure latency with"))
          .inputs();
    }
    return 1 / new LatencyComparison(context.backend(), CompileOptions.DEFAULT.withThreads(context.threads()), EFFORT)
        .measure(
            List.of(new LatencyComparison.Request(teacher, inputs), new LatencyComparison.Request(student, inputs)),
            Progress.SILENT)
        .speedup(0, 1).value();
  }
}

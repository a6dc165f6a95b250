package dev.dwindle.fuzz;

import com.sun.management.ThreadMXBean;
import dev.dwindle.backend.TargetProfile;
import dev.dwindle.backend.cpu.CpuBackend;
import dev.dwindle.data.Sample;
import dev.dwindle.data.Samples;
import dev.dwindle.engine.Inspection;
import dev.dwindle.graph.Dim;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Model;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Value;
import dev.dwindle.onnx.OnnxReader;
import dev.dwindle.onnx.OnnxWriter;
import dev.dwindle.pass.PassContext;
import dev.dwindle.pass.Pipeline;
import dev.dwindle.pass.Progress;
import dev.dwindle.recipe.Recipe;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.DwindleException;
import dev.dwindle.tensor.PassFailedException;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One damaged file on the way that commands take: read and inspected, folded and verified, written; some are quantized as
 * {@code --int8} does. It may be refused at any step, by an error that tells a user what is wrong in one line.
 */
final class ModelTrial {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final long MOST_NANOS = 5_000_000_000L;
  private static final long MOST_SAMPLE_ELEMENTS = 1 << 16;

  private final Path file;
  private final Path written;
  private final Limits limits;
  private String step;

  /** @param folder for files of this thread alone; external data that mutants may name lies there */
  ModelTrial(Path folder, Limits limits) {
    this.file = folder.resolve("mutant.onnx");
    this.written = folder.resolve("written.onnx");
    this.limits = limits;
  }

  /**
   * Tries a file.
   *
   * @param quantized whether it also goes through the recipe of {@code --int8} where it was written
   */
  Outcome of(byte[] bytes, boolean quantized) throws IOException {
    Files.write(file, bytes);
    long nanos = THREADS.getCurrentThreadCpuTime();
    long before = THREADS.getCurrentThreadAllocatedBytes();
    long[] read = {-1};
    String flaw = null;
    try (CpuBackend backend = new CpuBackend()) {
      step = "read";
      Inspection.inspect(file, backend, false);
      read[0] = THREADS.getCurrentThreadAllocatedBytes() - before;
      step = "fold";
      Model model = OnnxReader.read(file);
      OnnxWriter.write(fold(model, backend), written);
      step = "written";
    } catch (DwindleException e) {
      flaw = flaw(e);
    } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
      flaw = crash(e);
    }
    long all = THREADS.getCurrentThreadAllocatedBytes() - before;
    long reading = read[0] < 0 ? all : read[0];
    if (flaw == null) {
      flaw = limits.flaw(bytes.length, reading, all);
    }
    if (flaw == null && quantized && step.equals("written")) {
      flaw = quantize();
    }
    long taken = THREADS.getCurrentThreadCpuTime() - nanos;
    if (flaw == null && taken > MOST_NANOS) {
      flaw = "slow: " + taken / 1_000_000 + " ms, expected at most " + MOST_NANOS / 1_000_000;
    }
    return new Outcome(step.equals("written") ? step : "refused: " + step, reading, all, taken, flaw);
  }

  private Model fold(Model model, CpuBackend backend) {
    PassContext context = new PassContext(null, TargetProfile.of("cpu"), backend, Samples.none(), 1, 0,
        Progress.SILENT);
    Model folded = new Pipeline(Recipe.parse("fuzz", "passes: [fold]").steps()).run(model, context).model();
    step = "write";
    return folded;
  }

  /** Its data is one sample of ones; graphs that may rightly run for ever, or on very large inputs, are left out. */
  private String quantize() {
    try (CpuBackend backend = new CpuBackend()) {
      Model model = OnnxReader.read(file);
      Map<String, Tensor> inputs = inputs(model.graph());
      if (inputs == null || loops(model.graph())) {
        return null;
      }
      PassContext context = new PassContext(null, TargetProfile.of("cpu"), backend,
          Samples.of(List.of(new Sample(inputs, null, true))), 1, 0, Progress.SILENT);
      new Pipeline(Recipe.int8().steps()).run(model, context);
      return null;
    } catch (DwindleException e) {
      return flaw(e);
    } catch (OutOfMemoryError e) {
      return null; // activations may be as large as the graph says; the program then ends in one line
    } catch (RuntimeException | StackOverflowError e) {
      return crash(e);
    }
  }

  private static boolean loops(Graph graph) {
    return graph.nodes().stream().anyMatch(n -> n.is("Loop") || n.subgraphs().stream().anyMatch(ModelTrial::loops))
        || graph.model().functions().stream()
            .anyMatch(f -> f.body().nodes().stream().anyMatch((Node n) -> n.is("Loop")));
  }

  private static Map<String, Tensor> inputs(Graph graph) {
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    for (Value input : graph.requiredInputs()) {
      TensorType type = input.tensorType();
      if (type == null || !type.hasRank() || type.dtype() == null || type.dtype() == DType.STRING) {
        return null;
      }
      Shape shape;
      try {
        shape = Shape.of(type.dims().stream().mapToLong((Dim d) -> d.isKnown() ? d.size() : 1).toArray());
      } catch (DwindleException e) {
        return null;
      }
      if (shape.size() > MOST_SAMPLE_ELEMENTS) {
        return null;
      }
      byte[] ones = new byte[(int) type.dtype().bytes(shape.size())];
      Arrays.fill(ones, (byte) 1);
      inputs.put(input.name(), Tensor.of(type.dtype(), shape, ones));
    }
    return inputs;
  }

  /** What is wrong with an error that is meant for the user, or null. */
  private static String flaw(DwindleException e) {
    if (e instanceof PassFailedException && !(e.getCause() instanceof DwindleException)) {
      return crash(e.getCause());
    }
    return e.getMessage().lines().count() == 1 ? null : "message: more than one line: " + e.getMessage();
  }

  private static String crash(Throwable e) {
    String own = Arrays.stream(e.getStackTrace()).map(StackTraceElement::toString)
        .filter(s -> s.contains("dev.dwindle.")).findFirst().orElse("?");
    return "crash: " + e.getClass().getSimpleName() + " at " + own.replaceFirst(".*dev\\.dwindle\\.", "") + ": "
        + String.valueOf(e.getMessage()).lines().findFirst().orElse("");
  }
}

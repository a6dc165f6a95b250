package dev.dwindle.backend.onnxruntime;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import ai.onnxruntime.TensorInfo;
import dev.dwindle.tensor.Shape;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** A model loaded into ONNX Runtime, shared by threads. */
final class Session implements AutoCloseable {
  /** Whether a session runs on other threads too, and where it records what its nodes take. */
  record Settings(int threads, Path profile) {}

  private final String wanted;
  private final OrtSession session;
  /** Shapes of the outputs that do not depend on anything. */
  private final Map<String, Shape> shapes = new LinkedHashMap<>();

  /** Loads a model from memory, which may be freed afterwards. */
  static Session of(String wanted, MemorySegment model, Settings settings) {
    return new Session(wanted, settings,
        options -> Library.ENVIRONMENT.createSession(model.asByteBuffer().order(ByteOrder.nativeOrder()), options));
  }

  /** Loads a model from a file with the data beside it. */
  static Session of(String wanted, Path file, Settings settings) {
    return new Session(wanted, settings, options -> Library.ENVIRONMENT.createSession(file.toString(), options));
  }

  private interface Loading {
    OrtSession load(SessionOptions options) throws OrtException;
  }

  private Session(String wanted, Settings settings, Loading loading) {
    this.wanted = wanted;
    session = Library.check(wanted, () -> {
      try (SessionOptions options = new SessionOptions()) {
        configure(options, settings);
        return loading.load(options);
      }
    });
    Library.check(wanted, session::getOutputInfo).forEach(this::remember);
  }

  private static void configure(SessionOptions options, Settings settings) throws OrtException {
    options.setOptimizationLevel(SessionOptions.OptLevel.ALL_OPT);
    options.setIntraOpNumThreads(settings.threads());
    options.setInterOpNumThreads(1);
    options.setSessionLogLevel(Library.QUIET);
    // Threads spin within a run, as they do by default, but not after it: whoever runs in turn would wait for the cores.
    options.addConfigEntry("session.force_spinning_stop", "1");
    if (settings.profile() != null) {
      options.enableProfiling(settings.profile().toString());
    }
  }

  /** An unknown rank is told as that of a scalar. */
  private void remember(String name, NodeInfo node) {
    if (node.getInfo() instanceof TensorInfo info && info.getShape().length > 0
        && Arrays.stream(info.getShape()).allMatch(d -> d >= 0)) {
      shapes.put(name, Shape.of(info.getShape()));
    }
  }

  /** The shape of an output, or null where it depends on the inputs or is not known. */
  Shape shape(String output) {
    return shapes.get(output);
  }

  /** Runs the model into memory of the caller's; what else is wanted is in the result. */
  OrtSession.Result run(Map<String, OnnxTensor> inputs, Map<String, OnnxTensor> into, Set<String> wantedToo,
      OrtSession.RunOptions options) throws OrtException {
    return session.run(inputs, wantedToo, into, options);
  }

  /** Ends the recording of a session that has a profile; returns the file. */
  Path endProfiling() {
    return Path.of(Library.check(wanted, session::endProfiling));
  }

  @Override
  public void close() {
    Library.perform(wanted, session::close);
  }
}

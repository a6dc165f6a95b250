package dev.dwindle.backend.cpu;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** A model in ONNX Runtime, with inputs bound once: the judge of agreement and of latency. */
public final class OrtModel implements AutoCloseable {
  private final OrtSession session;
  private final Map<String, OnnxTensor> inputs = new LinkedHashMap<>();

  public OrtModel(Path file, int threads, Map<String, Tensor> samples) throws OrtException {
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    OrtSession.SessionOptions options = new OrtSession.SessionOptions();
    options.setIntraOpNumThreads(threads);
    options.setInterOpNumThreads(1);
    // Otherwise its threads hold the cores for a while after a run, and whoever runs in turn with it waits for them.
    options.addConfigEntry("session.force_spinning_stop", "1");
    options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR);
    options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.ALL_OPT);
    session = environment.createSession(file.toString(), options);
    for (var sample : samples.entrySet()) {
      inputs.put(sample.getKey(), tensor(environment, sample.getValue()));
    }
  }

  private static OnnxTensor tensor(OrtEnvironment environment, Tensor tensor) throws OrtException {
    ByteBuffer bytes = ByteBuffer.allocateDirect((int) tensor.byteSize()).order(ByteOrder.nativeOrder());
    bytes.put(tensor.bytes()).flip();
    return tensor.dtype() == DType.INT64
        ? OnnxTensor.createTensor(environment, bytes.asLongBuffer(), tensor.shape().dims())
        : OnnxTensor.createTensor(environment, bytes.asFloatBuffer(), tensor.shape().dims());
  }

  /** One run whose results are thrown away. */
  public void run() throws OrtException {
    session.run(inputs).close();
  }

  /** The outputs of one run, by name. */
  public Map<String, Tensor> outputs() throws OrtException {
    Map<String, Tensor> outputs = new LinkedHashMap<>();
    try (OrtSession.Result result = session.run(inputs)) {
      for (var entry : result) {
        OnnxTensor value = (OnnxTensor) entry.getValue();
        Shape shape = Shape.of(value.getInfo().getShape());
        if (value.getInfo().type == ai.onnxruntime.OnnxJavaType.INT64) {
          LongBuffer longs = value.getLongBuffer();
          long[] values = new long[longs.remaining()];
          longs.get(values);
          outputs.put(entry.getKey(), Tensor.of(shape, values));
        } else {
          FloatBuffer floats = value.getFloatBuffer();
          float[] values = new float[floats.remaining()];
          floats.get(values);
          outputs.put(entry.getKey(), Tensor.of(shape, values));
        }
      }
    }
    return outputs;
  }

  @Override
  public void close() throws OrtException {
    for (OnnxTensor input : inputs.values()) {
      input.close();
    }
    session.close();
  }
}

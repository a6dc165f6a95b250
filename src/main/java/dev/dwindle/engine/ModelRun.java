package dev.dwindle.engine;

import dev.dwindle.backend.Backend;
import dev.dwindle.backend.Bound;
import dev.dwindle.backend.CompileOptions;
import dev.dwindle.backend.Executable;
import dev.dwindle.data.NpzTensors;
import dev.dwindle.graph.Model;
import dev.dwindle.graph.Value;
import dev.dwindle.onnx.OnnxReader;
import dev.dwindle.quant.Elements;
import dev.dwindle.result.OutputFile;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.nio.channels.Channels;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Runs a model file once, from arrays in a file to arrays in a file. */
public final class ModelRun {
  private static final List<DType> NOT_IN_NUMPY = List.of(DType.BFLOAT16, DType.FLOAT8E4M3FN, DType.FLOAT8E4M3FNUZ,
      DType.FLOAT8E5M2, DType.FLOAT8E5M2FNUZ, DType.FLOAT8E8M0, DType.FLOAT4E2M1);

  private ModelRun() {}

  /**
   * Runs a model on the arrays of an {@code .npz} file, which are its inputs by name, and writes its outputs by name. Types
   * that NumPy does not have are widened to FLOAT.
   */
  public static Map<String, Tensor> run(Path file, Path inputs, Path outputs, Backend backend, CompileOptions options) {
    Model model = OnnxReader.read(file);
    Map<String, Tensor> given = NpzTensors.read(inputs);
    List<String> wanted = model.graph().requiredInputs().stream().map(Value::name).toList();
    if (!given.keySet().containsAll(wanted)) {
      throw new InvalidInputException(inputs + ": found arrays " + given.keySet() + ", expected " + wanted);
    }
    Map<String, Shape> shapes = new HashMap<>();
    wanted.forEach(name -> shapes.put(name, given.get(name).shape()));
    try (Executable executable = backend.compile(model.graph(), options.withShapes(shapes));
        Bound bound = executable.bind()) {
      wanted.forEach(name -> bound.set(name, given.get(name)));
      bound.run();
      Map<String, Tensor> results = new LinkedHashMap<>();
      model.graph().outputs().forEach(v -> results.put(v.name(), forNumPy(bound.outputs().get(v.name()))));
      OutputFile.write(outputs, channel -> NpzTensors.write(results, Channels.newOutputStream(channel)));
      return results;
    }
  }

  private static Tensor forNumPy(Tensor tensor) {
    return NOT_IN_NUMPY.contains(tensor.dtype()) ? Tensor.of(tensor.shape(), Elements.floats(tensor)) : tensor;
  }
}

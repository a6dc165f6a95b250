package dev.dwindle.onnx;

import dev.dwindle.graph.Constant;
import dev.dwindle.onnx.proto.TensorProto;
import dev.dwindle.result.OutputFile;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Tensor;
import java.lang.foreign.Arena;
import java.nio.file.Path;

/** Reads and writes files that hold one tensor message, such as {@code input_0.pb} of a test. */
public final class OnnxTensors {
  /** A tensor with the name that its file gives it; may be empty. */
  public record Named(String name, Tensor tensor) {}

  private OnnxTensors() {}

  /** The tensor of a file. */
  public static Tensor read(Path file) {
    return readNamed(file).tensor();
  }

  /**
   * The tensor of a file, and its name.
   *
   * @throws InvalidInputException where the file is missing, damaged or holds no tensor; it names the file
   */
  public static Named readNamed(Path file) {
    try {
      Arena arena = Arena.ofAuto();
      Skeleton skeleton = Skeleton.of(OnnxReader.map(file, arena), Skeleton.Kind.TENSOR);
      TensorProto proto = Messages.parse(TensorProto.parser(), skeleton.bytes());
      TensorReader reader = new TensorReader(skeleton.blobs(), new ExternalFiles(file, arena));
      return new Named(proto.getName(), reader.read(proto).tensor());
    } catch (InvalidInputException e) {
      throw Messages.in(file, e);
    }
  }

  /** Writes a tensor under a name, which may be empty, as raw data. */
  public static void write(String name, Tensor tensor, Path file) {
    TensorWriter tensors = new TensorWriter(false, new ExternalData(""), false);
    TensorProto proto = tensors.initializer(Constant.of(tensor), name);
    OutputFile.write(file, channel -> Filling.write(proto, Skeleton.Kind.TENSOR, tensors.blobs(), channel));
  }
}

package dev.dwindle.backend.cpu;

import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;

/** A model of the zoo with inputs of the size at which it is compared: batch 1, seeded numbers in its usual range. */
public enum ZooModel {
  LENET5("lenet5_mnist", image("input", 1, 28, 28, 0, 1)),
  LENET300("lenet300-100_mnist", image("input", 1, 28, 28, 0, 1)),
  MNIST_CNTK("mnist_cntk", image("Input3", 1, 28, 28, 0, 255)),
  RESNET8("resnet8_cifar10", image("input", 3, 32, 32, 0, 255)),
  RESNET20("resnet20_cifar10", image("input", 3, 32, 32, -2, 2)),
  RESNET20_BN("resnet20_bn_cifar10", image("input", 3, 32, 32, -2, 2)),
  VGG_SMALL("vgg_small_cifar10", image("input", 3, 32, 32, -2, 2)),
  MOBILENET("mobilenet_v1_025_224", image("input", 3, 224, 224, -1, 1)),
  ULTRAFACE("ultraface_rfb320", image("input", 3, 240, 320, -1, 1)),
  NANODET("nanodet_m_320", image("input.1", 3, 320, 320, -2, 2)),
  SILERO("silero_vad_16k", List.of(
      new Input("input", Shape.of(1, 576), -0.3f, 0.3f),
      new Input("state", Shape.of(2, 1, 128), -0.5f, 0.5f),
      new Input("sr", Shape.SCALAR, 16000, 16001))),
  STORIES("stories260k", List.of(new Input("ids", Shape.of(1, 256), 3, 512))),
  MINILM("minilm_l6", List.of(
      new Input("input_ids", Shape.of(1, 32), 1000, 20000),
      new Input("attention_mask", Shape.of(1, 32), 1, 2),
      new Input("token_type_ids", Shape.of(1, 32), 0, 1)));

  /** Numbers between two bounds, the upper excluded; INT64 where both are whole and neither is an image's. */
  private record Input(String name, Shape shape, float low, float high) {
    boolean whole() {
      return low == Math.rint(low) && high == Math.rint(high) && shape.rank() < 3;
    }
  }

  private final String file;
  private final List<Input> inputs;

  ZooModel(String file, List<Input> inputs) {
    this.file = file;
    this.inputs = inputs;
  }

  private static List<Input> image(String name, long channels, long height, long width, float low, float high) {
    return List.of(new Input(name, Shape.of(1, channels, height, width), low, high));
  }

  /** All models but those that {@code -Ddwindle.zoo.without=NAME,NAME} leaves out; {@code scripts/test} says which and why. */
  public static Stream<ZooModel> chosen() {
    List<String> without = List.of(System.getProperty("dwindle.zoo.without", "").split(","));
    return Stream.of(values()).filter(model -> !without.contains(model.file));
  }

  /** The model's name without its ending. */
  public String fileName() {
    return file;
  }

  /** The file in the zoo folder, or where the one that is too large to keep was made; null where it is not there. */
  public Path path() {
    Path kept = Path.of(System.getProperty("dwindle.zoo", "../shared"), "models", file + ".onnx");
    Path made = Path.of(System.getProperty("dwindle.zoo.made", "target/zoo"), file + ".onnx");
    return Files.exists(kept) ? kept : Files.exists(made) ? made : null;
  }

  /** Inputs by name, the same at every call. */
  public Map<String, Tensor> samples() {
    Random random = new Random(7);
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (Input input : inputs) {
      tensors.put(input.name(), input.whole() ? integers(input, random) : floats(input, random));
    }
    return tensors;
  }

  private static Tensor integers(Input input, Random random) {
    long[] values = new long[input.shape().intSize()];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextLong((long) input.low(), (long) input.high());
    }
    return Tensor.of(input.shape(), values);
  }

  private static Tensor floats(Input input, Random random) {
    float[] values = new float[input.shape().intSize()];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextFloat(input.low(), input.high());
    }
    return Tensor.of(input.shape(), values);
  }
}

package dev.dwindle.backend.openvino;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.backend.Backend;
import dev.dwindle.backend.CompileOptions;
import dev.dwindle.backend.cpu.CpuBackend;
import dev.dwindle.data.Sample;
import dev.dwindle.data.Samples;
import dev.dwindle.graph.Attribute;
import dev.dwindle.graph.Model;
import dev.dwindle.graph.NodeBuilder;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Value;
import dev.dwindle.measure.ArithmeticProbe;
import dev.dwindle.measure.DeviceCheck;
import dev.dwindle.pass.Progress;
import dev.dwindle.result.Agreement;
import dev.dwindle.result.IntegerArithmetic;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** OpenVINO without VNNI, as on processors that have only AVX2. */
@Tag("openvino")
class SaturationTest {
  @Test
  void theProbeFindsTheSaturationAndTheEmulationPredictsTheOutputs() throws Exception {
    List<String> told = InstalledOpenVino.toldOnAvx2(SaturationTest.class);
    assertEquals("told: pairs of channels saturate at 16 bits (Conv, grouped Conv, MatMul); exact (depthwise Conv)",
        told.getFirst());
    assertEquals(LAYERS.size() + 1, told.size(), told.toString());
    for (String line : told.subList(1, told.size())) {
      String[] words = line.split(" ");
      assertTrue(Double.parseDouble(words[2]) > 0.01, "the plain meaning is far: " + line);
      assertTrue(Double.parseDouble(words[3]) < 1e-6, "the emulation is not: " + line);
    }
  }

  /** A layer with inputs and weights of 8 bits, all of them used. */
  private record Layer(String name, String operator, Shape input, Shape weights, DType type, int zero,
      List<Attribute> attributes) {}

  private static final List<Layer> LAYERS = List.of(
      conv("odd_channels", DType.UINT8, 0, 5, 1), conv("zero_point", DType.UINT8, 90, 16, 1),
      conv("signed", DType.INT8, 0, 8, 1), conv("strided", DType.UINT8, 3, 17, 2),
      conv("first", DType.UINT8, 128, 3, 2),
      new Layer("grouped", "Conv", Shape.of(1, 32, 9, 9), Shape.of(16, 16, 3, 3), DType.UINT8, 7,
          List.of(Attribute.of("group", 2), Attribute.of("pads", new long[] {1, 1, 1, 1}))),
      new Layer("pointwise", "Conv", Shape.of(2, 24, 7, 5), Shape.of(10, 24, 1, 1), DType.UINT8, 0, List.of()),
      new Layer("product", "MatMul", Shape.of(7, 33), Shape.of(33, 20), DType.UINT8, 50, List.of()),
      new Layer("signed_product", "MatMul", Shape.of(2, 7, 64), Shape.of(64, 20), DType.INT8, -9, List.of()));

  private static Layer conv(String name, DType type, int zero, int channels, int stride) {
    return new Layer(name, "Conv", Shape.of(1, channels, 9, 11), Shape.of(12, channels, 3, 3), type, zero,
        List.of(Attribute.of("pads", new long[] {1, 1, 1, 1}), Attribute.of("strides", new long[] {stride, stride})));
  }

  private static Model model(Layer layer) {
    Random random = new Random(layer.name().hashCode());
    Model model = new Model(8, 0);
    model.opsets().put("", 17);
    model.graph().setName(layer.name());
    Value x = model.graph().addValue("x", TensorType.of(DType.FLOAT, layer.input()));
    model.graph().addInput(x);
    Value scale = model.graph().addConstant("s", Tensor.scalar(0.02f));
    Value zero = model.graph().addConstant("z", Tensor.of(layer.type(), Shape.SCALAR, (byte) layer.zero()));
    Value q = model.graph().node("QuantizeLinear").in(x, scale, zero)
        .out("q", TensorType.of(layer.type(), layer.input()))
        .append().output();
    Value d = model.graph().node("DequantizeLinear").in(q, scale, zero).out("d", x.type()).append().output();
    byte[] weights = new byte[layer.weights().intSize()];
    for (int i = 0; i < weights.length; i++) weights[i] = (byte) (random.nextInt(255) - 127);
    int axis = layer.operator().equals("Conv") ? 0 : 1;
    float[] scales = new float[layer.weights().intDim(axis)];
    for (int i = 0; i < scales.length; i++) scales[i] = 0.001f * (i + 1);
    Value w = model.graph().node("DequantizeLinear")
        .in(model.graph().addConstant("w", Tensor.of(DType.INT8, layer.weights(), weights)),
            model.graph().addConstant("ws", Tensor.of(Shape.of(scales.length), scales)),
            model.graph().addConstant("wz", Tensor.of(DType.INT8, Shape.of(scales.length), new byte[scales.length])))
        .attribute(Attribute.of("axis", axis)).out("v", TensorType.of(DType.FLOAT, layer.weights())).append().output();
    NodeBuilder node = model.graph().node(layer.operator()).in(d, w);
    layer.attributes().forEach(node::attribute);
    model.graph().addOutput(node.out("y", new TensorType(DType.FLOAT, null)).append().output());
    return model;
  }

  private static Samples samples(Layer layer) {
    Random random = new Random(1);
    float[] x = new float[layer.input().intSize()];
    int least = layer.type() == DType.INT8 ? -128 : 0;
    for (int i = 0; i < x.length; i++) x[i] = 0.02f * (least + random.nextInt(256) - layer.zero());
    return Samples.of(List.of(new Sample(Map.of("x", Tensor.of(layer.input(), x)), null, true)));
  }

  public static void main(String[] args) {
    List<String> told = new ArrayList<>();
    try (Backend device = InstalledOpenVino.cpu(); Backend plain = new CpuBackend()) {
      IntegerArithmetic arithmetic = ArithmeticProbe.of(device);
      told.add(arithmetic.text());
      for (Layer layer : LAYERS) {
        Model model = model(layer);
        Agreement found = new DeviceCheck(device, plain, CompileOptions.DEFAULT, samples(layer), arithmetic)
            .check(model, model, Progress.SILENT);
        told.add(layer.name() + " " + found.error() + " " + found.emulated().error());
      }
    }
    told.forEach(line -> System.out.println("told: " + line));
  }
}

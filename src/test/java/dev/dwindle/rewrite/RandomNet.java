package dev.dwindle.rewrite;

import dev.dwindle.graph.GraphText;
import dev.dwindle.graph.Model;
import java.util.Random;

/** Small convolutional networks grown from a seed: blocks of the kinds that hold channels together. */
public final class RandomNet {
  private final Random random;
  private final StringBuilder constants = new StringBuilder();
  private final StringBuilder nodes = new StringBuilder();
  private int made;
  private String at = "x";
  private int channels = 3;

  private RandomNet(long seed) {
    this.random = new Random(seed);
  }

  public static Model of(long seed) {
    RandomNet net = new RandomNet(seed);
    net.at = net.convolution("x", 3, 2 * (1 + net.random.nextInt(4)), 3, 1);
    int blocks = 1 + net.random.nextInt(4);
    for (int i = 0; i < blocks; i++) net.block();
    String all = net.head();
    return GraphText
        .parse("<ir_version: 8, opset_import: [\"\": 13]>\nnet (float[N,3,6,6] x) => (y) <float[] unused = {0}"
            + net.constants + "> {\n" + all + "}\n");
  }

  private String constant(String type, String numbers) {
    String name = "c" + made++;
    constants.append(", ").append(type).append(' ').append(name).append(" = ").append(numbers);
    return name;
  }

  private String weights(String dims) {
    return constant("float[" + dims + "]", "random(" + (made + 1) + ")");
  }

  private String node(String operator, String inputs) {
    String name = "v" + made++;
    nodes.append(name).append(" = ").append(operator).append('(').append(inputs).append(")\n");
    return name;
  }

  private String convolution(String x, int from, int to, int kernel, int groups) {
    channels = to;
    String w = weights(to + "," + from / groups + "," + kernel + "," + kernel);
    String bias = random.nextBoolean() ? ", " + weights("" + to) : "";
    int pad = kernel / 2;
    String pads = "pads = [" + pad + ", " + pad + ", " + pad + ", " + pad + "]";
    return node("Conv <group = " + groups + ", " + pads + ">", x + ", " + w + bias);
  }

  private String normalized(String x) {
    String c = "" + channels;
    String variance = constant("float[" + c + "]", "{0.5}");
    return node("BatchNormalization", x + ", " + weights(c) + ", " + weights(c) + ", " + weights(c) + ", " + variance);
  }

  private void block() {
    int before = channels;
    String start = at;
    switch (random.nextInt(9)) {
      case 0 -> at = node("Relu", normalized(convolution(at, before, 2 * (1 + random.nextInt(5)), 3, 1)));
      case 1 ->
        at = node("Add", start + ", " + convolution(node("Relu", convolution(at, before, 6, 1, 1)), 6, before, 3, 1));
      case 2 -> at = node("Relu", convolution(at, before, before * (1 + random.nextInt(2)), 3, before));
      case 3 -> at = node("Sigmoid", convolution(at, before, 2 * (1 + random.nextInt(4)), 3, 2));
      case 4 -> {
        String pads = constant("int64[8]", "{0, 1, 0, 0, 0, 3, 0, 0}");
        String branch = convolution(at, before, before + 4, 3, 1);
        at = node("Add", branch + ", " + node("Pad", start + ", " + pads));
      }
      case 5 -> {
        String branch = convolution(at, before, 4, 1, 1);
        at = node("Concat <axis = 1>", branch + ", " + start);
        channels = before + 4;
      }
      case 6 -> {
        String sizes = constant("int64[2]", "{" + before / 2 + ", " + before / 2 + "}");
        nodes.append("a" + made + ", b" + made + " = Split <axis = 1> (" + at + ", " + sizes + ")\n");
        String first = "a" + made;
        String second = "b" + made++;
        String branch = convolution(second, before / 2, 2, 3, 1);
        at = node("Concat <axis = 1>", branch + ", " + first);
        channels = 2 + before / 2;
        if (channels % 2 != 0) at = convolution(at, channels, channels + 1, 1, 1);
      }
      case 7 -> {
        String gate = convolution(node("GlobalAveragePool", at), before, before, 1, 1);
        at = node("Mul", start + ", " + node("Sigmoid", gate));
      }
      default -> {
        String parts = constant("int64[5]", "{-1, 2, " + before / 2 + ", 6, 6}");
        String whole = constant("int64[4]", "{-1, " + before + ", 6, 6}");
        at = node("Reshape",
            node("Transpose <perm = [0, 2, 1, 3, 4]>", node("Reshape", at + ", " + parts)) + ", " + whole);
        at = convolution(at, before, before, 1, 1);
      }
    }
  }

  private String head() {
    if (random.nextBoolean()) {
      String flat = constant("int64[2]", "{0, " + channels * 9 + "}");
      String pooled = node("MaxPool <kernel_shape = [2, 2], strides = [2, 2]>", at);
      String first = node("Relu",
          node("Gemm", node("Reshape", pooled + ", " + flat) + ", " + weights(channels * 9 + ",7")
              + ", " + weights("7")));
      nodes.append("y = MatMul(" + first + ", " + weights("7,3") + ")\n");
    } else {
      String pooled = node("Flatten", node("GlobalAveragePool", at));
      nodes.append("y = Gemm <transB = 1> (" + pooled + ", " + weights("3," + channels) + ")\n");
    }
    return nodes.toString();
  }
}

package dev.dwindle.fuzz;

import java.util.List;

/** Small graphs that use what files use seldom: functions, subgraphs, symbolic shapes, all kinds of types. */
final class TextGraphs {
  static final String WITH_LARGE_WEIGHTS = """
      net (float[N,64] x) => (float[N,32] y)
      <
        float[64,32] w = random(1),
        float[32] b = random(2)
      >
      {
        h = MatMul (x, w)
        y = Add (h, b)
      }
      """;

  static final List<String> ALL = List.of(WITH_LARGE_WEIGHTS, """
      <ir_version: 8, opset_import: ["": 17]>
      convolutions (float[N,3,8,8] x) => (y)
      <
        float[8,3,3,3] w = random(1),
        float[8] scale = {1.5},
        float[8] bias = random(2),
        float[8] mean = random(3),
        float[8] variance = {0.5}
      >
      {
        padded = Pad (x)
        a = Conv <kernel_shape = [3, 3], pads = [1, 1, 1, 1]> (x, w)
        b = BatchNormalization (a, scale, bias, mean, variance)
        c = Relu (b)
        d = MaxPool <kernel_shape = [2, 2], strides = [2, 2]> (c)
        e = GlobalAveragePool (d)
        y = Flatten (e)
      }
      """.replace("  padded = Pad (x)\n", ""), """
      shapes (float[N,T,16] x) => (y)
      <
        int64[1] zero = {0},
        int64[1] minus = {-1},
        int64[] one = {1},
        int64[1] axes = {0}
      >
      {
        s = Shape (x)
        n = Gather (s, one)
        m = Unsqueeze (n, axes)
        target = Concat <axis = 0> (zero, m, minus)
        r = Reshape (x, target)
        t = Transpose <perm = [0, 2, 1]> (r)
        u = Transpose <perm = [0, 2, 1]> (t)
        e = Expand (u, s)
        q = Slice (e, zero, axes, one)
        k = ConstantOfShape <value = float[1] {2}> (s)
        y = Mul (k, u)
      }
      """.replace("  q = Slice (e, zero, axes, one)\n", ""), """
      branches (bool[] c, float[4] x) => (y, z)
      <
        bool[] always = {1},
        int64[] three = {3}
      >
      {
        y = If <
          then_branch = yes () => (a) { a = Relu (x) },
          else_branch = no () => (b) { b = Neg (x) }
        > (c)
        z = If <
          then_branch = yes () => (a) { a = Identity (y) },
          else_branch = no () => (b) { b = Exp (y) }
        > (always)
      }
      """, """
      <ir_version: 10, opset_import: ["": 21, "local": 1]>
      quantized (float[1,16] x) => (y, z)
      <
        int8[16,8] w = {1},
        float[8] scales = {0.1},
        int8[8] zeros = {0},
        float[] s = {0.05},
        uint8[] p = {128},
        int4[16,4] w4 = {3},
        float[2,4] s4 = {0.5}
      >
      {
        q = QuantizeLinear (x, s, p)
        d = DequantizeLinear (q, s, p)
        v = DequantizeLinear <axis = 1> (w, scales, zeros)
        y = MatMul (d, v)
        u = DequantizeLinear <axis = 0, block_size = 8> (w4, s4)
        k = MatMul (d, u)
        z = local.twice <factor = 2.0> (k)
      }
      <domain: "local", opset_import: ["": 21]>
      twice <factor> (v) => (w)
      {
        a = Constant <value_float = @factor> ()
        w = Mul (v, a)
      }
      """);

  private TextGraphs() {}
}

package dev.dwindle.rewrite;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.dwindle.graph.Graph;
import dev.dwindle.graph.GraphText;
import dev.dwindle.graph.GraphVerifier;
import dev.dwindle.graph.Model;
import dev.dwindle.op.Interpreter;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.Tensor;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SimplificationTest {
  /** One text becomes the other, and both compute the same, for two sizes of every symbol. */
  private static void simplifies(String before, String after) {
    Model model = GraphText.parse(before);
    Graph original = model.copy().graph();
    Simplification.simplify(model.graph());
    GraphVerifier.verify(model.graph());
    assertEquals(after, GraphText.print(model.graph()));
    for (int size : new int[] {1, 4}) {
      Map<String, Tensor> samples = Samples.of(original, size);
      List<Tensor> expected = Interpreter.run(original, samples);
      List<Tensor> actual = Interpreter.run(model.graph(), samples);
      for (int i = 0; i < expected.size(); i++) {
        assertEquals(expected.get(i).toString(), actual.get(i).toString());
        assertArrayEquals(Elements.doubles(expected.get(i)), Elements.doubles(actual.get(i)), 1e-5);
      }
    }
  }

  /** Nothing is changed. */
  private static void stays(String text) {
    simplifies(text, text);
  }

  @Test
  void identityGoesUnlessItNamesAnOutput() {
    simplifies("""
        g (float[2] x) => (y, z)
        {
          a = Identity(x)
          b = Relu(a)
          y = Identity(b)
          z = Identity(x)
        }
        """, """
        g (float[2] x) => (y, z)
        {
          y = Relu(x)
          z = Identity(x)
        }
        """);
  }

  @Test
  void dropoutGoesOutsideTraining() {
    simplifies("""
        g (float[2] x) => (y)
        <
          float[] ratio = {0.5},
          bool[] training = {0}
        >
        {
          a = Dropout(x, ratio)
          b = Dropout(a, ratio, training)
          y = Relu(b)
        }
        """, """
        g (float[2] x) => (y)
        {
          y = Relu(x)
        }
        """);
    stays("""
        g (float[2] x) => (y, m)
        {
          y, m = Dropout(x)
        }
        """);
  }

  @Test
  void castToTheSameTypeGoes() {
    simplifies("""
        g (float[2] x) => (y)
        {
          a = Cast <to = 1> (x)
          b = Cast <to = 10> (a)
          y = Relu(b)
        }
        """, """
        g (float[2] x) => (y)
        {
          b = Cast <to = 10> (x)
          y = Relu(b)
        }
        """);
  }

  @Test
  void viewsThatChangeNothingGo() {
    simplifies("""
        g (float[N,3] x) => (y)
        <
          int64[2] rows = {-1, 3},
          int64[2] same = {1, 3},
          int64[2] once = {1, 1}
        >
        {
          a = Reshape(x, rows)
          b = Expand(a, same)
          c = Tile(b, once)
          d = Flatten(c)
          y = Relu(d)
        }
        """, """
        g (float[N,3] x) => (y)
        {
          y = Relu(x)
        }
        """);
  }

  @Test
  void slicePadSplitAndJoinsThatChangeNothingGo() {
    simplifies("""
        g (float[N,3] x) => (y)
        <
          int64[2] zeros = {0, 0},
          int64[2] far = {9223372036854775807, 3},
          int64[4] none = {0}
        >
        {
          a = Slice(x, zeros, far)
          b = Pad(a, none)
          c = Split <axis = 1, num_outputs = 1> (b)
          d = Concat <axis = 0> (c)
          e = Max(d)
          f = Transpose <perm = [0, 1]> (e)
          y = Relu(f)
        }
        """, """
        g (float[N,3] x) => (y)
        {
          y = Relu(x)
        }
        """);
    stays("""
        g (float[3] x) => (y)
        <
          int64[1] last = {-1},
          int64[1] before = {-4},
          int64[1] axis = {0}
        >
        {
          a = Slice(x, last, before, axis, last)
          y = Relu(a)
        }
        """);
  }

  @Test
  void neutralArithmeticGoesUnlessItBroadcasts() {
    simplifies("""
        g (float[N,3] x) => (y)
        <
          float[] one = {1},
          float[1,1] zero = {0}
        >
        {
          a = Mul(one, x)
          b = Add(a, zero)
          c = Div(b, one)
          d = Sub(c, zero)
          e = Pow(d, one)
          y = Relu(e)
        }
        """, """
        g (float[N,3] x) => (y)
        {
          y = Relu(x)
        }
        """);
    stays("""
        g (float[3] x) => (y)
        <
          float[1,1] zero = {0}
        >
        {
          a = Sub(zero, x)
          y = Relu(a)
        }
        """);
  }

  @Test
  void transposesJoin() {
    simplifies("""
        g (float[2,3,4] x) => (y, z)
        {
          a = Transpose <perm = [1, 2, 0]> (x)
          b = Transpose(a)
          y = Relu(b)
          c = Transpose <perm = [2, 0, 1]> (a)
          z = Relu(c)
        }
        """, """
        g (float[2,3,4] x) => (y, z)
        {
          b = Transpose <perm = [0, 2, 1]> (x)
          y = Relu(b)
          z = Relu(x)
        }
        """);
  }

  @Test
  void viewsOfViewsJoin() {
    simplifies("""
        g (float[N,2,3] x) => (y)
        <
          int64[1] axis = {1},
          int64[1] last = {-1}
        >
        {
          a = Unsqueeze(x, axis)
          b = Flatten(a)
          c = Unsqueeze(b, last)
          y = Relu(c)
        }
        """, """
        g (float[N,2,3] x) => (y)
        <
          int64[3] c_shape = {-1, 6, 1}
        >
        {
          c = Reshape(x, c_shape)
          y = Relu(c)
        }
        """);
  }

  @Test
  void slicesAlongOtherAxesJoin() {
    simplifies("""
        g (float[N,4,6] x) => (y)
        <
          int64[1] one = {1},
          int64[1] three = {3},
          int64[1] end = {100},
          int64[1] last = {-1}
        >
        {
          a = Slice(x, one, end, one)
          b = Slice(a, one, end, last, three)
          y = Relu(b)
        }
        """, """
        g (float[N,4,6] x) => (y)
        <
          int64[2] b_starts = {1, 1},
          int64[2] b_ends = {100, 100},
          int64[2] b_axes = {1, 2},
          int64[2] b_steps = {1, 3}
        >
        {
          b = Slice(x, b_starts, b_ends, b_axes, b_steps)
          y = Relu(b)
        }
        """);
  }

  @Test
  void computedShapesBecomeConstantsForEveryBatch() {
    simplifies("""
        g (float[B,T,8] x) => (y)
        <
          int64[] zero = {0},
          int64[] one = {1},
          int64[1] front = {0},
          int64[2] heads = {2, 4}
        >
        {
          s = Shape(x)
          b = Gather <axis = 0> (s, zero)
          t = Gather <axis = 0> (s, one)
          b1 = Unsqueeze(b, front)
          t1 = Unsqueeze(t, front)
          to = Concat <axis = 0> (b1, t1, heads)
          y = Reshape(x, to)
        }
        """, """
        g (float[B,T,8] x) => (y)
        <
          int64[4] y_shape = {0, 0, 2, 4}
        >
        {
          y = Reshape(x, y_shape)
        }
        """);
  }

  @Test
  void zeroPaddingGoesIntoConv() {
    simplifies("""
        g (float[1,1,4,4] x) => (y)
        <
          float[1,1,3,3] w = {1, 2, 3, 4, 5, 6, 7, 8, 9},
          int64[8] pads = {0, 0, 1, 0, 0, 0, 1, 2}
        >
        {
          a = Pad(x, pads)
          y = Conv <pads = [0, 1, 0, 1]> (a, w)
        }
        """, """
        g (float[1,1,4,4] x) => (y)
        <
          float[1,1,3,3] w = {1, 2, 3, 4, 5, 6, 7, 8, 9}
        >
        {
          y = Conv <pads = [1, 1, 1, 3]> (x, w)
        }
        """);
    stays("""
        g (float[1,1,4,4] x) => (y)
        <
          float[1,1,3,3] w = {1, 2, 3, 4, 5, 6, 7, 8, 9},
          int64[8] pads = {0, 0, 1, 0, 0, 0, 1, 2}
        >
        {
          a = Pad <mode = "edge"> (x, pads)
          y = Conv(a, w)
        }
        """);
  }

  @Test
  void ifWithAKnownConditionGivesWayToItsBranch() {
    simplifies("""
        g (float[2] x) => (y)
        <
          bool[] yes = {1},
          float[2] a = {5}
        >
        {
          h = Relu(x)
          y = If <then_branch = t () => (c)
            <
              float[2] k = {1, 2}
            >
            {
              a1 = Mul(h, a)
              c = Add(a1, k)
            }, else_branch = e () => (c1)
            {
              c1 = Neg(h)
            }> (yes)
        }
        """, """
        g (float[2] x) => (y)
        <
          float[2] a = {5, 5},
          float[2] k_1 = {1, 2}
        >
        {
          h = Relu(x)
          a1_1 = Mul(h, a)
          y = Add(a1_1, k_1)
        }
        """);
  }

  @Test
  void branchesAreSimplifiedWhereTheyStand() {
    simplifies("""
        g (bool[] c, float[2] x) => (y)
        {
          h = Identity(x)
          y = If <then_branch = t () => (a)
            {
              b = Identity(h)
              a = Neg(b)
            }, else_branch = e () => (d)
            {
              d = Constant <value = float[2] {1, 2}> ()
            }> (c)
        }
        """, """
        g (bool[] c, float[2] x) => (y)
        {
          y = If <then_branch = t () => (a)
            {
              a = Neg(x)
            }, else_branch = e () => (d)
            {
              d = Constant <value = float[2] {1, 2}> ()
            }> (c)
        }
        """);
  }

  @Test
  void constantsAreComputedAndOutputsKeepTheirNames() {
    simplifies("""
        g (float[2] x) => (y, z)
        <
          float[2] a = {1, 2}
        >
        {
          b = Constant <value_floats = [3.0, 4.0]> ()
          c = Mul(a, b)
          y = Add(x, c)
          z = Neg(c)
        }
        """, """
        g (float[2] x) => (y, z)
        <
          float[2] c = {3, 8},
          float[2] z_1 = {-3, -8}
        >
        {
          y = Add(x, c)
          z = Identity(z_1)
        }
        """);
  }

  @Test
  void quantizedWeightsStay() {
    stays("""
        g (float[2,2] x) => (y)
        <
          int8[2,2] w = {1, 2, 3, 4},
          float[] scale = {0.5}
        >
        {
          d = DequantizeLinear(w, scale)
          y = MatMul(x, d)
        }
        """);
  }

  @Test
  void equalNodesAndConstantsMerge() {
    simplifies("""
        g (float[2] x) => (y)
        <
          float[2] a = {1, 2},
          float[2] b = {1, 2}
        >
        {
          c = Mul(x, a)
          d = Mul(x, b)
          e = LeakyRelu <alpha = 0.1> (c)
          f = LeakyRelu <alpha = 0.2> (d)
          y = Add(e, f)
        }
        """, """
        g (float[2] x) => (y)
        <
          float[2] a = {1, 2}
        >
        {
          c = Mul(x, a)
          e = LeakyRelu <alpha = 0.1> (c)
          f = LeakyRelu <alpha = 0.2> (c)
          y = Add(e, f)
        }
        """);
  }

  @Test
  void foreignOperatorsAreLeftAlone() {
    String text = """
        g (float[2] x) => (y)
        <
          float[2] a = {1, 2}
        >
        {
          b = com.example.Mystery(a)
          c = com.example.Mystery(a)
          d = Add(b, c)
          y = Add(x, d)
        }
        """;
    Graph graph = GraphText.parse(text).graph();
    assertEquals(Map.of(), Simplification.simplify(graph));
    assertEquals(text, GraphText.print(graph));
  }

  @Test
  void constantsAmongTheInputsOfOldFilesCount() {
    simplifies("""
        g (float[2] x, float[2] a = {1, 1}, float[2] b = {2, 3}) => (y)
        {
          c = Mul(x, a)
          y = Add(c, b)
        }
        """, """
        g (float[2] x, float[2] b = {2, 3}) => (y)
        {
          y = Add(x, b)
        }
        """);
  }

  @Test
  void statesThatGrowFromTurnToTurnAreNotTakenForTheirFirstSize() {
    simplifies("""
        g (float[1] x) => (y)
        <
          int64[] turns = {3},
          bool[] always = {1}
        >
        {
          z = Identity(x)
          y = Loop <body = b (int64[] i, bool[] c, float[?] h) => (d, g)
            {
              d = Identity(c)
              n = Size(h)
              f = Cast <to = 1> (n)
              e = Mul(h, f)
              g = Concat <axis = 0> (e, x)
            }> (turns, always, z)
        }
        """, """
        g (float[1] x) => (y)
        <
          int64[] turns = {3},
          bool[] always = {1}
        >
        {
          y = Loop <body = b (int64[] i, bool[] c, float[?] h) => (d, g)
            {
              d = Identity(c)
              n = Size(h)
              f = Cast <to = 1> (n)
              e = Mul(h, f)
              g = Concat <axis = 0> (e, x)
            }> (turns, always, x)
        }
        """);
  }
}

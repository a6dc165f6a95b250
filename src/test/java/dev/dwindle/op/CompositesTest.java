package dev.dwindle.op;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.graph.Attribute;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Normalizations, losses, attention and recurrent cells, beyond the node tests: decompositions, edges, errors. */
class CompositesTest {
  private static final double NEAR = 1e-5;

  private final Random random = new Random(3);

  private Tensor floats(long... dims) {
    return JudgedNode.floats(random, dims);
  }

  private static void assertRefused(String message, OneNode node) {
    assertEquals(message, assertThrows(InvalidInputException.class, node::result).getMessage());
  }

  @ParameterizedTest
  @ValueSource(ints = {17, 18, 21, 23, 28})
  void decompositionsMeanTheSame(int opset) {
    for (int axis = -2; axis < 3; axis++) {
      new JudgedNode(opset, "LayerNormalization").with("axis", axis).input(floats(2, 3, 4)).input(floats(4))
          .input(floats(3, 4)).outputs(3).done().assertDecomposes(NEAR);
      new JudgedNode(opset, "LogSoftmax").with("axis", axis).input(floats(2, 3, 4)).done().assertDecomposes(NEAR);
      if (opset >= 23) {
        new JudgedNode(opset, "RMSNormalization").with("axis", axis).input(floats(2, 3, 4)).input(floats(4)).done()
            .assertDecomposes(NEAR);
      }
    }
    new JudgedNode(opset, "InstanceNormalization").input(floats(2, 3, 4, 5)).input(floats(3)).input(floats(3)).done()
        .assertDecomposes(NEAR);
    if (opset >= 18) {
      new JudgedNode(opset, "GroupNormalization").with("num_groups", 2).input(floats(2, 4, 3))
          .input(floats(opset < 21 ? 2 : 4)).input(floats(opset < 21 ? 2 : 4)).done().assertDecomposes(NEAR);
    }
    new JudgedNode(opset, "MeanVarianceNormalization").with("axes", 0, 2).input(floats(2, 3, 4)).done()
        .assertDecomposes(NEAR);
  }

  @ParameterizedTest
  @ValueSource(strings = {"none", "sum", "mean"})
  void lossesDecompose(String reduction) {
    Tensor targets = Tensor.of(Shape.of(2, 4), 0L, 2L, 1L, -1L, 2L, 2L, -1L, 0L);
    Tensor allCount = Tensor.of(Shape.of(2, 4), 0L, 2L, 1L, 1L, 2L, 2L, 0L, 0L);
    for (String operator : List.of("NegativeLogLikelihoodLoss", "SoftmaxCrossEntropyLoss")) {
      new JudgedNode(17, operator).with("reduction", reduction).with("ignore_index", -1L).input(floats(2, 3, 4))
          .input(targets).input(floats(3)).done().assertDecomposes(NEAR);
      new JudgedNode(17, operator).with("reduction", reduction).with("ignore_index", -1L).input(floats(2, 3, 4))
          .input(targets).done().assertDecomposes(NEAR);
      new JudgedNode(17, operator).with("reduction", reduction).input(floats(2, 3, 4)).input(allCount).done()
          .assertDecomposes(NEAR);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void attentionDecomposes(int causal) {
    Tensor mask = Tensor.of(Shape.of(2, 3), true, false, true, false, false, false);
    new JudgedNode(23, "Attention").with("is_causal", causal).input(floats(2, 4, 2, 3)).input(floats(2, 2, 3, 3))
        .input(floats(2, 2, 3, 5)).input(mask).done().assertDecomposes(NEAR);
    new JudgedNode(24, "Attention").with("is_causal", causal).with("q_num_heads", 4).with("kv_num_heads", 2)
        .with("softcap", 2f).with("scale", 0.3f).input(floats(2, 2, 12)).input(floats(2, 3, 6)).input(floats(2, 3, 10))
        .input(floats(2, 1, 2, 7)).input(floats(2, 2, 4, 3)).input(floats(2, 2, 4, 5)).outputs(3).done()
        .assertDecomposes(NEAR);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void rotationDecomposes(int interleaved) {
    Tensor positions = Tensor.of(Shape.of(2, 3), 4L, 0L, 1L, 2L, 2L, 3L);
    new JudgedNode(23, "RotaryEmbedding").with("interleaved", interleaved).with("rotary_embedding_dim", 4)
        .input(floats(2, 5, 3, 6)).input(floats(5, 2)).input(floats(5, 2)).input(positions).done()
        .assertDecomposes(NEAR);
    new JudgedNode(23, "RotaryEmbedding").with("interleaved", interleaved).with("num_heads", 5).input(floats(2, 3, 20))
        .input(floats(2, 3, 2)).input(floats(2, 3, 2)).done().assertDecomposes(NEAR);
  }

  @Test
  void softmaxOfHugeScoresIsFinite() {
    Tensor y = new OneNode(17, "Softmax", Tensor.of(Shape.of(1, 3), 1e30f, -1e30f, 1e30f)).result();
    assertArrayEquals(new float[] {0.5f, 0, 0.5f}, y.floats());
  }

  @Test
  void oldSoftmaxTakesAllAxesTogether() {
    Tensor y = new OneNode(11, "Softmax", Tensor.of(Shape.of(1, 2, 2), 0f, 0f, 0f, 0f)).result();
    assertArrayEquals(new float[] {0.25f, 0.25f, 0.25f, 0.25f}, y.floats());
    Tensor last = new OneNode(13, "Softmax", Tensor.of(Shape.of(1, 2, 2), 0f, 0f, 0f, 0f)).result();
    assertArrayEquals(new float[] {0.5f, 0.5f, 0.5f, 0.5f}, last.floats());
  }

  @Test
  void maskedQueriesGiveZeros() {
    Tensor mask = Tensor.of(Shape.of(2, 2), true, false, false, false);
    Tensor y = new OneNode(23, "Attention", floats(1, 1, 2, 4), floats(1, 1, 2, 4),
        Tensor.of(Shape.of(1, 1, 2, 1), 3f, 5f), mask).result();
    assertArrayEquals(new float[] {3, 0}, y.floats());
  }

  @Test
  void anEmptyBatchStaysEmpty() {
    assertEquals(Shape.of(0, 3, 4), new OneNode(17, "LayerNormalization", floats(0, 3, 4), floats(4)).result().shape());
    assertEquals(Shape.of(0, 3, 4), new OneNode(17, "Softmax", floats(0, 3, 4)).result().shape());
    assertEquals(Shape.of(0, 3, 4), new OneNode(17, "InstanceNormalization", floats(0, 3, 4), floats(3), floats(3))
        .result().shape());
    assertEquals(Shape.of(0, 3, 4, 4), new OneNode(17, "BatchNormalization", floats(0, 3, 4, 4), floats(3), floats(3),
        floats(3), floats(3)).result().shape());
    assertEquals(Shape.of(2, 1, 0, 5), new OneNode(17, "RNN", floats(2, 0, 3), floats(1, 5, 3), floats(1, 5, 5))
        .result().shape());
  }

  @Test
  void cellsTakeTheirActivationsInOrder() {
    Tensor one = Tensor.of(Shape.of(1, 1, 1), 2f);
    OneNode node = new OneNode(17, "RNN", one, one, Tensor.of(Shape.of(1, 1, 1), 0f))
        .with(Attribute.of("activations", List.of("Affine"))).with(Attribute.of("activation_alpha", new float[] {3}))
        .with(Attribute.of("activation_beta", new float[] {1}));
    assertArrayEquals(new float[] {13}, node.result().floats());
  }

  @Test
  void theBatchMayComeFirst() {
    Tensor x = floats(2, 3, 4);
    Tensor w = floats(1, 20, 4);
    Tensor r = floats(1, 20, 5);
    Tensor first = new OneNode(17, "LSTM", x, w, r).with(Attribute.of("layout", 1)).result();
    Tensor turned = new OneNode(17, "Transpose", x).with(Attribute.of("perm", new long[] {1, 0, 2})).result();
    Tensor last = new OneNode(17, "LSTM", turned, w, r).result();
    Tensor expected = new OneNode(17, "Transpose", last).with(Attribute.of("perm", new long[] {2, 0, 1, 3})).result();
    assertTrue(expected.contentEquals(first));
  }

  @Test
  void mistakesAreToldInOneLine() {
    assertRefused("GroupNormalization 'out0': num_groups is 3, expected a divisor of the 4 channels",
        new OneNode(21, "GroupNormalization", floats(1, 4, 2), floats(4), floats(4))
            .with(Attribute.of("num_groups", 3)));
    assertRefused("NegativeLogLikelihoodLoss 'out0': a target is 3, expected 0 to 2 or ignore_index",
        new OneNode(17, "NegativeLogLikelihoodLoss", floats(1, 3), Tensor.of(Shape.of(1), 3L)));
    assertRefused("Softmax 'out0': axis is 2, expected -2 to 1",
        new OneNode(17, "Softmax", floats(1, 3)).with(Attribute.of("axis", 2)));
    assertRefused("LSTM 'out0': direction is 'both', expected forward, reverse or bidirectional",
        new OneNode(17, "LSTM", floats(1, 1, 1), floats(1, 4, 1), floats(1, 4, 1))
            .with(Attribute.of("direction", "both")));
    assertRefused("LSTM 'out0': input 1 has shape [1,3,1], expected [1,4,1]",
        new OneNode(17, "LSTM", floats(1, 1, 1), floats(1, 3, 1), floats(1, 4, 1)));
  }
}

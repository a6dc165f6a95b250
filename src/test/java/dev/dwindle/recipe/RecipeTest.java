package dev.dwindle.recipe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.tensor.InvalidInputException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RecipeTest {
  @Test
  void stepsKeepTheirOrderAndSettings() {
    Recipe recipe = Recipe.parse("r.yaml", """
        seed: 7
        passes:
          - fold
          - quantize:
              weights: per_tensor
              percentile: 99.9
              exclude: ["op:Gemm", "conv1*"]
        """);
    assertEquals(7, recipe.seed());
    assertEquals(List.of("fold", "quantize"), recipe.steps().stream().map(s -> s.pass().name()).toList());
    var settings = recipe.steps().getLast().settings();
    assertEquals("per_tensor", settings.word("weights"));
    assertEquals(99.9, settings.real("percentile"));
    assertEquals(List.of("op:Gemm", "conv1*"), settings.words("exclude"));
    assertEquals("minmax", settings.word("calibration"));
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      passes: [fold, quantise]              | r.yaml:1: found pass 'quantise', expected one of [fold, distil, prune, narrow, quantize, weights, half, share, rdoq, sparse, finetune, pack]
      passes: [{quantize: {bits: 8}}]       | r.yaml:1: quantize: found setting 'bits', expected one of [mode, weights, weight_bits, reduce_range, activations, symmetric, calibration, percentile, momentum, bias_correction, rounding, rounding_steps, equalization, smoothing, activation_products, embeddings, operators, exclude]
      passes: [{quantize: {weights: int3}}] | r.yaml:1: quantize: weights is 'int3', expected one of [target, per_channel, per_tensor]
      passes: [{quantize: {percentile: 2}}] | r.yaml:1: quantize: percentile is '2', expected a number from 50.0 to 100.0
      passes: [{quantize: {weight_bits: 1}}] | r.yaml:1: quantize: weight_bits is '1', expected one of [target, 2, 3, 4, 5, 6, 7, 8]
      passes: [{weights: {layers: {a: int3}}}] | r.yaml:1: weights: layers is '{a=int3}', expected a mapping of patterns to any of [float, fp16, bf16, fp8, fp8_e5m2, int8, int4]
      passes: [{weights: {layers: int4}}]   | r.yaml:1: weights: layers is 'int4', expected a mapping of patterns to any of [float, fp16, bf16, fp8, fp8_e5m2, int8, int4]
      passes: []                            | r.yaml:1: the list of passes is empty, expected at least one of [fold, distil, prune, narrow, quantize, weights, half, share, rdoq, sparse, finetune, pack]
      pases: [fold]                         | r.yaml:1: found key 'pases', expected one of [passes, seed]
      passes: [{pack: {preset: fast}}, fold] | r.yaml:1: found pass 'pack' before another, expected it at the end
      passes: [{pack: {preset: tiny}}]      | r.yaml:1: pack: preset is 'tiny', expected one of [small, fast]
      seed: 1                               | r.yaml:1: found no 'passes', expected a list of [fold, distil, prune, narrow, quantize, weights, half, share, rdoq, sparse, finetune, pack]
      """)
  void flawsPointAtTheirLine(String text, String message) {
    var e = assertThrows(InvalidInputException.class, () -> Recipe.parse("r.yaml", text));
    assertEquals(message, e.getMessage());
  }

  @Test
  void whatIsAddedStandsBeforePacking() {
    assertNull(Recipe.int8().packing());
    Recipe packing = Recipe.parse("r.yaml", "passes: [fold, {pack: {preset: fast}}]");
    assertEquals("fast", packing.packing());
    Recipe more = packing.then(Recipe.parse("more", "passes: [half]"));
    assertEquals(List.of("fold", "half", "pack"), more.steps().stream().map(s -> s.pass().name()).toList());
    assertEquals("fast", Recipe.parse("again", more.text()).packing());
  }

  @Test
  void operatorsThatNobodyKnowsAreRefusedAtTheirLine() {
    String text = "passes:\n  - quantize:\n      operators: [Conv, Cnov]\n";
    var e = assertThrows(InvalidInputException.class, () -> Recipe.parse("r.yaml", text));
    String line = "r\\.yaml:3: quantize: operators is '\\[Conv, Cnov]', expected any of the \\d+ known, not \\[Cnov]";
    assertTrue(e.getMessage().matches(line), e.getMessage());
    assertEquals(List.of("Gemm"),
        Recipe.parse("r.yaml", "passes: [{quantize: {operators: Gemm}}]").steps().getFirst().settings()
            .words("operators"));
  }

  @Test
  void packingBeforeAnotherPassIsToldAtItsLine() {
    String text = "passes:\n  - fold\n  - pack\n  - half\n";
    var e = assertThrows(InvalidInputException.class, () -> Recipe.parse("r.yaml", text));
    assertEquals("r.yaml:3: found pass 'pack' before another, expected it at the end", e.getMessage());
  }

  @Test
  void theLineIsThatOfTheFlaw() {
    String text = "passes:\n  - fold\n  - quantize:\n      weights: per_channel\n      calibration: guess\n";
    var e = assertThrows(InvalidInputException.class, () -> Recipe.parse("r.yaml", text));
    assertEquals(
        "r.yaml:5: quantize: calibration is 'guess', expected one of [minmax, percentile, entropy, mse, moving_average, auto]",
        e.getMessage());
  }

  @Test
  void layersKeepTheOrderOfTheRecipe() {
    String text = "passes: [{weights: {format: int4, layers: {'op:Gather': int8, '*/dense*': fp16, head: float}}}]";
    assertEquals(List.of("op:Gather", "*/dense*", "head"), List.copyOf(Recipe.parse("r.yaml", text).steps().getFirst()
        .settings().assignment("layers").keySet()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"int8", "int8-weights", "int4", "fp8", "fp8-e5m2", "fp16", "bf16"})
  void everyBuiltInRecipeFoldsFirst(String name) {
    assertEquals("fold", Recipe.builtIn(name).steps().getFirst().pass().name());
  }

  @Test
  void anUnknownBuiltInRecipeIsAnsweredWithTheKnownOnes() {
    var e = assertThrows(InvalidInputException.class, () -> Recipe.builtIn("int3"));
    assertEquals("recipe 'int3': found no built-in one,"
        + " expected one of [bf16, fp16, fp8, fp8-e5m2, int4, int8, int8-weights]", e.getMessage());
  }

  @Test
  void leavingLayersAloneIsSaidInTheText() {
    Recipe recipe = Recipe.parse("r.yaml", """
        seed: 7
        passes:
          - fold
          - quantize: {percentile: 99.9, calibration: percentile, exclude: [head]}
          - weights: {layers: {"op:Gather": int8}, clip: false}
        """);
    assertEquals(1, recipe.selective());
    Recipe less = recipe.leavingAlone(List.of("head", "/a/b: \"c\" #1", "back\\slash"));
    assertEquals("""
        seed: 7
        passes:
          - fold
          - quantize:
              calibration: "percentile"
              percentile: 99.9
              exclude: ["head", "/a/b: \\"c\\" #1", "back\\\\slash"]
          - weights:
              layers: {"op:Gather": "int8"}
              clip: false
        """, less.text());
    Recipe again = Recipe.parse("told", less.text());
    assertEquals(List.of("head", "/a/b: \"c\" #1", "back\\slash"), again.steps().get(1).settings().words("exclude"));
    assertEquals(less.text(), again.leavingAlone(List.of("head")).text());
    assertEquals(recipe, recipe.leavingAlone(List.of()));
  }

  @Test
  void aRecipeOfWeightsAloneCannotLeaveLayersAlone() {
    assertEquals(-1, Recipe.builtIn("int4").selective());
    assertEquals(1, Recipe.int8().selective());
  }

  @Test
  void theTextOfOnePassSaysWhatIsNotTheDefault() {
    Recipe recipe = Recipe.of("distil",
        new TreeMap<>(Map.of("rate", "0.01", "batch", "64", "student", "\"a b.onnx\"")),
        3);
    assertEquals("""
        seed: 3
        passes:
          - distil:
              student: "a b.onnx"
              rate: 0.01
        """, recipe.text());
    assertEquals(0.01, Recipe.parse("again", recipe.text()).steps().getFirst().settings().real("rate"));
  }
}

package dev.dwindle.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What a description may say, and how its flaws are told. */
class DescriptionTest {
  @TempDir
  Path folder;

  @BeforeEach
  void files() throws IOException {
    Files.write(folder.resolve("x.npy"), NpyBytes.of("<f4", "(10, 2)", 80));
    Files.write(folder.resolve("y.npy"), NpyBytes.of("<i4", "(10,)", 40));
    Files.write(folder.resolve("three.npy"), NpyBytes.of("<i4", "(3,)", 12));
    byte[] records = new byte[3 * 3073];
    for (int i = 0; i < 3; i++) {
      records[i * 3073] = (byte) (3 * i);
    }
    Files.write(folder.resolve("c.bin"), records);
  }

  private DataSet read(String yaml) throws IOException {
    Path file = Files.writeString(folder.resolve("d.yaml"), yaml);
    return DataSet.read(file);
  }

  static Stream<Arguments> flaws() {
    return Stream.of(
        Arguments.of("metric: top-1",
            ":1: found keys [metric], expected 'calibration' or"),
        Arguments.of("evaluation: {npy: {x: x.npy}}\naugment: {mixup: 2}",
            ":2: found 2.0, expected 0, or 0.01 to 1"),
        Arguments.of("colour: red",
            ":1: found key 'colour', expected one of [augment, calibration,"),
        Arguments.of("evaluation: {cifar10: no.bin}",
            ":1: found no file"),
        Arguments.of("evaluation: {cifar10: x.npy}",
            "bytes, expected a multiple of 3073"),
        Arguments.of("evaluation: {cifar10: c.bin}",
            ":1: found no 'inputs', expected"),
        Arguments.of("evaluation: {limit: 3}",
            ":1: found sources [], expected one of [cifar10,"),
        Arguments.of("evaluation: {npy: {x: x.npy, y: three.npy}}",
            "found 3 rows, expected 10 as in"),
        Arguments.of("evaluation: {npy: {x: x.npy}, limit: 0}",
            ":1: found no rows chosen of 10"),
        Arguments.of("evaluation: {npy: {x: x.npy}, limit: some}",
            ":1: found 'some', expected a whole number"),
        Arguments.of("evaluation: {npy: {x: x.npy}, from: 11}",
            ":1: found 11, expected 0 to 10, the rows"),
        Arguments.of("evaluation: {npy: {x: x.npy}, take: every}",
            ":1: found 'every', expected one of [all, even, odd]"),
        Arguments.of("evaluation: {npy: {x: x.npy}}\nmetric: top-9",
            ":2: found metric [top-9], expected one of [top-1,"),
        Arguments.of("evaluation: {npy: {x: x.npy}}\nmetric: top-1",
            ":2: found metric 'top-1', which needs labels"),
        Arguments.of("evaluation: {npy: {x: x.npy, label: y.npy}}\nmetric: spearman",
            ":2: found 1 runs a row, expected 2"),
        Arguments.of("evaluation: {npy: {x: x.npy}}\nmetric: {command: []}",
            ":2: found no program"),
        Arguments.of("evaluation: {npy: {x: x.npy}}\nlabel: z",
            ":2: found field 'z', expected one of [x]"),
        Arguments.of("evaluation: {npy: {x: x.npy}}\ninputs: {a: {from: z}}",
            ":2: found field 'z', expected one of [x]"),
        Arguments.of("evaluation: {npy: {x: x.npy}}\ninputs: {a: {from: x, dtype: float7}}",
            ":2: found 'float7', expected one of [bool, float16,"),
        Arguments.of("evaluation: {npy: {x: x.npy}}\ninputs: {a: {from: x, scale: 1/0}}",
            ":2: found '1/0', expected a number or a ratio"),
        Arguments.of("evaluation: {npy: {x: x.npy}}\ninputs: {a: {from: x, std: 0}}",
            ":2: found 0, expected divisors other than zero"),
        Arguments.of("evaluation: {npy: {x: x.npy}}\ninputs: {a: {fill: 1}}",
            ":2: found 'fill' without 'length'"),
        Arguments.of("evaluation: {npy: {x: x.npy}}\ninputs: {a: {constant: [1, 2], shape: [3]}}",
            ":2: found 2 numbers, expected 1 or 3 for shape [3]"),
        Arguments.of("evaluation: {npy: {x: x.npy}}\ninputs: {a: {constant: 0, shape: [99999, 99999]}}",
            ":2: found [99999,99999], expected at most"),
        Arguments.of("evaluation: {npy: {x: x.npy}}\ninputs: {a: {from: x}}\ncarry: {o: b}",
            ":3: found input 'b', expected one of [a]"),
        Arguments.of("evaluation: {npy: {x: x.npy}}\ninputs: {a: {from: x}}\nruns: []",
            ":3: found 'inputs' too, expected one of both"),
        Arguments.of("evaluation: {pb: .}",
            ":1: found .pb tensors, which need the engine's reader"),
        Arguments.of("",
            ""));
  }

  @Test
  void nestingWithoutEndIsTold() {
    String message = assertThrows(InvalidInputException.class, () -> read("[".repeat(200_000))).getMessage();
    assertTrue(message.endsWith("not YAML: nested too deeply"), message);
  }

  @ParameterizedTest
  @MethodSource("flaws")
  void aFlawIsToldInOneLine(String yaml, String expected) {
    String message = assertThrows(InvalidInputException.class, () -> read(yaml)).getMessage();
    assertTrue(message.contains(expected), message);
    assertEquals(1, message.lines().count());
    assertTrue(message.startsWith(folder.resolve("d.yaml") + ":"), message);
  }

  private static List<Sample> all(Samples samples) {
    try (Stream<Sample> stream = samples.stream()) {
      return stream.toList();
    }
  }

  private static List<Long> labels(Samples samples) {
    return all(samples).stream().map(s -> s.label().longs()[0]).toList();
  }

  @Test
  void partsChooseRows() throws IOException {
    String npy = "{npy: {x: x.npy, label: y.npy}, ";
    assertEquals(List.of(0L, 2L, 4L, 6L, 8L), labels(read("evaluation: " + npy + "take: even}").evaluation()));
    assertEquals(List.of(3L, 5L), labels(read("evaluation: " + npy + "take: odd, from: 2, limit: 2}").evaluation()));
    assertEquals(List.of(7L, 8L), labels(read("evaluation: " + npy + "from: 7, to: 9}").evaluation()));
    DataSet both = read("calibration: " + npy + "limit: 1}\nevaluation: " + npy + "from: 9}");
    assertEquals(List.of(0L), labels(both.calibration()));
    assertEquals(List.of(9L), labels(both.evaluation()));
    assertEquals(List.of(9L), labels(both.evaluation()), "each call begins anew");
  }

  @Test
  void halvesShareNoRow() throws IOException {
    Samples all = read("evaluation: {npy: {x: x.npy, label: y.npy}, from: 1}").evaluation();
    assertEquals(List.of(1L, 3L, 5L, 7L, 9L), labels(all.half(false)));
    assertEquals(List.of(2L, 4L, 6L, 8L), labels(all.half(true)));
    assertEquals(List.of(2L, 6L), labels(all.half(true).half(false)));
    assertEquals(List.of(1L, 3L), labels(all.limit(4).half(false)));
    assertEquals(List.of(2L, 4L), labels(all.limit(4).half(true)));
    assertEquals(List.of(3L), labels(all.half(false).where(row -> row % 2 == 1).half(false).limit(9)));
    Samples pairs = read("""
        metric: {spearman: {mask: m}}
        runs: [{a: {from: x}, m: {constant: 1}}, {a: {from: x, scale: 2}, m: {constant: 1}}]
        evaluation: {npy: {x: x.npy, label: y.npy}, limit: 3}
        """).evaluation();
    assertEquals(List.of(0L, 0L, 2L, 2L), labels(pairs.half(false)));
    assertEquals(List.of(1L, 1L), labels(pairs.half(true)));
    assertEquals(List.of(0L, 0L), labels(pairs.limit(3).half(false)));
    assertEquals(List.of(1L), labels(pairs.limit(3).half(true)));
    assertEquals(2, pairs.perRow());
    assertEquals(List.of(1L, 1L), labels(pairs.where(row -> row == 1)));
    assertEquals(2, pairs.where(row -> row == 1).count());
    assertEquals(List.of(1L), labels(Samples.of(all(all)).half(false).limit(1)));
  }

  @Test
  void halvesOfASequenceAreItsBeginningAndItsEnd() throws IOException {
    Samples all = read("""
        label: y
        inputs: {a: {from: x}, state: {constant: [1, 2], dtype: int32}}
        carry: {next: state}
        evaluation: {npy: {x: x.npy, y: y.npy}, limit: 5}
        """).evaluation();
    assertEquals(List.of(0L, 1L, 2L), labels(all.half(false)));
    assertEquals(List.of(3L, 4L), labels(all.half(true)));
    assertEquals(List.of(2L, 3L), labels(all.limit(4).half(true)));
    assertTrue(all(all.half(true)).getFirst().first());
  }

  @Test
  void fieldsAreInputsWhereNoneAreNamed() throws IOException {
    DataSet data = read("evaluation: {npy: {x: x.npy, label: y.npy}}");
    Sample second = all(data.evaluation()).get(1);
    assertEquals(Map.of("x", "float[1,2]").toString(), second.inputs().toString());
    assertEquals(List.of(new MetricSpec.Agreement()), data.metrics());
    assertTrue(second.first());
  }

  @Test
  void inputsAreCastScaledPaddedFilledAndConstant() throws IOException {
    DataSet data = read("""
        label: y
        inputs:
          half: {from: x, scale: 1/2, dtype: float64}
          cut: {from: x, length: y, pad: 3}
          mask: {fill: 1, length: y, pad: 3}
          sr: {constant: 16000, dtype: int64}
          state: {constant: [1, 2], dtype: int32}
        carry: {next: state}
        evaluation: {npy: {x: x.npy, y: y.npy}, from: 1, to: 2}
        """);
    Map<String, Tensor> inputs = all(data.evaluation()).getFirst().inputs();
    assertEquals(List.of("double[1,2]", "float[1,3]", "int64[1,3]", "int64[]", "int32[2]"),
        Stream.of("half", "cut", "mask", "sr", "state").map(name -> inputs.get(name).toString()).toList());
    assertTrue(Tensor.of(Shape.of(1, 2), 1.0, 1.5).contentEquals(inputs.get("half")));
    assertTrue(Tensor.of(Shape.of(1, 3), 2f, 0f, 0f).contentEquals(inputs.get("cut")));
    assertTrue(Tensor.of(Shape.of(1, 3), 1L, 0L, 0L).contentEquals(inputs.get("mask")));
    assertTrue(Tensor.of(Shape.of(2), 1, 2).contentEquals(inputs.get("state")));
    assertEquals(Map.of("next", "state"), data.evaluation().carried());
  }

  @Test
  void aRowMayBeRunTwice() throws IOException {
    DataSet data = read("""
        metric: {spearman: {mask: m}}
        runs: [{a: {from: x}, m: {constant: 1}}, {a: {from: x, scale: 2}, m: {constant: 1}}]
        evaluation: {npy: {x: x.npy, label: y.npy}, limit: 2}
        """);
    assertEquals(4, data.evaluation().count());
    assertEquals(List.of(0L, 0L, 1L, 1L), labels(data.evaluation()));
    List<Sample> samples = all(data.evaluation());
    assertTrue(Tensor.of(Shape.of(1, 2), 4f, 6f).contentEquals(samples.get(3).inputs().get("a")));
  }

  @Test
  void aLabelBeyondTheClassesIsRefused() throws IOException {
    DataSet data = read("""
        classes: [a, b, c, d]
        inputs: {i: {dtype: uint8}}
        evaluation: {cifar10: c.bin}
        """);
    String message = assertThrows(InvalidInputException.class, () -> all(data.evaluation())).getMessage();
    assertEquals(folder.resolve("c.bin") + " record 2: found label 6, expected 0 to 3 as there are classes", message);
  }

  @Test
  void severalFilesFollowEachOther() throws IOException {
    DataSet data = read("inputs: {i: {}}\nevaluation: {cifar10: [c.bin, c.bin], from: 1, limit: 4}");
    assertEquals(List.of(3L, 6L, 0L, 3L), labels(data.evaluation()));
  }

  @Test
  void lengthsAreChecked() throws IOException {
    DataSet data = read("inputs: {a: {from: x, length: y}}\nevaluation: {npy: {x: x.npy, y: y.npy}}");
    String message = assertThrows(InvalidInputException.class, () -> all(data.evaluation())).getMessage();
    assertTrue(message.endsWith("row 3: found length 3 for 'x' of shape [2], expected at most as many"), message);
  }

  @Test
  void flagsSayTheSame() throws IOException {
    Map<String, String> flags = new LinkedHashMap<>();
    flags.put("metric", "{top-5: {output: 1}}");
    flags.put("inputs.a.from", "x");
    flags.put("inputs.a.scale", "1/2");
    flags.put("evaluation.npy", "{x: x.npy, label: y.npy}");
    flags.put("evaluation.limit", "4");
    DataSet data = DataSet.of(flags, folder, null);
    assertEquals(List.of(0L, 1L, 2L, 3L), labels(data.evaluation()));
    assertEquals(List.of(new MetricSpec.TopK(5, 1)), data.metrics());
    flags.put("evaluation.limit.more", "4");
    assertThrows(InvalidInputException.class, () -> DataSet.of(flags, folder, null));
  }

  @Test
  void commandsRunBesideTheDescription() throws IOException {
    DataSet data = read(
        "metric: {command: {run: [score, --model, '{model}'], better: lower}}\nevaluation: {npy: {x: x.npy}}");
    MetricSpec.Command command = (MetricSpec.Command) data.metrics().getFirst();
    assertEquals(folder.toAbsolutePath(), command.folder());
    assertFalse(command.higherIsBetter());
    assertEquals(List.of("score", "--model", "/m.onnx"), command.with(Path.of("/m.onnx")));
    assertEquals(List.of("score", "/m.onnx"),
        new MetricSpec.Command(List.of("score"), folder, true).with(Path.of("/m.onnx")));
  }
}

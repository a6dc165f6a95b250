package dev.dwindle.cli;

import com.google.protobuf.ByteString;
import dev.dwindle.engine.SampleFiles;
import dev.dwindle.onnx.proto.AttributeProto;
import dev.dwindle.onnx.proto.GraphProto;
import dev.dwindle.onnx.proto.ModelProto;
import dev.dwindle.onnx.proto.NodeProto;
import dev.dwindle.onnx.proto.StringStringEntryProto;
import dev.dwindle.onnx.proto.TensorProto;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** A folder with the sample and, beside it, all kinds of models, data and recipes that are wrong in one way each. */
record BadFiles(Path folder) {
  void write() throws IOException {
    SampleFiles.copyTo(folder);
    Files.createLink(folder.resolve("linked.onnx"), folder.resolve("glyphs.onnx"));
    pipe();
    models();
    externalData();
    recipes();
    descriptions();
    dataFiles();
  }

  private void pipe() throws IOException {
    try {
      new ProcessBuilder("mkfifo", folder.resolve("pipe.onnx").toString()).inheritIO().start().waitFor();
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  private ModelProto sample() throws IOException {
    return ModelProto.parseFrom(Files.readAllBytes(folder.resolve("glyphs.onnx")));
  }

  private void models() throws IOException {
    byte[] sample = Files.readAllBytes(folder.resolve("glyphs.onnx"));
    write("short.onnx", Arrays.copyOf(sample, sample.length / 2));
    byte[] length = sample.clone();
    Arrays.fill(length, 100, 110, (byte) 0xff);
    write("length.onnx", length);
    write("empty.onnx", new byte[0]);
    write("text.onnx", "this is no model".getBytes());
    write("nograph.onnx", new byte[] {8, 9});
    Files.createDirectory(folder.resolve("folder.onnx"));
    ModelProto model = sample();
    write("newer.onnx", model.toBuilder().setOpsetImport(0, model.getOpsetImport(0).toBuilder().setVersion(99)));
    write("older.onnx", model.toBuilder().setOpsetImport(0, model.getOpsetImport(0).toBuilder().setVersion(3)));
    NodeProto first = model.getGraph().getNode(0);
    node("unknown.onnx", model, first.toBuilder().setOpType("Convolve"));
    node("foreign.onnx", model, first.toBuilder().setDomain("com.example"));
    node("dangling.onnx", model, first.toBuilder().setInput(0, "nothing"));
    node("twice.onnx", model, first.toBuilder().setOutput(0, model.getGraph().getInput(0).getName()));
    node("lacking.onnx", model, first.toBuilder().clearInput().addInput(first.getInput(0)));
    weight("type.onnx", model, w -> w.setDataType(99));
    weight("size.onnx", model, w -> w.setDims(0, w.getDims(0) + 1));
    weight("huge.onnx", model, w -> w.clearDims().addDims(1L << 40).addDims(1L << 40));
    weight("negative.onnx", model, w -> w.setDims(0, -1));
    weight("shape.onnx", model, w -> w.clearDims().addDims(w.getRawData().size() / 4));
    byte[] nan = new byte[4];
    ByteBuffer.wrap(nan).order(ByteOrder.LITTLE_ENDIAN).putFloat(Float.NaN);
    weight("nan.onnx", model, w -> w.setRawData(ByteString.copyFrom(nan).concat(w.getRawData().substring(4))));
    weight("infinite.onnx", model,
        w -> w.setRawData(ByteString.copyFrom(infinite()).substring(0, w.getRawData().size())));
    GraphProto deep = GraphProto.getDefaultInstance();
    for (int i = 0; i < 60; i++) {
      deep = GraphProto.newBuilder().addNode(NodeProto.newBuilder().setOpType("If").addOutput("y").addAttribute(
          AttributeProto.newBuilder().setName("then_branch")
              .setType(AttributeProto.AttributeType.GRAPH).setG(deep)))
          .build();
    }
    write("deep.onnx", model.toBuilder().setGraph(deep));
  }

  /** The sample's first weight stands in a file of its own, in each of these ways. */
  private void externalData() throws IOException {
    ModelProto model = sample();
    TensorProto whole = model.getGraph().getInitializer(0);
    int bytes = whole.getRawData().size();
    write("w.bin", whole.getRawData().toByteArray());
    Files.createSymbolicLink(folder.resolve("link.bin"), Path.of(System.getProperty("java.home"), "release"));
    String size = Integer.toString(bytes);
    external("away.onnx", model, Map.of("location", "gone.bin"));
    external("escape.onnx", model, Map.of("location", "../outside.bin"));
    external("absolute.onnx", model, Map.of("location", "/etc/hostname"));
    external("symlink.onnx", model, Map.of("location", "link.bin"));
    external("directory.onnx", model, Map.of("location", "folder.onnx"));
    external("nowhere.onnx", model, Map.of("offset", "0"));
    external("before.onnx", model, Map.of("location", "w.bin", "offset", "-4"));
    external("beyond.onnx", model, Map.of("location", "w.bin", "offset", "4"));
    external("far.onnx", model, Map.of("location", "w.bin", "offset", "9223372036854775807", "length", size));
    external("overflow.onnx", model, Map.of("location", "w.bin", "offset", "9223372036854775808"));
    external("longer.onnx", model, Map.of("location", "w.bin", "length", "9223372036854775807"));
    external("shorter.onnx", model, Map.of("location", "w.bin", "length", "-576"));
    external("half.onnx", model, Map.of("location", "w.bin", "length", "288"));
    Files.createSymbolicLink(folder.resolve("up"), Path.of(System.getProperty("java.home")));
    external("linkedfolder.onnx", model, Map.of("location", "up/release"));
    external("roundabout.onnx", model, Map.of("location", "folder.onnx/../../outside.bin"));
    external("pipedata.onnx", model, Map.of("location", "pipe.onnx"));
    external("words.onnx", model, Map.of("location", "w.bin", "offset", "four"));
  }

  private void recipes() throws IOException {
    recipe("typo", "passes: [fold, quantise]\n");
    recipe("broken", "passes: [fold\n");
    recipe("word", "fold\n");
    recipe("nopasses", "seed: 1\n");
    recipe("nothing", "passes: []\n");
    recipe("null", "passes:\n");
    recipe("extra", "passes: [fold]\npases: [fold]\n");
    recipe("double", "passes: [fold]\npasses: [quantize]\n");
    recipe("seed", "seed: many\npasses: [fold]\n");
    recipe("setting", "passes:\n  - quantize:\n      bits: 8\n");
    recipe("kind", "passes:\n  - quantize:\n      weight_bits: eight\n");
    recipe("range", "passes:\n  - quantize:\n      weight_bits: 9\n");
    recipe("percent", "passes:\n  - quantize: {calibration: percentile, percentile: 101}\n");
    recipe("choice", "passes:\n  - quantize: {activations: float}\n");
    recipe("operators", "passes:\n  - quantize: {operators: [Conv, Convolve]}\n");
    recipe("two", "passes:\n  - quantize: {}\n    fold: {}\n");
    recipe("list", "passes:\n  - [fold]\n");
    recipe("cycle", "passes:\n  - quantize: {exclude: &a [*a]}\n");
    recipe("laughs", "passes:\n  - quantize:\n      exclude: [&a [x, x, x, x, x, x, x, x, x],"
        + laughs('a') + "]\n");
    write("binary.yaml", new byte[] {(byte) 0xff, (byte) 0xfe, 0, 1, 2});
  }

  /** Lists of nine times the list before. */
  private static String laughs(char first) {
    StringBuilder text = new StringBuilder();
    for (char c = first; c < first + 9; c++) {
      text.append(" &").append((char) (c + 1)).append(" [").append(("*" + c + ", ").repeat(8)).append('*').append(c)
          .append("],");
    }
    return text.toString();
  }

  private void descriptions() throws IOException {
    String sample = Files.readString(folder.resolve("glyphs.yaml"));
    Files.writeString(folder.resolve("nodata.yaml"),
        "metric: top-1\ncalibration: {idx: {images: missing.gz, labels: missing.gz}}\n");
    description("labels", sample.replace("test-labels", "calibration-labels"));
    description("agreement", sample.replace("metric: top-1", "metric: agreement"));
    description("renamed", sample.replace("  image: {", "  z: {"));
    description("key", sample.replace("metric:", "metrik:"));
    description("metric", sample.replace("top-1", "top-3"));
    description("scale", sample.replace("1/255", "1/0"));
    description("crop", sample.replace("{scale: 1/255}", "{scale: 1/255, crop: 500}"));
    description("smaller", sample.replace("{scale: 1/255}", "{scale: 1/255, crop: 12}"));
    description("whole", sample.replace("{scale: 1/255}", "{scale: 1/255, dtype: int64}"));
    description("norows", sample.replace("calibration:\n", "calibration:\n  limit: 0\n"));
    description("evaluationonly", sample.replaceFirst("(?s)calibration:\n.*?\n(?=evaluation)", ""));
    description("calibrationonly", sample.replaceFirst("(?s)evaluation:.*", ""));
    description("classes", sample.replaceFirst("classes: .*", "classes: [A, B]"));
    description("both", sample.replace("calibration:\n", "calibration:\n  npz: a.npz\n"));
    description("take", sample.replace("calibration:\n", "calibration:\n  take: some\n"));
    description("zoo", sample.replace("glyphs-calibration-images.idx.gz", "\"${zoo}/no/such.gz\""));
    description("magic", "calibration: {idx: {images: text.onnx}}\ninputs: {image: {}}\n");
    description("cut", "calibration: {idx: {images: cut.idx}}\ninputs: {image: {}}\n");
    description("cifar", "calibration: {cifar10: w.bin}\ninputs: {image: {}}\n");
    description("folders", "calibration: {folders: folder.onnx}\ninputs: {image: {}}\n");
    description("images", "calibration: {images: folder.onnx}\ninputs: {image: {}}\n");
    description("picture", "calibration: {images: pictures}\ninputs: {image: {crop: 24, channels: gray}}\n");
    description("column", "calibration: {csv: {file: table.csv, path: picture}}\ninputs: {image: {}}\n");
    description("row", "calibration: {csv: {file: ragged.csv}}\ninputs: {image: {}}\n");
    description("archive", "calibration: {npz: cut.npz}\n");
    description("array", "calibration: {npy: {image: text.onnx}}\n");
    description("rows", "calibration: {npy: {image: images.npy, other: others.npy}}\n");
    description("infinite",
        "calibration: {npy: {pixels: infinite.npy}}\ninputs: {image: {from: pixels, dtype: float32}}\n");
    description("wave", "calibration: {wav: {file: text.onnx, window: 10}}\ninputs: {image: {from: audio}}\n");
    description("pb", "calibration: {pb: folder.onnx}\n");
    description("carry", sample + "carry: {scores: state}\n");
  }

  private void dataFiles() throws IOException {
    write("cut.npz", new byte[] {'P', 'K', 3, 4, 0});
    write("cut.idx", ByteBuffer.allocate(20).putInt(0x803).putInt(10).putInt(24).putInt(24).array());
    Path pictures = Files.createDirectory(folder.resolve("pictures"));
    Files.write(pictures.resolve("a.png"), new byte[] {(byte) 0x89, 'P', 'N', 'G', 13, 10, 26, 10, 0, 0});
    Files.writeString(folder.resolve("table.csv"), "file,label\na.png,0\n");
    Files.writeString(folder.resolve("ragged.csv"), "file,label\na.png\n");
    write("images.npy", npy("<f4", "(2, 1, 24, 24)", new byte[2 * 576 * 4]));
    write("others.npy", npy("<f4", "(3, 1)", new byte[12]));
    write("infinite.npy", npy("<f4", "(1, 1, 24, 24)", infinite()));
    npz("other.npz", "picture", npy("<f4", "(1, 1, 24, 24)", new byte[576 * 4]));
    npz("double.npz", "image", npy("<f8", "(1, 1, 24, 24)", new byte[576 * 8]));
    npz("small.npz", "image", npy("<f4", "(1, 1, 12, 12)", new byte[144 * 4]));
    npz("good.npz", "image", npy("<f4", "(1, 1, 24, 24)", new byte[576 * 4]));
  }

  /** As many infinities as an image has pixels. */
  private static byte[] infinite() {
    byte[] bytes = new byte[576 * 4];
    for (int i = 0; i < bytes.length; i += 4) {
      bytes[i + 2] = (byte) 0x80;
      bytes[i + 3] = 0x7f;
    }
    return bytes;
  }

  /** So many images of noise as an archive that {@code run} reads. */
  void images(String name, int count) throws IOException {
    ByteBuffer pixels = ByteBuffer.allocate(count * 576 * 4).order(ByteOrder.LITTLE_ENDIAN);
    Random random = new Random(1);
    while (pixels.hasRemaining()) pixels.putFloat(random.nextFloat());
    npz(name, "image", npy("<f4", "(" + count + ", 1, 24, 24)", pixels.array()));
  }

  private void npz(String name, String array, byte[] npy) throws IOException {
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(folder.resolve(name)))) {
      zip.putNextEntry(new ZipEntry(array + ".npy"));
      zip.write(npy);
    }
  }

  private static byte[] npy(String type, String shape, byte[] data) {
    String header = "{'descr': '" + type + "', 'fortran_order': False, 'shape': " + shape + ", }";
    String padded = header + " ".repeat((53 - (header.length() + 10) % 64 + 74) % 64) + "\n";
    ByteBuffer bytes = ByteBuffer.allocate(10 + padded.length() + data.length).order(ByteOrder.LITTLE_ENDIAN);
    return bytes.put((byte) 0x93).put("NUMPY".getBytes()).put((byte) 1).put((byte) 0).putShort((short) padded.length())
        .put(padded.getBytes()).put(data).array();
  }

  private void node(String name, ModelProto model, NodeProto.Builder first) throws IOException {
    write(name, model.toBuilder().setGraph(model.getGraph().toBuilder().setNode(0, first)));
  }

  private void weight(String name, ModelProto model, UnaryOperator<TensorProto.Builder> change) throws IOException {
    TensorProto.Builder weight = change.apply(model.getGraph().getInitializer(0).toBuilder());
    write(name, model.toBuilder().setGraph(model.getGraph().toBuilder().setInitializer(0, weight)));
  }

  private void external(String name, ModelProto model, Map<String, String> entries) throws IOException {
    weight(name, model, w -> {
      w.clearRawData().setDataLocation(TensorProto.DataLocation.EXTERNAL);
      entries.forEach((key, value) -> w.addExternalData(StringStringEntryProto.newBuilder().setKey(key)
          .setValue(value)));
      return w;
    });
  }

  private void recipe(String name, String text) throws IOException {
    Files.writeString(folder.resolve("recipe-" + name + ".yaml"), text);
  }

  private void description(String name, String text) throws IOException {
    Files.writeString(folder.resolve(name + ".yaml"), text);
  }

  private void write(String name, ModelProto.Builder model) throws IOException {
    write(name, model.build().toByteArray());
  }

  private void write(String name, byte[] bytes) throws IOException {
    Files.write(folder.resolve(name), bytes);
  }
}

package dev.dwindle.backend.cuda;

import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.Tensor;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** Numbers of tensors by name in a file, for a machine on which what made them is not at hand. */
final class KeptTensors {
  private KeptTensors() {}

  static void write(Path file, Map<String, Tensor> tensors) throws IOException {
    try (DataOutputStream out = new DataOutputStream(Files.newOutputStream(file))) {
      out.writeInt(tensors.size());
      for (var tensor : tensors.entrySet()) {
        double[] values = Elements.doubles(tensor.getValue());
        out.writeUTF(tensor.getKey());
        out.writeInt(values.length);
        for (double value : values) out.writeFloat((float) value);
      }
    }
  }

  static Map<String, double[]> read(Path file) throws IOException {
    Map<String, double[]> all = new LinkedHashMap<>();
    try (DataInputStream in = new DataInputStream(Files.newInputStream(file))) {
      for (int left = in.readInt(); left > 0; left--) {
        String name = in.readUTF();
        double[] values = new double[in.readInt()];
        for (int i = 0; i < values.length; i++) values[i] = in.readFloat();
        all.put(name, values);
      }
    }
    return all;
  }
}

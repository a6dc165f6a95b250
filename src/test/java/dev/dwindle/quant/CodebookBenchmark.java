package dev.dwindle.quant;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** Shares the FLOAT numbers of a file: {@code CodebookBenchmark FILE ENTRIES} tells seconds, entries and places together, of the first time and of the fastest of three more, and the sum of squared errors. */
public final class CodebookBenchmark {
  private CodebookBenchmark() {}

  public static void main(String[] args) throws IOException {
    float[] values = new float[(int) (Files.size(Path.of(args[0])) / Float.BYTES)];
    ByteBuffer.wrap(Files.readAllBytes(Path.of(args[0]))).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
    double first = 0;
    double best = Double.POSITIVE_INFINITY;
    double error = 0;
    for (int run = 0; run < 4; run++) {
      long begin = System.nanoTime();
      Codebook codebook = Codebook.of(values, Integer.parseInt(args[1]), Codebook.Method.EXACT, false);
      byte[] places = codebook.indices(values);
      double seconds = (System.nanoTime() - begin) / 1e9;
      if (run == 0) first = seconds;
      else
        best = Math.min(best, seconds);
      error = 0;
      for (int i = 0; i < values.length; i++) {
        double distance = values[i] - (double) codebook.entries()[Byte.toUnsignedInt(places[i])];
        error += distance * distance;
      }
    }
    System.out.println(String.format(Locale.ROOT, "%.4f %.4f %.9g", first, best, error));
  }
}

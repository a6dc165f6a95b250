package dev.dwindle.engine;

import dev.dwindle.data.MetricSpec;
import dev.dwindle.result.Accuracy;
import dev.dwindle.result.Estimate;
import dev.dwindle.tensor.InvalidInputException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CancellationException;

/** A metric that a program of the user's own computes: it is given a model file and prints a number as its last word. */
final class CommandMetric {
  private CommandMetric() {}

  /** Runs the program on both files. It tells no interval, so each estimate is its own interval. */
  static Accuracy compare(MetricSpec.Command spec, Path original, Path compressed) {
    double before = run(spec, original);
    double after = run(spec, compressed);
    return new Accuracy(
        spec.name(), "", spec.higherIsBetter(), 1, 1, point(before), point(after), point(after - before));
  }

  private static Estimate point(double value) {
    return new Estimate(value, value, value, 1);
  }

  private static double run(MetricSpec.Command spec, Path model) {
    List<String> command = spec.with(model);
    try {
      Process process = new ProcessBuilder(command).directory(spec.folder().toFile())
          .redirectError(ProcessBuilder.Redirect.INHERIT).start();
      process.getOutputStream().close();
      String output = new String(process.getInputStream().readAllBytes()).strip();
      int code = process.waitFor();
      if (code != 0) {
        throw new InvalidInputException(
            "metric command " + command + ": ended with exit code " + code + ", expected 0");
      }
      String[] words = output.split("\\s+");
      return Double.parseDouble(words[words.length - 1]);
    } catch (NumberFormatException e) {
      throw new InvalidInputException("metric command " + command + ": printed no number as its last word", e);
    } catch (IOException e) {
      throw new InvalidInputException("metric command " + command + ": cannot be started (" + e.getMessage() + ")", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancellationException("interrupted");
    }
  }
}

package dev.dwindle.pass.prune;

import dev.dwindle.rewrite.ChannelGroups.Group;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * In which order channels of a group go. Always the next is the one without which the layers that read it err least, relative to what they give, once the channels that are left
 * make up for it (Optimal Brain Surgeon with a channel for a weight: Kurtic et al., ZipLM, 2023, section 3.1).
 */
final class ChannelOrder {
  /** Weights of one layer that reads the channels, as they are once those that went are made up for. */
  private static final class Layer {
    private final Reader reader;
    private final double[][] rows;
    /** The inverse of the moments, of the inputs that are left. */
    private final double[][] inverse;
    private final double energy;

    Layer(Reader reader) {
      this.reader = reader;
      Weights weights = reader.weights();
      rows = new double[weights.outputs()][];
      for (int output = 0; output < rows.length; output++) rows[output] = weights.row(output);
      inverse = InverseFactor.inverse(reader.moments(), weights.inputs(), Reconstruction.DAMPING);
      energy = energy(rows, reader.moments());
    }

    private static double energy(double[][] rows, float[] moments) {
      double energy = 0;
      for (double[] row : rows) {
        for (int i = 0; i < row.length; i++) {
          double sum = 0;
          for (int k = 0; k < row.length; k++) sum += row[k] * moments[i * row.length + k];
          energy += row[i] * sum;
        }
      }
      return energy;
    }

    /** The squared error of the outputs without a channel, relative to their squares. */
    double cost(int channel) {
      int[] columns = reader.columns()[channel];
      double[][] lower = new double[columns.length][columns.length];
      for (int i = 0; i < columns.length; i++) {
        for (int k = 0; k <= i; k++) lower[i][k] = inverse[columns[i]][columns[k]];
      }
      if (!InverseFactor.factor(lower)) throw new ArithmeticException("the inverse has lost its last digits");
      double cost = 0;
      double[] solved = new double[columns.length];
      for (double[] row : rows) {
        for (int i = 0; i < columns.length; i++) {
          double sum = row[columns[i]];
          for (int k = 0; k < i; k++) sum -= lower[i][k] * solved[k];
          solved[i] = sum / lower[i][i];
          cost += solved[i] * solved[i];
        }
      }
      return energy == 0 ? 0 : cost / energy;
    }

    /** Takes the inputs of a channel away, one by one. */
    void remove(int channel) {
      for (int column : reader.columns()[channel]) {
        double[] gone = inverse[column].clone();
        for (double[] row : rows) subtract(row, row[column] / gone[column], gone);
        for (double[] row : inverse) {
          if (row[column] != 0) subtract(row, row[column] / gone[column], gone);
        }
      }
    }

    private static void subtract(double[] row, double factor, double[] gone) {
      for (int i = 0; i < row.length; i++) row[i] -= factor * gone[i];
    }
  }

  private ChannelOrder() {}

  /**
   * Orders channels.
   *
   * @param readers layers that read them, where it is known what they read
   * @return the channels, the first to go first; by the weights that make them where no reader is known
   */
  static int[] of(Group group, List<Reader> readers) {
    if (readers.isEmpty()) {
      double[] norms = group.norms();
      return IntStream.range(0, group.size()).boxed().sorted(Comparator.comparingDouble(c -> norms[c]))
          .mapToInt(Integer::intValue).toArray();
    }
    List<Layer> layers = readers.stream().map(Layer::new).toList();
    boolean[] gone = new boolean[group.size()];
    int[] order = new int[group.size()];
    for (int i = 0; i < order.length; i++) {
      double least = Double.POSITIVE_INFINITY;
      for (int channel = 0; channel < gone.length; channel++) {
        if (gone[channel]) continue;
        int candidate = channel;
        double cost = layers.stream().mapToDouble(layer -> layer.cost(candidate)).sum();
        if (cost < least) {
          least = cost;
          order[i] = channel;
        }
      }
      gone[order[i]] = true;
      for (Layer layer : layers) layer.remove(order[i]);
    }
    return order;
  }
}

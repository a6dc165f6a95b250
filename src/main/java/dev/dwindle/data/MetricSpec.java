package dev.dwindle.data;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What a data set is scored by; {@code dev.dwindle.measure} computes it. Outputs count from 0 in the model's order. */
public sealed interface MetricSpec {
  /** The name in data descriptions and reports. */
  String name();

  /** Whether a larger value is better. */
  default boolean higherIsBetter() {
    return true;
  }

  /** Whether the evaluation samples must carry labels. */
  default boolean needsLabels() {
    return true;
  }

  /** Share of samples whose label (a class index, INT64) is among the k largest numbers of an output. */
  record TopK(int k, int output) implements MetricSpec {
    @Override
    public String name() {
      return "top-" + k;
    }
  }

  /**
   * Spearman's rank correlation between labels (FLOAT) and the cosine of two embeddings. Two samples that follow each
   * other are a pair and carry the same label; an embedding is the mean of the output [1, tokens, width] over the
   * tokens whose mask is 1.
   *
   * @param mask the input that tells real tokens, or null where all are
   */
  record Spearman(int output, String mask) implements MetricSpec {
    @Override
    public String name() {
      return "spearman";
    }
  }

  /** exp of the mean negative log likelihood of each next token; label: token ids [T], INT64; output: logits [1, T, V]. */
  record Perplexity(int output) implements MetricSpec {
    @Override
    public String name() {
      return "perplexity";
    }

    @Override
    public boolean higherIsBetter() {
      return false;
    }
  }

  /** Area under the ROC curve of an output's single number against labels 0 and 1 (INT64); ties count half. */
  record RocAuc(int output) implements MetricSpec {
    @Override
    public String name() {
      return "roc-auc";
    }
  }

  /**
   * Mean over the classes that occur of the average precision by which a class's score ranks the images. The score of a
   * class is its maximum over the cells of all these outputs [1, cells, classes]; the label is the image's class.
   */
  record ImageMap(List<Integer> outputs) implements MetricSpec {
    public ImageMap {
      outputs = List.copyOf(outputs);
    }

    @Override
    public String name() {
      return "image-map";
    }
  }

  /** Likeness to the original's outputs (SQNR, cosine, largest difference, arg-max agreement): needs no labels. */
  record Agreement() implements MetricSpec {
    @Override
    public String name() {
      return "agreement";
    }

    @Override
    public boolean needsLabels() {
      return false;
    }
  }

  /**
   * A program of the user's own that is given a model file and prints a number as its last word.
   *
   * @param words program and arguments; {@code {model}} stands for the model file, which else comes last
   * @param folder where it runs: the description's folder
   * @param higherIsBetter whether a larger number is better
   */
  record Command(List<String> words, Path folder, boolean higherIsBetter) implements MetricSpec {
    public Command {
      words = List.copyOf(words);
    }

    @Override
    public String name() {
      return "command";
    }

    @Override
    public boolean needsLabels() {
      return false;
    }

    /** Program and arguments for one model file. */
    public List<String> with(Path model) {
      String file = model.toAbsolutePath().toString();
      List<String> all = new ArrayList<>(words.stream().map(word -> word.replace("{model}", file)).toList());
      if (all.equals(words)) {
        all.add(file);
      }
      return all;
    }
  }
}

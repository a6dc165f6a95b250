package dev.dwindle.op;

import dev.dwindle.graph.Dim;
import dev.dwindle.graph.ValueType;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** NonMaxSuppression: of boxes that overlap too much, keeps the one with the best score, class by class. */
final class NonMaxSuppression implements Operator {
  @Override
  public String name() {
    return "NonMaxSuppression";
  }

  @Override
  public int since() {
    return 10;
  }

  @Override
  public List<ValueType> infer(Inference call) {
    return Inference.one(DType.INT64, List.of(Dim.unknown(), Dim.of(3)));
  }

  @Override
  public List<Tensor> evaluate(Evaluation call) {
    Shape boxes = call.shape(0);
    Shape scores = call.shape(1);
    if (boxes.rank() != 3 || scores.rank() != 3 || boxes.dim(2) != 4 || boxes.dim(0) != scores.dim(0)
        || boxes.dim(1) != scores.dim(2)) {
      throw call.invalid("boxes are " + boxes + " and scores " + scores
          + ", expected [batch, boxes, 4] and [batch, classes, boxes]");
    }
    long most = call.has(2) ? call.scalarLong(2) : 0;
    float overlap = call.has(3) ? call.scalarFloat(3) : 0;
    float least = call.has(4) ? call.scalarFloat(4) : Float.NEGATIVE_INFINITY;
    Box[] all = boxes(call.floats(0), call.flag("center_point_box", false));
    float[] score = call.floats(1);
    int count = boxes.intDim(1);
    List<long[]> selected = new ArrayList<>();
    for (int b = 0; b < boxes.dim(0); b++) {
      for (int c = 0; c < scores.dim(1); c++) {
        int from = (b * scores.intDim(1) + c) * count;
        List<Integer> best = IntStream.range(0, count).filter(i -> score[from + i] > least || !call.has(4)).boxed()
            .sorted(Comparator.comparingDouble(i -> -score[from + i])).toList();
        for (int i : keep(all, b * count, best, most, overlap)) {
          selected.add(new long[] {b, c, i});
        }
      }
    }
    return List.of(Tensor.of(Shape.of(selected.size(), 3), selected.stream().flatMapToLong(Arrays::stream)
        .toArray()));
  }

  private static List<Integer> keep(Box[] boxes, int first, List<Integer> best, long most, float overlap) {
    List<Integer> kept = new ArrayList<>();
    for (int candidate : best) {
      if (kept.size() >= most) {
        break;
      }
      if (kept.stream().noneMatch(k -> boxes[first + k].overlap(boxes[first + candidate]) > overlap)) {
        kept.add(candidate);
      }
    }
    return kept;
  }

  private record Box(float left, float top, float right, float bottom) {
    float area() {
      return (right - left) * (bottom - top);
    }

    /** Area of the intersection by that of the union. */
    float overlap(Box other) {
      float width = Math.min(right, other.right) - Math.max(left, other.left);
      float height = Math.min(bottom, other.bottom) - Math.max(top, other.top);
      float common = width <= 0 || height <= 0 ? 0 : width * height;
      return common == 0 ? 0 : common / (area() + other.area() - common);
    }
  }

  private static Box[] boxes(float[] numbers, boolean centred) {
    Box[] boxes = new Box[numbers.length / 4];
    for (int i = 0; i < boxes.length; i++) {
      float a = numbers[4 * i];
      float b = numbers[4 * i + 1];
      float c = numbers[4 * i + 2];
      float d = numbers[4 * i + 3];
      boxes[i] = centred ? new Box(a - c / 2, b - d / 2, a + c / 2, b + d / 2)
          : new Box(Math.min(b, d), Math.min(a, c), Math.max(b, d), Math.max(a, c));
    }
    return boxes;
  }
}

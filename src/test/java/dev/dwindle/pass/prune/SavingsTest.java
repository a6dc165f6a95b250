package dev.dwindle.pass.prune;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class SavingsTest {
  private record Choice(Cut cut, int saving, double error) {}

  /** Places with some choices each, the first of which is to do nothing. */
  private static List<List<Choice>> places(Random random) {
    List<List<Choice>> places = new ArrayList<>();
    for (int place = 0; place < 4; place++) {
      List<Choice> choices = new ArrayList<>(List.of(new Choice(Cut.NONE, 0, 0)));
      for (int i = 1; i < 2 + random.nextInt(4); i++) {
        choices.add(new Choice(Cut.to(place, i), 10 + random.nextInt(200), random.nextDouble()));
      }
      places.add(choices);
    }
    return places;
  }

  private static Savings savings(List<Choice> choices) {
    Savings savings = new Savings();
    // Savings are rounded down to thousandths: a half keeps them clear of that.
    for (Choice choice : choices) {
      if (choice.saving > 0) savings.offer(choice.cut, (choice.saving + 0.5) / 1000, choice.error);
    }
    return savings;
  }

  private static double least(List<List<Choice>> places, int at, int needed) {
    if (at == places.size()) return needed <= 0 ? 0 : Double.POSITIVE_INFINITY;
    return places.get(at).stream().mapToDouble(c -> c.error + least(places, at + 1, needed - c.saving)).min()
        .orElseThrow();
  }

  @Test
  void theBestOfAllCombinationsIsFound() {
    for (int seed = 0; seed < 50; seed++) {
      List<List<Choice>> places = places(new Random(seed));
      Savings all = new Savings();
      for (List<Choice> choices : places) all = all.and(savings(choices));
      for (int needed : new int[] {0, 40, 120, 250}) {
        double least = least(places, 0, needed);
        List<Cut> cuts = all.from(needed / 1000.0);
        assertEquals(least == Double.POSITIVE_INFINITY, cuts.isEmpty());
        if (cuts.isEmpty()) continue;
        assertEquals(least, error(places, cuts.getFirst()), 1e-12, "seed " + seed + ", " + needed);
      }
    }
  }

  private static double error(List<List<Choice>> places, Cut cut) {
    double error = 0;
    for (Map.Entry<Integer, Integer> width : cut.widths().entrySet()) {
      error += places.get(width.getKey()).get(width.getValue()).error;
    }
    return error;
  }

  @Test
  void cutsSaveMoreAndErrMoreFromOneToTheNext() {
    Savings all = new Savings();
    List<List<Choice>> places = places(new Random(7));
    for (List<Choice> choices : places) all = all.and(savings(choices));
    List<Double> errors = all.from(0).stream().map(cut -> error(places, cut)).toList();
    assertTrue(errors.size() > 3);
    assertEquals(errors, List.copyOf(new TreeSet<>(errors)));
    assertEquals(0, errors.getFirst());
  }

  @Test
  void eitherTakesTheBetterOfTwo() {
    Savings narrow = savings(List.of(new Choice(Cut.to(0, 3), 100, 0.5), new Choice(Cut.to(0, 2), 200, 0.9)));
    Savings drop = savings(List.of(new Choice(Cut.without(1), 250, 0.6)));
    List<Cut> cuts = narrow.or(drop).from(0.05);
    assertEquals(List.of(Cut.to(0, 3), new Cut(Map.of(), Set.of(1))), cuts);
  }

  @Test
  void moreThanThereIsCannotBeSaved() {
    assertTrue(new Savings().from(0.001).isEmpty());
    assertEquals(List.of(Cut.NONE), new Savings().from(0));
  }
}

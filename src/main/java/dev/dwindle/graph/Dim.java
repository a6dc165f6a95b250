package dev.dwindle.graph;

import dev.dwindle.tensor.InvalidInputException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A dimension that may not be known yet: a polynomial with integer coefficients over symbols such as {@code batch}. Two
 * dims that are equal are equal for every value of the symbols. A symbol of its own stands for what nothing is known
 * about.
 */
public final class Dim {
  private static final AtomicLong FRESH = new AtomicLong();
  private static final List<String> ONE = List.of();

  /** Coefficients by monomial (a sorted list of symbols); no zero coefficients. */
  private final Map<List<String>, Long> terms;

  private Dim(Map<List<String>, Long> terms) {
    this.terms = terms;
  }

  /** A known dimension. */
  public static Dim of(long size) {
    TreeMap<List<String>, Long> terms = new TreeMap<>(Dim::compare);
    if (size != 0) {
      terms.put(ONE, size);
    }
    return new Dim(terms);
  }

  /** A named dimension. */
  public static Dim symbol(String name) {
    TreeMap<List<String>, Long> terms = new TreeMap<>(Dim::compare);
    terms.put(List.of(name), 1L);
    return new Dim(terms);
  }

  /** A dimension about which nothing is known; equal only to itself. */
  public static Dim unknown() {
    return symbol("?" + FRESH.incrementAndGet());
  }

  public boolean isKnown() { return terms.isEmpty() || (terms.size() == 1 && terms.containsKey(ONE)); }

  /** The size of a known dimension. */
  public long size() {
    if (!isKnown()) {
      throw new IllegalStateException("dimension " + this + " is not known");
    }
    return terms.getOrDefault(ONE, 0L);
  }

  /** Whether this is the known size {@code size}. */
  public boolean is(long size) {
    return isKnown() && size() == size;
  }

  /** Whether the dimension is a bare symbol as a file would name it. */
  public boolean isNamed() {
    return !isKnown() && terms.size() == 1 && terms.keySet().iterator().next().size() == 1
        && terms.values().iterator().next() == 1;
  }

  public Dim plus(Dim other) {
    TreeMap<List<String>, Long> sum = new TreeMap<>(Dim::compare);
    sum.putAll(terms);
    other.terms.forEach((monomial, c) -> add(sum, monomial, c));
    return new Dim(sum);
  }

  public Dim minus(Dim other) {
    return plus(other.times(of(-1)));
  }

  public Dim times(Dim other) {
    TreeMap<List<String>, Long> product = new TreeMap<>(Dim::compare);
    terms.forEach(
        (m1, c1) -> other.terms.forEach(
            (m2, c2) -> {
              List<String> monomial = new ArrayList<>(m1);
              monomial.addAll(m2);
              Collections.sort(monomial);
              add(product, monomial, multiplied(c1, c2));
            }));
    return new Dim(product);
  }

  private static long multiplied(long a, long b) {
    if (Math.multiplyHigh(a, b) != (a * b) >> 63) {
      throw new InvalidInputException("dimension " + a + " * " + b + ": is beyond 2^63, expected less");
    }
    return a * b;
  }

  /** The quotient rounded down: exact where that can be seen, else a symbol named after the division. */
  public Dim floorDiv(Dim other) {
    if (isKnown() && other.isKnown() && other.size() != 0) {
      return of(Math.floorDiv(size(), other.size()));
    }
    if (equals(other)) {
      return of(1);
    }
    Dim exact = dividedBy(other);
    return exact != null ? exact : symbol("floor(" + bracketed() + "/" + other.bracketed() + ")");
  }

  /** The quotient where every term divides by the single term {@code other}, else null. */
  public Dim dividedBy(Dim other) {
    if (other.terms.size() != 1) {
      return equals(other) && !terms.isEmpty() ? of(1) : null;
    }
    Map.Entry<List<String>, Long> divisor = other.terms.entrySet().iterator().next();
    TreeMap<List<String>, Long> quotient = new TreeMap<>(Dim::compare);
    for (Map.Entry<List<String>, Long> term : terms.entrySet()) {
      List<String> monomial = new ArrayList<>(term.getKey());
      for (String symbol : divisor.getKey()) {
        if (!monomial.remove(symbol)) {
          return null;
        }
      }
      if (term.getValue() % divisor.getValue() != 0) {
        return null;
      }
      quotient.put(List.copyOf(monomial), term.getValue() / divisor.getValue());
    }
    return new Dim(quotient);
  }

  private static void add(Map<List<String>, Long> sum, List<String> monomial, long coefficient) {
    long total = sum.getOrDefault(monomial, 0L) + coefficient;
    if (total == 0) {
      sum.remove(monomial);
    } else {
      sum.put(List.copyOf(monomial), total);
    }
  }

  private static int compare(List<String> a, List<String> b) {
    int byDegree = Integer.compare(b.size(), a.size());
    return byDegree != 0 ? byDegree : String.join("*", a).compareTo(String.join("*", b));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Dim dim && terms.equals(dim.terms);
  }

  @Override
  public int hashCode() {
    return terms.hashCode();
  }

  /** A sum in brackets, so that it may stand beside a slash. */
  private String bracketed() {
    return terms.size() > 1 ? "(" + this + ")" : toString();
  }

  /** {@code 224}, {@code batch}, {@code 12*batch+1}. */
  @Override
  public String toString() {
    if (terms.isEmpty()) {
      return "0";
    }
    StringBuilder text = new StringBuilder();
    terms.forEach(
        (monomial, c) -> {
          if (!text.isEmpty() && c > 0) {
            text.append('+');
          }
          String symbols = String.join("*", monomial);
          text.append(
              monomial.isEmpty() ? Long.toString(c) : c == 1 ? symbols : c == -1 ? "-" + symbols : c + "*" + symbols);
        });
    return text.toString();
  }
}

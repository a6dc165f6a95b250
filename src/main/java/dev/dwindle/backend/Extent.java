package dev.dwindle.backend;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** A run of memory that is in use from one step of a plan to another; its offset is set when all lifetimes are known. */
public class Extent {
  /** The step after all others: an extent that lives so long is never given to anything else. */
  public static final int END = Integer.MAX_VALUE;

  private final long length;
  private int first = END;
  private int last = -1;
  private long offset = -1;

  /** @param length in the unit of the memory that it lies in */
  public Extent(long length) {
    this.length = length;
  }

  /** Notes that a step reads or writes it. */
  public final void use(int step) {
    first = Math.min(first, step);
    last = Math.max(last, step);
  }

  /** Whether both are in use at some step. */
  public final boolean overlaps(Extent other) {
    return first <= other.last && other.first <= last;
  }

  /** Where it begins; known when memory has been laid out. */
  public final long start() {
    return offset;
  }

  /**
   * Gives each extent an offset so that those in use at the same time do not overlap: largest first, lowest gap.
   *
   * @param alignment to which offsets are rounded, a power of two
   * @return the length of memory that all of them need
   * @throws ArithmeticException where that is no long
   */
  public static long place(List<? extends Extent> extents, long alignment) {
    List<Extent> sorted = new ArrayList<>(extents);
    sorted.sort(Comparator.comparingLong((Extent extent) -> extent.length).reversed());
    List<Extent> placed = new ArrayList<>();
    long end = 0;
    for (Extent extent : sorted) {
      extent.offset = lowestGap(extent, placed, alignment);
      end = Math.max(end, Math.addExact(extent.offset, extent.length));
      int index = 0;
      while (index < placed.size() && placed.get(index).offset <= extent.offset) index++;
      placed.add(index, extent);
    }
    return end;
  }

  /** The others are in order of offsets, so the first gap that is wide enough is the lowest. */
  private static long lowestGap(Extent extent, List<Extent> others, long alignment) {
    long at = 0;
    for (Extent other : others) {
      if (!extent.overlaps(other)) continue;
      if (other.offset - at >= extent.length) break;
      long behind = Math.addExact(Math.addExact(other.offset, other.length), alignment - 1) & -alignment;
      at = Math.max(at, behind);
    }
    return at;
  }
}

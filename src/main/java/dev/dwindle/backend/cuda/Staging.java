package dev.dwindle.backend.cuda;

import java.lang.foreign.MemorySegment;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Supplier;

/**
 * Page-locked memory of the host, from and to which a GPU copies while the processor does other work. Whatever is copied goes through it, piece by
 * piece: while one piece is on its way, the next is filled.
 */
final class Staging {
  /** Bytes of a piece. */
  static final int PIECE = 4 << 20;

  private static final int PIECES = 4;

  /**
   * One piece.
   *
   * @param event recorded behind the last copy from or to it
   */
  record Piece(MemorySegment memory, long event) {}

  private final BlockingQueue<Piece> free = new LinkedBlockingQueue<>();

  /** @param pieces makes one of {@link #PIECE} bytes */
  Staging(Supplier<Piece> pieces) {
    for (int i = 0; i < PIECES; i++) free.add(pieces.get());
  }

  /** A piece that nobody else has; its last copy may still run. */
  Piece take() {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return free.take();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) Thread.currentThread().interrupt();
    }
  }

  /** The same, or null where all are taken. */
  Piece poll() {
    return free.poll();
  }

  void give(Piece piece) {
    free.add(piece);
  }
}

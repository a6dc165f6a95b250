package dev.dwindle.backend.cpu.kernel;

/**
 * How the tiles of one product are dealt out: pieces of whole panels. The cut never goes through a
 * sum, so it may follow the number of threads without changing a result.
 *
 * @param rowPanels panels of the left operand
 * @param columnPanels panels of the right operand
 * @param rowsPerPiece row panels in a piece
 * @param columnsPerPiece column panels in a piece
 */
record Pieces(int rowPanels, int columnPanels, int rowsPerPiece, int columnsPerPiece) {
  /** Multiplications that are worth a claim: about 5 microseconds. */
  private static final long WORTH = 1 << 19;

  /** Column panels whose part of C still lies in the second cache when they are finished. */
  private static final int MOST_COLUMNS = 16;

  /**
   * @param work multiplications of the whole product
   * @param fewestRows row panels below which a piece would pack too much for itself alone
   */
  static Pieces of(int rowPanels, int columnPanels, long work, int threads, int fewestRows) {
    int wanted = threads == 1 ? 1 : (int) Math.clamp(work / WORTH, 1, 4L * threads);
    int columns = Math.clamp((columnPanels + wanted - 1) / wanted, 1, MOST_COLUMNS);
    int columnPieces = (columnPanels + columns - 1) / columns;
    int rowPieces = Math.max(1, wanted / columnPieces);
    int rows = Math.max(fewestRows, (rowPanels + rowPieces - 1) / rowPieces);
    return new Pieces(rowPanels, columnPanels, Math.min(rows, rowPanels), columns);
  }

  int count() {
    return rowPieces() * columnPieces();
  }

  private int rowPieces() {
    return (rowPanels + rowsPerPiece - 1) / rowsPerPiece;
  }

  private int columnPieces() {
    return (columnPanels + columnsPerPiece - 1) / columnsPerPiece;
  }

  int rowFrom(int piece) {
    return piece / columnPieces() * rowsPerPiece;
  }

  int rowTo(int piece) {
    return Math.min(rowPanels, rowFrom(piece) + rowsPerPiece);
  }

  int columnFrom(int piece) {
    return piece % columnPieces() * columnsPerPiece;
  }

  int columnTo(int piece) {
    return Math.min(columnPanels, columnFrom(piece) + columnsPerPiece);
  }
}

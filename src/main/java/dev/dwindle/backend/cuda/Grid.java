package dev.dwindle.backend.cuda;

/** How many blocks there are, and how many threads in a block, along x, y and z. */
record Grid(int blocksX, int blocksY, int blocksZ, int threadsX, int threadsY, int threadsZ) {
  private static final int THREADS = 256;

  /** Blocks beyond this, or as many as one GPU runs at a time and more, would win nothing: threads take several elements each. */
  private static final int MOST_BLOCKS = 4096;

  /** For kernels whose threads take elements a whole grid apart. */
  static Grid ofElements(long count) {
    int blocks = Math.clamp(Math.ceilDiv(count, THREADS), 1, MOST_BLOCKS);
    return new Grid(blocks, 1, 1, THREADS, 1, 1);
  }

  /** For kernels whose threads take four neighbours at a time. */
  static Grid ofFours(long count) {
    return ofElements(Math.ceilDiv(count, 4));
  }

  /**
   * A block for each piece of work.
   *
   * @throws ArithmeticException where there are more than a GPU counts
   */
  static Grid ofBlocks(long count, int threads) {
    return new Grid(Math.toIntExact(Math.max(count, 1)), 1, 1, threads, 1, 1);
  }

  /** The same blocks in so many layers. */
  Grid layers(int count) {
    return new Grid(blocksX, count, blocksZ, threadsX, threadsY, threadsZ);
  }

  int[] sizes() {
    return new int[] {blocksX, blocksY, blocksZ, threadsX, threadsY, threadsZ};
  }
}

package dev.dwindle.pack;

/** What packing is to be good at. */
public enum Preset {
  /** Few bytes: adaptive models and an arithmetic coder. */
  SMALL,
  /** Speed: static tables and interleaved rANS. */
  FAST
}

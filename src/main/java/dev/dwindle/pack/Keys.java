package dev.dwindle.pack;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Elements of at most four bytes as unsigned numbers that grow with their magnitude: floating-point numbers with the sign
 * turned into the lowest bit, signed integers of 16 and 32 bits in zigzag order, signed bytes with the sign bit inverted.
 */
final class Keys {
  static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle SHORT = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);

  private Keys() {}

  /** The keys of the whole elements in a block. */
  static int[] of(byte[] raw, Layout layout) {
    int[] keys = new int[raw.length / layout.width()];
    switch (layout.width()) {
      case 1 -> {
        int flip = layout.order() == Layout.Order.SIGNED ? 0x80 : 0;
        boolean turned = layout.order() == Layout.Order.FLOATING;
        for (int i = 0; i < keys.length; i++) {
          int v = raw[i] & 0xff ^ flip;
          keys[i] = turned ? v << 1 & 0xff | v >>> 7 : v;
        }
      }
      case 2 -> {
        for (int i = 0; i < keys.length; i++) {
          int v = (short) SHORT.get(raw, 2 * i);
          keys[i] = switch (layout.order()) {
            case FLOATING -> v << 1 & 0xffff | v >>> 15 & 1;
            case SIGNED -> (v << 1 ^ v >> 31) & 0xffff;
            case UNSIGNED -> v & 0xffff;
          };
        }
      }
      default -> {
        if (layout.order() == Layout.Order.SIGNED) {
          for (int i = 0; i < keys.length; i++) {
            int v = (int) INT.get(raw, 4 * i);
            keys[i] = v << 1 ^ v >> 31;
          }
        } else {
          int turn = layout.order() == Layout.Order.FLOATING ? 1 : 0;
          for (int i = 0; i < keys.length; i++) keys[i] = Integer.rotateLeft((int) INT.get(raw, 4 * i), turn);
        }
      }
    }
    return keys;
  }

  /** The elements of the keys, from the beginning of a block. */
  static void restore(int[] keys, Layout layout, byte[] raw) {
    switch (layout.width()) {
      case 1 -> {
        int flip = layout.order() == Layout.Order.SIGNED ? 0x80 : 0;
        boolean turned = layout.order() == Layout.Order.FLOATING;
        for (int i = 0; i < keys.length; i++) {
          int k = keys[i];
          raw[i] = (byte) (turned ? k >>> 1 | k << 7 : k ^ flip);
        }
      }
      case 2 -> {
        for (int i = 0; i < keys.length; i++) {
          int k = keys[i];
          int v = switch (layout.order()) {
            case FLOATING -> k >>> 1 | k << 15;
            case SIGNED -> k >>> 1 ^ -(k & 1);
            case UNSIGNED -> k;
          };
          SHORT.set(raw, 2 * i, (short) v);
        }
      }
      default -> {
        if (layout.order() == Layout.Order.SIGNED) {
          for (int i = 0; i < keys.length; i++) INT.set(raw, 4 * i, keys[i] >>> 1 ^ -(keys[i] & 1));
        } else {
          int turn = layout.order() == Layout.Order.FLOATING ? 1 : 0;
          for (int i = 0; i < keys.length; i++) INT.set(raw, 4 * i, Integer.rotateRight(keys[i], turn));
        }
      }
    }
  }
}

package dev.dwindle.backend.openvino;

import dev.dwindle.result.Sha256;
import dev.dwindle.tensor.InvalidInputException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** The archive in which OpenVINO is published; of it only libraries and C headers are unpacked. */
final class Wheel {
  private static final List<String> WANTED = List.of("openvino/libs/", "openvino/include/openvino/c/");
  private static final int MOST_ENTRIES = 100_000;
  private static final long MOST_BYTES = 2L << 30;

  private Wheel() {}

  /** Refuses a file that is not the pinned one. */
  static void requirePinned(Path wheel) throws IOException {
    if (!Files.isRegularFile(wheel)) throw new InvalidInputException(wheel + ": not found, expected OpenVINO's wheel");
    String found = Sha256.of(wheel);
    if (!found.equals(Release.WHEEL_SHA256)) {
      throw new InvalidInputException(wheel + ": found SHA-256 " + found + ", expected " + Release.WHEEL_SHA256
          + " (openvino " + Release.VERSION + " for CPython 3.12); fetch it again");
    }
  }

  /** Unpacks what is wanted; names, counts and sizes are not trusted. */
  static void unpack(Path wheel, Path folder) throws IOException {
    try (ZipFile zip = new ZipFile(wheel.toFile())) {
      if (zip.size() > MOST_ENTRIES) throw damaged(wheel, zip.size() + " entries", "at most " + MOST_ENTRIES);
      long left = MOST_BYTES;
      for (ZipEntry entry : zip.stream().filter(Wheel::isWanted).toList()) {
        Path target = folder.resolve(entry.getName()).normalize();
        if (!target.startsWith(folder)) throw damaged(wheel, "the path '" + entry.getName() + "'", "one inside");
        Files.createDirectories(target.getParent());
        left -= copy(wheel, zip, entry, target, left);
      }
    }
  }

  private static boolean isWanted(ZipEntry entry) {
    return !entry.isDirectory() && WANTED.stream().anyMatch(entry.getName()::startsWith);
  }

  /** Returns how many bytes an entry really has, whatever it says. */
  private static long copy(Path wheel, ZipFile zip, ZipEntry entry, Path target, long most) throws IOException {
    long copied = 0;
    try (InputStream in = zip.getInputStream(entry); var out = Files.newOutputStream(target)) {
      byte[] buffer = new byte[1 << 20];
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        copied += count;
        if (copied > most) throw damaged(wheel, "more than " + MOST_BYTES + " bytes unpacked", "fewer");
        out.write(buffer, 0, count);
      }
    }
    return copied;
  }

  private static InvalidInputException damaged(Path wheel, String found, String expected) {
    return new InvalidInputException(wheel + ": found " + found + ", expected " + expected);
  }
}

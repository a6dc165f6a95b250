package dev.dwindle.backend;

import dev.dwindle.result.Sha256;
import dev.dwindle.tensor.InvalidInputException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** The archive in which a release is published; of it only some folders are unpacked. */
final class Wheel {
  private static final int MOST_ENTRIES = 100_000;
  private static final long MOST_BYTES = 2L << 30;

  private Wheel() {}

  /** Refuses a file that is not the pinned one. */
  static void requirePinned(Path wheel, PinnedWheel pinned) throws IOException {
    if (!Files.isRegularFile(wheel)) {
      throw new InvalidInputException(wheel + ": not found, expected " + pinned.product() + "'s wheel");
    }
    String found = Sha256.of(wheel);
    if (!found.equals(pinned.sha256())) {
      throw new InvalidInputException(wheel + ": found SHA-256 " + found + ", expected " + pinned.sha256()
          + " (" + pinned.what() + " for " + pinned.choice().python() + "); fetch it again");
    }
  }

  /** Unpacks what lies in certain folders; names, counts and sizes are not trusted. */
  static void unpack(Path wheel, List<String> kept, Path folder) throws IOException {
    try (ZipFile zip = new ZipFile(wheel.toFile())) {
      if (zip.size() > MOST_ENTRIES) throw damaged(wheel, zip.size() + " entries", "at most " + MOST_ENTRIES);
      long left = MOST_BYTES;
      for (ZipEntry entry : zip.stream().filter(e -> isKept(e, kept)).toList()) {
        Path target = folder.resolve(entry.getName()).normalize();
        if (!target.startsWith(folder)) throw damaged(wheel, "the path '" + entry.getName() + "'", "one inside");
        Files.createDirectories(target.getParent());
        left -= copy(wheel, zip, entry, target, left);
      }
    }
  }

  private static boolean isKept(ZipEntry entry, List<String> kept) {
    return !entry.isDirectory() && kept.stream().anyMatch(entry.getName()::startsWith);
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

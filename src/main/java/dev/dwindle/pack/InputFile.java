package dev.dwindle.pack;

import dev.dwindle.result.OutputFile;
import dev.dwindle.tensor.InvalidInputException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** A file that is read in pieces, never as a whole. */
final class InputFile implements AutoCloseable {
  private final Path path;
  private final FileChannel channel;
  private final long size;

  /** Opens a regular file; one that is none, or cannot be read, is told in one line. */
  InputFile(Path path) {
    this.path = path;
    if (Files.exists(path) && !Files.isRegularFile(path)) {
      throw new InvalidInputException(path + ": is a folder, a device or a pipe, expected a file");
    }
    try {
      channel = FileChannel.open(path);
      size = channel.size();
    } catch (NoSuchFileException e) {
      throw new InvalidInputException(path + ": no such file", e);
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  Path path() {
    return path;
  }

  long size() {
    return size;
  }

  byte[] read(long position, int count) {
    byte[] bytes = new byte[count];
    read(position, bytes, 0, count);
    return bytes;
  }

  void read(long position, byte[] target, int from, int count) {
    ByteBuffer buffer = ByteBuffer.wrap(target, from, count);
    try {
      while (buffer.hasRemaining()) {
        if (channel.read(buffer, position + buffer.position() - from) < 0) {
          throw new InvalidInputException(path + ": became shorter while it was read");
        }
      }
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  private InvalidInputException unreadable(IOException e) {
    return new InvalidInputException(path + ": cannot be read: " + OutputFile.reason(e), e);
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw unreadable(e);
    }
  }
}

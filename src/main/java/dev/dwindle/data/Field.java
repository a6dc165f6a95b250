package dev.dwindle.data;

import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;

/** One named piece of a row of a source: an image not yet preprocessed, or numbers. */
sealed interface Field {
  /** An image of unsigned bytes, height x width x channels, RGB where there are three. */
  record Pixels(int height, int width, int channels, byte[] bytes) implements Field {
    public Pixels {
      if (bytes.length != height * width * channels) {
        throw new IllegalArgumentException(bytes.length + " bytes for " + height + "x" + width + "x" + channels);
      }
    }

    /** The byte of a channel at a place, 0..255. */
    int at(int y, int x, int channel) {
      return bytes[(y * width + x) * channels + channel] & 0xff;
    }
  }

  /** Numbers of any type, without the axis that counts the rows. */
  record Numbers(Tensor tensor) implements Field {}

  /** A single whole number, as labels are. */
  static Field label(long value) {
    return new Numbers(Tensor.of(Shape.SCALAR, value));
  }

  /** This field as an image: bytes of shape [height, width] or [height, width, 1 or 3] are one. */
  default Pixels pixels(String where) {
    return switch (this) {
      case Pixels pixels -> pixels;
      case Numbers(Tensor t) -> {
        Shape shape = t.shape();
        int channels = shape.rank() == 3 ? shape.intDim(2) : 1;
        if (t.dtype() != DType.UINT8 || shape.rank() < 2 || shape.rank() > 3 || (channels != 1 && channels != 3)) {
          throw new InvalidInputException(
              where + ": found " + t + ", expected an image: uint8 [height,width] or [height,width,1 or 3]");
        }
        yield new Pixels(shape.intDim(0), shape.intDim(1), channels, t.bytes());
      }
    };
  }

  /** This field as numbers; an image as its bytes, [height, width, channels]. */
  default Tensor numbers() {
    return switch (this) {
      case Pixels p -> Tensor.of(DType.UINT8, Shape.of(p.height(), p.width(), p.channels()), p.bytes());
      case Numbers(Tensor t) -> t;
    };
  }
}

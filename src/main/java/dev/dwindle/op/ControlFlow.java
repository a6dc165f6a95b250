package dev.dwindle.op;

import dev.dwindle.graph.Dim;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Value;
import dev.dwindle.graph.ValueType;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Operators that choose or repeat subgraphs. */
final class ControlFlow {
  private ControlFlow() {}

  /** If: one of two subgraphs without inputs. */
  static final class If implements Operator {
    @Override
    public String name() {
      return "If";
    }

    @Override
    public List<ValueType> infer(Inference call) {
      long[] condition = call.integers(0);
      if (condition != null && condition.length == 1) {
        return call.infer(branch(call, condition[0] != 0), List.of());
      }
      List<ValueType> yes = types(call, true);
      List<ValueType> no = types(call, false);
      List<ValueType> types = new ArrayList<>();
      for (int i = 0; i < call.outputCount(); i++) {
        types.add(yes == null ? no == null ? null : no.get(i)
            : no == null ? yes.get(i) : Stacking.either(yes.get(i), no.get(i)));
      }
      return types;
    }

    /** The types of a branch, or null where it cannot run with these inputs: then it is not the one taken. */
    private static List<ValueType> types(Inference call, boolean condition) {
      Graph branch = branch(call, condition);
      try {
        return call.infer(branch, List.of());
      } catch (InvalidInputException e) {
        return null;
      }
    }

    @Override
    public List<Tensor> evaluate(Evaluation call) {
      if (call.required(0).size() != 1) {
        throw call.invalid("condition has shape " + call.shape(0) + ", expected one element");
      }
      return call.run(branch(call, call.scalarLong(0) != 0), List.of());
    }

    private static Graph branch(Call call, boolean condition) {
      String name = condition ? "then_branch" : "else_branch";
      Graph branch = call.graph(name);
      if (!branch.requiredInputs().isEmpty() || branch.outputs().size() < call.outputCount()) {
        throw call.invalid(name + " has " + branch.requiredInputs().size() + " inputs and " + branch.outputs().size()
            + " outputs, expected none and " + call.outputCount());
      }
      return branch;
    }
  }

  /** Loop: a subgraph repeated up to a count and while a condition holds, with state carried from turn to turn. */
  static final class Loop implements Operator {
    @Override
    public String name() {
      return "Loop";
    }

    @Override
    public List<ValueType> infer(Inference call) {
      int states = Math.max(0, call.inputCount() - 2);
      Stacking.body(call, 2 + states, 1 + states);
      List<ValueType> inputs = new ArrayList<>();
      inputs.add(TensorType.of(DType.INT64, Shape.SCALAR));
      inputs.add(TensorType.of(DType.BOOL, Shape.SCALAR));
      for (int i = 0; i < states; i++) {
        inputs.add(call.type(i + 2));
      }
      List<ValueType> results = Stacking.settle(call, inputs, 2, 1, states);
      List<ValueType> types = new ArrayList<>();
      for (int i = 0; i < call.outputCount(); i++) {
        ValueType type = results.get(i + 1);
        types.add(i < states ? type : Stacking.stacked(type, 0, Dim.unknown()));
      }
      return types;
    }

    @Override
    public List<Tensor> evaluate(Evaluation call) {
      int states = Math.max(0, call.inputCount() - 2);
      Graph body = Stacking.body(call, 2 + states, 1 + states);
      List<Tensor> state = new ArrayList<>();
      for (int i = 0; i < states; i++) {
        state.add(call.input(i + 2));
      }
      int collected = body.outputs().size() - 1 - states;
      List<List<Tensor>> turns = new ArrayList<>();
      for (int i = 0; i < collected; i++) {
        turns.add(new ArrayList<>());
      }
      long limit = call.has(0) ? call.scalarLong(0) : Long.MAX_VALUE;
      boolean conditional = call.has(1);
      Tensor condition = conditional ? call.required(1) : Tensor.of(Shape.SCALAR, true);
      long turn = 0;
      for (; turn < limit && (!conditional || holds(condition)); turn++) {
        List<Tensor> inputs = new ArrayList<>(List.of(Tensor.scalar(turn), condition));
        inputs.addAll(state);
        List<Tensor> results = call.run(body, inputs);
        condition = results.getFirst();
        state = results.subList(1, 1 + states);
        for (int i = 0; i < collected; i++) {
          turns.get(i).add(results.get(1 + states + i));
        }
      }
      List<Tensor> outputs = new ArrayList<>(state);
      for (int i = 0; i < collected; i++) {
        outputs.add(Stacking.stack(call, turns.get(i), turn, body.outputs().get(1 + states + i)));
      }
      return outputs;
    }

    private static boolean holds(Tensor condition) {
      return dev.dwindle.quant.Elements.longs(condition)[0] != 0;
    }
  }

  /** Scan since version 9: a subgraph run on the slices of tensors, one after the other, with state carried along. */
  static final class Scan implements Operator {
    @Override
    public String name() {
      return "Scan";
    }

    @Override
    public int since() {
      return 9;
    }

    @Override
    public List<ValueType> infer(Inference call) {
      int states = states(call, call.inputCount());
      int scans = call.inputCount() - states;
      long[] axes = flags(call, "scan_input_axes", scans);
      Dim length = Dim.unknown();
      List<ValueType> inputs = new ArrayList<>();
      for (int i = 0; i < call.inputCount(); i++) {
        TensorType type = call.tensor(i);
        if (i >= states && type.hasRank()) {
          List<Dim> dims = new ArrayList<>(type.dims());
          Dim along = dims.remove(call.axis(axes[i - states], dims.size()));
          length = Axes.same(call, along, length, "lengths of the scanned axes");
          type = type.withDims(dims);
        }
        inputs.add(type);
      }
      List<ValueType> results = Stacking.settle(call, inputs, 0, 0, states);
      long[] outputAxes = flags(call, "scan_output_axes", results.size() - states);
      List<ValueType> types = new ArrayList<>(results.subList(0, states));
      for (int i = states; i < results.size(); i++) {
        types.add(Stacking.stacked(results.get(i), (int) outputAxes[i - states], length));
      }
      return types;
    }

    @Override
    public List<Tensor> evaluate(Evaluation call) {
      int states = states(call, call.inputCount());
      int scans = call.inputCount() - states;
      long[] axes = flags(call, "scan_input_axes", scans);
      long[] backward = flags(call, "scan_input_directions", scans);
      List<Tensor> state = new ArrayList<>();
      List<List<Tensor>> scanned = new ArrayList<>();
      for (int i = 0; i < call.inputCount(); i++) {
        if (i < states) {
          state.add(call.required(i));
        } else {
          scanned.add(slices(call, call.required(i), axes[i - states], backward[i - states] != 0));
        }
      }
      Graph body = call.graph("body");
      List<List<Tensor>> turns = turns(call, state, scanned, scanned.getFirst().size());
      long[] outputAxes = flags(call, "scan_output_axes", turns.size());
      long[] prepended = flags(call, "scan_output_directions", turns.size());
      List<Tensor> outputs = new ArrayList<>(state);
      for (int i = 0; i < turns.size(); i++) {
        List<Tensor> parts = prepended[i] != 0 ? turns.get(i).reversed() : turns.get(i);
        Tensor stacked = Stacking.stack(call, parts, parts.size(), body.outputs().get(states + i));
        outputs.add(moveFirstAxis(stacked, call.axis(outputAxes[i], stacked.shape().rank())));
      }
      return outputs;
    }

    /** How many of so many inputs are states, after the body is found to fit. */
    private static int states(Call call, int inputs) {
      long scans = call.integer("num_scan_inputs");
      if (scans < 1 || scans > inputs) {
        throw call.invalid("num_scan_inputs is " + scans + ", expected 1 to " + inputs);
      }
      Stacking.body(call, inputs, inputs - (int) scans);
      return inputs - (int) scans;
    }

    /** An optional list of so many integers, zeros where it is not given. */
    private static long[] flags(Call call, String name, int count) {
      long[] flags = call.integers(name, new long[count]);
      if (flags.length != count) {
        throw call.invalid(name + " has " + flags.length + " numbers, expected " + count);
      }
      return flags;
    }

    /** Runs the body turn by turn; leaves the last state in {@code state}, returns what each turn gave. */
    private static List<List<Tensor>> turns(Evaluation call, List<Tensor> state, List<List<Tensor>> scanned,
        long length) {
      Graph body = call.graph("body");
      int states = state.size();
      List<List<Tensor>> turns = new ArrayList<>();
      for (int i = states; i < body.outputs().size(); i++) {
        turns.add(new ArrayList<>());
      }
      for (int t = 0; t < length; t++) {
        List<Tensor> inputs = new ArrayList<>(state);
        for (List<Tensor> slices : scanned) {
          if (t >= slices.size()) {
            throw call
                .invalid("a scanned axis has " + slices.size() + " slices, expected " + length + " as the others");
          }
          inputs.add(slices.get(t));
        }
        List<Tensor> results = call.run(body, inputs);
        state.clear();
        state.addAll(results.subList(0, states));
        for (int i = states; i < results.size(); i++) {
          turns.get(i - states).add(results.get(i));
        }
      }
      return turns;
    }

    /** The slices of an axis, without that axis. */
    private static List<Tensor> slices(Call call, Tensor tensor, long givenAxis, boolean backward) {
      Shape shape = tensor.shape();
      int axis = call.axis(givenAxis, shape.rank());
      List<Long> dims = new ArrayList<>();
      List<Long> strides = new ArrayList<>();
      for (int i = 0; i < shape.rank(); i++) {
        if (i != axis) {
          dims.add(shape.dim(i));
          strides.add(shape.strides()[i]);
        }
      }
      List<Tensor> slices = new ArrayList<>();
      for (long t = 0; t < shape.dim(axis); t++) {
        slices.add(ElementBuffer.view(tensor, Shape.of(longs(dims)), t * shape.strides()[axis], longs(strides)));
      }
      return backward ? slices.reversed() : slices;
    }

    private static long[] longs(List<Long> values) {
      return values.stream().mapToLong(v -> v).toArray();
    }

    private static Tensor moveFirstAxis(Tensor tensor, int axis) {
      List<Long> dims = new ArrayList<>();
      List<Long> strides = new ArrayList<>();
      for (int i = 1; i < tensor.shape().rank(); i++) {
        dims.add(tensor.shape().dim(i));
        strides.add(tensor.shape().strides()[i]);
      }
      dims.add(axis, tensor.shape().dim(0));
      strides.add(axis, tensor.shape().strides()[0]);
      return axis == 0 ? tensor : ElementBuffer.view(tensor, Shape.of(longs(dims)), 0, longs(strides));
    }
  }

  /** Scan in version 8: a batch of sequences, each of its own length, scanned one sample after the other. */
  static final class BatchScan implements Operator {
    @Override
    public String name() {
      return "Scan";
    }

    @Override
    public int since() {
      return 8;
    }

    @Override
    public List<ValueType> infer(Inference call) {
      return Collections.nCopies(call.outputCount(), null);
    }

    @Override
    public List<Tensor> evaluate(Evaluation call) {
      int states = Scan.states(call, call.inputCount() - 1);
      int scans = call.inputCount() - 1 - states;
      long[] backward = Scan.flags(call, "directions", scans);
      List<Value> results = call.graph("body").outputs();
      List<List<Tensor>> outputs = new ArrayList<>();
      results.forEach(r -> outputs.add(new ArrayList<>()));
      if (call.shape(1 + states).rank() < 2) {
        throw call.invalid("a scanned input has shape " + call.shape(1 + states) + ", expected [batch, time, ...]");
      }
      int batch = call.shape(1 + states).intDim(0);
      long longest = call.shape(1 + states).dim(1);
      if (call.has(0) && call.longs(0).length != batch) {
        throw call
            .invalid("found " + call.longs(0).length + " lengths, expected one for each of " + batch + " samples");
      }
      for (int b = 0; b < batch; b++) {
        long length = call.has(0) ? call.longs(0)[b] : longest;
        List<Tensor> state = new ArrayList<>();
        List<List<Tensor>> scanned = new ArrayList<>();
        for (int i = 0; i < states + scans; i++) {
          Tensor sample = Scan.slices(call, call.required(1 + i), 0, false).get(b);
          if (i < states) {
            state.add(sample);
          } else {
            List<Tensor> steps = Scan.slices(call, sample, 0, false).subList(0, (int) length);
            scanned.add(backward[i - states] != 0 ? steps.reversed() : steps);
          }
        }
        List<List<Tensor>> turns = Scan.turns(call, state, scanned, length);
        for (int i = 0; i < results.size(); i++) {
          outputs.get(i).add(
              i < states ? state.get(i) : Stacking.stack(call, turns.get(i - states), longest, results.get(i)));
        }
      }
      List<Tensor> stacked = new ArrayList<>();
      for (int i = 0; i < results.size(); i++) {
        stacked.add(Stacking.stack(call, outputs.get(i), batch, results.get(i)));
      }
      return stacked;
    }
  }
}

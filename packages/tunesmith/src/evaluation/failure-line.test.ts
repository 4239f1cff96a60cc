import fc from "fast-check";
import { expect, test } from "vitest";
import { failureLine } from "./failure-line.ts";

const reason = (stderr: string, stdout = "") => failureLine(stderr.split("\n"), stdout.split("\n"));
const message = (stderr: string, stdout = "") => reason(stderr, stdout).message;

const missingTorch = `Traceback (most recent call last):
  File "/srv/a/train.py", line 3, in <module>
    import torch
ModuleNotFoundError: No module named 'torch'`;

test("the exception of a Python traceback", () => {
  expect(reason(missingTorch)).toEqual({ message: "ModuleNotFoundError: No module named 'torch'", outOfMemory: false });
});

test("of chained tracebacks the last exception, and the line after the last frame even when its name tells nothing", () => {
  expect(
    message(`Traceback (most recent call last):
  File "a.py", line 1, in f
    d[1]
KeyError: 1

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "a.py", line 3, in g
    raise Stop("bad data in row 7")
mylib.Stop: bad data in row 7
  more about it
uploader: waiting`),
  ).toBe("mylib.Stop: bad data in row 7");
});

test("a launcher's report of a failed child gives way to the child's own exception, prefixes removed", () => {
  expect(
    message(`[rank0]: Traceback (most recent call last):
[rank0]:   File "train.py", line 9, in <module>
[rank0]: ValueError: batch size 0
E0301 09:14:02 api.py:874] failed (exitcode: 1) local_rank: 0 (pid: 12) of binary: python
Traceback (most recent call last):
  File "torchrun", line 8, in <module>
    sys.exit(main())
torch.distributed.elastic.multiprocessing.errors.ChildFailedError:
============================================================
train.py FAILED`),
  ).toBe("ValueError: batch size 0");
});

test("a syntax error without traceback header", () => {
  expect(
    message(`  File "train.py", line 3
    def f(:
          ^
SyntaxError: invalid syntax`),
  ).toBe("SyntaxError: invalid syntax");
});

test("the error line of Node, not the stack, the code or the version behind it", () => {
  expect(
    message(`node:internal/modules/cjs/loader:1148
  throw err;
  ^

Error: Cannot find module './missing.js'
Require stack:
- /srv/a/train.js
    at Module._resolveFilename (node:internal/modules/cjs/loader:1145:15)
    at Module._load (node:internal/modules/cjs/loader:986:27) {
  code: 'MODULE_NOT_FOUND',
  requireStack: [ '/srv/a/train.js' ]
}

Node.js v20.20.2`),
  ).toBe("Error: Cannot find module './missing.js'");
  expect(
    message(`file:///a.mjs:1
throw new TypeError("x is not a function")
^

TypeError [ERR_INVALID_ARG_TYPE]: x is not a function
    at file:///a.mjs:1:7

Node.js v20.20.2`),
  ).toBe("TypeError [ERR_INVALID_ARG_TYPE]: x is not a function");
});

test.each([
  [
    "usage: train.py [-h] [--lr LR]\ntrain.py: error: unrecognized arguments: --learning_rate=0.1",
    "train.py: error: unrecognized arguments: --learning_rate=0.1",
  ],
  ["sh: 1: pyhton: not found", "sh: 1: pyhton: not found"],
  [
    "python: can't open file '/w/trian.py': [Errno 2] No such file or directory",
    "python: can't open file '/w/trian.py': [Errno 2] No such file or directory",
  ],
  [
    "thread 'main' panicked at src/main.rs:2:5:\nindex out of bounds\nnote: run with `RUST_BACKTRACE=1` environment variable to display a backtrace",
    "thread 'main' panicked at src/main.rs:2:5: index out of bounds",
  ],
  [
    "panic: runtime error: index out of range [3]\n\ngoroutine 1 [running]:\nmain.main()\n\t/w/main.go:6",
    "panic: runtime error: index out of range [3]",
  ],
  [
    "terminate called after throwing an instance of 'std::runtime_error'\n  what():  bad shape\nAborted (core dumped)",
    "what():  bad shape",
  ],
  ["Error in fit(x) : object 'y' not found\nCalls: main -> fit\nExecution halted", "Error in fit(x) : object 'y' not found"],
  [
    "ERROR: LoadError: UndefVarError: `x` not defined\nStacktrace:\n [1] top-level scope\nin expression starting at /w/t.jl:1",
    "ERROR: LoadError: UndefVarError: `x` not defined",
  ],
  [
    'Exception in thread "main" java.lang.IllegalStateException: no data\n\tat Main.main(Main.java:3)',
    'Exception in thread "main" java.lang.IllegalStateException: no data',
  ],
  ["loading\nSegmentation fault (core dumped)", "Segmentation fault (core dumped)"],
  ['npm error code 1\nerror: script "train" exited with code 1', 'error: script "train" exited with code 1'],
])("other languages: %s", (stderr, expected) => {
  expect(reason(stderr)).toEqual({ message: expected, outOfMemory: false });
});

test("without an error line the last that says something, of stderr first", () => {
  expect(message("loading\ndata is empty\n\n", "epoch=1")).toBe("data is empty");
  expect(message("", "epoch=1\ngiving up\n")).toBe("giving up");
  expect(message("}\n", "")).toBe("}");
  expect(reason("")).toEqual({ message: undefined, outOfMemory: false });
});

test("an error on stdout is preferred to chatter on stderr", () => {
  expect(message("using 2 threads", missingTorch)).toBe("ModuleNotFoundError: No module named 'torch'");
});

test.each([
  [
    'Traceback (most recent call last):\n  File "t.py", line 1\ntorch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB.\nKilled',
    "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB.",
  ],
  ['Traceback (most recent call last):\n  File "t.py", line 1\nMemoryError', "MemoryError"],
  [
    'Traceback (most recent call last):\n  File "t.py", line 1\nnumpy._core._exceptions._ArrayMemoryError: Unable to allocate 74.5 GiB',
    "numpy._core._exceptions._ArrayMemoryError: Unable to allocate 74.5 GiB",
  ],
  [
    "<--- Last few GCs --->\nFATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory\n----- Native stack trace -----\n 1: 0xb7a940 node::Abort() [node]\nAborted (core dumped)",
    "FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory",
  ],
  ["loading\nKilled", "Killed"],
  ["bash: line 1:  4242 Killed                  python train.py", "bash: line 1:  4242 Killed                  python train.py"],
  ["Error: could not warm up the cache\nKilled", "Killed"],
  [
    'Traceback (most recent call last):\n  File "t.py", line 1\nRuntimeError: worker gone\nslurmstepd: error: Detected 1 oom_kill event in StepId=7.0.',
    "slurmstepd: error: Detected 1 oom_kill event in StepId=7.0.",
  ],
  ["terminate called after throwing an instance of 'std::bad_alloc'\n  what():  std::bad_alloc", "what():  std::bad_alloc"],
  [
    'Exception in thread "main" java.lang.OutOfMemoryError: Java heap space\n\tat A.main(A.java:1)',
    'Exception in thread "main" java.lang.OutOfMemoryError: Java heap space',
  ],
  ["Error: cannot allocate vector of size 7.5 Gb\nExecution halted", "Error: cannot allocate vector of size 7.5 Gb"],
  [
    "jaxlib.xla_extension.XlaRuntimeError: RESOURCE_EXHAUSTED: Out of memory while trying to allocate",
    "jaxlib.xla_extension.XlaRuntimeError: RESOURCE_EXHAUSTED: Out of memory while trying to allocate",
  ],
])("out of memory: %s", (stderr, expected) => {
  expect(reason(stderr)).toEqual({ message: expected, outOfMemory: true });
});

test("memory that ran out earlier and was survived is not the reason", () => {
  expect(reason(`CUDA out of memory, retrying with half the batch\n${missingTorch}`).outOfMemory).toBe(false);
  expect(reason("warning: out of memory, using disk\nError: disk is full").outOfMemory).toBe(false);
  expect(reason("Skilled workers\nKilledProcess=0\nError: x").outOfMemory).toBe(false);
});

test("long messages are cut to 300 characters", () => {
  const found = message(`Error: ${"x".repeat(1_000)}`);
  expect(found?.length).toBe(300);
  expect(found?.endsWith("…")).toBe(true);
});

test("any lines give at most 300 characters that came from them, and never throw", () => {
  const line = fc.oneof(
    fc.string(),
    fc.constantFrom(
      "Traceback (most recent call last):",
      "  File x",
      "ValueError: y",
      "Killed",
      "",
      "    at f",
      "thread 'a' panicked at",
      "CUDA out of memory",
      "X:",
    ),
  );
  fc.assert(
    fc.property(fc.array(line), fc.array(line), (stderr, stdout) => {
      const { message: found } = failureLine(stderr, stdout);
      if ([...stderr, ...stdout].every((text) => text.trim() === "")) expect(found).toBeUndefined();
      expect((found ?? "").length).toBeLessThanOrEqual(300);
    }),
  );
});

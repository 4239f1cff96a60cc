import fc from "fast-check";
import { expect, it } from "vitest";
import { createFrameReader, encodeFrame, type SpawnerFrame } from "./spawner-messages.ts";

const id = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const anyFrame: fc.Arbitrary<SpawnerFrame> = fc.oneof(
  fc.record({
    kind: fc.constant("output" as const),
    id,
    stream: fc.constantFrom("stdout" as const, "stderr" as const),
    chunk: fc.uint8Array({ maxLength: 300 }),
  }),
  fc.record({ kind: fc.constant("started" as const), id, root: fc.record({ pid: fc.nat(), startedAt: fc.nat() }) }),
  fc.record({
    kind: fc.constant("faulted" as const),
    id,
    step: fc.constantFrom("files" as const, "start" as const),
    code: fc.string(),
    message: fc.string({ unit: "grapheme" }),
  }),
  fc.record({
    kind: fc.constant("exited" as const),
    id,
    code: fc.option(fc.nat()),
    signal: fc.constantFrom("SIGKILL" as const, null),
    isAlone: fc.boolean(),
  }),
  fc.record({ kind: fc.constant("closed" as const), id }),
);

const plain = (frames: readonly SpawnerFrame[]) =>
  frames.map((frame) => (frame.kind === "output" ? { ...frame, chunk: [...frame.chunk] } : { ...frame }));

it("frames come out as they went in, cut into whatever pieces", () => {
  fc.assert(
    fc.property(
      fc.array(anyFrame, { maxLength: 8 }),
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }),
      (frames, cuts) => {
        const bytes = Buffer.concat(frames.flatMap((frame) => [...encodeFrame(frame)]));
        const reader = createFrameReader();
        const seen: SpawnerFrame[] = [];
        for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
          const size = cuts[turn % cuts.length];
          seen.push(...reader.push(Buffer.from(bytes.subarray(at, at + size))));
          at += size;
        }
        expect(plain(seen)).toEqual(plain(frames));
      },
    ),
  );
});

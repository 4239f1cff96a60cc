import { describe, expect, it } from "vitest";
import { canonicalJson } from "../json.ts";
import { categorical, float, int } from "./build-parameter.ts";
import { createSpace } from "./create-space.ts";
import { parametersJson } from "./parameters-json.ts";

describe("parametersJson", () => {
  it("writes the type and the members that are there, in one order", () => {
    const json = parametersJson({
      momentum: float(0, 0.9, { when: { optimizer: "sgd" }, default: 0.5, prior: { sd: 1, mean: 0.5, distribution: "normal" } }),
      optimizer: categorical(["adam", "sgd"], { weights: [1, 3], default: undefined }),
    });
    expect(JSON.stringify(json)).toBe(
      '{"momentum":{"type":"float","min":0,"max":0.9,"log":false,"default":0.5,' +
        '"prior":{"sd":1,"mean":0.5,"distribution":"normal"},"when":{"optimizer":"sgd"}},' +
        '"optimizer":{"type":"categorical","values":["adam","sgd"],"weights":[1,3]}}',
    );
  });

  it("is the same for spaces that were declared differently and mean the same", () => {
    const one = createSpace({ layers: int(1, 4, { step: 1 }), width: float(0, 1, { when: { layers: [2] } }) });
    const other = createSpace({
      layers: { max: 4, min: 1, type: "int" },
      width: { when: { layers: 2 }, log: false, min: -0, max: 1, type: "float" },
    });
    expect(canonicalJson(parametersJson(one.parameters))).toBe(canonicalJson(parametersJson(other.parameters)));
  });
});

import { readFileSync } from "node:fs";
import { samplerNames, schedulerNames } from "@tunesmith/core";
import { describe, expect, test } from "vitest";
import { trainingChecks } from "../tuning/training-checks.ts";
import { formatFaults } from "./format-faults.ts";
import { readStudyFile } from "./read-study-file.ts";
import { keyTables, unusedKeys } from "./study-keys.ts";
import { distributions } from "./wandb-distribution.ts";

interface Schema {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | false;
  readonly items?: Schema;
  readonly enum?: readonly string[];
  readonly anyOf?: readonly Schema[];
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
}

const docs = new URL("../../../../docs/", import.meta.url);
const schema = JSON.parse(readFileSync(new URL("study-file.schema.json", docs), "utf8")) as Schema;
const page = readFileSync(new URL("study-file.md", docs), "utf8");

function resolved(part: Schema): Schema {
  if (part.$ref === undefined) return part;
  const found = schema.$defs?.[part.$ref.replace("#/$defs/", "")];
  if (found === undefined) throw new Error(`${part.$ref} leads nowhere`);
  return found;
}

/** Follows `objectives.*` and the like through the schema. */
function groupAt(path: string): Schema {
  let part = schema;
  for (const key of path === "" ? [] : path.split(".")) {
    const inner = key === "*" ? (part.items ?? part.additionalProperties) : part.properties?.[key];
    if (!inner) throw new Error(`${path} is not in the schema`);
    part = resolved(inner);
  }
  return part;
}

const groups = Object.entries(keyTables).map(([path, table]) => [path, Object.keys(table)] as const);

describe("reader, schema and page know the same keys", () => {
  test.each(groups)("group %j: schema", (path, keys) => {
    const group = groupAt(path);
    expect(Object.keys(group.properties ?? {}).sort()).toEqual([...keys].sort());
    expect(group.additionalProperties).toBe(false);
    for (const key of keys) expect(group.properties?.[key].description, `${path}.${key}`).toMatch(/\S/);
  });

  test("the schema describes no other group", () => {
    const described = new Set(groups.map(([path]) => groupAt(path)));
    const others = Object.entries(schema.$defs ?? {}).filter(([, part]) => part.properties !== undefined && !described.has(part));
    expect(others.map(([name]) => name)).toEqual([]);
  });

  test("page", () => {
    const keys = groups
      .filter(([path]) => path !== "objectives.*")
      .flatMap(([path, names]) => names.map((name) => (path === "" ? name : `${path}.${name}`)));
    const lines = [...page.matchAll(/^\| `([^`]+)` \| \S.*\|$/gm)].map((match) => match[1]);
    expect(lines.sort()).toEqual(keys.sort());
  });

  test("each line of the page says what the schema says", () => {
    for (const [path, keys] of groups.filter(([path]) => path !== "objectives.*")) {
      for (const key of keys) {
        const description = groupAt(path).properties?.[key].description?.replaceAll("|", "\\|");
        expect(page).toContain(`| \`${path === "" ? key : `${path}.${key}`}\` | ${description} |`);
      }
    }
  });

  test("words that are enumerated are those that are read", () => {
    const names = (key: "sampler" | "scheduler") => [...(schema.$defs?.[key].anyOf?.[0].enum ?? [])].sort();
    expect(names("sampler")).toEqual([...samplerNames].sort());
    expect(names("scheduler")).toEqual([...schedulerNames].sort());
    const refused = ["beta", "q_beta"];
    const readable = Object.keys(distributions).filter((name) => !refused.includes(name));
    expect(groupAt("parameters.*").properties?.distribution.enum).toEqual(readable);
  });

  test("keys that are not used say so", () => {
    for (const key of unusedKeys) expect(schema.properties?.[key].description).toContain("not used");
  });
});

describe("the page's examples", () => {
  const examples = [...page.matchAll(/```yaml\n([\s\S]*?)```/g)].map((match) => match[1]);

  test.each(examples.map((text) => [text.slice(0, 40).replaceAll("\n", " "), text]))("%s… is read without faults", (_, text) => {
    const { faults = [] } = readStudyFile(text, "example.yaml", "/project", trainingChecks);
    expect(formatFaults("example.yaml", faults)).toBe("example.yaml: 0 faults, nothing was started");
  });

  test("are all looked at", () => expect(examples.length).toBe(5));
});

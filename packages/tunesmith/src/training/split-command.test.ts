import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { splitCommand } from "./split-command.ts";

describe("splitCommand", () => {
  it.each<[string, string[]]>([
    ["python train.py --lr 0.1", ["python", "train.py", "--lr", "0.1"]],
    ["  a\t b  ", ["a", "b"]],
    ["\n a b\\ \n\n", ["a", "b "]],
    [`a 'b c' "d e" f\\ g`, ["a", "b c", "d e", "f g"]],
    [`a"b"'c'd`, ["abcd"]],
    [`a "" ''`, ["a", "", ""]],
    [`a "\\$ \\" \\\\ \\x"`, ["a", '$ " \\ \\x']],
    [`a '\\n' "it's"`, ["a", "\\n", "it's"]],
    ["a \\\n  b", ["a", "b"]],
    ["a b # and more; all | ignored", ["a", "b"]],
    ["a b#c", ["a", "b#c"]],
    ["a '&&' \"|\" \\; '$(x)' '`x`' '$x' '~'", ["a", "&&", "|", ";", "$(x)", "`x`", "$x", "~"]],
    ["a --betas=[0.9,0.99] *.txt", ["a", "--betas=[0.9,0.99]", "*.txt"]],
    ["a $ $1 x=y a~b", ["a", "$", "$1", "x=y", "a~b"]],
    ["a ${args} '${lr}' \"x${lr}y\" ${envvar:A B}", ["a", "${args}", "${lr}", "x${lr}y", "${envvar:A B}"]],
    ['a \\${lr} "\\${lr}" $${lr}', ["a", "$${lr}", "$${lr}", "$${lr}"]],
  ])("%s", (text, elements) => {
    expect(splitCommand(text)).toEqual({ elements, faults: [] });
  });

  it.each<[string, string]>([
    ["a && b", '"&&" needs a shell'],
    ["a | b", '"|" needs a shell'],
    ["a; b", '";" needs a shell'],
    ["a > b", '">" needs a shell'],
    ["a 2>> b", '">>" needs a shell'],
    ["a < b", '"<" needs a shell'],
    ["a &", '"&" needs a shell'],
    ["(a)", '"(" needs a shell'],
    ["a\nb", "a second line needs a shell"],
    ["a `b`", "` needs a shell"],
    ['a "`b`"', "` needs a shell"],
    ["a $(b)", "$( needs a shell"],
    ['a "$(b)"', "$( needs a shell"],
    ["a $HOME/x", "$HOME needs a shell; write ${envvar:HOME}"],
    ["a ~/x", "~ is not expanded without a shell"],
    ["LR=1 a", "LR=… before the command needs a shell; put LR under env"],
  ])("%s is a fault that names shell: true", (text, message) => {
    const { elements, faults } = splitCommand(text);
    expect(elements).toBe(null);
    expect(faults[0]).toContain(message);
    expect(faults[0]).toContain("shell: true");
  });

  it.each([
    ["", "is empty"],
    ["   # nothing", "is empty"],
    ["a 'b", "' is opened and never closed"],
    ['a "b', '" is opened and never closed'],
    ["a \\", "ends with a backslash"],
    ["a ${lr", "${ has no closing }"],
  ])("%j is a fault", (text, message) => {
    expect(splitCommand(text).faults[0]).toContain(message);
  });

  it("tells every fault once", () => {
    expect(splitCommand("a `b` | c | d > e").faults).toHaveLength(3);
  });

  it("splits what needs no shell as /bin/sh does", () => {
    const piece = fc.oneof(
      fc.stringMatching(/^[a-z0-9_.,:/@%+=-]{1,6}$/),
      fc.string({ maxLength: 6 }).map((text) => `'${text.replace(/['\0]/g, "").replaceAll("${", "")}'`),
      fc.string({ maxLength: 6 }).map((text) => `"${text.replace(/["$`\\\0]/g, "")}"`),
      fc.constantFrom("\\ ", "\\'", '\\"', "\\\\", "\\$", "\\&", '"\\\\"', '"\\q"', '"\\$"'),
    );
    const element = fc.array(piece, { minLength: 1, maxLength: 4 }).map((pieces) => pieces.join(""));
    const commands = fc.array(element, { minLength: 1, maxLength: 4 });
    const property = fc.property(commands, (elements) => {
      const text = elements.join(" ");
      const printed = execFileSync("/bin/sh", ["-c", `printf '%s\\0' ${text}`], { encoding: "utf8" });
      expect(splitCommand(`x ${text}`).elements).toEqual(["x", ...printed.split("\0").slice(0, -1)]);
    });
    fc.assert(property, { numRuns: 150 });
  });
});

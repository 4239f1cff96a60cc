import fc from "fast-check";
import { expect, it } from "vitest";
import { type Placing, Placings } from "./placings.ts";

function inOrder(placings: Placings): Placing[] {
  return Array.from({ length: placings.count }, (_, rank) => placings.at(rank));
}

it("orders by loss, NaN last, ties by trial number, whatever is added and removed", () => {
  const losses = fc.array(fc.constantFrom(1, 2, 3, -0, 0, Infinity, -Infinity, Number.NaN), { maxLength: 40 });
  fc.assert(
    fc.property(losses, fc.func(fc.boolean()), (values, isRemoved) => {
      const all = values.map((loss, number) => ({ row: number, number, loss }));
      const placings = new Placings();
      for (const placing of all) placings.add(placing);
      for (const placing of all) if (isRemoved(placing.number)) placings.remove({ ...placing });
      const left = all.filter(({ number }) => !isRemoved(number));
      const key = ({ loss }: Placing): number => (Number.isNaN(loss) ? 2 : loss === Infinity ? 1 : 0);
      const worth = ({ loss }: Placing): number => (Number.isFinite(loss) ? loss : loss === -Infinity ? -9 : 0);
      left.sort((a, b) => key(a) - key(b) || worth(a) - worth(b) || a.number - b.number);
      expect(inOrder(placings)).toEqual(left);
      left.forEach((placing, rank) => {
        expect(placings.rankOf(placing)).toBe(rank);
      });
    }),
  );
});

import { cellCentre, cellIndex } from "../../parameters/cell-index.ts";
import type { Config, FloatParameter, IntParameter } from "../../parameters/parameter.ts";
import type { Dimension, Space } from "../../parameters/space.ts";
import { gridOf } from "../../parameters/value-grid.ts";
import type { KernelLayout } from "./kernel-layout.ts";

/**
 * The points that are worth asking the model about: those of configs. A latent is any point of the cube without NaN; settling it gives the
 * point of the config it stands for, in model order: cell centres for stepped and choice coordinates, NaN where inactive.
 */
export class SearchDomain {
  readonly layout: KernelLayout;
  readonly space: Space;
  /** (d,) 1 where the coordinate takes any value in [0, 1] and may be changed. */
  readonly isContinuous: Uint8Array;
  /** (d,) 1 where a person fixed the value. */
  readonly isFixed: Uint8Array;
  readonly #fixed: Config;
  /** (d,) Coordinates of the fixed values, NaN elsewhere. */
  readonly #fixedPoint: Float64Array;
  readonly #cells: readonly Cells[];
  readonly #isPlain: boolean;
  readonly #spacePoint: Float64Array;

  constructor(space: Space, layout: KernelLayout, fixed: Config) {
    const { dimensions } = layout;
    this.layout = layout;
    this.space = space;
    this.#fixed = fixed;
    this.#fixedPoint = Float64Array.from(dimensions, (dimension) => fixedCoordinate(dimension, fixed));
    this.isFixed = Uint8Array.from(this.#fixedPoint, (u) => (Number.isNaN(u) ? 0 : 1));
    this.isContinuous = Uint8Array.from(dimensions, ({ cellCount }, j) => (cellCount === Infinity && !this.isFixed[j] ? 1 : 0));
    this.#cells = dimensions.map(cellsOf);
    this.#isPlain = !space.conditional && space.parameterConstraints.length === 0;
    this.#spacePoint = new Float64Array(dimensions.length);
  }

  /** Whether parameter constraints have to be looked at. */
  get isConstrained(): boolean {
    return this.space.parameterConstraints.length > 0;
  }

  /** @param out  (d,) at `at`. @returns Whether the config keeps the parameter constraints. */
  settle(latent: Float64Array, from: number, out: Float64Array, at: number): boolean {
    const d = this.#cells.length;
    for (let j = 0; j < d; j++) out[at + j] = this.isFixed[j] ? this.#fixedPoint[j] : this.#cells[j].snap(latent[from + j]);
    if (this.#isPlain) return true;
    const config = this.#decode(out, at);
    if (this.isConstrained && !this.space.satisfies(config)) return false;
    if (this.space.conditional) {
      for (let j = 0; j < d; j++) if (!Object.hasOwn(config, this.layout.dimensions[j].name)) out[at + j] = Number.NaN;
    }
    return true;
  }

  /** Whether moving the continuous coordinates of a settled point to `point` keeps the constraints and what is active. */
  isAllowed(point: Float64Array): boolean {
    if (this.#isPlain) return true;
    const config = this.#decode(point, 0);
    const keepsActivity = this.layout.dimensions.every(({ name }, j) => Object.hasOwn(config, name) === !Number.isNaN(point[j]));
    return keepsActivity && this.space.satisfies(config);
  }

  /** Config of a settled point; fixed values are in it to the bit. */
  config(point: Float64Array): Config {
    return this.space.complete(this.#decode(point, 0), this.#fixed, () => 0.5);
  }

  /** Number of the value of a stepped or choice coordinate. */
  cellOf(j: number, u: number): number {
    return this.#cells[j].cellOf(u);
  }

  /** Its coordinate. */
  cellCoordinate(j: number, cell: number): number {
    return this.#cells[j].coordinate(cell);
  }

  #decode(point: Float64Array, at: number): Config {
    const { columns } = this.layout;
    for (let j = 0; j < columns.length; j++) this.#spacePoint[columns[j]] = point[at + j];
    return this.space.decode(this.#spacePoint);
  }
}

function fixedCoordinate(dimension: Dimension, fixed: Config): number {
  return Object.hasOwn(fixed, dimension.name) ? dimension.encode(fixed[dimension.name]) : Number.NaN;
}

/** The values of one coordinate, numbered; a continuous one has none. */
interface Cells {
  snap(u: number): number;
  cellOf(u: number): number;
  coordinate(cell: number): number;
}

function cellsOf(dimension: Dimension): Cells {
  const { cellCount, parameter } = dimension;
  const clip = (u: number): number => (u < 0 ? 0 : u > 1 ? 1 : u);
  if (cellCount === Infinity) return { snap: clip, cellOf: () => 0, coordinate: () => 0.5 };
  if ((parameter.type === "int" || parameter.type === "float") && parameter.log) return logarithmicCells(dimension, parameter);
  const cellOf = (u: number): number => cellIndex(u, cellCount);
  const coordinate = (cell: number): number => cellCentre(cell, cellCount);
  return { snap: (u) => coordinate(cellOf(u)), cellOf, coordinate };
}

function logarithmicCells(dimension: Dimension, parameter: FloatParameter | IntParameter): Cells {
  const grid = gridOf(parameter);
  if (grid === null) throw new TypeError(`${dimension.name} has no steps`);
  return {
    snap: (u) => dimension.encode(dimension.decode(u)),
    cellOf: (u) => grid.nearest(Number(dimension.decode(u))),
    coordinate: (cell) => dimension.encode(grid.valueAt(cell)),
  };
}

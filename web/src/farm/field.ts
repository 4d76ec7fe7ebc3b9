/**
 * A decoded value and the path that led to it. Reading checks: a server of another version gives a
 * {@link ShapeError} that names the field, not a page full of `NaN`.
 */
import type { Amounts } from "./shapes";

export class ShapeError extends Error {
  override readonly name = "ShapeError";
}

export class Field {
  constructor(
    readonly raw: unknown,
    private readonly path: string,
  ) {}

  private fail(wanted: string): never {
    throw new ShapeError(`${this.path} is not ${wanted}`);
  }

  private map(): Record<string, unknown> {
    if (typeof this.raw !== "object" || this.raw === null || Array.isArray(this.raw)) this.fail("a map");
    return this.raw as Record<string, unknown>;
  }

  at(key: string): Field {
    return new Field(this.map()[key], `${this.path}.${key}`);
  }

  has(key: string): boolean {
    return this.map()[key] !== undefined;
  }

  text(): string {
    return typeof this.raw === "string" ? this.raw : this.fail("text");
  }

  flag(): boolean {
    return typeof this.raw === "boolean" ? this.raw : this.fail("true or false");
  }

  int(): number {
    // A 64-bit integer may arrive as bigint; times and counts fit a number all the same.
    const value = typeof this.raw === "bigint" ? Number(this.raw) : this.raw;
    return typeof value === "number" && Number.isSafeInteger(value) ? value : this.fail("a whole number");
  }

  big(): bigint {
    if (typeof this.raw === "string" && /^-?\d+$/.test(this.raw)) return BigInt(this.raw);
    return BigInt(this.int());
  }

  /** What is not there yet is told by its stand-in. */
  or<T>(absent: T, read: (field: Field) => T): T {
    return this.raw === undefined ? absent : read(this);
  }

  orNull<T>(read: (field: Field) => T): T | null {
    return this.raw === null || this.raw === undefined ? null : read(this);
  }

  list<T>(read: (field: Field) => T): T[] {
    if (!Array.isArray(this.raw)) this.fail("a list");
    return (this.raw as unknown[]).map((item, i) => read(new Field(item, `${this.path}[${i}]`)));
  }

  entries<T>(read: (field: Field) => T): Record<string, T> {
    const all: Record<string, T> = {};
    for (const key of Object.keys(this.map())) all[key] = read(this.at(key));
    return all;
  }
}

export const amounts = (field: Field): Amounts => field.entries((amount) => amount.big());

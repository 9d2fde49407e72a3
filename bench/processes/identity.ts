/** The least that a piscina task can be. */
export function identity(value: unknown): unknown {
  return value;
}

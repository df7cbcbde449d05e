// Arguments of a call as the tools of this room read them. Their kinds were checked against the schema before.

/** A string argument; undefined when it is absent. */
export function textOf(args: Record<string, unknown>, name: string): string | undefined {
  const value = args[name];
  return typeof value === 'string' ? value : undefined;
}

/** A whole number argument that is at least 1; undefined when it is absent or smaller. */
export function countOf(args: Record<string, unknown>, name: string): number | undefined {
  const value = args[name];
  return typeof value === 'number' && value >= 1 ? Math.trunc(value) : undefined;
}

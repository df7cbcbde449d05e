/** The sentence of a variable that is not set; clients look for it. */
export function missingVariable(name: string): string {
  return `Environment variable "${name}" is missing or empty.`;
}
